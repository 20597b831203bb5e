"""Sockets that keep to a deadline and go only where they are told.

The rule: a name is looked up once for a connection, and the very address that was judged is
connected to. What is above (httpcore2) knows names only.
"""

import selectors
import socket
import ssl
from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any

import httpcore2

from newsreader.errors import FetchError
from newsreader.net._addresses import Network, Number
from newsreader.net._deadline import Deadline
from newsreader.net._words import broken, connect_error, tls_error

_HEAD_LIMIT = 300_000
"""Bytes before a body begins: Chrome stops at 256 kB, curl at 300 kB."""

_MOST_TRIED = 6
"""Addresses of one host that are tried; with more, something else is wrong."""

_FIRST_TRY = 6.0
"""Seconds for one address while there are others to try."""

Find = Callable[[str, int, Deadline], list[tuple[Number, Network]]]
"""Gives the addresses of a host that may be connected to, at least one, or raises FetchError."""


class Wiring(httpcore2.NetworkBackend):
    """Makes the sockets of one connection; ``begin`` it anew for each request on it.

    ``network`` is where the other end is, None before it is connected; ``context`` is what TLS
    is spoken with, None for connections without.
    """

    def __init__(self, find: Find, context: ssl.SSLContext | None) -> None:
        self.context = context
        self.network: Network | None = None
        self.received = 0
        self._find = find
        self._in_head = True
        self._deadline: Deadline | None = None
        self._plug: socket.socket | None = None

    def begin(self, deadline: Deadline) -> None:
        """Start a request: its deadline holds from here on."""
        self._deadline = deadline
        self.received = 0
        self._in_head = True

    def head_is_over(self) -> None:
        """Lift the limit of headers: what comes now is the body."""
        self._in_head = False

    def close(self) -> None:
        """Hang up, however far the connection had come."""
        if self._plug is not None:
            self._plug.close()

    @property
    def deadline(self) -> Deadline:
        """The deadline of the request under way."""
        if self._deadline is None:
            raise RuntimeError("no request has begun on this connection")
        return self._deadline

    def count(self, size: int) -> None:
        """Note that ``size`` bytes came in; raise FetchError where headers have no end."""
        self.received += size
        if self._in_head and self.received > _HEAD_LIMIT:
            raise broken(self.deadline.host, "sends headers without end")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of ``host`` that may be and can be reached."""
        found = _in_turns(self._find(host, port, self.deadline))[:_MOST_TRIED]
        failures: list[FetchError] = []
        for place, (number, network) in enumerate(found):
            last = place == len(found) - 1
            patience = self.deadline.left() if last else min(_FIRST_TRY, self.deadline.left() / 2)
            try:
                self._plug = _connected(number, port, self.deadline, patience)
            except OSError as error:
                failures.append(connect_error(host, error))
                continue
            self.network = network
            return Wire(self._plug, self)
        # An address of a family that this machine lacks says nothing about the host.
        raise next((one for one in failures if one.kind != "offline"), failures[0])


def _in_turns(found: list[tuple[Number, Network]]) -> list[tuple[Number, Network]]:
    """Let IPv6 and IPv4 take turns, the system's favourite first (RFC 8305, 4)."""
    first = [row for row in found if row[0].version == found[0][0].version]
    other = [row for row in found if row[0].version != found[0][0].version]
    return [row for pair in zip_longest(first, other) for row in pair if row is not None]


def _connected(number: Number, port: int, deadline: Deadline, patience: float) -> socket.socket:
    """Return a socket connected to ``number``; raise OSError or the deadline's FetchError."""
    family = socket.AF_INET if number.version == 4 else socket.AF_INET6
    plug = socket.socket(family, socket.SOCK_STREAM)
    try:
        plug.setblocking(False)
        try:
            plug.connect((str(number), port))
        except BlockingIOError:
            _await_connection(plug, deadline, patience)
        plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        plug.close()
        raise
    return plug


def _await_connection(plug: socket.socket, deadline: Deadline, patience: float) -> None:
    until = deadline.left() - patience
    with selectors.DefaultSelector() as selector:
        selector.register(plug, selectors.EVENT_WRITE)
        while not selector.select(min(deadline.step(), max(0.01, deadline.left() - until))):
            if deadline.left() <= until and until > 0:
                raise TimeoutError
    failure = plug.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if failure:
        raise OSError(failure, "")


class Wire(httpcore2.NetworkStream):
    """One connected socket. Time-outs given to it are ignored: the request's deadline rules."""

    def __init__(self, plug: socket.socket, wiring: Wiring) -> None:
        self._plug = plug
        self._wiring = wiring

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has come, at most ``max_bytes``; nothing at the end."""
        while True:
            self._plug.settimeout(self._wiring.deadline.step())
            try:
                got = self._plug.recv(max_bytes)
            except TimeoutError:
                continue
            except OSError as error:
                raise httpcore2.ReadError(str(error)) from error
            self._wiring.count(len(got))
            return got

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of ``buffer``."""
        rest = memoryview(buffer)
        while rest:
            self._plug.settimeout(self._wiring.deadline.step())
            try:
                rest = rest[self._plug.send(rest) :]
            except TimeoutError:
                continue
            except OSError as error:
                raise httpcore2.WriteError(str(error)) from error

    def close(self) -> None:
        """Hang up."""
        self._plug.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Return the same connection, protected, for ``server_hostname``, by our own context."""
        deadline = self._wiring.deadline
        plug = self._plug
        try:
            plug.settimeout(deadline.step())
            plug = (self._wiring.context or ssl_context).wrap_socket(
                plug, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            _shake_hands(plug, deadline)
        except OSError as error:
            plug.close()
            raise tls_error(server_hostname or deadline.host, error) from error
        except BaseException:
            plug.close()
            raise
        return Wire(plug, self._wiring)

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore2 asks for: whether there is something to read, and TLS."""
        if info == "is_readable":
            return _is_readable(self._plug)
        if info == "ssl_object" and isinstance(self._plug, ssl.SSLSocket):
            return self._plug
        return None


def _shake_hands(plug: ssl.SSLSocket, deadline: Deadline) -> None:
    while True:
        plug.settimeout(deadline.step())
        try:
            plug.do_handshake()
        except TimeoutError:
            continue
        return


def _is_readable(plug: socket.socket) -> bool:
    """Say whether an idle connection has something to read: the other end hung up."""
    if plug.fileno() < 0:
        return True
    with selectors.DefaultSelector() as selector:
        selector.register(plug, selectors.EVENT_READ)
        return bool(selector.select(0))
