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


def test_lists_count_down_and_take_the_numbers_they_are_given() -> None:
    html = "<ol reversed><li>c<li>b<li>a</ol><ol start=7><li>x<li value=12>y<li>z</ol>"
    assert [label for _, _, label, _ in blocks(html)] == ["3.", "2.", "1.", "7.", "12.", "13."]


def test_code_keeps_its_columns() -> None:
    assert blocks("<pre>if x:\n\treturn 1\n</pre>")[0][3] == "if x:\n    return 1"


def test_readings_beside_characters_are_left_out_and_formulas_are_said() -> None:
    html = "<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby></p>"
    assert to_body(html)[0].text == "漢字"
    math = '<p>So <math alttext="E = mc^2"><mi>E</mi></math> it is.</p>'
    assert to_body(math)[0].text == "So E = mc^2 it is."
    assert to_body("<p>So <math><mi>x</mi><mo>=</mo><mn>1</mn></math>.</p>")[0].text == "So x=1."


def test_a_video_is_a_link_with_its_title() -> None:
    html = (
        '<p>Watch.</p><iframe src="https://tube.example/embed/7" title="The bridge falls"></iframe>'
        "<video><source src=/b.mp4></video><audio src=/b.mp3 aria-label=Podcast></audio>"
        "<iframe src=https://tracker.example/p width=1></iframe><iframe src=javascript:x></iframe>"
    )
    body, links = to_body(html, "https://post.example/")
    assert body.text == "Watch."
    assert [(link.text, link.url) for link in links] == [
        ("The bridge falls", "https://tube.example/embed/7"),
        ("https://post.example/b.mp4", "https://post.example/b.mp4"),
        ("Podcast", "https://post.example/b.mp3"),
    ]


@pytest.mark.parametrize(
    "image",
    [
        '<img src="data:image/gif;base64,R0lG" data-src="/a.jpg">',
        '<img data-original="/a.jpg" src="/blank.gif">',
        '<img srcset="/a.jpg 320w, /b.jpg 640w">',
        '<img data-srcset="/a.jpg, /b.jpg 2x" src="data:,">',
        '<amp-img src="/a.jpg" width=10 height=10></amp-img>',
        "<picture><source srcset=/c.webp><img src=/a.jpg></picture>",
    ],
)
def test_a_picture_that_waits_to_be_seen_has_its_address(image: str) -> None:
    body, _ = to_body(f"<p>x</p>{image}", "https://post.example/")
    assert [b.url for b in body.blocks if b.kind is BlockKind.IMAGE] == [
        "https://post.example/a.jpg"
    ]


def test_a_form_to_fill_in_is_dropped_and_one_around_a_page_is_read() -> None:
    form = "<form><p>Your name</p><input name=n><button>Send</button></form>"
    assert to_body(f"<p>x</p>{form}")[0].text == "x"
    prose = "The council of Northport voted to rebuild the bridge that the storm has taken. "
    assert prose.strip() in to_body(f"<form>{f'<p>{prose}</p>' * 8}</form>")[0].text


def test_a_flood_of_attributes_takes_no_time() -> None:
    began = time.process_time()
    flood = " ".join(f"a{n}=x" for n in range(200_000))
    assert to_body(f"<p {flood}>Here</p>")[0].text == "Here"
    assert time.process_time() - began < 2


def test_of_a_flood_of_tags_every_word_is_kept() -> None:
    text = to_body("".join(f"<p>w{n}" for n in range(120_000)))[0].text
    assert text.split() == [f"w{n}" for n in range(120_000)]
    assert to_body("<" * 200_000 + "words")[0].text.endswith("words")
