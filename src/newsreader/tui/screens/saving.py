"""A search to be saved: its name, its query, and what is done when an article arrives in it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input

from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, safe_line
from newsreader.tui.screens.picker import Head
from newsreader.tui.widgets.page import Page, paint
from newsreader.tui.widgets.search_bar import SearchInput, settle

_CHOICES = {
    "notify": "say so at the foot of the screen",
    "read": "mark it read",
    "bookmark": "bookmark it",
    "hide": "hide it from every list but this one",
}
_TAG = "tag:"


class Kept(NamedTuple):
    """A saved search as the reader wants it; ``actions`` are those of the store."""

    name: str
    query: str
    actions: tuple[str, ...] = ()


class _Words(Page):
    """One line of words."""

    def __init__(self, glyphs: Glyphs, text: str = "", role: str = "muted") -> None:
        super().__init__(glyphs)
        self._said: Line = [("  ", ""), (text, role)]

    def say(self, text: str) -> None:
        """Replace the words with a fault."""
        self._said = [("  ", ""), (f"{self.glyphs.warning} ", "accent"), (safe_line(text), "text")]
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint the line."""
        return paint(self._said if not y else [], self.size.width, self.ink, "raised")


class _Choice(Page, can_focus=True):
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


class SavePanel(ModalScreen[Kept | None], inherit_bindings=False):
    """Name, query and actions; dismissed with what is to be kept, or None.

    Args:
        glyphs: the signs to draw with.
        kept: what stands there at first.
        title: what is about to be done.
        fault: returns what is wrong with a query, "" if nothing is.
    """

    BINDINGS = [  # noqa: RUF012  # Textual's own way to declare bindings
        Binding("escape,ctrl+c", "leave", show=False, priority=True),
        Binding("enter", "save", show=False, priority=True),
        Binding("down,tab", "go(1)", show=False, priority=True),
        Binding("up,shift+tab", "go(-1)", show=False, priority=True),
    ]

    def __init__(
        self, glyphs: Glyphs, kept: Kept, title: str, fault: Callable[[str], Awaitable[str]]
    ) -> None:
        super().__init__()
        self._kept = kept
        self._fault = fault
        tags = [each.removeprefix(_TAG) for each in kept.actions if each.startswith(_TAG)]
        self._called = _field(kept.name, "save-name")
        self._query = _field(kept.query, "save-query")
        self._tags = _field(", ".join(tags), "save-tags")
        self._choices = {
            action: _Choice(glyphs, words, on=action in kept.actions)
            for action, words in _CHOICES.items()
        }
        keys: Line = [
            ("enter", "text"),
            (" save   ", "muted"),
            ("esc", "text"),
            (" leave", "muted"),
        ]
        self._head = Head(glyphs, [(title, "headline")], keys)
        self._labels = [_Words(glyphs, words) for words in ("Name", "Search", "tag it with")]
        self._arrives = _Words(
            glyphs, "When an article arrives that matches (space turns on and off)"
        )
        self._wrong = _Words(glyphs)
        self._gaps = [_Words(glyphs) for _ in range(2)]

    def compose(self) -> ComposeResult:
        """Lay the lines under each other."""
        name, query, tag = self._labels
        with Vertical(id="picker"):
            yield self._head
            yield from _labelled(name, self._called)
            yield from _labelled(query, self._query)
            yield self._gaps[0]
            yield self._arrives
            yield from self._choices.values()
            yield from _labelled(tag, self._tags)
            yield self._wrong
            yield self._gaps[1]

    def on_mount(self) -> None:
        """Begin with the name, all of it selected: typing replaces it."""
        for words in (*self._labels, self._arrives, self._wrong, *self._gaps):
            words.add_class("words")
        for label in self._labels:
            label.add_class("label")
        self.set_focus(self._called, scroll_visible=False)
        self._called.select_all()

    def action_go(self, step: int) -> None:
        """Go to the next or previous line."""
        order = [self._called, self._query, *self._choices.values(), self._tags]
        at = order.index(self.focused) if self.focused in order else 0
        self.set_focus(order[(at + step) % len(order)])

    def action_leave(self) -> None:
        """Close without keeping anything."""
        self.dismiss(None)

    async def action_save(self) -> None:
        """Close with what is to be kept; a query that is new is looked at before."""
        if isinstance(self.focused, Input):
            await settle(self.focused)
        kept = self._read()
        if not kept.query:
            self._wrong.say("There is nothing to search for")
        elif kept.query == self._kept.query:
            self.dismiss(kept)
        else:
            work: Callable[[], object] = self._check
            self.run_worker(work, group="check", exclusive=True)

    async def _check(self) -> None:
        kept = self._read()
        if wrong := await self._fault(kept.query):
            self._wrong.say(wrong)
        else:
            self.dismiss(kept)

    def _read(self) -> Kept:
        query = self._query.value.strip()
        tags = [" ".join(tag.split()) for tag in self._tags.value.split(",")]
        actions = [action for action, choice in self._choices.items() if choice.on]
        actions += [_TAG + tag for tag in dict.fromkeys(tags) if tag]
        return Kept(self._called.value.strip() or query, query, tuple(actions))


def _field(value: str, name: str) -> SearchInput:
    found = SearchInput(value, compact=True, id=name)
    found.cursor_blink = False
    return found


def _labelled(label: _Words, field: Input) -> Sequence[Horizontal]:
    return [Horizontal(label, field, classes="field")]
