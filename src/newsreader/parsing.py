"""Speaking to the processes that parse: see ``newsreader.parser``."""

import contextlib
import os
import pickle
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from newsreader.errors import ParseError
from newsreader.model import ParsedDocument, ParsedEntry

PARSERS = 2
"""Processes at most: a first reload keeps two cores busy, and a third costs another 60 MB."""
_SECONDS = 20.0
"""Longest time for one document; the slowest real feed takes two (measured November 2026)."""
_IDLE_S = 30.0
_LARGE = 1_000_000
_LENGTH = 4
_LOOK_S = 0.1
"""Time within which a stop is noticed."""


class Parsers:
    """A few parser processes, started when needed; may be used from any thread."""

    def __init__(self, count: int = PARSERS, *, seconds: float = _SECONDS) -> None:
        self._free: queue.LifoQueue[_Process] = queue.LifoQueue()
        self._all = [_Process(seconds) for _ in range(count)]
        for process in self._all:
            self._free.put(process)

    def feed(
        self, body: bytes, *, url: str, content_type: str, stop: threading.Event | None = None
    ) -> ParsedDocument:
        """Return what a feed holds, as :func:`newsreader.feeds.parse.parse_feed` does.

        Setting ``stop`` ends it within a fraction of a second, and no one else's reading.

        Raises:
            ParseError: it is no feed, reading it took too long or too much memory, or was stopped.
        """
        request = {"kind": "feed", "body": body, "url": url, "content_type": content_type}
        found = self._ask(request, stop)
        assert isinstance(found, ParsedDocument)
        return found

    def page(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str,
        title: str,
        lead: str,
        stop: threading.Event | None = None,
    ) -> ParsedEntry:
        """Return the article of a page, as ``newsreader.feeds.fulltext`` finds it.

        Raises:
            ParseError: there is none to be had, or reading it took too long or too much memory.
        """
        request = {"kind": "page", "body": body, "url": url, "content_type": content_type}
        found = self._ask({**request, "title": title, "lead": lead}, stop)
        assert isinstance(found, ParsedEntry)
        return found

    def _ask(self, request: dict[str, Any], stop: threading.Event | None) -> object:
        with self._one(stop) as process:
            verdict, value = process.ask(request, stop)
        if verdict != "ok":
            raise ParseError(str(value))
        return value

    @contextlib.contextmanager
    def _one(self, stop: threading.Event | None) -> Iterator["_Process"]:
        process = None
        while process is None:
            _check(stop)
            with contextlib.suppress(queue.Empty):
                process = self._free.get(timeout=_LOOK_S)
        try:
            yield process
        finally:
            self._free.put(process)

    def end_if_idle(self) -> None:
        """End processes that had nothing to do for a while; they hold memory."""
        for process in self._all:
            process.end_if_idle(_IDLE_S)

    def interrupt(self) -> None:
        """Let whoever waits for an answer wait no longer: that is a ParseError."""
        for process in self._all:
            process.interrupt()

    def close(self) -> None:
        """End the processes; the next question starts others."""
        self.interrupt()
        for process in self._all:
            process.end()


class _Process:
    """One process; its lock is held while it is asked or ended."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._last = 0.0
        self._lock = threading.Lock()

    def ask(self, request: dict[str, Any], stop: threading.Event | None) -> tuple[str, Any]:
        """Return ("ok", value) or ("error", reason)."""
        with self._lock:
            try:
                answer = self._exchange(pickle.dumps(request, protocol=5), stop)
            except ParseError:
                self._end()
                raise
            except TimeoutError:
                self._end()
                return "error", f"takes longer than {self._seconds:.0f} seconds to read"
            except OSError:
                self._end()
                return "error", "cannot be read: its reader ended, perhaps for want of memory"
            self._last = time.monotonic()
            if len(request["body"]) > _LARGE:
                # A process that has read a large document keeps its memory for ever.
                self._end()
        return answer

    def _exchange(self, data: bytes, stop: threading.Event | None) -> tuple[str, Any]:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        until = time.monotonic() + self._seconds
        # The other side reads a request whole before it answers, so this cannot deadlock.
        process.stdin.write(len(data).to_bytes(_LENGTH, "big"))
        process.stdin.write(data)
        process.stdin.flush()
        length = int.from_bytes(_read(process, _LENGTH, until, stop), "big")
        answer: tuple[str, Any] = pickle.loads(_read(process, length, until, stop))
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "newsreader.parser"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def end_if_idle(self, seconds: float) -> None:
        if self._lock.acquire(blocking=False):
            try:
                if self._process is not None and time.monotonic() - self._last > seconds:
                    self._end()
            finally:
                self._lock.release()

    def interrupt(self) -> None:
        """Kill the process, whoever waits for it; that one tidies up."""
        process = self._process
        if process is not None:
            process.kill()

    def end(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process = None


def _check(stop: threading.Event | None) -> None:
    if stop is not None and stop.is_set():
        raise ParseError("was not read to its end: it was stopped")


def _read(
    process: subprocess.Popen[bytes], size: int, until: float, stop: threading.Event | None
) -> bytearray:
    """Return the next ``size`` bytes of an answer.

    Raises:
        ParseError: it was stopped.
        TimeoutError: they did not come in time.
        OSError: the process ended.
    """
    assert process.stdout is not None
    received = bytearray()
    while len(received) < size:
        _check(stop)
        left = until - time.monotonic()
        ready, _, _ = select.select([process.stdout], [], [], min(max(0.0, left), _LOOK_S))
        if not ready and left <= 0:
            raise TimeoutError
        if not ready:
            continue
        chunk = os.read(process.stdout.fileno(), min(size - len(received), 1 << 20))
        if not chunk:
            raise OSError("it ended")
        received += chunk
    return received
