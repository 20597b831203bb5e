"""HTML to a body: text, blocks, inline spans and links. Never raises, never recurses.

What a reader would not see (scripts, forms, hidden parts) is dropped; white space survives in
code only.
"""

import html as entities
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from lxml import etree

from newsreader.model import BlockKind, Body, Link, SpanKind
from newsreader.text.body import Draft, assemble
from newsreader.text.clean import clean_line, clean_text
from newsreader.text.links import clean_link

# lxml has no types of its own; an element is whatever its parser returns.
Element = Any
Choose = Callable[[list[Draft]], list[bool]]

_DROPPED = frozenset(
    {"script", "style", "template", "noscript", "svg", "head", "rt", "rp", "rtc", "title", "button"}
    | {"input", "select", "textarea", "object", "embed", "canvas", "audio", "video", "iframe"}
    | {"nav", "dialog", "applet", "frameset", "map", "datalist", "progress", "meter"}
)
_PARTING = frozenset(
    {"p", "div", "section", "article", "main", "header", "footer", "aside", "figure", "address"}
    | {"figcaption", "dl", "dt", "dd", "details", "summary", "center", "fieldset", "caption"}
    | {
        "body",
        "html",
        "form",
        "ul",
        "ol",
        "menu",
        "table",
        "tr",
        "td",
        "th",
        "li",
        "blockquote",
        "pre",
    }
    | {"h1", "h2", "h3", "h4", "h5", "h6", "hgroup", "thead", "tbody", "tfoot", "listing", "xmp"}
)
_MEDIA = frozenset({"iframe", "video", "audio", "embed", "amp-youtube", "amp-video", "amp-iframe"})
_PICTURES = frozenset({"img", "amp-img"})
_LATER = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-url")
"""Where pages keep a picture's address until it comes into sight."""
_SPANS = {
    **dict.fromkeys(("b", "strong"), SpanKind.STRONG),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), SpanKind.EMPHASIS),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), SpanKind.CODE),
}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SPACE = re.compile(r"[\s\u00a0]+")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>")
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
_LONG_TAG = re.compile(rb"<([A-Za-z][A-Za-z0-9]{0,20})\s[^<>]{2000,}")
_ATTRIBUTES = 1000
"""libxml2 takes minutes for a tag with a hundred thousand: it compares each with all others."""
_FORM_PROSE = 400
"""Characters of paragraphs in a form around a page; a form to fill in has hardly any."""
_BLOCK_LIMIT = 100_000
"""Characters of one paragraph; a longer one, of which none is known, is made several."""
_MAX_LEVEL = 8
_EVERY_TAG = re.compile(rb"<[^<>]*>")
_TAG_LIMIT = 100_000
"""Tags of one article; with more, which take a kilobyte each, only its words are read. A book has
30,000."""
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
    if data.count(b"<") > _TAG_LIMIT:
        data = b"<p>" + _EVERY_TAG.sub(b" ", data).replace(b"<", b"&lt;")
    data = _LONG_TAG.sub(_without_flood, data)
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


def to_html(root: Element) -> str:
    """Return a parsed page as text again, for another reader of pages."""
    return str(etree.tostring(root, encoding="unicode", method="html"))


def _without_flood(tag: re.Match[bytes]) -> bytes:
    """Return a tag without its attributes if it has thousands."""
    return tag[0] if len(tag[0].split()) < _ATTRIBUTES else b"<" + tag[1]


def element_body(
    root: Element, base_url: str = "", choose: Choose | None = None
) -> tuple[Body, tuple[Link, ...], tuple[str, ...]]:
    """Return the body, links and picture captions of one element of a parsed page.

    Captions are no part of the body, unless there is nothing else. ``choose`` is given
    every block that has text and says which of them stay; pictures, rules and captions stay
    beside a block that does.
    """
    writer = _walk(root, _Writer(base_url))
    if writer.captions and not any(draft.text.strip() for draft in writer.drafts):
        writer = _walk(root, _Writer(base_url, captions=True))
    drafts, captions = writer.drafts, [words for words, _ in writer.captions]
    media = [link for link, _ in writer.media]
    if choose is not None:
        drafts, captions, media = _chosen(writer, choose)
    links = {}
    for draft in drafts:
        for kind, start, end, url in draft.spans:
            words = clean_line(draft.text[start:end])
            if kind is SpanKind.LINK and url and words:
                links[(words, url)] = Link(words, url)
    every = dict.fromkeys((*links.values(), *media))
    return assemble(drafts), tuple(every), tuple(dict.fromkeys(captions))


def _chosen(writer: "_Writer", choose: Choose) -> tuple[list[Draft], list[str], list[Link]]:
    """Return the blocks that ``choose`` keeps, and the captions and media among them."""
    places = [place for place, draft in enumerate(writer.drafts) if draft.text.strip()]
    answers = choose([writer.drafts[place] for place in places])
    kept = [place for place, stays in zip(places, answers, strict=True) if stays]
    if not kept:
        return [], [], []
    stays = set(kept)

    def beside(place: int) -> bool:
        """Return whether the text before or after this place stays."""
        after = bisect_left(places, place)
        near = places[max(0, after - 1) : after + 1]
        return any(one in stays for one in near) and kept[0] - 2 <= place <= kept[-1] + 1

    drafts = [
        draft
        for place, draft in enumerate(writer.drafts)
        if place in stays or (not draft.text.strip() and beside(place))
    ]
    captions = [words for words, place in writer.captions if beside(place)]
    return drafts, captions, [link for link, place in writer.media if beside(place)]


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
        html = _TAG.sub("", without_comments(html))
    if "&" in html:
        html = entities.unescape(html)
    return clean_line(html, limit)


def without_comments(html: str) -> str:
    """Return markup without its comments; one that never ends stays."""
    # A pattern would look for the end of each comment anew, where none ends.
    pieces = []
    at = 0
    while (start := html.find("<!--", at)) >= 0 and (end := html.find("-->", start + 4)) >= 0:
        pieces.append(html[at:start])
        at = end + 3
    return "".join((*pieces, html[at:]))


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


def fills_in(form: Element) -> bool:
    """Return whether a form is one to fill in; some sites wrap every page in one."""
    prose = 0
    for element in islice(form.iter("p", "li", "h1", "h2", "br"), 400):
        prose += len(element.text or "") + len(element.tail or "")
        if prose > _FORM_PROSE:
            return False
    return True


def _origin(element: Element) -> str:
    """Return the names of an element and of the one around it, with their classes."""
    around = element.getparent()
    outer = "" if around is None else f"{around.tag}.{around.get('class') or ''}"
    return f"{outer}>{element.tag}.{element.get('class') or ''}"[:300]


def _hidden(element: Element) -> bool:
    style = element.get("style")
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or (style is not None and "display:none" in style.replace(" ", "").lower())
        or (element.tag == "form" and fills_in(element))
    )


class _Writer:
    """Turns the walk over a page into drafts."""

    def __init__(self, base_url: str, *, captions: bool = False) -> None:
        self.drafts: list[Draft] = []
        self.captions: list[tuple[str, int]] = []  # words, drafts before it
        self._captioned: set[str] = set()
        self.media: list[tuple[Link, int]] = []  # link, drafts before it
        self._with_captions = captions
        self._quoted = 0
        self._base = base_url
        self._draft: Draft | None = None
        self._open: list[tuple[Element, SpanKind, str | None, Draft | None, int]] = []
        self._lists: list[tuple[bool, int, int, int]] = []  # ordered, next number, group, step
        self._quotes = 0
        self._code = 0
        self._heading = 0
        self._item: str | None = None
        self._table: list[tuple[Element, int]] = []
        self._groups = 0
        self._holder: Element | None = None

    def descends(self, element: Element) -> bool:
        """Return whether the inside of ``element`` is read."""
        tag = element.tag
        if not isinstance(tag, str) or tag in _DROPPED or _hidden(element):
            return False
        return tag != "math" and (self._with_captions or not _is_caption(element))

    def enter(self, element: Element) -> None:
        if not self.descends(element):
            self._keep_caption(element)
            self._keep_media(element)
            if element.tag == "math" and not _hidden(element):
                self.write(element.get("alttext") or _words(element))
            return
        tag = element.tag
        if tag in _PARTING:
            self._holder = element
            self._enter_block(element, tag)
        elif tag == "br":
            self._break()
        elif tag == "q":
            self._quote(element, opening=True)
        elif tag in _PICTURES or tag == "hr":
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
        self._holder = element.getparent()
        self._leave_block(element, tag)

    def write(self, text: str | None) -> None:
        """Add a run of text to the block that is being written."""
        if not text:
            return
        # Cleaning makes one space of a tab, and code lives by its columns.
        text = clean_text(text.expandtabs(4) if self._code else text)
        draft = self._draft
        if draft is not None and len(draft.text) > _BLOCK_LIMIT and not (self._code or draft.cells):
            # To add to a text copies it.
            self.part()
            draft = None
        if not self._code:
            if "\n" in text or "  " in text:
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
        if self._holder is not None:
            draft.origin = _origin(self._holder)
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
            down = tag == "ol" and element.get("reversed") is not None
            items = sum(child.tag == "li" for child in element) if down else 1
            number = _number(element.get("start"), items)
            self._lists.append((tag == "ol", number, self._groups, -1 if down else 1))
        elif tag == "li":
            self._mark_item(element)
        elif tag == "blockquote":
            self._quotes += 1
        elif tag in ("pre", "listing", "xmp"):
            self._code += 1
        elif tag in _HEADINGS:
            self._heading = _HEADINGS[tag]
        elif tag == "table" and _is_data(element):
            self._groups += 1
            self._table.append((element, self._groups))

    def _mark_item(self, element: Element) -> None:
        self._item = "•"
        if self._lists and self._lists[-1][0]:
            ordered, number, group, step = self._lists[-1]
            number = _number(element.get("value"), number)
            self._item = f"{number}."
            self._lists[-1] = (ordered, number + step, group, step)

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
            if words and words not in self._captioned:
                self._captioned.add(words)
                self.captions.append((words, len(self.drafts) + (self._draft is not None)))

    def _keep_media(self, element: Element) -> None:
        """Keep the address of a video or sound: nothing in a terminal can show it in its place."""
        if element.tag not in _MEDIA or _hidden(element) or len(self.media) >= 100:
            return
        source = element.find("source")
        address = element.get("src") or ("" if source is None else source.get("src")) or ""
        if key := element.get("data-videoid"):
            address = f"https://www.youtube.com/watch?v={key}"
        url = clean_link(address, self._base)
        tiny = element.get("width") in ("0", "1") or element.get("height") in ("0", "1")
        if url is not None and not tiny:
            said = clean_line(element.get("title") or element.get("aria-label") or "", 200)
            place = len(self.drafts) + (self._draft is not None)
            self.media.append((Link(said or url, url), place))

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
        url = _picture(element, self._base)
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


def _number(given: str | None, otherwise: int) -> int:
    """Return a list's number as given, ``otherwise`` where none is."""
    return int(given) if given and given.isdecimal() and len(given) < 6 else otherwise


def _picture(element: Element, base: str) -> str | None:
    """Return the address of a picture, also of one that is put in when it comes into sight."""
    places = [element.get(name) for name in _LATER]
    sets = (element.get("data-srcset") or element.get("srcset") or "").split(maxsplit=1)[:1]
    for address in (*places, element.get("src"), *sets):
        if address and (url := clean_link(address.strip().rstrip(","), base)):
            return url
    return None


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
