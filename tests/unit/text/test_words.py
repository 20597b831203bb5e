import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.text.words import fold, sentences, word_count


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Guaidó", "guaido"),
        ("ŁÓDŹ", "łodz"),
        ("straße", "strasse"),
        ("ﬁsh ２", "fish 2"),
        ("İstanbul", "istanbul"),
        ("plain Words", "plain words"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    "parts",
    [
        ["The U.S. Senate met on Jan. 5.", "Mr. J. Doe of St. Paul spoke."],
        ["He lives in the U.S.", "The move was hard."],
        ['"Stop!" he said.', "She did not."],
        ["Prices rose 3.5 percent.", "“Why?” asked Sen. Ann Roe, D-Calif., on Friday."],
        ["Acme Inc. Chairman Bob Roe left.", "Nobody knew why…", "It rained."],
        ["She works for Acme Inc.", "The firm is small."],
        ["1. The first point stays whole."],
        ["東京は晴れ。", "大阪は雨！"],
        ["यह पहला है।", "यह दूसरा है।"],
    ],
)
def test_sentences(parts: list[str]) -> None:
    gap = "" if "。" in parts[0] else " "
    assert split(gap.join(parts)) == parts


def test_line_feed_ends_a_sentence() -> None:
    assert split("A heading\n\nThe first words. More") == ["A heading", "The first words.", "More"]


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("U.S. well-known it's", 3), ("東京 rain", 3), ("één día", 2)]
)
def test_word_count(text: str, count: int) -> None:
    assert word_count(text) == count


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_sentences_are_ordered_and_cover_every_letter(text: str) -> None:
    found = sentences(text)
    ends = 0
    for start, end in found:
        assert ends <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert not text[ends:start].strip()
        ends = end
    assert not text[ends:].strip()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=50))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
