"""The prompt: what it offers while the reader types, and what ends the typing."""

from newsreader.library import Library
from newsreader.tui.acts import Acts
from newsreader.tui.completing import Completing
from newsreader.tui.finding import Finding
from newsreader.tui.recalling import Recalling
from newsreader.tui.searching import Searching
from newsreader.tui.widgets.completion_list import CompletionList
from newsreader.tui.widgets.search_bar import SearchBar


class Prompting:
    """Completion, searches made before, another spelling: all by the keys of the prompt."""

    def __init__(
        self,
        library: Library,
        acts: Acts,
        finding: Finding,
        searching: Searching,
        bar: SearchBar,
        shown: CompletionList,
    ) -> None:
        self._finding = finding
        self._searching = searching
        self._bar = bar
        self.completing = Completing(finding, bar, shown)
        self._recalling = Recalling(library, acts, bar)

    def begin(self) -> None:
        """Make ready, as the prompt gets the keys."""
        self._recalling.begin()
        self.completing.warm()

    def typed(self, query: str) -> None:
        """Search for what is typed, and offer how it may go on."""
        self._searching.begin(query, typing=True)
        self.completing.typed()

    def takes(self, key: str) -> bool:
        """Return whether a key that moves the cursor takes what is offered instead."""
        at_end = self._bar.cursor == len(self._bar.query_text)
        return key == "right" and at_end and self.completing.open

    def walk(self, rows: int) -> bool:
        """Walk through completions, else through searches made before; return if there are any."""
        if self.completing.move(rows):
            return True
        query = self._recalling.walk(-rows)
        if query is not None:
            self._bar.set_query(query)
            self._searching.begin(query, typing=False)
        return query is not None

    async def finish(self) -> bool | None:
        """End the typing; return whether the list has the answer, None if nothing was typed.

        A completion that was chosen is written instead, and the typing goes on.
        """
        await self._bar.settle()
        query = self._bar.query_text
        if self.completing.open and self.completing.chosen:
            return not self.completing.take()
        if not query.strip():
            return None
        if not await self._searching.finish(query):
            return False
        self._recalling.remember(query)
        return True
