"""Protected connections: certificates checked by name, never passed over in silence."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from tests.net.serving import DATA, Asked, reply, serving

from newsreader.errors import FetchError
from newsreader.net import Client, Get, Login


def localhost(host: str, port: int) -> list[tuple[object, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A client for which our own certificate is that of an authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(DATA / "localhost.pem"))
    made = Client(proxies={}, seconds=10, resolve=localhost, trusted=frozenset({"secure.example"}))
    yield made
    made.close()


def failure(client: Client, request: Get) -> FetchError:
    with pytest.raises(FetchError) as raised:
        client.get(request)
    return raised.value


def test_a_good_certificate(client: Client) -> None:
    with serving(lambda asked: reply(body=b"ok"), certificate="localhost.pem") as server:
        for host in ("127.0.0.1", "localhost", "secure.example"):
            assert client.get(Get(server.url(host=host))).body == b"ok"
            assert client.get(Get(server.url(host=host))).body == b"ok"
        assert server.connections == 3


def test_the_name_counts_and_not_the_address(client: Client) -> None:
    with serving(lambda asked: reply(), certificate="localhost.pem") as server:
        error = failure(client, Get(server.url(host="other.localhost")))
        assert error.kind == "tls"
        assert str(error) == (
            "the certificate of other.localhost is not valid: it belongs to another name"
        )
        assert server.asked == []


def test_an_expired_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(DATA / "expired.pem"))
    client = Client(proxies={}, seconds=10)
    with serving(lambda asked: reply(), certificate="expired.pem") as server:
        error = failure(client, Get(server.url()))
        assert (error.kind, str(error)) == (
            "tls",
            "the certificate of 127.0.0.1 is not valid: it has expired",
        )
    client.close()


def test_insecure_holds_for_one_request_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    client = Client(proxies={}, seconds=10)
    with serving(lambda asked: reply(), certificate="localhost.pem") as server:
        assert failure(client, Get(server.url())).kind == "tls"
        assert client.get(Get(server.url(), insecure=True)).status == 200
        # The connection that was opened so is not used for a careful request.
        error = failure(client, Get(server.url()))
        assert "signed by itself" in str(error)
    client.close()


def _answer_plainly(listener: socket.socket) -> None:
    plug, _ = listener.accept()
    with plug:
        plug.recv(4096)
        plug.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_server_without_tls_and_one_that_is_silent(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        answering = threading.Thread(target=_answer_plainly, args=(plain,))
        answering.start()
        error = failure(client, Get(f"https://127.0.0.1:{plain.getsockname()[1]}/"))
        answering.join()
        assert error.kind == "tls"
        assert str(error).startswith("no protected connection to 127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        hasty = Client(proxies={}, seconds=0.5)
        assert failure(hasty, Get(url)).kind == "timeout"
        stop = threading.Event()
        threading.Timer(0.2, stop.set).start()
        began = time.monotonic()
        with pytest.raises(FetchError) as raised:
            client.get(Get(url), stop=stop)
        assert raised.value.kind == "stopped"
        assert time.monotonic() - began < 1


def test_secrets_do_not_leave_protection(client: Client) -> None:
    def answer(asked: Asked) -> bytes:
        return reply("302 Found", Location=plain.url("/x"))

    with (
        serving(lambda asked: reply()) as plain,
        serving(answer, certificate="localhost.pem") as server,
    ):
        client.get(Get(server.url(), login=Login("basic", "a", "b")))
        assert "authorization" in server.asked[0].headers
        assert "authorization" not in plain.asked[0].headers


def test_plain_http_loads_no_certificates_and_naming_the_package_nothing_at_all() -> None:
    with serving(lambda asked: reply()) as server:
        code = (
            "import sys, newsreader.net as net\n"
            "heavy = {'httpcore2', 'httpx2', 'ssl', 'keyring', 'email', 'brotli', 'tempfile'}\n"
            "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
            f"net.Client(proxies={{}}).get(net.Get('{server.url()}'))\n"
            "heavy = {'httpx2', 'keyring', 'brotli', 'backports.zstd'}\n"
            "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_many_threads_share_one_context(client: Client) -> None:
    with serving(lambda asked: reply(body=b"ok"), certificate="localhost.pem") as server:
        bodies: list[bytes] = []

        def work(host: str) -> None:
            bodies.extend(client.get(Get(server.url(host=host))).body for _ in range(5))

        hosts = ["127.0.0.1", "localhost", "secure.example"] * 3
        threads = [threading.Thread(target=work, args=(host,)) for host in hosts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert bodies == [b"ok"] * 45
        assert server.connections <= 6
