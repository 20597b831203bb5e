"""What reaches a terminal, taken apart: whether anything of it was not the program's own.

A program that was given harmless text only shows which control sequences are its own
(:class:`Own`); with hostile text it must write no others, and no character that hides or turns.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

_SEQUENCE = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|\x1b\[[0-?]*[ -/]*[@-~]?"  # CSI
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROLS = {chr(n) for n in (*range(32), 127)} - {"\n", "\r", "\t"}
_HIDING = {
    *(chr(n) for n in range(0x80, 0xA0)),
    *(chr(n) for n in (0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF, 0x2028, 0x2029)),
    *(chr(n) for n in range(0x202A, 0x202F)),
    *(chr(n) for n in range(0x2060, 0x2070)),
    *(chr(n) for n in (0x34F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0, 0xFFFE, 0xFFFF)),
    *(chr(n) for n in (*range(0xE000, 0xF900), *range(0xFE00, 0xFE0E), *range(0xFDD0, 0xFDF0))),
    *(chr(n) for n in range(0xE0000, 0xE1000)),
    *(chr(n) for n in range(0xF0000, 0x110000)),
    *(chr(n) for n in range(0xD800, 0xE000)),
}
_FLOOD = 5
"""Marks on one letter; languages need three."""


@dataclass(slots=True)
class Own:
    """The control sequences that a program writes of its own, by their shape."""

    shapes: set[str] = field(default_factory=set)
    styles: set[str] = field(default_factory=set)

    def learn(self, data: bytes) -> None:
        """Take what is in ``data`` for the program's own."""
        for sequence in _SEQUENCE.findall(data.decode("utf-8", "replace")):
            self.shapes.add(_shape(sequence))
            self.styles |= set(_styles(sequence))


def _shape(sequence: str) -> str:
    return re.sub(r"\d+", "0", sequence) if not sequence.endswith("m") else "style"


def _styles(sequence: str) -> Iterable[str]:
    """Return what a sequence of styles asks for, colours of 24 bits left out."""
    if not (sequence.startswith("\x1b[") and sequence.endswith("m")):
        return []
    rest = re.sub(r"[34]8;2;\d+;\d+;\d+;?", "", sequence[2:-1])
    return [part for part in rest.split(";") if part]


def leaks(data: bytes, own: Own | None = None) -> list[str]:
    """Return what of ``data`` was not the program's own, in words.

    Args:
        data: all that was written.
        own: its own sequences; None where there may be none, as in a file or a pipe.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return [f"not UTF-8 at {error.start}: {data[error.start : error.start + 12]!r}"]
    found = []
    for sequence in _SEQUENCE.findall(text):
        strange = own is None or _shape(sequence) not in own.shapes
        strange = strange or (own is not None and bool(set(_styles(sequence)) - own.styles))
        if strange:
            found.append(f"sequence {sequence[:40]!r}")
    plain = _SEQUENCE.sub("", text)
    allowed = {"\x1b", "\x07", "\x08"} if own is not None else set()
    for character in sorted((set(plain) & (_CONTROLS | _HIDING)) - allowed):
        at = plain.index(character)
        found.append(f"U+{ord(character):04X} in {plain[max(0, at - 20) : at + 20]!r}")
    if flood := _flooded(plain):
        found.append(f"{len(flood)} marks on one letter: {flood[:8]!r}")
    return found


def _flooded(text: str) -> str:
    if text.isascii():
        return ""
    run = ""
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me"):
            run += character
            if len(run) >= _FLOOD:
                return run
        else:
            run = ""
    return ""
