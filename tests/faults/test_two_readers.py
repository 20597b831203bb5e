"""Two readers, a refresh and commands at once: each sees the others' changes, none are lost."""

import threading
from datetime import UTC, datetime

from tests.conftest import run_newsreader
from tests.faults.driving import nothing_runs, reading, wait_for
from tests.serving import rss, site
from tests.terminal import fill

from newsreader.store import Store


def unread(terminal, number):
    """Wait until the masthead says that so many are unread."""
    terminal.sees(f" {number} unread", 15)


def test_two_readers_see_each_other_and_take_back_only_their_own(home):
    fill(home)
    with reading(home) as one, reading(home) as other:
        unread(one, 27)
        one.keys("b")
        one.sees("Bookmarked")
        other.sees("★", 5)
        other.keys("jm")
        other.sees("1 article marked read")
        unread(one, 26)
        assert run_newsreader(home, "read", "--query", "ferry").status == 0
        store = Store(home)
        left = store.lists.counts().unread
        unread(one, left)
        unread(other, left)
        one.keys("u")
        one.sees("Undone: 1 article bookmarked")
        one.keys("u")
        one.sees("Nothing to undo")
        assert store.lists.counts().unread == left
        other.keys("u")
        other.sees("Undone: 1 article marked read")
        unread(one, left + 1)
        store.close()
        assert one.leave() == 0
        # The second reader's worker takes over what the first one's did.
        assert other.leave() == 0
    assert nothing_runs(home)


def test_two_readers_a_refresh_and_commands_at_once(home):
    fill(home)
    with site() as paper:
        paper["/feed"] = rss(*(f"Harbour {number}" for number in range(40)))
        store = Store(home)
        store.feeds.subscribe(paper.at("/feed"), due=datetime(2022, 1, 1, tzinfo=UTC))
        ran = []
        marks = [("bookmark", f"a{number}") for number in range(1, 9)]

        def command(*words):
            ran.append(run_newsreader(home, *words))

        with reading(home) as one, reading(home) as other:
            threads = [threading.Thread(target=command, args=words) for words in marks[:4]]
            threads.append(threading.Thread(target=command, args=("refresh",)))
            for thread in threads:
                thread.start()
            for _ in range(5):
                one.keys("mj")
                other.keys("j")
                one.read()
                other.read()
            for thread in threads:
                thread.join()
            wait_for(lambda: store.lists.counts().all == 67)
            wait_for(lambda: store.todo.pending().index == 0)
            one.read(1.0)
            left = store.lists.counts().unread
            unread(one, left)
            unread(other, left)
            assert one.leave() == other.leave() == 0
        assert [each.err for each in ran if each.status] == []
        assert store.lists.counts().bookmarks == 4
        assert store.lists.counts().unread == 67 - 5
        assert not store.check() and not store.wrong_counts()
        store.close()
    assert run_newsreader(home, "search", "harbour", "--json").json["total"] >= 40
    assert "BAD" not in run_newsreader(home, "doctor").out
    assert nothing_runs(home)
