"""Whoosh's codec over our files: what its own readers, matchers and searchers need.

The reader's searches do not go through here but read whole lists at once; anything of Whoosh's
that is given an index of ours works all the same.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.filedb.filestore import FileStorage
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from newsreader.search._file import Array, Container
from newsreader.search._lists import Lists
from newsreader.search._segment import Segment

EXTENSION = ".lists"


class Entry(base.Segment):  # type: ignore[misc]  # Whoosh has no types
    """What the table of contents says of one segment; kept there as a pickle."""

    def __init__(self, indexname: str, count: int = 0) -> None:
        super().__init__(indexname)
        self.count = count
        self.size = 0
        self.gone = b""

    def codec(self) -> "Codec":
        """Return the codec that reads it."""
        return Codec()

    @property
    def filename(self) -> str:
        """The name of its file."""
        return str(self.make_filename(EXTENSION))

    def should_assemble(self) -> bool:
        """Return False: it is one file already."""
        return False

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted ones too."""
        return self.count

    def set_doc_count(self, doccount: int) -> None:
        """Set the number of documents."""
        self.count = doccount

    def mask(self) -> Array:
        """Return for each document whether it is still there."""
        if not self.gone:
            return np.ones(self.count, np.bool_)
        bits = np.unpackbits(np.frombuffer(self.gone, np.uint8), count=self.count)
        found: Array = bits == 0
        return found

    def delete(self, documents: Iterable[int] | Array) -> None:
        """Mark documents deleted."""
        gone = ~self.mask()
        gone[np.asarray(documents, np.int64)] = True
        self.gone = np.packbits(gone).tobytes()

    def deleted_count(self) -> int:
        """Return how many documents are deleted."""
        return int.from_bytes(self.gone, "big").bit_count()

    def deleted_docs(self) -> frozenset[int]:
        """Return the deleted documents."""
        return frozenset(np.flatnonzero(~self.mask()).tolist())

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Mark one document deleted, or not deleted."""
        mask = self.mask()
        mask[docnum] = not delete
        self.gone = np.packbits(~mask).tobytes()

    def is_deleted(self, docnum: int) -> bool:
        """Return whether a document is deleted."""
        return not self.mask()[docnum]


class Codec(base.Codec):  # type: ignore[misc]  # Whoosh has no types
    """Reads our segments for Whoosh; they are written by ``_storage.Writer`` alone."""

    length_stats = False

    def terms_reader(self, storage: FileStorage, segment: Entry) -> "TermsReader":
        """Return a reader of every field's lists."""
        return TermsReader(open_entry(storage, segment))

    def per_document_reader(self, storage: FileStorage, segment: Entry) -> "DocumentsReader":
        """Return a reader of the columns."""
        return DocumentsReader(open_entry(storage, segment), segment)

    def new_segment(self, storage: FileStorage, indexname: str) -> Entry:
        """Return the entry of a new segment."""
        return Entry(indexname)


def open_entry(storage: FileStorage, segment: Entry) -> Segment:
    """Open a segment's file.

    Raises:
        DamagedFileError: it is not whole.
        FileNotFoundError: it is not there.
    """
    path = Path(storage.folder) / segment.filename
    return Segment(segment.segment_id(), Container.open(path))


class TermsReader(base.TermsReader):  # type: ignore[misc]  # Whoosh has no types
    """The lists as Whoosh asks for them, one term after another."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def _lists(self, field: str) -> Lists:
        lists = self._segment.lists(field)
        if lists is None:
            raise TermNotFound(f"No field {field}")
        return lists

    def _group(self, field: str, term: bytes) -> tuple[Lists, int]:
        lists = self._lists(field)
        at = lists.keys.find(term)
        if at == len(lists) or lists.keys[at] != term:
            raise TermNotFound((field, term))
        return lists, at

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        try:
            self._group(*term)
        except TermNotFound:
            return False
        return True

    def indexed_field_names(self) -> list[str]:
        """Return the fields that a document has."""
        names = {name.partition(".")[0] for name in self._segment.container.names()}
        return sorted(names - {"column"})

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Yield every field and term, in order."""
        for field in self.indexed_field_names():
            yield from ((field, term) for term in self._lists(field))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield the terms from ``prefix`` on."""
        return (pair for pair in self.terms() if pair >= (fieldname, prefix))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Yield every term and its statistics."""
        return ((pair, self.term_info(*pair)) for pair in self.terms())

    def items_from(
        self, fieldname: str, prefix: bytes
    ) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Yield the terms from ``prefix`` on and their statistics."""
        return ((pair, self.term_info(*pair)) for pair in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, termbytes: bytes) -> TermInfo:
        """Return a term's statistics."""
        lists, group = self._group(fieldname, termbytes)
        ids = lists.ids(group)
        counted = self._counts(lists, group)
        return TermInfo(
            weight=float(counted.sum()),
            df=len(ids),
            minlength=1,
            maxlength=int(counted.max()),
            maxweight=float(counted.max()),
            minid=int(ids[0]),
            maxid=int(ids[-1]),
        )

    @staticmethod
    def _counts(lists: Lists, group: int) -> Array:
        if not lists.positional:
            return np.ones(int(lists.df[group]), np.int64)
        return lists.frequencies(group, group + 1)

    def frequency(self, fieldname: str, termbytes: bytes) -> float:
        """Return how often a term stands in all documents."""
        lists, group = self._group(fieldname, termbytes)
        return float(self._counts(lists, group).sum())

    def doc_frequency(self, fieldname: str, termbytes: bytes) -> int:
        """Return how many documents hold a term."""
        try:
            lists, group = self._group(fieldname, termbytes)
        except TermNotFound:
            return 0
        return int(lists.df[group])

    def matcher(
        self, fieldname: str, termbytes: bytes, format_: Any, scorer: Any = None
    ) -> ListMatcher:
        """Return a term's documents, with their positions."""
        lists, group = self._group(fieldname, termbytes)
        ids = lists.ids(group)
        values = None
        if lists.positional:
            which, places = lists.positions(group, np.arange(len(ids)))
            ends = np.searchsorted(which, np.arange(len(ids)), side="right")
            split = np.split(places, ends[:-1])
            values = [format_.encode(where.tolist()) for where in split]
        return ListMatcher(
            ids.tolist(),
            self._counts(lists, group).astype(float).tolist(),
            values,
            format_,
            scorer,
            term=(fieldname, termbytes),
        )

    def close(self) -> None:
        """Do nothing: the file is closed when nothing uses it any more."""


class DocumentsReader(base.PerDocumentReader):  # type: ignore[misc]  # Whoosh has no types
    """The columns as Whoosh asks for them."""

    def __init__(self, segment: Segment, entry: Entry) -> None:
        self._segment = segment
        self._entry = entry

    def close(self) -> None:
        """Do nothing: the file is closed when nothing uses it any more."""

    def doc_count(self) -> int:
        """Return the number of documents that are still there."""
        return int(self._entry.doc_count())

    def doc_count_all(self) -> int:
        """Return the number of documents."""
        return self._entry.count

    def has_deletions(self) -> bool:
        """Return whether any document is deleted."""
        return bool(self._entry.gone)

    def is_deleted(self, docnum: int) -> bool:
        """Return whether a document is deleted."""
        return self._entry.is_deleted(docnum)

    def deleted_docs(self) -> frozenset[int]:
        """Return the deleted documents."""
        return self._entry.deleted_docs()

    def field_length(self, fieldname: str) -> int:
        """Return the number of words in a field."""
        lists = self._segment.lists(fieldname)
        return int(lists.position_starts[-1]) if lists and lists.positional else 0

    def min_field_length(self, fieldname: str) -> int:
        """Return 0: lengths of single fields are not kept."""
        return 0

    def max_field_length(self, fieldname: str) -> int:
        """Return the number of words in a field: no document has more."""
        return self.field_length(fieldname)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the mean length: those of single documents are not kept."""
        return self.field_length(fieldname) // max(1, self._entry.count)

    def stored_fields(self, docnum: int) -> dict[str, object]:
        """Return nothing: no field is stored."""
        return {}

    def has_column(self, fieldname: str) -> bool:
        """Return whether every document has a value of a field."""
        return f"column.{fieldname}" in self._segment.container

    def column_reader(self, fieldname: str, column: Any) -> list[int]:
        """Return the values of a field."""
        values: list[int] = self._segment.container.array(f"column.{fieldname}").tolist()
        return values

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        """Return False: no vectors are kept."""
        return False
