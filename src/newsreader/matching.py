"""Saved searches against articles: a batch as it is indexed, the whole index when one is new.

The words, dates and names of a query are matched here; the user's flags are not, because they
change with every key press in a process that has no index. So a query is asked once for every
state of the flags it names (``is:unread ferry`` twice: for read articles and for unread ones), and
the answers are kept as a mask from which triggers tell what matches at the moment.

What ages (``newer:7d``, ``date:today``) is looked at again when the first article's time has come.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import NamedTuple

from newsreader.errors import QueryError, SearchFailedError
from newsreader.model import ArticleID, SearchDocument
from newsreader.search import (
    Clock,
    Index,
    Query,
    assume,
    clock,
    parse,
    percolate,
    statuses,
)
from newsreader.store import Masks, Standing, Store, Timing

_BITS = {"read": 1, "bookmarked": 2, "noted": 4, "hidden": 8}
"""The flags of a mask's states, as the second migration describes them."""
_STATES = range(16)
_SAYS = {
    "is:read": ("read", True),
    "is:unread": ("read", False),
    "is:bookmarked": ("bookmarked", True),
    "is:noted": ("noted", True),
    "has:note": ("noted", True),
    "is:hidden": ("hidden", True),
}
_MS = timedelta(milliseconds=1)
_CLOCK = timedelta(hours=1)
"""By less than this the system may set its clock back without our noticing."""

_DEADLINE_S = 10.0
"""A saved search that takes longer in the whole index is set aside. 66 different loose phrases of
the commonest words take 2 s at 100,000 articles (measured 2026-11)."""
_BATCH_DEADLINE_S = 10.0
"""The same among articles that arrive."""

_log = logging.getLogger("newsreader.matching")

Found = dict[tuple[int, int], Masks]
"""The matches of each saved search, by its id and the version of its query."""


class _Plan(NamedTuple):
    """A saved search's queries, each with the states of the flags for which it answers."""

    variants: tuple[tuple[int, Query], ...]
    clock: Clock


def plan_states(query: Query) -> Sequence[tuple[int, Query]]:
    """Return what to ask the index: (states of the flags as bits, query without flags).

    Hidden articles match only where the query speaks of them.
    """
    names = statuses(query) & _SAYS.keys()
    flags = sorted({_SAYS[name][0] for name in names})
    variants = []
    for values in product((False, True), repeat=len(flags)):
        truth = {"hidden": False} | dict(zip(flags, values, strict=True))
        states = [
            state
            for state in _STATES
            if all(bool(state & _BITS[flag]) == value for flag, value in truth.items())
        ]
        said = {name: truth[_SAYS[name][0]] == _SAYS[name][1] for name in names}
        variants.append((sum(1 << state for state in states), assume(query, said)))
    return variants


class Matching:
    """Keeps what saved searches match. Used by whoever holds the worker's lock."""

    def __init__(
        self, store: Store, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store = store
        self._now = now
        self._plans: dict[tuple[int, int], _Plan] = {}
        self._asking: Standing | None = None

    def step(self, index: Index) -> bool:
        """Bring one saved search up to date with its query or the clock; return whether one was.

        Raises:
            SearchFailedError: this search cannot be answered: see :meth:`set_aside`.
            SearchIndexError: the index is damaged.
        """
        now = self._now()
        for search in self._store.matches.searches():
            plan = self._plan(search)
            zone = _zone(now)
            self._asking = search
            moved = plan.clock.dated and search.zone != zone
            if search.matched != search.version or moved or self._turned_back(search, plan, now):
                self._fill(search, plan, index, now)
                return True
            if search.due is not None and search.due <= _milliseconds(now):
                self._follow_clock(search, plan, index, now)
                return True
        return self._store.matches.clear_removed()

    def _turned_back(self, search: Standing, plan: _Plan, now: datetime) -> bool:
        """Whether the clock was far ahead when the search was last looked at."""
        follows = plan.clock.daily or plan.clock.ages
        return bool(follows) and search.as_of > _milliseconds(now + _CLOCK)

    def set_aside(self, error: SearchFailedError) -> None:
        """Leave the saved search alone that the last step could not answer; it matches nothing."""
        if self._asking is None:
            raise error
        self._set_aside(self._asking, str(error))
        self._asking = None

    def _set_aside(self, search: Standing, why: str) -> None:
        _log.warning("saved search %s is set aside: %s", search.id, why)
        self._plans[search.id, search.version] = _Plan((), Clock())

    def percolate(self, documents: Sequence[SearchDocument]) -> Found:
        """Return which of ``documents`` each saved search matches.

        One that cannot be answered, or not in time, is set aside and left out.
        """
        searches = self._store.matches.searches()
        plans = [self._plan(search) for search in searches]
        queries = [query for plan in plans for _, query in plan.variants]
        answers = iter(
            percolate(
                documents,
                queries,
                lookup=self._holders,
                now=self._now(),
                deadline_s=_BATCH_DEADLINE_S,
            )
        )
        found: Found = {}
        for search, plan in zip(searches, plans, strict=True):
            answered = [next(answers) for _ in plan.variants]
            matched = [each for each in answered if each is not None]
            if len(matched) == len(answered):
                found[search.id, search.version] = _masks(plan, matched)
            else:
                self._set_aside(search, "it cannot be answered for what arrives, or not in time")
        return found

    def settle_clock(self) -> None:
        """Look when the times of saved searches must be looked at, after articles came."""
        now = self._now()
        for search in self._store.matches.searches():
            due = self._due(self._plan(search).clock, now)
            # What is due already stays so: it has not been looked at.
            sooner = due is not None and (search.due is None or due < search.due)
            if sooner and search.matched == search.version:
                self._store.matches.keep_due(search, due)

    def masks(self, search: Standing, index: Index) -> Masks:
        """Return what a search of the whole index finds.

        Raises:
            SearchFailedError: this search cannot be answered; others can.
            SearchIndexError: the index is damaged.
        """
        return self._asked(self._plan(search), index, self._now(), None)

    def _plan(self, search: Standing) -> _Plan:
        key = (search.id, search.version)
        if key not in self._plans:
            try:
                query = parse(search.query)
                self._plans[key] = _Plan(tuple(plan_states(query)), clock(query))
            except QueryError:
                # Kept by a version that could read it: it matches nothing, and stays.
                self._plans[key] = _Plan((), Clock())
        return self._plans[key]

    def _holders(self, name: str) -> Collection[ArticleID]:
        return set(self._store.lists.status_ids(name))

    def _asked(
        self, plan: _Plan, index: Index, now: datetime, within: set[ArticleID] | None
    ) -> Masks:
        answers = [
            index.matching(
                query, lookup=self._holders, now=now, within=within, deadline_s=_DEADLINE_S
            )
            for _, query in plan.variants
        ]
        return _masks(plan, [list(map(ArticleID, each)) for each in answers])

    def _fill(self, search: Standing, plan: _Plan, index: Index, now: datetime) -> None:
        masks = self._asked(plan, index, now, None)
        self._store.matches.fill(search, masks, self._timing(plan, now))

    def _follow_clock(self, search: Standing, plan: _Plan, index: Index, now: datetime) -> None:
        if plan.clock.daily and _zone_day(now) != _zone_day(_moment(search.as_of)):
            self._fill(search, plan, index, now)
            return
        aged: set[ArticleID] = set()
        for age in plan.clock.ages:
            first, last = search.as_of - age // _MS, _milliseconds(now) - age // _MS
            aged.update(self._store.matches.published_between(first - 1, last + 1))
        masks = self._asked(plan, index, now, aged) if aged else {}
        self._store.matches.refresh(search, aged, masks, self._timing(plan, now))

    def _timing(self, plan: _Plan, now: datetime) -> Timing:
        return Timing(_milliseconds(now), self._due(plan.clock, now), _zone(now))

    def _due(self, wanted: Clock, now: datetime) -> int | None:
        times = []
        if wanted.daily:
            midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
            times.append(_milliseconds(midnight + timedelta(days=1)))
        for age in wanted.ages:
            published = self._store.matches.next_published(_milliseconds(now) - age // _MS)
            if published is not None:
                times.append(published + age // _MS + 1)
        return min(times, default=None)


def _masks(plan: _Plan, answers: Sequence[Collection[ArticleID]]) -> Masks:
    masks: dict[ArticleID, int] = {}
    for (states, _), articles in zip(plan.variants, answers, strict=True):
        for article in articles:
            masks[article] = masks.get(article, 0) | states
    return masks


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _MS


def _moment(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + milliseconds * _MS


def _zone_day(moment: datetime) -> object:
    return moment.astimezone().date()


def _zone(moment: datetime) -> int:
    """Return the minutes from UTC in which dates of a query count at ``moment``."""
    offset = moment.astimezone().utcoffset() or timedelta()
    return offset // timedelta(minutes=1)
