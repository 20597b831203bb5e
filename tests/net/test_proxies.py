"""Through proxies, as the environment says; real ones on loopback."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.net.serving import DATA, Asked, reply, serving

from newsreader.errors import FetchError
from newsreader.net import Client, Get
from newsreader.net._proxies import from_environment, proxy_for
from newsreader.net._url import read_url


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def _exactly(plug: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += plug.recv(size - len(data))
    return data


def _until_blank(plug: socket.socket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += plug.recv(1)
    return head


@contextmanager
def tunnelling(port: int, *, socks: bool) -> Iterator[tuple[int, list[bytes]]]:
    """A proxy that leads every tunnel to ``port`` of this machine; what it was asked for."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def one(plug: socket.socket) -> None:
        if socks:
            count = _exactly(plug, 2)[1]
            _exactly(plug, count)
            plug.sendall(b"\x05\x00")
            kind = _exactly(plug, 4)[3]
            size = {1: 4, 3: 0, 4: 16}[kind] or _exactly(plug, 1)[0]
            heard.append(_exactly(plug, size))
            _exactly(plug, 2)
            plug.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        else:
            heard.append(_until_blank(plug))
            plug.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with plug, socket.create_connection(("127.0.0.1", port)) as far:
            back = threading.Thread(target=_pump, args=(far, plug), daemon=True)
            back.start()
            _pump(plug, far)
            back.join()

    def listen() -> None:
        while True:
            try:
                plug, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(plug,), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_plain_requests_go_to_the_proxy_whole() -> None:
    with serving(lambda asked: reply(body=b"by proxy")) as proxy:
        address = f"http://us:s3cret@127.0.0.1:{proxy.port}"
        client = Client(proxies={"http": address, "no": "skip.example"}, seconds=10)
        # The name is the proxy's to look up: nobody else is asked for it.
        got = client.get(Get("http://feeds.example.com/feed?x=1"))
        assert (got.body, got.url) == (b"by proxy", "http://feeds.example.com/feed?x=1")
        (asked,) = proxy.asked
        assert asked.path == "http://feeds.example.com/feed?x=1"
        assert asked.headers["host"] == "feeds.example.com"
        assert asked.headers["proxy-authorization"] == "Basic dXM6czNjcmV0"
        client.close()


@pytest.mark.parametrize("socks", [False, True])
def test_protected_requests_go_through_a_tunnel(
    socks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(DATA / "localhost.pem"))
    with (
        serving(lambda asked: reply(body=b"ok"), certificate="localhost.pem") as server,
        tunnelling(server.port, socks=socks) as (port, heard),
    ):
        kind = "socks5h" if socks else "http"
        client = Client(proxies={"all": f"{kind}://127.0.0.1:{port}"}, seconds=10)
        assert client.get(Get("https://secure.example/feed")).body == b"ok"
        assert client.get(Get("https://secure.example/feed")).body == b"ok"
        assert len(heard) == 1
        assert heard[0].startswith(b"secure.example" if socks else b"CONNECT secure.example:443 ")
        client.close()


def test_a_proxy_is_no_way_around_the_guard() -> None:
    def answer(asked: Asked) -> bytes:
        return reply("302 Found", Location=f"http://{places.pop()}/")

    places = ["127.0.0.1:1", "localhost", "169.254.1.1", "10.0.0.1", "[::1]", "0x7f000001", "nas"]
    with serving(answer) as proxy:
        client = Client(proxies={"http": f"127.0.0.1:{proxy.port}"}, seconds=10)
        for number in range(1, 8):
            with pytest.raises(FetchError) as raised:
                client.get(Get("http://feeds.example.com/"))
            assert raised.value.kind == "address"
            assert len(proxy.asked) == number
        client.close()


def test_a_proxy_that_refuses_or_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda asked: reply("403 No")) as proxy:
        client = Client(proxies={"all": f"http://127.0.0.1:{proxy.port}"}, seconds=10)
        with pytest.raises(FetchError) as raised:
            client.get(Get("https://feeds.example.com/"))
        assert (raised.value.kind, str(raised.value)) == ("refused", "the proxy refused to connect")
        client.close()
    with pytest.raises(FetchError) as raised:
        client.get(Get("https://feeds.example.com/"))
    assert raised.value.kind == "refused"
    for bad in ("ftp://127.0.0.1", "https://us:s3cret@127.0.0.1", "http://us:s3cret@[::1"):
        with pytest.raises(FetchError) as raised:
            Client(proxies={"all": bad}).get(Get("http://feeds.example.com/"))
        assert raised.value.kind == "url"
        assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "exceptions", "direct"),
    [
        ("http://a.example/", "", False),
        ("http://a.example/", "*", True),
        ("http://a.example/", "b.example, A.example", True),
        ("http://x.a.example/", "a.example", True),
        ("http://x.a.example/", ".a.example", True),
        ("http://xa.example/", "a.example", False),
        ("http://a.example:8080/", "a.example:8080", True),
        ("http://a.example:8080/", "a.example:80", False),
        ("http://127.0.0.9/", "127.0.0.0/8", True),
        ("http://10.0.0.1/", "127.0.0.0/8", False),
        ("http://a.example/", "127.0.0.0/8", False),
        ("http://[::1]/", "::1", True),
        ("http://[::1]:99/", "[::1]:99", True),
        ("http://[::1]/", "::/64", True),
    ],
)
def test_who_is_excepted(url: str, exceptions: str, direct: bool) -> None:
    target, _ = read_url(url)
    proxy = proxy_for(target, {"http": "proxy:3128", "no": exceptions})
    assert proxy == (None if direct else "http://proxy:3128")


def test_the_environment_is_read_in_both_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    assert from_environment() == {}
    monkeypatch.setenv("HTTPS_PROXY", "http://up:1")
    monkeypatch.setenv("all_proxy", "socks5://small:2")
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert from_environment() == {
        "https": "http://up:1",
        "all": "socks5://small:2",
        "no": "localhost",
    }
