"""From what people paste to feeds: addresses put right, what pages name, usual places. Pure."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from newsreader.errors import ParseError, UsageError
from newsreader.feeds.documents import decode
from newsreader.text.clean import clean_line, clean_text
from newsreader.text.html import parse, plain_line

_LONGEST = 4096
_MANY = 50
"""Feeds of one page that are offered; a portal may name hundreds."""
_PAGE = 4_000_000
"""Bytes of a page that are looked at: its head comes first."""
_SAFE = "%/:=&?~#+!$,;'@()*[]"
_WRAPPED = re.compile(r"^[\s<\"'(\[]+|[\s>\"'\],;.!]+$")
_TWICE = re.compile(r"^https?:/+(?=https?:/)", re.IGNORECASE)
_SLASHES = re.compile(r"^(?P<scheme>https?):/*(?=[^/])", re.IGNORECASE)
_NAME = r"[^\s/\\?#<>\"|^`{}\[\]:@.]+"
_PLACE = re.compile(rf"(?:\[[0-9A-Fa-f:.]+\]|{_NAME}(?:\.{_NAME})*\.?)(?::\d{{0,5}})?")
"""A host as a name, whose parts are not empty, or as an address in brackets; then its port."""
_SCHEME = re.compile(r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?://)?")
_FEED_SCHEMES = frozenset({"feed", "feeds", "rss", "pcast", "itpc", "podcast"})
_NO_PAGES = frozenset(
    {
        "about",
        "data",
        "exec",
        "file",
        "filter",
        "javascript",
        "mailto",
        "query",
        "tel",
        "view-source",
    }
)
_TYPES = {
    "application/rss+xml": "RSS",
    "application/atom+xml": "Atom",
    "application/feed+json": "JSON Feed",
    "application/json": "JSON Feed",
    "application/rdf+xml": "RSS",
    "application/x.atom+xml": "Atom",
    "application/x-atom+xml": "Atom",
    "application/rss": "RSS",
    "text/rss": "RSS",
    "text/rss+xml": "RSS",
    "application/xml": "RSS",
    "text/xml": "RSS",
}
_ASIDE = re.compile(r"\bcomments?\b|kommentare?|commentaires?|comentarios?|/replies", re.IGNORECASE)
"""Feeds of what readers say come after those of what is written."""
_LIKE_A_FEED = re.compile(
    r"(?:^|[/._-])(?:rss2?|atom|feeds?|rdf)(?:[/._?-]|$)|\.(?:rss|atom|rdf)(?:$|\?)|[?&](?:feed=|format=(?:rss|atom|feed)\b)",
    re.IGNORECASE,
)
_FEED_HOST = re.compile(r"^feeds?\d?\.", re.IGNORECASE)
_USUAL = ("feed", "rss", "atom.xml", "feed.xml", "rss.xml", "index.xml", "feed.json", "feed/")


class Candidate(NamedTuple):
    """A feed that a page names; ``kind`` is "RSS", "Atom", "JSON Feed", or "" where not said."""

    url: str
    title: str
    kind: str = ""


def normalised(text: str) -> str:
    """Return the http(s) address that a user means, its user and password kept.

    "example.org", "feed://…", "feed:https://…", "<https://…>," are taken as people write them.

    Raises:
        UsageError: it is none.
    """
    shown = clean_line(text, 100)
    wrong = UsageError(f"'{shown}': is not an address; give one such as https://example.org/feed")
    bare = _with_scheme(_unwrapped(text), shown)
    if not bare or len(bare) > _LONGEST:
        raise wrong
    try:
        parts = urlsplit(bare)
        user, at, place = parts.netloc.rpartition("@")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    odd = re.search(r"[\s\\]", user) or not parts.netloc.isprintable()
    if port == 0 or odd or not _PLACE.fullmatch(place):
        raise wrong
    if "." not in host and ":" not in host and host != "localhost" and "://" not in text:
        raise wrong
    path = quote(parts.path or "/", safe=_SAFE)
    netloc = user + at + place.lower().removesuffix(":")
    return urlunsplit((parts.scheme.lower(), netloc, path, quote(parts.query, safe=_SAFE), ""))


def _unwrapped(text: str) -> str:
    """Return an address without what people and mail put around and into it."""
    bare = clean_text(text[: 2 * _LONGEST]).strip()
    while True:
        stripped = _WRAPPED.sub("", bare)
        # A bracket at the end belongs to the address that opened it.
        if stripped.endswith(")") and stripped.count(")") > stripped.count("("):
            stripped = stripped[:-1]
        if stripped == bare:
            break
        bare = stripped
    # Mail breaks long lines; a space in the midst was meant.
    return re.sub(r" *\n *", "", bare)


def _with_scheme(bare: str, shown: str) -> str:
    """Return an address that begins with http:// or https://.

    Raises:
        UsageError: it has another scheme, or is the address of a person.
    """
    scheme = _SCHEME.match(bare)
    if scheme is not None and scheme["scheme"].lower() in _FEED_SCHEMES:
        bare = bare[scheme.end() :].lstrip()
        scheme = _SCHEME.match(bare)
    while (once := _TWICE.sub("", bare)) != bare:
        bare = once
    if _SLASHES.match(bare):
        return _SLASHES.sub(r"\g<scheme>://", bare)
    if scheme is not None and ("://" in scheme[0] or scheme["scheme"].lower() in _NO_PAGES):
        raise UsageError(f"'{shown}': only http and https addresses are fetched")
    bare = bare.removeprefix("//")
    if "@" in bare and not re.search(r"[/:]", bare):
        raise UsageError(f"'{shown}': is the address of a person; give that of a feed or a page")
    # "example.org:8080/feed" has no scheme, though it looks so.
    return "https://" + bare if bare else ""


def discover(page: bytes, url: str, content_type: str = "") -> list[Candidate]:
    """Return the feeds that a page names, the likeliest first.

    Those that its head announces come before links in its text that look like feeds, feeds of
    comments after all others.

    Args:
        page: the page as it was served.
        url: where it is from.
        content_type: what the server said of it.
    """
    try:
        root = parse(decode(_with_charset(page[:_PAGE], content_type)))
    except ParseError:
        return []
    if root is None:
        return []
    base = url
    announced: list[Candidate] = []
    linked: list[Candidate] = []
    for element in root.iter("base", "link", "a"):
        href = (element.get("href") or "").strip()
        if not href:
            continue
        address = _joined(base, href)
        if element.tag == "base":
            base = address or base
        elif address is None or address == url:
            continue
        elif element.tag == "link":
            kind = _kind(element.get("type"), element.get("rel"))
            if kind is not None:
                title = plain_line(element.get("title") or "", 200)
                announced.append(Candidate(address, title, kind))
        elif _like_a_feed(address):
            words = plain_line("".join(element.itertext()), 200)
            linked.append(Candidate(address, words))
    return _ordered(announced, linked)


def _like_a_feed(address: str) -> bool:
    parts = urlsplit(address)
    return bool(
        _LIKE_A_FEED.search(f"{parts.path}?{parts.query}") or _FEED_HOST.match(parts.netloc)
    )


def _with_charset(page: bytes, content_type: str) -> bytes:
    """Return a page with the charset its server named written into it, where it has none."""
    named = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", content_type)
    if named is None or b"charset" in page[:2000].lower():
        return page
    return b'<meta charset="' + named[1].encode() + b'">' + page


def _kind(given: str | None, rel: str | None) -> str | None:
    """Return what a ``<link>`` is a feed of, None if it is none."""
    words = (rel or "").lower().split()
    kind = (given or "").partition(";")[0].strip().lower()
    if "feed" in words and kind != "text/html":
        return _TYPES.get(kind, "")
    if "alternate" not in words or "stylesheet" in words:
        return None
    # A page in another language is an alternate too, and so is an API's answer.
    if kind == "application/json":
        return None
    return _TYPES.get(kind)


def _joined(base: str, href: str) -> str | None:
    if href.startswith("feed:"):
        href = href.removeprefix("feed:")
        href = "http:" + href if href.startswith("//") else href
    try:
        address = urljoin(base, clean_text(href).replace(" ", "%20"))
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or len(address) > _LONGEST:
            return None
        path, query = (quote(part, safe=_SAFE) for part in (parts.path, parts.query))
        return urlunsplit((parts.scheme, parts.netloc, path, query, ""))
    except ValueError:
        return None


def _ordered(announced: Iterable[Candidate], linked: Iterable[Candidate]) -> list[Candidate]:
    found: dict[str, Candidate] = {}
    for candidate in (*announced, *linked):
        found.setdefault(candidate.url, candidate)
    return sorted(found.values(), key=_aside)[:_MANY]


def _aside(candidate: Candidate) -> bool:
    path = urlsplit(candidate.url).path
    return bool(_ASIDE.search(candidate.title) or _ASIDE.search(path))


def guesses(url: str) -> list[str]:
    """Return where the feed of a page usually is, on its own host, the likeliest first."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return []
    segments = [segment for segment in parts.path.split("/") if segment]
    places = list(_known_places(host, segments, parts.query))
    folders = ["/", f"/{segments[0]}/"] if segments else ["/"]
    places += [folder + name for name in _USUAL for folder in folders]
    found = (_joined(f"{parts.scheme}://{parts.netloc}/", place) for place in places)
    return list(dict.fromkeys(place for place in found if place))


def _known_places(host: str, segments: list[str], query: str) -> list[str]:
    """Return the documented places of feeds on well-known sites."""
    first, second = (*segments, "", "")[:2]
    if host in ("youtube.com", "m.youtube.com"):
        return _of_videos(first, second, query)
    if first.startswith("@") and host != "medium.com":
        return [f"/{first}.rss"]  # Mastodon and its like, on any host
    if host.endswith((".blogspot.com", ".blogger.com")):
        return ["/feeds/posts/default"]
    site = next((site for site in _SITES if host == site or host.endswith("." + site)), "")
    wanted = _SITES.get(site, ())
    given = {"first": first, "second": second, "last": segments[-1] if segments else ""}
    return [
        place.format(**given) for place in wanted if first and (second or "{second}" not in place)
    ]


_SITES = {
    "github.com": (
        "/{first}/{second}/releases.atom",
        "/{first}/{second}/tags.atom",
        "/{first}/{second}/commits.atom",
        "/{first}.atom",
    ),
    "gitlab.com": ("/{first}/{second}/-/tags?format=atom", "/{first}/{second}.atom"),
    "codeberg.org": ("/{first}/{second}/releases.rss", "/{first}/{second}.rss", "/{first}.rss"),
    "reddit.com": ("/{first}/{second}/.rss",),
    "medium.com": ("/feed/{first}",),
    "bsky.app": ("/profile/{second}/rss",),
    "vimeo.com": ("/{first}/videos/rss",),
    "lobste.rs": ("/t/{last}.rss",),
    "stackoverflow.com": ("/feeds/tag/{last}",),
}
"""Where sites have the feeds of what a path names, as their own pages say."""


def _of_videos(first: str, second: str, query: str) -> list[str]:
    if first in ("channel", "user") and second:
        name = "channel_id" if first == "channel" else "user"
        return [f"/feeds/videos.xml?{name}={second}"]
    listed = re.search(r"(?:^|&)list=([\w-]+)", query)
    return [f"/feeds/videos.xml?playlist_id={listed[1]}"] if listed else []
