"""What a query means: a tree of small values. ``str(node)`` is a query that parses to it."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article: the empty query."""

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as typed; it may analyse to several tokens (``jean-claude``), or to none."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words that begin so."""

    text: str

    def __str__(self) -> str:
        return f"{self.text}*"


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Words at most ``distance`` letters away."""

    text: str
    distance: int = 1

    def __str__(self) -> str:
        return f"{self.text}~" if self.distance == 1 else f"{self.text}~{self.distance}"


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Words of a pattern: ``?`` is one letter, ``*`` any number of them."""

    pattern: str

    def __str__(self) -> str:
        return self.pattern


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order, at most ``slop`` others between one and the next."""

    text: str
    slop: int = 0

    def __str__(self) -> str:
        return f'"{self.text}"' + (f"~{self.slop}" if self.slop else "")


@dataclass(frozen=True, slots=True)
class Period:
    """``date:``, ``newer:``, ``older:`` or ``mentions:`` with a time as typed."""

    field: str
    text: str

    def __str__(self) -> str:
        return f'{self.field}:"{self.text}"' if " " in self.text else f"{self.field}:{self.text}"


@dataclass(frozen=True, slots=True)
class Status:
    """``is:read``, ``has:note``: what only the database knows."""

    field: str
    text: str

    @property
    def name(self) -> str:
        """Return the key that a lookup is asked for, such as "is:unread"."""
        return f"{self.field}:{self.text}"

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Within:
    """A node that looks in one field only."""

    field: str
    node: "Node"

    def __str__(self) -> str:
        if isinstance(self.node, Word | Prefix | Fuzzy | Wildcard | Phrase):
            return f"{self.field}:{self.node}"
        return f"{self.field}:({self.node})"


@dataclass(frozen=True, slots=True)
class Not:
    """Articles that do not match."""

    node: "Node"

    def __str__(self) -> str:
        return f"-({self.node})" if isinstance(self.node, And | Or) else f"-{self.node}"


@dataclass(frozen=True, slots=True)
class And:
    """Articles that match all."""

    nodes: "tuple[Node, ...]"

    def __str__(self) -> str:
        return " ".join(f"({node})" if isinstance(node, Or) else str(node) for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Or:
    """Articles that match any."""

    nodes: "tuple[Node, ...]"

    def __str__(self) -> str:
        return " OR ".join(str(node) for node in self.nodes)


Leaf = Word | Prefix | Fuzzy | Wildcard | Phrase
Node = Everything | Leaf | Period | Status | Within | Not | And | Or


def every(kind: type[And] | type[Or], nodes: list[Node]) -> Node:
    """Return the nodes joined, flat: an And holds no And."""
    flat: list[Node] = []
    for node in nodes:
        if isinstance(node, And | Or) and type(node) is kind:
            flat += node.nodes
        else:
            flat.append(node)
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def negated(node: Node) -> Node:
    """Return what matches where ``node`` does not."""
    return node.node if isinstance(node, Not) else Not(node)


def within(field: str, node: Node) -> Node:
    """Return ``node`` in one field; a field closer to the word wins."""
    if isinstance(node, Within | Period | Status):
        return node
    return Within(field, node)


def sought(node: Node, field: str | None = None) -> Iterator[tuple[str | None, Leaf]]:
    """Yield the field and the words that a match may show, in reading order; none under Not."""
    match node:
        case And() | Or():
            for child in node.nodes:
                yield from sought(child, field)
        case Within():
            yield from sought(node.node, node.field)
        case Word() | Prefix() | Fuzzy() | Wildcard() | Phrase():
            yield field, node
        case Not() | Period() | Status() | Everything():
            return
