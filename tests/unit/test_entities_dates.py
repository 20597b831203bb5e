"""Dates in text: what is one, which day it means, and that nothing breaks the finder."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.entities.dates import dates
from newsreader.model import Precision

WEDNESDAY = date(2022, 7, 13)
DAY, MONTH, YEAR = Precision.DAY, Precision.MONTH, Precision.YEAR


def _read(text: str, published: date | None = WEDNESDAY) -> list[tuple[str, str | None, Precision]]:
    found = dates(text, published=published)
    return [(text[d.start : d.end], d.value, d.precision) for d in found]


@pytest.mark.parametrize(
    ("text", "surface", "value", "precision"),
    [
        ("Talks began on March 5, when envoys met.", "March 5", "2022-03-05", DAY),
        ("They were freed on December 20.", "December 20", "2021-12-20", DAY),
        ("The deal is expected on December 20.", "December 20", "2022-12-20", DAY),
        ("It starts on August 1.", "August 1", "2022-08-01", DAY),
        ("on the 5th of May it rained", "the 5th of May", "2022-05-05", DAY),
        ("attacks of Sept. 11, 2001, changed", "Sept. 11, 2001", "2001-09-11", DAY),
        ("on 11 September 2001 in", "11 September 2001", "2001-09-11", DAY),
        ("filed Tuesday, July 5, 2022.", "Tuesday, July 5, 2022", "2022-07-05", DAY),
        ("held March 5-7 in Rome", "March 5-7", "2022-03-05", DAY),
        ("at 2022-03-05T10:00", "2022-03-05", "2022-03-05", DAY),
        ("on 7/13/2022.", "7/13/2022", "2022-07-13", DAY),
        ("am 13.7.2022.", "13.7.2022", "2022-07-13", DAY),
        ("confirmed on Tuesday night but", "Tuesday night", "2022-07-12", DAY),
        ("said on Wednesday.", "Wednesday", "2022-07-13", DAY),
        ("will vote on Friday", "Friday", "2022-07-15", DAY),
        ("was held last Wednesday", "last Wednesday", "2022-07-06", DAY),
        ("meets next Monday morning", "next Monday morning", "2022-07-18", DAY),
        ("fell early Tuesday", "early Tuesday", "2022-07-12", DAY),
        ("came yesterday", "yesterday", "2022-07-12", DAY),
        ("three days ago", "three days ago", "2022-07-10", DAY),
        ("In late June, a group", "late June", "2022-06", MONTH),
        ("arrested in March; the", "March", "2022-03", MONTH),
        ("arrested in September.", "September", "2021-09", MONTH),
        ("since September 2020, they", "September 2020", "2020-09", MONTH),
        ("Earlier this month, he", "Earlier this month", "2022-07", MONTH),
        ("over last week", "last week", "2022-07", MONTH),
        ("two weeks ago", "two weeks ago", "2022-06", MONTH),
        ("more than two years ago", "more than two years ago", "2020", YEAR),
        ("won re-election in 2018, and", "2018", "2018", YEAR),
        ("before the 2018 election", "2018", "2018", YEAR),
        ("in mid-2019 it", "mid-2019", "2019", YEAR),
        ("by the end of 2020", "the end of 2020", "2020", YEAR),
        ("in the summer of 2020", "summer of 2020", "2020", YEAR),
        ("later this year", "later this year", "2022", YEAR),
        ("last summer", "last summer", "2021", YEAR),
    ],
)
def test_reads(text: str, surface: str, value: str, precision: Precision) -> None:
    assert _read(text) == [(surface, value, precision)]


@pytest.mark.parametrize(
    "text",
    [
        "the first visit in over two decades",
        "a war of the 1990s and the 1980s",
        "for three years he waited",
        "the past two years were hard",
        "she is 25 years old",
        "about 2020 people marched",
        "it cost $2018 or 2,018 dollars",
        "call 555-2018",
        "Black Friday sales, a Sunday Times report",
        "May he come. He may.",
        "June Carter and August Wilson sang",
        "Theresa May spoke",
        "February 30",
        "March 32",
        "13/13/2022",
        "the 2022-13-45 code",
    ],
)
def test_is_no_date(text: str) -> None:
    assert _read(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on Tuesday night", None),
        ("on March 5", None),
        ("last week", None),
        ("a year ago", None),
        ("in March", None),
        ("in 2018", "2018"),
        ("on March 5, 2022", "2022-03-05"),
    ],
)
def test_without_publication_only_full_dates_have_a_value(text: str, value: str | None) -> None:
    assert [found for _, found, _ in _read(text, None)] == [value]


def test_publication_may_have_a_time() -> None:
    published = datetime(2022, 7, 13, 9, 30, tzinfo=UTC)
    assert _read("yesterday", published) == [("yesterday", "2022-07-12", DAY)]


def test_vague_counts_have_no_value() -> None:
    assert _read("a few months ago") == [("a few months ago", None, MONTH)]


def test_only_figures_count_in_other_languages() -> None:
    text = "Le 5 March 2022, en 2018: 3/4/2022, 2022-03-05"
    found = dates(text, published=WEDNESDAY, english=False)
    assert [d.value for d in found] == ["2022-04-03", "2022-03-05"]


def test_leap_day_is_found_in_the_last_leap_year_near() -> None:
    assert _read("on February 29", date(2024, 3, 1)) == [("February 29", "2024-02-29", DAY)]
    assert _read("on February 29", date(2022, 7, 1)) == [("February 29", None, DAY)]


@pytest.mark.parametrize("published", [date.min, date.max])
def test_ends_of_the_calendar(published: date) -> None:
    dates("last year, next week, 50 years ago, in March, on March 5, Monday", published=published)


_PIECES_TEXT = (
    "March May 5 5th 2018 2022-03-05 Tuesday night last week early late the end of two years ago "
    "yesterday next 13/7/2022 , . - people in on will said by 31 Feb. \n"
)
_PIECES = st.sampled_from(_PIECES_TEXT.split(" "))
_TEXT = st.one_of(st.text(max_size=80), st.lists(_PIECES, max_size=14).map(" ".join))


@settings(max_examples=100, deadline=None)
@given(_TEXT, st.none() | st.dates(), st.booleans())
def test_spans_are_in_order_and_values_are_as_long_as_their_precision(
    text: str, published: date | None, english: bool
) -> None:
    last = 0
    length = {DAY: 10, MONTH: 7, YEAR: 4}
    for found in dates(text, published=published, english=english):
        assert last <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == text[found.start : found.end].strip()
        assert found.value is None or len(found.value) == length[found.precision]
        last = found.end


@settings(max_examples=100, deadline=None)
@given(_TEXT, _TEXT)
def test_an_appended_paragraph_changes_nothing_before_it(text: str, more: str) -> None:
    text = text.rstrip("\n")
    before = dates(text, published=WEDNESDAY)
    after = dates(text + "\n\n" + more, published=WEDNESDAY)
    assert [d for d in after if d.start < len(text)] == before
