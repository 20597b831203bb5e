"""Copies of the library: whole ones, and small ones of what the user made or kept.

Both are SQLite databases of the library's own shape, each one file that can be opened by itself.
A small copy holds every row that the user made (marks, tags, notes, highlights, feeds and their
settings, saved searches, follows and all that was said of names, accounts, undo), the articles
that were kept (bookmarked, tagged, noted, highlighted) and the identities of those that have a
mark, so that an article which is fetched again has its marks again.
"""

import os
import re
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from newsreader.errors import StoreError
from newsreader.store._counts import recount
from newsreader.store._database import (
    FILE_NAME,
    apply_migrations,
    is_read_only,
    open_to_read,
    wrapped,
)
from newsreader.store._schema import MIGRATIONS

_MARK = b"SQLite format 3\0"
_STEP = 2_048
"""Pages (of 4 KiB) copied before the progress is told: some 10 ms on a common disk."""

WHOLE, MARKS = "whole", "marks"
"""What a copy holds: everything, or what the user made or kept."""

Told = Callable[[int, int], None]
"""Called with pages (done, total)."""

_NAMES, _FEEDS, _ACCOUNTS = 3, 4, 5
"""Versions of the shape that brought what is asked for below."""

_KIND, _MADE, _CONFIG = "backup.kind", "backup.made", "backup.config"

_KEPT = (
    "SELECT article_id FROM status WHERE bookmarked = 1"
    " UNION SELECT article_id FROM tag WHERE by_user = 1"
    " UNION SELECT article_id FROM note UNION SELECT article_id FROM highlight"
)
_MARKED = " UNION ".join(("SELECT article_id FROM status", _KEPT))
_TOUCHED = (
    "SELECT id FROM library.entity WHERE into_id IS NOT NULL OR shown_name IS NOT NULL"
    " OR shown_kind IS NOT NULL OR hidden = 1 OR followed_at IS NOT NULL"
    " UNION SELECT into_id FROM library.entity WHERE into_id IS NOT NULL"
    " UNION SELECT entity_id FROM library.alias WHERE origin = 'user' OR owner_id <> entity_id"
    " UNION SELECT owner_id FROM library.alias WHERE origin = 'user' OR owner_id <> entity_id"
    " UNION SELECT e.id FROM library.entity e JOIN library.saved_search s"
    " ON s.query GLOB '*e[0-9]*' AND instr(s.query, 'e' || e.id) > 0"
)
_ENTITIES = "".join(
    (
        "WITH RECURSIVE kept (id) AS (",
        _TOUCHED,
        " UNION SELECT final_id FROM library.entity e JOIN kept ON kept.id = e.id"
        " WHERE final_id IS NOT NULL) SELECT id FROM kept",
    )
)

_ROWS: dict[str, str] = {
    "meta": "true",
    "source": "true",
    "subscription": "true",
    "feed": "true",
    "account": "true",
    "remote_feed": "true",
    "saved_search": "true",
    "search_history": "true",
    "status": "true",
    "note": "true",
    "highlight": "true",
    "act": "true",
    "story": "id IN (SELECT story_id FROM library.story_act)",
    "story_act": "true",
    "tag": f"by_user = 1 OR article_id IN ({_KEPT})",
    "article": f"id IN ({_KEPT})",
    "revision": f"article_id IN ({_KEPT})",
    "article_source": f"article_id IN ({_KEPT})",
    "enclosure": f"article_id IN ({_KEPT})",
    "change": f"article_id IN ({_KEPT})",
    "page_wish": f"article_id IN ({_KEPT})",
    "arrival": f"article_id IN ({_KEPT})",
    "identity": f"article_id IN ({_MARKED})",
    "saved_act": "true",
    "library_count": "true",
    "entity": f"id IN ({_ENTITIES})",
    "entity_act": "true",
    "alias": f"entity_id IN ({_ENTITIES}) AND owner_id IN ({_ENTITIES})",
}
"""The rows of a small copy. What is not named is derived, or comes from servers again: which
articles a server keeps (``remote_item``) is asked for anew, as a first sync does."""

_FETCH_AGAIN = "UPDATE feed SET etag = NULL, last_modified = NULL, body_hash = NULL, due_at = 0"
"""The articles are not in a small copy: an unchanged feed must be read all the same."""

_PUBLISHED = (
    "article",
    "revision",
    "article_source",
    "enclosure",
    "change",
    "page_wish",
    "arrival",
    "mention",
    "article_entity",
    "guess",
    "story_member",
)
"""Tables that a small copy takes from the library it is restored into, but for rows it has."""


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


def copy_whole(
    library: Path,
    to: Path,
    *,
    made: str,
    config: str | None,
    verify: bool = True,
    tell: Told | None = None,
) -> None:
    """Write a copy of the database ``library`` as it is at one instant to the new file ``to``.

    Others may write meanwhile. Nothing of ``to`` is left when it fails.

    Raises:
        StoreError: it cannot be read or written, or what was copied and verified is damaged.
    """
    with _new_file(to), wrapped(to), closing(_plain(to)) as db:
        with closing(_open(library)) as source:
            # A transaction of our own keeps the pages still, or each commit would begin it anew.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            source.backup(db, pages=_STEP, progress=_telling(tell), sleep=0)
        _seal(db, {_KIND: WHOLE, _MADE: made, _CONFIG: config})
        if verify:
            _require_sound(db, library)


def copy_marks(library: Path, to: Path, *, made: str, config: str | None) -> None:
    """Write what the user made or kept to the new file ``to``; see the module.

    Raises:
        StoreError: it cannot be read or written.
    """
    with _new_file(to), wrapped(to), closing(_plain(to)) as db:
        db.execute("ATTACH ? AS library", (_address(library, "mode=ro"),))
        db.execute("BEGIN")
        version = int(db.execute("PRAGMA library.user_version").fetchone()[0])
        apply_migrations(db, 0, version)
        db.execute(f"PRAGMA user_version = {version}")
        with _without_triggers(db):
            for table in _tables(db):
                db.execute(f"DELETE FROM main.{table}")  # noqa: S608 - a table of ours
            for table, rows in _ROWS.items():
                # Before the third migration what the user said of a name was not beside it.
                every = version < _NAMES and table in ("entity", "alias")
                _copy_rows(db, table, "true" if every else rows)
            _copy_sequences(db)
            if version >= _FEEDS:
                db.execute(_FETCH_AGAIN)
        db.execute("COMMIT")
        db.execute("DETACH library")
        _seal(db, {_KIND: MARKS, _MADE: made, _CONFIG: config})
        _require_sound(db, library)


def inspect(path: Path, tell: Told | None = None) -> Copy:
    """Verify a copy, page by page and against the shape that this program gives; return its facts.

    A library's database that was copied by hand is taken too. Nothing is run that it contains.

    Raises:
        StoreError: it is no copy of a library, is damaged, altered, or of a newer version.
    """
    with _foreign(path) as db:
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise StoreError(
                f"{path}: made by a newer newsreader (version {version}, this one knows"
                f" {len(MIGRATIONS)}); update newsreader, nothing was changed"
            )
        if version < 1 or not _has_table(db, "meta"):
            raise StoreError(f"{path}: is not a backup of newsreader's")
        if _shape(db) != _expected_shape(version):
            raise StoreError(f"{path}: is not as newsreader made it; nothing of it was used")
        if tell is not None:
            tell(0, 0)
        _require_sound(db, path)
        meta = dict(db.execute("SELECT key, value FROM meta"))
        if "home_id" not in meta:
            raise StoreError(f"{path}: is not a backup of newsreader's")
        logins = "SELECT count(*) FROM subscription WHERE login IS NOT NULL"
        return Copy(
            kind=meta.get(_KIND, WHOLE),
            version=version,
            made=meta.get(_MADE, ""),
            config=meta.get(_CONFIG),
            home_id=meta["home_id"],
            articles=_count(db, "SELECT count(*) FROM article"),
            sources=_count(db, "SELECT count(*) FROM source"),
            logins=(_count(db, logins) if version >= _FEEDS else 0)
            + (_count(db, "SELECT count(*) FROM account") if version >= _ACCOUNTS else 0),
        )


def is_sound(library: Path) -> bool:
    """Tell whether a library's own database can be read from end to end.

    Raises:
        StoreError: it cannot be opened, or another program keeps it locked.
    """
    with wrapped(library):
        try:
            with closing(_open(library)) as db:
                found = db.execute("PRAGMA quick_check(1)").fetchone()
                return found == ("ok",) and _has_table(db, "meta")
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
                return False
            raise


def reindex(library: Path) -> None:
    """Make the indexes of the database anew from its tables, where those can be read.

    Raises:
        StoreError: they cannot, or the database is locked.
    """
    with wrapped(library), closing(_open(library)) as db:
        db.execute("REINDEX")


def is_copy(path: Path) -> bool:
    """Tell whether a file is a backup that this module wrote, so that a newer may replace it."""
    try:
        with _foreign(path) as db:
            rows = db.execute("SELECT 1 FROM meta WHERE key = ?", (_MADE,)).fetchall()
            return bool(rows)
    except StoreError:
        return False


def prepare(copy: Path, to: Path, *, adopt: Path | None, tell: Told | None = None) -> None:
    """Write to the new file ``to`` the library that restoring the verified ``copy`` gives.

    It has today's shape. Of ``adopt``, the library there is, a small copy takes the articles
    and names that it lacks.

    Raises:
        StoreError: one of them cannot be read, or ``to`` not be written.
    """
    with _new_file(to), wrapped(to), closing(_plain(to)) as db:
        with _foreign(copy) as source:
            source.backup(db, pages=_STEP, progress=_telling(tell), sleep=0)
        db.execute("PRAGMA journal_mode = DELETE")
        if adopt is not None:
            db.execute("ATTACH ? AS library", (_address(adopt, "mode=ro"),))
        db.execute("BEGIN")
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        apply_migrations(db, version, len(MIGRATIONS))
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute("DELETE FROM meta WHERE key IN (?, ?, ?)", (_KIND, _MADE, _CONFIG))
        if adopt is not None:
            _adopt(db)
        recount(db)
        for stage in ("index", "entities"):
            db.execute(_QUEUE.format(stage=stage))
        db.execute("COMMIT")
        _require_sound(db, copy)


_QUEUE = (
    "INSERT OR IGNORE INTO todo (stage, article_id, sorted_at)"
    " SELECT '{stage}', a.id, a.sorted_at FROM article a"
    " WHERE '{stage}' = 'index' OR a.recognised = 0 OR NOT EXISTS"
    " (SELECT 1 FROM mention m WHERE m.article_id = a.id)"
)


def _adopt(db: sqlite3.Connection) -> None:
    """Take from ``library`` what it has and a small copy has not.

    What publishers say is taken as the library has it, also of articles that the copy holds: its
    names stand on that text.
    """
    with _without_triggers(db):
        for table in ("source", "subscription", "feed", "entity", "alias"):
            _copy_rows(db, table, _MISSING[table], _AS_NEW.get(table))
        db.execute("DELETE FROM main.identity WHERE key IN (SELECT key FROM library.identity)")
        _copy_rows(db, "identity", "true")
        for table in _PUBLISHED:
            article = "id" if table == "article" else "article_id"
            db.execute(
                f"DELETE FROM main.{table} WHERE {article} IN (SELECT id FROM library.article)"  # noqa: S608 - a table of ours
            )
            _copy_rows(db, table, _MISSING.get(table, "true"))
        _copy_rows(db, "tag", "by_user = 0")
        _copy_sequences(db)


_MISSING = {
    "source": "id NOT IN (SELECT id FROM main.source) AND key NOT IN (SELECT key FROM main.source)",
    "subscription": "source_id NOT IN (SELECT source_id FROM main.subscription)",
    "feed": "source_id NOT IN (SELECT source_id FROM main.feed)",
    "entity": "id NOT IN (SELECT id FROM main.entity)",
    "alias": "id NOT IN (SELECT id FROM main.alias)",
    "article_source": "source_id IN (SELECT id FROM main.source)",
    "mention": "alias_id IS NULL OR alias_id IN (SELECT id FROM main.alias)",
    "article_entity": "entity_id IN (SELECT id FROM main.entity)",
    "guess": "alias_id IN (SELECT id FROM main.alias)"
    " AND entity_id IN (SELECT id FROM main.entity)",
    "story_member": "story_id IN (SELECT id FROM main.story)",
}
_AS_NEW = {
    "entity": {
        "into_id": "NULL",
        "final_id": "id",
        "shown_name": "NULL",
        "shown_kind": "NULL",
        "hidden": "0",
        "followed_at": "NULL",
    },
    "alias": {"owner_id": "entity_id"},
}
"""What the user said of names after the copy was made does not come along."""


def replace_contents(library: Path, prepared: Path) -> None:
    """Make the database ``library`` say what ``prepared`` says, in one step.

    Whoever has it open sees the one or the other; killed half-way, it is as it was.

    Raises:
        StoreError: another program keeps it locked, or the disk is full.
    """
    with wrapped(library), closing(_open(prepared)) as source, closing(_open(library)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        source.backup(db, pages=-1)


# Files


def _plain(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(_address(path, "mode=rw"), uri=True, isolation_level=None)
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA temp_store = MEMORY")
    return db


def _open(path: Path) -> sqlite3.Connection:
    if path.name == FILE_NAME and is_read_only(path.parent):
        return open_to_read(path)
    return sqlite3.connect(_address(path, "mode=rw"), uri=True, timeout=20, isolation_level=None)


def _address(path: Path, options: str) -> str:
    return f"file:{quote(str(path.absolute()))}?{options}"


@contextmanager
def _foreign(path: Path) -> Iterator[sqlite3.Connection]:
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
        db = sqlite3.connect(_address(path, options), uri=True, isolation_level=None)
        try:
            db.execute("PRAGMA trusted_schema = OFF")
            db.execute("PRAGMA cell_size_check = ON")
            db.execute("PRAGMA mmap_size = 0")
            yield db
        finally:
            db.close()


@contextmanager
def _new_file(path: Path) -> Iterator[None]:
    """Create ``path`` for its owner alone; when what follows fails, remove it again."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror})") from error
    try:
        yield
    except BaseException:
        for end in ("", "-journal", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        raise


def _seal(db: sqlite3.Connection, facts: dict[str, str | None]) -> None:
    """Write what the copy is, and leave it as one file that needs no journal beside it."""
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute("BEGIN")
    db.execute("DELETE FROM meta WHERE key GLOB 'backup.*'")
    for key, value in facts.items():
        if value is not None:
            db.execute("INSERT INTO meta VALUES (?, ?)", (key, value))
    db.execute("COMMIT")


def _telling(tell: Told | None) -> Callable[[int, int, int], object] | None:
    if tell is None:
        return None
    return lambda _, left, total: tell(total - left, total)


# What is in them


def _require_sound(db: sqlite3.Connection, path: Path) -> None:
    found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(1)")]
    if found != ["ok"]:
        raise StoreError(f"{path}: the database is damaged ({found[0]}); nothing was changed")
    row = db.execute("PRAGMA foreign_key_check").fetchone()
    if row is not None:
        raise StoreError(f"{path}: {row[0]} points at a missing {row[2]}; nothing was changed")


def _tables(db: sqlite3.Connection) -> Sequence[str]:
    rows = db.execute(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"
    )
    return [str(row[0]) for row in rows]


def _has_table(db: sqlite3.Connection, name: str) -> bool:
    return name in _tables(db)


def _count(db: sqlite3.Connection, query: str) -> int:
    return int(db.execute(query).fetchone()[0])


def _columns(db: sqlite3.Connection, schema: str, table: str) -> Sequence[str]:
    """Return the columns that are stored; generated ones are not."""
    rows = db.execute(f"PRAGMA {schema}.table_xinfo({table})")
    return [str(row[1]) for row in rows if row[6] == 0]


def _copy_rows(
    db: sqlite3.Connection, table: str, rows: str, fresh: Mapping[str, str] | None = None
) -> None:
    """Insert the rows of a table of ``library`` that are not there yet; ``fresh`` columns anew.

    A table or column that only one of both has is passed over.
    """
    there = _columns(db, "library", table)
    names = [column for column in _columns(db, "main", table) if column in there]
    if not names:
        return
    values = ", ".join((fresh or {}).get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    db.execute(
        f"INSERT OR IGNORE INTO main.{table} ({columns})"  # noqa: S608 - names of our own shape
        f" SELECT {values} FROM library.{table} WHERE {rows}"
    )


def _copy_sequences(db: sqlite3.Connection) -> None:
    """Never give a number again that was given before."""
    db.execute(
        "INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM library.sqlite_sequence"
        " WHERE name IN (SELECT name FROM main.sqlite_schema)"
        " AND name NOT IN (SELECT name FROM main.sqlite_sequence)"
    )
    db.execute(
        "UPDATE main.sqlite_sequence SET seq = max(seq, coalesce((SELECT seq"
        " FROM library.sqlite_sequence o WHERE o.name = sqlite_sequence.name), 0))"
    )


@contextmanager
def _without_triggers(db: sqlite3.Connection) -> Iterator[None]:
    """Rows are copied with what triggers once made of them; they come back afterwards."""
    triggers = db.execute("SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'")
    kept = triggers.fetchall()
    for name, _ in kept:
        db.execute(f'DROP TRIGGER main."{name}"')
    yield
    for _, sql in kept:
        db.execute(sql)


def _shape(db: sqlite3.Connection) -> Sequence[tuple[str, ...]]:
    """Return what there is, the words of each without spaces and quotes.

    Versions of SQLite differ in how they write down what was altered.
    """
    rows = db.execute(
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM main.sqlite_schema"
        " WHERE name NOT IN ('sqlite_stat1', 'sqlite_stat4', 'sqlite_sequence')"
        " AND name NOT GLOB 'sqlite_autoindex_*'"
    )
    return sorted(
        (str(kind), str(name), str(table), re.sub(r'[\s"]+', "", str(sql)).lower())
        for kind, name, table, sql in rows
    )


def _expected_shape(version: int) -> Sequence[tuple[str, ...]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        apply_migrations(db, 0, version)
        return _shape(db)
