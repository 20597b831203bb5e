"""The search prompt at the foot of the screen, and what it has found beside it."""

import asyncio
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from newsreader.text.clean import clean_text
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line
from newsreader.tui.widgets.page import Page
from newsreader.tui.widgets.status_line import StatusLine

_LONGEST = 500
_PATIENCE_SECONDS = 2.0


class _Prompt(Page):
    def lines(self, width: int) -> list[Line]:
        """Return the sign of the prompt, lit while it takes the keys."""
        typing = self.screen.has_class("-typing")
        return [[("  / ", "accent bold" if typing else "muted")]]


class SearchInput(Input, inherit_bindings=True):
    """A line of text that never holds anything but printable characters."""

    def validate_value(self, value: str) -> str:
        """Return ``value`` as one clean line; spaces at the end stay, they are being typed."""
        return clean_text(value).replace("\n", " ")[:_LONGEST]

    async def on_key(self, event: events.Key) -> None:
        """Edit at once: left to bubble, Backspace would come after an Enter of the same burst."""
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)


class SearchBar(Horizontal):
    """Prompt, text and status in one line."""

    @dataclass
    class Typed(Message):
        """The text has changed under the reader's hands."""

        query: str

    class Found(Message):
        """The list shows what was asked for."""

    class Wrong(Message):
        """What was asked cannot be answered."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="search-bar")
        self.glyphs = glyphs
        self._prompt = _Prompt(glyphs, id="prompt")
        self.input = SearchInput(
            placeholder="search", compact=True, select_on_focus=False, id="search-input"
        )
        self.input.cursor_blink = False
        self.status = StatusLine(glyphs)
        self._quiet = ""

    def compose(self) -> ComposeResult:
        """Lay the three side by side."""
        yield self._prompt
        yield self.input
        yield self.status

    @property
    def query_text(self) -> str:
        """The text as it stands."""
        return self.input.value

    @property
    def cursor(self) -> int:
        """Where in the text the next character goes."""
        return self.input.cursor_position

    def set_query(self, text: str, cursor: int | None = None) -> None:
        """Set the text without a message; the cursor goes to its end if not told otherwise."""
        self._quiet = text
        self.input.value = text
        self.input.cursor_position = len(text) if cursor is None else cursor

    def lit(self) -> None:
        """Draw the prompt anew."""
        self._prompt.refresh()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass on what the reader typed."""
        event.stop()
        if event.value != self._quiet:
            self._quiet = event.value
            self.post_message(self.Typed(event.value))

    async def settle(self) -> None:
        """Wait until every key that was meant for the text is in it."""
        await settle(self.input)


async def settle(field: Input) -> None:
    """Wait until every key that was meant for ``field`` is in it."""
    done = asyncio.Event()
    field.call_later(done.set)
    await asyncio.wait_for(done.wait(), _PATIENCE_SECONDS)
