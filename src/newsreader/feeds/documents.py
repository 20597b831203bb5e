"""Files of any kind to values: the kind is decided by the content, never by the name.

Whatever the bytes are, the only error is ParseError.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from newsreader.errors import ParseError
from newsreader.feeds.parse import MAX_BYTES, parse_feed
from newsreader.model import ParsedDocument, ParsedEntry, Precision
from newsreader.text.boilerplate import without_boilerplate
from newsreader.text.clean import clean_line
from newsreader.text.html import plain_line, read_html
from newsreader.text.language import detect, direction
from newsreader.text.links import clean_link
from newsreader.text.markdown import is_markdown, read_markdown
from newsreader.text.page import read_page
from newsreader.text.pasted import lead_title, plain_body, read_pasted
from newsreader.text.when import parse_when

# What json.loads gives.
Fields = Any
Problem = tuple[str, str]

_MARKS = (
    (b"%PDF", "is a PDF, not text"),
    (b"PK\x03\x04", "is a ZIP archive or office document, not text"),
    (b"\x1f\x8b", "is compressed (gzip); unpack it first"),
    (b"BZh", "is compressed (bzip2); unpack it first"),
    (b"\xfd7zXZ", "is compressed (xz); unpack it first"),
    (b"\x28\xb5\x2f\xfd", "is compressed (zstd); unpack it first"),
    (b"\x89PNG", "is a picture, not text"),
    (b"\xff\xd8\xff", "is a picture, not text"),
    (b"GIF8", "is a picture, not text"),
    (b"SQLite format 3", "is a database, not text"),
    (b"\x7fELF", "is a program, not text"),
    (b"{\\rtf", "is a rich text (RTF) document; save it as plain text"),
    (b"\xd0\xcf\x11\xe0", "is an old office document, not text"),
)
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})|<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})",
    re.IGNORECASE,
)
_CHARSETS = {
    **dict.fromkeys(("iso-8859-1", "latin1", "ascii", "us-ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "x-sjis", "sjis"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
}
"""Charsets that browsers read as a wider one (https://encoding.spec.whatwg.org, section 4.2)."""
_ROOT = re.compile(r"<\s*(?:[A-Za-z][\w.-]{0,20}:)?(?P<name>[A-Za-z][\w.-]*)[\s>/]")
_NOT_ROOT = re.compile(
    r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?[^>]*>", re.DOTALL | re.IGNORECASE
)
_FEED_ROOTS = ("rss", "feed", "rdf", "channel")
_PAGE_TAGS = frozenset(
    {"html", "head", "body", "div", "p", "article", "section", "main", "h1", "h2", "h3", "span"}
    | {"a", "ul", "ol", "table", "title", "meta", "header", "blockquote", "center", "font", "b"}
    | {"i", "br", "img", "strong", "em", "pre", "nav", "figure", "link", "script", "style"}
)
_PAGE = re.compile(r"<!doctype\s+html|<html[\s>]|<body[\s>]", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_KEYS = ("title", "body", "html", "text")
_LINE_LIMIT = 4_000_000


class SubscriptionListError(ParseError):
    """The document is an OPML list: it can be subscribed to, not read."""


def read_document(data: bytes, *, name: str) -> ParsedDocument:
    """Return what a file holds; ``name`` only words the reasons, it never decides the kind.

    Entries of single-article files have no ``guid``: their identity is the caller's to give.

    Raises:
        ParseError: it is empty, binary, an OPML list, or nothing that is known.
    """
    text = _readable(data)
    start = text.lstrip("\ufeff \t\r\n")
    if start[0] in "{[":
        return _read_json(data, start)
    kind = _markup_kind(start)
    if kind == "feed":
        return parse_feed(data)
    if len(data) > MAX_BYTES:
        raise ParseError(f"is larger than {MAX_BYTES // 1_000_000} MB")
    if kind == "html":
        entry = read_page(text)
        return ParsedDocument(kind="html", entries=(_filled(entry),), title=entry.title)
    if is_markdown(start):
        return ParsedDocument(kind="markdown", entries=(_filled(read_markdown(start)),))
    return ParsedDocument(kind="text", entries=(_filled(read_pasted(start)),))


def _readable(data: bytes) -> str:
    """Return the text of a file, ParseError if it is empty or binary."""
    for mark, reason in _MARKS:
        if data.startswith(mark):
            raise ParseError(reason)
    text = decode(data)
    if not text.strip("\ufeff \t\r\n"):
        raise ParseError("is empty")
    if len(_CONTROL.findall(text[:20_000])) > 0.05 * min(len(text), 20_000):
        raise ParseError("is a binary file, not text")
    return text


def iter_jsonl(lines: Iterable[str | bytes]) -> Iterator[ParsedEntry | Problem]:
    """Yield an entry for each good line and (where, reason) for each bad one; blank ones nothing.

    Holds one line at a time.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield read_json_line(line)
        except ParseError as error:
            yield f"line {number}", str(error)


def is_jsonl(head: bytes) -> bool:
    """Tell from a file's first bytes whether it holds one article a line.

    Of the first five lines that are whole, one must be an object with a field of an article.
    """
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    for line in [line for line in head.split(b"\n") if line.strip()][:5]:
        try:
            fields = json.loads(line.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            continue
        if isinstance(fields, dict) and any(key in fields for key in _KEYS):
            return not isinstance(fields.get("items"), list)
    return False


def read_json_line(line: str | bytes) -> ParsedEntry:
    """Return the article of one line of a JSON Lines file.

    Raises:
        ParseError: it is not an object, or has neither a title nor a text.
    """
    if len(line) > _LINE_LIMIT:
        raise ParseError(f"is longer than {_LINE_LIMIT // 1_000_000} MB")
    try:
        text = line.decode("utf-8-sig") if isinstance(line, bytes) else line.lstrip("\ufeff")
        fields = json.loads(text)
    except UnicodeDecodeError as error:
        raise ParseError("is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise ParseError("is not valid JSON") from error
    if not isinstance(fields, dict):
        raise ParseError("is not a JSON object")
    return _json_article(fields)


def decode(data: bytes, charset: str = "") -> str:
    """Return ``data`` as text: by its mark, else UTF-8, else as declared, else Windows-1252.

    ``charset`` is a server's word, which goes before the document's own.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return (
                data[len(mark) :].decode("utf-8", "replace")
                if len(mark) == 3
                else data.decode(encoding, "replace")
            )
    if data[1:2] == b"\0" and data[3:4] == b"\0":
        return data.decode("utf-16-le", "replace")
    if data[:1] == b"\0" and data[2:3] == b"\0" and data[1:2] != b"\0":
        return data.decode("utf-16-be", "replace")
    declared = _DECLARED.search(data[:2000])
    named = (declared[1] or declared[2]).decode("ascii", "replace") if declared else ""
    names = [_CHARSETS.get(name.lower(), name) for name in (charset, named) if name]
    escaped = b"\x1b$" in data and any("2022" in name for name in names)
    try:
        if not escaped:  # ISO 2022 has no byte above 127, so that it passes for UTF-8
            return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A cut file ends inside a character; that is no reason to misread all the others.
        if error.end >= len(data) - 3 or error.start > 1_000_000:
            return data.decode("utf-8", "replace")
    for name in names:
        try:
            return data.decode(name, "replace")
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _markup_kind(text: str) -> str | None:
    """Return "feed" or "html" for marked-up text, None for anything else.

    Raises:
        ParseError: it is OPML, or XML of an unknown kind.
    """
    head = text[:8000]
    bare = _NOT_ROOT.sub("", head).lstrip()
    root = _ROOT.search(bare) if bare[:1] == "<" or head.startswith("<?xml") else None
    name = root["name"].lower() if root else ""
    if name == "opml":
        raise SubscriptionListError("is an OPML subscription list; it holds feeds, not articles")
    if name in _FEED_ROOTS or (name == "feed" and "Atom" in head):
        return "feed"
    if head[:1] == "<" and (name in _PAGE_TAGS or _PAGE.search(head[:2000])):
        return "html"
    if _PAGE.search(head[:1000]):
        return "html"
    if re.search(r"<(?:rss|rdf:RDF|feed)[\s>]", head):
        return "feed"
    if head.startswith("<?xml") or (name and bare[:1] == "<" and f"</{name}" in text.lower()):
        raise ParseError("is XML, but neither a feed nor a web page")
    return None


def _filled(entry: ParsedEntry) -> ParsedEntry:
    if not entry.body.text.strip():
        raise ParseError("holds no text")
    return entry


def _read_json(data: bytes, text: str) -> ParsedDocument:
    """Return a JSON Feed or JSON Lines; the first lines that are whole objects decide."""
    lines = text.split("\n")
    for line in [line for line in lines[:20] if line.strip()][:5]:
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(fields, dict) and any(key in fields for key in _KEYS):
            if isinstance(fields.get("items"), list):
                break
            return _jsonl(lines)
    if text[0] == "{":
        return parse_feed(text.encode("utf-8", "replace") if data[:1] not in (b"{",) else data)
    if is_markdown(text) or not re.match(r'\[\s*(?:[\[{"\d\]]|true|false|null)', text):
        # "[Music] The band …" is a text that starts with a bracket.
        entry = read_markdown(text) if is_markdown(text) else read_pasted(text)
        return ParsedDocument(kind="text", entries=(_filled(entry),))
    raise ParseError("is JSON, but neither a JSON Feed nor one article a line")


def _jsonl(lines: Iterable[str]) -> ParsedDocument:
    entries: list[ParsedEntry] = []
    problems: list[Problem] = []
    for found in iter_jsonl(lines):
        if isinstance(found, ParsedEntry):
            entries.append(found)
        else:
            problems.append(found)
    return ParsedDocument(kind="jsonl", entries=tuple(entries), problems=tuple(problems))


def _field(fields: Fields, *names: str) -> str:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def _named(fields: Fields, name: str) -> str:
    """Return a name that may be given as text, as an object with a name, or as a list of these."""
    value = fields.get(name)
    many = value if isinstance(value, list) else [value]
    named = ({"name": one} if isinstance(one, str) else one for one in many[:20])
    return ", ".join(filter(None, (_field(one, "name") for one in named if isinstance(one, dict))))


def _json_article(fields: Fields) -> ParsedEntry:
    link = clean_link(_field(fields, "url", "link"))
    page = _field(fields, "html")
    plain = _field(fields, "body", "text")
    ours = "newsreader" in fields
    if page and ours:
        # The HTML is the same text, with its headings and lists.
        plain = ""
    body, links, captions = (plain_body(plain), (), ()) if plain else read_html(page, link or "")
    title = plain_line(_field(fields, "title"))
    if not title and not body.text:
        raise ParseError("has neither a title nor a text")
    given = _field(fields, "language").strip()
    language = given[:2].lower() if re.match(r"[A-Za-z]{2}([-_]|$)", given) else None
    language = language or detect(body.text or title)
    when = parse_when(_field(fields, "published"))
    tags = fields.get("tags")
    tags = tags.split(",") if isinstance(tags, str) else tags
    entry = ParsedEntry(
        title=title or lead_title(body),
        title_derived=not title,
        body=body,
        guid=clean_line(_field(fields, "id"), 1000) or None,
        link=link,
        author=plain_line(_named(fields, "author")) or None,
        outlet=plain_line(_named(fields, "source"), 200) or None,
        published=when[0] if when else None,
        published_precision=when[1] if when else Precision.SECOND,
        language=language,
        direction=direction(language) if language else direction(body.text or title),
        links=links,
        tags=tuple(
            dict.fromkeys(
                tag
                for value in (tags if isinstance(tags, list) else ())
                if isinstance(value, str) and (tag := clean_line(value, 80))
            )
        ),
    )
    # What was exported has been through this; doing it again could take more.
    return entry if ours else without_boilerplate(entry, captions)
