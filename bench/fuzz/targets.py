"""The entry points: each takes bytes, runs what meets them first, and checks the answer.

Only errors of the project's own may come out. Every text in an answer has been cleaned, every
offset lies within its text, every address may be opened.
"""

import json
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from newsreader.entities.dates import dates
from newsreader.errors import ParseError, QueryError, UsageError
from newsreader.feeds.discover import discover, normalised
from newsreader.feeds.documents import read_document
from newsreader.feeds.fulltext import read_article_page
from newsreader.feeds.newsboat import as_query, read_ignored, read_urls
from newsreader.feeds.opml import read_opml
from newsreader.feeds.parse import parse_feed
from newsreader.model import Body, ParsedEntry
from newsreader.search import parse
from newsreader.search._highlight import matches, snippet
from newsreader.text.addresses import read_address
from newsreader.text.clean import clean_line, clean_text
from newsreader.text.html import read_html
from newsreader.text.links import clean_link
from newsreader.text.markdown import read_markdown
from newsreader.text.pasted import read_pasted
from newsreader.text.when import parse_when

CORPUS = Path(__file__).parent / "corpus"
_ARTICLE = (
    "The ferry council met in Oslo on Tuesday. Nobody swims to school, the mayor said: "
    "the \u201cGull\u201d sails until 5 March 2023, caf\u00e9s and all. 渡船は冬も動く。 العبارة."
)


class Fault(AssertionError):
    """An answer is not as it must be."""


def _require(true: bool, words: str, value: object) -> None:
    if not true:
        raise Fault(f"{words}: {value!r}")


def _clean(words: str, *texts: str | None) -> None:
    for text in texts:
        _require(text is None or clean_text(text) == text, f"{words} is not clean", text)


def _check_body(body: Body) -> None:
    _clean("text", body.text)
    end = 0
    for block in body.blocks:
        _require(end <= block.start <= block.end <= len(body.text), "block", block)
        _clean("label", block.label)
        _require(not block.url or clean_link(block.url) is not None, "address", block.url)
        for start, stop in block.cells:
            _require(block.start <= start <= stop <= block.end, "cell", block)
        end = block.end
    for span in body.spans:
        _require(0 <= span.start <= span.end <= len(body.text), "span", span)
        _require(not span.url or clean_link(span.url) is not None, "address", span.url)


def _check_entries(entries: Iterable[ParsedEntry]) -> None:
    for entry in entries:
        _clean("line", entry.title, entry.author, entry.outlet, entry.guid, *entry.tags)
        _require("\n" not in entry.title, "title of several lines", entry.title)
        _check_body(entry.body)
        for address in (entry.link, entry.comments, *(each.url for each in entry.links)):
            _require(not address or clean_link(address) is not None, "address", address)
        for enclosure in entry.enclosures:
            _clean("enclosure", enclosure.title, enclosure.type)
        _clean("credit", *(credit.text for credit in entry.credits))
        for moment in (entry.published, entry.updated):
            _require(moment is None or moment.tzinfo is not None, "time without zone", moment)


def feed(data: bytes) -> None:
    """A feed as it came over the network."""
    try:
        found = parse_feed(data, url="https://a.example/feed")
    except ParseError:
        return
    _check_entries(found.entries)
    _clean("title", found.title)


def document(data: bytes) -> None:
    """A file that is imported."""
    try:
        found = read_document(data, name="file")
    except ParseError:
        return
    _check_entries(found.entries)


def pasted(data: bytes) -> None:
    """Text that somebody pasted."""
    _check_entries([read_pasted(data.decode("utf-8", "replace"))])


def markdown(data: bytes) -> None:
    """A Markdown file."""
    _check_entries([read_markdown(data.decode("utf-8", "replace"))])


def html(data: bytes) -> None:
    """The HTML of an entry."""
    body, links, captions = read_html(data.decode("utf-8", "replace"), "https://a.example/")
    _check_body(body)
    _clean("caption", *captions)
    _clean("link", *(link.text for link in links))


def page(data: bytes) -> None:
    """A publisher's page whose article is wanted, and the feeds that it names."""
    try:
        found = read_article_page(
            data, url="https://a.example/1", content_type="text/html", title="Ferry late", lead=""
        )
        _check_entries([found])
    except ParseError:
        pass
    for candidate in discover(data, "https://a.example/"):
        _clean("candidate", candidate.title)


def opml(data: bytes) -> None:
    """A list of subscriptions, of any reader; newsboat's, too."""
    try:
        for outline in read_opml(data).outlines:
            _require(outline.url.startswith(("http://", "https://")), "address", outline.url)
            _clean("outline", outline.title, outline.folder)
    except ParseError:
        pass
    text = data.decode("utf-8", "replace")
    for rule in (*read_urls(text).queries, *read_ignored(text)):
        try:
            parse(as_query(rule.filter, lambda field, value: ["A feed"]))
        except (ParseError, QueryError):
            continue  # Said, and not taken.


def query(data: bytes) -> None:
    """What somebody types into the prompt: read, and marked in an article."""
    text = data.decode("utf-8", "replace")
    for typing in (True, False):
        try:
            meant = parse(text, typing=typing)
        except QueryError as error:
            _require(1 <= error.column <= len(text) + 1, "column", error.column)
            continue
        for start, end in matches(_ARTICLE, meant, language="en"):
            _require(0 <= start < end <= len(_ARTICLE), "match", (start, end))
        found = snippet(_ARTICLE, meant, language="en")
        for start, end in found.matches:
            _require(0 <= start < end <= len(found.text), "match in snippet", (start, end))


def day(data: bytes) -> None:
    """Dates in a text, and dates as publishers write them."""
    text = data.decode("utf-8", "replace")
    cleaned = clean_text(text)
    for english in (True, False):
        for found in dates(cleaned, published=date(2022, 6, 30), english=english):
            _require(0 <= found.start < found.end <= len(cleaned), "date", found)
    parse_when(text)


def line(data: bytes) -> None:
    """Text of any kind made harmless, and addresses."""
    text = data.decode("utf-8", "surrogateescape" if data[:1] == b"\x01" else "replace")
    once = clean_text(text)
    _require(clean_text(once) == once, "cleaned twice", once)
    _require(len(clean_line(text, 80)) <= 80, "line", text)
    address = read_address(text)
    _require(
        bool(address.refused) or (address.url.isascii() and " " not in address.url),
        "address",
        address,
    )
    link = clean_link(text)
    _require(link is None or clean_link(link) is not None, "link", link)
    try:
        normalised(text)
    except UsageError:
        pass


def jsonl(data: bytes) -> None:
    """A JSON Feed or a line of JSON with any values: text given as data makes its strings."""
    text = data.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = {"items": [{"id": text, "title": text, "content_html": text, "url": text}]}
    if isinstance(value, dict):
        value["version"] = "https://jsonfeed.org/version/1.1"
    feed(json.dumps(value).encode())


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (feed, document, pasted, markdown, html, page, opml, query, day, line, jsonl)
}
"""Every entry point by its name."""


def seeds(name: str) -> list[bytes]:
    """Return the corpus of a target, in a fixed order."""
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
