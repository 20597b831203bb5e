"""What is asked of the network and what comes back; values only, nothing here speaks."""

from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

FEEDS = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.2"
)
"""What to accept where a feed is expected; pages last, for those that announce a feed."""

PAGES = "text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.2"
"""What to accept where a page is expected."""

ANY = "*/*"
"""What to accept where anything will do."""

LIMIT = 16_000_000
"""Bytes of one body after decompression: the largest real feed seen has 6 MB."""


def without_login(url: str) -> str:
    """Return ``url`` without user and password, safe to show, to log and to store."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.rpartition("@")[2]
    if not parts.netloc:
        return url.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


class Login(NamedTuple):
    """How to be let in: a user and password (``basic``), or one header (``header``)."""

    kind: str
    name: str
    secret: str

    def __repr__(self) -> str:
        return f"Login(kind={self.kind!r}, name={self.name!r}, secret=…)"


class Get(NamedTuple):
    """One address to fetch.

    ``home`` is the address the user gave, on whose behalf this one is fetched (None: ``url``
    itself). It decides whether addresses of the user's own network may be reached. ``etag`` and
    ``last_modified`` are sent as the server once wrote them. ``limit`` counts bytes after
    decompression; a longer body is an error, or with ``cut`` ends there.
    """

    url: str
    home: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    accept: str = FEEDS
    user_agent: str | None = None
    login: Login | None = None
    insecure: bool = False
    cookies: bool = False
    limit: int = LIMIT
    cut: bool = False

    def __repr__(self) -> str:
        return f"Get({without_login(self.url)!r})"


class Got(NamedTuple):
    """An answer of any status except a redirect.

    ``url`` is the final address, without user and password. ``moved_to`` is where an unbroken
    chain of permanent redirects from the first address leads, None where there was none.
    ``retry_after`` and ``max_age`` are seconds from now, at most a day. The body of an error
    (status 400 and above) may be cut or empty.
    """

    status: int
    url: str
    body: bytes
    content_type: str
    etag: str | None
    last_modified: str | None
    moved_to: str | None
    retry_after: float | None
    max_age: float | None
