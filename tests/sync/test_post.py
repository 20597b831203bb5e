"""One exchange with a server: an end to waiting, to what is read, and to where it may lead."""

import gzip
import socket
import threading
import time

import pytest
from tests.sync.server import PASSWORD, USER

from newsreader.errors import SyncError
from newsreader.net.post import ServerLink
from newsreader.sync.servers import find_server


@pytest.fixture
def peer():
    """A server that says the given bytes, slowly if asked; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads, over = [], threading.Event()

    def serve(pieces, pause=0.0):
        def work():
            connection, _ = listener.accept()
            with connection:
                try:
                    connection.recv(65536)
                    for piece in pieces:
                        connection.sendall(piece)
                        if over.wait(pause):
                            break
                except OSError:
                    pass

        threads.append(threading.Thread(target=work))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    over.set()
    for thread in threads:
        thread.join()
    listener.close()


HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD, *[b"X: 1\r\n"] * 300],
        [HEAD + b"\r\n", *[b"x"] * 300],
        [b"", *[b""] * 300],
    ],
    ids=["headers", "body", "silence"],
)
def test_a_server_that_drips_is_left_in_time(peer, pieces):
    address = peer(pieces, pause=0.05)
    exchange = ServerLink(seconds=0.5)
    began = time.monotonic()
    with pytest.raises(SyncError, match="did not answer within") as error:
        exchange("GET", address, {}, None)
    assert error.value.kind == "offline" and time.monotonic() - began < 2
    exchange.close()


def test_a_bomb_is_stopped_early(peer):
    bomb = gzip.compress(bytes(50_000_000))
    address = peer([HEAD + b"Content-Encoding: gzip\r\n\r\n" + bomb])
    exchange = ServerLink(seconds=5, limit=1_000_000)
    with pytest.raises(SyncError, match="too large") as error:
        exchange("GET", address, {}, None)
    assert error.value.kind == "large"
    exchange.close()


BROKEN = [b"", b"rubbish\r\n\r\n", HEAD + b"Content-Length: 100\r\n\r\nshort"]
BROKEN += [HEAD + b"Content-Encoding: gzip\r\n\r\nnot packed"]


@pytest.mark.parametrize("answer", BROKEN)
def test_a_broken_answer_is_said_in_words(peer, http, answer):
    with pytest.raises(SyncError, match=r"try again later"):
        http("GET", peer([answer]), {}, None)


@pytest.mark.parametrize("place", ["http://localhost:{}/x", "https://127.0.0.1:{}/x", "file:///x"])
def test_it_never_leads_elsewhere(peer, http, place):
    other = socket.create_server(("127.0.0.1", 0))
    other.settimeout(0.1)
    where = place.format(other.getsockname()[1]).encode()
    address = peer([b"HTTP/1.1 307 Go\r\nContent-Length: 0\r\nLocation: " + where + b"\r\n\r\n"])
    with other:
        with pytest.raises(SyncError, match=r"leads to|sends on") as error:
            http("POST", address, {"Authorization": "secret"}, b"x")
        assert error.value.kind == "refused"
        with pytest.raises(TimeoutError):
            other.accept()


def test_nobody_there_is_said_in_words(http):
    with pytest.raises(SyncError, match="check the address"):
        http("GET", "http://127.0.0.1:1", {}, None)
    with pytest.raises(SyncError, match="address"):
        http("GET", "http://", {}, None)


def test_the_api_is_found_where_a_server_has_it(server, http):
    kind, url = find_server(http, server.host, USER, PASSWORD)
    assert (kind, url) == ("freshrss" if server.fresh else "other", server.url)
    assert find_server(http, server.url, USER, PASSWORD)[1] == server.url
    with pytest.raises(SyncError):
        find_server(http, server.host + "/nothing", USER, PASSWORD)
