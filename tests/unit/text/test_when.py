from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.model import Precision
from newsreader.text.when import find_day, parse_when

TENTH = datetime(2022, 6, 28, 10, 0, tzinfo=UTC)
DAY = datetime(2022, 6, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("2022-06-28T10:00:00Z", TENTH, Precision.SECOND),
        ("2022-06-28 12:00:00.5+02:00", TENTH, Precision.SECOND),
        ("Tue, 28 Jun 2022 10:00:00 GMT", TENTH, Precision.SECOND),
        ("Tue, 28 Jun 22 06:00:00 EDT", TENTH, Precision.SECOND),
        ("June 28, 2022 at 6:00 a.m. EDT", TENTH, Precision.SECOND),
        ("Tue Jun 28 10:00:00 2022", TENTH, Precision.SECOND),
        ("2022-06-28", DAY, Precision.DAY),
        ("20220628", DAY, Precision.DAY),
        ("Tuesday, June 28, 2022", DAY, Precision.DAY),
        ("28 Jun 2022", DAY, Precision.DAY),
        ("28th of June 2022", DAY, Precision.DAY),
        ("28 de junio de 2022", DAY, Precision.DAY),
        ("28. Juni 2022", DAY, Precision.DAY),
        ("28 juin 2022", DAY, Precision.DAY),
        ("June 2022", datetime(2022, 6, 1, tzinfo=UTC), Precision.MONTH),
        ("2022", datetime(2022, 1, 1, tzinfo=UTC), Precision.YEAR),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC), Precision.SECOND),
    ],
)
def test_parse_when(text: str, moment: datetime, precision: Precision) -> None:
    assert parse_when(text) == (moment, precision)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "0000-00-00", "2022-02-30", "9999-12-31T23:59:59-12:00", "Foo 28, 2022"],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse_when(text) is None


def test_find_day() -> None:
    assert find_day("Published on June 28, 2022 by us") == (DAY, 13, 26)
    assert find_day("in June 2022") is None


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="0123456789-:TZ +.,JuneMay", max_size=40))
def test_any_text_gives_a_time_in_utc_or_none(text: str) -> None:
    when = parse_when(text)
    assert when is None or when[0].tzinfo is UTC
