"""An address shown whole before it is opened, with what is to be known of it."""

from rich.cells import chop_cells

from newsreader.text.addresses import Address
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, safe_line
from newsreader.tui.opening import COPY
from newsreader.tui.screens.picker import Picker, Row

_WIDEST = 78
"""Columns of a line of the address; the overlay is six wider."""


def address_picker(glyphs: Glyphs, address: Address, program: str, width: int) -> Picker:
    """Return the overlay of one address; the key taken is the address, or to copy it.

    Args:
        glyphs: what is drawn.
        address: the address.
        program: what would open it, "" if nothing is known to.
        width: of the window, in cells.
    """
    shown = safe_line(address.url) if address.refused else address.url
    room = max(10, min(_WIDEST, width - 8))
    rows = [Row(left=line) for line in _lines(shown, address.host, room)]
    rows.append(Row(left=[("", "")]))
    said = [address.refused] if address.refused else list(address.notes)
    if not address.refused and not program:
        said.append("No program for it is known here: name one under [open] in config.toml")
    rows += [Row(left=[(part, "text")]) for note in said for part in chop_cells(note, room)]
    if said:
        rows.append(Row(left=[("", "")]))
    if program and not address.refused:
        rows.append(Row(left=[(f"open with {program}", "text")], key=address.url, words="open"))
    rows.append(Row(left=[("copy the address", "text")], key=COPY + shown, words="copy"))
    return Picker(
        glyphs, [("Where it leads", "headline")], rows, verb="do it", nothing="No such row."
    )


def _lines(url: str, host: str, room: int) -> list[Line]:
    """Fold an address at any character, its host marked out; nothing is left out."""
    start = url.find(host) if host else -1
    ends = (start, start + len(host)) if start >= 0 else (0, 0)
    lines: list[Line] = []
    at = 0
    for part in chop_cells(url, room):
        end = at + len(part)
        first, last = max(at, min(ends[0], end)), max(at, min(ends[1], end))
        pieces = [
            (url[at:first], "muted"),
            (url[first:last], "headline"),
            (url[last:end], "muted"),
        ]
        lines.append([piece for piece in pieces if piece[0]])
        at = end
    return lines
