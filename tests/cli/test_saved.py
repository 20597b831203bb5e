"""Saved searches from the command line, in processes of their own."""

import json
import os
import subprocess
import sys

import pytest
from tests.conftest import ROOT


@pytest.fixture
def filled(home, newsreader, tmp_path):
    """A home of four short articles, without names."""
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text("recognise = false\n")
    lines = [
        {"title": f"{word} {n}", "body": f"{word} number {n} of the week.", "id": f"{word}{n}"}
        for n in (1, 2)
        for word in ("Ferry", "Football")
    ]
    (tmp_path / "first.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert newsreader("import", tmp_path / "first.jsonl").status == 0
    return newsreader


def more(newsreader, tmp_path, *titles):
    lines = [{"title": title, "body": f"{title}, they said.", "id": title} for title in titles]
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return newsreader("import", tmp_path / "more.jsonl")


def test_one_is_added_listed_changed_renamed_and_removed(filled):
    row = {"name": "Boats", "query": "ferry is:unread", "unread": 2, "total": 2, "actions": []}
    assert filled("saved", "Boats", "ferry", "is:unread", "--json").json == [row]
    assert filled("saved", "--json").json == [row]
    assert "Boats: ferry is:unread" in filled("saved", "boats").out
    changed = filled("saved", "Boats", "--do", "hide", "--do", "tag:sea", "--json").json[0]
    assert (changed["query"], changed["actions"]) == ("ferry is:unread", ["hide", "tag:sea"])
    assert filled("saved", "Boats", "ferry", "--json").json[0]["actions"] == ["hide", "tag:sea"]
    assert filled("saved", "Boats", "--do", "nothing", "--json").json[0]["actions"] == []
    assert filled("saved", "Boats", "--rename", "Ships", "--json").json[0]["name"] == "Ships"
    assert filled("saved", "Ships", "--remove").status == 0
    assert filled("saved", "--json").json == []


def test_what_is_wrong_is_said_in_a_sentence(filled):
    bad = filled("saved", "A", "ferry (")
    assert bad.status == 2 and "column 7" in bad.err and "^" in bad.err
    action = filled("saved", "A", "ferry", "--do", "explode")
    assert action.status == 2 and action.err.count("\n") == 1
    assert "'explode': is no action of a saved search; there are notify, read" in action.err
    assert filled("saved", "A", "--remove").status == 1
    assert filled("saved", "A").status == 1
    assert filled("saved", "A", "x", "--remove").status == 2
    assert filled("saved", "--json").json == []


def test_new_articles_are_acted_upon_and_hidden_ones_are_gone(filled, tmp_path):
    filled("saved", "Football", "football", "--do", "hide", "--do", "read")
    assert more(filled, tmp_path, "Football tonight", "Ferry tonight").status == 0
    assert filled("search", "tonight", "--json").json["total"] == 1
    hidden = filled("search", "is:hidden", "--json").json["hits"]
    assert [(hit["title"], hit["read"]) for hit in hidden] == [("Football tonight", True)]
    assert filled("sources", "--json").json[1]["total"] == 1
    row = filled("saved", "--json").json[0]
    assert (row["unread"], row["total"]) == (2, 3)
    assert filled("saved", "Football", "--existing", "--json").json[0]["total"] == 3
    assert filled("search", "football", "--json").json["total"] == 0
    assert filled("unhide", "--query", "is:hidden", "--json").json == {"changed": 3}
    assert filled("doctor", "--json").json["ok"]


def test_the_worker_says_what_is_to_be_told(filled, home, tmp_path):
    filled("saved", "Ferries", "ferry", "--do", "notify")
    more(filled, tmp_path, "Ferry \x1b[31mtonight", "Ferry tomorrow")
    heard = []
    for _ in range(2):
        worker = subprocess.Popen(
            [sys.executable, "-m", "newsreader.worker", "--home", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
        for line in worker.stdout:
            heard.append(json.loads(line))
            if heard[-1]["event"] == "idle":
                break
        worker.communicate('{"do": "stop"}\n', timeout=30)
    notices = [event for event in heard if event["event"] == "notify"]
    titles = ["Ferry tomorrow", "Ferry tonight"]
    assert notices == [{"event": "notify", "saved": "Ferries", "count": 2, "titles": titles}]


def test_with_a_worker_at_work_it_waits_for_its_answer(filled, home):
    worker = subprocess.Popen(
        [sys.executable, "-m", "newsreader.worker", "--home", str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert '"idle"' in worker.stdout.readline()
    assert filled("saved", "Ferries", "ferry", "--json").json[0]["total"] == 2
    worker.communicate('{"do": "stop"}\n', timeout=30)
