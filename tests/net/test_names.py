"""Names looked up, judged and connected to: by resolvers of the test's own making."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.net.serving import reply, serving

from newsreader.errors import FetchError
from newsreader.net import Client, Get

Rows = Sequence[tuple[Any, ...]]


def rows(*numbers: str) -> Rows:
    return [
        (socket.AF_INET6 if ":" in n else socket.AF_INET, socket.SOCK_STREAM, 6, "", (n, 0))
        for n in numbers
    ]


def failure(resolve: Callable[[str, int], Rows], request: Get, seconds: float = 10) -> FetchError:
    client = Client(proxies={}, seconds=seconds, resolve=resolve)
    with pytest.raises(FetchError) as raised:
        client.get(request)
    client.close()
    return raised.value


def test_the_address_that_was_judged_is_the_one_connected_to() -> None:
    asked_for: list[str] = []

    def rebinding(host: str, port: int) -> Rows:
        asked_for.append(host)
        # The second answer is never to be seen; a link-local address would be refused, not tried.
        return rows("127.0.0.1") if len(asked_for) == 1 else rows("169.254.1.1")

    client = Client(proxies={}, seconds=10, resolve=rebinding)
    with serving(lambda asked: reply(body=b"judged")) as server:
        got = client.get(Get(server.url(host="feeds.localhost")))
        assert got.body == b"judged"
        assert server.asked[0].headers["host"] == f"feeds.localhost:{server.port}"
    assert asked_for == ["feeds.localhost"]
    client.close()


def test_a_public_name_that_turns_to_this_machine_is_not_followed() -> None:
    client = Client(proxies={}, seconds=10, resolve=lambda host, port: rows("127.0.0.1"))
    with serving(lambda asked: reply()) as server:
        for url in (server.url(), server.url(host="feeds.example.com"), server.url(host="nas")):
            for home in ("https://feeds.example.com/", "https://feeds.example.com."):
                with pytest.raises(FetchError) as raised:
                    client.get(Get(url, home=home))
                assert raised.value.kind == "address"
        with pytest.raises(FetchError):
            client.get(Get(server.url(host="feeds.example.com")))
        assert server.connections == 0
    client.close()


def test_a_name_that_the_user_trusts_may_be_in_the_own_network() -> None:
    client = Client(
        proxies={},
        seconds=10,
        resolve=lambda host, port: rows("127.0.0.1"),
        trusted=frozenset({"NAS.example.com"}),
    )
    with serving(lambda asked: reply()) as server:
        client.get(Get(server.url(host="nas.example.com")))
        with pytest.raises(FetchError):
            client.get(Get(server.url(host="other.example.com")))
        assert len(server.asked) == 1
    client.close()


def test_a_machines_own_name_is_this_machine() -> None:
    client = Client(proxies={}, seconds=10, resolve=lambda host, port: rows("127.0.0.1"))
    with serving(lambda asked: reply()) as server:
        for host in ("desk", "desk.lan", "feeds.localhost"):
            client.get(Get(server.url(host=host)))
        # But what is in the own network leads nobody to this machine.
        with pytest.raises(FetchError):
            client.get(Get(server.url(), home="http://desk.lan/"))
    client.close()


def test_of_several_addresses_only_those_allowed_are_tried() -> None:
    with serving(lambda asked: reply()) as server:

        def mixed(host: str, port: int) -> Rows:
            return rows("127.0.0.1", "10.0.0.1", "169.254.1.1", "fe80::1", "::ffff:127.0.0.1")

        assert failure(mixed, Get(server.url(host="feeds.example.com"))).kind == "address"
        assert server.connections == 0


def test_an_open_connection_is_not_lent_to_whom_it_is_forbidden() -> None:
    client = Client(proxies={}, seconds=10, resolve=lambda host, port: rows("127.0.0.1"))
    with serving(lambda asked: reply(body=b"own")) as server:
        url = server.url(host="printer.localhost")
        assert client.get(Get(url)).body == b"own"
        assert client.get(Get(url, home="http://127.0.0.1/")).body == b"own"
        with pytest.raises(FetchError) as raised:
            client.get(Get(url, home="https://8.8.8.8/"))
        assert raised.value.kind == "address"
        assert len(server.asked) == 2
    client.close()


def test_addresses_are_tried_in_turn() -> None:
    with serving(lambda asked: reply(body=b"ok")) as server:
        # ::1 refuses or has no route; the others of loopback have no listener on this port.
        many = rows("::1", "127.0.0.2", "127.0.0.3", "169.254.1.1", "127.0.0.1")
        client = Client(proxies={}, seconds=10, resolve=lambda host, port: many)
        assert client.get(Get(server.url(host="many.localhost"))).body == b"ok"
        client.close()


def test_nobody_home() -> None:
    with serving(lambda asked: reply()) as server:
        url = server.url()
    error = failure(lambda host, port: rows("127.0.0.1"), Get(url))
    assert (error.kind, str(error)) == ("refused", "127.0.0.1 refused the connection")


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (socket.EAI_NONAME, "name"),
        (socket.EAI_AGAIN, "offline"),
        (socket.EAI_FAIL, "name"),
        (socket.EAI_FAMILY, "name"),
    ],
)
def test_no_such_name_and_no_network_are_told_apart(number: int, kind: str) -> None:
    def failing(host: str, port: int) -> Rows:
        raise socket.gaierror(number, "whatever")

    error = failure(failing, Get("http://nowhere.example/"))
    assert error.kind == kind
    assert "nowhere.example" in str(error)


def test_a_name_server_that_hangs_ends_with_the_deadline_and_with_stop() -> None:
    free = threading.Event()

    def hanging(host: str, port: int) -> Rows:
        free.wait(10)
        return rows("127.0.0.1")

    began = time.monotonic()
    assert failure(hanging, Get("http://slow.example/"), seconds=0.5).kind == "timeout"
    assert time.monotonic() - began < 1.5
    client = Client(proxies={}, resolve=hanging)
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(FetchError) as raised:
        client.get(Get("http://slow.example/"), stop=stop)
    assert raised.value.kind == "stopped"
    free.set()


def test_names_of_other_scripts_are_asked_for_in_ascii() -> None:
    names: list[str] = []

    def resolve(host: str, port: int) -> Rows:
        names.append(host)
        return rows("127.0.0.1")

    client = Client(proxies={}, seconds=10, resolve=resolve)
    with serving(lambda asked: reply()) as server:
        got = client.get(Get(server.url(host="Bücher.LocalHost.")))
        assert names == ["xn--bcher-kva.localhost"]
        assert got.url == server.url(host="xn--bcher-kva.localhost")
    client.close()


def test_labels_that_no_name_server_takes() -> None:
    # The real resolver's words to them; it refuses them before it sends anything.
    def refusing(host: str, port: int) -> Rows:
        host.encode("idna")
        raise AssertionError(host)

    assert failure(refusing, Get(f"http://{'a' * 64}.invalid/")).kind == "name"
    assert failure(refusing, Get(f"http://{'x.' * 130}invalid/")).kind == "url"


def test_the_system_is_asked_by_default() -> None:
    client = Client(proxies={}, seconds=10)
    with serving(lambda asked: reply(body=b"ok")) as server:
        assert client.get(Get(server.url(host="localhost"))).body == b"ok"
    client.close()
