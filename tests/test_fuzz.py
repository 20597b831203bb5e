"""The fuzzing targets hold for their corpus, and for anything; found by fuzzing, never again."""

import pytest
from bench.fuzz.targets import TARGETS, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.feeds.fulltext import _as_html
from newsreader.text.html import parse

FOUND = {
    "feed": [b'<d s=m xml:base="http:\x00/<entry<content<a href"">p</content<'],
    "opml": [b'ignore-article "*" "title =~ \\"\\\\\\"\\""'],
    "line": ["https://a.example/?x=\udcbd".encode("utf-8", "surrogatepass"), b"\x01http://a/?\xbd"],
}


def test_a_tag_that_the_parser_takes_and_would_not_write_is_left_as_it_is():
    root = parse("<p>The ferry was surpr<ised.< q>late</p>")
    assert any("<" in element.tag for element in root.iter())
    assert _as_html(root) is root


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_and_what_was_found_hold(name):
    assert len(seeds(name)) >= 2
    for data in [*seeds(name), *FOUND.get(name, []), b"", b"\0", b"\xff\xfe"]:
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_pieces_of_the_corpus_in_any_order_hold(name, data):
    pieces = []
    for _ in range(data.draw(st.integers(1, 4))):
        seed = data.draw(st.sampled_from(seeds(name)))
        start = data.draw(st.integers(0, len(seed)))
        pieces.append(seed[start : start + data.draw(st.integers(0, 200))])
    TARGETS[name](data.draw(st.binary(max_size=3)).join(pieces))
