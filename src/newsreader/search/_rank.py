"""The best of what matches: by score with recency, or by date."""

import heapq
import math
from typing import NamedTuple

import numpy as np

from newsreader.search._evaluate import Match
from newsreader.search._file import Array
from newsreader.search._schema import UNDATED
from newsreader.search._segment import Segment

RECENCY_GAIN = 0.1
RECENCY_HALF_LIFE_MS = 30 * 86_400_000

_HALF_LIVES = 10
"""From this age on recency lifts by less than a ten thousandth."""
_SPARE = 1.0001
"""More than rounding can take from a score."""


class Ranked(NamedTuple):
    """One match: ``key`` first, then newest first, then the higher id."""

    key: float
    published: int
    article: int
    score: float


class Best:
    """Keeps the best ``count`` of the matches of several segments."""

    def __init__(self, count: int, sort: str, now: int) -> None:
        self._count = count
        self._sort = sort
        self._now = now
        self._kept: list[Ranked] = []
        self.total = 0

    def add(self, segment: Segment, match: Match) -> None:
        """Take a segment's matches."""
        self.total += len(match.ids)
        if not self._count or not len(match.ids):
            return
        if self._sort == "oldest":
            found = self._oldest(segment, match.ids)
        elif self._sort == "newest" or (scores := match.score()) is None:
            # Documents are newest first already.
            ids = match.ids[: self._count]
            zeros = np.zeros(len(ids))
            by_date = self._sort == "newest"
            keys = segment.published[ids].astype(np.float64) if by_date else zeros
            found = _rows(segment, ids, keys, zeros)
        else:
            found = self._relevant(segment, match.ids, scores)
        self._kept = found if not self._kept else heapq.nlargest(self._count, self._kept + found)

    def _oldest(self, segment: Segment, ids: Array) -> list[Ranked]:
        dated = segment.published[ids] != UNDATED
        oldest_first = np.concatenate((ids[dated][::-1], ids[~dated]))
        # Of one moment the higher id comes first, so a whole moment is kept at the edge.
        chosen = oldest_first[: self._count]
        if dated.any() and len(oldest_first) > self._count:
            edge = segment.published[chosen[-1]]
            chosen = np.union1d(chosen, ids[segment.published[ids] == edge])
        published = segment.published[chosen].astype(np.float64)
        keys = np.where(segment.published[chosen] == UNDATED, -np.inf, -published)
        return sorted(_rows(segment, chosen, keys, np.zeros(len(chosen))), reverse=True)

    def _relevant(self, segment: Segment, ids: Array, scores: Array) -> list[Ranked]:
        # Recency lifts a score by a tenth at most: what is further below cannot come up.
        bar = 0.0
        if len(scores) > self._count:
            bar = float(np.partition(scores, len(scores) - self._count)[-self._count])
        if len(self._kept) >= self._count:
            bar = max(bar, self._kept[-1].key)
        if bar > 0:
            places = self._likely(segment, ids, scores, bar)
            ids, scores = ids[places], scores[places]
        final = scores.astype(np.float64)
        dates = segment.published[ids]
        ages = np.maximum(self._now - np.maximum(dates, 0), 0)
        gains = RECENCY_GAIN * np.exp2(-ages / RECENCY_HALF_LIFE_MS)
        final *= 1 + np.where(dates == UNDATED, 0.0, gains)
        # Stable: of equal ones the newest stays first.
        order = np.argsort(-final, kind="stable")[: self._count]
        return _rows(segment, ids[order], final[order], final[order])

    def _likely(self, segment: Segment, ids: Array, scores: Array, bar: float) -> Array:
        """Return the places of what recency may lift to ``bar``: the older, the less it lifts."""
        found: list[Array] = []
        begin = 0
        for half_lives in (_HALF_LIVES, math.inf):
            since = None
            if half_lives < math.inf:
                since = self._now - int(half_lives * RECENCY_HALF_LIFE_MS)
            gain = RECENCY_GAIN if since is not None else RECENCY_GAIN * 2.0**-_HALF_LIVES
            _first, last = segment.dated(since, None)
            end = len(ids) if since is None else int(np.searchsorted(ids, last))
            least = bar / ((1 + gain) * _SPARE)
            found.append(begin + np.flatnonzero(scores[begin:end] >= least))
            begin = end
        return np.concatenate(found)

    def page(self, offset: int) -> list[Ranked]:
        """Return what is kept, best first, from ``offset`` on."""
        return self._kept[offset:]


def _rows(segment: Segment, ids: Array, keys: Array, scores: Array) -> list[Ranked]:
    return [
        Ranked(*row)
        for row in zip(
            keys.tolist(),
            segment.published[ids].tolist(),
            segment.ids[ids].tolist(),
            scores.tolist(),
            strict=True,
        )
    ]
