"""Spans of a text that are taken for names, and lists of them."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from newsreader.model import EntityKind


class Found(NamedTuple):
    """``text[start:end]`` is taken for a name of ``kind``."""

    start: int
    end: int
    kind: EntityKind


def within(spans: Sequence[tuple[int, int]], position: int) -> bool:
    """Return whether ``position`` lies in one of ``spans``, which are in order."""
    at = bisect_right(spans, position, key=lambda span: span[0])
    return at > 0 and position < spans[at - 1][1]


def over(sure: list[Found], found: list[Found]) -> list[Found]:
    """Return both in order; what overlaps one of ``sure``, which are in order, goes."""
    found, at = sorted(found), 0
    kept = list(sure)
    for name in found:
        while at < len(sure) and sure[at].end <= name.start:
            at += 1
        if at == len(sure) or name.end <= sure[at].start:
            kept.append(name)
    return sorted(kept)


def grown(whole: list[Found], found: list[Found]) -> list[Found]:
    """Return both in order; a whole name takes the place of its parts, never of a longer name."""
    longer, at = [], 0
    for name in whole:
        while at < len(found) and found[at].end <= name.start:
            at += 1
        parts = []
        for part in found[at:]:
            if part.start >= name.end:
                break
            parts.append(part)
        inside = all(name.start <= part.start and part.end <= name.end for part in parts)
        if inside and name not in parts:
            longer.append(name)
    return over(longer, found)


def merged(found: list[Found], added: list[Found]) -> list[Found]:
    """Return both in order, ``added`` only where ``found`` has nothing."""
    merged: list[Found] = []
    taken = sorted(found)
    at = 0
    for name in added:
        while at < len(taken) and taken[at].end <= name.start:
            merged.append(taken[at])
            at += 1
        if at == len(taken) or name.end <= taken[at].start:
            merged.append(name)
    return merged + taken[at:]
