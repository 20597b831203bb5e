"""What a date's words mean, as ISO 8601 and how exact that is."""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

from newsreader.entities._date_context import (
    Place,
    is_month,
    is_quarter,
    is_today,
    is_weekday,
    is_year,
    year_after,
)
from newsreader.entities._date_patterns import (
    COUNTED_WORDS,
    DAYS,
    MONTHS,
    MONTHS_ABROAD,
    TENS,
)
from newsreader.model import Precision

Meaning = tuple[str | None, Precision] | None
"""A value and its precision; None: the words are no date."""

_MONTHS = MONTHS_ABROAD | MONTHS
_NUMBERS = {word: n for n, word in enumerate(COUNTED_WORDS.split("|"))}
_NUMBERS |= {word: 10 * n for n, word in enumerate(TENS.split("|"), start=2)}
_NUMBERS |= {"a": 1, "an": 1, "couple": 2}
_VAGUE = frozenset({"several", "many", "some", "a few"})
_BACK = frozenset({"last", "this past", "the previous"})
_ON = frozenset({"next", "this coming", "the following"})
_SOON = timedelta(60)
"""Of the days without a year in TimeBank and AQUAINT, those up to two months ahead are coming."""
_FAR = 8
"""Months: one without a year is seldom further ahead, even where the clause looks ahead."""
_NEXT = 2
_ZONES = timedelta(2)
"""Reports cross time zones: one dated the 4th may tell of the 5th."""
_HOLIDAYS = {
    "christmas day": (12, 25),
    "christmas eve": (12, 24),
    "new year's day": (1, 1),
    "new year's eve": (12, 31),
    "boxing day": (12, 26),
    "valentine's day": (2, 14),
    "halloween": (10, 31),
    "juneteenth": (6, 19),
    "veterans day": (11, 11),
    "fourth of july": (7, 4),
    "july fourth": (7, 4),
}
_EVENTS = {
    "9/11": date(2001, 9, 11),
    "september 11": date(2001, 9, 11),
    "january 6": date(2021, 1, 6),
    "october 7": date(2023, 10, 7),
}
_IS = re.compile(r"\b(?:is|are|be|isn['’]t)\s$")
"""As in "the funeral is Friday"; a month so named is another thing ("it will be April figures")."""
_THE = re.compile(r"\bthe\s$", re.IGNORECASE)
_OVER_THE = re.compile(r"\b(?:over|within|during|for)\sthe\s$", re.IGNORECASE)
"""As in "over the last month", which lasts until now, as "the next year" does from now."""
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}


def day_of(day: date | None) -> tuple[str | None, Precision]:
    """Return a day as a meaning."""
    return (day.isoformat() if day else None), Precision.DAY


def month_of(day: date | None) -> tuple[str | None, Precision]:
    """Return the month of a day as a meaning."""
    return (day.isoformat()[:7] if day else None), Precision.MONTH


def year_of(year: int | None) -> tuple[str | None, Precision]:
    """Return a year as a meaning; one that no calendar has is unknown."""
    known = year is not None and date.min.year <= year <= date.max.year
    return (f"{year:04d}" if known else None), Precision.YEAR


def add_months(day: date, months: int) -> date:
    """Return the first day of the month so many months on."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _month(place: Place) -> int:
    number = place.get("number")
    return int(number) if number else _MONTHS[place.get("month").rstrip(".")]


def _day(place: Place) -> int:
    return int(place.get("day") or place.get("only"))


def _year_said(words: str) -> int:
    """Return the year of "nineteen ninety-six", "twenty twenty-two", "two thousand and four"."""
    numbers = words.replace("-", " ").split()
    if numbers[1] == "thousand":
        return 2000 + sum(_NUMBERS[word] for word in numbers[2:] if word != "and")
    return 100 * _NUMBERS[numbers[0]] + sum(_NUMBERS[word] for word in numbers[1:])


def _full(place: Place) -> Meaning:
    return day_of(date(int(place.get("year")), _month(place), _day(place)))


def month_first(place: Place) -> bool | None:
    """Return how a date in slashes is written where it can be read one way only; else None."""
    first, second = int(place.get("a")), int(place.get("b"))
    return second > 12 if place.get("sep") == "/" and (first > 12) != (second > 12) else None


def slashed(place: Place, orders: set[bool]) -> Meaning:
    """Read 13/7/2022 by its size, 3/7/2022 as the English text before it does, else not at all.

    Points, and slashes in other languages, have the day first.

    Args:
        place: the date in slashes or points.
        orders: what :func:`month_first` said of those before it.
    """
    first, second, year = int(place.get("a")), int(place.get("b")), int(place.get("year"))
    if year < 100:
        if max(first, second) <= 12:
            return None
        year += 2000 if year < 70 else 1900
    unclear = first <= 12 and second <= 12 and first != second
    if unclear and place.english and place.get("sep") == "/":
        if len(orders) != 1:
            return day_of(None)
        if True in orders:
            first, second = second, first
    elif second > 12:
        first, second = second, first
    try:
        return day_of(date(year, second, first))
    except ValueError:
        return None


def _nearest(place: Place, month: int, number: int) -> date | None:
    """Return the day of a year that is last before publication, or nearest if it is to come.

    A day up to ``_SOON`` ahead stays in its year, unless a verb in the past stands before it.
    """
    date(2000, month, number)
    anchor = place.anchor
    if anchor is None:
        return None
    years = range(max(1, anchor.year - 1), min(9999, anchor.year + 1) + 1)
    days = [
        date(year, month, number) for year in years if number <= calendar.monthrange(year, month)[1]
    ]
    if place.get("when"):
        year = anchor.year + _step(place.get("when").removesuffix(" year"))
        return date(year, month, number)
    if joined := year_after(place, month):
        return date(joined, month, number)
    if place.ahead or place.event_to_come:
        return min(days, key=lambda day: abs(day - anchor), default=None)
    limit = anchor.toordinal() + (_ZONES if place.told else _SOON).days
    return max((day for day in days if day.toordinal() <= limit), default=None)


def _month_day(place: Place) -> Meaning:
    return day_of(_nearest(place, _month(place), _day(place)))


def _holiday(place: Place) -> Meaning:
    name = place.get("holiday").replace("’", "'").removeprefix("the ")
    month, number = _HOLIDAYS[name]
    if place.get("year"):
        return day_of(date(int(place.get("year")), month, number))
    return day_of(_nearest(place, month, number))


def _event(place: Place) -> Meaning:
    """Give the day that a name of an event has, unless the text is older."""
    named = place.get("nine") or place.get("event")
    for short, long in (("sept.", "september"), ("jan.", "january"), ("oct.", "october")):
        named = named.replace(short, long)
    day = _EVENTS[named]
    return None if place.anchor and place.anchor < day else day_of(day)


def _named_month(place: Place) -> Meaning:
    if said := place.get("said"):
        return month_of(date(_year_said(said), _month(place), 1))
    if place.get("year"):
        return month_of(date(int(place.get("year")), _month(place), 1))
    anchor, month = place.anchor, _month(place)
    if place.get("when"):
        year = anchor.year + _step(place.get("when")) if anchor else None
        return month_of(date(year, month, 1) if year else None)
    if not is_month(place):
        return None
    if anchor is None:
        return month_of(None)
    year = year_after(place, month) or _year_of_month(place, anchor, month)
    return month_of(date(year, month, 1))


def _year_of_month(place: Place, anchor: date, month: int) -> int:
    """Return the year of a month without one.

    Where no verb tells, one of the next ``_NEXT`` months is to come: a year back it would be "last
    May".
    """
    relation, away = place.get("rel"), (month - anchor.month) % 12
    if relation == "this":
        return anchor.year
    if relation in _BACK:
        return anchor.year - (month >= anchor.month)
    if relation in _ON:
        return anchor.year + (month <= anchor.month)
    tense = place.tense
    ahead = tense > 0 or place.event_to_come or (tense == 0 and 0 < away <= _NEXT)
    if away <= _FAR and ahead:
        return anchor.year + (month < anchor.month)
    return anchor.year - (month > anchor.month)


def _part(place: Place) -> Meaning:
    """Give a quarter or half of a year, or a fiscal year, as the year it is named by."""
    if place.get("year"):
        return year_of(int(place.get("year")))
    if place.anchor is None:
        return year_of(None)
    return year_of(place.anchor.year + _step(place.get("when").removesuffix(" year")))


_WITH_YEAR = re.compile(r"[ \n](?:[a-z]+[ \n]){0,3}(?:in|of)[ \n](20\d\d|1[5-9]\d\d)\b")
_ENDED = re.compile(r",?[ \n](?:that[ \n]|which[ \n])?end(?:ed|ing)\b")


def _quarter(place: Place) -> Meaning:
    """Give the year of the last such quarter that had begun, or that is to come.

    Reports expect figures of a quarter that is over; only in autumn is the first the next one. A
    quarter that "ended" on a day of its own is of a company's year, and of this one.
    """
    if not is_quarter(place):
        return None
    anchor = place.anchor
    if told := _WITH_YEAR.match(place.after(50)):
        return year_of(int(told[1]))
    if anchor is None or place.before(12).casefold().rstrip(" -").endswith("fiscal"):
        return year_of(None)
    now, asked = (anchor.month - 1) // 3 + 1, _QUARTERS[place.get("quarter")]
    if _ENDED.match(place.after(16)):
        return year_of(anchor.year)
    if place.ahead:
        return year_of(anchor.year + (now - asked == 3))
    return year_of(anchor.year - (now < asked))


def count_of(words: str) -> int | None:
    """Return the number that ``words`` say; None for a vague one."""
    if words in _VAGUE:
        return None
    return int(words) if words.isdigit() else _NUMBERS[words.split()[1 if " " in words else 0]]


def _ago(place: Place) -> Meaning:
    """Count back from publication."""
    count, unit, anchor = count_of(place.get("count")), place.get("unit"), place.anchor
    precision = {"day": Precision.DAY, "year": Precision.YEAR}.get(unit, Precision.MONTH)
    if anchor is None or count is None:
        return None, precision
    if unit == "day":
        return day_of(anchor - timedelta(count))
    if unit == "week":
        return month_of(anchor - timedelta(7 * count))
    if unit == "month":
        return month_of(add_months(anchor, -count))
    half = 6 if place.get("half") or place.get("too") else 0
    return year_of(add_months(anchor, -12 * count - half).year)


def _step(relation: str) -> int:
    return -1 if relation in _BACK else 1 if relation in _ON else 0


def _unit(place: Place) -> Meaning:
    """A week is given as the month of its Thursday (ISO 8601), a season as its year."""
    unit, anchor, relation = place.get("unit"), place.anchor, place.get("rel")
    if relation in ("the previous", "the following"):
        return None
    lasting = {"next": _THE, "last": _OVER_THE}.get(relation)
    if lasting and lasting.search(place.before(11)):
        return None
    step = _step(relation)
    if unit in ("week", "weekend"):
        if anchor is None:
            return month_of(None)
        monday = anchor - timedelta(anchor.weekday())
        if relation == "over the" and anchor.weekday() < 5 and not place.ahead:
            step = -1
        return month_of(monday + timedelta(7 * step + (3 if unit == "week" else 5)))
    if unit == "month":
        return month_of(add_months(anchor, step) if anchor else None)
    if anchor is None:
        return year_of(None)
    if unit == "year":
        return year_of(anchor.year + step)
    return year_of(_season_year(anchor, unit, step))


def _season_year(anchor: date, season: str, step: int) -> int:
    """Return the year in which the season (of the north) begins."""
    first = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}[season]
    if step < 0:
        return anchor.year - (anchor.month < first + 3)
    return anchor.year + (step > 0 and anchor.month >= first)


def _weekday(place: Place) -> Meaning:
    """Take the last such day up to publication, the next one where the clause looks ahead."""
    if not is_weekday(place):
        return None
    if place.anchor is None:
        return day_of(None)
    relation, anchor = place.get("rel"), place.anchor
    number = DAYS.index(place.get("weekday"))
    if week := place.get("when"):
        monday = anchor - timedelta(anchor.weekday())
        return day_of(monday + timedelta(7 * _step(week.removesuffix(" week")) + number))
    back = (anchor.weekday() - number) % 7
    if relation in _BACK:
        return day_of(anchor - timedelta(back or 7))
    if relation in _ON:
        return day_of(anchor + timedelta(7 - back))
    ahead = relation in ("", "this") and (place.ahead or _IS.search(place.before(8)) is not None)
    ahead = ahead and back > 0
    return day_of(anchor + timedelta(7 - back) if ahead else anchor - timedelta(back))


def _near(place: Place) -> Meaning:
    if not is_today(place):
        return None
    steps = {
        "yesterday": -1,
        "last night": -1,
        "tomorrow": 1,
        "the day before yesterday": -2,
        "the day after tomorrow": 2,
    }
    step = steps.get(place.get("near"), 0)
    return day_of(place.anchor + timedelta(step) if place.anchor else None)


def _decade(_: Place) -> Meaning:
    """A decade is a date that no single day, month or year stands for."""
    return year_of(None)


def _lone_year(place: Place) -> Meaning:
    if said := place.get("said"):
        return year_of(_year_said(said))
    return year_of(int(place.get("year"))) if is_year(place) else None


_MEANINGS: dict[str, Callable[[Place], Meaning]] = {
    "full": _full,
    "event": _event,
    "pair": lambda place: _full(place) if place.get("year") else _month_day(place),
    "month_day": _month_day,
    "holiday": _holiday,
    "part": _part,
    "quarter": _quarter,
    "month": _named_month,
    "ago": _ago,
    "unit": _unit,
    "weekday": _weekday,
    "near": _near,
    "decade": _decade,
    "year": _lone_year,
}


def meaning_of(kind: str, place: Place) -> Meaning:
    """Return what the match means; a day that no calendar has is no date."""
    try:
        return _MEANINGS[kind](place)
    except (ValueError, OverflowError):
        return None
