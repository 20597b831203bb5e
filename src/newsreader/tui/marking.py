"""The reader's acts on articles: shown at once, written on the other thread, taken back by undo."""

from asyncio import wait, wrap_future
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TypeVar

from newsreader.errors import NewsReaderError
from newsreader.library import Library
from newsreader.model import ArticleID, Headline
from newsreader.tui.acts import Acts
from newsreader.tui.reading import Reading
from newsreader.tui.screens import wording
from newsreader.tui.widgets.article_list import ArticleList

_T = TypeVar("_T")

_PATIENCE_SECONDS = 2.0
"""Time after which it is said that a write takes long; one takes milliseconds."""


class Marking:
    """Marks read, bookmarks, undoes."""

    def __init__(
        self,
        library: Library,
        acts: Acts,
        articles: ArticleList,
        reading: Reading,
        *,
        say: Callable[[str, str], None],
        changed: Callable[[], None],
        run: Callable[[Coroutine[None, None, None]], object],
        undo_key: str,
        redo_key: str,
        dot: str,
    ) -> None:
        self._library = library
        self._acts = acts
        self._articles = articles
        self._reading = reading
        self._say = say
        self._changed = changed
        self._run = run
        self._undo_hint = f"{dot}{undo_key} undoes"
        self._redo_hint = f"{dot}{redo_key} does it again"

    def do(self, act: Callable[[Library], _T], done: Callable[[_T], None]) -> None:
        """Write on the other thread, then call ``done`` here; an error is a sentence."""
        self._run(self._await(self._acts.submit(act), done))

    async def _await(self, future: Future[_T], done: Callable[[_T], None]) -> None:
        answer = wrap_future(future)
        try:
            if not (await wait({answer}, timeout=_PATIENCE_SECONDS))[0]:
                self._say(wording.SLOW_WRITE, "")
            done(await answer)
        except NewsReaderError as error:
            self._articles.reload()
            self._say(str(error), "")
        finally:
            answer.cancel()

    def _headline(self, article: ArticleID | None) -> Headline | None:
        return None if article is None else next(iter(self._library.headlines([article])), None)

    def opened(self, article: ArticleID) -> None:
        """Mark read what was opened."""
        self._articles.amend([article], read=True)
        self.do(lambda library: library.mark_read([article]), lambda _: self._written())

    def mark(self, article: ArticleID | None) -> None:
        """Mark read what is unread, and the other way round."""
        row = self._headline(article)
        if row is None:
            return
        read = not row.read
        self._articles.amend([row.id], read=read)
        self.do(
            lambda library: library.mark_read([row.id], read=read),
            lambda _: self.done(wording.marked(1, read=read)),
        )

    def mark_all(self) -> None:
        """Mark all in the list read."""
        ids = [ArticleID(each) for each in self._articles.ids]
        self._articles.amend(ids, read=True)

        def done(number: int) -> None:
            if number:
                self.done(wording.marked(number, read=True))
            else:
                self._say(wording.marked(0, read=True), "")

        self.do(lambda library: library.mark_read(ids), done)

    def bookmark(self, article: ArticleID | None) -> None:
        """Bookmark, or take the bookmark away."""
        row = self._headline(article)
        if row is None:
            return
        on = not row.bookmarked
        self._articles.amend([row.id], bookmarked=on)

        def done(_: int) -> None:
            self.reread(row.id)
            self.done("Bookmarked" if on else "Bookmark taken away")

        self.do(lambda library: library.bookmark([row.id], on=on), done)

    def undo(self) -> None:
        """Take back the last act."""
        self.do(lambda library: library.undo(), lambda what: self._undone(what, again=False))

    def redo(self) -> None:
        """Do again what was taken back."""
        self.do(lambda library: library.redo(), lambda what: self._undone(what, again=True))

    def _written(self) -> None:
        # Rows that were not loaded when the key came have been read before it was written.
        self._articles.reload()
        self._changed()

    def done(self, what: str) -> None:
        """Show what was written, and say how to take it back."""
        self._written()
        self._say(what, self._undo_hint)

    def _undone(self, what: str | None, *, again: bool) -> None:
        self._articles.reload()
        self.reread(None)
        if what is None:
            self._say("Nothing to do again" if again else "Nothing to undo", "")
        elif again:
            self.done(f"Done again: {what}")
        else:
            self._changed()
            self._say(f"Undone: {what}", self._redo_hint)

    def reread(self, article: ArticleID | None) -> None:
        """Show the article's new state, if it is the one in the pane; None for any."""
        shown = self._reading.article
        if shown is None or article not in (None, shown.id):
            return
        try:
            self._reading.refresh()
        except NewsReaderError:
            self._reading.clear()
