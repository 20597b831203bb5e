"""Storing articles: who is who, what changed, and the work that follows from it."""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsreader.errors import NotFoundError
from newsreader.model import ArticleID, EntityKind, ParsedEntry, SearchDocument, SourceID
from newsreader.store._body import decode_text
from newsreader.store._database import from_ms, now_ms, to_ms, transaction, wrapped
from newsreader.store._pages import wish_page
from newsreader.store._revisions import (
    add_revision,
    newest_revision,
    note_change,
    read_revision,
    restructure,
)
from newsreader.store._todo import enqueue
from newsreader.text.links import entry_key, front_page, link_key
from newsreader.text.words import fold, word_count

_LEAD = 240
"""Characters of the body kept beside the headline: three lines of a list 80 columns wide."""
_ENOUGH_TEXT = 40
"""Words from which equal texts are the same report; shorter ones ("Watch the video") often recur,
so there the title must be equal too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where entries come by: a feed, or one import.

    Args:
        kind: "feed" or "import".
        key: the feed's address, or the imported path; what makes two of them the same.
        title_derived: the title was made from a file name.
        known: the source is there; nothing is stored if the user has removed it meanwhile.
    """

    kind: str
    key: str
    title: str
    url: str | None = None
    home_page: str | None = None
    folder: str | None = None
    title_derived: bool = False
    known: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What the user had done to an article in another reader."""

    read: bool = False
    bookmarked: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry with what makes it itself.

    Args:
        place: the path of a file that is one article; it is the entry's identity.
        scope: within what the entry's guid is unique: the feed's key, or its file's path.
        kept: taken over unless the user has done something to the article here.
    """

    entry: ParsedEntry
    place: Path | None = None
    scope: str = ""
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What storing did, in articles."""

    imported: tuple[ArticleID, ...] = ()
    updated: tuple[ArticleID, ...] = ()
    unchanged: tuple[ArticleID, ...] = ()


class Articles:
    """Article rows, their revisions and identities."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def save(self, origin: Origin, arrivals: Iterable[Arrival]) -> Saved:
        """Store new and changed entries and queue their derived work, in one transaction.

        Storing the same again changes nothing. The origin gets a row only when it brought
        something that was not known from it before.

        Raises:
            NotFoundError: the origin is ``known`` but gone; nothing was stored.
        StoreError: nothing was stored.
        """
        imported: list[ArticleID] = []
        updated: list[ArticleID] = []
        unchanged: list[ArticleID] = []
        with transaction(self._db):
            for arrival in arrivals:
                article, outcome = _Saving(self._db, origin, arrival).run()
                if arrival.kept is not None:
                    _take_over(self._db, article, arrival.kept)
                {"imported": imported, "updated": updated, "unchanged": unchanged}[outcome].append(
                    article
                )
        return Saved(tuple(imported), tuple(updated), tuple(unchanged))

    def name_by_outlet(self, origin_key: str) -> None:
        """Title an import by the outlet that more than half of its articles name."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE source SET title = coalesce((SELECT a.outlet FROM article_source x"
                " JOIN article a ON a.id = x.article_id WHERE x.source_id = source.id"
                " AND a.outlet IS NOT NULL GROUP BY a.outlet HAVING 2 * count(*) >"
                " (SELECT total FROM source_count c WHERE c.source_id = source.id)), title)"
                " WHERE key = ? AND title_derived = 1",
                (origin_key,),
            )

    def documents(self, articles: Sequence[ArticleID]) -> Sequence[SearchDocument]:
        """Return what the index needs of ``articles``; those that are gone are left out."""
        with wrapped():
            return [
                document
                for article in articles
                if (document := _document(self._db, article)) is not None
            ]

    def text(self, article: ArticleID) -> str | None:
        """Return the current text, None when the article is gone."""
        found = self.text_and_language(article)
        return None if found is None else found[0]

    def text_and_language(self, article: ArticleID) -> tuple[str, str] | None:
        """Return the current text and its language ("" if unknown), None when it is gone."""
        with wrapped():
            row = self._db.execute(
                "SELECT codec, text, coalesce(language, '') FROM article JOIN revision"
                " ON article_id = id AND number = revision WHERE id = ?",
                (article,),
            ).fetchone()
        if row is None:
            return None
        codec, text, language = row
        return decode_text(codec, text), language

    def all_ids(self) -> Sequence[ArticleID]:
        """Return every article's id, ascending."""
        with wrapped():
            return [
                ArticleID(row[0]) for row in self._db.execute("SELECT id FROM article ORDER BY id")
            ]


def _document(db: sqlite3.Connection, article: ArticleID) -> SearchDocument | None:
    row = db.execute(
        "SELECT a.title, codec, text, coalesce(outlet, ''), coalesce(author, ''),"
        " coalesce(url, ''), coalesce(language, ''), published FROM article a JOIN revision r"
        " ON r.article_id = a.id AND r.number = a.revision WHERE a.id = ?",
        (article,),
    ).fetchone()
    if row is None:
        return None
    title, codec, text, outlet, author, url, language, published = row
    via = db.execute(
        "SELECT DISTINCT coalesce(sub.title, s.title) FROM article_source x"
        " JOIN source s ON s.id = x.source_id"
        " LEFT JOIN subscription sub ON sub.source_id = s.id WHERE x.article_id = ?",
        (article,),
    ).fetchall()
    names = dict.fromkeys([outlet, *(name for (name,) in via)])
    entities = db.execute(
        "SELECT DISTINCT coalesce(e.shown_kind, e.kind), al.name, e.id FROM article_entity x"
        " JOIN entity e ON e.id = x.entity_id AND e.hidden = 0"
        " JOIN entity o ON o.final_id = e.id JOIN alias al ON al.owner_id = o.id"
        " WHERE x.article_id = ?",
        (article,),
    ).fetchall()
    dates = db.execute(
        "SELECT DISTINCT date FROM mention WHERE article_id = ? AND date IS NOT NULL", (article,)
    ).fetchall()
    return SearchDocument(
        id=article,
        title=title,
        text=decode_text(codec, text),
        source="\n".join(name for name in names if name),
        author=author,
        url=url,
        language=language,
        published=None if published is None else from_ms(published),
        tags=tuple(
            name for (name,) in db.execute("SELECT name FROM tag WHERE article_id = ?", (article,))
        ),
        entities=tuple((EntityKind(kind), name, number) for kind, name, number in entities),
        dates=tuple(date for (date,) in dates),
    )


def _digest(*parts: object) -> bytes:
    """Return 16 bytes that stand for ``parts``; BLAKE2b (RFC 7693), far from any collision."""
    return hashlib.blake2b("\0".join(map(repr, parts)).encode(), digest_size=16).digest()


def _text_hash(entry: ParsedEntry) -> tuple[bytes, bool]:
    """Return what stands for an entry's words, and whether they alone are too few to tell it."""
    words = fold(entry.body.text).split()
    short = len(words) < _ENOUGH_TEXT
    return _digest(" ".join(words), fold(entry.title) if short else ""), short


def _lead(entry: ParsedEntry) -> str:
    text = entry.body.text
    start = next((b.start for b in entry.body.blocks if b.kind == "paragraph"), 0)
    return " ".join(text[start : start + 2 * _LEAD].split())[:_LEAD]


class _Saving:
    """One entry on its way in."""

    def __init__(self, db: sqlite3.Connection, origin: Origin, arrival: Arrival) -> None:
        self.db = db
        self.origin = origin
        self.entry = arrival.entry
        self.text_hash, self.short = _text_hash(self.entry)
        self.text_key = _digest("text", self.text_hash)
        link = self.entry.link
        self.link_key = _digest("link", entry_key(link)) if link and not front_page(link) else None
        self.own_key = self._own_key(arrival)
        self.entry_hash = _digest(self.entry)
        self.now = now_ms()

    def _own_key(self, arrival: Arrival) -> bytes | None:
        if arrival.place is not None:
            return _digest("file", str(arrival.place))
        if self.entry.guid:
            return _digest("guid", arrival.scope or self.origin.key, self.entry.guid)
        return None

    def run(self) -> tuple[ArticleID, str]:
        """Return the article and "imported", "updated" or "unchanged"."""
        known = self._known()
        if known is None:
            return self._insert(None), "imported"
        article, said = known
        row = self.db.execute(
            "SELECT revision, words FROM article WHERE id = ?", (article,)
        ).fetchone()
        if row is None:
            return self._insert(article), "imported"
        if said == self.entry_hash:
            if self.origin.kind == "feed" or self._orphan(article):
                self._link(article)
            return article, "unchanged"
        outcome = "unchanged"
        words = word_count(self.entry.body.text)
        # From its own feed or file any change counts; another's version only when it says more.
        if words > row[1] or (said is not None and not self._only_teases(article, words)):
            outcome = self._update(article)
        self._link(article)
        self._remember(article)
        return article, outcome

    def _only_teases(self, article: ArticleID, words: int) -> bool:
        """Tell whether this is another feed's short version: its changes must not cut the text."""
        newest = newest_revision(self.db, article, "feed")
        if newest is None or 2 * words >= word_count(newest[1]):
            return False
        row = self.db.execute(
            "SELECT 1 FROM article_source x JOIN source s ON s.id = x.source_id"
            " WHERE x.article_id = ? AND s.key <> ? AND s.kind = 'feed'",
            (article, self.origin.key),
        ).fetchone()
        return row is not None

    def _known(self) -> tuple[ArticleID, bytes | None] | None:
        """Return the article this is, and what its own feed or file last said of it."""
        if self.own_key is not None:
            row = self.db.execute(
                "SELECT article_id, entry_hash FROM identity WHERE key = ?", (self.own_key,)
            ).fetchone()
            if row is not None:
                return ArticleID(row[0]), row[1]
        for key, own in self._shared_keys():
            row = self.db.execute(
                "SELECT article_id, entry_hash FROM identity WHERE key = ?", (key,)
            ).fetchone()
            if row is not None and not self._another(ArticleID(row[0]), key):
                # Without a guid the link or text is the entry's own identity.
                return ArticleID(row[0]), row[1] if own else None
        return None

    def _shared_keys(self) -> list[tuple[bytes, bool]]:
        own = self.own_key is None
        keys = [(self.text_key, own and self.link_key is None)]
        if self.link_key is not None:
            keys.insert(0, (self.link_key, own))
        return keys

    def _another(self, article: ArticleID, key: bytes) -> bool:
        """Tell whether ``article``, which has this entry's ``key``, is another one all the same."""
        row = self.db.execute(
            "SELECT text_hash, title, published, url FROM article WHERE id = ?", (article,)
        ).fetchone()
        text_hash, title, published, url = row or (None, None, None, None)
        if key == self.text_key and self.short and self.entry.link and url:
            # "Photo of the day", every day, each at an address of its own.
            return entry_key(url) != entry_key(self.entry.link)
        if not self._other_guid(article):
            return False
        if key != self.link_key:
            return True
        # In one feed the guid decides; but publishers change all guids of a feed at a stroke.
        same_time = published == to_ms(self.entry.published)
        if text_hash == self.text_hash:
            return self.short and not same_time
        return not (same_time and published is not None and title == self.entry.title)

    def _other_guid(self, article: ArticleID) -> bool:
        """Tell whether this very feed has ``article`` by another guid."""
        if not self.entry.guid:
            return False
        row = self.db.execute(
            "SELECT x.guid FROM article_source x JOIN source s ON s.id = x.source_id"
            " WHERE s.key = ? AND x.article_id = ?",
            (self.origin.key, article),
        ).fetchone()
        return row is not None and row[0] is not None and row[0] != self.entry.guid

    def _insert(self, article: ArticleID | None) -> ArticleID:
        entry = self.entry
        flags: tuple[int | None, ...] = (0, 0, 0, None, 0)
        if article is not None:
            flags = self._known_flags(article)
        cursor = self.db.execute(
            "INSERT INTO article (id, title, title_derived, outlet, author, url, published,"
            " published_precision, published_derived, updated, comments, arrived, language,"
            " direction, words, lead, text_hash, read, bookmarked, hidden, hidden_by, noted)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (article, *self._columns(), self.now, *self._text_columns(), *flags),
        )
        stored = ArticleID(article if article is not None else int(cursor.lastrowid or 0))
        self.db.execute(
            "UPDATE article SET revision = ? WHERE id = ?", (self._add_revision(stored), stored)
        )
        self._put_enclosures(stored)
        self.db.executemany(
            "INSERT INTO tag VALUES (?, ?, 0, ?) ON CONFLICT DO NOTHING",
            [(stored, tag, self.now) for tag in entry.tags],
        )
        self._link(stored)
        self._remember(stored)
        enqueue(self.db, "index", [stored])
        enqueue(self.db, "entities", [stored])
        if entry.link and self._wants_page():
            wish_page(self.db, [stored], by_user=False, now=self.now)
        return stored

    def _wants_page(self) -> bool:
        row = self.db.execute(
            "SELECT sub.full_text FROM source s JOIN subscription sub ON sub.source_id = s.id"
            " WHERE s.key = ?",
            (self.origin.key,),
        ).fetchone()
        return row is not None and bool(row[0])

    def _known_flags(self, article: ArticleID) -> tuple[int | None, ...]:
        """Return what the user, or a saved search, did to an article that comes back."""
        row: tuple[int | None, ...] = self.db.execute(
            "SELECT coalesce(st.read, 0), coalesce(st.bookmarked, 0), coalesce(st.hidden, 0),"
            " st.hidden_by, EXISTS (SELECT 1 FROM note WHERE article_id = ?1)"
            " OR EXISTS (SELECT 1 FROM highlight WHERE article_id = ?1)"
            " FROM (SELECT 1) LEFT JOIN status st ON st.article_id = ?1",
            (article,),
        ).fetchone()
        return row

    def _columns(self) -> tuple[object, ...]:
        entry = self.entry
        return (
            entry.title,
            entry.title_derived,
            entry.outlet,
            entry.author,
            entry.link,
            to_ms(entry.published),
            str(entry.published_precision),
            entry.published_derived,
            to_ms(entry.updated),
            entry.comments,
        )

    def _text_columns(self) -> tuple[object, ...]:
        entry = self.entry
        return (
            entry.language,
            entry.direction,
            word_count(entry.body.text),
            _lead(entry),
            self.text_hash,
        )

    def _update(self, article: ArticleID) -> str:
        """Bring the article up to date; a changed text becomes a new revision."""
        entry = self.entry
        old = self._old_fields(article)
        self.db.execute(
            "UPDATE article SET title = ?, title_derived = ?, outlet = ?, author = ?, url = ?,"
            " published = ?, published_precision = ?, published_derived = ?, updated = ?,"
            " comments = ? WHERE id = ?",
            (*self._columns(), article),
        )
        known = newest_revision(self.db, article, "feed")
        if known is not None and known[1] == entry.body.text:
            number = known[0]
            restructure(self.db, article, number, entry.body, entry.links, entry.credits)
            self._put_text_columns(article, number)
        else:
            number = self._add_revision(article)
            old["text"] = ""
            if self._reads_feed(article):
                self._put_text_columns(article, number)
                read_revision(self.db, article, number)
            else:
                # The page is read, and has probably changed too.
                wish_page(self.db, [article], by_user=False, now=self.now)
        note_change(self.db, article, revision=known[0] if known else 0, old=old, now=self.now)
        self._put_enclosures(article)
        enqueue(self.db, "index", [article])
        return "updated"

    def _old_fields(self, article: ArticleID) -> dict[str, str]:
        """Return what is about to change, as a reader would read it."""
        names = ("title", "author", "url", "published")
        row = self.db.execute(
            "SELECT title, author, url, published FROM article WHERE id = ?", (article,)
        ).fetchone()
        new = (self.entry.title, self.entry.author, self.entry.link, to_ms(self.entry.published))
        return {
            name: from_ms(was).isoformat() if name == "published" else str(was)
            for name, was, becomes in zip(names, row, new, strict=True)
            if was is not None and was != becomes
        }

    def _reads_feed(self, article: ArticleID) -> bool:
        row = self.db.execute(
            "SELECT r.origin FROM article a JOIN revision r"
            " ON r.article_id = a.id AND r.number = a.revision WHERE a.id = ?",
            (article,),
        ).fetchone()
        return row is None or row[0] == "feed"

    def _put_text_columns(self, article: ArticleID, number: int) -> None:
        self.db.execute(
            "UPDATE article SET language = ?, direction = ?, words = ?, lead = ?, text_hash = ?"
            " WHERE id = ? AND (revision = ? OR ?)",
            (*self._text_columns(), article, number, self._reads_feed(article)),
        )

    def _add_revision(self, article: ArticleID) -> int:
        entry = self.entry
        return add_revision(
            self.db,
            article,
            entry.body,
            entry.links,
            entry.credits,
            origin="feed",
            now=self.now,
        )

    def _put_enclosures(self, article: ArticleID) -> None:
        self.db.execute("DELETE FROM enclosure WHERE article_id = ?", (article,))
        self.db.executemany(
            "INSERT INTO enclosure VALUES (?, ?, ?, ?, ?, ?)",
            [
                (article, n, enclosure.url, enclosure.type, enclosure.length, enclosure.title)
                for n, enclosure in enumerate(self.entry.enclosures)
            ],
        )

    def _link(self, article: ArticleID) -> None:
        """Note that the article came by this origin."""
        source = self._source()
        self.db.execute(
            "INSERT INTO article_source (source_id, article_id, guid, sorted_at, arrived,"
            " hidden) SELECT ?, id, ?, sorted_at, ?, hidden FROM article WHERE id = ?"
            " ON CONFLICT DO NOTHING",
            (source, self.entry.guid, self.now, article),
        )

    def _source(self) -> SourceID:
        row = self.db.execute("SELECT id FROM source WHERE key = ?", (self.origin.key,)).fetchone()
        if row is None and self.origin.known:
            raise NotFoundError(f"{self.origin.title}: is no longer subscribed")
        return SourceID(row[0]) if row is not None else add_source(self.db, self.origin)

    def _orphan(self, article: ArticleID) -> bool:
        row = self.db.execute(
            "SELECT 1 FROM article_source WHERE article_id = ? LIMIT 1", (article,)
        ).fetchone()
        return row is None

    def _remember(self, article: ArticleID) -> None:
        """Know the article by every name it has; a name already given stays with its first."""
        keys = [(key, own) for key, own in self._shared_keys()]
        if self.own_key is not None:
            keys.append((self.own_key, True))
        for key, own in keys:
            self.db.execute(
                "INSERT INTO identity VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE"
                " SET entry_hash = coalesce(excluded.entry_hash, entry_hash)"
                " WHERE article_id = excluded.article_id",
                (key, article, self.entry_hash if own else None),
            )


def _take_over(db: sqlite3.Connection, article: ArticleID, kept: Kept) -> None:
    """Do to an article what was done to it elsewhere, once, and never against the user."""
    known = db.execute("SELECT 1 FROM status WHERE article_id = ?", (article,)).fetchone()
    if known is not None:
        return
    now = now_ms()
    db.execute(
        "INSERT INTO status (article_id, read, read_at, bookmarked, bookmarked_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            article,
            int(kept.read),
            now if kept.read else None,
            int(kept.bookmarked),
            now if kept.bookmarked else None,
        ),
    )
    db.executemany(
        "INSERT INTO tag VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE SET by_user = 1",
        [(article, tag, now) for tag in kept.tags],
    )
    if kept.tags:
        enqueue(db, "index", [article])


def store_entry(db: sqlite3.Connection, origin: Origin, arrival: Arrival) -> tuple[ArticleID, str]:
    """Store one entry as :meth:`Articles.save` does, in the caller's transaction.

    Returns its article, and "imported", "updated" or "unchanged".
    """
    return _Saving(db, origin, arrival).run()


def link_owner(db: sqlite3.Connection, link: str) -> ArticleID | None:
    """Return the article that is known by the address ``link``."""
    row = db.execute(
        "SELECT article_id FROM identity WHERE key = ?", (_digest("link", link_key(link)),)
    ).fetchone()
    return None if row is None else ArticleID(row[0])


def add_source(db: sqlite3.Connection, origin: Origin) -> SourceID:
    """Insert a source with its subscription, inside the caller's transaction."""
    cursor = db.execute(
        "INSERT INTO source (kind, key, url, home_page, title, title_derived)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            origin.kind,
            origin.key,
            origin.url,
            origin.home_page,
            origin.title,
            origin.title_derived,
        ),
    )
    source = SourceID(int(cursor.lastrowid or 0))
    db.execute(
        "INSERT INTO subscription (source_id, folder, added_at) VALUES (?, ?, ?)",
        (source, origin.folder, now_ms()),
    )
    if origin.kind == "feed":
        db.execute("INSERT INTO feed (source_id, scope) VALUES (?, ?)", (source, origin.key))
    return source
