"""Addresses taken apart once, so that what is checked is what is asked for."""

from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from newsreader.errors import FetchError
from newsreader.net._addresses import read_host
from newsreader.net._values import Login
from newsreader.text.clean import clean_line

_PORTS = {"http": 80, "https": 443}
_LONGEST = 8_000
"""Characters of an address; RFC 9110, 4.1 asks for 8,000, more is a mistake or an attack."""

_PATH = "/%:@!$&'()*+,;=~[]|"
_QUERY = _PATH + "?"


class Target(NamedTuple):
    """An address that can be asked for: ASCII, in parts, without user and password."""

    scheme: str
    host: str
    port: int
    path: str
    fragment: str

    @property
    def authority(self) -> str:
        """Host, and port where it is not the usual one; IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def place(self) -> str:
        """The server that is spoken to: http and https on their usual ports are one."""
        return self.host if self.port in (80, 443) else f"{self.host} {self.port}"

    @property
    def url(self) -> str:
        """The whole address, as others may see it."""
        end = f"#{self.fragment}" if self.fragment else ""
        return f"{self.scheme}://{self.authority}{self.path}{end}"


def read_url(written: str) -> tuple[Target, Login | None]:
    """Return what to ask for, and the user and password where the address has them.

    Raises:
        FetchError: of kind ``url``; not an address of the web.
    """
    try:
        parts = urlsplit(written.strip()) if len(written) <= _LONGEST else None
        port = parts.port if parts else None
    except ValueError:
        # Its text quotes what it could not read, which may be a password.
        raise _unreadable(written) from None
    if parts is None or not parts.hostname or port == 0 or "\\" in parts.netloc:
        raise _unreadable(written)
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise FetchError(
            f"only http and https can be fetched, not {clean_line(scheme, 20)}:", "url"
        )
    path = quote(parts.path or "/", safe=_PATH, errors="replace")
    if parts.query:
        path += "?" + quote(parts.query, safe=_QUERY, errors="replace")
    fragment = quote(parts.fragment, safe=_QUERY, errors="replace")
    target = Target(
        scheme, read_host(_unescaped(parts.hostname)), port or _PORTS[scheme], path, fragment
    )
    login = None
    if parts.username:
        login = Login("basic", unquote(parts.username), unquote(parts.password or ""))
    return target, login


def _unescaped(host: str) -> str:
    # A percent sign in a host is an escaped letter, or in IPv6 the name of a network card.
    return host if ":" in host else unquote(host)


def _unreadable(written: str) -> FetchError:
    # Nothing of the text: where an address cannot be taken apart, a password cannot be taken out.
    reason = "it is too long" if len(written) > _LONGEST else "check how it is written"
    return FetchError(f"this address cannot be read: {reason}", "url")


def follow(target: Target, location: bytes) -> Target:
    """Return where a redirect leads; a fragment is inherited (RFC 9110, 10.2.2).

    User and password in it are dropped: they are not for a server to give.

    Raises:
        FetchError: of kind ``redirect``; it leads nowhere that can be fetched.
    """
    try:
        text = location.decode("utf-8")
    except UnicodeDecodeError:
        text = location.decode("latin-1")
    try:
        joined, _ = read_url(urljoin(target.url, text.strip()))
    except (FetchError, ValueError) as error:
        reason = str(error) if isinstance(error, FetchError) else "it cannot be read"
        raise FetchError(
            f"{target.host} sends on to an address that does not work: {reason}", "redirect"
        ) from error
    return joined._replace(fragment=joined.fragment or target.fragment)
