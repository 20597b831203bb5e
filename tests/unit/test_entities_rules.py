"""The rules of names, without the engine: spans, tables, short forms, acronyms."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.entities import Recogniser, Tagged
from newsreader.entities.gazetteer import gazetteer
from newsreader.entities.names import NameIndex, fold, plain
from newsreader.entities.rules import headings, is_no_kind, strip_titles, trim
from newsreader.entities.spans import Found
from newsreader.entities.splitting import split_owner
from newsreader.entities.spotting import recurring
from newsreader.model import EntityKind, Recognised

PERSON, PLACE = EntityKind.PERSON, EntityKind.PLACE
ORGANISATION, DEMONYM = EntityKind.ORGANISATION, EntityKind.DEMONYM


class Script:
    """A tagger that sees the names it was given, the first of each in each text."""

    def __init__(self, **labels: str) -> None:
        self._names = [
            (label, name) for label, names in labels.items() for name in names.split("|")
        ]

    def tag(self, texts: list[str]) -> list[list[Tagged]]:
        return [
            sorted(
                Tagged(text.index(name), text.index(name) + len(name), label)
                for label, name in self._names
                if name in text
            )
            for text in texts
        ]


def _names(text: str, **labels: str) -> list[tuple[str, EntityKind, str]]:
    found = Recogniser(Script(**labels)).recognise(text)
    return [(text[m.start : m.end], m.kind, m.name) for m in found]


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("the Associated Press", "Associated Press"),
        ("Venezuela's", "Venezuela"),
        ("“Citgo”,", "Citgo"),
        ("U.S.", "U.S."),
        ("Chevron Corp.", "Chevron Corp."),
        ("Caracas.", "Caracas"),
        ("Heath\nThe", "Heath"),
        ("The Hague", "The Hague"),
        ("Heath\r", "Heath"),
        ("the", "the"),
    ],
)
def test_trim(surface: str, name: str) -> None:
    start, end = trim(surface, 0, len(surface))
    assert surface[start:end] == name


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("President Ana Torres", "Ana Torres"),
        ("Sen. Bob Lee", "Bob Lee"),
        ("Vice President Ana Torres", "Ana Torres"),
        ("Lt. Gen. Bob Lee", "Bob Lee"),
        ("President", "President"),
    ],
)
def test_titles_are_no_part_of_a_name(surface: str, name: str) -> None:
    assert surface[strip_titles(surface, 0, len(surface), gazetteer().titles) :] == name


def test_a_short_form_means_the_one_full_name() -> None:
    text = "Envoy Ana Guaidó met Bob Heath. Guaido spoke first; then Heath left."
    assert _names(text, PERSON="Ana Guaidó|Bob Heath") == [
        ("Ana Guaidó", PERSON, "Ana Guaidó"),
        ("Bob Heath", PERSON, "Bob Heath"),
        ("Guaido", PERSON, "Ana Guaidó"),
        ("Heath", PERSON, "Bob Heath"),
    ]


def test_a_surname_of_two_people_stays_alone() -> None:
    text = "Ana Torres and Luis Torres were there. Later Torres left."
    people = _names(text, PERSON="Ana Torres|Luis Torres")
    assert [name for _, _, name in people] == ["Ana Torres", "Luis Torres", "Torres"]
    third = Recogniser(Script(PERSON="Ana Torres|Luis Torres|Torres left")).recognise(text)
    assert all(m.name in ("Ana Torres", "Luis Torres", "Torres", "Torres left") for m in third)


def test_a_surname_of_two_words() -> None:
    text = "Chris Van Hollen spoke. Then Van Hollen left."
    found = _names(text, PERSON="Chris Van Hollen")
    assert [name for _, _, name in found] == ["Chris Van Hollen"] * 2


def test_the_accented_spelling_is_canonical() -> None:
    text = "Ana Guaido spoke. Later Ana Guaidó left."
    found = _names(text, PERSON="Ana Guaido|Ana Guaidó")
    assert {name for _, _, name in found} == {"Ana Guaidó"}


def test_a_surname_is_not_the_noun() -> None:
    text = (
        "James Story flew in. The story was long. Story after story was told. "
        "He met Story again. It was the Story of the year. Toy Story ran."
    )
    found = _names(text, PERSON="James Story")
    assert [(surface, text.index("met Story") + 4) for surface, _, _ in found][1:] == [
        ("Story", text.index("met Story") + 4)
    ]
    assert len(found) == 2


def test_a_surname_inside_another_name_is_not_the_man() -> None:
    text = "Matthew Heath spoke. Maria Heath left. Heath Ledger acted. But Heath stayed."
    found = [s for s, _, _ in _names(text, PERSON="Matthew Heath")]
    assert found == ["Matthew Heath", "Maria Heath", "Heath"]


def test_wrong_kinds_are_put_right() -> None:
    text = "Ana Maduro spoke in the state of Tachira. Maduro praised Chevron and Citgo."
    found = _names(text, PERSON="Ana Maduro|Chevron", ORG="Maduro praised|Tachira", GPE="Citgo")
    kinds = {surface: kind for surface, kind, _ in found}
    assert kinds["Tachira"] is PLACE
    assert kinds["Chevron"] is kinds["Citgo"] is ORGANISATION


def test_names_of_the_tables_are_found_without_the_tagger() -> None:
    text = "(AP) The U.S. and the United States; Venezuelans, an American; Reuters in Caracas."
    assert _names(text) == [
        ("AP", ORGANISATION, "Associated Press"),
        ("U.S.", PLACE, "United States"),
        ("United States", PLACE, "United States"),
        ("Venezuelans", DEMONYM, "Venezuela"),
        ("American", DEMONYM, "United States"),
        ("Reuters", ORGANISATION, "Reuters"),
        ("Caracas", PLACE, "Caracas"),
    ]


def test_pairs_are_split() -> None:
    assert _names("the U.S.-Venezuelan talks", PERSON="U.S.-Venezuelan") == [
        ("U.S.", PLACE, "United States"),
        ("Venezuelan", DEMONYM, "Venezuela"),
    ]
    assert _names(
        "Now Venezuelan President Ana Torres left", PERSON="Venezuelan President Ana Torres"
    ) == [
        ("Venezuelan", DEMONYM, "Venezuela"),
        ("Ana Torres", PERSON, "Ana Torres"),
    ]
    assert _names("the U.S. Navy said", ORG="U.S. Navy") == [
        ("U.S. Navy", ORGANISATION, "U.S. Navy")
    ]


def test_acronyms_mean_the_long_name() -> None:
    text = "The River Water Board (RWB) met. Later the RWB voted."
    found = _names(text, ORG="River Water Board")
    assert [name for _, _, name in found] == ["River Water Board"] * 3


def test_a_firm_has_one_name_with_and_without_its_form() -> None:
    text = "Torres Steel Inc. grew. Torres Steel fell. Chevron Corp. waits."
    found = _names(text, ORG="Torres Steel Inc.|Chevron Corp.")
    assert [name for _, _, name in found] == ["Torres Steel", "Torres Steel", "Chevron"]


def test_the_tables_find_nothing_in_other_names() -> None:
    text = "She won the French Open and speaks German in Rome."
    assert [s for s, _, _ in _names(text, EVENT="French Open", LANGUAGE="German")] == ["Rome"]


def test_state_abbreviations_and_datelines() -> None:
    text = "DELRAY BEACH, Fla. (AP) - It rained in Ga. and Ky."
    assert [name for _, _, name in _names(text, GPE="DELRAY BEACH|Fla")] == [
        "Delray Beach",
        "Florida",
        "Associated Press",
        "Georgia",
        "Kentucky",
    ]


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("WEXCOMBE (Coast Wire) - The", ["Coast Wire"]),
        ("ORSANA, July 5 (Coast Wire) -- The", ["Coast Wire"]),
        ("WEXCOMBE (March) - The", []),
        ("WEXCOMBE (July 5) - The", []),
        ("WEXCOMBE (The small one) - The", []),
        ("Wexcombe (Coast Wire) - The", []),
    ],
)
def test_a_dateline_names_its_agency(line: str, agency: list[str]) -> None:
    found = [s for s, kind, _ in _names(line) if kind is ORGANISATION]
    assert found == agency


def test_a_name_of_which_a_part_was_seen_is_whole_as_elsewhere() -> None:
    text = "The Coast Wire asked. Photo: Coast Wire. Coast Wired it; the Wire, the Coast of Wire."
    place = text.index("Wire.")
    names = [
        Found(4, 14, ORGANISATION),
        Found(place, place + 4, ORGANISATION),
        *(Found(m.start(), m.end(), PLACE) for m in re.finditer("Coast", text)),
    ]
    whole = {(n.start, text[n.start : n.end]) for n in recurring(text, names)}
    assert whole == {(4, "Coast Wire"), (place - 6, "Coast Wire")}
    assert not list(recurring("Wire Coast Wire"[5:], [Found(0, 5, PLACE)]))


@pytest.mark.parametrize(
    ("raw", "surface"),
    [
        ("Ana Torres/AP", "Ana Torres"),
        ("Ana Torres https://t.example/1", "Ana Torres"),
        ("Ana Torres of", "Ana Torres"),
    ],
)
def test_what_is_glued_to_a_name_is_cut_off(raw: str, surface: str) -> None:
    assert _names("So " + raw + " x", PERSON=raw)[0][0] == surface


def test_headings_name_nothing_new() -> None:
    text = "Leaders Resume Relations With Venezuela After Talks\n\nThey met in Rome."
    assert headings(text) == [(0, text.index("\n"))]
    found = [s for s, _, _ in _names(text, ORG="Leaders Resume Relations")]
    assert found == ["Venezuela", "Rome"]


def test_the_title_explains_a_short_name() -> None:
    tagger = Script(PERSON="Joe Biden")
    found = Recogniser(tagger).recognise("Biden spoke.", title="What Joe Biden said to them")
    assert [m.name for m in found] == ["Joe Biden"]


def test_other_languages_get_tables_only() -> None:
    tagger = Script(PERSON="Der Kanzler")
    text = "Der Kanzler reiste am 13.7.2022 nach Caracas."
    found = Recogniser(tagger).recognise(text, language="de")
    assert [text[m.start : m.end] for m in found] == ["13.7.2022", "Caracas"]
    assert Recogniser(tagger).recognise("Привет из Москвы", language="en") == []


def test_a_name_beats_the_shorter_date_in_it() -> None:
    found = _names("Then Theresa May spoke in May.", PERSON="Theresa May")
    assert [s for s, _, _ in found] == ["Theresa May", "May"]
    assert found[1][1] is EntityKind.DATE


def test_every_demonym_and_place_has_a_name() -> None:
    for form, entry in gazetteer().forms.items():
        assert form
        assert entry.name
        assert "?" not in entry.name
        assert not any(mark in form for mark in "?|;=")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=100))
def test_plain_keeps_offsets(text: str) -> None:
    assert len(plain(text)) == len(text)
    assert fold(text) == fold(plain(text))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text("aB é-.", min_size=1, max_size=5), max_size=6), st.text("aB é-.", max_size=40)
)
def test_known_names_are_found_whole_and_in_order(names: list[str], text: str) -> None:
    text, last = plain(text), 0
    forms = {plain(name) for name in names}
    for start, end in NameIndex(names).find(text):
        assert last <= start < end
        assert text[start:end] in forms
        assert not (text[end - 1].isalnum() and text[end : end + 1].isalnum())
        last = end


class Anything:
    """A tagger that calls given slices of every text names."""

    def __init__(self, spans: list[tuple[int, int, str]]) -> None:
        self._spans = spans

    def tag(self, texts: list[str]) -> list[list[Tagged]]:
        tagged = []
        for text in texts:
            at, found = 0, []
            for gap, length, label in self._spans:
                start, end = at + gap, min(len(text), at + gap + length)
                if start < end:
                    found.append(Tagged(start, end, label))
                    at = end
            tagged.append(found)
        return tagged


_WORDS_TEXT = (
    "President Ana Torres Torres's the The U.S. U.S.-Venezuelan Venezuelan (AP) AP Mr. Jr. Tachira "
    "“Citgo” Citgo March 5 May 2018 Tuesday night said and . , \n\n - ' é"
)
_WORDS = st.sampled_from(_WORDS_TEXT.split(" "))
_LABELS = st.sampled_from(["PERSON", "ORG", "GPE", "NORP", "FAC", "EVENT", "DATE"])
_SPANS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 24), _LABELS), max_size=8)


def check(text: str, found: list[Recognised]) -> None:
    last = 0
    for mention in found:
        assert last <= mention.start < mention.end <= len(text)
        surface = text[mention.start : mention.end]
        assert surface == surface.strip()
        assert (mention.name == "") == (mention.kind is EntityKind.DATE)
        assert (mention.precision is not None) == (mention.kind is EntityKind.DATE)
        last = mention.end


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=120), st.lists(_WORDS, max_size=25).map(" ".join)), _SPANS)
def test_whatever_the_tagger_says_mentions_are_sound(
    text: str, spans: list[tuple[int, int, str]]
) -> None:
    check(text, Recogniser(Anything(spans)).recognise(text, title=text[:40]))


@pytest.mark.parametrize(
    ("surface", "none"),
    [
        ("Pulitzer Prize", True),
        ("Prize for Peace", True),
        ("Massachusetts Institute of Technology", False),
        ("Ministry of Defence", False),
        ("Prize", False),
    ],
)
def test_the_head_of_a_name_says_whether_it_is_one_of_ours(surface: str, none: bool) -> None:
    assert is_no_kind(surface) is none


def test_a_peoples_army_has_no_owner() -> None:
    text = "Korean People's Army"
    found = Found(0, len(text), EntityKind.ORGANISATION)
    assert list(split_owner(text, found, gazetteer())) == [found]
