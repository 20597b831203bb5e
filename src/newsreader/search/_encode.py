"""Posting lists to bytes: what a segment's file holds of one field.

Documents are numbers from 0, ascending in each list. Sections of a field (a *group* is a term):

- ``keys``: the groups, sorted; ``df``: documents of each; ``class``: bytes of its largest gap less
  1, or DENSE.
- ``low``, ``mid``, ``high``: the gaps between documents, one byte a section; ``mid`` and ``high``
  only for groups whose class needs them. ``bits``: of the dense groups a bit for every document.
  Of MIXED groups only few gaps need more than ``low``: ``wide`` has their upper parts, ``wide.at``
  which postings of the group they are, ``wide.n`` how many the group has.
- ``code``: one byte a posting for (frequency, weight, upper part of the first position), an index
  into ``code.table``; 255 for what is not among its 255 most frequent: those follow in
  ``code.rare``, counted for each group by ``code.n``; what is too large for that in ``code.wild``.
- ``npos``: positions of each group; ``pos``: gaps between positions, the first without its upper
  part; of those of 255 and more ``pos.more`` has the excess, its lower 8 bits, ``pos.upper`` the
  next 4, ``pos.far`` what is still larger; ``pos.n`` counts them for each group.
- ``surfaces``: the words as written, sorted; ``owner``: the group of each. The place of a surface
  among those of its group is its form; ``form.N``: forms of every position, N bits each, of the
  groups that need N bits.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from newsreader.search._file import Array, joined, small

FAR = 0xF00
"""From this excess on a gap is in ``pos.far``: its upper bits are all set."""
DENSE = 3
"""The class of a group that an eighth of the documents has: a bit each is shorter than a byte."""
MIXED = 4
"""The class of a group with a few gaps of more than a byte."""
_WIDE_COST = 6
"""Bytes of such a gap."""
_DENSE_FROM = 1024
"""Documents of a segment that has dense groups."""
ESCAPE = 255
RARE = np.uint32(0xFFFFFFFF)
"""The packed value of a posting that no packed value can say."""


class Run(NamedTuple):
    """Posting lists of consecutive groups, in the order of groups, documents, positions.

    ``df`` is per group and never 0; ``ids``, ``tf``, ``weight`` per posting; ``gaps`` and
    ``forms`` per position. Without positions everything behind ``ids`` is None.
    """

    df: Array
    ids: Array
    tf: Array | None = None
    weight: Array | None = None
    gaps: Array | None = None
    forms: Array | None = None


def width_of(counts: Array) -> Array:
    """Return how many bits tell so many forms apart, 0 to 16."""
    return np.ceil(np.log2(np.maximum(counts, 1))).astype(np.uint8)


class Encoder:
    """Takes the runs of one field in order, then gives its sections."""

    def __init__(self, documents: int, form_counts: Array | None = None) -> None:
        """Begin a field of so many documents; ``form_counts`` has the surfaces of each group."""
        self._documents_all = documents
        self._widths = None if form_counts is None else width_of(form_counts)
        self._group = 0
        self._parts: dict[str, list[Array]] = defaultdict(list)
        self._wild: list[Array] = []
        self._wilder = 0
        self._far: list[Array] = []
        self._more = 0

    def add(self, run: Run) -> None:
        """Take the next groups."""
        if not len(run.df):
            return
        starts = np.cumsum(run.df, dtype=np.int64) - run.df
        self._documents(run.ids.astype(np.uint32), run.df, starts)
        if run.tf is not None and run.weight is not None and run.gaps is not None:
            gaps = run.gaps.astype(np.uint32)
            begins = np.cumsum(run.tf, dtype=np.int64) - run.tf
            self._codes(run.tf, run.weight, gaps[begins] >> 8, run.df)
            gaps[begins] &= 255
            npos = np.add.reduceat(run.tf.astype(np.int64), starts)
            self._positions(gaps, npos)
            if run.forms is not None and self._widths is not None:
                self._forms(run.forms, npos)
        self._group += len(run.df)

    def _documents(self, ids: Array, df: Array, starts: Array) -> None:
        gaps = ids.copy()
        gaps[1:] -= ids[:-1]
        gaps[starts] = ids[starts]
        widest = np.maximum.reduceat(gaps, starts)
        classes = (widest > 0xFF).astype(np.uint8) + (widest > 0xFFFF)
        dense = np.flatnonzero(df * 8 >= self._documents_all)
        if self._documents_all >= _DENSE_FROM:
            classes[dense] = DENSE
        parts = self._parts
        parts["df"].append(df.astype(np.uint32))
        parts["class"].append(classes)
        if not classes.any():
            parts["low"].append((gaps & 255).astype(np.uint8))
            return
        self._mixed(gaps, df, starts, classes)
        each = np.repeat(classes, df)
        parts["low"].append((gaps[each != DENSE] & 255).astype(np.uint8))
        parts["mid"].append((gaps[(each > 0) & (each < DENSE)] >> 8 & 255).astype(np.uint8))
        parts["high"].append((gaps[each == 2] >> 16).astype(np.uint8))
        for group in np.flatnonzero(classes == DENSE).tolist():
            mask = np.zeros(self._documents_all, np.bool_)
            mask[ids[starts[group] : starts[group] + df[group]]] = True
            parts["bits"].append(np.packbits(mask))

    def _mixed(self, gaps: Array, df: Array, starts: Array, classes: Array) -> None:
        """Find the groups that are shorter as mixed ones, and put their wide gaps aside."""
        counts = np.add.reduceat((gaps > 0xFF).astype(np.int64), starts)
        mixed = (classes > 0) & (classes < DENSE) & (counts * _WIDE_COST < df * classes)
        classes[mixed] = MIXED
        wide = np.flatnonzero((gaps > 0xFF) & np.repeat(mixed, df))
        parts = self._parts
        parts["wide.at"].append((wide - np.repeat(starts, df)[wide]).astype(np.uint32))
        parts["wide"].append((gaps[wide] >> 8).astype(np.uint16))
        parts["wide.n"].append(counts[mixed].astype(np.uint32))

    def _codes(self, tf: Array, weight: Array, upper: Array, df: Array) -> None:
        tf, weight = tf.astype(np.uint32), weight.astype(np.uint32)
        packed = tf << 24 | weight << 12 | upper
        wild = np.flatnonzero((tf > 254) | (weight > 4095) | (upper > 4095))
        if len(wild):
            packed[wild] = RARE
            at = np.arange(self._wilder, self._wilder + len(wild), dtype=np.uint32)
            self._wild.append(np.stack([at, tf[wild], weight[wild], upper[wild]]))
            self._wilder += len(wild)
        self._parts["packed"].append(packed)
        self._parts["packed.df"].append(df)

    def _positions(self, gaps: Array, npos: Array) -> None:
        wide = np.flatnonzero(gaps >= ESCAPE)
        more = gaps[wide] - ESCAPE
        far = np.flatnonzero(more >= FAR)
        if len(far):
            self._far.append(np.stack([(far + self._more).astype(np.uint32), more[far]]))
        counts = np.zeros(len(npos), np.int64)
        if len(wide):
            ends = np.cumsum(npos)
            counts = np.diff(np.searchsorted(wide, ends), prepend=0)
        self._more += len(more)
        parts = self._parts
        parts["npos"].append(npos.astype(np.uint32))
        parts["pos"].append(np.minimum(gaps, ESCAPE).astype(np.uint8))
        parts["pos.more"].append((more & 255).astype(np.uint8))
        parts["pos.upper"].append(np.minimum(more >> 8, FAR >> 8).astype(np.uint8))
        parts["pos.n"].append(counts.astype(np.uint32))

    def _forms(self, forms: Array, npos: Array) -> None:
        assert self._widths is not None
        widths = self._widths[self._group : self._group + len(npos)]
        each = np.repeat(widths, npos)
        for width in np.unique(widths).tolist():
            if width:
                chosen = forms[each == width].astype(np.uint16)
                self._parts[f"form.{width}"].append(chosen)

    def sections(
        self, keys: Sequence[str], surfaces: Sequence[str] = (), owners: Array | None = None
    ) -> dict[str, list[Array]]:
        """Return the sections of everything that was added, of these groups and surfaces."""
        parts = self._parts
        found: dict[str, list[Array]] = {"keys": [joined(keys)], "class": parts["class"]}
        for name in ("low", "mid", "high", "bits", "wide", "wide.at", "wide.n", "pos", "pos.more"):
            found[name] = parts[name]
        if parts["pos.upper"]:
            found["pos.upper"] = [_bits(np.concatenate(parts.pop("pos.upper")), 4)]
        for name in ("df", "npos", "pos.n"):
            if parts[name]:
                found[name], found[f"{name}.large"] = map(
                    list, zip(*map(small, parts[name]), strict=True)
                )
        if parts["packed"]:
            found |= self._coded()
        if self._far:
            found["pos.far"] = [np.concatenate(self._far, axis=1).ravel()]
        if owners is not None:
            found["surfaces"], found["owner"] = [joined(surfaces)], [owners.astype(np.uint32)]
        for name in [name for name in parts if name.startswith("form.")]:
            width = int(name.partition(".")[2])
            found[name] = [_bits(np.concatenate(parts.pop(name)), width)]
        empty = np.zeros(0, np.uint8)
        return {name: pieces or [empty] for name, pieces in found.items()}

    def _coded(self) -> dict[str, list[Array]]:
        every = self._parts.pop("packed")
        dfs = self._parts.pop("packed.df")
        table = _most_frequent(every)
        codes: list[Array] = []
        rare: list[Array] = []
        counts: list[Array] = []
        for packed, df in zip(every, dfs, strict=True):
            places = np.searchsorted(table, packed).astype(np.uint32)
            places[places == len(table)] = 0
            out = np.flatnonzero(table[places] != packed)
            places[out] = ESCAPE
            codes.append(places.astype(np.uint8))
            rare.append(packed[out])
            counts.append(np.diff(np.searchsorted(out, np.cumsum(df)), prepend=0))
        wild = np.concatenate(self._wild, axis=1) if self._wild else np.zeros((4, 0), np.uint32)
        found = {"code": codes, "code.table": [table], "code.rare": rare}
        found["code.wild"] = [wild.astype(np.uint32).ravel()]
        found["code.n"], found["code.n.large"] = map(list, zip(*map(small, counts), strict=True))
        return found


def _most_frequent(every: Sequence[Array]) -> Array:
    """Return at most 255 of the packed values, ascending: those that are there most often."""
    seen = [np.unique(packed, return_counts=True) for packed in every]
    values, places = np.unique(np.concatenate([v for v, _ in seen]), return_inverse=True)
    counts = np.bincount(places, np.concatenate([c for _, c in seen]))
    kept = values != RARE
    values, counts = values[kept], counts[kept]
    if len(values) > ESCAPE:
        values = np.sort(values[np.argpartition(counts, -ESCAPE)[-ESCAPE:]])
    return values if len(values) else np.zeros(1, np.uint32)


def unpacked(packed: Array) -> tuple[Array, Array, Array]:
    """Return frequency, weight and upper part of the first position."""
    return packed >> 24, packed >> 12 & 4095, packed & 4095


def _bits(values: Array, width: int) -> Array:
    """Return numbers as ``width`` bits each, the most significant first."""
    shifts = np.arange(width - 1, -1, -1, dtype=np.uint16)
    pieces = [
        (values[at : at + (1 << 20), None] >> shifts & 1).astype(np.uint8).ravel()
        for at in range(0, len(values), 1 << 20)
    ]
    return np.packbits(np.concatenate(pieces)) if pieces else np.zeros(0, np.uint8)


def from_bits(packed: Array, first: int, count: int, width: int) -> Array:
    """Return ``count`` of the numbers of :func:`_bits`, from number ``first`` on."""
    begin = first * width
    low = begin // 8
    bits = np.unpackbits(packed[low : -(-(begin + count * width) // 8)])
    table: Array = bits[begin - low * 8 :][: count * width].reshape(count, width)
    values: Array = np.zeros(count, np.uint16)
    for column in range(width):
        values = values << 1 | table[:, column]
    return values
