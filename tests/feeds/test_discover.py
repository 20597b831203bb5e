"""What people paste becomes an address or a sentence; pages give the feeds they name."""

import time
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.errors import UsageError
from newsreader.feeds.discover import Candidate, discover, guesses, normalised

PAGE = "https://a.example/blog/today"
RSS = "application/rss+xml"


def found(page, content_type=""):
    data = page if isinstance(page, bytes) else page.encode()
    return [candidate.url for candidate in discover(data, PAGE, content_type)]


MEANT = {
    "a.example": "https://a.example/",
    " www.a.example/feed\n": "https://www.a.example/feed",
    "a.example:8080/feed": "https://a.example:8080/feed",
    "localhost:8000/f": "https://localhost:8000/f",
    "//a.example/f": "https://a.example/f",
    "http:/a.example/f": "http://a.example/f",
    "https:///a.example/f": "https://a.example/f",
    "http://http://a.example/f": "http://a.example/f",
    "HTTP://A.Example/Path": "http://a.example/Path",
    "feed://a.example/f": "https://a.example/f",
    "feed:https://a.example/f": "https://a.example/f",
    "Feed: http://a.example/f": "http://a.example/f",
    "rss://a.example": "https://a.example/",
    "<https://a.example/f>,": "https://a.example/f",
    '("https://a.example/f").': "https://a.example/f",
    "https://a.example/f!": "https://a.example/f",
    "https://a.example/wiki/A_(b)": "https://a.example/wiki/A_(b)",
    "(see https://a.example/wiki/A_(b))": None,
    "https://a.example/a\n   /long/path": "https://a.example/a/long/path",
    "https://a.example/a b?c d": "https://a.example/a%20b?c%20d",
    "https://a.example/ä": "https://a.example/%C3%A4",
    "https://a.example?x=1#part": "https://a.example/?x=1",
    "https://a.example:/f": "https://a.example/f",
    "https://Ann:Secret@a.example/f": "https://Ann:Secret@a.example/f",
    "http://[::1]:80/f": "http://[::1]:80/f",
    "https://a.example/\x1b[31mf\u202e": "https://a.example/f",
    "": None,
    "news about ships": None,
    "word": None,
    "/etc/hostname": None,
    "~/feeds.opml": None,
    "a@b.example": None,
    "mailto:a@b.example": None,
    "file:///etc/hostname": None,
    "javascript:alert(1)": None,
    "feed:javascript:alert(1)": None,
    "exec:ls": None,
    "ftp://a.example/": None,
    "view-source:https://a.example/": None,
    "https://": None,
    "http://[::1": None,
    "http://a..example/": None,
    "http://.example/": None,
    "http://a.example:0/": None,
    "http://a.example:99999/": None,
    "https://a.example\\@b.example/": None,
    "https://a.example/" + "x" * 5000: None,
}


@pytest.mark.parametrize("text", MEANT, ids=lambda text: text[:40])
def test_what_people_paste(text):
    if MEANT[text] is not None:
        assert normalised(text) == MEANT[text]
        return
    with pytest.raises(UsageError) as refused:
        normalised(text)
    assert "\n" not in str(refused.value)


PASTED = st.text(max_size=60) | st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "http://", "https:", "feed:", "<", "(", "//"]),
    st.sampled_from(["a.example", "u:p@a.example:80", "[::1]", "localhost", "..", "ä.example"]),
    st.text(max_size=30),
)


@settings(max_examples=60, deadline=None)
@given(PASTED)
def test_an_address_once_put_right_stays(text):
    try:
        address = normalised(text)
    except UsageError:
        return
    assert urlsplit(address).scheme in ("http", "https")
    assert urlsplit(address).hostname
    assert address.isprintable() and " " not in address
    assert normalised(address) == address


def test_the_head_of_a_page_names_its_feeds():
    page = (
        '<link rel="alternate stylesheet" type="text/xml" href="/style">'
        '<link rel="alternate" hreflang="de" href="/de">'
        '<link rel="alternate" type="application/json" href="/api">'
        f'<link rel=alternate type="{RSS}" title="Comments on today" href="/comments/feed/">'
        f'<LINK REL="Alternate" TYPE="{RSS}; charset=utf-8" title="A &amp; B" href="../feed/ä">'
        '<link rel="feed" href="/h"><link rel="home feed" type="text/html" href="/page">'
        '<link rel="alternate" type="application/feed+json" href="feed://b.example/f.json#x">'
    )
    assert discover(page.encode(), PAGE) == [
        Candidate("https://a.example/feed/%C3%A4", "A & B", "RSS"),
        Candidate("https://a.example/h", "", ""),
        Candidate("http://b.example/f.json", "", "JSON Feed"),
        Candidate("https://a.example/comments/feed/", "Comments on today", "RSS"),
    ]


def test_links_in_the_text_come_after_the_head():
    page = (
        '<a href="/news.rss">All</a><a href="/x?format=rss">X</a><a href="/feedback">no</a>'
        '<a href="http://feeds.b.example/ab">B</a><a href="/restful">no</a>'
        f'<link rel=alternate type="{RSS}" href="/main">'
    )
    assert found(page) == [
        "https://a.example/main",
        "https://a.example/news.rss",
        "https://a.example/x?format=rss",
        "http://feeds.b.example/ab",
    ]


def test_the_base_of_a_page_counts_from_where_it_stands():
    link = f'<link rel=alternate type="{RSS}" href="f">'
    assert found(f'<base href="/z/">{link}') == ["https://a.example/z/f"]
    assert found(f'{link}<base href="/z/">') == ["https://a.example/blog/f"]


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"\0\xff",
        f'<!-- <link rel=alternate type="{RSS}" href=/f> -->',
        f"<script>'<link rel=alternate type=\"{RSS}\" href=/f>'</script>",
        f'<link rel=alternate type="{RSS}" href="javascript:x">',
        f'<link rel=alternate type="{RSS}" href="file:///etc/hostname">',
        f'<link rel=alternate type="{RSS}" href="http://[">',
        f'<link rel=alternate type="{RSS}" href="{PAGE}">',
        f'<link rel=alternate type="{RSS}">',
    ],
)
def test_pages_that_name_none(page):
    assert found(page) == []


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", ""),
        ("utf-16", ""),
        ("cp1251", "text/html; charset=windows-1251"),
        ("utf-8", "text/html; charset=nonsense"),
    ],
)
def test_titles_in_any_encoding(encoding, content_type):
    page = f'<html><head><link rel=alternate type="{RSS}" title="Новости" href="/f">'
    (candidate,) = discover(page.encode(encoding), PAGE, content_type)
    assert candidate.title == "Новости"


@pytest.mark.parametrize(
    "page",
    [
        "<link " * 300_000,
        '<a href="/rss">' * 50_000,
        "".join(f'<a href="/rss/{n}">x' for n in range(30_000)),
        f'<a href="/{"rss" * 300_000}">',
        "<div>" * 200_000 + '<a href="/rss">',
    ],
    ids=["half tags", "links in links", "many links", "a long link", "deep"],
)
def test_rubbish_ends_soon(page):
    begun = time.process_time()
    assert len(found(page)) <= 50
    assert time.process_time() - begun < 3


USUAL = {
    "https://www.youtube.com/channel/UC1": "https://www.youtube.com/feeds/videos.xml?channel_id=UC1",
    "https://youtube.com/watch?v=1&list=PL1": "https://youtube.com/feeds/videos.xml?playlist_id=PL1",
    "https://github.com/a/b/issues": "https://github.com/a/b/releases.atom",
    "https://github.com/a": "https://github.com/a.atom",
    "https://gitlab.com/a/b": "https://gitlab.com/a/b/-/tags?format=atom",
    "https://codeberg.org/a/b": "https://codeberg.org/a/b/releases.rss",
    "https://old.reddit.com/r/x/": "https://old.reddit.com/r/x/.rss",
    "https://notreddit.com/r/x": "https://notreddit.com/feed",
    "https://m.example/@ann/123": "https://m.example/@ann.rss",
    "https://medium.com/@ann": "https://medium.com/feed/@ann",
    "https://x.blogspot.com/2020/1/": "https://x.blogspot.com/feeds/posts/default",
    "https://bsky.app/profile/x": "https://bsky.app/profile/x/rss",
    "https://a.example:8443/blog/x?y": "https://a.example:8443/feed",
    "https://a.example": "https://a.example/feed",
}


@pytest.mark.parametrize("url", USUAL)
def test_usual_places(url):
    assert guesses(url)[0] == USUAL[url]


def test_the_folder_of_a_page_is_tried_early():
    assert "https://a.example/blog/feed" in guesses("https://a.example/blog/x")[:3]


@settings(max_examples=60, deadline=None)
@given(PASTED)
def test_guesses_stay_on_the_host(text):
    try:
        address = normalised(text)
    except UsageError:
        address = text
    for place in guesses(address):
        assert urlsplit(place).netloc == urlsplit(address).netloc
