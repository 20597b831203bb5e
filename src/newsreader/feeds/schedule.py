"""When to fetch a feed next. Pure.

A feed is asked as often as it has something to say: half the usual time between its articles, so
that one waits for its reader a quarter of that on average, between 15 minutes and a day.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

SHORTEST = timedelta(minutes=15)
LONGEST = timedelta(hours=24)
FIRST_GUESS = timedelta(hours=1)
"""Time between fetches of a feed of whose rhythm nothing is known."""
JITTER = 0.1
"""Share of the time by which a fetch comes earlier or later, so that feeds do not march in step."""
_NEWEST = 30
"""Articles that tell the rhythm."""
_WEIGHT = 0.3
"""Weight of each gap against all before it: the last three or four decide."""
_SILENCE = 4
"""A feed that has been silent for long counts a quarter of its silence as its gap."""


def usual_gap(published: Sequence[datetime], now: datetime) -> timedelta | None:
    """Return the smoothed time between articles, None where fewer than two have a date."""
    times = sorted(time for time in published if time <= now)[-_NEWEST:]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    if not gaps:
        return None
    smoothed = gaps[0]
    for gap in gaps[1:]:
        smoothed += _WEIGHT * (gap - smoothed)
    return smoothed


def pause_after_success(
    *,
    gap: timedelta | None,
    silent: timedelta | None = None,
    asked_for: timedelta | None = None,
    fixed: timedelta | None = None,
    chance: float = 0.5,
) -> timedelta:
    """Return how long to wait after a fetch that worked.

    Args:
        gap: the usual time between the feed's articles.
        silent: time since its newest article.
        asked_for: how long the feed or its server wants to be left alone; it can only lengthen.
        fixed: the user's own interval, which decides alone.
        chance: a random number from 0 to 1.
    """
    if fixed is not None:
        return fixed
    usual = FIRST_GUESS * 2 if gap is None else gap
    if silent is not None:
        usual = max(usual, silent / _SILENCE)
    wanted = max(usual / 2, asked_for or timedelta(0))
    return _jittered(min(max(wanted, SHORTEST), LONGEST), chance)


def pause_after_failure(
    failures: int, *, retry_after: timedelta | None = None, chance: float = 0.5
) -> timedelta:
    """Return how long to wait after the ``failures``-th failed fetch in a row.

    A quarter of an hour, doubling up to a day; what the server asks for can only lengthen it.
    """
    doubled = SHORTEST * 2 ** min(max(failures - 1, 0), 10)
    pause = _jittered(min(doubled, LONGEST), chance)
    return max(pause, min(retry_after or timedelta(0), LONGEST))


def _jittered(pause: timedelta, chance: float) -> timedelta:
    """Return ``pause`` up to ``JITTER`` longer or shorter, within the shortest and the longest."""
    return min(max(SHORTEST, pause * (1 + JITTER * (2 * chance - 1))), LONGEST)
