"""One clock for a whole request, which also hears that the user wants to stop."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

from newsreader.errors import FetchError

STEP = 0.2
"""Seconds between two looks at whether to stop; a wait that feels immediate."""


class Deadline:
    """The seconds that one request may take in all, redirects and name lookups included.

    ``room`` is called once a body turns out to be large. ``host`` is who is waited for at the
    moment, for the words of the error.
    """

    def __init__(
        self, seconds: float, stop: Event | None, room: Callable[[], None] | None = None
    ) -> None:
        self.host = ""
        self._room = room
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._stop = stop

    def check_stop(self) -> None:
        """Raise a FetchError of kind ``stopped`` once the user asked for it."""
        if self._stop is not None and self._stop.is_set():
            raise FetchError("stopped before it was fetched", "stopped")

    def step(self) -> float:
        """Return how long to wait before asking again, in seconds, more than 0.

        Raises:
            FetchError: of kind ``timeout`` or ``stopped``.
        """
        self.check_stop()
        left = self._end - time.monotonic()
        if left <= 0:
            raise FetchError(
                f"{self.host} did not answer within {self._seconds:g} seconds", "timeout"
            )
        return left if self._stop is None else min(left, STEP)

    def left(self) -> float:
        """Return the seconds left, at least 0."""
        return max(0.0, self._end - time.monotonic())

    def make_room(self) -> None:
        """Wait until there is room for a large body; the clock stands meanwhile."""
        if self._room is not None:
            with self.paused():
                self._room()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the clock stand while waiting for our own sake."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._end += time.monotonic() - began
