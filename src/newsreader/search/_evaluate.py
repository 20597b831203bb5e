"""Whoosh's query objects evaluated over whole posting lists.

Score: BM25 (Robertson and Zaragoza 2009, k1 1.2, b 0.75) of each field, summed, the title's times
``TITLE_WEIGHT``; then times 1 + 0.1 · 2^(−age / 30 days), so that of two equal articles the newer
wins and no article rises by more than a tenth for being new.
"""

import math
import re
import time
from collections import defaultdict
from collections.abc import Callable
from heapq import nlargest

from whoosh import query
from whoosh.util.numeric import byte_to_length

from newsreader.search._segment import Segment

K1 = 1.2
B = 0.75
TITLE_WEIGHT = 3.0
RECENCY_GAIN = 0.1
RECENCY_HALF_LIFE_MS = 30 * 86_400_000

EXPANSIONS = 500
"""A beginning or pattern stands for this many terms, those in most documents first."""

Scores = dict[int, float]


class AnyTerm(query.Query):  # type: ignore[misc]  # Whoosh has no types
    """Documents that hold any of the terms, scored as if they were one."""

    def __init__(self, field: str, terms: tuple[str, ...], boost: float = 1.0) -> None:
        self.field = field
        self.terms_ = terms
        self.boost = boost


class Sequence(query.Query):  # type: ignore[misc]  # Whoosh has no types
    """Documents that hold one term of each slot in order, at most ``slop`` words between."""

    def __init__(
        self, field: str, slots: tuple[tuple[str, ...], ...], slop: int, boost: float = 1.0
    ) -> None:
        self.field = field
        self.slots = slots
        self.slop = slop
        self.boost = boost


class Column(query.Query):  # type: ignore[misc]  # Whoosh has no types
    """Documents whose value in a column passes a test."""

    def __init__(self, field: str, test: Callable[[int], bool]) -> None:
        self.field = field
        self.test = test


class Late(Exception):
    """The deadline has passed."""


class Snapshot:
    """One generation of the index: its segments, newest first, and its statistics."""

    def __init__(self, generation: int, segments: list[Segment]) -> None:
        self.generation = generation
        self.segments = sorted(segments, key=lambda s: max(s.published, default=0), reverse=True)
        self.live = {segment.name: segment.live() for segment in segments}
        self.count = sum(len(documents) for documents in self.live.values())
        self._everyone = sum(segment.count for segment in segments)
        self._norms: dict[str, list[float]] = {}
        self._frequencies: dict[tuple[str, str], int] = {}

    def close(self) -> None:
        """Close the files."""
        for segment in self.segments:
            segment.reader.close()

    def frequency(self, field: str, term: str) -> int:
        """Return how many documents hold ``term``."""
        key = (field, term)
        if key not in self._frequencies:
            if len(self._frequencies) > 50_000:
                self._frequencies.clear()
            found = sum(segment.frequency(field, term) for segment in self.segments)
            self._frequencies[key] = found
        return self._frequencies[key]

    def rarity(self, frequency: int) -> float:
        """Return the weight of a term in so many documents; never negative."""
        frequency = min(frequency, self._everyone)
        return math.log(1 + (self._everyone - frequency + 0.5) / (frequency + 0.5))

    def norms(self, field: str) -> list[float]:
        """Return BM25's length factor for each coded length."""
        if field not in self._norms:
            total = sum(segment.reader.field_length(field) for segment in self.segments)
            mean = total / self._everyone if total else 1.0
            self._norms[field] = [
                K1 * (1 - B + B * byte_to_length(code) / mean) for code in range(256)
            ]
        return self._norms[field]

    def expand(self, field: str, prefix: str, keep: Callable[[str], object]) -> tuple[str, ...]:
        """Return the terms of ``prefix`` that pass, those in most documents first, capped."""
        found: dict[str, int] = defaultdict(int)
        for segment in self.segments:
            for term, frequency in segment.terms(field, prefix):
                found[term] += frequency
        passed = ((count, term) for term, count in found.items() if keep(term))
        return tuple(term for _count, term in nlargest(EXPANSIONS, passed))


class Evaluator:
    """Evaluates one query on one snapshot, segment by segment."""

    def __init__(self, snapshot: Snapshot, *, scored: bool, until: float | None) -> None:
        self.snapshot = snapshot
        self.scored = scored
        self.until = until

    def matching(self, node: query.Query, segment: Segment) -> Scores:
        """Return the documents that match and their scores.

        Deleted documents may be among them.

        Raises:
            Late: the deadline has passed.
        """
        if self.until is not None and time.perf_counter() > self.until:
            raise Late
        match node:
            case query.Term():
                return self._term(node, segment)
            case AnyTerm():
                return self._any(node, segment)
            case Sequence():
                return self._sequence(node, segment)
            case Column():
                values = segment.ids if node.field == "id" else segment.published
                test = node.test
                return dict.fromkeys((i for i, v in enumerate(values) if test(v)), 0.0)
            case query.And():
                return self._all(node.subqueries, segment)
            case query.Or():
                return self._either(node.subqueries, segment)
            case query.Not():
                return self._all([node], segment)
            case query.Every():
                return dict.fromkeys(self.snapshot.live[segment.name], 0.0)
            case _:
                return {}

    def _scores(
        self, field: str, ids: list[int], weights: list[float], factor: float, segment: Segment
    ) -> Scores:
        if not self.scored or not ids:
            return dict.fromkeys(ids, 0.0)
        norms = self.snapshot.norms(field)
        lengths = segment.lengths(field)
        factor *= K1 + 1
        return {
            i: factor * weight / (weight + norms[lengths[i]])
            for i, weight in zip(ids, weights, strict=True)
        }

    def _term(self, node: query.Term, segment: Segment) -> Scores:
        frequency = self.snapshot.frequency(node.fieldname, node.text)
        if not frequency:
            return {}
        ids, weights = segment.postings(node.fieldname, node.text)
        factor = node.boost * self.snapshot.rarity(frequency)
        return self._scores(node.fieldname, ids, weights, factor, segment)

    def _any(self, node: AnyTerm, segment: Segment) -> Scores:
        found: dict[int, float] = {}
        total = 0
        for term in node.terms_:
            total += self.snapshot.frequency(node.field, term)
            for i, weight in zip(*segment.postings(node.field, term), strict=True):
                found[i] = found.get(i, 0.0) + weight
        factor = node.boost * self.snapshot.rarity(total)
        return self._scores(node.field, list(found), list(found.values()), factor, segment)

    def _sequence(self, node: Sequence, segment: Segment) -> Scores:
        candidates: set[int] | None = None
        for slot in node.slots:
            holders: set[int] = set()
            for term in slot:
                holders.update(segment.postings(node.field, term)[0])
            candidates = holders if candidates is None else candidates & holders
            if not candidates:
                return {}
        assert candidates is not None
        where = [self._places(node.field, slot, candidates, segment) for slot in node.slots]
        found: dict[int, float] = {}
        for i in sorted(candidates):
            ends = in_order([places.get(i, set()) for places in where], node.slop)
            if ends:
                found[i] = float(len(ends))
        rarity = sum(
            self.snapshot.rarity(sum(self.snapshot.frequency(node.field, term) for term in slot))
            for slot in node.slots
        )
        weights = list(found.values())
        return self._scores(node.field, list(found), weights, node.boost * rarity, segment)

    @staticmethod
    def _places(
        field: str, slot: tuple[str, ...], candidates: set[int], segment: Segment
    ) -> dict[int, set[int]]:
        places: dict[int, set[int]] = {}
        for term in slot:
            for i, found in segment.positions(field, term, candidates):
                places.setdefault(i, set()).update(found)
        return places

    def _all(self, children: list[query.Query], segment: Segment) -> Scores:
        found: Scores | None = None
        # What must match comes first: an empty answer ends the work.
        for child in children:
            if isinstance(child, query.Not):
                continue
            more = self.matching(child, segment)
            if found is None:
                found = more
            elif self.scored:
                one, other = (found, more) if len(found) <= len(more) else (more, found)
                found = {i: score + other[i] for i, score in one.items() if i in other}
            else:
                found = dict.fromkeys(found.keys() & more.keys(), 0.0)
            if not found:
                return found
        if found is None:
            found = dict.fromkeys(self.snapshot.live[segment.name], 0.0)
        for child in children:
            if isinstance(child, query.Not):
                gone = self.matching(child.query, segment)
                found = {i: score for i, score in found.items() if i not in gone}
        return found

    def _either(self, children: list[query.Query], segment: Segment) -> Scores:
        found: Scores = {}
        for child in children:
            more = self.matching(child, segment)
            if len(more) > len(found):
                found, more = more, found
            for i, score in more.items():
                found[i] = found.get(i, 0.0) + score
        return found


def in_order(slots: list[set[int]], slop: int) -> set[int]:
    """Return the last positions of every way through ``slots`` with gaps of at most ``slop``."""
    ends = slots[0]
    for places in slots[1:]:
        steps = range(1, slop + 2)
        ends = {end + step for end in ends for step in steps} & places
    return ends


def pattern(text: str) -> "re.Pattern[str]":
    """Return the expression of a folded pattern of ``?`` and ``*``."""
    first, *others = (re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", text))
    if not others:
        return re.compile(first, re.DOTALL)
    *middle, last = others
    # The first place where a part fits is as good as any; atomic, so that it is not tried again
    # elsewhere, which would take exponential time.
    inner = "".join(f"(?>.*?{part})" for part in middle)
    return re.compile(f"{first}{inner}.*{last}", re.DOTALL)


def boosted_by_age(score: float, published: int, now: int) -> float:
    """Return ``score`` with the recency prior; times in milliseconds."""
    age = max(0, now - published)
    return score * (1 + RECENCY_GAIN * math.exp2(-age / RECENCY_HALF_LIFE_MS))
