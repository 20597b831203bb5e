"""How matches divide: by outlet, year and entity, counted over whole columns and lists."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

import numpy as np

from newsreader.search._file import Array
from newsreader.search._schema import ENTITY, KIND_FIELDS, milliseconds
from newsreader.search._segment import Segment

Counts = dict[str, list[tuple[str, int]]]


class Division(NamedTuple):
    """The most frequent values of each field; ``complete`` unless only the newest are counted."""

    counts: Counts
    complete: bool


_PIECE = 2_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


FACETS = ("source", "year", *KIND_FIELDS.values())


def counted(
    found: Sequence[tuple[Segment, Array]], zone: tzinfo, limit: int, fields: Sequence[str]
) -> Counts:
    """Return the ``limit`` most frequent values of each field among the documents of segments."""
    counts: Counts = {}
    for field in fields:
        match field:
            case "source":
                counts[field] = _sources(found, limit)
            case "year":
                counts[field] = _years(found, zone, limit)
            case _:
                counts[field] = _entities(found, field, limit)
    return counts


def _most(counts: dict[str, int], limit: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


def _sources(found: Sequence[tuple[Segment, Array]], limit: int) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for segment, ids in found:
        for number, n in enumerate(np.bincount(segment.source_numbers[ids]).tolist()):
            name = segment.sources[number]
            if n and name:
                counts[name] = counts.get(name, 0) + n
    return _most(counts, limit)


def _years(
    found: Sequence[tuple[Segment, Array]], zone: tzinfo, limit: int
) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for segment, ids in found:
        # Newest first, the undated last.
        _begin, end = segment.dated(None, None)
        dated = ids[: int(np.searchsorted(ids, end))]
        while len(dated):
            newest = int(segment.published[dated[0]])
            moment = _EPOCH + timedelta(milliseconds=newest)
            try:
                year = moment.astimezone(zone).year
                first = milliseconds(datetime(year, 1, 1, tzinfo=zone))
            except OverflowError:  # The zone's own year is none that can be told.
                year = moment.year
                first = milliseconds(datetime(year, 1, 1, tzinfo=UTC))
            _begin, end = segment.dated(first, None)
            within = int(np.searchsorted(dated, end))
            counts[str(year)] = counts.get(str(year), 0) + within
            dated = dated[within:]
    return sorted(counts.items(), key=lambda pair: (-pair[1], -int(pair[0])))[:limit]


def _entities(
    found: Sequence[tuple[Segment, Array]], field: str, limit: int
) -> list[tuple[str, int]]:
    entities: list[Array] = []
    counts: list[Array] = []
    for segment, ids in found:
        lists = segment.lists(ENTITY)
        if lists is None or not len(ids):
            continue
        mask = np.zeros(segment.count, np.uint8)
        mask[ids] = 1
        first, last = lists.keys.range(f"{field} ".encode())
        starts = lists.starts
        while first < last:
            end = int(np.searchsorted(starts, starts[first] + _PIECE, side="right")) - 1
            end = min(last, max(first + 1, end))
            begins = starts[first:end] - starts[first]
            held = np.add.reduceat(mask[lists.ids_of(first, end)], begins, dtype=np.int64)
            there = np.flatnonzero(held)
            entities.append(segment.entity_ids[first + there])
            counts.append(held[there])
            first = end
    if not entities:
        return []
    every, places = np.unique(np.concatenate(entities), return_inverse=True)
    sums = np.bincount(places, np.concatenate(counts)).astype(np.int64)
    best = np.lexsort((every, -sums))[:limit]
    both = zip(every[best].tolist(), sums[best].tolist(), strict=True)
    return [(str(entity), n) for entity, n in both]
