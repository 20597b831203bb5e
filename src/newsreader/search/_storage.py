"""Files and commits: a commit that returned survives a power cut, one that failed leaves no trace.

Order: segment files, their directory, table of contents under a temporary name, its renaming,
directory. The table of contents is a pickle, so the index is only ever opened in a home that is
its owner's alone.
"""

import json
import os
import pickle
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3Codec, W3PostingsWriter
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import FileIndex, LockError
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from newsreader.errors import NewsReaderError, SearchIndexError
from newsreader.search._schema import VERSION, schema
from newsreader.search._segment import Segment

MERGE_FACTOR = 8
"""Segments of one size class that are merged into one of the next."""

MERGE_CAP = 2_048
"""A segment of as many documents is not merged again: eight of them take half a minute."""

_IDENTITY = "newsreader.json"


def _sync(path: str) -> None:
    """Make the file or directory durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class DurableStorage(FileStorage):  # type: ignore[misc]  # Whoosh has no types
    """Whoosh's directory of files, with the renaming that commits made durable."""

    def open_file(self, name: str, **more: object) -> StructFile:
        """Open a file; tables of contents are read whole, for Whoosh leaves bad ones open."""
        if name.endswith(".toc"):
            return StructFile(BytesIO(Path(self._fpath(name)).read_bytes()), name=name)
        return super().open_file(name, **more)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename over ``newname``, the content first, the directory last."""
        old = self._fpath(oldname)
        _sync(old)
        _sync(self.folder)
        Path(old).replace(self._fpath(newname))
        _sync(self.folder)


_COMPRESS_FROM = 96
"""Bytes: most terms stand in one or two articles, and zlib makes their postings longer."""


_PICKLE = 3
"""The first protocol that knows bytes (2 spells them as text) and the last without frames."""


class Postings(W3PostingsWriter):  # type: ignore[misc]  # Whoosh has no types
    """Writes Whoosh's posting blocks with less work for each posting and each term."""

    def add_posting(
        self, id_: int, weight: float, vbytes: bytes, length: int | None = None
    ) -> None:
        """Buffer one posting."""
        if len(self._ids) >= self._blocklimit:
            self._write_block()
        self._ids.append(id_)
        self._weights.append(weight)
        self._values.append(vbytes)

    def _write_block(self, last: bool = False) -> None:
        if not self._blockcount:
            self._postfile.write(WHOOSH3_HEADER_MAGIC)
        self._maxweight = max(self._weights)
        self._terminfo.add_block(self)
        content = (self._mini_ids(), self._mini_weights(), tuple(self._values))
        body = pickle.dumps(content, _PICKLE)
        compression = self._compression if len(body) >= _COMPRESS_FROM else 0
        if compression:
            body = zlib.compress(body, compression)
        # Lengths of 0: no statistics, see Codec.
        info = (len(self._ids), self._ids[-1], self._maxweight, compression, 0, 0)
        head = pickle.dumps(info, _PICKLE)
        size = len(head) + len(body)
        self._postfile.write_int(-size if last else size)
        self._postfile.write(head + body)
        self._blockcount += 1
        self._new_block()


class Codec(W3Codec):  # type: ignore[misc]  # Whoosh has no types
    """Whoosh's own format without what only its own scorers read, in longer blocks.

    Statistics of lengths cost a column read for each posting. Blocks are read whole here, so
    the skipping that short ones allow is worth nothing.
    """

    length_stats = False

    def __init__(self) -> None:
        super().__init__(blocklimit=1024, compression=1)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> Postings:
        """Return a writer of one field's postings."""
        return Postings(dbfile, self._blocklimit, byteids, self._compression, self._inlinelimit)


class Writer(SegmentWriter):  # type: ignore[misc]  # Whoosh has no types
    """Whoosh's writer, its segments made durable and given checksums before they count."""

    is_closed: bool

    def __init__(self, index: FileIndex) -> None:
        super().__init__(index, codec=Codec())

    def _finalize_segment(self) -> Any:
        segment = super()._finalize_segment()
        path = self.storage._fpath(segment.make_filename(segment.COMPOUND_EXT))
        _sync(path)
        segment.size, segment.checksum = Path(path).stat().st_size, checksum(Path(path))
        return segment

    def abandon(self) -> None:
        """Give up, whatever state the commit was in: no new files, no lock."""
        if self.is_closed:
            return
        self.is_closed = True
        for attempt in (self._close_segment, self._tempstorage.destroy, self._sweep):
            try:
                attempt()
            except (OSError, ValueError):
                pass  # half made; the next commit sweeps what is left
        if self.writelock and self.writelock.fd is not None:
            self.writelock.release()

    def _sweep(self) -> None:
        for name in self.newsegment.list_files(self.storage):
            self.storage.delete_file(name)

    def add_postings_to_pool(
        self, reader: SegmentReader, startdoc: int, docmap: dict[int, int] | None
    ) -> None:
        """Take over the postings of a segment that is merged, a block at a time."""
        add = self.pool.add
        for field, term, postings in Segment(reader).every_posting():
            for document, weight, value in postings:
                if docmap is None:
                    add((field, term, startdoc + document, weight, value))
                elif document in docmap:
                    add((field, term, docmap[document], weight, value))


def checksum(path: Path) -> int:
    """Return the CRC-32 of a file."""
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return value


def open_segment(storage: DurableStorage, fields: Schema, segment: Any) -> Segment:
    """Open a segment whose file has the size that was committed.

    Raises:
        SearchIndexError: it has another.
    """
    if storage.file_length(segment.make_filename(segment.COMPOUND_EXT)) != segment.size:
        raise SearchIndexError("a file of the search index has the wrong size")
    return Segment(SegmentReader(storage, fields, segment))


def tiered(writer: SegmentWriter, segments: list[Any]) -> list[Any]:
    """Merge the segments of a size class that is full; return those that stay.

    A segment of which nothing is left goes; one half deleted is written anew.
    """
    classes: dict[int, list[Any]] = {}
    merged: list[Any] = []
    for segment in segments:
        live = segment.doc_count()
        mostly_gone = live * 2 < segment.doc_count_all() and live < MERGE_CAP
        if live == 0 or mostly_gone:
            merged.append(segment)
        elif live < MERGE_CAP:
            classes.setdefault(len(f"{live:o}"), []).append(segment)
    for members in classes.values():
        if len(members) >= MERGE_FACTOR:
            merged += members
    for segment in merged:
        if segment.doc_count():
            opened = open_segment(writer.storage, writer.schema, segment)
            try:
                writer.add_reader(opened.reader)
            finally:
                opened.reader.close()
    return [segment for segment in segments if segment not in merged]


def create(directory: Path, home_id: str) -> None:
    """Make an empty index, in place of any that is there.

    A reader sees the old one, none, or the whole new one.
    """
    fresh = directory.with_name(directory.name + ".new")
    _remove(fresh)
    fresh.mkdir(mode=0o700, parents=True)
    FileIndex.create(DurableStorage(str(fresh)), schema())
    identity = {"version": VERSION, "home": home_id}
    (fresh / _IDENTITY).write_text(json.dumps(identity), encoding="utf-8")
    for path in (fresh / _IDENTITY, fresh):
        _sync(str(path))
    destroy(directory)
    fresh.rename(directory)
    _sync(str(directory.parent))


def open_index(directory: Path, home_id: str) -> FileIndex:
    """Open the index.

    Raises:
        SearchIndexError: it is damaged, of another version or of another home.
        FileNotFoundError: there is none.
    """
    if not directory.exists():
        raise FileNotFoundError(directory)
    try:
        identity = json.loads((directory / _IDENTITY).read_text(encoding="utf-8"))
        version, home = identity["version"], identity["home"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SearchIndexError("the search index is missing or damaged") from error
    if version != VERSION:
        raise SearchIndexError("the search index was made by another version of the reader")
    if home != home_id:
        raise SearchIndexError("the search index belongs to another library")
    return FileIndex(DurableStorage(str(directory)), schema=schema())


def destroy(directory: Path) -> None:
    """Remove the index; not an error if there is none."""
    old = directory.with_name(directory.name + ".old")
    _remove(old)
    if directory.exists():
        directory.rename(old)
        _remove(old)


def _remove(directory: Path) -> None:
    if directory.is_dir():
        shutil.rmtree(directory)


@contextmanager
def damage_reported(doing: str) -> Iterator[None]:
    """Turn whatever Whoosh raises on damaged files into SearchIndexError."""
    try:
        yield
    except (NewsReaderError, FileNotFoundError):
        raise
    except LockError as error:
        raise SearchIndexError("another process is writing the search index") from error
    except Exception as error:  # unpickling damaged bytes raises anything
        raise SearchIndexError(f"{doing}: {type(error).__name__}: {error}") from error
