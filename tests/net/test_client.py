"""Requests and answers against real servers on loopback."""

import threading
import time
import traceback
from collections.abc import Iterator

import pytest
from tests.net.serving import Asked, reply, serving

from newsreader.errors import FetchError
from newsreader.net import USER_AGENT, Client, Get, Login


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client(proxies={}, seconds=10)
    yield made
    made.close()


def failure(client: Client, request: Get) -> FetchError:
    with pytest.raises(FetchError) as raised:
        client.get(request)
    return raised.value


def test_what_is_sent_and_what_comes_back(client: Client) -> None:
    said = reply(
        body=b"<rss/>",
        ETag='W/"a b"',
        Last_Modified="Mon, 22 Nov 2026 10:00:00 GMT",
        Content_Type="application/rss+xml; charset=utf-8",
        Cache_Control="public, max-age=600",
        Retry_After="120",
    )
    with serving(lambda asked: said) as server:
        got = client.get(Get(server.url("/feed?a=b&ü=1#top")))
    assert (got.status, got.body, got.url) == (
        200,
        b"<rss/>",
        server.url("/feed?a=b&%C3%BC=1#top"),
    )
    assert (got.etag, got.last_modified) == ('W/"a b"', "Mon, 22 Nov 2026 10:00:00 GMT")
    assert (got.max_age, got.retry_after, got.moved_to) == (600.0, 120.0, None)
    assert got.content_type == "application/rss+xml; charset=utf-8"
    (asked,) = server.asked
    assert asked.path == "/feed?a=b&%C3%BC=1"
    assert asked.headers["host"] == f"127.0.0.1:{server.port}"
    assert asked.headers["user-agent"] == USER_AGENT
    assert not {"cookie", "authorization", "if-none-match", "referer"} & set(asked.headers)


def test_validators_go_back_as_they_came_and_begin_no_header(client: Client) -> None:
    with serving(lambda asked: reply("304 Not Modified", ETag='"ü\xe9"')) as server:
        first = client.get(Get(server.url(), etag='"é"', last_modified="yesterday"))
        client.get(Get(server.url(), etag='"a"\r\nEvil: 1', last_modified="x\n\nGET / HTTP/1.1"))
    assert (first.status, first.body) == (304, b"")
    assert server.asked[0].headers["if-none-match"] == '"é"'
    assert server.asked[0].headers["if-modified-since"] == "yesterday"
    assert "evil" not in server.asked[1].headers
    assert len(server.asked) == 2


def test_every_status_but_a_redirect_is_an_answer(client: Client) -> None:
    with serving(lambda asked: reply(f"{asked.path[1:]} Whatever", b"sorry")) as server:
        for status in (200, 206, 300, 400, 404, 410, 429, 500, 503, 599):
            assert client.get(Get(server.url(f"/{status}"))).status == status
    assert server.connections == 1


def test_when_to_come_again_is_a_day_at_most(client: Client) -> None:
    values = {
        "/1": ("99999999", 86_400.0),
        "/2": ("Mon, 23 Nov 2026 10:01:00 GMT", 60.0),
        "/3": ("Mon, 23 Nov 2025 10:01:00 GMT", 0.0),
        "/4": ("soon", None),
        "/5": ("9" * 5000, None),
        "/6": ("Mon, 99 Nov 99999 10:01:00 GMT", None),
    }

    def answer(asked: Asked) -> bytes:
        now = "Mon, 23 Nov 2026 10:00:00 GMT"
        return reply("503 Busy", Retry_After=values[asked.path][0], Date=now, Expires="0")

    with serving(answer) as server:
        for path, (_, seconds) in values.items():
            assert client.get(Get(server.url(path))).retry_after == seconds


def test_a_login_is_sent_and_never_shown(client: Client) -> None:
    with serving(lambda asked: reply()) as server:
        url = server.url("/", host="us%40er:s3cret@127.0.0.1")
        got = client.get(Get(url))
        client.get(Get(server.url(), login=Login("basic", "a", "b")))
        client.get(Get(server.url(), login=Login("header", "X-Token", "t\r\nEvil: 1")))
        for bad in ("Host", "a b", "", "Content-Length"):
            refused = failure(client, Get(server.url(), login=Login("header", bad, "s3cret")))
            assert refused.kind == "url"
            assert "s3cret" not in str(refused)
    assert server.asked[0].headers["authorization"] == "Basic dXNAZXI6czNjcmV0"
    assert server.asked[1].headers["authorization"] == "Basic YTpi"
    assert server.asked[2].headers["x-token"] == "tEvil: 1"
    assert "s3cret" not in got.url
    assert "s3cret" not in repr(Get(url, login=Login("basic", "a", "s3cret")))
    client.close()
    gone = failure(client, Get(url))  # nobody listens any more
    assert gone.kind == "refused"
    assert "s3cret" not in str(gone)


def test_cookies_only_when_asked_and_only_to_their_server(client: Client) -> None:
    def answer(asked: Asked) -> bytes:
        return reply(Set_Cookie="id=1; Path=/; Domain=127.0.0.1")

    with serving(answer) as one, serving(answer) as other:
        client.get(Get(one.url()))
        client.get(Get(one.url(), cookies=True))
        client.get(Get(one.url(), cookies=True))
        client.get(Get(one.url()))
        client.get(Get(other.url(), cookies=True))
    sent = [asked.headers.get("cookie") for asked in one.asked]
    assert sent == [None, None, "id=1", None]
    assert other.asked[0].headers.get("cookie") is None


def test_connections_are_few_and_used_again() -> None:
    def answer(asked: Asked) -> bytes:
        time.sleep(0.02)
        return reply(body=b"x")

    client = Client(proxies={}, seconds=10)
    with serving(answer) as server:
        threads = [
            threading.Thread(target=lambda: client.get(Get(server.url()))) for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.asked) == 16
        assert server.most_open <= 2
        assert server.connections <= 2
        client.close()


def test_waiting_for_a_slot_costs_no_time_of_the_request() -> None:
    def answer(asked: Asked) -> bytes:
        time.sleep(0.4)
        return reply()

    client = Client(proxies={}, seconds=0.7, per_host=1)
    statuses: list[int] = []
    with serving(answer) as server:
        threads = [
            threading.Thread(target=lambda: statuses.append(client.get(Get(server.url())).status))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    client.close()
    assert statuses == [200] * 4


def test_the_limit_in_all_holds_over_many_servers() -> None:
    client = Client(proxies={}, seconds=10, connections=3)
    busy, most = 0, 0
    lock = threading.Lock()

    def answer(asked: Asked) -> bytes:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.05)
        with lock:
            busy -= 1
        return reply()

    with serving(answer) as a, serving(answer) as b, serving(answer) as c, serving(answer) as d:
        threads = [
            threading.Thread(target=client.get, args=(Get(s.url()),)) for s in (a, b, c, d) * 3
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most <= 3
        assert sum(s.open_now for s in (a, b, c, d)) <= 3
        client.close()


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(client: Client) -> None:
    def answer(asked: Asked) -> bytes | None:
        # Every second request on a connection finds the server gone just then.
        first = sum(one.connection == asked.connection for one in asked.server.asked) == 1
        return reply(body=b"ok") if first else None

    with serving(answer) as server:
        assert [client.get(Get(server.url())).body for _ in range(3)] == [b"ok"] * 3
        assert server.connections == 3


def test_a_server_that_always_hangs_up_is_asked_once(client: Client) -> None:
    with serving(lambda asked: None) as server:
        error = failure(client, Get(server.url()))
        assert len(server.asked) == 1
    assert error.kind == "broken"
    assert "hung up" in str(error)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "javascript:alert(1)",
        "",
        "http://",
        "http:///x",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "http://a b/",
        "http://exa\x00mple/",
        "http://a..b/",
        "http://127.0.0.1.5.6/",
        "http://0x100000000/",
        "http://[fe80::1%25eth0]/",
        "http://a\\@b/",
        "http://x/" + "a" * 9000,
        "http://user:s3cret@[::1/",
        "http://user:s3cret",
        "http://user:s3cret@\u2100.example/",
    ],
)
def test_what_is_no_address_is_said_to_be_none(client: Client, url: str) -> None:
    error = failure(client, Get(url))
    assert error.kind == "url"
    assert "s3cret" not in "".join(traceback.format_exception(error))


def test_stop_ends_a_request_at_once(client: Client) -> None:
    stop = threading.Event()
    with serving(lambda asked: iter(lambda: time.sleep(0.1) or b"", 1)) as server:
        threading.Timer(0.3, stop.set).start()
        began = time.monotonic()
        with pytest.raises(FetchError) as raised:
            client.get(Get(server.url()), stop=stop)
    assert raised.value.kind == "stopped"
    assert time.monotonic() - began < 1.5


def test_stop_ends_waiting_for_a_slot() -> None:
    client = Client(proxies={}, per_host=1, seconds=10)
    stop = threading.Event()
    with serving(lambda asked: iter(lambda: time.sleep(0.1) or b"", 1)) as server:
        first_stop = threading.Event()

        def hold() -> None:
            with pytest.raises(FetchError):
                client.get(Get(server.url()), stop=first_stop)

        first = threading.Thread(target=hold)
        first.start()
        time.sleep(0.2)
        threading.Timer(0.2, stop.set).start()
        with pytest.raises(FetchError) as raised:
            client.get(Get(server.url()), stop=stop)
        first_stop.set()
        first.join()
    assert raised.value.kind == "stopped"
    client.close()
