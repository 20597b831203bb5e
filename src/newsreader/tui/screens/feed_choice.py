"""What a feed's settings ask for: a folder, an interval, a password, and whether it is meant."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, safe_line, wrap
from newsreader.tui.phrases import span
from newsreader.tui.screens.form import Words, labelled
from newsreader.tui.screens.picker import Head, Picker, Row
from newsreader.tui.widgets.search_bar import SearchInput, settle

NO_FOLDER = "none"
IN_FOLDER = "in "
"""What the key of a row begins with that puts a feed into a folder."""
_MINUTES = (15, 30, 60, 120, 240, 480, 720, 1440, 10_080)
_LONGEST = 8000
"""Characters of a password or header; servers take no longer ones (8 kB for all headers)."""


class FolderPicker(Picker):
    """Folders there are, and the one that is typed; dismissed with ``IN_FOLDER`` and a name."""

    def __init__(self, glyphs: Glyphs, title: str, folders: Sequence[str]) -> None:
        rows = [
            Row(left=[(safe_line(each), "text")], key=IN_FOLDER + each, words=safe_line(each))
            for each in folders
        ]
        rows.append(Row(left=[("no folder", "muted")], key=NO_FOLDER, words="no folder"))
        super().__init__(glyphs, [(title, "headline")], rows, verb="move", nothing="")
        self._folders = [safe_line(each).casefold() for each in folders]

    def _show(self, typed: str) -> None:
        name = " ".join(typed.split())
        rows = [row for row in self._all if name.casefold() in row.words.casefold()]
        if name and name.casefold() not in self._folders:
            made = Row(left=[("new folder  ", "muted"), (name, "text")], key=IN_FOLDER + name)
            rows.append(made)
        self._rows.show(rows)


def folder_of(key: str) -> str | None:
    """Return the folder that a row of the picker stands for, None for none."""
    return key.removeprefix(IN_FOLDER) if key.startswith(IN_FOLDER) else None


def interval_picker(glyphs: Glyphs) -> Picker:
    """Return the overlay of intervals; a row's key is the seconds, 0 for the feed's own rhythm."""
    own = "at its own rhythm: often where much is new, seldom where little is"
    rows = [Row(left=[(own, "text")], key="0", words=own)]
    for minutes in _MINUTES:
        words = "every " + span(minutes * 60).removeprefix("1 ")
        rows.append(Row(left=[(words, "text")], key=str(minutes * 60), words=words))
    title: Line = [("How often is it fetched?", "headline")]
    return Picker(glyphs, title, rows, verb="choose", nothing="")


def login_picker(glyphs: Glyphs) -> Picker:
    """Return the overlay of ways to log in; a row's key is the kind, "none" for no login."""
    kinds = (
        ("basic", "user name and password"),
        ("header", "a header, such as Authorization"),
        ("none", "no password: forget what is kept"),
    )
    rows = [Row(left=[(words, "text")], key=kind, words=words) for kind, words in kinds]
    title: Line = [("What does its server ask for?", "headline")]
    return Picker(glyphs, title, rows, verb="choose", nothing="")


def confirm(glyphs: Glyphs, title: str, warning: str, yes: str, no: str, width: int) -> Picker:
    """Return a question; dismissed with "yes", or with "no", on which the cursor begins."""
    room = max(20, min(84, width) - 8)
    rows = [Row(left=[(warning[a:b], "text")]) for a, b in wrap(warning, room)]
    rows.append(Row(left=[("", "")]))
    rows += [
        Row(left=[(words, "text")], key=key, words=words)
        for key, words in (("no", no), ("yes", yes))
    ]
    return Picker(glyphs, [(title, "headline")], rows, verb="choose", nothing="")


class Login(NamedTuple):
    """What a feed's server is told: a user's name, or a header's, and the secret with it."""

    name: str
    secret: str


class _Secret(SearchInput):
    """A line that shows nothing of what is written in it."""

    def validate_value(self, value: str) -> str:
        """Return ``value`` as it was typed, but for what cannot stand in a header."""
        return "".join(c for c in value if c.isprintable())[:_LONGEST]


class LoginPanel(ModalScreen[Login | None], inherit_bindings=False):
    """A name and a secret; dismissed with them, or None.

    Args:
        glyphs: the signs to draw with.
        kind: "basic" for a user's name and password, "header" for a header.
        feed: what the feed is called.
    """

    BINDINGS = [  # noqa: RUF012  # Textual's own way to declare bindings
        Binding("escape,ctrl+c", "leave", show=False, priority=True),
        Binding("enter", "keep", show=False, priority=True),
        Binding("down,tab,up,shift+tab", "turn", show=False, priority=True),
    ]

    def __init__(self, glyphs: Glyphs, kind: str, feed: str) -> None:
        super().__init__(classes="form")
        self._names = ("User name", "Password") if kind == "basic" else ("Header", "Its value")
        self._labels = [Words(glyphs, words) for words in self._names]
        value = "" if kind == "basic" else "Authorization"
        self._called = _line(SearchInput(value, compact=True, id="login-name"))
        self._secret = _line(_Secret("", password=True, compact=True, id="login-secret"))
        keys: Line = [
            ("enter", "text"),
            (" keep   ", "muted"),
            ("esc", "text"),
            (" leave", "muted"),
        ]
        self._head = Head(glyphs, [(f"Log in to {feed}", "headline")], keys)
        kept = "Kept in the keyring, else a private file."
        self._said = Words(glyphs, kept)
        self._gaps = [Words(glyphs) for _ in range(2)]

    def compose(self) -> ComposeResult:
        """Lay the lines under each other."""
        with Vertical(id="picker"):
            yield self._head
            yield from labelled(self._labels[0], self._called)
            yield from labelled(self._labels[1], self._secret)
            yield self._gaps[0]
            yield self._said
            yield self._gaps[1]

    def on_mount(self) -> None:
        """Begin with the name, or with the secret where there is one."""
        self.set_focus(self._secret if self._called.value else self._called, scroll_visible=False)

    def action_turn(self) -> None:
        """Go to the other field."""
        other = self._secret if self.focused is self._called else self._called
        self.set_focus(other, scroll_visible=False)

    async def action_keep(self) -> None:
        """Close with what is written."""
        if isinstance(self.focused, Input):
            await settle(self.focused)
        name = self._called.value.strip()
        if not name:
            self._said.say(f"The {self._names[0].lower()} is missing")
        elif not self._secret.value:
            self.action_turn()
        else:
            self.dismiss(Login(name, self._secret.value))

    def action_leave(self) -> None:
        """Close without keeping anything."""
        self.dismiss(None)


def _line(field: SearchInput) -> SearchInput:
    field.cursor_blink = False
    return field
