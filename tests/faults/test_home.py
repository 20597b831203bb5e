"""A home out of reach: a file, another's, deleted under the reader, with files others may read."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tests.conftest import ROOT, run_newsreader
from tests.faults.driving import SAMPLE, nothing_runs, reading, screen_has, wait_for
from tests.terminal import fill

from newsreader.store import Store

NOBODY = 65534


@pytest.fixture
def public(tmp_path):
    """A folder that other users reach; pytest's own are closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="newsreader-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


AS_ANOTHER = """
import os, sys, tomllib
from newsreader.cli import main
scratch, words = sys.argv[1], sys.argv[2:]
# Loads what the command needs while the program's own files can be read.
out = os.dup(1), os.dup(2)
for number in (1, 2):
    os.dup2(os.open(os.devnull, os.O_WRONLY), number)
main(["--home", scratch, "search", "rain"])
main(["--home", scratch, *words[2:]])
sys.stdout.flush()
os.dup2(out[0], 1), os.dup2(out[1], 2)
os.setgroups([]), os.setgid(65534), os.setuid(65534)
sys.exit(main(words))
"""


def as_another(home, *words):
    """Run a command as a user whom ``home`` does not belong to, which only root can."""
    if os.geteuid():
        pytest.skip("only root can run a command as another user")
    scratch = home.parent / f"scratch-{len(list(home.parent.iterdir()))}"
    return subprocess.run(
        [sys.executable, "-c", AS_ANOTHER, str(scratch), "--home", str(home), *words],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "HOME": "/nonexistent"},
        timeout=60,
    )


def test_a_home_of_another_user_is_read_where_that_is_allowed(public):
    home = fill(public / "home")
    for words in (["stats"], ["read", "a1"], ["import", "x.txt"]):
        ran = as_another(home, *words)
        assert ran.returncode == 1
        assert ran.stderr.count("\n") == 1 and "Traceback" not in ran.stderr, ran.stderr
    for path in [home, *home.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    ran = as_another(home, "search", "rain")
    assert ran.returncode == 0 and SAMPLE in ran.stdout, ran.stderr
    ran = as_another(home, "read", "a1")
    assert ran.returncode == 1 and "cannot be written to" in ran.stderr
    assert "BAD  home: " in run_newsreader(home, "doctor").out


def test_a_file_of_the_home_that_cannot_be_written_is_named(public):
    home = fill(public / "home")
    (home / "worker.lock").touch()
    for path in [home, *home.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    assert as_another(home, "bookmark", "a1").returncode == 0
    for name, words in (
        ("library.db", ["read", "a1"]),
        ("worker.lock", ["rebuild", "index"]),
        ("config.toml", ["import", str(ROOT / "seeds" / "articles")]),
    ):
        path = home / name
        mode = path.stat().st_mode
        path.chmod(0)
        ran = as_another(home, *words)
        assert ran.returncode == 1, (name, ran)
        assert ran.stderr.count("\n") == 1 and "Traceback" not in ran.stderr
        assert name in ran.stderr or "library" in ran.stderr
        path.chmod(stat.S_IMODE(mode))
    assert as_another(home, "rebuild", "index").returncode == 0


def test_a_home_that_is_a_file_or_on_no_disk_is_named(tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    for home in (file, file / "below", "/proc/none/home"):
        ran = run_newsreader(home, "stats")
        assert ran.status == 1
        assert ran.err.count("\n") == 1 and "--home" in ran.err
    assert file.read_text() == "mine"


def test_a_home_deleted_under_the_reader_is_said_and_the_reader_can_be_left(home):
    fill(home)
    with reading(home) as terminal:
        shutil.rmtree(home)
        terminal.sees("no longer in")
        terminal.keys("b")
        terminal.read(0.5)
        assert "Bookmarked" not in terminal.text
        terminal.keys("/rain\r")
        wait_for(lambda: screen_has(terminal, "rain"))
        terminal.keys("\x1b")
        assert terminal.leave() in (0, 1)
    assert not (home / "library.db").exists(), "no empty library takes its place"
    assert nothing_runs(home)


def test_a_home_put_back_is_read_by_the_next_start(home):
    fill(home)
    away = home.with_name("away")
    with reading(home) as terminal:
        home.rename(away)
        terminal.sees("no longer in")
        assert terminal.leave() in (0, 1)
    if home.exists():
        assert not (home / "library.db").exists()
        shutil.rmtree(home)
    away.rename(home)
    with reading(home) as terminal:
        terminal.keys("b")
        terminal.sees("Bookmarked")
        assert terminal.leave() == 0
    store = Store(home)
    assert store.lists.counts().bookmarks == 1 and not store.check()
    store.close()


def test_a_library_on_a_disk_that_can_only_be_read_is_read(disk):
    home = fill(disk / "home")
    remount = ["mount", "-o", "remount,ro", str(disk)]
    assert not subprocess.run(remount, capture_output=True).returncode
    for words in (["search", "rain"], ["show", "a1"], ["sources"], ["stats"], ["entities"]):
        ran = run_newsreader(home, *words)
        assert ran.status == 0 and ran.err.count("\n") <= 1, ran.err
    assert "BAD  database" not in run_newsreader(home, "doctor").out
    for words in (["read", "a1"], ["note", "a1", "x"], ["refresh"], ["rebuild", "index"]):
        ran = run_newsreader(home, *words)
        assert ran.status == 1 and ran.err.count("\n") == 1, ran.err
        assert "cannot be" in ran.err
    with reading(home) as terminal:
        terminal.sees("can only be read")
        terminal.keys("b")
        terminal.sees("cannot be written to")
        terminal.keys("/rain\r")
        terminal.sees(" ms")
        terminal.keys("\r")
        terminal.sees("storms that crossed")
        assert terminal.leave() in (0, 1)
    assert nothing_runs(home)
