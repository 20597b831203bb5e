"""The index of one home: writing in batches, reading one generation at a time."""

import contextlib
import math
import time
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from whoosh.index import TOC
from whoosh.query import Query as WhooshQuery

from newsreader.errors import NewsReaderError, SearchFailedError, SearchIndexError
from newsreader.model import ArticleID, Hit, SearchDocument
from newsreader.search import _storage
from newsreader.search._build import Buffer
from newsreader.search._codec import Entry
from newsreader.search._compile import Compiler, Lookup, Sequenced, looked_up
from newsreader.search._evaluate import (
    Evaluator,
    Match,
    Stopped,
    bitmap,
    marked_in,
    stopper,
)
from newsreader.search._facets import FACETS, Division, counted
from newsreader.search._file import Array, DamagedFileError
from newsreader.search._merge import Merge
from newsreader.search._rank import Best
from newsreader.search._schema import milliseconds
from newsreader.search._segment import Segment
from newsreader.search._snapshot import Snapshot
from newsreader.search._suggest import suggestion
from newsreader.search.nodes import Node
from newsreader.search.query import Query, parse

Sort = Literal["relevance", "newest", "oldest"]

_NAME = "MAIN"
"""Whoosh's name of the one index in a directory."""

_TRIES = 3
"""A commit may remove a file between reading the contents and opening it: 3 in 4,236 opens."""

_LARGE = 20_000_000
"""Bytes of segments whose merging takes more than 100 MB."""

_ENOUGH = 50
"""Matches that a first answer should have: more than a screen shows."""
_MANY = 16
"""Phrases that are looked for soon: one of the commonest words takes some 3 ms in 25,000 texts."""
_NEWEST = 1_000
"""Documents of which a first answer is made where that takes longer."""


class Results(NamedTuple):
    """A page of hits. ``total`` counts all that match; ``complete`` unless there may be more."""

    total: int
    hits: list[Hit]
    took_ms: float
    complete: bool = True


class Stored(NamedTuple):
    """A segment as it is now: the articles in it, newest first, and which are still there."""

    ids: Array
    live: Array


class Index:
    """The search index in ``directory``; an object belongs to one thread.

    It is made by the first update; until then it is empty. One of another version, of another
    ``home_id``, or damaged raises SearchIndexError from every method but ``rebuild`` and
    ``destroy``.
    """

    def __init__(self, directory: Path, home_id: str) -> None:
        self._directory = directory
        self._home_id = home_id
        self._snapshot: Snapshot | None = None
        self._buffer = Buffer()
        self._merging: _Tidying | None = None
        self._opened: dict[str, Segment] = {}

    # Files

    def close(self) -> None:
        """Forget what is open for reading; the object opens it again when it is asked."""
        self._snapshot = None
        self._merging = None
        self._opened = {}

    def destroy(self) -> None:
        """Remove the index from the disk."""
        self.close()
        _storage.destroy(self._directory)

    def rebuild(self, documents: Iterable[SearchDocument] = ()) -> None:
        """Make the index anew from ``documents``, committing some thousands of them at a time.

        A crash leaves an index with a part of them: rebuild again.
        """
        self.close()
        with _storage.damage_reported("the search index cannot be made"):
            _storage.create(self._directory, self._home_id)
        some: list[SearchDocument] = []
        for document in documents:
            some.append(document)
            if len(some) >= 4_096:
                self.update(some)
                some.clear()
        self.update(some)

    # Writing

    def update(self, documents: Iterable[SearchDocument]) -> None:
        """Add articles or replace those of the same id, in one durable commit.

        Of two documents of one id the last counts. Better fifty at a time than one. Memory does
        not grow with their number: what is full goes to the disk before the commit.

        Raises:
            SearchIndexError: another process is writing, or the disk is full, or the index is
                damaged. Nothing of the batch is in the index then.
        """
        batch = {document.id: document for document in documents}
        if not batch:
            return
        with self._writer() as writer:
            self._forget(writer, batch)
            try:
                for document in batch.values():
                    self._buffer.add(document)
                    if self._buffer.full:
                        writer.write(*self._buffer.build())
                if len(self._buffer):
                    writer.write(*self._buffer.build())
            except BaseException:
                self._buffer = Buffer()
                raise
            writer.commit([*writer.segments, *writer.made])

    def delete(self, articles: Iterable[ArticleID]) -> None:
        """Remove articles, in one durable commit; those not there are passed over.

        Raises:
            SearchIndexError: as for ``update``.
        """
        gone = set(articles)
        if not gone:
            return
        with self._writer() as writer:
            self._forget(writer, gone)
            writer.commit(writer.segments)

    def tidy(self, seconds: float = math.inf) -> bool:
        """Merge segments for about so many seconds; return whether there is more to do.

        Nobody waits for it: articles can be added and found meanwhile, and what is half merged
        costs nothing when it is left.

        Raises:
            SearchIndexError: as for ``update``.
        """
        until = time.perf_counter() + seconds
        with _storage.damage_reported("the search index cannot be tidied"):
            while True:
                if self._merging is None and not self._begin_merge():
                    return False
                assert self._merging is not None
                for _ in self._merging.steps:
                    if time.perf_counter() > until:
                        return True
                self._finish_merge(self._merging)
                self._merging = None

    def _begin_merge(self) -> bool:
        if not self._directory.exists():
            return False
        index = _storage.open_index(self._directory, self._home_id)
        chosen = _storage.crowded(TOC.read(index.storage, _NAME, schema=index._schema).segments)
        if chosen:
            if sum(entry.size for entry in chosen) > _LARGE and not len(self._buffer):
                # The words it remembers and a large merge do not fit in memory together.
                self._buffer = Buffer()
            try:
                opened = [self._open(index.storage, entry) for entry in chosen]
            except FileNotFoundError as error:
                raise SearchIndexError(f"the search index is damaged: {error}") from error
            self._merging = _Tidying(chosen, opened)
        return bool(chosen)

    def _finish_merge(self, merging: "_Tidying") -> None:
        with self._writer() as writer:
            now = {entry.segment_id(): entry for entry in writer.segments}
            if any(entry.segment_id() not in now for entry in merging.entries):
                return  # Somebody else made the index anew.
            merge = merging.merge
            fresh: list[Entry] = []
            if merge.count:
                fresh.append(writer.write(merge.sections, merge.facts))
                for n, old in enumerate(merging.entries):
                    gone = np.flatnonzero(~now[old.segment_id()].mask() & merging.live[n])
                    if len(gone):
                        fresh[0].delete(merge.moved(n, gone))
            merged = {entry.segment_id() for entry in merging.entries}
            kept = [entry for entry in writer.segments if entry.segment_id() not in merged]
            writer.commit([*fresh, *kept])
        for name in merged:
            self._opened.pop(name, None)

    @contextmanager
    def _writer(self) -> Iterator[_storage.Writer]:
        with _storage.damage_reported("the search index cannot be written"):
            try:
                if not self._directory.exists():
                    _storage.create(self._directory, self._home_id)
                writer = _storage.Writer(_storage.open_index(self._directory, self._home_id))
            except FileNotFoundError as error:
                raise SearchIndexError(f"the search index is damaged: {error}") from error
            try:
                yield writer
            except FileNotFoundError as error:
                raise SearchIndexError(f"the search index is damaged: {error}") from error
            finally:
                writer.abandon()

    def _forget(self, writer: _storage.Writer, articles: Collection[ArticleID]) -> None:
        """Mark the documents of ``articles`` deleted."""
        wanted = np.fromiter(articles, np.int64, len(articles))
        for entry in writer.segments:
            documents = self._open(writer.storage, entry).holding(wanted)
            if len(documents):
                entry.delete(documents)

    def _open(self, storage: _storage.DurableStorage, entry: Entry) -> Segment:
        """Return an open segment, the one that is open if it is."""
        name = entry.segment_id()
        if name not in self._opened:
            self._opened[name] = _storage.open_segment(storage, entry)
        return self._opened[name]

    # Reading

    def generation(self) -> int:
        """Return a number that every commit raises; -1 where there is no index."""
        storage = _storage.DurableStorage(str(self._directory))
        return int(TOC._latest_generation(storage, _NAME))

    def _current(self) -> Snapshot:
        """Return the newest generation, opened if it is not the one that is open.

        Whoosh's own refresh of a searcher returns ghosts in this version, hence anew each time.
        """
        if self._snapshot is not None and self._snapshot.generation == self.generation():
            return self._snapshot
        problem: Exception | None = None
        for _attempt in range(_TRIES):
            try:
                with _storage.damage_reported("the search index cannot be read"):
                    return self._reopened()
            except FileNotFoundError as error:
                problem = error
                time.sleep(0.02)
        raise SearchIndexError(f"the search index is damaged: {problem}") from problem

    def _reopened(self) -> Snapshot:
        if not self._directory.exists():
            return Snapshot(-1, [], [])
        index = _storage.open_index(self._directory, self._home_id)
        contents = TOC.read(index.storage, _NAME, schema=index._schema)
        entries: list[Entry] = [entry for entry in contents.segments if entry.count]
        opened = {entry.segment_id(): self._open(index.storage, entry) for entry in entries}
        self._opened = opened
        masks = [entry.mask() for entry in entries]
        self._snapshot = Snapshot(contents.generation, list(opened.values()), masks)
        return self._snapshot

    def verify(self) -> None:
        """Read every file of the index and compare checksums: a second at 100,000 articles.

        Raises:
            SearchIndexError: something is damaged.
        """
        for segment in self._current().segments:
            try:
                segment.container.verify()
            except DamagedFileError as error:
                raise SearchIndexError(f"a file of the search index: {error}") from error

    def document_count(self) -> int:
        """Return how many articles are in the index."""
        return self._current().count

    def segments(self) -> Sequence[Stored]:
        """Return what is in each segment, newest first."""
        snapshot = self._current()
        return [Stored(s.ids, snapshot.live[s.name]) for s in snapshot.segments]

    def ids(self) -> set[ArticleID]:
        """Return the articles that are in the index."""
        return {ArticleID(n) for part in self.segments() for n in part.ids[part.live].tolist()}

    def search(
        self,
        query: Query | str,
        *,
        limit: int = 20,
        offset: int = 0,
        sort: Sort = "relevance",
        lookup: Lookup | None = None,
        now: datetime | None = None,
        tz: tzinfo | None = None,
        within: Iterable[int] | None = None,
        without: Iterable[int] | None = None,
        deadline_s: float | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Results:
        """Return the articles that match; ties newest first, then the higher id.

        Args:
            query: text is parsed as a finished query.
            limit: hits at most.
            offset: hits left out before them.
            sort: by relevance, or by date with the undated last.
            lookup: answers ``is:`` and ``has:``; without it they are an error.
            now: the moment that ages, ``today`` and the recency of the ranking count from.
            tz: the zone of dates in the query, by default that of this machine.
            within: only these articles.
            without: none of these.
            deadline_s: seconds after which what was found so far is returned; the newest
                segments are searched first.
            stop: asked now and then; True ends the search with what was found so far.

        Raises:
            QueryError: the query cannot be read.
            SearchFailedError: this query cannot be answered; others can.
            SearchIndexError: the index is damaged or missing.
        """
        *_, last = self.answers(
            query,
            limit=limit,
            offset=offset,
            sort=sort,
            lookup=lookup,
            now=now,
            tz=tz,
            within=within,
            without=without,
            deadline_s=deadline_s,
            stop=stop,
            early=False,
        )
        return last

    def answers(
        self,
        query: Query | str,
        *,
        limit: int = 20,
        offset: int = 0,
        sort: Sort = "relevance",
        lookup: Lookup | None = None,
        now: datetime | None = None,
        tz: tzinfo | None = None,
        within: Iterable[int] | None = None,
        without: Iterable[int] | None = None,
        deadline_s: float | None = None,
        stop: Callable[[], bool] | None = None,
        early: bool = True,
    ) -> Iterator[Results]:
        """Yield a first answer from the newest segments if that is quicker, then the whole one.

        Arguments and errors are those of ``search``.
        """
        begun = time.perf_counter()
        moment = now or datetime.now(UTC)
        empty = partial(Best, offset + limit, sort, milliseconds(moment))
        best = empty()
        halt = stopper(None if deadline_s is None else begun + deadline_s, stop)
        complete = True
        with self._reading():
            asked = self._asked(
                query, lookup, moment, tz, (within, without), sort == "relevance", halt
            )
            last = len(asked.segments) - 1
            for number, segment in enumerate(asked.segments):
                try:
                    if early and not number and asked.is_long(segment):
                        first = empty()
                        first.add(segment, asked.matching(segment, _NEWEST))
                        if first.total >= _ENOUGH:
                            early = False
                            yield _results(first, offset, begun, complete=False)
                    best.add(segment, asked.matching(segment))
                except Stopped:
                    complete = False
                    break
                if early and number < last and best.total >= _ENOUGH:
                    early = False
                    yield _results(best, offset, begun, complete=False)
        yield _results(best, offset, begun, complete=complete)

    def matching(
        self,
        query: Query | str,
        *,
        lookup: Lookup | None = None,
        now: datetime | None = None,
        tz: tzinfo | None = None,
        within: Iterable[int] | None = None,
        without: Iterable[int] | None = None,
        deadline_s: float | None = None,
    ) -> "array[int]":
        """Return every article that matches, in no order. Errors are those of ``search``.

        Raises:
            SearchFailedError: it takes longer than ``deadline_s`` seconds.
        """
        halt = stopper(None if deadline_s is None else time.perf_counter() + deadline_s, None)
        limits = (within, without)
        found: array[int] = array("q")
        with self._reading():
            asked = self._asked(query, lookup, now or datetime.now(UTC), tz, limits, stop=halt)
            try:
                for segment in asked.segments:
                    found.frombytes(segment.ids[asked.matching(segment).ids].tobytes())
            except Stopped:
                raise SearchFailedError(f"it takes longer than {deadline_s:.0f} s") from None
        return found

    def facets(
        self,
        query: Query | str,
        *,
        lookup: Lookup | None = None,
        now: datetime | None = None,
        tz: tzinfo | None = None,
        within: Iterable[int] | None = None,
        without: Iterable[int] | None = None,
        limit: int = 10,
        fields: Sequence[str] = FACETS,
        deadline_s: float | None = None,
    ) -> Division:
        """Return how the articles that match divide, the most first.

        Fields are "source" (outlets), "year", and "person", "org" and "place", whose values are
        ids of entities as text; ``fields`` says which are wanted. After ``deadline_s`` seconds
        what was found so far is counted, the newest, and it is not ``complete``. Errors are those
        of ``search``.
        """
        moment = now or datetime.now(UTC)
        halt = stopper(None if deadline_s is None else time.perf_counter() + deadline_s, None)
        found: list[tuple[Segment, Array]] = []
        with self._reading():
            asked = self._asked(query, lookup, moment, tz, (within, without), stop=halt)
            with contextlib.suppress(Stopped):
                # What was added before the time was up stays.
                found.extend((each, asked.matching(each).ids) for each in asked.segments)
            complete = len(found) == len(asked.segments)
            zone = tz or moment.astimezone().tzinfo or UTC
            return Division(counted(found, zone, limit, fields), complete)

    def suggest(
        self,
        query: Query,
        *,
        deadline_s: float | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> str | None:
        """Return the query with words that the index does not know spelt as one that it knows.

        None where there is nothing to suggest, or time ran out; as for ``search``.
        """
        until = None if deadline_s is None else time.perf_counter() + deadline_s
        with self._reading():
            try:
                return suggestion(self._current(), query, stopper(until, stop))
            except Stopped:
                return None

    def _asked(
        self,
        query: Query | str,
        lookup: Lookup | None,
        now: datetime,
        tz: tzinfo | None,
        limits: "Limits",
        scored: bool = False,
        stop: Callable[[], bool] = bool,
    ) -> "Asked":
        tree = (parse(query) if isinstance(query, str) else query).node
        zone = tz or now.astimezone().tzinfo or UTC
        return asked(self._current(), tree, lookup, now, zone, limits, scored, stop)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except NewsReaderError:
            raise
        except FileNotFoundError as error:
            raise SearchIndexError(f"the search index is damaged: {error}") from error
        except (MemoryError, RecursionError) as error:
            raise SearchFailedError("this search is more than can be answered") from error
        except Exception as error:
            # Damaged bytes raise anything, and so does a mistake of ours, which no rebuilding
            # mends: only reading everything tells which it is.
            self.verify()
            reason = f"{type(error).__name__}: {error}"
            raise SearchFailedError(f"this search cannot be answered: {reason}") from error


Limits = tuple[Iterable[int] | None, Iterable[int] | None]
"""Only which articles, and which not."""


class Asked(NamedTuple):
    """A query ready to be put to one segment after another."""

    segments: Sequence[Segment]
    evaluator: Evaluator
    compiled: WhooshQuery
    within: Array | None
    without: Array | None

    def is_long(self, segment: Segment) -> bool:
        """Tell whether there are so many phrases that a segment takes longer than one waits."""
        phrases = {leaf for leaf in self.compiled.leaves() if isinstance(leaf, Sequenced)}
        return len(phrases) > _MANY and segment.count > _NEWEST

    def matching(self, segment: Segment, newest: int | None = None) -> Match:
        """Return the documents of a segment that match, of its ``newest`` or of all.

        Raises:
            Stopped: nobody waits any longer.
        """
        found = self.evaluator.matching(self.compiled, segment, newest)
        if self.within is None and self.without is None:
            return found
        articles = segment.ids[found.ids]
        kept = np.ones(len(articles), np.bool_)
        if self.within is not None:
            kept &= marked_in(self.within, articles)
        if self.without is not None:
            kept &= ~marked_in(self.without, articles)
        return found.at(np.flatnonzero(kept))


def asked(
    snapshot: Snapshot,
    tree: Node,
    lookup: Lookup | None,
    now: datetime,
    zone: tzinfo,
    limits: Limits = (None, None),
    scored: bool = False,
    stop: Callable[[], bool] = bool,
) -> Asked:
    """Return a query made ready for a snapshot.

    Raises:
        QueryError: it asks for a status and there is no ``lookup``.
    """
    compiled = Compiler(snapshot.languages, now, zone).whole(tree)
    marked = looked_up(compiled, lookup)
    evaluator = Evaluator(snapshot, scored=scored, marked=marked, stop=stop)
    within, without = (None if some is None else bitmap(some) for some in limits)
    return Asked(snapshot.segments, evaluator, compiled, within, without)


def _results(best: Best, offset: int, begun: float, *, complete: bool) -> Results:
    return Results(
        total=best.total,
        hits=[Hit(ArticleID(n), score) for n, score in zip(*best.page(offset), strict=True)],
        took_ms=(time.perf_counter() - begun) * 1000,
        complete=complete,
    )


class _Tidying:
    """A merge under way: of which segments, and the deletions that it knows of."""

    def __init__(self, entries: Sequence[Entry], segments: Sequence[Segment]) -> None:
        self.entries = entries
        self.live = [entry.mask() for entry in entries]
        self.merge = Merge(segments, self.live)
        self.steps = self.merge.steps()
