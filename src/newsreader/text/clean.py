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

_NOWHERE = (
    "\U000e0000-\U000e0fff"  # tag characters, variants beyond the sixteenth
    # Private use: meant for one font that no terminal has, and drawn as anything by the others.
    "\ue000-\uf8ff\U000f0000-\U0010ffff"
    "\ufdd0-\ufdef\ufff0-\ufffb"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0xF0000, 0x10000))
)
"""What nobody may send (Unicode 23.7, 23.8), as the inside of a character class."""

_BLANK = "\u115f\u1160\u3164\uffa0\U0001d159"
"""Letters and signs without ink, of which invisible names are made; the inside of a class."""

_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe0e\ufe0f"
_COMBINING_CAP = 4
"""Marks without a cell of their own kept on one letter: Vietnamese needs 2, Hebrew 3."""
_MARKS_CAP = 8
"""Marks of every kind kept on one letter: Burmese needs 5."""

_MAYBE_MARK = (
    "[^\\w\x00-\u02ff\u2010-\u20cf\u2100-\u2bff\u2e00-\u3029\u3030-\u3098\u309b-\ua66e"
    "\uff00-\uffff\U0001f000-\U0001faff]"
)
"""No combining mark is a word character or in these ranges; few other characters are left."""

_ODD = re.compile(f"{_MAYBE_MARK}{{5}}|(?:^|[ \n]){_MAYBE_MARK}|[{_JOINERS}{_SELECTORS}]")
"""Only texts with such a thing need the slow look at every character."""
_UNSEEN = re.compile(f"[{_NOWHERE}{_BLANK}]+")


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {}
    for first, last in (
        (0x00, 0x08),
        (0x0E, 0x1F),
        (0x7F, 0x9F),  # C0, DEL, C1
        (0xAD, 0xAD),  # soft hyphen
        (0x034F, 0x034F),  # grapheme joiner, which joins nothing
        (0x061C, 0x061C),
        (0x17B4, 0x17B5),  # Khmer vowels never to be written
        (0x180B, 0x180F),  # Mongolian variants and their separator
        (0x200B, 0x200B),
        (0x200E, 0x200F),  # zero width and direction marks
        (0x202A, 0x202E),  # embeddings and overrides
        (0x2060, 0x206F),  # word joiner, isolates, deprecated controls
        (0xFE00, 0xFE0D),  # variants; the last two, text and emoji, may stay
        (0xFEFF, 0xFEFF),
        (0x13430, 0x1343F),  # how hieroglyphs stack
        (0x16FE4, 0x16FE4),
        (0x1BCA0, 0x1BCA3),  # how shorthand overlaps
        (0x1D173, 0x1D17A),
    ):
        table.update(dict.fromkeys(range(first, last + 1)))
    table.update(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
    # Spaces of every width become one plain space: a no-break space breaks matching (STORIES).
    for space in (0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x2800, 0x3000):
        table[space] = " "
    for newline in (0x0B, 0x0C, 0x85, 0x2028, 0x2029):
        table[newline] = "\n"
    return table


_TABLE = _table()
_NEWLINES = re.compile(r"\r\n?")


def _joins(character: str) -> bool:
    """Whether a joiner beside ``character`` can do anything: scripts that join, and emoji."""
    # Emoji newer than this Python's tables are of no category yet (Cn).
    return character >= "\u0600" and unicodedata.category(character) in _JOINED


_JOINED = frozenset(("Lo", "Lm", "Mn", "Mc", "So", "Sk", "Cn"))


def _takes_variant(character: str) -> bool:
    return character in "#*0123456789\xa9\xae" or character >= "\u203c"  # the first emoji


def _tamed(text: str) -> str:
    """Return ``text`` without marks beyond the caps or on nothing, and joiners without a role."""
    if not _ODD.search(text):
        return text
    kept: list[str] = []
    base = last = joiner = ""
    marks = above = 0
    for character in text:
        if character in _JOINERS:
            joiner = joiner or (character if last and _joins(last) else "")
            continue
        category = unicodedata.category(character)
        if character in _SELECTORS:
            if last != base or not base or joiner or not _takes_variant(base):
                continue
            marks, above = marks + 1, above + 1
        elif category[0] == "M":
            narrow = category != "Mc"
            if not base or marks == _MARKS_CAP or (narrow and above == _COMBINING_CAP):
                continue
            marks, above = marks + 1, above + narrow
        else:
            base = "" if character in " \n" else character
            marks = above = 0
        if joiner:
            kept += joiner if _joins(character) else ""
            joiner = ""
        kept.append(character)
        last = character
    return "".join(kept)


def clean_text(text: str) -> str:
    """Return ``text`` as printable lines: only line feeds, plain spaces and visible characters.

    The result is in NFC, at most three times as long; cleaning it again changes nothing. Line feeds
    and leading spaces stay. Takes time in proportion to the length.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _NEWLINES.sub("\n", text)
    # Once is enough: what its going joins has no escape left, and the table drops every control.
    text = _SEQUENCES.sub("", text).translate(_TABLE)
    if text.isascii():
        return text
    # Before NFC too, which sorts marks in time quadratic to their number.
    text = _tamed(_UNSEEN.sub("", text))
    # What is dropped can let its neighbours compose, and a sign become a letter: twice is common.
    while (tamed := _tamed(unicodedata.normalize("NFC", text))) != text:
        text = tamed
    return text


def clean_line(text: str, limit: int = 500) -> str:
    """Return ``text`` as one printable line of at most ``limit`` characters, for titles and names.

    A longer text is cut and ends in an ellipsis.
    """
    line = " ".join(clean_text(text[: limit * 8]).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip(f" {_JOINERS}") + "…"
