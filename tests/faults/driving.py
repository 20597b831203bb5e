"""Homes and terminals for trouble: the real reader, its helpers, a disk of its own."""

import time
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.terminal import Terminal, children_of

SAMPLE = "Three Weeks of Rain"
"""A title of the sample library."""


@contextmanager
def reading(home, columns=120, rows=40, *, sees=SAMPLE, **environment):
    """The reader in a terminal, killed at the end where it has not left."""
    terminal = Terminal(home, columns, rows, **environment)
    try:
        terminal.sees(sees)
        yield terminal
    finally:
        # Its terminal may have been closed by the test.
        with suppress(OSError):
            if not terminal.child.closed:
                terminal.kill()


def helpers(home, module):
    """Return the process ids of a reader's helpers: "worker" or "searcher"."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"newsreader.{module}".encode() in words and str(home).encode() in words:
            found.append(int(process.name))
    return found


def wait_for(condition, seconds=15.0):
    """Return what ``condition`` gives once that is true."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "never came"
        time.sleep(0.05)
    return value


def nothing_runs(home):
    """Whether no process of ``home`` is left, within ten seconds."""
    return wait_for(lambda: not children_of(home), 10.0)


def fill_disk(disk):
    """Leave no room on ``disk``; return the file to remove for it to have some again."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as stream:
        for size in (1 << 16, 1 << 12):
            try:
                while stream.write(bytes(size)) == size:
                    pass
            except OSError:
                pass
    return filler


def screen_has(terminal, words):
    """Read what has come and return whether it says ``words``."""
    terminal.read(0.05)
    return words in terminal.text
