"""Which entries are one and which are two, through real fetches: nothing lost, nothing doubled."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.serving import Answer, site

from newsreader.model import Scope, ScopeKind
from newsreader.net import Client
from newsreader.parsing import Parsers
from newsreader.refresh import Refresher

START = datetime(2022, 6, 20, 12, tzinfo=UTC)
ALL = Scope(ScopeKind.ALL)
LONG = "The ferry to the island was late again, said the harbour master on Monday. " * 6


@pytest.fixture(scope="module")
def parsers():
    started = Parsers(1)
    yield started
    started.close()


@pytest.fixture
def paper():
    with site() as served:
        yield served


@pytest.fixture
def refresh(store, home, parsers, paper):
    client = Client(seconds=2.0)
    refresher = Refresher(store, home, client=client, parsers=parsers, now=lambda: START)

    def fetch(*feeds, path="/feed"):
        """Serve each feed in turn at ``path`` and fetch it; return what the last fetch did."""
        source, _ = store.feeds.subscribe(paper.at(path), due=START)
        for feed in feeds:
            paper[path] = feed if isinstance(feed, Answer) else Answer(feed)
            done = refresher.refresh([source])
        return done

    yield fetch
    client.close()


def item(title, text=LONG, *, guid=None, link=None, date="20 Jun 2022 09:30:00 GMT", more=""):
    parts = [f"<title>{title}</title>", f"<description>{text}</description>", more]
    if guid:
        parts.append(f"<guid isPermaLink='false'>{guid}</guid>")
    if link:
        parts.append(f"<link>https://paper.example/{link}</link>")
    if date:
        parts.append(f"<pubDate>{date}</pubDate>")
    return f"<item>{''.join(parts)}</item>"


def rss(*items):
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Paper</title>"
        f"<link>https://paper.example/</link>{''.join(items)}</channel></rss>"
    ).encode()


def held(store):
    return sorted(row.title for row in store.lists.headlines(store.lists.article_ids(ALL)))


def sound(store):
    return not store.check() and not store.wrong_counts()


def test_an_entry_that_left_the_feed_and_comes_back_is_not_new(store, refresh):
    a, b = item("A", guid="a"), item("B", LONG + "B", guid="b")
    refresh(rss(a))
    (article,) = store.lists.article_ids(ALL)
    store.acts.mark_read([article], read=True)
    done = refresh(rss(b), rss(), rss(b, a))
    assert (done.new, done.updated, held(store)) == (0, 0, ["A", "B"])
    assert store.lists.article(article).read and sound(store)


def test_an_entry_with_another_date_is_the_same_and_stays_read(store, refresh):
    refresh(rss(item("A", guid="a")))
    (article,) = store.lists.article_ids(ALL)
    store.acts.mark_read([article], read=True)
    done = refresh(rss(item("A", guid="a", date="27 Jun 2022 09:30:00 GMT")))
    assert (done.new, done.updated) == (0, 1)
    shown = store.lists.article(article)
    assert shown.read and shown.published.day == 27


def test_a_guid_that_another_feed_uses_too_makes_two(store, refresh):
    refresh(rss(item("One", guid="1")), path="/one")
    refresh(rss(item("Other", "Nothing of the sort. " * 30, guid="1")), path="/other")
    assert held(store) == ["One", "Other"]


def test_a_title_that_returns_every_day_makes_an_article_a_day(store, refresh):
    days = [item("Photo of the day", "", link=f"photo/{day}") for day in range(4)]
    refresh(rss(*days[:2]), rss(*days))
    assert len(held(store)) == 4


def test_a_title_that_returns_with_a_guid_makes_an_article_a_day(store, refresh):
    days = [item("Photo of the day", "", guid=str(day)) for day in range(4)]
    refresh(rss(*days[:2]), rss(*days))
    assert len(held(store)) == 4


def test_two_feeds_with_the_same_short_words_at_their_own_addresses_are_two(store, refresh):
    refresh(rss(item("Episode 1", "Listen.", guid="x", link="one/1")), path="/one")
    refresh(rss(item("Episode 1", "Listen.", guid="y", link="two/1")), path="/two")
    assert len(held(store)) == 2


def test_entries_that_all_lead_to_the_front_page_stay_apart(store, refresh):
    rows = [item(f"Report {n}", f"{n} {LONG}", link="") for n in range(3)]
    rows = [r.replace("</title>", "</title><link>https://paper.example/</link>") for r in rows]
    refresh(rss(*rows))
    assert held(store) == ["Report 0", "Report 1", "Report 2"]
    done = refresh(rss(*rows) + b" ")
    assert (done.new, done.updated) == (0, 0)


def test_feeds_whose_entries_lead_to_one_page_stay_apart(store, refresh):
    story = item("A story", guid="s", link="story")
    words = [item(f"Comment {n}", f"{n}. {LONG}", guid=f"c{n}", link=f"story#c{n}") for n in (1, 2)]
    refresh(rss(story), path="/stories")
    refresh(rss(*words), path="/comments")
    assert held(store) == ["A story", "Comment 1", "Comment 2"]


def test_one_guid_for_everything_does_not_swallow_entries(store, refresh):
    rows = [item(f"Report {n}", f"{n} {LONG}", guid="feed", link=f"r/{n}") for n in range(3)]
    refresh(rss(*rows))
    assert held(store) == ["Report 0", "Report 1", "Report 2"]
    done = refresh(rss(*rows) + b" ")
    assert (done.new, done.updated) == (0, 0)


def test_new_guids_for_the_same_links_do_not_double_a_feed(store, refresh):
    rows = [item(f"R {n}", f"{n} {LONG}", guid=f"old{n}", link=f"r/{n}") for n in range(3)]
    moved = [row.replace("old", "new") for row in rows]
    done = refresh(rss(*rows), rss(*moved), rss(*moved) + b" ")
    assert done.new == 0
    assert held(store) == ["R 0", "R 1", "R 2"]


def test_what_a_planet_gathers_names_its_source_and_joins_the_feed_s_own(store, refresh):
    story = item("A story", guid="s", link="story")
    named = "<source url='https://paper.example/feed'>Paper</source>"
    refresh(rss(story), path="/paper")
    refresh(rss(item("A story", guid="planet/s", link="story", more=named)), path="/planet")
    (article,) = store.lists.article_ids(ALL)
    assert len(store.lists.article(article).via) == 2


def test_an_empty_feed_for_a_while_loses_nothing(store, refresh):
    full = rss(item("A", guid="a"))
    done = refresh(full, rss(), full)
    assert (done.new, done.updated, done.failed, held(store)) == (0, 0, [], ["A"])


def test_a_feed_that_breaks_off_brings_what_came_and_the_rest_later(store, refresh):
    full = rss(*(item(f"R {n}", f"{n} {LONG}", guid=str(n)) for n in range(5)))
    refresh(full[: len(full) // 2])
    assert len(held(store)) >= 2
    refresh(full)
    assert held(store) == [f"R {n}" for n in range(5)] and sound(store)


def test_a_title_of_a_megabyte_is_cut_and_its_entry_stays_one(store, refresh):
    done = refresh(rss(item("t" * 1_000_000, guid="a")), rss(item("t" * 1_000_001, guid="a")))
    assert len(held(store)) == 1 and len(held(store)[0]) < 10_000
    assert done.new == 0


def test_a_flood_is_taken_to_its_limit_and_said(store, refresh):
    done = refresh(rss(*(item(f"R {n}", f"{n} words", guid=str(n)) for n in range(5000))))
    assert done.new == 2000
    (health,) = store.feeds.health()
    assert "3000 more left out" in health.note


@pytest.mark.parametrize("year", [1, 1969, 1970, 2099, 9999])
def test_a_date_that_cannot_be_keeps_the_article_and_the_schedule(store, refresh, year):
    rows = [item(f"R {n}", guid=str(n), date=f"0{n} Jun {year:04} 09:30:00 GMT") for n in (1, 2)]
    assert refresh(rss(*rows)).new == 2
    (state,) = store.feeds.states()
    assert timedelta(minutes=14) < state.due - START <= timedelta(hours=24)


def test_a_304_that_nobody_asked_for_is_no_success(store, refresh):
    done = refresh(Answer(b"", 304))
    assert done.failed and not done.unchanged


def test_a_tag_that_lies_is_found_out_by_the_body(store, refresh):
    tag = {"ETag": 'W/"always"'}
    first = Answer(rss(item("A", guid="a")), headers=tag)
    second = Answer(rss(item("B", LONG + "B", guid="b")), headers=tag)
    assert refresh(first, second).new == 1


def test_a_move_to_an_address_with_a_password_is_not_written_down(store, refresh, paper):
    secret = paper.at("/new").replace("://", "://me:secret@")
    paper["/new"] = rss(item("A", guid="a"))
    away = Answer(b"", 301, {"Location": secret})
    refresh(away, away, away)
    (state,) = store.feeds.states()
    assert "secret" not in f"{state}" and "secret" not in f"{store.feeds.health()}"


def test_a_server_that_refuses_to_connect_says_so_and_recovers(store, refresh, paper):
    with site() as short:
        source, _ = store.feeds.subscribe(short.at("/feed"), due=START)
    done = refresh(rss(item("A", guid="a")))
    assert done.new == 1
    (lost,) = [h for h in store.feeds.health() if h.source.id == source]
    assert lost.failures == 0


def test_another_day_at_the_same_address_is_another_article(store, refresh):
    days = [
        item("Weather", f"{day}: sun.", guid=f"w{day}", link="weather", date=f"{day} Jun 2022")
        for day in (18, 19)
    ]
    refresh(rss(days[0]), rss(days[1]))
    assert len(held(store)) == 2
