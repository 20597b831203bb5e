"""What the query may go on with, in a small list over the prompt."""

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from newsreader.model import Completion
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, cut, safe_line, spread, width_of
from newsreader.tui.phrases import count
from newsreader.tui.widgets.page import Page, paint

_WIDEST = 60
_PROMPT = 4
"""Cells before the text of the prompt."""
_BELOW = 2
"""Lines below the list: the prompt and the hints."""


class CompletionList(Page):
    """Rows with one of them lit; hidden while there are none."""

    class Clicked(Message):
        """The lit row was clicked."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(glyphs, id="completion")
        self._rows: list[Line] = []
        self._counts: list[str] = []
        self.cursor = 0

    def show(self, choices: Sequence[Completion], column: int) -> None:
        """Show ``choices`` over cell ``column`` of the prompt's text; none hides the list."""
        self._rows = [self._row(each) for each in choices]
        self._counts = ["" if each.articles is None else count(each.articles) for each in choices]
        self.cursor = 0
        if not choices:
            if self.display:
                self.display = False
            return
        screen = self.app.size.width
        need = max(width_of(row) + len(n) for row, n in zip(self._rows, self._counts, strict=True))
        width = min(_WIDEST, screen, need + 6)
        self.styles.width, self.styles.height = width, len(choices)
        left = max(0, min(_PROMPT + column - 2, screen - width))
        self.styles.offset = (left, -_BELOW)
        self.display = True
        self.refresh()

    def _row(self, choice: Completion) -> Line:
        sign: Line = [("", "")]
        if choice.kind:
            sign = [(self.glyphs.of_kind(choice.kind) + " ", f"{choice.kind}-glyph")]
        return [*sign, (safe_line(choice.label), "text")]

    def move(self, steps: int) -> None:
        """Light another row; beyond the ends is the other end."""
        self.cursor = (self.cursor + steps) % max(1, len(self._rows))
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Take the row under the mouse."""
        if event.y < len(self._rows):
            self.cursor = event.y
            self.post_message(self.Clicked())

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        width = self.size.width
        if y >= len(self._rows):
            return paint([], width, self.ink, "raised")
        here = y == self.cursor
        room = width - len(self._counts[y]) - 6
        (sign, kind), (label, role) = self._rows[y]
        label = cut(label, room - width_of([(sign, "")]) + 1, self.glyphs.ellipsis)
        bar = (self.glyphs.bar if here else " ", "accent")
        line = spread(
            [bar, (" ", ""), (sign, kind or role), (label, role)],
            [(self._counts[y], "muted"), ("  ", "")],
            width,
        )
        return paint(line, width, self.ink, "cursor" if here else "raised")
