"""Asking a server of the user's own choice, with a body where one is due: for syncing.

Its address was given by the user and is never taken from a document, so it may be in the user's
own network; and it never leads to another server.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from newsreader.errors import FetchError, SyncError
from newsreader.net._addresses import Network, network_of_name
from newsreader.net._deadline import Deadline
from newsreader.net._guard import Guard, Resolve, resolve_by_system
from newsreader.net._headers import USER_AGENT
from newsreader.net._pool import Pool
from newsreader.net._proxies import from_environment
from newsreader.net._url import Target, follow, read_url
from newsreader.net._values import LIMIT

if TYPE_CHECKING:
    from newsreader.net._exchange import Answer, Exchange

_SECONDS = 30.0
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_KINDS = {"size": "large", "stopped": "stopped", "broken": "broken"}
_KINDS |= {"redirect": "refused", "url": "refused", "address": "refused"}
"""What the failures of a request are to a sync; all others mean that nobody can be reached."""
_ADVICE = {"timeout": "; try again later", "broken": "; try again later"}
_ADVICE |= dict.fromkeys(("name", "refused", "offline"), "; check the address and the network")


class ServerLink:
    """Asks the user's server; call it, close it when done. For one thread at a time.

    Certificates are verified. Proxies are those of the environment.

    Args:
        seconds: for one call, from the name lookup to the last byte.
        limit: bytes of an answer, unpacked.
        stop: ends a call within a fraction of a second when set.
        resolve: gives the addresses of a host, as ``socket.getaddrinfo``; None: the system.
    """

    def __init__(
        self,
        seconds: float = _SECONDS,
        limit: int = LIMIT,
        stop: threading.Event | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self._seconds = seconds
        self._limit = limit
        self._stop = stop
        self._resolve = resolve or resolve_by_system
        self._pool = Pool(connections=1, per_host=1)
        self._machinery: tuple[str, Exchange] | None = None

    def close(self) -> None:
        """Hang up."""
        self._pool.close()

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers by name in small letters, and body.

        Args:
            method: "POST" where there is a body, else "GET".
            url: where.
            headers: besides those of every request.
            body: what to send.

        Raises:
            SyncError: "offline" where nobody answers in time, "large" where it says too much,
                "broken" where it breaks off, "refused" where it leads elsewhere, "stopped".
        """
        del method
        try:
            target, _ = read_url(url)
            deadline = Deadline(self._seconds, self._stop)
            for _ in range(_MOST_REDIRECTS + 1):
                answer = self._ask(target, headers, body, deadline)
                if answer.status not in _REDIRECTS:
                    return answer.status, answer.headers.mapping(), answer.body
                target = _followed(target, answer, posting=body is not None)
        except FetchError as error:
            words = f"{error}{_ADVICE.get(error.kind, '')}"
            raise SyncError(words, _KINDS.get(error.kind, "offline")) from error
        raise SyncError(f"{target.host}: leads in a circle; check the address", "refused")

    def _ask(
        self, target: Target, headers: Mapping[str, str], body: bytes | None, deadline: Deadline
    ) -> Answer:
        from newsreader.net._bodies import ENCODINGS

        sent = {"Host": target.authority, "User-Agent": USER_AGENT, "Accept": "application/json"}
        sent |= {"Accept-Encoding": ENCODINGS.decode("ascii"), **headers}
        if body is not None:
            sent["Content-Length"] = str(len(body))
        return self._exchange(target.host).ask(
            target,
            [(n.encode("ascii"), v.encode("latin-1", "replace")) for n, v in sent.items()],
            target.host,
            deadline,
            limit=self._limit,
            cut=False,
            insecure=False,
            body=body,
        )

    def _exchange(self, host: str) -> Exchange:
        """Return what speaks with ``host``; the HTTP library takes 80 ms to load."""
        if self._machinery is None or self._machinery[0] != host:
            from newsreader.net._exchange import Exchange
            from newsreader.net._lines import Lines

            # A public name may well be that of a machine in the user's own network.
            guard = Guard(self._resolve, frozenset({host}))
            lines = Lines(self._pool, guard, from_environment())
            self._machinery = host, Exchange(self._pool, lines)
        return self._machinery[1]


def is_own(url: str) -> bool:
    """Say by its name alone whether an address is in the user's own network, or none at all."""
    try:
        return network_of_name(read_url(url)[0].host) is not Network.PUBLIC
    except FetchError:
        return True


def _followed(before: Target, answer: Answer, *, posting: bool) -> Target:
    """Return where a redirect leads, if that is the same server and means the same request."""
    location = answer.headers.first(b"location")
    after = follow(before, location) if location else before
    # A server may ask for https in place of http, on their usual ports; never the reverse.
    same = after.place == before.place and (after.scheme, before.scheme) != ("http", "https")
    if not location or not same or (posting and answer.status not in (307, 308)):
        where = f"{after.scheme}://{after.authority}"
        raise SyncError(f"{before.host}: leads to {where}; give that address instead", "refused")
    return after
