"""What a query that is kept depends on beside the words: flags of the articles, and the clock."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from newsreader.search import nodes
from newsreader.search._dates import _AGE, _AGE_DAYS, _relative
from newsreader.search.query import Query

_ANY_DAY = date(2020, 1, 1)


class Clock(NamedTuple):
    """How time changes what a query finds.

    An article's match may change when one of ``ages`` has passed since its publication; any may
    at midnight when ``daily``, and when the time zone changes where the query is ``dated``.
    """

    ages: tuple[timedelta, ...] = ()
    daily: bool = False
    dated: bool = False


def statuses(query: Query) -> frozenset[str]:
    """Return the names of the ``is:`` and ``has:`` that a query asks for, such as "is:unread"."""
    return frozenset(leaf.name for leaf in _leaves(query.node) if isinstance(leaf, nodes.Status))


def assume(query: Query, truth: Mapping[str, bool]) -> Query:
    """Return the query as it is for articles of which these statuses are true or false."""
    return Query(_assumed(query.node, truth))


def clock(query: Query) -> Clock:
    """Return how time changes what the query finds."""
    times = [leaf for leaf in _leaves(query.node) if isinstance(leaf, nodes.Period)]
    words = [(leaf.field, " ".join(leaf.text.lower().replace("_", " ").split())) for leaf in times]
    ages = {
        age
        for field, text in words
        if field in ("newer", "older") and (age := _age(text)) is not None
    }
    daily = any(
        _relative(part.strip(), _ANY_DAY) is not None
        for _, text in words
        for part in text.split("..")
    )
    return Clock(tuple(sorted(ages)), daily, bool(times))


def _age(text: str) -> timedelta | None:
    match = _AGE.fullmatch(text)
    if match is None:
        return None
    number, unit = int(match[1]), match[2][0]
    return timedelta(hours=number) if unit == "h" else timedelta(number * _AGE_DAYS[unit])


def _leaves(node: nodes.Node) -> Iterator[nodes.Node]:
    match node:
        case nodes.And() | nodes.Or():
            for child in node.nodes:
                yield from _leaves(child)
        case nodes.Not() | nodes.Within():
            yield from _leaves(node.node)
        case _:
            yield node


def _assumed(node: nodes.Node, truth: Mapping[str, bool]) -> nodes.Node:
    match node:
        case nodes.And() | nodes.Or():
            return type(node)(tuple(_assumed(child, truth) for child in node.nodes))
        case nodes.Not():
            return nodes.Not(_assumed(node.node, truth))
        case nodes.Within():
            return nodes.Within(node.field, _assumed(node.node, truth))
        case nodes.Status() if node.name in truth:
            return nodes.Everything() if truth[node.name] else nodes.Not(nodes.Everything())
        case _:
            return node
