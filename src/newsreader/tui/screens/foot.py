"""The foot of a page that covers the main screen: its keys, or what has just been done."""

from collections.abc import Sequence

from textual.strip import Strip

from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, safe_line, width_of
from newsreader.tui.widgets.page import Page, paint


class Foot(Page):
    """Two lines at most, the keys packed into as few as the width allows."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(glyphs, id="page-foot")
        self._hints: Sequence[tuple[str, str]] = ()
        self._said = ""

    def show(self, hints: Sequence[tuple[str, str]]) -> None:
        """Set the keys and what they do."""
        self._hints = hints
        self.refresh()

    def say(self, words: str) -> None:
        """Say something in place of the keys, until the next one."""
        if words != self._said:
            self._said = words
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        lines = [[(safe_line(self._said), "text")]] if self._said else self._packed()
        at = y - self.size.height + len(lines)
        line: Line = [("  ", ""), *lines[at]] if 0 <= at < len(lines) else []
        return paint(line, self.size.width, self.ink, "raised")

    def _packed(self) -> list[Line]:
        lines: list[Line] = [[]]
        for key, words in self._hints:
            hint: Line = [(key, "text"), (f" {words}  ", "muted")]
            if lines[-1] and width_of([*lines[-1], *hint]) > self.size.width:
                lines.append([])
            lines[-1] += hint
        return lines[: self.size.height]
