"""What the user says of entities: followed, merged, split, renamed, hidden, of another kind.

Each is one step of undo, and is kept as columns of ``entity`` and ``alias`` that recognition never
writes: it stands for ever, whatever is derived again.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from newsreader.errors import NotFoundError, UsageError
from newsreader.model import Entity, EntityID, EntityKind
from newsreader.store._acts import Acts
from newsreader.store._database import now_ms, transaction
from newsreader.store._entities import Entities, add_alias, entity_key, refresh_entities

_COLUMNS = ("into_id", "shown_name", "shown_kind", "hidden", "followed_at")
_SAID = frozenset({"shown_name", "shown_kind", "hidden"})
"""Columns that say what a name means: it is no longer guessed at."""
_KINDS = (EntityKind.PERSON, EntityKind.ORGANISATION, EntityKind.PLACE)
_LONGEST = 200


class EntityActs:
    """The user's word on entities."""

    def __init__(self, db: sqlite3.Connection, acts: Acts, entities: Entities) -> None:
        self._db = db
        self._acts = acts
        self._entities = entities

    def follow(self, entity: EntityID, *, on: bool) -> bool:
        """Follow an entity or no longer; return whether that changed anything."""
        found = self._entities.entity(entity)
        if found.followed is on:
            return False
        label = f"{found.name} {'followed' if on else 'no longer followed'}"
        with transaction(self._db):
            self._change(label, {found.id: {"followed_at": now_ms() if on else None}})
        return True

    def merge(self, entity: EntityID, into: EntityID) -> Entity:
        """Make everything about ``entity`` be about ``into``, and return that.

        Raises:
            NotFoundError: there is no such entity.
            UsageError: they are one already.
        """
        with transaction(self._db):
            # Read in here: another process may be merging the two the other way round.
            one, other = self._entities.entity(entity), self._entities.entity(into)
            if one.id == other.id:
                raise UsageError(f"{one.name} (e{one.id}): it is merged with e{into} already")
            changes: dict[int, dict[str, Any]] = {one.id: {"into_id": other.id}}
            if one.followed and not other.followed:
                changes[other.id] = {"followed_at": now_ms()}
            self._change(f"{one.name} merged into {other.name}", changes)
        return self._entities.entity(other.id)

    def split(self, entity: EntityID, alias: str) -> Entity:
        """Let ``alias`` be an entity of its own, and return that.

        A name that came by merging takes its whole entity back.

        Raises:
            NotFoundError: there is no such entity.
            UsageError: it has no such alias, or it is its own name.
        """
        found = self._entities.entity(entity)
        rows = self._db.execute(
            "SELECT al.id, al.owner_id, al.name, o.kind, o.key FROM alias al"
            " JOIN entity o ON o.id = al.owner_id WHERE o.final_id = ? AND al.folded = ?",
            (found.id, entity_key(alias)),
        ).fetchall()
        if not rows:
            raise UsageError(f"{found.name}: '{alias}' is none of its names")
        with transaction(self._db):
            merged = next((row for row in rows if row[1] != found.id), None)
            if merged is not None:
                back = self._top(merged[1], found.id)
                self._change(f"{merged[2]} split off {found.name}", {back: {"into_id": None}})
                return self._entities.entity(EntityID(back))
            number, owner, name, kind, key = rows[0]
            if entity_key(name) == key:
                raise UsageError(f"{found.name}: '{name}' is its own name; rename it instead")
            new = self._own(kind, name, owner)
            self._change(f"{name} split off {found.name}", {}, {number: new})
        return self._entities.entity(EntityID(new))

    def rename(self, entity: EntityID, name: str) -> Entity:
        """Show an entity under another name; return it.

        Raises:
            NotFoundError: there is no such entity.
            UsageError: the name has no letters, or too many.
        """
        from newsreader.text.clean import clean_line

        found = self._entities.entity(entity)
        new = clean_line(name)
        if not any(map(str.isalnum, new)) or len(new) > _LONGEST:
            raise UsageError(f"'{new[:40]}': a name has letters, and at most {_LONGEST}")
        with transaction(self._db):
            add_alias(self._db, found.id, new, "user")
            self._change(f"{found.name} renamed {new}", {found.id: {"shown_name": new}})
        return self._entities.entity(found.id)

    def hide(self, entity: EntityID, *, on: bool) -> None:
        """Show an entity nowhere but on its own page, or everywhere again."""
        found = self._entities.entity(entity)
        label = f"{found.name} {'hidden' if on else 'shown again'}"
        with transaction(self._db):
            self._change(label, {found.id: {"hidden": int(on)}})

    def set_kind(self, entity: EntityID, kind: EntityKind) -> Entity:
        """Say what an entity is; return it.

        Raises:
            NotFoundError: there is no such entity.
            UsageError: the kind is none an entity can have.
        """
        found = self._entities.entity(entity)
        if kind not in _KINDS:
            raise UsageError(f"{kind}: an entity is a person, an organisation or a place")
        with transaction(self._db):
            label = f"{found.name} is {'an' if kind[0] == 'o' else 'a'} {kind}"
            self._change(label, {found.id: {"shown_kind": str(kind)}})
        return self._entities.entity(found.id)

    def _own(self, kind: str, name: str, owner: int) -> int:
        """Return an entity for a name that is split off: one of that name, else a new one."""
        key = entity_key(name)
        row = self._db.execute(
            "SELECT id, final_id FROM entity WHERE kind = ? AND key = ? AND id <> ?",
            (kind, key, owner),
        ).fetchone()
        if row is not None and row[0] != row[1]:
            raise UsageError(f"'{name}' is merged into e{row[1]}; split it off there first")
        if row is not None:
            return int(row[0])
        (new,) = self._db.execute(
            "INSERT INTO entity (kind, key, name) VALUES (?, ?, ?) RETURNING id", (kind, key, name)
        ).fetchone()
        add_alias(self._db, new, name, "user")
        return int(new)

    def _top(self, entity: int, final: int) -> int:
        """Return what was merged straight into ``final`` and took ``entity`` with it."""
        while True:
            (into,) = self._db.execute(
                "SELECT into_id FROM entity WHERE id = ?", (entity,)
            ).fetchone()
            if into is None or into == final:
                return entity
            entity = into

    def _change(
        self,
        label: str,
        entities: dict[int, dict[str, Any]],
        aliases: dict[int, int] | None = None,
    ) -> None:
        """Do a change and remember it, in the caller's transaction."""
        before: dict[str, Any] = {"entities": {}, "aliases": {}}
        after: dict[str, Any] = {"entities": {}, "aliases": {}}
        for number, columns in entities.items():
            row = _row(self._db, number)
            before["entities"][number] = {name: row[name] for name in columns}
            after["entities"][number] = columns
        for number, owner in (aliases or {}).items():
            (was,) = self._db.execute(
                "SELECT owner_id FROM alias WHERE id = ?", (number,)
            ).fetchone()
            before["aliases"][number], after["aliases"][number] = was, owner
        if before == after:
            return
        self._acts.journal(label, {"field": "entity", "before": before, "after": after})
        put(self._db, after)


def _row(db: sqlite3.Connection, entity: int) -> dict[str, Any]:
    row = db.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM entity WHERE id = ?",  # noqa: S608 - constants
        (entity,),
    ).fetchone()
    return dict(zip(_COLUMNS, row, strict=True))


def put(db: sqlite3.Connection, change: dict[str, Any]) -> None:
    """Set what ``change`` says of entities and aliases, in the caller's transaction.

    All that is derived from it follows at once; the index does when the worker comes to it.
    """
    entities = {int(number): columns for number, columns in change["entities"].items()}
    aliases = {int(number): owner for number, owner in change["aliases"].items()}
    moved = [n for n, columns in entities.items() if "into_id" in columns]
    owners = _some(db, "owners", aliases)
    renamed = [n for n, columns in entities.items() if _SAID & columns.keys()]
    # A surname of which the user says something is no longer guessed at, or is again.
    guessed = _some(db, "guessed", [*moved, *renamed, *owners])
    touched = _finals(db, [*entities, *moved, *owners, *guessed, *aliases.values()])
    touched |= {c["into_id"] for c in entities.values() if c.get("into_id") is not None}
    for number, columns in entities.items():
        for name, value in columns.items():
            if name not in _COLUMNS:
                raise NotFoundError(f"'{name}': no such column; the journal is damaged")
            db.execute(f"UPDATE entity SET {name} = ? WHERE id = ?", (value, number))  # noqa: S608 - one of five words
    for number, owner in aliases.items():
        db.execute("UPDATE alias SET owner_id = ? WHERE id = ?", (owner, number))
    _settle(db, moved)
    touched |= _finals(db, [*entities, *owners, *guessed, *aliases.values()])
    recount_follows(db, list(entities))
    articles = _some(db, "articles", touched)
    if moved or aliases or guessed:
        refresh_entities(db, touched)
    if any(set(columns) - {"followed_at"} for columns in entities.values()) or aliases:
        db.execute(
            "INSERT INTO todo (stage, article_id, sorted_at) SELECT 'index', a.id, a.sorted_at"
            " FROM json_each(?) j JOIN article a ON a.id = j.value"
            " WHERE true ON CONFLICT DO UPDATE SET seq = seq + 1, attempts = 0",
            (json.dumps(articles),),
        )


def recount_follows(db: sqlite3.Connection, entities: Iterable[int]) -> None:
    """Make the counts of what is followed anew, in the caller's transaction."""
    which = json.dumps(list(entities))
    db.execute(
        "DELETE FROM follow_count WHERE entity_id IN (SELECT value FROM json_each(?))", (which,)
    )
    db.execute(
        "INSERT INTO follow_count SELECT e.id, count(a.id), coalesce(sum(a.read = 0), 0)"
        " FROM json_each(?) j JOIN entity e ON e.id = j.value AND e.followed_at IS NOT NULL"
        " AND e.final_id = e.id LEFT JOIN article_entity x ON x.entity_id = e.id AND x.hidden = 0"
        " LEFT JOIN article a ON a.id = x.article_id GROUP BY e.id",
        (which,),
    )


def _settle(db: sqlite3.Connection, moved: Sequence[int]) -> None:
    """Say anew where the entities end up that were merged into some, or were they."""
    db.executemany(
        "WITH RECURSIVE under (id) AS (SELECT ?1 UNION SELECT e.id FROM entity e"
        "  JOIN under u ON e.into_id = u.id),"
        " up (id, into_id) AS (SELECT id, into_id FROM entity WHERE id = ?1"
        "  UNION SELECT e.id, e.into_id FROM entity e JOIN up o ON e.id = o.into_id)"
        " UPDATE entity SET final_id = (SELECT id FROM up WHERE into_id IS NULL)"
        " WHERE id IN (SELECT id FROM under)",
        [(number,) for number in moved],
    )


def _finals(db: sqlite3.Connection, entities: Iterable[int]) -> set[int]:
    numbers = list(entities)
    return {*_some(db, "finals", numbers), *numbers}


_AMONG = {
    "owners": "SELECT owner_id FROM alias WHERE id IN (SELECT value FROM json_each(?))",
    "finals": "SELECT final_id FROM entity WHERE id IN (SELECT value FROM json_each(?))",
    "guessed": "SELECT DISTINCT g.entity_id FROM alias al JOIN guess g ON g.alias_id = al.id"
    " WHERE al.entity_id IN (SELECT value FROM json_each(?))",
    "articles": "SELECT DISTINCT article_id FROM article_entity"
    " WHERE entity_id IN (SELECT value FROM json_each(?))",
}


def _some(db: sqlite3.Connection, what: str, numbers: Iterable[int]) -> list[int]:
    rows = db.execute(_AMONG[what], (json.dumps(list(numbers)),)).fetchall()
    return [number for (number,) in rows]
