"""The searches made before, walked through at the prompt."""

from newsreader.library import Library
from newsreader.tui.acts import Acts
from newsreader.tui.widgets.search_bar import SearchBar


class Recalling:
    """Up and down through finished searches, while the prompt is empty or as it was found."""

    def __init__(self, library: Library, acts: Acts, bar: SearchBar) -> None:
        self._library = library
        self._acts = acts
        self._bar = bar
        self._made: list[str] = []
        self._queries: list[str] | None = None
        self._at = -1
        self._text = ""

    def begin(self) -> None:
        """Start at the newest; what the prompt holds now is where walking back ends."""
        self._queries = None
        self._at = -1
        self._text = self._bar.query_text

    def remember(self, query: str) -> None:
        """Keep a search that was finished."""
        words = " ".join(query.split())
        if words:
            # The other thread has not written it yet when the next key asks.
            self._made = [words, *(each for each in self._made if each != words)]
            self._acts.submit(lambda library: library.remember_search(words))
        self.begin()

    def walk(self, steps: int) -> str | None:
        """Return the search ``steps`` older; None where the reader is writing another one."""
        if self._bar.query_text != self._text:
            if self._bar.query_text:
                return None
            self.begin()
        if self._queries is None:
            known = [*self._made, *self._library.recent_searches()]
            self._queries = [each for each in dict.fromkeys(known) if each != self._text.strip()]
            self._queries.insert(0, self._text)
            self._at = 0
        self._at = max(0, min(len(self._queries) - 1, self._at + steps))
        self._text = self._queries[self._at]
        return self._text
