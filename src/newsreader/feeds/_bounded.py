"""feedparser with limits. It has none of its own, and takes hours for some feeds of a megabyte.

Where its time grows with the square of what is given, the surplus is dropped before it gets there;
what is asked for each tag anew is remembered. Nothing within the limits is read differently.
"""

import re
from functools import lru_cache
from io import BytesIO
from typing import Any
from xml.sax.xmlreader import AttributesNSImpl

import feedparser
from feedparser import mixin
from feedparser.parsers import strict

# Its parsers, contexts and attributes have no types.
Fields = Any

MAX_TAGS = 300_000
"""Tags of one feed: each costs 15 to 30 microseconds (measured November 2026)."""
MAX_PIECES = 2_000_000
"""Pieces of text of one feed, of which each reference and each stray sign makes one: 1 to 2
microseconds each; 16 MB of HTML, escaped, have some 800,000."""
_ATTRIBUTES = 100
"""Attributes of one tag; for the last of 37,000 each other is looked at (15 s a tag)."""
_ADDRESS = 4096
"""Characters of a base address; it is joined with every tag's."""
_AUTHOR = 1000
"""Characters of an author in which a mail address is looked for, from each character on."""
_MAILED = re.compile(
    r"(?P<email>[^\s@()<>:]+@[^\s@()<>:]+\.[A-Za-z]+)(?:\s*\((?P<name>[^()@]+)\))?"
)
"""An author as RSS 2.0 has it: "ann@example.org (Ann Roe)"."""
_CATEGORIES = 200
"""Categories of one entry; each is compared with all before it."""


class Document:
    """What was read of a feed.

    Args:
        feed: the feed's own fields.
        entries: the fields of each entry, in order.
        version: what kind of feed it is, "" where it is none.
        damaged: it is no well-formed XML.
        flooded: it has more than ``MAX_TAGS`` tags or ``MAX_PIECES`` pieces of text; what comes
            after them was not read.
    """

    def __init__(
        self, feed: Fields, entries: Fields, version: str, *, damaged: bool, flooded: bool
    ) -> None:
        self.feed = feed
        self.entries = entries
        self.version = version
        self.damaged = damaged
        self.flooded = flooded


class _Flood(Exception):
    """A feed is made of too much; carries the parser with what it has read."""

    def __init__(self, parser: Fields) -> None:
        super().__init__("too many tags or pieces of text")
        self.parser = parser


def read(body: bytes, headers: dict[str, str]) -> Document:
    """Return what feedparser finds, with markup and addresses in texts as they are.

    Raises:
        Exception: feedparser lets through whatever its parsers raise.
    """
    try:
        found = feedparser.parse(
            BytesIO(body),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _Flood as flood:
        parser = flood.parser
        return Document(
            parser.feeddata, parser.entries, parser.version, damaged=False, flooded=True
        )
    return Document(
        found.feed, found.entries, found.version, damaged=bool(found.bozo), flooded=False
    )


@lru_cache(maxsize=64)
def _joined(base: str, relative: str | None = None) -> str:
    address: str = _ORIGINAL_JOIN(base, relative)
    return address if len(address) <= _ADDRESS else base


def _start_tag(self: Fields, tag: str, attributes: list[tuple[str, str]]) -> None:
    self.tags_read = getattr(self, "tags_read", 0) + 1
    if self.tags_read > MAX_TAGS:
        raise _Flood(self)
    for name, value in attributes:
        if len(value) > _ADDRESS and name.lower() in ("xml:base", "base"):
            attributes = [one for one in attributes if one[0] != name]
    _ORIGINAL_TAG(self, tag, attributes)


def _take_text(self: Fields, text: str, escape: int = 1) -> None:
    self.pieces_read = getattr(self, "pieces_read", 0) + 1
    if self.pieces_read > MAX_PIECES:
        raise _Flood(self)
    _ORIGINAL_TEXT(self, text, escape)


def _start_element(self: Fields, name: Fields, qualified: Fields, attributes: Fields) -> None:
    if len(attributes) > _ATTRIBUTES:
        attributes = AttributesNSImpl({}, {})
    _ORIGINAL_ELEMENT(self, name, qualified, attributes)


def _sync_author(self: Fields, key: str = "author") -> None:
    context = self._get_context()
    author = dict.get(context, key)
    if isinstance(author, str):
        author = context[key] = author[:_AUTHOR]
        detail = (dict.get(context, f"{key}s") or [{}])[-1]
        mailed = _MAILED.fullmatch(author.strip())
        if mailed is not None and not detail:
            # It takes a top-level domain for at most four letters, the rest for the name's.
            detail.update({name: value for name, value in mailed.groupdict().items() if value})
            context.setdefault(f"{key}_detail", detail)
            return
    _ORIGINAL_AUTHOR(self, key)


def _add_category(self: Fields, term: Fields, scheme: Fields, label: Fields) -> None:
    if len(dict.get(self._get_context(), "tags") or ()) < _CATEGORIES:
        _ORIGINAL_CATEGORY(self, term, scheme, label)


# Its classes take no part of themselves from the caller: what they do is replaced where it stands.
_Mixin: Fields = mixin._FeedParserMixin
_Strict: Fields = strict._StrictFeedParser
_ORIGINAL_JOIN: Fields = mixin.make_safe_absolute_uri
_ORIGINAL_TAG: Fields = _Mixin.unknown_starttag
_ORIGINAL_TEXT: Fields = _Mixin.handle_data
_ORIGINAL_ELEMENT: Fields = _Strict.startElementNS
_ORIGINAL_AUTHOR: Fields = _Mixin._sync_author_detail
_ORIGINAL_CATEGORY: Fields = _Mixin._add_tag
mixin.make_safe_absolute_uri = _joined
_Mixin.unknown_starttag = _start_tag
_Mixin.handle_data = _take_text
_Strict.startElementNS = _start_element
_Mixin._sync_author_detail = _sync_author
_Mixin._add_tag = _add_category
