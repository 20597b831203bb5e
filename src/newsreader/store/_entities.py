"""Who and what articles mention: stored mentions, entities with stable ids, counts."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

from newsreader.errors import NotFoundError
from newsreader.model import (
    ArticleID,
    Entity,
    EntityID,
    EntityKind,
    Followed,
    Mention,
    Precision,
    Recognised,
)
from newsreader.store._database import from_ms, transaction, wrapped
from newsreader.store._todo import Task, enqueue

_DAY_MS = 86_400_000
_BEFORE_MS, _AFTER_MS = 30 * _DAY_MS, 3 * _DAY_MS
"""How far around an article others tell whose surname it means."""
_LOOKED_AT = 50
"""Earlier articles that are looked at again when a full name arrives."""
_SHORT = 2
"""Letters of a beginning to which so many names fit that they are not even counted."""
_MANY = 2_000
"""Names from which on trying the commonest is faster: of 200,000, every hundredth fits then."""


def entity_key(name: str) -> str:
    """Return what makes two forms of a canonical name the same: no case, accents, extra space."""
    # Imported when used: its patterns take 4 CPU-ms to compile, and a start needs none of them.
    from newsreader.text.words import fold

    return " ".join(fold(name).split())


_ACRONYM = 6
"""Letters up to which a name in capitals may be spelled so."""


def _finer(name: str) -> tuple[bool, int]:
    """Return how well a name is spelled: not in a heading's capitals, with all its accents."""
    loud = name.isupper() and len(name) > _ACRONYM
    return not loud, sum(letter.isalpha() and not letter.isascii() for letter in name)


def add_alias(db: sqlite3.Connection, entity: int, name: str, origin: str) -> int | None:
    """Return the alias that ``name`` is of an entity, a new one if need be; None without letters.

    In the caller's transaction.
    """
    folded = entity_key(name)
    if not folded:
        return None
    row = db.execute(
        "SELECT id FROM alias WHERE entity_id = ? AND folded = ?", (entity, folded)
    ).fetchone()
    if row is not None:
        return int(row[0])
    alias = db.execute(
        "INSERT INTO alias (entity_id, owner_id, folded, name, origin) VALUES (?, ?, ?, ?, ?)",
        (entity, entity, folded, name, origin),
    ).lastrowid
    words = folded.split(" ")
    db.executemany(
        "INSERT INTO alias_tail VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(" ".join(words[at:]), alias) for at in range(1, len(words))],
    )
    return alias


def refresh(db: sqlite3.Connection, articles: Iterable[int]) -> None:
    """Make ``article_entity`` of some articles anew from their mentions, in a transaction."""
    which = json.dumps(list(articles))
    db.execute(
        "DELETE FROM article_entity WHERE article_id IN (SELECT value FROM json_each(?))", (which,)
    )
    db.execute(
        "INSERT INTO article_entity"
        " SELECT n.entity_id, a.sorted_at, a.id, count(*), a.published IS a.sorted_at, a.hidden"
        " FROM json_each(?) j JOIN article a ON a.id = j.value"
        " JOIN named n ON n.article_id = a.id"
        " WHERE n.kind IN ('person', 'organisation', 'place') AND n.entity_id IS NOT NULL"
        " GROUP BY n.entity_id, a.id",
        (which,),
    )


def refresh_entities(db: sqlite3.Connection, entities: Iterable[int]) -> None:
    """Make ``article_entity`` of some entities anew from what names them, in a transaction."""
    which = json.dumps(list(entities))
    db.execute(
        "DELETE FROM article_entity WHERE entity_id IN (SELECT value FROM json_each(?))", (which,)
    )
    db.execute(
        "INSERT INTO article_entity"
        " SELECT n.entity_id, a.sorted_at, a.id, n.mentions, a.published IS a.sorted_at, a.hidden"
        " FROM (SELECT entity_id, article_id, count(*) AS mentions FROM"
        "  (SELECT o.final_id AS entity_id, m.article_id FROM json_each(?1) j"
        "    JOIN entity o ON o.final_id = j.value JOIN alias al ON al.owner_id = o.id"
        "    JOIN mention m ON m.alias_id = al.id"
        "    WHERE m.kind IN ('person', 'organisation', 'place') AND NOT EXISTS"
        "     (SELECT 1 FROM guess g WHERE g.article_id = m.article_id AND g.alias_id = al.id"
        "      AND al.owner_id = al.entity_id AND o.final_id = o.id AND o.shown_name IS NULL"
        "      AND o.shown_kind IS NULL AND o.hidden = 0)"
        "   UNION ALL SELECT o.final_id, m.article_id FROM json_each(?1) j"
        "    JOIN entity o ON o.final_id = j.value JOIN guess g ON g.entity_id = o.id"
        "    JOIN alias al ON al.id = g.alias_id AND al.owner_id = al.entity_id"
        "    JOIN entity w ON w.id = al.owner_id AND w.final_id = w.id AND w.shown_name IS NULL"
        "     AND w.shown_kind IS NULL AND w.hidden = 0"
        "    JOIN mention m ON m.article_id = g.article_id AND m.alias_id = g.alias_id"
        "    WHERE m.kind IN ('person', 'organisation', 'place'))"
        "  GROUP BY entity_id, article_id) n JOIN article a ON a.id = n.article_id",
        (which,),
    )


def _speaks_for(lone: str, full: str) -> str:
    """Return the condition that one article may explain another's surname: one outlet's, or feed's.

    Args:
        lone: the table of the article that has a surname alone.
        full: the table of the one that may explain it.
    """
    return (
        f"CASE WHEN {lone}.outlet IS NOT NULL THEN {full}.outlet = {lone}.outlet ELSE EXISTS"  # noqa: S608 - names of tables
        " (SELECT 1 FROM article_source p JOIN article_source q ON q.source_id = p.source_id"
        f"  WHERE p.article_id = {lone}.id AND q.article_id = {full}.id) END"
    )


_MAYBE_EXPLAINED = (
    "WITH full AS MATERIALIZED (SELECT DISTINCT e.last_word AS surname, o.final_id"  # noqa: S608 - constants
    "  FROM mention m JOIN alias al ON al.id = m.alias_id"
    "  JOIN entity e ON e.id = al.entity_id JOIN entity o ON o.id = al.owner_id"
    "  WHERE m.article_id = ?1 AND e.kind = 'person' AND e.key <> e.last_word)"
    " SELECT DISTINCT a.id, full.surname FROM article here JOIN full"
    " JOIN entity q ON q.kind = 'person' AND q.last_word = full.surname"
    "  AND q.final_id <> full.final_id"
    " JOIN article_entity x ON x.entity_id = q.final_id"
    "  AND x.sorted_at BETWEEN here.sorted_at - ?3 AND here.sorted_at + ?2"
    " JOIN article a ON a.id = x.article_id"
    " WHERE here.id = ?1 AND a.id <> ?1 AND (q.key = q.last_word OR EXISTS"
    "  (SELECT 1 FROM guess g WHERE g.article_id = a.id AND g.entity_id IN (q.id, q.final_id)))"
    f" AND {_speaks_for('a', 'here')} ORDER BY a.sorted_at DESC LIMIT ?4"
)
"""Articles with a surname alone that is nobody's, or somebody's whom this one does not name."""


class Entities:
    """Mentions and the entities they name."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    # Recognition

    def save(self, task: Task, text: str, found: Sequence[Recognised], version: int) -> bool:
        """Replace an article's mentions and finish its task, in one transaction.

        Nothing is stored, and False returned, when the article or its text changed meanwhile.
        The article is queued for the index, which knows it by its entities too.
        """
        with transaction(self._db):
            current = self._db.execute(
                "SELECT seq FROM todo WHERE stage = 'entities' AND article_id = ?"
                " AND EXISTS (SELECT 1 FROM article WHERE id = article_id)",
                (task.article,),
            ).fetchone()
            if current is None or current[0] != task.seq:
                return False
            self._replace(task.article, text, found)
            changed = [task.article, *self._look_again(task.article)]
            self._db.execute(
                "UPDATE article SET recognised = ? WHERE id = ?", (version, task.article)
            )
            self._db.execute(
                "DELETE FROM todo WHERE stage = 'entities' AND article_id = ?", (task.article,)
            )
            enqueue(self._db, "index", changed)
        return True

    def _replace(self, article: ArticleID, text: str, found: Sequence[Recognised]) -> None:
        self._db.execute("DELETE FROM mention WHERE article_id = ?", (article,))
        self._db.execute("DELETE FROM guess WHERE article_id = ?", (article,))
        self._db.executemany(
            "INSERT INTO mention VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    article,
                    mention.start,
                    mention.end,
                    str(mention.kind),
                    self._alias(mention, text[mention.start : mention.end]),
                    mention.date,
                    mention.precision,
                )
                for mention in found
            ],
        )
        self._guess(article)
        refresh(self._db, [article])

    def _alias(self, mention: Recognised, surface: str) -> int | None:
        """Return the alias a mention stands at, making it and its entity where they are new."""
        if not mention.name or mention.kind is EntityKind.DATE:
            return None
        demonym = mention.kind is EntityKind.DEMONYM
        kind = EntityKind.PLACE if demonym else mention.kind
        key = entity_key(mention.name)
        row = self._db.execute(
            "SELECT id, name FROM entity WHERE kind = ? AND key = ?", (str(kind), key)
        ).fetchone()
        if row is not None and _finer(mention.name) > _finer(row[1]):
            self._db.execute("UPDATE entity SET name = ? WHERE id = ?", (mention.name, row[0]))
            self._db.execute(
                "UPDATE alias SET name = ? WHERE entity_id = ? AND folded = ? AND origin = 'auto'",
                (mention.name, row[0], key),
            )
        if row is None:
            row = self._db.execute(
                "INSERT INTO entity (kind, key, name) VALUES (?, ?, ?) RETURNING id",
                (str(kind), key, mention.name),
            ).fetchone()
        own = add_alias(self._db, row[0], mention.name, "auto")
        written = " ".join(surface.split())
        if demonym or written == mention.name:
            return own
        return add_alias(self._db, row[0], written, "auto") or own

    # Surnames alone

    def _guess(self, article: int, surname: str | None = None) -> bool:
        """Decide whose the surnames are that the article gives alone; return if any changed.

        Args:
            article: the article.
            surname: the only one to decide on; None for all.
        """
        lone = self._db.execute(
            "SELECT DISTINCT al.id, e.key, g.entity_id FROM mention m"
            " JOIN alias al ON al.id = m.alias_id JOIN entity e ON e.id = al.owner_id"
            " LEFT JOIN guess g ON g.article_id = m.article_id AND g.alias_id = al.id"
            " WHERE m.article_id = ? AND m.kind = 'person' AND e.key = coalesce(?, e.key)"
            # What the user said of a name is not guessed at.
            " AND al.owner_id = al.entity_id AND e.final_id = e.id AND e.shown_name IS NULL"
            " AND e.shown_kind IS NULL AND e.hidden = 0"
            " AND e.kind = 'person' AND e.key = e.last_word",
            (article, surname),
        ).fetchall()
        changed = False
        for alias, key, before in lone:
            entity = self._person(article, key)
            if entity == before:
                continue
            changed = True
            self._db.execute(
                "DELETE FROM guess WHERE article_id = ? AND alias_id = ?", (article, alias)
            )
            if entity is not None:
                self._db.execute("INSERT INTO guess VALUES (?, ?, ?)", (article, alias, entity))
        return changed

    def _person(self, article: int, surname: str) -> int | None:
        """Return whom a surname alone means: whom articles of the same outlet lately named.

        Two articles must name them in full, or one where nobody else is of that name; and twice
        as many as the next. Nobody, where the article itself names one in full: it is then the
        recogniser's to say.
        """
        rows = self._db.execute(
            "SELECT e.final_id, count(DISTINCT x.article_id) AS articles"  # noqa: S608 - constants
            " FROM article here JOIN entity e JOIN article_entity x ON x.entity_id = e.final_id"
            "  AND x.sorted_at BETWEEN here.sorted_at - ?3 AND here.sorted_at + ?4"
            " JOIN article a ON a.id = x.article_id"
            " WHERE here.id = ?1 AND e.kind = 'person' AND e.last_word = ?2 AND e.key <> ?2"
            f" AND x.hidden = 0 AND x.article_id <> ?1 AND {_speaks_for('here', 'a')}"
            # A guess is no evidence for the next one.
            " AND NOT EXISTS (SELECT 1 FROM guess g WHERE g.article_id = a.id"
            "  AND g.entity_id = e.final_id)"
            " GROUP BY e.final_id ORDER BY articles DESC, e.final_id LIMIT 2",
            (article, surname, _BEFORE_MS, _AFTER_MS),
        ).fetchall()
        if not rows or self._names_in_full(article, surname):
            return None
        first, second = rows[0][1], rows[1][1] if len(rows) > 1 else 0
        clear = not second or (first >= 2 and first >= 2 * second)
        return int(rows[0][0]) if clear else None

    def _names_in_full(self, article: int, surname: str) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM mention m JOIN alias al ON al.id = m.alias_id"
            " JOIN entity e ON e.id = al.entity_id WHERE m.article_id = ? AND e.kind = 'person'"
            " AND e.last_word = ? AND e.key <> e.last_word LIMIT 1",
            (article, surname),
        ).fetchone()
        return row is not None

    def _look_again(self, article: int) -> list[ArticleID]:
        """Decide anew about surnames that this article may explain; return what changed.

        Those given to someone whom it names are left alone: it only speaks for that.
        """
        rows = self._db.execute(
            _MAYBE_EXPLAINED, (article, _BEFORE_MS, _AFTER_MS, _LOOKED_AT)
        ).fetchall()
        changed = {ArticleID(other) for other, surname in rows if self._guess(other, surname)}
        if changed:
            refresh(self._db, changed)
        return sorted(changed)

    # What an article mentions

    def mentions(self, article: ArticleID) -> Sequence[Mention]:
        """Return the article's mentions in reading order; they never overlap.

        Those of hidden entities are left out.
        """
        with wrapped():
            rows = self._db.execute(
                "SELECT start, end, iif(kind IN ('demonym', 'date'), kind, entity_kind),"
                " entity_id, coalesce(name, ''), date, precision, guessed FROM named"
                " WHERE article_id = ? AND coalesce(hidden, 0) = 0 ORDER BY start",
                (article,),
            ).fetchall()
        return [
            Mention(
                start=start,
                end=end,
                kind=EntityKind(kind),
                entity=None if entity is None else EntityID(entity),
                name=name,
                date=date,
                precision=None if precision is None else Precision(precision),
                guessed=bool(guessed),
            )
            for start, end, kind, entity, name, date, precision, guessed in rows
            if kind is not None
        ]

    def of_article(self, article: ArticleID) -> Sequence[Entity]:
        """Return the article's entities, most mentioned there first."""
        with wrapped():
            rows = self._db.execute(
                "SELECT e.*, here.mentions FROM article_entity here"
                " JOIN entity_row e ON e.id = here.entity_id"
                " WHERE here.article_id = ? AND e.hidden = 0"
                " ORDER BY here.mentions DESC, e.mentions DESC, e.name",
                (article,),
            ).fetchall()
        return [self.read(row[:-1], here=row[-1]) for row in rows]

    # Entities

    def find(
        self, prefix: str, *, kind: EntityKind | None = None, limit: int = 20
    ) -> Sequence[Entity]:
        """Return entities a word of whose names begins with ``prefix``, most mentioned first."""
        key = entity_key(prefix)
        with wrapped():
            rows = self._db.execute(
                _COMMON if self._fit_many(key) else _RARE,
                (None if kind is None else str(kind), key, limit),
            ).fetchall()
        return [self.read(row) for row in rows]

    def _fit_many(self, key: str) -> bool:
        """Return if so many names fit that the commonest are better tried one by one."""
        if len(key) <= _SHORT:
            return True
        statement = f"SELECT 1 FROM ({_FITS}) LIMIT 1 OFFSET ?3"  # noqa: S608 - a constant
        return self._db.execute(statement, (None, key, _MANY)).fetchone() is not None

    def entity(self, entity: EntityID) -> Entity:
        """Return one entity; for one that was merged, what it was merged into.

        Raises:
            NotFoundError: there is none with that id.
        """
        with wrapped():
            row = self._db.execute(
                "SELECT r.* FROM entity e JOIN entity_row r ON r.id = e.final_id WHERE e.id = ?",
                (entity,),
            ).fetchone()
        if row is None:
            raise NotFoundError(f"e{entity}: no such entity; 'newsreader entities' shows ids")
        return self.read(row)

    def named(self, name: str) -> Sequence[Entity]:
        """Return the entities that are called so, or in part, the likeliest first."""
        key = entity_key(name)
        with wrapped():
            rows = self._db.execute(
                "SELECT DISTINCT r.* FROM alias al JOIN entity o ON o.id = al.owner_id"
                " JOIN entity_row r ON r.id = o.final_id WHERE al.folded = ? AND r.mentions > 0"
                " ORDER BY r.hidden, r.mentions DESC, r.id",
                (key,),
            ).fetchall()
        return [self.read(row) for row in rows] or self.find(name, limit=5)

    def followed(self) -> Sequence[Followed]:
        """Return what the user follows, by name, with counts kept at arrival."""
        with wrapped():
            rows = self._db.execute(
                "SELECT e.id, coalesce(e.shown_kind, e.kind), coalesce(e.shown_name, e.name) AS n,"
                " c.unread, c.total FROM entity e JOIN follow_count c ON c.entity_id = e.id"
                " WHERE e.followed_at IS NOT NULL ORDER BY n COLLATE NOCASE, e.id"
            ).fetchall()
        return [
            Followed(EntityID(entity), EntityKind(kind), name, unread, total)
            for entity, kind, name, unread, total in rows
        ]

    def known(self, limit: int = 5_000) -> list[tuple[str, EntityKind]]:
        """Return names to look for in texts that cannot be read: those of three articles or more.

        People have two words at least. The most mentioned come first.
        """
        with wrapped():
            rows = self._db.execute(
                "SELECT coalesce(e.shown_name, e.name) AS n, coalesce(e.shown_kind, e.kind) AS k"
                " FROM entity_count c JOIN entity e ON e.id = c.entity_id"
                " WHERE c.articles >= 3 AND e.hidden = 0 AND (k <> 'person' OR instr(n, ' ') > 0)"
                " ORDER BY c.mentions DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return [(name, EntityKind(kind)) for name, kind in rows]

    def read(self, row: tuple[object, ...], *, here: int = 0) -> Entity:
        """Return the entity of a row of the view ``entity_row``."""
        entity, kind, name, articles, mentions, first, last, followed, _hidden, _final = row
        aliases = self._db.execute(
            "SELECT DISTINCT al.name FROM entity o JOIN alias al ON al.owner_id = o.id"
            " WHERE o.final_id = ? AND al.name <> ? ORDER BY al.name",
            (entity, name),
        ).fetchall()
        return Entity(
            id=EntityID(int(str(entity))),
            kind=EntityKind(str(kind)),
            name=str(name),
            aliases=tuple(alias for (alias,) in aliases),
            articles=int(str(articles)),
            mentions=int(str(mentions)),
            here=here,
            first=None if first is None else from_ms(int(str(first))),
            last=None if last is None else from_ms(int(str(last))),
            followed=bool(followed),
        )


_COMMON = (
    "SELECT r.* FROM entity_count c JOIN entity_row r ON r.id = c.entity_id"
    " WHERE c.mentions > 0 AND r.hidden = 0 AND (?1 IS NULL OR r.kind = ?1)"
    " AND (?2 = '' OR EXISTS (SELECT 1 FROM entity o JOIN alias al ON al.owner_id = o.id"
    "  WHERE o.final_id = c.entity_id AND (substr(al.folded, 1, length(?2)) = ?2"
    "   OR instr(al.folded, ' ' || ?2) > 0)))"
    " ORDER BY c.mentions DESC LIMIT ?3"
)
"""Tries the most mentioned first."""

_FITS = (
    "SELECT id FROM alias WHERE folded >= ?2 AND folded < ?2 || char(1114111)"
    " UNION ALL SELECT alias_id FROM alias_tail WHERE tail >= ?2 AND tail < ?2 || char(1114111)"
)
_RARE = (
    f"WITH fits AS ({_FITS})"  # noqa: S608 - a constant
    " SELECT r.* FROM (SELECT DISTINCT o.final_id FROM fits JOIN alias al ON al.id = fits.id"
    "  JOIN entity o ON o.id = al.owner_id) f"
    " JOIN entity_count c ON c.entity_id = f.final_id"
    " JOIN entity_row r ON r.id = f.final_id"
    " WHERE c.mentions > 0 AND r.hidden = 0 AND (?1 IS NULL OR r.kind = ?1)"
    " ORDER BY c.mentions DESC, c.articles DESC, r.name LIMIT ?3"
)
"""Looks the beginning up, then sorts what fits."""
