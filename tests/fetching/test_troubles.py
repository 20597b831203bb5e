"""What goes wrong around fetching: clocks, secrets, stops, pages, paths."""

import socket
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from tests.serving import Answer, rss, site

from newsreader.errors import NewsReaderError, ParseError
from newsreader.full_texts import PageReader
from newsreader.model import Scope, ScopeKind
from newsreader.net import Client, Robots
from newsreader.parsing import Parsers
from newsreader.refresh import Refresher
from newsreader.subscribing import Subscriber

START = datetime(2022, 6, 20, 12, tzinfo=UTC)
ALL = Scope(ScopeKind.ALL)


@pytest.fixture(scope="module")
def parsers():
    started = Parsers(1)
    yield started
    started.close()


@pytest.fixture
def client():
    with closing(Client(seconds=3.0)) as made:
        yield made


@pytest.fixture
def paper():
    with site() as served:
        yield served


def test_a_clock_that_was_a_year_ahead_keeps_no_feed_from_being_fetched(
    store, home, client, parsers, paper
):
    paper["/feed"] = rss("A")
    store.feeds.subscribe(paper.at("/feed"), due=START)
    ahead = START + timedelta(days=365)
    Refresher(store, home, client=client, parsers=parsers, now=lambda: ahead).refresh()
    assert store.feeds.next_due(START) <= START
    right = Refresher(store, home, client=client, parsers=parsers, now=lambda: START)
    assert right.refresh().feeds == 1
    assert right.refresh().feeds == 0 and store.feeds.next_due(START) > START


def test_a_damaged_file_of_secrets_is_named(store, home, client, parsers, paper):
    paper["/feed"] = rss("A")
    source, _ = store.feeds.subscribe(paper.at("/feed"), due=START)
    store.feeds.set(source, login="basic")
    (home / "credentials.json").write_text("{")
    refresher = Refresher(store, home, client=client, parsers=parsers, now=lambda: START)
    (failed,) = refresher.refresh([source]).failed
    assert "credentials" in failed[3] and "broken" in failed[3]


def test_stopping_one_reading_leaves_the_others_alone():
    feed = rss(*(f"Report {n}" for n in range(1500)), text="word " * 300)
    stop = threading.Event()
    said = []

    def read(stopping):
        try:
            said.append(len(readers.feed(feed, url="", content_type="", stop=stopping).entries))
        except ParseError as error:
            said.append(str(error))

    with closing(Parsers(2)) as readers:
        threads = [threading.Thread(target=read, args=(one,)) for one in (stop, None)]
        for thread in threads:
            thread.start()
        time.sleep(0.4)
        stop.set()
        threads[0].join(timeout=1.0)
        assert not threads[0].is_alive()
        threads[1].join()
    assert "stopped" in said[0] and said[1] == 1500


@pytest.mark.parametrize("text", ["~nobody-of-that-name/feeds", "x" * 5000, "a/" * 4000, "a\0b"])
def test_what_is_no_path_and_no_address_is_said(store, home, client, parsers, text):
    subscriber = Subscriber(store, home, client, parsers)
    stop = threading.Event()
    stop.set()
    with pytest.raises(NewsReaderError):
        subscriber.add(text, stop=stop)
    assert store.lists.sources() == []


def test_a_night_without_a_network_gives_up_no_page(store, home, parsers, paper):
    paper["/feed"] = rss("A", link="http://lost.example")
    source, _ = store.feeds.subscribe(paper.at("/feed"), due=START)
    store.feeds.set(source, full_text=True)
    now = START

    def nowhere(host, port):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with closing(Client(seconds=3.0)) as client:
        Refresher(store, home, client=client, parsers=parsers, now=lambda: START).refresh()
    assert len(store.full_texts.wishes(START, 9)) == 1
    with closing(Client(seconds=1.0, resolve=nowhere)) as cut_off:
        pages = PageReader(store, cut_off, parsers, Robots(cut_off), now=lambda: now)
        for _ in range(5):
            assert not any(result.ok for result in pages.read_some(threading.Event()))
            now += timedelta(hours=6)
    assert len(store.full_texts.wishes(now, 9)) == 1


def test_a_teaser_elsewhere_that_changes_does_not_cut_the_text(store, home, client, parsers, paper):
    full, teaser = "The ferry to the island sails again. " * 20, "The ferry sails: {} comments."
    paper["/full"] = rss("A", text=full)
    paper["/planet"] = rss("A", text=teaser.format(1))
    sources = [store.feeds.subscribe(paper.at(path), due=START)[0] for path in ("/full", "/planet")]
    refresher = Refresher(store, home, client=client, parsers=parsers, now=lambda: START)
    for n in (1, 2, 3):
        paper["/planet"] = Answer(rss("A", text=teaser.format(n)))
        for source in sources:
            refresher.refresh([source])
    (article,) = store.lists.article_ids(ALL)
    assert store.articles.text(article) == full.strip()
    paper["/full"] = rss("A", text=full.replace("island", "mainland"))
    assert refresher.refresh([sources[0]]).updated == 1
    assert "mainland" in store.articles.text(article)


def test_an_article_that_leads_to_an_address_of_mail_holds_up_no_page(
    store, home, client, parsers, paper
):
    first, second = (
        f"<item><guid>{n}</guid><title>T{n}</title><link>{link}</link>"
        f"<pubDate>2{n} Jun 2022</pubDate></item>"
        for n, link in ((2, "mailto:a@paper.example"), (1, paper.at("/story")))
    )
    paper["/feed"] = rss("A").replace(b"</channel>", (first + second + "</channel>").encode())
    source, _ = store.feeds.subscribe(paper.at("/feed"), due=START)
    store.feeds.set(source, full_text=True)
    refresher = Refresher(store, home, client=client, parsers=parsers, now=lambda: START)
    refresher.refresh([source])
    pages = PageReader(store, client, parsers, Robots(client), now=lambda: START)
    pages.read_some(threading.Event())
    assert "/story" in [asked.path for asked in paper.asked]
    assert len(store.full_texts.wishes(START, 9)) == 0


def test_a_site_whose_rules_cannot_be_read_now_is_asked_later(store, home, client, parsers, paper):
    paper["/feed"] = rss("A", link=paper.url)
    paper["/robots.txt"] = Answer(b"", 503)
    source, _ = store.feeds.subscribe(paper.at("/feed"), due=START)
    store.feeds.set(source, full_text=True)
    Refresher(store, home, client=client, parsers=parsers, now=lambda: START).refresh([source])
    pages = PageReader(store, client, parsers, Robots(client), now=lambda: START)
    (result,) = pages.read_some(threading.Event())
    assert not result.ok and "asks" not in result.reason
    assert len(store.full_texts.wishes(START + timedelta(hours=6), 9)) == 1
