"""What sites ask for, and that it is asked once and heeded."""

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.net.serving import Answer, Asked, reply, serving

from newsreader.errors import FetchError
from newsreader.net import Client, Robots
from newsreader.net.robots import read_rules

ASKS = b"""\xef\xbb\xbf# hello
User-agent: other
Disallow: /

User-Agent: *
Disallow: /all

user-agent: NewsReader
User-agent: somebody
Disallow: /private # not here
Allow: /private/but-this
Disallow: /*.pdf$
Disallow: /caf%c3%a9
disallow: /x*y*z
Disallow:
Crawl-delay: 5
"""


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client(proxies={}, seconds=10)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/all", True),
        ("/private", False),
        ("/private/x", False),
        ("/privateer", False),
        ("/private/but-this/page", True),
        ("/%70rivate", False),
        ("/a/b.pdf", False),
        ("/a/b.pdf?x", True),
        ("/café/menu", False),
        ("/caf%C3%A9/menu", False),
        ("/x1y2z3", False),
        ("/xzy", True),
    ],
)
def test_the_longest_rule_decides(client: Client, path: str, allowed: bool) -> None:
    with serving(lambda asked: reply(body=ASKS)) as server:
        assert Robots(client).allowed(server.url(path)) is allowed


def test_a_site_is_asked_once_by_many_at_once(client: Client) -> None:
    def answer(asked: Asked) -> Answer:
        time.sleep(0.1)
        return reply(body=ASKS)

    robots = Robots(client)
    with serving(answer) as server:
        assert robots.delay(server.url()) == 1.0
        threads = [
            threading.Thread(target=robots.allowed, args=(server.url(f"/{n}"),)) for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.paths() == ["/robots.txt"]
        assert robots.delay(server.url("/page")) == 5.0
        # Under another name other rules hold.
        assert not robots.allowed(server.url("/x"), user_agent="Other/1.0 (x)")
        assert not robots.allowed(server.url("/all"), user_agent="Mozilla/5.0")


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        (reply("404 Not Found"), True),
        (reply("403 Forbidden"), True),
        (reply("500 Oops"), False),
        (reply("503 Busy", Retry_After="60"), False),
        (reply("429 Slowly", Retry_After="60"), False),
        (None, False),
        (iter([b"rubbish"]), False),
        (reply("302 Found", Location="/robots.txt"), False),
        (reply(body=b"<!DOCTYPE html><p>Allow: me"), True),
        (reply(body=b""), True),
        (reply(body=b"\xff\xfe\x00U\x00"), True),
        (reply(body=b"User-agent: *\nDisallow: /\n" + b"# fill\n" * 100_000), False),
    ],
)
def test_a_site_in_trouble_is_left_in_peace(client: Client, said: Answer, allowed: bool) -> None:
    robots = Robots(client)
    with serving(lambda asked: said) as server:
        assert robots.allowed(server.url("/page")) is allowed
        asked = len(server.asked)
        assert robots.allowed(server.url("/page")) is allowed
        assert len(server.asked) == asked


def test_what_may_not_be_reached_is_no_matter_of_robots(client: Client) -> None:
    with serving(lambda asked: reply()) as server, pytest.raises(FetchError) as raised:
        Robots(client).allowed(server.url("/page"), home="https://feeds.example.com/")
    assert raised.value.kind == "address"
    assert server.connections == 0


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_anything_can_be_read(body: bytes) -> None:
    rules, pause = read_rules(b"User-agent: *\n" + body, "newsreader")
    assert 1.0 <= pause <= 60.0
    assert all(rule.pattern for rule in rules)


def test_patterns_that_would_ruin_a_regular_expression_are_quick() -> None:
    from newsreader.net.robots import _fits

    began = time.process_time()
    assert not _fits("/" + "*a" * 3000 + "b$", "/" + "a" * 8000)
    assert time.process_time() - began < 1
