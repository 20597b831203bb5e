from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.search import matches, parse, snippet
from newsreader.search._analysis import language_of, memo, spans_of, token_pattern

TEXT = (
    "The U.S. raised oil prices. Juan Guaidó’s plan for COVID-19 cost $1,000.\n\n"
    "Matthew Heath was in the white house, the White House said: 日本語の新聞."
)


def shown(query: str, text: str = TEXT, *, title: bool = False) -> list[str]:
    return [text[start:end] for start, end in matches(text, parse(query), title=title)]


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("price", ["prices"]),
        ("guaido", ["Guaidó"]),
        ("us", ["U.S."]),
        ("covid-19", ["COVID-19"]),
        ("1000", ["1,000"]),
        ('"white house"', ["white house", "White House"]),
        ('"was white"~2', ["was", "white"]),
        ("rais* oil", ["raised", "oil"]),
        ("pla?", ["plan"]),
        ("hoyse~", ["house", "House"]),
        ("語の新", ["語の新"]),
        ("新", ["新聞"]),
        ("-oil plan", ["plan"]),
        ("person:heath", ["Heath"]),
        ("source:heath", []),
        ("title:heath", []),
        ("date:2022 is:read", []),
        ("", []),
    ],
)
def test_matches_are_shown_as_the_index_finds_them(query: str, right: list[str]) -> None:
    assert shown(query) == right


def test_titles_show_what_is_asked_of_titles() -> None:
    assert shown("title:heath", title=True) == ["Heath"]


WORDS = st.sampled_from(
    [
        "oil",
        "Guaidó’s",
        "white",
        "house",
        "日本語",
        ".",
        "\n\n",
        " ",
        "U.S.",
        "e\u0301",
        "x" * 30,
        "🛢️",
    ]
)
TEXTS = st.lists(WORDS, max_size=60).map(" ".join) | st.text(max_size=80)
QUERIES = st.sampled_from(
    ["oil", "guaido white", '"white house"', "hou*", "日本", "語", "oil~", '"oil white"~2']
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(WORDS, max_size=60).map(" ".join) | st.text(max_size=80), QUERIES, st.integers(8, 200)
)
def test_offsets_hold(text: str, query: str, width: int) -> None:
    found = matches(text, parse(query))
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(left[1] <= right[0] for left, right in pairwise(found))
    excerpt = snippet(text, parse(query), width=width)
    assert len(excerpt.text) <= width
    assert "\n" not in excerpt.text
    last = 0
    for start, end in excerpt.matches:
        assert last <= start < end <= len(excerpt.text)
        last = end
    if found and width > 60:
        assert excerpt.matches
    for start, end in excerpt.matches:
        if '"' not in query and end - start > 2:
            assert matches(excerpt.text[start:end].strip("…"), parse(query))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_tokens_are_in_order_and_inside(text: str) -> None:
    last = 0
    for match in token_pattern.finditer(text):
        forms = memo("en")[match[0]]
        spans = spans_of(match[0], match.start())
        assert len(forms) == len(spans)
        for start, end in spans:
            assert last <= start < end <= len(text)
            last = start


@pytest.mark.parametrize(
    ("language", "text", "query", "right"),
    [
        ("de", "Die Häuser der Stadt", "haus", ["Häuser"]),
        ("de-AT", "Die Häuser der Stadt", "hauser", ["Häuser"]),
        ("fr", "une élection régionale", "elections regional", ["élection", "régionale"]),
        ("ru", "русские книги", "русский книга", ["русские", "книги"]),
        ("", "houses", "house", ["houses"]),
        ("xx", "houses house", "houses", ["houses"]),
    ],
)
def test_words_match_by_the_stems_of_the_language(
    language: str, text: str, query: str, right: list[str]
) -> None:
    found = matches(text, parse(query), language=language)
    assert [text[start:end] for start, end in found] == right


def test_unknown_languages_are_taken_for_english_those_without_a_stemmer_are_not() -> None:
    assert [language_of(each) for each in ("", None, "EN-gb", "pt_BR", "xx")] == [
        "en",
        "en",
        "en",
        "pt",
        "",
    ]


def test_snippets_begin_with_a_sentence_and_cover_the_words() -> None:
    right = "The minister spoke of oil and gas prices at noon."
    text = "Oil rose again. " + "Nothing here. " * 40 + right + " End." * 40
    found = snippet(text, parse("oil gas minister"), width=80)
    assert found.text.startswith(right)
    assert [found.text[a:b] for a, b in found.matches] == ["minister", "oil", "gas"]


def test_a_snippet_without_matches_is_the_beginning() -> None:
    text = "First words\n\nof a  text that is longer than the width"
    found = snippet(text, parse("xyz"), width=30)
    assert (found.text, found.matches) == ("First words of a text that…", ())


def test_a_long_sentence_is_cut_before_the_match() -> None:
    found = snippet("word " * 100 + "oil " + "word " * 100, parse("oil"), width=60)
    assert found.text.startswith("…word")
    assert found.text.endswith("word…")
    assert [found.text[a:b] for a, b in found.matches] == ["oil"]
