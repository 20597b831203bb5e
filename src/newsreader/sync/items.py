"""An article as a Google Reader API gives it, made into an entry as its own feed would give it.

The two must come out alike: then the library knows that they are one article.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from newsreader.model import Enclosure, ParsedEntry
from newsreader.sync.greader import Fields, item_id, states, text_of
from newsreader.text.boilerplate import without_boilerplate
from newsreader.text.clean import clean_line
from newsreader.text.html import plain_line, read_html
from newsreader.text.language import detect, direction
from newsreader.text.links import clean_link
from newsreader.text.pasted import lead_title

_PLAIN = str.maketrans({"＆": "&", "＜": "<", "＞": ">"})
_PLAIN_NAME = str.maketrans(
    {"＆": "&", "＜": "<", "＞": ">", "’": "'", "＂": '"', "＾": "^", "？": "?", "＼": "\\"}
    | {"／": "/", "，": ",", "；": ";"}
)
"""What FreshRSS writes for characters that some clients take for markup: in titles the first three,
in names of feeds all of them."""
_LATEST = 253_402_300_799
"""Seconds since 1970 at the end of the year 9999."""
_TAGS = 50


class RemoteArticle(NamedTuple):
    """What an answer says of one article; ``read`` and ``starred`` are None where it does not."""

    item: str
    stream: str
    entry: ParsedEntry
    read: bool | None
    starred: bool | None


def read_item(fields: Fields, *, freshrss: bool = False) -> RemoteArticle | None:
    """Return an article of an answer, None where it has no id.

    Args:
        fields: the article as the server gave it.
        freshrss: the server writes some characters otherwise.
    """
    item = item_id(text_of(fields, "id"))
    if item is None:
        return None
    found = states(fields)
    return RemoteArticle(
        item=item,
        stream=stream_of(fields),
        entry=_entry(fields, _PLAIN if freshrss else {}),
        read=None if found is None else "read" in found,
        starred=None if found is None else "starred" in found,
    )


def stream_of(fields: Fields) -> str:
    """Return the id of the feed an article came by, "" where the server does not say."""
    return text_of(fields.get("origin"), "streamId")[:5000]


def feed_address(url: str) -> str | None:
    """Return a feed's address without user and password, None where others cannot fetch it."""
    link = clean_link(url)
    if link is None or not link.startswith("http"):
        return None
    parts = urlsplit(url.strip())
    # Not the cleaned link: a feed's query is its own, whatever its names look like.
    if parts.query and clean_line(parts.query, 4096) == parts.query:
        link = urlunsplit(urlsplit(link)._replace(query=parts.query))
    return urlunsplit(urlsplit(link)._replace(netloc=urlsplit(link).netloc.rpartition("@")[2]))


def feed_title(title: str, url: str, *, freshrss: bool = False) -> str:
    """Return what a feed is called, its host where it has no name."""
    shown = plain_line(title.translate(_PLAIN_NAME if freshrss else {}), 200)
    return shown or clean_line(urlsplit(url).hostname or url, 200) or "feed"


def _entry(fields: Fields, plain: dict[int, str]) -> ParsedEntry:
    link = _address(fields)
    origin = fields.get("origin")
    home = clean_link(text_of(origin, "htmlUrl"))
    body, links, captions = read_html(_words(fields), link or home or "")
    title = plain_line(text_of(fields, "title").translate(plain))
    language = detect(body.text or title)
    published = _time(fields.get("published"))
    updated = _time(fields.get("updated"))
    entry = ParsedEntry(
        title=title or lead_title(body),
        title_derived=not title,
        body=body,
        link=link,
        author=plain_line(text_of(fields, "author").translate(plain), 300) or None,
        outlet=_outlet(origin, plain),
        published=published or updated,
        updated=updated if updated != published else None,
        language=language,
        direction=direction(language) if language else direction(body.text or title),
        links=links,
        enclosures=tuple(_enclosures(fields)),
        tags=_tags(fields),
    )
    return without_boilerplate(entry, captions)


def _outlet(origin: Fields, plain: dict[int, str]) -> str | None:
    title = text_of(origin, "title").translate(_PLAIN_NAME if plain else {})
    return plain_line(title, 200) or None


def _address(fields: Fields) -> str | None:
    for name in ("canonical", "alternate"):
        pieces = fields.get(name)
        for piece in pieces if isinstance(pieces, list) else []:
            if link := clean_link(text_of(piece, "href")):
                return link
    return None


def _words(fields: Fields) -> str:
    """Return the fullest text: FreshRSS and The Old Reader give ``summary``, Miniflux both."""
    found = [text_of(fields.get(name), "content") for name in ("content", "summary")]
    return max(found, key=len)


def _time(value: object) -> datetime | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _LATEST:
        return None
    return datetime.fromtimestamp(int(value), UTC)


def _enclosures(fields: Fields) -> Iterable[Enclosure]:
    pieces = fields.get("enclosure")
    for piece in pieces if isinstance(pieces, list) else []:
        if address := clean_link(text_of(piece, "href") or text_of(piece, "url")):
            size = text_of(piece, "length")
            length = int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None
            kind = clean_line(text_of(piece, "type"), 100)
            # Miniflux says 0 where it does not know.
            yield Enclosure(url=address, type=kind, length=length or None)


def _tags(fields: Fields) -> tuple[str, ...]:
    """Return the publisher's own tags: categories that are no state or label of the reader."""
    found = fields.get("categories")
    names = [name for name in found if isinstance(name, str)] if isinstance(found, list) else []
    tags = (plain_line(name, 80) for name in names if not name.startswith("user/"))
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:_TAGS]
