"""A real server on loopback, whose every byte the test decides."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(__file__).parent / "data"
"""Certificates made with ``openssl ca -selfsign`` for localhost, 127.0.0.1 and secure.example.

``localhost.pem`` is valid from 2020 to 2120, ``expired.pem`` was in January 2020; one key for both.
"""


@dataclass
class Asked:
    """One request as it came: the path and the headers by small letters."""

    path: str
    headers: dict[str, str]
    connection: int
    server: "Server"


Answer = bytes | Iterable[bytes] | None
"""Bytes to send, pieces to send one by one, or None: hang up without a word."""


@dataclass
class Server:
    """Where it listens and what it was asked, in order."""

    port: int
    name: str = "127.0.0.1"
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    most_open: int = 0

    def url(self, path: str = "/", host: str = "") -> str:
        return f"{self.scheme}://{host or self.name}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


def reply(status: str = "200 OK", body: bytes = b"", **headers: str) -> bytes:
    """A well-formed answer that keeps the connection open."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def _head(plug: socket.socket, rest: bytes) -> tuple[bytes, bytes]:
    while b"\r\n\r\n" not in rest:
        more = plug.recv(65536)
        if not more:
            return b"", b""
        rest += more
    head, _, rest = rest.partition(b"\r\n\r\n")
    return head, rest


def _read(head: bytes, number: int, server: Server) -> Asked:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    return Asked(first.split(" ")[1], {k.lower(): v for k, _, v in pairs}, number, server)


def _speak(plug: socket.socket, server: Server, answer: Callable[[Asked], Answer]) -> None:
    server.connections += 1
    number = server.connections
    server.open_now += 1
    server.most_open = max(server.most_open, server.open_now)
    rest = b""
    try:
        while True:
            head, rest = _head(plug, rest)
            if not head:
                return
            asked = _read(head, number, server)
            server.asked.append(asked)
            said = answer(asked)
            if said is None:
                return
            for piece in [said] if isinstance(said, bytes) else said:
                plug.sendall(piece)
            if not isinstance(said, bytes):
                return
    except OSError:
        return
    finally:
        server.open_now -= 1
        plug.close()


@contextmanager
def serving(
    answer: Callable[[Asked], Answer], *, certificate: str | None = None
) -> Iterator[Server]:
    """Serve ``answer`` on a free port of loopback, by TLS where a certificate is named."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    listener.settimeout(0.1)
    server = Server(listener.getsockname()[1], scheme="https" if certificate else "http")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if certificate:
        context.load_cert_chain(DATA / certificate, DATA / "localhost.key")
    over = threading.Event()

    def one(plug: socket.socket) -> None:
        plug.settimeout(20)
        plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            plug = context.wrap_socket(plug, server_side=True) if certificate else plug
        except OSError:
            plug.close()
            return
        _speak(plug, server, answer)

    def listen() -> None:
        while not over.is_set():
            try:
                plug, _ = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=one, args=(plug,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        over.set()
        thread.join()
        listener.close()
