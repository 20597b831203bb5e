"""The best of what matches: by score with recency, or by date."""

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
_WORTH = 1_000
"""Fewer matches are ranked faster than they are looked through."""
_SPARE = 1.0001
"""More than rounding can take from a score."""


class Rows(NamedTuple):
    """Matches as columns: ``key`` first, then newest first, then the higher id."""

    key: Array
    published: Array
    article: Array
    score: Array

    def at(self, places: Array) -> "Rows":
        """Return the rows at some places."""
        return Rows(*(column[places] for column in self))


class Best:
    """Keeps the best ``count`` of the matches of several segments."""

    def __init__(self, count: int, sort: str, now: int) -> None:
        self._count = count
        self._sort = sort
        self._now = now
        self._found: list[Rows] = []
        self._held = 0
        self._bar = -math.inf
        self.total = 0

    def add(self, segment: Segment, match: Match) -> None:
        """Take a segment's matches."""
        self.total += len(match.ids)
        if not self._count or not len(match.ids):
            return
        if self._sort == "oldest":
            rows = self._oldest(segment, match.ids)
        elif self._sort == "newest" or (scores := match.score()) is None:
            # Documents are newest first already.
            ids = match.ids[: self._count]
            keys = np.zeros(len(ids))
            if self._sort == "newest":
                keys = segment.published[ids].astype(np.float64)
            rows = _rows(segment, ids, keys, np.zeros(len(ids)))
        else:
            rows = self._relevant(segment, match.ids, scores)
        if len(rows.key) > _WORTH:
            rows = rows.at(np.flatnonzero(rows.key >= self._bar))
        self._found.append(rows)
        self._held += len(rows.key)
        if self._held >= self._count:
            keys = np.concatenate([held.key for held in self._found])
            self._bar = float(np.partition(keys, self._held - self._count)[-self._count])

    def _oldest(self, segment: Segment, ids: Array) -> Rows:
        dated = segment.published[ids] != UNDATED
        chosen = np.concatenate((ids[dated][::-1], ids[~dated]))[: self._count]
        if len(chosen) < len(ids):
            # Of one moment the higher id comes first, so a whole moment is kept at the edge.
            edge = segment.published[chosen[-1]]
            chosen = np.union1d(chosen, ids[segment.published[ids] == edge])
        dates = segment.published[chosen]
        keys = np.where(dates == UNDATED, -np.inf, -dates.astype(np.float64))
        return _rows(segment, chosen, keys, np.zeros(len(chosen)))

    def _relevant(self, segment: Segment, ids: Array, scores: Array) -> Rows:
        # Recency lifts a score by a tenth at most: what is further below cannot come up.
        bar = self._bar
        if len(scores) > self._count:
            best = np.partition(scores, len(scores) - self._count)
            bar = max(bar, float(best[-self._count]))
        if bar > 0 and len(ids) > _WORTH:
            places = self._likely(segment, ids, scores, bar)
            ids, scores = ids[places], scores[places]
        dates = segment.published[ids]
        ages = np.maximum(self._now - np.maximum(dates, 0), 0)
        gains = RECENCY_GAIN * np.exp2(-ages / RECENCY_HALF_LIFE_MS)
        final = scores.astype(np.float64) * (1 + np.where(dates == UNDATED, 0.0, gains))
        return _rows(segment, ids, final, final)

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

    def page(self, offset: int) -> tuple[list[int], list[float]]:
        """Return the articles of what is kept, best first, from ``offset`` on, and their scores."""
        if not self._found:
            return [], []
        every = Rows(*(np.concatenate(columns) for columns in zip(*self._found, strict=True)))
        order = np.lexsort((every.article, every.published, every.key))[::-1]
        best = every.at(order[: self._count])
        self._found, self._held = [best], len(best.key)
        return best.article[offset:].tolist(), best.score[offset:].tolist()


def _rows(segment: Segment, ids: Array, keys: Array, scores: Array) -> Rows:
    return Rows(keys, segment.published[ids], segment.ids[ids], scores)
