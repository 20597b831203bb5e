"""The index deleted, cut or garbled under a running reader: search says so and comes back."""

import os
import shutil
import signal
import time

import pytest
from tests.conftest import run_newsreader
from tests.faults.driving import helpers, nothing_runs, reading, screen_has, wait_for

from newsreader.derive import Deriver
from newsreader.errors import SearchIndexError
from newsreader.finder import Finder
from newsreader.store import Store


def garble(path):
    path.write_bytes(bytes((each * 7 + 13) % 256 for each in range(path.stat().st_size)))


DAMAGES = {
    "deleted": lambda path: path.unlink(),
    "emptied": lambda path: os.truncate(path, 0),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "garbled": garble,
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a link to nowhere": lambda path: (path.unlink(), path.symlink_to("/nowhere/at/all")),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("end", [".lists", ".toc", "LOCK", ".json"])
def test_whatever_becomes_of_one_file_a_command_finds_all_again(copied, damage, end):
    (path,) = [each for each in (copied / "index").iterdir() if each.name.endswith(end)]
    DAMAGES[damage](path)
    store = Store(copied)
    deriver = Deriver(store, copied, recognise=False)
    deriver.prepare()
    steps = 0
    while deriver.step():
        steps += 1
        assert steps < 100
    deriver.close()
    store.close()
    finder = Finder(copied)
    assert finder.find("rain").total >= 2
    finder.close()


def test_stray_files_in_the_index_hurt_nobody(copied):
    index = copied / "index"
    (index / "notes.txt").write_text("mine")
    (index / "MAIN_zzzz.lists").write_bytes(b"\0" * 100)
    (index / "_MAIN_99x.toc").write_bytes(b"junk")
    (index / "MAIN_dir.lists").mkdir()
    (index / ".hidden").symlink_to("/nowhere")
    ran = run_newsreader(copied, "search", "rain", "--json")
    assert ran.status == 0 and ran.json["total"] >= 2
    assert run_newsreader(
        copied, "import", "--source", "X", str(copied / "config.toml")
    ).status in (
        0,
        1,
    )
    assert run_newsreader(copied, "search", "rain", "--json").json["total"] >= 2


def test_an_index_that_is_a_file_is_said_or_made_anew(copied):
    shutil.rmtree(copied / "index")
    (copied / "index").write_text("not a folder")
    ran = run_newsreader(copied, "search", "rain")
    assert ran.status == 1 and ran.err.count("\n") == 1, ran.err
    ran = run_newsreader(copied, "doctor", "--repair")
    assert "Traceback" not in ran.err
    assert run_newsreader(copied, "search", "rain", "--json").json["total"] >= 2


@pytest.mark.parametrize("name", ["index", "index.new", "index.old"])
@pytest.mark.parametrize("there", [True, False])
def test_of_an_index_that_is_a_link_the_link_alone_is_removed(copied, tmp_path, name, there):
    elsewhere = tmp_path / "elsewhere"
    if there:
        elsewhere.mkdir(mode=0o755)
        (elsewhere / "mine").write_text("kept")
        (elsewhere / "mine").chmod(0o644)
    shutil.rmtree(copied / "index")
    (copied / name).symlink_to(elsewhere)
    ran = run_newsreader(copied, "doctor", "--repair")
    assert ran.status == 0 and "Traceback" not in ran.err, ran.out + ran.err
    assert run_newsreader(copied, "search", "rain", "--json").json["total"] >= 2
    if there:
        assert (elsewhere / "mine").read_text() == "kept"
        assert (elsewhere / "mine").stat().st_mode & 0o777 == 0o644


def searched(terminal, words):
    """Leave what is searched for, and search anew."""
    for _ in range(2):
        terminal.keys("\x1b")
        # Keys hard upon Escape are taken for one with Alt.
        time.sleep(0.2)
        terminal.read()
    terminal.keys(f"/{words}\r")
    time.sleep(0.3)
    terminal.read()


@pytest.mark.parametrize("damage", ["gone", "garbled"])
def test_the_index_damaged_under_a_reader_comes_back_by_itself(copied, damage):
    with reading(copied) as terminal:
        terminal.keys("/rain\r")
        terminal.sees(" of 27 ")
        if damage == "gone":
            shutil.rmtree(copied / "index")
        else:
            for path in (copied / "index").glob("*.*"):
                DAMAGES[damage](path)
        # The searcher has the old files open: another one must open what is there.
        for each in helpers(copied, "searcher"):
            os.kill(each, signal.SIGKILL)
        wait_for(lambda: whole_again(copied))
        searched(terminal, "storms")
        wait_for(lambda: screen_has(terminal, "2 of 27") or searched(terminal, "rain"))
        assert terminal.leave() == 0
    assert nothing_runs(copied)


def whole_again(home):
    try:
        finder = Finder(home)
        found = finder.find("rain").total
        finder.close()
    except SearchIndexError:
        return False
    return found == 2
