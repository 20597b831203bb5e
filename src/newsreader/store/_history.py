"""What the user has searched for, newest first."""

import sqlite3
from collections.abc import Sequence

from newsreader.store._database import now_ms, transaction, wrapped

_KEPT = 1000
"""Searches that are remembered."""
_LONGEST = 10_000
"""Code points of a query; the query language takes no more."""


class History:
    """The searches of one home; each is there once, where it was made last."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, query: str) -> None:
        """Remember a search; one of spaces only is none."""
        # Imported when used: a start that only reads needs none of it.
        from newsreader.text.clean import clean_line

        words = clean_line(query)[:_LONGEST]
        if not words:
            return
        with transaction(self._db):
            self._db.execute("DELETE FROM search_history WHERE query = ?", (words,))
            self._db.execute(
                "INSERT INTO search_history (query, at) VALUES (?, ?)", (words, now_ms())
            )
            self._db.execute(
                "DELETE FROM search_history WHERE id <="
                " (SELECT id FROM search_history ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (_KEPT,),
            )

    def recent(self, limit: int = 100) -> Sequence[str]:
        """Return the last searches, newest first."""
        with wrapped():
            rows = self._db.execute(
                "SELECT query FROM search_history ORDER BY id DESC LIMIT ?", (limit,)
            ).fetchall()
        return [row[0] for row in rows]
