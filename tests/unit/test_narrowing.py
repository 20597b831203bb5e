"""A query narrowed by a filter and widened again means what it meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.completion import FIELDS, Token, fields, token, written
from newsreader.errors import QueryError
from newsreader.search import FIELDS as KNOWN
from newsreader.search import parse
from newsreader.tui.narrowing import has, narrowed, widened

WORDS = st.sampled_from(["oil", "gas", '"oil price"', "OR", "(a OR b)", "-war", "is:unread", "x*"])
QUERIES = st.lists(WORDS, min_size=0, max_size=5).map(" ".join)


@given(QUERIES, st.sampled_from(["source", "date", "person"]), st.text(max_size=12))
@settings(max_examples=60, deadline=None)
def test_widening_takes_back_narrowing(query: str, field: str, value: str) -> None:
    try:
        meant = parse(query)
    except QueryError:
        return
    clause = written(field if field != "date" else "tag", value or "x")
    more = narrowed(query, clause)
    assert has(more, clause)
    assert str(parse(widened(more, clause))) == str(meant)
    assert narrowed(more, clause).count(clause) == 2


@pytest.mark.parametrize(
    ("query", "clause", "more"),
    [
        ("", "date:2022", "date:2022"),
        ("oil", 'source:"A B"', 'oil source:"A B"'),
        ("oil OR gas", "date:2022", "(oil OR gas) date:2022"),
        ("(oil OR gas)", "date:2022", "(oil OR gas) date:2022"),
        ("(a) OR (b)", "date:2022", "((a) OR (b)) date:2022"),
        ('"oil pri', "date:2022", '"oil pri" date:2022'),
    ],
)
def test_narrowed(query: str, clause: str, more: str) -> None:
    assert narrowed(query, clause) == more
    assert widened("oil", clause) == "oil"


def test_what_is_repeated_of_the_query_language_is_what_it_has() -> None:
    assert FIELDS == KNOWN


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("per", Token(0, 3, None, "per")),
        ("oil (Per", Token(5, 8, None, "per")),
        ("-so", Token(1, 3, None, "so")),
        ("oil source:lat", Token(4, 14, "source", "lat")),
        ('oil source:"latin po', Token(4, 20, "source", "latin po")),
        ("-tag:", Token(1, 5, "tag", "")),
        ('title:"a b', Token(0, 10, "title", "a b")),
        ('"oil pri', None),
        ("http://x", None),
        ("oil ", None),
        ("", None),
        ('person:"a" ', None),
    ],
)
def test_what_is_completed_at_the_end(text: str, found: Token | None) -> None:
    assert token(text, len(text)) == found


def test_what_is_completed_inside() -> None:
    assert token("per oil", 3) == Token(0, 3, None, "per")
    assert token("person oil", 3) is None
    assert token('source:"la" oil', 10) == Token(0, 11, "source", "la")
    assert token('source:"la oil', 10) is None


@given(st.text(max_size=30), st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_a_token_lies_before_the_cursor(text: str, at: int) -> None:
    at = min(at, len(text))
    found = token(text, at)
    if found is not None:
        assert 0 <= found.start <= at <= found.end <= len(text)


@given(st.text(max_size=30).map(lambda text: f"a{text}"))
@settings(max_examples=60, deadline=None)
def test_a_written_value_is_one_filter(value: str) -> None:
    query = written("source", value)
    assert str(parse(f"{query} oil")).endswith(" oil")
    assert '"' not in query.removeprefix("source:").strip('"')


def test_names_of_fields() -> None:
    assert fields("p") == []
    assert fields("pe") == ["person:"]
