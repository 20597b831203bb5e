"""What every command does in the same way: speak, show how far it is, wait for the worker."""

import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from newsreader.config import load_config
from newsreader.errors import NotFoundError
from newsreader.model import ArticleID
from newsreader.store import Store
from newsreader.text.clean import clean_text


def say(text: str) -> None:
    """Say something to the user, on stderr; where nobody can hear it the work goes on."""
    _to_stderr(clean_text(text) + "\n")


def _to_stderr(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def out(text: str) -> None:
    """Print data, ending in a line feed."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def document(value: Any) -> None:
    """Print one JSON document."""
    out(json.dumps(value, ensure_ascii=False, indent=None))


def article_id(text: str) -> ArticleID:
    """Return the article that "a12" names.

    Raises:
        NotFoundError: it is no article's id.
    """
    number = text[1:]
    if not (text.startswith("a") and number.isascii() and number.isdigit() and len(number) < 19):
        raise NotFoundError(f"{text}: is not an article's id (such as a12); 'search' shows ids")
    return ArticleID(int(number))


_STAGES = {
    "import": "taking in",
    "refresh": "fetching",
    "backup": "copying",
    "index": "indexing",
    "entities": "finding names",
    "elsewhere": "waiting for the open reader:",
    "feeds": "asking for feeds",
    "lists": "asking what is unread",
    "states": "asking what was read elsewhere",
    "sending": "sending changes",
    "articles": "taking in articles",
}


class Progress:
    """A line on stderr: redrawn in a terminal, said every few seconds elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._last = time.monotonic()
        self._shown = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show how far ``stage`` is."""
        now = time.monotonic()
        if now - self._last < (0.1 if self._terminal else 5.0):
            return
        self._last = now
        words = _STAGES[stage]
        amount = f"{done:,} of {total:,}" if total else f"{done:,}"
        if self._terminal:
            share = f" {'━' * (30 * done // total):<30}" if total else ""
            _to_stderr(f"\r\x1b[K{words} {amount}{share}")
            self._shown = True
        else:
            say(f"{words} {amount}")

    def end(self) -> None:
        """Clear the line."""
        if self._shown:
            _to_stderr("\r\x1b[K")
            self._shown = False


def settle(home: Path, progress: Progress | None = None) -> None:
    """Return when all that is stored can be found and has its names.

    Where a reader is open its worker does the work, and this waits for it.
    """
    from newsreader.backups import keep_weekly
    from newsreader.derive import Deriver, worker_lock

    recognise = load_config(home).recognise
    store = Store(home, durable=False)
    try:
        while True:
            with worker_lock(home) as held:
                if held:
                    deriver = Deriver(store, home, recognise=recognise)
                    try:
                        deriver.prepare()
                        keep_weekly(home)
                        while deriver.step(progress):
                            pass
                    finally:
                        deriver.close()
                    store.refresh_statistics()
                    return
            pending = store.todo.pending()
            waiting = pending.index + (pending.entities if recognise else 0)
            waiting += sum(not search.ready for search in store.saved.all())
            if not waiting:
                return
            if progress is not None:
                progress("elsewhere", 0, waiting)
            time.sleep(0.1)
    finally:
        store.close()


def settle_saved(home: Path) -> None:
    """Return when every saved search knows its matches among what is indexed."""
    from newsreader.derive import Deriver, worker_lock

    store = Store(home, durable=False)
    try:
        while not all(search.ready for search in store.saved.all()):
            with worker_lock(home) as held:
                if held:
                    Deriver(store, home).match_saved()
                    return
            time.sleep(0.1)
    finally:
        store.close()
