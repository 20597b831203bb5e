"""The user's own writes, one after the other on a thread of their own.

A durable commit takes milliseconds, and more while another process writes: the keys must not wait.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import TypeVar

from newsreader.errors import NewsReaderError
from newsreader.library import Library, identity, require
from newsreader.log import unexpected

_T = TypeVar("_T")


class Acts:
    """A thread with a library of its own; acts are done in the order they were given.

    The home must have a library already. ``since`` is that of the library.
    """

    def __init__(self, home: Path, *, since: int | None = None) -> None:
        self._home = home
        self._since = since
        self._file = identity(home)
        self._library: Library | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="acts")
        self._ended: Future[None] | None = None
        self._unheard: list[str] = []

    def submit(self, act: Callable[[Library], _T]) -> Future[_T]:
        """Queue ``act``; its result or error is in the future.

        It is done also where the future is cancelled: only nobody hears of it then.
        """
        answer: Future[_T] = Future()
        self._thread.submit(self._run, act).add_done_callback(partial(self._tell, answer))
        return answer

    async def do(self, act: Callable[[Library], _T]) -> _T:
        """Do ``act`` and return what it returns; raise what it raises."""
        return await asyncio.wrap_future(self.submit(act))

    def _tell(self, answer: Future[_T], done: Future[_T]) -> None:
        heard = answer.set_running_or_notify_cancel()
        error = done.exception()
        if error is not None and (self._ended is not None or not heard):
            known = isinstance(error, NewsReaderError)
            self._unheard.append(str(error) if known else unexpected(self._home, error))
        if heard and error is not None:
            answer.set_exception(error)
        elif heard:
            answer.set_result(done.result())

    def _run(self, act: Callable[[Library], _T]) -> _T:
        require(self._home, self._file)
        if self._library is None:
            self._library = Library(self._home, since=self._since)
        return act(self._library)

    def _close(self) -> None:
        if self._library is not None:
            self._library.close()
            self._library = None

    def close(self, seconds: float | None = None) -> bool:
        """Finish what is queued and close the library; return whether that is done.

        Args:
            seconds: longest time to wait for it; it goes on after that. None waits for the end.
        """
        if self._ended is None:
            self._ended = self._thread.submit(self._close)
            self._thread.shutdown(wait=False)
        return not wait({self._ended}, timeout=seconds).not_done

    @property
    def unheard(self) -> Sequence[str]:
        """Why acts could not be done, of those that nobody waited for any more; each once."""
        return list(dict.fromkeys(self._unheard))
