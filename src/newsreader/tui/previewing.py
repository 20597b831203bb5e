"""The article follows the cursor of the list, once that rests; and its place is kept likewise."""

from typing import TYPE_CHECKING

from textual.timer import Timer

if TYPE_CHECKING:
    from newsreader.tui.screens.main import MainScreen

_PREVIEW_SECONDS = 0.05
"""Held keys (30 a second) skip over what is between."""
_REST_SECONDS = 1.0


class Previewing:
    """Waits, then shows the article under the cursor, over one main screen."""

    def __init__(self, main: "MainScreen") -> None:
        self._main = main
        self._preview: Timer | None = None
        self._rest: Timer | None = None

    def soon(self) -> None:
        """Show the article under the cursor, if it stays there for a moment."""
        self.drop()
        self._preview = self._main.set_timer(_PREVIEW_SECONDS, self._show)

    def drop(self) -> None:
        """Show nothing: something else is opened."""
        if self._preview is not None:
            self._preview.stop()

    def _show(self) -> None:
        main = self._main
        self._preview = None
        if main.panes == 1 and main.at != "article-view":
            return
        current = main.articles.current
        if current is None:
            if main.at != "article-view":
                main.reading.clear()
        elif not main.reading.shows(current):
            main.show_article(current, opened=False)

    def rested(self) -> None:
        """Remember the place in the text, if it stays the same for a while."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self._main.set_timer(_REST_SECONDS, self._main.reading.keep_place)
