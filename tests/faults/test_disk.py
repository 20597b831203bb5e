"""A disk that is full, or can only be read: one sentence, nothing lost, on by itself."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest
from tests.conftest import ROOT, run_newsreader
from tests.faults.driving import fill_disk
from tests.serving import rss, site
from tests.terminal import fill

from newsreader.errors import NewsReaderError
from newsreader.net import Credentials, Login
from newsreader.store import Store

ROOM = "free some space"


def marks(home):
    store = Store(home)
    counts = store.lists.counts()
    assert not store.check() and not store.wrong_counts()
    store.close()
    return counts.all, counts.unread, counts.bookmarks


WRITES = [
    ["import", str(ROOT / "src" / "newsreader" / "help")],
    ["read", "a1"],
    ["note", "a1", "a note"],
    ["tag", "a1", "+x"],
    ["saved", "Rain", "rain"],
    ["rebuild", "index"],
    ["export", "--format", "jsonl", "-o", "{disk}/out.jsonl"],
    ["backup", "{disk}/copy.db"],
    ["remove", "s1"],
]


def test_a_command_on_a_full_disk_says_so_and_changes_nothing(disk):
    home = fill(disk / "home")
    before = marks(home)
    filler = fill_disk(disk)
    for words in WRITES:
        ran = run_newsreader(home, *(word.format(disk=disk) for word in words))
        assert ran.status == 1, words
        assert ran.err.count("\n") == 1, ran.err
        assert ROOM in ran.err or "No space left" in ran.err, ran.err
    filler.unlink()
    assert marks(home) == before
    for words in WRITES[1:]:
        ran = run_newsreader(home, *(word.format(disk=disk) for word in words))
        assert ran.status == 0, ran.err


@pytest.mark.parametrize("room", [0, 60_000, 300_000])
def test_a_library_that_finds_no_room_to_begin_in_begins_later(disk, room):
    filler = fill_disk(disk)
    os.truncate(filler, max(0, filler.stat().st_size - room))
    home = disk / "home"
    ran = run_newsreader(home, "stats")
    assert ran.status == 1 and ROOM in ran.err
    filler.unlink()
    assert run_newsreader(home, "stats").status == 0


@pytest.mark.parametrize("room", [0, 100_000, 400_000])
def test_an_older_library_that_finds_no_room_to_change_stays_as_it_is(disk, room):
    home = disk / "home"
    home.mkdir()
    script = (ROOT / "tests" / "store" / "schemas" / "1.sql").read_text()
    with closing(sqlite3.connect(home / "library.db")) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(f"{script}\nPRAGMA user_version = 1;")
        db.execute("INSERT INTO meta VALUES ('home_id', 'x') ON CONFLICT DO NOTHING")
        db.commit()
    before = (home / "library.db").read_bytes()
    filler = fill_disk(disk)
    os.truncate(filler, max(0, filler.stat().st_size - room))
    ran = run_newsreader(home, "stats")
    assert ran.status == 1 and ran.err.count("\n") == 1 and ROOM in ran.err
    assert (home / "library.db").read_bytes() == before
    filler.unlink()
    assert run_newsreader(home, "stats").status == 0


def test_a_refresh_and_a_password_on_a_full_disk_are_said_and_done_later(disk):
    home = fill(disk / "home")
    Credentials(home).put("s1", Login("basic", "me", "old"))
    with site() as paper, closing(Store(home)) as store:
        paper["/feed"] = rss(*(f"Harbour {number}" for number in range(20)))
        store.feeds.subscribe(paper.at("/feed"), due=datetime(2022, 1, 1, tzinfo=UTC))
        filler = fill_disk(disk)
        ran = run_newsreader(home, "refresh")
        assert ran.status == 1 and "Traceback" not in ran.err and ROOM in ran.err
        with pytest.raises(NewsReaderError, match="No space left"):
            Credentials(home).put("s1", Login("basic", "me", "new" * 5000))
        assert Credentials(home).get("s1") == Login("basic", "me", "old")
        filler.unlink()
        assert run_newsreader(home, "refresh").status == 0
        assert store.lists.counts().all == 47
        assert not store.check() and not store.wrong_counts()


def _cut_off(room):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))


@pytest.mark.parametrize("words", [["note", "a1", "x" * 9000], ["import", "{more}"]])
def test_a_disk_that_takes_no_more_of_a_file_is_said(home, tmp_path, words):
    fill(home)
    before = marks(home)
    more = tmp_path / "more.txt"
    more.write_text("More rain\n\n" + "It rains. " * 5000)
    ran = subprocess.run(
        [sys.executable, "-m", "newsreader", "--home", str(home)]
        + [word.format(more=more) for word in words],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        preexec_fn=lambda: _cut_off(4096),
        timeout=60,
    )
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr and ran.stderr.count("\n") == 1
    assert marks(home) == before
