"""OPML subscription lists, read from any reader and written for any. Pure.

Nothing in a list is run or opened: it can only name http(s) feeds, everything else is told.
"""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from newsreader.errors import ParseError, UsageError
from newsreader.feeds.discover import normalised
from newsreader.text.clean import clean_line
from newsreader.text.html import without_comments
from newsreader.text.links import clean_link

_LARGEST = 16 * 2**20
_MOST = 50_000
"""Feeds of one list; the largest seen have a few thousand."""
_FOLDER = 100
_DEEPEST = 20
"""Folders within folders that are told apart."""
_PROBLEMS = 1000
"""Outlines that are told of; a list with more is no list of feeds."""
_JUNK = 1000
"""Characters before the first tag, such as a server's warning, that are passed over."""
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_ADDRESS = re.compile(r"\sxmlurl\s*=", re.IGNORECASE)


class Outline(NamedTuple):
    """A feed of a list; ``folder`` joins nested folders with " / "."""

    url: str
    title: str | None = None
    folder: str | None = None
    home_page: str | None = None


class Opml(NamedTuple):
    """A subscription list; ``problems`` are (where, why) of what could not be taken."""

    outlines: tuple[Outline, ...]
    title: str | None = None
    problems: tuple[tuple[str, str], ...] = ()


def read_opml(data: bytes) -> Opml:
    """Return the feeds of a subscription list, each address once, in order.

    Damaged lists give what can still be read of them.

    Raises:
        ParseError: it is no OPML, or too large.
    """
    from lxml import etree

    if len(data) > _LARGEST:
        raise ParseError(f"is larger than {_LARGEST // 2**20} MB")
    text = _text_of(data)
    reader = _Reader()
    target: Any = reader
    parser = etree.XMLParser(
        target=target,
        recover=True,
        # None but XML's own five are left by now.
        resolve_entities="internal",
        no_network=True,
        load_dtd=False,
        huge_tree=True,
    )
    try:
        parser.feed(text.encode("utf-8"))
        parser.close()
    except (etree.LxmlError, ValueError, LookupError) as error:
        if not reader.found:
            raise ParseError("is not an OPML subscription list") from error
    if not reader.is_opml:
        raise ParseError("is not an OPML subscription list")
    unread = len(_ADDRESS.findall(without_comments(text))) - reader.addresses
    if unread > 0 and len(parser.feed_error_log):
        reader.tell("the list", f"is damaged: {unread:,} of its feeds cannot be read")
    return Opml(tuple(reader.found.values()), reader.title, tuple(reader.problems))


def _text_of(data: bytes) -> str:
    """Return a document without its own word on its encoding, which is often wrong."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data.decode(encoding, "replace").lstrip("\ufeff")
            break
    else:
        text = _guessed(data)
    # What stands before the first tag is no part of it, or a word on the encoding.
    start = text.find("<")
    text = text[start:] if 0 <= start < _JUNK else text
    declared = re.match(r"<\?xml[^>]*\?>", text)
    text = text[declared.end() :].lstrip() if declared else text
    # lxml gives up on controls and on half surrogates even where it recovers from all else.
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
    return re.sub(r"&(?:#\d+;|#x[0-9A-Fa-f]+;|[A-Za-z][A-Za-z0-9]{1,30};)?", _entity, text)


def _entity(match: re.Match[str]) -> str:
    """Return XML for an entity of HTML, and for an ampersand that begins none."""
    if match[0] == "&":
        return "&amp;"
    if match[0] in ("&amp;", "&lt;", "&gt;", "&quot;", "&apos;") or match[0].startswith("&#"):
        return match[0]
    meant = unescape(match[0])
    return "&amp;" + match[0][1:] if meant == match[0] else meant


def _guessed(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    named = re.match(rb"\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w.:-]{1,40})", data[:200])
    for encoding in (named[1].decode() if named else "", "cp1252"):
        try:
            return data.decode(encoding or "cp1252")
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("latin-1")


class _Reader:
    """Takes the parser's events; holds one feed a time, whatever the depth."""

    def __init__(self) -> None:
        self.found: dict[str, Outline] = {}
        self.problems: list[tuple[str, str]] = []
        self._title: list[str] = []
        self.is_opml = False
        self.addresses = 0
        self._untold = 0
        self._folders: list[str | None] = []
        self._in_title = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2].lower()
        self._in_title = name == "title" and not self._title
        if name == "opml":
            self.is_opml = True
        if name == "outline":
            self._outline({key.lower(): value for key, value in attributes.items()})

    def end(self, tag: str) -> None:
        self._in_title = False
        if tag.rpartition("}")[2].lower() == "outline" and self._folders:
            self._folders.pop()

    def data(self, text: str) -> None:
        if self._in_title and len(self._title) < _FOLDER:
            self._title.append(text)

    def close(self) -> None:
        if self._untold:
            self.problems.append(("the list", f"{self._untold:,} more could not be taken"))

    @property
    def title(self) -> str | None:
        """What the list calls itself."""
        return clean_line("".join(self._title), 200) or None

    def tell(self, where: str, why: str) -> None:
        """Note what could not be taken."""
        if len(self.problems) < _PROBLEMS:
            self.problems.append((where, why))
        else:
            self._untold += 1

    def _outline(self, fields: dict[str, str]) -> None:
        kind = fields.get("type", "").strip().lower()
        self.addresses += "xmlurl" in fields
        address = fields.get("xmlurl", "").strip()
        if not address and kind not in ("link", "include"):
            address = fields.get("url", "").strip()
        title = clean_line(fields.get("title") or fields.get("text") or "", 200) or None
        self._folders.append(title if not address else None)
        if address:
            self._feed(address, title, fields)

    def _feed(self, address: str, title: str | None, fields: dict[str, str]) -> None:
        where = title or clean_line(address, 100)
        if len(self.found) >= _MOST:
            self.tell(where, f"a list is read up to {_MOST:,} feeds")
            return
        scheme = urlsplit(address).scheme.lower() if ":" in address else ""
        if scheme not in ("http", "https", "feed") or address.lower().startswith("feed:exec"):
            what = clean_line(address, 60)
            self.tell(where, f"'{what}' is not an http or https address; not added")
            return
        try:
            url = normalised(address)
        except UsageError as error:
            self.tell(where, str(error))
            return
        home = clean_link(fields.get("htmlurl", ""))
        outline = Outline(url, title, self._folder(fields), home)
        self.found.setdefault(url, outline)

    def _folder(self, fields: dict[str, str]) -> str | None:
        names = [name for name in self._folders[:-1][-_DEEPEST:] if name]
        if not names:
            # Some readers write the folder as a category: "/News/World,/Other".
            first = fields.get("category", "").split(",")[0]
            names = [clean_line(part, _FOLDER) for part in first.split("/")]
        return clean_line(" / ".join(name for name in names if name), _FOLDER) or None


def write_opml(outlines: Iterable[Outline], *, title: str = "newsreader") -> bytes:
    """Return a list that other readers take: OPML 2.0, a folder for each folder, no passwords."""
    folders: dict[str | None, list[Outline]] = {}
    for outline in outlines:
        folders.setdefault(outline.folder, []).append(outline)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">', "  <head>"]
    lines += [f"    <title>{_text(title)}</title>", "  </head>", "  <body>"]
    for folder, feeds in sorted(
        folders.items(), key=lambda item: (item[0] is not None, item[0] or "")
    ):
        indent = "    "
        if folder is not None:
            name = quoteattr(_plain(folder))
            lines.append(f"    <outline text={name} title={name}>")
            indent += "  "
        lines += [indent + _element(feed) for feed in feeds]
        if folder is not None:
            lines.append("    </outline>")
    lines += ["  </body>", "</opml>", ""]
    return "\n".join(lines).encode("utf-8")


def _element(feed: Outline) -> str:
    name = quoteattr(_plain(feed.title or feed.url))
    parts = urlsplit(feed.url)
    url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    home = f" htmlUrl={quoteattr(_plain(feed.home_page))}" if feed.home_page else ""
    return f'<outline type="rss" text={name} title={name} xmlUrl={quoteattr(_plain(url))}{home}/>'


def _plain(text: str) -> str:
    return clean_line(text, 4096)


def _text(text: str) -> str:
    from xml.sax.saxutils import escape

    return escape(_plain(text))
