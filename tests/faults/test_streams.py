"""Commands whose output goes nowhere: a sentence and an exit status, never a traceback."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from tests.conftest import ROOT, Arrival, entry, folder

from newsreader.store import Store

FULL = "/dev/full"
FILES = 400
"""More than are imported before a signal comes."""


def run(home, words, redirections):
    """Run a command as a shell does, with its standard streams redirected."""
    program = [sys.executable, "-m", "newsreader", "--home", str(home)]
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirections}', "sh", *program, *words],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        timeout=60,
    )


@pytest.fixture
def filled(store, home):
    store.articles.save(folder(), [Arrival(entry("Rain", "Rain falls on the hills. " * 20))])
    return home


@pytest.mark.parametrize("where", [">&-", f">{FULL}"])
@pytest.mark.parametrize("words", [["stats"], ["export", "--format", "jsonl"], ["--version"]])
def test_output_that_cannot_be_written_is_said(filled, words, where):
    ran = run(filled, words, where)
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert "the output cannot be written" in ran.stderr


@pytest.mark.parametrize("where", ["2>&-", f"2>{FULL}"])
def test_what_nobody_can_hear_stops_no_work(home, tmp_path, where):
    good = tmp_path / "good.txt"
    good.write_text("Rain over the hills\n\n" + "It rained for a week in the hills. " * 20)
    ran = run(home, ["import", "--no-wait", str(good), str(tmp_path / "none.txt")], where)
    assert (ran.returncode, ran.stdout) == (1, "1 imported, 0 updated, 0 unchanged\n")


def test_with_every_stream_closed_the_library_is_as_it_was(filled):
    assert run(filled, ["stats"], "<&- >&- 2>&-").returncode == 1
    store = Store(filled)
    assert not store.check() and store.lists.counts().all == 1
    store.close()


def test_a_command_without_input_asks_nothing(filled):
    assert run(filled, ["search", "-"], "<&-").returncode == 0
    ran = run(filled, [], "<&- >&-")
    assert ran.returncode == 2 and "no terminal" in ran.stderr


def test_a_reader_that_closes_the_pipe_early_is_no_error(filled):
    ran = run(filled, ["export", "--format", "jsonl"], "| true")
    assert ran.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_command_that_is_told_to_end_leaves_whole_articles(home, tmp_path, number):
    files = tmp_path / "files"
    files.mkdir()
    for each in range(FILES):
        (files / f"{each}.txt").write_text(f"Article {each}\n\n" + f"Words {each} of it. " * 60)
    child = subprocess.Popen(
        [sys.executable, "-m", "newsreader", "--home", str(home), "import", str(files)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        preexec_fn=_heed_signals,
    )
    while not (home / "library.db").exists() or not _stored(home):
        assert child.poll() is None
    child.send_signal(number)
    _, said = child.communicate(timeout=20)
    assert child.returncode == (130 if number == signal.SIGINT else -number)
    assert b"Traceback" not in said
    store = Store(home)
    assert not store.check() and not store.wrong_counts()
    stored = store.lists.counts().all
    store.close()
    again = run(home, ["import", "--no-wait", str(files)], "")
    assert again.stdout.startswith(f"{FILES - stored} imported, 0 updated, {stored} unchanged")


def _heed_signals():
    """Take back what a shell does to what it runs behind its back, as these tests may be."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def _stored(home):
    """Return how many articles are in the library, without taking part in its making."""
    with closing(sqlite3.connect(f"file:{home}/library.db?mode=ro", uri=True)) as db:
        try:
            return db.execute("SELECT count(*) FROM article").fetchone()[0]
        except sqlite3.OperationalError:  # there is no such table yet, or it is being made
            return 0
