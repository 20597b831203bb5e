import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.model import BlockKind, Body, SpanKind
from newsreader.text.clean import clean_text
from newsreader.text.html import plain_line, to_body


def check(body: Body) -> None:
    """Assert that blocks partition the text and that spans stay inside one block."""
    end = 0
    covered = []
    for block in body.blocks:
        assert 0 <= block.start <= block.end <= len(body.text)
        assert block.start >= end
        assert not body.text[end : block.start].strip()
        if block.end > block.start:
            covered.append((block.start, block.end))
        end = block.end
        for start, stop in block.cells:
            assert block.start <= start <= stop <= block.end
    assert not body.text[end:].strip()
    for span in body.spans:
        assert span.start < span.end
        assert any(a <= span.start and span.end <= b for a, b in covered)
    assert clean_text(body.text) == body.text


def blocks(html: str, base: str = "") -> list[tuple[BlockKind, int, str, str]]:
    body, _ = to_body(html, base)
    check(body)
    return [(b.kind, b.level, b.label, body.text[b.start : b.end]) for b in body.blocks]


def test_lists_nest_and_keep_their_marks_out_of_the_text() -> None:
    html = "<p>Top</p><ul><li>one<ol start=3><li>a<li>b</ol></li><li>two</li></ul><p>End"
    assert blocks(html) == [
        (BlockKind.PARAGRAPH, 0, "", "Top"),
        (BlockKind.ITEM, 1, "•", "one"),
        (BlockKind.ITEM, 2, "3.", "a"),
        (BlockKind.ITEM, 2, "4.", "b"),
        (BlockKind.ITEM, 1, "•", "two"),
        (BlockKind.PARAGRAPH, 0, "", "End"),
    ]
    assert to_body(html)[0].text == "Top\n\none\na\nb\ntwo\n\nEnd"


def test_quotes_code_headings_rules_and_images() -> None:
    html = (
        "<h2>Head</h2><blockquote><p>q</p><blockquote>deep</blockquote></blockquote>"
        "<pre>  x\n   y</pre><hr><img src=/a.png alt='A &quot;map&quot;'>"
    )
    assert blocks(html, "https://example.com") == [
        (BlockKind.HEADING, 2, "", "Head"),
        (BlockKind.QUOTE, 1, "", "q"),
        (BlockKind.QUOTE, 2, "", "deep"),
        (BlockKind.CODE, 0, "", "  x\n   y"),
        (BlockKind.RULE, 0, "", ""),
        (BlockKind.IMAGE, 0, 'A "map"', ""),
    ]


def test_table_rows_have_cells() -> None:
    html = "<table><tr><th>Town<th>Votes</tr><tr><td>North <b>Hill</b><td>12</tr></table>"
    body, _ = to_body(html)
    assert body.text == "Town Votes\nNorth Hill 12"
    assert [[body.text[a:b] for a, b in block.cells] for block in body.blocks] == [
        ["Town", "Votes"],
        ["North Hill", "12"],
    ]


def test_spans_and_links() -> None:
    html = "See <a href='/x?utm_source=1'>the <b>big</b> map</a>, <a href='javascript:1'>not</a>."
    body, links = to_body(html, "https://example.com/d/")
    assert body.text == "See the big map, not."
    assert [(s.kind, body.text[s.start : s.end], s.url) for s in body.spans] == [
        (SpanKind.LINK, "the big map", "https://example.com/x"),
        (SpanKind.STRONG, "big", None),
    ]
    assert [(link.text, link.url) for link in links] == [("the big map", "https://example.com/x")]


def test_what_nobody_sees_is_dropped() -> None:
    html = "<p>a<script>x</script><p hidden>b<p style='display: none'>c<form>d</form><p>e"
    assert [text for *_, text in blocks(html)] == ["a", "e"]


def test_breaks() -> None:
    assert to_body("one<br>two<br><br>three")[0].text == "one\ntwo\n\nthree"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "deep",
        "<b>" * 50_000 + "deep",
        "<ul><li>" * 50_000 + "deep",
        "<table><tr><td>" * 30_000 + "deep",
        "<a href=http://example.com>" * 20_000 + "deep",
        "<" * 200_000 + " deep",
    ],
    ids=lambda html: html[:8],
)
def test_rubbish_is_read_quickly(html: str) -> None:
    began = time.process_time()
    body, _ = to_body(html)
    assert "deep" in body.text
    assert time.process_time() - began < 3


def test_plain_line() -> None:
    assert plain_line("A &amp; <b>B</b> a < b\x1b[31m") == "A & B a < b"


TAGS = (
    "<p> </p> <ul> <ol> <li> </li> </ul> <table> <tr> <td> </td> </tr> </table> <b> </b> <i> <br> "
    "<a/href=http://example.com> </a> <blockquote> </blockquote> <pre> </pre> <h2> </h2> <hr> "
    "<img/src=//example.com/a> e \u0301 &#27; &#x202e; \u00a0 <code> </code>"
)
FRAGMENTS = st.lists(st.one_of(st.sampled_from(TAGS.split(" ")), st.text(max_size=5)), max_size=30)


@settings(max_examples=100, deadline=None)
@given(FRAGMENTS)
def test_offsets_hold_for_any_page(fragments: list[str]) -> None:
    check(to_body("".join(fragments), "https://example.com")[0])
