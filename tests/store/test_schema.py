"""The database's shape: kept as SQL, private, planned well, refused when it is newer."""

import sqlite3
import stat
from pathlib import Path

import pytest
from tests.conftest import entry, feed

from newsreader.errors import StoreError
from newsreader.model import Scope, ScopeKind
from newsreader.store import Arrival, Store, _lists
from newsreader.store._schema import MIGRATIONS

SCHEMAS = Path(__file__).parent / "schemas"


def shape(path):
    db = sqlite3.connect(path)
    rows = db.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
        " AND name NOT LIKE 'sqlite%'"
    ).fetchall()
    db.close()
    return sorted(rows)


def test_every_landed_schema_is_kept_and_migrates_to_the_fresh_one(store, home, tmp_path):
    kept = sorted(SCHEMAS.glob("*.sql"), key=lambda path: int(path.stem))
    assert [int(path.stem) for path in kept] == list(range(1, len(MIGRATIONS) + 1))
    for path in kept:
        old = tmp_path / path.stem
        old.mkdir()
        db = sqlite3.connect(old / "library.db")
        db.executescript(path.read_text() + f"\nPRAGMA user_version = {path.stem};")
        db.execute("INSERT INTO meta VALUES ('home_id', 'x') ON CONFLICT DO NOTHING")
        db.commit()
        db.close()
        Store(old).close()
        assert shape(old / "library.db") == shape(home / "library.db")


def test_the_home_and_its_files_are_private(store, home):
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "library.db").stat().st_mode) == 0o600


def test_a_newer_database_is_refused_and_left_alone(store, home):
    store._db.execute("PRAGMA user_version = 999")
    store.close()
    before = (home / "library.db").read_bytes()
    with pytest.raises(StoreError, match="newer newsreader"):
        Store(home)
    assert (home / "library.db").read_bytes() == before


def test_a_file_that_is_no_database_is_said_to_be_damaged(home):
    home.mkdir()
    (home / "library.db").write_bytes(b"not a database at all" * 300)
    with pytest.raises(StoreError, match="damaged"):
        Store(home)


def test_a_home_that_is_a_file_is_named(tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(StoreError, match="cannot be used as home"):
        Store(path)


def test_tables_are_strict_and_foreign_keys_on(store):
    tables = store._db.execute(
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0"
        " AND name NOT LIKE 'sqlite%'"
    ).fetchall()
    assert tables == []
    assert store._db.execute("PRAGMA foreign_keys").fetchone()[0] == 1


@pytest.mark.parametrize("kind", [k for k in ScopeKind if k is not ScopeKind.FOLDER])
def test_lists_are_read_from_an_index_without_sorting(store, kind):
    store.articles.save(feed(), [Arrival(entry(str(n), guid=str(n))) for n in range(50)])
    store.refresh_statistics()
    plan = store._db.execute("EXPLAIN QUERY PLAN " + _lists._IDS[kind], (1, 100, 0)).fetchall()
    words = " ".join(row[3] for row in plan)
    assert "TEMP B-TREE" not in words and ("INDEX" in words or "PRIMARY KEY" in words)


def test_statistics_are_kept(store, home):
    store.articles.save(feed(), [Arrival(entry(str(n), guid=str(n))) for n in range(50)])
    store.refresh_statistics()
    assert store._db.execute("SELECT count(*) FROM sqlite_stat1").fetchone()[0] > 5


def test_a_folder_of_sources_lists_each_article_once(store):
    from dataclasses import replace

    for name in ("f1", "f2"):
        origin = replace(feed(name), folder="Coast")
        store.articles.save(origin, [Arrival(entry("A", guid="1", link="https://x.example/1"))])
    assert len(store.lists.article_ids(Scope(ScopeKind.FOLDER, "Coast"))) == 1
