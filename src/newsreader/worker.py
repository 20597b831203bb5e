"""The background process of one home: takes text in, indexes it, finds the names in it.

Requests come as one JSON object a line on stdin, events go as one a line to stdout; when stdin
ends, so does the worker. Being killed at any instant is safe. One worker a home works; the
worker of a second reader stands by until the first has gone.
"""

import argparse
import contextlib
import json
import logging
import os
import queue
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from newsreader.backups import keep_weekly
from newsreader.config import load_config
from newsreader.derive import Deriver, worker_lock
from newsreader.errors import NewsReaderError
from newsreader.fetcher import Fetcher
from newsreader.intake import Taken, decline_sample, import_sample
from newsreader.log import start_log
from newsreader.moving import import_paths
from newsreader.store import Store

_POLL_S = 0.3
"""How often the queue is looked at for what another process stored."""
_STATISTICS_EVERY = 5000
"""Articles after which SQLite looks at the sizes of its tables again."""

_KEEP_EVERY_S = 3600.0
"""How often it is looked whether the user's marks are to be kept again."""

_TITLES = 10
"""Titles that a notice of new articles names."""

_log = logging.getLogger("newsreader.worker")


def main() -> int:
    """Entry point of ``python -m newsreader.worker --home DIR``."""
    parser = argparse.ArgumentParser(prog="newsreader.worker")
    parser.add_argument("--home", type=Path, required=True)
    home = parser.parse_args().home
    sys.excepthook = _log_fault
    with contextlib.suppress(OSError):
        os.nice(5)
    try:
        Worker(home).run()
    except NewsReaderError as error:
        _log.warning("the worker ends: %s", error)
        with contextlib.suppress(BrokenPipeError):
            _say({"event": "failed", "reason": str(error), "lasts": True})
        return 1
    except (BrokenPipeError, KeyboardInterrupt):
        return 0
    return 0


def _log_fault(
    kind: type[BaseException], fault: BaseException, trace: TracebackType | None
) -> None:
    _log.error("the worker ends by a fault", exc_info=(kind, fault, trace))


_saying = threading.Lock()


def _say(event: dict[str, Any]) -> None:
    line = json.dumps(event, ensure_ascii=False) + "\n"
    with _saying:
        try:
            sys.stdout.write(line)
            sys.stdout.flush()
        except BrokenPipeError:
            # A thread that fetches may be the first to notice that the reader has gone.
            if threading.current_thread() is threading.main_thread():
                raise


class Worker:
    """Listens on stdin in a thread, works in the main one."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._store = Store(home, create=False)
        self._requests: queue.Queue[dict[str, Any] | None] = queue.Queue()
        start_log(home)
        self._fetcher = Fetcher(home, _say)

    def run(self) -> None:
        """Work until stdin ends."""
        self._fetcher.start()
        try:
            self._run()
        finally:
            self._fetcher.close()

    def _run(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        standing_by = False
        while True:
            with worker_lock(self._home) as held:
                if held:
                    self._work()
                    return
            if not standing_by:
                standing_by = True
                _say({"event": "standby"})
            if not self._serve(timeout=1.0):
                return

    def _listen(self) -> None:
        for line in sys.stdin:
            try:
                request = json.loads(line)
            except json.JSONDecodeError:
                _log.warning("a request that is not JSON was passed over")
                continue
            if isinstance(request, dict):
                self._requests.put(request)
        self._requests.put(None)

    def _work(self) -> None:
        """Do all that waits and all that comes, until stdin ends."""
        config = load_config(self._home)
        store = Store(self._home, durable=False, create=False)
        deriver = Deriver(store, self._home, recognise=config.recognise)
        try:
            self._sample()
            deriver.prepare()
            looked = self._keep_weekly(None)
            self._fetcher.automatic = config.refresh
            busy = True
            generation = deriver.generation
            while self._serve(timeout=0.0 if busy else _POLL_S):
                was_busy, busy = busy, deriver.step(_progress)
                if deriver.generation != generation:
                    generation = deriver.generation
                    _say({"event": "indexed", "generation": generation})
                self._notify(deriver)
                looked = self._keep_weekly(looked)
                if was_busy and not busy:
                    self._store.refresh_statistics()
                    _say({"event": "idle"})
        finally:
            deriver.close()

    def _keep_weekly(self, looked: float | None) -> float:
        """See once an hour whether the week is over; return when that was, by the steady clock."""
        now = time.monotonic()
        if looked is not None and now - looked < _KEEP_EVERY_S:
            return looked
        keep_weekly(self._home)
        return now

    def _notify(self, deriver: Deriver) -> None:
        # Said before it is remembered: being told twice after a crash is better than never.
        for notice in deriver.notices():
            _say(
                {
                    "event": "notify",
                    "saved": notice.name,
                    "count": len(notice.articles),
                    "titles": notice.titles[:_TITLES],
                }
            )
            deriver.told(notice)

    def _serve(self, *, timeout: float) -> bool:
        """Answer one request if there is one; return False when there will be no more."""
        try:
            request = (
                self._requests.get(timeout=timeout) if timeout else self._requests.get_nowait()
            )
        except queue.Empty:
            return True
        if request is None or request.get("do") == "stop":
            return False
        if request.get("do") == "import":
            paths = [Path(path) for path in request.get("paths", [])]
            decline_sample(self._store)
            self._report(import_paths(self._store, paths, progress=_importing))
        else:
            self._fetcher.ask(request)
        return True

    def _sample(self) -> None:
        taken = import_sample(self._store, progress=_importing)
        if taken is not None:
            self._report(taken)

    def _report(self, taken: Taken) -> None:
        for path, reason in taken.failed:
            _log.warning("%s: %s", path, reason)
            _say({"event": "failed", "reason": f"{path}: {reason}"})
        if taken.imported > _STATISTICS_EVERY:
            self._store.refresh_statistics()
        _say({"event": "stored", "new": taken.imported})


def _importing(done: int, total: int) -> None:
    _progress("import", done, total)


def _progress(stage: str, done: int, total: int) -> None:
    _say({"event": "progress", "stage": stage, "done": done, "total": total})


if __name__ == "__main__":
    sys.exit(main())
