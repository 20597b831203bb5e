"""Who is who: the same article by guid, file, link or text, and what changes when it changes."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import entry, feed, folder

from newsreader.errors import NotFoundError
from newsreader.model import ArticleID, Position, Scope, ScopeKind
from newsreader.store import Arrival, Store

ALL = Scope(ScopeKind.ALL)
LONG = "The council met on Monday and voted to keep the ferry running through the winter. " * 5


def test_a_file_imported_again_is_unchanged_and_a_changed_one_updates_its_article(store):
    path = Path("/clippings/a.txt")
    first = store.articles.save(folder(), [Arrival(entry("A", LONG), path)])
    again = store.articles.save(folder(), [Arrival(entry("A", LONG), path)])
    assert (len(first.imported), again.unchanged) == (1, first.imported)
    changed = store.articles.save(folder(), [Arrival(entry("A", LONG + "More."), path)])
    assert changed.updated == first.imported
    assert store.articles.text(first.imported[0]).endswith("More.")
    assert store.lists.article(first.imported[0]).revision == 2


def test_importing_a_file_by_another_path_argument_adds_no_source(store):
    path = Path("/clippings/a.txt")
    store.articles.save(folder(), [Arrival(entry("A", LONG), path)])
    store.articles.save(folder("/clippings/a.txt"), [Arrival(entry("A", LONG), path)])
    assert [source.total for source in store.lists.sources()] == [1]


def test_entries_of_two_feeds_with_one_link_are_one_article_with_two_sources(store):
    link = "https://paper.example/ferry"
    one = store.articles.save(feed("f1"), [Arrival(entry("A", LONG, guid="1", link=link))])
    two = store.articles.save(feed("f2"), [Arrival(entry("B", "Teaser.", guid="x", link=link))])
    assert two.unchanged == one.imported
    article = store.lists.article(one.imported[0])
    assert [title for _, title in article.via] == ["f1", "f2"]
    assert article.title == "A", "the fuller text stays"


def test_the_fuller_text_wins_whichever_came_first(store):
    link = "https://paper.example/ferry"
    one = store.articles.save(feed("f1"), [Arrival(entry("B", "Teaser.", guid="1", link=link))])
    store.articles.save(feed("f2"), [Arrival(entry("A", LONG, guid="x", link=link))])
    assert store.articles.text(one.imported[0]) == LONG
    assert store.articles.save(
        feed("f1"), [Arrival(entry("B", "Teaser.", guid="1", link=link))]
    ).unchanged, "and two feeds never fight over it"
    assert store.articles.text(one.imported[0]) == LONG


def test_equal_texts_across_feeds_are_one_article(store):
    one = store.articles.save(feed("f1"), [Arrival(entry("A", LONG, guid="1"))])
    two = store.articles.save(feed("f2"), [Arrival(entry("Another title", LONG, guid="9"))])
    assert two.unchanged == one.imported


def test_short_equal_texts_with_other_titles_are_two_articles(store):
    store.articles.save(feed("f1"), [Arrival(entry("A", "Watch the video.", guid="1"))])
    two = store.articles.save(feed("f2"), [Arrival(entry("B", "Watch the video.", guid="2"))])
    assert len(two.imported) == 1


def test_within_a_feed_the_guid_decides(store):
    link = "https://paper.example/"
    saved = store.articles.save(
        feed(), [Arrival(entry(t, LONG, guid=t, link=link)) for t in ("one", "two", "three")]
    )
    assert len(saved.imported) == 3


def test_a_guid_counts_only_within_its_feed(store):
    store.articles.save(feed("f1"), [Arrival(entry("A", guid="1"))])
    assert store.articles.save(feed("f2"), [Arrival(entry("B", guid="1"))]).imported


def test_an_entry_without_guid_is_known_by_its_link(store):
    link = "https://paper.example/ferry"
    one = store.articles.save(feed(), [Arrival(entry("A", LONG, link=link))])
    two = store.articles.save(feed(), [Arrival(entry("A", LONG + "More.", link=link))])
    assert two.updated == one.imported


def test_an_undated_article_is_undated_and_stands_by_its_arrival(store):
    dated = store.articles.save(folder(), [Arrival(entry("Old"), Path("/a"))]).imported[0]
    undated = store.articles.save(
        folder(), [Arrival(entry("New", published=None), Path("/b"))]
    ).imported[0]
    assert store.lists.article(undated).published is None
    assert list(store.lists.article_ids(ALL)) == [undated, dated]


def test_what_the_user_did_outlives_the_article(store):
    arrivals = [Arrival(entry("A", LONG, guid="1")), Arrival(entry("B", guid="2"))]
    saved = store.articles.save(feed(), arrivals).imported
    store.acts.mark_read(saved, read=True)
    store.acts.keep_position(saved[0], Position(1, 20))
    store.remove_sources([store.lists.sources()[0].id])
    with pytest.raises(NotFoundError):
        store.lists.article(saved[0])
    back = store.articles.save(feed(), arrivals)
    assert back.imported == saved, "the same id"
    assert store.lists.counts().unread == 0
    assert store.lists.position(saved[0]) == Position(1, 20)


def test_removing_a_source_keeps_what_the_user_kept(store):
    saved = store.articles.save(feed(), [Arrival(entry(t, guid=t)) for t in "abcde"]).imported
    store.acts.bookmark(saved[:1], on=True)
    store.acts.annotate(saved[1], "mine")
    store.acts.tag(saved[2:3], add=["later"], drop=[])
    store.articles.save(feed("other"), [Arrival(entry("d", guid="z"))])
    assert store.remove_sources([store.lists.sources()[0].id])
    assert set(store.lists.article_ids(ALL)) >= set(saved[:3])
    assert not store.check() and not store.wrong_counts()


def test_a_position_follows_its_words_into_a_changed_text(store):
    path = Path("/a")
    article = store.articles.save(folder(), [Arrival(entry("A", LONG), path)]).imported[0]
    at = LONG.index("keep the ferry")
    store.acts.keep_position(article, Position(1, at))
    store.articles.save(folder(), [Arrival(entry("A", "CORRECTED. " + LONG), path)])
    position = store.lists.position(article)
    text = store.articles.text(article)
    assert position.revision == 2
    assert text[position.offset :].startswith("keep the ferry")


def test_an_old_revision_stays_while_a_highlight_points_at_it(store):
    path = Path("/a")
    article = store.articles.save(folder(), [Arrival(entry("A", LONG), path)]).imported[0]
    store._db.execute(
        "INSERT INTO highlight (article_id, revision, start, end, quote, created_at, changed_at)"
        " VALUES (?, 1, 0, 3, 'The', 0, 0)",
        (article,),
    )
    for n in range(14):
        store.articles.save(folder(), [Arrival(entry("A", LONG + "x" * (n + 1)), path)])
    numbers = [n for (n,) in store._db.execute("SELECT number FROM revision ORDER BY number")]
    # The one with the highlight, the last ten old ones, and what is read.
    assert numbers == [1, *range(5, 16)]


def test_storing_queues_the_derived_work_in_the_same_transaction(store):
    store.articles.save(feed(), [Arrival(entry("A", guid="1"))])
    pending = store.todo.pending()
    assert (pending.index, pending.entities) == (1, 1)
    with pytest.raises(AttributeError):
        store.articles.save(feed(), [Arrival(entry("B", guid="2")), Arrival(None)])
    assert store.lists.counts().all == 1
    assert store.todo.pending() == pending


def test_a_task_queued_again_meanwhile_is_not_lost(store):
    article = store.articles.save(feed(), [Arrival(entry("A", guid="1"))]).imported[0]
    task = store.todo.take("index", 5)
    store.todo.queue("index", [article])
    store.todo.done("index", task)
    assert store.todo.pending().index == 1


def test_a_failing_task_is_set_aside_with_its_reason(store):
    article = store.articles.save(feed(), [Arrival(entry("A", guid="1"))]).imported[0]
    for _ in range(3):
        store.todo.failed("entities", store.todo.take("entities", 1)[0], "it crashed")
    assert store.todo.pending().entities == 0
    assert store.todo.failures() == [("entities", article, "it crashed")]


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=400)


@settings(max_examples=60, deadline=None)
@given(title=texts, text=texts)
def test_any_text_comes_back_as_it_went_in(tmp_path_factory, title, text):
    store = Store(tmp_path_factory.mktemp("home"))
    saved = store.articles.save(feed(), [Arrival(entry(title, text or "x", guid="1"))])
    article = store.lists.article(ArticleID(saved.imported[0]))
    assert (article.title, article.body.text) == (title, text or "x")
    store.close()
