import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.errors import ParseError
from newsreader.feeds.documents import decode, iter_jsonl, read_document
from newsreader.model import ParsedEntry

PROSE = (
    "The town council of Northport voted on Tuesday to rebuild the old harbour bridge, which has "
    "been closed to all traffic since a storm damaged two of its five piers last winter."
)
PAGE = f"""<!doctype html><html lang=en><head><title>Bridge - Harbour Post</title>
<meta property="og:site_name" content="Harbour Post"><link rel=canonical href=https://post.example/1>
<script type="application/ld+json">{{"@graph": [{{"@type": "NewsArticle", "headline": "Bridge",
"datePublished": "2022-06-28T10:00:00Z", "author": [{{"name": "Ann Roe"}}]}}]}}</script></head>
<body><nav><a href=/>Home</a></nav><header>Menu</header><article><h1>Bridge</h1><p>{PROSE}</p>
<div class="related"><p>Other story</p></div><p>{PROSE} <a href=/map>Map</a></p></article>
<footer>About us</footer></body></html>"""


def kind(text: str) -> str:
    return read_document(text.encode(), name="x").kind


def test_the_content_decides_the_kind() -> None:
    assert (
        kind("<rss version='2.0'><channel><item><title>a</title></item></channel></rss>") == "feed"
    )
    assert (
        kind('<?xml version="1.0"?><!-- c --><feed xmlns="http://www.w3.org/2005/Atom"/>') == "feed"
    )
    assert (
        kind('{"version": "https://jsonfeed.org/version/1", "title": "t", "items": []}') == "feed"
    )
    assert kind('{"title": "a", "body": "b"}') == "jsonl"
    assert kind(PAGE) == "html"
    assert kind("<p>Just a <b>fragment</b>.</p>") == "html"
    assert kind("# Head\n\nText with [link](https://post.example).") == "markdown"
    assert kind(PROSE) == "text"
    assert kind("[Music] A band played in the harbour.") == "text"


def test_a_web_page() -> None:
    (entry,) = read_document(PAGE.encode(), name="x.html").entries
    assert (entry.title, entry.outlet, entry.author) == ("Bridge", "Harbour Post", "Ann Roe")
    assert (entry.link, entry.guid) == ("https://post.example/1", None)
    assert entry.published == datetime(2022, 6, 28, 10, tzinfo=UTC)
    assert entry.body.text == f"{PROSE}\n\n{PROSE} Map"
    assert [link.url for link in entry.links] == ["https://post.example/map"]
    assert [entry.body.text[s.start : s.end] for s in entry.body.spans] == ["Map"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"%PDF-1.4 ...", "PDF"),
        (b"PK\x03\x04....", "ZIP"),
        (b"\x1f\x8b\x08", "gzip"),
        (bytes(range(32)) * 20, "binary"),
        (b"<opml version='2.0'><body/></opml>", "OPML"),
        (b"<?xml version='1.0'?><svg></svg>", "neither a feed nor"),
        (b"<html><body><script>x</script></body></html>", "holds no text"),
        (b"[1, 2]", "is JSON"),
        (b'{"a": 1}', "JSON"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        read_document(data, name="x.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_decode(encoding: str) -> None:
    text = "Café “Zoë” – harbour"
    assert decode(text.encode(encoding)).lstrip("\ufeff") == text


def test_a_declared_encoding_is_believed() -> None:
    page = '<meta charset="iso-8859-2"><p>Łódź zażółć'
    assert "Łódź zażółć" in decode(page.encode("iso-8859-2"))


def test_json_lines() -> None:
    lines = [
        json.dumps(
            {"id": "1", "title": "A", "body": PROSE, "source": "Post", "url": "https://e.com/1"}
        ),
        "",
        "{broken",
        json.dumps({"html": "<p>b <a href='https://e.com'>c</a></p>", "published": "2022-06-28"}),
        json.dumps({"id": "3"}),
        json.dumps({"title": "T", "language": "fr", "tags": ["a", "a", 1], "author": "Zoë"}),
        "[1]",
    ]
    document = read_document("\n".join(lines).encode(), name="x")
    first, second, third = document.entries
    assert (first.guid, first.title, first.outlet, first.language) == ("1", "A", "Post", "en")
    assert (second.title, second.title_derived, second.body.text) == ("b c", True, "b c")
    assert second.published == datetime(2022, 6, 28, tzinfo=UTC)
    assert (third.language, third.tags, third.author) == ("fr", ("a",), "Zoë")
    assert document.problems == (
        ("line 3", "is not valid JSON"),
        ("line 5", "has neither a title nor a text"),
        ("line 7", "is not a JSON object"),
    )
    assert list(iter_jsonl(lines)) == list(iter_jsonl(line.encode() for line in lines))


def check(entry: ParsedEntry) -> None:
    end = 0
    for block in entry.body.blocks:
        assert end <= block.start <= block.end <= len(entry.body.text)
        assert not entry.body.text[end : block.start].strip()
        end = block.end
    assert not entry.body.text[end:].strip()
    assert entry.title
    assert "\x1b" not in entry.body.text + entry.title


HEADS = b"|<rss>|<?xml version='1.0'?><feed>|<html>|{|{\"title\":|---\n|# |<|<p>|[|<!DOCTYPE|&#27;"
MARKS = b"\xff\xfe|\xfe\xff|\xef\xbb\xbf"
STARTS = st.sampled_from([*HEADS.split(b"|"), *MARKS.split(b"|")])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(STARTS, st.binary(max_size=40)), max_size=5).map(b"".join))
def test_any_bytes_give_entries_or_a_parse_error(data: bytes) -> None:
    try:
        document = read_document(data, name="x")
    except ParseError as error:
        assert str(error)
        return
    for entry in document.entries:
        check(entry)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_entries_or_a_parse_error(text: str) -> None:
    for whole in (text, f"<p>{text}", json.dumps({"title": text, "body": text})):
        try:
            document = read_document(whole.encode("utf-8", "replace"), name="x")
        except ParseError:
            continue
        for entry in document.entries:
            check(entry)
