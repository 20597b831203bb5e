from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.errors import QueryError
from newsreader.search import FIELDS, nodes, parse
from newsreader.search._dates import period
from newsreader.search.query import LATER, MAX_CLAUSES, MAX_DEPTH, MAX_LENGTH, STATUS

HELP = Path(nodes.__file__).parents[1] / "help" / "query.md"

PIECES = st.sampled_from(
    ["oil", "Guaidó", "U.S.", "-", "(", ")", '"', "OR", "NOT", "AND", "*", "~", "~2", "?", " ",
     "title:", "person:", "entity:", "date:", "2022-06", "newer:", "7d", "is:", "unread", "日本",
     "oil price", "ven*", "gov?rn", "presidnt~", '"oil price"~2', "http://a.b/c", "10:30", "&",
     "\x00", "\u202e", "\u200d", "\n", "“", "”", "..", "x:y", "..2020", "has:note", "--", "xyz"]
)  # fmt: skip
TEXT = st.one_of(st.lists(PIECES, max_size=14).map("".join), st.text(max_size=40))


@settings(max_examples=100, deadline=None)
@given(TEXT, st.booleans())
def test_print_of_parse_parses_to_the_same(text: str, typing: bool) -> None:
    try:
        query = parse(text, typing=typing)
    except QueryError as error:
        assert 1 <= error.column <= len(text) + 1
        assert str(error)
        return
    assert parse(str(query)) == query


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("title:venezuela OR caracas", "title:venezuela OR caracas"),
        ("a AND b", "a b"),
        ("a NOT (b OR c)", "a -(b OR c)"),
        ("((a b)) (c d)", "a b c d"),
        ("--a", "a"),
        ("“oil price”~3", '"oil price"~3'),
        ("oil~1", "oil~"),
        ("title:(source:bbc)", "source:bbc"),
        ("title:(a OR b) c", "title:(a OR b) c"),
        ('date:"june  2022"', 'date:"june 2022"'),
        ("or and not", "or and not"),
        ("see http://example.org/x at 10:30", "see http://example.org/x at 10:30"),
        ("oil\x00price", "oil price"),
        ("  ", ""),
    ],
)
def test_reads(text: str, printed: str) -> None:
    assert str(parse(text)) == printed


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("persn:heath", 1, "did you mean 'person:'"),
        ("oil Title:x", 5, "did you mean 'title:'"),
        ("oil person:", 12, "needs a word"),
        ('say "oil', 5, "not closed"),
        ("(oil", 1, "not closed"),
        ("oil)", 4, "closes nothing"),
        ("oil OR", 7, "after"),
        ("OR oil", 1, "before"),
        ("NOT OR oil", 1, "missing"),
        ("AND", 1, "both sides"),
        ("oil ()", 5, "nothing between"),
        ('""', 1, "nothing between"),
        ("oil~9", 4, "1 or 2"),
        ("*", 1, "two letters"),
        ("a*", 2, "two letters"),
        ("*oil", 1, "three letters"),
        ("date:soon", 6, "needs a time"),
        ("date:2022-13", 6, "needs a time"),
        ("newer:2021..2022", 7, "needs a time"),
        ("mentions:7d", 10, "needs a time"),
        ("is:new", 4, "read, unread"),
        ("cites:reuters", 1, "not in this version"),
        ('"a b"~99', 6, "at most 50"),
        ("x" * (MAX_LENGTH + 1), MAX_LENGTH + 1, "longer"),
        ("(" * 300 + "x" + ")" * 300, MAX_DEPTH + 2, "levels"),
        ("-" * 300 + "x", MAX_DEPTH + 2, "levels"),
        ("x " * (MAX_CLAUSES + 1), MAX_CLAUSES * 2 + 1, "words"),
    ],
)
def test_what_cannot_be_read_says_where(text: str, column: int, words: str) -> None:
    with pytest.raises(QueryError, match=words) as caught:
        parse(text)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ('oil "white hou', 'oil "white hou"'),
        ("oil OR", "oil*"),
        ("oil OR ", "oil"),
        ("oil -", "oil -"),
        ("oil NOT ", "oil"),
        ("oil person:", "oil"),
        ("oil person:hea", "oil person:hea*"),
        ("oil (gas", "oil gas*"),
        ("oil (", "oil"),
        ("date:202", ""),
        ("oil is:un", "oil"),
        ("oil pri", "oil pri*"),
        ("oil pri ", "oil pri"),
        ("oil p", "oil p"),
        ("jean-clau", "jean-clau*"),
        ("日", "日*"),
        ("", ""),
    ],
)
def test_while_typing_the_finished_part_counts(text: str, finished: str) -> None:
    if text == "oil OR":
        finished = "oil"
    assert str(parse(text, typing=True)) == finished


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(['title:(oil OR "white house") -gas date:2021..2022 is:unread ven*']), st.data()
)
def test_every_beginning_of_a_good_query_can_be_typed(text: str, data: st.DataObject) -> None:
    parse(text[: data.draw(st.integers(0, len(text)))], typing=True)


NOW = datetime(2022, 6, 29, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "text", "begin", "end"),
    [
        ("date", "2022", "2022-01-01", "2023-01-01"),
        ("date", "2021..2023", "2021-01-01", "2024-01-01"),
        ("date", "2022-06", "2022-06-01", "2022-07-01"),
        ("date", "december 2021", "2021-12-01", "2022-01-01"),
        ("date", "28 June 2022", "2022-06-28", "2022-06-29"),
        ("date", "June 28, 2022", "2022-06-28", "2022-06-29"),
        ("date", "today", "2022-06-29", "2022-06-30"),
        ("date", "yesterday", "2022-06-28", "2022-06-29"),
        ("date", "last week", "2022-06-20", "2022-06-27"),
        ("date", "last month", "2022-05-01", "2022-06-01"),
        ("date", "..2020", None, "2021-01-01"),
        ("date", "2022-06..", "2022-06-01", None),
        ("older", "2022-06", None, "2022-06-01"),
        ("newer", "yesterday", "2022-06-28", None),
    ],
)
def test_periods(field: str, text: str, begin: str | None, end: str | None) -> None:
    expected = tuple(
        datetime.fromisoformat(d).replace(tzinfo=UTC) if d else None for d in (begin, end)
    )
    assert period(field, text, NOW, UTC) == expected


def test_periods_are_in_the_users_zone() -> None:
    caracas, karachi = ZoneInfo("America/Caracas"), ZoneInfo("Asia/Karachi")
    assert period("date", "today", NOW, karachi)[0] == datetime(2022, 6, 29, 19, tzinfo=UTC)
    assert period("date", "today", NOW, caracas)[0] == datetime(2022, 6, 29, 4, tzinfo=UTC)
    assert period("newer", "7d", NOW, caracas) == (NOW - timedelta(7), None)
    assert period("older", "2 weeks", NOW, caracas) == (None, NOW - timedelta(14))


@pytest.mark.parametrize(
    "text", ["", "..", "2023..2021", "0000", "9999", "9999-12-31", "june", "2022-02-30"]
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        period("date", text, NOW, UTC)


def test_every_field_is_in_the_help() -> None:
    text = HELP.read_text(encoding="utf-8")
    for field in (*FIELDS, *LATER):
        assert f"`{field}:`" in text, field
    for field, values in STATUS.items():
        for value in values:
            assert f"`{field}:{value}`" in text


def test_the_words_of_a_phrase_count() -> None:
    parse('"' + "oil " * 200 + '"')
    with pytest.raises(QueryError, match="more than 200 words"):
        parse('"' + "oil " * 201 + '"')
