"""Search as the reader types: questions out, answers into list, article and status line."""

from asyncio import sleep, wait_for
from collections.abc import Callable
from functools import partial

from rich.cells import cell_len

from newsreader.tui.finding import Finding
from newsreader.tui.listing import Listing
from newsreader.tui.reading import Reading
from newsreader.tui.screens import wording
from newsreader.tui.widgets.article_list import ArticleList
from newsreader.tui.widgets.search_bar import SearchBar
from newsreader.tui.widgets.status_line import Hints

_TYPING_SECONDS = 0.03
"""A key within this time makes the question before it void; held keys come every 33 ms."""


_PATIENCE_SECONDS = 3.0
"""How long keys after Enter wait for the answer they are meant for."""


class Searching:
    """Puts the newest question, and shows its answer alone."""

    def __init__(
        self,
        finding: Finding,
        listing: Listing,
        reading: Reading,
        articles: ArticleList,
        bar: SearchBar,
        hints: Hints,
    ) -> None:
        self._finding = finding
        self._listing = listing
        self._reading = reading
        self._articles = articles
        self._bar = bar
        self._hints = hints
        self._finished: str | None = None

    def remember(self) -> None:
        """Note where the reader is, before a search takes the list."""
        self._listing.touched = True
        if not self._finding.active:
            self._finding.before = self._listing.place()

    def begin(self, query: str, *, typing: bool) -> None:
        """Ask for ``query``; what was asked before is void."""
        if typing and (query == self._finished or query != self._bar.query_text):
            return  # A key's own message, come after a later key or after Enter.
        self._hints.unpoint()
        self._finished = None
        self._run(partial(self._find, query, typing=typing), "find")

    async def finish(self, query: str) -> bool:
        """Ask for ``query`` as whole words; return whether the list has the answer."""
        self._hints.unpoint()
        self._finished = query
        self._bar.workers.cancel_group(self._bar, "find")
        try:
            return await wait_for(self._find(query, typing=False), _PATIENCE_SECONDS)
        except TimeoutError:
            self._bar.status.say("search", [("The search takes long; Enter tries again", "text")])
            return False

    def snip(self) -> None:
        """Ask for the snippets of the rows in sight."""
        if self._finding.query and self._articles.wanted_snippets():
            self._run(self._snippets, "snippets")

    def light(self) -> None:
        """Ask for the matches in the article that is shown."""
        self._run(self._matches, "matches")

    def _run(self, work: Callable[[], object], group: str) -> None:
        """Do ``work``, a function and not a coroutine, so that it can be void before it begins."""
        self._bar.run_worker(work, group=group, exclusive=True)

    def leave(self) -> None:
        """End the search; list, place and prompt are as they were before it."""
        self._bar.workers.cancel_group(self._bar, "find")
        self._restore()
        self._finding.end()
        self._hints.unpoint()
        self._bar.set_query("")
        self._listing.head()

    def _restore(self) -> None:
        """Show the list of before, with the prompt still open."""
        if self._finding.before is None:
            return
        self._finding.query = ""
        self._listing.restore(self._finding.before)
        self._bar.status.say("search", [])
        if self._reading.article is not None:
            self._reading.light(self._reading.article.id, (), ())

    async def _find(self, query: str, *, typing: bool) -> bool:
        """Show what ``query`` finds; return whether it could be answered."""
        if not query.strip():
            self._restore()
            self._bar.post_message(SearchBar.Found())
            return False
        if typing:
            await sleep(_TYPING_SECONDS)
        scope = self._listing.scope
        found = await self._finding.find(query, scope, typing=typing)
        if not self._finding.active:
            return False
        status = self._bar.status
        status.say("notice", [])  # What was said of the act before covers the answer.
        if found.error:
            status.say("search", [] if found.column else [(found.error, "text")])
            if found.column:
                self._hints.point(cell_len(query[: found.column - 1]), found.error)
            self._articles.say(wording.no_answer())
            self._bar.post_message(SearchBar.Wrong())
            return False
        self._articles.say(wording.no_matches(query, scope, self._listing.label))
        self._articles.show(found.ids, searching=True)
        total = self._listing.total()
        status.say("search", wording.found(found.total, total, found.took_ms, self._bar.glyphs))
        self._listing.head()
        if self._reading.article is not None:
            self.light()
        self._bar.post_message(SearchBar.Found())
        return True

    async def _snippets(self) -> None:
        wanted = self._articles.wanted_snippets()
        if wanted:
            self._articles.set_snippets(await self._finding.snippets(wanted))

    async def _matches(self) -> None:
        article = self._reading.article
        if article is not None and self._finding.query:
            self._reading.light(article.id, *await self._finding.matches(article))
