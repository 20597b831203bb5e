"""Few connections, well used: two to a server, sixteen in all, kept open between requests.

The rule: a connection is in one hand at a time, and waiting for one costs no request its time.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from newsreader.net._deadline import STEP, Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpcore2

    from newsreader.net._wire import Wiring

KEPT_SECONDS = 20.0
"""An idle connection is closed after this: servers mostly wait 5 to 75 seconds."""


class Key(NamedTuple):
    """Requests with the same key may share a connection, if its network may be reached."""

    scheme: str
    host: str
    port: int
    insecure: bool
    proxy: str | None


class Line(NamedTuple):
    """An open connection and its sockets."""

    key: Key
    place: str
    connection: httpcore2.ConnectionInterface
    wiring: Wiring

    def close(self) -> None:
        """Hang up; the sockets, too, of a connection that did not come about."""
        self.connection.close()
        self.wiring.close()


class Pool:
    """Slots to speak in, by server and in all, and the connections that wait for use."""

    def __init__(self, connections: int, per_host: int) -> None:
        self._connections = connections
        self._per_host = per_host
        self._busy: Counter[str] = Counter()
        self._idle: list[tuple[float, Line]] = []
        self._changed = threading.Condition()
        self._closed = False

    @contextmanager
    def slot(self, place: str, deadline: Deadline) -> Iterator[None]:
        """Hold one of the few slots for ``place``; the clock stands while waiting for it.

        Raises:
            FetchError: of kind ``stopped``.
        """
        with self._changed, deadline.paused():
            while self._busy[place] >= self._per_host or self._busy.total() >= self._connections:
                deadline.check_stop()
                self._changed.wait(STEP)
            self._busy[place] += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy[place] -= 1
                if not self._busy[place]:
                    del self._busy[place]
                self._changed.notify_all()

    def take(self, key: Key, fits: Callable[[Line], bool]) -> Line | None:
        """Return an open connection that ``fits``, the last one used; the caller has it alone."""
        while True:
            with self._changed:
                found = next((row for row in reversed(self._idle) if row[1].key == key), None)
                if found is None:
                    return None
                self._idle.remove(found)
            since, line = found
            fresh = time.monotonic() - since < KEPT_SECONDS
            if fresh and not line.connection.has_expired() and fits(line):
                return line
            line.close()

    def make_room(self, place: str) -> None:
        """Close idle connections so that one more to ``place`` keeps within the limits."""
        with self._changed:
            here = [row for row in self._idle if row[1].place == place]
            surplus = here[: max(0, len(here) + self._busy[place] - self._per_host)]
            rest = [row for row in self._idle if row not in surplus]
            over = len(rest) + self._busy.total() - self._connections
            surplus += rest[: max(0, over)]
            self._idle = [row for row in self._idle if row not in surplus]
        for _, line in surplus:
            line.close()

    def give(self, line: Line) -> None:
        """Take a connection back: keep it if it can be used again, else close it."""
        now = time.monotonic()
        with self._changed:
            keep = line.connection.is_available() and not self._closed
            old = [row for row in self._idle if now - row[0] >= KEPT_SECONDS]
            self._idle = [row for row in self._idle if now - row[0] < KEPT_SECONDS]
            if keep:
                self._idle.append((now, line))
        for _, stale in old:
            stale.close()
        if not keep:
            line.close()

    def close(self) -> None:
        """Close what waits; connections in use are closed when given back."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
        for _, line in idle:
            line.close()
