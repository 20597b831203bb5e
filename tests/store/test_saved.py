"""Saved searches, hidden articles, the history of searches: kept, counted, taken back."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import entry, feed

from newsreader.errors import NotFoundError, UsageError
from newsreader.library import Library
from newsreader.model import Scope, ScopeKind
from newsreader.store import Arrival, Store, Timing
from newsreader.text.clean import clean_line

ALL = Scope(ScopeKind.ALL)


def fill(store, count=6):
    arrivals = [Arrival(entry(f"Article {n}", guid=str(n))) for n in range(count)]
    return list(store.articles.save(feed(), arrivals).imported)


def match(store, name, masks):
    """Keep matches as the worker would."""
    search = next(s for s in store.matches.searches() if s.id == store.saved.find(name).id)
    store.matches.fill(search, masks, Timing(0, None, 0))


EVERY = 0x00FF
UNREAD_ONLY = 0x0055


def test_a_name_is_one_clean_line_unique_whatever_its_case(store):
    store.saved.keep(" Oil\n\x1b[31m prices ", "oil")
    assert [s.name for s in store.saved.all()] == ["Oil prices"]
    store.saved.keep("OIL PRICES", "oil price")
    assert [(s.name, s.query) for s in store.saved.all()] == [("OIL PRICES", "oil price")]
    assert store.saved.find("oil  prices").query == "oil price"


def test_they_stand_by_name(store):
    for name in ("b", "C", "a"):
        store.saved.keep(name, "x")
    assert [s.name for s in store.saved.all()] == ["a", "b", "C"]


@pytest.mark.parametrize(
    "name, query, action",
    [
        ("", "x", "read"),
        ("\x1b", "x", "read"),
        ("A", " ", "read"),
        ("A", "x", "explode"),
        ("A", "x", "tag:"),
        ("A", "x", "tag"),
        ("A", "x", "tag:\x07"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_kept(store, name, query, action):
    with pytest.raises(UsageError):
        store.saved.keep(name, query, [action])
    assert store.saved.all() == [] and store.acts.undo() is None


def test_keeping_renaming_and_removing_can_be_taken_back(store):
    store.saved.keep("A", "ferry", ["read", "read", "tag: two  words "])
    store.saved.keep("A", "boat")
    store.saved.keep("A", "boat")
    store.saved.rename("a", "Boats")
    store.saved.remove("Boats")
    assert store.saved.all() == []
    done = []
    states = []
    while label := store.acts.undo():
        done.append(label)
        states.append([(s.name, s.query, s.actions) for s in store.saved.all()])
    assert done == [
        'saved search "Boats" removed',
        'saved search "A" renamed to "Boats"',
        'saved search "A" changed',
        'saved search "A" added',
    ]
    assert states == [
        [("Boats", "boat", ())],
        [("A", "boat", ())],
        [("A", "ferry", ("read", "tag:two words"))],
        [],
    ]
    while store.acts.redo():
        pass
    assert store.saved.all() == []


def test_a_name_that_is_taken_or_unknown_is_said(store):
    store.saved.keep("A", "x")
    store.saved.keep("B", "y")
    with pytest.raises(UsageError, match="another saved search is called 'B'"):
        store.saved.rename("A", "b")
    assert store.saved.rename("A", "a").name == "a"
    for act in (store.saved.find, store.saved.remove, lambda name: store.saved.rename(name, "D")):
        with pytest.raises(NotFoundError):
            act("C")


def test_counts_and_list_follow_the_keys_without_a_search(store):
    ids = fill(store)
    store.saved.keep("All", "article")
    store.saved.keep("New", "article is:unread")
    assert [s.ready for s in store.saved.all()] == [False, False]
    assert store.lists.article_ids(Scope(ScopeKind.SAVED, "1")) == []
    match(store, "All", dict.fromkeys(ids, EVERY))
    match(store, "New", dict.fromkeys(ids, UNREAD_ONLY))
    store.acts.mark_read(ids[:2], read=True)
    found = {s.name: (s.unread, s.total) for s in store.saved.all()}
    assert found == {"All": (4, 6), "New": (4, 4)}
    assert store.lists.article_ids(Scope(ScopeKind.SAVED, "1")) == ids[::-1]
    assert store.lists.article_ids(Scope(ScopeKind.SAVED, "2")) == ids[:1:-1]
    store.acts.undo()
    assert [(s.unread, s.total) for s in store.saved.all()] == [(6, 6), (6, 6)]
    assert store.wrong_counts() == []


def test_another_query_is_not_ready_until_it_is_matched(store):
    ids = fill(store)
    store.saved.keep("A", "article")
    match(store, "A", dict.fromkeys(ids, EVERY))
    store.saved.keep("A", "ferry")
    assert store.saved.find("A") == (1, "A", "ferry", (), 0, 0, False)
    match(store, "A", {ids[0]: EVERY})
    assert store.saved.find("A").total == 1
    store.acts.undo()
    assert not store.saved.find("A").ready


def test_what_was_found_of_an_older_query_is_passed_over(store):
    ids = fill(store)
    store.saved.keep("A", "article")
    before = store.matches.searches()[0]
    store.saved.keep("A", "ferry")
    store.matches.fill(before, dict.fromkeys(ids, EVERY), Timing(0, None, 0))
    store.matches.finish(
        store.todo.take("index", 10), {(1, 1): dict.fromkeys(ids, EVERY)}, names_follow=True
    )
    assert store.matches.masks(1) == {} and not store.saved.find("A").ready


def test_an_article_removed_meanwhile_is_no_match(store):
    ids = fill(store)
    store.saved.keep("A", "article")
    search = store.matches.searches()[0]
    store.remove_sources([store.lists.sources()[0].id])
    store.matches.fill(search, dict.fromkeys(ids, EVERY), Timing(0, None, 0))
    assert store.saved.find("A").total == 0 and store.check() == []


def test_hidden_articles_are_in_no_list_and_no_count(store, home):
    ids = fill(store)
    library = Library(home)
    library.bookmark(ids[:2])
    assert library.hide(ids[1:3]) == 2
    assert library.hide(ids[1:3]) == 0
    counts = library.counts()
    assert (counts.all, counts.unread, counts.bookmarks, counts.hidden) == (4, 4, 1, 2)
    source = library.sources()[0]
    assert (source.unread, source.total) == (4, 4)
    for scope in (ALL, Scope(ScopeKind.UNREAD), Scope(ScopeKind.SOURCE, str(source.id))):
        assert library.article_ids(scope) == [ids[5], ids[4], ids[3], ids[0]]
    assert library.article_ids(Scope(ScopeKind.BOOKMARKS)) == [ids[0]]
    assert library.article(ids[1]).hidden and library.headlines([ids[1]])[0].hidden
    assert set(store.lists.status_ids("is:hidden")) == set(ids[1:3])
    assert set(store.lists.hidden_ids(Scope(ScopeKind.BOOKMARKS))) == {ids[1]}
    assert store.stats()["articles"] == 6
    assert library.undo() == "2 articles hidden"
    assert library.counts().hidden == 0 and store.wrong_counts() == []
    library.close()


def test_a_hidden_article_that_comes_back_is_still_hidden(store):
    ids = fill(store)
    store.acts.hide(ids[:1], on=True)
    store.acts.annotate(ids[1], "mine")
    store.remove_sources([store.lists.sources()[0].id])
    assert store.lists.counts().hidden == 0 and store.wrong_counts() == []
    fill(store)
    counts = store.lists.counts()
    assert (counts.all, counts.hidden) == (5, 1)
    assert store.lists.sources()[0].total == 5 and store.wrong_counts() == []


def test_undoing_a_tag_leaves_what_else_was_tagged_since(store):
    ids = fill(store, 1)
    store.acts.tag(ids, add=["mine"], drop=[])
    store._db.execute("INSERT INTO tag VALUES (?, 'sport', 0, 0)", ids)
    store.acts.undo()
    assert store.lists.article(ids[0]).tags == ("sport",)
    store.acts.redo()
    assert store.lists.article(ids[0]).tags == ("mine", "sport")


def test_wrong_counters_are_named_and_set_right(store):
    ids = fill(store)
    store.saved.keep("A", "article")
    match(store, "A", dict.fromkeys(ids, EVERY))
    store.acts.hide(ids[:1], on=True)
    store._db.execute("UPDATE saved_count SET total = 77, unread = -1")
    store._db.execute("UPDATE saved_match SET shown = 0 WHERE article_id = ?", (ids[1],))
    store._db.execute("UPDATE article_source SET hidden = 1")
    store._db.execute("UPDATE library_count SET n = 50")
    assert len(store.wrong_counts()) > 8
    store.recount()
    assert store.wrong_counts() == []
    assert (store.saved.find("A").unread, store.saved.find("A").total) == (5, 5)


def test_lost_derived_rows_are_made_again(store):
    fill(store)
    store.saved.keep("A", "article")
    store._db.execute("DELETE FROM saved_match")
    store._db.execute("DELETE FROM saved_count")
    store.recount()
    assert [s.matched for s in store.matches.searches()] == [0]
    assert not store.saved.find("A").ready


def test_the_history_has_each_search_once_newest_first(store):
    for query in ("oil", "gas", " ", "oil  ", "wind"):
        store.history.add(query)
    assert store.history.recent() == ["wind", "oil", "gas"]
    assert store.history.recent(1) == ["wind"]
    assert store.acts.undo() is None


def test_the_history_forgets_the_oldest(store):
    with_many = [(f"q{n}", 0) for n in range(1100)]
    store._db.executemany("INSERT INTO search_history (query, at) VALUES (?, ?)", with_many)
    store.history.add("last")
    assert len(store.history.recent(5000)) == 1000
    assert store.history.recent(2) == ["last", "q1099"]


def test_a_library_of_the_first_version_is_brought_over_whole(tmp_path):
    home = tmp_path / "old"
    home.mkdir()
    db = sqlite3.connect(home / "library.db")
    schema = Path(__file__).parent / "schemas" / "1.sql"
    db.executescript(schema.read_text() + "\nPRAGMA user_version = 1;")
    db.execute("INSERT INTO meta VALUES ('home_id', 'x')")
    db.execute("INSERT INTO source (kind, key, title) VALUES ('feed', 'f', 'F')")
    db.execute("INSERT INTO subscription (source_id, added_at) VALUES (1, 0)")
    db.execute("INSERT INTO note VALUES (2, 'mine', 0)")
    for n in (1, 2, 3):
        db.execute(
            "INSERT INTO article (id, title, arrived, words, lead, text_hash)"
            " VALUES (?, 'T', 5, 1, '', x'00')",
            (n,),
        )
        db.execute("INSERT INTO article_source VALUES (1, ?, NULL, 5, 5)", (n,))
    db.execute("INSERT INTO status (article_id, read) VALUES (3, 1)")
    db.commit()
    db.close()
    store = Store(home)
    assert store.wrong_counts() == [] and store.check() == []
    assert store.lists.counts().unread == 2
    assert store._db.execute("SELECT id FROM article WHERE noted = 1").fetchall() == [(2,)]
    assert store._db.execute("SELECT count(*) FROM arrival").fetchone() == (0,)
    store.close()


@settings(max_examples=20, deadline=None)
@given(name=st.text(max_size=30), query=st.text(max_size=30), tag=st.text(max_size=10))
def test_any_text_is_kept_clean_or_refused(tmp_path_factory, name, query, tag):
    store = Store(tmp_path_factory.mktemp("h"), durable=False)
    try:
        kept = store.saved.keep(name, query, [f"tag:{tag}"])
    except UsageError:
        assert store.saved.all() == []
    else:
        assert kept.name == clean_line(name) and kept.query == clean_line(query)
        assert store.saved.find(name) == store.saved.find(kept.name) == kept
        store.acts.undo()
        assert store.saved.all() == []
    store.close()
