"""The tagger: plain sentences, exact places, hostile text, and weights that are not its own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.entities import tagger
from newsreader.entities.engine import EngineError
from newsreader.entities.tagger import (
    DILATIONS,
    TAGS,
    Network,
    NetworkTagger,
    describe,
    names_of,
    shape,
    tokens,
)


@pytest.fixture(scope="module")
def network() -> NetworkTagger:
    return NetworkTagger()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Angela Merkel met Emmanuel Macron in Berlin.", "PERSON PERSON LOC"),
        ("The World Bank lent Kenya two billion dollars.", "ORG LOC"),
        ("Officials in Ottawa, Canada, declined to comment.", "LOC LOC"),
        ("Maria Gonzalez of the Red Cross flew to Geneva.", "PERSON ORG LOC"),
        ("It rained for three days and nobody came.", ""),
        ("", ""),
        ("\n\n \n", ""),
    ],
)
def test_plain_sentences(network: NetworkTagger, text: str, names: str) -> None:
    (found,) = network.tag([text])
    assert [tag.label for tag in found] == names.split()


def test_names_stand_where_they_are(network: NetworkTagger) -> None:
    text = "On Monday the U.S.-backed plan of Angela Merkel's allies reached Berlin."
    (found,) = network.tag([text])
    surfaces = [text[tag.start : tag.end] for tag in found]
    assert "Angela Merkel" in surfaces and "Berlin" in surfaces


_PIECES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["U.S.", "O'Neill", "Angela Merkel", "’s", "\n\n", "\ud800", "\x1b[0m", "ß" * 90]
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(_PIECES, max_size=12).map(" ".join), max_size=3))
def test_any_text_is_taken(network: NetworkTagger, texts: list[str]) -> None:
    found = network.tag(texts)
    assert len(found) == len(texts)
    for text, tags in zip(texts, found, strict=True):
        last = 0
        for start, end, label in tags:
            assert last <= start < end <= len(text)
            assert label in tagger.LABELS and text[start:end].strip()
            last = end
        # A text stands alone: its neighbours in the batch change nothing.
        assert network.tag([text]) == [tags]


@given(st.text(max_size=200))
def test_tokens_cover_all_but_spaces(text: str) -> None:
    found = tokens(text)
    last = 0
    for start, end, _form in found:
        assert not text[last:start].strip()
        assert start < end
        last = end
    assert not text[last:].strip()
    assert all(n >= 0 for token in found for n in describe(token.form)[:4])


def test_shapes() -> None:
    assert [shape(word) for word in ("Maduro", "U.S.", "F16", "", "北京")] == [
        "Xxxx",
        "X.X.",
        "Xdd",
        "",
        "cc",
    ]


@given(st.lists(st.integers(0, len(TAGS) - 1), max_size=30))
def test_any_tags_are_read(tags: list[int]) -> None:
    last = -1
    for first, end, label in names_of(tags):
        assert last < first <= end < len(tags)
        assert {TAGS[n].partition("-")[2] for n in tags[first : end + 1]} == {label}
        last = end


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineError, match="cannot be read"):
        Network(b"not an archive")
    monkeypatch.setattr(tagger, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(EngineError, match="not the expected ones"):
        NetworkTagger()
    monkeypatch.setattr(tagger, "WEIGHTS", "nothing.bin")
    with pytest.raises(EngineError, match="missing"):
        NetworkTagger()


def test_a_word_sees_its_neighbours_and_no_further(network: NetworkTagger) -> None:
    reach = sum(DILATIONS)
    words = ["word"] * 60
    other = ["Berlin", *words[1:]]
    one, two = network._network.scores(words), network._network.scores(other)
    assert (one[0] != two[0]).any()
    assert abs(one[reach + 1 :] - two[reach + 1 :]).max() < 1e-4
