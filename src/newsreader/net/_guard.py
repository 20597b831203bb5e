"""Where a request may go: names looked up, and every address judged before anybody connects.

The rule: the public internet never leads a request into the user's own network or machine, and
nothing at all leads to link-local, multicast or reserved addresses.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

from newsreader.errors import FetchError
from newsreader.net._addresses import Network, Number, network_of, network_of_name
from newsreader.net._deadline import Deadline
from newsreader.net._words import lookup_error

Resolve = Callable[[str, int], Sequence[tuple[Any, ...]]]
"""As ``socket.getaddrinfo``: rows whose last item begins with the number as text."""


def resolve_by_system(host: str, port: int) -> Sequence[tuple[Any, ...]]:
    """Ask the system for the addresses of ``host``, those it can use first."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


class Guard:
    """Looks names up and says which of their addresses a request may connect to.

    Which network a request comes from is told from the name of its home alone, never by looking
    it up: what a public name stands for is its owner's word, and may change (DNS rebinding).

    Args:
        resolve: gives the addresses of a host.
        trusted: hosts that the user allows to be in the own network although their names are
            public; ASCII in small letters.
    """

    def __init__(self, resolve: Resolve, trusted: frozenset[str]) -> None:
        self._resolve = resolve
        self._trusted = trusted

    def look_up(self, host: str, port: int, deadline: Deadline) -> list[Number]:
        """Return every address of ``host`` in the system's order, unjudged.

        Raises:
            FetchError: of kind ``name``, ``offline``, ``timeout`` or ``stopped``.
        """
        try:
            return [ipaddress.ip_address(host)]
        except ValueError:
            pass
        rows = self._ask(host, port, deadline)
        numbers: dict[Number, None] = {}
        for row in rows:
            try:
                numbers[ipaddress.ip_address(row[-1][0])] = None
            except ValueError:  # a family of addresses that we do not speak
                continue
        if not numbers:
            raise lookup_error(host, OSError())
        return list(numbers)

    def _ask(self, host: str, port: int, deadline: Deadline) -> Sequence[tuple[Any, ...]]:
        """Look up in a thread of its own: the system's lookup knows no deadline."""
        answer: list[Sequence[tuple[Any, ...]] | OSError] = []
        done = threading.Event()

        def work() -> None:
            try:
                answer.append(self._resolve(host, port))
            except OSError as error:
                answer.append(error)
            except UnicodeError:  # what getaddrinfo says to labels that are too long
                answer.append(OSError())
            finally:
                done.set()

        threading.Thread(target=work, name="look-up", daemon=True).start()
        while not done.wait(deadline.step()):
            pass
        found = answer[0] if answer else OSError()
        if isinstance(found, OSError):
            raise lookup_error(host, found) from None
        return found

    def allowed(
        self, host: str, port: int, home: str, deadline: Deadline
    ) -> list[tuple[Number, Network]]:
        """Return the addresses of ``host`` that a request on behalf of ``home`` may connect to.

        Raises:
            FetchError: of kind ``address`` where there is none; as ``look_up``.
        """
        found = [(number, network_of(number)) for number in self.look_up(host, port, deadline)]
        kept = [row for row in found if self.may_reach(row[1], host, home)]
        if not kept:
            raise _refusal(host, found[0][1])
        return kept

    def may_reach(self, network: Network, host: str, home: str) -> bool:
        """Say whether a request for ``host`` on behalf of ``home`` may connect into ``network``."""
        if network is Network.PUBLIC or network is Network.NEVER:
            return network is Network.PUBLIC
        if host in self._trusted:
            return True
        own = Network.PRIVATE if home in self._trusted else network_of_name(home)
        # A machine's own name, alone, often stands for a loopback address.
        return network is own or (host == home and own is Network.PRIVATE)

    def check_by_name(self, host: str, home: str) -> None:
        """Judge ``host`` by name or number alone; for proxies, which look names up by themselves.

        Raises:
            FetchError: of kind ``address``.
        """
        network = network_of_name(host)
        if not self.may_reach(network, host, home):
            raise _refusal(host, network)


def _refusal(host: str, network: Network) -> FetchError:
    where = {
        Network.LOOPBACK: "this machine itself",
        Network.PRIVATE: "your own network",
    }.get(network, "an address that no web server has")
    return FetchError(f"{host} is {where}; a feed must not lead there", "address")
