"""A disk that fills up under an open reader: said once, and on by itself when it is freed."""

import shutil
import time

from tests.conftest import run_newsreader
from tests.faults.driving import SAMPLE, fill_disk, helpers, nothing_runs, reading, wait_for
from tests.faults.test_disk import marks
from tests.terminal import fill

from newsreader.store import Store


def test_a_reader_on_a_disk_that_fills_goes_on_by_itself_once_it_is_freed(disk):
    home = fill(disk / "home")
    with reading(home) as terminal:
        filler = fill_disk(disk)
        terminal.keys("b")
        terminal.sees("the disk is full")
        assert SAMPLE in terminal.text and "Bookmarked" not in terminal.text
        terminal.keys("jk/rain")
        terminal.sees("matches" if "matches" in terminal.text else " ms")
        terminal.keys("\x1b")
        time.sleep(0.6)
        filler.unlink()
        terminal.keys("b")
        terminal.sees("Bookmarked")
        assert terminal.leave() == 0
    assert marks(home)[2] == 1
    assert nothing_runs(home)


def test_a_worker_that_finds_the_disk_full_is_not_started_again_and_again(disk):
    home = fill(disk / "home")
    kept_open = Store(home)
    shutil.rmtree(home / "index")
    filler = fill_disk(disk)
    with reading(home) as terminal:
        terminal.sees("the disk is full")
        seen = set()
        end = time.monotonic() + 6
        while time.monotonic() < end:
            terminal.read(0.05)
            seen.update(helpers(home, "worker"))
        assert len(seen) <= 4
        assert SAMPLE in terminal.text
        filler.unlink()
        wait_for(lambda: not kept_open.todo.pending().index and any(home.glob("index/*.toc")))
        kept_open.close()
        assert terminal.leave() == 0
    assert "rain" in run_newsreader(home, "search", "rain").out.casefold()
