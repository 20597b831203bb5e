import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.text.clean import clean_line, clean_text

NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\x1b\x90\x9b\x9c\x9d\x07\\[]0;m\x00\r\n\t\u202e\u200b\u00ad\u0301\u0327\u1100\u1161e "
            "\u200c\u200d\ufe0f\u2764\U0001f469\u0915\u0903\u3164\ue000\uffff\u0344\ufb2c\U0001d160"
        ),
    ),
    max_size=120,
)
FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00a0\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\u034f\u115f\u1160\u2800\u3164\uffa0\ud800-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0d\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
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
        ("\u2126\ufe0f\u0301", "\u038f"),
        ("A\u3164B\u115f\uffa0C\u2800D", "ABC D"),
        ("icon \uf0c9\U000f1234, none \uffff\U0002fffe\ufdd0", "icon , none "),
        ("v\ufe00\ufe0f\U000e0101", "v"),
        ("\u2764\ufe0f\ufe0f 1\ufe0f\u20e3", "\u2764\ufe0f 1\ufe0f\u20e3"),
        ("\u0301a \u0489b\n\u0903c", "a b\nc"),
        ("pay\u200dpal \u200c", "paypal "),
        ("\u09b0\u200d\u09cd\u09af", "\u09b0\u200d\u09cd\u09af"),
        ("\U0001f469\u200d\u200d\U0001f467\u200d", "\U0001f469\u200d\U0001f467"),
        ("\u101c\u103b\u103e\u1031\u102c\u1037", "\u101c\u103b\u103e\u1031\u102c\u1037"),
        ("\u0915" + "\u0903" * 20, "\u0915" + "\u0903" * 8),
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
    assert len(cleaned) <= 3 * len(text)


def test_every_character_is_harmless_or_gone() -> None:
    # Arabic and Syriac signs of category Cf that are drawn; Cn has the emoji newer than our tables.
    drawn = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    for first in range(0, 0x110000, 64):
        characters = [chr(number) for number in range(first, first + 64)]
        for each in clean_text("a".join(["", *characters, ""])):
            category = unicodedata.category(each)
            assert each in " \n" or category[0] != "Z"
            assert each == "\n" or category not in ("Cc", "Cs", "Co"), hex(ord(each))
            assert each == "\n" or category != "Cf" or ord(each) in drawn, hex(ord(each))
            assert ord(each) & 0xFFFE != 0xFFFE and not FORBIDDEN.match(each), hex(ord(each))


@pytest.mark.parametrize(
    "bait",
    [
        "\u0327\u0301" * 50_000,
        "a" + "\u0344\u0327" * 50_000,
        "\x90" * 50_000 + "\x1b[m" + "\x9c" * 50_000,
        "\x1b" * 50_000 + "[31m" * 50_000,
        "\U0001f469\u200d" * 50_000,
        ("\x1b]" + "x" * 5000) * 20,
    ],
)
def test_time_grows_with_the_length(bait: str) -> None:
    # Where it grew with the square (NFC sorts marks so), these took minutes.
    began = time.process_time()
    clean_text(bait)
    assert time.process_time() - began < 1


@settings(max_examples=100, deadline=None)
@given(NASTY, st.integers(2, 40))
def test_a_line_is_short_and_one_line(text: str, limit: int) -> None:
    line = clean_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert line == line.strip()
    assert clean_line(line, limit) == line
