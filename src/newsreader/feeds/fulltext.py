"""The page of an article to the article: what a feed gives only the beginning of.

Trafilatura says which words of a page are its article; the blocks are made by our own reading of
the same page, as for every other text. What is no article is refused in words, never returned.
"""

import re
from itertools import islice
from typing import Any

from lxml import etree

from newsreader.errors import ParseError
from newsreader.feeds._chosen import chosen, words_of
from newsreader.feeds._refusals import Seen, refuse_kind, refuse_page, refuse_text
from newsreader.feeds.documents import decode
from newsreader.model import Body, Link, ParsedEntry
from newsreader.text.body import Draft
from newsreader.text.html import Element, element_body, parse, read_html, to_html
from newsreader.text.page import Page, describe, language_of, main_text, with_text
from newsreader.text.pasted import plain_body

MAX_BYTES = 16_000_000
"""Largest page that is read; of one with more than ``text.html`` takes, the rest is left out."""

_Found = tuple[Body, tuple[Link, ...], tuple[str, ...]]

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_TAGS = re.compile(r"</?(?:p|br|div|h[1-6]|ul|li)\b[^<>]*>", re.IGNORECASE)
_MOST_ELEMENTS = 30_000
"""Trafilatura takes seconds for pages with more; the longest of 1,255 real pages has 10,106."""
_ENOUGH = 1500
"""Characters from which on the first rules are believed; else two others are asked as well.
That finds 1 in 100 more of the texts of 495 pages of many kinds, and nothing in news."""
_SCANT = 250
"""Characters below which our own search is tried too, and taken if it finds twice as many."""
_FOUND_SHARE = 0.7
"""Part of the chosen words that must be found in our blocks, else their own shape is used."""
_BLOCKS = frozenset({"p", "head", "item", "quote", "code", "row", "lb", "list", "table", "div"})
_OWN_TAGS = {
    "head": "h2", "list": "ul", "item": "li", "quote": "blockquote", "code": "pre", "row": "tr",
    "cell": "td", "lb": "br", "hi": "em", "ref": "span", "graphic": "img",
}  # fmt: skip
"""Trafilatura's elements, after the Text Encoding Initiative, and those of HTML."""


def read_article_page(
    body: bytes, *, url: str, content_type: str, title: str, lead: str
) -> ParsedEntry:
    """Return the article that stands on a web page.

    Args:
        body: the page as it was served, decompressed.
        url: where it was in the end, after redirects.
        content_type: what the server said of it, "" if nothing.
        title: the headline that the feed gives, "" if it gives none.
        lead: all the text that the feed gives of the article.

    Raises:
        ParseError: it is no page, no article, another article, or only the beginning of one;
            the reason says which.
    """
    if len(body) > MAX_BYTES:
        raise ParseError(f"the page is larger than {MAX_BYTES // 1_000_000} MB")
    refuse_kind(body, content_type)
    charset = _CHARSET.search(content_type)
    root = parse(decode(body, charset[1] if charset else ""))
    if root is None:
        raise ParseError("the page is empty")
    page = describe(root, url)
    seen = Seen.of(root, page, url=url, title=title, lead=lead)
    found, blocks = _article(root, page, closed=seen.closed)
    refuse_page(seen, found[0], blocks)
    entry = with_text(page.entry, *found, language_of(root))
    refuse_text(seen, entry, blocks)
    return entry


def _article(root: Element, page: Page, *, closed: bool) -> tuple[_Found, list[str]]:
    """Return body, links and captions of a page's article, and every block of the page.

    Of an article that is ``closed`` only what the page shows is taken.
    """
    blocks: list[str] = []
    few = sum(1 for _ in islice(root.iter(), _MOST_ELEMENTS + 1))
    tree = _other_reading(root) if few <= _MOST_ELEMENTS else None
    if tree is None:
        found = main_text(root, page.base)
        return found, [found[0].text[block.start : block.end] for block in found[0].blocks]
    lines = _lines(tree)

    def choose(drafts: list[Draft]) -> list[bool]:
        blocks.extend(draft.text for draft in drafts)
        return chosen(drafts, lines)

    found = element_body(root, page.base, choose)
    if closed:
        return found, blocks
    wanted = sum(len(words_of(line)) for line in lines)
    shown = len(words_of(found[0].text)) >= _FOUND_SHARE * wanted
    unseen = found if shown else element_body(_as_html(tree), page.base)
    declared = page.declared.get("articleBody")
    least = 2 * len(found[0].text) + 200 if shown else 0.8 * len(unseen[0].text)
    if isinstance(declared, str) and len(declared) > least:
        return _declared(declared, page.base), blocks
    if len(unseen[0].text) < _SCANT:
        own = main_text(root, page.base)
        unseen = own if len(own[0].text) > 2 * _SCANT else unseen
    return unseen, blocks


def _declared(text: str, base: str) -> _Found:
    """Return the text that a page has in its JSON-LD, with or without markup."""
    return read_html(text, base) if _TAGS.search(text) else (plain_body(text), (), ())


def _other_reading(root: Element) -> Any | None:
    """Return trafilatura's tree of the article, None if it finds none."""
    # It takes 0.3 CPU-s to import; only whoever reads pages pays for it.
    import logging

    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    source = to_html(root)
    best = None
    for fast in (True, False):
        document = bare_extraction(source, include_comments=False, fast=fast)
        tree = getattr(document, "body", None)
        if tree is not None and len(tree):
            best = tree
        if sum(map(len, tree.itertext() if tree is not None else ())) > _ENOUGH:
            break
    return best


def _lines(tree: Any) -> list[str]:
    """Return the text of a tree's blocks, in reading order."""
    lines: list[str] = []
    pieces: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if element.tag in _BLOCKS:
            lines.append(" ".join(pieces))
            pieces = []
        pieces.append((element.text if event == "start" else element.tail) or "")
    lines.append(" ".join(pieces))
    return [line for line in lines if line.strip()]


def _as_html(tree: Any) -> Element:
    for element in tree.iter():
        if element.tag == "list" and element.get("rend") == "ol":
            element.tag = "ol"
        elif element.tag in _OWN_TAGS:
            # Only those: a page may have tags that lxml reads but would not write again.
            element.tag = _OWN_TAGS[element.tag]
    return tree
