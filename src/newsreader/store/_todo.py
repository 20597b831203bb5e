"""What still has to be derived: one row an article and stage, newest first."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from newsreader.model import ArticleID, Pending
from newsreader.store._database import now_ms, transaction, wrapped

_ATTEMPTS = 3
"""Times a stage is tried on an article before it is set aside with the reason."""


class Task(NamedTuple):
    """One article's stage; ``seq`` tells whether it changed again meanwhile."""

    article: ArticleID
    seq: int


def enqueue(db: sqlite3.Connection, stage: str, articles: Iterable[ArticleID]) -> None:
    """Queue ``stage`` ("index" or "entities") of ``articles`` inside the caller's transaction."""
    db.executemany(
        "INSERT INTO todo (stage, article_id, sorted_at) VALUES (?1, ?2,"
        " coalesce((SELECT sorted_at FROM article WHERE id = ?2), 0))"
        " ON CONFLICT (stage, article_id) DO UPDATE SET seq = seq + 1, attempts = 0",
        [(stage, article) for article in articles],
    )


class Todo:
    """The queue of derived work. A row goes only after its stage is committed."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def pending(self) -> Pending:
        """Return how many articles wait for each stage."""
        with wrapped():
            counts = dict(self._db.execute("SELECT stage, count(*) FROM todo GROUP BY stage"))
        return Pending(index=counts.get("index", 0), entities=counts.get("entities", 0))

    def take(self, stage: str, limit: int) -> Sequence[Task]:
        """Return up to ``limit`` tasks, newest articles first; they stay queued."""
        with wrapped():
            rows = self._db.execute(
                "SELECT article_id, seq FROM todo WHERE stage = ?"
                " ORDER BY sorted_at DESC, article_id DESC LIMIT ?",
                (stage, limit),
            ).fetchall()
        return [Task(ArticleID(article), seq) for article, seq in rows]

    def done(self, stage: str, tasks: Iterable[Task]) -> None:
        """Take tasks out, except those that were queued again meanwhile."""
        with transaction(self._db):
            self._db.executemany(
                "DELETE FROM todo WHERE stage = ? AND article_id = ? AND seq = ?",
                [(stage, task.article, task.seq) for task in tasks],
            )

    def failed(self, stage: str, task: Task, reason: str) -> None:
        """Count a failed attempt; after the third the article is set aside with ``reason``."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE todo SET attempts = attempts + 1 WHERE stage = ? AND article_id = ?",
                (stage, task.article),
            )
            cursor = self._db.execute(
                "DELETE FROM todo WHERE stage = ? AND article_id = ? AND attempts >= ?",
                (stage, task.article, _ATTEMPTS),
            )
            if cursor.rowcount:
                self._db.execute(
                    "INSERT INTO failure VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
                    " SET reason = excluded.reason, at = excluded.at",
                    (stage, task.article, reason[:500], now_ms()),
                )

    def failures(self) -> Sequence[tuple[str, ArticleID, str]]:
        """Return (stage, article, reason) of what was set aside."""
        with wrapped():
            rows = self._db.execute(
                "SELECT stage, article_id, reason FROM failure ORDER BY at"
            ).fetchall()
        return [(stage, ArticleID(article), reason) for stage, article, reason in rows]

    def queue_failed(self) -> None:
        """Try once more what was set aside."""
        with transaction(self._db):
            for stage, article in self._db.execute(
                "SELECT stage, article_id FROM failure"
            ).fetchall():
                enqueue(self._db, stage, [article])
            self._db.execute("DELETE FROM failure")

    def queue_all(self, stage: str) -> int:
        """Queue ``stage`` for every article; return how many."""
        with transaction(self._db):
            self._db.execute("DELETE FROM failure WHERE stage = ?", (stage,))
            return self._db.execute(
                "INSERT INTO todo (stage, article_id, sorted_at)"
                " SELECT ?, id, sorted_at FROM article WHERE true"
                " ON CONFLICT DO UPDATE SET seq = seq + 1, attempts = 0",
                (stage,),
            ).rowcount

    def queue(self, stage: str, articles: Iterable[ArticleID]) -> None:
        """Queue ``stage`` for ``articles``, which need no longer exist."""
        with transaction(self._db):
            enqueue(self._db, stage, articles)

    def queue_outdated(self, version: int) -> int:
        """Queue recognition for articles done by another version; return how many."""
        with transaction(self._db):
            return self._db.execute(
                "INSERT INTO todo (stage, article_id, sorted_at)"
                " SELECT 'entities', id, sorted_at FROM article"
                " WHERE recognised NOT IN (0, ?) ON CONFLICT DO NOTHING",
                (version,),
            ).rowcount
