"""Which of many queries match a few new articles: the reverse of a search."""

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from io import BytesIO

import numpy as np

from newsreader.errors import NewsReaderError
from newsreader.model import ArticleID, SearchDocument
from newsreader.search._build import Buffer
from newsreader.search._compile import Lookup
from newsreader.search._evaluate import stopper
from newsreader.search._file import Container, write
from newsreader.search._index import asked
from newsreader.search._segment import Segment
from newsreader.search._snapshot import Snapshot
from newsreader.search.query import Query

_log = logging.getLogger("newsreader.search")


def percolate(
    documents: Iterable[SearchDocument],
    queries: Sequence[Query],
    *,
    lookup: Lookup | None = None,
    now: datetime | None = None,
    tz: tzinfo | None = None,
    deadline_s: float | None = None,
) -> list[set[ArticleID] | None]:
    """Return for each query the documents that match it, by a small index in memory.

    None stands for a query that cannot be answered, or not within ``deadline_s`` seconds for some
    thousands of documents; the others are answered.

    Raises:
        QueryError: a query asks for a status and there is no ``lookup``.
    """
    found: list[set[ArticleID] | None] = [set() for _ in queries]
    if not queries:
        return found
    buffer = Buffer()
    for document in {document.id: document for document in documents}.values():
        buffer.add(document)
        if buffer.full:
            _match(buffer, queries, found, lookup, now, tz, deadline_s)
    if len(buffer):
        _match(buffer, queries, found, lookup, now, tz, deadline_s)
    return found


def _match(
    buffer: Buffer,
    queries: Sequence[Query],
    found: list[set[ArticleID] | None],
    lookup: Lookup | None,
    now: datetime | None,
    tz: tzinfo | None,
    deadline_s: float | None,
) -> None:
    file = BytesIO()
    write(file, *buffer.build())
    segment = Segment("batch", Container(file.getvalue()))
    snapshot = Snapshot(0, [segment], [np.ones(segment.count, np.bool_)])
    moment = now or datetime.now(UTC)
    zone = tz or moment.astimezone().tzinfo or UTC
    for number, (query, matched) in enumerate(zip(queries, found, strict=True)):
        if matched is None:
            continue
        until = None if deadline_s is None else time.perf_counter() + deadline_s
        try:
            put = asked(snapshot, query.node, lookup, moment, zone, stop=stopper(until, None))
            ids = segment.ids[put.matching(segment).ids]
        except NewsReaderError:
            raise
        except Exception:  # noqa: BLE001  # one saved search must not stop what arrives
            _log.debug("a query cannot be answered: %s", query, exc_info=True)
            found[number] = None
        else:
            matched.update(ArticleID(n) for n in ids.tolist())
