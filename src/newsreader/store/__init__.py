"""The SQLite database: the only copy of the truth. Everything else can be rebuilt from it.

This is the package's public face; its modules are implementation. A :class:`Store` belongs to
the thread that opened it. Every method may raise :class:`~newsreader.errors.StoreError`.
"""

import sqlite3
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from newsreader.errors import NotFoundError, StoreError, UsageError
from newsreader.model import ArticleID, Source, SourceID
from newsreader.store._acts import Acts
from newsreader.store._database import FILE_NAME, connect, prepare_home, transaction, wrapped
from newsreader.store._entities import Entities, entity_key
from newsreader.store._lists import Lists
from newsreader.store._todo import Task, Todo, enqueue

if TYPE_CHECKING:
    from newsreader.store._articles import Arrival, Articles, Origin, Saved

__all__ = ["FILE_NAME", "Arrival", "Origin", "Saved", "Store", "StoreError", "Task", "entity_key"]

_CHUNK = 5000
"""Articles deleted in one transaction (about a second): a larger source goes in several, so that
nobody waits longer for the database, and stays listed until the last of it is gone."""


def __getattr__(name: str) -> object:
    # The reader's screen stores no articles: without this module it starts 3 % sooner.
    if name not in ("Arrival", "Origin", "Saved"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from newsreader.store import _articles

    return getattr(_articles, name)


class Store:
    """One connection to the library of one home.

    Args:
        home: created with mode 0700 where it does not exist.
        durable: commits reach the disk before they return; only derived work may do without.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        prepare_home(home)
        self._db = connect(home, durable=durable)
        self.lists = Lists(self._db)
        self.acts = Acts(self._db)
        self.entities = Entities(self._db)
        self.todo = Todo(self._db)

    @cached_property
    def articles(self) -> "Articles":
        """Storing articles and reading their texts; loaded when first used (see __getattr__)."""
        from newsreader.store._articles import Articles

        return Articles(self._db)

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

    def wrong_counts(self) -> Sequence[str]:
        """Return which of the counters kept by triggers differ from a count."""
        with wrapped():
            return [
                f"{name} says {kept}, there are {counted}"
                for name, kept, counted in self._db.execute(_RECOUNTED)
                if kept != counted
            ]

    def recount(self) -> None:
        """Set every counter to what is counted."""
        with transaction(self._db):
            for statement in _RECOUNT:
                self._db.execute(statement)

    def stats(self) -> dict[str, int]:
        """Return how many articles, sources, entities and stories there are."""
        with wrapped():
            row = self._db.execute(
                "SELECT (SELECT n FROM library_count WHERE name = 'all'),"
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
            with wrapped():
                articles = self._db.execute(_ONLY_FROM, (source,)).fetchall()
                total = self._db.execute(
                    "SELECT count(*) FROM article_source WHERE source_id = ?", (source,)
                ).fetchone()[0]
            for at in range(0, len(articles), _CHUNK):
                self._delete([ArticleID(row[0]) for row in articles[at : at + _CHUNK]])
            with transaction(self._db):
                self._db.execute("DELETE FROM source WHERE id = ?", (source,))
            gone += len(articles)
            kept += total - len(articles)
        return gone, kept

    def _delete(self, articles: Sequence[ArticleID]) -> None:
        with transaction(self._db):
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
    " AND NOT EXISTS (SELECT 1 FROM highlight h WHERE h.article_id = x.article_id)"
)

_RECOUNTED = (
    "SELECT 'all', n, (SELECT count(*) FROM article) FROM library_count WHERE name = 'all'"
    " UNION ALL SELECT 'unread', n, (SELECT count(*) FROM article WHERE read = 0)"
    " FROM library_count WHERE name = 'unread'"
    " UNION ALL SELECT 'bookmarks', n, (SELECT count(*) FROM article WHERE bookmarked = 1)"
    " FROM library_count WHERE name = 'bookmarks'"
    " UNION ALL SELECT 'source s' || s.id || ' total', coalesce(c.total, 0),"
    " (SELECT count(*) FROM article_source x WHERE x.source_id = s.id)"
    " FROM source s LEFT JOIN source_count c ON c.source_id = s.id"
    " UNION ALL SELECT 'source s' || s.id || ' unread', coalesce(c.unread, 0),"
    " (SELECT count(*) FROM article_source x JOIN article a ON a.id = x.article_id"
    " WHERE x.source_id = s.id AND a.read = 0)"
    " FROM source s LEFT JOIN source_count c ON c.source_id = s.id"
    " UNION ALL SELECT 'flags of a' || a.id, a.read * 2 + a.bookmarked,"
    " coalesce(st.read, 0) * 2 + coalesce(st.bookmarked, 0)"
    " FROM article a LEFT JOIN status st ON st.article_id = a.id"
    " WHERE a.read <> coalesce(st.read, 0) OR a.bookmarked <> coalesce(st.bookmarked, 0)"
)
_RECOUNT = (
    "UPDATE article SET read = coalesce((SELECT read FROM status WHERE article_id = id), 0),"
    " bookmarked = coalesce((SELECT bookmarked FROM status WHERE article_id = id), 0)",
    "UPDATE library_count SET n = (SELECT count(*) FROM article) WHERE name = 'all'",
    "UPDATE library_count SET n = (SELECT count(*) FROM article WHERE read = 0)"
    " WHERE name = 'unread'",
    "UPDATE library_count SET n = (SELECT count(*) FROM article WHERE bookmarked = 1)"
    " WHERE name = 'bookmarks'",
    "DELETE FROM source_count",
    "INSERT INTO source_count SELECT x.source_id, count(*), sum(a.read = 0)"
    " FROM article_source x JOIN article a ON a.id = x.article_id GROUP BY x.source_id",
    "DELETE FROM entity_count",
    "INSERT INTO entity_count SELECT entity_id, count(*), sum(mentions)"
    " FROM article_entity GROUP BY entity_id",
)
