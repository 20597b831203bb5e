"""HTML to a body: text, blocks, inline spans and links. Never raises, never recurses.

What a reader would not see (scripts, forms, hidden parts) is dropped; white space survives in
code only.
"""

import html as entities
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree

from newsreader.model import BlockKind, Body, Link, SpanKind
from newsreader.text.body import Draft, assemble
from newsreader.text.clean import clean_line, clean_text
from newsreader.text.links import clean_link

# lxml has no types of its own; an element is whatever its parser returns.
Element = Any

_DROPPED = frozenset(
    {"script", "style", "template", "noscript", "svg", "math", "head", "title", "form", "button"}
    | {"input", "select", "textarea", "object", "embed", "canvas", "audio", "video", "iframe"}
    | {"nav", "dialog", "applet", "frameset", "map", "datalist", "progress", "meter"}
)
_PARTING = frozenset(
    {"p", "div", "section", "article", "main", "header", "footer", "aside", "figure", "address"}
    | {"figcaption", "dl", "dt", "dd", "details", "summary", "center", "fieldset", "caption"}
    | {"body", "html", "ul", "ol", "menu", "table", "tr", "td", "th", "li", "blockquote", "pre"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "hgroup", "thead", "tbody", "tfoot", "listing", "xmp"}
)
_SPANS = {
    **dict.fromkeys(("b", "strong"), SpanKind.STRONG),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), SpanKind.EMPHASIS),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), SpanKind.CODE),
}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SPACE = re.compile(r"[\s\u00a0]+")
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]{0,2000}|!--.*?--)>", re.DOTALL)
_PARTED = re.compile(rb"(?:\s*<(?:p|div|li|h[1-6]|tr|blockquote)\b[^<>]*>)+", re.IGNORECASE)
_ANY_TAG = re.compile(rb"<(?!p>)[^<>]*>")
_CAPTION = re.compile(
    r"(?:^|[\s_-])(?:wp-caption-text|(?:image|photo|picture|img|media)[_-]{1,2}(?:caption|credit))"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_MARKS = "\"'“”‘’«»„"
_CELL_LIMIT = 300
"""A table with a longer cell lays out a page; its cells are read as plain blocks."""
_MAX_LEVEL = 8
_SIZE_LIMIT = 4_000_000
"""Characters of one article's HTML; the longest honest pages measured stay below one million."""


def to_body(html: str, base_url: str = "") -> tuple[Body, tuple[Link, ...]]:
    """Return the body of an HTML fragment or page, and its links in reading order.

    Relative addresses are resolved against ``base_url``; other schemes than http, https and
    mailto lose their address and keep their words.
    """
    return read_html(html, base_url)[:2]


def read_html(html: str, base_url: str = "") -> tuple[Body, tuple[Link, ...], tuple[str, ...]]:
    """Return what :func:`to_body` does, and the captions of its pictures."""
    root = parse(html)
    if root is None:
        return Body(text=""), (), ()
    return element_body(root, base_url)


def parse(html: str) -> Element | None:
    """Return the root element of ``html``, None where there is nothing to read."""
    data = html[:_SIZE_LIMIT].replace("\0", "").encode("utf-8", "replace")
    if not data.strip():
        return None
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
    try:
        root = etree.fromstring(b"<html><body>" + data if data[:1] != b"<" else data, parser)
        if not any("depth" in error.message for error in parser.error_log):
            return root
        # libxml2 drops what lies deeper than its limit; the words without tags are better.
        flat = _PARTED.sub(b"\n<p>", data)
        flat = _ANY_TAG.sub(b" ", flat)
        return etree.fromstring(b"<html><body><p>" + flat, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def element_body(
    root: Element, base_url: str = ""
) -> tuple[Body, tuple[Link, ...], tuple[str, ...]]:
    """Return the body, links and picture captions of one element of a parsed page.

    Captions are no part of the body, unless there is nothing else.
    """
    writer = _walk(root, _Writer(base_url))
    if writer.captions and not any(draft.text.strip() for draft in writer.drafts):
        writer = _walk(root, _Writer(base_url, captions=True))
    links = {}
    for draft in writer.drafts:
        for kind, start, end, url in draft.spans:
            words = clean_line(draft.text[start:end])
            if kind is SpanKind.LINK and url and words:
                links[(words, url)] = Link(words, url)
    return assemble(writer.drafts), tuple(links.values()), tuple(writer.captions)


def _walk(root: Element, writer: "_Writer") -> "_Writer":
    for entering, element in _steps(root, writer.descends):
        if entering:
            writer.enter(element)
        else:
            writer.leave(element)
            if element is not root:
                writer.write(element.tail)
    writer.part()
    return writer


def plain_line(html: str, limit: int = 500) -> str:
    """Return a title or name that may hold markup as one clean line without it."""
    if "<" in html:
        html = _TAG.sub("", html)
    if "&" in html:
        html = entities.unescape(html)
    return clean_line(html, limit)


def _steps(root: Element, descends: Any) -> Iterator[tuple[bool, Element]]:
    """Yield (entering, element) in document order without recursion: depth is the author's."""
    yield True, root
    stack = [(root, iter(root) if descends(root) else iter(()))]
    while stack:
        element, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield False, element
        else:
            yield True, child
            stack.append((child, iter(child) if descends(child) else iter(())))


def _is_caption(element: Element) -> bool:
    """Return whether an element holds the words under a picture."""
    if element.tag == "figcaption":
        figure = element.getparent()
        inside = islice(figure.iter(), 40) if figure is not None else ()
        return any(inner.tag in ("img", "video", "iframe", "picture") for inner in inside)
    names = element.get("class")
    return bool(names and element.tag in ("p", "div", "span") and _CAPTION.search(names))


def _words(element: Element) -> str:
    """Return the text inside an element, its blocks parted by spaces."""
    pieces: list[str | None] = []
    for entering, inner in _steps(element, lambda _: True):
        if inner.tag in _PARTING or inner.tag == "br":
            pieces.append(" ")
        if inner is not element or entering:
            pieces.append(inner.text if entering else inner.tail)
    return "".join(filter(None, pieces))


def _hidden(element: Element) -> bool:
    style = element.get("style")
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or (style is not None and "display:none" in style.replace(" ", "").lower())
    )


class _Writer:
    """Turns the walk over a page into drafts."""

    def __init__(self, base_url: str, *, captions: bool = False) -> None:
        self.drafts: list[Draft] = []
        self.captions: list[str] = []
        self._with_captions = captions
        self._quoted = 0
        self._base = base_url
        self._draft: Draft | None = None
        self._open: list[tuple[Element, SpanKind, str | None, Draft | None, int]] = []
        self._lists: list[tuple[bool, int, int]] = []  # ordered, next number, group
        self._quotes = 0
        self._code = 0
        self._heading = 0
        self._item: str | None = None
        self._table: list[tuple[Element, int]] = []
        self._groups = 0

    def descends(self, element: Element) -> bool:
        """Return whether the inside of ``element`` is read."""
        tag = element.tag
        if not isinstance(tag, str) or tag in _DROPPED or _hidden(element):
            return False
        return self._with_captions or not _is_caption(element)

    def enter(self, element: Element) -> None:
        if not self.descends(element):
            self._keep_caption(element)
            return
        tag = element.tag
        if tag in _PARTING:
            self._enter_block(element, tag)
        elif tag == "br":
            self._break()
        elif tag == "q":
            self._quote(element, opening=True)
        elif tag in ("img", "hr"):
            self._stand_alone(element, tag)
        elif tag in _SPANS:
            self._open_span(element, _SPANS[tag], None)
        elif tag == "a" and (url := clean_link(element.get("href") or "", self._base)):
            self._open_span(element, SpanKind.LINK, url)
        self.write(element.text)

    def leave(self, element: Element) -> None:
        if self._open and self._open[-1][0] is element:
            _, kind, url, draft, start = self._open.pop()
            self._close_span(kind, url, draft, start)
            return
        tag = element.tag
        if tag == "q":
            self._quote(element, opening=False)
        if not isinstance(tag, str) or tag not in _PARTING or not self.descends(element):
            return
        self._leave_block(element, tag)

    def write(self, text: str | None) -> None:
        """Add a run of text to the block that is being written."""
        if not text:
            return
        text = clean_text(text)
        draft = self._draft
        if not self._code:
            text = _SPACE.sub(" ", text)
            if draft is None or not draft.text or draft.text[-1] in " \n":
                text = text.lstrip(" ")
            if not text:
                return
        elif draft is None and not text.strip():
            return
        if draft is None:
            draft = self._begin()
        draft.text += text

    def part(self) -> None:
        """End the block that is being written."""
        draft = self._draft
        if draft is None:
            return
        for index, (element, kind, url, began, start) in enumerate(self._open):
            # A link around several paragraphs becomes one span in each.
            self._close_span(kind, url, began, start)
            self._open[index] = (element, kind, url, None, 0)
        self.drafts.append(draft)
        self._draft = None

    def _begin(self) -> Draft:
        self._draft = draft = self._shape()
        self._open = [
            (element, kind, url, draft if began is None else began, start)
            for element, kind, url, began, start in self._open
        ]
        return draft

    def _shape(self) -> Draft:
        """Return an empty draft of the kind that stands here."""
        if self._table:
            return Draft(kind=BlockKind.ROW, group=self._table[-1][1])
        if self._code:
            return Draft(kind=BlockKind.CODE)
        if self._heading:
            return Draft(kind=BlockKind.HEADING, level=self._heading)
        if self._lists and self._item is not None:
            level = min(len(self._lists), _MAX_LEVEL)
            label, self._item = self._item, ""
            return Draft(kind=BlockKind.ITEM, level=level, label=label, group=self._lists[0][2])
        if self._quotes:
            return Draft(kind=BlockKind.QUOTE, level=min(self._quotes, _MAX_LEVEL))
        return Draft(kind=BlockKind.PARAGRAPH)

    def _enter_block(self, element: Element, tag: str) -> None:
        if self._table:
            self._enter_cell(tag)
            return
        self.part()
        if tag in ("ul", "ol", "menu"):
            self._groups += 1
            start = element.get("start") or "1"
            number = int(start) if start.isdecimal() and len(start) < 6 else 1
            self._lists.append((tag == "ol", number, self._groups))
        elif tag == "li":
            self._mark_item()
        elif tag == "blockquote":
            self._quotes += 1
        elif tag in ("pre", "listing", "xmp"):
            self._code += 1
        elif tag in _HEADINGS:
            self._heading = _HEADINGS[tag]
        elif tag == "table" and _is_data(element):
            self._groups += 1
            self._table.append((element, self._groups))

    def _mark_item(self) -> None:
        self._item = "•"
        if self._lists and self._lists[-1][0]:
            ordered, number, group = self._lists[-1]
            self._item = f"{number}."
            self._lists[-1] = (ordered, number + 1, group)

    def _enter_cell(self, tag: str) -> None:
        draft = self._draft
        if tag in ("tr", "caption"):
            self.part()
        elif draft is not None and draft.text and not draft.text.endswith(" "):
            draft.text += " "
        if tag in ("td", "th"):
            draft = self._draft or self._begin()
            draft.cells.append((len(draft.text), -1))

    def _leave_block(self, element: Element, tag: str) -> None:
        if self._table:
            self._leave_cell(element, tag)
            return
        self.part()
        if tag in ("ul", "ol", "menu"):
            if self._lists:
                self._lists.pop()
            self._item = "" if self._lists else None
        elif tag == "li":
            self._item = None
        elif tag == "blockquote":
            self._quotes -= 1
        elif tag in ("pre", "listing", "xmp"):
            self._code -= 1
        elif tag in _HEADINGS:
            self._heading = 0

    def _leave_cell(self, element: Element, tag: str) -> None:
        draft = self._draft
        if tag in ("td", "th") and draft is not None and draft.cells:
            start = draft.cells[-1][0]
            draft.cells[-1] = (start, max(start, len(draft.text.rstrip())))
        elif tag in ("tr", "caption"):
            self.part()
        elif element is self._table[-1][0]:
            self.part()
            self._table.pop()

    def _keep_caption(self, element: Element) -> None:
        tag = element.tag
        seen = isinstance(tag, str) and tag not in _DROPPED and not _hidden(element)
        if seen and _is_caption(element):
            words = clean_line(_words(element), 1000)
            if words and words not in self.captions:
                self.captions.append(words)

    def _quote(self, element: Element, *, opening: bool) -> None:
        """Write the marks that browsers draw around a quotation in a line."""
        words = next(filter(None, (text.strip() for text in element.itertext())), "")
        if not words or words[0] in _MARKS or not self.descends(element):
            return
        self._quoted -= not opening
        self.write(("“‘" if opening else "”’")[self._quoted % 2])
        self._quoted += opening

    def _break(self) -> None:
        draft = self._draft
        if draft is None:
            return
        if self._table:
            draft.text += " "
        elif not self._code and draft.text.endswith("\n"):
            # Two in a row are how old pages part paragraphs.
            self.part()
        else:
            draft.text = draft.text.rstrip(" ") if not self._code else draft.text
            draft.text += "\n"

    def _stand_alone(self, element: Element, tag: str) -> None:
        if tag == "hr":
            self.part()
            self.drafts.append(Draft(kind=BlockKind.RULE))
            return
        address = element.get("src") or element.get("data-src") or ""
        url = clean_link(address, self._base)
        tiny = "0", "1"  # trackers draw one pixel
        if url is None or element.get("width") in tiny or element.get("height") in tiny:
            return
        image = Draft(kind=BlockKind.IMAGE, label=element.get("alt") or "", url=url)
        if self._table:
            return
        self.part()
        self.drafts.append(image)

    def _open_span(self, element: Element, kind: SpanKind, url: str | None) -> None:
        draft = self._draft
        self._open.append((element, kind, url, draft, len(draft.text) if draft else 0))

    def _close_span(self, kind: SpanKind, url: str | None, draft: Draft | None, start: int) -> None:
        if draft is None or draft is not self._draft:
            return
        text = draft.text
        end = len(text.rstrip())
        while start < end and text[start].isspace():
            start += 1
        if start < end and len(draft.spans) < 5000:
            draft.spans.append((kind, start, end, url))


def _is_data(table: Element) -> bool:
    """Return whether a table holds rows of values; many only place things on a page."""
    rows = columns = 0
    for element in table.iterdescendants():
        tag = element.tag
        if tag in ("table", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "img"):
            return False
        if tag == "tr":
            rows += 1
            columns = max(columns, len(element))
        elif tag in ("td", "th"):
            size = 0
            for text in element.itertext():
                size += len(text)
                if size > _CELL_LIMIT:
                    return False
    return rows > 0 and columns > 1
