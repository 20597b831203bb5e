"""One generation of the index as queries see it, and what its words weigh there.

Weights are those of BM25F in its simple form (Robertson, Zaragoza and Taylor 2004), with k1 4 and
b 0.75: of a dozen pairs the one that ranks Cranfield, CISI and LISA best, and all three no worse
than BM25.
"""

import math
from collections.abc import Iterable, Sequence

from newsreader.search._build import UNIT
from newsreader.search._compile import Expanded, Spelt
from newsreader.search._expand import Expansion, beginning, during, fitting, spelt_like, written
from newsreader.search._file import Array
from newsreader.search._lists import Lists
from newsreader.search._schema import ENTITY, MENTIONS
from newsreader.search._segment import Segment

K1 = 4.0
B = 0.75

FEW = 64
"""Groups that a beginning or pattern may stand for to be scored; beyond it is only a filter."""


class Snapshot:
    """One generation of the index: its segments, newest first, and its statistics."""

    def __init__(self, generation: int, segments: Sequence[Segment], live: Sequence[Array]) -> None:
        self.generation = generation
        newest_first = sorted(
            zip(segments, live, strict=True), key=lambda pair: -int(pair[0].published[0])
        )
        self.segments = [segment for segment, _ in newest_first]
        self.live = {segment.name: mask for segment, mask in newest_first}
        self.whole = {name: bool(mask.all()) for name, mask in self.live.items()}
        self.count = sum(int(mask.sum()) for mask in live)
        self.everyone = sum(segment.count for segment in segments)
        self.languages = sorted({code for segment in segments for code in segment.languages})
        total = sum(segment.length for segment in segments)
        mean = total / self.everyone if total else 1.0
        self.norm = K1 * UNIT * (1 - B), K1 * UNIT * B / mean
        self._expansions: dict[tuple[str, Expanded], Expansion | None] = {}
        self._factors: dict[Spelt | Expanded, float] = {}
        self._words: dict[tuple[str, Spelt], list[Word]] = {}

    def expansion(self, leaf: Expanded, segment: Segment) -> Expansion | None:
        """Return the groups that a leaf stands for; None where the field is not there."""
        key = (segment.name, leaf)
        if key not in self._expansions:
            if len(self._expansions) > 2_000:
                self._expansions.clear()
            self._expansions[key] = _expanded(leaf, segment)
        return self._expansions[key]

    def words(self, leaf: Spelt, segment: Segment) -> "list[Word]":
        """Return the lists of a word: by its stems, and what is written so beside them."""
        key = (segment.name, leaf)
        if key not in self._words:
            if len(self._words) > 5_000:
                self._words.clear()
            self._words[key] = _worded(leaf, segment)
        return self._words[key]

    def factor(self, leaf: Spelt | Expanded) -> float:
        """Return the weight of a leaf for being rare; 0 if it is not scored."""
        if leaf not in self._factors:
            if len(self._factors) > 2_000:
                self._factors.clear()
            self._factors[leaf] = self._factor(leaf)
        return self._factors[leaf]

    def _factor(self, leaf: Spelt | Expanded) -> float:
        if leaf.field in (ENTITY, MENTIONS):
            return 0.0
        groups = self._groups(leaf)
        if groups is None:
            return 0.0
        documents = sum(
            int(lists.df[group])
            for segment in self.segments
            for lists, group in _groups_of(leaf.field, groups, segment)
        )
        documents = min(documents, self.everyone)
        rarity = math.log(1 + (self.everyone - documents + 0.5) / (documents + 0.5))
        return rarity * (K1 + 1)

    def _groups(self, leaf: Spelt | Expanded) -> set[str] | None:
        """Return the groups that a leaf stands for anywhere, None if they are too many."""
        keys: set[str] = set(leaf.groups if isinstance(leaf, Spelt) else ())
        for segment in self.segments:
            lists = segment.lists(leaf.field)
            if lists is None:
                continue
            found: Iterable[int]
            if isinstance(leaf, Spelt):
                found = (group for _, group, _ in self.words(leaf, segment))
            else:
                expansion = self.expansion(leaf, segment)
                found = () if expansion is None else expansion.groups[: FEW + 1].tolist()
            keys.update(lists.keys[n].decode() for n in found)
            if len(keys) > FEW:
                return None
        return keys


def _expanded(leaf: Expanded, segment: Segment) -> Expansion | None:
    lists = segment.lists(leaf.field)
    if lists is None:
        return None
    match leaf.way:
        case "beginning":
            return beginning(lists, leaf.text)
        case "pattern":
            return fitting(lists, leaf.text)
        case "near":
            return spelt_like(lists, leaf.text, leaf.distance)
        case "during":
            return during(lists, leaf.text)


def _worded(leaf: Spelt, segment: Segment) -> "list[Word]":
    lists = segment.lists(leaf.field)
    if lists is None:
        return []
    stems = [group for key in leaf.groups if (group := lists.find(key)) >= 0]
    found: list[Word] = [(lists, group, None) for group in stems]
    if lists.has_forms:
        # Its stem may have been taken with accents that the query does not have.
        exactly = written(lists, leaf.surface)
        more = [group for group in exactly.groups.tolist() if group not in stems]
        found += ((lists, group, exactly.allowed.get(group)) for group in more)
    return found


Word = tuple[Lists, int, Array | None]
"""A group, and which of its forms are meant, None for all."""


def _groups_of(field: str, groups: Iterable[str], segment: Segment) -> list[tuple[Lists, int]]:
    """Return the lists of some groups that a segment has."""
    return [found for key in groups if (found := segment.find(field, key)) is not None]
