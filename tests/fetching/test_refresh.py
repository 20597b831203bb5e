"""Refreshing feeds from a real server: what is stored, what is remembered, what is said."""

import socket
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from tests.serving import Answer, rss, site

from newsreader.model import Scope, ScopeKind
from newsreader.net import Client
from newsreader.parsing import Parsers
from newsreader.refresh import Refresher
from newsreader.store import Store

START = datetime(2022, 6, 20, 12, tzinfo=UTC)
ALL = Scope(ScopeKind.ALL)


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def parsers():
    started = Parsers()
    yield started
    started.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def refresher(store, home, parsers, clock):
    client = Client(seconds=3.0)
    yield Refresher(store, home, client=client, parsers=parsers, now=clock, chance=lambda: 0.5)
    client.close()


@pytest.fixture
def paper():
    with site() as served:
        yield served


def add(store, url):
    return store.feeds.subscribe(url, due=START)[0]


def titles(store):
    return [row.title for row in store.lists.headlines(store.lists.article_ids(ALL))]


def test_a_feed_s_entries_arrive_newest_first_and_once(store, refresher, paper):
    paper["/feed"] = rss("Third", "Second", "First")
    source = add(store, paper.at("/feed"))
    done = refresher.refresh()
    assert (done.feeds, done.new, done.failed) == (1, 3, [])
    assert titles(store) == ["Third", "Second", "First"]
    again = refresher.refresh([source])
    assert (again.feeds, again.unchanged, again.new) == (1, 1, 0)
    assert store.lists.sources()[0].title == "A Paper"
    assert not store.check() and not store.wrong_counts()


def test_what_is_not_due_is_left_alone(store, refresher, clock, paper):
    paper["/feed"] = rss("A")
    add(store, paper.at("/feed"))
    refresher.refresh()
    assert refresher.refresh().feeds == 0
    assert refresher.refresh(every=True).feeds == 1
    clock.now += timedelta(hours=25)
    assert refresher.refresh().feeds == 1
    assert len(paper.asked) == 3


def test_the_second_fetch_is_conditional(store, refresher, paper):
    def page(asked):
        if asked.headers.get("if-none-match") == '"v1"':
            return Answer(b"", 304, {"ETag": '"v1"'})
        return Answer(rss("A"), headers={"ETag": '"v1"', "Last-Modified": "yesterday"})

    paper["/feed"] = page
    source = add(store, paper.at("/feed"))
    refresher.refresh()
    done = refresher.refresh([source])
    assert (done.unchanged, done.failed) == (1, [])
    assert paper.asked[1].headers["if-modified-since"] == "yesterday"
    refresher.refresh([source])
    assert paper.asked[2].headers["if-none-match"] == '"v1"'


def test_an_unchanged_body_is_not_read_again(store, refresher, paper):
    paper["/feed"] = rss("A")
    source = add(store, paper.at("/feed"))
    refresher.refresh()
    before = store._db.execute("SELECT max(id) FROM article").fetchone()
    assert refresher.refresh([source]).unchanged == 1
    assert store._db.execute("SELECT max(id) FROM article").fetchone() == before


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(b"", 404), "404"),
        (Answer(b"", 410), "no more"),
        (Answer(b"", 500), "failed"),
        (Answer(b"<html><body><p>Hello</p></body></html>"), "web page"),
        (Answer(b""), "empty"),
        (Answer(b"\x00\x01 rubbish"), "not a feed"),
    ],
)
def test_a_feed_that_fails_says_why_and_the_rest_goes_on(store, refresher, paper, answer, words):
    paper["/bad"] = answer
    paper["/good"] = rss("A")
    bad = add(store, paper.at("/bad"))
    add(store, paper.at("/good"))
    done = refresher.refresh()
    assert (done.feeds, done.new, len(done.failed)) == (2, 1, 1)
    assert words in done.failed[0][3]
    health = store.feeds.one(bad)
    assert words in health.error and health.failures == 1


def test_failures_wait_longer_and_longer_up_to_a_day(store, refresher, clock, paper):
    paper["/feed"] = Answer(b"", 500)
    source = add(store, paper.at("/feed"))
    waits = []
    for _ in range(10):
        assert refresher.refresh().feeds == 1
        due = store.feeds.states([source])[0].due
        waits.append((due - clock.now) / timedelta(minutes=1))
        clock.now = due
    assert waits[:4] == [15, 30, 60, 120] and waits[-1] == 24 * 60
    assert waits == sorted(waits)


def test_retry_after_is_honoured(store, refresher, clock, paper):
    paper["/feed"] = Answer(b"", 429, {"Retry-After": "7200"})
    add(store, paper.at("/feed"))
    refresher.refresh()
    clock.now += timedelta(minutes=119)
    assert refresher.refresh().feeds == 0
    clock.now += timedelta(minutes=2)
    assert refresher.refresh().feeds == 1


def test_a_feed_that_is_gone_is_asked_no_more_until_the_user_asks(store, refresher, clock, paper):
    paper["/feed"] = Answer(b"", 410)
    source = add(store, paper.at("/feed"))
    refresher.refresh()
    clock.now += timedelta(days=30)
    assert refresher.refresh().feeds == 0 and refresher.refresh(every=True).feeds == 0
    paper["/feed"] = rss("A")
    assert refresher.refresh([source]).new == 1
    assert not store.feeds.one(source).gone


def test_a_permanent_move_is_taken_over_after_two_fetches(store, refresher, paper):
    paper["/old"] = Answer(b"", 301, {"Location": "/new"})
    paper["/new"] = rss("A")
    source = add(store, paper.at("/old"))
    refresher.refresh([source])
    assert store.feeds.states([source])[0].url == paper.at("/old")
    refresher.refresh([source])
    assert store.feeds.states([source])[0].url == paper.at("/new")
    paper["/new"] = rss("B", "A")
    done = refresher.refresh([source])
    assert (done.new, titles(store)) == (1, ["B", "A"])
    assert len(store.lists.sources()) == 1


def test_a_passing_redirect_is_never_taken_over(store, refresher, paper):
    paper["/old"] = Answer(b"", 302, {"Location": "/new"})
    paper["/new"] = rss("A")
    source = add(store, paper.at("/old"))
    for _ in range(3):
        refresher.refresh([source])
    assert store.feeds.states([source])[0].url == paper.at("/old")


def test_the_same_entry_in_two_feeds_is_one_article_with_two_sources(store, refresher, paper):
    paper["/one"] = rss("Shared", name="One")
    paper["/two"] = rss("Shared", name="Two")
    add(store, paper.at("/one"))
    add(store, paper.at("/two"))
    refresher.refresh()
    (article,) = store.lists.article_ids(ALL)
    assert {title for _, title in store.lists.article(article).via} == {"One", "Two"}


def test_an_update_keeps_what_the_user_did(store, refresher, paper):
    paper["/feed"] = rss("A", text="The ferry sails. " * 20)
    source = add(store, paper.at("/feed"))
    refresher.refresh()
    (article,) = store.lists.article_ids(ALL)
    store.acts.mark_read([article], read=True)
    store.acts.bookmark([article], on=True)
    paper["/feed"] = rss("A", text="The ferry does not sail. " * 20)
    done = refresher.refresh([source])
    assert (done.new, done.updated) == (0, 1)
    shown = store.lists.article(article)
    assert shown.read and shown.bookmarked and "does not" in shown.body.text


def test_an_entry_that_stands_twice_is_one(store, refresher, paper):
    paper["/feed"] = rss("A", "A", "A")
    add(store, paper.at("/feed"))
    assert refresher.refresh().new == 1


def test_unsubscribing_meanwhile_brings_nothing_back(store, home, refresher, paper):
    source = add(store, paper.at("/feed"))

    def page(asked):
        other = Store(home)
        other.remove_sources([source])
        other.close()
        return Answer(rss("A"))

    paper["/feed"] = page
    refresher.refresh()
    assert store.lists.sources() == [] and titles(store) == []


def test_it_stops_when_told(store, refresher, paper):
    stop = threading.Event()

    def page(asked):
        stop.set()
        time.sleep(0.3)
        return Answer(rss(asked.path))

    for n in range(30):
        paper[f"/{n}"] = page
        add(store, paper.at(f"/{n}"))
    begun = time.monotonic()
    done = refresher.refresh(stop=stop)
    assert done.stopped and done.feeds < 30
    assert time.monotonic() - begun < 3
    # What was not fetched is still due.
    assert len(store.feeds.due(START)) >= 30 - done.feeds


def test_no_host_is_asked_more_than_two_things_at_once(store, refresher, paper):
    def page(asked):
        time.sleep(0.02)
        return Answer(rss(asked.path))

    for n in range(12):
        paper[f"/{n}"] = page
        add(store, paper.at(f"/{n}"))
    assert refresher.refresh().feeds == 12
    assert paper.most_at_once <= 2


def test_only_one_fetches_for_a_home_and_the_next_finds_it_done(store, home, parsers, paper):
    begun = threading.Event()

    def page(asked):
        begun.set()
        time.sleep(0.3)
        return Answer(rss("A"))

    paper["/feed"] = page
    store.feeds.subscribe(paper.at("/feed"))
    results = []

    def other():
        own, client = Store(home), Client()
        results.append(Refresher(own, home, client=client, parsers=parsers).refresh())
        client.close()
        own.close()

    first, second = threading.Thread(target=other), threading.Thread(target=other)
    first.start()
    begun.wait()
    second.start()
    first.join()
    second.join()
    assert len(paper.asked) == 1
    assert sorted(done.feeds for done in results) == [0, 1]


def test_a_feed_on_loopback_may_not_be_reached_from_elsewhere_by_a_redirect(
    store, refresher, paper
):
    paper["/feed"] = Answer(b"", 302, {"Location": "http://169.254.169.254/latest"})
    source = add(store, paper.at("/feed"))
    done = refresher.refresh([source])
    assert len(done.failed) == 1 and len(paper.asked) == 1


def without_names(host, port):
    """What the system says where no name server answers."""
    if host == "127.0.0.1":
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@pytest.fixture
def cut_off(store, home, parsers, clock):
    client = Client(seconds=3.0, resolve=without_names)
    yield Refresher(store, home, client=client, parsers=parsers, now=clock)
    client.close()


def test_without_a_network_nothing_is_held_against_the_feeds(store, cut_off):
    for n in range(20):
        add(store, f"http://host{n}.example/feed")
    done = cut_off.refresh()
    assert done.offline and done.feeds == 0 and done.failed == []
    assert len(store.feeds.due(START)) == 20
    assert all(health.failures == 0 for health in store.feeds.health())


def test_one_name_that_cannot_be_looked_up_does_not_stop_the_others(store, cut_off, paper):
    paper["/feed"] = rss("A")
    add(store, paper.at("/feed"))
    lost = add(store, "http://lost.example/feed")
    done = cut_off.refresh()
    assert not done.offline and (done.new, len(done.failed)) == (1, 1)
    assert store.feeds.one(lost).failures == 1


def test_a_document_that_is_read_for_ever_is_given_up_and_stopping_does_not_wait(
    store, home, clock, paper
):
    stop = threading.Event()
    paper["/feed"] = rss(*(f"Report {n}" for n in range(1900)), text="word " * 900)
    source = add(store, paper.at("/feed"))
    slow = Parsers(1, seconds=0.2)
    with closing(Client()) as client:
        refresher = Refresher(store, home, client=client, parsers=slow, now=clock)
        done = refresher.refresh([source])
        assert "longer than" in done.failed[0][3]
        patient = Parsers(1)
        refresher = Refresher(store, home, client=client, parsers=patient, now=clock)
        threading.Timer(0.4, stop.set).start()
        begun = time.monotonic()
        done = refresher.refresh([source], stop=stop)
        assert time.monotonic() - begun < 2
        assert done.stopped and done.failed == [] and store.feeds.one(source).failures == 1
    slow.close()
    patient.close()


def test_large_feeds_are_taken_one_at_a_time_and_all_arrive(store, home, parsers, clock):
    text = "What the harbour talks of, at great length. " * 60
    with site() as one, site() as two, site() as three, closing(Client()) as client:
        for n, host in enumerate((one, two, three, one)):
            # Of one text under many names in another feed nobody could say which is which.
            headlines = [f"Report {n}-{k}" for k in range(450)]
            host[f"/{n}"] = rss(*headlines, text=f"Paper {n} says: {text}")
            add(store, host.at(f"/{n}"))
        refresher = Refresher(store, home, client=client, parsers=parsers, now=clock)
        done = refresher.refresh()
    assert (done.feeds, done.new, done.failed) == (4, 1800, [])
