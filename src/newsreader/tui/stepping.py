"""From one unread article to the next, and from one match to the next, article after article."""

from collections.abc import Callable

from newsreader.model import ArticleID
from newsreader.tui.finding import Finding
from newsreader.tui.listing import Listing
from newsreader.tui.reading import Reading
from newsreader.tui.widgets.columns import Columns


class Stepping:
    """Moves list and text; ``open`` opens the row under the cursor.

    The matches of an article come from another process. Steps made before they are there are
    counted, and made when they come.
    """

    def __init__(
        self,
        finding: Finding,
        listing: Listing,
        reading: Reading,
        columns: Columns,
        open: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._finding = finding
        self._listing = listing
        self._reading = reading
        self._articles = columns.articles
        self._view = columns.view
        self._open = open
        self._say = say
        self._steps: list[int] = []
        self._enter = 0
        self._gently = False
        self._for: ArticleID | None = None
        reading.lit = self._lit

    def unread(self, step: int, *, reading: bool) -> None:
        """Go to the next or previous unread article, and open it if one is being read."""
        index = next(self._listing.unread(step), None)
        if index is None:
            self._say("No more unread articles here" if step > 0 else "No unread articles above")
            return
        self._go(index)
        if reading:
            self._open()

    def opened(self) -> None:
        """Go to the first match of a hit, unless it was left further down."""
        if self._finding.active and self._finding.query:
            self._for = self._shown()
            self._gently = not self._enter
            self._enter = self._enter or 1
            self._lit()

    def match(self, step: int) -> None:
        """Go to the next or previous match that is out of sight, in this article or another."""
        self._for = self._shown()
        self._steps.append(step)
        self._lit()

    def _shown(self) -> ArticleID | None:
        return None if self._reading.article is None else self._reading.article.id

    def _lit(self) -> None:
        """Do what has waited for the matches of the article that is shown."""
        if self._for != self._shown():
            self._steps.clear()
            self._enter = 0
        if not self._reading.lit_for_query:
            return
        enter, self._enter = self._enter, 0
        if enter and not (self._gently and self._view.place):
            self._view.to_match(last=enter < 0)
        if self._steps:
            step = self._steps.pop(0)
            if not self._view.step_match(step):
                self._leave(step)
            self._lit()

    def _leave(self, step: int) -> None:
        """Go on in the next or previous hit of the list."""
        index = self._articles.cursor + step
        if not 0 <= index < len(self._articles.ids):
            self._steps.clear()
            self._say("No more matches" if step > 0 else "No matches above")
            return
        self._enter = step
        self._go(index)
        self._open()

    def _go(self, index: int) -> None:
        self._listing.touched = True
        self._articles.go(index)
