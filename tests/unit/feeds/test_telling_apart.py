"""Ids that stand for several entries: whatever a feed says, none of its entries is lost."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.feeds._telling_apart import tell_apart
from newsreader.model import Body, ParsedEntry
from newsreader.text.links import entry_key, front_page

_ENTRIES = st.lists(
    st.builds(
        ParsedEntry,
        title=st.sampled_from("ABC"),
        body=st.just(Body(text="")),
        guid=st.sampled_from([None, "1", "2"]),
        link=st.sampled_from(
            [None, "https://p.example/1", "https://p.example/1#c1", "https://p.example/2"]
        ),
    ),
    max_size=8,
)


@given(_ENTRIES)
@settings(max_examples=60, deadline=None)
def test_order_titles_and_links_stay_and_no_guid_stands_for_two_addresses(entries):
    found = tell_apart(entries)
    assert [(e.title, e.link) for e in found] == [(e.title, e.link) for e in entries]
    places = {(e.guid, entry_key(e.link or "")) for e in found if e.guid}
    assert max(Counter(guid for guid, _ in places).values(), default=1) == 1
    assert tell_apart(found) == found


@given(_ENTRIES)
@settings(max_examples=60, deadline=None)
def test_guids_that_tell_entries_apart_stay(entries):
    apart = [entry._replace(guid=str(n)) for n, entry in enumerate(entries)]
    assert tell_apart(apart) == apart


def test_fragments_that_count_and_those_that_only_track():
    page = "https://paper.example/story"
    assert entry_key(page + "#comment-7") != entry_key(page + "#comment-8") != entry_key(page)
    for tracker in ("#atom-everything", "#rss", "#xtor=RSS-32", ""):
        assert entry_key(page + tracker) == entry_key(page)
    assert front_page("https://paper.example/") and front_page("https://paper.example")
    assert not front_page(page) and not front_page("https://paper.example/?p=7")
