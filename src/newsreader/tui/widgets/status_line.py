"""What the reader should know right now: one sentence at the right, the keys below."""

from collections.abc import Sequence

from textual.geometry import Size
from textual.timer import Timer

from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, cut, safe_line, spread, width_of
from newsreader.tui.widgets.page import Page

_LAYERS = ("notice", "page", "search", "refresh", "here", "fresh", "progress")
"""What covers what: a notice of an act lies over the totals of a search, and so on.

"page" waits for a full text, "refresh" is how far fetching is, "here" tells why the feed under
the cursor fails, "fresh" what has arrived, "progress" the rest of the worker's work.
"""


_NOTICE_SECONDS = 5.0


class StatusLine(Page):
    """One sentence, the most pressing of those there are."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(glyphs, id="status")
        self._said: dict[str, Line] = {}
        self._timer: Timer | None = None

    def say(self, layer: str, line: Line) -> None:
        """Set what ``layer`` says; an empty line takes it back."""
        clean = [(safe_line(text) if text.strip() else text, roles) for text, roles in line]
        clean = [
            (_spaced(raw, text), roles) for (raw, _), (text, roles) in zip(line, clean, strict=True)
        ]
        if self._said.get(layer, []) != clean:
            self._said[layer] = clean
            self.refresh(layout=True)

    def has(self, layer: str) -> bool:
        """Return whether ``layer`` says anything."""
        return bool(self._said.get(layer))

    def notice(self, line: Line) -> None:
        """Say ``line`` over everything else, for a while."""
        if self._timer is not None:
            self._timer.stop()
        self.say("notice", line)
        self._timer = self.set_timer(_NOTICE_SECONDS, lambda: self.say("notice", []))

    def said(self) -> str:
        """Return the sentence on the screen, as plain text."""
        return "".join(text for text, _ in self._line()).strip()

    def _line(self) -> Line:
        return next((line for layer in _LAYERS if (line := self._said.get(layer))), [])

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return as much as the sentence needs, at most two thirds of the screen."""
        return min(width_of(self._line()) + 4, max(10, viewport.width * 2 // 3))

    def lines(self, width: int) -> list[Line]:
        """Return the sentence at the right edge."""
        line = self._line()
        if width_of(line) > width - 3:
            line = [(cut("".join(t for t, _ in line), width - 3, self.glyphs.ellipsis), "text")]
        return [spread([], [*line, ("  ", "")], width)]


def _spaced(raw: str, clean: str) -> str:
    """Return ``clean`` with the one space at each end that ``raw`` had."""
    if not raw.strip():
        return raw
    left = " " * (len(raw) - len(raw.lstrip(" ")))
    return left + clean.strip() + " " * (len(raw) - len(raw.rstrip(" ")))


class Hints(Page):
    """The last line: the keys for where the reader is, or where a query is wrong."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(glyphs, id="hints")
        self._hints: Sequence[tuple[str, str]] = ()
        self._help = "?"
        self._wrong: tuple[int, str] | None = None

    def show(self, hints: Sequence[tuple[str, str]], help_key: str) -> None:
        """Set the keys."""
        if (tuple(hints), help_key) != (tuple(self._hints), self._help):
            self._hints, self._help = tuple(hints), help_key
            self.refresh()

    def point(self, column: int, reason: str) -> None:
        """Point at cell ``column`` of the query above, counted from 0, and say why."""
        self._wrong = (column, safe_line(reason))
        self.refresh()

    def unpoint(self) -> None:
        """Show the keys again."""
        if self._wrong is not None:
            self._wrong = None
            self.refresh()

    def lines(self, width: int) -> list[Line]:
        """Return the one line."""
        if self._wrong is not None:
            return [self._pointing(*self._wrong, width)]
        right: Line = [(self._help, "text"), (" help  ", "muted")]
        line: Line = [("  ", "")]
        for key, words in self._hints:
            more: Line = [(key, "text"), (f" {words}   ", "muted")]
            if width_of(line) + width_of(more) + width_of(right) > width:
                break
            line += more
        return [spread(line, right, width)]

    def _pointing(self, column: int, reason: str, width: int) -> Line:
        at = 4 + column
        words = cut(reason, max(10, width - at - 4), self.glyphs.ellipsis)
        if at + len(words) + 4 > width and at > len(words) + 6:
            words = cut(reason, at - 4, self.glyphs.ellipsis)
            lead = " " * (at - len(words) - 1)
            return [(lead + words + " ", "text"), (self.glyphs.caret, "accent")]
        return [(" " * at, ""), (self.glyphs.caret, "accent"), (" " + words, "text")]
