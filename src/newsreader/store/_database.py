"""Opening the database: pragmas, migrations, transactions, errors in words."""

import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import overload
from urllib.parse import quote

from newsreader.errors import StoreError
from newsreader.store._schema import MIGRATIONS

FILE_NAME = "library.db"
_BUSY_MS = 20_000
_PAUSE_S = 0.02
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999
"""The first and the last millisecond of the years 1 to 9999."""


def now_ms() -> int:
    """Return the time in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@overload
def to_ms(moment: datetime) -> int: ...


@overload
def to_ms(moment: None) -> None: ...


@overload
def to_ms(moment: datetime | None) -> int | None: ...


def to_ms(moment: datetime | None) -> int | None:
    """Return an aware time in milliseconds; years outside 1-9999 cannot occur."""
    if moment is None:
        return None
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(value: int) -> datetime:
    """Return milliseconds as an aware UTC time; beyond the years 1 to 9999, their end."""
    return _EPOCH + timedelta(milliseconds=min(max(value, _FIRST_MS), _LAST_MS))


def prepare_home(home: Path) -> None:
    """Create the home with mode 0700 where it does not exist.

    Raises:
        StoreError: it cannot be created, or is not a folder.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{home}: cannot be used as home ({error.strerror}); name another one with --home"
        ) from error


def connect(home: Path, *, durable: bool) -> sqlite3.Connection:
    """Open the database of ``home``, creating and migrating it where needed.

    Args:
        home: an existing folder.
        durable: every commit reaches the disk before it returns (``synchronous=FULL``); without
            it a power cut may lose the last commits, never the database (WAL).

    Raises:
        StoreError: it cannot be opened, is newer than this program, or is damaged.
    """
    path = home / FILE_NAME
    with wrapped(path):
        if is_read_only(home):
            return _connect_read_only(path)
        try:
            # Never opened where it is there: closing it would free every lock that this process
            # has on it (fcntl(2)); another that ends would then delete the journal under it.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            pass
        except OSError as error:
            raise StoreError(f"{path}: cannot be opened ({error.strerror})") from error
        db = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
        try:
            _keep_a_journal(db)
            db.execute("PRAGMA foreign_keys = ON")
            db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            db.execute("PRAGMA temp_store = MEMORY")
            db.execute("PRAGMA cache_size = -8192")
            _migrate(db, path)
            # A backup that is opened as a library is one: no newer backup may replace it.
            if db.execute("SELECT 1 FROM meta WHERE key GLOB 'backup.*' LIMIT 1").fetchone():
                db.execute("DELETE FROM meta WHERE key GLOB 'backup.*'")
        except BaseException:
            db.close()
            raise
    return db


def _keep_a_journal(db: sqlite3.Connection) -> None:
    """Go over to write-ahead logging, after whoever makes the same library at the same time.

    SQLite does not wait by itself in this step: it asks no busy handler where two readers that
    want to write would wait for each other (sqlite.org/c3ref/busy_handler.html).
    """
    end = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def is_read_only(home: Path) -> bool:
    """Return whether the library of ``home`` can be read but not written to."""
    path = home / FILE_NAME
    return path.is_file() and not (os.access(path, os.W_OK) and os.access(home, os.W_OK))


def _connect_read_only(path: Path) -> sqlite3.Connection:
    """Open a library that cannot be written to; whatever writes is then an error."""
    db = open_to_read(path)
    version = _version(db)
    if version != len(MIGRATIONS):
        db.close()
        raise StoreError(
            f"{path}: made by another version of newsreader ({version}, this one has"
            f" {len(MIGRATIONS)}), and cannot be brought up to it without being written to"
        )
    db.execute("PRAGMA temp_store = MEMORY")
    return db


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a library of any version to read it, also where nothing can be written.

    Raises:
        sqlite3.Error: it cannot be opened or is none.
        StoreError: its last changes cannot be read there.
    """
    try:
        return _open_to_read(path, "mode=ro")
    except sqlite3.OperationalError as error:
        # Its journal holds the last changes, and cannot be read where nothing can be written.
        journal = path.with_name(path.name + "-wal")
        if journal.exists() and journal.stat().st_size:
            raise StoreError(
                f"{path}: cannot be read where nothing can be written ({error}); copy the home"
                " to another disk, or allow it to be written to"
            ) from error
        return _open_to_read(path, "mode=ro&immutable=1")


def _open_to_read(path: Path, options: str) -> sqlite3.Connection:
    address = f"file:{quote(os.fsencode(path.absolute()))}?{options}"
    db = sqlite3.connect(address, uri=True, timeout=_BUSY_MS / 1000, isolation_level=None)
    try:
        _version(db)
    except BaseException:
        db.close()
        raise
    return db


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    if _version(db) == len(MIGRATIONS):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        version = _version(db)
        if version > len(MIGRATIONS):
            raise StoreError(
                f"{path}: made by a newer newsreader (version {version}, this one knows "
                f"{len(MIGRATIONS)}); update newsreader, nothing was changed"
            )
        if version:
            _keep_marks(db, path, version)
        apply_migrations(db, version, len(MIGRATIONS))
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute(
            "INSERT INTO meta VALUES ('home_id', ?) ON CONFLICT DO NOTHING", (secrets.token_hex(8),)
        )
        db.execute("COMMIT")
    except BaseException:
        # A full disk has rolled it back already.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _keep_marks(db: sqlite3.Connection, path: Path, version: int) -> None:
    """Keep what the user made before the shape changes; without room for it nothing changes."""
    from newsreader.store._kept import keep_marks

    try:
        keep_marks(path.parent, f"v{version}")
    except StoreError as error:
        raise StoreError(
            f"{path}: is not brought up to this version, because your marks cannot be kept first"
            f" ({error}); nothing was changed"
        ) from error


def apply_migrations(db: sqlite3.Connection, first: int, last: int) -> None:
    """Bring the shape from version ``first`` to ``last``, in the caller's transaction."""
    for number in range(first, last):
        for statement in _statements(MIGRATIONS[number]):
            db.execute(statement)


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """Split a script, because ``executescript`` would commit the migration's transaction."""
    pending = ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


@contextmanager
def wrapped(path: Path | str = "the library") -> Iterator[None]:
    """Turn SQLite's errors into sentences.

    Raises:
        StoreError: in place of any ``sqlite3.Error`` inside.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {_sentence(error)}") from error


def _sentence(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "another program keeps the database locked; close it and try again"
    # The second is what a disk without a single free block gives whoever opens the database.
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")):
        return "the disk is full; what was stored before is safe, free some space and try again"
    if name.startswith("SQLITE_READONLY"):
        return "the database cannot be written to; check the permissions of the home"
    if name.startswith("SQLITE_IOERR"):
        return (
            f"the disk cannot be read or written ({error}); what was stored before is safe, see"
            " that it is there and has room"
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return f"the database is damaged ({error}); 'newsreader doctor' says what can be done"
    if name.startswith("SQLITE_CANTOPEN"):
        return "the database cannot be opened; check the permissions of the home"
    return str(error)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Run one write transaction: all of it is stored, or nothing.

    Raises:
        StoreError: the database would not take it.
    """
    with wrapped():
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
