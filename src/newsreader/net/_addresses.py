"""Which network a host is in, decided by its number alone; nothing is asked of anybody here."""

import ipaddress
import re
from enum import StrEnum

from newsreader.errors import FetchError

Number = ipaddress.IPv4Address | ipaddress.IPv6Address


class Network(StrEnum):
    """Where an address is: anywhere, in the user's own network, in this machine, or nowhere."""

    PUBLIC = "public"
    PRIVATE = "private"
    LOOPBACK = "loopback"
    NEVER = "never"


def _networks(*blocks: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(block) for block in blocks)


# Listed here and not asked of ``is_private``, whose answers differ between Python versions.
# Source: the special-purpose registries of IANA (RFC 6890), read 2026-11.
_LOOPBACK = _networks("127.0.0.0/8", "::1/128")
_PRIVATE = _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
_NEVER = _networks(
    "0.0.0.0/8",  # this network
    "169.254.0.0/16",  # link-local, where clouds keep their secrets
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation, as the next two and 2001:db8::
    "198.51.100.0/24",
    "203.0.113.0/24",
    "198.18.0.0/15",  # benchmarks
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, broadcast
    "::/128",
    "100::/64",  # discard
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",  # segment routing
    "fe80::/10",  # link-local
    "fec0::/10",  # site-local, given up in 2004
    "ff00::/8",  # multicast
)
_NAT64 = _networks("64:ff9b::/96", "64:ff9b:1::/48")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


def _carried(number: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that a translating or tunnelling IPv6 address stands for."""
    carried = []
    if number.sixtofour is not None:
        carried.append(number.sixtofour)
    if number.teredo is not None:
        carried.extend(number.teredo)
    if number in _COMPATIBLE or any(number in block for block in _NAT64):
        carried.append(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF))
    return carried


def network_of(number: Number) -> Network:
    """Return the network that ``number`` is in; what only carries an inner address is NEVER."""
    if isinstance(number, ipaddress.IPv6Address):
        if number.ipv4_mapped is not None:
            return network_of(number.ipv4_mapped)
        if number.scope_id is not None:
            return Network.NEVER
    for network, blocks in (
        (Network.LOOPBACK, _LOOPBACK),
        (Network.PRIVATE, _PRIVATE),
        (Network.NEVER, _NEVER),
    ):
        if any(number in block for block in blocks if block.version == number.version):
            return network
    if isinstance(number, ipaddress.IPv6Address) and any(
        network_of(inner) is not Network.PUBLIC for inner in _carried(number)
    ):
        return Network.NEVER
    return Network.PUBLIC


_OWN_ENDINGS = (
    ".local",  # RFC 6762
    ".lan",
    ".home",
    ".internal",
    ".intranet",
    ".localdomain",
    ".home.arpa",  # RFC 8375
)

_IPV4_PART = re.compile(r"0x[0-9a-f]*|[0-9]+")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?")


def _ipv4(host: str) -> str | None:
    """Return the dotted form of any spelling of an IPv4 address, None for a name.

    Octal, hexadecimal and short forms are what the C library would take (WHATWG URL, "IPv4
    parser"), hence must be seen through here.
    """
    parts = host.split(".")
    if not _IPV4_PART.fullmatch(parts[-1]):
        return None
    if len(parts) > 4 or not all(_IPV4_PART.fullmatch(part) and len(part) < 32 for part in parts):
        raise ValueError
    values = [
        int(part[2:] or "0", 16)
        if part.startswith("0x")
        else int(part, 8 if part.startswith("0") else 10)
        for part in parts
    ]
    last = values.pop()
    if any(value > 255 for value in values) or last >= 256 ** (4 - len(values)):
        raise ValueError
    number = last + sum(value << (24 - 8 * place) for place, value in enumerate(values))
    return str(ipaddress.IPv4Address(number))


def read_host(written: str) -> str:
    """Return a host as it is asked for: ASCII in small letters, numbers in their usual form.

    IPv6 comes and goes without brackets.

    Raises:
        FetchError: of kind ``url``; no name and no number can be read.
    """
    host = written
    try:
        if ":" in host:
            # With a zone ("%eth0") it is link-local, which is never spoken to.
            return str(ipaddress.IPv6Address("" if "%" in host else host))
        if not host.isascii():
            import idna  # loads tables of Unicode; few hosts need them

            host = idna.encode(host, uts46=True).decode("ascii")
        host = host.lower().removesuffix(".")
        number = _ipv4(host)
    except (ValueError, UnicodeError) as error:
        raise FetchError(f"“{written[:80]}” is not a host that exists", "url") from error
    if number is None and (not _NAME.fullmatch(host) or ".." in host):
        raise FetchError(f"“{written[:80]}” is not a host that exists", "url")
    return number or host


def network_of_name(host: str) -> Network:
    """Return the network that a host is in by its name or number alone.

    ``localhost`` and names below it are this machine (RFC 6761, 6.3); names of one word and with
    endings that the public name service does not have are in the user's own network.
    """
    try:
        return network_of(ipaddress.ip_address(host))
    except ValueError:
        pass
    if host == "localhost" or host.endswith(".localhost"):
        return Network.LOOPBACK
    if "." not in host or host.endswith(_OWN_ENDINGS):
        return Network.PRIVATE
    return Network.PUBLIC
