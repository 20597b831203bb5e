"""What is measured in the running reader. Times in ms; CPU is that of the UI process alone."""

import json
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.bare import SHOWN
from bench.terminal import Frame, Terminal
from newsreader.library import Library
from newsreader.model import Scope, ScopeKind
from newsreader.tui.glyphs import UNICODE
from newsreader.tui.lines import safe_line

BARE = [sys.executable, "-m", "bench.bare"]
TYPED = "the united states and the people of the city said that prices would not go up "
_PREFIX = 6
"""Characters of a title by which its row is known; titles of rows are wrapped and cut."""
_KNOWN = 400
_TYPING_S = 0.17
"""Between keys typed: some 70 words a minute."""


def reader(home: Path) -> list[str]:
    """Return the command that opens ``home``."""
    return [sys.executable, "-m", "newsreader", "--home", str(home)]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Rows:
    """The first rows of a home's list, and how to see the cursor on one of them."""

    def __init__(self, home: Path) -> None:
        library = Library(home)
        ids = library.article_ids(Scope(ScopeKind.ALL), limit=_KNOWN)
        titles = [safe_line(row.title)[:_PREFIX] for row in library.headlines(ids)]
        library.close()
        bar = re.escape(UNICODE.bar)
        self._marks = [re.compile(rf"{bar} . {re.escape(each)}") for each in titles]

    def cursor_on(self, row: int) -> Callable[[str], bool]:
        """Return a test for drawn text: whether it shows the cursor on ``row``."""
        mark = self._marks[row]
        return lambda text: mark.search(text) is not None

    def worst_lag_ms(self, frames: Sequence[Frame], typed: Sequence[float]) -> float:
        """Return the longest time from a "down" to a frame with the cursor there, or beyond.

        The first of ``typed`` moves the cursor from row 0 to row 1.
        """
        arrived: list[float] = []
        for frame in frames:
            # A frame may skip rows, never go back; 30 rows are a second of a held key.
            ahead = range(len(arrived) + 1, min(len(arrived) + 31, len(self._marks)))
            at = next((row for row in reversed(ahead) if self._marks[row].search(frame.text)), 0)
            arrived += [frame.at] * (at - len(arrived))
        if len(arrived) < len(typed):
            return float("inf")
        lags = (shown - key for key, shown in zip(typed, arrived, strict=False))
        return max(lags) * 1000


@dataclass(slots=True)
class Start:
    """From starting the process to its first full frame."""

    wall: float
    cpu: float


def start_bare() -> Start:
    """Start the peer once."""
    with Terminal(BARE) as terminal:
        frame = terminal.wait(lambda text: all(each in text for each in SHOWN))
        return Start((frame.at - terminal.started) * 1000, terminal.cpu_ms())


def start_reader(home: Path, rows: Rows) -> Start:
    """Start the reader once; its first full frame has sources, rows, and the key hints."""
    with Terminal(reader(home)) as terminal:
        frame = _full(terminal, rows)
        return Start((frame.at - terminal.started) * 1000, terminal.cpu_ms())


def _full(terminal: Terminal, rows: Rows) -> Frame:
    row = rows.cursor_on(0)
    return terminal.wait(lambda text: "Bookmarks" in text and "help" in text and row(text))


@contextmanager
def opened(home: Path, rows: Rows) -> Iterator[Terminal]:
    """Open the reader and wait until it is at rest."""
    with Terminal(reader(home)) as terminal:
        _full(terminal, rows)
        terminal.rest(1.0)
        yield terminal


@dataclass(slots=True)
class Held:
    """A key held for some seconds: CPU a move, the worst lag; then memory (RSS, PSS) in MB."""

    cpu: float
    lag: float
    memory: tuple[float, float]


def hold_down(home: Path, rows: Rows, seconds: float = 5.0) -> Held:
    """Hold j."""
    with opened(home, rows) as terminal:
        start, before = len(terminal.frames), terminal.cpu_ms()
        typed = terminal.hold("j", seconds)
        terminal.watch(0.02)
        cpu = terminal.cpu_ms() - before
        terminal.rest()
        lag = rows.worst_lag_ms(terminal.frames[start:], typed)
        return Held(cpu / len(typed), lag, terminal.memory_mb())


def memory_of_bare() -> tuple[float, float]:
    """Return (RSS, PSS) of the peer in MB."""
    with Terminal(BARE) as terminal:
        terminal.rest(1.0)
        return terminal.memory_mb()


def rest_cpu(home: Path, rows: Rows, seconds: float = 5.0) -> float:
    """Return the CPU-ms a second of a reader nobody touches."""
    with opened(home, rows) as terminal:
        before = terminal.cpu_ms()
        terminal.watch(seconds)
        return (terminal.cpu_ms() - before) / seconds


def opening(home: Path, rows: Rows, times: int) -> float:
    """Return the CPU-ms from "down" onto the second row until its article is drawn whole.

    Each time in a new reader, so that nothing is remembered; the move is part of it.
    """
    costs = []
    for _ in range(times):
        with opened(home, rows) as terminal:
            before = terminal.cpu_ms()
            terminal.press("j")
            terminal.rest(0.4)
            costs.append(terminal.cpu_ms() - before)
    return statistics.median(costs)


def typing(terminal: Terminal, text: str = TYPED) -> list[float]:
    """Type into the search bar; return the time to the echo of each key."""
    rng = random.Random(7)
    terminal.press("/")
    terminal.rest()
    echoes = []
    for number in range(1, len(text) + 1):
        tail = text[max(0, number - 5) : number]
        echoes.append(terminal.echo_ms(text[number - 1], lambda drawn, tail=tail: tail in drawn))
        terminal.watch(_TYPING_S * rng.uniform(0.5, 1.5))
    return echoes


def moving(terminal: Terminal, rows: Rows, count: int = 60) -> list[float]:
    """Move down with a rest after each; return the time to the echo of each key."""
    rng = random.Random(7)
    echoes = []
    for row in range(1, count + 1):
        echoes.append(terminal.echo_ms("j", rows.cursor_on(row)))
        terminal.watch(_TYPING_S * rng.uniform(0.5, 1.5))
    return echoes


@contextmanager
def searches(home: Path) -> Iterator[list[float]]:
    """Keep a search process of ``home`` busy meanwhile; yields the times of its answers."""
    command = [sys.executable, "-m", "newsreader.searcher", "--home", str(home)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    asked, answers = process.stdin, process.stdout
    done, took = threading.Event(), list[float]()

    def ask() -> None:
        words = TYPED.split()
        while not done.is_set():
            query = f"{words[len(took) % len(words)]} OR {words[(len(took) + 5) % len(words)]}"
            begun = time.perf_counter()
            asked.write(json.dumps({"id": len(took), "query": query}) + "\n")
            asked.flush()
            if not answers.readline():
                return
            took.append((time.perf_counter() - begun) * 1000)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield took
    finally:
        done.set()
        thread.join()
        asked.close()
        process.wait()
