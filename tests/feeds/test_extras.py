"""What a feed says beside an entry's text arrives: files, people, rights, comments, rhythm."""

import json

from newsreader.feeds.parse import parse_feed
from newsreader.model import CreditKind

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
 xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>Paper</title><link>https://p.example/</link><ttl>30</ttl>
<atom:link rel="self" href="https://p.example/feed"/>
<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
<item><title>One</title><link>/one</link><guid isPermaLink="false">1</guid>{item}</item>
</channel></rss>"""


def read(item):
    return parse_feed(RSS.format(item=item).encode(), url="https://p.example/feed")


def first(item):
    return read(item).entries[0]


def test_comments_and_their_feed_are_kept():
    entry = first("<comments>/one#talk</comments><wfw:commentRss>/one/feed</wfw:commentRss>")
    assert entry.comments == "https://p.example/one#talk"
    assert [(link.text, link.url) for link in entry.links] == [
        ("Feed of the comments", "https://p.example/one/feed")
    ]


def test_files_keep_their_kind_size_and_title():
    entry = first(
        '<enclosure url="/a.mp3" type="audio/mpeg" length="123"/>'
        "<itunes:duration>1:02:03</itunes:duration>"
        '<media:content url="https://cdn.example/v.mp4" type="video/mp4" fileSize="9">'
        "</media:content>"
        '<media:thumbnail url="/t.jpg"/>'
    )
    assert [(e.url, e.type, e.length, e.title) for e in entry.enclosures] == [
        ("https://p.example/a.mp3", "audio/mpeg", 123, "1:02:03"),
        ("https://cdn.example/v.mp4", "video/mp4", 9, ""),
        ("https://p.example/t.jpg", "image", None, ""),
    ]


def test_an_entry_without_text_has_its_media_s_description():
    entry = first(
        '<media:group><media:content url="/v"/>'
        "<media:description>What the film shows.</media:description></media:group>"
    )
    assert entry.body.text == "What the film shows."


def test_people_and_rights_are_credited():
    entry = first(
        "<dc:creator>Ann Lee</dc:creator><dc:contributor>Bo Li</dc:contributor>"
        "<media:credit role='photographer'>Cy Ng</media:credit>"
        "<dc:publisher>The Press</dc:publisher><dc:rights>All ours</dc:rights>"
    )
    assert entry.author == "Ann Lee"
    assert [(credit.kind, credit.text) for credit in entry.credits] == [
        (CreditKind.CONTRIBUTOR, "Bo Li"),
        (CreditKind.PHOTO, "Cy Ng"),
        (CreditKind.OWNER, "The Press"),
        (CreditKind.COPYRIGHT, "All ours"),
    ]


def test_a_feed_says_where_it_is_and_how_often_it_wants_to_be_asked():
    found = read("")
    assert (found.address, found.minutes) == ("https://p.example/feed", 360)


def test_the_zero_of_a_clock_is_no_date():
    assert first("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>").published is None
    assert first("<pubDate>Fri, 03 Mar 1922 10:00:00 GMT</pubDate>").published.year == 1922


def test_atom_s_other_addresses_are_links():
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><id>a</id>
    <entry><id>1</id><title>One</title><link href="/one"/><updated>2022-03-01T00:00:00Z</updated>
    <link rel="related" href="/two" title="Two"/><link rel="via" href="https://v.example/"/>
    <link rel="replies" href="/one/talk" type="text/html"/>
    <content type="text/html" src="/one/text"/></entry></feed>"""
    entry = parse_feed(atom.encode(), url="https://p.example/feed").entries[0]
    assert entry.comments == "https://p.example/one/talk"
    assert [(link.text, link.url) for link in entry.links] == [
        ("Two", "https://p.example/two"),
        ("Via", "https://v.example/"),
        ("The text", "https://p.example/one/text"),
    ]


def test_a_json_feed_s_files_and_addresses_arrive():
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "items": [
            {
                "id": 7,
                "url": "https://p.example/7",
                "external_url": "https://q.example/",
                "content_text": "Words.",
                "banner_image": "https://p.example/b.png",
                "attachments": [
                    {
                        "url": "/a.mp3",
                        "mime_type": "audio/mpeg",
                        "title": "Talk",
                        "size_in_bytes": 5,
                    }
                ],
            },
            {"id": ["odd"], "content_html": 3, "authors": "x", "attachments": [1, {"url": 2}]},
        ],
    }
    found = parse_feed(json.dumps(feed).encode(), url="https://p.example/feed.json")
    entry = found.entries[0]
    assert (entry.guid, entry.links[0].url) == ("7", "https://q.example/")
    assert [(e.url, e.title) for e in entry.enclosures] == [
        ("https://p.example/a.mp3", "Talk"),
        ("https://p.example/b.png", ""),
    ]
    assert len(found.entries) == 2
