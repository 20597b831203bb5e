"""The SQLite database: the only copy of the truth. Everything else can be rebuilt from it.

This is the package's public face; its modules are implementation. A :class:`Store` belongs to
the thread that opened it. Every method may raise :class:`~newsreader.errors.StoreError`.
"""

import os
import sqlite3
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from newsreader.errors import NotFoundError, StoreError, UsageError
from newsreader.model import ArticleID, Source, SourceID
from newsreader.store._acts import Acts
from newsreader.store._database import (
    FILE_NAME,
    connect,
    is_read_only,
    prepare_home,
    transaction,
    wrapped,
)
from newsreader.store._entities import Entities, entity_key
from newsreader.store._lists import Lists
from newsreader.store._saved import SavedSearches
from newsreader.store._todo import Task, Todo, enqueue

if TYPE_CHECKING:
    from newsreader.store._accounts import Account, Accounts, RemoteItem, Word, account_name
    from newsreader.store._articles import Arrival, Articles, Kept, Origin, Saved
    from newsreader.store._complete import Completions
    from newsreader.store._entity_acts import EntityActs
    from newsreader.store._entity_page import EntityPages
    from newsreader.store._feeds import Feeds, FeedState, Fetched
    from newsreader.store._history import History
    from newsreader.store._matches import Masks, Matches, Notice, Standing, Timing
    from newsreader.store._pages import Pages, PageWish
    from newsreader.store._remote_feeds import FeedWish, RemoteFeeds, Subscribed

__all__ = [
    "FILE_NAME",
    "Account",
    "Arrival",
    "FeedState",
    "FeedWish",
    "Fetched",
    "Kept",
    "Masks",
    "Notice",
    "Origin",
    "PageWish",
    "RemoteItem",
    "Saved",
    "Standing",
    "Store",
    "StoreError",
    "Subscribed",
    "Task",
    "Timing",
    "Word",
    "account_name",
    "entity_key",
]

_CHUNK = 5000
"""Articles deleted in one transaction (about a second): a larger source goes in several, so that
nobody waits longer for the database, and stays listed until the last of it is gone."""


def __getattr__(name: str) -> object:
    # The reader's screen stores no articles: without this module it starts 3 % sooner.
    if name in ("Arrival", "Kept", "Origin", "Saved"):
        from newsreader.store import _articles

        return getattr(_articles, name)
    if name == "PageWish":
        from newsreader.store import _pages

        return _pages.PageWish
    if name in ("FeedState", "Fetched"):
        from newsreader.store import _feeds

        return getattr(_feeds, name)
    if name in ("Masks", "Notice", "Standing", "Timing"):
        from newsreader.store import _matches

        return getattr(_matches, name)
    if name in ("Account", "RemoteItem", "Word", "account_name"):
        from newsreader.store import _accounts

        return getattr(_accounts, name)
    if name in ("FeedWish", "Subscribed"):
        from newsreader.store import _remote_feeds

        return getattr(_remote_feeds, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Store:
    """One connection to the library of one home.

    Args:
        home: created with mode 0700 where it does not exist.
        durable: commits reach the disk before they return; only derived work may do without.
        create: make an empty library where there is none. Helpers of a reader must not: its
            home may be on a disk that has gone, or deleted.

    ``read_only`` says whether it can be read alone; then everything that writes is an error.
    """

    def __init__(self, home: Path, *, durable: bool = True, create: bool = True) -> None:
        if create:
            prepare_home(home)
        elif not (home / FILE_NAME).exists():
            raise StoreError(f"{home}: the library is not there any more")
        self.read_only = is_read_only(home)
        self._home = home
        self._db = connect(home, durable=durable)
        self.lists = Lists(self._db)
        self.acts = Acts(self._db)
        self.saved = SavedSearches(self._db, self.acts)
        self.entities = Entities(self._db)
        self.todo = Todo(self._db)

    def owns(self, path: Path) -> bool:
        """Tell whether a file is this library's own, under whatever name.

        No such file may be opened but by SQLite: closing it would free this process' locks on it,
        and another process could then delete the journal that this one writes.
        """
        try:
            there = path.stat()
        except OSError:
            return False
        return any(
            os.path.samestat(there, own.stat())
            for own in self._home.glob(f"{FILE_NAME}*")
            if own.is_file()
        )

    @cached_property
    def pages(self) -> "EntityPages":
        """The pages of entities; loaded when first used."""
        from newsreader.store._entity_page import EntityPages

        return EntityPages(self._db, self.entities, self.lists)

    @cached_property
    def entity_acts(self) -> "EntityActs":
        """What the user says of entities; loaded when first used."""
        from newsreader.store._entity_acts import EntityActs

        return EntityActs(self._db, self.acts, self.entities)

    @cached_property
    def articles(self) -> "Articles":
        """Storing articles and reading their texts; loaded when first used (see __getattr__)."""
        from newsreader.store._articles import Articles

        return Articles(self._db)

    @cached_property
    def feeds(self) -> "Feeds":
        """Subscribed feeds; loaded when first used."""
        from newsreader.store._feeds import Feeds

        return Feeds(self._db, self.acts, self.lists)

    @cached_property
    def full_texts(self) -> "Pages":
        """Full texts from publishers' pages; loaded when first used."""
        from newsreader.store._pages import Pages

        return Pages(self._db)

    @cached_property
    def history(self) -> "History":
        """What was searched for; loaded when first used."""
        from newsreader.store._history import History

        return History(self._db)

    @cached_property
    def matches(self) -> "Matches":
        """What saved searches match, for the worker; loaded when first used."""
        from newsreader.store._matches import Matches

        return Matches(self._db, self.acts)

    @cached_property
    def accounts(self) -> "Accounts":
        """Accounts at servers that keep read and starred; loaded when first used."""
        from newsreader.store._accounts import Accounts

        return Accounts(self._db, self.acts)

    @cached_property
    def remote_feeds(self) -> "RemoteFeeds":
        """The feeds of those accounts; loaded when first used."""
        from newsreader.store._remote_feeds import RemoteFeeds

        return RemoteFeeds(self._db)

    @cached_property
    def complete(self) -> "Completions":
        """What an unfinished query may go on with; loaded when first used, as ``articles`` is."""
        from newsreader.store._complete import Completions

        return Completions(self._db)

    def close(self) -> None:
        """Close the connection, letting SQLite refresh its statistics if they are stale."""
        try:
            self._db.execute("PRAGMA optimize")
        except sqlite3.Error:
            pass  # Statistics only; a full or read-only disk must not stop anyone from leaving.
        self._db.close()

    def version(self) -> int:
        """Return a number that changes when another connection commits."""
        with wrapped():
            return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def refresh_statistics(self) -> None:
        """Let SQLite look at the tables' sizes; without it a grown library is planned badly."""
        with wrapped():
            self._db.execute("PRAGMA analysis_limit = 1000")
            self._db.execute("ANALYZE")

    def check(self) -> Sequence[str]:
        """Return what SQLite finds wrong with the file; empty when all is well."""
        with wrapped():
            found = [row[0] for row in self._db.execute("PRAGMA integrity_check(20)")]
            found += [
                f"{row[0]} row {row[1]} points at a missing {row[2]}"
                for row in self._db.execute("PRAGMA foreign_key_check")
            ]
        return [line for line in found if line != "ok"]

    def unreadable(self) -> Sequence[str]:
        """Return what is wrong with the texts of articles, in words; reads every one of them."""
        from newsreader.store import _checks

        with wrapped():
            return _checks.unreadable(self._db)

    def misplaced(self) -> Sequence[ArticleID]:
        """Return the articles whose names do not fit their texts; reads every one of them."""
        from newsreader.store import _checks

        with wrapped():
            return _checks.misplaced(self._db)

    def wrong_counts(self) -> Sequence[str]:
        """Return which of the counters and copies kept by triggers differ from a count."""
        from newsreader.store import _counts

        with wrapped():
            return _counts.wrong(self._db)

    def recount(self) -> None:
        """Set every counter and copy to what is counted."""
        from newsreader.store import _counts

        with transaction(self._db):
            _counts.recount(self._db)

    def stats(self) -> dict[str, int]:
        """Return how many articles, sources, entities and stories there are."""
        with wrapped():
            row = self._db.execute(
                "SELECT (SELECT sum(n) FROM library_count WHERE name IN ('all', 'hidden')),"
                " (SELECT count(*) FROM source),"
                " (SELECT count(*) FROM entity_count WHERE mentions > 0),"
                " (SELECT count(*) FROM story)"
            ).fetchone()
        return dict(zip(("articles", "sources", "entities", "stories"), row, strict=True))

    def home_id(self) -> str:
        """Return the database's own random id, which its index carries too."""
        value = self.setting("home_id")
        if value is None:
            raise StoreError("the database has lost its id; put back a copy of it")
        return value

    def setting(self, name: str) -> str | None:
        """Return a kept setting."""
        with wrapped():
            row = self._db.execute("SELECT value FROM meta WHERE key = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_setting(self, name: str, value: str) -> None:
        """Keep a setting."""
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (name, value),
            )

    def find_sources(self, name: str) -> Sequence[Source]:
        """Return the source with that id ("s3"), title or address, or all of a folder.

        Raises:
            NotFoundError: nothing is called so.
            UsageError: several sources have that title.
        """
        sources = self.lists.sources()
        folded = entity_key(name)
        found = [source for source in sources if f"s{source.id}" == name or source.url == name] or [
            source for source in sources if source.folder and entity_key(source.folder) == folded
        ]
        if not found:
            found = [source for source in sources if entity_key(source.title) == folded]
            if len(found) > 1:
                ids = ", ".join(f"s{source.id}" for source in found)
                raise UsageError(f"'{name}': several sources are called so; name one of {ids}")
        if not found or not name.strip():
            raise NotFoundError(
                f"'{name}': no source or folder is called so; see 'newsreader sources'"
            )
        return found

    def remove_sources(self, sources: Sequence[SourceID]) -> tuple[int, int]:
        """Remove sources with the articles that came only by them; return (removed, kept).

        Kept are articles that came elsewhere too, and those the user bookmarked, tagged, noted or
        highlighted. What the user did to the others is remembered should they come back.
        """
        gone, kept = 0, 0
        for source in sources:
            more = True
            while more:
                # What is kept is asked inside: it may be bookmarked at any moment.
                with transaction(self._db):
                    rows = self._db.execute(_ONLY_FROM, (source, _CHUNK)).fetchall()
                    self._delete([ArticleID(row[0]) for row in rows])
                    gone += len(rows)
                    more = len(rows) == _CHUNK
                    if not more:
                        kept += self._db.execute(_ARTICLES_OF, (source,)).fetchone()[0]
                        self._db.execute("DELETE FROM source WHERE id = ?", (source,))
        return gone, kept

    def _delete(self, articles: Sequence[ArticleID]) -> None:
        """Delete articles in the caller's transaction."""
        for article in articles:
            self._db.execute("DELETE FROM article_entity WHERE article_id = ?", (article,))
            self._db.execute("DELETE FROM tag WHERE article_id = ?", (article,))
            self._db.execute("DELETE FROM article WHERE id = ?", (article,))
            self._db.execute(
                "DELETE FROM todo WHERE article_id = ? AND stage = 'entities'", (article,)
            )
        enqueue(self._db, "index", articles)


_ONLY_FROM = (
    "SELECT article_id FROM article_source x WHERE source_id = ?1"
    " AND NOT EXISTS (SELECT 1 FROM article_source y WHERE y.article_id = x.article_id"
    " AND y.source_id <> ?1)"
    " AND NOT EXISTS (SELECT 1 FROM article a WHERE a.id = x.article_id AND a.bookmarked = 1)"
    " AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.article_id = x.article_id AND t.by_user = 1)"
    " AND NOT EXISTS (SELECT 1 FROM note n WHERE n.article_id = x.article_id)"
    " AND NOT EXISTS (SELECT 1 FROM highlight h WHERE h.article_id = x.article_id) LIMIT ?2"
)
_ARTICLES_OF = "SELECT count(*) FROM article_source WHERE source_id = ?"
