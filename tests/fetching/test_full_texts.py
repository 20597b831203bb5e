"""Publishers' pages: read beside the feed's text, refused in words, robots and hosts respected."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.serving import Answer, rss, site

from newsreader.full_texts import PageReader
from newsreader.model import Scope, ScopeKind
from newsreader.net import Client, Robots
from newsreader.parsing import Parsers
from newsreader.refresh import Refresher

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALL = Scope(ScopeKind.ALL)
TEASER = "The harbour council has decided on the new ferry after a long night."
STORY = (
    "The harbour council has decided on the new ferry after a long night. "
    + "It will sail from the old pier, said the mayor, and cost twelve million. " * 3,
    "Fishermen had asked for a smaller boat, and the council heard them for two hours. " * 3,
    "The first crossing of the ferry is planned for the spring of next year, if ice allows. " * 3,
)


def page(*paragraphs, title="The new ferry"):
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html lang='en'><head><title>{title}</title></head><body>"
        "<nav><a href='/'>Home</a></nav>"
        f"<article><h1>{title}</h1>{text}</article><footer>All rights</footer></body></html>"
    )


@pytest.fixture(scope="module")
def parsers():
    started = Parsers(1)
    yield started
    started.close()


@pytest.fixture
def paper():
    with site() as served:
        yield served


@pytest.fixture
def reader(store, home, parsers, paper):
    client = Client(seconds=3.0)
    paper["/feed"] = rss("The new ferry", text=TEASER, link=paper.at(""))
    source, _ = store.feeds.subscribe(paper.at("/feed"), due=NOW)
    store.feeds.set(source, full_text=True)
    Refresher(store, home, client=client, parsers=parsers, now=lambda: NOW).refresh()
    yield PageReader(store, client, parsers, Robots(client), now=lambda: NOW)
    client.close()


def only(store):
    (article,) = store.lists.article_ids(ALL)
    return store.lists.article(article)


def story(paper, text):
    paper["/0-The-new-ferry"] = text


def test_a_feed_that_asks_for_it_gets_the_whole_text_beside_its_teaser(store, reader, paper):
    story(paper, page(*STORY))
    (result,) = reader.read_some(threading.Event())
    assert result.ok
    article = only(store)
    assert article.origin == "page" and "ice allows" in article.body.text
    assert "All rights" not in article.body.text
    assert store.full_texts.use(article.id, "feed")
    assert only(store).body.text == TEASER
    assert reader.read_some(threading.Event()) == []


def test_a_page_for_subscribers_is_said_to_be_that(store, reader, paper):
    story(paper, page(TEASER, "To continue reading, subscribe now for 1 euro a month."))
    (result,) = reader.read_some(threading.Event())
    assert not result.ok and result.reason
    assert only(store).body.text == TEASER and only(store).page_error == result.reason


def test_robots_are_heeded_unless_the_user_asks_himself(store, reader, paper):
    paper["/robots.txt"] = "User-agent: *\nDisallow: /"
    story(paper, page(*STORY))
    (result,) = reader.read_some(threading.Event())
    assert "programs" in result.reason
    assert [asked.path for asked in paper.asked] == ["/feed", "/robots.txt"]
    assert reader.read_now(only(store).id, threading.Event()).ok


def test_what_may_pass_is_tried_again_later_and_not_for_ever(store, reader, paper):
    story(paper, Answer(b"", 503))
    later = NOW
    for wait in (2, 4):
        assert [r.ok for r in reader.read_some(threading.Event())] == [False]
        assert reader.read_some(threading.Event()) == []
        later += timedelta(hours=wait, minutes=1)
        reader._now = lambda: later  # noqa: B023 - it is to follow
    assert [r.ok for r in reader.read_some(threading.Event())] == [False]
    assert "busy" in only(store).page_error


def test_one_host_is_asked_once_a_second(store, reader, paper):
    paper["/feed"] = rss("The new ferry", "Second", "Third", text=TEASER, link=paper.at(""))
    story(paper, page(*STORY))
    times = []

    def noted(asked):
        times.append(time.monotonic())
        return Answer(page(*STORY).encode())

    paper["/0-The-new-ferry"] = noted
    article = only(store).id
    reader.read_now(article, threading.Event())
    store.full_texts.wish(article)
    reader.read_some(threading.Event())
    assert times[1] - times[0] > 0.9


def test_a_page_is_not_fetched_from_the_user_s_own_network_for_a_public_feed(store, reader, paper):
    # A feed whose own address is public may not name pages on this machine.
    article = only(store).id
    store._db.execute("UPDATE source SET url = 'https://public.example/feed'")
    story(paper, page(*STORY))
    result = reader.read_now(article, threading.Event())
    assert not result.ok and "must not lead there" in result.reason
    assert all(asked.path != "/0-The-new-ferry" for asked in paper.asked)
