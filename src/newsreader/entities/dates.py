"""Find dates in a text and say which day, month or year they mean.

Relative dates count from the day of publication; without one they stay dates without a value.
A value is never finer than the words: "last week" is a month, "last summer" a year. Durations
("for three years"), ages, decades and centuries are not dates.
"""

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from newsreader.model import Precision


class Dated(NamedTuple):
    """``text[start:end]`` means ``value`` (ISO 8601, as long as ``precision``; None: unknown)."""

    start: int
    end: int
    value: str | None
    precision: Precision


_MONTHS = {name.casefold(): n for n, name in enumerate(calendar.month_name) if n} | {
    name.casefold(): n for n, name in enumerate(calendar.month_abbr) if n
}
_MONTHS["sept"] = 9
_DAYS = {name.casefold(): n for n, name in enumerate(calendar.day_name)}
_COUNTED_WORDS = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    "fifteen|sixteen|seventeen|eighteen|nineteen|twenty"
)
_NUMBERS = {word: n for n, word in enumerate(_COUNTED_WORDS.split("|"))}
_NUMBERS |= {"a": 1, "an": 1, "thirty": 30, "forty": 40, "fifty": 50, "couple": 2}

# Building blocks of the patterns. A gap is one space, or one line break in a wrapped text.
_G = r"[ \n\xa0]"
_LONG = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|JANUARY|FEBRUARY|MARCH|APRIL|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
)
_MONTH = rf"(?P<month>{_LONG}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_WEEKDAY = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_PREFIX = rf"(?:(?:{_WEEKDAY}|(?:Mon|Tues?|Wed|Thur?s?|Fri|Sat|Sun)\.?),?{_G}(?:the{_G})?)?"
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d)"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_RANGE = rf"(?:(?:[-–]|{_G}(?:to|and|or){_G})[0-3]?\d(?:st|nd|rd|th)?(?!\w|[:.,]\d))?"
_PART = rf"(?:{_G}(?:morning|afternoon|evening|night))?"
_PHASE = (
    rf"(?:(?:[Ee]arly|[Ll]ate|[Mm]id|[Ee]arlier|[Ll]ater)(?:-|{_G})(?:in{_G})?"
    rf"|(?:[Tt]he{_G})?(?:[Ee]nd|[Bb]eginning|[Ss]tart|[Mm]iddle){_G}of{_G})?"
)
_REL = (
    rf"(?P<rel>[Tt]his{_G}(?:past|coming)|[Ll]ast|[Tt]his|[Nn]ext|[Pp]ast"
    rf"|[Tt]he{_G}(?:previous|following))"
)
_COUNT = (
    rf"(?P<count>\d{{1,3}}|a{_G}couple(?:{_G}of)?|a{_G}few|several|many|some|an?|"
    + _COUNTED_WORDS
    + "|thirty|forty|fifty"
    + ")"
)
_UNIT = r"(?P<unit>day|week|month|year)"
_ABOUT = (
    rf"(?:(?:[Mm]ore{_G}than|[Ll]ess{_G}than|[Oo]ver|[Aa]bout|[Nn]early|[Aa]lmost|[Rr]oughly"
    rf"|[Aa]round|[Jj]ust){_G})?"
)
_COUNTED = (
    r"(?!-?\d|,\d|\.\d|%|[ \n-](?:people|men|women|children|troops|soldiers|votes|cases|deaths|"
    r"miles|kilomet|km|met(?:er|re)s|feet|acres|dollars|euros|pounds|percent|per\b|tons|tonnes|"
    r"jobs|homes|houses|workers|students|migrants|refugees|residents|times|hours|minutes|units|"
    r"seats|victims|others|animals|barrels|a\.?m\b|p\.?m\b|GMT|kg|points|members|of\b(?! the)))"
)

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("full", rf"\b{_YEAR}-(?P<number>0\d|1[0-2])-(?P<day>[0-3]\d)(?!\d)"),
    ("full", rf"\b{_PREFIX}{_DAY}{_G}(?:of{_G})?{_MONTH},?{_G}{_YEAR}\b"),
    ("full", rf"\b{_PREFIX}{_MONTH}{_G}{_DAY}{_RANGE},?{_G}{_YEAR}\b"),
    (
        "slashed",
        r"(?<![\d/])(?P<a>[0-3]?\d)(?P<sep>[/.])(?P<b>[0-3]?\d)(?P=sep)(?P<year>(?:19|20)\d\d)(?![\d/])",
    ),
    (
        "month_day",
        rf"\b{_PREFIX}{_MONTH}{_G}{_DAY}(?!\w|[:.,]\d){_RANGE}(?!%|{_G}(?:percent|per{_G}cent|people|million))",
    ),
    ("month_day", rf"\b{_PREFIX}(?:the{_G})?{_DAY}{_G}(?:of{_G})?{_MONTH}(?!\w)"),
    ("month", rf"\b{_PHASE}{_MONTH},?{_G}(?:of{_G})?{_YEAR}\b(?!\d|-\d)"),
    ("month", rf"\b{_PHASE}(?:{_REL}{_G})?(?P<month>{_LONG})\b(?!{_G}\d)"),
    ("ago", rf"\b{_ABOUT}{_COUNT}{_G}{_UNIT}s?{_G}(?P<way>ago|earlier)\b"),
    (
        "unit",
        rf"\b{_PHASE}{_REL}{_G}(?P<unit>week|weekend|month|year|spring|summer|autumn|fall|winter)\b(?!['’]s{_G}old|-old|-long)",
    ),
    (
        "weekday",
        rf"\b(?:(?:[Ee]arly|[Ll]ate|[Ee]arlier|[Ll]ater){_G}(?:on{_G})?)?(?:{_REL}{_G})?(?P<weekday>{_WEEKDAY}){_PART}\b",
    ),
    (
        "near",
        rf"\b(?:(?:[Ee]arlier|[Ll]ater|[Ll]ate|[Ee]arly){_G})?(?P<near>[Tt]oday|[Yy]esterday|[Tt]omorrow|[Tt]onight|[Ll]ast{_G}night|[Tt]his{_G}(?:morning|afternoon|evening)){_PART}\b",
    ),
    (
        "year",
        rf"(?<![\w$€£.,#/–-]){_PHASE}(?:(?:[Ss]pring|[Ss]ummer|[Aa]utumn|[Ff]all|[Ww]inter){_G}(?:of{_G})?)?{_YEAR}(?:[-–/](?:20)?\d\d)?(?![\w/]){_COUNTED}",
    ),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
_ABROAD = tuple(_COMPILED[n] for n in (0, 3))
"""The patterns that mean the same in every language."""

_AHEAD = re.compile(
    r"\b(?:will|shall|would be|scheduled|expected|expects?|set (?:for|to)|due|plans? to|"
    r"planned for|planning to|upcoming|is to|are to|until|deadline|hopes? to|won't)\b",
    re.IGNORECASE,
)
_AHEAD_AT_ONCE = re.compile(
    r"\b(?:until|till|through|by|effective|payable|beginning|starting|as (?:soon|early) as"
    r"|scheduled|expected|due|postponed|extended|delayed)"
    r"(?: (?:to|for|on|until|in|late|early|the))*\s$",
    re.IGNORECASE,
)
_PAST_AT_ONCE = re.compile(
    r"\b(?:said|told|met|held|left|came|went|began|won|lost|made|took|sent|died|fell|rose|was|"
    r"were|had|[a-z]{2,}ed)(?: (?:on|in|late|early|the|here|again))*\s$",
    re.IGNORECASE,
)
_MONTH_BEFORE = re.compile(
    r"\b(?:in|since|until|till|by|during|from|of|to|through|between|before|after|and|or|for|"
    r"as|this|last|next|early|late|mid|every|each|until|[a-z]+ed|[a-z]+th)[ \n-]$",
    re.IGNORECASE,
)
_LINKED = re.compile(r"\b(?:and|or) $")
_NAMED_DAY = re.compile(
    r"\b(?:Black|Good|Bloody|Ash|Super|Cyber|Fat|Palm|Easter|Giving|Maundy|Shrove|Whit)\s$"
)
_NAMED_AFTER = re.compile(
    r"[ ](?:Times|Mail|Telegraph|Mirror|Express|Herald|Post|Night Live|Night Football|Sun)\b"
)
_SOON = timedelta(60)
"""Of the days without a year in TimeBank and AQUAINT, those up to two months ahead are coming."""
_ZONES = timedelta(2)
"""Reports cross time zones: one dated the 4th may tell of the 5th."""
_VAGUE = frozenset({"several", "many", "some", "a few"})
_BACK = frozenset({"last", "past", "this past", "the previous"})
_ON = frozenset({"next", "this coming", "the following"})


class _Place(NamedTuple):
    """One match and what its meaning depends on."""

    text: str
    match: re.Match[str]
    anchor: date | None
    english: bool

    def get(self, group: str) -> str:
        """Return a group in lower case on one line, empty when it is not there."""
        value = self.match.groupdict().get(group)
        return " ".join(value.casefold().split()) if value else ""

    @property
    def month(self) -> int:
        """Return the number of the named or numbered month."""
        number = self.get("number")
        return int(number) if number else _MONTHS[self.get("month").rstrip(".")]

    @property
    def ahead(self) -> bool:
        """Return whether the clause speaks of the future, by its words around the date."""
        start = self.match.start()
        before = self.text[max(0, start - 80) : start]
        if _AHEAD_AT_ONCE.search(before):
            return True
        if _PAST_AT_ONCE.search(before):
            return False
        after = self.text[self.match.end() : self.match.end() + 40]
        cut = max(before.rfind(". "), before.rfind("\n"), before.rfind('"'))
        return _AHEAD.search(before[cut + 1 :] + " " + re.split(r"[.\n]", after)[0]) is not None


Meaning = tuple[str | None, Precision] | None
"""A value and its precision; None: the words are no date."""


def _day(day: date | None) -> Meaning:
    return (day.isoformat() if day else None), Precision.DAY


def _month(day: date | None) -> Meaning:
    return (day.isoformat()[:7] if day else None), Precision.MONTH


def _year(year: int | None) -> Meaning:
    return (f"{year:04d}" if year else None), Precision.YEAR


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _full(place: _Place) -> Meaning:
    return _day(date(int(place.get("year")), place.month, int(place.get("day"))))


def _slashed(place: _Place) -> Meaning:
    """Read 13/7/2022 by its size; where both orders fit, slashes are American in English only."""
    first, second, year = int(place.get("a")), int(place.get("b")), int(place.get("year"))
    american = place.english and place.get("sep") == "/"
    if second > 12 or (american and first <= 12):
        first, second = second, first
    return _day(date(year, second, first))


def _month_day(place: _Place) -> Meaning:
    """Take the year that puts the day last before publication, or nearest if it is to come.

    A day up to ``_SOON`` ahead stays in its year, unless a verb in the past stands before it.
    """
    month, number = place.month, int(place.get("day"))
    date(2000, month, number)
    if place.anchor is None:
        return _day(None)
    years = range(place.anchor.year - 1, place.anchor.year + 2)
    days = [
        date(year, month, number) for year in years if number <= calendar.monthrange(year, month)[1]
    ]
    anchor = place.anchor
    if place.ahead:
        return _day(min(days, key=lambda day: abs(day - anchor), default=None))
    told = _PAST_AT_ONCE.search(place.text, max(0, place.match.start() - 30), place.match.start())
    past = [day for day in days if day <= anchor + (_ZONES if told else _SOON)]
    return _day(max(past, default=None))


def _named_month(place: _Place) -> Meaning:
    if place.get("year"):
        return _month(date(int(place.get("year")), place.month, 1))
    if not _is_month(place):
        return None
    if place.anchor is None:
        return _month(None)
    relation, anchor = place.get("rel"), place.anchor
    year = anchor.year
    if relation in _BACK:
        year -= place.month >= anchor.month
    elif relation in _ON or (relation != "this" and place.ahead):
        year += place.month < anchor.month or (relation in _ON and place.month == anchor.month)
    elif relation != "this":
        year -= place.month > anchor.month
    return _month(date(year, place.month, 1))


def _is_month(place: _Place) -> bool:
    """Return whether a lone month is one, and not a name or a verb ("April Jones", "may")."""
    word = place.match.group("month")
    start, end = place.match.span()
    after = place.text[end : end + 2]
    name_follows = len(after) == 2 and after[0] == " " and after[1].isupper()
    if start < place.match.start("month"):
        return True
    introduced = _MONTH_BEFORE.search(place.text, max(0, start - 16), start) is not None
    if name_follows and _LINKED.search(place.text, max(0, start - 5), start):
        return False
    if word.casefold() in ("march", "may") or word.isupper():
        return introduced and not name_follows
    before = place.text[max(0, start - 2) : start]
    return introduced or not (name_follows or (before[:1].isalpha() and before[1:] == "-"))


def _count(words: str) -> int | None:
    """Return the number that ``words`` say; None for a vague one."""
    if words in _VAGUE:
        return None
    return int(words) if words.isdigit() else _NUMBERS[words.split()[1 if " " in words else 0]]


def _ago(place: _Place) -> Meaning:
    """Count back; "earlier" counts from the story's own time, so it has no value."""
    count, unit, anchor = _count(place.get("count")), place.get("unit"), place.anchor
    if unit == "day":
        known = anchor - timedelta(count) if anchor and count is not None else None
        return _day(known if place.get("way") == "ago" else None)
    if anchor is None or count is None or place.get("way") != "ago":
        return _year(None) if unit == "year" else _month(None)
    if unit == "week":
        return _month(anchor - timedelta(7 * count))
    if unit == "month":
        return _month(_add_months(anchor, -count))
    return _year(anchor.year - count)


def _step(relation: str) -> int:
    return -1 if relation in _BACK else 1 if relation in _ON else 0


def _unit(place: _Place) -> Meaning:
    """A week is given as the month of its Thursday (ISO 8601), a season as its year."""
    unit, anchor, relation = place.get("unit"), place.anchor, place.get("rel")
    if relation == "past" or relation.startswith("the "):
        return None
    step = _step(relation)
    if unit in ("week", "weekend"):
        if anchor is None:
            return _month(None)
        monday = anchor - timedelta(anchor.weekday())
        return _month(monday + timedelta(7 * step + (3 if unit == "week" else 5)))
    if unit == "month":
        return _month(_add_months(anchor, step) if anchor else None)
    if anchor is None:
        return _year(None)
    if unit == "year":
        return _year(anchor.year + step)
    return _year(_season_year(anchor, unit, step))


def _season_year(anchor: date, season: str, step: int) -> int:
    """Return the year in which the season (of the north) begins."""
    first = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}[season]
    if step < 0:
        return anchor.year - (anchor.month < first + 3)
    return anchor.year + (step > 0 and anchor.month >= first)


def _weekday(place: _Place) -> Meaning:
    """Take the last such day up to publication, the next one where the clause looks ahead."""
    start, end = place.match.span()
    if _NAMED_DAY.search(place.text, max(0, start - 9), start):
        return None
    if _NAMED_AFTER.match(place.text, end):
        return None
    if place.anchor is None:
        return _day(None)
    relation, anchor = place.get("rel"), place.anchor
    back = (anchor.weekday() - _DAYS[place.get("weekday")]) % 7
    if relation in _BACK:
        return _day(anchor - timedelta(back or 7))
    if relation in _ON:
        return _day(anchor + timedelta(7 - back))
    ahead = bool(back) and relation in ("", "this") and place.ahead
    return _day(anchor + timedelta((7 - back) % 7) if ahead else anchor - timedelta(back))


def _near(place: _Place) -> Meaning:
    words = place.get("near")
    step = {"yesterday": -1, "last night": -1, "tomorrow": 1}.get(words, 0)
    return _day(place.anchor + timedelta(step) if place.anchor else None)


def _lone_year(place: _Place) -> Meaning:
    return _year(int(place.get("year")))


_MEANINGS: dict[str, Callable[[_Place], Meaning]] = {
    "full": _full,
    "slashed": _slashed,
    "month_day": _month_day,
    "month": _named_month,
    "ago": _ago,
    "unit": _unit,
    "weekday": _weekday,
    "near": _near,
    "year": _lone_year,
}


def _meaning(kind: str, place: _Place) -> Meaning:
    """Return what the match means; a day that no calendar has is no date."""
    try:
        return _MEANINGS[kind](place)
    except (ValueError, OverflowError):
        return None


def dates(text: str, *, published: date | None = None, english: bool = True) -> list[Dated]:
    """Return the dates of ``text`` in order, never overlapping.

    Without ``english`` only dates in figures are found.
    """
    if isinstance(published, datetime):
        published = published.date()
    found: list[Dated] = []
    taken = bytearray(len(text))
    for kind, pattern in _COMPILED if english else _ABROAD:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            meaning = _meaning(kind, _Place(text, match, published, english))
            if meaning is not None:
                found.append(Dated(start, end, *meaning))
                taken[start:end] = b"\1" * (end - start)
    return sorted(found)
