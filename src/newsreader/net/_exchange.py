"""One request and its answer on one connection; what goes wrong comes out in words."""

from collections.abc import Iterable
from typing import NamedTuple, cast

import httpcore2
import socksio

from newsreader.errors import FetchError
from newsreader.net._bodies import BadBodyError, TooLargeError, unpack
from newsreader.net._deadline import Deadline
from newsreader.net._headers import Answered, Pairs
from newsreader.net._lines import Lines
from newsreader.net._pool import Line, Pool
from newsreader.net._url import Target
from newsreader.net._words import broken, protocol_error

_ERROR_LIMIT = 256_000
"""Bytes of an error's or redirect's body that are read; nobody reads more of them."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Answer(NamedTuple):
    """What one server said."""

    status: int
    headers: Answered
    body: bytes


class Exchange:
    """Speaks with one server after the other, within the limits of the pool."""

    def __init__(self, pool: Pool, lines: Lines) -> None:
        self._pool = pool
        self._lines = lines

    def ask(
        self,
        target: Target,
        headers: Pairs,
        home: str,
        deadline: Deadline,
        *,
        limit: int,
        cut: bool,
        insecure: bool,
        body: bytes | None = None,
    ) -> Answer:
        """Return the answer of ``target``, whatever its status.

        With ``body`` it is a POST: one that may come twice, where a server hung up meanwhile.

        Raises:
            FetchError: of any kind but ``redirect``.
        """
        deadline.host = target.host
        with self._pool.slot(target.place, deadline):
            fresh = False
            while True:
                line, reused = self._lines.line(
                    target, home, deadline, insecure=insecure, fresh=fresh
                )
                try:
                    return self._speak(
                        line, target, headers, limit, deadline, cut=cut, content=body
                    )
                except (httpcore2.ProxyError, socksio.SOCKSError, AssertionError) as error:
                    # httpcore2 asserts that a SOCKS proxy answers in the right order.
                    raise FetchError("the proxy refused to connect", "refused") from error
                except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
                    # A server may close what is idle at the very moment it is used again.
                    if not reused or line.wiring.received:
                        raise _in_words(target.host, error) from error
                    fresh = True
                finally:
                    self._pool.give(line)

    def _speak(
        self,
        line: Line,
        target: Target,
        headers: Pairs,
        limit: int,
        deadline: Deadline,
        *,
        cut: bool,
        content: bytes | None,
    ) -> Answer:
        request = httpcore2.Request(
            b"GET" if content is None else b"POST",
            _address(target, proxied=line.key.proxy is not None),
            headers=headers,
            content=content,
            extensions={"sni_hostname": target.host},
        )
        response = line.connection.handle_request(request)
        try:
            line.wiring.head_is_over()
            answered = Answered(response.headers)
            if response.status == 101:
                raise broken(target.host, "wants to speak something other than HTTP")
            body = _body(target, response, answered, limit, deadline, cut=cut)
        finally:
            response.close()
        return Answer(response.status, answered, body)


def _address(target: Target, *, proxied: bool) -> httpcore2.URL:
    # To a proxy the address is written out, and must be written as others write it.
    usual = target.port == {"http": 80, "https": 443}[target.scheme]
    host = f"[{target.host}]" if proxied and ":" in target.host else target.host
    return httpcore2.URL(
        scheme=target.scheme,
        host=host,
        port=None if usual else target.port,
        target=target.path,
    )


def _in_words(host: str, error: Exception) -> FetchError:
    if isinstance(error, httpcore2.NetworkError):
        return broken(host, "broke off the connection")
    return protocol_error(host, error)


def _body(
    target: Target,
    response: httpcore2.Response,
    headers: Answered,
    limit: int,
    deadline: Deadline,
    *,
    cut: bool,
) -> bytes:
    """Return the body, unpacked; of errors and redirects what can be had of it."""
    chunks = cast("Iterable[bytes]", response.stream)  # never the asynchronous kind here
    lenient = response.status >= 400 or response.status in REDIRECTS
    limit = min(limit, _ERROR_LIMIT) if lenient else limit
    said = (headers.first(b"content-length") or b"").strip()
    try:
        if said.isdigit() and int(said[:18]) > limit and not cut:
            raise TooLargeError
        encoding = headers.text(b"content-encoding")
        return unpack(chunks, encoding, limit, cut=cut, large=deadline.make_room)
    except (TooLargeError, BadBodyError, httpcore2.ProtocolError, httpcore2.NetworkError) as error:
        if lenient:
            return b""
        if isinstance(error, BadBodyError):
            raise broken(target.host, str(error)) from error
        if not isinstance(error, TooLargeError):
            raise
        raise FetchError(
            f"{target.host} sends more than {limit / 1_000_000:.3g} MB: too large", "size"
        ) from error
