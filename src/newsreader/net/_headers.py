"""Headers written and read: nothing of a value can begin a header of its own."""

import base64
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from newsreader import __version__
from newsreader.errors import FetchError
from newsreader.net._bodies import ENCODINGS
from newsreader.net._url import Target
from newsreader.net._values import Get, Login
from newsreader.text.clean import clean_line

USER_AGENT = f"newsreader/{__version__} (+feed reader)"
"""Who we say we are, unless a feed's settings say otherwise."""

_DAY = 86_400.0
_LONGEST = 2_000
"""Characters of a validator that are kept; a longer one is not kept at all, for half is none."""

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)

Pairs = list[tuple[bytes, bytes]]


def _value(text: str) -> bytes:
    """Return ``text`` as a header's value: as it came where it came from a header."""
    plain = _CONTROL.sub("", text).strip()
    try:
        return plain.encode("latin-1")
    except UnicodeEncodeError:
        return plain.encode("utf-8", errors="replace")


def login_header(login: Login) -> tuple[bytes, bytes]:
    """Return the header that lets us in.

    Raises:
        FetchError: of kind ``url``; no such header can be sent.
    """
    if login.kind == "basic":
        pair = f"{login.name}:{login.secret}".encode("utf-8", errors="replace")
        return b"Authorization", b"Basic " + base64.b64encode(pair)
    if not _TOKEN.fullmatch(login.name) or login.name.lower() in _OURS:
        raise FetchError("this name cannot be the header of a login; change it", "url")
    return login.name.encode("ascii"), _value(login.secret)


def request_headers(request: Get, target: Target, login: Login | None, cookies: str) -> Pairs:
    """Return what is sent with a request to ``target``."""
    headers = [
        (b"Host", target.authority.encode("ascii")),
        (b"User-Agent", _value(request.user_agent or "") or USER_AGENT.encode()),
        (b"Accept", _value(request.accept)),
        (b"Accept-Encoding", ENCODINGS),
    ]
    if request.etag and (etag := _value(request.etag)):
        headers.append((b"If-None-Match", etag))
    if request.last_modified and (date := _value(request.last_modified)):
        headers.append((b"If-Modified-Since", date))
    if cookies:
        headers.append((b"Cookie", _value(cookies)))
    if login is not None:
        own = login_header(login)
        headers = [pair for pair in headers if pair[0].lower() != own[0].lower()]
        headers.append(own)
    return headers


class Answered:
    """The headers of an answer, by name in any letters."""

    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        self._pairs = [(name.lower(), value) for name, value in pairs]

    def first(self, name: bytes) -> bytes | None:
        """Return the first value of a header, None where it was not sent."""
        return next((value for key, value in self._pairs if key == name), None)

    def all(self, name: bytes) -> list[str]:
        """Return every value of a header in order."""
        return [value.decode("latin-1") for key, value in self._pairs if key == name]

    def text(self, name: bytes) -> str:
        """Return a header's values as one, commas between, empty where it was not sent."""
        return ", ".join(self.all(name))

    def mapping(self) -> dict[str, str]:
        """Return the headers by name in small letters; of several the first."""
        pairs = reversed(self._pairs)
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}

    def validator(self, name: bytes) -> str | None:
        """Return an ETag or a date to send back one day, exactly as written."""
        value = self.first(name)
        text = value.decode("latin-1") if value else ""
        return text if text and len(text) <= _LONGEST and not _CONTROL.search(text) else None

    @property
    def content_type(self) -> str:
        """The Content-Type, printable, empty where there is none."""
        return clean_line((self.first(b"content-type") or b"").decode("latin-1"), 200)

    @property
    def retry_after(self) -> float | None:
        """Seconds after which to come again, at most a day (RFC 9110, 10.2.3)."""
        value = (self.first(b"retry-after") or b"").decode("latin-1").strip()
        if re.fullmatch(r"\d{1,20}", value):
            return min(_DAY, float(value))
        return self._until(value)

    @property
    def max_age(self) -> float | None:
        """Seconds for which the answer stays good, at most a day (RFC 9111, 5.2 and 5.3)."""
        if found := _MAX_AGE.search(self.text(b"cache-control")):
            return min(_DAY, float(found[1]))
        return self._until((self.first(b"expires") or b"").decode("latin-1"))

    def _until(self, written: str) -> float | None:
        """Return the seconds from the server's own clock, else ours, to a date, 0 to a day."""
        then = _date(written)
        if then is None:
            return None
        now = _date((self.first(b"date") or b"").decode("latin-1")) or datetime.now(UTC)
        return min(_DAY, max(0.0, (then - now).total_seconds()))


def _date(written: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # takes 6 ms; only answers need it

    try:
        date = parsedate_to_datetime(written[:100])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
