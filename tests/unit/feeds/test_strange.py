"""Strange and hostile input: it is read in bounded time, or refused with a reason."""

import json
import time
from datetime import UTC, datetime

import pytest

from newsreader.feeds.documents import read_document, read_json_line
from newsreader.feeds.parse import parse_feed
from newsreader.model import Precision
from newsreader.text.when import parse_when

ARTICLE = (
    "Ferry keeps running in winter\n\nBy Ines Okafor\n\nThe council of Ølby voted on Monday to "
    "keep the ferry running, the mayor said — twice.\n\nNobody swims to school here, and it went "
    "on for a long time, and nobody knows when that will be different."
)


def only(data):
    (entry,) = read_document(data, name="x").entries
    return entry


def line(**fields):
    return read_json_line(json.dumps({"title": "T", "body": "Some words.", **fields}))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same_article(encoding, end):
    entry = only(ARTICLE.replace("\n", end).encode(encoding))
    assert (entry.title, entry.author) == ("Ferry keeps running in winter", "Ines Okafor")
    assert entry.body.text == ARTICLE.split("\n\n", 2)[2]


RUBBISH = {
    "one line": b"lorem ipsum Dolor sit amet. " * 36_000,
    "one word": b"a" * 1_000_000,
    "names": b"By " + b"Aa Bb, " * 140_000,
    "quotes": b"\"'(" * 300_000,
    "links": b"READ NEXT: x\n" * 10_000 + b"words",
    "bylines": b"<p>" + b"By Ines Okafor<br>" * 10_000 + b"words</p>",
    "quotations": b"<p>" + b"<q>" * 500 + b"words" * 10_000,
    "captions": b"<figure>"
    + b"<b>x</b><figcaption>x</figcaption>" * 5_000
    + b"</figure><p>words</p>",
    "pointers": b"".join(
        b"<p>READ MORE: <a href='/%d'>Title %d</a></p>" % (n, n) for n in range(9_000)
    )
    + b"<p>words</p>",
}


@pytest.mark.parametrize("kind", RUBBISH)
def test_large_rubbish_is_read_in_linear_time(kind):
    began = time.process_time()
    assert only(RUBBISH[kind]).body.text
    assert time.process_time() - began < 5


def test_a_list_of_addresses_is_a_text():
    entry = only(b"\n".join(b"https://example.com/a%d" % n for n in range(9)))
    assert len(entry.links) == 9 and entry.body.text.count("https://") == 9


@pytest.mark.parametrize(
    "html",
    [
        b"<html><body>Just words<br>and <b>more</b></body></html>",
        b"<html><head><title></title></head><body><span>Just words</span></body></html>",
        b"<html><head><title>" + b"Long title " * 1000 + b"</title></head><body>Just words</body>",
    ],
)
def test_a_page_without_paragraphs_has_its_words(html):
    entry = only(html)
    assert entry.body.text.startswith("Just words")
    assert 0 < len(entry.title) <= 500


@pytest.mark.parametrize("key", ["title", "body", "html", "id", "source", "author", "published"])
@pytest.mark.parametrize("value", [None, 1, 1.5, True, [], {}, ["a"], {"a": 1}, "", [[]], [None]])
def test_any_type_in_any_field(key, value):
    entry = line(**{key: value})
    assert entry.title and isinstance(entry.body.text, str)
    other = line(url=value, language=value, tags=value)
    assert all(isinstance(tag, str) for tag in other.tags)


def test_fields_that_mean_something_in_other_shapes():
    assert line(id=7).guid == "7"
    assert line(tags="a, b,,a").tags == ("a", "b")
    assert line(tags=["a", 3, None, "a"]).tags == ("a",)
    assert line(author=["A. Roe", {"name": "B. Doe"}, 3]).author == "A. Roe, B. Doe"
    assert line(source={"name": "Civic Record"}).outlet == "Civic Record"
    assert line(title="").title_derived and line(title="x" * 10_000).title.endswith("…")


@pytest.mark.parametrize(
    "when",
    ["0000-00-00", "9999-12-31T23:59:59+14:00", "0001-01-01", "2022-13-45", "2022-02-30", "-1"],
)
def test_no_time_that_cannot_be_shown_everywhere(when):
    assert parse_when(when) is None
    assert line(published=when).published is None


def test_a_leap_second_is_a_time():
    found = parse_when("2016-12-31T23:59:60Z")
    assert found == (datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC), Precision.SECOND)


def test_items_that_lack_fields():
    items = b"<item></item><item><description>Only words</description></item><item><title/></item>"
    entries = parse_feed(b"<rss version='2.0'><channel>" + items + b"</channel></rss>").entries
    assert [entry.title for entry in entries] == ["Untitled", "Only words", "Untitled"]
    assert all(entry.title_derived for entry in entries)
    assert {(entry.link, entry.guid) for entry in entries} == {(None, None)}
    data = json.dumps({"title": "T", "items": [{}, {"title": "A title"}, 3]}).encode()
    feed = parse_feed(data)
    assert [entry.title for entry in feed.entries] == ["Untitled", "A title"]
    assert feed.problems == (("entry 3", "is not an object"),)
