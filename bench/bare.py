"""The peer: a Textual application with three panes and a footer that does nothing."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, Static

SHOWN = ("first pane", "second pane", "third pane", "Quit")
"""What a whole frame of it shows."""


class Bare(App[None]):
    """Three panes, nothing in them."""

    CSS = "Static { height: auto; } VerticalScroll { width: 1fr; border: solid gray; }"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        with Horizontal():
            for name in SHOWN[:3]:
                with VerticalScroll():
                    yield Static(name, markup=False)
        yield Footer()


if __name__ == "__main__":
    Bare().run()
