"""Feeds of accounts: what their servers subscribe to, beside what the user subscribes to here.

``remote_feed`` keeps what the server said last, so that each side's changes can be told apart: a
title or folder that changed there is taken over where the user left it as it was; one that the
user changed here stays, and is told to the server if the account is kept both ways.
"""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from newsreader.store._accounts import Account, account_name
from newsreader.store._articles import Origin, add_source
from newsreader.store._database import transaction, wrapped
from newsreader.store._todo import enqueue


class Subscribed(NamedTuple):
    """A feed as the server has it.

    ``stream`` is its id there; ``url`` is None where it is no feed that others can fetch.
    """

    stream: str
    title: str
    url: str | None = None
    folder: str | None = None
    home_page: str | None = None


class FeedChanges(NamedTuple):
    """What a list of subscriptions changed here, in titles of feeds."""

    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


class FeedWish(NamedTuple):
    """What the user did to a feed here and the server has not heard of.

    Args:
        act: "subscribe", "unsubscribe" or "edit".
        stream: the server's id of it; of a feed that it does not have, "feed/" and the address.
        title, folder: as they are here.
        source: the feed here, None where the user removed it.
        old_title: as the server has it; of a feed that it does not have, as that calls itself.
        old_folder: as the server has it; None of a feed that it does not have.
    """

    act: str
    stream: str
    title: str
    folder: str | None = None
    source: int | None = None
    old_title: str | None = None
    old_folder: str | None = None


class RemoteFeeds:
    """The subscriptions of accounts."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def take(self, account: Account, feeds: Sequence[Subscribed]) -> FeedChanges:
        """Bring the feeds here in step with the server's list, in one transaction.

        A feed that the server has no more stays here with its articles, paused, and says so. One
        that the user removed here does not come back by itself.
        """
        with transaction(self._db):
            before = dict(
                self._db.execute(
                    "SELECT stream, gone FROM remote_feed WHERE account_id = ?", (account.id,)
                ).fetchall()
            )
            added = [feed.title for feed in feeds if _Taking(self._db, account, feed).run()]
            listed = {feed.stream for feed in feeds}
            gone = [stream for stream, was in before.items() if not was and stream not in listed]
            titles = [title for stream in gone if (title := self._lose(account, stream))]
        return FeedChanges(tuple(added), tuple(titles))

    def _lose(self, account: Account, stream: str) -> str | None:
        """Mark a feed that the server has no more; return its title, None if it is not here."""
        row = self._db.execute(
            "SELECT f.source_id, coalesce(sub.title, s.title) FROM remote_feed f"
            " JOIN source s ON s.id = f.source_id JOIN subscription sub ON sub.source_id = s.id"
            " WHERE f.account_id = ? AND f.stream = ?",
            (account.id, stream),
        ).fetchone()
        if row is None:
            self._db.execute(
                "DELETE FROM remote_feed WHERE account_id = ? AND stream = ?", (account.id, stream)
            )
            return None
        self._db.execute(
            "UPDATE remote_feed SET gone = 1 WHERE account_id = ? AND stream = ?",
            (account.id, stream),
        )
        self._db.execute(
            "UPDATE subscription SET paused = 1, error = ? WHERE source_id = ?",
            (
                f"{account_name(account)} does not subscribe to it any more: its articles stay;"
                " resume it to have it fetched from here, or remove it",
                row[0],
            ),
        )
        return str(row[1])

    def sources(self, account: int) -> dict[str, Origin | None]:
        """Return under which source each feed's articles come, None for one removed here."""
        with wrapped():
            rows = self._db.execute(
                "SELECT f.stream, s.kind, s.key, s.title, s.url, s.home_page FROM remote_feed f"
                " LEFT JOIN source s ON s.id = f.source_id WHERE f.account_id = ?",
                (account,),
            ).fetchall()
        return {
            stream: None
            if key is None
            else Origin(kind=kind, key=key, title=title, url=url, home_page=home)
            for stream, kind, key, title, url, home in rows
        }

    def wishes(self, account: Account) -> Sequence[FeedWish]:
        """Return what to tell the server of feeds; nothing unless it is kept both ways."""
        if not account.both_ways:
            return []
        with wrapped():
            new = self._db.execute(
                "SELECT s.url, coalesce(sub.title, s.title), sub.folder, s.id, s.title"
                " FROM source s"
                " JOIN subscription sub ON sub.source_id = s.id"
                " WHERE s.kind = 'feed' AND s.url IS NOT NULL AND NOT EXISTS"
                " (SELECT 1 FROM remote_feed f WHERE f.source_id = s.id) ORDER BY s.id"
            ).fetchall()
            rows = self._db.execute(
                "SELECT f.stream, f.title, f.folder, f.source_id, sub.title, sub.folder"
                " FROM remote_feed f LEFT JOIN subscription sub ON sub.source_id = f.source_id"
                " WHERE f.account_id = ? AND f.gone = 0",
                (account.id,),
            ).fetchall()
        wishes = [
            FeedWish("subscribe", f"feed/{url}", title, folder, source, own)
            for url, title, folder, source, own in new
        ]
        for stream, title, folder, source, own_title, own_folder in rows:
            if source is None:
                wishes.append(FeedWish("unsubscribe", stream, title))
            elif (own_title or title, own_folder) != (title, folder):
                here = own_title or title
                wishes.append(FeedWish("edit", stream, here, own_folder, source, title, folder))
        return wishes

    def told(self, account: Account, wish: FeedWish, stream: str) -> None:
        """Remember that the server did what the user wished; ``stream`` is its id of the feed."""
        own = (account.id, stream)
        with transaction(self._db):
            if wish.act == "unsubscribe":
                self._db.execute("DELETE FROM remote_feed WHERE account_id = ? AND stream = ?", own)
            elif wish.act == "edit":
                self._db.execute(
                    "UPDATE remote_feed SET title = ?, folder = ?"
                    " WHERE account_id = ? AND stream = ?",
                    (wish.title, wish.folder, *own),
                )
            elif wish.source is not None:
                # Known by its id: the server may have followed its address to another one.
                feed = Subscribed(
                    stream, wish.title, wish.stream.removeprefix("feed/"), wish.folder
                )
                _Taking(self._db, account, feed).run()


class _Taking:
    """One subscription of the server on its way in, in the caller's transaction."""

    def __init__(self, db: sqlite3.Connection, account: Account, feed: Subscribed) -> None:
        self.db = db
        self.account = account
        self.feed = feed
        self.own = (account.id, feed.stream)

    def run(self) -> bool:
        """Return whether the feed is new here."""
        row = self.db.execute(
            "SELECT title, folder, source_id, gone, url FROM remote_feed"
            " WHERE account_id = ? AND stream = ?",
            self.own,
        ).fetchone()
        if row is None:
            return self._add()
        title, folder, source, gone, url = row
        if source is None and (found := self._source()) is not None:
            # The user subscribed to it here again.
            source = found
            self._want(source)
        if source is not None:
            self._follow(source, title, folder)
            if url != self.feed.url and self.feed.url:
                self._move(source, self.feed.url)
            if gone:
                self.db.execute(
                    "UPDATE subscription SET error = NULL WHERE source_id = ?", (source,)
                )
        self.db.execute(
            "UPDATE remote_feed SET title = ?, folder = ?, url = ?, gone = 0"
            " WHERE account_id = ? AND stream = ?",
            (self.feed.title, self.feed.folder, self.feed.url, *self.own),
        )
        return False

    def _key(self) -> str:
        return self.feed.url or f"sync:{self.account.id}:{self.feed.stream}"

    def _source(self) -> int | None:
        row = self.db.execute("SELECT id FROM source WHERE key = ?", (self._key(),)).fetchone()
        return None if row is None else int(row[0])

    def _add(self) -> bool:
        feed = self.feed
        source = self._source()
        new = source is None
        paused = False
        if source is None:
            origin = Origin(
                # What cannot be fetched from here is no feed here.
                kind="feed" if feed.url else "import",
                key=self._key(),
                title=feed.title,
                url=feed.url,
                home_page=feed.home_page,
                folder=feed.folder,
            )
            source = add_source(self.db, origin)
        else:
            # The server gave the same feed a new number.
            renumbered = self.db.execute(
                "DELETE FROM remote_feed WHERE account_id = ? AND source_id = ?"
                " RETURNING paused_here",
                (self.account.id, source),
            ).fetchall()
            paused = (1,) in renumbered
            self.db.execute(
                "UPDATE subscription SET folder = coalesce(folder, ?), error = NULL"
                " WHERE source_id = ?",
                (feed.folder, source),
            )
        if self.account.fetched_there:
            paused = self._pause(source) or paused
        self.db.execute(
            "INSERT INTO remote_feed (account_id, stream, url, title, folder, source_id,"
            " paused_here) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*self.own, feed.url, feed.title, feed.folder, source, paused),
        )
        return new

    def _pause(self, source: int) -> bool:
        self.db.execute(
            "UPDATE feed SET note = ? WHERE source_id = ?",
            (f"fetched by {account_name(self.account)}, not from here", source),
        )
        cursor = self.db.execute(
            "UPDATE subscription SET paused = 1 WHERE source_id = ? AND paused = 0", (source,)
        )
        return bool(cursor.rowcount)

    def _want(self, source: int) -> None:
        self.db.execute(
            "UPDATE remote_feed SET source_id = ?, paused_here = ?"
            " WHERE account_id = ? AND stream = ?",
            (source, self.account.fetched_there and self._pause(source), *self.own),
        )
        self.db.execute(
            # What went with the feed comes again, and finds what the user did to it.
            "DELETE FROM remote_item WHERE account_id = ? AND stream = ?"
            " AND NOT EXISTS (SELECT 1 FROM article a WHERE a.id = article_id)",
            self.own,
        )

    def _follow(self, source: int, title: str, folder: str | None) -> None:
        """Take over a new title or folder where the user left the old one as it was."""
        if self.feed.folder != folder:
            self.db.execute(
                "UPDATE subscription SET folder = ? WHERE source_id = ? AND folder IS ?",
                (self.feed.folder, source, folder),
            )
        if self.feed.title == title:
            return
        self.db.execute(
            "UPDATE subscription SET title = NULL WHERE source_id = ? AND title = ?",
            (source, title),
        )
        self.db.execute(
            "UPDATE source SET title = ?, title_derived = 0 WHERE id = ?", (self.feed.title, source)
        )
        articles = self.db.execute(
            "SELECT article_id FROM article_source WHERE source_id = ?", (source,)
        ).fetchall()
        # The index finds articles by what they came by.
        enqueue(self.db, "index", [article for (article,) in articles])

    def _move(self, source: int, url: str) -> None:
        """Take over a feed's new address, unless another source has it."""
        self.db.execute(
            "UPDATE source SET key = ?1, url = ?1 WHERE id = ?2"
            " AND NOT EXISTS (SELECT 1 FROM source WHERE key = ?1)",
            (url, source),
        )
