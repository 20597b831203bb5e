"""Which of many queries match a few new articles: the reverse of a search."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from io import BytesIO

import numpy as np

from newsreader.model import ArticleID, SearchDocument
from newsreader.search._build import Buffer
from newsreader.search._compile import Lookup
from newsreader.search._file import Container, write
from newsreader.search._index import asked
from newsreader.search._segment import Segment
from newsreader.search._snapshot import Snapshot
from newsreader.search.query import Query


def percolate(
    documents: Iterable[SearchDocument],
    queries: Sequence[Query],
    *,
    lookup: Lookup | None = None,
    now: datetime | None = None,
    tz: tzinfo | None = None,
) -> list[set[ArticleID]]:
    """Return for each query the documents that match it, by a small index in memory.

    Raises:
        QueryError: a query asks for a status and there is no ``lookup``.
    """
    found: list[set[ArticleID]] = [set() for _ in queries]
    if not queries:
        return found
    buffer = Buffer()
    for document in {document.id: document for document in documents}.values():
        buffer.add(document)
        if buffer.full:
            _match(buffer, queries, found, lookup, now, tz)
    if len(buffer):
        _match(buffer, queries, found, lookup, now, tz)
    return found


def _match(
    buffer: Buffer,
    queries: Sequence[Query],
    found: Sequence[set[ArticleID]],
    lookup: Lookup | None,
    now: datetime | None,
    tz: tzinfo | None,
) -> None:
    file = BytesIO()
    write(file, *buffer.build())
    segment = Segment("batch", Container(file.getvalue()))
    snapshot = Snapshot(0, [segment], [np.ones(segment.count, np.bool_)])
    moment = now or datetime.now(UTC)
    zone = tz or moment.astimezone().tzinfo or UTC
    for query, matched in zip(queries, found, strict=True):
        put = asked(snapshot, query.node, lookup, moment, zone)
        ids = segment.ids[put.matching(segment).ids]
        matched.update(ArticleID(n) for n in ids.tolist())
