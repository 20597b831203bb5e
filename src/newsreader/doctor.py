"""Is everything as it should be? Says in words what is wrong, and repairs what is derived.

What the user or a publisher made is never touched by a repair.
"""

import contextlib
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from newsreader.backups import FRESH_CONFIG, PREPARED
from newsreader.config import load_config
from newsreader.derive import worker_lock
from newsreader.errors import ConfigError, SearchFailedError, SearchIndexError, StoreError
from newsreader.matching import Matching
from newsreader.search import Index
from newsreader.store import FILE_NAME, Store
from newsreader.store.copies import inspect, is_sound, kept_copies, reindex, unfinished
from newsreader.text.plurals import plural

_ROOM = 64 << 20
"""Bytes of free disk below which the next import or refresh may not fit."""
_NAMED = 5
"""Files or articles that a sentence names; of more it gives the number."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``detail`` says what was found."""

    name: str
    ok: bool
    detail: str


def examine(home: Path) -> Sequence[Check]:
    """Look at everything; nothing is changed.

    Raises:
        StoreError: ``home`` is not there.
    """
    if not home.is_dir():
        raise StoreError(f"{home}: there is no such home; see --home")
    checks = [_permissions(home), _room(home), _files(home), _settings(home), _backups(home)]
    library = home / FILE_NAME
    try:
        if library.exists() and not is_sound(library):
            raise StoreError(f"{library}: the database is damaged")
        with closing(Store(home, create=False)) as store:
            return [*checks, *_library(home, store)]
    except StoreError as error:
        return [*checks, Check("database", False, f"{error}; {_way_out(home)}")]


def _library(home: Path, store: Store) -> Iterator[Check]:
    wrong = store.check()
    yield Check("database", not wrong, "; ".join(wrong) or "sound")
    texts = store.unreadable()
    yield Check("texts", not texts, "; ".join(texts) or "every article can be read")
    counts = store.wrong_counts()
    yield Check("counts", not counts, _some(counts) or "as counted")
    beyond = [f"a{article}" for article in store.misplaced()]
    yield Check("names", not beyond, _some(beyond, "do not fit") or "each stands in its text")
    yield _index(home, store)
    yield _saved(home, store)
    failures = [f"a{article}: {reason}" for _, article, reason in store.todo.failures()]
    yield Check("recognition", not failures, _some(failures) or "no article was set aside")


def _some(found: Sequence[str], what: str = "") -> str:
    if not found:
        return ""
    words = "; ".join(found[:_NAMED])
    more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    return f"{words}{more}{' ' if what else ''}{what}"


def _way_out(home: Path) -> str:
    """Return what can be done about a database that cannot be read."""
    for kept in kept_copies(home):
        with contextlib.suppress(StoreError):
            inspect(kept.path)
            return (
                "'newsreader restore' with a backup of yours puts everything back, and with"
                f" {kept.path} your marks, feeds and kept articles; the damaged one is kept aside"
            )
    return "'newsreader restore' with a backup of yours puts everything back"


# Files


def _ours(home: Path) -> Iterator[Path]:
    """Yield the home and everything in it that newsreader made; what a link leads to is not."""
    yield home
    names = ("library.db", "library.db-wal", "library.db-shm", "library.db-journal", "config.toml")
    more = ("index", "index.new", "index.old", "backups", "credentials.json", PREPARED)
    for pattern in (*names, *more, "newsreader.log*", "*.lock", ".*.lock", "before-restore-*"):
        yield from home.glob(pattern)
    for folder in ("index", "backups", *(p.name for p in home.glob("before-restore-*"))):
        with contextlib.suppress(OSError):
            if not (home / folder).is_symlink():
                yield from (home / folder).iterdir()


def _open_to_others(home: Path) -> Sequence[Path]:
    found = []
    for path in dict.fromkeys(_ours(home)):
        with contextlib.suppress(OSError):
            mode = path.lstat().st_mode
            # What the user writes is as the user writes it; the home around it is closed.
            if path.name == "config.toml":
                continue
            if not stat.S_ISLNK(mode) and stat.S_IMODE(mode) & 0o077:
                found.append(path)
    return found


def _permissions(home: Path) -> Check:
    found = _open_to_others(home)
    names = _some([str(path) for path in found], "can be read by others")
    return Check("home", not found, names or f"{home} is yours alone")


def _room(home: Path) -> Check:
    free = shutil.disk_usage(home).free
    words = f"{free >> 20:,} MB of disk are free"
    return Check("space", free >= _ROOM, words if free >= _ROOM else f"only {words}; make room")


def _leftovers(home: Path) -> Sequence[Path]:
    """Return what an act that was killed left behind."""
    names = [FRESH_CONFIG, *(f"{PREPARED}{end}" for end in ("", "-journal", "-wal", "-shm"))]
    found = [home / name for name in names]
    own = [path for path in found if path.is_file() and not path.is_symlink()]
    return [*own, *unfinished(home)]


def _files(home: Path) -> Check:
    left = [path.name for path in _leftovers(home)]
    if left:
        return Check("files", False, _some(left, "left by something that was ended half-way"))
    ours = {path.name for path in _ours(home)}
    other = sorted(path.name for path in home.iterdir() if path.name not in ours)
    words = _some(other, "not of newsreader's making")
    return Check("files", True, words or "nothing is left over")


def _settings(home: Path) -> Check:
    try:
        load_config(home)
    except ConfigError as error:
        return Check("settings", False, str(error))
    return Check(
        "settings", True, "config.toml can be read" if _has_config(home) else "as they come"
    )


def _has_config(home: Path) -> bool:
    return (home / "config.toml").exists()


def _backups(home: Path) -> Check:
    copies, before = kept_copies(home), _before(home)
    if not copies:
        return Check("backups", True, f"none of your marks yet; one is made every week{before}")
    try:
        inspect(copies[0].path)
    except StoreError as error:
        return Check("backups", False, f"the latest copy of your marks cannot be used: {error}")
    kept = f"{plural(len(copies), 'copy', 'copies')} of your marks"
    return Check("backups", True, f"{kept}, latest {copies[0].day}{before}")


def _before(home: Path) -> str:
    """Say what restoring has kept aside, which nobody removes but the user."""
    folders = [path for path in home.glob("before-restore-*") if path.is_dir()]
    octets = 0
    for path in (each for folder in folders for each in folder.iterdir()):
        with contextlib.suppress(OSError):
            octets += path.lstat().st_size
    if not folders:
        return ""
    number = plural(len(folders), "folder")
    return (
        f"; {number} before-restore-... of what was here before ({octets / 1e6:,.1f} MB), yours to"
        " remove"
    )


# What is derived


def _index(home: Path, store: Store) -> Check:
    index = Index(home / "index", store.home_id())
    waiting = store.todo.pending().index
    try:
        indexed = set(index.ids())
        index.verify()
    except SearchIndexError as error:
        return Check("index", False, f"{error}")
    stored = set(store.articles.all_ids())
    missing, extra = len(stored - indexed), len(indexed - stored)
    # What waits to be indexed may be missing, and what was removed may still be there.
    ok = missing + extra <= waiting
    return Check(
        "index",
        ok,
        f"{len(indexed)} of {len(stored)} articles, {waiting} waiting"
        + ("" if ok else f"; {missing} missing, {extra} too many"),
    )


def _saved(home: Path, store: Store) -> Check:
    """Compare what is kept of saved searches with full searches of the index."""
    index = Index(home / "index", store.home_id())
    searches = store.matches.searches()
    ready = {search.id for search in store.saved.all() if search.ready}
    waiting = store.matches.queued()
    wrong: list[str] = []
    try:
        for search in searches:
            kept = store.matches.masks(search.id)
            try:
                found = Matching(store).masks(search, index)
            except SearchFailedError as error:
                wrong.append(f"'{search.query}' cannot be answered ({error})")
                continue
            differing = {n for n in kept.keys() | found.keys() if kept.get(n) != found.get(n)}
            if search.id in ready and differing - waiting:
                wrong.append(
                    f"'{search.query}' differs in {plural(len(differing - waiting), 'article')}"
                )
    except SearchIndexError as error:
        return Check("saved searches", False, f"{error}")
    detail = "; ".join(wrong) or f"{len(searches)} say what a search would"
    return Check("saved searches", not wrong, detail)


def repair(home: Path) -> Sequence[str]:
    """Make derived things anew; what is truth is never touched. Return what could not be done.

    Raises:
        StoreError: the database cannot be opened.
    """
    failed = _close_to_others(home)
    with worker_lock(home) as alone:
        # Else it may be what another is about to finish.
        for path in _leftovers(home) if alone else ():
            try:
                path.unlink()
            except OSError as error:
                failed.append(f"{path}: cannot be removed ({error.strerror})")
    if not is_sound(home / FILE_NAME):
        _reindex(home)
    with closing(Store(home)) as store:
        if store.check():
            _reindex(home)
        store.recount()
        store.todo.queue_failed()
        store.todo.queue("entities", store.misplaced())
        if not _index(home, store).ok:
            from newsreader.derive import request_rebuild

            request_rebuild(store)
        if not _saved(home, store).ok:
            store.matches.forget()
    return failed


def _reindex(home: Path) -> None:
    """Make the database's own indexes anew, which helps where only they are damaged."""
    with contextlib.suppress(StoreError):
        reindex(home / FILE_NAME)


def _close_to_others(home: Path) -> list[str]:
    failed: list[str] = []
    for path in _open_to_others(home):
        try:
            path.chmod(stat.S_IMODE(path.lstat().st_mode) & 0o700)
        except OSError as error:
            failed.append(f"{path}: its permissions cannot be changed ({error.strerror})")
    return failed
