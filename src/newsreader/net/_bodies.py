"""Bodies unpacked in small steps, stopped at a limit: a bomb costs what a long article costs."""

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

ENCODINGS = b"gzip, deflate, br, zstd"
"""What we ask servers for."""

LARGE = 1_000_000
"""Bytes from which a body is large: one feed in some hundreds."""
_STEP = 64 * 1024
_MOST_STACKED = 2
_ZSTD_WINDOW = 23
"""Log2 of the memory a stream may ask for: 8 MB, the most that HTTP allows (RFC 9659)."""


class TooLargeError(Exception):
    """A body is larger than the limit, packed or unpacked."""


class BadBodyError(Exception):
    """A body is not packed as its headers say; the text ends a sentence about a server."""


class _Unpacker(Protocol):
    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Give what ``packed`` holds, in pieces of at most 64 kB or little more."""

    def finish(self) -> None:
        """Raise BadBodyError where the stream is not over yet."""


class _Zlib:
    """gzip, also of several members, and both kinds of deflate."""

    def __init__(self, name: str) -> None:
        self._gzip = name == "gzip"
        self._bits = zlib.MAX_WBITS | 16 if self._gzip else zlib.MAX_WBITS
        self._machine = zlib.decompressobj(self._bits)
        self._head = b""
        self._ended = False
        self._over = False

    def feed(self, packed: bytes) -> Iterator[bytes]:
        if not self._gzip and len(self._head) < 2:
            # Two bytes tell zlib's wrapping (RFC 1950) from the bare stream that some servers send.
            packed = self._head + packed
            self._head = packed[:2]
            if len(packed) < 2:
                return
            if packed[0] & 15 != 8 or int.from_bytes(packed[:2], "big") % 31:
                self._machine = zlib.decompressobj(-zlib.MAX_WBITS)
        full = False
        # A full piece may leave more inside the machine although all input is used up.
        while (packed or full) and not self._over:
            if self._ended:
                self._next_member(packed)
                continue
            try:
                piece = self._machine.decompress(packed, _STEP)
            except zlib.error as error:
                raise BadBodyError("sends a damaged packed answer") from error
            self._ended = self._machine.eof
            packed = self._machine.unused_data if self._ended else self._machine.unconsumed_tail
            full = not self._ended and len(piece) == _STEP
            yield piece

    def _next_member(self, rest: bytes) -> None:
        """Begin the next member if one follows; other bytes after the end are let pass."""
        if self._gzip and rest.startswith(b"\x1f"):
            self._machine = zlib.decompressobj(self._bits)
            self._ended = False
        else:
            self._over = True

    def finish(self) -> None:
        if not self._over and not self._ended:
            raise BadBodyError("broke off in the middle of its answer")


class _Brotli:
    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped]  # it has no types

        self._error: type[Exception] = brotli.error
        self._machine: Any = brotli.Decompressor()

    def feed(self, packed: bytes) -> Iterator[bytes]:
        try:
            # Asked until it gives nothing: ``can_accept_more_data`` is true although more waits.
            while piece := self._machine.process(packed, output_buffer_limit=_STEP):
                packed = b""
                yield piece
        except self._error as error:
            raise BadBodyError("sends a damaged packed answer") from error

    def finish(self) -> None:
        if not self._machine.is_finished():
            raise BadBodyError("broke off in the middle of its answer")


class _Zstd:
    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW}
        self._error: type[Exception] = zstd.ZstdError
        self._new: Callable[[], Any] = lambda: zstd.ZstdDecompressor(options=options)
        self._machine = self._new()

    def feed(self, packed: bytes) -> Iterator[bytes]:
        try:
            while packed or not self._machine.needs_input:
                if self._machine.eof:
                    packed = self._machine.unused_data or packed
                    if not packed:
                        return
                    self._machine = self._new()
                yield self._machine.decompress(packed, max_length=_STEP)
                packed = b""
                if self._machine.eof and not self._machine.unused_data:
                    return
        except self._error as error:
            raise BadBodyError("sends a damaged packed answer") from error

    def finish(self) -> None:
        if not self._machine.eof:
            raise BadBodyError("broke off in the middle of its answer")


class _Counted:
    """An unpacker that stops at the limit, so that no stage of a stack makes endless bytes."""

    def __init__(self, inner: _Unpacker, limit: int) -> None:
        self._inner = inner
        self._left = limit
        self._fed = False

    def feed(self, packed: bytes) -> Iterator[bytes]:
        self._fed = self._fed or bool(packed)
        for piece in self._inner.feed(packed):
            if len(piece) > self._left:
                yield piece[: self._left]
                raise TooLargeError
            self._left -= len(piece)
            if piece:
                yield piece

    def finish(self) -> None:
        # Servers name a packing on answers without a body, too.
        if self._fed:
            self._inner.finish()


def _unpackers(encoding: str, limit: int) -> list[_Counted]:
    """Return the unpackers for a Content-Encoding, outermost first."""
    names = [name.strip().lower().removeprefix("x-") for name in encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > _MOST_STACKED:
        raise BadBodyError("sends an answer packed too many times over")
    makers: dict[str, Callable[[], _Unpacker]] = {
        "gzip": lambda: _Zlib("gzip"),
        "deflate": lambda: _Zlib("deflate"),
        "br": _Brotli,
        "zstd": _Zstd,
    }
    stages: list[_Counted] = []
    for name in reversed(names):
        if name not in makers:
            raise BadBodyError("sends an answer packed in a way that cannot be read")
        stages.append(_Counted(makers[name](), limit))
    return stages


def _through(stages: list[_Counted], packed: bytes) -> Iterator[bytes]:
    if not stages:
        yield packed
        return
    for piece in stages[0].feed(packed):
        yield from _through(stages[1:], piece)


def unpack(
    chunks: Iterable[bytes],
    encoding: str,
    limit: int,
    *,
    cut: bool = False,
    large: Callable[[], None] = lambda: None,
) -> bytes:
    """Return the whole body of ``chunks``, unpacked as ``encoding`` (Content-Encoding) says.

    Reads no further than ``limit`` bytes, packed or unpacked; with ``cut`` what came until then
    is returned instead of an error. ``large`` is called once there are more than ``LARGE``.

    Raises:
        TooLargeError: there is more than ``limit``.
        BadBodyError: it is packed otherwise than it says, or cut.
    """
    stages = _unpackers(encoding, limit)
    body = bytearray()
    came = 0
    try:
        for chunk in chunks:
            came += len(chunk)
            for piece in _through(stages, chunk):
                if len(body) <= LARGE < len(body) + len(piece):
                    large()
                body += piece
            if max(came, len(body)) > limit:
                raise TooLargeError
    except TooLargeError:
        if not cut:
            raise
        return bytes(body[:limit])
    for stage in stages:
        stage.finish()
    return bytes(body)
