"""Lines of text with roles: measured, cut, spread and wrapped in terminal cells. Pure."""

import re

from rich.cells import cell_len, chop_cells, set_cell_size

from newsreader.text.clean import clean_line, clean_text

Piece = tuple[str, str]
"""Text, and the roles it is drawn in (names of ``themes``, separated by spaces)."""
Line = list[Piece]

_WORD = re.compile(r" *[^ ]+")
_WAVERING = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
"""Variants and skin tones: tmux 3.3 and pyte give them other widths than we do (November 2026)."""


def safe_line(text: str) -> str:
    """Return ``text`` as one harmless line; the last gate before it is drawn."""
    if text.isascii() and text.isprintable():
        return text
    return _WAVERING.sub("", clean_line(text))


def safe_text(text: str) -> str:
    """Return ``text`` as harmless lines; the last gate before it is drawn."""
    return clean_text(text)


def width_of(line: Line) -> int:
    """Return the cells ``line`` takes."""
    return sum(cell_len(text) for text, _ in line)


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """Return ``text`` in at most ``width`` cells, ending in ``ellipsis`` if some is left out."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    room = width - cell_len(ellipsis)
    if room <= 0:
        return set_cell_size(text, width)
    return set_cell_size(text, room).rstrip() + ellipsis


def spread(left: Line, right: Line, width: int) -> Line:
    """Return ``left`` at the left edge and ``right`` at the right one, spaces between."""
    space = max(0, width - width_of(left) - width_of(right))
    return [*left, (" " * space, ""), *right]


def wrap(text: str, width: int) -> list[tuple[int, int]]:
    """Return the (start, end) of each line of one paragraph, broken at spaces.

    Spaces at a break belong to no line; leading spaces stay. A word longer than a line is
    folded between graphemes. Lines cover every other character once and in order.
    """
    width = max(1, width)
    narrow = text.isascii()
    if (len(text) if narrow else cell_len(text)) <= width:
        return [(0, len(text))]
    lines: list[tuple[int, int]] = []
    start = end = used = 0
    for word in _WORD.finditer(text):
        size = len(word[0]) if narrow else cell_len(word[0])
        if used + size <= width:
            used += size
            end = word.end()
            continue
        if end > start:
            lines.append((start, end))
        start = word.end() - len(word[0].lstrip(" ")) if lines else word.start()
        folded = text[start : word.end()]
        used = len(folded) if narrow else cell_len(folded)
        if used > width:
            *whole, rest = chop_cells(folded, width)
            for part in whole:
                lines.append((start, start + len(part)))
                start += len(part)
            used = len(rest) if narrow else cell_len(rest)
        end = word.end()
    if end > start or not lines:
        lines.append((start, end))
    return lines


def flow(text: str, width: int, most: int, ellipsis: str = "…") -> list[str]:
    """Return ``text`` in at most ``most`` lines; the last one is cut if there is more."""
    spans = wrap(text, width)
    lines = [text[start:end] for start, end in spans[:most]]
    if len(spans) > most:
        lines[-1] = cut(text[spans[most - 1][0] :], width, ellipsis)
    return lines


def marked(text: str, marks: tuple[tuple[int, int], ...], role: str, mark: str) -> Line:
    """Return ``text`` in ``role`` with the (start, end) of ``marks``, in order, in ``mark`` too."""
    line: Line = []
    at = 0
    for start, end in marks:
        start, end = max(start, at), min(end, len(text))
        if start >= end:
            continue
        line += [(text[at:start], role), (text[start:end], f"{role} {mark}")]
        at = end
    line.append((text[at:], role))
    return [piece for piece in line if piece[0]]
