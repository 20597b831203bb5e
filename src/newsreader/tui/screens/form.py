"""What dialogs of several fields are made of: labels, fields, choices, a line for a fault."""

from collections.abc import Sequence

from textual import events
from textual.containers import Horizontal
from textual.strip import Strip
from textual.widgets import Input

from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, cut, flow, safe_line, width_of
from newsreader.tui.widgets.page import Page, paint
from newsreader.tui.widgets.search_bar import SearchInput


class Words(Page):
    """A line of words; what is said later may take ``most`` lines."""

    def __init__(
        self, glyphs: Glyphs, text: str = "", role: str = "muted", *, most: int = 1
    ) -> None:
        super().__init__(glyphs)
        self._lines: list[Line] = [[(text, role)]]
        self._most = most
        self.add_class("words")

    def say(self, text: str) -> None:
        """Replace the words with a fault; "" takes it back."""
        lines = flow(safe_line(text), self.size.width - 6, self._most, self.glyphs.ellipsis)
        signs = [f"{self.glyphs.warning} " if text else "", *(["  "] * len(lines))]
        self._show(
            [[(sign, "accent"), (line, "text")] for sign, line in zip(signs, lines, strict=False)]
        )

    def tell(self, text: str) -> None:
        """Replace the words with others that are no fault."""
        self._show([[(safe_line(text), "muted")]])

    def _show(self, lines: list[Line]) -> None:
        self._lines = lines
        self.styles.height = max(1, len(lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint one line; what is too long ends in an ellipsis."""
        width = self.size.width - 4
        line: Line = [("  ", "")]
        for text, roles in self._lines[y] if y < len(self._lines) else []:
            kept = cut(text, width, self.glyphs.ellipsis)
            line.append((kept, roles))
            width -= width_of([(kept, roles)])
        return paint(line, self.size.width, self.ink, "raised")


class Choice(Page, can_focus=True):
    """A line that is on or off."""

    def __init__(self, glyphs: Glyphs, label: str, *, on: bool) -> None:
        super().__init__(glyphs)
        self._label = label
        self.on = on
        self.add_class("choice")

    def toggle(self) -> None:
        """Turn it on or off."""
        self.on = not self.on
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """Turn it with the space bar."""
        if event.key == "space":
            event.stop()
            self.toggle()

    def on_click(self) -> None:
        """Turn it with the mouse."""
        self.toggle()

    def on_focus(self) -> None:
        """Light the line."""
        self.refresh()

    def on_blur(self) -> None:
        """Dim the line."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint the line."""
        here = self.has_focus
        bar = (self.glyphs.bar if here else " ", "accent")
        box = ("[x] " if self.on else "[ ] ", "strong bold" if self.on else "muted")
        line: Line = [bar, ("   ", ""), box, (self._label, "text")]
        return paint(line, self.size.width, self.ink, "cursor" if here else "raised")


def field(value: str, name: str) -> SearchInput:
    """Return a field with ``value`` in it."""
    found = SearchInput(value, compact=True, id=name)
    found.cursor_blink = False
    return found


def labelled(label: Words, of: Input) -> Sequence[Horizontal]:
    """Return a field with its label before it."""
    label.add_class("label")
    return [Horizontal(label, of, classes="field")]
