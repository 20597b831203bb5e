"""The first line: the date, the name of the paper, what is unread."""

from datetime import datetime

from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, spread, width_of
from newsreader.tui.phrases import count, masthead_date
from newsreader.tui.widgets.page import Page

_NAME = "newsreader"


class Masthead(Page):
    """Date at the left, name in the middle, unread at the right."""

    def __init__(self, glyphs: Glyphs, now: datetime) -> None:
        super().__init__(glyphs, id="masthead")
        self._now = now
        self._unread = 0

    def show(self, now: datetime, unread: int) -> None:
        """Set the date and the number of unread articles."""
        if (now.date(), unread) != (self._now.date(), self._unread):
            self._now, self._unread = now, unread
            self.refresh()

    def lines(self, width: int) -> list[Line]:
        """Return the one line."""
        wide = width >= 110
        name = " ".join(_NAME) if wide else _NAME
        left: Line = [("  " + masthead_date(self._now, short=not wide), "muted")]
        right: Line = [(count(self._unread), "text"), (" unread  ", "muted")]
        if width < 60:
            left = [("  ", "")]
        space = max(1, (width - len(name)) // 2 - width_of(left))
        return [spread([*left, (" " * space, ""), (name, "headline")], right, width)]
