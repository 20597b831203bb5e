"""Feeds made to cost: each is read, or refused with a reason, in time that grows with its size."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.errors import ParseError
from newsreader.feeds import _bounded
from newsreader.feeds.parse import MAX_ENTRIES, parse_feed

SIZE = 200_000


def rss(inner, head=""):
    return (
        f'<?xml version="1.0"?>{head}<rss version="2.0"><channel>{inner}</channel></rss>'.encode()
    )


def item(inner):
    return rss(f"<item><title>One</title><guid>1</guid>{inner}</item>")


def atom(inner, start=""):
    return f'<feed xmlns="http://www.w3.org/2005/Atom"{start}>{inner}</feed>'.encode()


def many(unit):
    return unit * (SIZE // len(unit))


def numbered(unit, size=SIZE):
    return "".join(unit.format(n) for n in range(size // len(unit)))


def tale(unit):
    return item(f"<description><![CDATA[{many(unit)}]]></description>")


DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
COSTLY = {
    "items": rss(many("<item/>")),
    "items never closed": rss(many("<item><title>a")),
    "items in items": rss(many("<item><title>x</title>")[:20_000]),
    "tags in tags": item(many("<a>")),
    "namespaces": item(many('<a:b xmlns:a="u">')),
    "attributes": item("<a " + numbered(' b{}="c"', 500_000) + "/>"),
    "author of one word": item(f"<author>{many('a')}</author>"),
    "author with dots": item(f"<author>{many('a.b-')}</author>"),
    "author almost an address": item(f"<author>{many('a')}@{many('a.')}</author>"),
    "creator": item(f"<dc:creator {DC}>{many('a')}</dc:creator>"),
    "author by references": item(f"<author>{many('&#97;')}</author>"),
    "editor": rss(f"<managingEditor>{many('a')}</managingEditor><item><title>x</title></item>"),
    "authors": atom(f"<entry>{numbered('<author><name>a{}</name></author>')}</entry>"),
    "categories": item(numbered("<category>{}</category>", 600_000)),
    "keywords": item(f"<tags>{numbered('{},')}</tags>"),
    "links": atom("<entry>" + numbered('<link rel="related" href="/{}"/>') + "</entry>"),
    "files": item(numbered('<enclosure url="http://a.example/{}"/>')),
    "credits": item(f"<media:group {MEDIA}>{many('<media:credit>a</media:credit>')}</media:group>"),
    "a long base": atom(
        '<entry><link href="x"/></entry>' * 1999, f' xml:base="http://a.example/{many("a/")}"'
    ),
    "growing bases": atom('<a xml:base="' + "a" * 2000 + '/">') + b'<b xml:base="b/">' * 500,
    "a title of tags": rss(f"<item><title>{many('&lt;a ')}</title></item>"),
    "a title of comments": rss(f"<item><title><![CDATA[{many('<!-- ')}]]></title></item>"),
    "a title of sequences": rss(f"<item><title>{many(chr(0x90))}</title></item>"),
    "dates": item(f"<pubDate>{many('Mon, 1 ')}</pubDate>"),
    "a text of tags": tale("<div>"),
    "a text of half tags": tale("<a "),
    "a text of comments": tale("<!--"),
    "a text of ampersands": tale("&a"),
    "a text of links": tale("<a href=x>"),
    "a text of tables": tale("<table><tr><td>"),
    "marks on a letter": tale("\u0301"),
    "one word": tale("w"),
    "half tags": item(many("<")),
    "sections": item(many("<![CDATA[")),
    "entities": rss("<item/>", "<!DOCTYPE r [" + many('<!ENTITY a "b">') + "]>"),
    "a declaration": b"<?xml " + many(" encoding").encode(),
    "not a feed": many("<a:").encode(),
    "a page": b"<html>" + many("<p>a").encode(),
    "JSON in JSON": b'{"items":' + b"[" * SIZE,
    "JSON people": b'{"title": "a", "authors": ['
    + numbered('{{"name": "{}"}},').encode()
    + b"{}],"
    + b'"items": ['
    + b"{}," * 1998
    + b"{}]}",
}


@pytest.mark.parametrize("kind", COSTLY)
def test_what_is_made_to_cost_does_not(kind):
    begun = time.process_time()
    try:
        document = parse_feed(COSTLY[kind], url="https://a.example/feed")
    except ParseError:
        document = None
    assert time.process_time() - begun < 4
    if document is not None:
        assert len(document.entries) <= MAX_ENTRIES


def test_one_endless_number_hides_no_other_entry():
    feed = '{"title": "a", "items": [{"id": ' + "1" * 5000 + '}, {"id": 2, "title": "Two"}]}'
    assert [entry.title for entry in parse_feed(feed.encode()).entries][1] == "Two"


def test_entries_before_a_flood_of_tags_are_kept(monkeypatch):
    monkeypatch.setattr(_bounded, "MAX_TAGS", 100)
    document = parse_feed(rss("<item><title>One</title></item>" + "<item>" + "<a/>" * 200))
    assert document.entries[0].title == "One"
    ((where, why),) = document.problems
    assert "tags" in why and where


@pytest.mark.parametrize("flood", ["&lt;" * 400, "<" * 400])
def test_entries_before_a_flood_of_signs_are_kept(monkeypatch, flood):
    monkeypatch.setattr(_bounded, "MAX_PIECES", 200)
    document = parse_feed(rss(f"<item><title>One</title></item><item><title>Two {flood}"))
    assert document.entries[0].title == "One"
    assert "pieces of text" in document.problems[0][1]


def test_limits_change_nothing_within_them():
    names = [f"topic {n}" for n in range(50)]
    categories = "".join(f"<category>{name}</category>" for name in names)
    (entry,) = parse_feed(
        item(f"<author>ann@a.example (Ann Roe)</author>{categories}<a b='c' d='e'/>")
    ).entries
    assert entry.author == "Ann Roe"
    assert entry.tags == tuple(names)
    based = atom(
        '<entry xml:base="blog/"><link href="one"/><content type="html">'
        '&lt;a href="two"&gt;x&lt;/a&gt;</content></entry>',
        ' xml:base="https://b.example/"',
    )
    (entry,) = parse_feed(based, url="https://a.example/feed").entries
    assert entry.links[0].url == "https://b.example/blog/two"


def test_nothing_outside_is_read_and_no_entity_grows(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    grows = "".join(f'<!ENTITY e{n} "' + f"&e{n - 1};" * 20 + '">' for n in range(1, 10))
    head = (
        f'<!DOCTYPE rss [<!ENTITY s SYSTEM "{secret.as_uri()}"><!ENTITY e0 "lol">{grows}'
        f'<!ENTITY % p SYSTEM "{secret.as_uri()}">%p;]>'
    )
    body = rss("<item><title>a &s;</title><description>&e9; &s;</description></item>", head)
    begun = time.process_time()
    document = parse_feed(body)
    assert time.process_time() - begun < 2
    assert "hidden" not in repr(document)
    assert len(repr(document)) < 5000


WIDE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le")


@pytest.mark.parametrize("encoding", [*WIDE, "utf-32-be"])
@pytest.mark.parametrize("declared", [None, "utf-8", "utf-16", "no-such-thing"])
@pytest.mark.parametrize("served", ["", "text/xml", "text/xml; charset=us-ascii"])
def test_wide_encodings_whatever_is_said_of_them(encoding, declared, served):
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = declaration + rss("<title>Zürich ты</title><item/>").decode().partition("?>")[2]
    document = parse_feed(text.encode(encoding), content_type=served)
    assert (document.title, len(document.entries)) == ("Zürich ты", 1)
    feed = '{"title": "Zürich ты", "items": [{"id": 1}]}'
    document = parse_feed(feed.encode(encoding), content_type=served)
    assert (document.title, len(document.entries)) == ("Zürich ты", 1)


SCRAPS = (
    *(
        "<item>",
        "</item>",
        "<title>",
        "</title>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "&amp;",
        "&x;",
    ),
    *("<author>", "</author>", "<category term='a'/>", "<pubDate>0000-13-45</pubDate>", "\x1b[2J"),
    *("<link href='javascript:x'/>", "<enclosure url='//['/>", "<content type='xhtml'>", "\x00"),
    *("<a xml:base='\\'>", "<guid isPermaLink='maybe'>", "<description>", "9" * 400, "\u202e"),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(SCRAPS) | st.text(max_size=8), max_size=25), st.booleans())
def test_scraps_of_feeds_are_read_or_refused(scraps, as_atom):
    data = (atom if as_atom else rss)("".join(scraps).encode("utf-8", "replace").decode())
    try:
        document = parse_feed(data, url="https://a.example/feed")
    except ParseError:
        return
    for entry in document.entries:
        assert entry.title.isprintable()
        assert "\x1b" not in entry.body.text and "\u202e" not in entry.body.text
        assert entry.link is None or entry.link.startswith(("http://", "https://", "mailto:"))
