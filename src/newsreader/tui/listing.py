"""What the list holds: a scope's articles, or what a search found in it; and what has arrived."""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from newsreader.library import Library
from newsreader.model import Counts, Followed, SavedSearch, Scope, ScopeKind, Source
from newsreader.tui.acts import Acts
from newsreader.tui.commands import key_of
from newsreader.tui.finding import Finding, Place
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line
from newsreader.tui.screens import wording
from newsreader.tui.widgets.article_list import ArticleList
from newsreader.tui.widgets.masthead import Masthead
from newsreader.tui.widgets.page import ColumnHead
from newsreader.tui.widgets.source_list import SourceList
from newsreader.tui.widgets.status_line import StatusLine

_FIRST_IDS = 500
"""Rows before the first frame; the rest follow, so that any library opens alike."""
_NEAR = 256
"""Rows looked through one by one for an unread article before the database is asked."""


class Listing:
    """Fills list, source list and masthead; it never moves the list under the reader.

    ``touched`` is whether the reader has done anything yet: until then the list may follow what
    arrives. ``arriving`` is whether an empty library is being filled for the first time. ``known``
    are the sources as last counted.
    """

    def __init__(
        self,
        library: Library,
        acts: Acts,
        finding: Finding,
        *,
        sources: SourceList,
        articles: ArticleList,
        masthead: Masthead,
        heading: ColumnHead,
        status: StatusLine,
        keys: Mapping[str, str],
        glyphs: Glyphs,
        now: Callable[[], datetime],
    ) -> None:
        self._library = library
        self._acts = acts
        self._finding = finding
        self._sources = sources
        self._articles = articles
        self._masthead = masthead
        self._heading = heading
        self._status = status
        self._keys = keys
        self._glyphs = glyphs
        self.known: Sequence[Source] = ()
        self.saved: Sequence[SavedSearch] = ()
        self.followed: Sequence[Followed] = ()
        self._now = now
        self._counts = Counts(all=0, today=0, unread=0, bookmarks=0)
        self._version = library.version()
        self.scope = Scope(ScopeKind.ALL)
        self.whole = True
        self.touched = False
        self.arriving = False

    def start(self) -> None:
        """Show all articles for the first time."""
        self.recount()
        self.arriving = self._counts.all == 0
        self.load(self.scope)

    def load(self, scope: Scope) -> None:
        """Show the first articles of ``scope``; the others are there unless ``whole`` is set."""
        self.scope = scope
        ids = self._library.article_ids(scope, limit=_FIRST_IDS)
        self.whole = len(ids) < _FIRST_IDS
        self._articles.say(self._empty(scope))
        self._articles.show(ids)
        self._status.say("fresh", [])
        self.head()

    def _empty(self, scope: Scope) -> list[Line]:
        saved = self.saved_of(scope)
        arriving = self.arriving if saved is None else not saved.ready
        return wording.empty_list(scope, self._keys, arriving=arriving)

    async def load_rest(self) -> None:
        """Add the rows below the first ones; what arrived meanwhile stays out of sight."""
        scope = self.scope
        ids = await self._acts.do(lambda library: library.article_ids(scope))
        if self.scope != scope or self._finding.active or self.whole:
            return
        last = self._articles.ids[-1] if self._articles.ids else None
        if last in ids:
            self._articles.extend(ids[ids.index(last) + 1 :])
            self.whole = True
            self.head()

    def place(self) -> Place:
        """Return what the list shows and where the reader is in it."""
        return Place(self._articles.ids, self._articles.cursor, self.scope, self.whole)

    def restore(self, place: Place) -> None:
        """Show again what was shown."""
        self.scope, self.whole = place.scope, place.whole
        self._articles.say(self._empty(self.scope))
        self._articles.show(place.ids, cursor=place.cursor)
        self.head()

    def arrived(self) -> None:
        """Note that the first filling of the library is over."""
        if self.arriving:
            self.arriving = False
            self._articles.say(wording.empty_list(self.scope, self._keys, arriving=False))

    @property
    def label(self) -> str:
        """The name of what is listed."""
        return self._sources.label_of(self.scope)

    def total(self) -> int:
        """Return how many articles the scope has, as far as that is known without counting."""
        kind = self.scope.kind
        if kind is ScopeKind.ALL:
            return self._counts.all
        if kind is ScopeKind.TODAY:
            return self._counts.today
        if kind is ScopeKind.BOOKMARKS:
            return self._counts.bookmarks
        if self.whole and not self._finding.active:
            return len(self._articles.ids)
        if (saved := self.saved_of(self.scope)) is not None:
            return saved.total
        if kind is ScopeKind.ENTITY:
            every = (each.total for each in self.followed if str(each.id) == self.scope.key)
            return next(every, len(self._articles.ids))
        return self._counts.unread if kind is ScopeKind.UNREAD else self._counts.all

    def saved_of(self, scope: Scope | None) -> SavedSearch | None:
        """Return the saved search that ``scope`` is, None if it is none."""
        if scope is None or scope.kind is not ScopeKind.SAVED:
            return None
        return next((each for each in self.saved if str(each.id) == scope.key), None)

    def place_of(self, scope: Scope | None) -> str:
        """Return which hints stand under a row of the source list."""
        if scope is not None and scope.kind is ScopeKind.ENTITY:
            return "followed"
        if scope is not None and scope.kind is ScopeKind.FOLDER:
            return "folder"
        if scope is not None and scope.kind is ScopeKind.SOURCE:
            feeds = (str(source.id) for source in self.known if source.kind == "feed")
            return "feed" if scope.key in feeds else "import"
        return "sources" if self.saved_of(scope) is None else "saved"

    def head(self) -> None:
        """Write the heading over the list."""
        searching = self._finding.active and bool(self._finding.query)
        left, right = wording.list_heading(
            self.label,
            self._finding.total if searching else self.total(),
            searching=searching,
            best_first=self._finding.best_first,
            more="" if self._finding.complete else self._glyphs.ellipsis,
        )
        self._heading.show(left, right)

    def recount(self) -> None:
        """Count anew what there is and what is unread."""
        self._counts = self._library.counts()
        self.saved = self._library.saved_searches()
        self.followed = self._library.followed()
        self.known = self._library.sources()
        self._sources.show(self._counts, self.known, self.saved, self.followed)
        self._masthead.show(self._now(), self._counts.unread)

    def poll(self) -> bool:
        """See what other processes have changed; return whether the list was filled anew."""
        version = self._library.version()
        if version == self._version:
            return False
        self._version = version
        before = self._counts.all
        self.recount()
        self.head()
        self._articles.reload()
        if self._finding.active:
            return False
        self._articles.say(self._empty(self.scope))
        if self._counts.all < before:
            # What has been removed would stand there as empty rows.
            cursor = self._articles.cursor
            self.load(self.scope)
            self._articles.go(cursor)
            return True
        shown = set(self._articles.ids[: 2 * _FIRST_IDS])
        ids = self._library.article_ids(self.scope, limit=_FIRST_IDS)
        new = sum(each not in shown for each in ids)
        if new and not (self.touched and self._articles.ids):
            self.load(self.scope)
            return True
        line = wording.arrived(new, key_of("fresh", self._keys)) if new else []
        self._status.say("fresh", line)
        return False

    def unread(self, step: int) -> Iterator[int]:
        """Yield the rows of unread articles from the cursor on, in the direction of ``step``."""
        ids: array[int] = self._articles.ids
        rows = range(self._articles.cursor + step, len(ids) if step > 0 else -1, step)
        for index in rows[:_NEAR]:
            row = self._articles.headline(index)
            if row is not None and not row.read:
                yield index
        if far := rows[_NEAR:]:
            unread = set(self._library.article_ids(Scope(ScopeKind.UNREAD)))
            yield from (index for index in far if ids[index] in unread)
