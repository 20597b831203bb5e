"""Feeds to values: RSS, RDF and Atom by feedparser, JSON Feed by our own code.

Whatever the bytes are, the only error is ParseError; a bad entry never hides the good ones.
"""

import calendar
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from newsreader.errors import ParseError
from newsreader.model import Body, Enclosure, Link, ParsedDocument, ParsedEntry, Precision
from newsreader.text.boilerplate import without_boilerplate
from newsreader.text.clean import clean_line
from newsreader.text.html import plain_line, read_html
from newsreader.text.language import detect, direction
from newsreader.text.links import clean_link
from newsreader.text.pasted import lead_title, plain_body
from newsreader.text.when import parse_when

# feedparser and JSON give untyped mappings; this module is where they end.
Fields = Any
_Content = tuple[Body, tuple[Link, ...], tuple[str, ...]]

MAX_BYTES = 16_000_000
"""Largest feed that is read; a 5.6 MB one already takes ten seconds (measured 2026-11)."""
MAX_ENTRIES = 2_000
"""Entries read of one feed; the rest is reported as a problem."""

_ENTRY = re.compile(rb"<(?:[a-z0-9]{1,12}:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</(?:[a-z0-9]{1,12}:)?(?:item|entry)\s*>", re.IGNORECASE)
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);")
_CODE = re.compile(r"[A-Za-z]{2,3}(?=[-_]|$)")
_ADDRESS = re.compile(r"^\s*\S+@\S+\s*\((?P<name>[^()]+)\)\s*$")


def parse_feed(body: bytes, *, url: str = "", content_type: str = "") -> ParsedDocument:
    """Return the entries of a feed in the order it gives them.

    Args:
        body: the document as it was served or stored.
        url: where it is from; relative links are resolved against it.
        content_type: what the server said of it, with the charset if it named one.

    Raises:
        ParseError: it is not a feed, or larger than ``MAX_BYTES``.
    """
    if len(body) > MAX_BYTES:
        raise ParseError(f"is larger than {MAX_BYTES // 1_000_000} MB")
    if not body.strip():
        raise ParseError("is empty")
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _parse_json(body, url)
    return _parse_xml(body, url, content_type)


def _parse_xml(body: bytes, url: str, content_type: str) -> ParsedDocument:
    import feedparser  # heavy: only whoever parses pays for it

    body, left_out = _shortened(body)
    headers = {"content-type": content_type} if content_type else {}
    if url:
        headers["content-location"] = url
    try:
        document = feedparser.parse(
            BytesIO(body),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # feedparser lets through whatever its parsers raise
        raise ParseError(f"cannot be read as a feed ({type(error).__name__})") from error
    feed, entries = document.feed, document.entries
    if not document.version and not entries:
        raise ParseError(_why(document))
    problems = []
    left_out += max(0, len(entries) - MAX_ENTRIES)
    if left_out:
        reason = f"{left_out} more left out: a feed is read up to {MAX_ENTRIES} entries"
        problems.append((f"entry {MAX_ENTRIES + 1}", reason))
    home = clean_link(_text(feed, "link"), url)
    outlet = plain_line(_text(feed, "title"), 200) or None
    parsed = [_entry(entry, feed, outlet, home or url) for entry in entries[:MAX_ENTRIES]]
    if document.bozo and not entries:
        problems.append(("feed", "is damaged and holds no entries"))
    return ParsedDocument(
        kind="feed",
        entries=tuple(parsed),
        title=outlet,
        key=_own_address(feed, url) or url or _text(feed, "id") or home,
        home_page=home,
        problems=tuple(problems),
    )


def _shortened(body: bytes) -> tuple[bytes, int]:
    """Return the feed without what comes after ``MAX_ENTRIES`` entries, and how many those are.

    feedparser reads all there is, at 50 microseconds an item and more.
    """
    starts = [match.start() for match in _ENTRY.finditer(body)]
    if len(starts) <= MAX_ENTRIES:
        return body, 0
    ends = [match.end() for match in _ENTRY_END.finditer(body)]
    tail = body[ends[-1] :] if ends and ends[-1] > starts[MAX_ENTRIES] else b""
    return body[: starts[MAX_ENTRIES]] + tail, len(starts) - MAX_ENTRIES


def _why(document: Fields) -> str:
    head = str(document.feed.get("summary", ""))[:200].lower()
    if "html" in head or document.feed.get("meta") or document.feed.get("html"):
        return "is a web page, not a feed"
    return "is not a feed: neither RSS, RDF, Atom nor JSON Feed"


def _text(fields: Fields, key: str) -> str:
    """Return a field as text; a feed may give anything anywhere."""
    value = fields.get(key) if hasattr(fields, "get") else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def _pieces(fields: Fields, key: str) -> list[Fields]:
    """Return the mappings of a list field; a broken feed may have put anything there."""
    value = fields.get(key)
    return [piece for piece in value if isinstance(piece, dict)] if isinstance(value, list) else []


def _strings(fields: Fields, key: str) -> list[str]:
    value = fields.get(key)
    return [piece for piece in value if isinstance(piece, str)] if isinstance(value, list) else []


def _own_address(feed: Fields, url: str) -> str | None:
    for link in _pieces(feed, "links"):
        if link.get("rel") == "self" and (address := clean_link(_text(link, "href"), url)):
            return address
    return None


def _entry(entry: Fields, feed: Fields, outlet: str | None, base: str) -> ParsedEntry:
    link = clean_link(_text(entry, "link"), base)
    guid = clean_line(_text(entry, "id"), 1000) or None
    body, links, captions = _content(entry, link or base)
    title = plain_line(_text(entry, "title"))
    language = _language(_text(entry, "language") or _text(feed, "language"), body.text or title)
    source = entry.get("source") or {}
    published = _time(entry, "published") or _time(entry, "created")
    updated = _time(entry, "updated")
    parsed = ParsedEntry(
        title=title or lead_title(body),
        title_derived=not title,
        body=body,
        guid=guid,
        link=link or (clean_link(guid) if guid and guid.startswith("http") else None),
        author=_authors(entry) or None,
        outlet=plain_line(_text(source, "title"), 200) or outlet,
        published=published or updated,
        updated=updated if updated != published else None,
        language=language,
        direction=direction(language) if language else direction(body.text or title),
        links=links,
        enclosures=tuple(_enclosures(entry, base)),
        tags=_tags(
            plain_line(_text(t, "term") or _text(t, "label"), 80) for t in _pieces(entry, "tags")
        ),
    )
    return without_boilerplate(parsed, captions)


def _content(entry: Fields, base: str) -> _Content:
    """Return the fullest text an entry has: its content, else its summary; links, captions."""
    pieces = [*_pieces(entry, "content"), entry.get("summary_detail")]
    pieces.append({"value": entry.get("summary"), "type": "text/html"})
    for piece in pieces:
        value = _text(piece, "value")
        if not value.strip():
            continue
        kind = _text(piece, "type")
        if kind == "text/plain" and not _MARKUP.search(value):
            return plain_body(value), (), ()
        if not _MARKUP.search(value) and "\n" in value.strip():
            return plain_body(value), (), ()
        found = read_html(value, _text(piece, "base") or base)
        if found[0].text or found[0].blocks:
            return found
    return Body(text=""), (), ()


def _authors(entry: Fields) -> str:
    names = [plain_line(_text(author, "name"), 200) for author in _pieces(entry, "authors")]
    names = [name for name in names if name] or [plain_line(_text(entry, "author"), 200)]
    named = []
    for name in names:
        match = _ADDRESS.match(name)
        named.append(match["name"] if match else name)
    return clean_line(", ".join(dict.fromkeys(filter(None, named))), 300)


def _time(entry: Fields, name: str) -> datetime | None:
    # Its own get() gives the published time for a missing update, with a warning.
    parsed = dict.get(entry, f"{name}_parsed")
    try:
        if parsed and 1 < parsed[0] < 9999:
            return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        pass
    stated = dict.get(entry, name)
    when = parse_when(stated) if isinstance(stated, str) else None
    return when[0] if when else None


def _language(given: str, text: str) -> str | None:
    """Return the feed's word on its language, unless its text is plainly in another."""
    found = detect(text)
    match = _CODE.match(given.strip())
    return found or (match[0].lower() if match else None)


def _enclosures(entry: Fields, base: str) -> Iterable[Enclosure]:
    for piece in _pieces(entry, "enclosures"):
        if address := clean_link(_text(piece, "href") or _text(piece, "url"), base):
            size = _text(piece, "length").strip()
            length = int(size) if size.isdecimal() and len(size) < 16 else None
            yield Enclosure(url=address, type=clean_line(_text(piece, "type"), 100), length=length)


def _tags(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))[:50]


def _parse_json(body: bytes, url: str) -> ParsedDocument:
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ParseError("is not valid JSON") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not ("jsonfeed" in _text(feed, "version") or "title" in feed):
        raise ParseError("is JSON, but not a JSON Feed")
    home = clean_link(_text(feed, "home_page_url"), url)
    outlet = plain_line(_text(feed, "title"), 200) or None
    problems: list[tuple[str, str]] = []
    entries: list[ParsedEntry] = []
    for number, item in enumerate(items[:MAX_ENTRIES], 1):
        if isinstance(item, dict):
            entries.append(_json_entry(item, feed, outlet, home or url))
        else:
            problems.append((f"entry {number}", "is not an object"))
    if len(items) > MAX_ENTRIES:
        reason = (
            f"{len(items) - MAX_ENTRIES} more left out: a feed is read up to {MAX_ENTRIES} entries"
        )
        problems.append((f"entry {MAX_ENTRIES + 1}", reason))
    return ParsedDocument(
        kind="feed",
        entries=tuple(entries),
        title=outlet,
        key=clean_link(_text(feed, "feed_url"), url) or url or home,
        home_page=home,
        problems=tuple(problems),
    )


def _json_entry(item: Fields, feed: Fields, outlet: str | None, base: str) -> ParsedEntry:
    link = clean_link(_text(item, "url") or _text(item, "external_url"), base)
    page = _text(item, "content_html")
    words = _text(item, "content_text") or _text(item, "summary")
    found = read_html(page, link or base) if page.strip() else (plain_body(words), (), ())
    body, links, captions = found
    title = plain_line(_text(item, "title"))
    language = _language(_text(item, "language") or _text(feed, "language"), body.text)
    published = parse_when(_text(item, "date_published"))
    updated = parse_when(_text(item, "date_modified"))
    when = published or updated
    parsed = ParsedEntry(
        title=title or lead_title(body),
        title_derived=not title,
        body=body,
        guid=clean_line(_text(item, "id"), 1000) or None,
        link=link,
        author=_json_authors(item) or _json_authors(feed) or None,
        outlet=outlet,
        published=when[0] if when else None,
        published_precision=when[1] if when else Precision.SECOND,
        updated=updated[0] if updated and updated != when else None,
        language=language,
        direction=direction(language) if language else direction(body.text),
        links=links,
        enclosures=tuple(_attachments(item, base)),
        tags=_tags(plain_line(t, 80) for t in _strings(item, "tags")),
    )
    return without_boilerplate(parsed, captions)


def _json_authors(fields: Fields) -> str:
    many = fields.get("authors")
    authors = many if isinstance(many, list) else [fields.get("author")]
    names = (plain_line(_text(author, "name"), 200) for author in authors)
    return clean_line(", ".join(dict.fromkeys(filter(None, names))), 300)


def _attachments(item: Fields, base: str) -> Iterable[Enclosure]:
    for piece in _pieces(item, "attachments"):
        if address := clean_link(_text(piece, "url"), base):
            size = piece.get("size_in_bytes")
            length = size if isinstance(size, int) and 0 <= size < 10**15 else None
            kind = clean_line(_text(piece, "mime_type"), 100)
            yield Enclosure(url=address, type=kind, length=length)
