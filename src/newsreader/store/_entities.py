"""Who and what articles mention: stored mentions, entities with stable ids, counts."""

import sqlite3
from collections import Counter
from collections.abc import Sequence

from newsreader.model import ArticleID, Entity, EntityID, EntityKind, Mention, Precision, Recognised
from newsreader.store._database import from_ms, transaction, wrapped
from newsreader.store._todo import Task, enqueue

_DAY_MS = 86_400_000
_NAMED = (EntityKind.PERSON, EntityKind.ORGANISATION, EntityKind.PLACE)


def entity_key(name: str) -> str:
    """Return what makes two forms of a canonical name the same: no case, accents, extra space."""
    # Imported when used: its patterns take 4 CPU-ms to compile, and a start needs none of them.
    from newsreader.text.words import fold

    return " ".join(fold(name).split())


class Entities:
    """Mentions and the entities they name."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def save(self, task: Task, text: str, found: Sequence[Recognised], version: int) -> bool:
        """Replace an article's mentions and finish its task, in one transaction.

        Nothing is stored, and False returned, when the article or its text changed meanwhile.
        The article is queued for the index, which knows it by its entities too.
        """
        with transaction(self._db):
            current = self._db.execute(
                "SELECT t.seq, a.published FROM todo t JOIN article a ON a.id = t.article_id"
                " WHERE t.stage = 'entities' AND t.article_id = ?",
                (task.article,),
            ).fetchone()
            if current is None or current[0] != task.seq:
                return False
            self._replace(task.article, text, found, current[1])
            self._db.execute(
                "UPDATE article SET recognised = ? WHERE id = ?", (version, task.article)
            )
            self._db.execute(
                "DELETE FROM todo WHERE stage = 'entities' AND article_id = ?", (task.article,)
            )
            enqueue(self._db, "index", [task.article])
        return True

    def _replace(
        self, article: ArticleID, text: str, found: Sequence[Recognised], published: int | None
    ) -> None:
        self._db.execute("DELETE FROM mention WHERE article_id = ?", (article,))
        self._db.execute("DELETE FROM article_entity WHERE article_id = ?", (article,))
        counts: Counter[EntityID] = Counter()
        for mention in found:
            entity = self._entity(mention, text[mention.start : mention.end])
            self._db.execute(
                "INSERT INTO mention VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    article,
                    mention.start,
                    mention.end,
                    str(mention.kind),
                    entity,
                    mention.date,
                    mention.precision,
                ),
            )
            if entity is not None and mention.kind in _NAMED:
                counts[entity] += 1
        day = -1 if published is None else max(0, published // _DAY_MS)
        self._db.executemany(
            "INSERT INTO article_entity VALUES (?, ?, ?, ?)",
            [(entity, day, article, count) for entity, count in counts.items()],
        )

    def _entity(self, mention: Recognised, surface: str) -> EntityID | None:
        """Return the entity a mention names, making it where it is new."""
        if not mention.name or mention.kind is EntityKind.DATE:
            return None
        demonym = mention.kind is EntityKind.DEMONYM
        kind = EntityKind.PLACE if demonym else mention.kind
        row = self._db.execute(
            "INSERT INTO entity (kind, key, name) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET kind = kind RETURNING id",
            (str(kind), entity_key(mention.name), mention.name),
        ).fetchone()
        entity = EntityID(row[0])
        names = (mention.name,) if demonym else (mention.name, " ".join(surface.split()))
        self._db.executemany(
            "INSERT INTO alias VALUES (?, ?, ?, 'auto') ON CONFLICT DO NOTHING",
            [(entity_key(name), entity, name) for name in names if entity_key(name)],
        )
        return entity

    def mentions(self, article: ArticleID) -> Sequence[Mention]:
        """Return the article's mentions in reading order; they never overlap."""
        with wrapped():
            rows = self._db.execute(
                "SELECT m.start, m.end, m.kind, m.entity_id, coalesce(e.name, ''), m.date,"
                " m.precision FROM mention m LEFT JOIN entity e ON e.id = m.entity_id"
                " WHERE m.article_id = ? ORDER BY m.start",
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
            )
            for start, end, kind, entity, name, date, precision in rows
        ]

    def of_article(self, article: ArticleID) -> Sequence[Entity]:
        """Return the article's entities, most mentioned there first."""
        with wrapped():
            rows = self._db.execute(
                "SELECT e.*, here.mentions FROM article_entity here"
                " JOIN entity_row e ON e.id = here.entity_id WHERE here.article_id = ?"
                " ORDER BY here.mentions DESC, e.mentions DESC, e.name",
                (article,),
            ).fetchall()
        return [self._read(row[:-1], here=row[-1]) for row in rows]

    def find(
        self, prefix: str, *, kind: EntityKind | None = None, limit: int = 20
    ) -> Sequence[Entity]:
        """Return entities with a name that starts with ``prefix``, most mentioned first."""
        key = entity_key(prefix)
        with wrapped():
            rows = self._db.execute(
                "SELECT * FROM entity_row e"
                " WHERE e.mentions > 0 AND (?1 IS NULL OR e.kind = ?1) AND (?2 = '' OR EXISTS"
                " (SELECT 1 FROM alias al WHERE al.entity_id = e.id AND"
                " (substr(al.folded, 1, length(?2)) = ?2 OR instr(al.folded, ' ' || ?2) > 0)))"
                " ORDER BY e.mentions DESC, e.articles DESC, e.name LIMIT ?3",
                (None if kind is None else str(kind), key, limit),
            ).fetchall()
        return [self._read(row) for row in rows]

    def _read(self, row: tuple[object, ...], *, here: int = 0) -> Entity:
        entity, kind, name, articles, mentions, first, last, followed = row
        aliases = self._db.execute(
            "SELECT name FROM alias WHERE entity_id = ? AND name <> ? ORDER BY name", (entity, name)
        ).fetchall()
        return Entity(
            id=EntityID(int(str(entity))),
            kind=EntityKind(str(kind)),
            name=str(name),
            aliases=tuple(alias for (alias,) in aliases),
            articles=int(str(articles)),
            mentions=int(str(mentions)),
            here=here,
            first=None if first is None else from_ms(int(str(first)) * _DAY_MS),
            last=None if last is None else from_ms(int(str(last)) * _DAY_MS),
            followed=bool(followed),
        )
