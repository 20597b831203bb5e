"""An article, its names and its matches as paragraphs, and paragraphs as lines of a width. Pure."""

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from rich.cells import cell_len

from newsreader.model import Article, Block, BlockKind, Enclosure, Mention, SpanKind
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, cut, safe_line, safe_text, wrap
from newsreader.tui.phrases import full_date, minutes, size

MEASURE = 84
"""Widest column of text in cells; 45 to 90 characters read well (Bringhurst, 2.1.2)."""

_SPAN_ROLES = {
    SpanKind.EMPHASIS: "italic",
    SpanKind.STRONG: "bold",
    SpanKind.CODE: "code",
    SpanKind.LINK: "link",
}


class Mark(NamedTuple):
    """``text[start:end]`` of a paragraph has ``role``; ``mention`` numbers the article's, or -1."""

    start: int
    end: int
    role: str
    mention: int = -1


class Paragraph(NamedTuple):
    """Text to be wrapped.

    Args:
        gap: blank lines before it.
        first, rest: what stands before its first and its other lines, of equal width.
        offset: where its text begins in the article's; -1 for what is not the article's text.
        fill: the text is one sign, repeated over the whole measure.
    """

    text: str
    role: str = "text"
    marks: tuple[Mark, ...] = ()
    gap: int = 1
    first: Line | None = None
    rest: Line | None = None
    offset: int = -1
    fill: bool = False


def paragraphs(
    article: Article,
    mentions: Sequence[Mention],
    matches: Sequence[tuple[int, int]],
    *,
    title: Sequence[tuple[int, int]] = (),
    reasons: Sequence[str] = (),
    changes: int = 0,
    now: datetime,
    glyphs: Glyphs,
) -> list[Paragraph]:
    """Return all there is to read of ``article``: head, body, links and credits.

    ``matches`` and ``title`` are where a search matched in its text and in its title, ``reasons``
    what saved searches did to it, in words; ``changes`` counts the publisher's own.
    """
    return [
        *_head(article, title, (*reasons, *_origin(article)), changes, now, glyphs),
        *_body(article, mentions, matches, glyphs),
        *_tail(article, _spelt(article, mentions), glyphs),
    ]


_Spelt = tuple[re.Pattern[str], dict[str, str]] | None
"""What finds the names of an article in other lines, and the kind of each."""
_NAMES = 300


def _spelt(article: Article, mentions: Sequence[Mention]) -> _Spelt:
    """Return what finds the article's own names in its links and credits, None without any.

    Only whole words as the text spells them count, names of one common word's length not at all.
    """
    kinds: dict[str, str] = {}
    for mention in mentions:
        written = article.body.text[mention.start : mention.end]
        if mention.entity is not None and mention.kind.value != "demonym" and len(written) > 2:
            kinds.setdefault(written, mention.kind.value)
    if not kinds or not (article.links or article.credits):
        return None
    names = sorted(kinds, key=len, reverse=True)[:_NAMES]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)"), kinds


def _named(text: str, spelt: _Spelt) -> tuple[Mark, ...]:
    if spelt is None:
        return ()
    pattern, kinds = spelt
    return tuple(Mark(m.start(), m.end(), kinds[m[0]]) for m in pattern.finditer(text))


def _head(
    article: Article,
    lit: Sequence[tuple[int, int]],
    reasons: Sequence[str],
    changes: int,
    now: datetime,
    glyphs: Glyphs,
) -> Iterable[Paragraph]:
    dot = f" {glyphs.dot} "
    yield Paragraph(text=safe_line(article.outlet or article.source), role="accent", gap=0)
    title = safe_line(article.title)
    marks = [Mark(start, end, "match") for start, end in lit] if title == article.title else []
    yield Paragraph(text=title, role="headline", marks=tuple(marks))
    if article.title_derived:
        yield Paragraph(text="No title was given; this is how it begins.", role="muted", gap=0)
    when = full_date(article.published, article.precision, now)
    if article.published is not None and article.published_derived:
        when += ", found in the text"
    by = [f"By {safe_line(article.author)}"] if article.author else []
    facts = [*by, when, _whole(minutes(article.words))]
    if changes:
        facts.append(_whole("changed once" if changes == 1 else f"changed {changes} times"))
    yield Paragraph(text=dot.join(facts), role="muted")
    kept = [glyphs.star + " bookmarked"] if article.bookmarked else []
    kept += ["#" + safe_line(tag) for tag in article.tags]
    if kept:
        yield Paragraph(text="  ".join(kept), role="muted", gap=0)
    for reason in reasons:
        words = safe_line(reason)
        yield Paragraph(text=words[:1].upper() + words[1:], role="muted italic", gap=0)
    if article.note:
        side: Line = [(f"{glyphs.bar} ", "accent")]
        yield Paragraph(text=safe_text(article.note), role="italic", first=side, rest=side)
    yield Paragraph(text=glyphs.rule, role="rule", gap=0, fill=True)


def _origin(article: Article) -> Iterable[str]:
    """Yield what is to be known of where the text is from."""
    if article.origin == "page":
        yield "the full text, from the publisher's page"
    elif article.page_error:
        yield f"no full text: {article.page_error}"


def _whole(words: str) -> str:
    """Return ``words`` so that no line breaks between them."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _tail(article: Article, spelt: _Spelt, glyphs: Glyphs) -> Iterable[Paragraph]:
    links = [link for link in article.links if link.text or link.url]
    if not (links or article.credits or article.enclosures or article.comments):
        return
    yield Paragraph(text=glyphs.rule, role="rule", gap=1, fill=True)
    gap = 0
    for credit in article.credits:
        words = safe_text(credit.text)
        yield Paragraph(text=words, role="muted italic", marks=_named(words, spelt), gap=gap)
    gap = 1 if article.credits else 0
    side: Line = [(f"{glyphs.bullet} ", "rule")]
    for link in links:
        words = safe_line(link.text or link.url or "")
        yield Paragraph(
            text=words,
            role="muted",
            marks=_named(words, spelt),
            gap=gap,
            first=side,
            rest=[("  ", "")],
        )
        gap = 0
    for words in [*map(enclosed, article.enclosures), *_comments(article)]:
        yield Paragraph(text=words, role="muted", gap=gap, first=side, rest=[("  ", "")])
        gap = 0


def enclosed(enclosure: Enclosure) -> str:
    """Return what a file that comes with an article is: title, type, size, address."""
    length = size(enclosure.length) if enclosure.length else ""
    kind = safe_line(enclosure.type)
    about = ", ".join(part for part in (safe_line(enclosure.title), kind, length) if part)
    url = safe_line(enclosure.url)
    return f"{about}: {url}" if about else url


def _comments(article: Article) -> Iterable[str]:
    if article.comments:
        yield f"Comments: {safe_line(article.comments)}"


def _body(
    article: Article,
    mentions: Sequence[Mention],
    matches: Sequence[tuple[int, int]],
    glyphs: Glyphs,
) -> Iterable[Paragraph]:
    body = article.body
    marks = _marks(article, mentions, matches)
    starts = [mark.start for mark in marks]
    longest = max((mark.end - mark.start for mark in marks), default=0)
    blocks = body.blocks or (Block(kind=BlockKind.PARAGRAPH, start=0, end=len(body.text)),)
    before: Block | None = None
    widths: list[int] = []
    for number, block in enumerate(blocks):
        first = bisect_right(starts, block.start - longest - 1)
        last = bisect_right(starts, block.end)
        inside = [
            Mark(max(m.start, block.start), min(m.end, block.end), m.role, m.mention)
            for m in marks[first:last]
            if m.start < block.end and m.end > block.start
        ]
        if block.kind is BlockKind.ROW:
            if before is None or before.kind is not BlockKind.ROW:
                widths = _columns(body.text, blocks, number)
            yield _row(body.text, block, inside, widths, before)
        else:
            yield _block(body.text, block, inside, before, glyphs)
        before = block


def _marks(
    article: Article, mentions: Sequence[Mention], matches: Sequence[tuple[int, int]]
) -> list[Mark]:
    """Return spans, names and matches by start; of those at one place, what lies on top last."""
    marks = [Mark(s.start, s.end, _SPAN_ROLES[s.kind]) for s in article.body.spans]
    marks += [
        Mark(mention.start, mention.end, mention.kind.value, number)
        for number, mention in enumerate(mentions)
        if mention.kind.value != "demonym"
    ]
    marks += [Mark(start, end, "match") for start, end in matches]
    marks.sort(key=lambda mark: mark.start)
    return marks


def _shifted(marks: Iterable[Mark], by: int) -> tuple[Mark, ...]:
    return tuple(Mark(m.start + by, m.end + by, m.role, m.mention) for m in marks)


_ROLES = {
    BlockKind.HEADING: "headline",
    BlockKind.QUOTE: "strong italic",
    BlockKind.CODE: "strong",
    BlockKind.IMAGE: "muted italic",
}


def _block(
    text: str, block: Block, marks: list[Mark], before: Block | None, glyphs: Glyphs
) -> Paragraph:
    first, rest = _sides(block, glyphs)
    role = _ROLES.get(block.kind, "text")
    raw = text[block.start : block.end]
    drawn = "\n".join(safe_text(part) for part in raw.split("\n")) if raw else ""
    if block.kind is BlockKind.IMAGE:
        label = safe_line(block.label)
        drawn = f"[Picture: {label}]" if label else "[Picture]"
    elif block.kind is BlockKind.RULE:
        drawn, role = "* * *", "muted"
    return Paragraph(
        text=drawn,
        role=role,
        # A text that had to be cleaned has other offsets: better no marks than wrong ones.
        marks=_shifted(marks, -block.start) if drawn == raw else (),
        gap=_gap(block, before),
        first=first,
        rest=rest,
        offset=block.start,
    )


def _gap(block: Block, before: Block | None) -> int:
    together = (BlockKind.ITEM, BlockKind.ROW)
    if before is not None and block.kind in together and before.kind is block.kind:
        return 0
    return 2 if block.kind is BlockKind.HEADING and before is not None else 1


def _sides(block: Block, glyphs: Glyphs) -> tuple[Line, Line]:
    if block.kind is BlockKind.ITEM:
        depth = "  " * max(0, block.level - 1)
        label = safe_line(block.label) or glyphs.bullet
        if glyphs.bullet.isascii() and not label.isascii():
            label = glyphs.bullet
        return [(f"{depth}{label} ", "muted")], [(" " * (len(depth) + cell_len(label) + 1), "")]
    if block.kind is BlockKind.QUOTE:
        side: Line = [("  " * max(0, block.level - 1) + f" {glyphs.quote} ", "muted")]
        return side, side
    if block.kind is BlockKind.CODE:
        return [("  ", "")], [("  ", "")]
    return [], []


def _columns(text: str, blocks: Sequence[Block], number: int) -> list[int]:
    """Return the widths of the columns of the table that begins at ``blocks[number]``."""
    widths: list[int] = []
    for block in blocks[number:]:
        if block.kind is not BlockKind.ROW:
            break
        cells = [cell_len(safe_text(text[start:end])) for start, end in block.cells]
        widths += [0] * (len(cells) - len(widths))
        widths[: len(cells)] = map(max, widths, cells)
    return widths


def _row(
    text: str, block: Block, marks: list[Mark], widths: list[int], before: Block | None
) -> Paragraph:
    """Return a table row with its columns in line, as far as the measure allows."""
    gap = _gap(block, before)
    if not block.cells or sum(widths) + 2 * len(widths) > MEASURE - 4:
        raw = text[block.start : block.end]
        drawn = safe_text(raw)
        kept = _shifted(marks, -block.start) if drawn == raw else ()
        return Paragraph(text=drawn, marks=kept, gap=gap, offset=block.start)
    row = ""
    moved: list[Mark] = []
    for (start, end), width in zip(block.cells, widths, strict=False):
        cell = safe_text(text[start:end])
        if cell == text[start:end]:
            moved += _shifted(
                (m for m in marks if m.start >= start and m.end <= end), len(row) - start
            )
        row += cell + " " * (width - cell_len(cell) + 2)
    return Paragraph(text=row.rstrip(), marks=tuple(moved), gap=gap, offset=block.start)


class Layout:
    """Paragraphs wrapped to ``width`` cells: screen lines, and the way to and from offsets."""

    def __init__(self, parts: Sequence[Paragraph], width: int) -> None:
        self.parts = parts
        self.width = width
        self._lines: list[tuple[int, int, int]] = []
        self._first: list[int] = []
        for number, part in enumerate(parts):
            self._lines += [(-1, 0, 0)] * part.gap
            self._first.append(len(self._lines))
            room = width - sum(cell_len(text) for text, _ in part.first or ())
            base = 0
            for piece in part.text.split("\n"):
                self._lines += [(number, base + s, base + e) for s, e in wrap(piece, room)]
                base += len(piece) + 1
        self._anchors = [
            (part.offset, number) for number, part in enumerate(parts) if part.offset >= 0
        ]

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._lines)

    def line_of(self, offset: int) -> int:
        """Return the line on which the article's code point ``offset`` stands."""
        at = bisect_right(self._anchors, offset, key=lambda anchor: anchor[0]) - 1
        if at < 0:
            return 0
        start, number = self._anchors[at]
        line = self._first[number]
        while line + 1 < len(self._lines):
            part, begin, _ = self._lines[line + 1]
            if part != number or begin > offset - start:
                break
            line += 1
        return line

    def offset_at(self, line: int) -> int:
        """Return the article's code point at the start of ``line`` or the next one with text.

        0 stands for the head of the article, above its text.
        """
        if not self._anchors or line < self._first[self._anchors[0][1]]:
            return 0
        for number, start, _ in self._lines[line:]:
            if number >= 0 and self.parts[number].offset >= 0:
                return self.parts[number].offset + start
        start, number = self._anchors[-1]
        return start + len(self.parts[number].text)

    def plain(self, line: int) -> str:
        """Return the text of a line without what stands before it."""
        number, start, end = self._lines[line]
        return self.parts[number].text[start:end] if number >= 0 else ""

    def side(self, line: int) -> Line:
        """Return what stands before the text of a line: a list label, a quote's bar."""
        number, start, _ = self._lines[line]
        if number < 0:
            return []
        part = self.parts[number]
        return (part.first if start == 0 else part.rest) or []

    def pieces(self, line: int, focus: int = -1) -> list[tuple[str, str, int]]:
        """Return (text, roles, mention or -1) of a line; mention ``focus`` gets the focus role."""
        number, start, end = self._lines[line]
        if number < 0:
            return []
        part = self.parts[number]
        if part.fill:
            return [(cut(part.text * self.width, self.width), part.role, -1)]
        marks = [m for m in part.marks if m.start < end and m.end > start]
        if not marks:
            return [(part.text[start:end], part.role, -1)]
        cuts = sorted(
            {start, end, *(c for m in marks for c in (m.start, m.end) if start < c < end)}
        )
        found: list[tuple[str, str, int]] = []
        for left, right in itertools.pairwise(cuts):
            over = [m for m in marks if m.start <= left and m.end >= right]
            mention = max((m.mention for m in over), default=-1)
            roles = [part.role, *dict.fromkeys(m.role for m in over)]
            if mention >= 0 and mention == focus:
                roles.append("focus")
            found.append((part.text[left:right], " ".join(roles), mention))
        return found
