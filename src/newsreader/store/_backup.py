"""Copies of the library: whole ones, and small ones of what the user made or kept.

Both are SQLite databases of the library's own shape, each one file that can be opened by itself.
A small copy holds every row that the user made (marks, tags, notes, highlights, feeds and their
settings, saved searches, follows and all that was said of names, accounts, undo), the articles
that were kept (bookmarked, tagged, noted, highlighted) and the identities of those that have a
mark, so that an article which is fetched again has its marks again.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from newsreader.errors import StoreError
from newsreader.store._counts import recount
from newsreader.store._database import (
    FILE_NAME,
    apply_migrations,
    is_read_only,
    open_to_read,
    wrapped,
)
from newsreader.store._inspect import (
    CONFIG,
    FEEDS,
    KIND,
    MADE,
    MARKS,
    NAMES,
    WHOLE,
    Told,
    address,
    foreign,
    has_table,
    require_sense,
    require_shape,
    require_sound,
    tables,
)
from newsreader.store._schema import MIGRATIONS

_STEP = 2_048
"""Pages (of 4 KiB) copied before the progress is told: some 10 ms on a common disk."""

Held = sqlite3.Connection
"""A database that nobody else reads or writes: see :func:`held`."""

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


def copy_whole(
    library: Path,
    to: Path,
    *,
    made: str,
    config: str | None,
    tell: Told | None = None,
) -> None:
    """Write a copy of the database ``library`` as it is at one instant to the new file ``to``.

    Others may write meanwhile. Nothing of ``to`` is left when it fails.

    Raises:
        StoreError: it cannot be read or written, or what was copied is damaged.
    """
    with _new_file(to), wrapped(to), closing(_plain(to)) as db:
        with closing(_open(library)) as source:
            # A transaction of our own keeps the pages still, or each commit would begin it anew.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            source.backup(db, pages=_STEP, progress=_telling(tell), sleep=0)
        _seal(db, {KIND: WHOLE, MADE: made, CONFIG: config})
        require_sound(db, library)


def copy_marks(library: Path, to: Path, *, made: str, config: str | None) -> None:
    """Write what the user made or kept to the new file ``to``; see the module.

    Raises:
        StoreError: it cannot be read or written.
    """
    with _new_file(to), wrapped(to), closing(_plain(to)) as db:
        db.execute("ATTACH ? AS library", (address(library, "mode=ro"),))
        db.execute("BEGIN")
        version = int(db.execute("PRAGMA library.user_version").fetchone()[0])
        apply_migrations(db, 0, version)
        db.execute(f"PRAGMA user_version = {version}")
        with _without_triggers(db):
            for table in tables(db):
                db.execute(f"DELETE FROM main.{table}")  # noqa: S608 - a table of ours
            for table, rows in _ROWS.items():
                # Before the third migration what the user said of a name was not beside it.
                every = version < NAMES and table in ("entity", "alias")
                _copy_rows(db, table, "true" if every else rows)
            _copy_sequences(db)
            if version >= FEEDS:
                db.execute(_FETCH_AGAIN)
        db.execute("COMMIT")
        db.execute("DETACH library")
        _seal(db, {KIND: MARKS, MADE: made, CONFIG: config})
        require_sound(db, library)


def is_sound(library: Path) -> bool:
    """Tell whether a library's own database can be read from end to end.

    Raises:
        StoreError: it cannot be opened, or another program keeps it locked.
    """
    with wrapped(library):
        try:
            with closing(_open(library)) as db:
                found = db.execute("PRAGMA quick_check(1)").fetchone()
                return found == ("ok",) and has_table(db, "meta")
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


def prepare(
    copy: Path, to: Path, *, before: Path | None, adopt: bool, tell: Told | None = None
) -> int:
    """Write to the new file ``to`` the library that restoring ``copy`` gives.

    It has today's shape. Passwords are kept under a feed's number, so that feeds which had
    another number or address in ``before``, the library there is (a whole copy of it), lose
    theirs; return how many. With ``adopt`` a small copy takes from it the articles and names that
    it lacks.

    Raises:
        StoreError: one of them cannot be read, or ``to`` not be written.
    """
    with _new_file(to), wrapped(to), closing(_plain(to)) as db:
        with foreign(copy) as source:
            source.backup(db, pages=_STEP, progress=_telling(tell), sleep=0)
        # Of the file itself another may have made another meanwhile.
        db.execute("PRAGMA trusted_schema = OFF")
        version = require_shape(db, copy)
        db.execute("PRAGMA journal_mode = DELETE")
        if before is not None:
            db.execute("ATTACH ? AS library", (address(before, "mode=ro"),))
        db.execute("BEGIN")
        apply_migrations(db, version, len(MIGRATIONS))
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute("DELETE FROM meta WHERE key IN (?, ?, ?)", (KIND, MADE, CONFIG))
        if adopt:
            _adopt(db)
        known = before is not None and "url" in _columns(db, "library", "source")
        lost = db.execute(_FORGET_LOGINS if known else _FORGET_ALL_LOGINS).rowcount
        recount(db)
        for stage in ("index", "entities"):
            db.execute(_QUEUE.format(stage=stage))
        db.execute("COMMIT")
        require_sound(db, copy)
        require_sense(db, copy)
        return int(lost)


_FORGET_LOGINS = (
    "UPDATE main.subscription SET login = NULL WHERE login IS NOT NULL AND source_id NOT IN"
    " (SELECT b.id FROM library.source b JOIN main.source m ON m.id = b.id AND m.url = b.url)"
)
_FORGET_ALL_LOGINS = "UPDATE main.subscription SET login = NULL WHERE login IS NOT NULL"

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


@contextmanager
def held(library: Path) -> Iterator[Held]:
    """Open the database so that nobody else reads or writes it meanwhile.

    Others wait, and are told that it is locked: nothing can be acknowledged that is lost.

    Raises:
        StoreError: another program has it open and does not close it within 20 seconds.
    """
    with wrapped(library), closing(_open(library)) as db:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("BEGIN IMMEDIATE")
        db.execute("COMMIT")
        yield db


def copy_held(db: Held, to: Path, *, made: str, config: str | None) -> None:
    """Write a whole copy of a :func:`held` database to the new file ``to``.

    Raises:
        StoreError: it cannot be written.
    """
    with _new_file(to), wrapped(to), closing(_plain(to)) as copy:
        db.backup(copy, pages=-1)
        _seal(copy, {KIND: WHOLE, MADE: made, CONFIG: config})


def replace_contents(db: Held, prepared: Path) -> None:
    """Make a :func:`held` database say what ``prepared`` says, in one step.

    Killed half-way, it is as it was.

    Raises:
        StoreError: the disk is full.
    """
    with wrapped(prepared), closing(_open(prepared)) as source:
        source.backup(db, pages=-1)


# Files


def _plain(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(address(path, "mode=rw"), uri=True, isolation_level=None)
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA temp_store = MEMORY")
    return db


def _open(path: Path) -> sqlite3.Connection:
    if path.name == FILE_NAME and is_read_only(path.parent):
        return open_to_read(path)
    return sqlite3.connect(address(path, "mode=rw"), uri=True, timeout=20, isolation_level=None)


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
