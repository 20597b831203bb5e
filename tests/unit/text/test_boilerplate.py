"""Only the text stays in a body, whatever the format; what goes is kept beside it."""

import json
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.feeds.documents import read_document, read_json_line
from newsreader.feeds.parse import parse_feed
from newsreader.model import BlockKind, Credit, CreditKind, Link, ParsedEntry, Precision
from newsreader.text.boilerplate import without_boilerplate
from newsreader.text.html import read_html
from newsreader.text.markdown import read_markdown
from newsreader.text.page import read_page

PROSE = (
    "The council voted on Monday to keep the ferry running through the winter, after the mayor "
    "said that the island could not do without it."
)
MORE = "Nobody swims to school, she said, and the twelve pupils of the island agreed with her."


def entry(html, **fields):
    body, links, captions = read_html(html, "https://a.example/")
    fields = {"title": "Ferry Keeps Running", **fields}
    return without_boilerplate(ParsedEntry(body=body, links=links, **fields), captions)


def page(*paragraphs):
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def check(body):
    """Blocks are in order and apart, spans stand inside one block."""
    position = 0
    for block in body.blocks:
        assert position <= block.start <= block.end <= len(body.text)
        position = block.end
        for start, end in block.cells:
            assert block.start <= start <= end <= block.end
    full = [block for block in body.blocks if block.end > block.start]
    for before, after in pairwise(full):
        assert body.text[before.end : after.start] in ("\n", "\n\n")
    assert not full or (full[0].start, full[-1].end) == (0, len(body.text))
    for span in body.spans:
        assert any(b.start <= span.start < span.end <= b.end for b in full)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("© 2026 Northern Wire", CreditKind.COPYRIGHT),
        ("(c) Civic Record 2026", CreditKind.COPYRIGHT),
        ("Copyright 2026 Civic Record. All rights reserved.", CreditKind.COPYRIGHT),
        ("Daniel Hartnoll contributed to this report.", CreditKind.CONTRIBUTOR),
        ("With reporting by Ilse Marchetti of Northern Wire.", CreditKind.CONTRIBUTOR),
        ("Photo: Ines Calder / The Harbour Ledger", CreditKind.PHOTO),
        ("A ship lies on the sand. (AP Photo/Ines Calder)", CreditKind.PHOTO),
        ("A ship lies on the sand. Photo: Ines Calder / Civic Record", CreditKind.PHOTO),
        ("Sign up for the Morning Tide, our daily newsletter.", CreditKind.OTHER),
        ("Got a document we should see? Write to the newsdesk.", CreditKind.OTHER),
        ("Advertisement", CreditKind.OTHER),
        ("The post Ferry Keeps Running appeared first on Civic Record.", CreditKind.OWNER),
    ],
)
def test_a_line_around_the_text_goes_to_the_credits(line, kind):
    found = entry(page(PROSE, MORE, line))
    assert found.body.text == f"{PROSE}\n\n{MORE}"
    assert found.credits == (Credit(kind, line),)


@pytest.mark.parametrize("lead", ["READ NEXT: ", "READ MORE: ", "WATCH: ", "Related: "])
def test_a_pointer_to_another_article_goes_to_the_links(lead):
    found = entry(page(PROSE, f'{lead}<a href="/b">Island School Counts</a>', MORE))
    assert found.body.text == f"{PROSE}\n\n{MORE}"
    assert found.links == (Link("Island School Counts", "https://a.example/b"),)
    plain = entry(page(PROSE, f"{lead}Island School Counts"))
    assert plain.links == (Link("Island School Counts"),)


def test_headlines_under_related_stories_are_links():
    html = page(PROSE) + (
        "<h3>Related stories</h3><ul><li><a href='/b'>Island school counts its pupils</a></li>"
        "<li><a href='/c'>Baltic Lines sells a ship</a></li></ul>"
    )
    found = entry(html + page(MORE))
    assert found.body.text == f"{PROSE}\n\n{MORE}"
    assert [link.url for link in found.links] == ["https://a.example/b", "https://a.example/c"]


def test_title_byline_and_day_leave_the_top():
    html = page("Ferry keeps running", "By Ines Okafor", "<time>14 June 2022</time>", PROSE, MORE)
    found = entry(html)
    assert found.body.text == f"{PROSE}\n\n{MORE}"
    assert (found.author, found.published) == ("Ines Okafor", datetime(2022, 6, 14, tzinfo=UTC))
    assert (found.published_derived, found.published_precision) == (True, Precision.DAY)


def test_what_the_format_gives_wins_and_what_the_line_said_is_kept():
    when = datetime(2022, 6, 15, 9, 30, tzinfo=UTC)
    html = page("By Ines Okafor, The Harbour Ledger", "14 June 2022", PROSE, MORE)
    found = entry(html, author="T. Marsh", outlet="Civic Record", published=when)
    assert (found.author, found.outlet, found.published) == ("T. Marsh", "Civic Record", when)
    assert found.published_derived is False
    assert [c.text for c in found.credits] == [
        "By Ines Okafor, The Harbour Ledger",
        "14 June 2022",
    ]
    named = entry(page("By Ines Okafor", PROSE), author="T. Marsh")
    assert [c.text for c in named.credits] == ["By Ines Okafor"]
    same = entry(page("By Ines Okafor and Lorna Teague", PROSE), author="Ines Okafor, Lorna Teague")
    assert (same.credits, same.body.text) == ((), PROSE)


def test_a_name_alone_above_the_text_goes_when_it_is_the_author_or_outlet():
    html = page("Ólafur", "Civic Record", PROSE)
    found = entry(html, author="Olafur", outlet="Civic Record")
    assert found.body.text == PROSE


def test_lines_at_the_ends_of_a_paragraph_go_and_its_middle_stays():
    found = entry(page(f"By Ines Okafor<br>14 June 2022<br>{PROSE}<br><b>© Civic Record</b>", MORE))
    assert found.body.text == f"{PROSE}\n\n{MORE}"
    assert found.body.spans == ()
    check(found.body)


@pytest.mark.parametrize(
    "line",
    [
        "Click on Save and wait until the light goes out.",
        "Subscribe to the topic with the following command:",
        "By Sunday the water had gone.",
        "Research by Pellow & Strand shows that hangers rust from the inside.",
        "First I present the platform, and then follow them with the code that is common.",
        "Copyright law protects the letters that she wrote.",
        "(c) the members of the board may vote by letter.",
        "share this year, down from what was expected in the spring",
        "March 9, 2023",
    ],
)
def test_what_may_be_text_stays_in_the_middle(line):
    texts = [PROSE, MORE, *[f"{MORE} {n}" for n in range(6)], line, *[PROSE] * 9]
    assert entry(page(*texts)).body.text == "\n\n".join(texts)


def test_quotes_code_and_tables_are_never_read_as_furniture():
    html = f"<blockquote>© 2026 Civic Record</blockquote><pre>READ NEXT: x</pre>{page(PROSE)}"
    assert entry(html).credits == ()


@pytest.mark.parametrize("line", ["© Civic Record", "By Ines Okafor", "Ferry Keeps Running"])
def test_a_body_is_never_emptied(line):
    found = entry(page(line))
    assert (found.body.text, found.credits) == (line, ())


def test_captions_are_credits_unless_they_are_all_there_is():
    figure = "<figure><img src='/a.jpg'><figcaption>A <i>ship</i>.<p>B</p></figcaption></figure>"
    found = entry(figure + page(PROSE))
    assert found.body.text == PROSE
    assert found.credits == (Credit(CreditKind.PHOTO, "A ship. B"),)
    assert found.body.blocks[0].kind is BlockKind.IMAGE
    assert entry(figure).body.text == "A ship.\n\nB"
    quoted = "<figure><q>Nobody swims.</q><figcaption>A pupil</figcaption></figure>"
    assert "A pupil" in entry(quoted).body.text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>He said <q>no</q>.</p>", "He said “no”."),
        ("<p><q>They said <q>no</q></q>, twice.</p>", "“They said ‘no’”, twice."),
        ("<p>He said <q>“no”</q>.</p>", "He said “no”."),
        ("<p>An empty <q></q> one.</p>", "An empty one."),
    ],
)
def test_a_quotation_in_a_line_keeps_its_marks(html, text):
    assert read_html(html)[0].text == text


def test_every_format_is_read_by_the_same_rules():
    lines = ["By Ines Okafor", PROSE, MORE, "READ NEXT: Island School Counts", "© Civic Record"]
    html = page(*lines)
    item = f"<item><title>F</title><description><![CDATA[{html}]]></description></item>"
    rss = f"<rss><channel>{item}</channel></rss>"
    entries = [
        read_page(f"<html><body><article><h1>F</h1>{html}</article></body></html>"),
        parse_feed(rss.encode()).entries[0],
        parse_feed(
            json.dumps({"title": "T", "items": [{"title": "F", "content_html": html}]}).encode()
        ).entries[0],
        read_json_line(json.dumps({"title": "F", "body": "\n\n".join(lines)})),
        read_json_line(json.dumps({"title": "F", "html": html})),
        read_markdown("# F\n\n" + "\n\n".join(lines)),
        read_document("\n\n".join([MORE[:40], *lines]).encode(), name="a").entries[0],
    ]
    for found in entries:
        assert found.body.text == f"{PROSE}\n\n{MORE}"
        assert found.author == "Ines Okafor"
        assert Link("Island School Counts") in found.links
        assert Credit(CreditKind.COPYRIGHT, "© Civic Record") in found.credits


LINES = st.sampled_from(
    [
        *["© 2026 Civic Record", "READ MORE: Island School", "By Ines Okafor", "14 June 2022"],
        *["Ines Okafor, Civic Record", "Advertisement", "Related stories", "Photo: A. Calder"],
        *["A contributed to this report.", "Ferry Keeps Running", PROSE, MORE, "A Short Heading"],
        *["The 9 and 14 buses turn", "Sign up for our newsletter", "Tags: ferry", "B<br>C", ""],
        *["<b>Bold</b> words <a href='/x'>linked</a>", "<a href='/y'>Island school counts</a>"],
        f"By Lorna Teague<br>{MORE}<br><i>© Civic Record</i>",
    ]
)
BLOCKS = st.tuples(
    st.sampled_from(["p", "h2", "li", "blockquote", "pre", "p", "p"]), LINES | st.text(max_size=30)
).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>") | st.sampled_from(
    ["<hr>", "<img src='/a.png'>", "<table><tr><td>a</td><td>b</td></tr></table>"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(BLOCKS, max_size=14))
def test_offsets_hold_and_no_line_is_lost(blocks):
    body, links, captions = read_html("".join(blocks), "https://a.example/")
    before = ParsedEntry(title="Ferry Keeps Running", body=body, links=links)
    after = without_boilerplate(before, captions)
    check(after.body)
    assert bool(after.body.text) == bool(body.text)
    kept = after.body.text.split("\n")
    beside = [after.title, after.author or "", after.outlet or ""]
    beside += [link.text for link in after.links] + [credit.text for credit in after.credits]
    for line in body.text.split("\n"):
        words = line.strip().removeprefix("By ").removeprefix("READ MORE: ")
        assert line in kept or any(words.casefold() in text.casefold() for text in beside)
    again = without_boilerplate(before, captions)
    assert again == after
    for span in after.body.spans:
        assert after.body.text[span.start : span.end] in body.text
