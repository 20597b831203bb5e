"""Feeds and pages being fetched: asked of the worker, shown while it goes on, summed up after.

The worker's own rounds are told only where they bring something; the list never moves.
"""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from newsreader.errors import NewsReaderError
from newsreader.library import Library
from newsreader.model import ArticleID, ScopeKind, SourceID
from newsreader.tui.background import Message
from newsreader.tui.commands import key_of
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.screens import wording

if TYPE_CHECKING:
    from newsreader.tui.screens.main import MainScreen

_PROGRESS_SECONDS = 0.1
_NO_WORKER = "Nothing can be fetched now; leave the reader and start it again"


class Fetching:
    """Asks for feeds and pages over one main screen.

    ``done`` is called after every round, when what the library knows of feeds has changed, and
    ``told`` with how far a round is.
    """

    def __init__(
        self,
        main: "MainScreen",
        library: Library,
        glyphs: Glyphs,
        keys: Mapping[str, str],
        ask: Callable[[Message], bool],
    ) -> None:
        self._main = main
        self._library = library
        self._glyphs = glyphs
        self._keys = keys
        self._ask = ask
        self._running = False
        self._nothing_due = False
        self._offline = False
        self._told_at = 0.0
        self._pages: set[ArticleID] = set()
        self.done: Callable[[], None] = lambda: None
        self.told: Callable[[str], None] = lambda words: None

    def do(self, what: str) -> None:
        """Do what a key asks for: "here", "due", "halt", "page" or "changes"."""
        {
            "here": self.here,
            "due": self.due,
            "halt": self.halt,
            "page": self.page,
            "changes": self.changes,
        }[what]()

    # Asking for feeds

    def here(self) -> None:
        """Fetch the feeds that are listed or under the cursor, else all that are due."""
        main = self._main
        scope = main.sources.here if main.at == "source-list" else main.listing.scope
        if scope is None or scope.kind not in (ScopeKind.SOURCE, ScopeKind.FOLDER):
            self.due()
            return
        folder = scope.kind is ScopeKind.FOLDER
        feeds = [
            source.id
            for source in main.listing.known
            if source.kind == "feed" and scope.key == (source.folder if folder else str(source.id))
        ]
        if feeds:
            self.fetch(feeds)
        else:
            main.say("It was imported from a file: there is no feed to fetch")

    def due(self) -> None:
        """Fetch all feeds that are due; asked again, all there are."""
        if any(source.kind == "feed" for source in self._main.listing.known):
            self.fetch(None, every=self._running or self._nothing_due)
        else:
            self._main.say(f"There are no feeds yet; {key_of('add', self._keys)} adds one")

    def fetch(self, feeds: Sequence[SourceID] | None, *, every: bool = False) -> None:
        """Ask for ``feeds``; for None, for those that are due, or for ``every`` one."""
        self._nothing_due = False
        wanted = None if feeds is None else list(feeds)
        if self._request({"do": "refresh", "sources": wanted, "all": every}):
            self._running = True
            status = self._main.bar.status
            # What was said before would cover how far it is.
            status.say("notice", [])
            if not status.has("refresh"):
                status.say("refresh", wording.starting(every=every))

    def halt(self) -> None:
        """Stop fetching."""
        if not self._running:
            self._main.say("Nothing is being fetched")
        elif self._request({"do": "halt"}):
            self._main.say("Stopping")

    def _request(self, request: Message) -> bool:
        if not self._ask(request):
            self._main.say(_NO_WORKER)
            return False
        return True

    # Asking for a page

    def page(self) -> None:
        """Show the publisher's full text of the article; pressed again, what the feed gave."""
        main = self._main
        if not main.ready() or main.reading.article is None:
            return
        article = main.reading.article
        if article.origin == "page" or article.other_revision is not None:
            self._use(article.id, "feed" if article.origin == "page" else "page")
        elif not article.url:
            main.say("This article has no address, so there is no page to read")
        elif article.id not in self._pages:
            main.reading.keep_place()
            if self._request({"do": "page", "article": article.id}):
                self._pages.add(article.id)
                main.bar.status.say("notice", [])
                self._wait()

    def _use(self, article: ArticleID, origin: str) -> None:
        def used(changed: bool) -> None:
            if changed:
                self._shown(article)
                self._main.say(wording.text_of(origin))
            else:
                self._main.say("There is no other text of this article")

        self._main.reading.keep_place()
        self._main.marking.do(lambda library: library.use_text(article, origin), used)

    def _shown(self, article: ArticleID) -> None:
        """Show an article's other text where the reader is in it."""
        main = self._main
        main.articles.reload()
        if main.reading.shows(article):
            try:
                main.reading.swap()
            except NewsReaderError as error:
                main.say(str(error))
                return
            if main.finding.active and main.finding.query:
                main.searching.light()

    def _wait(self) -> None:
        self._main.bar.status.say("page", wording.waiting_for(len(self._pages)))

    def changes(self) -> None:
        """List what the publisher changed in the article."""
        main = self._main
        if not main.ready() or main.reading.article is None:
            return
        article = main.reading.article
        try:
            changes = self._library.changes(article.id)
        except NewsReaderError as error:
            main.say(str(error))
            return
        if not changes:
            main.say("Nothing in this article has been changed since it came")
            return
        from newsreader.tui.screens.changes import changes_picker

        main.app.push_screen(changes_picker(self._glyphs, changes, main.now()))

    # What the worker says

    def hear(self, event: Message) -> None:
        """Show what an event says of fetching."""
        kind = event.get("event")
        if kind == "refresh":
            self._running = True
            self._progress(event)
        elif kind == "refreshed":
            self._refreshed(event)
        elif kind == "page":
            self._came(event)
        elif kind == "lost":
            self._forget()

    def _progress(self, event: Message) -> None:
        """Show how far a round is, but not more often than can be read."""
        if monotonic() - self._told_at < _PROGRESS_SECONDS:
            return
        self._told_at = monotonic()
        line = wording.fetching(event, key_of("halt", self._keys), self._glyphs)
        self._main.bar.status.say("refresh", line)
        self.told("".join(text for text, _ in line))

    def _forget(self) -> None:
        """No longer wait for what may never come."""
        self._running = False
        self._pages.clear()
        for layer in ("refresh", "page"):
            self._main.bar.status.say(layer, [])

    def _refreshed(self, event: Message) -> None:
        self._running = False
        self._told_at = 0.0
        self._main.bar.status.say("refresh", [])
        asked, offline = event.get("asked") is True, event.get("offline") is True
        first = offline and not self._offline
        self._offline = offline
        self._nothing_due = asked and not event.get("total") and not event.get("stopped")
        if asked or event.get("new") or first:
            # Rounds that nobody asked for fail quietly: the feeds are marked.
            failures = asked and not offline
            words, more = wording.fetched(event, self._keys, self._glyphs, failures=failures)
            self._main.say(words, more)
        self.done()

    def _came(self, event: Message) -> None:
        """Show the full text that has come, or say why there is none."""
        number = event.get("article")
        if not isinstance(number, int):
            return
        article = ArticleID(number)
        asked = article in self._pages
        self._pages.discard(article)
        self._wait()
        if event.get("ok") is True:
            self._shown(article)
        elif asked:
            reason = str(event.get("reason") or "the page could not be read")
            self._main.say(f"No full text: {reason}")
            if self._main.reading.shows(article):
                self._main.marking.reread(article)

    def rest(self) -> None:
        """Show the names of the article being read, if they have been found meanwhile."""
        try:
            self._main.reading.catch_up()
        except NewsReaderError as error:
            self._main.say(str(error))
