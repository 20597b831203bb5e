"""A database that is newer, damaged, empty or out of reach: a clear refusal, nothing changed."""

import os
import sqlite3
import subprocess
import sys
import time

import pexpect
import pytest
from tests.conftest import ROOT, run_newsreader
from tests.faults.driving import nothing_runs, reading
from tests.terminal import Terminal

from newsreader.store import Store

COMMANDS = (["stats"], ["search", "rain"], ["read", "a1"], ["import", "--no-wait", "{more}"])


def contents(home):
    return {
        path.name: path.read_bytes()
        for path in home.iterdir()
        if path.name.startswith("library.db") and not path.name.endswith("-shm")
    }


def worker(home):
    """Run a worker on ``home``; return its exit status and what it said."""
    ran = subprocess.run(
        [sys.executable, "-m", "newsreader.worker", "--home", str(home)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        timeout=30,
    )
    return ran.returncode, ran.stdout + ran.stderr


def refused(home, words, more):
    ran = run_newsreader(home, *(word.format(more=more) for word in words))
    assert ran.status == 1
    assert ran.err.count("\n") == 1 and "library.db" in ran.err, ran.err
    return ran.err


def refused_by_the_reader(home):
    terminal = Terminal(home, 300, 40)  # the sentence on one line, long as the path may be
    try:
        terminal.until(lambda text: "library.db" in text, 10)
        terminal.child.expect(pexpect.EOF, timeout=10)
        terminal.child.close()
        assert terminal.child.exitstatus == 1
        assert "Traceback" not in terminal.text
        return terminal.text
    finally:
        terminal.kill()


def test_a_newer_database_is_refused_by_all_and_left_alone(copied, tmp_path):
    db = sqlite3.connect(copied / "library.db")
    db.execute("PRAGMA user_version = 999")
    db.close()
    before = contents(copied)
    for words in COMMANDS:
        assert "newer newsreader" in refused(copied, words, tmp_path)
    status, said = worker(copied)
    assert status == 1 and "newer newsreader" in said and "Traceback" not in said
    assert "newer newsreader" in refused_by_the_reader(copied)
    assert contents(copied) == before


def garble(path, start, length):
    with path.open("r+b") as stream:
        stream.seek(start)
        stream.write(bytes((each * 7 + 13) % 256 for each in range(length)))


DAMAGES = {
    "cut in half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "cut within a page": lambda path: os.truncate(path, 5000),
    "a garbled head": lambda path: garble(path, 0, 100),
    "a garbled schema": lambda path: garble(path, 100, 4000),
    "not a database": lambda path: path.write_bytes(b"<html>not a database</html>" * 500),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_said_to_be_and_left_alone(copied, tmp_path, damage):
    DAMAGES[damage](copied / "library.db")
    before = contents(copied)["library.db"]
    for words in COMMANDS[:3]:
        ran = run_newsreader(copied, *words)
        assert "Traceback" not in ran.err
        if ran.status:
            assert ran.err.count("\n") == 1 and "damaged" in ran.err, ran.err
    ran = run_newsreader(copied, "doctor")
    assert ran.status == 1 and "Traceback" not in ran.err + ran.out
    assert "BAD  database" in ran.out
    assert "Traceback" not in worker(copied)[1]
    if damage != "cut in half":
        assert contents(copied)["library.db"] == before


@pytest.mark.parametrize("damage", ["a garbled head", "not a database"])
def test_the_reader_does_not_open_on_a_damaged_database(copied, damage):
    DAMAGES[damage](copied / "library.db")
    assert "damaged" in refused_by_the_reader(copied)
    assert nothing_runs(copied)


def test_an_empty_file_is_a_library_to_begin(copied):
    (copied / "library.db").write_bytes(b"")
    assert run_newsreader(copied, "stats", "--json").json["articles"] == 0


def crashed(home, *, wal=None, shm=None, main=None):
    """Leave a home as a crash leaves it, a mark in the journal, with these things done to it."""
    program = (
        "import os, sys; from pathlib import Path; from newsreader.store import Store;"
        "store = Store(Path(sys.argv[1])); store.acts.bookmark([1], on=True); os._exit(0)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run([sys.executable, "-c", program, str(home)], env=environment, check=True)
    for name, change in (("library.db-wal", wal), ("library.db-shm", shm), ("library.db", main)):
        if change:
            change(home / name)


CRASHES = {
    "as it was": ({}, True),
    "without -shm": ({"shm": lambda path: path.unlink()}, True),
    "a garbled -shm": ({"shm": lambda path: garble(path, 0, path.stat().st_size)}, True),
    "an empty -shm": ({"shm": lambda path: os.truncate(path, 0)}, True),
    "without its journal": ({"wal": lambda path: path.unlink()}, False),
    "a garbled journal": ({"wal": lambda path: garble(path, 0, path.stat().st_size)}, False),
    "a journal cut short": ({"wal": lambda path: os.truncate(path, 40)}, False),
}


@pytest.mark.parametrize("crash", CRASHES)
def test_after_a_crash_the_library_is_whole_whatever_became_of_the_journal(copied, crash):
    changes, marked = CRASHES[crash]
    crashed(copied, **changes)
    ran = run_newsreader(copied, "stats", "--json")
    assert ran.status == 0 and ran.json["articles"] > 10
    store = Store(copied)
    assert not store.check() and not store.wrong_counts()
    assert store.lists.counts().bookmarks == int(marked)
    store.close()


def test_a_home_and_a_database_behind_links_are_used_where_they_are(copied, tmp_path):
    elsewhere = tmp_path / "elsewhere.db"
    (copied / "library.db").rename(elsewhere)
    (copied / "library.db").symlink_to(elsewhere)
    link = tmp_path / "link"
    link.symlink_to(copied)
    assert run_newsreader(link, "bookmark", "a1").status == 0
    assert (copied / "library.db").is_symlink()
    with reading(link) as terminal:
        terminal.keys("b")
        terminal.sees("Bookmarked")
        assert terminal.leave() == 0
    store = Store(copied)
    assert store.lists.counts().bookmarks == 2
    store.close()


@pytest.mark.parametrize("damage", ["cut in half", "cut within a page", "a garbled schema"])
def test_a_database_damaged_under_the_reader_ends_it_by_a_sentence_or_not_at_all(copied, damage):
    with reading(copied) as terminal:
        DAMAGES[damage](copied / "library.db")
        for key in "jbj1jj\rq":
            terminal.keys(key)
            time.sleep(0.1)
            try:
                terminal.read(0.05)
            except pexpect.EOF:
                break
        try:
            terminal.leave()
        except pexpect.EOF:
            terminal.child.close()
        status = terminal.child.exitstatus
    assert status in (0, 1)
    last = terminal.raw.rpartition(b"\x1b[?1049l")[2]
    assert b"Traceback" not in terminal.raw and b"locals" not in terminal.raw
    assert b"\x1b[?1049l" in terminal.raw
    if status:
        assert b"newsreader: " in last and last.count(b"\n") <= 4, last
    assert nothing_runs(copied)
