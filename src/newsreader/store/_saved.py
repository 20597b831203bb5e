"""Saved searches as the user keeps them: names, queries, actions. What they match is derived."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from newsreader.errors import NotFoundError, UsageError
from newsreader.model import ArticleID, SavedSearch
from newsreader.store._acts import Acts
from newsreader.store._database import now_ms, transaction, wrapped

_NAME = 100
"""Code points of a name: more than a pane shows."""
_TAG = 100
_QUERY = 10_000
"""Code points of a query; the query language takes no more."""
_DONE = {"read": "marked read", "hide": "hidden", "bookmark": "bookmarked"}
ACTIONS = ("notify", *_DONE, "tag:NAME")
"""What a saved search may do to an article that arrives."""


class SavedSearches:
    """The user's saved searches; their names differ in more than case."""

    def __init__(self, db: sqlite3.Connection, acts: Acts) -> None:
        self._db = db
        self._acts = acts

    def all(self) -> Sequence[SavedSearch]:
        """Return every saved search, by name; the counts are kept, nothing is searched."""
        with wrapped():
            rows = self._db.execute(f"{_ROWS} WHERE s.removed = 0 ORDER BY s.key").fetchall()
        return [_read(row) for row in rows]

    def find(self, name: str) -> SavedSearch:
        """Return the saved search of that name; case does not matter.

        Raises:
            NotFoundError: there is none.
        """
        with wrapped():
            row = self._row(name)
        if row is None:
            raise NotFoundError(f"'{name}': no saved search has this name; see 'newsreader saved'")
        return _read(row)

    def _row(self, name: str) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._db.execute(
            f"{_ROWS} WHERE s.key = ? AND s.removed = 0", (_key(name),)
        ).fetchone()
        return found

    def keep(self, name: str, query: str, actions: Sequence[str] = ()) -> SavedSearch:
        """Add a saved search, or change the one of that name. One step of undo.

        Its matches are known when the worker has looked. Actions are done to what arrives from
        now on.

        Args:
            name: one line; what no terminal should get is taken out.
            query: must be one that can be read, which only the search package can tell. It becomes
            one line of at most 10,000 characters.
            actions: each one of ``ACTIONS``.

        Raises:
            UsageError: the name or query is empty, or an action is none.
        """
        after = {
            "name": _name(name),
            "query": _line(query, _QUERY),
            "actions": [*dict.fromkeys(_action(action) for action in actions)],
        }
        if not after["query"]:
            raise UsageError("a saved search needs a query")
        with transaction(self._db):
            row = self._row(name)
            if row is None:
                search, before = _insert(self._db, after), None
            else:
                search, before = int(row[0]), _state(row)
            if before != after:
                put(self._db, search, after)
                words = "added" if before is None else "changed"
                self._note(search, before, after, f'saved search "{_name(name)}" {words}')
        return self.find(name)

    def rename(self, name: str, new: str) -> SavedSearch:
        """Give a saved search another name. One step of undo.

        Raises:
            NotFoundError: there is none called ``name``.
            UsageError: another one is called ``new``, or it is empty.
        """
        wanted = _name(new)
        with transaction(self._db):
            row = self._row(name)
            if row is None:
                raise NotFoundError(f"'{name}': no saved search has this name")
            other = self._row(wanted)
            if other is not None and other[0] != row[0]:
                raise UsageError(f"another saved search is called '{other[1]}'")
            before = _state(row)
            after = {**before, "name": wanted}
            if before != after:
                put(self._db, int(row[0]), after)
                label = f'saved search "{row[1]}" renamed to "{wanted}"'
                self._note(int(row[0]), before, after, label)
        return self.find(wanted)

    def remove(self, name: str) -> None:
        """Remove a saved search; what it did to articles stays. One step of undo.

        Raises:
            NotFoundError: there is none of that name.
        """
        with transaction(self._db):
            row = self._row(name)
            if row is None:
                raise NotFoundError(f"'{name}': no saved search has this name")
            put(self._db, int(row[0]), None)
            self._note(int(row[0]), _state(row), None, f'saved search "{row[1]}" removed')

    def act_now(self, name: str) -> int:
        """Do a saved search's actions on the articles that match already.

        Returns how many changed. What it did to an article before is not done again, and no flag
        changes that was set or taken back since. One step of undo for each action.

        Raises:
            NotFoundError: there is none of that name.
            UsageError: its matches are not known yet.
        """
        from newsreader.store._arrivals import act_on_matches

        search = self.find(name)
        if not search.ready:
            raise UsageError(f"'{search.name}': its articles are not known yet; try again")
        with transaction(self._db):
            return act_on_matches(self._db, self._acts, search.id)

    def _note(
        self, search: int, before: dict[str, Any] | None, after: dict[str, Any] | None, label: str
    ) -> None:
        change = {"field": "saved", "id": search, "before": before, "after": after}
        self._acts.journal(label, change)

    def reasons(self, article: ArticleID) -> Sequence[str]:
        """Return what saved searches did to the article and still stands, in words."""
        with wrapped():
            rows = self._db.execute(
                "SELECT s.name, s.id, d.done FROM saved_act d JOIN saved_search s"
                " ON s.id = d.search_id WHERE d.article_id = ? ORDER BY d.at, s.id",
                (article,),
            ).fetchall()
            status = self._db.execute(
                "SELECT read_by, hidden_by, bookmarked_by FROM status WHERE article_id = ?",
                (article,),
            ).fetchone()
            by = dict(zip(_DONE, status or (None, None, None), strict=True))
            tags = self._acts.tags(article)
        return [
            f'{words} by saved search "{name}"'
            for name, search, done in rows
            for action in json.loads(done)
            if (words := _standing(action, search, by, tags))
        ]


def _standing(
    action: str, search: int, by: dict[str, int | None], tags: dict[str, int]
) -> str | None:
    if action.startswith("tag:"):
        # One that the user gave again is the user's.
        return f"tagged {action[4:]}" if tags.get(action[4:]) == 0 else None
    return _DONE[action] if by.get(action) == search else None


_ROWS = (
    "SELECT s.id, s.name, s.query, s.actions, c.unread, c.total,"
    " s.id IN (SELECT id FROM saved_ready)"
    " FROM saved_search s JOIN saved_count c ON c.search_id = s.id"
)


def _read(row: tuple[Any, ...]) -> SavedSearch:
    search, name, query, actions, unread, total, ready = row
    return SavedSearch(
        id=search,
        name=name,
        query=query,
        actions=tuple(json.loads(actions)),
        unread=unread if ready else 0,
        total=total if ready else 0,
        ready=bool(ready),
    )


def _state(row: tuple[Any, ...]) -> dict[str, Any]:
    return {"name": row[1], "query": row[2], "actions": json.loads(row[3])}


def _line(text: str, limit: int) -> str:
    # Imported when used: a start that only reads needs none of it.
    from newsreader.text.clean import clean_line

    return clean_line(text, limit)


def _key(name: str) -> str:
    """Return what makes two names the same."""
    return _line(name, _NAME).casefold()


def _name(text: str) -> str:
    name = _line(text, _NAME)
    if not name:
        raise UsageError("a saved search needs a name")
    return name


def _action(text: str) -> str:
    kind, colon, rest = text.partition(":")
    if kind == "tag" and colon and (name := _line(rest, _TAG)):
        return f"tag:{name}"
    if text in ("notify", *_DONE):
        return text
    known = ", ".join(ACTIONS)
    raise UsageError(f"'{_line(text, _TAG)}': is no action of a saved search; there are {known}")


def _insert(db: sqlite3.Connection, state: dict[str, Any]) -> int:
    """Insert a row that ``put`` fills: a removed one, for which no name is taken."""
    cursor = db.execute(
        "INSERT INTO saved_search (name, key, query, after, removed, created_at)"
        " VALUES (?, '', '', 0, 1, ?)",
        (state["name"], now_ms()),
    )
    return int(cursor.lastrowid or 0)


def put(db: sqlite3.Connection, search: int, state: dict[str, Any] | None) -> None:
    """Give a saved search its name, query and actions, or remove it, in the caller's transaction.

    Another query has to be matched anew. One that is new, or does something else than before,
    leaves alone what has arrived already.
    """
    if state is None:
        db.execute(
            "UPDATE saved_search SET removed = 1, version = version + 1 WHERE id = ?", (search,)
        )
        return
    actions = json.dumps(state["actions"], ensure_ascii=False)
    db.execute(
        "UPDATE saved_search SET"
        " after = iif(removed = 1 OR query <> ?4 OR actions <> ?5,"
        "  coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'arrival'), 0), after),"
        " version = version + (removed = 1 OR query <> ?4),"
        " name = ?2, key = ?3, query = ?4, actions = ?5, removed = 0 WHERE id = ?1",
        (search, state["name"], _key(state["name"]), state["query"], actions),
    )
