"""Subscribed feeds: adding, what a fetch leaves behind, settings and their undo."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import entry, feed

from newsreader.errors import NotFoundError, UsageError
from newsreader.model import FeedSettings
from newsreader.store import Arrival, Fetched, Origin

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://a.example/feed"


def add(store, url=URL, **more):
    return store.feeds.subscribe(url, due=NOW, **more)[0]


def fetched(**more):
    return Fetched(at=NOW, due=NOW + timedelta(hours=1), **more)


def test_a_feed_is_added_once_and_keeps_what_it_has(store):
    first, new = store.feeds.subscribe(URL, folder="World", title="Mine")
    again, newer = store.feeds.subscribe(URL, folder="Elsewhere")
    assert (new, newer) == (True, False) and first == again
    (source,) = store.lists.sources()
    assert (source.title, source.folder, source.url) == ("Mine", "World", URL)


def test_what_is_due_is_neither_paused_nor_gone_nor_later(store):
    now, paused, gone, later = (add(store, f"https://a.example/{n}") for n in range(4))
    store.feeds.set(paused, paused=True)
    store.feeds.record(gone, fetched(gone=True, error="is no more"))
    store.feeds.postpone(later, NOW + timedelta(days=1))
    assert [state.source for state in store.feeds.due(NOW)] == [now]
    assert {state.source for state in store.feeds.states()} == {now, later}
    assert [state.source for state in store.feeds.states([gone, gone])] == [gone]


def test_a_fetch_leaves_what_the_next_one_needs(store):
    source = add(store)
    store.feeds.record(
        source,
        fetched(etag='"1"', last_modified="yesterday", body_hash=b"x", gap=90, title="A Paper"),
    )
    state = store.feeds.states([source])[0]
    assert (state.etag, state.last_modified, state.body_hash, state.gap) == (
        '"1"',
        "yesterday",
        b"x",
        90,
    )
    assert state.title == "A Paper"
    assert state.due == NOW + timedelta(hours=1)


def test_failures_are_counted_in_a_row_and_said_in_words(store):
    source = add(store)
    store.feeds.record(source, fetched(error="no answer"))
    store.feeds.record(source, fetched(error="no answer"))
    health = store.feeds.one(source)
    assert (health.failures, health.error, health.succeeded) == (2, "no answer", None)
    store.feeds.record(source, fetched(brought=True))
    health = store.feeds.one(source)
    assert (health.failures, health.error, health.succeeded) == (0, None, NOW)
    assert health.brought == NOW


def test_the_user_s_title_stands_above_the_feed_s(store):
    source = add(store)
    store.feeds.record(source, fetched(title="The Feed's Own"))
    assert store.lists.sources()[0].title == "The Feed's Own"
    store.feeds.set(source, title="Mine")
    store.feeds.record(source, fetched(title="New Name"))
    assert store.lists.sources()[0].title == "Mine"
    assert store.acts.undo() == "The Feed's Own: renamed"
    assert store.lists.sources()[0].title == "New Name"


def test_a_feed_that_moves_keeps_its_articles_and_their_identity(store):
    source = add(store)
    origin = feed(URL)
    first = store.articles.save(origin, [Arrival(entry("A", guid="1"), scope=URL)])
    assert store.feeds.move(source, "https://b.example/feed")
    state = store.feeds.states([source])[0]
    assert (state.url, state.scope) == ("https://b.example/feed", URL)
    moved = Origin(kind="feed", key=state.url, title="A", url=state.url)
    again = store.articles.save(moved, [Arrival(entry("A", "x", guid="1"), scope=state.scope)])
    assert again.updated == first.imported


def test_a_feed_does_not_move_onto_another(store):
    source = add(store)
    other = add(store, "https://b.example/feed")
    assert not store.feeds.move(source, "https://b.example/feed")
    assert {state.source for state in store.feeds.states()} == {source, other}


def test_settings_are_kept_and_taken_back(store):
    source = add(store)
    wanted = FeedSettings(
        title="T",
        folder="F",
        paused=True,
        interval=3600,
        full_text=True,
        user_agent="Me/1",
        insecure=True,
        cookies=True,
    )
    assert store.feeds.keep(source, wanted)
    assert not store.feeds.keep(source, wanted)
    assert store.feeds.one(source).settings == wanted
    assert store.acts.undo() == "a.example: settings changed"
    assert store.feeds.one(source).settings == FeedSettings()
    store.acts.redo()
    assert store.feeds.one(source).settings == wanted


@pytest.mark.parametrize(
    "wrong", [{"interval": 1}, {"interval": 10**9}, {"login": "magic"}, {"colour": "red"}]
)
def test_a_setting_that_cannot_be_is_refused(store, wrong):
    source = add(store)
    with pytest.raises(UsageError):
        store.feeds.set(source, **wrong)
    assert store.feeds.one(source).settings == FeedSettings()


def test_an_import_has_no_health(store):
    store.articles.save(Origin(kind="import", key="i", title="I"), [Arrival(entry("A"))])
    (source,) = store.lists.sources()
    with pytest.raises(NotFoundError, match="no subscribed feed"):
        store.feeds.one(source.id)
    assert store.feeds.health() == []


def test_articles_of_a_week_are_counted_over_what_is_known(store):
    source = add(store)
    now = datetime.now(UTC)
    arrivals = [
        Arrival(entry(f"A{n}", guid=str(n), published=now - timedelta(days=n)), scope=URL)
        for n in range(28)
    ]
    store.articles.save(feed(URL), arrivals)
    assert 6.5 < store.feeds.one(source).per_week < 7.5


def test_what_a_publisher_changed_is_kept(store):
    add(store)
    article = store.articles.save(
        feed(URL), [Arrival(entry("Old title", "Old words.", guid="1"), scope=URL)]
    ).imported[0]
    store.acts.mark_read([article], read=True)
    changed = entry("New title", "New words.", guid="1", author="Ann")
    store.articles.save(feed(URL), [Arrival(changed, scope=URL)])
    (change,) = store.lists.changes(article)
    assert dict(change.fields) == {"title": "Old title", "text": ""}
    assert store.lists.article(article).read
    old = store._db.execute(
        "SELECT text FROM revision WHERE article_id = ? AND number = ?", (article, change.revision)
    ).fetchone()
    assert old == (b"Old words.",)


def test_the_page_s_text_is_read_and_the_feed_s_stays_beside_it(store):
    add(store)
    article = store.articles.save(
        feed(URL), [Arrival(entry("A", "A teaser.", guid="1", link="https://a.example/1"))]
    ).imported[0]
    store.full_texts.wish(article)
    (wish,) = store.full_texts.wishes(NOW, 9)
    assert (wish.article, wish.home, wish.by_user) == (article, URL, True)
    page = entry("A", "A teaser. And all the rest of it, at length.", author="Ann")
    store.full_texts.save(article, page)
    shown = store.lists.article(article)
    assert (shown.body.text, shown.origin, shown.author) == (page.body.text, "page", "Ann")
    assert store.full_texts.wishes(NOW, 9) == []
    assert store.full_texts.use(article, "feed")
    assert store.lists.article(article).body.text == "A teaser."
    assert not store.full_texts.use(article, "feed")
    assert store.full_texts.use(article, "page")
    assert not store.check() and not store.wrong_counts()


def test_a_feed_s_update_leaves_the_page_s_text_in_place_and_asks_for_it_again(store):
    source = add(store)
    store.feeds.set(source, full_text=True)
    link = "https://a.example/1"
    first = Arrival(entry("A", "A teaser.", guid="1", link=link), scope=URL)
    article = store.articles.save(feed(URL), [first]).imported[0]
    assert [wish.article for wish in store.full_texts.wishes(NOW, 9)] == [article]
    store.full_texts.save(article, entry("A", "All of it, at length."))
    second = Arrival(entry("A!", "Another teaser.", guid="1", link=link), scope=URL)
    assert store.articles.save(feed(URL), [second]).updated == (article,)
    shown = store.lists.article(article)
    assert (shown.title, shown.body.text) == ("A!", "All of it, at length.")
    assert [wish.article for wish in store.full_texts.wishes(NOW, 9)] == [article]
    store.full_texts.use(article, "feed")
    assert store.lists.article(article).body.text == "Another teaser."


def test_a_page_that_cannot_be_read_says_why(store):
    add(store)
    article = store.articles.save(
        feed(URL), [Arrival(entry("A", "A teaser.", guid="1", link="https://a.example/1"))]
    ).imported[0]
    store.full_texts.wish(article)
    store.full_texts.failed(article, "the server is busy", again=NOW + timedelta(hours=1))
    assert store.full_texts.wishes(NOW, 9) == []
    (wish,) = store.full_texts.wishes(NOW + timedelta(hours=2), 9)
    assert wish.attempts == 1
    store.full_texts.failed(article, "only for subscribers", again=None)
    assert store.lists.article(article).page_error == "only for subscribers"
    assert store.full_texts.wishes(NOW + timedelta(days=9), 9) == []
