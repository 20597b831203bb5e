"""newsboat's files as values: lists of feeds, rules, filters as queries."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.errors import ParseError
from newsreader.feeds.newsboat import as_query, looks_like_urls, read_ignored, read_urls
from newsreader.search import parse


def no_sources(kind, value):
    return []


def test_a_list_of_feeds_has_titles_and_tags():
    found = read_urls(
        "# mine\n"
        "https://a.example/feed\n"
        'https://b.example/feed news "two words" "~My Title" !\n'
        "https://a.example/feed again\n\n"
    )
    assert [(feed.url, feed.title, feed.tags) for feed in found.feeds] == [
        ("https://a.example/feed", None, ()),
        ("https://b.example/feed", "My Title", ("news", "two words")),
    ]
    assert found.problems == ()


def test_what_runs_a_program_is_told_and_left_alone():
    found = read_urls('"exec:~/bin/x"\n"filter:~/y:https://a.example"\nfile:///etc/passwd\n')
    assert found.feeds == ()
    assert [where for where, _ in found.problems] == ["line 1", "line 2", "line 3"]
    assert all("not taken" in why for _, why in found.problems)


def test_query_feeds_have_a_name_and_a_filter():
    found = read_urls('"query:Oil\\: and gas:unread = \\"yes\\""\n"query:broken"\n')
    assert [(rule.name, rule.filter) for rule in found.queries] == [
        ("Oil: and gas", 'unread = "yes"')
    ]
    assert len(found.problems) == 1


def test_rules_that_ignore_articles_name_their_feed():
    rules = read_ignored(
        'ignore-article "*" "title =~ \\"Windows\\""\n'
        '  ignore-article "https://a.example/feed" "author = \\"Ann\\""  # why\n'
        "ignore-mode display\nignore-article broken\n"
    )
    assert [(rule.feed, rule.filter) for rule in rules] == [
        (None, 'title =~ "Windows"'),
        ("https://a.example/feed", 'author = "Ann"'),
    ]


@pytest.mark.parametrize(
    ("filter_", "query"),
    [
        ('title =~ "Windows"', 'title:"Windows"'),
        ('title =~ "oil|gas"', '(title:"oil" OR title:"gas")'),
        ('title =~ "oil.*price"', 'title:"oil" title:"price"'),
        ('title !~ "oil"', '-title:"oil"'),
        ('unread = "yes" and author = "Ann"', 'is:unread author:"Ann"'),
        ('unread = "no" or flags # "s"', "(is:read OR tag:flag-s)"),
        ('( title =~ "a b" or content =~ "c" ) and age < 7', '(title:"a b" OR "c") newer:7d'),
        ("age between 0:10", "newer:11d"),
        ("age > 30", "older:30d"),
        ('feedtitle =~ "Post"', 'source:"Post"'),
    ],
)
def test_filters_become_queries(filter_, query):
    assert as_query(filter_, no_sources) == query
    parse(query)


def test_filters_by_tag_name_the_feeds_that_have_it():
    found = as_query('tags # "news"', lambda kind, value: ["One", "The Two"])
    assert found == '(source:"One" OR source:"The Two")'


@pytest.mark.parametrize(
    "filter_",
    [
        "",
        "title",
        "title =~",
        'title =~ "[a-z]+$"',
        "unread_count > 0",
        '(title = "a"',
        'title = "a")',
        'tags # "nobody"',
        "age = 3",
        "(" * 60 + 'title = "a"' + ")" * 60,
    ],
)
def test_what_cannot_be_said_is_refused(filter_):
    with pytest.raises(ParseError):
        as_query(filter_, no_sources)


WORDS = st.sampled_from(
    ["title", "author", "=~", "=", "!~", "#", "(", ")", "and", "or", '"a b"', '"x|y"', "age", "7"]
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.lists(WORDS, max_size=14).map(" ".join), st.text(max_size=60)))
def test_any_filter_is_a_query_that_parses_or_is_refused(filter_):
    try:
        query = as_query(filter_, no_sources)
    except ParseError:
        return
    parse(query)


def test_only_a_list_of_addresses_looks_like_one():
    assert looks_like_urls("# mine\nhttps://a.example/feed tag\n")
    assert not looks_like_urls("")
    assert not looks_like_urls("https://a.example/1\nA report about the harbour.\n")
    assert not looks_like_urls(
        "https://a.example/1 was where we read it first, and what it said was new to all of us\n"
    )
