"""The real reader in a real pseudo-terminal, and homes for it."""

import os
import signal
import sys
import time
from pathlib import Path

import pexpect
import pyte

from newsreader.derive import Deriver
from newsreader.intake import decline_sample, import_paths
from newsreader.store import Store
from tests.conftest import ROOT


class Terminal:
    """The reader on a screen of so many columns and rows."""

    def __init__(self, home, columns, rows, **environment):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "newsreader", "--home", str(home)],
            dimensions=(rows, columns),
            timeout=30,
            env={
                # Where the tests run side by side these are set, and outdo the terminal's size.
                **{k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")},
                "PYTHONPATH": str(ROOT / "src"),
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                **environment,
            },
        )

    def read(self, seconds=0.1):
        try:
            data = self.child.read_nonblocking(1 << 16, timeout=seconds)
        except pexpect.TIMEOUT:
            return
        self.raw += data
        self.stream.feed(data)

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while not condition(self.text):
            assert time.monotonic() < end, f"never came; the screen:\n{self.text}"
            self.read()

    def sees(self, words, seconds=30):
        self.until(lambda text: words in text, seconds)

    def keys(self, keys):
        self.child.send(keys)

    def leave(self):
        """Press q until it quits; return the exit status."""
        for _ in range(6):
            self.keys("q")
            end = time.monotonic() + 3
            while time.monotonic() < end:
                try:
                    self.read()
                except pexpect.EOF:
                    self.child.close()
                    return self.child.exitstatus
        raise AssertionError(f"it does not quit; the screen:\n{self.text}")

    def kill(self):
        self.child.kill(signal.SIGKILL)
        self.child.close(force=True)


def children_of(home):
    """Return the processes whose command line names ``home``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(home).encode() in words:
            found.append(words)
    return found


def fill(home, *parts):
    """Take the sample in, its articles or the parts named, and index it; names are not sought."""
    store = Store(home)
    import_paths(store, [ROOT / "seeds" / part for part in parts or ("articles",)])
    decline_sample(store)
    (home / "config.toml").write_text("recognise = false\n")
    deriver = Deriver(store, home, recognise=False)
    deriver.prepare()
    while deriver.step():
        pass
    deriver.close()
    store.close()
    return home
