"""Everything that follows from a stored article: the search index, its names, saved searches.

Each stage is idempotent, and its task goes only after it is committed, so that being killed at
any instant costs nothing but doing the last batch again.
"""

import contextlib
import fcntl
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsreader.entities import VERSION
from newsreader.errors import (
    NewsReaderError,
    NotFoundError,
    SearchFailedError,
    SearchIndexError,
    StoreError,
)
from newsreader.matching import Matching
from newsreader.model import Article, EntityKind, Precision, Recognised
from newsreader.search import Index
from newsreader.store import Notice, Store, Task

INDEX_BATCH = 200
BULK_BATCH = 4096
"""Articles of one commit when many wait: what they hold of memory is bounded by it."""
_TIDY_S = 0.05
"""Time for merging segments after a commit, with ``_TIDY_SHARE`` of what the commit took."""
_TIDY_SHARE = 0.25
_TIDY_IDLE_S = 0.3
RECOGNISE_BATCH = 16
_COMMIT_S = 0.6
"""Longest time an article that has arrived, or has its names, waits to be searchable."""
_ANSWER_S = 120.0
"""Longest time for one batch; a recogniser that takes longer is stuck."""
_IDLE_S = 60.0
_ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""The recogniser leaves the other cores to others; numpy reads this when it is first imported."""
_KNOWN_EVERY = 1_000
"""Articles after which the recogniser is told anew which names the library has."""
_REBUILD = "rebuild"

Told = Callable[[str, int, int], None]
"""Called with (stage, done, total)."""


@contextlib.contextmanager
def worker_lock(home: Path) -> Iterator[bool]:
    """Hold the lock that one worker a home may hold; yields False when another has it.

    Raises:
        StoreError: there can be no lock in ``home``.
    """
    path = home / "worker.lock"
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise StoreError(f"{path}: cannot be used as a lock ({error.strerror})") from error
    with os.fdopen(descriptor, "r+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def request_rebuild(store: Store) -> None:
    """Ask whoever holds the lock to make the index anew; every article is queued at once."""
    store.keep_setting(_REBUILD, "index")
    store.todo.queue_all("index")


class Recognition:
    """The recogniser's process: started when there is work, ended when idle or stuck."""

    def __init__(self, known: Callable[[], Sequence[tuple[str, EntityKind]]] = list) -> None:
        """Start nothing yet.

        Args:
            known: gives the names the library has, which it is told to look for.
        """
        self._process: subprocess.Popen[bytes] | None = None
        self._last = 0.0
        self._known = known
        self._asked_since = 0

    def ask(self, articles: Sequence[Article]) -> list[list[Recognised]]:
        """Return the mentions of each article.

        Raises:
            NewsReaderError: the process died or gave no answer in time.
        """
        request: dict[str, Any] = {"articles": [_question(article) for article in articles]}
        if not self._running() or self._asked_since >= _KNOWN_EVERY:
            request["known"] = self._known()
            self._asked_since = 0
        self._asked_since += len(articles)
        try:
            answer = self._exchange(json.dumps(request).encode() + b"\n")
        except OSError as error:
            self.end()
            raise NewsReaderError(f"the recogniser ended ({error})") from error
        if "error" in answer:
            raise NewsReaderError(str(answer["error"]))
        self._last = time.monotonic()
        return [[_mention(row) for row in rows] for rows in answer["mentions"]]

    def _running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _exchange(self, line: bytes) -> dict[str, Any]:
        if not self._running():
            self.end()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "newsreader.recogniser"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **_ONE_CORE},
            )
        assert self._process is not None
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()
        received = b""
        until = time.monotonic() + _ANSWER_S
        while not received.endswith(b"\n"):
            ready, _, _ = select.select([self._process.stdout], [], [], until - time.monotonic())
            chunk = os.read(self._process.stdout.fileno(), 1 << 20) if ready else b""
            if not chunk:
                raise OSError("no answer" if not ready else "it stopped")
            received += chunk
        answer: dict[str, Any] = json.loads(received)
        return answer

    def end_if_idle(self) -> None:
        """End the process when nothing was asked for a minute; it holds much memory."""
        if self._process is not None and time.monotonic() - self._last > _IDLE_S:
            self.end()

    def end(self) -> None:
        """End the process; the next question starts another."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process = None


def _question(article: Article) -> dict[str, Any]:
    return {
        "text": article.body.text,
        "title": "" if article.title_derived else article.title,
        "language": article.language,
        "published": article.published.date().isoformat() if article.published else None,
    }


def _mention(row: Sequence[Any]) -> Recognised:
    start, end, kind, name, day, precision = row
    return Recognised(
        start=start,
        end=end,
        kind=EntityKind(kind),
        name=name,
        date=day,
        precision=None if precision is None else Precision(precision),
    )


@dataclass(slots=True)
class _Counted:
    done: int = 0

    def total(self, waiting: int) -> int:
        return self.done + waiting


class Deriver:
    """Works the queue off, newest articles first. Hold :func:`worker_lock` while using it."""

    def __init__(
        self,
        store: Store,
        home: Path,
        *,
        recognise: bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._matching = Matching(store, now=now)
        self._home = home
        self._recognise = recognise
        self._recognition = Recognition(store.entities.known)
        self._committed = time.monotonic()
        self._index: Index | None = None
        # A new index that cannot be written either is the disk's fault: no use in a third.
        self._remade = False
        self._counts = {"index": _Counted(), "entities": _Counted()}

    def close(self) -> None:
        """End the recogniser."""
        self._recognition.end()

    def prepare(self) -> None:
        """Queue what another version of the recogniser did, and a lost index whole."""
        if self._recognise:
            self._store.todo.queue_outdated(VERSION)
        self._open_index()
        self._matching.settle_clock()

    def _open_index(self) -> Index:
        if self._index is None:
            index = Index(self._home / "index", self._store.home_id())
            try:
                known = index.document_count()
            except SearchIndexError:
                index.destroy()
                known = 0
            if known == 0 and self._store.stats()["articles"]:
                self._store.todo.queue_all("index")
            self._index = index
        return self._index

    def _rebuild_if_asked(self) -> None:
        if self._store.setting(_REBUILD) == "index":
            self.rebuild_index()
            self._store.keep_setting(_REBUILD, "")

    def rebuild_index(self) -> None:
        """Throw the index away and queue every article for a new one."""
        Index(self._home / "index", self._store.home_id()).destroy()
        self._index = None
        self._store.todo.queue_all("index")

    @property
    def generation(self) -> int:
        """The index's generation; it grows with every commit."""
        return self._open_index().generation()

    def step(self, tell: Told | None = None) -> bool:
        """Do one batch; return whether there may be more to do."""
        self._rebuild_if_asked()
        if self._match_one():
            return True
        pending = self._store.todo.pending()
        named = pending.entities if self._recognise else 0
        waited = time.monotonic() - self._committed
        if pending.index and (pending.index >= INDEX_BATCH or not named or waited >= _COMMIT_S):
            self._index_some()
            self._tell(tell, "index", pending.index)
            return True
        if named:
            self._recognise_some()
            self._tell(tell, "entities", named)
            return True
        self._recognition.end_if_idle()
        return self._tidy(_TIDY_IDLE_S)

    def _tidy(self, seconds: float) -> bool:
        """Merge segments of the index; return whether there is more to do."""
        try:
            return self._open_index().tidy(seconds)
        except SearchIndexError as error:
            self._remake_index(error)
            return True

    def match_saved(self) -> None:
        """Bring all saved searches up to date with what is indexed and with the clock."""
        self._matching.settle_clock()
        while self._match_one():
            pass

    def notices(self) -> Sequence[Notice]:
        """Return what the user wants to be told of; say :meth:`told` when that is done."""
        return self._store.matches.notices()

    def told(self, notice: Notice) -> None:
        """Remember that the user was told."""
        self._store.matches.told(notice)

    def _match_one(self) -> bool:
        """Bring one saved search up to date; return whether one was not."""
        index = self._open_index()
        try:
            return self._matching.step(index)
        except SearchFailedError as error:
            self._matching.set_aside(error)
            return True
        except SearchIndexError as error:
            self._remake_index(error)
            return True

    def _remake_index(self, damage: SearchIndexError) -> None:
        """Make a damaged index anew.

        Raises:
            SearchIndexError: the one before was damaged too.
        """
        if self._remade:
            raise damage
        self._remade = True
        self.rebuild_index()

    def _tell(self, tell: Told | None, stage: str, waiting: int) -> None:
        counted = self._counts[stage]
        left = getattr(self._store.todo.pending(), stage)
        counted.done += max(0, waiting - left)
        if tell is not None:
            tell(stage, counted.done, counted.total(left))
        if not left:
            counted.done = 0

    def _index_some(self) -> None:
        many = self._store.todo.pending().index >= BULK_BATCH
        tasks = self._store.todo.take("index", BULK_BATCH if many else INDEX_BATCH)
        documents = self._store.articles.documents([task.article for task in tasks])
        gone = {task.article for task in tasks} - {document.id for document in documents}
        index = self._open_index()
        begun = time.monotonic()
        try:
            if gone:
                index.delete(gone)
            if documents:
                index.update(documents)
        except SearchIndexError as error:
            self._remake_index(error)
            return
        self._remade = False
        self._committed = time.monotonic()
        found = self._matching.percolate(documents)
        self._store.matches.finish(tasks, found, names_follow=self._recognise)
        self._matching.settle_clock()
        if not many:  # Building and merging together would take half as much memory again.
            self._tidy(_TIDY_S + _TIDY_SHARE * (time.monotonic() - begun))

    def _recognise_some(self) -> None:
        tasks = self._store.todo.take("entities", RECOGNISE_BATCH)
        pairs = [(task, article) for task in tasks if (article := self._article(task)) is not None]
        try:
            self._save(pairs, self._recognition.ask([article for _, article in pairs]))
        except NewsReaderError:
            # One article may have brought it down: each alone shows which.
            for pair in pairs:
                self._recognise_one(*pair)

    def _recognise_one(self, task: Task, article: Article) -> None:
        try:
            self._save([(task, article)], self._recognition.ask([article]))
        except NewsReaderError as error:
            self._store.todo.failed("entities", task, str(error))

    def _article(self, task: Task) -> Article | None:
        try:
            return self._store.lists.article(task.article)
        except NotFoundError:
            self._store.todo.done("entities", [task])
            return None

    def _save(
        self, pairs: Sequence[tuple[Task, Article]], found: Sequence[Sequence[Recognised]]
    ) -> None:
        for (task, article), mentions in zip(pairs, found, strict=True):
            self._store.entities.save(task, article.body.text, mentions, VERSION)
