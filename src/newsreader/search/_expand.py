"""Beginnings, patterns and near spellings: which lists hold the words as written that fit."""

import re
from typing import NamedTuple

import numpy as np

from newsreader.search._file import Array
from newsreader.search._fit import pattern
from newsreader.search._lists import Lists

_LITERAL = re.compile(r"[^*?]+")


class Expansion(NamedTuple):
    """The groups of the surfaces that fit: ``groups`` ascending, ``allowed`` forms where not all.

    ``allowed`` has a mask over forms for each group of which only some forms fit.
    """

    groups: Array
    allowed: dict[int, Array]

    def runs(self) -> list[tuple[int, int]]:
        """Return the groups of which all forms fit, as ranges from the first to after the last."""
        whole = self.groups
        if self.allowed:
            partial = np.fromiter(self.allowed, np.int64, len(self.allowed))
            whole = whole[~np.isin(whole, partial)]
        if not len(whole):
            return []
        breaks = np.flatnonzero(np.diff(whole) != 1) + 1
        firsts = whole[np.concatenate(([0], breaks))]
        lasts = whole[np.concatenate((breaks - 1, [len(whole) - 1]))]
        return [(int(a), int(b) + 1) for a, b in zip(firsts, lasts, strict=True)]


def beginning(lists: Lists, text: str) -> Expansion:
    """Return what begins with ``text``, which is folded."""
    first, last = lists.surfaces.range(text.encode("utf-8", "replace"))
    if not lists.has_forms:
        return Expansion(np.arange(first, last), {})
    return _of(lists, np.arange(first, last))


def written(lists: Lists, text: str) -> Expansion:
    """Return what is written just so, which is folded."""
    term = text.encode("utf-8", "replace")
    first = lists.surfaces.find(term)
    last = first
    while last < len(lists.surfaces) and lists.surfaces[last] == term:
        last += 1
    return _of(lists, np.arange(first, last))


def fitting(lists: Lists, text: str) -> Expansion:
    """Return what fits a folded pattern of ``*`` and ``?``."""
    start = _LITERAL.match(text)
    literal = start[0] if start else ""
    first, last = lists.surfaces.range(literal.encode("utf-8", "replace"))
    fits = pattern(text).fullmatch
    found = [
        first + n for n, surface in enumerate(lists.surfaces.some(first, last)) if fits(surface)
    ]
    return _of(lists, np.array(found, np.int64))


def during(lists: Lists, text: str) -> Expansion:
    """Return the dates that lie wholly within a period, given as "20220701 20220801".

    It ends before its second day; either may be missing.
    """
    low, high = text.split(" ")
    year = low[:4] if low[:4] == high[:4] else ""
    first, last = lists.surfaces.range(year.encode())
    found = [
        first + n
        for n, date in enumerate(lists.surfaces.some(first, last))
        if low <= date + "0101"[len(date) - 4 :]
        and (not high or date + ("1231" if len(date) == 4 else "31")[: 8 - len(date)] < high)
    ]
    return _of(lists, np.array(found, np.int64))


def spelt_like(lists: Lists, text: str, distance: int) -> Expansion:
    """Return what is at most ``distance`` letters from ``text``, the first letter the same."""
    first, last = lists.surfaces.range(text[:1].encode("utf-8", "replace"))
    surfaces = lists.surfaces.some(first, last)
    lengths = np.diff(lists.surfaces.starts[first : last + 1]) - 1
    low = len(text) - distance
    # In bytes a term has up to four times its letters.
    likely = np.flatnonzero((lengths >= low) & (lengths <= 4 * (len(text) + distance)))
    terms = [(n, term) for n in likely.tolist() if len(term := surfaces[n]) >= low]
    kept = [(n, term) for n, term in terms if len(term) <= len(text) + distance]
    gaps = distances([term for _, term in kept], text)
    found = [first + n for (n, _), gap in zip(kept, gaps.tolist(), strict=True) if gap <= distance]
    return _of(lists, np.array(found, np.int64))


def distances(terms: list[str], text: str, *, swaps: bool = False) -> Array:
    """Return the edit distance of each term from ``text``, with ``swaps`` of neighbours as one.

    All terms at once, one letter after the other (Wagner and Fischer 1974).
    """
    if not terms:
        return np.zeros(0, np.int16)
    letters = np.array(terms, np.str_)
    width = max(1, letters.dtype.itemsize // 4)
    codes = letters.view(np.uint32).reshape(len(terms), width)
    lengths = np.fromiter(map(len, terms), np.int64, len(terms))
    # rows[j] is the distance of the whole term's first j letters, for all terms.
    older = before = None
    row = np.repeat(np.arange(width + 1, dtype=np.int16)[:, None], len(terms), axis=1)
    for i, letter in enumerate(map(ord, text), 1):
        older, before = before, row
        row = np.empty_like(before)
        row[0] = i
        other = (codes != letter).T
        for j in range(1, width + 1):
            cost = np.minimum(before[j], row[j - 1]) + 1
            row[j] = np.minimum(cost, before[j - 1] + other[j - 1])
            if swaps and older is not None and j > 1:
                swapped = (codes[:, j - 2] == letter) & (codes[:, j - 1] == ord(text[i - 2]))
                row[j][swapped] = np.minimum(row[j], older[j - 2] + 1)[swapped]
    return row[lengths, np.arange(len(terms))]


def _of(lists: Lists, surfaces: Array) -> Expansion:
    """Return the groups of some surfaces, given by their ascending numbers."""
    owners = lists.owners[surfaces].astype(np.int64)
    groups, counts = np.unique(owners, return_counts=True)
    if not lists.has_forms:
        return Expansion(groups, {})
    partial = groups[counts < lists.form_counts[groups]]
    allowed: dict[int, Array] = {}
    if len(partial):
        chosen = np.isin(owners, partial)
        forms = lists.forms_of_surfaces[surfaces[chosen]]
        for group in partial.tolist():
            allowed[group] = np.zeros(int(lists.form_counts[group]), np.bool_)
        for group, form in zip(owners[chosen].tolist(), forms.tolist(), strict=True):
            allowed[group][form] = True
    return Expansion(groups, allowed)
