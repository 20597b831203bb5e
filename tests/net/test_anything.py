"""Whatever is said by either side: an answer or a FetchError, nothing else, and one request."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.net.serving import Answer, Asked, Server, reply, serving

from newsreader.errors import FetchError
from newsreader.net import Client, Get, Login

_said: list[Answer] = []
FRAGMENTS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 301 Moved\r\nLocation: /\r\n",
    b"HTTP/1.1 304 Not Modified\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"Location: \xff\xfe://\r\n",
    b"Content-Length: 3\r\n",
    b"Content-Length: 99999999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Encoding: br, zstd\r\n",
    b"ETag: \x80\xff\r\n",
    b"Retry-After: 1e9\r\n",
    b"Expires: Mon, 31 Feb 0000 25:61:61 +9999\r\n",
    b"Cache-Control: max-age=99999999999\r\n",
    b"Set-Cookie: a=b; max-age=-1\r\n",
    b"Connection: close\r\n",
    b"Upgrade: x\r\n",
    b"\r\n",
    b"3\r\nabc\r\n0\r\n\r\n",
    b"abc",
    b"\x1f\x8b\x08\x00",
    b"\x00",
]


@pytest.fixture(scope="module")
def talk() -> Iterator[tuple[Client, Server]]:
    def answer(asked: Asked) -> Answer:
        return _said[0]

    client = Client(proxies={}, seconds=5)
    with serving(answer) as server:
        yield client, server
        client.close()


@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=20)), max_size=8))
@settings(max_examples=60, deadline=None)
def test_whatever_a_server_says(talk: tuple[Client, Server], pieces: list[bytes]) -> None:
    client, server = talk
    for start in (b"", FRAGMENTS[0]):
        _said[:] = [[start, *pieces]]
        try:
            got = client.get(Get(server.url(), cookies=True))
        except FetchError as error:
            assert str(error).isprintable()
            assert error.kind in {"broken", "redirect"}
        else:
            assert 200 <= got.status < 600
            assert got.content_type.isprintable()
            for seconds in (got.retry_after, got.max_age):
                assert seconds is None or 0 <= seconds <= 86_400


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_whatever_is_asked(
    talk: tuple[Client, Server], path: str, etag: str, agent: str, secret: str
) -> None:
    client, server = talk
    _said[:] = [reply(body=b"ok")]
    before = len(server.asked)
    login = Login("header", "X-Token", secret)
    got = client.get(
        Get(server.url(f"/{path}"), etag=etag, last_modified=etag, user_agent=agent, login=login)
    )
    assert got.body == b"ok"
    assert len(server.asked) == before + 1
    known = {"host", "user-agent", "accept", "accept-encoding", "if-none-match"}
    assert set(server.asked[-1].headers) <= known | {"if-modified-since", "x-token"}
