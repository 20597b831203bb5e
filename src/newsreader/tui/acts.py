"""The user's own writes, one after the other on a thread of their own.

A durable commit takes milliseconds, and more while another process writes: the keys must not wait.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from newsreader.library import Library, identity, require

_T = TypeVar("_T")


class Acts:
    """A thread with a library of its own; acts are done in the order they were given.

    The home must have a library already.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file = identity(home)
        self._library: Library | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="acts")

    def submit(self, act: Callable[[Library], _T]) -> Future[_T]:
        """Queue ``act``; its result or error is in the future."""
        return self._thread.submit(self._run, act)

    async def do(self, act: Callable[[Library], _T]) -> _T:
        """Do ``act`` and return what it returns; raise what it raises."""
        return await asyncio.wrap_future(self.submit(act))

    def _run(self, act: Callable[[Library], _T]) -> _T:
        require(self._home, self._file)
        if self._library is None:
            self._library = Library(self._home)
        return act(self._library)

    def _close(self) -> None:
        if self._library is not None:
            self._library.close()
            self._library = None

    def close(self) -> None:
        """Finish what is queued and close the library."""
        self._thread.submit(self._close)
        self._thread.shutdown(wait=True)
