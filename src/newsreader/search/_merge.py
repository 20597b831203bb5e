"""Several segments to one, a piece of the dictionary at a time.

Nothing of the index changes meanwhile; documents deleted in the sources since the merge began are
deleted in the result by :meth:`Merge.moved`.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from newsreader.search._build import columns, entity_ids
from newsreader.search._encode import Encoder, Run
from newsreader.search._file import Array, offsets
from newsreader.search._lists import Lists
from newsreader.search._schema import ENTITY
from newsreader.search._segment import Segment

_PIECE = 1_000_000
"""Positions of one piece: 0.1 s and 60 MB."""

GONE = -1


class Merge:
    """One merge under way. ``steps`` does the work, then the results are there."""

    def __init__(self, segments: Sequence[Segment], live: Sequence[Array]) -> None:
        """Begin with segments and, for each, which of its documents are to be kept."""
        self._segments = segments
        self._live = live
        ids = np.concatenate([s.ids[mask] for s, mask in zip(segments, live, strict=True)])
        dates = [s.published[mask] for s, mask in zip(segments, live, strict=True)]
        published = np.concatenate(dates)
        order = np.lexsort((ids, published))[::-1]
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        self.count = len(order)
        self._maps: list[Array] = []
        at = 0
        for mask in live:
            numbers = np.full(len(mask), GONE, np.int64)
            kept = int(mask.sum())
            numbers[mask] = rank[at : at + kept]
            at += kept
            self._maps.append(numbers)
        self.sections: dict[str, Array | Sequence[Array]] = {}
        self.facts: dict[str, object] = {}
        self._columns(ids[order], published[order])

    def _columns(self, ids: Array, published: Array) -> None:
        lengths = np.empty(self.count, np.uint32)
        sources = np.empty(self.count, np.uint32)
        names: dict[str, int] = {"": 0}
        for segment, mask, moved in zip(self._segments, self._live, self._maps, strict=True):
            target = moved[mask]
            lengths[target] = segment.container.array("column.length")[mask]
            table = [names.setdefault(name, len(names)) for name in segment.sources]
            sources[target] = np.array(table, np.uint32)[segment.source_numbers[mask]]
        self.sections |= columns(ids, published, lengths, sources)
        languages = {code for segment in self._segments for code in segment.languages}
        self.facts = {
            "documents": self.count,
            "length": int(lengths.sum()),
            "languages": sorted(languages),
            "sources": list(names),
        }

    def moved(self, segment: int, documents: Array) -> Array:
        """Return where documents of one of the segments are now, without those left out."""
        numbers: Array = self._maps[segment][documents]
        found: Array = numbers[numbers != GONE]
        return found

    def steps(self) -> Iterator[None]:
        """Do the work in pieces of about a tenth of a second."""
        if not self.count:
            return
        fields = {n.partition(".")[0] for s in self._segments for n in s.container.names()}
        for field in sorted(fields - {"column"}):
            yield from self._field(field)

    def _field(self, field: str) -> Iterator[None]:
        parts = [
            (lists, moved)
            for segment, moved in zip(self._segments, self._maps, strict=True)
            if (lists := segment.lists(field)) is not None
        ]
        merged = _Field([lists for lists, _ in parts], [moved for _, moved in parts], self.count)
        yield
        if merged.keys:
            for first, last in merged.pieces():
                merged.encoder.add(merged.piece(first, last))
                yield
            found = merged.encoder.sections(merged.keys, merged.surfaces, merged.owners)
            self.sections |= {f"{field}.{name}": pieces for name, pieces in found.items()}
            if field == ENTITY:
                self.sections["column.entity"] = entity_ids(merged.keys)


class _Field:
    """One field's dictionary, merged, and its pieces."""

    def __init__(self, lists: list[Lists], moved: list[Array], documents: int) -> None:
        self._lists = lists
        self._moved = moved
        found: set[str] = set()
        for part in lists:
            found.update(part.keys.some(0, len(part)))
        every = sorted(found)
        ranks = {term: number for number, term in enumerate(every)}
        self._ranks = [
            np.fromiter(map(ranks.__getitem__, part.keys.some(0, len(part))), np.int64, len(part))
            for part in lists
        ]
        left = np.zeros(len(every), np.int64)
        size = np.zeros(len(every), np.int64)
        for part, numbers, rank in zip(lists, moved, self._ranks, strict=True):
            left[rank] += _left(part, numbers)
            size[rank] += np.diff(part.position_starts) if part.positional else part.df
        kept = left > 0
        self.keys = [term for term, keep in zip(every, kept.tolist(), strict=True) if keep]
        self._size = size
        # The new number of each term; what is gone has none that anything would ask for.
        self._numbers = np.cumsum(kept) - 1
        self._kept = kept
        self.surfaces: list[str] = []
        self.owners: Array | None = None
        self._forms: list[tuple[Array, Array]] = []
        counts = None
        if self.keys and any(part.has_forms for part in lists):
            counts = self._merge_surfaces()
        self.encoder = Encoder(documents, counts)

    def _merge_surfaces(self) -> Array:
        """Merge what was written; note which form each of the old forms is now."""
        numbers: dict[str, int] = {}
        written = []
        for part in self._lists:
            names = part.surfaces.some(0, len(part.surfaces))
            named = (numbers.setdefault(name, len(numbers)) for name in names)
            written.append(np.fromiter(named, np.int64, len(names)))
        names = sorted(numbers)
        places = np.empty(len(names), np.int64)
        places[[numbers[name] for name in names]] = np.arange(len(names))
        del numbers
        # A pair of surface and group as one number, for a word may have a stem in each language.
        pairs = []
        every_part = zip(self._lists, self._ranks, written, self._moved, strict=True)
        for part, rank, which, moved in every_part:
            owners = rank[part.owners]
            kept = self._kept[owners] & _used(part, moved)
            pairs.append(np.where(kept, places[which] << 32 | self._numbers[owners], GONE))
        every = np.unique(np.concatenate(pairs))
        every = every[every != GONE]
        self.surfaces = [names[n] for n in (every >> 32).tolist()]
        self.owners = (every & 0xFFFFFFFF).astype(np.uint32)
        counts = np.bincount(self.owners, minlength=len(self.keys))
        order = np.argsort(self.owners, kind="stable")
        forms = np.empty(len(every), np.uint16)
        forms[order] = np.arange(len(every)) - np.repeat(offsets(counts)[:-1], counts)
        for part, codes in zip(self._lists, pairs, strict=True):
            begins = offsets(part.form_counts)[:-1]
            table = np.zeros(len(codes), np.uint16)
            at = np.minimum(np.searchsorted(every, codes), len(every) - 1)
            table[begins[part.owners] + part.forms_of_surfaces] = forms[at]
            self._forms.append((begins, table))
        return counts

    def pieces(self) -> Iterator[tuple[int, int]]:
        """Yield runs of the merged dictionary that are small enough to sort at once."""
        sums = np.cumsum(self._size)
        first = 0
        while first < len(sums):
            done = int(sums[first - 1]) if first else 0
            last = max(first + 1, int(np.searchsorted(sums, done + _PIECE, side="right")))
            yield first, last
            first = last

    def piece(self, first: int, last: int) -> Run:
        """Return the lists of the terms from ``first`` to before ``last``, merged."""
        found = [self._part(n, first, last) for n in range(len(self._lists))]
        keys = np.concatenate([part.keys for part in found])
        kept = np.flatnonzero(keys != GONE)
        order = kept[np.argsort(keys[kept])]
        keys = keys[order]
        numbers = self._numbers[first:last][self._kept[first:last]]
        base = int(numbers[0]) if len(numbers) else 0
        df = np.bincount((keys >> 32) - base, minlength=len(numbers))
        ids = (keys & 0xFFFFFFFF).astype(np.uint32)
        if not self._lists[0].positional:
            return Run(df, ids)
        tf = np.concatenate([part.tf for part in found])
        weight = np.concatenate([part.weight for part in found])[order]
        gaps = np.concatenate([part.gaps for part in found])
        begins = (np.cumsum(tf) - tf)[order]
        tf = tf[order]
        at = np.repeat(begins - (np.cumsum(tf) - tf), tf) + np.arange(int(tf.sum()))
        forms = None
        if self._forms:
            forms = np.concatenate([part.forms for part in found])[at]
        return Run(df, ids, tf, weight, gaps[at], forms)

    def _part(self, number: int, first: int, last: int) -> "_Part":
        """Return one segment's share of a piece, its documents and terms numbered anew."""
        lists, rank = self._lists[number], self._ranks[number]
        low, high = np.searchsorted(rank, (first, last)).tolist()
        groups = np.repeat(self._numbers[rank[low:high]], lists.df[low:high])
        documents = self._moved[number][lists.ids_of(low, high)]
        keys = np.where(documents == GONE, GONE, groups << 32 | documents)
        part = _Part(keys)
        if lists.positional:
            part.tf = lists.frequencies(low, high)
            part.weight = lists.weights(low, high).astype(np.uint32)
            part.gaps = lists.gaps(low, high)
            if self._forms:
                begins, table = self._forms[number]
                counts = np.diff(lists.position_starts[low : high + 1])
                part.forms = table[np.repeat(begins[low:high], counts) + lists.forms_of(low, high)]
        return part


class _Part:
    """A segment's share of a piece."""

    def __init__(self, keys: Array) -> None:
        self.keys = keys
        self.tf = self.weight = self.gaps = self.forms = np.zeros(0, np.int64)


def _used(lists: Lists, moved: Array) -> Array:
    """Return which surfaces stand in a document that is kept."""
    used = np.ones(len(lists.owners), np.bool_)
    if (moved != GONE).all():
        return used
    begins = offsets(lists.form_counts)[:-1]
    places = begins[lists.owners] + lists.forms_of_surfaces
    seen = np.zeros(len(used), np.bool_)
    first = 0
    while first < len(lists):
        start = lists.position_starts[first] + _PIECE
        last = int(np.searchsorted(lists.position_starts, start, "right")) - 1
        last = max(first + 1, last)
        tf = lists.frequencies(first, last)
        kept = np.repeat(moved[lists.ids_of(first, last)] != GONE, tf)
        counts = np.diff(lists.position_starts[first : last + 1])
        forms = np.repeat(begins[first:last], counts) + lists.forms_of(first, last)
        seen[forms[kept]] = True
        first = last
    found: Array = seen[places]
    return found


def _left(lists: Lists, moved: Array) -> Array:
    """Return how many documents of each group are kept."""
    if (moved != GONE).all():
        return lists.df
    left = np.empty(len(lists), np.int64)
    starts = offsets(lists.df)
    first = 0
    while first < len(lists):
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + _PIECE, "right")) - 1)
        kept = (moved[lists.ids_of(first, last)] != GONE).astype(np.int64)
        left[first:last] = np.add.reduceat(kept, starts[first:last] - starts[first])
        first = last
    return left
