"""Pages that are no article: each kind is refused in words of its own.

A real article that is refused is a loss, a prompt taken for an article only a blemish: every
rule asks for a short text beside its phrase, or for the publisher's own word.
"""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from newsreader.errors import ParseError
from newsreader.feeds._phrases import (
    CHALLENGE,
    CONSENT,
    ERROR,
    LOGIN,
    MARKERS,
    NEEDS_SCRIPT,
    PAYWALL,
)
from newsreader.model import Body, ParsedEntry, SpanKind
from newsreader.text.html import Element, plain_line
from newsreader.text.page import Page
from newsreader.text.words import fold, word_count

_KINDS = {
    "application/pdf": "the page is a PDF, not text",
    "application/json": "the page is JSON, not an article",
    "application/zip": "the page is an archive, not text",
    "application/octet-stream": "the page is a file to download, not text",
    "image": "the page is a picture, not text",
    "video": "the page is a video, not text",
    "audio": "the page is a sound, not text",
}
_MARKS = (
    (b"%PDF", "application/pdf"), (b"PK\x03\x04", "application/zip"), (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"), (b"GIF8", "image"), (b"RIFF", "image"), (b"ID3", "audio"),
)  # fmt: skip
_FEED = re.compile(rb"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)

_EMPTY = 20
"""Words below which a page holds no text at all."""
_PROMPT = 250
"""Words that a page which is nothing but a prompt stays below."""
_TEASER = 150
"""Words that a teaser may have more than what the feed gave."""
_SUBJECT = 0.15
"""Part of the feed's words that the page must have to be about the same thing."""
_MEANT = 0.5
"""Part from which on a page is taken for the article that is meant, whatever stands around it."""
_FEW_WORDS = 4
"""Fewer words of a headline tell nothing of what an article is about."""
_STEM = 6
"""Letters compared of a word: endings differ between a headline and a text."""
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]{2}|[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a page shows besides its article.

    Args:
        name: what it calls itself: its title and first headings.
        title, lead: what the feed gave.
        front: it is at the root of its site.
        closed: the publisher says that it is not free to read.
        promised: the words it is said to have, 0 if it is not said.
        marked: its code is that of a known bot check.
    """

    name: str
    title: str
    lead: str
    front: bool
    closed: bool
    promised: int
    password: bool
    marked: bool
    scripts: int
    unscripted: str
    video: bool
    pictures: int

    @classmethod
    def of(cls, root: Element, page: Page, *, url: str, title: str, lead: str) -> "Seen":
        """Return what a parsed page shows; ``root`` is left as it is."""
        names = [page.entry.title]
        unscripted, marks = [], []
        password = video = False
        scripts = pictures = 0
        closed = is_closed(page.declared)
        for element in root.iter(
            "title", "h1", "script", "noscript", "input", "img", "video", "iframe", "meta", "form"
        ):
            tag = element.tag
            marks.append(f"{element.get('id') or ''} {(element.get('src') or '')[:300]}")
            if tag in ("title", "h1") and len(names) < 6:
                names.append(_inside(element))
            elif tag == "noscript":
                unscripted.append(_inside(element))
            elif tag == "meta":
                closed = closed or _locked(element)
                video = video or _is_video(element)
            password = password or (tag == "input" and element.get("type") == "password")
            video = video or tag in ("video", "iframe")
            scripts += tag == "script"
            pictures += tag == "img"
        return cls(
            name=" · ".join(filter(None, dict.fromkeys(names))),
            title=title,
            lead=lead,
            front=_is_front(url),
            closed=closed,
            promised=_count(page.declared.get("wordCount")),
            password=password,
            marked=MARKERS.search(" ".join(marks[:3000])) is not None,
            scripts=scripts,
            unscripted=" ".join(unscripted[:20]),
            video=video,
            pictures=pictures,
        )


def refuse_kind(body: bytes, content_type: str) -> None:
    """Raise ParseError for what is no web page, by its first bytes and its server's word."""
    kind = content_type.partition(";")[0].strip().lower()
    kind = next((name for mark, name in _MARKS if body.startswith(mark)), kind)
    if reason := _KINDS.get(kind) or _KINDS.get(kind.partition("/")[0]):
        raise ParseError(reason)
    if _FEED.match(body[:1000]):
        raise ParseError("the page is a feed, not an article")


def refuse_page(seen: Seen, body: Body, blocks: list[str]) -> None:
    """Raise ParseError for a page that stands in an article's place.

    Args:
        seen: what the page shows.
        body: what would be the article.
        blocks: the text of every visible block of the page, in reading order.
    """
    words = word_count(body.text)
    shown = word_count(" ".join(blocks)[:20_000])
    told = _telling(f"{seen.title} {seen.lead[:2000]}")
    share = _share(told, body.text)
    if share < _MEANT:
        if reason := _prompt(seen, body.text, blocks, shown):
            raise ParseError(reason)
        if len(told) >= _FEW_WORDS and seen.front:
            raise ParseError("the address leads to the site's front page, not to the article")
        if len(told) >= _FEW_WORDS and _is_list(body):
            raise ParseError("the page is a list of articles, not the article")
    if words < _EMPTY or (words < 2 * _EMPTY and words <= word_count(seen.lead)):
        raise ParseError(_nothing(seen, shown))


def refuse_text(seen: Seen, entry: ParsedEntry, blocks: list[str]) -> None:
    """Raise ParseError for the beginning of an article, another one, or less than is there."""
    words, given = word_count(entry.body.text), word_count(seen.lead)
    if _is_teaser(seen, entry.body.text, blocks, words, given):
        raise ParseError("the page shows only the beginning to those without a subscription")
    told = _telling(f"{seen.title} {seen.lead[:2000]}")
    has = f"{entry.title} {seen.name} {entry.body.text}"
    if len(told) >= _FEW_WORDS and _share(told, has) < _SUBJECT:
        raise ParseError("the page is about something else than the feed says")
    if words < given:
        raise ParseError("the page has less than the feed")


def is_closed(declared: dict[str, Any]) -> bool:
    """Return whether JSON-LD says that an article is not free to read."""
    return str(declared.get("isAccessibleForFree")).strip().lower() == "false"


def _prompt(seen: Seen, text: str, blocks: list[str], shown: int) -> str | None:
    """Return why a page is only a prompt or a message, None if it is not."""
    said = "\n".join(blocks[:60])[:6000]
    if shown < _PROMPT and (
        CHALLENGE.search(f"{seen.name}\n{said}") or (seen.marked and shown < 100)
    ):
        return "the site asks whether it is read by a person, and shows no article"
    if shown < _PROMPT and ERROR.search(seen.name):
        return "the site says that the page is not there"
    # Under a text of its own the prompt is only a banner.
    asked = text[:4000] if word_count(text) > 2 * _EMPTY else f"{text}\n{said}"
    about = {match[0].lower() for match in CONSENT.finditer(asked)}
    if len(about) >= 2 and shown < 2 * _PROMPT:
        return "the site asks for consent to cookies first, and shows no article"
    if (seen.password and len(text) < 300) or (shown < _PROMPT and LOGIN.search(seen.name)):
        return "the site shows it only to those who are signed in"
    return None


def _nothing(seen: Seen, shown: int) -> str:
    """Return why a page has next to no text."""
    if seen.video:
        return "the page has a video and next to no text"
    if seen.pictures >= 4:
        return "the page has pictures and next to no text"
    if seen.scripts and (shown < 2 * _EMPTY or NEEDS_SCRIPT.search(seen.unscripted)):
        return "the page shows nothing without running its program (JavaScript)"
    return "no article was found on the page"


def _is_teaser(seen: Seen, text: str, blocks: list[str], words: int, given: int) -> bool:
    short = words < 1.3 * given + _TEASER
    if seen.closed and (short or words < 0.6 * seen.promised):
        return True
    begin = next((at for at, block in enumerate(blocks) if block[:60] in text), 0)
    after = (block for block in blocks[begin:] if len(block) < 600)
    return (short or (seen.closed and words < 2 * _TEASER)) and any(map(PAYWALL.search, after))


def _is_list(body: Body) -> bool:
    """Return whether most of a text is links, and none of it a paragraph."""
    linked = sum(span.end - span.start for span in body.spans if span.kind is SpanKind.LINK)
    longest = max((block.end - block.start for block in body.blocks), default=0)
    return longest < 300 and linked > 0.4 * len(body.text)


def _share(told: set[str], text: str) -> float:
    """Return the part of the telling words in ``told`` that ``text`` has, 0 if there are none."""
    return len(told & _telling(text)) / len(told) if told else 0.0


def _telling(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(fold(text[:200_000]))}


def _inside(element: Element) -> str:
    return plain_line(" ".join(islice(element.itertext(), 50)), 300)


def _locked(meta: Element) -> bool:
    return (meta.get("property"), meta.get("content")) == ("article:content_tier", "locked")


def _is_video(meta: Element) -> bool:
    return meta.get("property") == "og:type" and (meta.get("content") or "").startswith("video")


def _is_front(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.netloc) and parts.path in ("", "/") and not parts.query


def _count(value: Any) -> int:
    """Return a number that may be given as text, 0 for anything else."""
    text = str(value).strip()
    return int(text) if text.isdecimal() and len(text) < 7 else 0
