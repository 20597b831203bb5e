"""What saved searches do to an article that arrives: once, in the journal, never against the user.

An article arrives until it was asked about with its names. What came before a saved search was
kept, or did something else, is none of its arrivals.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from newsreader.model import ArticleID
from newsreader.store._acts import FLAG_WORDS, Acts, flag_change
from newsreader.store._database import now_ms
from newsreader.store._todo import enqueue
from newsreader.text.plurals import plural

FIELDS = {"read": "read", "hide": "hidden", "bookmark": "bookmarked"}
"""The flag that each action sets."""
_LONGEST_ACT = 5000
"""Articles that one step of undo takes back at most; the next ones begin another step."""


class _Search(NamedTuple):
    id: int
    name: str
    actions: list[str]
    articles: list[int]


def act_on_arrivals(
    db: sqlite3.Connection, acts: Acts, batch: str, searches: Sequence[int]
) -> None:
    """Do the actions of ``searches`` on the arrivals in ``batch``, in the caller's transaction.

    Args:
        db: the database.
        acts: where they are done.
        batch: ids of articles as a JSON array; their matches are kept already.
        searches: ids of the saved searches that were asked.
    """
    # All are asked before any acts: what one hides or marks read another still finds.
    matched = [_matched(db, search, _ARRIVED, (batch, search)) for search in searches]
    for search in matched:
        if search.articles:
            _act(db, acts, search, told=0 if "notify" in search.actions else None)
    # Nobody is told of what another saved search has hidden.
    db.execute(
        "UPDATE saved_act SET told = NULL WHERE told = 0"
        " AND article_id IN (SELECT j.value FROM json_each(?) j"
        "  JOIN article a ON a.id = j.value WHERE a.hidden = 1)",
        (batch,),
    )


def act_on_matches(db: sqlite3.Connection, acts: Acts, search: int) -> int:
    """Do the actions of a saved search on all that it shows, in the caller's transaction.

    Returns how many articles changed. What it did before is not done again, and what the user
    set is left alone.
    """
    found = _matched(db, search, _SHOWN, (search,))
    return _act(db, acts, found, told=None)


def _act(db: sqlite3.Connection, acts: Acts, search: _Search, *, told: int | None) -> int:
    """Do each action and remember what it changed; return how many articles changed."""
    before = _done_before(db, search)
    done: dict[int, list[str]] = {article: [] for article in search.articles}
    for action in search.actions:
        left = [article for article in search.articles if action not in before.get(article, ())]
        for article in _do(db, acts, search._replace(articles=left), action):
            done[article].append(action)
    now = now_ms()
    db.executemany(
        "INSERT INTO saved_act VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET done = excluded.done, at = excluded.at",
        [
            (search.id, n, now, json.dumps(before.get(n, []) + what, ensure_ascii=False), told)
            for n, what in done.items()
        ],
    )
    return sum(bool(what) for what in done.values())


def _done_before(db: sqlite3.Connection, search: _Search) -> dict[int, list[str]]:
    rows = db.execute(
        "SELECT article_id, done FROM json_each(?) j CROSS JOIN saved_act"
        " ON search_id = ? AND article_id = j.value",
        (json.dumps(search.articles), search.id),
    ).fetchall()
    return {article: json.loads(done) for article, done in rows}


def _matched(
    db: sqlite3.Connection, search: int, which: str, values: tuple[object, ...]
) -> _Search:
    """Return a saved search with the articles on which it has still to act."""
    row = db.execute(
        "SELECT name, actions FROM saved_search WHERE id = ? AND removed = 0", (search,)
    ).fetchone()
    name, actions = row if row is not None else ("", "[]")
    articles = db.execute(which, values).fetchall() if actions != "[]" else []
    return _Search(search, name, json.loads(actions), [article for (article,) in articles])


_ARRIVED = (
    "SELECT a.id FROM json_each(?1) j CROSS JOIN arrival x ON x.article_id = j.value"
    " JOIN saved_search s ON s.id = ?2 AND x.number > s.after"
    " JOIN saved_match m ON m.search_id = s.id AND m.article_id = j.value"
    " JOIN article a ON a.id = j.value"
    " WHERE ((m.mask >> (a.read + 2 * a.bookmarked + 4 * a.noted))"
    "  | (m.mask >> (a.read + 2 * a.bookmarked + 4 * a.noted + 8 * a.hidden))) & 1"
    " AND NOT EXISTS (SELECT 1 FROM saved_act d"
    "  WHERE d.search_id = s.id AND d.article_id = a.id)"
    " ORDER BY j.key"
)


_SHOWN = (
    "SELECT m.article_id FROM saved_match m WHERE m.search_id = ?1 AND m.shown = 1"
    " AND ?1 IN (SELECT id FROM saved_ready)"
    " ORDER BY m.sorted_at DESC, m.article_id DESC"
)


def _do(db: sqlite3.Connection, acts: Acts, search: _Search, action: str) -> Sequence[int]:
    """Do one action; return the articles that it changed."""
    if action == "notify":
        return []
    if action.startswith("tag:"):
        tag = action[4:]
        tagged = add_tag(db, tag, search.articles)
        _journal(db, acts, search, action, {"field": "tagged", "tag": tag, "articles": tagged})
        return tagged
    field = FIELDS[action]
    by = dict.fromkeys(search.articles, search.id)
    changed = acts.set_flag(field, _untouched(db, field, search.articles), on=True, by=by)
    change = flag_change(field, dict.fromkeys(changed, search.id), on=True)
    _journal(db, acts, search, action, change)
    return list(changed)


def _untouched(db: sqlite3.Connection, field: str, articles: Sequence[int]) -> list[int]:
    """Return the articles whose flag nobody has set or taken back yet."""
    rows = db.execute(
        "SELECT j.value FROM json_each(?) j LEFT JOIN status st ON st.article_id = j.value"
        " WHERE CASE ? WHEN 'read' THEN st.read_at WHEN 'hidden' THEN st.hidden_at"
        " ELSE st.bookmarked_at END IS NULL ORDER BY j.key",
        (json.dumps(articles), field),
    ).fetchall()
    return [row[0] for row in rows]


def add_tag(db: sqlite3.Connection, tag: str, articles: Sequence[int]) -> list[int]:
    """Tag articles, not in the user's name, in the caller's transaction; return the changed."""
    now = now_ms()
    changed = [
        article
        for article in articles
        if db.execute(
            "INSERT INTO tag SELECT id, ?, 0, ? FROM article WHERE id = ? ON CONFLICT DO NOTHING",
            (tag, now, article),
        ).rowcount
    ]
    enqueue(db, "index", [ArticleID(article) for article in changed])
    return changed


def drop_tag(db: sqlite3.Connection, tag: str, articles: Sequence[int]) -> None:
    """Take back ``add_tag`` where the user has not given the same tag since."""
    changed = [
        article
        for article in articles
        if db.execute(
            "DELETE FROM tag WHERE article_id = ? AND name = ? AND by_user = 0", (article, tag)
        ).rowcount
    ]
    enqueue(db, "index", [ArticleID(article) for article in changed])


def _journal(
    db: sqlite3.Connection, acts: Acts, search: _Search, action: str, change: dict[str, Any]
) -> None:
    """Add to the journal; what follows on the last step of the same search makes it longer.

    So a large import is one step and not hundreds, and the user's own steps stay.
    """
    if not change["articles"]:
        return
    last = db.execute(
        "SELECT id, change FROM act WHERE undone = 0 AND search_id = ? AND action = ?"
        " AND id > (SELECT coalesce(max(id), 0) FROM act WHERE search_id IS NULL)"
        " ORDER BY id DESC LIMIT 1",
        (search.id, action),
    ).fetchone()
    before: dict[str, Any] = json.loads(last[1]) if last is not None else {"articles": []}
    joined = len(before["articles"]) + len(change["articles"]) <= _LONGEST_ACT
    if last is not None and joined:
        change = _joined(before, change)
    words = f"tagged {action[4:]}" if action not in FIELDS else FLAG_WORDS[FIELDS[action], True]
    label = f'{plural(len(change["articles"]), "article")} {words} by saved search "{search.name}"'
    if last is not None and joined:
        db.execute(
            "UPDATE act SET label = ?, change = ? WHERE id = ?",
            (label, json.dumps(change, ensure_ascii=False), last[0]),
        )
    else:
        acts.journal(label, change, search=search.id, action=action)


def _joined(before: Mapping[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    more = {**change, "articles": before["articles"] + change["articles"]}
    if "by" in change:
        more["by"] = before["by"] | change["by"]
    return more
