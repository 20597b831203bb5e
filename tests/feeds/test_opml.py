"""Subscription lists of any reader are read; what cannot be taken is told, nothing is run."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.errors import ParseError
from newsreader.feeds.opml import Outline, read_opml, write_opml
from newsreader.text.clean import clean_line

FEED = "https://a.example/feed"
ONE = f'<outline text="One" xmlUrl="{FEED}"/>'


def listed(body, head=""):
    return f'<opml version="2.0"><head>{head}</head><body>{body}</body></opml>'


def read(body, head=""):
    return read_opml(listed(body, head).encode())


def addresses(opml):
    return [outline.url for outline in opml.outlines]


def test_folders_titles_and_home_pages():
    opml = read(
        '<outline text="News"><outline title="World"><outline type="rss" text="One"'
        f' xmlUrl="{FEED}" htmlUrl="https://a.example/?utm_source=x"/></outline></outline>'
        '<outline title="Called" text="Two" xmlUrl="http://b.example/f"/>',
        "<title>My &amp; your feeds</title>",
    )
    assert opml.title == "My & your feeds"
    assert opml.outlines == (
        Outline(FEED, "One", "News / World", "https://a.example/"),
        Outline("http://b.example/f", "Called", None, None),
    )
    assert opml.problems == ()


WAYS = {
    "no type": f'<outline xmlUrl="{FEED}"/>',
    "another type": f'<outline type="atom" xmlUrl="{FEED}"/>',
    "lower case": f'<outline type="rss" xmlurl="{FEED}"/>',
    "capitals": f'<OUTLINE TYPE="rss" XMLURL="{FEED}"/>',
    "its url": f'<outline type="rss" url="{FEED}"/>',
    "feed scheme": '<outline xmlUrl="feed://a.example/feed"/>',
    "spaces": f'<outline xmlUrl=" {FEED}\n "/>',
    "single quotes": f"<outline xmlUrl='{FEED}'/>",
    "a namespace": f'<o:outline xmlns:o="urn:o" o:text="x" xmlUrl="{FEED}"/>',
    "an unknown prefix": f'<outline fz:pause="1" xmlUrl="{FEED}"/>',
    "a half tag before": f'<outline text="a < b"/><outline xmlUrl="{FEED}"/>',
    "never closed": f'<outline text="a"><outline xmlUrl="{FEED}">',
    "cut": f'<outline xmlUrl="{FEED}"/><outline text="x" xmlU',
    "an entity of HTML": f'<outline text="caf&eacute; &nbsp;" xmlUrl="{FEED}"/>',
    "bare ampersands": f'<outline text="A&B & C" xmlUrl="{FEED}"/>',
}


@pytest.mark.parametrize("way", WAYS)
def test_outlines_as_readers_write_them(way):
    assert addresses(read(WAYS[way])) == [FEED]


def test_query_of_an_address_stays_as_it_is():
    opml = read('<outline xmlUrl="https://a.example/f?a=1&amp;b=2"/>')
    assert addresses(opml) == ["https://a.example/f?a=1&b=2"]
    # Written by hand, and with what looks like the sign of copyright.
    opml = read('<outline xmlUrl="https://a.example/f?a=1&b=2&copy=3"/>')
    assert addresses(opml) == ["https://a.example/f?a=1&b=2&copy=3"]


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("utf-8", None),
        ("utf-8", "utf-16"),
        ("utf-8", "no-such-thing"),
        ("utf-8-sig", "utf-8"),
        ("cp1252", "utf-8"),
        ("cp1252", "windows-1252"),
        ("cp1252", None),
        ("utf-16", "utf-8"),
        ("utf-16", None),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", None),
        ("utf-32", "utf-32"),
    ],
)
def test_whatever_encoding_it_has_or_claims(written, declared):
    declaration = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    text = declaration + listed(f'<outline text="Zürich" xmlUrl="{FEED}"/>')
    (outline,) = read_opml(text.encode(written)).outlines
    assert outline == Outline(FEED, "Zürich", None, None)


def test_other_alphabets_by_their_declared_encoding():
    text = '<?xml version="1.0" encoding="windows-1251"?>' + listed(
        f'<outline text="папка">{ONE}</outline>'
    )
    assert read_opml(text.encode("cp1251")).outlines[0].folder == "папка"


def test_what_stands_before_the_list_is_passed_over():
    text = "Warning: a notice of some server\n" + listed(ONE)
    assert addresses(read_opml(text.encode())) == [FEED]


@pytest.mark.parametrize(
    "address",
    [
        "exec:touch here",
        "feed:exec:touch here",
        "filter:cat:https://a.example/feed",
        "|touch here",
        "file:///etc/hostname",
        "javascript:alert(1)",
        "query:All:unread = &quot;yes&quot;",
        "ftp://a.example/feed",
        "data:text/xml,feed",
        "/feed.xml",
        "https://",
        "https://a.example:99999/",
    ],
)
def test_only_http_feeds_are_taken_and_the_others_told(address):
    opml = read(f'<outline text="Bad" xmlUrl="{address}"/>{ONE}')
    assert addresses(opml) == [FEED]
    ((where, why),) = opml.problems
    assert where == "Bad"
    assert why


def test_each_address_once_where_it_stood_first():
    opml = read(
        f'<outline text="F">{ONE}</outline><outline text="G"><outline text="Other name"'
        ' xmlUrl="HTTPS://A.example/feed"/></outline>'
    )
    assert opml.outlines == (Outline(FEED, "One", "F", None),)


def test_a_category_is_a_folder_where_there_is_none():
    given = f'<outline text="One" category="/News/World,/Other" xmlUrl="{FEED}"/>'
    assert read(given).outlines[0].folder == "News / World"
    assert read(f'<outline text="F">{given}</outline>').outlines[0].folder == "F"


def test_feeds_that_damage_hides_are_counted():
    damaged = f"<outline text=x xmlUrl=https://b.example/f></outline>{ONE}"
    opml = read(damaged)
    assert addresses(opml) == [FEED]
    assert opml.problems == (("the list", "is damaged: 1 of its feeds cannot be read"),)
    # What is commented out is no feed.
    assert read(f'<!-- <outline xmlUrl="https://b.example/"/> -->{ONE}').problems == ()


NO_LISTS = (b"", b" ", b"\0", b"{}", b"\x1f\x8b\0", b"<", b"<?xml", b"\xff\xfe")


@pytest.mark.parametrize(
    "data",
    [
        *NO_LISTS,
        b"<html><outline xmlUrl='https://a.example/'/></html>",
        b"https://a.example/feed",
        b"x" * (16 * 2**20 + 1),
    ],
    ids=lambda data: repr(data[:20]),
)
def test_what_is_no_list_is_refused(data):
    with pytest.raises(ParseError):
        read_opml(data)


def test_nothing_outside_is_read_and_nothing_grows(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    grows = "".join(f'<!ENTITY e{n} "' + f"&e{n - 1};" * 10 + '">' for n in range(1, 9))
    text = (
        f'<!DOCTYPE opml [<!ENTITY s SYSTEM "{secret.as_uri()}"><!ENTITY e0 "lol">{grows}'
        f'<!ENTITY % p SYSTEM "{secret.as_uri()}">%p;]>'
        + listed(f'<outline text="&s;" xmlUrl="{FEED}"/><outline text="&e8;" xmlUrl="{FEED}2"/>')
    )
    opml = read_opml(text.encode())
    assert "hidden" not in repr(opml)
    assert len(repr(opml)) < 2000


RUBBISH = {
    "deep": '<outline text="a">' * 100_000 + ONE,
    "attributes": "<outline " + " ".join(f'a{n}="b"' for n in range(50_000)) + f">{ONE}",
    "ampersands": "&" * 300_000 + ONE,
    "half tags": "<" * 500_000,
    "comments": "<!-- " * 100_000,
    "half comments": "<!-" * 200_000,
    "a name": f'<outline text="{"a " * 500_000}" xmlUrl="{FEED}"/>',
}


@pytest.mark.parametrize("kind", RUBBISH)
def test_rubbish_ends_soon(kind):
    begun = time.process_time()
    opml = read(RUBBISH[kind])
    assert time.process_time() - begun < 3
    assert all(len(outline.title or "") <= 200 for outline in opml.outlines)


def test_very_long_lists_are_cut_and_say_so_once():
    body = "".join(f'<outline xmlUrl="exec:{n}"/>' for n in range(5_000))
    opml = read(body + ONE)
    assert addresses(opml) == [FEED]
    assert len(opml.problems) == 1001
    assert opml.problems[-1] == ("the list", "4,000 more could not be taken")


def test_passwords_stay_here():
    written = write_opml([Outline("https://ann:secret@a.example/feed?x=1", "One")])
    assert b"secret" not in written and b"ann" not in written
    assert addresses(read_opml(written)) == ["https://a.example/feed?x=1"]


def test_what_is_written_has_what_others_ask_for():
    written = write_opml(
        [Outline(FEED, "One & <two>", "News", "https://a.example/")], title="Mine"
    ).decode()
    assert written.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">')
    assert '<outline text="News" title="News">' in written
    assert (
        '<outline type="rss" text="One &amp; &lt;two&gt;" title="One &amp; &lt;two&gt;"'
        f' xmlUrl="{FEED}" htmlUrl="https://a.example/"/>' in written
    )


LINES = st.text(max_size=40).map(clean_line).filter(lambda line: line == line.strip())
NAMES = st.one_of(st.none(), LINES.filter(bool))
OUTLINES = st.builds(
    Outline,
    st.integers(0, 10**6).map("https://a.example/{}?a=1&b=2".format),
    LINES.filter(bool),
    NAMES,
    st.one_of(st.none(), st.just("https://a.example/")),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(OUTLINES, unique_by=lambda outline: outline.url, max_size=8), LINES)
def test_what_is_written_is_read_again(outlines, title):
    opml = read_opml(write_opml(outlines, title=title))
    assert set(opml.outlines) == set(outlines)
    assert (opml.title or "", opml.problems) == (title, ())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: listed(text).encode()))
def test_bytes_of_any_kind_are_read_or_refused(data):
    try:
        opml = read_opml(data)
    except ParseError:
        return
    assert all(re.match(r"https?://", outline.url) for outline in opml.outlines)
