"""Lines that are not the article, taken out of the body of a page, a feed entry or a JSON line.

The line rules are those of pasted text. Markup says more than a line does, so they are held
tighter here: a prompt in the middle of a text may be what the text is about.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from operator import attrgetter

from newsreader.model import (
    Block,
    BlockKind,
    Body,
    CreditKind,
    Link,
    ParsedEntry,
    Precision,
    Span,
    SpanKind,
)
from newsreader.text.clean import clean_line
from newsreader.text.hints import Hints, bare_byline
from newsreader.text.lines import Line, Role, read_line
from newsreader.text.pasted import lead_title, title_like
from newsreader.text.words import fold

_TOP = 6
"""Blocks at the head in which bylines and dates stand."""
_FOOT = 8
"""Blocks at the end in which prompts, bylines and dates stand."""
_PROMPTS = 4
"""Blocks at the end in which every prompt is one; "Click on Save" is text further up."""
_READ = (BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.ITEM)
_ANYWHERE = (Role.RELATED, Role.PHOTO, Role.COPYRIGHT, Role.OWNER)
_PLAIN_PROMPT = re.compile(
    r"advertisement|^sponsored|^promoted|continue[sd]?\b|newsletter|\binbox|^sign\s+up|^[^\w]*follow\b"
    r"|all\s+rights|^[^\w]*read\s+more|^skip",
    re.IGNORECASE,
)
"""Prompts that are no part of any text, wherever they stand."""
_BY = re.compile(r"^by:?\s+", re.IGNORECASE)

_Piece = tuple[Block, int, int]


@dataclass(slots=True)
class _Reading:
    """What is read so far of one body; ``links`` are the blocks that are one link, by start."""

    body: Body
    hints: Hints
    title: str
    author: str
    outlet: str
    links: dict[int, str | None]
    begun: bool = False
    listing: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands: near the top, and how many are left with it."""

    top: bool
    left: int


def without_boilerplate(entry: ParsedEntry, captions: Iterable[str] = ()) -> ParsedEntry:
    """Return ``entry`` with nothing in its body but the text.

    What goes is in ``links`` and ``credits`` (a headline that repeats the title, a byline that
    repeats the author and an outlet's own name are in those fields). Author, outlet and time
    are taken from such lines only where the entry has none. A body is never emptied.

    Args:
        entry: what a page, feed or line gave; its own fields always win.
        captions: texts of pictures, credited to the photographs.
    """
    title = "" if entry.title_derived else entry.title
    body, hints = _clear(entry.body, title, (entry.author or "", entry.outlet or ""))
    for caption in captions:
        hints.credit(CreditKind.PHOTO, caption)
    if body is entry.body and not hints.credits:
        return entry
    published = entry.published or hints.published
    derived = entry.published is None and published is not None
    return entry._replace(
        title=lead_title(body) if entry.title_derived else entry.title,
        body=body,
        author=entry.author or hints.author(),
        outlet=entry.outlet or hints.outlet(),
        published=published,
        published_precision=Precision.DAY if derived else entry.published_precision,
        published_derived=entry.published_derived or derived,
        links=tuple(dict.fromkeys((*hints.links, *entry.links))),
        credits=tuple(dict.fromkeys((*hints.credits, *entry.credits))),
    )


def _clear(body: Body, title: str, names: tuple[str, str]) -> tuple[Body, Hints]:
    """Return the body without its furniture and what that said; ``body`` if all would go."""
    blocks = [block for block in body.blocks if block.end > block.start]
    author, outlet = map(_squeeze, names)
    links = _whole_links(body)
    reading = _Reading(body, Hints(), _squeeze(title), author, outlet, links)
    pieces: list[_Piece] = []
    cut = False
    for index, block in enumerate(blocks):
        start, end = _kept(reading, block, _Place(index < _TOP, len(blocks) - index))
        cut = cut or (start, end) != (block.start, block.end)
        if end > start:
            pieces.append((block, start, end))
            reading.begun = reading.begun or block.kind is not BlockKind.HEADING
    if not cut or all(block.kind is BlockKind.HEADING for block, _, _ in pieces):
        return body, Hints()
    return _joined(body, pieces), reading.hints


def _whole_links(body: Body) -> dict[int, str | None]:
    """Return the address of every block that is nothing but one link, by its start."""
    edges = {(block.start, block.end) for block in body.blocks if block.end > block.start}
    found: dict[int, str | None] = {}
    for span in body.spans:
        if span.kind is SpanKind.LINK and (span.start, span.end) in edges:
            found[span.start] = span.url
    return found


def _kept(r: _Reading, block: Block, place: _Place) -> tuple[int, int]:
    """Return the part of a block that is text: lines at its ends may go, never its middle."""
    start, end = block.start, block.end
    if block.kind not in _READ:
        r.listing = False
        return start, end
    text = r.body.text
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        if not _furniture(r, block, (start, stop), place):
            break
        start = min(stop + 1, end)
    below = _Place(top=False, left=place.left)
    while start < end and (stop := text.rfind("\n", start, end)) > 0:
        if not _furniture(r, block, (stop + 1, end), below):
            break
        end = stop
    return start, end


def _furniture(r: _Reading, block: Block, where: tuple[int, int], place: _Place) -> bool:
    """Return whether a line stands around the text; if so it is put where it belongs."""
    line = clean_line(r.body.text[where[0] : where[1]], 2000)
    if not line:
        return True
    head = place.top and not r.begun
    if head and _repeats(r, line):
        return True
    read = read_line(line)
    if head and read.role is Role.BODY:
        read = bare_byline(line) or read
    if r.listing and read.role is Role.BODY and _listed(r, block, line):
        r.hints.links.append(Link(line, r.links.get(block.start)))
        return True
    goes = _goes(read, line, block, head=head, left=place.left)
    r.listing = goes and read.role is Role.RELATED and not read.value and place.left > 1
    if goes:
        _take(r, block, line, read)
        return True
    edge = head or place.left <= _FOOT
    return edge and block.kind is not BlockKind.ITEM and r.hints.take_date(line, below=not head)


def _repeats(r: _Reading, line: str) -> bool:
    """Return whether a line above the text only says the title, the author or the outlet."""
    if len(line) > 600:
        return False
    said = _squeeze(_BY.sub("", line))
    return bool(said) and said in (r.title, r.author, r.outlet)


def _goes(read: Line, line: str, block: Block, *, head: bool, left: int) -> bool:
    """Return whether a line of this role leaves the text where it stands."""
    role = read.role
    if role in (Role.BODY, Role.RULE, Role.ADDRESS):
        return False
    if block.kind is BlockKind.ITEM:
        return role in (Role.RELATED, Role.COPYRIGHT)
    edge = head or left <= _FOOT
    if role is Role.AUTHOR:
        return edge
    if role in _ANYWHERE:
        return True
    if role is Role.CONTRIBUTOR:
        return edge or "contributed" in line
    return (
        head
        or (left <= _PROMPTS and not line.endswith(":"))
        or _PLAIN_PROMPT.search(line) is not None
    )


def _listed(r: _Reading, block: Block, line: str) -> bool:
    """Return whether a line under "Related stories" is one of them."""
    if len(line) > 300:
        return False
    return block.start in r.links or (not r.links and title_like(line))


def _take(r: _Reading, block: Block, line: str, read: Line) -> None:
    """Keep what a line says; a headline in it keeps its address."""
    if read.role is Role.RELATED:
        # Spans stand in the order of their starts; a page of links has as many as blocks.
        first = bisect_left(r.body.spans, block.start, key=attrgetter("start"))
        inside = takewhile(lambda s: s.start < block.end, r.body.spans[first : first + 20])
        url = next((s.url for s in inside if s.kind is SpanKind.LINK), None)
        if url is not None:
            r.hints.links.append(Link(read.value or line, url))
            return
    before = len(r.hints.credits)
    r.hints.take(line, read)
    unsaid = read.role is Role.AUTHOR and len(r.hints.credits) == before
    if unsaid and r.author and any(_squeeze(name) not in r.author for name in r.hints.authors):
        # The entry's own author wins; what the line said instead is kept.
        r.hints.credit(CreditKind.OTHER, line)


def _squeeze(words: str) -> str:
    """Return words as they are compared: no case, no marks, single spaces."""
    return " ".join(re.sub(r"\W+", " ", fold(words)).split())


def _joined(body: Body, pieces: list[_Piece]) -> Body:
    """Return a body of these pieces of ``body``'s blocks, with images and rules between them."""
    kept = {id(block): (start, end) for block, start, end in pieces}
    texts: list[str] = []
    blocks: list[Block] = []
    spans: list[Span] = []
    waiting = sorted(body.spans, key=lambda span: (span.start, -span.end))
    position = length = 0
    previous: Block | None = None
    for block in body.blocks:
        if block.end == block.start:
            blocks.append(block._replace(start=length, end=length))
            continue
        start, end = kept.get(id(block), (block.start, block.start))
        while position < len(waiting) and waiting[position].start < start:
            position += 1
        if end <= start:
            continue
        if previous is not None:
            near = "\n" if _beside(body, previous, block) else "\n\n"
            texts.append(near)
            length += len(near)
        shift = length - start
        blocks.append(
            block._replace(
                start=length,
                end=end + shift,
                cells=tuple((a + shift, b + shift) for a, b in block.cells),
            )
        )
        while position < len(waiting) and waiting[position].start < end:
            span = waiting[position]
            position += 1
            spans.append(span._replace(start=span.start + shift, end=min(span.end, end) + shift))
        texts.append(body.text[start:end])
        length += end - start
        previous = block
    return Body(text="".join(texts), blocks=tuple(_trimmed(blocks)), spans=tuple(spans))


def _beside(body: Body, first: Block, second: Block) -> bool:
    """Return whether two blocks are items of one list or rows of one table."""
    return first.kind is second.kind and "\n\n" not in body.text[first.end : second.start]


def _trimmed(blocks: list[Block]) -> list[Block]:
    """Return the blocks without rules that no longer part anything."""
    first = next((i for i, b in enumerate(blocks) if b.kind is not BlockKind.RULE), 0)
    last = max((i for i, b in enumerate(blocks) if b.kind is not BlockKind.RULE), default=-1)
    return blocks[first : last + 1]
