"""What a copy of a library is: looked at before anything in it is believed or run."""

import os
import re
import sqlite3
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from newsreader.errors import StoreError
from newsreader.store._database import apply_migrations, wrapped
from newsreader.store._schema import MIGRATIONS

_MARK = b"SQLite format 3\0"
_LATEST_MS = 253_402_300_800_000
"""The end of the year 9999, in milliseconds since 1970."""
_MOST_NUMBER = 1 << 62

WHOLE, MARKS = "whole", "marks"
"""What a copy holds: everything, or what the user made or kept."""

Told = Callable[[int, int], None]
"""Called with pages (done, total)."""

NAMES, FEEDS, ACCOUNTS = 3, 4, 5
"""Versions of the shape that brought what is asked for below."""

KIND, MADE, CONFIG = "backup.kind", "backup.made", "backup.config"


class Copy(NamedTuple):
    """What a copy says of itself.

    Args:
        kind: "whole" or "marks".
        version: the number of migrations that made its shape.
        made: when, as ISO 8601 in UTC; "" for a database that was copied by hand.
        config: the text of ``config.toml``, None where there was none.
        home_id: the id of the library it was made of.
        articles: how many it holds.
        sources: how many it holds.
        logins: feeds and accounts whose passwords are asked for again.
    """

    kind: str
    version: int
    made: str
    config: str | None
    home_id: str
    articles: int
    sources: int
    logins: int


def inspect(path: Path, tell: Told | None = None) -> Copy:
    """Verify a copy, page by page and against the shape that this program gives; return its facts.

    A library's database that was copied by hand is taken too. Nothing is run that it contains.

    Raises:
        StoreError: it is no copy of a library, is damaged, altered, or of a newer version.
    """
    with foreign(path) as db:
        version = require_shape(db, path)
        if tell is not None:
            tell(0, 0)
        require_sound(db, path)
        meta = dict(db.execute("SELECT key, value FROM meta"))
        if "home_id" not in meta:
            raise StoreError(f"{path}: is not a backup of newsreader's")
        logins = "SELECT count(*) FROM subscription WHERE login IS NOT NULL"
        return Copy(
            kind=meta.get(KIND, WHOLE),
            version=version,
            made=meta.get(MADE, ""),
            config=meta.get(CONFIG),
            home_id=meta["home_id"],
            articles=_count(db, "SELECT count(*) FROM article"),
            sources=_count(db, "SELECT count(*) FROM source"),
            logins=(_count(db, logins) if version >= FEEDS else 0)
            + (_count(db, "SELECT count(*) FROM account") if version >= ACCOUNTS else 0),
        )


def require_shape(db: sqlite3.Connection, path: Path) -> int:
    """Return the version of a copy that has the shape which its version gives, word by word."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{path}: made by a newer newsreader (version {version}, this one knows"
            f" {len(MIGRATIONS)}); update newsreader, nothing was changed"
        )
    if version < 1 or not has_table(db, "meta"):
        raise StoreError(f"{path}: is not a backup of newsreader's")
    if _shape(db) != _expected_shape(version):
        raise StoreError(f"{path}: is not as newsreader made it; nothing of it was used")
    return version


def is_copy(path: Path) -> bool:
    """Tell whether a file is a backup that this module wrote, so that a newer may replace it."""
    try:
        with foreign(path) as db:
            rows = db.execute("SELECT 1 FROM meta WHERE key = ?", (MADE,)).fetchall()
            return bool(rows)
    except StoreError:
        return False


@contextmanager
def foreign(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file that anyone may have made: nothing in it is run, nothing beside it is written."""
    try:
        # A pipe would keep whoever opens it waiting.
        known = path.is_dir() or stat.S_ISREG(path.stat().st_mode)
        if known:
            with path.open("rb") as stream:
                known = stream.read(len(_MARK)) == _MARK
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror})") from error
    if not known:
        raise StoreError(f"{path}: is not a backup of newsreader's")
    journal = path.with_name(path.name + "-wal")
    if journal.exists() and journal.stat().st_size:
        raise StoreError(
            f"{path}: its last changes are in {journal.name} beside it; open that library once, or"
            " make a backup of it with 'newsreader backup'"
        )
    with wrapped(path):
        options = "mode=ro&immutable=1"
        db = sqlite3.connect(address(path, options), uri=True, isolation_level=None)
        try:
            db.execute("PRAGMA trusted_schema = OFF")
            db.execute("PRAGMA cell_size_check = ON")
            db.execute("PRAGMA mmap_size = 0")
            yield db
        finally:
            db.close()


def address(path: Path, options: str) -> str:
    return f"file:{quote(os.fsencode(path.absolute()))}?{options}"


def require_sound(db: sqlite3.Connection, path: Path) -> None:
    found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(1)")]
    if found != ["ok"]:
        raise StoreError(f"{path}: the database is damaged ({found[0]}); nothing was changed")
    row = db.execute("PRAGMA foreign_key_check").fetchone()
    if row is not None:
        raise StoreError(f"{path}: {row[0]} points at a missing {row[2]}; nothing was changed")


def require_sense(db: sqlite3.Connection, path: Path) -> None:
    """Refuse numbers after which no row could be added, and dates beyond all calendars."""
    row = db.execute("SELECT max(seq) FROM sqlite_sequence").fetchone()
    wrong = row[0] is not None and not 0 <= int(row[0]) < _MOST_NUMBER
    for column in ("published", "updated", "arrived", "sorted_at"):
        row = db.execute(f"SELECT min({column}), max({column}) FROM article").fetchone()  # noqa: S608 - a column of ours
        wrong = wrong or not all(
            each is None or (isinstance(each, int) and abs(each) < _LATEST_MS) for each in row
        )
    if wrong:
        raise StoreError(f"{path}: holds numbers that newsreader never wrote; nothing was changed")


def tables(db: sqlite3.Connection) -> Sequence[str]:
    rows = db.execute(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"
    )
    return [str(row[0]) for row in rows]


def has_table(db: sqlite3.Connection, name: str) -> bool:
    return name in tables(db)


def _count(db: sqlite3.Connection, query: str) -> int:
    return int(db.execute(query).fetchone()[0])


def _shape(db: sqlite3.Connection) -> Sequence[tuple[str, ...]]:
    """Return what there is, the words of each without spaces and quotes.

    Versions of SQLite differ in how they write down what was altered.
    """
    rows = db.execute(
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM main.sqlite_schema WHERE NOT (type ="
        " 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4', 'sqlite_sequence'))"
        " AND NOT (type = 'index' AND sql IS NULL)"
    )
    return sorted(
        (str(kind), str(name), str(table), _words(str(sql))) for kind, name, table, sql in rows
    )


def _words(sql: str) -> str:
    """Return a statement without what does not matter; texts in it are left as they are."""
    parts = re.split(r"('(?:[^']|'')*')", sql)
    return "".join(
        part if number % 2 else re.sub(r'[\s"]+', "", part).lower()
        for number, part in enumerate(parts)
    )


def _expected_shape(version: int) -> Sequence[tuple[str, ...]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        apply_migrations(db, 0, version)
        return _shape(db)
