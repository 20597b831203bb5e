"""Find dates in a text and say which day, month or year they mean.

Relative dates count from the day of publication, or from the date before them in the text ("the
next day"); where neither is known they stay dates without a value. A value is never finer than the
words: "last week" is a month, "last summer" and a quarter a year. A range joined by a dash or "to"
("June 3-5") is one date, its first day; one joined by "and" is two. Durations ("for three years"),
ages and centuries are not dates; a decade is one without a value.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from newsreader.entities._date_chain import CHAINED, STORIED, Base, chained, storied
from newsreader.entities._date_context import Place, opens_sentence, sentences_between
from newsreader.entities._date_patterns import ABROAD, COMPILED, TRIGGERS
from newsreader.entities._date_values import Meaning, meaning_of, month_first, slashed
from newsreader.model import Precision


class Dated(NamedTuple):
    """``text[start:end]`` means ``value`` (ISO 8601, as long as ``precision``; None: unknown)."""

    start: int
    end: int
    value: str | None
    precision: Precision


_LATER = frozenset({*CHAINED, "slashed"})
"""The kinds whose meaning needs the dates before them."""


class _Claim(NamedTuple):
    """A part of the text that one pattern took; ``meaning`` is None for the kinds in ``_LATER``.

    ``second`` is where the second day of a pair begins, else None.
    """

    start: int
    end: int
    kind: str
    place: Place
    meaning: Meaning
    second: int | None


def _paragraphs(text: str) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Yield where paragraphs begin and end, and which triggers are in them; no date crosses one."""
    start = 0
    while start < len(text):
        end = text.find("\n\n", start)
        end = len(text) if end < 0 else end
        words = text[start:end].lower()
        if words:
            names = (n for n, some in TRIGGERS.items() if any(word in words for word in some))
            yield start, end, frozenset(names)
        start = end + 2


def _claims(text: str, published: date | None, english: bool) -> Iterator[_Claim]:
    taken = bytearray(len(text))
    patterns = COMPILED if english else ABROAD
    for begin, stop, there in _paragraphs(text):
        for kind, needs, pattern in patterns:
            if not needs <= there:
                continue
            for match in pattern.finditer(text, begin, stop):
                start, end = match.span()
                if any(taken[start:end]):
                    continue
                place = Place(text, match, published, english)
                meaning = None if kind in _LATER else meaning_of(kind, place)
                if meaning is not None or kind in _LATER:
                    taken[start:end] = b"\1" * (end - start)
                    second = match.start("second") if kind == "pair" else None
                    yield _Claim(start, end, kind, place, meaning, second)


@dataclass(slots=True)
class _Reading:
    """The dates found so far, in reading order, and what they tell about the next."""

    text: str
    found: list[Dated] = field(default_factory=list)
    compared: set[int] = field(default_factory=set)
    orders: set[bool] = field(default_factory=set)

    def base(self, start: int) -> Base | None:
        """Return the nearest date before ``start`` that has a value and is of the same story."""
        for dated in reversed(self.found[-3:]):
            sentences = sentences_between(self.text[dated.end : start])
            if sentences is None or sentences > 1:
                return None
            if dated.value is not None:
                return Base(
                    dated.value,
                    dated.precision,
                    beside=sentences == 0,
                    compared=dated.start in self.compared,
                    opens=opens_sentence(self.text, dated.start),
                )
        return None

    def meaning(self, claim: _Claim) -> Meaning:
        """Return what a claim means after those before it; None: it is no date."""
        if claim.kind in CHAINED:
            return chained(claim.kind, claim.place, self.base(claim.start))
        if claim.kind == "slashed":
            return slashed(claim.place, self.orders)
        if claim.kind in STORIED and claim.meaning is not None:
            return storied(claim.place, claim.meaning, self.base(claim.start))
        return claim.meaning

    def read(self, claim: _Claim) -> None:
        """Add the dates of a claim."""
        meaning = self.meaning(claim)
        if meaning is None:
            return
        if claim.second is not None:
            self.found += _pair(claim, meaning)
        else:
            self.found.append(Dated(claim.start, claim.end, *meaning))
        if claim.kind in ("ago", "counted", "compared"):
            self.compared.add(claim.start)
        order = month_first(claim.place) if claim.kind == "slashed" else None
        if order is not None:
            self.orders.add(order)


def _pair(claim: _Claim, meaning: tuple[str | None, Precision]) -> Iterator[Dated]:
    """Yield the two days of "June 3 and 5"; a second that no calendar has is no date."""
    place, value = claim.place, meaning[0]
    yield Dated(claim.start, place.match.start("gap"), *meaning)
    second: str | None = None
    try:
        if value is not None:
            day = int(place.get("second"))
            second = date.fromisoformat(value).replace(day=day).isoformat()
    except ValueError:
        return
    yield Dated(claim.second or claim.end, claim.end, second, meaning[1])


def dates(text: str, *, published: date | None = None, english: bool = True) -> list[Dated]:
    """Return the dates of ``text`` in order, never overlapping. Never raises.

    Args:
        text: what to read.
        published: the day that relative dates count from.
        english: without it only dates with their year in figures are found.
    """
    if isinstance(published, datetime):
        published = published.date()
    reading = _Reading(text)
    for claim in sorted(_claims(text, published, english), key=lambda claim: claim.start):
        reading.read(claim)
    return reading.found
