"""A search to be saved: its name, its query, and what is done when an article arrives in it."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line
from newsreader.tui.screens.form import Choice, Words, field, labelled
from newsreader.tui.screens.picker import Head
from newsreader.tui.widgets.search_bar import settle

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
        super().__init__(classes="form")
        self._kept = kept
        self._fault = fault
        tags = [each.removeprefix(_TAG) for each in kept.actions if each.startswith(_TAG)]
        self._called = field(kept.name, "save-name")
        self._query = field(kept.query, "save-query")
        self._tags = field(", ".join(tags), "save-tags")
        self._choices = {
            action: Choice(glyphs, words, on=action in kept.actions)
            for action, words in _CHOICES.items()
        }
        keys: Line = [
            ("enter", "text"),
            (" save   ", "muted"),
            ("esc", "text"),
            (" leave", "muted"),
        ]
        self._head = Head(glyphs, [(title, "headline")], keys)
        self._labels = [Words(glyphs, words) for words in ("Name", "Search", "tag it with")]
        self._arrives = Words(
            glyphs, "When an article arrives that matches (space turns on and off)"
        )
        self._wrong = Words(glyphs)
        self._gaps = [Words(glyphs) for _ in range(2)]

    def compose(self) -> ComposeResult:
        """Lay the lines under each other."""
        name, query, tag = self._labels
        with Vertical(id="picker"):
            yield self._head
            yield from labelled(name, self._called)
            yield from labelled(query, self._query)
            yield self._gaps[0]
            yield self._arrives
            yield from self._choices.values()
            yield from labelled(tag, self._tags)
            yield self._wrong
            yield self._gaps[1]

    def on_mount(self) -> None:
        """Begin with the name, all of it selected: typing replaces it."""
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
