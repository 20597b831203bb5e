"""What the user does: each act is durable when its call returns, and can be taken back.

An act is kept with the articles it really changed, so that undoing it touches nothing else.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from newsreader.errors import UsageError
from newsreader.model import ArticleID, Position
from newsreader.store._database import now_ms, transaction, wrapped
from newsreader.store._todo import enqueue
from newsreader.text.plurals import plural

_ACT = "SELECT id, label, change FROM act"
_OURS = (
    "(?1 IS NULL OR id <= ?1 OR search_id IS NOT NULL OR id IN (SELECT value FROM json_each(?2)))"
)
_KEPT_ACTS = 1000
"""Steps that can be taken back."""


class Acts:
    """Read, bookmark, hide, tag, annotate; undo and redo.

    With ``since`` set to an act's id, undo and redo leave alone what others did after that one,
    in another reader or by a command.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.since: int | None = None
        self._own: list[int] = []

    def last(self) -> int:
        """Return the id of the last act, 0 if there is none."""
        with wrapped():
            return int(self._db.execute("SELECT coalesce(max(id), 0) FROM act").fetchone()[0])

    def mark_read(self, articles: Iterable[ArticleID], *, read: bool) -> int:
        """Mark articles; return how many changed."""
        return self._flag("read", articles, on=read)

    def bookmark(self, articles: Iterable[ArticleID], *, on: bool) -> int:
        """Bookmark articles or remove the bookmarks; return how many changed."""
        return self._flag("bookmarked", articles, on=on)

    def hide(self, articles: Iterable[ArticleID], *, on: bool) -> int:
        """Hide articles from every list, count and search, or show them again."""
        return self._flag("hidden", articles, on=on)

    def _flag(self, field: str, articles: Iterable[ArticleID], *, on: bool) -> int:
        with transaction(self._db):
            changed = self.set_flag(field, list(articles), on=on)
            if changed:
                change = flag_change(field, changed, on=on)
                self.journal(f"{plural(len(changed), 'article')} {FLAG_WORDS[field, on]}", change)
        return len(changed)

    def set_flag(
        self,
        field: str,
        articles: Sequence[int],
        *,
        on: bool,
        by: Mapping[int, int | None] | None = None,
    ) -> dict[int, int | None]:
        """Set one flag, in the caller's transaction.

        Returns the articles that changed, each with the saved search that had set its flag.

        Args:
            field: "read", "bookmarked" or "hidden".
            articles: which.
            on: the flag's new value.
            by: the saved search that does it, where it is not the user.
        """
        rows = self._db.execute(
            f"SELECT a.id, st.{field}_by FROM json_each(?) j JOIN article a ON a.id = j.value"  # noqa: S608 - one of three words
            f" LEFT JOIN status st ON st.article_id = a.id WHERE a.{field} <> ? ORDER BY j.key",
            (json.dumps(articles), int(on)),
        ).fetchall()
        now = now_ms()
        doer = (by or {}) if on else {}
        self._db.executemany(
            f"INSERT INTO status (article_id, {field}, {field}_at, {field}_by)"  # noqa: S608 - one of three words
            f" VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET {field} = excluded.{field},"
            f" {field}_at = excluded.{field}_at, {field}_by = excluded.{field}_by",
            [(article, int(on), now, doer.get(article)) for article, _ in rows],
        )
        return dict(rows)

    def tag(self, articles: Iterable[ArticleID], *, add: Sequence[str], drop: Sequence[str]) -> int:
        """Add and drop tags; return how many articles changed."""
        changed: list[list[Any]] = []
        with transaction(self._db):
            for article in articles:
                before = self.tags(article)
                after = {name: before.get(name, 1) for name in (*before, *add) if name not in drop}
                if set(after) != set(before):
                    self.set_tags(article, after)
                    changed.append([article, before, after])
            if changed:
                words = " ".join([*(f"+{name}" for name in add), *(f"-{name}" for name in drop)])
                label = f"{plural(len(changed), 'article')} tagged {words}"
                self.journal(label, {"field": "tag", "articles": changed})
        return len(changed)

    def tags(self, article: int) -> dict[str, int]:
        """Return the article's tags, each with whether the user gave it."""
        rows = self._db.execute(
            "SELECT name, by_user FROM tag WHERE article_id = ? ORDER BY name", (article,)
        )
        return dict(rows.fetchall())

    def set_tags(self, article: int, tags: dict[str, int]) -> None:
        """Replace the article's tags, in the caller's transaction."""
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
            self.journal("note changed" if note else "note removed", change)
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

    def journal(
        self,
        label: str,
        change: dict[str, Any],
        *,
        search: int | None = None,
        action: str | None = None,
    ) -> None:
        """Add a step in the caller's transaction.

        After one of the user's, what was taken back cannot be done again; one of a saved search,
        which comes at any time, leaves that alone.
        """
        if search is None:
            self._db.execute("DELETE FROM act WHERE undone = 1")
        cursor = self._db.execute(
            "INSERT INTO act (at, label, change, search_id, action) VALUES (?, ?, ?, ?, ?)",
            (
                now_ms(),
                label,
                json.dumps(change, ensure_ascii=False, separators=(",", ":")),
                search,
                action,
            ),
        )
        last = int(cursor.lastrowid or 0)
        if search is None:
            self._own.append(last)
        self._db.execute("DELETE FROM act WHERE id <= ?", (last - _KEPT_ACTS,))

    def undo(self) -> str | None:
        """Take back the last act that stands; return what it was.

        Raises:
            UsageError: another reader has changed the same thing since.
        """
        return self._step(f"{_ACT} WHERE undone = 0 AND {_OURS} ORDER BY id DESC", 1)

    def redo(self) -> str | None:
        """Do again the act taken back last; return what it was."""
        return self._step(f"{_ACT} WHERE undone = 1 AND {_OURS} ORDER BY id", 0)

    def _step(self, query: str, undone: int) -> str | None:
        with transaction(self._db):
            row = self._db.execute(query, (self.since, json.dumps(self._own))).fetchone()
            if row is None:
                return None
            act, label, change = row[0], row[1], json.loads(row[2])
            if self.since is not None:
                change = self._but_later(act, change)
            self._apply(change, back=bool(undone))
            self._db.execute("UPDATE act SET undone = ? WHERE id = ?", (undone, act))
        return str(label)

    def _but_later(self, act: int, change: dict[str, Any]) -> dict[str, Any]:
        """Return ``change`` without the articles whose same mark others have changed since."""
        field = change["field"]
        later: set[Any] = set()
        for (written,) in self._db.execute(
            "SELECT change FROM act WHERE id > ? AND undone = 0"
            " AND json_extract(change, '$.field') = ?",
            (act, field),
        ):
            later |= _touched(json.loads(written))
        if not later & _touched(change):
            return change
        if field not in ("read", "bookmarked", "hidden"):
            raise UsageError("Another reader has changed the same since: it is left as it is")
        return change | {"articles": [each for each in change["articles"] if each not in later]}

    def _apply(self, change: dict[str, Any], *, back: bool) -> None:
        match change["field"]:
            case "tag":
                for article, before, after in change["articles"]:
                    was, becomes = (after, before) if back else (before, after)
                    # A saved search may have tagged it since: only the difference is taken.
                    now = {
                        k: v for k, v in self.tags(article).items() if k not in was.keys() - becomes
                    }
                    self.set_tags(article, {k: becomes[k] for k in becomes.keys() - was} | now)
            case "note":
                self._set_note(change["article"], change["before" if back else "after"])
            case "tagged":
                from newsreader.store._arrivals import add_tag, drop_tag

                (drop_tag if back else add_tag)(self._db, change["tag"], change["articles"])
            case "saved":
                from newsreader.store._saved import put

                put(self._db, change["id"], change["before" if back else "after"])
            case "entity":
                from newsreader.store._entity_acts import put as put_entities

                put_entities(self._db, change["before" if back else "after"])
            case "source":
                from newsreader.store._feeds import put as put_source

                put_source(self._db, change["source"], change["before" if back else "after"])
            case field:
                by = {int(article): search for article, search in change.get("by", {}).items()}
                self.set_flag(field, change["articles"], on=change["on"] is not back, by=by)


def _touched(change: dict[str, Any]) -> set[Any]:
    """Return the keys of what an act changed, among those of its field."""
    match change["field"]:
        case "tag":
            return {article for article, _, _ in change["articles"]}
        case "note":
            return {change["article"]}
        case "saved":
            return {change["id"]}
        case "source":
            return {change["source"]}
        case "entity":
            sides = (change["before"], change["after"])
            return {(kind, key) for side in sides for kind, rows in side.items() for key in rows}
        case "tagged":
            return {(change["tag"], article) for article in change["articles"]}
        case _:
            return set(change["articles"])


def flag_change(field: str, changed: Mapping[int, int | None], *, on: bool) -> dict[str, Any]:
    """Return a flag's change for the journal; ``changed`` says who set, or had set, each flag."""
    by = {str(article): search for article, search in changed.items() if search is not None}
    return {"field": field, "on": on, "articles": list(changed), "by": by}


FLAG_WORDS = {
    ("read", True): "marked read",
    ("read", False): "marked unread",
    ("bookmarked", True): "bookmarked",
    ("bookmarked", False): "taken out of the bookmarks",
    ("hidden", True): "hidden",
    ("hidden", False): "shown again",
}
