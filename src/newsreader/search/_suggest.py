"""Words that the index does not know, spelt as it knows them."""

from collections.abc import Callable

import numpy as np

from newsreader.search import nodes
from newsreader.search._analysis import wanted
from newsreader.search._compile import Spelt
from newsreader.search._evaluate import Stopped
from newsreader.search._expand import distances
from newsreader.search._schema import TEXT
from newsreader.search._snapshot import Snapshot
from newsreader.search.query import Query

_LONG = 8
"""Letters from which on two may be wrong; of shorter words one."""
_SHORTEST = 3

_Spell = Callable[[str, str | None], str | None]


def suggestion(snapshot: Snapshot, query: Query, stop: Callable[[], bool] = bool) -> str | None:
    """Return the query with its unknown words spelt as the index has them, None if it cannot.

    Raises:
        Stopped: see ``stop``, which is asked before each word.
    """

    def spell(word: str, field: str | None) -> str | None:
        if stop():
            raise Stopped
        return _spelt(snapshot, word, field)

    node = _mended(spell, query.node, None)
    return None if node is None or node == query.node else str(node)


def _mended(spell: _Spell, node: nodes.Node, field: str | None) -> nodes.Node | None:
    """Return the node with known words; None where a word has nothing near it."""
    match node:
        case nodes.And() | nodes.Or():
            children = [_mended(spell, child, field) for child in node.nodes]
            if any(child is None for child in children):
                return None
            return nodes.every(type(node), [child for child in children if child is not None])
        case nodes.Within():
            inner = _mended(spell, node.node, node.field)
            return None if inner is None else nodes.within(node.field, inner)
        case nodes.Word() | nodes.Prefix():
            text = spell(node.text, field)
            return None if text is None else nodes.Word(text) if text != node.text else node
        case nodes.Phrase():
            words = [spell(word, field) for word in node.text.split()]
            if any(word is None for word in words):
                return None
            return nodes.Phrase(" ".join(word for word in words if word), node.slop)
        case _:
            return node


def _spelt(snapshot: Snapshot, word: str, field: str | None) -> str | None:
    """Return ``word``, or the known word that is nearest to it and in most documents."""
    slots = wanted(word)
    if len(slots) != 1 or field == "entity":
        return word
    looked_in = field or TEXT
    surface = slots[0].surface
    groups = [surface]
    if looked_in == TEXT:
        groups = [slots[0].group(code) for code in snapshot.languages]
    leaf = Spelt(looked_in, groups, surface)
    if any(snapshot.words(leaf, segment) for segment in snapshot.segments):
        return word
    if len(surface) < _SHORTEST:
        return None
    allowed = 2 if len(surface) >= _LONG else 1
    found: dict[str, tuple[int, int]] = {}
    for segment in snapshot.segments:
        lists = segment.lists(looked_in)
        if lists is None:
            continue
        # A slip of the first letter is rare; of the first two the order may be wrong.
        for start in dict.fromkeys((surface[0], surface[1])):
            first, last = lists.surfaces.range(start.encode("utf-8", "replace"))
            terms = lists.surfaces.some(first, last)
            near = [
                (n, term)
                for n, term in enumerate(terms)
                if abs(len(term) - len(surface)) <= allowed
            ]
            gaps = distances([term for _, term in near], surface, swaps=True)
            for at in np.flatnonzero(gaps <= allowed).tolist():
                n, term = near[at]
                held = int(lists.df[lists.owners[first + n]])
                _gap, known = found.get(term, (0, 0))
                found[term] = (int(gaps[at]), known + held)
    if not found:
        return None
    return min(
        found, key=lambda term: (found[term][0], term[0] != surface[0], -found[term][1], term)
    )
