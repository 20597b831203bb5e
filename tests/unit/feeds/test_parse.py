import json
from datetime import UTC, datetime

import pytest

from newsreader.errors import ParseError
from newsreader.feeds.parse import MAX_ENTRIES, parse_feed
from newsreader.model import Enclosure, ParsedDocument

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Harbour Post</title><link>https://post.example/</link><language>en-gb</language>
<item><title>Bridge &lt;b&gt;opens&lt;/b&gt; &amp;amp; closes</title>
<link>https://post.example/1?utm_source=rss</link><guid isPermaLink="false">p1</guid>
<dc:creator>Zoë Roe</dc:creator><pubDate>Tue, 28 Jun 2022 12:00:00 +0200</pubDate>
<category>sea</category><category>sea</category>
<description>Short</description>
<content:encoded><![CDATA[<p>Long <a href="/map">text</a></p><script>x</script>]]></content:encoded>
<enclosure url="/a.mp3" type="audio/mpeg" length="12"/></item>
<item><description>Only a summary. And more.</description><pubDate>nonsense</pubDate></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://post.example/blog/">
<title type="html">Harbour &amp;amp; Post</title><id>urn:x</id>
<link rel="self" href="https://post.example/feed"/><link href="https://post.example/"/>
<entry><title>One</title><id>urn:1</id><link href="one"/><author><name>Ann Roe</name></author>
<published>2022-06-28T10:00:00Z</published><updated>2022-06-29T10:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Hello</p></div></content></entry>
<entry><title>Two</title><id>urn:2</id><updated>9999-12-31T23:59:59-12:00</updated>
<content type="text">plain
lines</content></entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://post.example/"><title>Old</title>
<link>https://post.example/</link></channel><item rdf:about="https://post.example/1">
<title>First</title><link>https://post.example/1</link><description>d</description></item></rdf:RDF>"""


def parse(text: str, encoding: str = "utf-8") -> ParsedDocument:
    return parse_feed(text.encode(encoding), url="https://post.example/feed.xml")


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_rss(encoding: str) -> None:
    document = parse(RSS.format(encoding=encoding), encoding)
    first, second = document.entries
    assert (document.kind, document.title) == ("feed", "Harbour Post")
    assert document.home_page == "https://post.example/"
    assert first.title == "Bridge opens & closes"
    assert (first.guid, first.link) == ("p1", "https://post.example/1")
    assert (first.author, first.outlet, first.tags) == ("Zoë Roe", "Harbour Post", ("sea",))
    assert first.published == datetime(2022, 6, 28, 10, tzinfo=UTC)
    assert first.body.text == "Long text"
    assert [link.url for link in first.links] == ["https://post.example/map"]
    assert first.enclosures == (
        Enclosure(url="https://post.example/a.mp3", type="audio/mpeg", length=12),
    )
    assert (second.title, second.title_derived) == ("Only a summary", True)
    assert (second.published, second.guid, second.language) == (None, None, "en")


def test_atom() -> None:
    document = parse(ATOM)
    one, two = document.entries
    assert (document.title, document.key) == ("Harbour & Post", "https://post.example/feed")
    assert (one.author, one.body.text, one.guid) == ("Ann Roe", "Hello", "urn:1")
    assert one.published == datetime(2022, 6, 28, 10, tzinfo=UTC)
    assert one.updated == datetime(2022, 6, 29, 10, tzinfo=UTC)
    assert (two.published, two.body.text) == (None, "plain\n\nlines")


def test_rdf() -> None:
    (entry,) = parse(RDF).entries
    assert (entry.title, entry.link, entry.body.text) == ("First", "https://post.example/1", "d")


def test_json_feed() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Harbour Post",
        "authors": [{"name": "Desk"}],
        "items": [
            {"id": 1, "content_html": "<p>Hi <b>you</b></p>", "date_published": "2022-06-28"},
            {"id": "2", "title": "T", "content_text": "a\n\nb", "authors": [{"name": "Ann"}]},
            "rubbish",
            {"id": "3", "tags": ["x", 4], "attachments": [{"url": "https://post.example/a.mp3"}]},
        ],
    }
    document = parse(json.dumps(feed))
    one, two, three = document.entries
    assert (one.guid, one.author, one.body.text) == ("1", "Desk", "Hi you")
    assert one.published == datetime(2022, 6, 28, tzinfo=UTC)
    assert (two.title, two.author, two.body.text) == ("T", "Ann", "a\n\nb")
    assert (three.tags, three.enclosures[0].url) == (("x",), "https://post.example/a.mp3")
    assert document.problems == (("entry 3", "is not an object"),)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"{]", "not valid JSON"),
        (b'{"a": 1}', "not a JSON Feed"),
        (b"<html><body><p>Hello</p></body></html>", "not"),
        (b"Just some words", "not a feed"),
    ],
)
def test_what_is_no_feed(data: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        parse_feed(data)


def test_entities_do_not_expand() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    head = f'<!DOCTYPE rss [<!ENTITY e0 "boom">{levels}]>'
    bomb = f"{head}<rss><channel><title>&e8;</title></channel></rss>"
    try:
        document = parse(bomb)
    except ParseError:
        return
    assert len(document.title or "") < 1000


def test_a_huge_feed_is_cut_and_says_so() -> None:
    item = "<item><title>n</title></item>"
    document = parse(f"<rss version='2.0'><channel>{item * (MAX_ENTRIES + 5)}</channel></rss>")
    assert len(document.entries) == MAX_ENTRIES
    assert "5 more left out" in document.problems[0][1]


def test_lists_that_are_none() -> None:
    items = [{"id": "1", "tags": "x", "attachments": 3, "authors": "me", "content_text": "Words."}]
    feed = {"version": "https://jsonfeed.org/version/1", "title": "t", "items": items}
    (entry,) = parse(json.dumps(feed)).entries
    assert (entry.tags, entry.enclosures, entry.author) == ((), (), None)
    channel = (
        "<links>x</links><item><title>t</title><tags>x</tags><enclosures>y</enclosures></item>"
    )
    assert len(parse(f"<rss version='2.0'><channel>{channel}</channel></rss>").entries) == 1


def test_no_control_reaches_an_entry() -> None:
    (entry,) = parse(
        "<rss version='2.0'><channel><item><title>a&#x202e;b&#8203;</title>"
        "<link>javascript:alert(1)</link><description>x&amp;#27;[0m</description></item>"
        "</channel></rss>"
    ).entries
    assert (entry.title, entry.link) == ("ab", None)
    assert "\x1b" not in entry.body.text
