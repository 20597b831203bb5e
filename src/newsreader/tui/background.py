"""The two helper processes, a searcher and a worker, that speak one JSON object a line.

They live in sessions of their own, so that a key meant for the reader never reaches them, and
this process never loads what they need.
"""

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from time import monotonic

_LONGEST_LINE = 1 << 24
_ENCODING = "utf-8:backslashreplace"
"""Of both sides, whatever the locale: half a character becomes what JSON writes for it."""
_PATIENCE_SECONDS = 1.0
_RESTARTS = 3
"""Starts in a row without an answer, or without coming to rest, before the next is put off."""
_FIRST_PAUSE_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 60.0
"""What the pause before another start of the worker doubles up to."""
_SILENT_SECONDS = 900.0
"""Time for which a trouble that lasts is not said again."""

Message = dict[str, object]


def _command(module: str, home: Path) -> list[str]:
    return [sys.executable, "-P", "-m", f"newsreader.{module}", "--home", str(home)]


class Child:
    """A process that speaks lines of JSON; ``hear`` gets each object, ``ended`` the exit status."""

    def __init__(
        self,
        command: Sequence[str],
        hear: Callable[[Message], None],
        ended: Callable[[int], None],
    ) -> None:
        self._command = command
        self._hear = hear
        self._ended = ended
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the process.

        Raises:
            OSError: it cannot be started.
        """
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            limit=_LONGEST_LINE,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": _ENCODING},
        )
        self._listening = asyncio.create_task(self._listen(self._process))

    @property
    def running(self) -> bool:
        """Whether the process is there to be spoken to."""
        return self._process is not None and self._process.returncode is None

    def send(self, message: Mapping[str, object]) -> bool:
        """Send one object; return False if the process has ended, so that nothing is sent."""
        if self._process is None or self._process.stdin is None or not self.running:
            return False
        if self._process.stdin.is_closing():
            return False
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        return True

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # it was started with a pipe
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # longer than any answer: not one of ours
                continue
            if not line:
                break
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict):
                self._hear(message)
        self._ended(await process.wait())

    async def stop(self) -> None:
        """End the process: ask, then tell, then kill."""
        process, self._process = self._process, None
        if process is None:
            return
        if self._listening is not None:
            self._listening.cancel()
        if process.stdin is not None:
            process.stdin.close()
        if process.returncode is None:
            try:
                process.terminate()
                await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
            except ProcessLookupError:
                await process.wait()


class Searcher:
    """Questions to the search process; the newest search alone is answered."""

    def __init__(self, home: Path, command: Sequence[str] | None = None) -> None:
        self._child = Child(command or _command("searcher", home), self._hear, self._ended)
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Queue[Message | None]] = {}
        self._failures = 0
        self._starting = asyncio.Lock()
        self._stopped = False

    async def start(self) -> None:
        """Start the process unless it runs.

        Raises:
            OSError: it cannot be started.
        """
        async with self._starting:
            if not self._child.running and not self._stopped:
                await self._child.start()

    async def ask(self, question: Mapping[str, object]) -> Message | None:
        """Return the answer, or None if there will be none; cancel to ask something else."""
        async with aclosing(self.answers(question)) as answers:
            async for answer in answers:
                return answer
        return None

    async def answers(self, question: Mapping[str, object]) -> AsyncGenerator[Message, None]:
        """Yield one answer after another until the complete one; none if there will be none.

        A process that has died is started again, and asked again, a few times. Closed before the
        end, it tells the process that nobody waits any longer.
        """
        while self._failures < _RESTARTS and not self._stopped:
            try:
                await self.start()
            except OSError:
                self._failures += 1
                continue
            number = next(self._numbers)
            heard = self._waiting[number] = asyncio.Queue[Message | None]()
            whole = False
            try:
                self._child.send({"id": number, **question})
                while (answer := await heard.get()) is not None:
                    self._failures = 0
                    whole = answer.get("complete") is not False
                    yield answer
                    if whole:
                        return
            finally:
                del self._waiting[number]
                if not whole:
                    self._child.send({"cancel": number})
        self._failures = 0

    def _hear(self, message: Message) -> None:
        number = message.get("id")
        heard = self._waiting.get(number) if isinstance(number, int) else None
        if heard is not None:
            heard.put_nowait(message)

    def _ended(self, status: int) -> None:
        self._failures += 1
        for heard in self._waiting.values():
            heard.put_nowait(None)

    async def stop(self) -> None:
        """End the process; questions that wait get None."""
        self._stopped = True
        await self._child.stop()
        for heard in self._waiting.values():
            heard.put_nowait(None)


class Background:
    """Both processes of one reader; ``hear`` gets each event of the worker."""

    def __init__(
        self,
        home: Path,
        hear: Callable[[Message], None],
        *,
        search_command: Sequence[str] | None = None,
        work_command: Sequence[str] | None = None,
    ) -> None:
        self.searcher = Searcher(home, search_command)
        self._hear = hear
        self._stopping = False
        self._started = self._ended = False
        self._early: list[Mapping[str, object]] = []
        self._failures = 0
        self._lasting: object = None
        self._told = -_SILENT_SECONDS
        self._restarting: asyncio.Task[None] | None = None
        command = work_command or _command("worker", home)
        self._worker = Child(command, self._heard, self._worker_ended)

    def promise(self) -> None:
        """Take requests to the worker from now on; it is started later."""
        self._started = True

    async def start(self, *, work: bool = True) -> None:
        """Start both, or with ``work`` unset the searcher alone.

        A process that cannot be started is reported as an event "failed".
        """
        self._started = work
        if work:
            await self._try(self._start_worker)
        await self._try(self.searcher.start)

    async def _start_worker(self) -> None:
        await self._worker.start()
        early, self._early = self._early, []
        for request in early:
            self._worker.send(request)

    async def _try(self, start: Callable[[], Coroutine[object, object, None]]) -> None:
        try:
            await start()
        except OSError as error:
            self._ended = self._ended or start == self._start_worker
            self._hear({"event": "failed", "reason": f"a helper did not start: {error}"})

    def _heard(self, message: Message) -> None:
        event, reason = message.get("event"), message.get("reason")
        if event in ("idle", "standby"):
            self._failures = 0
        if event != "failed" or not message.get("lasts"):
            self._hear(message)
        elif reason != self._lasting or monotonic() - self._told >= _SILENT_SECONDS:
            self._lasting, self._told = reason, monotonic()
            self._hear(message)

    def _worker_ended(self, status: int) -> None:
        if not status or self._stopping:
            self._ended = True
            return
        self._failures += 1
        self._hear({"event": "lost"})
        if self._failures == _RESTARTS and monotonic() - self._told >= _SILENT_SECONDS:
            reason = "reading in stopped unexpectedly; it is tried again from time to time"
            self._hear({"event": "failed", "reason": reason})
        self._restarting = asyncio.create_task(self._restart())

    async def _restart(self) -> None:
        """Start the worker again, at once or, when that has not helped, after a while."""
        late = self._failures - _RESTARTS
        if late >= 0:
            pause = _FIRST_PAUSE_SECONDS * 2.0 ** min(late, 10)
            await asyncio.sleep(min(pause, _LONGEST_PAUSE_SECONDS))
        if not self._stopping:
            await self._try(self._start_worker)

    def ask(self, request: Mapping[str, object]) -> bool:
        """Ask the worker for something; return False if there is no worker to do it.

        One that is only being started is asked as soon as it runs. When it ends over what it was
        asked for, an event "lost" comes before it is started again.
        """
        if self._worker.send(request):
            return True
        coming = self._started and not self._stopping and self._failures < _RESTARTS
        if coming and not self._ended:
            self._early.append(request)
            return True
        return False

    async def stop(self) -> None:
        """End both."""
        self._stopping = True
        if self._restarting is not None:
            self._restarting.cancel()
        self._worker.send({"do": "stop"})
        await asyncio.gather(self._worker.stop(), self.searcher.stop())
