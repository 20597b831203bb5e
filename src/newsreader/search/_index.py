"""The index of one home: writing in batches, reading one generation at a time."""

import time
from collections.abc import Collection, Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from heapq import nlargest
from pathlib import Path
from typing import Literal

from whoosh.index import TOC
from whoosh.query import Query as WhooshQuery

from newsreader.errors import SearchIndexError
from newsreader.model import ArticleID, Hit, SearchDocument
from newsreader.search import _storage
from newsreader.search._compile import Compiler, Lookup
from newsreader.search._evaluate import Evaluator, Late, Snapshot, boosted_by_age
from newsreader.search._schema import UNDATED, milliseconds, values
from newsreader.search._segment import Segment
from newsreader.search.query import Query, parse

Sort = Literal["relevance", "newest", "oldest"]

_NAME = "MAIN"
"""Whoosh's name of the one index in a directory."""

_TRIES = 3
"""A commit may remove a file between reading the contents and opening it: 3 in 4,236 opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A page of hits. ``total`` counts all that match; ``complete`` unless the time ran out."""

    total: int
    hits: list[Hit]
    took_ms: float
    complete: bool = True


_Found = tuple[float, int, int, float]
"""What a match is ranked by (score or date), its date, its id, its score."""


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

    # Files

    def close(self) -> None:
        """Close what is open for reading; the object opens it again when it is asked."""
        if self._snapshot is not None:
            self._snapshot.close()
            self._snapshot = None

    def destroy(self) -> None:
        """Remove the index from the disk."""
        self.close()
        _storage.destroy(self._directory)

    def rebuild(
        self, documents: Iterable[SearchDocument] = (), *, batch: int = _storage.MERGE_CAP
    ) -> None:
        """Make the index anew from ``documents``, committing every ``batch`` of them.

        Batches of the default size are never merged, which doubles the speed.

        A crash leaves an index with a part of them: rebuild again.
        """
        self.close()
        with _storage.damage_reported("the search index cannot be made"):
            _storage.create(self._directory, self._home_id)
        some: list[SearchDocument] = []
        for document in documents:
            some.append(document)
            if len(some) >= batch:
                self.update(some)
                some.clear()
        self.update(some)

    # Writing

    def update(self, documents: Iterable[SearchDocument]) -> None:
        """Add articles or replace those of the same id, in one durable commit.

        Of two documents of one id the last counts. Better fifty at a time than one.

        Raises:
            SearchIndexError: another process is writing, or the disk is full, or the index is
                damaged. Nothing of the batch is in the index then.
        """
        batch = {document.id: document for document in documents}
        if not batch:
            return
        with self._writer() as writer:
            self._forget(writer, batch)
            for document in batch.values():
                writer.add_document(**values(document))

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
                writer.commit(mergetype=_storage.tiered)
            except FileNotFoundError as error:
                raise SearchIndexError(f"the search index is damaged: {error}") from error
            finally:
                # After a failed commit Whoosh keeps the lock and half of the files.
                writer.abandon()

    def _forget(self, writer: _storage.Writer, articles: Collection[ArticleID]) -> None:
        """Mark documents deleted by a pass over the ids, a column of every segment."""
        if not writer.segments:
            return
        known = {} if self._snapshot is None else {s.name: s.ids for s in self._snapshot.segments}
        for segment in writer.segments:
            ids = known.get(segment.segment_id())
            if ids is None:
                opened = _storage.open_segment(writer.storage, writer.schema, segment)
                ids = opened.ids
                opened.reader.close()
            for document, article in enumerate(ids):
                if article in articles and not segment.is_deleted(document):
                    segment.delete_document(document)

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
            return Snapshot(-1, [])
        index = _storage.open_index(self._directory, self._home_id)
        contents = TOC.read(index.storage, _NAME, schema=index._schema)
        opened: list[Segment] = []
        try:
            opened.extend(
                _storage.open_segment(index.storage, contents.schema, segment)
                for segment in contents.segments
            )
            snapshot = Snapshot(contents.generation, opened)
        except BaseException:
            for one in opened:
                one.reader.close()
            raise
        if self._snapshot is not None:
            older = {segment.name: segment for segment in self._snapshot.segments}
            for one in opened:
                if one.name in older:
                    one.adopt(older[one.name])
            self._snapshot.close()
        self._snapshot = snapshot
        return snapshot

    def verify(self) -> None:
        """Read every file of the index and compare checksums: a second at 100,000 articles.

        Raises:
            SearchIndexError: something is damaged.
        """
        for segment in self._current().segments:
            inner = segment.reader.segment()
            path = self._directory / inner.make_filename(inner.COMPOUND_EXT)
            try:
                right = _storage.checksum(path) == inner.checksum
            except OSError as error:
                raise SearchIndexError(f"the search index is damaged: {error}") from error
            if not right:
                raise SearchIndexError("a file of the search index is damaged")

    def document_count(self) -> int:
        """Return how many articles are in the index."""
        return self._current().count

    def ids(self) -> set[ArticleID]:
        """Return the articles that are in the index."""
        snapshot = self._current()
        return {
            ArticleID(segment.ids[document])
            for segment in snapshot.segments
            for document in snapshot.live[segment.name]
        }

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
        within: Container[ArticleID] | None = None,
        deadline_s: float | None = None,
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
            deadline_s: seconds after which what was found so far is returned; the newest
                segments are searched first.

        Raises:
            QueryError: the query cannot be read.
            SearchIndexError: the index is damaged or missing.
        """
        begun = time.perf_counter()
        tree = (parse(query) if isinstance(query, str) else query).node
        moment = now or datetime.now(UTC)
        zone = tz or moment.astimezone().tzinfo or UTC
        snapshot = self._current()
        until = None if deadline_s is None else begun + deadline_s
        evaluator = Evaluator(snapshot, scored=sort == "relevance", until=until)
        try:
            with _storage.damage_reported("the search index cannot be read"):
                compiled = Compiler(snapshot, lookup, moment, zone).whole(tree)
                found, complete = _collect(evaluator, compiled, within, sort, milliseconds(moment))
        except FileNotFoundError as error:
            raise SearchIndexError(f"the search index is damaged: {error}") from error
        best = nlargest(offset + limit, found)[offset:]
        return Results(
            total=len(found),
            hits=[
                Hit(article=ArticleID(article), score=score) for _key, _date, article, score in best
            ],
            took_ms=(time.perf_counter() - begun) * 1000,
            complete=complete,
        )


def _collect(
    evaluator: Evaluator,
    compiled: WhooshQuery,
    within: Container[ArticleID] | None,
    sort: Sort,
    now: int,
) -> tuple[list[_Found], bool]:
    """Return every match, and whether the deadline left time for all segments."""
    found: list[_Found] = []
    for segment in evaluator.snapshot.segments:
        try:
            scores = evaluator.matching(compiled, segment)
        except Late:
            return found, False
        gone = segment.deleted()
        for document, score in scores.items():
            article = segment.ids[document]
            if document in gone or (within is not None and ArticleID(article) not in within):
                continue
            published = segment.published[document]
            if score:
                score = boosted_by_age(score, published, now)
            key: float = score if sort == "relevance" else published
            if sort == "oldest" and published != UNDATED:
                key = -published
            found.append((key, published, article, score))
    return found, True
