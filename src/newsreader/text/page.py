"""A whole web page to its article: which part is the text, and what the page says of itself."""

import json
import re
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lxml import etree

from newsreader.model import Body, Link, ParsedEntry, Precision
from newsreader.text.boilerplate import without_boilerplate
from newsreader.text.html import Element, element_body, fills_in, parse, plain_line
from newsreader.text.language import detect, direction
from newsreader.text.links import clean_link
from newsreader.text.pasted import lead_title
from newsreader.text.when import parse_when

# What json.loads gives.
Fields = Any

_AROUND = ("nav", "aside", "footer", "form", "script", "style", "noscript", "iframe", "button")
_AROUND_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|sidebar|footer|comments?|comment-list|related|share|sharing|social|"
    r"newsletter|signup|subscribe|advert(?:isement)?|ads?|promo|breadcrumbs?|cookie|consent|popup|"
    r"modal|recommend(?:ed|ations)?|trending|most-read|masthead|outbrain|taboola|pagination|tags)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_TAKEN_OUT = "newsreader-taken-out"
"""What elements are called that are about to go; in no page, else it takes out its own."""
_HOLDERS = ("article", "main", "section", "div", "td", "body")
_INLINE = ("a", "b", "i", "em", "strong", "span", "cite", "u", "font")
_ARTICLE_TYPES = ("article", "posting", "report")
_AUTHOR_NAMES = (
    "author", "article:author_name", "parsely-author", "dc.creator", "byl", "sailthru.author",
)  # fmt: skip
_DATE_NAMES = (
    "article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "pubdate",
    "publish-date", "parsely-pub-date", "sailthru.date", "time",
)  # fmt: skip
_BY = re.compile(r"^by:?\s+", re.IGNORECASE)


class Page(NamedTuple):
    """What a web page says of itself, before its text is looked for.

    Args:
        entry: title, author, times, link and outlet as declared; its body is empty.
        base: what relative addresses are resolved against.
        declared: the page's JSON-LD object of an article, {} if it has none.
    """

    entry: ParsedEntry
    base: str
    declared: dict[str, Fields]


def read_page(html: str, url: str = "") -> ParsedEntry:
    """Return the article of a web page; an empty body when the page holds none.

    What the page declares (JSON-LD, then Open Graph and meta, then its headings) is taken over
    what it shows.
    """
    root = parse(html)
    if root is None:
        return ParsedEntry(title="Untitled", title_derived=True, body=Body(text=""))
    page = describe(root, url)
    return with_text(page.entry, *main_text(root, page.base), language_of(root))


def main_text(root: Element, base: str) -> tuple[Body, tuple[Link, ...], tuple[str, ...]]:
    """Return the body, links and captions of the part of a page that holds most of its prose.

    What stands around it is taken out of ``root``.
    """
    _clear(root)
    return element_body(_main(root), base)


def language_of(root: Element) -> str:
    """Return the language a page declares, "" if it names none."""
    declared = (root.get("lang") or "")[:2].lower()
    return declared if declared.isalpha() else ""


def describe(root: Element, url: str = "") -> Page:
    """Return what a parsed page declares: JSON-LD first, then Open Graph and meta, then headings.

    Args:
        root: from :func:`newsreader.text.html.parse`.
        url: where the page is from; a canonical address that leads to a front page is not
            believed.
    """
    meta = _meta(root)
    linked = _linked_data(root)
    link = _canonical(_first(meta, "canonical", "og:url"), url)
    title = plain_line(_string(linked, "headline") or _first(meta, "og:title", "twitter:title"))
    outlet = plain_line(_name(linked.get("publisher")) or _first(meta, "og:site_name"), 200)
    title = title or _heading(root) or plain_line(_first(meta, "title"))
    author = _name(linked.get("author")) or _first(meta, *_AUTHOR_NAMES)
    when = parse_when(_string(linked, "datePublished") or _first(meta, *_DATE_NAMES))
    updated = parse_when(_string(linked, "dateModified") or _first(meta, "article:modified_time"))
    title = _without_site(title, outlet)
    entry = ParsedEntry(
        title=title,
        title_derived=not title,
        body=Body(text=""),
        link=link,
        author=_author(author, outlet),
        outlet=outlet or None,
        published=when[0] if when else None,
        published_precision=when[1] if when else Precision.SECOND,
        updated=updated[0] if updated and updated != when else None,
    )
    base = clean_link(_first(meta, "base"), url or link or "") or url or link or ""
    return Page(entry=entry, base=base, declared=linked)


def with_text(
    entry: ParsedEntry,
    body: Body,
    links: tuple[Link, ...],
    captions: tuple[str, ...],
    language: str = "",
) -> ParsedEntry:
    """Return ``entry`` with this text, and without what stands around the text in it.

    ``language`` is the page's own word, for a text that does not tell.
    """
    spoken = detect(body.text) or language or None
    entry = entry._replace(
        title=entry.title or lead_title(body),
        body=body,
        language=spoken,
        direction=direction(spoken) if spoken else direction(body.text),
        links=links,
    )
    return without_boilerplate(entry, captions)


def _canonical(stated: str, url: str) -> str | None:
    """Return the address a page gives itself, unless it is only the site's front page."""
    own = clean_link(url)
    link = clean_link(stated, url)
    if link is None or own is None:
        return link or own
    front = urlsplit(link).path in ("", "/") and not urlsplit(link).query
    return own if front else link


def _author(words: str, outlet: str) -> str | None:
    """Return the writers a page names, None for an address or the outlet itself."""
    name = _BY.sub("", plain_line(words, 200))
    if name.startswith(("http:", "https:", "@")) or name.casefold() == outlet.casefold():
        return None
    return name or None


def _meta(root: Element) -> dict[str, str]:
    """Return what the page's head says, by lower-case name; the first of a name wins."""
    found: dict[str, str] = {}
    for element in root.iter("meta", "link", "title", "base", "time"):
        tag = element.tag
        if tag == "meta":
            name = element.get("property") or element.get("name") or element.get("itemprop") or ""
            value = element.get("content") or ""
        elif tag == "link":
            name, value = element.get("rel") or "", element.get("href") or ""
        elif tag == "base":
            name, value = "base", element.get("href") or ""
        elif tag == "time":
            name, value = "time", element.get("datetime") or ""
        else:
            name, value = "title", element.text or ""
        if name and value.strip():
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _first(meta: dict[str, str], *names: str) -> str:
    return next((meta[name] for name in names if name in meta), "")


def _linked_data(root: Element) -> dict[str, Fields]:
    """Return the page's JSON-LD object that describes an article, {} if there is none."""
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            waiting = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(200):
            if not waiting:
                break
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting.extend(value)
            elif isinstance(value, dict):
                if any(word in str(value.get("@type")).lower() for word in _ARTICLE_TYPES):
                    return value
                waiting.append(value.get("@graph"))
                waiting.append(value.get("mainEntity"))
    return {}


def _string(fields: dict[str, Fields], key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _name(value: Fields) -> str:
    """Return the name or names that a JSON-LD person or organisation has."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return _name(value.get("name"))
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(filter(None, map(_name, value[:10]))))
    return ""


def _heading(root: Element) -> str:
    for element in root.iter("h1"):
        if words := plain_line(" ".join(element.itertext())):
            return words
    return ""


def _clear(root: Element) -> None:
    """Take out what stands around an article: navigation, asides, prompts."""
    doomed = []
    for element in root.iter():
        tag = element.tag
        if not isinstance(tag, str) or tag in ("html", "body", "article", "main"):
            continue
        names = (
            f"{element.get('class') or ''} {element.get('id') or ''} {element.get('role') or ''}"
        )
        if tag == "form" and not fills_in(element):
            continue
        if tag in _AROUND or (len(names) < 300 and _AROUND_NAMES.search(names)):
            doomed.append(element)
    kept = sum(len(p.text or "") for p in root.iter("p"))
    for element in doomed:
        # A name such as "content-menu" may wrap the whole page: then it is not furniture.
        inside = sum(len(p.text or "") for p in element.iter("p"))
        parent = element.getparent()
        if parent is not None and (element.tag in _AROUND or inside * 2 < kept or inside < 200):
            element.tag = _TAKEN_OUT
    # Its tail stays. lxml refuses to be given text with control characters, which a tail may hold.
    etree.strip_elements(root, _TAKEN_OUT, with_tail=False)


def _main(root: Element) -> Element:
    """Return the element that holds most of the running text, as tight around it as possible."""
    scores: dict[Element, float] = {}
    for paragraph in root.iter("p", "pre", "blockquote", "li", "div", "td", "section", "article"):
        loose = paragraph.tag in _HOLDERS
        words = _own_words(paragraph) if loose else "".join(paragraph.itertext()).strip()
        if len(words) < (80 if loose else 40):
            continue
        linked = sum(len("".join(a.itertext())) for a in paragraph.iter("a"))
        if linked > 0.5 * len(words):
            continue
        weight = 0.4 if paragraph.tag == "li" else 0.5
        score = len(words) ** weight + words.count(",")
        # Text that stands in a holder itself, parted by breaks, speaks for that holder too.
        holder = paragraph if loose and len(words) > 600 else paragraph.getparent()
        for share in (1.0, 0.5, 0.25):
            if holder is None:
                break
            if holder.tag in _HOLDERS:
                scores[holder] = scores.get(holder, 0.0) + score * share
            holder = holder.getparent()
    if not scores:
        body = root.find(".//body")
        return root if body is None else body
    best = max(scores, key=scores.__getitem__)
    return _article_around(best)


def _own_words(element: Element) -> str:
    """Return the text that stands in ``element`` itself, not in its blocks."""
    parts = [element.text or ""]
    for child in element:
        parts.append(child.tail or "")
        if child.tag in _INLINE:
            parts.append("".join(child.itertext()))
    return "".join(parts).strip()


def _article_around(element: Element) -> Element:
    """Return the enclosing article if there is one: the text may be split over its parts."""
    for _, parent in zip(range(4), element.iterancestors(), strict=False):
        if parent.tag in ("article", "main"):
            return parent
    return element


def _without_site(title: str, outlet: str) -> str:
    """Return a page title without the site's name behind a dash or bar."""
    for mark in (" | ", " - ", " – ", " — ", " :: "):
        head, found, tail = title.rpartition(mark)
        if found and outlet and tail.strip().casefold() == outlet.casefold() and len(head) > 5:
            return head.strip()
    return title
