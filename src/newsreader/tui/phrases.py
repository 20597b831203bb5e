"""Times, counts and lengths as a reader says them. Pure; times come in as aware UTC."""

from datetime import datetime, timedelta

from newsreader.model import Precision
from newsreader.text.plurals import plural

_WORDS_A_MINUTE = 230
"""Silent reading of English non-fiction: 238 words a minute (Brysbaert 2019), rounded down."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def count(number: int) -> str:
    """Return "12,408"."""
    return f"{number:,}"


def minutes(words: int) -> str:
    """Return how long ``words`` take to read, at least a minute."""
    return f"{max(1, round(words / _WORDS_A_MINUTE))} min"


def age(
    when: datetime | None, precision: Precision, now: datetime, *, undated: str = "undated"
) -> str:
    """Return a list row's time, at most 11 cells: "14m", "3h", "2d", "28 Jun", "28 Jun 2022"."""
    if when is None:
        return undated
    if precision is Precision.YEAR:
        return str(when.year)
    if precision is Precision.MONTH:
        return f"{_MONTHS[when.month - 1][:3]} {when.year}"
    there = when if precision is Precision.DAY else when.astimezone(now.tzinfo)
    passed = now - when
    if precision is Precision.SECOND and timedelta() <= passed < timedelta(days=1):
        spent = int(passed.total_seconds()) // 60
        return f"{spent}m" if spent < 60 else f"{spent // 60}h"
    days = (now.date() - there.date()).days
    if 0 <= days < 7:
        return "today" if days == 0 else f"{days}d"
    short = f"{there.day} {_MONTHS[there.month - 1][:3]}"
    return short if there.year == now.year else f"{short} {there.year}"


_UNITS = (
    (2 * 604_800, 604_800, "week"),
    (86_400, 86_400, "day"),
    (3_600, 3_600, "hour"),
    (60, 60, "minute"),
)
"""(From how many seconds on, seconds of one, unit)."""


def span(seconds: float) -> str:
    """Return a length of time in its greatest whole unit: "40 seconds", "2 hours", "5 weeks"."""
    for least, size, noun in _UNITS:
        if seconds >= least:
            return plural(int(seconds // size), noun)
    return plural(max(0, int(seconds)), "second")


def full_date(when: datetime | None, precision: Precision, now: datetime) -> str:
    """Return "28 June 2022, 14:05", as exact as it is known; "undated" for None."""
    if when is None:
        return "undated"
    if precision is Precision.YEAR:
        return str(when.year)
    if precision is Precision.MONTH:
        return f"{_MONTHS[when.month - 1]} {when.year}"
    if precision is Precision.DAY:
        return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"
    there = when.astimezone(now.tzinfo)
    return f"{there.day} {_MONTHS[there.month - 1]} {there.year}, {there:%H:%M}"


def ago(when: datetime | None, now: datetime) -> str:
    """Return "2 hours ago", "just now", "never" for None."""
    if when is None:
        return "never"
    seconds = (now - when).total_seconds()
    return "just now" if seconds < 60 else f"{span(seconds)} ago"


def ahead(when: datetime | None, now: datetime) -> str:
    """Return "in 2 hours", "now" for what is due, "never" for None."""
    if when is None:
        return "never"
    seconds = (when - now).total_seconds()
    return "now" if seconds < 60 else f"in {span(seconds)}"


def size(octets: int) -> str:
    """Return "640 bytes", "12 kB", "3.4 MB", in powers of a thousand."""
    if octets < 1000:
        return plural(octets, "byte")
    value, units = octets / 1000, ["kB", "MB", "GB", "TB"]
    while value >= 999.5 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.1f} {units[0]}" if value < 9.95 else f"{value:,.0f} {units[0]}"


def masthead_date(now: datetime, *, short: bool = False) -> str:
    """Return "Tuesday 14 July 2026", or "Tue 14 July"."""
    if short:
        return f"{_DAYS[now.weekday()][:3]} {now.day} {_MONTHS[now.month - 1]}"
    return f"{_DAYS[now.weekday()]} {now.day} {_MONTHS[now.month - 1]} {now.year}"
