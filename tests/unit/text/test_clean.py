import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.text.clean import clean_line, clean_text

NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\x1b\x9b\x9d\x07\\[]0;m\x00\r\n\t\u202e\u200b\u00ad\u0301\u0327\u1100\u1161e "
        ),
    ),
    max_size=120,
)
FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00a0\u00ad\u200b\u200e\u200f\u2028-\u202e\ufeff]"
)


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\u202eb\u2066c\u200bd", "abcd"),
        ("no\u00a0break", "no break"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("e\u0301", "é"),
        ("q" + "\u0301\u0302\u0303\u0304\u0305\u0306", "q\u0301\u0302\u0303\u0304"),
        ("\x1b\x1b[31m[0mx", "[0mx"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ud800", "\ufffd"),
    ],
)
def test_clean_text(dirty: str, clean: str) -> None:
    assert clean_text(dirty) == clean


def test_every_mark_counts_towards_the_cap() -> None:
    marks = (chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) in ("Mn", "Me"))
    for mark in marks:
        kept = clean_text("z" + mark * 9)
        assert sum(unicodedata.category(c) in ("Mn", "Me") for c in kept) <= 8, hex(ord(mark))


@settings(max_examples=100, deadline=None)
@given(NASTY)
def test_nothing_forbidden_survives_and_cleaning_again_changes_nothing(text: str) -> None:
    cleaned = clean_text(text)
    assert not FORBIDDEN.search(cleaned)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean_text(cleaned) == cleaned


@settings(max_examples=100, deadline=None)
@given(NASTY, st.integers(2, 40))
def test_a_line_is_short_and_one_line(text: str, limit: int) -> None:
    line = clean_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert line == line.strip()
    assert clean_line(line, limit) == line
