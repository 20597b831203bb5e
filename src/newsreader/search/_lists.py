"""Posting lists of one field of one segment, read from its file. ``_encode`` says how they lie."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from newsreader.search._encode import DENSE, ESCAPE, MIXED, RARE, from_bits, unpacked, width_of
from newsreader.search._file import Array, Container, large, offsets

_LINE = 10


class Terms:
    """Sorted terms in UTF-8 in one array, each with a line end behind it."""

    def __init__(self, blob: Array) -> None:
        self._view = blob.data
        self._blob = blob
        ends = np.flatnonzero(blob == _LINE)
        self.starts = np.zeros(len(ends) + 1, np.int64)
        self.starts[1:] = ends + 1

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, at: int) -> bytes:
        return bytes(self._view[self.starts[at] : self.starts[at + 1] - 1])

    def find(self, term: bytes) -> int:
        """Return the number of the first that is not before ``term``."""
        return bisect_left(self, term)

    def range(self, prefix: bytes) -> tuple[int, int]:
        """Return from where to before where ``prefix`` is a beginning."""
        return self.find(prefix), self.find(prefix + b"\xff")

    def some(self, first: int, last: int) -> list[str]:
        """Return those from ``first`` to before ``last``, as text."""
        raw = bytes(self._view[self.starts[first] : self.starts[last]])
        return raw.decode().split("\n")[:-1]


class Lists:
    """The groups of one field; a group is a number in their order."""

    def __init__(self, container: Container, field: str, documents: int) -> None:
        self._container = container
        self._field = field
        self.documents = documents
        self._found: dict[str, int] = {}
        self.df = large(self._array("df"), self._array("df.large"))
        self.starts = offsets(self.df)
        self._class = self._array("class")
        self.positional = self._has("code")
        self.has_forms = self._has("owner")

    def _array(self, name: str) -> Array:
        return self._container.array(f"{self._field}.{name}")

    def _has(self, name: str) -> bool:
        return f"{self._field}.{name}" in self._container

    def __len__(self) -> int:
        return len(self.df)

    # Terms

    @cached_property
    def keys(self) -> Terms:
        """The groups."""
        return Terms(self._array("keys"))

    @cached_property
    def surfaces(self) -> Terms:
        """The words as written."""
        return Terms(self._array("surfaces")) if self.has_forms else self.keys

    @cached_property
    def owners(self) -> Array:
        """The group of each surface."""
        if self.has_forms:
            return self._array("owner")
        return np.arange(len(self), dtype=np.uint32)

    @cached_property
    def form_counts(self) -> Array:
        """How many surfaces each group has."""
        return np.bincount(self.owners, minlength=len(self))

    @cached_property
    def forms_of_surfaces(self) -> Array:
        """The place of each surface among those of its group."""
        order = np.argsort(self.owners, kind="stable")
        begins = offsets(self.form_counts)[:-1]
        forms = np.empty(len(order), np.int64)
        forms[order] = np.arange(len(order)) - np.repeat(begins, self.form_counts)
        return forms

    def find(self, key: str) -> int:
        """Return the group of a key, -1 if there is none."""
        if key not in self._found:
            if len(self._found) > 20_000:
                self._found.clear()
            term = key.encode("utf-8", "replace")
            at = self.keys.find(term)
            there = at < len(self) and self.keys[at] == term
            self._found[key] = at if there else -1
        return self._found[key]

    # Documents

    def _plane(self, name: str, least: int) -> tuple[Array, Array]:
        """Return one byte of the gaps, and where each group's begin."""
        there = (self._class >= least) & (self._class < DENSE)
        if not least:
            there = self._class != DENSE
        return self._array(name), offsets(np.where(there, self.df, 0))

    @cached_property
    def _planes(self) -> tuple[tuple[Array, Array], ...]:
        return self._plane("low", 0), self._plane("mid", 1), self._plane("high", 2)

    @cached_property
    def _wide(self) -> tuple[Array, Array, Array]:
        """The upper parts of wide gaps, which postings have them, where each group's begin."""
        counts = np.zeros(len(self), np.int64)
        counts[self._class == MIXED] = self._array("wide.n")
        return self._array("wide"), self._array("wide.at"), offsets(counts)

    @cached_property
    def _bitmaps(self) -> tuple[Array, Array]:
        rows = self._array("bits").reshape(-1, -(-self.documents // 8))
        return rows, np.cumsum(self._class == DENSE) - 1

    def ids(self, group: int) -> Array:
        """Return the documents of a group, ascending."""
        kind = int(self._class[group])
        if kind == DENSE:
            rows, numbers = self._bitmaps
            row = rows[numbers[group]]
            return np.flatnonzero(np.unpackbits(row, count=self.documents)).astype(np.uint32)
        plane, starts = self._planes[0]
        gaps = plane[starts[group] : starts[group + 1]].astype(np.uint32)
        if kind == MIXED:
            upper, at, begins = self._wide
            some = slice(begins[group], begins[group + 1])
            gaps[at[some]] |= upper[some].astype(np.uint32) << np.uint32(8)
            kind = 0
        for n in range(1, kind + 1):
            plane, starts = self._planes[n]
            gaps |= plane[starts[group] : starts[group + 1]].astype(np.uint32) << np.uint32(8 * n)
        return np.cumsum(gaps, dtype=np.uint32, out=gaps)

    def ids_of(self, first: int, last: int) -> Array:
        """Return the documents of each group from ``first`` to before ``last``, one after another.

        A document comes once for each group that has it.
        """
        dense = first + np.flatnonzero(self._class[first:last] == DENSE)
        if not len(dense):
            return self._sparse(first, last)
        pieces: list[Array] = []
        for group in dense.tolist():
            pieces += [self._sparse(first, group), self.ids(group)]
            first = group + 1
        return np.concatenate([*pieces, self._sparse(first, last)])

    def mark(self, mask: Array, first: int, last: int) -> None:
        """Set the documents of each group from ``first`` to before ``last`` in a mask."""
        dense = first + np.flatnonzero(self._class[first:last] == DENSE)
        if len(dense):
            rows, numbers = self._bitmaps
            every = np.bitwise_or.reduce(rows[numbers[dense]], axis=0)
            mask |= np.unpackbits(every, count=self.documents).view(np.bool_)
        for group in [*dense.tolist(), last]:
            mask[self._sparse(first, group)] = True
            first = group + 1

    def _sparse(self, first: int, last: int) -> Array:
        plane, starts = self._planes[0]
        gaps = plane[starts[first] : starts[last]].astype(np.uint32)
        df = self.df[first:last]
        classes = self._class[first:last]
        if classes.any():
            each = np.repeat(classes, df)
            for n in (1, 2):
                plane, starts = self._planes[n]
                upper = plane[starts[first] : starts[last]].astype(np.uint32)
                if len(upper):
                    gaps[(each >= n) & (each < DENSE)] |= upper << np.uint32(8 * n)
            if MIXED in classes:
                upper, at, begins = self._wide
                some = slice(begins[first], begins[last])
                counts = np.diff(begins[first : last + 1])
                firsts = np.repeat(np.cumsum(df, dtype=np.int64) - df, counts)
                gaps[firsts + at[some]] |= upper[some].astype(np.uint32) << np.uint32(8)
        # Sums may wrap around; the differences are right all the same.
        sums = np.cumsum(gaps, dtype=np.uint32, out=gaps)
        if len(df) > 1:
            before = np.zeros(len(df), np.uint32)
            before[1:] = sums[np.cumsum(df[:-1], dtype=np.int64) - 1]
            sums -= np.repeat(before, df)
        return sums

    # Frequencies and weights

    @cached_property
    def _code(self) -> Array:
        return self._array("code")

    @cached_property
    def _tables(self) -> tuple[Array, Array, Array]:
        padded = np.zeros(ESCAPE + 1, np.uint32)
        table = self._array("code.table")
        padded[: len(table)] = table
        tf, weight, upper = unpacked(padded)
        return tf.astype(np.int64), weight.astype(np.float32), upper

    @cached_property
    def _rare_starts(self) -> Array:
        return offsets(large(self._array("code.n"), self._array("code.n.large")))

    @cached_property
    def _wild(self) -> tuple[Array, Array]:
        """What is too large to be packed, and which of the rare those are."""
        table = self._array("code.wild").reshape(4, -1)
        if not table.shape[1]:
            return table, table[0]
        return table, np.flatnonzero(self._array("code.rare") == RARE)

    def _decoded(self, table: Array, row: int, first: int, last: int) -> Array:
        codes = self._code[self.starts[first] : self.starts[last]]
        values = table[codes]
        begin, end = self._rare_starts[first], self._rare_starts[last]
        if begin < end:
            told = unpacked(self._array("code.rare")[begin:end])[row]
            wild, which = self._wild
            low, high = np.searchsorted(which, (begin, end))
            if low < high:
                told[which[low:high] - begin] = wild[row + 1, low:high]
            values[codes == ESCAPE] = told
        return values

    def frequencies(self, first: int, last: int) -> Array:
        """Return how often each posting's group stands in its document; groups as in ``ids_of``."""
        return self._decoded(self._tables[0], 0, first, last)

    def weights(self, first: int, last: int) -> Array:
        """Return the weight of each posting in units; groups as in ``ids_of``."""
        return self._decoded(self._tables[1], 1, first, last)

    def _upper(self, first: int, last: int) -> Array:
        return self._decoded(self._tables[2], 2, first, last)

    # Positions

    @cached_property
    def position_starts(self) -> Array:
        """Where the positions of each group begin, and where the last ends."""
        return offsets(large(self._array("npos"), self._array("npos.large")))

    @cached_property
    def _more_starts(self) -> Array:
        return offsets(large(self._array("pos.n"), self._array("pos.n.large")))

    @cached_property
    def _pos(self) -> Array:
        return self._array("pos")

    @cached_property
    def _far(self) -> Array:
        if not self._has("pos.far"):
            return np.zeros((2, 0), np.uint32)
        return self._array("pos.far").reshape(2, -1)

    def _more(self, first: int, last: int) -> Array:
        """Return the gaps of 255 and more of some groups, less 255."""
        begin, end = int(self._more_starts[first]), int(self._more_starts[last])
        if begin == end:
            return np.zeros(0, np.uint32)
        upper = from_bits(self._array("pos.upper"), begin, end - begin, 4).astype(np.uint32)
        more: Array = self._array("pos.more")[begin:end] | upper << np.uint32(8)
        low, high = np.searchsorted(self._far[0], (begin, end))
        if low < high:
            more[self._far[0, low:high] - begin] = self._far[1, low:high]
        return more

    def gaps(self, first: int, last: int) -> Array:
        """Return the gaps between positions of whole groups; each first one is a position."""
        raw = self._pos[self.position_starts[first] : self.position_starts[last]]
        gaps = raw.astype(np.uint32)
        more = self._more(first, last)
        if len(more):
            gaps[raw == ESCAPE] += more
        tf = self.frequencies(first, last)
        gaps[np.cumsum(tf) - tf] += self._upper(first, last) << 8
        return gaps

    def positions(
        self, group: int, chosen: Array, allowed: Array | None = None
    ) -> tuple[Array, Array]:
        """Return where a group stands in some of its documents.

        Args:
            group: the group.
            chosen: the places of the documents in ``ids(group)``, ascending.
            allowed: for each form whether it counts; by default all do.

        Returns:
            For each position the place in ``chosen``, and the position; ascending.
        """
        tf = self.frequencies(group, group + 1)
        begins = np.cumsum(tf) - tf
        counts = tf[chosen]
        firsts = np.cumsum(counts) - counts
        raw = self._pos[self.position_starts[group] : self.position_starts[group + 1]]
        at: Array | slice = slice(None)
        if len(chosen) < len(tf):
            at = np.repeat(begins[chosen] - firsts, counts) + np.arange(int(counts.sum()))
        gaps = raw[at].astype(np.uint32)
        more = self._more(group, group + 1)
        if len(more):
            wide = np.flatnonzero(gaps == ESCAPE)
            if not isinstance(at, slice):
                more = more[np.searchsorted(np.flatnonzero(raw == ESCAPE), at[wide])]
            gaps[wide] += more
        gaps[firsts] += self._upper(group, group + 1)[chosen] << np.uint32(8)
        # Sums may wrap around; the differences are right all the same.
        places = np.cumsum(gaps, dtype=np.uint32)
        places -= np.repeat(places[firsts] - gaps[firsts], counts)
        which = np.repeat(np.arange(len(chosen)), counts)
        if allowed is not None:
            kept = allowed[self.forms(group)[at]]
            return which[kept], places[kept]
        return which, places

    # Forms

    @cached_property
    def _widths(self) -> Array:
        return width_of(self.form_counts)

    def _form_starts(self, width: int) -> Array:
        counts = np.where(self._widths == width, np.diff(self.position_starts), 0)
        return offsets(counts)

    @cached_property
    def _form_planes(self) -> dict[int, tuple[Array, Array]]:
        return {
            width: (self._array(f"form.{width}"), self._form_starts(width))
            for width in range(1, 17)
            if self._has(f"form.{width}")
        }

    def forms(self, group: int) -> Array:
        """Return the form at each position of a group."""
        count = int(self.position_starts[group + 1] - self.position_starts[group])
        width = int(self._widths[group])
        if not width:
            return np.zeros(count, np.uint16)
        plane, starts = self._form_planes[width]
        return from_bits(plane, int(starts[group]), count, width)

    def forms_of(self, first: int, last: int) -> Array:
        """Return the forms at each position of some groups."""
        counts = np.diff(self.position_starts[first : last + 1])
        widths = np.repeat(self._widths[first:last], counts)
        forms = np.zeros(len(widths), np.uint16)
        for width, (plane, starts) in self._form_planes.items():
            begin, end = int(starts[first]), int(starts[last])
            if end > begin:
                forms[widths == width] = from_bits(plane, begin, end - begin, width)
        return forms

    def holders(self, group: int, allowed: Array) -> Array:
        """Return which of ``ids(group)`` hold an allowed form, as a mask."""
        tf = self.frequencies(group, group + 1)
        fits = allowed[self.forms(group)]
        return np.logical_or.reduceat(fits, np.cumsum(tf) - tf)

    # Everything, for Whoosh's own searchers

    def __iter__(self) -> Iterator[bytes]:
        return (term.encode() for term in self.keys.some(0, len(self)))
