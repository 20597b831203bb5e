"""Fetches what is asked for: politely, within a deadline, and only where it may go.

The rule: every address, the first and each that a redirect names, is judged by the same guard
and connected to as judged.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from newsreader.errors import FetchError
from newsreader.net._cookies import Cookies
from newsreader.net._deadline import Deadline
from newsreader.net._guard import Guard, Resolve, resolve_by_system
from newsreader.net._headers import request_headers
from newsreader.net._pool import Pool
from newsreader.net._proxies import from_environment
from newsreader.net._url import Target, follow, read_url
from newsreader.net._values import Get, Got, Login

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from newsreader.net._exchange import Answer, Exchange

_MOST_REDIRECTS = 10


class Client:
    """Fetches addresses for many threads at once; close it when done.

    Args:
        connections: open at once in all.
        per_host: open at once to one server (host and port).
        seconds: for one ``get`` in all: name lookups, redirects and body; waiting for a free
            connection is not counted.
        proxies: by scheme (``http``, ``https``, ``all``) and ``no`` for the exceptions; None: as
            the environment says. Through a proxy only names and literal addresses can be
            judged: the proxy looks names up itself.
        resolve: gives the addresses of a host, as ``socket.getaddrinfo``; None: the system.
        trusted: hosts of public names that the user has in the own network.
    """

    def __init__(
        self,
        *,
        connections: int = 16,
        per_host: int = 2,
        seconds: float = 30.0,
        proxies: Mapping[str, str] | None = None,
        resolve: Resolve | None = None,
        trusted: frozenset[str] = frozenset(),
    ) -> None:
        self._pool = Pool(connections, per_host)
        self._guard = Guard(resolve or resolve_by_system, frozenset(map(str.lower, trusted)))
        self._seconds = seconds
        self._proxies = proxies
        self._cookies = Cookies()
        self._lock = threading.Lock()
        self._exchange: Exchange | None = None

    def get(
        self,
        request: Get,
        *,
        stop: threading.Event | None = None,
        room: Callable[[], None] | None = None,
    ) -> Got:
        """Return the answer to ``request`` after all redirects, whatever its status.

        Setting ``stop`` ends it within a fraction of a second. ``room`` is called once the body
        turns out to be large, more than 1 MB; it may wait until there is memory for it.

        Raises:
            FetchError: there is no answer; its kind says why.
        """
        first, own = read_url(request.url)
        login = request.login or own
        home = read_url(request.home)[0].host if request.home else first.host
        deadline = Deadline(self._seconds, stop, room)
        target, permanent, moved_to = first, True, None
        for _ in range(_MOST_REDIRECTS + 1):
            let_in = login if _may_have(login, first, target) else None
            answer = self._ask(request, target, home, let_in, deadline)
            next_one = _redirected(target, answer)
            if next_one is None:
                return _got(target, answer, moved_to)
            permanent = permanent and answer.status in (301, 308)
            target = next_one
            moved_to = target.url if permanent else moved_to
        raise FetchError(
            f"{first.host} sends from one address to the next, without end", "redirect"
        )

    def _ask(
        self,
        request: Get,
        target: Target,
        home: str,
        login: Login | None,
        deadline: Deadline,
    ) -> Answer:
        cookies = self._cookies.for_target(target) if request.cookies else ""
        answer = self._machinery().ask(
            target,
            request_headers(request, target, login, cookies),
            home,
            deadline,
            limit=request.limit,
            cut=request.cut,
            insecure=request.insecure,
        )
        if request.cookies:
            self._cookies.take(target, answer.headers.all(b"set-cookie"))
        return answer

    def _machinery(self) -> Exchange:
        """Load the HTTP library at the first request only: it takes 80 ms."""
        with self._lock:
            if self._exchange is None:
                from newsreader.net._exchange import Exchange
                from newsreader.net._lines import Lines

                proxies = from_environment() if self._proxies is None else self._proxies
                self._exchange = Exchange(self._pool, Lines(self._pool, self._guard, proxies))
            return self._exchange

    def close(self) -> None:
        """Hang up everywhere; requests under way end as they would."""
        self._pool.close()


def _may_have(login: Login | None, first: Target, target: Target) -> bool:
    """Say whether a secret meant for ``first`` may go to ``target``: same server, no less safe."""
    return (
        login is not None
        and target.place == first.place
        and (target.scheme == "https" or first.scheme == "http")
    )


def _redirected(target: Target, answer: Answer) -> Target | None:
    """Return where ``answer`` sends on to, None where it does not."""
    if answer.status not in (301, 302, 303, 307, 308):
        return None
    location = answer.headers.first(b"location")
    if not location:
        raise FetchError(f"{target.host} sends on, but does not say where to", "redirect")
    return follow(target, location)


def _got(target: Target, answer: Answer, moved_to: str | None) -> Got:
    headers = answer.headers
    return Got(
        status=answer.status,
        url=target.url,
        body=answer.body,
        content_type=headers.content_type,
        etag=headers.validator(b"etag"),
        last_modified=headers.validator(b"last-modified"),
        moved_to=moved_to,
        retry_after=headers.retry_after,
        max_age=headers.max_age,
    )
