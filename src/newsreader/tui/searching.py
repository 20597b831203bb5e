"""Search as the reader types: questions out, answers into list, article and status line."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial

from rich.cells import cell_len

from newsreader.tui.finding import Finding, Found
from newsreader.tui.listing import Listing
from newsreader.tui.reading import Reading
from newsreader.tui.screens import wording
from newsreader.tui.widgets.article_list import ArticleList
from newsreader.tui.widgets.search_bar import SearchBar
from newsreader.tui.widgets.status_line import Hints

_TYPING_SECONDS = 0.01
"""A key within this time makes the question before it void: keys that are pasted come so fast."""
_PATIENCE_SECONDS = 3.0
"""How long keys after Enter wait for the answer they are meant for."""
_HOLD_SECONDS = 0.3
"""A first answer is left out if the complete one comes within this time of it: who has finished
typing would see the list change under the cursor."""
_TYPING_HOLD_SECONDS = 0.02
"""The same while typing, where a list drawn twice for one key costs more than the wait."""


class Searching:
    """Puts the newest question, and shows its answers alone."""

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
        shown = asyncio.get_running_loop().create_future()
        self._run(partial(self._find, query, typing=False, shown=shown), "find")
        try:
            return bool(await asyncio.wait_for(shown, _PATIENCE_SECONDS))
        except TimeoutError:
            self._bar.workers.cancel_group(self._bar, "find")
            self._bar.status.say("search", [("The search takes long; Enter tries again", "text")])
            return False

    def snip(self) -> None:
        """Ask for the snippets of the rows in sight."""
        if self._finding.query and self._articles.wanted_snippets():
            self._run(self._snippets, "snippets")

    def light(self) -> None:
        """Ask for the matches in the article that is shown."""
        self._reading.lit_for_query = False
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
        self._finding.query, self._finding.suggestion = "", ""
        self._listing.restore(self._finding.before)
        self._bar.status.say("search", [])
        if self._reading.article is not None:
            self._reading.light(self._reading.article.id, (), ())

    async def _find(
        self, query: str, *, typing: bool, shown: "asyncio.Future[bool] | None" = None
    ) -> None:
        """Show what ``query`` finds; set ``shown`` to whether it could be answered."""
        good = False
        try:
            good = await self._answered(query, typing=typing, shown=shown)
        finally:
            _set(shown, good)

    async def _answered(
        self, query: str, *, typing: bool, shown: "asyncio.Future[bool] | None"
    ) -> bool:
        if not query.strip():
            self._restore()
            self._bar.post_message(SearchBar.Found())
            return False
        if typing:
            await asyncio.sleep(_TYPING_SECONDS)
        scope = self._listing.scope
        answers = self._finding.answers(query, scope, typing=typing)
        hold = _TYPING_HOLD_SECONDS if typing else _HOLD_SECONDS
        async with aclosing(held(answers, hold)) as each:
            later = False
            async for found in each:
                if not self._finding.active:
                    return False
                if found.error:
                    self._wrong(query, found)
                    return False
                self._fill(query, found, later=later)
                later = True
                _set(shown, True)
        return True

    def _wrong(self, query: str, found: Found) -> None:
        status = self._bar.status
        status.say("notice", [])
        status.say("search", [] if found.column else [(found.error, "text")])
        if found.column:
            self._hints.point(cell_len(query[: found.column - 1]), found.error)
        self._articles.say(wording.no_answer())
        self._bar.post_message(SearchBar.Wrong())

    def _fill(self, query: str, found: Found, *, later: bool) -> None:
        """Show an answer; a ``later`` one leaves alone what the reader is looking at."""
        listing, status = self._listing, self._bar.status
        status.say("notice", [])  # What was said of the act before covers the answer.
        empty = wording.no_matches(query, listing.scope, listing.label, found.suggestion)
        self._articles.say(empty)
        if later:
            # At the prompt, with the list untouched, the best may still come first.
            looking = self._articles.moved or not self._bar.input.has_focus
            kept = self._articles.seen if looking else 0
            self._articles.refill(calm(self._articles.ids, kept, found.ids), kept)
        else:
            self._articles.show(found.ids, searching=True)
        status.say("search", wording.found(found, listing.total(), self._bar.glyphs))
        listing.head()
        if self._reading.article is not None and not later:
            self.light()
        self._bar.post_message(SearchBar.Found())

    async def _snippets(self) -> None:
        wanted = self._articles.wanted_snippets()
        if wanted:
            self._articles.set_snippets(await self._finding.snippets(wanted))

    async def _matches(self) -> None:
        article = self._reading.article
        if article is not None and self._finding.query:
            self._reading.light(article.id, *await self._finding.matches(article))


def _set(future: "asyncio.Future[bool] | None", value: bool) -> None:
    if future is not None and not future.done():
        future.set_result(value)


async def held(answers: AsyncGenerator[Found, None], seconds: float) -> AsyncGenerator[Found, None]:
    """Yield ``answers`` but those that a better one follows within ``seconds``."""
    async with aclosing(answers):
        found = await anext(answers, None)
        while found is not None and not found.complete:
            following = asyncio.ensure_future(anext(answers, None))
            try:
                done, _ = await asyncio.wait({following}, timeout=seconds)
                if not done:
                    yield found
                found = await following
            finally:
                following.cancel()
        if found is not None:
            yield found


def calm(shown: Sequence[int], kept: int, ids: Sequence[int]) -> list[int]:
    """Return ``ids`` with the first ``kept`` of what is ``shown`` before them, none twice."""
    first = list(shown[:kept])
    seen = set(first)
    return first + [each for each in ids if each not in seen]
