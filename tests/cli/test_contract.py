"""The command line that others rely on, run as they run it: a process, its streams, its status."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.conftest import ROOT, run_newsreader

FERRY = """Ferry to Skarholm keeps running through the winter

By Ines Okafor, The Harbour Ledger

SKARHOLM — The council voted on Monday to keep the ferry running until March 5, 2023, after Mayor
Tomas Adeyemi said the island could not do without it.

"Nobody swims to school," Adeyemi told reporters in Skarholm. The Venezuelan-built ship belongs to
Baltic Lines, and was bought in late June.

READ NEXT: Island school counts its pupils

© 2022 The Harbour Ledger. All rights reserved.
"""
CAFE = """Café owners in Oslo ask for longer evenings

Café owners in Oslo asked the city on Tuesday for an hour more in the evening. The city of Oslo has
refused twice, and the owners say that they will ask a third time before the summer.
"""


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """Two clippings and a home that has taken them in; copied by the tests, never changed."""
    folder = tmp_path_factory.mktemp("once")
    clippings = folder / "clippings"
    clippings.mkdir()
    (clippings / "ferry.txt").write_text(FERRY, encoding="utf-8")
    (clippings / "cafe.txt").write_text(CAFE, encoding="utf-8")
    home = folder / "home"
    ran = run_newsreader(home, "import", clippings, "--json")
    assert ran.status == 0, ran.err
    assert ran.json == {"imported": 2, "updated": 0, "unchanged": 0, "failed": []}
    return folder


@pytest.fixture
def clippings(once):
    """The folder of two clippings; what a test changes in it is put back."""
    yield once / "clippings"
    for path in (once / "clippings").iterdir():
        if path.name not in ("ferry.txt", "cafe.txt"):
            path.unlink()
    (once / "clippings" / "cafe.txt").write_text(CAFE, encoding="utf-8")


@pytest.fixture
def filled(once, home, newsreader):
    shutil.copytree(once / "home", home)
    return newsreader


def ids(newsreader, query):
    return [hit["id"] for hit in newsreader("search", query, "--json").json["hits"]]


def test_importing_again_changes_nothing_and_a_changed_file_updates(filled, clippings):
    again = filled("import", clippings, "--json").json
    assert (again["imported"], again["unchanged"]) == (0, 2)
    (clippings / "cafe.txt").write_text(CAFE + "\nThe mayor was not asked.\n", encoding="utf-8")
    changed = filled("import", clippings, "--json").json
    assert (changed["updated"], changed["unchanged"]) == (1, 1)
    assert len(ids(filled, "mayor asked oslo")) == 1


def test_when_import_returns_all_is_found_and_named(filled):
    assert filled("stats", "--json").json["pending"] == 0
    (ferry,) = ids(filled, "ferry")
    article = filled("show", ferry, "--json").json
    assert (article["source"], article["author"]) == ("The Harbour Ledger", "Ines Okafor")
    named = {mention["text"]: mention for mention in article["mentions"]}
    assert named["Tomas Adeyemi"]["kind"] == "person"
    assert named["Adeyemi"]["entity"] == named["Tomas Adeyemi"]["entity"]
    assert named["Venezuelan"]["kind"] == "demonym"
    assert named["March 5, 2023"]["date"] == "2023-03-05"
    for mention in article["mentions"]:
        assert article["text"][mention["start"] : mention["end"]] == mention["text"]
    assert [link["text"] for link in article["links"]] == ["Island school counts its pupils"]
    assert "READ NEXT" not in article["text"] and "©" not in article["text"]
    assert article["published"] is None, "a file's time is never a date"
    assert {"via", "credits", "cites", "related", "story", "note", "tags"} <= set(article)


def test_search_ignores_accents_and_knows_fields(filled):
    assert len(ids(filled, "cafe oslo")) == 1
    assert len(ids(filled, "title:ferry OR cafe")) == 2
    assert ids(filled, "person:adeyemi") == ids(filled, "ferry")
    hit = filled("search", '"keep the ferry"', "--json").json["hits"][0]
    text, (match, *_) = hit["snippet"]["text"], hit["snippet"]["matches"]
    assert text[match[0] : match[1]].lower().startswith("keep")


def test_a_filter_alone_is_a_query_and_status_is_known_at_once(filled):
    (ferry,) = ids(filled, "ferry")
    assert filled("read", ferry, "--json").json == {"changed": 1}
    assert filled("read", ferry, "--json").json == {"changed": 0}
    assert ids(filled, "is:read") == [ferry]
    assert filled("bookmark", "--query", "oslo", "--json").json == {"changed": 1}
    assert ids(filled, "is:bookmarked") == ids(filled, "oslo")


def test_a_bad_query_points_at_its_column(filled):
    ran = filled("search", "ferry (boat")
    assert (ran.status, ran.out) == (2, "")
    assert "column 7" in ran.err
    query, caret = ran.err.rstrip("\n").split("\n")[-2:]
    assert query[caret.index("^")] == "("


@pytest.mark.parametrize(
    "query",
    [f"{'x' * 2_000} (boat", f"(boat {'x' * 2_000}", "ferry (boat"],
    ids=["after", "before", "short"],
)
def test_of_a_long_query_only_what_is_wrong_is_shown(filled, query):
    line, caret = filled("search", query).err.rstrip("\n").split("\n")[-2:]
    assert len(line) <= 80
    assert line[caret.index("^")] == "("


def test_queries_from_stdin_answer_one_a_line(filled):
    ran = filled("search", "-", stdin="ferry\n(\noslo\n")
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert [answer.get("total") for answer in answers] == [1, None, 1]
    assert answers[1]["column"] == 1


def test_tags_and_notes(filled):
    (ferry,) = ids(filled, "ferry")
    assert filled("tag", ferry, "+island", "+later").status == 0
    assert filled("tag", ferry, "-later").status == 0
    assert filled("note", ferry, "ask", "the", "mayor").status == 0
    article = filled("show", ferry, "--json").json
    assert (article["tags"], article["note"]) == (["island"], "ask the mayor")
    assert ids(filled, "tag:island") == [ferry]
    assert ids(filled, "is:noted") == [ferry]


def test_entities_are_listed_most_mentioned_first(filled):
    rows = filled("entities", "--json").json
    assert [row["mentions"] for row in rows] == sorted((r["mentions"] for r in rows), reverse=True)
    (adeyemi,) = filled("entities", "adey", "--json").json
    assert (adeyemi["name"], adeyemi["kind"]) == ("Tomas Adeyemi", "person")


def test_sources_and_remove(filled):
    (source,) = filled("sources", "--json").json
    assert (source["title"], source["unread"], source["total"]) == ("clippings", 2, 2)
    filled("bookmark", "--query", "ferry")
    assert filled("remove", "clippings", "--json").json["removed"] == 1
    assert filled("sources", "--json").json == []
    assert len(ids(filled, "ferry OR oslo")) == 1


def test_show_in_every_format(filled):
    (ferry,) = ids(filled, "ferry")
    for form, sign in (("text", "Harbour Ledger"), ("markdown", "# Ferry"), ("html", "<h1>Ferry")):
        ran = filled("show", ferry, "--format", form)
        assert ran.status == 0 and sign in ran.out


def test_bad_files_are_named_and_the_rest_goes_on(newsreader, clippings):
    (clippings / "picture.txt").write_bytes(bytes(range(256)) * 20)
    (clippings / "empty.html").write_bytes(b"")
    ran = newsreader("import", clippings, clippings / "nowhere", "--json")
    assert ran.status == 1
    assert ran.json["imported"] == 2
    failed = {Path(row["path"]).name: row["reason"] for row in ran.json["failed"]}
    assert set(failed) == {"picture.txt", "empty.html", "nowhere"}
    assert all(failed.values()) and "Traceback" not in ran.err


def test_a_bad_line_of_jsonl_is_named_by_its_number(newsreader, tmp_path):
    path = tmp_path / "a.jsonl"
    good = json.dumps({"title": "Good", "body": "A good line about harbours.", "id": "1"})
    path.write_text(f"{good}\nnot json\n", encoding="utf-8")
    ran = newsreader("import", path, "--json", "--no-wait")
    assert (ran.status, ran.json["imported"]) == (1, 1)
    assert "2" in ran.json["failed"][0]["path"]


def test_a_source_given_by_hand_wins(newsreader, clippings):
    newsreader("import", clippings, "--source", "My Cuttings", "--no-wait")
    (source,) = newsreader("sources", "--json").json
    assert source["title"] == "My Cuttings"


def test_no_wait_returns_when_stored_and_the_next_worker_finishes(newsreader, clippings):
    newsreader("import", clippings, "--no-wait")
    assert newsreader("stats", "--json").json["pending"] == 4
    assert newsreader("rebuild", "index").status == 0
    stats = newsreader("stats", "--json").json
    assert (stats["pending"], stats["index_documents"]) == (0, 2)


def test_what_is_not_there_yet_says_so(newsreader):
    for words in (["stories"], ["export", "--format", "epub"]):
        ran = newsreader(*words)
        assert ran.status == 2 and "not in this version" in ran.err
    assert newsreader("rebuild", "stories").status == 2


def test_wrong_usage_and_unknown_ids(newsreader, filled):
    assert filled("show", "a999").status == 1
    assert filled("show", "x").status == 1
    assert filled("frobnicate").status == 2
    assert filled("read").status == 2
    assert filled("tag", "a1").status == 2


def test_without_a_terminal_the_reader_says_so(newsreader):
    ran = newsreader()
    assert ran.status == 2 and "terminal" in ran.err


def test_a_reader_that_closes_the_pipe_early_is_no_error(filled, home):
    command = f"{sys.executable} -m newsreader --home {home} show a1 --format html | head -c 1"
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert ran.stderr == b""


def test_doctor_finds_a_lost_index_and_repairs_it(filled, home):
    assert filled("doctor", "--json").json["ok"]
    for path in (home / "index").iterdir():
        path.unlink()
    broken = filled("doctor", "--json")
    assert broken.status == 1 and not broken.json["ok"]
    assert filled("doctor", "--repair", "--json").json["ok"]
    assert len(ids(filled, "ferry")) == 1


def test_everything_in_the_home_is_private(filled, home):
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    loose = [p for p in home.iterdir() if p.is_file() and stat.S_IMODE(p.stat().st_mode) & 0o077]
    assert loose == []


def test_help_pages_are_there(newsreader):
    for topic in ("guide", "query", "design", "keys"):
        assert newsreader("help", topic).out.strip()
    assert newsreader("help", "nonsense").status == 2


def test_the_version_is_said_without_loading_anything(newsreader):
    assert newsreader("--version").out.startswith("newsreader ")
    code = (
        "import sys; from newsreader.cli import main; main(['--version']);"
        "heavy = {'argparse', 'textual', 'sqlite3', 'whoosh', 'platformdirs'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert done.returncode == 0, done.stderr


def test_names_that_are_no_paths_are_sentences(newsreader, tmp_path):
    ran = newsreader("import", "~nosuchuser-at-all/x")
    assert ran.status == 1 and "no such user" in ran.err
    odd = tmp_path / os.fsdecode(b"odd-\xff")
    odd.mkdir()
    (odd / os.fsdecode(b"b\xff.txt")).write_text(CAFE, encoding="utf-8")
    (odd / os.fsdecode(b"c\xff.txt")).write_bytes(b"")
    ran = newsreader("import", odd, "--json", "--no-wait")
    assert ran.json["imported"] == 1 and len(ran.json["failed"]) == 1, ran.err
    assert newsreader("import", odd, "--json", "--no-wait").json["unchanged"] == 1
    assert newsreader("sources").status == 0


def test_a_lock_that_cannot_be_is_a_sentence(filled, home, clippings):
    (home / "worker.lock").unlink(missing_ok=True)
    (home / "worker.lock").mkdir()
    ran = filled("rebuild", "index")
    assert ran.status == 1 and "worker.lock" in ran.err and "Traceback" not in ran.err


def test_the_caret_stands_under_its_column_also_in_wide_text(newsreader):
    ran = newsreader("search", "東京 (boat")
    query, caret = ran.err.rstrip("\n").split("\n")[-2:]
    assert "column 4" in ran.err
    assert caret.index("^") == len("  東京 ") + 2
    assert query.strip() == "東京 (boat"


def test_sources_of_one_title_are_told_apart_by_id(newsreader, tmp_path):
    for name in ("one", "two"):
        folder = tmp_path / name / "news"
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(CAFE.replace("Oslo", name), encoding="utf-8")
        newsreader("import", folder, "--no-wait")
    ran = newsreader("remove", "news", "--no-wait")
    assert ran.status == 2 and "s1, s2" in ran.err
    assert newsreader("remove", "s2", "--no-wait").status == 0
    assert [row["id"] for row in newsreader("sources", "--json").json] == ["s1"]


def test_what_nobody_foresaw_is_one_sentence_and_stands_in_the_log(home, newsreader):
    newsreader("stats")
    with closing(sqlite3.connect(home / "library.db")) as db:
        db.execute(
            "INSERT INTO saved_search (name, key, query, actions, after, created_at)"
            " VALUES ('\x1b[31mx', 'k', 'q', '{nonsense', 0, 0)"
        )
        db.commit()
    ran = newsreader("saved")
    assert ran.status == 1 and ran.err.count("\n") == 1 and "Traceback" not in ran.err
    assert "newsreader.log" in ran.err
    logged = (home / "newsreader.log").read_text(encoding="utf-8")
    assert "Traceback" in logged and "\x1b" not in logged
