"""Connections opened for requests: directly to judged addresses, or through a proxy."""

import logging
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import httpcore2

from newsreader.errors import FetchError
from newsreader.net._addresses import Network, Number, network_of, read_host
from newsreader.net._deadline import Deadline
from newsreader.net._guard import Guard
from newsreader.net._pool import Key, Line, Pool
from newsreader.net._proxies import proxy_for
from newsreader.net._url import Target
from newsreader.net._wire import Wiring

# Its debug lines would carry headers, and headers carry passwords.
logging.getLogger("httpcore2").setLevel(logging.WARNING)


class Lines:
    """Gives a connection for a target: one that is open and may be used, or a new one."""

    def __init__(self, pool: Pool, guard: Guard, proxies: Mapping[str, str]) -> None:
        self._pool = pool
        self._guard = guard
        self._proxies = proxies
        self._contexts: dict[bool, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def line(
        self, target: Target, home: str, deadline: Deadline, *, insecure: bool, fresh: bool
    ) -> tuple[Line, bool]:
        """Return a connection to ``target`` on behalf of ``home``, a host, and whether it was open.

        The caller has it alone until it gives it back to the pool.

        Raises:
            FetchError: of kind ``address`` or ``url``; connecting itself happens with the request.
        """
        proxy = proxy_for(target, self._proxies)
        key = Key(target.scheme, target.host, target.port, insecure, proxy)
        if proxy is not None:
            self._guard.check_by_name(target.host, home)

        def fits(line: Line) -> bool:
            # Opened on behalf of another feed, it may lead where this one may not go.
            network = line.wiring.network
            return proxy is not None or (
                network is not None and self._guard.may_reach(network, target.host, home)
            )

        line = None if fresh else self._pool.take(key, fits)
        if line is not None:
            line.wiring.begin(deadline)
            return line, True
        self._pool.make_room(target.place)
        return self._open(key, target, home, deadline), False

    def _open(self, key: Key, target: Target, home: str, deadline: Deadline) -> Line:
        def find(host: str, port: int, deadline: Deadline) -> list[tuple[Number, Network]]:
            if key.proxy is not None:  # the user's own choice, wherever it is
                numbers = self._guard.look_up(host, port, deadline)
                return [(number, network_of(number)) for number in numbers]
            return self._guard.allowed(host, port, home, deadline)

        protected = target.scheme == "https"
        wiring = Wiring(find, self._context(key.insecure) if protected else None)
        wiring.begin(deadline)
        maker = httpcore2.ConnectionPool(
            # A blank one: httpcore2 sets it up for every connection, which a context that other
            # threads are connecting with does not survive (OpenSSL frees what they read).
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if protected else None,
            proxy=_proxy(key.proxy) if key.proxy else None,
            network_backend=wiring,
        )
        host = f"[{target.host}]" if key.proxy and ":" in target.host else target.host
        origin = httpcore2.Origin(target.scheme.encode(), host.encode("ascii"), target.port)
        return Line(key, target.place, maker.create_connection(origin), wiring)

    def _context(self, insecure: bool) -> ssl.SSLContext:
        """Return the one TLS context, made at first need: loading certificates takes 20-60 ms."""
        with self._lock:
            if insecure not in self._contexts:
                import httpx2

                context = httpx2.create_ssl_context(verify=not insecure)
                context.set_alpn_protocols(["http/1.1"])
                self._contexts[insecure] = context
            return self._contexts[insecure]


def _proxy(address: str) -> httpcore2.Proxy:
    try:
        parts = urlsplit(address)
        host = read_host(parts.hostname or "")
        port = parts.port
    except (ValueError, FetchError):
        # Without the cause, which may quote a password.
        raise FetchError(
            "the proxy in the environment cannot be read; check *_PROXY", "url"
        ) from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return httpcore2.Proxy(
        httpcore2.URL(scheme=parts.scheme.lower(), host=host, port=port, target="/"),
        auth=(user.encode(), password.encode()) if user else None,
    )
