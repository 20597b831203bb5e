"""Hostile text made harmless.

Every string from outside passes here before it is stored, and again before it is drawn: no control,
no override, no invisible character survives.
"""

import re
import unicodedata

_SEQUENCES = re.compile(
    # A string sequence (OSC, DCS, SOS, PM, APC) runs to its terminator; an open one loses its head.
    "(?:\x1b[\\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c\n\x90\x98\x9d-\x9f]{0,4096}(?:\x07|\x1b\\\\|\x9c)"
    "|(?:\x1b\\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]?"
    "|\x1b[ -/]{0,16}[0-~]?"
)
"""Whole ECMA-48 control sequences, so that a colour's parameters go with its escape."""

_COMBINING_CAP = 4
"""Marks kept on one letter: Vietnamese needs 2, Hebrew with accents 3."""


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {}
    for first, last in (
        (0x00, 0x08),
        (0x0E, 0x1F),
        (0x7F, 0x9F),  # C0, DEL, C1
        (0xAD, 0xAD),  # soft hyphen
        (0x061C, 0x061C),
        (0x180E, 0x180E),
        (0x200B, 0x200B),
        (0x200E, 0x200F),  # zero width and direction marks; ZWJ and ZWNJ stay (emoji, Persian)
        (0x202A, 0x202E),  # embeddings and overrides
        (0x2060, 0x206F),  # word joiner, isolates, deprecated controls
        (0xFEFF, 0xFEFF),
        (0xFFF9, 0xFFFB),
        (0x1D173, 0x1D17A),
        (0xE0000, 0xE007F),  # tag characters
    ):
        table.update(dict.fromkeys(range(first, last + 1)))
    table.update(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
    # Spaces of every width become one plain space: a no-break space breaks matching (STORIES).
    for space in (0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000):
        table[space] = " "
    for newline in (0x0B, 0x0C, 0x85, 0x2028, 0x2029):
        table[newline] = "\n"
    return table


_TABLE = _table()
_NEWLINES = re.compile(r"\r\n?")


_MANY_MARKS = re.compile(
    # One more than the cap. No combining mark is a word character or in these ranges, so only
    # texts with such a run need the slow look at every character.
    "[^\\w\x00-\u02ff\u2010-\u20cf\u2100-\u2bff]{5}"
)


def _cap_marks(text: str) -> str:
    """Drop combining marks beyond the cap on each letter."""
    if not _MANY_MARKS.search(text):
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _COMBINING_CAP:
            kept.append(character)
    return "".join(kept)


def clean_text(text: str) -> str:
    """Return ``text`` as printable lines: only line feeds, plain spaces and visible characters.

    The result is in NFC; cleaning it again changes nothing. Line feeds and leading spaces stay.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _NEWLINES.sub("\n", text)
    # Dropping a character can join the halves of a sequence, hence until nothing is left.
    while (stripped := _SEQUENCES.sub("", text)) != text:
        text = stripped
    text = unicodedata.normalize("NFC", text.translate(_TABLE))
    return text if text.isascii() else _cap_marks(text)


def clean_line(text: str, limit: int = 500) -> str:
    """Return ``text`` as one printable line of at most ``limit`` characters, for titles and names.

    A longer text is cut and ends in an ellipsis.
    """
    line = " ".join(clean_text(text[: limit * 8]).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
