"""Feeds to values: RSS, RDF and Atom by feedparser, JSON Feed by our own code.

Whatever the bytes are, the only error is ParseError; a bad entry never hides the good ones.
"""

import calendar
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from newsreader.errors import ParseError
from newsreader.feeds._extras import (
    comments_of,
    credits_of,
    enclosures_of,
    links_of,
    minutes_of,
    pieces_of,
    text_of,
)
from newsreader.feeds._telling_apart import tell_apart
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
_DECLARATION = re.compile(r"\A<\?xml[^>]*\?>")
_WIDE = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    *((first + b"\0\0\0", "utf-32-le") for first in (b"<", b"{")),
    *((b"\0\0\0" + first, "utf-32-be") for first in (b"<", b"{")),
    *((first + b"\0", "utf-16-le") for first in (b"<", b"{")),
    *((b"\0" + first, "utf-16-be") for first in (b"<", b"{")),
)
"""How a document begins that has more than a byte a character: XML 1.0, appendix F."""
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);")
_PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]|<body[\s>]", re.IGNORECASE)
_PEOPLE = 100
"""Authors of one entry that are read; more do not fit a line."""
_LONGEST_NUMBER = 100
_NO_TIME = (1970, 1, 1, 0, 0, 0)
"""What programs write that have lost a date: the zero of their clock."""
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
    for mark, encoding in _WIDE:
        if body.startswith(mark):
            body, content_type = _narrowed(body, encoding), "application/xml; charset=utf-8"
            break
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _parse_json(body, url)
    return _parse_xml(body, url, content_type)


def _narrowed(body: bytes, encoding: str) -> bytes:
    """Return a document in UTF-8, without its own word on its encoding."""
    text = body.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    return _DECLARATION.sub("", text).encode("utf-8", "replace")


def _parse_xml(body: bytes, url: str, content_type: str) -> ParsedDocument:
    from newsreader.feeds import _bounded  # heavy: only whoever parses pays for it

    body, left_out = _shortened(body)
    headers = {"content-type": content_type} if content_type else {}
    if url:
        headers["content-location"] = url
    try:
        document = _bounded.read(body, headers)
    except Exception as error:  # feedparser lets through whatever its parsers raise
        raise ParseError(f"cannot be read as a feed ({type(error).__name__})") from error
    feed, entries = document.feed, document.entries
    if not document.version and not entries:
        raise ParseError(_why(document, body))
    problems = []
    left_out += max(0, len(entries) - MAX_ENTRIES)
    if left_out:
        reason = f"{left_out} more left out: a feed is read up to {MAX_ENTRIES} entries"
        problems.append((f"entry {MAX_ENTRIES + 1}", reason))
    home = clean_link(text_of(feed, "link"), url)
    outlet = plain_line(text_of(feed, "title"), 200) or None
    parsed = [_entry(entry, feed, outlet, home or url) for entry in entries[:MAX_ENTRIES]]
    if document.flooded:
        reason = (
            f"the rest left out: a feed is read up to {_bounded.MAX_TAGS:,} tags and"
            f" {_bounded.MAX_PIECES:,} pieces of text"
        )
        problems.append((f"entry {len(entries)}", reason))
    if document.damaged and _breaks_off(body) and parsed and _nameless(parsed[-1]):
        # Half an entry without a name would be another article once it comes whole.
        del parsed[-1]
        problems.append((f"entry {len(parsed) + 1}", "breaks off"))
    if document.damaged and not entries:
        problems.append(("feed", "is damaged and holds no entries"))
    return ParsedDocument(
        kind="feed",
        entries=tuple(tell_apart(parsed)),
        title=outlet,
        key=_own_address(feed, url) or url or text_of(feed, "id") or home,
        home_page=home,
        problems=tuple(problems),
        address=_own_address(feed, url),
        minutes=minutes_of(feed),
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


def _nameless(entry: ParsedEntry) -> bool:
    return not (entry.guid or entry.link)


def _breaks_off(body: bytes) -> bool:
    """Tell whether the document ends within an entry, after others that are whole."""
    *_, start = (-1, *(match.start() for match in _ENTRY.finditer(body)))
    *_, end = (-1, *(match.start() for match in _ENTRY_END.finditer(body)))
    return start > end >= 0


def _why(document: Fields, body: bytes) -> str:
    head = str(document.feed.get("summary", ""))[:200].lower()
    if "html" in head or document.feed.get("meta") or _PAGE.search(body[:4000]):
        return "is a web page, not a feed"
    return "is not a feed: neither RSS, RDF, Atom nor JSON Feed"


def _strings(fields: Fields, key: str) -> list[str]:
    value = fields.get(key)
    return [piece for piece in value if isinstance(piece, str)] if isinstance(value, list) else []


def _own_address(feed: Fields, url: str) -> str | None:
    for link in pieces_of(feed, "links"):
        if link.get("rel") == "self" and (address := clean_link(text_of(link, "href"), url)):
            return address
    return None


def _entry(entry: Fields, feed: Fields, outlet: str | None, base: str) -> ParsedEntry:
    link = clean_link(text_of(entry, "link"), base)
    guid = clean_line(text_of(entry, "id"), 1000) or None
    body, links, captions = _content(entry, link or base)
    title = plain_line(text_of(entry, "title"))
    language = _language(
        text_of(entry, "language") or text_of(feed, "language"), body.text or title
    )
    source = entry.get("source") or {}
    author = _authors(entry)
    comments = comments_of(entry, base)
    link = link or (clean_link(guid) if guid and guid.startswith("http") else None)
    known = {link, comments, *(each.url for each in links)}
    published = _time(entry, "published") or _time(entry, "created")
    updated = _time(entry, "updated")
    parsed = ParsedEntry(
        title=title or lead_title(body),
        title_derived=not title,
        body=body,
        guid=guid,
        link=link,
        author=author or None,
        outlet=plain_line(text_of(source, "title"), 200) or outlet,
        published=published or updated,
        updated=updated if updated != published else None,
        language=language,
        direction=direction(language) if language else direction(body.text or title),
        links=(*links, *links_of(entry, base, known)),
        credits=credits_of(entry, author),
        enclosures=enclosures_of(entry, base),
        comments=comments,
        tags=_tags(
            plain_line(text_of(t, "term") or text_of(t, "label"), 80)
            for t in pieces_of(entry, "tags")
        ),
    )
    return without_boilerplate(parsed, captions)


def entry_of(
    *,
    title: str,
    html: str,
    link: str = "",
    guid: str = "",
    author: str = "",
    published: datetime | None = None,
    enclosures: Iterable[tuple[str, str]] = (),
    base: str = "",
) -> ParsedEntry:
    """Return an entry that another reader has kept, cleaned as if it came from its feed.

    ``html`` is its text, with or without markup; ``enclosures`` are (address, type) of files that
    come with it; relative links are resolved against ``base``.
    """
    if _MARKUP.search(html):
        body, links, captions = read_html(html, base)
    else:
        body, links, captions = plain_body(html), (), ()
    shown = plain_line(title)
    language = detect(body.text or shown)
    parsed = ParsedEntry(
        title=shown or lead_title(body),
        title_derived=not shown,
        body=body,
        guid=clean_line(guid, 1000) or None,
        link=clean_link(link),
        author=plain_line(author, 300) or None,
        published=published,
        language=language,
        direction=direction(language) if language else direction(body.text or shown),
        links=links,
        enclosures=tuple(
            Enclosure(url=address, type=clean_line(kind, 100))
            for url, kind in enclosures
            if (address := clean_link(url, base))
        ),
    )
    return without_boilerplate(parsed, captions)


def _content(entry: Fields, base: str) -> _Content:
    """Return the fullest text an entry has: its content, else its summary; links, captions."""
    pieces = [*pieces_of(entry, "content"), entry.get("summary_detail")]
    pieces += [{"value": entry.get(name), "type": "text/html"} for name in ("summary", "subtitle")]
    for piece in pieces:
        value = text_of(piece, "value")
        if not value.strip():
            continue
        kind = text_of(piece, "type")
        if kind == "text/plain" and not _MARKUP.search(value):
            return plain_body(value), (), ()
        if not _MARKUP.search(value) and "\n" in value.strip():
            return plain_body(value), (), ()
        found = read_html(value, text_of(piece, "base") or base)
        if found[0].text or found[0].blocks:
            return found
    return Body(text=""), (), ()


def _authors(entry: Fields) -> str:
    names = [plain_line(text_of(author, "name"), 200) for author in pieces_of(entry, "authors")]
    names = [name for name in names if name] or [plain_line(text_of(entry, "author"), 200)]
    named = []
    for name in names:
        match = _ADDRESS.match(name)
        named.append(match["name"] if match else name)
    return clean_line(", ".join(dict.fromkeys(filter(None, named))), 300)


def _time(entry: Fields, name: str) -> datetime | None:
    # Its own get() gives the published time for a missing update, with a warning.
    parsed = dict.get(entry, f"{name}_parsed")
    try:
        if parsed and tuple(parsed[:6]) == _NO_TIME:
            return None
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


def _tags(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))[:50]


def _parse_json(body: bytes, url: str) -> ParsedDocument:
    try:
        feed = json.loads(body.decode("utf-8-sig", "replace"), parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise ParseError("is not valid JSON") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not (
        "jsonfeed" in text_of(feed, "version") or "title" in feed
    ):
        raise ParseError("is JSON, but not a JSON Feed")
    home = clean_link(text_of(feed, "home_page_url"), url)
    outlet = plain_line(text_of(feed, "title"), 200) or None
    author = _json_authors(feed)
    problems: list[tuple[str, str]] = []
    entries: list[ParsedEntry] = []
    for number, item in enumerate(items[:MAX_ENTRIES], 1):
        if isinstance(item, dict):
            entries.append(_json_entry(item, feed, outlet, author, home or url))
        else:
            problems.append((f"entry {number}", "is not an object"))
    if len(items) > MAX_ENTRIES:
        reason = (
            f"{len(items) - MAX_ENTRIES} more left out: a feed is read up to {MAX_ENTRIES} entries"
        )
        problems.append((f"entry {MAX_ENTRIES + 1}", reason))
    return ParsedDocument(
        kind="feed",
        entries=tuple(tell_apart(entries)),
        title=outlet,
        key=clean_link(text_of(feed, "feed_url"), url) or url or home,
        home_page=home,
        problems=tuple(problems),
    )


def _whole(digits: str) -> int | str:
    # Python refuses to make a number of thousands of digits.
    return int(digits) if len(digits) < _LONGEST_NUMBER else digits


def _json_entry(
    item: Fields, feed: Fields, outlet: str | None, author: str, base: str
) -> ParsedEntry:
    link = clean_link(text_of(item, "url") or text_of(item, "external_url"), base)
    page = text_of(item, "content_html")
    words = text_of(item, "content_text") or text_of(item, "summary")
    found = read_html(page, link or base) if page.strip() else (plain_body(words), (), ())
    body, links, captions = found
    title = plain_line(text_of(item, "title"))
    language = _language(text_of(item, "language") or text_of(feed, "language"), body.text)
    published = parse_when(text_of(item, "date_published"))
    updated = parse_when(text_of(item, "date_modified"))
    when = published or updated
    other = clean_link(text_of(item, "external_url"), base)
    if other is not None and other != link:
        links = (*links, Link("Talks of", other))
    parsed = ParsedEntry(
        title=title or lead_title(body),
        title_derived=not title,
        body=body,
        guid=clean_line(text_of(item, "id"), 1000) or None,
        link=link,
        author=_json_authors(item) or author or None,
        outlet=outlet,
        published=when[0] if when else None,
        published_precision=when[1] if when else Precision.SECOND,
        updated=updated[0] if updated and updated != when else None,
        language=language,
        direction=direction(language) if language else direction(body.text),
        links=links,
        enclosures=tuple({each.url: each for each in _attachments(item, base)}.values()),
        tags=_tags(plain_line(t, 80) for t in _strings(item, "tags")),
    )
    return without_boilerplate(parsed, captions)


def _json_authors(fields: Fields) -> str:
    many = fields.get("authors")
    authors = many if isinstance(many, list) else [fields.get("author")]
    names = (plain_line(text_of(author, "name"), 200) for author in authors[:_PEOPLE])
    return clean_line(", ".join(dict.fromkeys(filter(None, names))), 300)


def _attachments(item: Fields, base: str) -> Iterable[Enclosure]:
    for piece in pieces_of(item, "attachments"):
        if address := clean_link(text_of(piece, "url"), base):
            size = piece.get("size_in_bytes")
            length = size if isinstance(size, int) and 0 <= size < 10**15 else None
            kind = clean_line(text_of(piece, "mime_type"), 100)
            title = plain_line(text_of(piece, "title"), 300)
            yield Enclosure(url=address, type=kind, length=length, title=title)
    for name in ("image", "banner_image"):
        if address := clean_link(text_of(item, name), base):
            yield Enclosure(url=address, type="image")
