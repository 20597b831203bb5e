"""What saved searches match, for the worker that finds it out: kept, counted, acted upon once."""

import json
import sqlite3
import time
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from newsreader.model import ArticleID
from newsreader.store._acts import Acts
from newsreader.store._arrivals import act_on_arrivals
from newsreader.store._database import transaction, wrapped
from newsreader.store._todo import Task

_CHUNK = 1000
"""Rows written in one transaction: a waiting reader's key press is stored within 20 ms."""
_PAUSE_S = 0.002

Masks = Mapping[ArticleID, int]
"""Articles that match, each with the flags under which it does; see ``_migration_2``."""


class Standing(NamedTuple):
    """A saved search as the worker sees it.

    ``matched`` is the version of the query whose matches are kept, 0 for none. ``as_of`` and
    ``due`` are when its times were last looked at, and when they must be again, in milliseconds;
    ``zone`` the minutes from UTC in which its dates counted.
    """

    id: int
    query: str
    version: int
    matched: int
    as_of: int
    due: int | None
    zone: int


class Timing(NamedTuple):
    """When matches were found, and until when they hold; as in :class:`Standing`."""

    as_of: int
    due: int | None
    zone: int


class Notice(NamedTuple):
    """New articles of a saved search of which the user wants to be told; titles newest first."""

    search: int
    name: str
    articles: tuple[ArticleID, ...]
    titles: tuple[str, ...]


class Matches:
    """The derived side of saved searches. One process a home uses it."""

    def __init__(self, db: sqlite3.Connection, acts: Acts) -> None:
        self._db = db
        self._acts = acts

    def searches(self) -> Sequence[Standing]:
        """Return every saved search, the oldest first."""
        with wrapped():
            rows = self._db.execute(
                "SELECT s.id, s.query, s.version, c.version, c.as_of, c.due, c.zone"
                " FROM saved_search s JOIN saved_count c ON c.search_id = s.id"
                " WHERE s.removed = 0 ORDER BY s.id"
            ).fetchall()
        return [Standing(*row) for row in rows]

    def masks(self, search: int) -> dict[ArticleID, int]:
        """Return the kept matches of a saved search."""
        with wrapped():
            return dict(
                self._db.execute(
                    "SELECT article_id, mask FROM saved_match WHERE search_id = ?", (search,)
                ).fetchall()
            )

    def queued(self) -> set[ArticleID]:
        """Return the articles that wait to be indexed."""
        with wrapped():
            rows = self._db.execute("SELECT article_id FROM todo WHERE stage = 'index'").fetchall()
        return {ArticleID(row[0]) for row in rows}

    def finish(
        self,
        tasks: Sequence[Task],
        found: Mapping[tuple[int, int], Masks],
        *,
        names_follow: bool,
    ) -> None:
        """Keep what was found of a batch that is indexed, act, and take its tasks out, as one.

        Args:
            tasks: all of the batch, also of articles that are gone.
            found: by a saved search's id and the version of its query; what was changed since is
                passed over, and matched as a whole later.
            names_follow: articles that wait for their names are asked about again then.
        """
        batch = json.dumps([task.article for task in tasks])
        with transaction(self._db):
            versions = dict(
                self._db.execute("SELECT id, version FROM saved_search WHERE removed = 0")
            )
            for (search, version), masks in found.items():
                if versions.get(search) == version:
                    kept = self._kept(search, batch)
                    self._write(search, kept, masks, kept.keys() - masks.keys())
            if found:
                act_on_arrivals(self._db, self._acts, batch, [search for search, _ in found])
            self._db.executemany(
                "DELETE FROM todo WHERE stage = 'index' AND article_id = ? AND seq = ?", tasks
            )
            self._db.execute(
                "DELETE FROM arrival WHERE article_id IN (SELECT value FROM json_each(?1))"
                " AND NOT EXISTS (SELECT 1 FROM todo t"
                "  WHERE t.stage = 'index' AND t.article_id = arrival.article_id)"
                " AND NOT (?2 AND EXISTS (SELECT 1 FROM todo t"
                "  WHERE t.stage = 'entities' AND t.article_id = arrival.article_id))",
                (batch, names_follow),
            )

    def _kept(self, search: int, articles: str) -> dict[ArticleID, int]:
        return dict(
            self._db.execute(
                # CROSS keeps the order: the other way is a pass over the array for every match.
                "SELECT article_id, mask FROM json_each(?) j CROSS JOIN saved_match"
                " ON search_id = ? AND article_id = j.value",
                (articles, search),
            ).fetchall()
        )

    def _write(self, search: int, kept: Masks, masks: Masks, gone: Collection[ArticleID]) -> None:
        """Bring rows up to date in the caller's transaction, touching only what differs."""
        self._db.executemany(
            "DELETE FROM saved_match WHERE search_id = ? AND article_id = ?",
            [(search, article) for article in gone],
        )
        # The article may have been removed since it was read.
        self._db.executemany(
            "INSERT INTO saved_match (search_id, article_id, mask, sorted_at)"
            " SELECT ?, id, ?, sorted_at FROM article WHERE id = ?"
            " ON CONFLICT DO UPDATE SET mask = excluded.mask",
            [
                (search, mask, article)
                for article, mask in masks.items()
                if kept.get(article) != mask
            ],
        )

    def fill(self, search: Standing, masks: Masks, timing: Timing) -> None:
        """Keep the matches of a whole search.

        Articles that wait to be indexed keep what is known of them, unless the query is another:
        the index may lack them, and their turn comes.
        """
        kept = self.masks(search.id)
        gone = kept.keys() - masks.keys()
        if search.matched == search.version:
            gone -= self.queued()
        changed = {n: mask for n, mask in masks.items() if kept.get(n) != mask}
        self._write_in_chunks(search, list(gone), changed)
        self._keep_timing(search, timing)

    def refresh(
        self, search: Standing, articles: Collection[ArticleID], masks: Masks, timing: Timing
    ) -> None:
        """Keep the matches among ``articles``, of which time may have changed some."""
        with wrapped():
            kept = self._kept(search.id, json.dumps(list(articles)))
        changed = {n: mask for n, mask in masks.items() if kept.get(n) != mask}
        gone = kept.keys() - masks.keys()
        if gone:
            gone -= self.queued()
        self._write_in_chunks(search, list(gone), changed)
        self._keep_timing(search, timing)

    def _write_in_chunks(self, search: Standing, gone: Sequence[ArticleID], changed: Masks) -> None:
        some = list(changed.items())
        for at in range(0, max(len(gone), len(some)), _CHUNK):
            with transaction(self._db):
                if not self._current(search):
                    return
                part = slice(at, at + _CHUNK)
                self._write(search.id, {}, dict(some[part]), gone[part])
            time.sleep(_PAUSE_S)

    def _current(self, search: Standing) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM saved_search WHERE id = ? AND version = ? AND removed = 0",
            (search.id, search.version),
        ).fetchone()
        return row is not None

    def _keep_timing(self, search: Standing, timing: Timing) -> None:
        with transaction(self._db):
            if self._current(search):
                self._db.execute(
                    "UPDATE saved_count SET version = ?, as_of = ?, due = ?, zone = ?"
                    " WHERE search_id = ?",
                    (search.version, *timing, search.id),
                )

    def keep_due(self, search: Standing, due: int | None) -> None:
        """Remember when the times of a saved search must be looked at again."""
        with transaction(self._db):
            self._db.execute("UPDATE saved_count SET due = ? WHERE search_id = ?", (due, search.id))

    def forget(self) -> None:
        """Have every saved search matched anew."""
        with transaction(self._db):
            self._db.execute("UPDATE saved_count SET version = 0")

    def clear_removed(self) -> bool:
        """Drop some matches of removed saved searches; return whether there were any."""
        with wrapped():
            some = self._db.execute(
                "SELECT m.search_id, m.article_id FROM saved_search s CROSS JOIN saved_match m"
                " ON m.search_id = s.id WHERE s.removed = 1 LIMIT ?",
                (_CHUNK,),
            ).fetchall()
        if not some:
            return False
        with transaction(self._db):
            self._db.executemany(
                "DELETE FROM saved_match WHERE search_id = ?1 AND article_id = ?2"
                " AND EXISTS (SELECT 1 FROM saved_search WHERE id = ?1 AND removed = 1)",
                some,
            )
        return True

    def published_between(self, first: int, last: int) -> Sequence[ArticleID]:
        """Return the articles published in a span of milliseconds, both ends in it."""
        with wrapped():
            rows = self._db.execute(
                "SELECT id FROM article WHERE published BETWEEN ? AND ?", (first, last)
            ).fetchall()
        return [ArticleID(row[0]) for row in rows]

    def next_published(self, since: int) -> int | None:
        """Return the first publication at or after ``since``, in milliseconds."""
        with wrapped():
            row = self._db.execute(
                "SELECT min(published) FROM article WHERE published >= ?", (since,)
            ).fetchone()
        return None if row[0] is None else int(row[0])

    def notices(self) -> Sequence[Notice]:
        """Return what the user is still to be told, a notice a saved search."""
        with wrapped():
            rows = self._db.execute(
                "SELECT s.id, s.name, a.id, a.title FROM saved_act d INDEXED BY saved_act_untold"
                " CROSS JOIN saved_search s ON s.id = d.search_id AND s.removed = 0"
                " CROSS JOIN article a ON a.id = d.article_id AND a.hidden = 0"
                " WHERE d.told = 0 ORDER BY s.key, a.sorted_at DESC, a.id DESC"
            ).fetchall()
        found: dict[tuple[int, str], list[tuple[ArticleID, str]]] = {}
        for search, name, article, title in rows:
            found.setdefault((search, name), []).append((ArticleID(article), title))
        return [
            Notice(*key, tuple(n for n, _ in some), tuple(title for _, title in some))
            for key, some in found.items()
        ]

    def told(self, notice: Notice) -> None:
        """Remember that the user was told."""
        with transaction(self._db):
            self._db.executemany(
                "UPDATE saved_act SET told = 1 WHERE search_id = ? AND article_id = ?",
                [(notice.search, article) for article in notice.articles],
            )
