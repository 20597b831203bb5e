"""Redirects by hand: how far, where to, and with what."""

from collections.abc import Iterator

import pytest
from tests.net.serving import Answer, Asked, reply, serving

from newsreader.errors import FetchError
from newsreader.net import Client, Get, Login


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client(proxies={}, seconds=10)
    yield made
    made.close()


def to(status: int, location: str) -> bytes:
    return reply(f"{status} Elsewhere", b"<html>moved", Location=location)


def test_permanent_moves_are_told_as_far_as_they_are_unbroken(client: Client) -> None:
    steps = {
        "/a": to(301, "/b"),
        "/b": to(308, "c?x=1#part"),
        "/c?x=1": to(302, "/d"),
        "/d": to(301, "/e"),
        "/t": to(302, "/a"),
        "/one": to(301, "/e"),
    }
    with serving(lambda asked: steps.get(asked.path, reply(body=b"end"))) as server:
        got = client.get(Get(server.url("/a")))
        assert (got.url, got.moved_to) == (server.url("/e#part"), server.url("/c?x=1#part"))
        assert client.get(Get(server.url("/t"))).moved_to is None
        assert client.get(Get(server.url("/one"))).moved_to == server.url("/e")
        assert client.get(Get(server.url("/one#x"))).url == server.url("/e#x")
        assert server.connections == 1


def test_ten_redirects_and_no_more(client: Client) -> None:
    def answer(asked: Asked) -> Answer:
        number = int(asked.path[1:])
        return to(302, f"/{number - 1}") if number else reply(body=b"end")

    with serving(answer) as server:
        assert client.get(Get(server.url("/10"))).body == b"end"
        with pytest.raises(FetchError) as raised:
            client.get(Get(server.url("/11")))
        assert raised.value.kind == "redirect"
        assert len(server.asked) == 22


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://%/",
        "http://[::1/",
        "http://127.0.0.1:0/",
        "",
    ],
)
def test_redirects_lead_to_the_web_only(client: Client, location: str) -> None:
    with (
        serving(lambda asked: to(302, location)) as server,
        pytest.raises(FetchError) as raised,
    ):
        client.get(Get(server.url()))
    assert raised.value.kind == "redirect"
    assert str(raised.value).isprintable()
    assert len(server.asked) == 1


def test_a_redirect_out_of_a_public_feed_into_this_machine_is_refused(client: Client) -> None:
    with serving(lambda asked: reply(body=b"secret")) as server:
        # What a page of a public feed would do; refused before anything is connected.
        for home in ("https://8.8.8.8/feed", "http://10.1.2.3/", "http://[2600::1]/"):
            with pytest.raises(FetchError) as raised:
                client.get(Get(server.url(), home=home))
            assert raised.value.kind == "address"
        assert server.connections == 0
        assert client.get(Get(server.url(), home="http://localhost/")).body == b"secret"


@pytest.mark.parametrize(
    "place",
    [
        "169.254.1.1",
        "0.0.0.0",
        "0",
        "0x7f.1.1.1.1",
        "0251.0376.1.1",
        "0xa9fe0101",
        "2851995905",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.168.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "100.64.0.1",
        "[fe80::1]",
        "[::ffff:169.254.1.1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a9fe:101]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2002:a9fe:101::]",
        "[2001:0:a9fe:101::]",
        "[::]",
        "[ff02::1]",
        "[fd00::1]",
        "[::127.0.0.1]",
    ],
)
def test_a_redirect_from_loopback_elsewhere_into_own_networks_is_refused(
    client: Client, place: str
) -> None:
    with (
        serving(lambda asked: to(302, f"http://{place}/x")) as server,
        pytest.raises(FetchError) as raised,
    ):
        client.get(Get(server.url()))
    assert raised.value.kind in {"address", "redirect"}


def test_spellings_of_this_machine_are_this_machine(client: Client) -> None:
    with serving(lambda asked: reply(body=b"here")) as server:
        for host in ("127.1", "0x7f000001", "017700000001", "2130706433", "[::ffff:127.0.0.1]"):
            with pytest.raises(FetchError) as raised:
                client.get(Get(server.url(host=host), home="https://8.8.8.8/"))
            assert raised.value.kind == "address"
        assert server.connections == 0
        assert client.get(Get(server.url(host="127.1"))).body == b"here"
        assert client.get(Get(server.url(host="１２７.0.0.1"))).body == b"here"


def test_secrets_stay_with_the_server_they_are_for(client: Client) -> None:
    def elsewhere(asked: Asked) -> Answer:
        return to(302, there.url(asked.path)) if asked.path != "/stay" else to(302, "/end")

    with (
        serving(lambda asked: to(302, here.url("/end"))) as there,
        serving(lambda asked: reply() if asked.path == "/end" else elsewhere(asked)) as here,
    ):
        for login in (Login("basic", "a", "b"), Login("header", "X-Token", "t")):
            name = "authorization" if login.kind == "basic" else "x-token"
            client.get(Get(here.url("/stay"), login=login))
            assert all(name in asked.headers for asked in here.asked)
            client.get(Get(here.url("/go"), login=login, cookies=True))
            assert name not in there.asked[-1].headers
            here.asked.clear()


def test_logins_in_a_redirect_are_dropped(client: Client) -> None:
    with serving(lambda asked: reply()) as end:
        onward = end.url("/", host="user:pw@127.0.0.1")
        with serving(lambda asked: to(301, onward)) as server:
            got = client.get(Get(server.url()))
    assert "authorization" not in end.asked[0].headers
    assert (got.url, got.moved_to) == (end.url(), end.url())


def test_a_redirect_with_a_huge_body_costs_nothing(client: Client) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/end":
            return reply(body=b"end")
        head = b"HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 9000000000\r\n\r\n"
        return iter([head, b"x" * 100])

    with serving(answer) as server:
        assert client.get(Get(server.url())).body == b"end"


def test_a_redirect_whose_body_is_cut_is_followed(client: Client) -> None:
    cut = b"HTTP/1.1 301 Moved\r\nLocation: /end\r\nContent-Length: 500\r\n\r\nshort"

    def answer(asked: Asked) -> Answer:
        return reply(body=b"end") if asked.path == "/end" else iter([cut])

    with serving(answer) as server:
        assert client.get(Get(server.url())).body == b"end"
