"""Another program keeps the database locked: the keys go on, nothing is lost unsaid."""

import sqlite3
import subprocess
import sys
import time

from tests.conftest import run_newsreader
from tests.faults.driving import nothing_runs, reading
from tests.terminal import fill

from newsreader.store import Store

LOCKS = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
"""


def lock(home, seconds):
    """Return the process that keeps the database of ``home`` locked from now on."""
    program = [sys.executable, "-c", LOCKS, str(home / "library.db"), str(seconds)]
    other = subprocess.Popen(program, stdout=subprocess.PIPE, encoding="utf-8")
    assert other.stdout.readline() == "locked\n"
    return other


def bookmarks(home):
    store = Store(home)
    number = store.lists.counts().bookmarks
    store.close()
    return number


def test_a_mark_waits_for_the_lock_while_the_keys_go_on(home):
    fill(home)
    with reading(home, 160) as terminal, lock(home, 30) as other:
        terminal.keys("b")
        terminal.sees("★", 3)
        terminal.sees("Writing takes long", 5)
        begun = time.monotonic()
        terminal.keys("/rain\r")
        terminal.sees("ms", 5)
        terminal.keys("\x1b")
        assert time.monotonic() - begun < 5
        other.kill()
        terminal.sees("Bookmarked", 5)
        assert terminal.leave() == 0
    assert bookmarks(home) == 1


def test_what_waits_for_the_lock_is_written_after_the_reader_was_left(home):
    fill(home)
    with reading(home, 160) as terminal, lock(home, 4) as other:
        terminal.keys("bjbjb")
        terminal.sees("★", 3)
        assert terminal.leave() == 0
        other.kill()
    assert b"\x1b[?1049l" in terminal.raw
    assert b"writing what you did last" in terminal.raw
    assert bookmarks(home) == 3
    assert nothing_runs(home)


def test_who_waits_too_long_for_the_lock_is_told_what_was_not_done(home):
    fill(home)
    with reading(home, 160) as terminal, lock(home, 60) as other:
        terminal.keys("b")
        terminal.sees("★", 3)
        ran = run_newsreader(home, "bookmark", "a2")
        assert ran.status == 1
        assert ran.err.count("\n") == 1 and "keeps the database locked" in ran.err
        terminal.sees("keeps the database locked", 10)
        assert "★" not in terminal.text
        other.kill()
        terminal.keys("b")
        terminal.sees("Bookmarked", 5)
        assert terminal.leave() == 0
    assert bookmarks(home) == 1
    assert not sqlite3.connect(home / "library.db").execute("PRAGMA foreign_key_check").fetchall()
