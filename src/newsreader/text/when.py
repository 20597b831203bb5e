"""Times as people and machines write them, read into UTC with how exact they are.

A time without a zone is taken as UTC. What cannot be a time is None, never an error.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from newsreader.model import Precision
from newsreader.text.words import fold

When = tuple[datetime, Precision]

_MONTH_NAMES = (
    # English, then es fr de pt it nl sv; folded. The first three letters of English are enough.
    "january jan enero janvier januar janeiro gennaio januari",
    "february feb febrero fevrier februar fevereiro febbraio februari",
    "march mar marzo mars marz marco maart",
    "april apr abril avril aprile",
    "may mayo mai maio maggio mei maj",
    "june jun junio juin juni junho giugno",
    "july jul julio juillet juli julho luglio",
    "august aug agosto aout augustus augusti",
    "september sep sept septiembre septembre setembro settembre",
    "october oct octubre octobre oktober outubro ottobre okt",
    "november nov noviembre novembre novembro",
    "december dec diciembre decembre dezember dezembro dicembre dez",
)
_MONTHS = {name: n for n, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_ENGLISH_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ZONES = {
    # RFC 822, section 5, and the zones that news pages print. Hours from UTC.
    **dict.fromkeys(("", "z", "ut", "utc", "gmt", "wet"), 0.0),
    "est": -5.0,
    "edt": -4.0,
    "et": -5.0,
    "cst": -6.0,
    "cdt": -5.0,
    "ct": -6.0,
    "mst": -7.0,
    "mdt": -6.0,
    "mt": -7.0,
    "pst": -8.0,
    "pdt": -7.0,
    "pt": -8.0,
    "bst": 1.0,
    "cet": 1.0,
    "cest": 2.0,
    "eet": 2.0,
    "eest": 3.0,
    "msk": 3.0,
    "ist": 5.5,
    "jst": 9.0,
    "kst": 9.0,
    "aest": 10.0,
    "aedt": 11.0,
}
_CLOCK = (
    r"(?:[T\s,]\s*(?:at\s+|um\s+|a\s+las\s+|à\s+)?(?P<h>\d{1,2})[:.h](?P<mi>\d{2})"
    r"(?::(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?m\.?)?"
    r"\s*(?:\(?(?P<zone>Z|(?:UTC|GMT)?[+-]\d{1,2}:?\d{2}|(?:UTC|GMT)?[+-]\d{1,2}|[A-Z]{2,4})\)?)?)?"
)
_DAYNAME = r"(?:[^\W\d]{2,10}\.?,?\s+(?:(?:den|le|el|on)\s+)?)?"
_FORMS = tuple(
    re.compile(pattern + r"\s*", re.IGNORECASE)
    for pattern in (
        r"(?P<y>\d{4})(?:[-/.](?P<mo>\d{1,2})(?:[-/.](?P<d>\d{1,2})" + _CLOCK + r")?)?",
        r"(?P<y>\d{4})(?P<mo>\d{2})(?P<d>\d{2})" + _CLOCK,
        _DAYNAME
        + r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.|º|er)?[\s-]+(?:(?:of|de)\s+)?(?P<name>[^\W\d_]{3,10})"
        + r"\.?,?(?:\s+de[l]?)?[\s-]+(?P<y>\d{4}|\d{2})"
        + _CLOCK,
        _DAYNAME
        + r"(?P<name>[^\W\d_]{3,10})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})"
        + _CLOCK,
        # asctime
        _DAYNAME
        + r"(?P<name>[^\W\d_]{3})\s+(?P<d>\d{1,2})\s+(?P<h>\d{1,2}):(?P<mi>\d{2}):(?P<s>\d{2})"
        + r"\s+(?:(?P<zone>[A-Z]{2,4})\s+)?(?P<y>\d{4})(?P<half>)",
        r"(?P<name>[^\W\d_]{3,10})\.?,?\s+(?:de\s+)?(?P<y>\d{4})",
    )
)
_WRITTEN = re.compile(
    rf"\b(?:{_ENGLISH_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+{_ENGLISH_MONTH},?\s+\d{{4}}|\d{{4}}-\d{{2}}-\d{{2}})\b",
    re.IGNORECASE,
)


def parse_when(text: str) -> When | None:
    """Return the time that the whole of ``text`` states, None when it states none.

    Reads ISO 8601, RFC 822 and 3339, asctime, and dates in words ("June 28, 2022",
    "28 Jun 2022 10:30 GMT", "28 de junio de 2022", "June 2022").
    """
    text = text.strip()
    if not 4 <= len(text) <= 80:
        return None
    for form in _FORMS:
        match = form.fullmatch(text)
        if match and (when := _read(match.groupdict())):
            return when
    return None


def find_day(text: str) -> tuple[datetime, int, int] | None:
    """Return the first full date in ``text`` and its (start, end), None when there is none."""
    for match in _WRITTEN.finditer(text):
        if when := parse_when(match[0]):
            return when[0], match.start(), match.end()
    return None


def _read(parts: dict[str, str | None]) -> When | None:
    month = parts.get("mo")
    if name := parts.get("name"):
        number = _MONTHS.get(fold(name))
        if number is None:
            return None
        month = str(number)
    year = int(parts["y"] or 0)
    if len(parts["y"] or "") == 2:
        year += 2000 if year < 69 else 1900  # POSIX: 69-99 are of the last century
    day, hour = parts.get("d"), parts.get("h")
    try:
        moment = datetime(year, int(month or 1), int(day or 1), tzinfo=UTC)
        if hour is None:
            exact = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
        else:
            moment, exact = _with_clock(moment, parts), Precision.SECOND
        # The first and last years of the calendar overflow in the reader's own zone.
        return (moment, exact) if 1 < moment.year < 9999 else None
    except (ValueError, OverflowError):
        return None


def _with_clock(day: datetime, parts: dict[str, str | None]) -> datetime:
    hour, half = int(parts["h"] or 0), (parts.get("half") or "").lower()
    if half.startswith("p") and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    second = min(int(parts.get("s") or 0), 59)  # a leap second
    if hour == 24:
        day, hour = day + timedelta(days=1), 0
    local = day.replace(hour=hour, minute=int(parts["mi"] or 0), second=second)
    return local.replace(tzinfo=timezone(_offset(parts.get("zone") or ""))).astimezone(UTC)


def _offset(zone: str) -> timedelta:
    """Return a zone's distance from UTC; an unknown name counts as UTC."""
    zone = zone.lower()
    number = re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?", zone)
    if number:
        away = timedelta(hours=int(number[2]), minutes=int(number[3] or 0))
        return -away if number[1] == "-" else away
    return timedelta(hours=_ZONES.get(zone, 0.0))
