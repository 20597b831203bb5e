"""Our tree to Whoosh's query objects, beginnings and patterns expanded to the index's terms."""

import re
from collections.abc import Callable, Container
from datetime import datetime, tzinfo

from whoosh import query

from newsreader.errors import QueryError
from newsreader.model import ArticleID
from newsreader.search import nodes
from newsreader.search._analysis import Wanted, wanted
from newsreader.search._dates import period
from newsreader.search._evaluate import TITLE_WEIGHT, AnyTerm, Column, Sequence, Snapshot, pattern
from newsreader.search._schema import UNDATED, milliseconds
from newsreader.text.words import fold

Lookup = Callable[[str], Container[ArticleID]]
"""From the name of a status ("is:unread", "has:note") to the articles that have it."""

_LITERAL = re.compile(r"[^*?]+")


def near(term: str, text: str, distance: int) -> bool:
    """Tell whether ``term`` is at most ``distance`` letters from ``text``, the first the same."""
    if abs(len(term) - len(text)) > distance or term[:1] != text[:1]:
        return False
    row = list(range(len(text) + 1))
    for i, a in enumerate(term, 1):
        before, row = row, [i]
        for j, b in enumerate(text, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
        if min(row) > distance:
            return False
    return row[-1] <= distance


class Compiler:
    """Compiles for one snapshot and one moment."""

    def __init__(
        self, snapshot: Snapshot, lookup: Lookup | None, now: datetime, zone: tzinfo
    ) -> None:
        self.snapshot = snapshot
        self.lookup = lookup
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
            case nodes.Period():
                return self._period(node)
            case nodes.Status():
                return self._status(node)
            case nodes.Everything():
                return query.Every()
            case _:
                return self._fields(node, field)

    def _period(self, node: nodes.Period) -> query.Query:
        begin, end = period(node.field, node.text, self.now, self.zone)
        low = milliseconds(begin) if begin else UNDATED + 1
        high = milliseconds(end) if end else 2**63
        return Column("published", lambda value: low <= value < high)

    def _status(self, node: nodes.Status) -> query.Query:
        if self.lookup is None:
            raise QueryError(f"'{node.name}' cannot be asked here", 1)
        holders = self.lookup(node.name)
        return Column("id", lambda value: ArticleID(value) in holders)

    def _fields(self, leaf: nodes.Leaf, field: str | None) -> query.Query | None:
        if field is None:
            found = [self._leaf(leaf, "title", TITLE_WEIGHT), self._leaf(leaf, "body", 1.0)]
        elif field == "entity":
            found = [self._leaf(leaf, name, 1.0) for name in ("person", "org", "place")]
        else:
            return self._leaf(leaf, field, 1.0)
        kept = [q for q in found if q is not None]
        return query.Or(kept) if kept else None

    def _leaf(self, leaf: nodes.Leaf, field: str, boost: float) -> query.Query | None:
        match leaf:
            case nodes.Word():
                return self._slots(wanted(leaf.text), field, 0, boost)
            case nodes.Phrase():
                return self._slots(wanted(leaf.text), field, leaf.slop, boost)
            case nodes.Prefix():
                return self._slots(wanted(leaf.text, prefix=True), field, 0, boost)
            case nodes.Fuzzy():
                return self._fuzzy(leaf, field, boost)
            case nodes.Wildcard():
                text = fold(leaf.pattern)
                start = _LITERAL.match(text)
                matches = pattern(text).fullmatch
                terms = self.snapshot.expand(field, start[0] if start else text, matches)
                return AnyTerm(field, terms, boost)

    def _fuzzy(self, leaf: nodes.Fuzzy, field: str, boost: float) -> query.Query:
        word = fold(leaf.text)
        terms = self.snapshot.expand(field, word[:1], lambda term: near(term, word, leaf.distance))
        return AnyTerm(field, terms, boost)

    def _slots(
        self, slots: list[Wanted], field: str, slop: int, boost: float
    ) -> query.Query | None:
        if not slots:
            return None
        if len(slots) == 1 and not slots[0].prefix:
            return query.Term(field, slots[0].term, boost)
        terms = tuple(self._terms(slot, field) for slot in slots)
        if len(terms) == 1:
            return AnyTerm(field, terms[0], boost)
        return Sequence(field, terms, slop, boost)

    def _terms(self, slot: Wanted, field: str) -> tuple[str, ...]:
        if not slot.prefix:
            return (slot.term,)
        return self.snapshot.expand(field, slot.term, lambda _term: True)
