"""Queries evaluated over whole posting lists, a segment at a time.

Score: BM25F: an occurrence weighs more in the title and the lead, weights are summed before they
saturate. Then times 1 + 0.1 · 2^(-age / 30 days), so that of two equal articles the newer wins and
none rises by more than a tenth for being new.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from whoosh import query

from newsreader.search._build import UNIT
from newsreader.search._compile import Expanded, Marked, Published, Sequenced, Spelt
from newsreader.search._expand import Expansion
from newsreader.search._file import Array
from newsreader.search._lists import Lists
from newsreader.search._schema import TEXT
from newsreader.search._segment import Segment
from newsreader.search._snapshot import K1, Snapshot, Word

_POSITION_BITS = 21
"""More than the positions of a field, so that two documents are never neighbours."""

NOTHING = np.zeros(0, np.int64)


class Stopped(Exception):
    """The deadline has passed, or nobody wants the answer any more."""


class Match:
    """Documents of one segment that match, ascending, and how well.

    ``score`` takes the places of some of ``ids`` (None: all) and gives their scores; None where
    nothing is scored.
    """

    def __init__(
        self, ids: Array, score: Callable[[Array | None], Array | None] | None = None
    ) -> None:
        self.ids = ids
        self._score = score

    def score(self, at: Array | None = None) -> Array | None:
        """Return the scores of the documents at some places, or of all."""
        return None if self._score is None else self._score(at)

    def at(self, places: Array) -> "Match":
        """Return the documents at some places."""
        if self._score is None:
            return Match(self.ids[places])
        score = self._score
        return Match(self.ids[places], lambda at: score(places if at is None else places[at]))

    def times(self, often: int) -> "Match":
        """Return the match of a query that is said several times in one: it scores each time."""
        if often == 1 or self._score is None:
            return self
        score = self._score

        def scored(at: Array | None) -> Array | None:
            scores = score(at)
            return None if scores is None else scores * np.float32(often)

        return Match(self.ids, scored)


def of_scores(ids: Array, scores: Array | None) -> Match:
    """Return a match whose scores are known."""
    if scores is None:
        return Match(ids)
    return Match(ids, lambda at: scores if at is None else scores[at])


class Evaluator:
    """Evaluates one query on one snapshot, segment by segment."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        scored: bool,
        marked: Mapping[str, Iterable[int]],
        stop: Callable[[], bool],
    ) -> None:
        """Prepare.

        Args:
            snapshot: where to search.
            scored: whether scores are wanted.
            marked: the articles of each status that the query asks for.
            stop: asked now and then; True ends the search with Stopped.
        """
        self.snapshot = snapshot
        self._scored = scored
        self._bitmaps = {name: bitmap(articles) for name, articles in marked.items()}
        self._stop = stop

    def on(self, segment: Segment, newest: int | None = None) -> "Evaluation":
        """Return what evaluates on one segment."""
        return Evaluation(self.snapshot, segment, self._scored, self._bitmaps, self._stop, newest)

    def matching(self, compiled: query.Query, segment: Segment, newest: int | None = None) -> Match:
        """Return the documents that match and are still there, of the ``newest`` or of all.

        Raises:
            Stopped: see ``stop``.
        """
        found = self.on(segment, newest).match(compiled)
        if newest is not None:
            found = found.at(np.flatnonzero(found.ids < newest))
        if self.snapshot.whole[segment.name]:
            return found
        return found.at(np.flatnonzero(self.snapshot.live[segment.name][found.ids]))


def bitmap(articles: Iterable[int]) -> Array:
    """Return for each article's id whether it is among ``articles``."""
    if isinstance(articles, np.ndarray):
        ids = articles
    elif hasattr(articles, "typecode"):
        ids = np.frombuffer(articles, np.int64) if articles else NOTHING  # type: ignore[call-overload]  # an array
    else:
        ids = np.fromiter(articles, np.int64)
    mask = np.zeros(int(ids.max(initial=-1)) + 2, np.bool_)
    mask[ids] = True
    return mask


def marked_in(mask: Array, articles: Array) -> Array:
    """Return which of ``articles`` a bitmap has."""
    # The last is False, and stands for all that are beyond.
    found: Array = mask[np.minimum(articles, len(mask) - 1)]
    return found


class Evaluation:
    """One query on one segment."""

    def __init__(
        self,
        snapshot: Snapshot,
        segment: Segment,
        scored: bool,
        bitmaps: Mapping[str, Array],
        stop: Callable[[], bool],
        newest: int | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._segment = segment
        self._scored = scored
        self._bitmaps = bitmaps
        self._stop = stop
        self._newest = newest
        self._sequences: dict[Sequenced, Match] = {}

    def match(self, node: query.Query) -> Match:
        """Return the documents that match; deleted ones may be among them."""
        if self._stop():
            raise Stopped
        match node:
            case Spelt():
                return self._spelt(node)
            case Expanded():
                return self._expanded(node)
            case Sequenced():
                # A phrase of common words takes .2 s at 100,000 articles, however often it is said.
                if node not in self._sequences:
                    self._sequences[node] = self._sequenced(node)
                return self._sequences[node]
            case query.And():
                return self._all(node.subqueries)
            case query.Or():
                times = Counter(node.subqueries)
                return self._any([self.match(each).times(often) for each, often in times.items()])
            case query.Not():
                return self._all([node])
            case _:
                return Match(self._filtered(node))

    def _filtered(self, node: query.Query) -> Array:
        """Return the documents that a query without words matches."""
        match node:
            case Published():
                return np.arange(*self._segment.dated(node.low, node.high))
            case Marked():
                return np.flatnonzero(marked_in(self._bitmaps[node.name], self._segment.ids))
            case query.Every():
                return self._everyone
            case _:
                return NOTHING

    @property
    def _everyone(self) -> Array:
        return np.arange(self._segment.count)

    # Words

    def _bm25(self, field: str, factor: float, ids: Array, weights: Array) -> Array:
        fixed, by_length = self._snapshot.norm
        if field == TEXT:
            norm = self._segment.lengths[ids]
            norm *= np.float32(by_length)
            norm += np.float32(fixed)
            norm += weights
        else:
            norm = weights + np.float32(K1 * UNIT)
        np.divide(weights, norm, out=norm)
        norm *= np.float32(factor)
        return norm

    def _listed(self, field: str, lists: Lists, group: int, factor: float) -> Match:
        ids = self._segment.documents(field, group)
        if not factor:
            return Match(ids)

        def score(at: Array | None) -> Array:
            weights = lists.weights(group, group + 1)
            if at is None:
                return self._bm25(field, factor, ids, weights)
            return self._bm25(field, factor, ids[at], weights[at])

        return Match(ids, score)

    def _factor(self, leaf: Spelt | Expanded) -> float:
        return self._snapshot.factor(leaf) if self._scored else 0.0

    def _spelt(self, leaf: Spelt) -> Match:
        found = self._snapshot.words(leaf, self._segment)
        if not found:
            return Match(NOTHING)
        factor = self._factor(leaf)
        lists, group, allowed = found[0]
        if len(found) == 1 and allowed is None:
            return self._listed(leaf.field, lists, group, factor)
        parts: list[tuple[Array, Array]] = []
        for lists, group, allowed in found:
            ids, weights = self._segment.documents(leaf.field, group), NOTHING
            if factor:
                weights = lists.weights(group, group + 1)
            if allowed is not None:
                held = np.flatnonzero(lists.holders(group, allowed))
                ids, weights = ids[held], weights[held] if factor else NOTHING
            parts.append((ids, weights))
        if not factor:
            return Match(self._distinct(np.concatenate([ids for ids, _ in parts])))
        # The list of the stem is long, those of what is written otherwise are short.
        parts.sort(key=lambda part: -len(part[0]))
        (ids, weights), *others = parts
        if sum(len(more) for more, _ in others) * 64 < len(ids):
            for more, extra in others:
                ids, weights = _inserted(ids, weights, more, extra)
            return of_scores(ids, self._bm25(leaf.field, factor, ids, weights))
        return self._summed(leaf.field, factor, parts)

    def _summed(self, field: str, factor: float, parts: Sequence[tuple[Array, Array]]) -> Match:
        """Return the union of lists, scored as one word of all their weights."""
        if not parts:
            return Match(NOTHING)
        ids, weights = self._added_up([part for part, _ in parts], [w for _, w in parts])
        return of_scores(ids, self._bm25(field, factor, ids, weights))

    def _distinct(self, ids: Array) -> Array:
        """Return documents once each, ascending."""
        if len(ids) * 16 < self._segment.count:
            ordered = np.sort(ids)
            return ordered[_firsts(ordered)]
        mask = np.zeros(self._segment.count, np.bool_)
        mask[ids] = True
        return np.flatnonzero(mask)

    def _added_up(self, lists: Sequence[Array], values: Sequence[Array]) -> tuple[Array, Array]:
        """Return the documents of lists once each, ascending, and the sums of their values."""
        ids, sums = np.concatenate(lists), np.concatenate(values)
        if len(ids) * 16 < self._segment.count:
            order = np.argsort(ids, kind="stable")
            ids = ids[order]
            firsts = _firsts(ids)
            return ids[firsts], np.add.reduceat(sums[order], firsts)
        kept = self._distinct(ids)
        return kept, np.bincount(ids, sums).astype(np.float32)[kept]

    def _expanded(self, leaf: Expanded) -> Match:
        expansion = self._snapshot.expansion(leaf, self._segment)
        if expansion is None or not len(expansion.groups):
            return Match(NOTHING)
        lists = self._segment.lists(leaf.field)
        assert lists is not None
        factor = self._factor(leaf)
        if not factor:
            return Match(self._marked(lists, expansion))
        parts = [
            (lists.ids_of(begin, end), lists.weights(begin, end)) for begin, end in expansion.runs()
        ]
        for group, allowed in expansion.allowed.items():
            held = np.flatnonzero(lists.holders(group, allowed))
            parts.append((lists.ids(group)[held], lists.weights(group, group + 1)[held]))
        return self._summed(leaf.field, factor, parts)

    def _marked(self, lists: Lists, expansion: Expansion) -> Array:
        """Return the documents of an expansion, in no more memory than its longest piece."""
        mask = np.zeros(self._segment.count, np.bool_)
        for first, last in expansion.runs():
            for begin, end in _pieces(lists, first, last):
                if self._stop():
                    raise Stopped
                lists.mark(mask, begin, end)
        for group, allowed in expansion.allowed.items():
            mask[lists.ids(group)[lists.holders(group, allowed)]] = True
        return np.flatnonzero(mask)

    # Phrases

    def _sequenced(self, node: Sequenced) -> Match:
        # A word that stands in it many times is looked up once.
        times = Counter(node.slots)
        matches = [self.match(slot).times(often) for slot, often in times.items()]
        ids, places = self._intersected([match.ids for match in matches])
        if self._newest is not None:
            end = int(np.searchsorted(ids, self._newest))
            ids, places = ids[:end], [where[:end] for where in places]
        if not len(ids):
            return Match(NOTHING)
        stand: dict[Spelt | Expanded, Array] = {}
        ends = NOTHING
        for number, slot in enumerate(node.slots):
            if slot not in stand:
                stand[slot] = self._places(slot, ids)
            ends = _follow(ends, stand[slot], node.slop) if number else stand[slot]
            if self._stop():
                raise Stopped
            if not len(ends):
                return Match(NOTHING)
        places_held = ends >> _POSITION_BITS
        kept = places_held[np.flatnonzero(np.diff(places_held, prepend=-1))]
        scores = [match.score(where[kept]) for match, where in zip(matches, places, strict=True)]
        return of_scores(ids[kept], _added([s for s in scores if s is not None]))

    def _places(self, slot: Spelt | Expanded, ids: Array) -> Array:
        """Return where a slot stands in some documents, as place in ``ids`` and position in one."""
        found: list[Array] = []
        for lists, group, allowed in self._groups(slot):
            held = self._segment.documents(slot.field, group)
            which, at = self._common(ids, held)
            if not len(which):
                continue
            here, positions = lists.positions(group, at, allowed)
            found.append((which << _POSITION_BITS)[here] | positions)
        if not found:
            return NOTHING
        return found[0] if len(found) == 1 else np.sort(np.concatenate(found))

    def _groups(self, slot: Spelt | Expanded) -> Iterable[Word]:
        if isinstance(slot, Spelt):
            return self._snapshot.words(slot, self._segment)
        expansion = self._snapshot.expansion(slot, self._segment)
        lists = self._segment.lists(slot.field)
        if expansion is None or lists is None:
            return []
        allowed = expansion.allowed
        return [(lists, group, allowed.get(group)) for group in expansion.groups.tolist()]

    # Combinations

    @cached_property
    def _scratch(self) -> Array:
        return np.zeros(self._segment.count, np.int64)

    def _common(self, one: Array, other: Array) -> tuple[Array, Array]:
        """Return the places of common documents in both of two ascending lists."""
        if not len(one) or not len(other):
            return NOTHING, NOTHING
        if len(one) * 8 < len(other):
            at = np.minimum(np.searchsorted(other, one), len(other) - 1)
        else:
            # What other queries left there is told apart by looking back.
            self._scratch[other] = np.arange(len(other))
            at = np.minimum(self._scratch[one], len(other) - 1)
        hits = np.flatnonzero(other[at] == one)
        return hits, at[hits]

    def _intersected(self, lists: Sequence[Array]) -> tuple[Array, list[Array]]:
        """Return the documents of all lists, and their places in each."""
        order = sorted(range(len(lists)), key=lambda n: len(lists[n]))
        ids = lists[order[0]]
        places: dict[int, Array] = {order[0]: np.arange(len(ids))}
        for n in order[1:]:
            if not len(ids):
                return NOTHING, [NOTHING] * len(lists)
            if self._stop():
                raise Stopped
            hits, at = self._common(ids, lists[n])
            ids = ids[hits]
            places = {m: where[hits] for m, where in places.items()}
            places[n] = at
        return ids, [places[n] for n in range(len(lists))]

    def _all(self, children: Sequence[query.Query]) -> Match:
        ranges = [child for child in children if isinstance(child, Published)]
        outside = [child.query for child in children if isinstance(child, query.Not)]
        times = Counter(child for child in children if not isinstance(child, Published | query.Not))
        matches: list[Match] = []
        # Quick ones first: an empty answer ends the work.
        for child in sorted(times, key=_effort):
            matches.append(self.match(child).times(times[child]))
            if not len(matches[-1].ids):
                return Match(NOTHING)
        if not matches:
            matches = [Match(self._everyone)]
        ids, places = self._intersected([match.ids for match in matches])
        begin, end = 0, self._segment.count
        for period in ranges:
            low, high = self._segment.dated(period.low, period.high)
            begin, end = max(begin, low), min(end, high)
        kept = slice(*np.searchsorted(ids, (begin, max(begin, end))).tolist())
        ids, places = ids[kept], [where[kept] for where in places]
        for child in outside:
            if len(ids):
                hits, _ = self._common(ids, self.match(child).ids)
                stays = np.ones(len(ids), np.bool_)
                stays[hits] = False
                ids, places = ids[stays], [where[stays] for where in places]
        scores = [match.score(where) for match, where in zip(matches, places, strict=True)]
        return of_scores(ids, _added([s for s in scores if s is not None]))

    def _any(self, matches: Sequence[Match]) -> Match:
        matches = [match for match in matches if len(match.ids)]
        if len(matches) < 2:
            return matches[0] if matches else Match(NOTHING)
        scores = [match.score() for match in matches]
        if all(s is None for s in scores):
            return Match(self._distinct(np.concatenate([match.ids for match in matches])))
        filled = [
            np.zeros(len(match.ids), np.float32) if s is None else s
            for match, s in zip(matches, scores, strict=True)
        ]
        return of_scores(*self._added_up([match.ids for match in matches], filled))


def _firsts(ordered: Array) -> Array:
    """Return where each value begins in an ascending array."""
    if not len(ordered):
        return NOTHING
    return np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))


def _inserted(ids: Array, sums: Array, more: Array, extra: Array) -> tuple[Array, Array]:
    """Return an ascending list and its values with those of a much shorter one added."""
    at = np.searchsorted(ids, more)
    known = ids[np.minimum(at, len(ids) - 1)] == more
    sums = sums.copy()
    sums[at[known]] += extra[known]
    new = ~known
    return np.insert(ids, at[new], more[new]), np.insert(sums, at[new], extra[new])


def _follow(ends: Array, following: Array, slop: int) -> Array:
    """Return which of ``following`` come after one of ``ends``, with at most ``slop`` between."""
    if slop == 0 and len(ends) < len(following):
        sought = ends + 1
        at = np.minimum(np.searchsorted(following, sought), len(following) - 1)
        there: Array = sought[following[at] == sought]
        return there
    before = np.searchsorted(ends, following) - 1
    gaps = following - ends[np.maximum(before, 0)]
    near: Array = following[(before >= 0) & (gaps <= slop + 1)]
    return near


_PIECE = 2_000_000
"""Postings of a beginning decoded at once."""


def _pieces(lists: Lists, first: int, last: int) -> Iterable[tuple[int, int]]:
    """Yield the groups from ``first`` to before ``last`` in parts that fit in memory."""
    sums = np.cumsum(lists.df[first:last], dtype=np.int64)
    begin = first
    while begin < last:
        done = int(sums[begin - first - 1]) if begin > first else 0
        end = first + int(np.searchsorted(sums, done + _PIECE, side="right"))
        end = min(last, max(begin + 1, end))
        yield begin, end
        begin = end


def _effort(node: query.Query) -> int:
    """Return how late a condition is to be looked at."""
    for effort, kinds in enumerate(((Spelt,), (Sequenced,), (Expanded,), (Marked,))):
        if isinstance(node, kinds):
            return effort
    return 4


def _added(scores: Sequence[Array]) -> Array | None:
    if not scores:
        return None
    total = scores[0]
    for more in scores[1:]:
        total = total + more
    return total


def stopper(until: float | None, stop: Callable[[], bool] | None) -> Callable[[], bool]:
    """Return what tells whether a search is to end: at a time, or when ``stop`` says so."""
    if until is None:
        return stop or (lambda: False)
    if stop is None:
        return lambda: time.perf_counter() > until
    return lambda: time.perf_counter() > until or stop()
