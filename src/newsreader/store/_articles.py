"""Storing articles: who is who, what changed, and the work that follows from it."""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsreader.model import ArticleID, EntityKind, ParsedEntry, SearchDocument, SourceID
from newsreader.store._body import decode_text, encode_structure, encode_text
from newsreader.store._database import from_ms, now_ms, to_ms, transaction, wrapped
from newsreader.store._todo import enqueue
from newsreader.text.links import link_key
from newsreader.text.words import fold, word_count

_LEAD = 240
"""Characters of the body kept beside the headline: three lines of a list 80 columns wide."""
_ENOUGH_TEXT = 40
"""Words from which equal texts are the same report; shorter ones ("Watch the video") often recur,
so there the title must be equal too."""
_CONTEXT = 48
"""Characters by which a reading position is found again in a changed text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where entries come by: a feed, or one import.

    Args:
        kind: "feed" or "import".
        key: the feed's address, or the imported path; what makes two of them the same.
        title_derived: the title was made from a file name.
    """

    kind: str
    key: str
    title: str
    url: str | None = None
    home_page: str | None = None
    folder: str | None = None
    title_derived: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry with what makes it itself.

    Args:
        place: the path of a file that is one article; it is the entry's identity.
        scope: within what the entry's guid is unique: the feed's key, or its file's path.
    """

    entry: ParsedEntry
    place: Path | None = None
    scope: str = ""


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
            StoreError: nothing was stored.
        """
        imported: list[ArticleID] = []
        updated: list[ArticleID] = []
        unchanged: list[ArticleID] = []
        with transaction(self._db):
            for arrival in arrivals:
                article, outcome = _Saving(self._db, origin, arrival).run()
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


def _text_hash(entry: ParsedEntry) -> bytes:
    words = fold(entry.body.text).split()
    return _digest(" ".join(words), "" if len(words) >= _ENOUGH_TEXT else fold(entry.title))


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
        self.text_hash = _text_hash(self.entry)
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
        # From its own feed or file any change counts; another's version only when it says more.
        if said is not None or word_count(self.entry.body.text) > row[1]:
            outcome = self._update(article, row[0])
        self._link(article)
        self._remember(article)
        return article, outcome

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
            if row is not None and not self._other_entry(ArticleID(row[0])):
                # Without a guid the link or text is the entry's own identity.
                return ArticleID(row[0]), row[1] if own else None
        return None

    def _shared_keys(self) -> list[tuple[bytes, bool]]:
        own = self.own_key is None
        keys = [(_digest("text", self.text_hash), own and not self.entry.link)]
        if self.entry.link:
            keys.insert(0, (_digest("link", link_key(self.entry.link)), own))
        return keys

    def _other_entry(self, article: ArticleID) -> bool:
        """Tell whether ``article`` is another entry of this very feed: there the guid decides."""
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
            " published_precision, published_derived, updated, arrived, language, direction,"
            " words, lead, text_hash, read, bookmarked, hidden, hidden_by, noted)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (article, *self._columns(), self.now, *self._text_columns(), *flags),
        )
        stored = ArticleID(article if article is not None else int(cursor.lastrowid or 0))
        self._store_revision(stored, self._next_revision(stored))
        self.db.executemany(
            "INSERT INTO enclosure VALUES (?, ?, ?, ?, ?)",
            [
                (stored, n, enclosure.url, enclosure.type, enclosure.length)
                for n, enclosure in enumerate(entry.enclosures)
            ],
        )
        self.db.executemany(
            "INSERT INTO tag VALUES (?, ?, 0, ?) ON CONFLICT DO NOTHING",
            [(stored, tag, self.now) for tag in entry.tags],
        )
        self._link(stored)
        self._remember(stored)
        enqueue(self.db, "index", [stored])
        enqueue(self.db, "entities", [stored])
        return stored

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

    def _next_revision(self, article: ArticleID) -> int:
        """Number revisions on across removals, because highlights outlive the article."""
        highest = self.db.execute(
            "SELECT max(coalesce((SELECT max(number) FROM revision WHERE article_id = ?1), 0),"
            " coalesce((SELECT max(revision) FROM highlight WHERE article_id = ?1), 0),"
            " coalesce((SELECT position_revision FROM status WHERE article_id = ?1), 0))",
            (article,),
        ).fetchone()[0]
        return int(highest) + 1

    def _store_revision(self, article: ArticleID, number: int) -> None:
        entry = self.entry
        self.db.execute(
            "INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?)",
            (
                article,
                number,
                self.now,
                *encode_text(entry.body.text),
                encode_structure(entry.body, entry.links, entry.credits),
            ),
        )
        self.db.execute("UPDATE article SET revision = ? WHERE id = ?", (number, article))

    def _update(self, article: ArticleID, revision: int) -> str:
        """Bring the article up to date; a changed text becomes a new revision."""
        entry = self.entry
        before = decode_text(
            *self.db.execute(
                "SELECT codec, text FROM revision WHERE article_id = ? AND number = ?",
                (article, revision),
            ).fetchone()
        )
        self.db.execute(
            "UPDATE article SET title = ?, title_derived = ?, outlet = ?, author = ?, url = ?,"
            " published = ?, published_precision = ?, published_derived = ?, updated = ?,"
            " language = ?, direction = ?, words = ?, lead = ?, text_hash = ? WHERE id = ?",
            (*self._columns(), *self._text_columns(), article),
        )
        if entry.body.text == before:
            self.db.execute(
                "UPDATE revision SET structure = ? WHERE article_id = ? AND number = ?",
                (encode_structure(entry.body, entry.links, entry.credits), article, revision),
            )
        else:
            self._store_revision(article, self._next_revision(article))
            self._drop_old_revisions(article)
            self._move_position(article, revision, before)
            enqueue(self.db, "entities", [article])
        enqueue(self.db, "index", [article])
        return "updated"

    def _drop_old_revisions(self, article: ArticleID) -> None:
        for table in ("mention", "guess", "article_entity"):
            self.db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article,))  # noqa: S608 - one of three words
        self.db.execute(
            "DELETE FROM revision WHERE article_id = ?1"
            " AND number <> (SELECT revision FROM article WHERE id = ?1)"
            " AND number NOT IN (SELECT revision FROM highlight WHERE article_id = ?1)",
            (article,),
        )

    def _move_position(self, article: ArticleID, revision: int, before: str) -> None:
        row = self.db.execute(
            "SELECT position_offset FROM status WHERE article_id = ? AND position_revision = ?",
            (article, revision),
        ).fetchone()
        if row is None or row[0] is None:
            return
        self.db.execute(
            "UPDATE status SET position_offset = ?,"
            " position_revision = (SELECT revision FROM article WHERE id = ?2)"
            " WHERE article_id = ?2",
            (_same_place(before, self.entry.body.text, row[0]), article),
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
    return source


def _same_place(before: str, after: str, offset: int) -> int:
    """Return where ``before[offset]`` is in ``after``: unchanged start, else its next words."""
    if before[:offset] == after[:offset]:
        return min(offset, len(after))
    found = after.find(before[offset : offset + _CONTEXT])
    return found if found >= 0 else min(offset, len(after))
