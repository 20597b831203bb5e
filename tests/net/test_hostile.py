"""Servers that drip, flood, cut, lie and explode; each costs little and ends in words."""

import gzip
import time
from collections.abc import Iterator

import pytest
from tests.net.serving import Answer, Asked, reply, serving

from newsreader.errors import FetchError
from newsreader.net import Client, Get

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client(proxies={}, seconds=0.6)
    yield made
    made.close()


def failure(client: Client, said: Answer, **fields: object) -> FetchError:
    with serving(lambda asked: said) as server, pytest.raises(FetchError) as raised:
        client.get(Get(server.url(), **fields))  # type: ignore[arg-type]  # fields of Get
    assert str(raised.value).isprintable()
    return raised.value


def drip(head: bytes, byte: bytes, every: float = 0.05) -> Iterator[bytes]:
    yield head
    while True:
        time.sleep(every)
        yield byte


@pytest.mark.parametrize(
    "said",
    [
        drip(b"", b"H"),
        drip(OK, b"a"),
        drip(OK + b"X: ", b"a"),
        drip(OK + b"Content-Length: 1000\r\n\r\n", b"a"),
        drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(b"", b""),
    ],
    ids=["status", "header", "value", "body", "chunks", "chunk-size", "1xx", "silence"],
)
def test_a_dripping_server_ends_with_the_deadline(client: Client, said: Answer) -> None:
    began = time.monotonic()
    error = failure(client, said)
    # A lone letter where "HTTP" must stand is broken at once; both end in time.
    assert error.kind in {"timeout", "broken"}
    assert time.monotonic() - began < 3


def test_the_deadline_counts_all_redirects_together(client: Client) -> None:
    def answer(asked: Asked) -> Answer:
        time.sleep(0.2)
        return reply("302 Found", Location=f"/{len(asked.server.asked)}")

    began = time.monotonic()
    with serving(answer) as server, pytest.raises(FetchError) as raised:
        client.get(Get(server.url()))
    assert raised.value.kind == "timeout"
    assert str(raised.value) == "127.0.0.1 did not answer within 0.6 seconds"
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "said",
    [
        iter([b"hello"]),
        iter([b"<html>no status line</html>"]),
        iter([b"SSH-2.0-OpenSSH_9.2\r\n"]),
        iter([b"HTTP/1.1 999999 x\r\n\r\n"]),
        iter([OK + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"\r\n"]),
        iter([OK + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n"]),
        iter([OK + b"no colon\r\n\r\n"]),
        iter([b"HTTP/1.1 100 Continue\r\n\r\n" * 200_000]),
        iter([b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" * 200_000]),
        iter([b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"]),
        iter([OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"]),
        iter([OK + b"Content-Length: -1\r\n\r\nabc"]),
        iter([OK + b"Content-Length: 10\r\n\r\nabc"]),
        iter([OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc"]),
        iter([OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"]),
        iter([OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc"]),
        iter([OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 500_000]),
        iter([OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"a" * 99)[:-6]]),
        iter([OK + b"Content-Encoding: gzip\r\n\r\nplain text"]),
        iter([OK + b"Content-Encoding: br\r\n\r\nplain text"]),
        iter([OK + b"Content-Encoding: zstd\r\n\r\nplain text"]),
        iter([OK + b"Content-Encoding: deflate\r\n\r\nplain text"]),
        iter([OK + b"Content-Encoding: gzip, gzip, gzip\r\n\r\nx"]),
        iter([OK + b"Content-Encoding: \x1b[31m\r\n\r\nx"]),
        iter([OK + b"Content-Encoding: compress\r\n\r\nx"]),
        iter([b""]),
    ],
)
def test_what_is_not_http_is_said_in_words(client: Client, said: Answer) -> None:
    began = time.process_time()
    assert failure(client, said).kind == "broken"
    assert time.process_time() - began < 1


def test_more_than_the_limit_is_refused_at_once(client: Client) -> None:
    head = OK + b"Content-Length: 17000000\r\n\r\n"
    assert failure(client, drip(head, b"x")).kind == "size"
    # Without a length it is stopped on the way.
    flood = (b"x" * 65536 for _ in range(10_000))
    error = failure(client, (piece for part in ([OK + b"\r\n"], flood) for piece in part))
    assert (error.kind, str(error)) == ("size", "127.0.0.1 sends more than 16 MB: too large")
    assert failure(client, reply(body=b"x" * 11), limit=10).kind == "size"
    with serving(lambda asked: reply(body=b"x" * 10)) as server:
        assert client.get(Get(server.url(), limit=10)).body == b"x" * 10


def test_an_error_with_a_bad_or_huge_body_is_still_that_error(client: Client) -> None:
    answers = {
        "/huge": reply("404 Not Found", b"x" * 1_000_000),
        "/packed": reply("503 Busy", b"not gzip", Content_Encoding="gzip"),
        "/empty": reply("304 Not Modified", Content_Encoding="gzip"),
    }
    with serving(lambda asked: answers[asked.path]) as server:
        assert [client.get(Get(server.url(path))).status for path in answers] == [404, 503, 304]
