"""Revisions of an article's text: what is stored, which one is read, what becomes of the old.

Every function works in the caller's transaction.
"""

import json
import sqlite3

from newsreader.model import ArticleID, Body, Credit, Link
from newsreader.store._body import decode_text, encode_structure, encode_text
from newsreader.store._todo import enqueue

_CONTEXT = 48
"""Characters by which a reading position is found again in a changed text."""
_KEPT = 10
"""Old revisions that are kept: what a publisher changed can be looked at."""


def newest_revision(db: sqlite3.Connection, article: int, origin: str) -> tuple[int, str] | None:
    """Return (number, text) of the newest revision from "feed" or "page", None without one."""
    row = db.execute(
        "SELECT number, codec, text FROM revision WHERE article_id = ? AND origin = ?"
        " ORDER BY number DESC LIMIT 1",
        (article, origin),
    ).fetchone()
    return None if row is None else (int(row[0]), decode_text(row[1], row[2]))


def add_revision(
    db: sqlite3.Connection,
    article: int,
    body: Body,
    links: tuple[Link, ...],
    credits: tuple[Credit, ...],
    *,
    origin: str,
    now: int,
) -> int:
    """Store a text as a revision of its own, and return its number; it is not read yet."""
    number = _next_number(db, article)
    structure = encode_structure(body, links, credits)
    db.execute(
        "INSERT INTO revision (article_id, number, saved_at, codec, text, structure, origin)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (article, number, now, *encode_text(body.text), structure, origin),
    )
    return number


def restructure(
    db: sqlite3.Connection,
    article: int,
    number: int,
    body: Body,
    links: tuple[Link, ...],
    credits: tuple[Credit, ...],
) -> None:
    """Replace what stands on the offsets of a revision whose text is the same."""
    db.execute(
        "UPDATE revision SET structure = ? WHERE article_id = ? AND number = ?",
        (encode_structure(body, links, credits), article, number),
    )


def read_revision(db: sqlite3.Connection, article: int, number: int) -> None:
    """Make a revision the one that is read: the place moves along, its names are to be found."""
    row = db.execute(
        "SELECT r.number, codec, text FROM article a JOIN revision r"
        " ON r.article_id = a.id AND r.number = a.revision WHERE a.id = ?",
        (article,),
    ).fetchone()
    db.execute("UPDATE article SET revision = ? WHERE id = ?", (number, article))
    if row is not None and row[0] != number:
        for table in ("mention", "guess", "article_entity"):
            db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article,))  # noqa: S608 - one of three words
        _move_position(db, article, row[0], decode_text(row[1], row[2]))
    _drop_old(db, article)
    enqueue(db, "entities", [ArticleID(article)])
    enqueue(db, "index", [ArticleID(article)])


def _next_number(db: sqlite3.Connection, article: int) -> int:
    """Number revisions on across removals, because highlights outlive the article."""
    highest = db.execute(
        "SELECT max(coalesce((SELECT max(number) FROM revision WHERE article_id = ?1), 0),"
        " coalesce((SELECT max(revision) FROM highlight WHERE article_id = ?1), 0),"
        " coalesce((SELECT position_revision FROM status WHERE article_id = ?1), 0))",
        (article,),
    ).fetchone()[0]
    return int(highest) + 1


def _drop_old(db: sqlite3.Connection, article: int) -> None:
    """Drop the oldest, but neither what is read, nor the newest of an origin, nor highlights'."""
    db.execute(
        "DELETE FROM revision WHERE article_id = ?1 AND number IN"
        " (SELECT number FROM revision WHERE article_id = ?1"
        "   AND number <> (SELECT revision FROM article WHERE id = ?1)"
        "   AND number NOT IN (SELECT max(number) FROM revision WHERE article_id = ?1"
        "    GROUP BY origin)"
        "   AND number NOT IN (SELECT revision FROM highlight WHERE article_id = ?1)"
        "  ORDER BY number DESC LIMIT -1 OFFSET ?2)",
        (article, _KEPT),
    )


def _move_position(db: sqlite3.Connection, article: int, revision: int, before: str) -> None:
    row = db.execute(
        "SELECT st.position_offset, a.revision, r.codec, r.text FROM status st"
        " JOIN article a ON a.id = st.article_id"
        " JOIN revision r ON r.article_id = a.id AND r.number = a.revision"
        " WHERE st.article_id = ? AND st.position_revision = ?",
        (article, revision),
    ).fetchone()
    if row is None or row[0] is None:
        return
    db.execute(
        "UPDATE status SET position_offset = ?, position_revision = ? WHERE article_id = ?",
        (_same_place(before, decode_text(row[2], row[3]), row[0]), row[1], article),
    )


def _same_place(before: str, after: str, offset: int) -> int:
    """Return where ``before[offset]`` is in ``after``: unchanged start, else its next words."""
    if before[:offset] == after[:offset]:
        return min(offset, len(after))
    found = after.find(before[offset : offset + _CONTEXT])
    return found if found >= 0 else min(offset, len(after))


def note_change(
    db: sqlite3.Connection, article: int, *, revision: int, old: dict[str, str], now: int
) -> None:
    """Keep what a publisher changed; ``old`` are the fields as they were."""
    if old:
        db.execute(
            "INSERT INTO change VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET old = json_patch(excluded.old, old)",
            (article, now, revision, json.dumps(old, ensure_ascii=False)),
        )
