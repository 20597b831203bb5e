"""One file of named arrays: how a segment lies on the disk.

Layout: the sections one after the other, each at a multiple of 8 bytes; then a table of contents
in JSON; then 24 bytes: the table's offset and length, its CRC-32, the format's number, a magic
word. Every section has a CRC-32. Arrays are read in place by mapping the file, so opening a large
segment costs no more than opening a small one. Little-endian.
"""

import json
import mmap
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

FORMAT = 1
"""Raise when the layout or the meaning of a section changes."""

_TAIL = struct.Struct("<QIIII")
_MAGIC = 0x4D475352
"""The letters RSGM."""
_ALIGNED = 8

Array = npt.NDArray[Any]
Sections = Mapping[str, Array | Sequence[Array]]


class DamagedFileError(ValueError):
    """The file is not what was written."""


def write(file: BinaryIO, sections: Sections, facts: Mapping[str, object]) -> None:
    """Write a file: each section one array, or several that follow one another."""
    table: dict[str, tuple[str, int, int, int]] = {}
    at = 0
    for name, content in sections.items():
        pieces = [content] if isinstance(content, np.ndarray) else content
        padding = -at % _ALIGNED
        file.write(bytes(padding))
        at += padding
        begin, check, kind = at, 0, "<u1"
        for piece in pieces:
            kind = piece.dtype.newbyteorder("<").str
            raw = np.ascontiguousarray(piece, dtype=kind).data.cast("B")
            file.write(raw)
            check = zlib.crc32(raw, check)
            at += raw.nbytes
        table[name] = (kind, begin, at - begin, check)
    contents = json.dumps({"sections": table, "facts": facts}).encode()
    file.write(contents)
    file.write(_TAIL.pack(at, len(contents), zlib.crc32(contents), FORMAT, _MAGIC))


class Container:
    """A file of arrays open for reading; the arrays are views of it."""

    def __init__(self, raw: "mmap.mmap | bytes") -> None:
        """Read the table of contents.

        Raises:
            DamagedFileError: it is not whole.
        """
        self._raw = raw
        size = len(raw)
        if size < _TAIL.size:
            raise DamagedFileError("it is too short")
        begin, length, check, version, magic = _TAIL.unpack(raw[size - _TAIL.size :])
        if magic != _MAGIC or version != FORMAT:
            raise DamagedFileError("it is not of this format")
        contents = raw[begin : begin + length]
        if begin + length + _TAIL.size != size or zlib.crc32(contents) != check:
            raise DamagedFileError("its table of contents is damaged")
        read = json.loads(contents)
        self._table: dict[str, tuple[str, int, int, int]] = read["sections"]
        self.facts: dict[str, Any] = read["facts"]
        self._whole = np.frombuffer(raw, np.uint8)

    @classmethod
    def open(cls, path: Path) -> "Container":
        """Map a file.

        Raises:
            DamagedFileError: it is not whole.
            OSError: it cannot be opened.
        """
        with path.open("rb") as file:
            if not path.stat().st_size:
                raise DamagedFileError("it is empty")
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def __contains__(self, name: str) -> bool:
        return name in self._table

    def names(self) -> Iterable[str]:
        """Return the names of the sections."""
        return self._table.keys()

    def array(self, name: str) -> Array:
        """Return a section as a read-only array."""
        kind, begin, length, _check = self._table[name]
        return self._whole[begin : begin + length].view(kind)

    def verify(self) -> None:
        """Read everything and compare checksums.

        Raises:
            DamagedFileError: a section is not what was written.
        """
        for name, (_kind, begin, length, check) in self._table.items():
            if zlib.crc32(self._whole[begin : begin + length].data) != check:
                raise DamagedFileError(f"its section {name} is damaged")


def small(values: npt.ArrayLike) -> tuple[Array, Array]:
    """Return numbers as one byte each, 255 for those that need more, and those."""
    wide = np.asarray(values, np.uint32)
    return np.minimum(wide, 255).astype(np.uint8), wide[wide >= 255]


def large(low: Array, more: Array) -> Array:
    """Return what :func:`small` was given."""
    values = low.astype(np.uint32)
    values[low == 255] = more
    return values


def offsets(lengths: Array) -> Array:
    """Return where each of the consecutive runs of ``lengths`` begins, and where the last ends."""
    found = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=found[1:])
    return found


def joined(terms: Sequence[str]) -> Array:
    """Return terms as one array of UTF-8, each with a line end behind it."""
    if not terms:
        return np.zeros(0, np.uint8)
    return np.frombuffer(("\n".join(terms) + "\n").encode(), np.uint8)
