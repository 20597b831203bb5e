"""Full texts from the publishers' pages: what is wished for, what came, what could not be had."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from newsreader.errors import NotFoundError
from newsreader.model import ArticleID, ParsedEntry
from newsreader.store._database import now_ms, to_ms, transaction, wrapped
from newsreader.store._revisions import (
    add_revision,
    newest_revision,
    read_revision,
    restructure,
)
from newsreader.text.words import word_count

_LONGEST_WAIT_MS = 2 * 24 * 3600 * 1000
"""No page that is to be tried again is put off for as long as this."""


class PageWish(NamedTuple):
    """An article whose page is to be fetched.

    Args:
        text: all that the feed gave of it.
        home: the address of the feed it came by, which the user gave; None for imported ones.
        insecure, user_agent: as set for that feed.
    """

    article: ArticleID
    url: str
    title: str
    text: str
    by_user: bool
    attempts: int
    home: str | None = None
    insecure: bool = False
    user_agent: str | None = None


def wish_page(db: sqlite3.Connection, articles: Iterable[int], *, by_user: bool, now: int) -> None:
    """Wish for the pages of ``articles``, in the caller's transaction."""
    db.executemany(
        "INSERT INTO page_wish (article_id, asked_at, by_user) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET asked_at = excluded.asked_at, due_at = 0, attempts = 0,"
        " by_user = max(by_user, excluded.by_user), error = NULL",
        [(article, now, int(by_user)) for article in articles],
    )


class Pages:
    """What is known of publishers' pages."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def wish(self, article: ArticleID) -> None:
        """Ask for an article's page, because the user wants it.

        Raises:
            NotFoundError: there is no such article, or it has no link.
        """
        with transaction(self._db):
            row = self._db.execute("SELECT url FROM article WHERE id = ?", (article,)).fetchone()
            if row is None:
                raise NotFoundError(f"a{article}: no such article; 'newsreader search' shows ids")
            if row[0] is None:
                raise NotFoundError(f"a{article}: it has no link, so there is no page to read")
            wish_page(self._db, [article], by_user=True, now=now_ms())

    def wishes(self, now: datetime, limit: int) -> Sequence[PageWish]:
        """Return the pages to be fetched by ``now``: the user's own wishes, then newest first.

        One that waits longer than any does is due: the clock was wrong when it was put off.
        """
        with wrapped():
            rows = self._db.execute(
                "SELECT w.article_id, a.url, a.title, w.by_user, w.attempts, s.url,"
                " coalesce(sub.insecure, 0), sub.user_agent FROM page_wish w"
                " JOIN article a ON a.id = w.article_id"
                " LEFT JOIN article_source x ON x.article_id = a.id AND x.source_id ="
                "  (SELECT min(y.source_id) FROM article_source y JOIN feed f"
                "   ON f.source_id = y.source_id WHERE y.article_id = a.id)"
                " LEFT JOIN source s ON s.id = x.source_id"
                " LEFT JOIN subscription sub ON sub.source_id = s.id"
                " WHERE w.error IS NULL AND a.url IS NOT NULL"
                " AND (w.due_at <= ?1 OR w.due_at > ?1 + ?3)"
                " ORDER BY w.by_user DESC, a.sorted_at DESC LIMIT ?2",
                (to_ms(now), limit, _LONGEST_WAIT_MS),
            ).fetchall()
            known = {row[0]: newest_revision(self._db, row[0], "feed") for row in rows}
        texts = {article: found[1] if found else "" for article, found in known.items()}
        return [
            PageWish(
                article=ArticleID(row[0]),
                url=row[1],
                title=row[2],
                text=texts[row[0]],
                by_user=bool(row[3]),
                attempts=row[4],
                home=row[5],
                insecure=bool(row[6]),
                user_agent=row[7],
            )
            for row in rows
        ]

    def next_due(self) -> int | None:
        """Return when the next page is to be fetched, in milliseconds; None if none is."""
        with wrapped():
            (due,) = self._db.execute(
                "SELECT min(due_at) FROM page_wish WHERE error IS NULL"
            ).fetchone()
        return None if due is None else int(due)

    def failed(
        self, article: ArticleID, reason: str, *, again: datetime | None, counts: bool = True
    ) -> None:
        """Keep why a page could not be read; it is tried once more at ``again``, if given.

        ``counts``: it is one of the tries after which a page is given up.
        """
        with transaction(self._db):
            self._db.execute(
                "UPDATE page_wish SET attempts = attempts + ?, error = ?, due_at = ?"
                " WHERE article_id = ?",
                (int(counts), None if again else reason[:500], to_ms(again) or 0, article),
            )

    def save(self, article: ArticleID, entry: ParsedEntry) -> None:
        """Keep an article's text as its page gives it, and read it from now on.

        What only the page tells (author, outlet, date, language) is taken over too. The feed's
        text stays beside it.
        """
        now = now_ms()
        with transaction(self._db):
            if (
                self._db.execute("SELECT 1 FROM article WHERE id = ?", (article,)).fetchone()
                is None
            ):
                return
            self._db.execute("DELETE FROM page_wish WHERE article_id = ?", (article,))
            known = newest_revision(self._db, article, "page")
            if known is not None and known[1] == entry.body.text:
                number = known[0]
                restructure(self._db, article, number, entry.body, entry.links, entry.credits)
            else:
                number = add_revision(
                    self._db,
                    article,
                    entry.body,
                    entry.links,
                    entry.credits,
                    origin="page",
                    now=now,
                )
            self._db.execute(
                "UPDATE article SET author = coalesce(author, ?), outlet = coalesce(outlet, ?),"
                " published_precision = CASE WHEN published IS NULL AND ?3 IS NOT NULL THEN ?4"
                "  ELSE published_precision END,"
                " published = coalesce(published, ?3), language = coalesce(language, ?5),"
                " words = ?6 WHERE id = ?7",
                (
                    entry.author,
                    entry.outlet,
                    to_ms(entry.published),
                    str(entry.published_precision),
                    entry.language,
                    word_count(entry.body.text),
                    article,
                ),
            )
            read_revision(self._db, article, number)

    def use(self, article: ArticleID, origin: str) -> bool:
        """Read an article as its feed ("feed") or its page ("page") gives it.

        Returns False where there is no such text, or it is read already.
        """
        with transaction(self._db):
            known = newest_revision(self._db, article, origin)
            row = self._db.execute(
                "SELECT revision FROM article WHERE id = ?", (article,)
            ).fetchone()
            if known is None or row is None or row[0] == known[0]:
                return False
            self._db.execute(
                "UPDATE article SET words = ? WHERE id = ?", (word_count(known[1]), article)
            )
            read_revision(self._db, article, known[0])
        return True
