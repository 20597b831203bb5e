"""Told to end, its terminal gone, its helpers killed: it ends in order, or goes on."""

import os
import signal
import time

import pexpect
import pytest
from tests.faults.driving import SAMPLE, helpers, nothing_runs, reading, wait_for
from tests.terminal import children_of, fill

from newsreader.store import Store

RESTORED = (
    b"\x1b[?1049l",  # the other screen is left
    b"\x1b[?25h",  # the cursor is shown
    b"\x1b[?1000l",  # the mouse is off
    b"\x1b[?1003l",
    b"\x1b[?1006l",
    b"\x1b[?2004l",  # pasting is not bracketed
)


def rest(terminal):
    """Return all that the reader writes until its end."""
    said = b""
    try:
        while True:
            said += terminal.child.read_nonblocking(1 << 16, timeout=10)
    except pexpect.EOF:
        terminal.child.close()
    return said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_told_to_end_it_restores_the_terminal_and_keeps_the_marks(home, number):
    fill(home)
    with reading(home) as terminal:
        terminal.keys("bjb")
        time.sleep(0.15)
        terminal.child.kill(number)
        last = rest(terminal)
        assert terminal.child.exitstatus == 128 + number
    missing = [mode for mode in RESTORED if mode not in last]
    assert missing == []
    store = Store(home)
    assert store.lists.counts().bookmarks == 2
    assert not store.check() and not store.wrong_counts()
    store.close()
    assert nothing_runs(home)


def test_left_by_a_key_it_restores_the_terminal(home):
    fill(home)
    with reading(home) as terminal:
        terminal.keys("q")
        last = rest(terminal)
        assert terminal.child.exitstatus == 0
    assert [mode for mode in RESTORED if mode not in last] == []
    assert nothing_runs(home)


def test_stopped_and_continued_it_goes_on(home):
    fill(home)
    with reading(home) as terminal:
        os.killpg(os.getpgid(terminal.child.pid), signal.SIGSTOP)
        time.sleep(0.5)
        terminal.child.send("b")
        os.killpg(os.getpgid(terminal.child.pid), signal.SIGCONT)
        terminal.sees("Bookmarked")
        assert terminal.leave() == 0


def test_its_terminal_gone_it_ends_with_the_marks_kept(home):
    fill(home)
    with reading(home) as terminal:
        terminal.keys("b")
        terminal.sees("Bookmarked")
        os.close(terminal.child.child_fd)
        assert nothing_runs(home)
    store = Store(home)
    assert store.lists.counts().bookmarks == 1
    store.close()


def another(home, module, old):
    return next((each for each in helpers(home, module) if each != old), None)


def test_killed_helpers_are_started_again_and_the_reader_goes_on(home):
    fill(home)
    with reading(home) as terminal:
        terminal.keys("/rain\r")
        terminal.sees(" ms")
        (old,) = wait_for(lambda: helpers(home, "worker"))
        os.kill(old, signal.SIGKILL)
        assert wait_for(lambda: another(home, "worker", old))
        (old,) = helpers(home, "searcher")
        os.kill(old, signal.SIGKILL)
        terminal.keys("\x1b")
        time.sleep(0.3)
        terminal.keys("/ferry\r")
        terminal.sees("/ ferry")
        terminal.sees(" ms")
        assert another(home, "searcher", old)
        terminal.keys("\x1b")
        terminal.sees(SAMPLE)
        terminal.keys("b")
        terminal.sees("Bookmarked")
        assert terminal.leave() == 0
    assert nothing_runs(home)


def test_a_worker_killed_again_and_again_is_put_off_and_comes_back(home):
    fill(home)
    with reading(home) as terminal:
        killed = set()
        end = time.monotonic() + 8
        while time.monotonic() < end:
            terminal.read(0.02)
            for each in helpers(home, "worker"):
                if each not in killed:
                    killed.add(each)
                    os.kill(each, signal.SIGKILL)
        assert 3 <= len(killed) <= 5
        assert b"stopped unexpectedly" in terminal.raw
        terminal.keys("b")
        terminal.sees("Bookmarked")
        wait_for(lambda: terminal.read(0.05) or helpers(home, "worker"), 20)
        assert terminal.leave() == 0
    assert nothing_runs(home)


def test_killed_itself_it_leaves_nobody_behind(home):
    fill(home)
    with reading(home) as terminal:
        assert children_of(home)
        terminal.kill()
        assert nothing_runs(home)
