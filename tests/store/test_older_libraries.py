"""Every older library, with something in every table that is truth, is brought up whole."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from tests.conftest import Arrival, entry, feed, folder
from tests.store.test_schema import SCHEMAS, shape

from newsreader.model import ArticleID, EntityKind, Position, Recognised
from newsreader.store import Store
from newsreader.store.copies import kept_copies

VERSIONS = sorted(int(path.stem) for path in SCHEMAS.glob("*.sql"))

TRUTH = (
    "account",
    "act",
    "article",
    "arrival",
    "article_source",
    "change",
    "enclosure",
    "entity",
    "failure",
    "feed",
    "highlight",
    "identity",
    "meta",
    "note",
    "page_wish",
    "remote_feed",
    "remote_item",
    "remote_todo",
    "revision",
    "saved_act",
    "saved_search",
    "search_history",
    "source",
    "status",
    "story",
    "story_act",
    "story_member",
    "subscription",
    "tag",
    "todo",
)
"""Tables whose rows no migration may lose; the others are derived from them."""

EXTRA = {
    "change": "INSERT INTO change VALUES (1, 5, 1, 'Old')",
    "enclosure": "INSERT INTO enclosure (article_id, position, url, type) VALUES"
    " (2, 0, 'http://a/b.mp3', 'audio/mpeg')",
    "failure": "INSERT INTO failure VALUES ('entities', 3, 'too long', 5)",
    "highlight": "INSERT INTO highlight (article_id, revision, start, end, quote, created_at,"
    " changed_at) VALUES (1, 1, 0, 4, 'Rain', 5, 6)",
    "remote_feed": "INSERT INTO remote_feed (account_id, stream, url, title) VALUES"
    " (1, 'feed/1', 'http://a/', 'A')",
    "remote_item": "INSERT INTO remote_item VALUES (1, '7', 'feed/1', 1, 1, 0, 0)",
    "remote_todo": "INSERT INTO remote_todo (account_id, item, flag, value, at) VALUES"
    " (1, '7', 'read', 1, 5)",
    "saved_act": "INSERT INTO saved_act (search_id, article_id, at, done) VALUES (1, 1, 5, 'x')",
    "story": "INSERT INTO story VALUES (4, 'flood', 'The flood')",
    "story_act": "INSERT INTO story_act (at, story_id, act, argument) VALUES (5, 4, 'rename', 'x')",
    "story_member": "INSERT INTO story_member VALUES (1, 4)",
}
"""What nothing of the store's own writes without a server, a worker or a later version."""


def user_did(store):
    """Fill a library as a user would who does everything there is."""
    arrivals = [
        Arrival(entry(f"Article {n}", guid=f"g{n}", link=f"http://a.example/{n}")) for n in range(6)
    ]
    store.articles.save(feed("http://a.example/feed"), arrivals)
    store.articles.save(folder(), [Arrival(entry("A clipping", "Ana Ruiz spoke. " * 20))])
    store.articles.save(
        feed("http://a.example/feed"),
        [Arrival(entry("Article 1", "New. " * 80, guid="g1", link="http://a.example/1"))],
    )
    one, two, three, *_ = (ArticleID(n) for n in range(1, 7))
    store.acts.mark_read([one, two], read=True)
    store.acts.bookmark([two], on=True)
    store.acts.hide([three], on=True)
    store.acts.tag([one], add=["weather"], drop=[])
    store.acts.annotate(one, "a note\nof two lines")
    store.acts.keep_position(one, Position(revision=1, offset=7))
    store.saved.keep("Rain", "rain is:unread", ["bookmark"])
    store.history.add("rain")
    store.feeds.subscribe("http://b.example/feed", due=datetime(2022, 1, 1, tzinfo=UTC))
    store.full_texts.wish(two)
    store.accounts.add("freshrss", "http://c.example/", "me")
    (task,) = [each for each in store.todo.take("entities", 99) if each.article == 7]
    named = [Recognised(0, 8, EntityKind.PERSON, "Ana Ruiz")]
    store.entities.save(task, store.articles.text(ArticleID(7)), named, 1)
    (ana,) = store.entities.find("Ana", kind=None, limit=9)
    store.entity_acts.follow(ana.id, on=True)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """The path of a library of this version in which no table of truth is empty."""
    home = tmp_path_factory.mktemp("full") / "home"
    store = Store(home)
    user_did(store)
    store.close()
    with closing(sqlite3.connect(home / "library.db", isolation_level=None)) as db:
        for table, statement in EXTRA.items():
            if not db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
                db.execute(statement)
        empty = [t for t in TRUTH if not db.execute(f"SELECT count(*) FROM {t}").fetchone()[0]]
    assert empty == []
    return home / "library.db"


def columns(db, table):
    found = db.execute(f"PRAGMA main.table_xinfo({table})")
    return [row[1] for row in found if row[6] == 0]


def older(version, full, home):
    """Write a library of ``version`` with all of ``full`` that it has room for; return that."""
    home.mkdir()
    db = sqlite3.connect(home / "library.db", isolation_level=None)
    db.executescript((SCHEMAS / f"{version}.sql").read_text())
    db.execute("ATTACH ? AS full", (str(full),))
    db.execute("PRAGMA foreign_keys = OFF")
    triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    kept = {}
    with closing(sqlite3.connect(full)) as now:
        for table in TRUTH:
            there = columns(db, table)
            shared = [each for each in columns(now, table) if each in there]
            if not shared:
                continue
            names = ", ".join(f'"{each}"' for each in shared)
            db.execute(f"DELETE FROM main.{table}")
            db.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM full.{table}")
            kept[table] = (names, rows(db, table, names))
    for _, statement in triggers:
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {version}")
    db.close()
    return kept


def rows(db, table, names):
    return sorted(db.execute(f"SELECT {names} FROM main.{table}"), key=repr)


@pytest.mark.parametrize("version", VERSIONS)
def test_no_row_of_truth_is_lost_or_changed(version, full, tmp_path):
    home = tmp_path / "home"
    kept = older(version, full, home)
    assert len(kept) >= 18
    store = Store(home)
    assert store.check() == []
    store.recount()
    assert store.wrong_counts() == []
    assert store.lists.counts().bookmarks == 1
    store.close()
    assert shape(home / "library.db") == shape(full)
    with closing(sqlite3.connect(home / "library.db")) as db:
        for table, (names, before) in kept.items():
            assert rows(db, table, names) == before, table
    copies = [copy for copy in kept_copies(home) if f"v{version}" in copy.path.name]
    assert len(copies) == int(version < VERSIONS[-1]), "the marks are kept before the shape changes"
