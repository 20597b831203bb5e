"""The commands about feeds, as scripts and cron use them."""

import json

import pytest
from tests.serving import Answer, rss, site

OPML = "<opml version='2.0'><body><outline text='W'>{}</outline></body></opml>"


@pytest.fixture
def paper():
    with site() as served:
        yield served


@pytest.fixture
def reader(newsreader, home):
    home.mkdir()
    (home / "config.toml").write_text("recognise = false\n")
    return newsreader


def test_a_feed_is_added_read_renamed_paused_and_removed(reader, paper):
    paper["/feed"] = rss("Ferry sails", "Bridge shut", name="The Paper")
    added = reader("add", paper.at("/feed"), "--folder", "World", "--json")
    assert added.status == 0
    assert set(added.json) == {"id", "url", "title", "articles"}
    assert (added.json["title"], added.json["articles"]) == ("The Paper", 2)
    # It returns when what came can be found.
    assert reader("search", "ferry", "--json").json["total"] == 1
    name = added.json["id"]
    shown = reader("feed", name, "--rename", "Mine", "--paused", "--interval", "2h", "--json").json
    assert (shown["title"], shown["next_due"]) == ("Mine", None)
    assert shown["settings"]["interval"] == 7200
    assert reader("refresh", "--all", "--json").json["feeds"] == 0
    assert reader("refresh", "Mine", "--json").json == {
        "feeds": 1,
        "unchanged": 1,
        "failed": [],
        "new": 0,
        "updated": 0,
    }
    assert reader("remove", "Mine").status == 0
    assert reader("sources", "--json").json == []


def test_a_refresh_says_what_failed_and_goes_on(reader, paper):
    paper["/good"] = rss("Ferry sails")
    paper["/bad"] = Answer(b"", 500)
    lines = "".join(f"<outline text='{p}' xmlUrl='{paper.at(p)}'/>" for p in ("/good", "/bad"))
    paper["/list"] = OPML.format(lines)
    ran = reader("add", paper.at("/list"))
    assert ran.status == 0 and "500" in ran.err
    done = reader("refresh", "--all", "--json")
    assert done.status == 0
    assert done.json["failed"] == [
        {"url": paper.at("/bad"), "error": "the server has failed (500)"}
    ]
    rows = {row["title"]: row for row in reader("sources", "--json").json}
    assert rows["/bad"]["error"] == "the server has failed (500)"
    assert rows["/good"]["last_fetched"] and rows["/good"]["next_due"]
    first = json.loads(reader("feeds", "--json").out)[0]
    assert (first["title"], first["failures"]) == ("/bad", 2)
    alone = reader("refresh", "/bad")
    assert alone.status == 1


def test_nothing_to_do_is_said(reader, paper):
    assert "no feeds to fetch" in reader("refresh").err
    paper["/feed"] = rss("A")
    reader("add", paper.at("/feed"))
    assert "nothing is due before" in reader("refresh").err


@pytest.mark.parametrize(
    "words",
    [
        ("add", "not an address"),
        ("add", "javascript:alert(1)"),
        ("feed", "nobody"),
        ("refresh", "nobody"),
        ("export", "--format", "opml", "--query", "x"),
    ],
)
def test_what_cannot_be_is_one_sentence(reader, words):
    ran = reader(*words)
    assert ran.status in (1, 2) and ran.out == ""
    assert ran.err.startswith("newsreader: ") and ran.err.count("\n") == 1


def test_a_password_is_asked_for_and_kept_apart(reader, home, paper):
    def page(asked):
        return Answer(rss("A")) if "authorization" in asked.headers else Answer(b"", 401)

    paper["/feed"] = page
    assert "401" in reader("add", paper.at("/feed")).err
    added = reader(
        "add", paper.at("/feed"), "--user", "ann", "--password-stdin", stdin="s3cr3t-w0rd\n"
    )
    assert added.status == 0
    assert b"s3cr3t" not in (home / "library.db").read_bytes()
    assert (home / "credentials.json").stat().st_mode & 0o077 == 0
    assert "s3cr3t" not in reader("export", "--format", "opml").out
    name = reader("sources", "--json").json[0]["id"]
    reader("feed", name, "--no-login")
    assert "401" in reader("refresh", name).err
