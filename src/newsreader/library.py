"""What a front end may ask for: list, read, mark, undo.

No network, no index, no parser: the process that draws the screen imports this and nothing below
it but ``store``. Writes are the user's own acts only; each is durable when its call returns.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from newsreader.errors import StoreError
from newsreader.model import (
    Article,
    ArticleID,
    Change,
    Counts,
    Entity,
    EntityID,
    EntityKind,
    EntityPage,
    FeedHealth,
    FeedSettings,
    Followed,
    Headline,
    Mention,
    Pending,
    Position,
    SavedSearch,
    Scope,
    Source,
    SourceID,
)
from newsreader.store import FILE_NAME, Store


def identity(home: Path) -> tuple[int, int]:
    """Return which file the library of ``home`` is; (0, 0) if it has none."""
    try:
        found = (home / FILE_NAME).stat()
    except OSError:
        return (0, 0)
    return (found.st_dev, found.st_ino)


def require(home: Path, file: tuple[int, int]) -> None:
    """Return if the library of ``home`` still is ``file``.

    Raises:
        StoreError: it has been deleted, moved or replaced; what is written now would be lost.
    """
    if identity(home) != file:
        raise StoreError(f"The library is no longer in {home}; nothing more is kept")


class Library:
    """A user's articles. One object belongs to one thread; open another for another thread."""

    def __init__(self, home: Path, *, since: int | None = None) -> None:
        """Open the library of ``home``.

        Args:
            home: created where it does not exist.
            since: what others did after the act of this id is not undone here.
        """
        self._store = Store(home)
        self._store.acts.since = since
        self._home = home
        self._file = identity(home)

    @property
    def read_only(self) -> bool:
        """Whether nothing can be kept: every act is an error."""
        return self._store.read_only

    def close(self) -> None:
        """Close the database; the object cannot be used afterwards."""
        self._store.close()

    # What is there

    def sources(self) -> Sequence[Source]:
        """Return every source, by folder (those without one first), then by title."""
        return self._store.lists.sources()

    def counts(self) -> Counts:
        """Return the totals of All, Today, Unread and Bookmarks. Constant in the library's size."""
        return self._store.lists.counts()

    def pending(self) -> Pending:
        """Return how many articles wait to be indexed and recognised."""
        return self._store.todo.pending()

    def version(self) -> int:
        """Return a number that changes when another process has changed the database.

        Raises:
            StoreError: the database is no longer where it was; what is written now is lost.
        """
        require(self._home, self._file)
        return self._store.version()

    # Feeds

    def feeds(self) -> Sequence[FeedHealth]:
        """Return how every subscribed feed does, in the order of the source pane."""
        return self._store.feeds.health()

    def feed(self, source: SourceID) -> FeedHealth:
        """Return how one feed does.

        Raises:
            NotFoundError: there is none, or it is an import.
        """
        return self._store.feeds.one(source)

    def folders(self) -> Sequence[str]:
        """Return every folder's name, by name."""
        return self._store.feeds.folders()

    def rename_source(self, source: SourceID, title: str | None) -> bool:
        """Call a source ``title``, None as it calls itself; return whether that is a change.

        One step of undo, as the next three are.
        """
        return self._store.feeds.set(source, title=title)

    def move_source(self, source: SourceID, folder: str | None) -> bool:
        """Put a source into a folder, None into none; return whether that is a change."""
        return self._store.feeds.set(source, folder=folder)

    def pause_feed(self, source: SourceID, *, on: bool = True) -> bool:
        """Fetch a feed no longer, or again; return whether that is a change."""
        return self._store.feeds.set(source, paused=on)

    def keep_feed(self, source: SourceID, settings: FeedSettings) -> bool:
        """Keep a feed's settings, all but the login; return whether that is a change.

        Raises:
            UsageError: a value cannot be.
        """
        return self._store.feeds.keep(source, settings)

    def changes(self, article: ArticleID) -> Sequence[Change]:
        """Return what the publisher changed in an article since it came, latest first."""
        return self._store.lists.changes(article)

    def use_text(self, article: ArticleID, origin: str) -> bool:
        """Read an article as its feed ("feed") or its page ("page") gives it.

        Returns False where there is no such text, or it is read already.
        """
        return self._store.full_texts.use(article, origin)

    # The article list

    def article_ids(
        self, scope: Scope, *, limit: int | None = None, offset: int = 0
    ) -> Sequence[ArticleID]:
        """Return the ids of what ``scope`` holds, newest first; undated ones by arrival."""
        return self._store.lists.article_ids(scope, limit=limit, offset=offset)

    def headlines(self, articles: Sequence[ArticleID]) -> Sequence[Headline]:
        """Return the rows of ``articles`` in their order; ids that are gone are left out."""
        return self._store.lists.headlines(articles)

    # The article pane

    def article(self, article: ArticleID) -> Article:
        """Return one article.

        Raises:
            NotFoundError: there is none with that id.
        """
        return self._store.lists.article(article)

    def mentions(self, article: ArticleID) -> Sequence[Mention]:
        """Return the article's mentions in reading order; they never overlap."""
        return self._store.entities.mentions(article)

    def article_entities(self, article: ArticleID) -> Sequence[Entity]:
        """Return who and what the article mentions, most mentioned there first.

        ``here`` counts this article, ``articles`` and ``mentions`` the library. Demonyms count
        for nothing: "Venezuelan" is not a mention of the place.
        """
        return self._store.entities.of_article(article)

    def find_entities(
        self, prefix: str = "", *, kind: EntityKind | None = None, limit: int = 20
    ) -> Sequence[Entity]:
        """Return entities one of whose names starts with ``prefix``, most mentioned first.

        Accents and case do not matter; a prefix of any word of the name counts.
        """
        return self._store.entities.find(prefix, kind=kind, limit=limit)

    def entity(self, entity: EntityID) -> Entity:
        """Return one entity; for one that was merged, what it was merged into.

        Raises:
            NotFoundError: there is none with that id.
        """
        return self._store.entities.entity(entity)

    def entity_page(self, entity: EntityID) -> EntityPage:
        """Return what the library knows of an entity.

        Raises:
            NotFoundError: there is none with that id.
        """
        return self._store.pages.page(entity)

    def followed(self) -> Sequence[Followed]:
        """Return the entities the user follows, by name, with counts that triggers keep."""
        return self._store.entities.followed()

    def position(self, article: ArticleID) -> Position | None:
        """Return where the article was left, None when it was never opened."""
        return self._store.lists.position(article)

    # The user's acts

    def keep_position(self, article: ArticleID, position: Position) -> None:
        """Remember where the reader was."""
        self._store.acts.keep_position(article, position)

    def mark_read(self, articles: Iterable[ArticleID], *, read: bool = True) -> int:
        """Mark articles read or unread; return how many changed. One step of undo."""
        return self._store.acts.mark_read(articles, read=read)

    def bookmark(self, articles: Iterable[ArticleID], *, on: bool = True) -> int:
        """Add or remove bookmarks; return how many changed. One step of undo."""
        return self._store.acts.bookmark(articles, on=on)

    def hide(self, articles: Iterable[ArticleID], *, on: bool = True) -> int:
        """Hide articles or show them again; return how many changed. One step of undo."""
        return self._store.acts.hide(articles, on=on)

    def tag(self, articles: Iterable[ArticleID], *, add: Sequence[str], drop: Sequence[str]) -> int:
        """Add and drop tags; return how many articles changed. One step of undo."""
        return self._store.acts.tag(articles, add=add, drop=drop)

    def annotate(self, article: ArticleID, note: str) -> int:
        """Set the article's note, or remove it with ""; return 1 if it changed. Undoable."""
        return self._store.acts.annotate(article, note)

    def last_act(self) -> int:
        """Return the id of the last act, whoever did it; 0 if there is none."""
        return self._store.acts.last()

    def undo(self) -> str | None:
        """Take back the last act; return what it was ("3 marked read"), None if there is none."""
        return self._store.acts.undo()

    def redo(self) -> str | None:
        """Do again what was last taken back; return what it was, None if there is nothing."""
        return self._store.acts.redo()

    def remove(self, sources: Sequence[SourceID]) -> tuple[int, int]:
        """Remove sources and the articles that came only from them; return (removed, kept).

        Bookmarked, tagged and annotated articles are kept.
        """
        return self._store.remove_sources(sources)

    # The user's word on entities: each is one step of undo, and stands whatever is derived again

    def follow(self, entity: EntityID, *, on: bool = True) -> bool:
        """Follow an entity or no longer; return whether that changed anything."""
        return self._store.entity_acts.follow(entity, on=on)

    def merge_entity(self, entity: EntityID, *, into: EntityID) -> Entity:
        """Make everything about ``entity`` be about ``into``, and return that.

        Raises:
            UsageError: they are one already.
        """
        return self._store.entity_acts.merge(entity, into)

    def split_entity(self, entity: EntityID, alias: str) -> Entity:
        """Let one of its names be an entity of its own, and return that.

        Raises:
            UsageError: it has no such name, or that is its own.
        """
        return self._store.entity_acts.split(entity, alias)

    def rename_entity(self, entity: EntityID, name: str) -> Entity:
        """Show an entity under another name; return it.

        Raises:
            UsageError: the name has no letters, or too many.
        """
        return self._store.entity_acts.rename(entity, name)

    def hide_entity(self, entity: EntityID, *, on: bool = True) -> None:
        """Show an entity nowhere but on its own page, or everywhere again."""
        self._store.entity_acts.hide(entity, on=on)

    def set_entity_kind(self, entity: EntityID, kind: EntityKind) -> Entity:
        """Say what an entity is; return it.

        Raises:
            UsageError: the kind is none an entity can have.
        """
        return self._store.entity_acts.set_kind(entity, kind)

    # Saved searches

    def saved_searches(self) -> Sequence[SavedSearch]:
        """Return the saved searches by name, with counts that triggers keep."""
        return self._store.saved.all()

    def keep_search(self, name: str, query: str, actions: Sequence[str] = ()) -> SavedSearch:
        """Add a saved search, or change the one of that name. One step of undo.

        Raises:
            UsageError: the name or query is empty, or an action is none.
        """
        return self._store.saved.keep(name, query, actions)

    def rename_search(self, name: str, new: str) -> SavedSearch:
        """Give a saved search another name. One step of undo.

        Raises:
            NotFoundError: there is none called ``name``.
            UsageError: another one is called ``new``.
        """
        return self._store.saved.rename(name, new)

    def remove_search(self, name: str) -> None:
        """Remove a saved search; what it did to articles stays. One step of undo."""
        self._store.saved.remove(name)

    def act_now(self, name: str) -> int:
        """Do a saved search's actions on what matches already; return how many changed.

        Raises:
            NotFoundError: there is none of that name.
            UsageError: its matches are not known yet.
        """
        return self._store.saved.act_now(name)

    def reasons(self, article: ArticleID) -> Sequence[str]:
        """Return what saved searches did to the article and still stands, in words."""
        return self._store.saved.reasons(article)

    def remember_search(self, query: str) -> None:
        """Remember a search that was made."""
        self._store.history.add(query)

    def recent_searches(self, limit: int = 100) -> Sequence[str]:
        """Return the last searches, newest first, each once."""
        return self._store.history.recent(limit)

    # Small settings that the reader keeps

    def setting(self, name: str) -> str | None:
        """Return a setting the reader kept, such as the theme last chosen."""
        return self._store.setting(name)

    def keep_setting(self, name: str, value: str) -> None:
        """Keep a setting."""
        self._store.keep_setting(name, value)
