"""Names put together within one article, without an engine: people, firms, papers, lists."""

import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.entities import Document, Recogniser, Tagged, known_in
from newsreader.entities.people import People
from newsreader.entities.shorts import firm
from newsreader.model import EntityKind

PERSON, PLACE = EntityKind.PERSON, EntityKind.PLACE
ORGANISATION, DEMONYM = EntityKind.ORGANISATION, EntityKind.DEMONYM


class Everywhere:
    """A tagger that sees every occurrence of the names it was given, the longest first."""

    def __init__(self, **labels: str) -> None:
        self._labels = {name: label for label, names in labels.items() for name in names.split("|")}
        names = sorted(self._labels, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, names)) or r"(?!)")

    def tag(self, texts: Sequence[str]) -> list[list[Tagged]]:
        return [
            [Tagged(*m.span(), self._labels[m.group()]) for m in self._pattern.finditer(text)]
            for text in texts
        ]


class Capitals:
    """A tagger that takes every run of capitalised words for a person or an organisation."""

    def tag(self, texts: Sequence[str]) -> list[list[Tagged]]:
        runs = re.compile(r"[A-Z][\w'.-]*(?: [A-Z][\w.'-]*){0,3}")
        return [
            [Tagged(*m.span(), ("PERSON", "ORG")[m.start() % 2]) for m in runs.finditer(text)]
            for text in texts
        ]


def names(text: str, title: str = "", **labels: str) -> list[tuple[str, EntityKind, str]]:
    found = Recogniser(Everywhere(**labels)).recognise(text, title=title)
    return [(text[m.start : m.end], m.kind, m.name) for m in found]


@pytest.mark.parametrize(
    ("full", "short", "name"),
    [
        (["David Lee"], "Dave Lee", "David Lee"),
        (["Theodore Marsh"], "Ted Marsh", "Theodore Marsh"),
        (["John F. Kennedy"], "John Kennedy", "John F. Kennedy"),
        (["James Smith"], "J. Smith", "James Smith"),
        (["Juan Guaidó"], "Guaido", "Juan Guaidó"),
        (["Kim Jong Un"], "Kim", "Kim Jong Un"),
        (["Chris Van Hollen"], "Van Hollen", "Chris Van Hollen"),
        (["Ana Torres", "Minister Ana Torres"], "Torres", "Ana Torres"),
        (["Jorge [Ramos"], "Ramos", "Jorge Ramos"),
    ],
)
def test_a_short_form_of_one_person(full: list[str], short: str, name: str) -> None:
    assert People([*full, short]).canonical(short) == name


@pytest.mark.parametrize(
    ("full", "short"),
    [
        (["Ana Torres", "Luis Torres"], "Torres"),
        (["James Smith", "John Smith"], "J. Smith"),
        (["Edward Marsh", "Theodore Marsh"], "Marsh"),
        (["Ana Torres"], "Lopez"),
    ],
)
def test_a_short_form_of_nobody_or_of_two_stays_alone(full: list[str], short: str) -> None:
    assert People([*full, short]).canonical(short) in (None, short)


def test_father_and_son_are_two() -> None:
    people = People(["Tom Reed", "Tom Reed Jr."])
    assert people.canonical("Reed Jr.") == "Tom Reed Jr."
    assert people.canonical("Reed") is None
    assert people.canonical("Tom Reed") == "Tom Reed"


def test_a_name_in_the_title_explains_the_surname() -> None:
    found = names(
        "Ortega left early.", title="Mayor Ana Ortega resigns", PERSON="Ana Ortega|Ortega"
    )
    assert found == [("Ortega", PERSON, "Ana Ortega")]


def test_who_said_it_is_a_person_though_the_engine_saw_a_firm() -> None:
    text = "Luis Ortega came first. Later Ortega said no."
    assert names(text, PERSON="Luis Ortega", ORG="Ortega")[-1] == ("Ortega", PERSON, "Luis Ortega")


def test_a_surname_that_is_a_city_stays_the_person_who_speaks() -> None:
    text = "Valerie Paris sued. Paris said so; in Paris the court sat."
    found = names(text, PERSON="Valerie Paris", GPE="Paris")
    assert ("Paris", PERSON, "Valerie Paris") in found


def test_capitals_before_a_name_are_no_part_of_it() -> None:
    text = "CLOSE Ana Torres met reporters. Torres smiled."
    assert names(text, PERSON="CLOSE Ana Torres") == [
        ("Ana Torres", PERSON, "Ana Torres"),
        ("Torres", PERSON, "Ana Torres"),
    ]


def test_two_people_joined_by_a_hyphen_are_two() -> None:
    found = names("The Ana Torres-Bob Lee talks failed.", PERSON="Ana Torres-Bob Lee")
    assert [surface for surface, _, _ in found] == ["Ana Torres", "Bob Lee"]


def test_last_names_first() -> None:
    text = "Present:\nTorres, Ana\nLee, David\nTorres spoke."
    found = names(text, PERSON="Torres|Lee")
    assert found[:2] == [("Torres, Ana", PERSON, "Ana Torres"), ("Lee, David", PERSON, "David Lee")]
    assert found[-1] == ("Torres", PERSON, "Ana Torres")


@pytest.mark.parametrize(
    ("text", "surface", "kind", "name"),
    [
        ("CARACAS (Reuters) - Talks began.", "CARACAS", PLACE, "Caracas"),
        ("OBERNDORF (AP) — Talks began.", "OBERNDORF", PLACE, "Oberndorf"),
        ("PARIS — Talks began.", "PARIS", PLACE, "Paris"),
        ("So it was. (Photo: Ana B Torres, Getty Images)", "Ana B Torres", PERSON, "Ana B Torres"),
        ("Quietly then Oona Zell/AFP left.", "Oona Zell", PERSON, "Oona Zell"),
        ("The film by Maya Zell won.", "Maya Zell", PERSON, "Maya Zell"),
        ("A picture, Ana Torres/EPA", "EPA", ORGANISATION, "European Pressphoto Agency"),
        ("He read POLITICO daily.", "POLITICO", ORGANISATION, "Politico"),
    ],
)
def test_names_that_no_engine_saw(text: str, surface: str, kind: EntityKind, name: str) -> None:
    assert (surface, kind, name) in names(text)


@pytest.mark.parametrize("text", ["It was a Rose Garden party.", "They may Grace Church again."])
def test_words_that_are_given_names_prove_nothing(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    ("label", "text", "expected"),
    [
        ("ORG", "Sunset Boulevard", PLACE),
        ("GPE", "Texas State University", ORGANISATION),
        ("PERSON", "Harlan County", PLACE),
    ],
)
def test_the_last_word_says_the_kind(label: str, text: str, expected: EntityKind) -> None:
    assert names(f"At {text} it rained.", **{label: text})[0][:2] == (text, expected)


@pytest.mark.parametrize("junk", ["www.example.com", "STS-134", "plzz", "lisa_cover.doc", "Share"])
def test_what_cannot_be_a_name(junk: str) -> None:
    assert names(f"See {junk} now.", PERSON=junk) == []


def test_organisations_cut_by_the_engine() -> None:
    found = names("The Bank of Lower Saxony and Torres & Co. met.", ORG="Bank|Torres")
    assert [surface for surface, _, _ in found] == ["Bank of Lower Saxony", "Torres & Co."]


def test_a_town_and_its_country_are_two() -> None:
    found = names("In Jos, Nigeria, it rained.", GPE="Jos, Nigeria")
    assert [surface for surface, _, _ in found] == ["Jos", "Nigeria"]


def test_first_words_and_papers_stand_for_the_whole() -> None:
    text = (
        "Zellwerk Holding Group sold. Zellwerk rose. The Mill Valley Herald told; the Herald knew."
    )
    found = names(text, ORG="Zellwerk Holding Group|Zellwerk|Mill Valley Herald")
    assert ("Zellwerk", ORGANISATION, "Zellwerk Holding Group") in found
    assert ("Herald", ORGANISATION, "Mill Valley Herald") in found


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("The Lower Rhine Canal Board (LRCB) met. LRCB rules.", "ORG"),
        ("LRCB (the Lower Rhine Canal Board) met. LRCB rules.", "ORG"),
    ],
)
def test_acronyms_before_and_after(text: str, label: str) -> None:
    found = names(text, **{label: "Lower Rhine Canal Board", "PERSON": "LRCB"})
    assert {name for s, _, name in found if s == "LRCB"} == {"Lower Rhine Canal Board"}
    assert {kind for s, kind, _ in found if s == "LRCB"} == {ORGANISATION}


def test_african_american_speaks_of_no_two_countries() -> None:
    assert names("An African American poet and an African-American actor.") == []


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("Chevron Corp.", "Chevron"),
        ("Zell & Co.", "Zell"),
        ("Zell, Inc.", "Zell"),
        ("Corp", "Corp"),
    ],
)
def test_the_legal_form_is_no_part_of_the_canonical_name(surface: str, name: str) -> None:
    assert firm(surface) == name


KNOWN = [("Angela Zell", PERSON), ("Zellwerk", ORGANISATION), ("Mercy", PERSON), ("Rome", PLACE)]


def known(text: str, language: str) -> list[str]:
    recogniser = Recogniser(Everywhere())
    recogniser.know(KNOWN)
    found = recogniser.recognise_batch([Document(text=text, language=language)])[0]
    return [text[m.start : m.end] for m in found]


def test_names_the_library_knows_are_found_in_any_language() -> None:
    assert known("Hier soir, Angela Zell a quitté Zellwerk.", "fr") == ["Angela Zell", "Zellwerk"]
    assert known("Gestern hat Angela Zell das Zellwerk verlassen.", "de") == ["Angela Zell"]
    assert known("Then angela zell left Zellwerk; Zellwerks too.", "en") == []
    assert known("Then Angela Zell left.", "en") == ["Angela Zell"]
    assert known("Le soir Mercy est venue.", "fr") == []


def test_known_in_a_line() -> None:
    line = "Reporting by Juan Guaidó and Ana Torres; edited by Torres"
    places = known_in(line, ["Torres", "Ana Torres", "Juan Guaido"])
    assert [(line[start:end], at) for start, end, at in places] == [
        ("Juan Guaidó", 2),
        ("Ana Torres", 1),
        ("Torres", 0),
    ]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.lists(st.text(max_size=8), max_size=5))
def test_known_in_is_sound_on_any_line(line: str, wanted: list[str]) -> None:
    last = 0
    for start, end, at in known_in(line, wanted):
        assert last <= start < end <= len(line)
        assert 0 <= at < len(wanted)
        last = end


_TEXT = (
    "Minister Ana Torres met David Lee of the Lower Rhine Canal Board in Caracas. Torres "
    "thanked Lee. The Board was glad, and Venezuelan papers told the story."
)
_OTHER = st.lists(
    st.sampled_from(
        [
            "Bruno",
            "Zell",
            "went",
            "swimming",
            "Quietly",
            "Peru",
            "Peruvian",
            "rain,",
            "fell.",
            "(XYZ)",
        ]
    ),
    max_size=25,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(_OTHER)
def test_a_paragraph_of_other_words_changes_nothing_before_it(paragraph: str) -> None:
    recogniser = Recogniser(
        Everywhere(PERSON="Ana Torres|David Lee|Torres|Lee|Bruno Zell|Zell", ORG="Canal Board")
    )
    alone = recogniser.recognise(_TEXT)
    longer = recogniser.recognise(f"{_TEXT}\n\n{paragraph}")
    assert [m for m in longer if m.end <= len(_TEXT)] == alone


_SAME = st.lists(
    st.sampled_from([*_TEXT.split(), "\n\n", "Luis", "Mr.", "(LRCB)", "’s", "/AFP", "TORRES,"]),
    max_size=40,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(_SAME, _SAME)
def test_mentions_are_sound_whatever_the_engine_sees(text: str, tagged: str) -> None:
    labels = {"PERSON": tagged[:30] or "x", "ORG": tagged[30:60] or "y", "GPE": "Caracas"}
    last = 0
    for mention in Recogniser(Everywhere(**labels)).recognise(text, title=tagged):
        surface = text[mention.start : mention.end]
        assert last <= mention.start < mention.end <= len(text)
        assert surface == surface.strip()
        assert mention.name or mention.kind is EntityKind.DATE
        last = mention.end


@pytest.mark.parametrize(
    "text",
    [
        "A." * 30_000,
        "University of " * 4_000,
        "Photo by A" * 6_000,
        "Torres, Ana; " * 4_000,
        " x ".join(
            f"{chr(65 + n % 26)}{'abcdefg'[n % 7] * (n % 97 + 1)} Zell" for n in range(3_000)
        ),
    ],
    ids=["dots", "of", "credits", "lists", "relatives"],
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    started = time.process_time()
    Recogniser(Capitals()).recognise(text)
    assert time.process_time() - started < 4
