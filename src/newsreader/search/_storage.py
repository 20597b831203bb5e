"""Files and commits: a commit that returned survives a power cut, one that failed leaves no trace.

Order: segment files, their directory, table of contents under a temporary name, its renaming,
directory. The table of contents is a pickle, so the index is only ever opened in a home that is
its owner's alone.
"""

import json
import os
import shutil
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC, EmptyIndexError, FileIndex, LockError, clean_files

from newsreader.errors import NewsReaderError, SearchIndexError
from newsreader.search._codec import Entry, open_entry
from newsreader.search._file import Sections, write
from newsreader.search._schema import VERSION, schema
from newsreader.search._segment import Segment

MERGE_FACTOR = 4
"""Segments of one size class that are merged into one of the next."""

MERGE_CAP = 50_000_000
"""Bytes of a merged segment, about: 25,000 articles, three seconds, 200 MB of memory."""

_IDENTITY = "newsreader.json"
_LOCK = "MAIN_WRITELOCK"
"""Whoosh's name of the file that a writer locks."""

_SEAL = struct.Struct("<II")
"""What is behind a table of contents: its CRC-32, and a magic word."""
_MAGIC = 0x434F5452


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
            sealed = Path(self._fpath(name)).read_bytes()
            content, seal = sealed[: -_SEAL.size], sealed[-_SEAL.size :]
            if len(seal) < _SEAL.size or _SEAL.unpack(seal) != (zlib.crc32(content), _MAGIC):
                raise SearchIndexError("the search index's table of contents is damaged")
            return StructFile(BytesIO(content), name=name)
        return super().open_file(name, **more)

    def create_file(self, name: str, *args: object, **more: object) -> StructFile:
        """Create a file for its owner alone; Whoosh leaves that to the umask."""
        os.close(os.open(self._fpath(name), os.O_CREAT | os.O_WRONLY, 0o600))
        return super().create_file(name, *args, **more)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename over ``newname``, the content and its checksum first, the directory last."""
        old = self._fpath(oldname)
        content = Path(old).read_bytes()
        with Path(old).open("ab") as file:
            file.write(_SEAL.pack(zlib.crc32(content), _MAGIC))
            file.flush()
            os.fsync(file.fileno())
        _sync(self.folder)
        Path(old).replace(self._fpath(newname))
        _sync(self.folder)


class Writer:
    """One commit under way: Whoosh's lock and table of contents, segments of our own.

    Nothing counts before ``commit`` returns; ``abandon`` leaves no trace.
    """

    def __init__(self, index: FileIndex) -> None:
        """Take the lock.

        Raises:
            LockError: another process has it.
            SearchIndexError: the index is damaged.
        """
        self.storage: DurableStorage = index.storage
        self._name: str = index.indexname
        self._lock = index.lock("WRITELOCK")
        if not self._lock.acquire():
            raise LockError
        try:
            contents = TOC.read(self.storage, self._name, schema=index._schema)
        except BaseException:
            self._lock.release()
            raise
        self._schema: Schema = index._schema
        self._generation: int = contents.generation
        self.segments: list[Entry] = list(contents.segments)
        self.made: list[Entry] = []
        self._open = True

    def write(self, sections: Sections, facts: Mapping[str, object]) -> Entry:
        """Write a segment's file, durably; it counts when it is committed."""
        count = facts["documents"]
        assert isinstance(count, int)
        entry = Entry(self._name, count)
        self.made.append(entry)
        path = Path(self.storage.folder) / entry.filename
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            write(file, sections, facts)
            file.flush()
            os.fsync(file.fileno())
            entry.size = file.tell()
        return entry

    def commit(self, segments: Sequence[Entry]) -> None:
        """Make the index consist of ``segments``, durably, and end."""
        generation = self._generation + 1
        TOC(self._schema, list(segments), generation).write(self.storage, self._name)
        self.made.clear()
        clean_files(self.storage, self._name, generation, segments)
        self.abandon()

    def abandon(self) -> None:
        """End, whatever state the commit is in: no new files, no lock."""
        if not self._open:
            return
        self._open = False
        for entry in self.made:
            (Path(self.storage.folder) / entry.filename).unlink(missing_ok=True)
        self._lock.release()


def open_segment(storage: DurableStorage, entry: Entry) -> Segment:
    """Open a segment whose file has the size that was committed.

    Raises:
        SearchIndexError: it has another.
        DamagedFileError: it is not whole.
        FileNotFoundError: it is not there.
    """
    if storage.file_length(entry.filename) != entry.size:
        raise SearchIndexError("a file of the search index has the wrong size")
    return open_entry(storage, entry)


def crowded(segments: Sequence[Entry]) -> list[Entry]:
    """Return segments that are better one, [] if the index is in order.

    Four of one size class, four times the size of the class below; or one half of which is
    deleted. None grows beyond ``MERGE_CAP``.
    """
    classes: dict[int, list[Entry]] = {}
    for entry in segments:
        live = entry.doc_count()
        if live * 2 < entry.count or (live == 0 and entry.count):
            return [entry]
        if entry.size * 2 <= MERGE_CAP:
            classes.setdefault((live // 16).bit_length() // 2, []).append(entry)
    for _size, members in sorted(classes.items()):
        chosen: list[Entry] = []
        total = 0
        for entry in members:
            if total + entry.size <= MERGE_CAP:
                total += entry.size
                chosen.append(entry)
        if len(members) >= MERGE_FACTOR and len(chosen) > 1:
            return chosen
    return []


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
    # Whoosh makes a lock as the umask of whoever runs it says.
    os.close(os.open(fresh / _LOCK, os.O_CREAT | os.O_WRONLY, 0o600))
    (fresh / _IDENTITY).chmod(0o600)
    for path in fresh.iterdir():
        _sync(str(path))
    _sync(str(fresh))
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
    if directory.exists() or directory.is_symlink():
        directory.rename(old)
        _remove(old)


def _remove(directory: Path) -> None:
    """Remove what is there; of a link the link alone."""
    if directory.is_dir() and not directory.is_symlink():
        shutil.rmtree(directory)
    else:
        directory.unlink(missing_ok=True)


@contextmanager
def damage_reported(doing: str) -> Iterator[None]:
    """Turn whatever Whoosh raises on damaged files into SearchIndexError."""
    try:
        yield
    except (NewsReaderError, FileNotFoundError):
        raise
    except LockError as error:
        raise SearchIndexError("another process is writing the search index") from error
    except EmptyIndexError as error:
        raise SearchIndexError("the search index is missing or damaged") from error
    except Exception as error:  # unpickling damaged bytes raises anything
        raise SearchIndexError(f"{doing}: {type(error).__name__}: {error}") from error
