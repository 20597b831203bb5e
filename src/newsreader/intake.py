"""Files to stored articles: finds them, reads them, stores them in small transactions.

Nothing here derives anything: what is stored is queued, and ``derive`` does the rest.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from newsreader.errors import ParseError
from newsreader.feeds.documents import (
    SubscriptionListError,
    is_jsonl,
    iter_jsonl,
    read_document,
)
from newsreader.model import ArticleID, ParsedDocument, ParsedEntry
from newsreader.store import Arrival, Origin, Store
from newsreader.text.clean import clean_line

FILE_LIMIT = 16 * 2**20
"""Bytes of one document; JSON lines are read line by line and may be of any size."""
_HEAD = 2**20
"""Bytes in which a file shows whether it is JSON lines."""
_BATCH = 20
"""Articles in one transaction: a waiting reader's key press is stored within 10 ms (measured)."""
_PAUSE_S = 0.002
_SAMPLE_DECIDED = "sample"
SAMPLE_FOLDER = "Sample"

Progress = Callable[[int, int], None]
"""Called with (articles or files done, total or 0 where unknown)."""


@dataclass(slots=True)
class Taken:
    """What an import did; ``failed`` holds (path, reason), the first three count articles.

    ``subscribed`` and ``saved`` count feeds and saved searches that are new; ``notes`` are (where,
    why) of what could not be taken though the rest of its file was.
    """

    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    articles: list[ArticleID] = field(default_factory=list)
    subscribed: int = 0
    saved: int = 0
    notes: list[tuple[str, str]] = field(default_factory=list)


def sample_path() -> Path | None:
    """Return where the sample library lies: in the package, or beside it in a checkout."""
    package = Path(__file__).parent
    for place in (package / "sample", package.parents[1] / "seeds"):
        if (place / "articles").is_dir():
            return place
    return None


def import_sample(store: Store, progress: Progress | None = None) -> Taken | None:
    """Take in the sample library, once in the life of a home and only while it is empty.

    Returns None when the home has had its sample, or has articles of its own.
    """
    if store.setting(_SAMPLE_DECIDED) is not None:
        return None
    place = sample_path()
    if place is None or store.stats()["articles"]:
        decline_sample(store)
        return None
    outlets: dict[str, list[Path]] = {}
    for path in sorted([*(place / "articles").iterdir(), *(place / "feeds").iterdir()]):
        outlets.setdefault(path.name.split(".")[0], []).append(path)
    taken = Taken()
    files = {
        name: [f for path in paths for f in _files(path, taken)] for name, paths in outlets.items()
    }
    reading = _Reading(store, taken, sum(map(len, files.values())), progress)
    for name in outlets:
        origin = Origin(
            kind="import",
            key=f"sample:{name}",
            title=name,
            folder=SAMPLE_FOLDER,
            title_derived=True,
        )
        reading.take(origin, files[name])
    store.keep_setting(_SAMPLE_DECIDED, "imported")
    return taken


def decline_sample(store: Store) -> None:
    """Remember that this home has its own articles and never gets the sample."""
    if store.setting(_SAMPLE_DECIDED) is None:
        store.keep_setting(_SAMPLE_DECIDED, "declined")


def import_paths(
    store: Store,
    paths: Sequence[Path],
    *,
    outlet: str | None = None,
    folder: str | None = None,
    progress: Progress | None = None,
    on_list: Callable[[Path, "Taken"], None] | None = None,
) -> Taken:
    """Take in files and folders; importing the same again changes nothing.

    Args:
        store: where to.
        paths: files and folders; folders with all that is in them.
        outlet: the source's name, whatever the files say.
        folder: where the source pane shows them.
        progress: told of every step.
        on_list: called with each OPML list; without it such a file is one that failed.

    A file that cannot be read is reported in ``failed``; the rest goes on.

    Raises:
        StoreError: the library cannot be written; what was stored before stays.
    """
    taken = Taken()
    found = [_files(path, taken) for path in paths]
    files = sum(len(group) for group in found)
    reading = _Reading(store, taken, files, progress, clean_line(outlet) if outlet else None)
    reading.on_list = on_list
    for path, group in zip(paths, found, strict=True):
        whole = path.resolve()
        origin = Origin(
            kind="import",
            key=f"import:{_spelled(whole)}",
            title=clean_line(outlet or whole.name) or "import",
            folder=folder,
            title_derived=outlet is None,
        )
        feeds = folder or (origin.title if path.is_dir() else None)
        reading.take(origin, group, feeds_apart=True, feeds_folder=feeds)
    return taken


def _files(path: Path, taken: Taken) -> list[Path]:
    """Return the files at ``path``, in order; hidden ones only when named."""
    if not path.is_dir():
        if path.exists():
            return [path]
        taken.failed.append((str(path), "there is no such file or folder"))
        return []
    found: list[Path] = []

    def unreadable(error: OSError) -> None:
        taken.failed.append((str(error.filename), error.strerror or "cannot be read"))

    for root, folders, names in os.walk(path, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root, name) for name in sorted(names) if not name.startswith(".")]
    return found


def _spelled(path: Path) -> str:
    """Return a path as text; bytes that are no UTF-8 are written out: no database takes them."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


class _Reading:
    """One import under way."""

    def __init__(
        self,
        store: Store,
        taken: Taken,
        files: int,
        progress: Progress | None,
        outlet: str | None = None,
    ) -> None:
        self.store = store
        self.taken = taken
        self.files = files
        self.progress = progress
        self.outlet = outlet
        self.done = 0
        self.on_list: Callable[[Path, Taken], None] | None = None
        self.origin: Origin | None = None
        self.batch: list[Arrival] = []

    def take(
        self,
        origin: Origin,
        files: Sequence[Path],
        *,
        feeds_apart: bool = False,
        feeds_folder: str | None = None,
    ) -> None:
        """Take in files as ``origin``; with ``feeds_apart`` each feed file as its own source."""
        for file in files:
            try:
                document = self._read(file, origin)
            except OSError as error:
                self.taken.failed.append((str(file), error.strerror or "cannot be read"))
            except ParseError as error:
                if self.on_list is not None and isinstance(error, SubscriptionListError):
                    self.on_list(file, self.taken)
                else:
                    self.taken.failed.append((str(file), str(error)))
            else:
                if document is not None:
                    apart = feeds_apart and document.kind == "feed"
                    own = self._feed_origin(file, origin, document, feeds_folder)
                    self._document(file, own if apart else origin, document)
            self.done += 1
            self._tell()
        self._flush()
        self.store.articles.name_by_outlet(origin.key)

    def _read(self, file: Path, origin: Origin) -> ParsedDocument | None:
        """Return a file's document; JSON lines are taken in on the way, and None returned."""
        if not file.is_file():
            # Opening a pipe would wait for its writer, for ever.
            raise ParseError("is not a regular file")
        if self.store.owns(file):
            raise ParseError("is the library itself; 'newsreader restore' puts a backup back")
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
            if is_jsonl(head):
                stream.seek(0)
                self._lines(file, origin, iter_jsonl(stream))
                return None
            data = head + stream.read(FILE_LIMIT + 1 - len(head))
        if len(data) > FILE_LIMIT:
            raise ParseError(f"is larger than {FILE_LIMIT // 2**20} MB")
        return read_document(data, name=file.name)

    def _feed_origin(
        self, file: Path, origin: Origin, document: ParsedDocument, folder: str | None
    ) -> Origin:
        return replace(
            origin,
            key=f"import:{document.key or _spelled(file.resolve())}",
            title=self.outlet or document.title or origin.title,
            home_page=document.home_page,
            folder=folder,
            title_derived=False,
        )

    def _lines(
        self, file: Path, origin: Origin, lines: Iterator[ParsedEntry | tuple[str, str]]
    ) -> None:
        scope = _spelled(file.resolve())
        for entry in lines:
            if not isinstance(entry, ParsedEntry):
                self.taken.failed.append((f"{file}: {entry[0]}", entry[1]))
            else:
                self._add(origin, Arrival(self._named(entry), scope=scope))

    def _document(self, file: Path, origin: Origin, document: ParsedDocument) -> None:
        whole = file.resolve()
        self.taken.failed += [(f"{file}: {where}", why) for where, why in document.problems]
        scope = document.key or _spelled(whole)
        place = None if document.kind == "feed" else whole
        for entry in document.entries:
            self._add(origin, Arrival(self._named(entry), place=place, scope=scope))

    def _named(self, entry: ParsedEntry) -> ParsedEntry:
        return entry if self.outlet is None else entry._replace(outlet=self.outlet)

    def _add(self, origin: Origin, arrival: Arrival) -> None:
        if origin is not self.origin or len(self.batch) >= _BATCH:
            self._flush()
            self.origin = origin
        self.batch.append(arrival)

    def _flush(self) -> None:
        if self.origin is None or not self.batch:
            return
        saved = self.store.articles.save(self.origin, self.batch)
        self.taken.imported += len(saved.imported)
        self.taken.updated += len(saved.updated)
        self.taken.unchanged += len(saved.unchanged)
        self.taken.articles += [*saved.imported, *saved.updated]
        self.batch = []
        self._tell()
        time.sleep(_PAUSE_S)

    def _tell(self) -> None:
        if self.progress is None:
            return
        if self.files > 1:
            self.progress(self.done, self.files)
        else:
            counted = self.taken.imported + self.taken.updated + self.taken.unchanged
            self.progress(counted, 0)
