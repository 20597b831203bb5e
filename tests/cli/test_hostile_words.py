"""What a user pastes comes back in sentences without what it hides."""

import pytest
from bench.hostile_text import PAYLOADS
from bench.leaks import leaks


@pytest.mark.parametrize(
    "words", [["show"], ["feed"], ["restore"], ["help"], ["search", "x", "--sort"]]
)
def test_a_sentence_that_quotes_is_clean(newsreader, words):
    for name in ("colour", "title", "eight", "bidi", "combining"):
        said = PAYLOADS[name].replace("\0", "")
        ran = newsreader(*words, said)
        assert ran.status in (1, 2) and "Traceback" not in ran.err
        assert leaks(ran.err.encode()) == leaks(ran.out.encode()) == []
