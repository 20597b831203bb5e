"""The installed command in a real pseudo-terminal, from the first start to the next."""

import os
import signal
import time

import pexpect
import pytest
from tests.terminal import Terminal, children_of, fill

from newsreader.store import Store


@pytest.fixture
def sample(home):
    """A home with the sample library taken in, indexed and not recognised."""
    return fill(home, "articles", "feeds")


def test_the_first_start_shows_the_sample(home):
    terminal = Terminal(home, 160, 45)
    terminal.sees("Sample")
    terminal.sees("Three Weeks of Rain")
    assert terminal.leave() == 0


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (160, 45)])
def test_a_bookmark_made_in_a_hurry_is_there_after_a_restart(sample, columns, rows):
    terminal = Terminal(sample, columns, rows)
    terminal.sees("Three Weeks of Rain")
    terminal.keys("/heath\rb")
    terminal.sees("Bookmarked")
    assert terminal.leave() == 0
    store = Store(sample)
    assert store.lists.counts().bookmarks == 1
    (kept,) = store.lists.status_ids("is:bookmarked")
    assert "Heath" in store.articles.text(kept)
    store.close()
    again = Terminal(sample, 160, 45)
    again.until(lambda text: any("Bookmarks" in x and "1" in x for x in text.splitlines()))
    assert again.leave() == 0


def test_a_search_typed_before_the_first_frame_is_answered(sample):
    terminal = Terminal(sample, 160, 45)
    while not terminal.raw:
        terminal.read()
    terminal.keys("/heath\r")
    terminal.sees(" ms")
    assert terminal.leave() == 0


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (160, 45)])
def test_a_search_is_completed_narrowed_saved_and_there_after_a_restart(sample, columns, rows):
    terminal = Terminal(sample, columns, rows)
    terminal.sees("Three Weeks of Rain")
    terminal.keys("/heath la\tes")
    terminal.sees("heath lang:es")
    terminal.keys("\x7f" * 8 + "\r")
    terminal.sees(" ms")
    terminal.keys("F")
    terminal.sees("Years")
    terminal.keys("1")
    terminal.sees('heath source:"')
    terminal.keys("qSHeath\r")
    terminal.sees("Saved as Heath")
    assert terminal.leave() == 0
    store = Store(sample)
    (kept,) = store.saved.all()
    assert kept.name == "Heath" and kept.query.startswith('heath source:"')
    assert list(store.history.recent()) == ["heath"]
    store.close()
    again = Terminal(sample, columns, rows)
    again.sees("Three Weeks of Rain")
    again.keys("1")
    again.sees("Saved searches")
    again.sees("Heath")
    assert again.leave() == 0


def test_a_position_in_an_article_is_kept(sample):
    terminal = Terminal(sample, 80, 24)
    terminal.sees("Three Weeks of Rain")
    terminal.keys("/village\r\r")
    terminal.sees("The Village That Came Back Up")
    terminal.until(lambda text: "min" in text)
    terminal.keys("  ")
    time.sleep(0.3)
    terminal.read(0.5)
    terminal.sees("page")
    place = next(line for line in terminal.text.splitlines()[4:12] if len(line.split()) > 5)
    assert terminal.leave() == 0
    again = Terminal(sample, 80, 24)
    again.sees("Three Weeks of Rain")
    again.keys("/village\r\r")
    again.sees(place.strip("▐ ")[:40])
    assert again.leave() == 0


def test_killed_at_any_time_it_starts_again_with_all_that_was_done(sample):
    for delay in (0.3, 0.6, 1.0):
        terminal = Terminal(sample, 120, 40)
        time.sleep(delay)
        terminal.kill()
    terminal = Terminal(sample, 120, 40)
    terminal.sees("Three Weeks of Rain")
    terminal.keys("b")
    terminal.sees("Bookmarked")
    terminal.kill()
    store = Store(sample)
    assert store.lists.counts().bookmarks == 1
    assert not store.check() and not store.wrong_counts()
    store.close()


def test_no_child_outlives_the_reader(sample):
    terminal = Terminal(sample, 120, 40)
    terminal.sees("Three Weeks of Rain")
    terminal.keys("/rain")
    terminal.sees("ms")
    terminal.kill()
    end = time.monotonic() + 10
    while (left := children_of(sample)) and time.monotonic() < end:
        time.sleep(0.1)
    assert left == []


def test_a_terminal_that_closes_ends_the_reader(sample):
    terminal = Terminal(sample, 120, 40)
    terminal.sees("Three Weeks of Rain")
    # The descriptor alone: pexpect's own close kills what does not end within 0.1 s.
    os.close(terminal.child.child_fd)
    end = time.monotonic() + 10
    while (left := children_of(sample)) and time.monotonic() < end:
        time.sleep(0.1)
    assert left == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_it_leaves_the_terminal_as_it_was(sample, number):
    terminal = Terminal(sample, 120, 40)
    terminal.sees("Three Weeks of Rain")
    terminal.child.kill(number)
    rest = b""
    try:
        while True:
            rest += terminal.child.read_nonblocking(1 << 16, timeout=10)
    except pexpect.EOF:
        terminal.child.close()
    assert terminal.child.exitstatus == 128 + number
    assert b"\x1b[?1049l" in rest
    assert children_of(sample) == []
