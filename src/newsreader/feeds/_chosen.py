"""Which blocks of a page are its article, where another reading of the page gives the words.

That reading finds the article but keeps little of its shape; here its words are looked up in our
own blocks, which keep all of it.
"""

import re
from collections import Counter

from newsreader.model import BlockKind, SpanKind
from newsreader.text.body import Draft
from newsreader.text.words import fold

_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(f"[{_UNSPACED}]|[^\\W{_UNSPACED}]+")
"""A word; scripts written without spaces count a character each."""
_RUN = 3
"""Words that must stand in the same order to count as found."""
_SHORT = 6
"""A block with fewer words is found whole or not at all."""
_SHARE = 0.6
"""Part of a block's runs to be found: markup between words joins or parts a few."""
_REACH = 2
"""Blocks that a short one may lie before the first or after the last long one."""
_PROSE = 20
"""Words of a block that is prose rather than a teaser or a caption."""
_HOME_SHARE = 0.4
"""Part of the article that stands in elements of one name and class: they are its home."""
_FEW = 4
"""Long blocks up to which a link that stands alone may be what the page is about."""
_STOPS = tuple('.?!:…。！？"”')
_GAP = 3
"""Blocks, such as an advertisement and its label, that may part two pieces of one article."""
_CLASSED = re.compile(r"\.\w")


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return _WORD.findall(fold(text))


def chosen(blocks: list[Draft], lines: list[str]) -> list[bool]:
    """Tell of each block whether it is of the article that ``lines`` hold, in reading order.

    A block that the page shows twice is taken once; a short one only among longer ones, since
    "Share" and "More" stand in the text and around it. Prose that stands in the same elements as
    most of the article is of the article, though the other reading has missed it.
    """
    given = [words_of(line) for line in lines]
    whole = {" ".join(words) for words in given}
    runs = Counter(_runs([word for words in given for word in words]))
    long: list[int] = []
    short: list[int] = []
    missed: list[int] = []
    for place, block in enumerate(blocks):
        words = words_of(block.text)
        if len(words) < _SHORT:
            if words and " ".join(words) in whole:
                short.append(place)
        elif _take(_runs(words), runs):
            long.append(place)
        elif len(words) >= _PROSE and _linked(block) < 0.3:
            missed.append(place)
    kept = set(long) | set(_alike(blocks, long, missed))
    if kept:
        first, last = min(kept), max(kept)
        kept.update(p for p in short if first - _REACH <= p <= last + _REACH)
    else:
        kept.update(short)
    mixed = {blocks[p].group for p in kept if blocks[p].group and _linked(blocks[p]) <= 0.9}
    related = {p for p in kept if _is_related(blocks[p], mixed)}
    if len(set(long) - related) > _FEW:
        kept -= related
        while kept and blocks[max(kept)].kind is BlockKind.HEADING:
            kept.remove(max(kept))
    return [place in kept for place in range(len(blocks))]


def _is_related(block: Draft, mixed: set[int]) -> bool:
    """Return whether a block is a headline that leads to another article.

    A list is one of headlines only if it is not ``mixed``: all its items are links.
    """
    if block.kind is BlockKind.ITEM and block.group in mixed:
        return False
    plain = block.kind in (BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.ITEM)
    return plain and _linked(block) > 0.9 and block.text.rstrip()[-1:] not in _STOPS


def _alike(blocks: list[Draft], long: list[int], missed: list[int]) -> list[int]:
    """Return those of ``missed`` that stand in the same elements as most of the article."""
    if not long:
        return []
    size: Counter[str] = Counter()
    for place in long:
        size[blocks[place].origin] += len(blocks[place].text)
    total = size.total()
    homes = {origin for origin, letters in size.items() if letters > _HOME_SHARE * total}
    found: list[int] = []
    near = set(long)
    for place in missed:
        origin = blocks[place].origin
        framed = _CLASSED.search(origin) is not None or long[0] < place < long[-1]
        beside = near.intersection(range(place - _GAP, place + _GAP + 1))
        if origin in homes and framed and beside:
            near.add(place)
            found.append(place)
    return found


def _linked(block: Draft) -> float:
    """Return the part of a block that is links."""
    letters = sum(end - start for kind, start, end, _ in block.spans if kind is SpanKind.LINK)
    return letters / len(block.text)


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)]


def _take(wanted: list[tuple[str, ...]], runs: Counter[tuple[str, ...]]) -> bool:
    """Return whether most of the runs are there; then they are used up."""
    found = [run for run in wanted if runs[run] > 0]
    if len(found) < _SHARE * len(wanted):
        return False
    runs.subtract(found)
    return True
