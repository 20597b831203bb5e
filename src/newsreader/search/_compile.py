"""Our tree to Whoosh's query objects, with leaves that are evaluated over whole lists."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Literal

from whoosh import query

from newsreader.errors import QueryError
from newsreader.search import nodes
from newsreader.search._analysis import Wanted, wanted
from newsreader.search._dates import days, period
from newsreader.search._schema import ENTITY, KIND_FIELDS, MENTIONS, TEXT, TITLE, milliseconds
from newsreader.text.words import fold

Lookup = Callable[[str], Iterable[int]]
"""From the name of a status ("is:unread", "has:note") to the articles that have it.

Quickest is an ``array("q")``, which is read in place.
"""

_STEMMED = (TEXT, TITLE)
_NUMBERED = re.compile(r"e(\d{1,18})")
"""An entity by its id, as the command line shows it."""


class Leaf(query.Query):  # type: ignore[misc]  # Whoosh has no types
    """A query of ours; two of the same parts are equal."""

    parts: tuple[object, ...] = ()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.parts == getattr(other, "parts", None)

    def __hash__(self) -> int:
        return hash((type(self), self.parts))


class Spelt(Leaf):
    """Documents that hold a word: by a stem, one for each language, or as it is written."""

    def __init__(self, field: str, groups: Sequence[str], surface: str) -> None:
        self.field = field
        self.groups = tuple(dict.fromkeys(groups))
        self.surface = surface
        self.parts = (field, self.groups, surface)


Way = Literal["beginning", "pattern", "near", "during"]


class Expanded(Leaf):
    """Documents that hold any word as written that fits; scored as one word if they are few."""

    def __init__(self, field: str, way: Way, text: str, distance: int = 0) -> None:
        self.field = field
        self.way: Way = way
        self.text = text
        self.distance = distance
        self.parts = (field, way, text, distance)


class Sequenced(Leaf):
    """Documents that hold one word of each slot in order, at most ``slop`` others between."""

    def __init__(self, field: str, slots: Sequence[Spelt | Expanded], slop: int) -> None:
        self.field = field
        self.slots = tuple(slots)
        self.slop = slop
        self.parts = (field, self.slots, slop)


class Published(Leaf):
    """Documents published from ``low`` to before ``high``, in milliseconds; None is open."""

    def __init__(self, low: int | None, high: int | None) -> None:
        self.low = low
        self.high = high
        self.parts = (low, high)


class Marked(Leaf):
    """Documents whose article has a status."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts = (name,)


class Compiler:
    """Compiles for the languages of one index and one moment."""

    def __init__(self, languages: Sequence[str], now: datetime, zone: tzinfo) -> None:
        self.languages = languages
        self.now = now
        self.zone = zone

    def whole(self, node: nodes.Node) -> query.Query:
        """Return the query of a whole tree; one of signs alone matches nothing."""
        if isinstance(node, nodes.Everything):
            return query.Every()
        return self._node(node, None) or query.NullQuery

    def _node(self, node: nodes.Node, field: str | None) -> query.Query | None:
        """Return the query, None for what has no letters and says nothing ("&")."""
        match node:
            case nodes.And() | nodes.Or():
                kind = query.And if isinstance(node, nodes.And) else query.Or
                found = [q for child in node.nodes if (q := self._node(child, field)) is not None]
                return kind(found) if found else None
            case nodes.Not():
                inner = self._node(node.node, field)
                return None if inner is None else query.Not(inner)
            case nodes.Within():
                return self._node(node.node, node.field)
            case nodes.Period() if node.field == MENTIONS:
                return self._mentioned(node.text)
            case nodes.Period():
                begin, end = period(node.field, node.text, self.now, self.zone)
                return Published(
                    None if begin is None else milliseconds(begin),
                    None if end is None else milliseconds(end),
                )
            case nodes.Status():
                return Marked(node.name)
            case nodes.Everything():
                return query.Every()
            case _:
                return self._fields(node, field)

    def _mentioned(self, text: str) -> Expanded:
        """Return the documents that name a day, month or year within a period."""
        low, high = days(text, self.now.astimezone(self.zone).date())
        ends = ("" if day is None else f"{day:%Y%m%d}".zfill(8) for day in (low, high))
        return Expanded(MENTIONS, "during", " ".join(ends))

    def _fields(self, leaf: nodes.Leaf, field: str | None) -> query.Query | None:
        if field != ENTITY:
            return self._leaf(leaf, field or TEXT)
        kept = [q for name in KIND_FIELDS.values() if (q := self._leaf(leaf, name))]
        if isinstance(leaf, nodes.Word | nodes.Prefix) and (
            number := _NUMBERED.fullmatch(leaf.text)
        ):
            keys = [f"{name} {int(number[1])}" for name in KIND_FIELDS.values()]
            kept.append(Spelt(ENTITY, keys, ""))
        return query.Or(kept) if kept else None

    def _leaf(self, leaf: nodes.Leaf, field: str) -> query.Query | None:
        match leaf:
            case nodes.Word():
                return self._slots(wanted(leaf.text), field, 0)
            case nodes.Phrase():
                return self._slots(wanted(leaf.text), field, leaf.slop)
            case nodes.Prefix():
                return self._slots(wanted(leaf.text, prefix=True), field, 0)
            case nodes.Fuzzy():
                return Expanded(field, "near", fold(leaf.text), leaf.distance)
            case nodes.Wildcard():
                return Expanded(field, "pattern", fold(leaf.pattern))

    def _slots(self, slots: list[Wanted], field: str, slop: int) -> query.Query | None:
        found = [self._slot(slot, field) for slot in slots]
        if len(found) < 2:
            return found[0] if found else None
        return Sequenced(field, found, slop)

    def _slot(self, slot: Wanted, field: str) -> Spelt | Expanded:
        if slot.prefix:
            return Expanded(field, "beginning", slot.surface)
        if field not in _STEMMED:
            return Spelt(field, [slot.surface], slot.surface)
        return Spelt(field, [slot.group(code) for code in self.languages], slot.surface)


def _numbered(text: str) -> list[Spelt]:
    """Return the documents of the entity whose id ``text`` is, whatever its kind."""
    number = _NUMBERED.fullmatch(text)
    if number is None:
        return []
    return [Spelt(ENTITY, [f"{name} {int(number[1])}" for name in KIND_FIELDS.values()], "")]


def statuses(compiled: query.Query) -> set[str]:
    """Return the names of the statuses that a query asks for."""
    if isinstance(compiled, Marked):
        return {compiled.name}
    return {name for child in compiled.children() for name in statuses(child)}


def looked_up(compiled: query.Query, lookup: Lookup | None) -> dict[str, Iterable[int]]:
    """Return the articles of each status that a query asks for.

    Raises:
        QueryError: it asks for one and there is no ``lookup``.
    """
    names = statuses(compiled)
    if names and lookup is None:
        raise QueryError(f"'{min(names)}' cannot be asked here", 1)
    return {name: lookup(name) for name in names} if lookup else {}
