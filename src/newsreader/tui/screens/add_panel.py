"""A subscription to be added: an address of any kind, a folder, and what was found there."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input

from newsreader.text.clean import clean_text
from newsreader.text.plurals import plural
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, safe_line
from newsreader.tui.screens.form import Words, field, labelled
from newsreader.tui.screens.picker import Head, Row, Rows
from newsreader.tui.widgets.search_bar import SearchInput, settle

_ADDRESS = re.compile(r"(?:https?|feed):[^\s<>\"'`]+", re.IGNORECASE)
_LONGEST = 4000
"""Characters of an address; browsers and servers end between 2,000 and 8,000 (RFC 9110, 4.1)."""
_LINES = 10
"""What the dialog takes of the screen beside the list to choose from."""
_BARE = "<>\"'()[]`,; "


class Wanted(NamedTuple):
    """What is to be subscribed to; ``folder`` None puts it in none."""

    url: str
    folder: str | None


def address_in(text: str) -> str:
    """Return the address in what somebody pasted: the first one, else the first line there is."""
    found = _ADDRESS.search(text)
    if found is not None:
        return found[0].rstrip(".,;:!?)]}")
    lines = (line.strip(_BARE) for line in text.splitlines())
    return next((line for line in lines if line), "")


class AddressInput(SearchInput):
    """A line for an address; of a longer text that is pasted, it takes the address alone."""

    def validate_value(self, value: str) -> str:
        """Return ``value`` as one clean line."""
        return clean_text(value).replace("\n", " ")[:_LONGEST]

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        address = address_in(clean_text(event.text))
        self.replace(address, *self.selection)


class AddPanel(ModalScreen[None], inherit_bindings=False):
    """Address and folder; it stays until the feed is there, and shows what is to be chosen from.

    Args:
        glyphs: the signs to draw with.
        folders: those there are, to complete the folder's name.
        want: asks for a subscription; returns whether somebody looks for it.
        folder: what stands in the folder's field at first.
        offered: what an address that was asked for earlier offers, to choose from.
    """

    BINDINGS = [  # noqa: RUF012  # Textual's own way to declare bindings
        Binding("escape,ctrl+c", "leave", show=False, priority=True),
        Binding("enter", "add", show=False, priority=True),
        Binding("down", "go(1)", show=False, priority=True),
        Binding("up", "go(-1)", show=False, priority=True),
        Binding("tab,shift+tab", "turn", show=False, priority=True),
    ]

    def __init__(
        self,
        glyphs: Glyphs,
        folders: Sequence[str],
        want: Callable[[Wanted], bool],
        *,
        folder: str = "",
        offered: tuple[Wanted, Sequence[tuple[str, str]]] | None = None,
    ) -> None:
        super().__init__(classes="form")
        self._glyphs = glyphs
        self._want = want
        self._offered = offered
        self._waits: Wanted | None = None
        self._looked = ""
        names = [safe_line(each) for each in folders]
        self._address = AddressInput("", compact=True, id="add-address")
        self._address.cursor_blink = False
        self._address.placeholder = "feed or web page"
        self._folder = field(safe_line(folder), "add-folder")
        self._folder.suggester = SuggestFromList(names, case_sensitive=False)
        self._folder.placeholder = "none" + (f" ({', '.join(names)})" if names else "")
        keys: Line = [("enter", "text"), (" add   ", "muted"), ("esc", "text"), (" leave", "muted")]
        self._head = Head(glyphs, [("Add a feed", "headline")], keys)
        self._said = Words(glyphs, most=4)
        self._rows = Rows(glyphs)
        self._gaps = [Words(glyphs) for _ in range(2)]

    def compose(self) -> ComposeResult:
        """Lay the lines under each other."""
        with Vertical(id="picker"):
            yield self._head
            yield from labelled(Words(self._glyphs, "Address"), self._address)
            yield from labelled(Words(self._glyphs, "Folder"), self._folder)
            yield self._gaps[0]
            yield self._said
            yield self._rows
            yield self._gaps[1]

    def on_mount(self) -> None:
        """Begin with the address, or with what there is to choose from."""
        self._list([])
        self.set_focus(self._address, scroll_visible=False)
        if self._offered is not None:
            wanted, found = self._offered
            self._address.value = self._looked = wanted.url
            self._folder.value = safe_line(wanted.folder or "")
            self.offer(found)

    # What comes of it

    def wants(self, wanted: Wanted) -> bool:
        """Return whether it waits for this."""
        return self._waits == wanted

    def offer(self, found: Sequence[tuple[str, str]]) -> None:
        """Show the (address, title) of feeds to choose from."""
        self._waits = None
        if not found:
            self.refuse("there is no feed at this address")
            return
        self._said.tell(f"{plural(len(found), 'feed')} found: up, down and enter choose")
        rows: list[Row] = []
        for url, title in found:
            shown = safe_line(title) or "(no name)"
            rows.append(Row(left=[(shown, "text")], key=url))
            rows.append(Row(left=[("  " + safe_line(url), "muted")]))
        self._list(rows)

    def refuse(self, reason: str) -> None:
        """Say why it is not added; the address can be put right."""
        self._waits = None
        self._list([])
        # An address is not written with a capital.
        self._said.say(reason if "://" in reason.split(" ")[0] else reason[:1].upper() + reason[1:])

    # The keys

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take back what was said of another address."""
        event.stop()
        if event.input is self._address and event.value != self._looked:
            self._waits = None
            self._list([])
            self._said.say("")

    def action_go(self, step: int) -> None:
        """Go through what there is to choose from, else to the other field."""
        if self._rows.key:
            self._rows.move(step)
        else:
            self.action_turn()

    def action_turn(self) -> None:
        """Go to the other field."""
        other = self._folder if self.focused is self._address else self._address
        self.set_focus(other, scroll_visible=False)

    def _list(self, rows: Sequence[Row]) -> None:
        self._rows.show(rows)
        self._rows.styles.height = max(0, min(len(rows), self.size.height - _LINES))

    async def action_add(self) -> None:
        """Look for the feed, or add the one chosen."""
        if isinstance(self.focused, Input):
            await settle(self.focused)
        url = self._rows.key or address_in(self._address.value)
        folder = " ".join(self._folder.value.split())
        wanted = Wanted(url, folder or None)
        if not url:
            self._said.say("Type or paste an address first")
        elif self._waits is None:
            self._waits, self._looked = wanted, self._address.value
            if self._want(wanted):
                self._list([])
                self._said.tell("Looking" + self._glyphs.ellipsis)
            else:
                self.refuse("nothing can be fetched now; leave the reader and start it again")

    def on_rows_taken(self, event: Rows.Taken) -> None:
        """Add what is under the mouse."""
        self.run_worker(self.action_add(), group="add", exclusive=True)

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)
