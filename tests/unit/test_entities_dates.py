"""Dates in text: what is one, which day it means, and that nothing breaks the finder."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.entities.dates import dates
from newsreader.model import Precision
from newsreader.text.dated import meaning

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
        ("at 2022-03-05T10:00:00Z", "2022-03-05T10:00:00Z", "2022-03-05", DAY),
        ("until 2022-03-05 10:00.", "2022-03-05 10:00", "2022-03-05", DAY),
        ("from 3-5 June 2021 in", "3-5 June 2021", "2021-06-03", DAY),
        ("held March 5 to 7 in Rome", "March 5 to 7", "2022-03-05", DAY),
        ("on July 5 of last year", "July 5 of last year", "2021-07-05", DAY),
        ("on 7/13/21.", "7/13/21", "2021-07-13", DAY),
        ("the Jan. 6 committee", "Jan. 6", "2021-01-06", DAY),
        ("after the Sept. 11 attacks", "Sept. 11", "2001-09-11", DAY),
        ("since 9/11 the", "9/11", "2001-09-11", DAY),
        ("on Christmas Day a storm", "Christmas Day", "2021-12-25", DAY),
        ("on New Year’s Eve 2019 he", "New Year’s Eve 2019", "2019-12-31", DAY),
        ("on the Fourth of July", "the Fourth of July", "2022-07-04", DAY),
        ("at 9:30 a.m. on Tuesday the", "9:30 a.m. on Tuesday", "2022-07-12", DAY),
        ("left at midnight Friday.", "midnight Friday", "2022-07-08", DAY),
        ("came on Tuesday of last week", "Tuesday of last week", "2022-07-05", DAY),
        ("the day before yesterday", "the day before yesterday", "2022-07-11", DAY),
        ("on 7/13/2022.", "7/13/2022", "2022-07-13", DAY),
        ("am 13.7.2022.", "13.7.2022", "2022-07-13", DAY),
        ("confirmed on Tuesday night but", "Tuesday night", "2022-07-12", DAY),
        ("said on Wednesday.", "Wednesday", "2022-07-13", DAY),
        ("will vote on Friday", "Friday", "2022-07-15", DAY),
        ("On Friday, the council will vote.", "Friday", "2022-07-15", DAY),
        ("On Friday, it announced plans to sell.", "Friday", "2022-07-08", DAY),
        ("will look into Friday's fire", "Friday", "2022-07-08", DAY),
        ("gave them until Friday.", "Friday", "2022-07-15", DAY),
        ("Until Friday, nobody had known.", "Friday", "2022-07-08", DAY),
        ("It will sell, it said in a statement Friday.", "Friday", "2022-07-08", DAY),
        ("The talks are on Friday.", "Friday", "2022-07-15", DAY),
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
        ("in June of last year", "June of last year", "2021-06", MONTH),
        ("the March accession", "March", "2022-03", MONTH),
        ("the November election", "November", "2022-11", MONTH),
        ("Five states vote in August.", "August", "2022-08", MONTH),
        ("They met in August.", "August", "2021-08", MONTH),
        ("They waited until October.", "October", "2021-10", MONTH),
        ("rates could be cut in October", "October", "2022-10", MONTH),
        ("data will be released on September 8", "September 8", "2022-09-08", DAY),
        ("by the year ending December 31", "December 31", "2022-12-31", DAY),
        ("They agreed to merge in December.", "December", "2022-12", MONTH),
        ("the third quarter of 2021", "third quarter of 2021", "2021", YEAR),
        ("fourth-quarter revenue rose", "fourth-quarter", "2021", YEAR),
        ("profit in the second quarter", "second quarter", "2022", YEAR),
        ("its Q3 2021 figures", "Q3 2021", "2021", YEAR),
        ("in fiscal 2021 it", "fiscal 2021", "2021", YEAR),
        ("the first half of this year", "first half of this year", "2022", YEAR),
        ("by year-end, it", "year-end", "2022", YEAR),
        ("by the end of the year", "the end of the year", "2022", YEAR),
        ("a year and a half ago", "a year and a half ago", "2021", YEAR),
        ("known since (1687 and later)", "1687", "1687", YEAR),
        ("it began in nineteen ninety-six.", "nineteen ninety-six", "1996", YEAR),
        ("in January nineteen seventy the", "January nineteen seventy", "1970-01", MONTH),
        ("by the year two thousand and four", "the year two thousand and four", "2004", YEAR),
        ("in twenty twenty-two he", "twenty twenty-two", "2022", YEAR),
        ("the early 1990s", "early 1990s", None, YEAR),
        ("by the end of 2020", "the end of 2020", "2020", YEAR),
        ("in the summer of 2020", "summer of 2020", "2020", YEAR),
        ("later this year", "later this year", "2022", YEAR),
        ("last summer", "last summer", "2021", YEAR),
    ],
)
def test_reads(text: str, surface: str, value: str | None, precision: Precision) -> None:
    assert _read(text) == [(surface, value, precision)]


@pytest.mark.parametrize(
    "text",
    [
        "the first visit in over two decades",
        "the third quarter of the game ended with a touchdown",
        "every Tuesday and on Mondays",
        "more people than in USA Today",
        "in today's world",
        "at 1930 GMT or 2000 hours",
        "Resolution 1973 on Flight 1549",
        "a 2000-strong force of 1800 men",
        "a month earlier than planned",
        "two days before the election",
        "twenty twenty-dollar notes for two thousand people",
        "the Bataan Death March",
        "24/7/365 and 1/2/10",
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


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("On 3/4/2022 it rained.", [None]),
        ("From 3/31/2022 on, and on 3/4/2022.", ["2022-03-31", "2022-03-04"]),
        ("From 31/3/2022 on, and on 3/4/2022.", ["2022-03-31", "2022-04-03"]),
        ("3/31/2022, 31/3/2022, 3/4/2022", ["2022-03-31", "2022-03-31", None]),
        ("On 4/4/2022.", ["2022-04-04"]),
    ],
)
def test_slashes_are_read_as_the_text_before_shows(text: str, value: list[str | None]) -> None:
    assert [found for _, found, _ in _read(text)] == value


def test_two_days_joined_by_and_are_two_dates() -> None:
    assert _read("on June 3 and 5, 2021") == [
        ("June 3", "2021-06-03", DAY),
        ("5, 2021", "2021-06-05", DAY),
    ]
    assert [value for _, value, _ in _read("from 2019 to 2021")] == ["2019", "2021"]


@pytest.mark.parametrize(
    ("text", "surface", "value"),
    [
        ("He left on March 5, 2021. The next day he", "The next day", "2021-03-06"),
        ("He left on March 5, 2021. That same night he", "That same night", "2021-03-05"),
        ("Held on Monday and freed two days later.", "two days later", "2022-07-13"),
        ("He left in May 2020. Three months later he", "Three months later", "2020-08"),
        ("He left in 2015. The following year he", "The following year", "2016"),
        ("In 2019 sales were down from a year earlier.", "a year earlier", "2018"),
        ("Shot on 30 May 1832, he died. On 2 March he", "2 March", "1832-03-02"),
        ("Shot on 30 October 1832. On 2 March he", "2 March", "1833-03-02"),
        ("Jailed on 30 May 2012. On July 5, he sued", "July 5", "2022-07-05"),
        ("In 2013, he was shot on May 5", "May 5", "2013-05-05"),
        ("A bank fined in 2010 hired him in May.", "May", "2022-05"),
        ("The 2023 model was shown in April.", "April", "2022-04"),
        ("In May 2015 he won. In September of that year he", "that year", "2015"),
        ("He left in 2015 and came back in March that year", "that year", "2015"),
        ("Held since September 2020. Freed on March 5.", "March 5", "2022-03-05"),
    ],
)
def test_counts_from_the_date_before(text: str, surface: str, value: str) -> None:
    assert _read(text)[-1][:2] == (surface, value)


def test_a_month_has_the_year_of_the_one_it_is_joined_to() -> None:
    found = _read("between November and March 2008, from June 3 to July 5, 2009")
    assert [value for _, value, _ in found] == ["2007-11", "2008-03", "2009-06-03", "2009-07-05"]
    text = "An earthquake in 2011. In March that year the dam broke."
    assert _read(text)[1][:2] == ("March", "2011-03")


def test_nothing_is_counted_from_a_date_of_another_paragraph() -> None:
    assert _read("He left on March 5.\n\nThe next day he rested.")[1:] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("le 12 juin 2022", "2022-06-12"),
        ("am 1. März 2022", "2022-03-01"),
        ("el 12 de junio de 2022", "2022-06-12"),
        ("1er août 2021", "2021-08-01"),
        ("3 марта 2022 года", "2022-03-03"),
        ("2022年6月12日", "2022-06-12"),
        ("2022년 6월 12일", "2022-06-12"),
        ("em março de 2022", "2022-03"),
        ("12.6.2022", "2022-06-12"),
        ("12 juin", None),
        ("en 2018", None),
    ],
)
def test_full_dates_of_other_languages(text: str, value: str | None) -> None:
    found = dates(text, published=WEDNESDAY, english=False)
    assert [d.value for d in found] == ([value] if value else [])


def test_publication_may_have_a_time() -> None:
    published = datetime(2022, 7, 13, 9, 30, tzinfo=UTC)
    assert _read("yesterday", published) == [("yesterday", "2022-07-12", DAY)]


def test_vague_counts_have_no_value() -> None:
    assert _read("a few months ago") == [("a few months ago", None, MONTH)]


def test_only_figures_count_in_other_languages() -> None:
    text = "Le 5 of March 2022, en 2018: 3/4/2022, 2022-03-05"
    found = dates(text, published=WEDNESDAY, english=False)
    assert [d.value for d in found] == ["2022-04-03", "2022-03-05"]


def test_leap_day_is_found_in_the_last_leap_year_near() -> None:
    assert _read("on February 29", date(2024, 3, 1)) == [("February 29", "2024-02-29", DAY)]
    assert _read("on February 29", date(2022, 7, 1)) == [("February 29", None, DAY)]


@pytest.mark.parametrize("published", [date.min, date.max])
def test_ends_of_the_calendar(published: date) -> None:
    dates("last year, next week, 50 years ago, in March, on March 5, Monday", published=published)


_PIECES_TEXT = (
    "March May 5 5th 2018 2022-03-05 Tuesday night last week early late the end of two ago later "
    "year years day days yesterday next 13/7/2022 3/4/22 , . - 3 and third quarter Q3 fiscal "
    "profit 9 a.m. noon on in will said by 31 Feb. 9/11 1990s same that a half 29 "
    "February 0 0000 9999 \n"
)
_PIECES = st.sampled_from(_PIECES_TEXT.split(" "))
_TEXT = st.one_of(st.text(max_size=80), st.lists(_PIECES, max_size=20).map(" ".join))


@settings(max_examples=60, deadline=None)
@given(_TEXT, st.none() | st.dates(), st.booleans())
def test_spans_are_in_order_and_values_are_as_long_as_their_precision(
    text: str, published: date | None, english: bool
) -> None:
    last = 0
    length = {DAY: 10, MONTH: 7, YEAR: 4}
    for found in dates(text, published=published, english=english):
        assert last <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == text[found.start : found.end].strip()
        if found.value is not None:
            assert len(found.value) == length[found.precision]
            assert date.fromisoformat(found.value + "-01-01"[: 10 - len(found.value)])
        last = found.end


@settings(max_examples=60, deadline=None)
@given(_TEXT, _TEXT)
def test_an_appended_paragraph_changes_nothing_before_it(text: str, more: str) -> None:
    text = text.rstrip("\n")
    before = dates(text, published=WEDNESDAY)
    after = dates(text + "\n\n" + more, published=WEDNESDAY)
    assert [d for d in after if d.start < len(text)] == before


@pytest.mark.parametrize(
    "hostile",
    [
        *("0" * 3_000, "1/2/" * 800, "2022-" * 600, "the " * 800, " " * 3_000, "May " * 800),
        *("Monday, " * 400, "5, " * 1_000, "a.m. " * 600, "June 3 and 5 or " * 200, "19" * 1_500),
        *(
            "two days later " * 200,
            "in March 2 " * 300,
            "\n" * 3_000,
            "year-" * 600,
            "9 a.m. " * 400,
        ),
    ],
)
def test_repeated_pieces_do_not_slow_it(hostile: str) -> None:
    """A pattern that went back and forth over its text would not end within the suite."""
    for found in dates(hostile, published=WEDNESDAY):
        assert found.end - found.start < 60


@pytest.mark.parametrize(
    ("value", "precision", "said"),
    [
        ("2022-07-12", DAY, "12 Jul 2022"),
        ("2022-07", MONTH, "Jul 2022"),
        ("2022", YEAR, "2022"),
        ("0984", YEAR, "984"),
        ("2022-07-12", MONTH, "Jul 2022"),
        ("2022-07-12T10:00:00Z", Precision.SECOND, "12 Jul 2022"),
        (None, DAY, ""),
        ("soon", DAY, "soon"),
        ("2022-13-01", DAY, "2022-13-01"),
    ],
)
def test_a_value_in_plain_words(value: str | None, precision: Precision, said: str) -> None:
    assert meaning(value, precision) == said
