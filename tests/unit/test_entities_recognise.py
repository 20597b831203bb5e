"""The recogniser with the real model on short reports in our own words."""

import time
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.entities import Document, Recogniser
from newsreader.model import EntityKind, Precision, Recognised

REPORT = """Washington sent envoy Roger Carstens and ambassador James Story to Caracas on Monday \
to bring home American citizens who are held in Venezuela.

The Associated Press reported that President Nicolas Maduro confirmed the visit. Maduro received \
the U.S. delegation, and the United States called the talks useful.

Before the trip, U.S.-Venezuelan relations had been cold. The opposition leader, Juan Guaidó, was \
told of it early. Guaido thanked Carstens and Story, the AP said.

The family of Matthew Heath hopes for his release. Heath was arrested in the state of Tachira in \
September 2020 after he left Colombia. The first visit was on March 5; the story was told late in \
many papers. Executives of Citgo are held too, and Chevron waits for a licence.
"""


@pytest.fixture(scope="module")
def recogniser() -> Iterator[Recogniser]:
    yield Recogniser()


@pytest.fixture(scope="module")
def report(recogniser: Recogniser) -> list[Recognised]:
    return recogniser.recognise(REPORT, published=date(2022, 7, 13))


def _named(found: list[Recognised], surface: str) -> set[tuple[EntityKind, str]]:
    return {(m.kind, m.name) for m in found if REPORT[m.start : m.end] == surface}


@pytest.mark.parametrize(
    ("surface", "kind", "name"),
    [
        ("Roger Carstens", EntityKind.PERSON, "Roger Carstens"),
        ("Carstens", EntityKind.PERSON, "Roger Carstens"),
        ("Story", EntityKind.PERSON, "James Story"),
        ("Maduro", EntityKind.PERSON, "Nicolas Maduro"),
        ("Guaido", EntityKind.PERSON, "Juan Guaidó"),
        ("Heath", EntityKind.PERSON, "Matthew Heath"),
        ("Caracas", EntityKind.PLACE, "Caracas"),
        ("Tachira", EntityKind.PLACE, "Táchira"),
        ("U.S.", EntityKind.PLACE, "United States"),
        ("United States", EntityKind.PLACE, "United States"),
        ("American", EntityKind.DEMONYM, "United States"),
        ("Venezuelan", EntityKind.DEMONYM, "Venezuela"),
        ("Associated Press", EntityKind.ORGANISATION, "Associated Press"),
        ("AP", EntityKind.ORGANISATION, "Associated Press"),
        ("Citgo", EntityKind.ORGANISATION, "Citgo"),
        ("Chevron", EntityKind.ORGANISATION, "Chevron"),
    ],
)
def test_names(report: list[Recognised], surface: str, kind: EntityKind, name: str) -> None:
    assert _named(report, surface) == {(kind, name)}


def test_dates(report: list[Recognised]) -> None:
    found = [
        (REPORT[m.start : m.end], m.date, m.precision) for m in report if m.kind is EntityKind.DATE
    ]
    assert found == [
        ("Monday", "2022-07-11", Precision.DAY),
        ("September 2020", "2020-09", Precision.MONTH),
        ("March 5", "2022-03-05", Precision.DAY),
    ]


def test_the_noun_is_not_the_man(report: list[Recognised]) -> None:
    noun = REPORT.index("story was told")
    assert not any(m.start <= noun < m.end for m in report)


def test_batch_is_the_same_as_one_by_one(recogniser: Recogniser) -> None:
    texts = [REPORT, "", "Ana Torres met Reuters in Paris.", "Привет"]
    batch = recogniser.recognise_batch([Document(text=text) for text in texts])
    assert batch == [recogniser.recognise(text) for text in texts]


def test_broken_characters_keep_offsets(recogniser: Recogniser) -> None:
    text = "\ud800\x00 They flew to \udfff Caracas."
    assert [text[m.start : m.end] for m in recogniser.recognise(text, title="\ud800")] == [
        "Caracas"
    ]


def test_a_long_text_without_a_break_is_bounded(recogniser: Recogniser) -> None:
    text = "Ana Torres of Reuters flew from Paris to Caracas on March 5, " * 900
    started = time.process_time()
    found = recogniser.recognise(text)
    assert time.process_time() - started < 8
    assert sum(m.name == "Reuters" for m in found) == 900
    assert sum(m.kind is EntityKind.DATE for m in found) == 900
    assert all(text[m.start : m.end].strip() == text[m.start : m.end] for m in found)


@pytest.mark.parametrize(
    "text",
    ["(" * 200_000, "A-" * 20_000, "May " * 3_000, "1 " * 5_000, "\n" * 99],
    ids=["brackets", "hyphens", "months", "figures", "lines"],
)
def test_hostile_texts_are_bounded(recogniser: Recogniser, text: str) -> None:
    started = time.process_time()
    recogniser.recognise(text, published=date(2022, 7, 13))
    assert time.process_time() - started < 8


_PART = st.one_of(
    st.text(max_size=40),
    st.sampled_from(REPORT.split()),
    st.sampled_from(["\n\n", "\x00", "’s", "-"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_PART, max_size=30).map(" ".join), st.sampled_from(["en", "de", None, ""]))
def test_mentions_are_sound_on_any_text(
    recogniser: Recogniser, text: str, language: str | None
) -> None:
    last = 0
    for mention in recogniser.recognise(text, title=text[:60], language=language):
        surface = text[mention.start : mention.end]
        assert last <= mention.start < mention.end <= len(text)
        assert surface == surface.strip()
        last = mention.end
