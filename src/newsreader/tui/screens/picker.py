"""One overlay for every list to choose from: type to narrow it, Enter takes the row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.geometry import Region, Size
from textual.message import Message
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input

from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, Piece, cut, spread, width_of
from newsreader.tui.themes import inks
from newsreader.tui.widgets.page import Page, paint, thumb
from newsreader.tui.widgets.search_bar import SearchInput


class Row(NamedTuple):
    """One row; a row without ``key`` is a heading or a line of text and cannot be chosen."""

    left: Line
    right: Sequence[Piece] = ()
    key: str = ""
    words: str = ""


class Rows(ScrollView, can_focus=False, inherit_bindings=False):
    """Rows with a cursor on one that can be chosen."""

    @dataclass
    class Taken(Message):
        """A row was clicked."""

        key: str

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="picker-rows")
        self._glyphs = glyphs
        self._rows: Sequence[Row] = ()
        self.cursor = -1

    def show(self, rows: Sequence[Row], *, stay: bool = False) -> None:
        """Replace the rows; the cursor goes to the first, or stays on its row if ``stay``."""
        key = self.key if stay else ""
        self._rows = rows
        first = next((n for n, row in enumerate(rows) if row.key), -1)
        self.cursor = next((n for n, row in enumerate(rows) if key and row.key == key), first)
        self.virtual_size = Size(0, len(rows))
        if not stay:
            self.scroll_to(y=0, animate=False, force=True)
        self.refresh()

    @property
    def key(self) -> str:
        """The key of the row under the cursor, "" if there is none."""
        return self._rows[self.cursor].key if self.cursor >= 0 else ""

    def find(self, key: str) -> None:
        """Put the cursor on the row of ``key``, if there is one, and bring it into sight."""
        at = next((n for n, row in enumerate(self._rows) if row.key == key), -1)
        if at >= 0:
            self.cursor = at
            self.move(0)

    def move(self, steps: int) -> None:
        """Move the cursor, or scroll where nothing can be chosen."""
        able = [n for n, row in enumerate(self._rows) if row.key]
        if not able:
            self.scroll_to(y=self.scroll_offset.y + steps, animate=False, force=True)
            return
        at = able.index(self.cursor) + steps
        self.cursor = able[max(0, min(len(able) - 1, at))]
        top = 0 if self.cursor == able[0] else self.cursor
        self.scroll_to_region(Region(0, top, 1, 1), animate=False, force=True)
        if self.cursor == able[-1]:
            self.scroll_to(y=len(self._rows), animate=False, force=True)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Take the row under the mouse."""
        number = event.y + self.scroll_offset.y
        if number < len(self._rows) and self._rows[number].key:
            self.cursor = number
            self.refresh()
            self.post_message(self.Taken(self._rows[number].key))

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        width, ink = self.size.width, inks(self.app.theme)
        number = y + self.scroll_offset.y
        line: Line = []
        here = number == self.cursor
        if number < len(self._rows):
            row = self._rows[number]
            bar = (self._glyphs.bar if here else " ", "accent")
            room = width - 6 - width_of(list(row.right))
            left = _fitted(row.left, room, self._glyphs.ellipsis)
            line = spread([bar, (" ", ""), *left], [*row.right, ("  ", "")], width - 1)
        mark = thumb(y, self.size.height, self.scroll_offset.y, len(self._rows))
        over = "cursor" if here else "raised"
        last = paint([(self._glyphs.thumb if mark else " ", "rule")], 1, ink, "raised")
        return Strip.join([paint(line, width - 1, ink, over), last])


def _fitted(line: Line, width: int, ellipsis: str) -> Line:
    found: Line = []
    for text, roles in line:
        kept = cut(text, width, ellipsis)
        found.append((kept, roles))
        width -= width_of([(kept, roles)])
    return found


class Head(Page):
    """The accent rule, the title and what the keys do."""

    def __init__(self, glyphs: Glyphs, title: Line, keys: Line) -> None:
        super().__init__(glyphs, id="picker-head")
        self._title = title
        self._keys = keys

    def retitle(self, title: Line) -> None:
        """Replace the title."""
        self._title = title
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        width = self.size.width
        if y == 0:
            rule: Line = [(self.glyphs.heavy * width, "accent")]
            return paint(rule, width, self.ink, "raised")
        return paint(self._line(width) if y == 1 else [], width, self.ink, "raised")

    def _line(self, width: int) -> Line:
        """Return title and keys; where both have no room, the way out stays of the keys."""
        keys = self._keys
        while len(keys) > 2 and width_of(self._title) + width_of(keys) + 5 > width:
            keys = keys[2:]
        title = _fitted(self._title, width - width_of(keys) - 5, self.glyphs.ellipsis)
        return spread([("  ", ""), *title], [*keys, ("  ", "")], width)


class Picker(ModalScreen[str | None], inherit_bindings=False):
    """Rows under a title; dismissed with the key of the row taken, or None."""

    BINDINGS = [  # noqa: RUF012  # Textual's own way to declare bindings
        Binding("escape,ctrl+c", "leave", show=False, priority=True),
        Binding("down,ctrl+n,tab", "move(1)", show=False, priority=True),
        Binding("up,shift+tab", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
    ]

    def __init__(
        self,
        glyphs: Glyphs,
        title: Line,
        rows: Sequence[Row],
        *,
        verb: str,
        nothing: str,
        more: Sequence[Piece] = (),
    ) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._all = rows
        self._nothing = nothing
        keys: Line = [("enter", "text"), (f" {verb}   ", "muted")] if verb else []
        self._head = Head(glyphs, title, [*keys, *more, ("esc", "text"), (" close", "muted")])
        self._rows = Rows(glyphs)
        self._input = SearchInput(placeholder="type to narrow", compact=True, id="picker-input")
        self._input.cursor_blink = False
        # Kept, not looked for: a page that is closed at once is mounted without its children.
        self.box = Vertical(id="picker")
        self._prompt = Horizontal(id="picker-prompt")

    def compose(self) -> ComposeResult:
        """Lay head, rows and prompt under each other."""
        # Head, prompt, rows and a blank line: no taller than what there is to choose from.
        self.box.styles.max_height = max(8, len(self._all) + 6)
        with self.box:
            yield self._head
            with self._prompt:
                yield self._input
            yield self._rows

    def on_mount(self) -> None:
        """Show all rows."""
        self._show("")
        # Not focus(), which is done later: keys of the same burst must already find the prompt.
        self.set_focus(self._input, scroll_visible=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the rows to those that have every word typed."""
        event.stop()
        self._show(event.value)

    def _show(self, typed: str) -> None:
        words = typed.casefold().split()
        rows = self._all
        if words:
            rows = [
                row
                for row in self._all
                if row.words and all(word in row.words.casefold() for word in words)
            ]
        if not rows:
            rows = [Row(left=[(self._nothing if not words else "Nothing by that name.", "muted")])]
        self._rows.show(rows)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the row under the cursor."""
        event.stop()
        if self._rows.key:
            self.dismiss(self._rows.key)

    def on_rows_taken(self, event: Rows.Taken) -> None:
        """Take the row under the mouse."""
        self.dismiss(event.key)

    def action_move(self, steps: int) -> None:
        """Move the cursor."""
        self._rows.move(steps)

    def action_leave(self) -> None:
        """Close without taking anything."""
        self.dismiss(None)
