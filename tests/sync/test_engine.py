"""Syncs of one account: what comes, what goes, what stays when the other side changes."""

import threading
from contextlib import closing
from dataclasses import replace

import pytest
from tests.conftest import Arrival, entry, feed
from tests.sync.server import PASSWORD, USER, Server

from newsreader.errors import SyncError
from newsreader.model import Scope, ScopeKind
from newsreader.store import Store
from newsreader.sync.engine import sync_account, sync_lock
from newsreader.sync.greader import Reader

URL = "https://a.example/feed"


def rows(store):
    ids = store.lists.article_ids(Scope(ScopeKind.ALL))
    return {row.title: row for row in store.lists.headlines(ids)}


def source(store):
    (found,) = store.lists.sources()
    return found


def paused(store, url=URL):
    (found,) = store._db.execute(
        "SELECT paused FROM subscription JOIN source ON id = source_id WHERE key = ?", (url,)
    ).fetchone()
    return bool(found)


def test_feeds_folders_and_articles_come_with_their_marks(server, store, sync):
    stream = server.subscribe(URL, "The A", "News")
    server.publish(stream, "Fish & chips")
    server.publish(stream, "Seen", read=True)
    server.publish(stream, "Starred", starred=True)
    done = sync()
    assert (done.feeds, done.added, done.new) == (1, ["The A"], 3)
    found = rows(store)
    assert {title: (row.read, row.bookmarked) for title, row in found.items()} == {
        "Fish & chips": (False, False),
        "Seen": (True, False),
        "Starred": (False, True),
    }
    assert (source(store).title, source(store).folder, source(store).kind) == (
        "The A",
        "News",
        "feed",
    )
    article = store.lists.article(found["Seen"].id)
    assert article.author == "Ann Author" and article.tags == ("weather",)
    assert [enclosure.url for enclosure in article.enclosures] == [f"{article.url}.mp3"]
    # The server fetches it, not this program.
    assert paused(store)


def test_syncing_again_changes_nothing_and_asks_for_no_article(server, store, sync):
    stream = server.subscribe(URL)
    for number in range(30):
        server.publish(stream, f"R{number}", read=number % 2 == 0)
    sync()
    asked = server.asked("contents")
    done = sync()
    assert (done.added, done.new, done.changed, done.sent) == ([], 0, 0, 0)
    assert server.asked("contents") == asked and server.asked("edit-tag") == 0


def test_an_entry_that_was_fetched_directly_stays_one_article(server, store, sync):
    stream = server.subscribe(URL)
    item = server.publish(stream, "Storm")
    direct = Arrival(entry("Storm", guid="own-1", link=item.link))
    store.articles.save(feed(URL), [direct])
    sync()
    assert len(rows(store)) == 1
    store.articles.save(feed(URL), [direct])
    later = server.publish(stream, "Calm")
    sync()
    store.articles.save(feed(URL), [Arrival(entry("Calm", guid="own-2", link=later.link))])
    assert sorted(rows(store)) == ["Calm", "Storm"]


def test_two_items_of_a_feed_with_one_address_are_two_articles(server, store, sync):
    stream = server.subscribe(URL)
    for title in ("Monday", "Tuesday", "Wednesday"):
        server.publish(stream, title, link="https://a.example/live")
    sync()
    assert sorted(rows(store)) == ["Monday", "Tuesday", "Wednesday"]
    assert {row.url for row in rows(store).values()} == {"https://a.example/live"}
    assert sync().new == 0


def test_one_article_in_two_feeds_is_read_in_both(server, store, sync):
    items = [
        server.publish(server.subscribe(f"https://{name}.example/feed"), "Storm", link=URL)
        for name in "ab"
    ]
    sync()
    (row,) = rows(store).values()
    store.acts.mark_read([row.id], read=True)
    assert sync().sent == 2
    assert all(item.read for item in items)
    items[0].read = False
    sync()
    assert not items[1].read and not rows(store)["Storm"].read


def test_marks_go_both_ways(server, store, sync):
    stream = server.subscribe(URL)
    here, there = server.publish(stream, "Here"), server.publish(stream, "There")
    sync()
    store.acts.mark_read([rows(store)["Here"].id], read=True)
    store.acts.bookmark([rows(store)["Here"].id], on=True)
    there.read = there.starred = True
    done = sync()
    assert (done.changed, done.sent) == (2, 2)
    assert here.read and here.starred
    assert rows(store)["There"].read and rows(store)["There"].bookmarked
    there.read = there.starred = False
    store.acts.undo()
    store.acts.undo()
    sync()
    assert not (here.read or here.starred)
    assert not (rows(store)["There"].read or rows(store)["There"].bookmarked)
    assert store.accounts.all()[0].waiting == 0


def test_what_the_server_said_is_not_sent_back(server, store, sync):
    item = server.publish(server.subscribe(URL), "A", read=True, starred=True)
    sync()
    item.read = item.starred = False
    sync()
    item.read = True
    sync()
    assert server.asked("edit-tag") == 0


def test_marks_of_saved_searches_and_of_earlier_days_are_sent(server, store, sync):
    items = [server.publish(server.subscribe(URL), title) for title in ("Old", "New")]
    store.articles.save(feed(URL), [Arrival(entry("Old", guid="1", link=items[0].link))])
    old = rows(store)["Old"].id
    store.acts.mark_read([old], read=True)
    store.acts.bookmark([old], on=True)
    sync()
    assert items[0].read and items[0].starred
    # What a saved search does goes the same way: it sets the flag in its own name.
    store._db.execute("BEGIN")
    new = rows(store)["New"].id
    store.acts.set_flag("read", [new], on=True, by={new: 1})
    store._db.execute("COMMIT")
    sync()
    assert items[1].read


def test_what_was_made_unread_here_stays_so_at_first_sight(server, store, sync):
    item = server.publish(server.subscribe(URL), "A", read=True, starred=True)
    store.articles.save(feed(URL), [Arrival(entry("A", guid="1", link=item.link))])
    article = rows(store)["A"].id
    store.acts.mark_read([article], read=True)
    store.acts.mark_read([article], read=False)
    sync()
    assert not item.read and item.starred and rows(store)["A"].bookmarked


def test_two_accounts_with_the_same_article_agree(server, store, sync, http):
    other = Server("miniflux")
    account = store.accounts.add("miniflux", other.url, USER)
    reader = Reader(http, other.url, USER, PASSWORD)
    here, there = (
        side.publish(side.subscribe(URL), "Storm", link="https://a.example/1")
        for side in (server, other)
    )
    sync()
    sync_account(store, account, reader)
    assert len(rows(store)) == 1 and len(store.lists.sources()) == 1
    there.read = True
    sync_account(store, account, reader)
    sync()
    assert here.read and rows(store)["Storm"].read
    store.accounts.remove(account.id)
    assert paused(store)
    other.close()


def test_what_the_server_throws_away_is_not_taken_for_read(server, store, sync):
    stream = server.subscribe(URL)
    kept, lost = server.publish(stream, "Kept", starred=True), server.publish(stream, "Lost")
    sync()
    del server.items[lost.id], server.items[kept.id]
    assert sync().changed == 0
    assert not rows(store)["Lost"].read and rows(store)["Kept"].bookmarked
    asked = server.asked("contents")
    sync()
    assert server.asked("contents") == asked
    server.items[lost.id] = replace(lost, read=False)
    sync()
    server.items[lost.id].read = True
    sync()
    assert rows(store)["Lost"].read


def test_a_list_that_shifts_while_it_is_read_marks_nothing(server, store, sync):
    stream = server.subscribe(URL)
    for number in range(9):
        server.publish(stream, f"R{number}", published=1_656_408_600 + number)
    sync()
    server.page = 4
    answer, read = server._ids, []

    def shifting(query):
        found = answer(query)
        if "xt" in query and not read:
            read.append(max(server.items))
            server.items[read[0]].read = True
        return found

    server._ids = shifting
    sync()
    server._ids = answer
    sync()
    assert [title for title, row in rows(store).items() if row.read] == ["R8"]


def test_a_change_taken_back_here_loses_nothing_of_the_servers(server, store, sync):
    stream = server.subscribe(URL)
    one, two = server.publish(stream, "One"), server.publish(stream, "Two", read=True)
    sync()
    for title in ("One", "Two"):
        article = rows(store)[title].id
        store.acts.bookmark([article], on=True)
        store.acts.bookmark([article], on=False)
        store.acts.mark_read([article], read=title == "One")
        store.acts.mark_read([article], read=title == "Two")
    one.read, one.starred, two.read = True, True, False
    sync()
    # Nobody knows which was later: unread and bookmarked lose nothing.
    assert (one.read, one.starred, two.read) == (False, True, False)
    found = rows(store)
    assert not found["One"].read and found["One"].bookmarked and not found["Two"].read


def test_changes_wait_until_the_server_is_back(server, store, sync):
    item = server.publish(server.subscribe(URL), "A")
    sync()
    store.acts.mark_read([rows(store)["A"].id], read=True)
    server.fail("", "down", "down", "503 600", "429", "html")
    for _ in range(4):
        with pytest.raises(SyncError):
            sync()
        assert store.accounts.all()[0].waiting == 1 and store.accounts.all()[0].error
    server.faults.clear()
    sync()
    assert item.read
    assert (store.accounts.all()[0].waiting, store.accounts.all()[0].error) == (0, None)


def test_a_busy_server_is_left_alone_as_long_as_it_asks(server, store, sync):
    server.fail("subscription/list", "503 600")
    with pytest.raises(SyncError):
        sync()
    account = store.accounts.all()[0]
    assert account.due is not None and account.synced is None


@pytest.mark.parametrize("fault", ["lost", "down"])
@pytest.mark.parametrize("dialect", ["freshrss", "miniflux"])
def test_a_sync_that_ends_at_any_request_is_finished_by_the_next(tmp_path, dialect, fault):
    for at in range(30):
        server = Server(dialect)
        store = Store(tmp_path / str(at), durable=False)
        account = store.accounts.add(dialect, server.url, USER, both_ways=True)
        reader = Reader(server.ask, server.url, USER, PASSWORD)
        stream = server.subscribe(URL)
        here, there = server.publish(stream, "Here"), server.publish(stream, "There")
        sync_account(store, account, reader)
        store.acts.mark_read([rows(store)["Here"].id], read=True)
        store.articles.save(feed("https://b.example/feed"), [Arrival(entry("B", guid="1"))])
        server.publish(stream, "New", starred=True)
        there.read = here.starred = True
        server.fail("", *["none"] * at, fault)
        try:
            sync_account(store, account, reader)
        except SyncError:
            sync_account(store, account, reader)
        found = {row.title: (row.read, row.bookmarked) for row in rows(store).values()}
        assert found.pop("B") == (False, False)
        assert found == {item.title: (item.read, item.starred) for item in server.items.values()}
        assert found == {"Here": (True, True), "There": (True, False), "New": (False, True)}
        assert [f.url for f in server.feeds.values()] == [URL, "https://b.example/feed"]
        store.close()
        server.close()
        if server.faults:
            break
    else:
        pytest.fail("a sync has fewer requests than that")


def test_a_feed_the_server_left_stays_here_and_says_so(server, store, sync):
    stream = server.subscribe(URL, "The A")
    server.publish(stream, "A")
    sync()
    del server.feeds[stream]
    server.items.clear()
    done = sync()
    assert done.gone == ["The A"]
    assert "does not subscribe to it any more" in source(store).error and paused(store)
    assert not rows(store)["A"].read
    assert sync().gone == []
    server.subscribe(URL, "The A")
    sync()
    assert source(store).error is None and paused(store)


def test_a_feed_removed_here_does_not_come_back(server, store, sync):
    stream = server.subscribe(URL)
    server.publish(stream, "A")
    sync()
    store.remove_sources([source(store).id])
    server.publish(stream, "B")
    server.publish(stream, "C", starred=True)
    sync()
    asked = server.asked("contents")
    assert list(rows(store)) == ["C"] and server.feeds
    sync()
    assert server.asked("contents") == asked
    # Subscribed to here again, its articles come again.
    store.articles.save(feed(URL), [Arrival(entry("Own", guid="1"))])
    sync()
    assert sorted(rows(store)) == ["A", "B", "C", "Own"]


def test_both_ways_the_server_hears_of_feeds(server, store, account, sync):
    store.accounts.add(server.dialect, server.url, USER, both_ways=True)
    server.subscribe("https://b.example/feed", "B", "World")
    store.articles.save(
        replace(feed(URL), title="a.example", folder="News"), [Arrival(entry("A", guid="1"))]
    )
    store._db.execute("UPDATE subscription SET title = 'The A'")
    sync()
    there = {feed.url: (feed.title, feed.folder) for feed in server.feeds.values()}
    assert there == {URL: ("The A", "News"), "https://b.example/feed": ("B", "World")}
    db = store._db
    db.execute("UPDATE subscription SET folder = 'Sport', title = 'Mine' WHERE folder = 'World'")
    assert sync().problems == []
    assert ("Mine", "Sport") in [(feed.title, feed.folder) for feed in server.feeds.values()]
    (mine,) = [s for s in store.lists.sources() if s.folder == "Sport"]
    store.remove_sources([mine.id])
    sync()
    assert [feed.url for feed in server.feeds.values()] == [URL]
    assert len(store.lists.sources()) == 1


def test_a_feed_the_server_finds_elsewhere_moves_there(server, store, sync):
    store.accounts.add(server.dialect, server.url, USER, both_ways=True)
    server.moved[URL] = "https://a.example/feed.xml"
    store.articles.save(feed(URL), [Arrival(entry("A", guid="1"))])
    for _ in range(2):
        assert sync().problems == []
    assert source(store).url == "https://a.example/feed.xml" and len(server.feeds) == 1
    assert paused(store, source(store).url)


def test_one_way_the_server_never_hears_of_feeds(server, store, sync):
    store.articles.save(feed(URL), [Arrival(entry("A", guid="1"))])
    sync()
    assert server.feeds == {}


def test_a_feed_in_a_public_servers_own_network_is_never_fetched_from_here(server, store):
    public = "https://rss.example.org"
    account = store.accounts.add("other", public, USER)
    server.publish(server.subscribe("http://127.0.0.1:3000/bridge", "Bridge"), "A")

    def http(method, url, headers, body):
        return server.ask(method, url.replace(public, server.url), headers, body)

    sync_account(store, account, Reader(http, public, USER, PASSWORD))
    assert (source(store).kind, source(store).url, source(store).title) == (
        "import",
        None,
        "Bridge",
    )
    assert "A" in rows(store)


def test_what_the_server_renames_and_moves_follows_here(server, store, sync):
    stream = server.subscribe(URL, "A", "News")
    sync()
    server.feeds[stream].title, server.feeds[stream].folder = "B", "World"
    sync()
    assert (source(store).title, source(store).folder) == ("B", "World")
    store._db.execute("UPDATE subscription SET title = 'Mine', folder = 'Own'")
    server.feeds[stream].title, server.feeds[stream].folder = "C", None
    sync()
    assert (source(store).title, source(store).folder) == ("Mine", "Own")


def test_a_feed_the_server_cannot_find_is_a_problem_and_the_rest_goes_on(server, store, sync):
    store.accounts.add(server.dialect, server.url, USER, both_ways=True)
    server.dead.add(URL)
    store.articles.save(feed(URL), [Arrival(entry("A", guid="1"))])
    item = server.publish(server.subscribe("https://b.example/feed"), "B")
    done = sync()
    assert len(done.problems) == 1 and URL in done.problems[0]
    assert item.title in rows(store)


def test_starred_articles_of_feeds_long_left_are_kept(server, store, sync):
    stream = server.subscribe(URL)
    server.publish(stream, "Old", starred=True)
    del server.feeds[stream]
    sync()
    assert rows(store)["Old"].bookmarked


def test_removing_an_account_leaves_its_feeds_to_be_fetched(server, store, account, sync):
    server.publish(server.subscribe(URL), "A")
    sync()
    store.accounts.remove(account.id)
    assert not paused(store) and "A" in rows(store)
    store.acts.mark_read([rows(store)["A"].id], read=True)
    assert store._db.execute("SELECT count(*) FROM remote_todo").fetchone() == (0,)


def test_one_sync_at_a_time(home, store):
    with sync_lock(home), pytest.raises(SyncError, match="under way"), sync_lock(home):
        pass
    with sync_lock(home):
        pass


def test_a_sync_stops_when_told_and_goes_on_later(server, store, sync):
    stream = server.subscribe(URL)
    for number in range(250):
        server.publish(stream, f"R{number}")
    stop = threading.Event()

    def progress(stage, done, total):
        if stage == "articles" and done:
            stop.set()

    with pytest.raises(SyncError, match="stopped"):
        sync(stop=stop, progress=progress)
    assert 0 < len(rows(store)) < 250
    assert store.accounts.all()[0].error is None
    sync()
    assert len(rows(store)) == 250


@pytest.mark.parametrize("moment", ["_ids", "_contents", "_edit_tag"])
def test_what_the_user_says_while_a_sync_runs_is_kept(server, home, store, sync, moment):
    stream = server.subscribe(URL)
    item, doubted = server.publish(stream, "A"), server.publish(stream, "B")
    sync()
    article = rows(store)["A"].id
    store.acts.mark_read([article], read=True)
    doubted.read = True
    answer, said = getattr(server, moment), []

    def meanwhile(asked):
        if not said:
            said.append(moment)
            with closing(Store(home)) as screen:
                screen.acts.mark_read([article], read=False)
                screen.acts.bookmark([article], on=True)
        return answer(asked)

    setattr(server, moment, meanwhile)
    sync()
    sync()
    assert said and (item.read, item.starred) == (False, True)
    row = rows(store)["A"]
    assert not row.read and row.bookmarked and rows(store)["B"].read
    assert store.accounts.all()[0].waiting == 0
