"""Articles written as Markdown, HTML and JSON Lines: words stay words, and they read back."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.feeds.documents import iter_jsonl
from newsreader.model import Article, Body, ParsedEntry, Precision
from newsreader.text.html import read_html
from newsreader.writing import article_html, article_json_line, article_markdown, body_html

PAGE = """
<h2>Tides &amp; times</h2>
<p>The <em>Gull</em> sailed at <b>nine <i>sharp</i></b>; see <a href="https://a.example/x?b=1&c=2">
the list</a>, or type <code>make a_b*c</code>.</p>
<ol start="3"><li>third<ul><li>of one kind</li><li>of another</li></ul></li><li>fourth</li></ol>
<ul><li>loose</li></ul>
<blockquote><p>So it goes.</p><blockquote><p>Deeper.</p></blockquote></blockquote>
<pre>x = `y`
  * 2</pre>
<table><tr><th>Day</th><th>Boats</th></tr><tr><td>Mon</td><td>3 | 4</td></tr></table>
<hr><p>1. not a list<br># nor a heading<br>- nor this</p>
"""


def article(body, **fields):
    values = {
        "id": 7,
        "revision": 1,
        "title": "A [bold] *title* <b>",
        "title_derived": False,
        "source": "The Ledger",
        "outlet": "The Ledger",
        "author": None,
        "published": datetime(2022, 6, 1, tzinfo=UTC),
        "precision": Precision.MONTH,
        "published_derived": False,
        "updated": None,
        "arrived": datetime(2022, 6, 28, tzinfo=UTC),
        "url": "https://a.example/x",
        "language": "en",
        "direction": "ltr",
        "words": 9,
        "body": body,
        "links": (),
        "credits": (),
        "enclosures": (),
        "tags": ("oil",),
        "note": "",
        "read": False,
        "bookmarked": True,
        "via": ((1, "Feed"),),
        "recognised": True,
    }
    return Article(**{**values, **fields})


def body_of(page):
    return read_html(page)[0]


def test_html_reads_back_as_the_same_body():
    body = body_of(PAGE)
    again = body_of(body_html(body))
    assert again.text == body.text
    assert [(b.kind, b.start, b.end, b.level, b.label, b.cells) for b in again.blocks] == [
        (b.kind, b.start, b.end, b.level, b.label, b.cells) for b in body.blocks
    ]
    assert sorted(again.spans) == sorted(body.spans)


WORDS = st.text(
    st.sampled_from("ab <>&\"'`*_[]()#|\\~-+=1.!\u202e\x1b\n\ufeff\u0627\u4e2d\U0001f600"),
    min_size=1,
    max_size=25,
)
TAGS = ("p", "h2", "h3", "blockquote", "pre", "li", "em", "b", "code")


@st.composite
def pages(draw):
    parts = []
    for _ in range(draw(st.integers(1, 6))):
        tag, words = draw(st.sampled_from(TAGS)), draw(WORDS)
        safe = words.replace("&", "&amp;").replace("<", "&lt;")
        inner = (
            f"<{draw(st.sampled_from(('em', 'b', 'code')))}>{safe}x"
            if draw(st.booleans())
            else safe
        )
        parts.append(f"<ul><li>{inner}</li></ul>" if tag == "li" else f"<{tag}>{inner}</{tag}>")
    return "".join(parts)


@given(pages())
@settings(max_examples=60, deadline=None)
def test_any_body_reads_back_with_the_same_words(page):
    body = body_of(page)
    assert body_of(body_html(body)).text.split() == body.text.split()


@given(pages(), WORDS)
@settings(max_examples=60, deadline=None)
def test_a_line_of_json_reads_back_as_the_same_article(page, title):
    body = body_of(page)
    line = article_json_line(article(body, title=title))
    assert line.count("\n") == 1
    (entry,) = iter_jsonl([line])
    assert isinstance(entry, ParsedEntry)
    assert entry.body.text.split() == body.text.split()
    assert entry.published_precision is Precision.MONTH and entry.tags == ("oil",)


def test_a_plain_body_is_given_as_text_alone():
    value = json.loads(article_json_line(article(Body(text="One."))))
    assert "html" not in value and value["body"] == "One." and value["published"] == "2022-06"


def test_markdown_means_what_the_article_means():
    text = article_markdown(article(body_of(PAGE)))
    for line in (
        r"# A \[bold\] \*title\* \<b\>",
        "## Tides \\& times",
        "3. third",
        "    - of one kind",
        "4. fourth",
        "> > Deeper.",
        "```\nx = `y`\n  * 2\n```",
        "| Day | Boats |\n| --- | --- |\n| Mon | 3 \\| 4 |",
        "**nine *sharp***",
        "[the list](<https://a.example/x?b=1&c=2>)",
        "`make a_b*c`",
        "1\\. not a list\\\n\\# nor a heading\\\n\\- nor this",
    ):
        assert line in text, line


@pytest.mark.parametrize("write", [article_markdown, article_html])
def test_nothing_hostile_is_written(write):
    page = (
        '<p>x<a href="javascript:alert(1)">a</a><a href="https://e.example/)<b>">b</a>'
        '<img src="https://t.example/p.gif" alt="![](x) <script>">\x1b]0;t\x07\u202e</p>'
    )
    text = write(article(body_of(page), title="</title><script>alert(1)</script>\x9b31m"))
    assert "javascript:" not in text and "<script" not in text.replace("\\<script", "")
    assert not set(text) & set("\x1b\x07\x9b\u202e")
    assert "<img" not in text
    assert write is article_html or "![" not in text
