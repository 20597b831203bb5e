"""The worker fetching, as a reader sees it: requests in, events out, articles in the library."""

import json
import os
import queue
import subprocess
import sys
import threading
import time

import pytest
from tests.conftest import ROOT
from tests.serving import Answer, rss, site

from newsreader.model import Scope, ScopeKind
from newsreader.store import Store

ALL = Scope(ScopeKind.ALL)


class Worker:
    """A real worker process, spoken to as the reader does."""

    def __init__(self, home):
        self.events = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "newsreader.worker", "--home", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.events.put(json.loads(line))

    def send(self, **request):
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()

    def wait_for(self, *kinds, seconds=20.0):
        until = time.monotonic() + seconds
        seen = []
        while time.monotonic() < until:
            try:
                event = self.events.get(timeout=0.2)
            except queue.Empty:
                continue
            seen.append(event)
            if event["event"] in kinds:
                return event
        raise AssertionError(f"none of {kinds} came, but {seen}")

    def end(self):
        self.process.stdin.close()
        status = self.process.wait(timeout=10)
        self.process.stdout.close()
        return status


@pytest.fixture
def store(home):
    """A home that is decided against the sample, and does not look for names."""
    opened = Store(home)
    opened.keep_setting("sample", "declined")
    (home / "config.toml").write_text("recognise = false\n")
    yield opened
    opened.close()


@pytest.fixture
def worker(store, home):
    started = Worker(home)
    yield started
    assert started.end() == 0


@pytest.fixture
def paper():
    with site() as served:
        yield served


def page(*feeds):
    links = "".join(
        f"<link rel='alternate' type='application/rss+xml' title='{title}' href='{href}'>"
        for href, title in feeds
    )
    return f"<!doctype html><html><head>{links}</head><body><p>Hello</p></body></html>"


def test_what_is_due_is_fetched_without_being_asked(store, home, paper):
    paper["/feed"] = rss("A", "B")
    store.feeds.subscribe(paper.at("/feed"))
    worker = Worker(home)
    done = worker.wait_for("refreshed")
    assert (done["new"], done["asked"], done["failed"]) == (2, False, 0)
    worker.wait_for("indexed")
    assert worker.end() == 0
    assert len(store.lists.article_ids(ALL)) == 2


def test_an_address_is_added_and_its_feed_fetched_at_once(store, worker, paper):
    paper["/feed"] = rss("A", name="The Paper")
    worker.send(do="add", request=7, url=paper.at("/feed"), folder="World")
    added = worker.wait_for("added", "refused")
    assert (added["request"], added["title"], added["articles"]) == (7, "The Paper", 1)
    (source,) = store.lists.sources()
    assert (source.folder, source.id) == ("World", added["sources"][0])


def test_a_page_with_one_feed_leads_to_it(store, worker, paper):
    paper["/"] = page(("/rss", "Paper"))
    paper["/rss"] = rss("A")
    worker.send(do="add", request=1, url=paper.at("/"))
    assert worker.wait_for("added", "refused")["articles"] == 1
    assert store.lists.sources()[0].url == paper.at("/rss")


def test_a_page_with_several_feeds_lets_the_user_choose(store, worker, paper):
    paper["/"] = page(("/comments", "Comments"), ("/news", "News"), ("/sport", "Sport"))
    paper["/news"] = rss("A")
    worker.send(do="add", request=1, url=paper.at("/"))
    choice = worker.wait_for("choose")
    assert [title for _, title in choice["candidates"]] == ["News", "Sport", "Comments"]
    worker.send(do="add", request=2, url=choice["candidates"][0][0])
    assert worker.wait_for("added")["request"] == 2


def test_a_page_without_a_feed_is_tried_at_the_usual_places(store, worker, paper):
    paper["/"] = page()
    paper["/atom.xml"] = rss("A")
    worker.send(do="add", request=1, url=paper.at("/"))
    assert worker.wait_for("added")["articles"] == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not an address", "is not an address"),
        ("javascript:alert(1)", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
    ],
)
def test_what_is_no_address_is_refused_in_words(worker, text, words):
    worker.send(do="add", request=3, url=text)
    refused = worker.wait_for("refused")
    assert refused["request"] == 3 and words in refused["reason"]


def test_a_page_that_names_no_feed_is_refused_in_words(store, worker, paper):
    paper["/"] = page()
    worker.send(do="add", request=1, url=paper.at("/"))
    assert "names no feed" in worker.wait_for("refused")["reason"]
    assert store.lists.sources() == []


def test_a_list_of_feeds_is_added_with_its_folders(store, worker, paper):
    paper["/a"] = rss("A", name="One")
    paper["/b"] = rss("B", name="Two")
    paper["/list"] = (
        "<opml version='2.0'><body><outline text='World'>"
        f"<outline type='rss' text='First' xmlUrl='{paper.at('/a')}'/></outline>"
        f"<outline text='Bare' xmlUrl='{paper.at('/b')}'/>"
        "<outline text='Bad' xmlUrl='exec:rm'/></body></opml>"
    )
    worker.send(do="add", request=1, url=paper.at("/list"), folder="Mine")
    added = worker.wait_for("added")
    assert (len(added["sources"]), added["articles"], len(added["problems"])) == (2, 2, 1)
    folders = {source.title: source.folder for source in store.lists.sources()}
    assert folders == {"First": "Mine / World", "Bare": "Mine"}


def test_a_refresh_that_was_asked_for_tells_how_far_it_is_and_can_be_stopped(store, worker, paper):
    def slowly(asked):
        time.sleep(0.15)
        return Answer(rss(asked.path))

    for n in range(40):
        paper[f"/{n}"] = slowly
        store.feeds.subscribe(paper.at(f"/{n}"))
    worker.send(do="refresh", sources=None, all=True)
    first = worker.wait_for("refresh")
    assert first["total"] == 40 and first["done"] < 40
    worker.send(do="halt")
    assert worker.wait_for("refreshed")["stopped"]


def test_new_articles_are_found_within_a_second_of_arriving(store, worker, paper):
    paper["/feed"] = rss("A")
    worker.wait_for("idle")
    worker.send(do="add", request=1, url=paper.at("/feed"))
    worker.wait_for("added")
    worker.wait_for("indexed", seconds=1.5)


def test_a_login_is_kept_beside_the_library_and_sent(store, home, worker, paper):
    paper["/feed"] = lambda asked: (
        Answer(rss("A")) if "authorization" in asked.headers else Answer(b"", 401)
    )
    source, _ = store.feeds.subscribe(paper.at("/feed"))
    worker.wait_for("refreshed")
    worker.send(do="login", source=source, kind="basic", name="ann", secret="s3cret-word")
    until = time.monotonic() + 10
    while store.feeds.one(source).settings.login is None and time.monotonic() < until:
        time.sleep(0.05)
    worker.send(do="refresh", sources=[source])
    while not (done := worker.wait_for("refreshed"))["asked"]:
        pass
    assert done["new"] == 1
    assert b"s3cret-word" not in (home / "library.db").read_bytes()
    assert b"s3cret-word" not in (home / "library.db-wal").read_bytes()
