"""What a feed says of an entry beside its text: files, people, rights, other addresses. Pure.

feedparser's names of fields; the meanings are those of Media RSS 1.5, the podcast namespaces,
Dublin Core and RFC 4287.
"""

from collections.abc import Iterator
from typing import Any

from newsreader.model import Credit, CreditKind, Enclosure, Link
from newsreader.text.clean import clean_line
from newsreader.text.html import plain_line
from newsreader.text.links import clean_link

# feedparser and JSON give untyped mappings.
Fields = Any

_MOST = 100
"""Files, people or addresses of one entry: a picture gallery has some dozens."""
_PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
"""Minutes of RSS 1.0's ``sy:updatePeriod``."""
_LONGEST = 1440
"""Minutes for which a feed may want to be left alone; more is a mistake in the feed."""
_RELATED = {"related": "Related", "via": "Via", "replies": "Comments", "alternate": "Also at"}


def text_of(fields: Fields, key: str) -> str:
    """Return a field as text; a feed may give anything anywhere."""
    value = dict.get(fields, key) if isinstance(fields, dict) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def pieces_of(fields: Fields, key: str) -> list[Fields]:
    """Return the mappings of a list field; a broken feed may have put anything there."""
    value = dict.get(fields, key) if isinstance(fields, dict) else None
    return [piece for piece in value if isinstance(piece, dict)] if isinstance(value, list) else []


def enclosures_of(entry: Fields, base: str) -> tuple[Enclosure, ...]:
    """Return the files that come with an entry: enclosures, then media, then its picture."""
    found: dict[str, Enclosure] = {}
    for enclosure in (*_attached(entry, base), *_media(entry, base), *_pictures(entry, base)):
        known = found.setdefault(enclosure.url, enclosure)
        if not known.title and enclosure.title:
            found[enclosure.url] = known._replace(title=enclosure.title)
    return tuple(found.values())[:_MOST]


def _attached(entry: Fields, base: str) -> Iterator[Enclosure]:
    length = clean_line(text_of(entry, "itunes_duration"), 20)
    # feedparser makes its "enclosures" of these, anew for everyone who asks.
    for piece in pieces_of(entry, "links"):
        if piece.get("rel") != "enclosure":
            continue
        if address := clean_link(text_of(piece, "href") or text_of(piece, "url"), base):
            title = plain_line(text_of(piece, "title"), 300) or length
            yield Enclosure(address, _kind(piece), _size(text_of(piece, "length")), title)


def _media(entry: Fields, base: str) -> Iterator[Enclosure]:
    for piece in pieces_of(entry, "media_content"):
        if address := clean_link(text_of(piece, "url"), base):
            yield Enclosure(address, _kind(piece), _size(text_of(piece, "filesize")))
    player = dict.get(entry, "media_player")
    if isinstance(player, dict) and (address := clean_link(text_of(player, "url"), base)):
        yield Enclosure(address, "text/html")


def _pictures(entry: Fields, base: str) -> Iterator[Enclosure]:
    pictures = [text_of(piece, "url") for piece in pieces_of(entry, "media_thumbnail")]
    image = dict.get(entry, "image")
    if isinstance(image, dict):
        pictures.append(text_of(image, "href") or text_of(image, "url"))
    for picture in pictures:
        if address := clean_link(picture, base):
            yield Enclosure(address, "image")


def _kind(piece: Fields) -> str:
    return clean_line(text_of(piece, "type") or text_of(piece, "medium"), 100)


def _size(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def credits_of(entry: Fields, author: str) -> tuple[Credit, ...]:
    """Return who else an entry names, and whose it is; not its ``author`` once more."""
    found = [
        (CreditKind.CONTRIBUTOR, text_of(person, "name"))
        for person in pieces_of(entry, "contributors")
    ]
    for credit in pieces_of(entry, "media_credit"):
        role = text_of(credit, "role").lower()
        photo = "photo" in role or "image" in role
        kind = CreditKind.PHOTO if photo else CreditKind.CONTRIBUTOR
        found.append((kind, text_of(credit, "content")))
    found.append((CreditKind.OWNER, text_of(entry, "publisher")))
    found.append((CreditKind.COPYRIGHT, text_of(entry, "rights")))
    credits = [Credit(kind, line) for kind, text in found if (line := plain_line(text, 300))]
    return tuple(dict.fromkeys(credit for credit in credits if credit.text != author))[:_MOST]


def comments_of(entry: Fields, base: str) -> str | None:
    """Return the page where readers talk about an entry."""
    if address := clean_link(text_of(entry, "comments"), base):
        return address
    for link in pieces_of(entry, "links"):
        html = text_of(link, "type") in ("", "text/html", "application/xhtml+xml")
        if link.get("rel") == "replies" and html:
            return clean_link(text_of(link, "href"), base)
    return None


def links_of(entry: Fields, base: str, known: set[str | None]) -> tuple[Link, ...]:
    """Return the other addresses that an entry gives, but those ``known`` already."""
    found: dict[str, Link] = {}
    for link in pieces_of(entry, "links"):
        relation = text_of(link, "rel") or "alternate"
        address = clean_link(text_of(link, "href"), base)
        if relation in _RELATED and address is not None and address not in known:
            words = plain_line(text_of(link, "title"), 200) or _RELATED[relation]
            found.setdefault(address, Link(words, address))
    source = dict.get(entry, "source")
    if isinstance(source, dict):
        _note(found, known, plain_line(text_of(source, "title"), 200) or "Source", source, base)
    for name, words in _SINGLE.items():
        value = dict.get(entry, name)
        fields = value if isinstance(value, dict) else {"href": text_of(entry, name)}
        _note(found, known, words, fields, base)
    for piece in pieces_of(entry, "content"):
        # Atom: the text is elsewhere, and only its address is here.
        _note(found, known, "The text", {"href": text_of(piece, "src")}, base)
    return tuple(found.values())[:_MOST]


_SINGLE = {
    "wfw_commentrss": "Feed of the comments",
    "podcast_transcript": "Transcript",
    "podcast_chapters": "Chapters",
    "feedburner_origlink": "Original",
    "pheedo_origlink": "Original",
}


def _note(
    found: dict[str, Link], known: set[str | None], words: str, fields: Fields, base: str
) -> None:
    given = text_of(fields, "href") or text_of(fields, "url") or text_of(fields, "link")
    address = clean_link(given, base)
    if address is not None and address not in known:
        found.setdefault(address, Link(words, address))


def minutes_of(feed: Fields) -> int | None:
    """Return how long a feed wants to be left alone, in minutes, at most a day."""
    wanted = _number(text_of(feed, "ttl"))
    period = _PERIODS.get(text_of(feed, "sy_updateperiod").strip().lower())
    if period is not None:
        times = _number(text_of(feed, "sy_updatefrequency")) or 1
        wanted = max(wanted or 0, period // times)
    return min(wanted, _LONGEST) if wanted else None


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None
