"""Subscribed feeds: what the user set, what their servers said last, when to ask again."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from newsreader.errors import NotFoundError, UsageError
from newsreader.model import FeedHealth, FeedSettings, SourceID
from newsreader.store._acts import Acts
from newsreader.store._articles import Origin, add_source
from newsreader.store._database import from_ms, now_ms, to_ms, transaction, wrapped
from newsreader.store._lists import Lists
from newsreader.store._todo import enqueue
from newsreader.text.clean import clean_line

_TITLE = 200
_FOLDER = 100
_WEEK_MS = 7 * 24 * 3600 * 1000
_CLOCK_MS = 3600 * 1000
"""By less than this the system may set its clock back without our noticing."""
_WEEKS = 8
"""Weeks over which the articles of a week are counted: enough to even out holidays."""
_SETTINGS = (
    "title",
    "folder",
    "paused",
    "interval",
    "full_text",
    "user_agent",
    "login",
    "insecure",
    "cookies",
)
_SHORTEST, _LONGEST = 5 * 60, 30 * 24 * 3600
"""Seconds between fetches that a user may ask for: five minutes to thirty days."""


class FeedState(NamedTuple):
    """What fetching one feed needs, and what it found last.

    Args:
        scope: within what its guids are unique; stays when the feed moves.
        due: when it is to be fetched.
        moved_to, moved_times: where it redirected to for good, on how many fetches in a row.
        gap: seconds between its articles, None while that is not known.
        brought: when it last had something new.
    """

    source: SourceID
    url: str
    scope: str
    title: str
    settings: FeedSettings
    due: datetime
    etag: str | None = None
    last_modified: str | None = None
    body_hash: bytes | None = None
    failures: int = 0
    gone: bool = False
    moved_to: str | None = None
    moved_times: int = 0
    gap: int | None = None
    brought: datetime | None = None
    home_page: str | None = None


class Fetched(NamedTuple):
    """What one fetch came to; written once its entries are stored.

    Args:
        at: when it was.
        due: when to fetch next.
        error: why it failed, in words; None if it worked, also if nothing had changed.
        gone: the server said that the feed is no more.
        title, home_page: what the feed calls itself and where its pages are, where it said so.
        brought: it had something new.
    The other fields are those of :class:`FeedState`, for the next fetch.
    """

    at: datetime
    due: datetime
    error: str | None = None
    gone: bool = False
    etag: str | None = None
    last_modified: str | None = None
    body_hash: bytes | None = None
    moved_to: str | None = None
    moved_times: int = 0
    gap: int | None = None
    title: str | None = None
    home_page: str | None = None
    brought: bool = False
    note: str | None = None


class Feeds:
    """The feeds of one library."""

    def __init__(self, db: sqlite3.Connection, acts: Acts, lists: Lists) -> None:
        self._db = db
        self._acts = acts
        self._lists = lists

    # Subscribing

    def subscribe(
        self,
        url: str,
        *,
        title: str | None = None,
        folder: str | None = None,
        home_page: str | None = None,
        due: datetime | None = None,
    ) -> tuple[SourceID, bool]:
        """Add a feed; return it, and whether it is new. One that is there stays as it is.

        Args:
            url: http(s) address, without user and password.
            title: what the user calls it; without one it is called as the feed says.
            folder: where the source pane shows it.
            home_page: the site's address, if known.
            due: when to fetch it first; at once if not given.
        """
        with transaction(self._db):
            row = self._db.execute("SELECT id FROM source WHERE key = ?", (url,)).fetchone()
            if row is not None:
                return SourceID(row[0]), False
            origin = Origin(
                kind="feed",
                key=url,
                title=urlsplit(url).hostname or url,
                url=url,
                home_page=home_page,
                folder=_line(folder, _FOLDER),
                title_derived=True,
            )
            source = add_source(self._db, origin)
            self._db.execute(
                "UPDATE subscription SET title = ? WHERE source_id = ?",
                (_line(title, _TITLE), source),
            )
            self._db.execute(
                "UPDATE feed SET due_at = ? WHERE source_id = ?", (to_ms(due) or 0, source)
            )
        return source, True

    # Fetching

    def due(self, now: datetime) -> Sequence[FeedState]:
        """Return the feeds to be fetched by ``now``, longest due first; no paused or gone ones.

        One that was fetched in what is now the future is due: the clock was wrong then.
        """
        ms = to_ms(now) or 0
        return self._states(
            " WHERE (f.due_at <= ? OR f.fetched_at > ?) AND f.gone = 0 AND sub.paused = 0"
            " ORDER BY f.due_at, s.id",
            (ms, ms + _CLOCK_MS),
        )

    def next_due(self, now: datetime) -> datetime | None:
        """Return when the next feed is due, None if none ever is."""
        with wrapped():
            (due,) = self._db.execute(
                "SELECT min(CASE WHEN f.fetched_at > ? THEN 0 ELSE due_at END) FROM feed f"
                " JOIN subscription sub ON sub.source_id = f.source_id"
                " WHERE f.gone = 0 AND sub.paused = 0",
                ((to_ms(now) or 0) + _CLOCK_MS,),
            ).fetchone()
        return None if due is None else from_ms(due)

    def states(
        self, sources: Sequence[SourceID] | None = None, *, every: bool = False
    ) -> Sequence[FeedState]:
        """Return the feeds among ``sources``, else ``every`` one, or all not paused or gone."""
        if sources is None and every:
            return self._states(" ORDER BY s.id", ())
        if sources is None:
            return self._states(" WHERE f.gone = 0 AND sub.paused = 0 ORDER BY s.id", ())
        return [
            state
            for source in dict.fromkeys(sources)
            for state in self._states(" WHERE s.id = ?", (source,))
        ]

    def _states(self, which: str, values: tuple[object, ...]) -> Sequence[FeedState]:
        with wrapped():
            rows = self._db.execute(_STATES + which, values).fetchall()
        return [_state(row) for row in rows]

    def record(self, source: SourceID, fetched: Fetched) -> None:
        """Keep what a fetch came to. A feed that was removed meanwhile stays removed."""
        failed = fetched.error is not None
        with transaction(self._db):
            self._db.execute(
                "UPDATE feed SET etag = ?, last_modified = ?, body_hash = ?, fetched_at = ?,"
                " succeeded_at = CASE WHEN ? THEN succeeded_at ELSE ? END,"
                " brought_at = CASE WHEN ? THEN ? ELSE brought_at END, due_at = ?,"
                " failures = CASE WHEN ? THEN failures + 1 ELSE 0 END, gone = ?, moved_to = ?,"
                " moved_times = ?, gap = ?, note = ? WHERE source_id = ?",
                (
                    fetched.etag,
                    fetched.last_modified,
                    fetched.body_hash,
                    to_ms(fetched.at),
                    failed,
                    to_ms(fetched.at),
                    fetched.brought,
                    to_ms(fetched.at),
                    to_ms(fetched.due),
                    failed,
                    fetched.gone,
                    fetched.moved_to,
                    fetched.moved_times,
                    fetched.gap,
                    fetched.note,
                    source,
                ),
            )
            self._db.execute(
                "UPDATE subscription SET error = ? WHERE source_id = ? AND error IS NOT ?1",
                (fetched.error, source),
            )
            if fetched.title or fetched.home_page:
                self._call(source, fetched.title, fetched.home_page)

    def _call(self, source: SourceID, title: str | None, home_page: str | None) -> None:
        """Keep what the feed says of itself; what the user calls it stands above that."""
        row = self._db.execute(
            "SELECT coalesce(sub.title, s.title) FROM source s"
            " JOIN subscription sub ON sub.source_id = s.id WHERE s.id = ?",
            (source,),
        ).fetchone()
        self._db.execute(
            "UPDATE source SET title = coalesce(?2, title), home_page = coalesce(?3, home_page),"
            " title_derived = ?2 IS NULL AND title_derived"
            " WHERE id = ?1 AND (title IS NOT coalesce(?2, title)"
            "  OR home_page IS NOT coalesce(?3, home_page))",
            (source, title, home_page),
        )
        if row is not None and title and row[0] != title:
            self._reindex(source)

    def _reindex(self, source: SourceID) -> None:
        """Queue what came by a source that is now called otherwise, in the caller's transaction."""
        named = self._db.execute(
            "SELECT coalesce(sub.title, s.title) FROM source s"
            " JOIN subscription sub ON sub.source_id = s.id WHERE s.id = ?",
            (source,),
        ).fetchone()
        if named is None:
            return
        articles = self._db.execute(
            "SELECT article_id FROM article_source WHERE source_id = ?", (source,)
        ).fetchall()
        enqueue(self._db, "index", [article for (article,) in articles])

    def postpone(self, source: SourceID, due: datetime) -> None:
        """Fetch a feed no sooner than ``due``; nothing else is known of it."""
        with transaction(self._db):
            self._db.execute("UPDATE feed SET due_at = ? WHERE source_id = ?", (to_ms(due), source))

    def move(self, source: SourceID, url: str) -> bool:
        """Take over a feed's new address; False if another subscription has it already."""
        with transaction(self._db):
            if self._db.execute("SELECT 1 FROM source WHERE key = ?", (url,)).fetchone():
                return False
            self._db.execute("UPDATE source SET key = ?1, url = ?1 WHERE id = ?2", (url, source))
            self._db.execute(
                "UPDATE feed SET moved_to = NULL, moved_times = 0, gone = 0 WHERE source_id = ?",
                (source,),
            )
        return True

    # What the user sees and sets

    def health(self) -> Sequence[FeedHealth]:
        """Return how every feed does, in the order of the source pane."""
        return self._health(None)

    def one(self, source: SourceID) -> FeedHealth:
        """Return how one feed does.

        Raises:
            NotFoundError: there is none, or it is an import.
        """
        for health in self._health(source):
            return health
        raise NotFoundError(f"s{source}: is no subscribed feed; see 'newsreader sources'")

    def _health(self, wanted: SourceID | None) -> Sequence[FeedHealth]:
        sources = [
            source
            for source in self._lists.sources()
            if source.kind == "feed" and wanted in (None, source.id)
        ]
        states = {state.source: state for state in self._states("", ())}
        with wrapped():
            rows = {
                row[0]: row[1:]
                for row in self._db.execute(
                    "SELECT f.source_id, f.succeeded_at, f.brought_at, f.note, sub.added_at"
                    " FROM feed f JOIN subscription sub ON sub.source_id = f.source_id"
                )
            }
            counts = {source.id: self._per_week(source.id) for source in sources}
        found = []
        for source in sources:
            state = states[source.id]
            succeeded, brought, note, _ = rows[source.id]
            found.append(
                FeedHealth(
                    source=source,
                    settings=state.settings,
                    fetched=source.fetched,
                    succeeded=None if succeeded is None else from_ms(succeeded),
                    brought=None if brought is None else from_ms(brought),
                    due=source.due,
                    error=source.error,
                    failures=state.failures,
                    per_week=counts[source.id],
                    gone=state.gone,
                    moved_to=state.moved_to,
                    note=note,
                )
            )
        return found

    def _per_week(self, source: SourceID) -> float:
        """Return the articles of a week, over what is known of the last eight."""
        now = now_ms()
        count, oldest = self._db.execute(
            "SELECT count(*), min(sorted_at) FROM article_source"
            " WHERE source_id = ? AND sorted_at > ?",
            (source, now - _WEEKS * _WEEK_MS),
        ).fetchone()
        return 0.0 if not count else float(count * _WEEK_MS / max(_WEEK_MS, now - oldest))

    def folders(self) -> Sequence[str]:
        """Return every folder's name, by name."""
        with wrapped():
            rows = self._db.execute(
                "SELECT DISTINCT folder FROM subscription WHERE folder IS NOT NULL"
                " ORDER BY folder COLLATE NOCASE"
            ).fetchall()
        return [folder for (folder,) in rows]

    def set(self, source: SourceID, **settings: Any) -> bool:
        """Change settings of a source; return whether that changed anything. One step of undo.

        Args:
            source: a feed or an import; an import has but a title and a folder.
            settings: fields of :class:`FeedSettings`; None or "" gives the default.

        Raises:
            NotFoundError: there is no such source.
            UsageError: a value cannot be.
        """
        after = {name: _setting(name, value) for name, value in settings.items()}
        with transaction(self._db):
            row = self._db.execute(
                f"SELECT coalesce(sub.title, s.title), {', '.join(f'sub.{n}' for n in after)}"  # noqa: S608 - names checked by _setting
                " FROM subscription sub JOIN source s ON s.id = sub.source_id"
                " WHERE sub.source_id = ?",
                (source,),
            ).fetchone()
            if row is None:
                raise NotFoundError(f"s{source}: no such source; see 'newsreader sources'")
            before = dict(zip(after, row[1:], strict=True))
            if before == after:
                return False
            change = {"field": "source", "source": source, "before": before, "after": after}
            # A login's secret is elsewhere: taking back the word alone would be half an undo.
            if set(after) - {"login"}:
                self._acts.journal(f"{row[0]}: {_words(before, after)}", change)
            put(self._db, source, after)
        return True

    def keep(self, source: SourceID, settings: FeedSettings) -> bool:
        """Set all but the login, which has a secret; as :meth:`set`."""
        fields = settings._asdict()
        del fields["login"]
        return self.set(source, **fields)


def put(db: sqlite3.Connection, source: int, settings: dict[str, Any]) -> None:
    """Set checked settings, in the caller's transaction; what was removed meanwhile stays so."""
    for name, value in settings.items():
        _setting(name, value)
        db.execute(
            f"UPDATE subscription SET {name} = ? WHERE source_id = ?",  # noqa: S608 - checked by _setting
            (value, source),
        )
    if "title" in settings:
        rows = db.execute("SELECT article_id FROM article_source WHERE source_id = ?", (source,))
        enqueue(db, "index", [article for (article,) in rows.fetchall()])
    if {"interval", "paused", "login", "insecure", "user_agent"} & settings.keys():
        # What kept it from being fetched may be gone: the next refresh finds out.
        db.execute("UPDATE feed SET due_at = 0 WHERE source_id = ? AND gone = 0", (source,))


def _setting(name: str, value: Any) -> Any:
    """Return a setting as it is stored.

    Raises:
        UsageError: there is none of that name, or it cannot have that value.
    """
    match name:
        case "title":
            return _line(value, _TITLE)
        case "folder":
            return _line(value, _FOLDER)
        case "user_agent":
            return _line(value, _TITLE)
        case "interval":
            if value is not None and not _SHORTEST <= int(value) <= _LONGEST:
                raise UsageError(
                    "a feed is fetched every five minutes at most, every 30 days at least"
                )
            return None if value is None else int(value)
        case "login":
            if value not in (None, "basic", "header"):
                raise UsageError(f"'{value}': a login is 'basic' or 'header'")
            return value
        case "paused" | "full_text" | "insecure" | "cookies":
            return int(bool(value))
        case _:
            raise UsageError(
                f"'{name}': feeds have no such setting; there are {', '.join(_SETTINGS)}"
            )


def _line(text: str | None, longest: int) -> str | None:
    return clean_line(text, longest) or None if text else None


def _words(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return what a change of settings did, for the list of acts."""
    changed = [name for name in after if before[name] != after[name]]
    match changed:
        case ["title"]:
            return "renamed"
        case ["folder"]:
            return f"moved to {after['folder']}" if after["folder"] else "moved out of its folder"
        case ["paused"]:
            return "paused" if after["paused"] else "no longer paused"
        case _:
            return "settings changed"


_STATES = (
    "SELECT s.id, s.url, f.scope, coalesce(sub.title, s.title), sub.title, sub.folder, sub.paused,"
    " sub.interval, sub.full_text, sub.user_agent, sub.login, sub.insecure, sub.cookies,"
    " f.due_at, f.etag, f.last_modified, f.body_hash, f.failures, f.gone, f.moved_to,"
    " f.moved_times, f.gap, f.brought_at, s.home_page"
    " FROM feed f JOIN source s ON s.id = f.source_id"
    " JOIN subscription sub ON sub.source_id = s.id"
)


def _state(row: tuple[Any, ...]) -> FeedState:
    title, folder, paused, interval, full_text, user_agent, login, insecure, cookies = row[4:13]
    return FeedState(
        source=SourceID(row[0]),
        url=row[1],
        scope=row[2],
        title=row[3],
        settings=FeedSettings(
            title=title,
            folder=folder,
            paused=bool(paused),
            interval=interval,
            full_text=bool(full_text),
            user_agent=user_agent,
            login=login,
            insecure=bool(insecure),
            cookies=bool(cookies),
        ),
        due=from_ms(row[13]),
        etag=row[14],
        last_modified=row[15],
        body_hash=row[16],
        failures=row[17],
        gone=bool(row[18]),
        moved_to=row[19],
        moved_times=row[20],
        gap=row[21],
        brought=None if row[22] is None else from_ms(row[22]),
        home_page=row[23],
    )
