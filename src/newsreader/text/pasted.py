"""A news article as somebody pasted it: told apart into text, names, dates, links and credits.

Nothing is thrown away: a line that is not text goes to links or credits. What the words do not
state stays unknown; a wrong outlet or date is worse than none.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from newsreader.model import BlockKind, Body, CreditKind, Link, ParsedEntry, Precision, SpanKind
from newsreader.text.body import Draft, assemble
from newsreader.text.clean import clean_line, clean_text
from newsreader.text.hints import AGENCIES, URL, Hints, bare_byline, byline, is_outlet
from newsreader.text.language import detect, direction
from newsreader.text.lines import Line, Role, owner_name, read_line
from newsreader.text.links import clean_link
from newsreader.text.when import find_day, parse_when
from newsreader.text.words import fold, sentences

_EDGE = 8
"""Lines from either end in which bylines and dates stand; further in, "By …" is prose."""
_TITLE_LIMIT = 140
_LEAD_LIMIT = 100

_DATELINE = re.compile(
    r"^(?P<place>(?:[A-ZÀ-Þ][\w.'’\-]*[\s,/]+){0,6}?)"
    r"(?:,?\s*(?P<day>[A-Z][a-z]{2,8}\.?\s+\d{1,2}(?:,\s+\d{4})?))?\s*,?\s*"
    r"\((?P<agency>[A-Z][\w .&]{1,20})\)\s*(?:[—–:-]+|--)\s*"
)
_PLACE_LINE = re.compile(
    r"^[A-ZÀ-Þ][A-ZÀ-Þ .'’\-]{2,30}(?:,\s+[A-Z][\w. ]{1,25})?\s*(?:[—–]|--|\s-)\s*"
)
_SUMMARY = re.compile(r"(?:story\s+highlights?|key\s+points|summary|highlights)\b", re.IGNORECASE)
_HEADER = re.compile(
    r"^(?P<key>title|headline|author|byline|date|published|source|outlet|publication|url|link)"
    r"\s*:\s*(?P<value>\S.*)$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^(?:(?P<dot>[•⦁·▪◦‣●*>]|[-–—](?=\s))|(?P<number>\d{1,2})[.)])\s+(?=\S)")
_WRAP = 100
_SIGNED = (Role.OWNER, Role.COPYRIGHT, Role.AUTHOR)
_TERMINAL = (".", ",", ";", ":", "…", "”", '"')


@dataclass(slots=True)
class _Found(Hints):
    """What the lines have told so far, and those that are the text."""

    title: str | None = None
    link: str | None = None
    body: list[str] = field(default_factory=list)


def read_pasted(text: str) -> ParsedEntry:
    """Return the article in ``text``; a text without a title gets one from its lead sentence."""
    lines = paragraphs(clean_text(text))
    found = _sort_lines(lines)
    if not any(line for line in found.body):
        found = _Found(body=lines)
    drafts = _drafts(found.body)
    _mark_addresses(drafts)
    body = assemble(drafts)
    language = detect(body.text)
    own = tuple(
        Link(body.text[span.start : span.end], span.url)
        for span in body.spans
        if span.kind is SpanKind.LINK
    )
    return ParsedEntry(
        title=clean_line(found.title or lead_title(body)),
        title_derived=found.title is None,
        body=body,
        link=found.link,
        author=found.author(),
        outlet=found.outlet(),
        published=found.published,
        published_precision=Precision.DAY if found.published else Precision.SECOND,
        published_derived=found.published is not None,
        language=language,
        direction=direction(language) if language else direction(body.text),
        links=(*found.links, *own),
        credits=tuple(found.credits),
    )


def plain_body(text: str) -> Body:
    """Return the body of a plain text whose paragraphs are all its own, nothing taken out."""
    drafts = _drafts(paragraphs(clean_text(text)))
    _mark_addresses(drafts)
    return assemble(drafts)


def lead_title(body: Body) -> str:
    """Return a title made from the first sentence of ``body``: short, without its dateline."""
    kinds = (BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM)
    spot = next((b for b in body.blocks if b.kind in kinds and b.end > b.start), None)
    lead = body.text[spot.start : spot.end][:600] if spot else body.text[:600]
    for dateline in (_DATELINE, _PLACE_LINE):
        if (match := dateline.match(lead)) and match.end() < len(lead):
            lead = lead[match.end() :]
            break
    ends = sentences(lead)
    title = lead[ends[0][0] : ends[0][1]] if ends else lead
    if len(title) > _LEAD_LIMIT:
        title = title[:_LEAD_LIMIT].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"
    return clean_line(title).removesuffix(".") or "Untitled"


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a plain text: split at blank lines, or at lines if there are none.

    Lines wrapped by hand are joined; a paragraph holds no line feed.
    """
    lines = [line.strip() for line in text.split("\n")]
    chunks: list[list[str]] = [[]]
    for line in lines:
        if line:
            chunks[-1].append(line)
        elif chunks[-1]:
            chunks.append([])
    found: list[str] = []
    for chunk in chunks:
        found.extend([" ".join(chunk)] if _wrapped(chunk) else chunk)
    return [re.sub(" {2,}", " ", paragraph) for paragraph in found]


def _wrapped(chunk: list[str]) -> bool:
    """Return whether lines were broken by hand at a margin and are one paragraph."""
    if len(chunk) < 2 or any(_BULLET.match(line) for line in chunk[1:]):
        return False
    full = chunk[:-1]
    longest = max(map(len, full))
    if not 45 <= longest <= _WRAP or len(chunk[-1]) > _WRAP:
        return False
    # At a margin the next word would not have fitted.
    tight = sum(
        len(line) + 1 + len(following.split(" ", 1)[0]) >= longest
        for line, following in pairwise(chunk)
    )
    ended = sum(line.endswith((".", "!", "?", "”", '"')) for line in full)
    return tight >= 0.9 * len(full) and ended <= 0.5 * len(full)


def _sort_lines(lines: list[str]) -> _Found:
    """Give every line to the text, the links or the credits."""
    found = _Found()
    count = len(lines)
    twice = {line for line, after in pairwise(lines[:_EDGE]) if line == after and len(line) > 40}
    listing = False
    head = _masthead(found, lines)
    for index, line in enumerate(lines[head:], head):
        edge = index < _EDGE or index >= count - _EDGE
        if index < _EDGE and not found.body and _header(found, line):
            continue
        read = read_line(line)
        if read.role is Role.BODY and index < _EDGE and not any(found.body):
            read = bare_byline(line) or read
        if line in twice and read.role is Role.BODY:
            read = Line(Role.PHOTO)  # pages print a caption for the small and the large picture
        if listing and read.role is Role.BODY and title_like(line):
            found.links.append(Link(clean_line(line)))
            continue
        listing = read.role is Role.RELATED and not read.value and index + 1 < count
        if read.role is Role.BODY or (read.role is Role.AUTHOR and not edge):
            _take_text(found, lines, index, edge)
        elif read.role is Role.RULE:
            found.body.append("")
        else:
            found.take(line, read)
    return found


def _masthead(found: _Found, lines: list[str]) -> int:
    """Return how many lines above the headline name the outlet and its section."""
    if len(lines) < 3:
        return 0
    name = lines[0]
    if not 1 <= len(name.split()) <= 5 or len(name) > 40 or owner_name(name) != name:
        return 0
    section = len(lines[1]) <= 30 and len(lines[1].split()) <= 4
    section = section and read_line(lines[1]).role is Role.BODY and _is_title(lines, 2)
    count = 2 if section else 1
    if not _is_title(lines, count) or len(lines[count].split()) < 4:
        return 0
    around = [line for line in (*lines[1:_EDGE], *lines[-_EDGE:]) if len(line) < 300]
    if not is_outlet(name) and not any(
        name in line and read_line(line).role in _SIGNED for line in around
    ):
        return 0
    found.mastheads.append(name)
    found.credit(CreditKind.OWNER, name)
    for line in lines[1:count]:
        found.credit(CreditKind.OTHER, line)
    return count


def _take_text(found: _Found, lines: list[str], index: int, edge: bool) -> None:
    line = lines[index]
    if edge and found.take_date(line, below=any(found.body)):
        return
    if not any(found.body) and found.title is None and _is_title(lines, index):
        found.title = line
        return
    if not any(found.body):
        _dateline(found, line)
    found.body.append(line)


def _header(found: _Found, line: str) -> bool:
    """Read a line such as "Source: Example Times" above the text; return whether it was one."""
    match = _HEADER.match(line) if len(line) < 300 else None
    if match is None:
        return False
    key, value = match["key"].lower(), match["value"].strip()
    if key in ("title", "headline") and found.title is None:
        found.title = value
    elif key in ("author", "byline"):
        found.authors.extend(byline(value.removeprefix("By "))[0])
    elif key in ("date", "published") and (when := parse_when(value)):
        found.published = when[0]
    elif key in ("source", "outlet", "publication") and (name := owner_name(value)):
        found.owners.append(name)
    elif key in ("url", "link") and (url := clean_link(value)):
        found.link = url
    else:
        return False
    return True


def _dateline(found: _Found, line: str) -> None:
    match = _DATELINE.match(line[:120])
    if match is None:
        return
    found.agency = found.agency or AGENCIES.get(fold(match["agency"]))
    if found.published is None and match["day"] and (when := parse_when(match["day"])):
        found.published = when[0]


def _is_title(lines: list[str], index: int) -> bool:
    """Return whether the first line of text is a headline and not yet the text."""
    line = lines[index]
    following = lines[index + 1] if index + 1 < len(lines) else ""
    if not title_like(line) or len(line.split()) < 3 or not following:
        return False
    if read_line(line).role is not Role.BODY:
        return False
    if bare_byline(following) or read_line(following).role is Role.AUTHOR:
        return True
    if len(following) < 90 and find_day(following):
        return True
    return any(len(later) > max(100, len(line)) for later in lines[index + 1 : index + 6])


def title_like(line: str) -> bool:
    """Return whether a line could be a headline: short, and not ended like a sentence."""
    if len(line) > _TITLE_LIMIT or line.endswith(_TERMINAL[:5]) or _BULLET.match(line):
        return False
    if line.endswith(("”", '"', "'", "’")) and line[-2:-1] in ".,!?":
        return False
    if _PLACE_LINE.match(line) or _DATELINE.match(line) or _SUMMARY.match(line):
        return False
    return not line[:1].islower() and line[:1] != "("


def _drafts(lines: list[str]) -> list[Draft]:
    """Return the blocks of the body; an empty line stands for a rule between parts."""
    filled = [index for index, line in enumerate(lines) if line]
    lines = lines[filled[0] : filled[-1] + 1] if filled else []
    drafts: list[Draft] = []
    bullets = [_BULLET.match(line) for line in lines]
    group = 0
    for index, line in enumerate(lines):
        bullet = bullets[index]
        beside = bullets[max(0, index - 1) : index] + bullets[index + 1 : index + 2]
        if not line:
            if drafts[-1].kind is not BlockKind.RULE:
                drafts.append(Draft(kind=BlockKind.RULE))
        elif bullet and any(beside):
            group += not (index and bullets[index - 1])
            label = f"{bullet['number']}." if bullet["number"] else "•"
            text = line[bullet.end() :]
            drafts.append(Draft(kind=BlockKind.ITEM, text=text, level=1, label=label, group=group))
        elif _is_heading(lines, index):
            drafts.append(Draft(kind=BlockKind.HEADING, text=line, level=2))
        else:
            drafts.append(Draft(kind=BlockKind.PARAGRAPH, text=line))
    return drafts


def _is_heading(lines: list[str], index: int) -> bool:
    """Return whether a short line between paragraphs heads those that follow."""
    line = lines[index]
    if not 0 < index < len(lines) - 1 or len(line) > 100 or len(line) < 3:
        return False
    words = line.split()
    if line[-1] in "。！？」।" or len(words) > 14 or not title_like(line) or line[-1] in "!”\"'…":
        return False
    following = next((later for later in lines[index + 1 : index + 4] if later), "")
    if len(following) < 60 or _BULLET.match(line):
        return False
    big = sum(not word[:1].islower() for word in words)
    return big >= 0.6 * len(words) or len(words) <= 7


def _mark_addresses(drafts: list[Draft]) -> None:
    for draft in drafts:
        if "http" in draft.text:
            for match in URL.finditer(draft.text):
                if url := clean_link(match[0]):
                    draft.spans.append((SpanKind.LINK, match.start(), match.end(), url))
