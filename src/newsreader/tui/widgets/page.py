"""What every widget here shares: it is painted line by line from roles, never from markup."""

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from newsreader.tui.glyphs import UNICODE, Glyphs
from newsreader.tui.lines import Line, spread
from newsreader.tui.themes import Inks, inks


def paint(line: Line, width: int, ink: Inks, over: str = "") -> Strip:
    """Return ``line`` as a strip of exactly ``width`` cells, ``over`` on all but matches."""
    segments = []
    for text, roles in line:
        top = roles if not over or "match" in roles else f"{roles} {over}"
        segments.append(Segment(text, ink.style(top)))
    return Strip(segments).adjust_cell_length(width, ink.style(over))


class Page(Widget):
    """A widget of few lines, all painted anew when it changes."""

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs

    @property
    def ink(self) -> Inks:
        """The styles of the theme in use."""
        return inks(self.app.theme)

    def lines(self, width: int) -> list[Line]:
        """Return what to draw; missing lines are blank."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        lines = self.lines(self.size.width)
        return paint(lines[y] if y < len(lines) else [], self.size.width, self.ink)


class Tiny(Page):
    """What is shown where there is no room for more."""

    def lines(self, width: int) -> list[Line]:
        """Return the least size."""
        return [[], [(" A little larger, please:", "text")], [(" 40 columns, 10 lines.", "muted")]]


class ColumnHead(Page):
    """The rule over a column, heavy where the keys go, and its heading."""

    def __init__(
        self, glyphs: Glyphs, *, edge: bool = True, tall: bool = False, id: str | None = None
    ) -> None:
        super().__init__(glyphs, id=id)
        self._edge = edge
        self._left: Line = []
        self._right: Line = []
        self._active = False
        self.styles.height = 3 if tall else 2

    def show(self, left: Line, right: Line) -> None:
        """Set the heading."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def activate(self, active: bool) -> None:
        """Draw the rule heavy or thin."""
        if active != self._active:
            self._active = active
            self.refresh()

    def lines(self, width: int) -> list[Line]:
        """Return the rule, the heading and a blank line."""
        glyphs = self.glyphs
        rule = (glyphs.heavy, "accent") if self._active else (glyphs.rule, "rule")
        edge: Line = [(glyphs.edge, "rule")] if self.edge else []
        tee: Line = [(glyphs.tee, "rule")] if self.edge else []
        inner = width - len(edge)
        heading = spread([("  ", ""), *self._left], [*self._right, ("  ", "")], inner)
        return [[*tee, (rule[0] * inner, rule[1])], [*edge, *heading], edge]

    @property
    def edge(self) -> bool:
        """Whether a rule stands at the column's left."""
        return self._edge and self.region.x > 0


def thumb(line: int, height: int, top: int, total: int) -> bool:
    """Return whether the scroll mark covers screen ``line``: none where everything is in view."""
    if total <= height or height <= 0:
        return False
    size = max(2, height * height // total)
    start = round(top * (height - size) / (total - height))
    return start <= line < start + size


def meta_segment(text: str, style: Style, name: str, value: int) -> Segment:
    """Return a segment that tells a click what it is on."""
    return Segment(text, style + Style(meta={name: value}))
