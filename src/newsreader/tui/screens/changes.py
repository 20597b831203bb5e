"""What a publisher changed in an article after it had come, latest first."""

from collections.abc import Sequence
from datetime import datetime

from newsreader.model import Change, Precision
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import safe_line
from newsreader.tui.phrases import full_date
from newsreader.tui.screens.picker import Picker, Row

_NAMES = {"published": "date", "link": "address", "url": "address"}
_SHOWN = 300
"""Characters of what stood there before; the row itself is cut to the screen."""


def changes_picker(glyphs: Glyphs, changes: Sequence[Change], now: datetime) -> Picker:
    """Return the overlay of changes; there is nothing to choose."""
    rows: list[Row] = []
    for change in changes:
        names = [_NAMES.get(name, safe_line(name)) for name, _ in change.fields]
        what = ", ".join(dict.fromkeys(names)) or "something"
        when = full_date(change.at, Precision.SECOND, now)
        if rows:
            rows.append(Row(left=[("", "")]))
        rows.append(
            Row(
                left=[(what[:1].upper() + what[1:], "text"), (" changed", "text")],
                right=[(when, "muted")],
                words=f"{what} {when}",
            )
        )
        for name, before in change.fields:
            old = safe_line(before[:_SHOWN])
            if old:
                label = f"  {_NAMES.get(name, safe_line(name))} before: "
                rows.append(Row(left=[(label, "muted"), (old, "muted italic")], words=old))
    title = [("What the publisher changed", "headline")]
    return Picker(glyphs, title, rows, verb="", nothing="Nothing has been changed.")
