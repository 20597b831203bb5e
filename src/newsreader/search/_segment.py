"""One open segment: its columns, its lists, and which of its documents are still there."""

from bisect import bisect_right
from functools import cached_property

import numpy as np

from newsreader.search._file import Array, Container
from newsreader.search._lists import Lists
from newsreader.search._schema import UNDATED

_KEPT = 3_000_000
"""Documents of posting lists kept decoded: 12 MB a segment, most of what typing asks for again."""
_WORTH = 2_000
"""Shorter lists are decoded faster than they are looked up and kept."""


class Segment:
    """A segment; documents are numbers from 0, the newest article first. It never changes."""

    def __init__(self, name: str, container: Container) -> None:
        self.name = name
        self.container = container
        self.count = int(container.facts["documents"])
        self.length = int(container.facts["length"])
        self.languages: tuple[str, ...] = tuple(container.facts["languages"])
        self.sources: list[str] = container.facts["sources"]
        self.ids = container.array("column.id")
        self.published = container.array("column.published")
        self._fields: dict[str, Lists | None] = {}
        self._decoded: dict[tuple[str, int], Array] = {}
        self._room = _KEPT

    def lists(self, field: str) -> Lists | None:
        """Return the lists of a field, None where no document has it."""
        if field not in self._fields:
            there = f"{field}.keys" in self.container
            self._fields[field] = Lists(self.container, field, self.count) if there else None
        return self._fields[field]

    def find(self, field: str, key: str) -> tuple[Lists, int] | None:
        """Return where the list of a group is, None where the segment does not have it."""
        lists = self.lists(field)
        if lists is None:
            return None
        group = lists.find(key)
        return None if group < 0 else (lists, group)

    def documents(self, field: str, group: int) -> Array:
        """Return the documents of a group, ascending; not to be written to."""
        lists = self.lists(field)
        assert lists is not None
        if int(lists.df[group]) < _WORTH:
            return lists.ids(group)
        key = (field, group)
        found = self._decoded.pop(key, None)
        if found is None:
            found = lists.ids(group)
            self._room -= len(found)
            while self._room < 0 and self._decoded:
                oldest = next(iter(self._decoded))
                self._room += len(self._decoded.pop(oldest))
        self._decoded[key] = found
        return found

    @cached_property
    def lengths(self) -> Array:
        """The weighted length of each document's text."""
        return self.container.array("column.length").astype(np.float32)

    @cached_property
    def source_numbers(self) -> Array:
        """Which of ``sources`` each document has."""
        return self.container.array("column.source")

    @cached_property
    def entity_ids(self) -> Array:
        """The entity of each group of the field of entities."""
        return self.container.array("column.entity")

    @cached_property
    def _by_id(self) -> tuple[Array, Array]:
        order = self.container.array("column.id.order")
        return order, self.ids[order]

    def holding(self, articles: Array) -> Array:
        """Return the documents of those of ``articles`` that are here, as written."""
        order, ids = self._by_id
        at = np.minimum(np.searchsorted(ids, articles), len(ids) - 1)
        found: Array = order[at[ids[at] == articles]]
        return found

    def dated(self, low: int | None, high: int | None) -> tuple[int, int]:
        """Return the documents published from ``low`` to before ``high``, as a range.

        The undated are in none.
        """
        dates = self.published
        begin = 0 if high is None else bisect_right(dates, -high, key=_negated)
        lowest = UNDATED + 1 if low is None else max(low, UNDATED + 1)
        return begin, max(begin, bisect_right(dates, -lowest, key=_negated))


def _negated(value: np.int64) -> int:
    # As Python's: the least of 64 bits has no opposite in 64 bits.
    return -int(value)
