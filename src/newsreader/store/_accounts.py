"""Accounts at servers that keep read and starred for several readers, and their articles here.

Between two syncs each side may have changed a flag. ``remote_item`` knows what both agreed on
last, so most is plain: a flag that only one side touched is as that side left it. Only one case
cannot be told: the user said something here and took it back, and the server changed meanwhile;
its protocol gives no time of a change. Then what loses nothing stands: unread, and bookmarked.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from newsreader.errors import NotFoundError, UsageError
from newsreader.model import ParsedEntry
from newsreader.store._acts import Acts
from newsreader.store._articles import Arrival, Origin, link_owner, store_entry
from newsreader.store._database import from_ms, now_ms, to_ms, transaction, wrapped

_CHUNK = 500
"""Flags set in one transaction: some ten milliseconds, so that a key press never waits longer."""
_ASKED = 5000
"""Ids looked up by one statement."""
_SAFE = {"read": 0, "bookmarked": 1}
"""The value of a flag that loses nothing, where nobody can tell which was said later."""


class Account(NamedTuple):
    """An account at a server.

    Args:
        kind: "freshrss", "miniflux", "theoldreader", "bazqux", "inoreader" or "other".
        url: the address of its API.
        both_ways: feeds added, moved, renamed and removed here are so there too.
        synced: the last sync that went through; None before the first.
        due: not to be asked before; None if it did not say so.
        error: why the last sync failed, in words; None if it worked.
        feeds: how many the server has.
        waiting: how many changes made here it has not heard of.
    """

    id: int
    kind: str
    url: str
    user: str
    both_ways: bool = False
    fetched_there: bool = True
    synced: datetime | None = None
    due: datetime | None = None
    error: str | None = None
    feeds: int = 0
    waiting: int = 0


class RemoteItem(NamedTuple):
    """An article as the server has it; ``item`` is its id there, in hexadecimal digits."""

    item: str
    stream: str
    entry: ParsedEntry
    read: bool
    bookmarked: bool


class Word(NamedTuple):
    """What the user said of an article and the server has not heard; ``flag`` as in status."""

    item: str
    flag: str
    value: bool
    seq: int


class Accounts:
    """The accounts of one library, what their servers said last, what they are still to hear."""

    def __init__(self, db: sqlite3.Connection, acts: Acts) -> None:
        self._db = db
        self._acts = acts

    def all(self) -> Sequence[Account]:
        """Return every account, in the order they were added."""
        with wrapped():
            rows = self._db.execute(_ACCOUNTS + " ORDER BY a.id").fetchall()
        return [_account(row) for row in rows]

    def find(self, words: str) -> Account:
        """Return the account with that id ("1"), user, address or "USER at HOST".

        Raises:
            NotFoundError: there is none.
            UsageError: several are called so.
        """
        found = [
            account
            for account in self.all()
            if words in (str(account.id), account.user, account.url, account_name(account))
        ]
        if not found:
            raise NotFoundError(f"'{words}': no such account; see 'newsreader account'")
        if len(found) > 1:
            raise UsageError(f"'{words}': several accounts are called so; name one by its number")
        return found[0]

    def add(self, kind: str, url: str, user: str, *, both_ways: bool = False) -> Account:
        """Add an account, or change how one that is there is kept in step."""
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO account (kind, url, user, both_ways, added_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (url, user) DO UPDATE SET kind = excluded.kind,"
                " both_ways = excluded.both_ways, error = NULL, due_at = 0",
                (kind, url, user, both_ways, now_ms()),
            )
        return next(a for a in self.all() if (a.url, a.user) == (url, user))

    def remove(self, account: int) -> None:
        """Forget an account. Its feeds and articles stay; what it had paused is fetched again."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE feed SET note = NULL WHERE source_id IN"
                " (SELECT source_id FROM remote_feed WHERE account_id = ?)",
                (account,),
            )
            self._db.execute(
                "UPDATE subscription SET paused = 0, error = NULL WHERE source_id IN"
                " (SELECT source_id FROM remote_feed WHERE account_id = ?1 AND paused_here = 1)"
                " AND source_id NOT IN (SELECT source_id FROM remote_feed"
                "  WHERE account_id <> ?1 AND gone = 0 AND source_id IS NOT NULL)",
                (account,),
            )
            self._db.execute("DELETE FROM account WHERE id = ?", (account,))

    def record(
        self, account: int, *, error: str | None = None, due: datetime | None = None
    ) -> None:
        """Keep how a sync ended: with ``error``, else well; it is not repeated before ``due``."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE account SET error = ?1, due_at = ?2,"
                " synced_at = CASE WHEN ?1 IS NULL THEN ?3 ELSE synced_at END WHERE id = ?4",
                (error, to_ms(due) or 0, now_ms(), account),
            )

    # What the server has

    def unknown(self, account: int, items: Sequence[str]) -> list[str]:
        """Return which of ``items`` are not here yet, in their order."""
        found: list[str] = []
        with wrapped():
            for at in range(0, len(items), _ASKED):
                rows = self._db.execute(
                    "SELECT j.value FROM json_each(?) j LEFT JOIN remote_item r"
                    " ON r.account_id = ? AND r.item = j.value WHERE r.item IS NULL ORDER BY j.key",
                    (json.dumps(items[at : at + _ASKED]), account),
                )
                found += [item for (item,) in rows]
        return found

    def unlisted(self, account: int, flag: str, listed: set[str]) -> list[str]:
        """Return the items that were unread, or starred, and are not ``listed`` as such now.

        They may have changed, or the server may have thrown them away: it must be asked.

        Args:
            account: whose.
            flag: "read" for the list of the unread, "bookmarked" for that of the starred.
            listed: the server's list.
        """
        which = "read = 0" if flag == "read" else "bookmarked = 1"
        with wrapped():
            rows = self._db.execute(
                "SELECT item FROM remote_item WHERE account_id = ? AND gone = 0"  # noqa: S608 - one of two conditions
                f" AND {which} AND article_id IS NOT NULL",
                (account,),
            )
            return [item for (item,) in rows if item not in listed]

    def keep(self, account: int, origin: Origin, items: Sequence[RemoteItem]) -> tuple[int, int]:
        """Store articles and what the server says of them, in one transaction.

        Returns how many are new and how many changed. Each entry is given to the library as any
        feed's is, so that one that is here already stays one article. What the user did to it here
        stands, and is sent; what is untouched here becomes as it is there.
        """
        new = updated = 0
        with transaction(self._db):
            for item in items:
                article, outcome = self._store(account, origin, item)
                new += outcome == "imported"
                updated += outcome == "updated"
                self._db.execute(
                    "INSERT INTO remote_item (account_id, item, stream, article_id, read,"
                    " bookmarked) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                    " SET article_id = excluded.article_id, read = excluded.read,"
                    " bookmarked = excluded.bookmarked, gone = 0",
                    (account, item.item, item.stream, article, item.read, item.bookmarked),
                )
                self._meet(account, item, article)
        return new, updated

    def _store(self, account: int, origin: Origin, item: RemoteItem) -> tuple[int, str]:
        """Store one entry. Two items of one feed with one address are two articles, as there."""
        link = item.entry.link
        owner = link_owner(self._db, link) if link else None
        taken = (
            owner is not None
            and self._db.execute(
                "SELECT 1 FROM remote_item WHERE article_id = ? AND account_id = ? AND stream = ?"
                " AND item <> ?",
                (owner, account, item.stream, item.item),
            ).fetchone()
        )
        if not taken:
            return store_entry(self._db, origin, Arrival(item.entry))
        apart = item.entry._replace(link=None, guid=item.item)
        article, outcome = store_entry(self._db, origin, Arrival(apart))
        self._db.execute("UPDATE article SET url = ? WHERE id = ? AND url IS NULL", (link, article))
        return article, outcome

    def _meet(self, account: int, item: RemoteItem, article: int) -> None:
        """Bring both sides together when an article is seen at this server for the first time."""
        read, read_at, bookmarked, bookmarked_at = self._db.execute(
            "SELECT a.read, st.read_at, a.bookmarked, st.bookmarked_at FROM article a"
            " LEFT JOIN status st ON st.article_id = a.id WHERE a.id = ?",
            (article,),
        ).fetchone()
        if read != item.read:
            if read or read_at is not None:
                self._queue(account, item.item, "read", read, read_at)
            else:
                self._acts.set_flag("read", [article], on=True)
        if bookmarked != item.bookmarked:
            if bookmarked:
                self._queue(account, item.item, "bookmarked", bookmarked, bookmarked_at)
            else:
                self._acts.set_flag("bookmarked", [article], on=True)

    def _queue(self, account: int, item: str, flag: str, value: int, at: int | None) -> None:
        self._db.execute(
            "INSERT INTO remote_todo (account_id, item, flag, value, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET value = excluded.value, seq = seq + 1",
            (account, item, flag, value, at or now_ms()),
        )

    def leave_out(self, account: int, items: Iterable[tuple[str, str]]) -> None:
        """Remember (item, stream) that are not wanted here, so that nobody asks for them again."""
        with transaction(self._db):
            self._db.executemany(
                "INSERT INTO remote_item (account_id, item, stream, read, bookmarked)"
                " VALUES (?, ?, ?, 0, 0) ON CONFLICT DO NOTHING",
                [(account, item, stream) for item, stream in items],
            )

    def lose(self, account: int, items: Sequence[str]) -> None:
        """Remember that the server has these no more; what they are here stays."""
        with transaction(self._db):
            self._db.executemany(
                "UPDATE remote_item SET gone = 1 WHERE account_id = ? AND item = ?",
                [(account, item) for item in items],
            )

    # What either side said

    def hear(self, account: int, flag: str, items: Sequence[str], *, on: bool) -> int:
        """Take over what the server says of a flag; return how many articles changed here.

        What the user said since the last sync is weighed as the module says.
        """
        changed = 0
        for at in range(0, len(items), _CHUNK):
            chunk = json.dumps(items[at : at + _CHUNK])
            with transaction(self._db):
                rows = self._db.execute(
                    f"SELECT r.item, r.article_id, r.{flag}, t.value FROM json_each(?) j"  # noqa: S608 - one of two words
                    " JOIN remote_item r ON r.account_id = ? AND r.item = j.value"
                    " LEFT JOIN remote_todo t ON t.account_id = r.account_id"
                    "  AND t.item = r.item AND t.flag = ?"
                    f" WHERE r.gone = 1 OR r.{flag} <> ?",
                    (chunk, account, flag, on),
                ).fetchall()
                changed += self._take_over(account, flag, rows, on=on)
        return changed

    def _take_over(
        self,
        account: int,
        flag: str,
        rows: Sequence[tuple[str, int | None, int, int | None]],
        *,
        on: bool,
    ) -> int:
        # Known first: the triggers on status queue only what differs from it.
        self._db.executemany(
            f"UPDATE remote_item SET {flag} = ?, gone = 0 WHERE account_id = ? AND item = ?",  # noqa: S608 - one of two words
            [(on, account, item) for item, _, _, _ in rows],
        )
        differs = [row for row in rows if row[2] != on]
        settled = [
            (item, article)
            for item, article, _, said in differs
            if said is None or said == on or _SAFE[flag] == on
        ]
        self._db.executemany(
            "DELETE FROM remote_todo WHERE account_id = ? AND item = ? AND flag = ?",
            [(account, item, flag) for item, _ in settled],
        )
        articles = [article for _, article in settled if article is not None]
        return len(self._acts.set_flag(flag, articles, on=on))

    def words(self, account: int) -> Sequence[Word]:
        """Return what the server is still to hear, oldest first.

        What was taken back before it heard of it is dropped: call this after :meth:`hear`.
        """
        with transaction(self._db):
            self._db.execute(
                "DELETE FROM remote_todo WHERE account_id = ?1 AND value = (SELECT"
                " CASE flag WHEN 'read' THEN r.read ELSE r.bookmarked END FROM remote_item r"
                " WHERE r.account_id = ?1 AND r.item = remote_todo.item)",
                (account,),
            )
            rows = self._db.execute(
                "SELECT item, flag, value, seq FROM remote_todo WHERE account_id = ?"
                " ORDER BY at, item, flag",
                (account,),
            ).fetchall()
        return [Word(item, flag, bool(value), seq) for item, flag, value, seq in rows]

    def heard(self, account: int, words: Sequence[Word]) -> None:
        """Take out what the server has heard, except what the user has said otherwise since."""
        with transaction(self._db):
            for flag in ("read", "bookmarked"):
                self._db.executemany(
                    f"UPDATE remote_item SET {flag} = ? WHERE account_id = ? AND item = ?",  # noqa: S608 - one of two words
                    [(word.value, account, word.item) for word in words if word.flag == flag],
                )
            self._db.executemany(
                "DELETE FROM remote_todo WHERE account_id = ? AND item = ? AND flag = ?"
                " AND seq = ?",
                [(account, word.item, word.flag, word.seq) for word in words],
            )


def account_name(account: Account) -> str:
    """Return what to call an account: "alice at rss.example.org"."""
    from urllib.parse import urlsplit

    return f"{account.user} at {urlsplit(account.url).netloc}"


_ACCOUNTS = (
    "SELECT a.id, a.kind, a.url, a.user, a.both_ways, a.fetched_there, a.synced_at, a.due_at,"
    " a.error, (SELECT count(*) FROM remote_feed f WHERE f.account_id = a.id AND f.gone = 0),"
    " (SELECT count(*) FROM remote_todo t WHERE t.account_id = a.id) FROM account a"
)


def _account(
    row: tuple[int, str, str, str, int, int, int | None, int, str | None, int, int],
) -> Account:
    return Account(
        id=row[0],
        kind=row[1],
        url=row[2],
        user=row[3],
        both_ways=bool(row[4]),
        fetched_there=bool(row[5]),
        synced=None if row[6] is None else from_ms(row[6]),
        due=from_ms(row[7]) if row[7] else None,
        error=row[8],
        feeds=row[9],
        waiting=row[10],
    )
