"""Addresses as a person must see them before they are opened: where they really lead.

The whole address is shown as it is handed on, in ASCII. What could deceive is said in words: a host
written in other letters than it seems, a name before the host, an address where a name should be.
"""

import re
import unicodedata
from typing import NamedTuple
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

import idna

SCHEMES = ("http", "https", "mailto", "gemini", "gopher")
"""What may be opened at all; the last two only by a program that the user has named."""

_NUMBER = re.compile(r"(?:[^.]*\.)*(?:[0-9]+|0x[0-9a-f]*)", re.IGNORECASE)
"""A host that programs read as a number (WHATWG URL, 3.5): its last part is one."""
_PATH = "/%:@!$&'()*+,;=~[]|"
_MAIL_FIELDS = ("to", "cc", "subject", "body", "in-reply-to")
"""Fields of a mail that an address may fill in (RFC 6068, 4); others have made programs attach
files of the user's."""
_TOGETHER = ({"CJK", "HIRAGANA", "KATAKANA", "LATIN"}, {"CJK", "HANGUL", "LATIN"})
"""Scripts that one label may mix (Unicode Technical Standard 39, 5.2, highly restrictive)."""


class Address(NamedTuple):
    """An address taken apart.

    Args:
        url: what is handed on; ASCII without spaces, beginning with its scheme.
        scheme: in small letters.
        host: the part of ``url`` that says whose it is, "" for mail.
        notes: what the reader is to know before it is opened, as sentences.
        refused: why it is not opened; "" if it may be.
    """

    url: str
    scheme: str
    host: str
    notes: tuple[str, ...] = ()
    refused: str = ""


def read_address(written: str) -> Address:
    """Return what an address is; one that may not be opened says why."""
    # A lone half of a character is no part of any address.
    written = written.encode("utf-8", "replace").decode()
    try:
        parts = urlsplit(written.strip())
        port = parts.port
    except ValueError:
        return _refused(written, "This is not an address")
    scheme = parts.scheme.lower()
    if scheme not in SCHEMES:
        return _refused(written, "Only addresses of the web and of mail are opened")
    if scheme == "mailto":
        return _mail(written, parts.path, parts.query)
    if "@" in parts.netloc:
        return _refused(
            written, f"It names somebody before its host, which is {_host_words(parts.hostname)}"
        )
    host = _ascii_host(parts.hostname or "")
    if not host or "\\" in written:
        return _refused(written, "It names no host that there could be")
    where = f"[{host}]" if ":" in host else host
    netloc = where if port is None else f"{where}:{port}"
    rest = [quote(part, safe=_PATH) for part in (parts.path,)]
    rest += [quote(part, safe=_PATH + "?") for part in (parts.query, parts.fragment)]
    url = urlunsplit((scheme, netloc, *rest))
    return Address(url, scheme, host, tuple(_notes(host, port)))


def _refused(written: str, why: str) -> Address:
    return Address(written, "", "", (), why)


def _host_words(host: str | None) -> str:
    return (host and _ascii_host(host)) or "none"


def _ascii_host(host: str) -> str:
    """Return a host in ASCII, "" if it cannot be one."""
    if ":" in host:
        return host if all(c in "0123456789abcdef:." for c in host.lower()) else ""
    try:
        # As whoever fetches reads it: the older reading takes "ß" for "ss", another's name.
        found = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
        found = found.lower().rstrip(".")
    except UnicodeError:
        return ""
    letters = found.replace("-", "").replace(".", "").replace("_", "")
    return found if letters.isalnum() and not found.startswith(("-", ".")) else ""


def _notes(host: str, port: int | None) -> list[str]:
    notes = []
    if (meant := _meant(host)) != host:
        scripts = sorted({_script(c) for c in meant if not c.isascii()})
        letters = " and ".join(script.capitalize() for script in scripts)
        notes.append(f"The host is written {meant}, with {letters} letters")
        if any(_mixed(label) for label in meant.split(".")):
            notes.append("It mixes letters of several scripts, as imitations do")
    if _NUMBER.fullmatch(host) or ":" in host:
        notes.append("The host is a number, not a name")
    if port not in (None, 80, 443, 1965, 70):
        notes.append(f"It asks for port {port}, which is unusual")
    return notes


def _meant(host: str) -> str:
    """Return a host in the letters it stands for."""
    labels = []
    for label in host.split("."):
        try:
            labels.append(idna.decode(label) if label[:4] == "xn--" else label)
        except UnicodeError:
            labels.append(label)
    meant = ".".join(labels)
    return meant if meant.isprintable() else host


def _script(character: str) -> str:
    return unicodedata.name(character, "UNKNOWN").split(maxsplit=1)[0].split("-")[0]


def _mixed(label: str) -> bool:
    scripts = {_script(c) for c in label if c.isalpha()}
    return len(scripts) > 1 and not any(scripts <= able for able in _TOGETHER)


def _mail(written: str, path: str, query: str) -> Address:
    """Return a mail's address with the fields that one may fill in."""
    if "@" not in path or not unquote(path).isprintable():
        return _refused(written, "It names nobody to write to")
    # A plus is a plus here (RFC 6068, 5).
    fields_given = (field.partition("=") for field in query.split("&"))
    given = [(unquote(name), unquote(value)) for name, _, value in fields_given if value]
    # A line's end in any but the text would begin another field.
    kept = [
        (name, value)
        for name, value in given
        if name.lower() in _MAIL_FIELDS and (name.lower() == "body" or value.isprintable())
    ]
    notes = ["It fills in more than subject and text; that is left out"] * (len(kept) < len(given))
    to = quote(path, safe="@,%!#$&'*+/=?^_`{|}~.-")
    fields = urlencode(kept, quote_via=quote)
    return Address(f"mailto:{to}" + (f"?{fields}" if fields else ""), "mailto", "", tuple(notes))
