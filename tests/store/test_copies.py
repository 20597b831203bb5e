"""Copies of the library: whole and of the marks, verified, put back, kept by themselves."""

import sqlite3
import zlib
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import entry, feed
from tests.store.test_schema import SCHEMAS, shape

from newsreader.backups import keep_weekly
from newsreader.errors import StoreError
from newsreader.model import Scope, ScopeKind
from newsreader.store import Arrival, Store
from newsreader.store._schema import MIGRATIONS
from newsreader.store.copies import (
    MARKS,
    WHOLE,
    copy_marks,
    copy_whole,
    held,
    inspect,
    is_copy,
    keep_marks,
    kept_copies,
    prepare,
)

MADE = "2026-11-23T07:00:00Z"


@pytest.fixture
def filled(store):
    """Nine articles: 1 bookmarked, 2 tagged, 3 noted, 4 and 5 read."""
    articles = [Arrival(entry(f"Ferry {n}", guid=str(n))) for n in range(1, 10)]
    store.articles.save(feed(), articles)
    store.acts.bookmark([1], on=True)
    store.acts.tag([2], add=["boats"], drop=[])
    store.acts.annotate(3, "look again")
    store.acts.mark_read([4, 5], read=True)
    store.saved.keep("Ferries", "ferry", ())
    return store


def rows(path, query):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def test_a_whole_copy_says_what_the_library_says(filled, home, tmp_path):
    copy_whole(home / "library.db", tmp_path / "copy", made=MADE, config="ascii = true")
    facts = inspect(tmp_path / "copy")
    assert (facts.kind, facts.articles, facts.sources) == (WHOLE, 9, 1)
    assert (facts.made, facts.config) == (MADE, "ascii = true")
    for table in ("article", "status", "revision", "identity", "tag", "note", "saved_search"):
        query = f"SELECT * FROM {table} ORDER BY 1, 2"
        assert rows(tmp_path / "copy", query) == rows(home / "library.db", query)
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("copy")] == ["copy"]


def test_a_copy_of_marks_has_what_was_kept_and_who_it_was(filled, home, tmp_path):
    copy_marks(home / "library.db", tmp_path / "copy", made=MADE, config=None)
    facts = inspect(tmp_path / "copy")
    assert (facts.kind, facts.articles) == (MARKS, 3)
    assert rows(tmp_path / "copy", "SELECT id FROM article ORDER BY id") == [(1,), (2,), (3,)]
    marked = rows(tmp_path / "copy", "SELECT DISTINCT article_id FROM identity ORDER BY 1")
    assert marked == [(1,), (2,), (3,), (4,), (5,)]
    assert rows(tmp_path / "copy", "SELECT name FROM saved_search") == [("Ferries",)]
    assert shape(tmp_path / "copy") == shape(home / "library.db")


def test_articles_that_come_again_have_their_marks_again(filled, home, tmp_path):
    copy_marks(home / "library.db", tmp_path / "copy", made=MADE, config=None)
    new = tmp_path / "new"
    new.mkdir()
    prepare(tmp_path / "copy", new / "library.db", before=None, adopt=False)
    store = Store(new)
    assert store.articles.all_ids() == [1, 2, 3]
    store.articles.save(feed(), [Arrival(entry(f"Ferry {n}", guid=str(n))) for n in range(1, 13)])
    unread = set(store.lists.article_ids(Scope(ScopeKind.UNREAD)))
    assert {4, 5} <= set(store.articles.all_ids()) and not {4, 5} & unread
    assert store.lists.article(1).bookmarked and store.lists.article(3).note == "look again"
    # Numbers that were given once are not given to other articles.
    assert min(set(store.articles.all_ids()) - {1, 2, 3, 4, 5}) > 9
    assert store.check() == store.wrong_counts() == []
    store.close()


def test_marks_put_back_into_their_own_library_leave_its_articles(filled, home, tmp_path):
    copy_marks(home / "library.db", tmp_path / "copy", made=MADE, config=None)
    filled.acts.bookmark([1], on=False)
    filled.acts.mark_read([4, 6, 7], read=True)
    filled.acts.mark_read([4], read=False)
    filled.articles.save(feed("https://b.example/feed"), [Arrival(entry("Later", guid="L"))])
    filled.close()
    prepare(tmp_path / "copy", tmp_path / "restored.db", before=home / "library.db", adopt=True)
    new = tmp_path / "new"
    new.mkdir()
    (tmp_path / "restored.db").rename(new / "library.db")
    store = Store(new)
    assert len(store.articles.all_ids()) == 10 and len(store.lists.sources()) == 2
    assert store.lists.article(1).bookmarked
    read = {n for n in store.articles.all_ids() if store.lists.article(n).read}
    assert read == {4, 5}
    assert store.check() == store.wrong_counts() == []
    assert store.todo.pending().index == 10
    store.close()


def test_every_older_shape_can_be_kept_and_put_back(tmp_path):
    for path in SCHEMAS.glob("*.sql"):
        old, copy, new = (tmp_path / f"{path.stem}-{n}" for n in ("old", "copy", "new"))
        with closing(sqlite3.connect(old)) as db:
            db.executescript(path.read_text() + f"\nPRAGMA user_version = {path.stem};")
            db.execute("INSERT INTO meta VALUES ('home_id', 'x') ON CONFLICT DO NOTHING")
            db.execute("INSERT INTO source (kind, key, title) VALUES ('feed', 'k', 'T')")
            db.execute("INSERT INTO subscription (source_id, added_at) VALUES (1, 5)")
            db.execute("INSERT INTO status (article_id, read) VALUES (7, 1)")
            db.commit()
        for make in (copy_whole, copy_marks):
            make(old, copy, made=MADE, config=None)
            assert inspect(copy).version == int(path.stem)
            prepare(copy, new, before=None, adopt=False)
            assert rows(new, "SELECT article_id, read FROM status") == [(7, 1)]
            assert rows(new, "SELECT title FROM source") == [("T",)]
            assert rows(new, "PRAGMA user_version") == [(len(MIGRATIONS),)]
            copy.unlink()
            new.unlink()


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TRIGGER x AFTER INSERT ON status BEGIN DELETE FROM article; END",
        "CREATE VIEW y AS SELECT 1",
        "CREATE TABLE z (a)",
        "DROP INDEX tag_name",
    ],
)
def test_a_copy_that_was_altered_is_refused(filled, home, tmp_path, change):
    copy_whole(home / "library.db", tmp_path / "copy", made=MADE, config=None)
    with closing(sqlite3.connect(tmp_path / "copy")) as db:
        db.execute(change)
        db.commit()
    with pytest.raises(StoreError, match="not as newsreader made it"):
        inspect(tmp_path / "copy")


def test_what_is_no_copy_is_refused(filled, home, tmp_path):
    cases = {
        "text": (b"hello", "not a backup"),
        "empty": (b"", "not a backup"),
        "head": (b"SQLite format 3\0" + b"x" * 5000, "damaged|not a backup"),
    }
    copy_whole(home / "library.db", tmp_path / "copy", made=MADE, config=None)
    whole = (tmp_path / "copy").read_bytes()
    cases["short"] = (whole[: len(whole) // 2], "damaged|not as newsreader made it")
    cases["garbled"] = (whole[:9000] + b"\xff" * 9000 + whole[18000:], "damaged|not as newsreader")
    for name, (data, words) in cases.items():
        (tmp_path / name).write_bytes(data)
        assert not is_copy(tmp_path / name) or name in ("short", "garbled")
        with pytest.raises(StoreError, match=words):
            inspect(tmp_path / name)
    with closing(sqlite3.connect(tmp_path / "other")) as db:
        db.execute("CREATE TABLE a (b)")
    with pytest.raises(StoreError, match="not a backup"):
        inspect(tmp_path / "other")
    with closing(sqlite3.connect(tmp_path / "copy")) as db:
        db.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreError, match="newer newsreader"):
        inspect(tmp_path / "copy")


def test_a_failed_copy_leaves_no_file(filled, home, tmp_path):
    (tmp_path / "broken").write_bytes(b"SQLite format 3\0" + b"x" * 9000)
    for make in (copy_whole, copy_marks):
        with pytest.raises(StoreError):
            make(tmp_path / "broken", tmp_path / "copy", made=MADE, config=None)
    assert not (tmp_path / "copy").exists()
    with pytest.raises(StoreError, match="cannot be written"):
        copy_whole(home / "library.db", tmp_path / "no" / "copy", made=MADE, config=None)


def test_the_last_four_are_kept_whatever_the_clock_says(filled, home):
    start = datetime(2026, 11, 23, tzinfo=UTC)
    for days in (0, 9, -400, 3, -2, 30):
        keep_marks(home, "weekly", now=start + timedelta(days=days))
    assert [kept.number for kept in kept_copies(home)] == [6, 5, 4, 3]
    assert all(inspect(kept.path).kind == MARKS for kept in kept_copies(home))


def test_marks_are_kept_once_a_week(filled, home):
    start = datetime(2026, 11, 23, 12, tzinfo=UTC)
    made = [
        keep_weekly(home, now=start + timedelta(days=days)) for days in (0, 1, 6, 7, 13, 14, 3, 4)
    ]
    # The clock is set back after the fourteenth day.
    assert made == [True, False, False, True, False, True, True, False]


def test_a_home_with_nothing_in_it_keeps_nothing(store, home):
    assert not keep_weekly(home) and not kept_copies(home)


def test_marks_are_kept_before_a_migration(tmp_path):
    with closing(sqlite3.connect(tmp_path / "library.db")) as db:
        db.executescript((SCHEMAS / "4.sql").read_text() + "\nPRAGMA user_version = 4;")
        db.execute("INSERT INTO meta VALUES ('home_id', 'x') ON CONFLICT DO NOTHING")
        db.execute("INSERT INTO status (article_id, read) VALUES (7, 1)")
        db.commit()
    Store(tmp_path).close()
    (kept,) = kept_copies(tmp_path)
    assert kept.path.name.endswith("-v4.db") and inspect(kept.path).version == 4
    assert rows(kept.path, "SELECT article_id FROM status") == [(7,)]


def test_nothing_is_migrated_when_the_marks_cannot_be_kept(tmp_path):
    with closing(sqlite3.connect(tmp_path / "library.db")) as db:
        db.executescript((SCHEMAS / "4.sql").read_text() + "\nPRAGMA user_version = 4;")
        db.execute("INSERT INTO meta VALUES ('home_id', 'x') ON CONFLICT DO NOTHING")
        db.commit()
    (tmp_path / "backups").write_text("in the way")
    with pytest.raises(StoreError, match="marks cannot be kept first"):
        Store(tmp_path)
    assert rows(tmp_path / "library.db", "PRAGMA user_version") == [(4,)]


def subscribed(home, url):
    store = Store(home)
    source, _ = store.feeds.subscribe(url)
    store.feeds.set(source, login="basic")
    store.close()
    return source


def test_a_feed_of_another_address_has_not_the_password_of_this(tmp_path):
    mine, other = tmp_path / "mine", tmp_path / "other"
    for home, host in ((mine, "a"), (other, "b")):
        home.mkdir()
        assert subscribed(home, f"https://{host}.example/feed") == 1
        copy_whole(home / "library.db", tmp_path / f"{host}.db", made=MADE, config=None)
    for name, before, kept in (("b", mine, 0), ("a", mine, 1), ("a", None, 0)):
        new = tmp_path / f"new-{name}-{kept}-{before is None}"
        library = None if before is None else before / "library.db"
        lost = prepare(tmp_path / f"{name}.db", new, before=library, adopt=False)
        assert lost == 1 - kept
        assert rows(new, "SELECT count(login) FROM subscription") == [(kept,)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sqlite_schema SET name = 'sqlite_autoindex_zz_1', sql = replace(sql,"
        " 'evil', 'sqlite_autoindex_zz_1') WHERE name = 'evil'",
        "UPDATE sqlite_schema SET sql = replace(sql, quote('unread'), quote('UNREAD'))"
        " WHERE type = 'trigger'",
    ],
)
def test_what_is_smuggled_into_a_shape_is_seen(filled, home, tmp_path, change):
    copy = tmp_path / "copy"
    copy_whole(home / "library.db", copy, made=MADE, config=None)
    assert inspect(copy)
    with closing(sqlite3.connect(copy)) as db:
        if "evil" in change:
            db.execute("CREATE TRIGGER evil AFTER UPDATE ON status BEGIN DELETE FROM note; END")
        db.execute("PRAGMA writable_schema = ON")
        assert db.execute(change).rowcount
        db.commit()
    with pytest.raises(StoreError, match="not as newsreader made it"):
        inspect(copy)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE article SET published = 4000000000000000000 WHERE id = 1",
        "UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'article'",
    ],
)
def test_numbers_beyond_all_sense_are_not_taken(filled, home, tmp_path, change):
    copy = tmp_path / "copy"
    copy_whole(home / "library.db", copy, made=MADE, config=None)
    with closing(sqlite3.connect(copy)) as db:
        db.execute(change)
        db.commit()
    with pytest.raises(StoreError, match="never wrote"):
        prepare(copy, tmp_path / "new", before=None, adopt=False)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "damage",
    [
        ("structure", zlib.compress(b"[" * 200_000)),
        ("structure", zlib.compress(bytes(100_000_000), 9)),
        ("structure", zlib.compress(b"[]")),
    ],
)
def test_a_text_made_to_hurt_is_said_to_be_unreadable(filled, home, damage):
    column, data = damage
    with closing(sqlite3.connect(home / "library.db")) as db:
        db.execute(f"UPDATE revision SET {column} = ? WHERE article_id = 3", (data,))
        db.commit()
    assert filled.unreadable() == ["the text of a3 (revision 1) cannot be read"]


def test_nobody_writes_to_a_library_that_is_held(filled, home):
    filled.close()
    writing = "INSERT INTO note (article_id, text, changed_at) VALUES (5, 'x', 0)"
    with (
        held(home / "library.db"),
        closing(sqlite3.connect(home / "library.db", timeout=0)) as db,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        db.execute(writing)


def test_copies_of_nothing_push_out_none(filled, home):
    filled.close()
    first = keep_marks(home, "weekly", now=datetime(2026, 1, 1, tzinfo=UTC))
    for part in home.glob("library.db*"):
        part.unlink()
    Store(home).close()
    for week in range(1, 7):
        assert not keep_weekly(home, now=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(weeks=week))
    assert first.exists()
