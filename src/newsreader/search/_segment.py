"""One segment of the index read in bulk: postings a block at a time, columns as arrays.

Whoosh's own matchers step through postings one by one, several calls for each. This is the
only module that reaches below Whoosh's public names (of the version that is pinned).
"""

import sys
from array import array
from collections.abc import Collection, Iterable, Iterator

from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.reading import SegmentReader, TermNotFound

from newsreader.search._schema import UNDATED, WordPositions

_FORMAT = WordPositions()

_RANGE_CAP = 300_000
"""Terms kept of the ranges that prefixes were looked up in, over all fields of a segment."""


class Segment:
    """An open segment; documents are numbers from 0. It never changes but for deletions."""

    def __init__(self, reader: SegmentReader) -> None:
        self.reader = reader
        self.name: str = reader.segment().segment_id()
        self.count: int = reader.doc_count_all()
        self.ids = self._column("id", -1)
        self.published = self._column("published", UNDATED)
        self._lengths: dict[str, bytes] = {}
        self._ranges: dict[tuple[str, str], list[tuple[str, int]]] = {}
        self._kept = 0

    def deleted(self) -> frozenset[int]:
        """Return the documents that are not there any more."""
        return frozenset(self.reader.segment().deleted_docs())

    def live(self) -> list[int]:
        """Return the documents that are there."""
        gone = self.deleted()
        return [i for i in range(self.count) if i not in gone] if gone else list(range(self.count))

    def adopt(self, older: "Segment") -> None:
        """Take over what ``older``, the same segment of an earlier generation, has worked out."""
        self._ranges, self._kept = older._ranges, older._kept

    def _raw(self, column: str) -> bytes:
        """Return a column's file, b"" where no document has a value."""
        columns = self.reader._perdoc
        if not columns.has_column(column):
            return b""
        file, start, length = columns._get_column_file(column)
        try:
            return bytes(file.get(start, length))
        finally:
            file.close()

    def _column(self, name: str, default: int) -> "array[int]":
        values = array("q")
        values.frombytes(self._raw(name))
        if sys.byteorder == "little":
            values.byteswap()
        if len(values) > self.count:
            raise ValueError(f"column {name} is longer than its segment")
        values.extend([default] * (self.count - len(values)))
        return values

    def lengths(self, field: str) -> bytes:
        """Return each document's coded length of ``field``, 0 where it has none."""
        if field not in self._lengths:
            self._lengths[field] = self._raw(f"_{field}_len").ljust(self.count, b"\0")
        return self._lengths[field]

    def frequency(self, field: str, term: str) -> int:
        """Return how many documents hold ``term``, deleted ones too."""
        try:
            return int(self.reader._terms.doc_frequency(field, term.encode()))
        except (KeyError, TermNotFound):
            return 0

    def _matcher(self, field: str, term: str) -> W3LeafMatcher | None:
        try:
            return self.reader._terms.matcher(field, term.encode(), _FORMAT)
        except (KeyError, TermNotFound):
            return None

    @staticmethod
    def _blocks(matcher: W3LeafMatcher | None) -> Iterator[W3LeafMatcher]:
        """Yield the matcher on each of its blocks, the documents read."""
        while matcher is not None:
            matcher._read_ids()
            yield matcher
            if matcher._lastblock:
                return
            matcher._next_block()

    def postings(self, field: str, term: str) -> tuple[list[int], list[float]]:
        """Return the documents that hold ``term``, ascending, and how often each does."""
        ids: list[int] = []
        weights: list[float] = []
        for block in self._blocks(self._matcher(field, term)):
            block._read_weights()
            ids += block._ids
            weights += block._weights
        return ids, weights

    def positions(
        self, field: str, term: str, documents: Collection[int]
    ) -> Iterator[tuple[int, list[int]]]:
        """Yield where ``term`` stands in those of ``documents`` that hold it."""
        for block in self._blocks(self._matcher(field, term)):
            block._read_values()
            for document, value in zip(block._ids, block._values, strict=True):
                if document in documents:
                    yield document, _FORMAT.decode_positions(value)

    def every_posting(self) -> Iterator[tuple[str, bytes, Iterable[tuple[int, float, bytes]]]]:
        """Yield each field and term with some of its (document, weight, value), to copy them."""
        terms = self.reader._terms
        for (field, term), info in terms.items():
            start, length = info.extent()
            for block in self._blocks(W3LeafMatcher(terms._postfile, start, length, _FORMAT)):
                block._read_weights()
                block._read_values()
                yield field, term, zip(block._ids, block._weights, block._values, strict=True)

    def terms(self, field: str, prefix: str) -> list[tuple[str, int]]:
        """Return the terms that begin with ``prefix`` and how many documents hold each."""
        head = prefix[:3]
        key = (field, head)
        if key not in self._ranges:
            if self._kept > _RANGE_CAP:
                self._ranges.clear()
                self._kept = 0
            self._ranges[key] = list(self._scan(field, head))
            self._kept += len(self._ranges[key])
        found = self._ranges[key]
        return found if head == prefix else [pair for pair in found if pair[0].startswith(prefix)]

    def _scan(self, field: str, prefix: str) -> Iterator[tuple[str, int]]:
        if field not in self.reader._terms.indexed_field_names():
            return
        low = prefix.encode()
        for (name, term), info in self.reader._terms.items_from(field, low):
            if name != field or not term.startswith(low):
                return
            yield term.decode(), info.doc_frequency()
