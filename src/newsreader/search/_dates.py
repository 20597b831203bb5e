"""Periods as people write them, in the user's own time zone."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

Period = tuple[datetime | None, datetime | None]
"""From the first instant to before the second, in UTC; None is open."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may", "may"),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_MONTH_YEAR = re.compile(r"([a-z]+)\.?,? +(\d{4})")
_MONTH_DAY = re.compile(r"([a-z]+)\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? +([a-z]+)\.?,? +(\d{4})")
_AGE = re.compile(r"(\d{1,4}) ?(h|d|w|m|y|hours?|days?|weeks?|months?|years?)")
_AGE_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}

Days = tuple[date, date]


def _month(year: int, month: int) -> Days:
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), after


def _named_month(name: str) -> int:
    if name not in _MONTHS:
        raise ValueError(name)
    return _MONTHS[name]


def _calendar(text: str) -> Days:
    """Return the days of a year, month or day; ValueError if it is none."""
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        if month is None:
            return date(year, 1, 1), date(year + 1, 1, 1)
        if day is None:
            return _month(year, month)
        return date(year, month, day), date(year, month, day) + timedelta(1)
    if match := _MONTH_YEAR.fullmatch(text):
        return _month(int(match[2]), _named_month(match[1]))
    if match := _MONTH_DAY.fullmatch(text):
        first = date(int(match[3]), _named_month(match[1]), int(match[2]))
        return first, first + timedelta(1)
    if match := _DAY_MONTH.fullmatch(text):
        first = date(int(match[3]), _named_month(match[2]), int(match[1]))
        return first, first + timedelta(1)
    raise ValueError(text)


def _relative(text: str, today: date) -> Days | None:
    """Return the days of a period named from today, None if it is not one. Weeks start Monday."""
    monday = today - timedelta(today.weekday())
    before = date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
    return {
        "today": (today, today + timedelta(1)),
        "yesterday": (today - timedelta(1), today),
        "this week": (monday, monday + timedelta(7)),
        "last week": (monday - timedelta(7), monday),
        "this month": _month(today.year, today.month),
        "last month": _month(before.year, before.month),
        "this year": (date(today.year, 1, 1), date(today.year + 1, 1, 1)),
        "last year": (date(today.year - 1, 1, 1), date(today.year, 1, 1)),
    }.get(text)


def _days(text: str, today: date) -> Days:
    return _relative(text, today) or _calendar(text)


_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def _instant(day: date, zone: tzinfo) -> datetime:
    try:
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    except OverflowError:  # The first day begins before all time east of Greenwich.
        return _FIRST if day.year == 1 else _LAST


def _age(text: str, now: datetime) -> datetime | None:
    match = _AGE.fullmatch(text)
    if not match:
        return None
    number, unit = int(match[1]), match[2][0]
    span = timedelta(hours=number) if unit == "h" else timedelta(number * _AGE_DAYS[unit])
    try:
        return now - span
    except OverflowError:
        return _FIRST


def period(field: str, text: str, now: datetime, zone: tzinfo) -> Period:
    """Return the time that ``date:``, ``newer:`` or ``older:`` with ``text`` stands for.

    ``newer:2022-06`` is from its first instant on, ``older:2022-06`` is before it. A month is 30
    days and a year 365 in an age such as ``7d``. What is a time at one moment and in one zone is
    one always: ``today..2026`` is empty from 2027 on.

    Raises:
        ValueError: it is not a time.
    """
    text = _plain(text)
    today = now.astimezone(zone).date()
    try:
        if field == "date":
            return _range(text, today, zone)
        instant = _age(text, now) or _instant(_days(text, today)[0], zone)
    except OverflowError:  # The day after the last of all days.
        raise ValueError(text) from None
    return (instant, None) if field == "newer" else (None, instant)


def _range(text: str, today: date, zone: tzinfo) -> Period:
    begin, end = _first_and_after(text, today)
    return (
        None if begin is None else _instant(begin, zone),
        None if end is None else _instant(end, zone),
    )


def _first_and_after(text: str, today: date) -> tuple[date | None, date | None]:
    if ".." not in text:
        return _days(text, today)
    left, _dots, right = (part.strip() for part in text.partition(".."))
    if not left and not right:
        raise ValueError(text)
    begin = _days(left, today)[0] if left else None
    end = _days(right, today)[1] if right else None
    if begin and end and begin >= end:
        if all(_relative(part, today) is None for part in (left, right)):
            raise ValueError(text)
        return begin, begin
    return begin, end


def days(text: str, today: date) -> tuple[date | None, date | None]:
    """Return the days that ``mentions:`` with ``text`` stands for: the first, and that after.

    Raises:
        ValueError: it is not a time.
    """
    try:
        return _first_and_after(_plain(text), today)
    except OverflowError:  # The day after the last of all days.
        raise ValueError(text) from None


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").split())
