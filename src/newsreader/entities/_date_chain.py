"""Dates that count from another date of the text: "the next day", "two years later"."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from newsreader.entities._date_context import Place, speaks_of_money, year_after
from newsreader.entities._date_values import (
    Meaning,
    add_months,
    count_of,
    day_of,
    month_of,
    year_of,
)
from newsreader.model import Precision


class Base(NamedTuple):
    """What the nearest date before means.

    ``beside``: it stands in the same sentence. ``compared``: it is a year ago itself. ``opens``:
    its sentence begins with it ("In 2019, …").
    """

    value: str
    precision: Precision
    beside: bool
    compared: bool = False
    opens: bool = False


_FROM_NOW = re.compile(r"\b(?:over|in|within|for|during|of|into)[ \n]$", re.IGNORECASE)
_DAYTIME = frozenset({"day", "morning", "afternoon", "evening", "night"})
_FIRST_QUARTER = 3
"""Until March reports tell of the year before, so that "a year earlier" is two years back."""


def _later(base: Base, unit: str, count: int) -> Meaning:
    """Return what lies ``count`` units after ``base``; None where that is less exact than the unit.

    A week is given as the month in which the day a week on lies.
    """
    value, precision = base.value, base.precision
    if unit == "year":
        return year_of(int(value[:4]) + count)
    if precision is Precision.YEAR:
        return None
    if unit == "month":
        return month_of(add_months(date.fromisoformat(f"{value[:7]}-01"), count))
    if precision is Precision.MONTH:
        return None
    day = date.fromisoformat(value)
    if unit == "week":
        return month_of(day + timedelta(7 * count))
    return day_of(day + timedelta(count))


def _then(place: Place, base: Base | None) -> Meaning:
    step = place.get("step").replace(" very", "")
    if base is None or (step in ("the next", "the previous") and _FROM_NOW.search(place.before(8))):
        return None
    if re.match(r"[ \n](?:last|a|one|in|of)\b", place.after(6)):
        return None
    unit = place.get("unit")
    count = {"the next": 1, "the following": 1, "the previous": -1}.get(step, 0)
    return _later(base, "day" if unit in _DAYTIME else unit, count)


def _counted(place: Place, base: Base | None) -> Meaning:
    """Count from the date before; without one it is a date nobody can place."""
    count, unit, way = count_of(place.get("count")), place.get("unit"), place.get("way")
    known: Meaning = None
    yearly = way == "earlier" and count == 1 and unit == "year"
    if yearly and base is not None:
        return _compared(place, base)
    if base is not None and count is not None:
        known = _later(base, unit, count if way == "later" else -count)
    if yearly and known is None:
        return _compared(place, None)
    if known is not None or way == "before":
        return known
    return None, {"day": Precision.DAY, "year": Precision.YEAR}.get(unit, Precision.MONTH)


def _compared(place: Place, base: Base | None) -> Meaning:
    """Give the year before that of a company's report, or of the date told with it."""
    if base is not None:
        return year_of(int(base.value[:4]) - (not base.compared))
    anchor = place.anchor
    if anchor is None or anchor.month <= _FIRST_QUARTER or not speaks_of_money(place):
        return year_of(None)
    return year_of(anchor.year - 1)


def _inside(place: Place, base: Base | None) -> Meaning:
    """Give the year or month whose end it is: that of the date before, else that of now."""
    unit = place.get("unit")
    anchor = place.anchor
    if anchor is not None and not (base and base.beside and base.value < f"{anchor.year:04d}"):
        base = Base(anchor.isoformat(), Precision.DAY, beside=True)
    if base is None:
        return year_of(None) if unit == "year" else month_of(None)
    return _later(base, unit, 0)


CHAINED: dict[str, Callable[[Place, Base | None], Meaning]] = {
    "then": _then,
    "counted": _counted,
    "compared": _compared,
    "inside": _inside,
}
"""The rules of the kinds that need the date before."""


def storied(place: Place, meaning: tuple[str | None, Precision], base: Base | None) -> Meaning:
    """Return what :func:`_in_story` says; ``meaning`` where its year has no such day."""
    try:
        return _in_story(place, meaning, base)
    except (ValueError, OverflowError):
        return meaning


def chained(kind: str, place: Place, base: Base | None) -> Meaning:
    """Return what the match means after ``base``; a day that no calendar has is no date."""
    try:
        return CHAINED[kind](place, base)
    except (ValueError, OverflowError):
        return None


_THAT_YEAR = re.compile(r",? (?:of )?(?:that|the same) year\b")
_RECENT = 60
_HALF_A_YEAR = 183
_FAR = 240
_HISTORY = 10
"""Years: reports mention what began two years ago and go on with this March."""
STORIED = frozenset({"month_day", "pair", "month", "weekday"})
"""The kinds that take their year, or their direction in time, from the story they stand in."""


def _in_story(place: Place, meaning: tuple[str | None, Precision], base: Base | None) -> Meaning:
    """Give a day or month without a year that of the old story it is told in.

    "He was shot on 30 May 1832. On 2 June he was buried" is of 1832. That holds when the date
    before is older than ``_HISTORY`` (than last year in the same sentence), and the day is not one
    of the last ``_RECENT``: those are news. A year alone counts in the sentence that it opens.
    """
    value, precision = meaning
    anchor = place.anchor
    given = place.get("year") or place.get("when") or place.get("rel")
    if base is None or anchor is None or value is None or given:
        return meaning
    if year_after(place, 1) is not None:
        return meaning
    if _THAT_YEAR.match(place.after(20)):
        return base.value[:4] + value[4:], precision
    today = anchor.isoformat()
    lone_year = base.precision is Precision.YEAR
    if base.beside and not lone_year and base.value > today and value < today[: len(value)]:
        return _also_to_come(place, value, precision)
    if (lone_year and not (base.beside and base.opens)) or place.get("weekday"):
        return meaning
    year = int(base.value[:4])
    if year >= anchor.year - (1 if base.beside else _HISTORY):
        return meaning
    first = f"{value}-01"[:10]
    if abs((anchor - date.fromisoformat(first)).days) <= _RECENT or place.ahead:
        return meaning
    there = date.fromisoformat(f"{year:04d}{first[4:]}")
    if base.precision is not Precision.YEAR:
        before = date.fromisoformat(f"{base.value}-01"[:10])
        if (before - there).days > _HALF_A_YEAR:
            there = there.replace(year=year + 1)
    return there.isoformat()[: len(value)], precision


def _also_to_come(place: Place, value: str, precision: Precision) -> Meaning:
    """Move a day or month into the future that is named after one to come in the same sentence."""
    first = date.fromisoformat(f"{value}-01"[:10])
    weekly = place.get("weekday")
    there = first + timedelta(7) if weekly else first.replace(year=first.year + 1)
    far = place.anchor is None or (there - place.anchor).days > _FAR
    if place.told or far:
        return value, precision
    return there.isoformat()[: len(value)], precision
