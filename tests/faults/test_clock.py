"""A clock that was far ahead and is set back, or stands still: nothing stalls, nothing loops."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import Arrival, entry, feed

from newsreader.backups import keep_weekly
from newsreader.derive import Deriver
from newsreader.model import Scope, ScopeKind
from newsreader.store.copies import kept_copies
from newsreader.sync.running import due_accounts

NOW = datetime.now(UTC)
AHEAD = timedelta(days=3 * 365)


def ahead(store, statement):
    """Set times in the database as a program would have whose clock is three years ahead."""
    store._db.execute(statement, ((NOW + AHEAD).timestamp() * 1000 // 1,))


def arrive(store, title, **fields):
    saved = store.articles.save(feed(), [Arrival(entry(title, f"{title}. " * 30, **fields))])
    return saved.imported[0]


def work(store, home, now):
    deriver = Deriver(store, home, recognise=False, now=lambda: now)
    deriver.prepare()
    steps = 0
    while deriver.step():
        steps += 1
        assert steps < 100, "it never comes to rest"
    deriver.close()


def test_a_feed_fetched_in_the_future_is_due(store):
    source, _ = store.feeds.subscribe("http://127.0.0.1/feed", due=NOW + AHEAD)
    ahead(store, "UPDATE feed SET fetched_at = ?")
    assert [state.source for state in store.feeds.due(NOW)] == [source]
    due = store.feeds.next_due(NOW)
    assert due is not None and due <= NOW


def test_a_page_put_off_in_the_future_is_tried(store):
    article = arrive(store, "Rain", link="http://127.0.0.1/rain")
    store.full_texts.wish(article)
    for wait, due in ((timedelta(hours=4), 0), (AHEAD, 1)):
        store.full_texts.failed(article, "refused", again=NOW + wait)
        assert len(store.full_texts.wishes(NOW, 9)) == due


def test_an_account_synced_in_the_future_or_put_off_for_years_is_due(store):
    account = store.accounts.add("freshrss", "http://127.0.0.1/", "me")
    store.accounts.record(account.id)
    assert due_accounts(store, NOW) == []
    ahead(store, "UPDATE account SET synced_at = ?")
    assert len(due_accounts(store, NOW)) == 1
    store._db.execute("UPDATE account SET synced_at = NULL")
    for wait, due in ((timedelta(hours=20), 0), (AHEAD, 1)):
        store.accounts.record(account.id, error="busy", due=NOW + wait)
        assert len(due_accounts(store, NOW)) == due


@pytest.mark.parametrize("query", ["newer:7d", "date:today"])
def test_what_aged_while_the_clock_was_ahead_matches_again(store, home, query):
    store.saved.keep("New", query)
    article = arrive(store, "Rain", published=NOW)
    scope = Scope(ScopeKind.SAVED, str(store.saved.find("New").id))
    for clock, matches in ((NOW, [article]), (NOW + AHEAD, []), (NOW, [article])):
        work(store, home, clock)
        assert list(store.lists.article_ids(scope)) == matches


def test_the_weekly_copy_is_made_whatever_the_clock_said_before(store, home):
    arrive(store, "Rain")
    assert keep_weekly(home, now=NOW + AHEAD)
    assert keep_weekly(home, now=NOW)
    assert not keep_weekly(home, now=NOW), "once is enough"
    assert not keep_weekly(home, now=NOW + timedelta(days=6))
    assert keep_weekly(home, now=NOW + timedelta(days=8))
    assert len(kept_copies(home)) == 3


def test_acts_are_undone_in_their_order_though_the_clock_went_back(store):
    first, second = arrive(store, "Rain"), arrive(store, "Snow")
    store.acts.bookmark([first], on=True)
    ahead(store, "UPDATE act SET at = ?")
    store.acts.bookmark([second], on=True)
    assert store.acts.undo() is not None
    assert store.lists.status_ids("is:bookmarked") == [first]


def test_articles_of_the_future_neither_hide_nor_stall_others(store, home):
    future = arrive(store, "Tomorrow", published=NOW + AHEAD)
    present = arrive(store, "Today", published=NOW)
    work(store, home, NOW)
    assert set(store.lists.article_ids(Scope(ScopeKind.ALL))) == {future, present}
    assert present in store.lists.article_ids(Scope(ScopeKind.TODAY))
    assert store.todo.pending().index == 0
