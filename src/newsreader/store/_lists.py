"""Reading: what the source pane, the article list and the article pane show."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from newsreader.errors import NotFoundError
from newsreader.model import (
    Article,
    ArticleID,
    Change,
    Counts,
    Enclosure,
    Headline,
    Position,
    Precision,
    Scope,
    ScopeKind,
    Source,
    SourceID,
)
from newsreader.store._body import decode_structure, decode_text
from newsreader.store._database import from_ms, to_ms, wrapped

_IDS = {
    ScopeKind.ALL: "SELECT id FROM article WHERE hidden = 0"
    " ORDER BY sorted_at DESC, id DESC LIMIT ?2 OFFSET ?3",
    ScopeKind.UNREAD: "SELECT id FROM article WHERE read = 0 AND hidden = 0"
    " ORDER BY sorted_at DESC, id DESC LIMIT ?2 OFFSET ?3",
    ScopeKind.BOOKMARKS: "SELECT id FROM article WHERE bookmarked = 1 AND hidden = 0"
    " ORDER BY sorted_at DESC, id DESC LIMIT ?2 OFFSET ?3",
    ScopeKind.TODAY: "SELECT id FROM article WHERE published >= ?1 AND hidden = 0"
    " ORDER BY published DESC, id DESC LIMIT ?2 OFFSET ?3",
    ScopeKind.SOURCE: "SELECT article_id FROM article_source WHERE source_id = ?1 AND hidden = 0"
    " ORDER BY sorted_at DESC, article_id DESC LIMIT ?2 OFFSET ?3",
    ScopeKind.FOLDER: "SELECT article_id FROM article_source WHERE hidden = 0"
    " AND source_id IN (SELECT source_id FROM subscription WHERE folder = ?1)"
    " GROUP BY article_id ORDER BY max(sorted_at) DESC, article_id DESC LIMIT ?2 OFFSET ?3",
    ScopeKind.SAVED: "SELECT article_id FROM saved_match WHERE search_id = ?1 AND shown = 1"
    " AND ?1 IN (SELECT id FROM saved_ready)"
    " ORDER BY sorted_at DESC, article_id DESC LIMIT ?2 OFFSET ?3",
    ScopeKind.ENTITY: "SELECT article_id FROM article_entity"
    " WHERE entity_id = (SELECT final_id FROM entity WHERE id = ?1) AND hidden = 0"
    " ORDER BY sorted_at DESC, article_id DESC LIMIT ?2 OFFSET ?3",
}


_HIDDEN_IDS = (
    "SELECT id FROM article a WHERE hidden = 1 AND CASE ?1"
    " WHEN 'unread' THEN read = 0 WHEN 'bookmarks' THEN bookmarked = 1"
    " WHEN 'today' THEN published >= ?2"
    " WHEN 'source' THEN EXISTS (SELECT 1 FROM article_source x"
    "  WHERE x.article_id = a.id AND x.source_id = ?2)"
    " WHEN 'folder' THEN EXISTS (SELECT 1 FROM article_source x"
    "  JOIN subscription s ON s.source_id = x.source_id"
    "  WHERE x.article_id = a.id AND s.folder = ?2)"
    " WHEN 'entity' THEN EXISTS (SELECT 1 FROM article_entity x"
    "  JOIN entity e ON e.final_id = x.entity_id WHERE x.article_id = a.id AND e.id = ?2)"
    " WHEN 'saved' THEN 0 ELSE 1 END"
)
"""A saved search lists the hidden ones that belong to it already."""


def midnight() -> datetime:
    """Return the start of today in the user's time zone."""
    return datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)


_NAMES = 3
"""Names in a row of a list."""


class Lists:
    """Sources, headlines and whole articles."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def sources(self) -> Sequence[Source]:
        """Return every source: those in no folder first, then by folder and title."""
        with wrapped():
            rows = self._db.execute(
                "SELECT s.id, s.kind, coalesce(sub.title, s.title) AS shown, s.url, sub.folder,"
                " coalesce(c.unread, 0), coalesce(c.total, 0), sub.error, sub.paused, f.gone,"
                " f.fetched_at, coalesce(nullif(f.due_at, 0), f.fetched_at, sub.added_at)"
                " FROM source s"
                " LEFT JOIN feed f ON f.source_id = s.id"
                " JOIN subscription sub ON sub.source_id = s.id"
                " LEFT JOIN source_count c ON c.source_id = s.id"
                " ORDER BY sub.folder IS NOT NULL, sub.folder COLLATE NOCASE,"
                " shown COLLATE NOCASE, s.id"
            ).fetchall()
        return [
            Source(
                id=SourceID(source),
                kind=kind,
                title=title,
                url=url,
                folder=folder,
                unread=unread,
                total=total,
                error=error,
                paused=bool(paused),
                gone=bool(gone),
                fetched=None if fetched is None else from_ms(fetched),
                due=None if due is None or paused or gone else from_ms(due),
            )
            for (
                source,
                kind,
                title,
                url,
                folder,
                unread,
                total,
                error,
                paused,
                gone,
                fetched,
                due,
            ) in rows
        ]

    def counts(self) -> Counts:
        """Return the totals of the fixed scopes, from counters kept by triggers."""
        with wrapped():
            counts = dict(self._db.execute("SELECT name, n FROM library_count"))
            today = self._db.execute(
                "SELECT count(*) FROM article WHERE published >= ? AND hidden = 0",
                (to_ms(midnight()),),
            ).fetchone()[0]
        return Counts(
            all=counts["all"],
            today=today,
            unread=counts["unread"],
            bookmarks=counts["bookmarks"],
            hidden=counts["hidden"],
        )

    def article_ids(
        self, scope: Scope, *, limit: int | None = None, offset: int = 0
    ) -> Sequence[ArticleID]:
        """Return ids of ``scope``, newest first; undated articles stand by their arrival.

        Hidden articles are in none but the saved search that hid them, or asks for ``is:hidden``.
        """
        key: object = scope.key
        if scope.kind is ScopeKind.TODAY:
            key = to_ms(midnight())
        elif scope.kind in (ScopeKind.SOURCE, ScopeKind.SAVED, ScopeKind.ENTITY):
            key = int(scope.key)
        with wrapped():
            rows = self._db.execute(
                _IDS[scope.kind], (key, -1 if limit is None else limit, offset)
            ).fetchall()
        return [row[0] for row in rows]

    def hidden_ids(self, scope: Scope) -> Sequence[ArticleID]:
        """Return the articles that ``scope`` would hold too, were they not hidden, in no order."""
        key: object = scope.key
        if scope.kind is ScopeKind.TODAY:
            key = to_ms(midnight())
        elif scope.kind in (ScopeKind.SOURCE, ScopeKind.ENTITY):
            key = int(scope.key)
        with wrapped():
            rows = self._db.execute(_HIDDEN_IDS, (str(scope.kind), key)).fetchall()
        return [row[0] for row in rows]

    def unread_ids(self) -> Sequence[ArticleID]:
        """Return the ids of unread articles, newest first."""
        return self.article_ids(Scope(ScopeKind.UNREAD))

    def headlines(self, articles: Sequence[ArticleID]) -> Sequence[Headline]:
        """Return the rows of ``articles`` in their order; ids that are gone are left out."""
        wanted = json.dumps(articles)
        with wrapped():
            rows = self._db.execute(
                "SELECT a.id, a.title, coalesce(a.outlet, (SELECT coalesce(sub.title, s.title)"
                " FROM article_source x JOIN source s ON s.id = x.source_id"
                " JOIN subscription sub ON sub.source_id = s.id"
                " WHERE x.article_id = a.id ORDER BY x.arrived LIMIT 1), ''),"
                " a.author, a.published, a.published_precision, a.arrived, a.url, a.read,"
                " a.bookmarked, a.title_derived, a.lead, a.outlet, a.hidden"
                " FROM json_each(?) j JOIN article a ON a.id = j.value ORDER BY j.key",
                (wanted,),
            ).fetchall()
            names = self._names(wanted)
        return [
            Headline(
                id=ArticleID(row[0]),
                title=row[1],
                source=row[2],
                author=row[3],
                published=None if row[4] is None else from_ms(row[4]),
                precision=Precision(row[5]),
                arrived=from_ms(row[6]),
                url=row[7],
                read=bool(row[8]),
                bookmarked=bool(row[9]),
                title_derived=bool(row[10]),
                lead=row[11],
                names=_others(names.get(row[0], ()), row[2]),
                outlet=row[12],
                hidden=bool(row[13]),
            )
            for row in rows
        ]

    def _names(self, wanted: str) -> dict[int, list[str]]:
        """Return the most mentioned names of each article, one more than are shown."""
        names: dict[int, list[str]] = {}
        rows = self._db.execute(
            "SELECT x.article_id, coalesce(e.shown_name, e.name) AS name FROM json_each(?) j"
            " JOIN article_entity x ON x.article_id = j.value"
            " JOIN entity e ON e.id = x.entity_id AND e.hidden = 0"
            " ORDER BY x.article_id, x.mentions DESC, e.kind = 'place', name",
            (wanted,),
        )
        for article, name in rows:
            kept = names.setdefault(article, [])
            if len(kept) <= _NAMES:
                kept.append(name)
        return names

    def article(self, article: ArticleID) -> Article:
        """Return one article, whole.

        Raises:
            NotFoundError: there is none with that id.
        """
        with wrapped():
            row = self._db.execute(
                "SELECT a.revision, a.title, a.title_derived, a.outlet, a.author, a.published,"
                " a.published_precision, a.published_derived, a.updated, a.arrived, a.url,"
                " a.language, a.direction, a.words, a.read, a.bookmarked, a.recognised,"
                " a.hidden, r.codec, r.text, r.structure, a.comments, r.origin,"
                " (SELECT max(number) FROM revision o WHERE o.article_id = a.id"
                "  AND o.origin <> r.origin),"
                " (SELECT error FROM page_wish w WHERE w.article_id = a.id)"
                " FROM article a JOIN revision r"
                " ON r.article_id = a.id AND r.number = a.revision WHERE a.id = ?",
                (article,),
            ).fetchone()
            if row is None:
                raise NotFoundError(f"a{article}: no such article; 'newsreader search' shows ids")
            via = self._via(article)
            tags = self._tags(article)
            note = self._db.execute(
                "SELECT text FROM note WHERE article_id = ?", (article,)
            ).fetchone()
            enclosures = self._enclosures(article)
        body, links, credits = decode_structure(decode_text(row[18], row[19]), row[20])
        return Article(
            id=article,
            revision=row[0],
            title=row[1],
            title_derived=bool(row[2]),
            source=row[3] or (via[0][1] if via else ""),
            outlet=row[3],
            author=row[4],
            published=None if row[5] is None else from_ms(row[5]),
            precision=Precision(row[6]),
            published_derived=bool(row[7]),
            updated=None if row[8] is None else from_ms(row[8]),
            arrived=from_ms(row[9]),
            url=row[10],
            language=row[11],
            direction=row[12],
            words=row[13],
            body=body,
            links=links,
            credits=credits,
            enclosures=enclosures,
            tags=tags,
            note=note[0] if note else "",
            read=bool(row[14]),
            bookmarked=bool(row[15]),
            via=via,
            recognised=bool(row[16]),
            hidden=bool(row[17]),
            comments=row[21],
            origin=row[22],
            other_revision=row[23],
            page_error=row[24],
        )

    def changes(self, article: ArticleID) -> Sequence[Change]:
        """Return what the publisher changed in an article since it came, latest first."""
        with wrapped():
            rows = self._db.execute(
                "SELECT at, revision, old FROM change WHERE article_id = ? ORDER BY at DESC",
                (article,),
            ).fetchall()
        return [
            Change(from_ms(at), revision, tuple(json.loads(old).items()))
            for at, revision, old in rows
        ]

    def _via(self, article: ArticleID) -> tuple[tuple[SourceID, str], ...]:
        rows = self._db.execute(
            "SELECT s.id, coalesce(sub.title, s.title) FROM article_source x"
            " JOIN source s ON s.id = x.source_id JOIN subscription sub ON sub.source_id = s.id"
            " WHERE x.article_id = ? ORDER BY x.arrived, s.id",
            (article,),
        ).fetchall()
        return tuple((SourceID(source), title) for source, title in rows)

    def _tags(self, article: ArticleID) -> tuple[str, ...]:
        rows = self._db.execute(
            "SELECT name FROM tag WHERE article_id = ? ORDER BY name", (article,)
        )
        return tuple(name for (name,) in rows)

    def _enclosures(self, article: ArticleID) -> tuple[Enclosure, ...]:
        rows = self._db.execute(
            "SELECT url, type, length, title FROM enclosure WHERE article_id = ? ORDER BY position",
            (article,),
        )
        return tuple(
            Enclosure(url=url, type=kind, length=length, title=title)
            for url, kind, length, title in rows
        )

    def position(self, article: ArticleID) -> Position | None:
        """Return where the article was left."""
        with wrapped():
            row = self._db.execute(
                "SELECT position_revision, position_offset FROM status"
                " WHERE article_id = ? AND position_at IS NOT NULL",
                (article,),
            ).fetchone()
        return None if row is None else Position(row[0], row[1])

    def status_ids(self, name: str) -> Sequence[ArticleID]:
        """Return the articles for which "is:read", "has:note" and their like hold, in no order.

        Raises:
            KeyError: there is no such filter.
        """
        with wrapped():
            return [row[0] for row in self._db.execute(_STATUS[name])]


_STATUS = {
    "is:read": "SELECT id FROM article WHERE read = 1",
    "is:unread": "SELECT id FROM article WHERE read = 0",
    "is:bookmarked": "SELECT id FROM article WHERE bookmarked = 1",
    "is:hidden": "SELECT id FROM article WHERE hidden = 1",
    "is:noted": "SELECT article_id FROM note UNION SELECT article_id FROM highlight",
    "has:note": "SELECT article_id FROM note UNION SELECT article_id FROM highlight",
    "has:tag": "SELECT DISTINCT article_id FROM tag",
    "has:link": "SELECT id FROM article WHERE url IS NOT NULL",
    "has:enclosure": "SELECT DISTINCT article_id FROM enclosure",
}
"""What ``is:`` and ``has:`` mean; each is one statement over the truth."""


def _others(names: Sequence[str], source: str) -> tuple[str, ...]:
    """Return the names of a row but that of the source, which stands there already."""
    return tuple(name for name in names if name.casefold() != source.casefold())[:_NAMES]
