"""Looking at every article: can its text be read, do its names fit it."""

import sqlite3
import zlib
from collections.abc import Sequence

from newsreader.model import ArticleID
from newsreader.store._body import decode_structure, decode_text

_MOST = 20
"""What is told at most."""


def unreadable(db: sqlite3.Connection) -> Sequence[str]:
    """Return what is wrong with the texts of articles, in words; at most twenty of it."""
    missing = db.execute(
        "SELECT id FROM article a WHERE NOT EXISTS (SELECT 1 FROM revision r"
        " WHERE r.article_id = a.id AND r.number = a.revision) LIMIT ?",
        (_MOST,),
    )
    wrong = [f"a{article} has no text" for (article,) in missing]
    rows = db.execute("SELECT article_id, number, codec, text, structure FROM revision")
    for article, number, codec, text, structure in rows:
        if len(wrong) >= _MOST:
            break
        try:
            body, _, _ = decode_structure(decode_text(codec, text), structure)
        except (ValueError, KeyError, TypeError, AttributeError, zlib.error):
            wrong.append(f"the text of a{article} (revision {number}) cannot be read")
            continue
        if any(not 0 <= block.start <= block.end <= len(body.text) for block in body.blocks):
            wrong.append(f"the paragraphs of a{article} (revision {number}) do not fit its text")
    return wrong


def misplaced(db: sqlite3.Connection) -> Sequence[ArticleID]:
    """Return the articles that have names beyond the end of their text."""
    ends = db.execute(
        "SELECT m.article_id, max(m.end), r.codec, r.text FROM mention m"
        " JOIN article a ON a.id = m.article_id"
        " JOIN revision r ON r.article_id = a.id AND r.number = a.revision"
        " WHERE NOT EXISTS (SELECT 1 FROM todo t"
        "  WHERE t.stage = 'entities' AND t.article_id = a.id)"
        " GROUP BY m.article_id"
    )
    found = []
    for article, end, codec, text in ends:
        try:
            if end > len(decode_text(codec, text)):
                found.append(article)
        except (ValueError, zlib.error):
            continue  # Said of the text already.
    return found
