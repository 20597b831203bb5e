"""Blocks put together into a body: the only place where offsets of blocks and spans are made.

Readers of HTML, Markdown and plain text write drafts; :func:`assemble` joins them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from newsreader.model import Block, BlockKind, Body, Span, SpanKind
from newsreader.text.clean import clean_line, clean_text

_EMPTY = (BlockKind.IMAGE, BlockKind.RULE)


@dataclass(slots=True, kw_only=True)
class Draft:
    """A block that is being written; spans and cells count from the start of its own text.

    ``group`` names the list or table it belongs to, 0 for none: neighbours of one group are
    joined by one line feed, all others by a blank line. ``origin`` tells the elements it stood
    in, for those who choose among blocks.
    """

    kind: BlockKind
    text: str = ""
    level: int = 0
    label: str = ""
    url: str | None = None
    group: int = 0
    origin: str = ""
    spans: list[tuple[SpanKind, int, int, str | None]] = field(default_factory=list)
    cells: list[tuple[int, int]] = field(default_factory=list)


def assemble(drafts: Iterable[Draft]) -> Body:
    """Return the body that the drafts make; drafts without text are left out.

    An image or a rule has no text and stands at the end of the text before it.
    """
    pieces: list[str] = []
    blocks: list[Block] = []
    spans: list[Span] = []
    length = group = 0
    for draft in drafts:
        if draft.kind in _EMPTY:
            blocks.append(_block(draft, length, 0))
            continue
        if not _settle(draft):
            continue
        if pieces:
            gap = "\n" if draft.group and draft.group == group else "\n\n"
            pieces.append(gap)
            length += len(gap)
        group = draft.group
        blocks.append(_block(draft, length, len(draft.text)))
        spans.extend(
            Span(kind=kind, start=length + start, end=length + end, url=url)
            for kind, start, end, url in draft.spans
        )
        pieces.append(draft.text)
        length += len(draft.text)
    return Body(text="".join(pieces), blocks=tuple(blocks), spans=tuple(spans))


def _block(draft: Draft, start: int, length: int) -> Block:
    return Block(
        kind=draft.kind,
        start=start,
        end=start + length,
        level=draft.level,
        label=clean_line(draft.label),
        url=draft.url,
        cells=tuple((start + a, start + b) for a, b in draft.cells),
    )


def _settle(draft: Draft) -> bool:
    """Trim and clean the draft's text, keep its offsets true; return whether any text is left."""
    text = draft.text.strip("\n") if draft.kind is BlockKind.CODE else draft.text.strip()
    if not text or text.isspace():
        return False
    lead = draft.text.index(text)
    cleaned = clean_text(text)
    draft.text = cleaned.strip() if draft.kind is not BlockKind.CODE else cleaned.strip("\n")
    if draft.text != text:
        # A letter that composes across two runs moves every offset after it: rare, and the
        # words matter more than their emphasis.
        draft.spans, draft.cells = [], [(0, len(draft.text))] if draft.cells else []
        return bool(draft.text) and not draft.text.isspace()
    end = len(text)
    moved = [
        (kind, max(0, start - lead), min(end, stop - lead), url)
        for kind, start, stop, url in draft.spans
    ]
    draft.spans = sorted((s for s in moved if s[1] < s[2]), key=lambda s: (s[1], -s[2]))
    draft.cells = [(max(0, a - lead), min(end, max(a, b) - lead)) for a, b in draft.cells]
    draft.cells = [(min(a, end), max(min(a, end), b)) for a, b in draft.cells]
    return True
