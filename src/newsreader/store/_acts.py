"""What the user does: each act is durable when its call returns, and can be taken back.

An act is kept with the articles it really changed, so that undoing it touches nothing else.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from newsreader.model import ArticleID, Position
from newsreader.store._database import now_ms, transaction
from newsreader.store._todo import enqueue

_KEPT_ACTS = 1000
"""Steps that can be taken back."""


def _plural(count: int) -> str:
    return "1 article" if count == 1 else f"{count:,} articles"


class Acts:
    """Read, bookmark, tag, annotate; undo and redo."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def mark_read(self, articles: Iterable[ArticleID], *, read: bool) -> int:
        """Mark articles; return how many changed."""
        return self._flag("read", articles, on=read)

    def bookmark(self, articles: Iterable[ArticleID], *, on: bool) -> int:
        """Bookmark articles or remove the bookmarks; return how many changed."""
        return self._flag("bookmarked", articles, on=on)

    def _flag(self, field: str, articles: Iterable[ArticleID], *, on: bool) -> int:
        with transaction(self._db):
            changed = self._set_flag(field, list(articles), on=on)
            if changed:
                words = {
                    ("read", True): "marked read",
                    ("read", False): "marked unread",
                    ("bookmarked", True): "bookmarked",
                    ("bookmarked", False): "taken out of the bookmarks",
                }[field, on]
                change = {"field": field, "on": on, "articles": changed}
                self._journal(f"{_plural(len(changed))} {words}", change)
        return len(changed)

    def _set_flag(self, field: str, articles: Sequence[int], *, on: bool) -> list[int]:
        """Set one flag, in the caller's transaction; return the articles that changed."""
        rows = self._db.execute(_DIFFERENT[field], (json.dumps(articles), int(on))).fetchall()
        changed = [row[0] for row in rows]
        now = now_ms()
        self._db.executemany(_SET[field], [(article, int(on), now) for article in changed])
        return changed

    def tag(self, articles: Iterable[ArticleID], *, add: Sequence[str], drop: Sequence[str]) -> int:
        """Add and drop tags; return how many articles changed."""
        changed: list[list[Any]] = []
        with transaction(self._db):
            for article in articles:
                before = self._tags(article)
                after = {name: before.get(name, 1) for name in (*before, *add) if name not in drop}
                if set(after) != set(before):
                    self._set_tags(article, after)
                    changed.append([article, before, after])
            if changed:
                words = " ".join([*(f"+{name}" for name in add), *(f"-{name}" for name in drop)])
                label = f"{_plural(len(changed))} tagged {words}"
                self._journal(label, {"field": "tag", "articles": changed})
        return len(changed)

    def _tags(self, article: int) -> dict[str, int]:
        rows = self._db.execute(
            "SELECT name, by_user FROM tag WHERE article_id = ? ORDER BY name", (article,)
        )
        return dict(rows.fetchall())

    def _set_tags(self, article: int, tags: dict[str, int]) -> None:
        self._db.execute("DELETE FROM tag WHERE article_id = ?", (article,))
        self._db.executemany(
            "INSERT INTO tag VALUES (?, ?, ?, ?)",
            [(article, name, by_user, now_ms()) for name, by_user in tags.items()],
        )
        enqueue(self._db, "index", [ArticleID(article)])

    def annotate(self, article: ArticleID, note: str) -> int:
        """Set the article's note, or remove it with ""; return 1 if it changed."""
        with transaction(self._db):
            row = self._db.execute(
                "SELECT text FROM note WHERE article_id = ?", (article,)
            ).fetchone()
            before = row[0] if row else ""
            if before == note:
                return 0
            self._set_note(article, note)
            change = {"field": "note", "article": article, "before": before, "after": note}
            self._journal("note changed" if note else "note removed", change)
        return 1

    def _set_note(self, article: int, note: str) -> None:
        if note:
            self._db.execute(
                "INSERT INTO note VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
                " SET text = excluded.text, changed_at = excluded.changed_at",
                (article, note, now_ms()),
            )
        else:
            self._db.execute("DELETE FROM note WHERE article_id = ?", (article,))

    def keep_position(self, article: ArticleID, position: Position) -> None:
        """Remember where the reader was; not an act, so not in the journal."""
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO status (article_id, position_revision, position_offset, position_at)"
                " VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " position_revision = excluded.position_revision,"
                " position_offset = excluded.position_offset, position_at = excluded.position_at",
                (article, position.revision, position.offset, now_ms()),
            )

    def _journal(self, label: str, change: dict[str, Any]) -> None:
        """Add a step; what had been taken back can no longer be done again."""
        self._db.execute("DELETE FROM act WHERE undone = 1")
        cursor = self._db.execute(
            "INSERT INTO act (at, label, change) VALUES (?, ?, ?)",
            (now_ms(), label, json.dumps(change, ensure_ascii=False, separators=(",", ":"))),
        )
        last = int(cursor.lastrowid or 0)
        self._db.execute("DELETE FROM act WHERE id <= ?", (last - _KEPT_ACTS,))

    def undo(self) -> str | None:
        """Take back the last act that stands; return what it was."""
        return self._step("SELECT id, label, change FROM act WHERE undone = 0 ORDER BY id DESC", 1)

    def redo(self) -> str | None:
        """Do again the act taken back last; return what it was."""
        return self._step("SELECT id, label, change FROM act WHERE undone = 1 ORDER BY id", 0)

    def _step(self, query: str, undone: int) -> str | None:
        with transaction(self._db):
            row = self._db.execute(query).fetchone()
            if row is None:
                return None
            act, label, change = row
            self._apply(json.loads(change), back=bool(undone))
            self._db.execute("UPDATE act SET undone = ? WHERE id = ?", (undone, act))
        return str(label)

    def _apply(self, change: dict[str, Any], *, back: bool) -> None:
        match change["field"]:
            case "tag":
                for article, before, after in change["articles"]:
                    self._set_tags(article, before if back else after)
            case "note":
                self._set_note(change["article"], change["before" if back else "after"])
            case field:
                self._set_flag(field, change["articles"], on=change["on"] is not back)


_DIFFERENT = {
    "read": "SELECT j.value FROM json_each(?) j JOIN article a ON a.id = j.value"
    " WHERE a.read <> ? ORDER BY j.key",
    "bookmarked": "SELECT j.value FROM json_each(?) j JOIN article a ON a.id = j.value"
    " WHERE a.bookmarked <> ? ORDER BY j.key",
}
_SET = {
    "read": "INSERT INTO status (article_id, read, read_at) VALUES (?, ?, ?)"
    " ON CONFLICT DO UPDATE SET read = excluded.read, read_at = excluded.read_at",
    "bookmarked": "INSERT INTO status (article_id, bookmarked, bookmarked_at) VALUES (?, ?, ?)"
    " ON CONFLICT DO UPDATE SET bookmarked = excluded.bookmarked,"
    " bookmarked_at = excluded.bookmarked_at",
}
