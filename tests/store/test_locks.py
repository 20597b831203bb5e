"""What another process does to the database never takes away what this one still writes."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from tests.conftest import entry, feed

from newsreader.library import Library
from newsreader.moving import import_paths
from newsreader.store import Arrival, Store
from newsreader.store.copies import keep_marks

_OPEN_AND_CLOSE = (
    "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]);"
    "db.execute('SELECT count(*) FROM article').fetchone(); db.close()"
)


def open_and_close_elsewhere(home):
    command = [sys.executable, "-c", _OPEN_AND_CLOSE, str(home / "library.db")]
    subprocess.run(command, check=True)


def bookmarks(home):
    with closing(sqlite3.connect(home / "library.db")) as db:
        return db.execute("SELECT count(*) FROM status WHERE bookmarked = 1").fetchone()[0]


def another_store(store, home):
    Store(home).close()


def another_that_stays(store, home):
    Library(home)


def its_own_home_is_imported(store, home):
    import_paths(store, [home])
    import_paths(store, [home / "library.db"])


def the_weekly_copy(store, home):
    keep_marks(home, "weekly")


@pytest.mark.parametrize(
    "what", [another_store, another_that_stays, its_own_home_is_imported, the_weekly_copy]
)
def test_a_mark_is_kept_when_another_process_ends_between(store, home, what):
    store.articles.save(feed(), [Arrival(entry("Ferry", guid="1"))])
    what(store, home)
    open_and_close_elsewhere(home)
    # The journal goes with the last that has the library open, and that is this process.
    assert (home / "library.db-wal").exists()
    store.acts.bookmark(store.articles.all_ids(), on=True)
    assert bookmarks(home) == 1


def test_the_library_itself_is_not_taken_in(store, home, tmp_path):
    other = tmp_path / "linked"
    other.symlink_to(home / "library.db")
    (reason,) = [why for _, why in import_paths(store, [other]).failed]
    assert "is the library itself" in reason


def test_a_library_that_another_is_just_making_is_waited_for(home):
    home.mkdir(exist_ok=True)
    maker = sqlite3.connect(
        home / "library.db", isolation_level=None, check_same_thread=False, timeout=30
    )
    with closing(maker):
        maker.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.3, lambda: maker.execute("COMMIT"))
        done.start()
        Store(home).close()
        done.join()
