"""Entities from the command line: their pages, and the user's word on them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import entry, feed, run_newsreader

from newsreader.model import EntityKind, Recognised
from newsreader.present import sparkline
from newsreader.store import Arrival, Store

TEXTS = {
    "1": ("Ana Ruiz met Bo Lee in Porto.", "2022-06"),
    "2": ("Ana Ruiz and Ana Poe met Bo Lee.", "2022-08"),
    "3": ("Annie Ruiz wrote to Bo Lee of Porto.", "2022-08"),
}
NAMES = {"Porto": EntityKind.PLACE} | dict.fromkeys(
    ["Ana Ruiz", "Bo Lee", "Ana Poe", "Annie Ruiz"], EntityKind.PERSON
)


def fill(home):
    """Three short articles with the names that stand in them, as a recogniser would say."""
    from datetime import datetime

    store = Store(home)
    (home / "config.toml").write_text("recognise = false\n")
    for guid, (text, month) in TEXTS.items():
        published = datetime.fromisoformat(f"{month}-03T09:00:00+00:00")
        given = entry(guid, text, guid=guid, published=published)._replace(outlet="Post")
        store.articles.save(feed(), [Arrival(given)])
        (task,) = store.todo.take("entities", 5)
        found = sorted(
            Recognised(text.index(name), text.index(name) + len(name), kind, name)
            for name, kind in NAMES.items()
            if name in text
        )
        assert store.entities.save(task, text, found, 1)
    store.close()


@pytest.fixture(scope="module")
def filled_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("entity") / "home"
    fill(home)
    assert run_newsreader(home, "rebuild", "index").status == 0
    return home


@pytest.fixture
def filled(filled_home, home, newsreader):
    import shutil

    shutil.copytree(filled_home, home)
    return newsreader


def total(newsreader, query):
    return newsreader("search", query, "--json").json["total"]


def test_a_page_says_all_that_is_promised(filled):
    page = filled("entity", "Bo", "Lee", "--json").json
    assert {k: page[k] for k in ("name", "kind", "articles", "mentions", "followed")} == {
        "name": "Bo Lee",
        "kind": "person",
        "articles": 3,
        "mentions": 3,
        "followed": False,
    }
    assert (page["first"], page["last"]) == ("2022-06-03T09:00:00Z", "2022-08-03T09:00:00Z")
    assert page["per_month"] == [["2022-06", 1], ["2022-07", 0], ["2022-08", 2]]
    assert page["sources"] == [["Post", 3]]
    assert {row["name"]: row["articles"] for row in page["with"]}["Porto"] == 2
    assert all(set(row) == {"id", "name", "kind", "articles"} for row in page["with"])
    latest = page["latest"][0]
    assert latest["title"] == "3" and latest["published"] == page["last"]
    ((start, end),) = latest["snippet"]["matches"]
    assert latest["snippet"]["text"][start:end] == "Bo Lee"
    assert filled("entity", page["id"], "--json").json == page


def test_a_page_is_read_as_text_without_a_screen(filled):
    text = filled("entity", "Bo Lee").out
    assert "Bo Lee  (e" in text and "3 mentions in 3 articles" in text
    assert "      2  2022-08" in text and "▲ Porto" in text
    assert "Annie Ruiz wrote to Bo Lee of Porto." in text


def test_of_several_the_most_mentioned_is_taken_and_that_is_said(filled):
    ran = filled("entity", "ana", "--json")
    assert ran.json["name"] == "Ana Ruiz"
    assert ran.err.startswith("'ana': taken to be Ana Ruiz (e") and "Ana Poe (e" in ran.err
    said = filled("entity", "ana", "--hide")
    assert said.status == 2 and "say which by its id" in said.err and said.out == ""
    assert filled("entity", "Ana Ruiz").err == ""


def test_what_is_not_there_is_a_sentence(filled):
    for words, status in (
        (["entity", "Nobody"], 1),
        (["entity", "e999"], 1),
        (["entity", "e9999999999999999999999"], 1),
        (["entity", ""], 1),
        (["entity"], 2),
        (["entity", "Bo Lee", "--hide", "--show"], 2),
        (["entity", "Bo Lee", "--kind", "date"], 2),
        (["entity", "Bo Lee", "--merge", "Bo Lee"], 2),
        (["entity", "Bo Lee", "--split", "Nobody"], 2),
        (["entity", "Bo Lee", "--rename", "…"], 2),
        (["follow", "Bo Lee", "Nobody"], 1),
        (["unfollow"], 2),
    ):
        ran = filled(*words)
        assert (ran.status, ran.out) == (status, ""), words
        assert ran.err and "Traceback" not in ran.err
    assert filled("follow", "--json").json == []


def test_following(filled):
    assert filled("follow", "Bo Lee", "Porto", "--json").json == {"changed": 2}
    assert filled("follow", "Bo Lee", "--json").json == {"changed": 0}
    filled("read", "a1")
    rows = [(r["name"], r["unread"], r["total"]) for r in filled("follow", "--json").json]
    assert rows == [("Bo Lee", 2, 3), ("Porto", 1, 2)]
    assert "2 of       3  ◆ Bo Lee" in filled("follow").out
    assert filled("entities", "bo", "--json").json[0]["followed"]
    assert filled("unfollow", "Bo Lee", "--json").json == {"changed": 1}
    assert [row["name"] for row in filled("follow", "--json").json] == ["Porto"]


def test_merging_and_splitting_reach_the_search_and_survive_a_rebuild(filled):
    assert total(filled, 'person:"ana ruiz"') == 2
    merged = filled("entity", "Annie Ruiz", "--merge", "Ana Ruiz", "--json").json
    assert (merged["name"], merged["articles"]) == ("Ana Ruiz", 3)
    assert merged["aliases"] == ["Annie Ruiz"]
    assert total(filled, 'person:"ana ruiz"') == total(filled, 'person:"annie ruiz"') == 3
    mention = filled("show", "a3", "--json").json["mentions"][0]
    assert (mention["text"], mention["entity"]) == ("Annie Ruiz", merged["id"])
    assert filled("rebuild", "index").status == 0
    assert total(filled, 'person:"ana ruiz"') == 3
    split = filled("entity", "Ana Ruiz", "--split", "annie ruiz", "--json").json
    assert (split["name"], split["articles"]) == ("Annie Ruiz", 1)
    assert total(filled, 'person:"ana ruiz"') == 2
    assert filled("doctor", "--json").json["ok"]


def test_renaming_kind_and_hiding_reach_every_list(filled):
    assert "◆ Bo Lee-Ruiz" in filled("entity", "Bo Lee", "--rename", "Bo Lee-Ruiz").out
    assert total(filled, "person:lee-ruiz") == 3
    kind = filled("entity", "Bo Lee-Ruiz", "--kind", "organisation", "--json").json
    assert kind["kind"] == "organisation" and total(filled, "org:lee") == 3
    assert total(filled, "person:lee") == 0
    entity = filled("entity", "Bo Lee", "--hide", "--json").json
    assert entity["hidden"] and filled("entities", "bo", "--json").json == []
    assert total(filled, "org:lee") == 0
    assert "Bo Lee" not in json.dumps(filled("show", "a1", "--json").json["mentions"])
    assert "hidden" in filled("entity", entity["id"]).out
    assert not filled("entity", entity["id"], "--show", "--json").json["hidden"]
    assert total(filled, "org:lee") == 3


def test_no_wait_leaves_the_index_to_the_next_worker(filled):
    assert filled("entity", "Bo Lee", "--rename", "Zed", "--no-wait").status == 0
    assert filled("stats", "--json").json["pending"] == 3
    assert filled("entity", "Zed", "--json").json["articles"] == 3


@given(st.lists(st.integers(0, 10_000), max_size=300), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_bars_fit_and_say_where_nothing_and_where_the_most_is(counts, width):
    line = sparkline(counts, width)
    assert len(line) <= width
    assert ("█" in line) == any(counts)
    if len(counts) <= width:
        assert [bar == " " for bar in line] == [n == 0 for n in counts]
        assert [bar == "█" for bar in line] == [n == max(counts) and n > 0 for n in counts]
