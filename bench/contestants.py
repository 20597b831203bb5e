"""One process for each engine: building it, asking it, committing to it, and what that costs.

Processor times are those of the whole process, all its threads; memory is Linux' VmHWM (the most
so far) and VmRSS (now).
"""

import json
import multiprocessing
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench import articles
from bench.articles import Clocked, Texts
from bench.engines import ENGINES
from bench.questions import Question

COMMITTED = (1, 50)
"""Articles of a commit."""

_PROCESSES = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Built:
    """What an index cost to build."""

    articles: int
    cpu_s: float
    index_bytes: int
    peak_mb: float

    @property
    def rate(self) -> float:
        """Return articles per second of processor time, the reading of the corpus left out."""
        return self.articles / self.cpu_s


@dataclass(frozen=True, slots=True)
class Commits:
    """Processor times of commits in milliseconds, and of the idle work after all of them."""

    articles: int
    median_ms: float
    max_ms: float
    idle_ms: float


def _memory_mb(field: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def _cpu_ms(begun: float) -> float:
    return (time.process_time() - begun) * 1000


def built(name: str, folder: Path, corpus: Path, size: int, *, again: bool = False) -> Built:
    """Return what the index in ``folder`` cost, which is built unless it is there."""
    facts = folder / "built.json"
    if again or not facts.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _apart(_build, name, folder, corpus, size)
    return Built(**json.loads(facts.read_text()))


def _build(name: str, folder: Path, corpus: Path, size: int) -> None:
    engine = ENGINES[name](folder, None)
    source = Clocked(articles.read(corpus, size))
    begun = time.process_time()
    engine.build(source)
    spent = time.process_time() - begun - source.seconds
    facts = Built(size, spent, engine.size(), _memory_mb("VmHWM"))
    (folder / "built.json").write_text(json.dumps(asdict(facts)))


def commits(name: str, folder: Path, corpus: Path, size: int, *, times: int) -> tuple[Commits, ...]:
    """Return what so many commits of 1 and of 50 articles onto a copy of the index cost."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        scratch = Path(place) / folder.name
        shutil.copytree(folder, scratch)
        _apart(_commit, name, scratch, corpus, size, times)
        facts = json.loads((scratch / "commits.json").read_text())
    return tuple(Commits(**each) for each in facts)


def _commit(name: str, folder: Path, corpus: Path, size: int, times: int) -> None:
    engine = ENGINES[name](folder, None)
    engine.open()
    more = articles.read(corpus, times * sum(COMMITTED) + 1, start=size)
    # The first one loads what all of them need.
    engine.add([next(more)])
    found = []
    for count in COMMITTED:
        spent = []
        for _ in range(times):
            some = [next(more) for _ in range(count)]
            begun = time.process_time()
            engine.add(some)
            spent.append(_cpu_ms(begun))
        begun = time.process_time()
        engine.idle()
        found.append(Commits(count, statistics.median(spent), max(spent), _cpu_ms(begun)))
    (folder / "commits.json").write_text(json.dumps([asdict(each) for each in found]))


def _apart(work: Any, *values: object) -> None:
    """Run ``work`` in a process of its own.

    Raises:
        RuntimeError: it failed.
    """
    process = _PROCESSES.Process(target=work, args=values)
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{values[0]} failed; the reason is above")


class Contestant:
    """An engine that waits for questions in a process of its own; use it in ``with``."""

    def __init__(self, name: str, folder: Path, corpus: Path) -> None:
        self.name = name
        self._connection, other = _PROCESSES.Pipe()
        self._process = _PROCESSES.Process(target=_serve, args=(other, name, folder, corpus))
        self._process.start()
        other.close()
        self.kinds: frozenset[str] = self._connection.recv()

    def __enter__(self) -> "Contestant":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._process.join()

    def _asked(self, *request: object) -> Any:
        try:
            self._connection.send(request)
            return self._connection.recv()
        except (EOFError, BrokenPipeError):
            raise RuntimeError(f"{self.name} failed; the reason is above") from None

    def first(self, question: Question) -> float:
        """Open the index and answer once; return the milliseconds of both."""
        return self._asked(_Served.first, question)

    def count(self, questions: Sequence[Question], limit_s: float) -> int:
        """Return the articles that match, of all questions together; -1 if it takes too long."""
        return self._asked(_Served.count, questions, limit_s)

    def times(self, questions: Sequence[Question], rounds: int, limit_s: float) -> list[float]:
        """Ask all ``rounds`` times over; return the milliseconds of each, until time has run out.

        One question follows another, so that nobody can answer from what was just asked.
        """
        return self._asked(_Served.times, questions, rounds, limit_s)

    def memory_mb(self) -> float:
        """Return what the process holds in memory now."""
        return self._asked(_Served.memory)


class _Served:
    """What a contestant's process does."""

    def __init__(self, name: str, folder: Path, corpus: Path) -> None:
        self.texts = Texts(corpus)
        self.engine = ENGINES[name](folder, self.texts)

    def first(self, question: Question) -> float:
        begun = time.process_time()
        self.engine.open()
        self.engine.top(question)
        return _cpu_ms(begun)

    def count(self, questions: Sequence[Question], limit_s: float) -> int:
        if questions[0].kind == "snippets":
            self.texts.find_lines()
        until = time.perf_counter() + limit_s
        total = 0
        for question in questions:
            total += self.engine.count(question)
            if time.perf_counter() > until:
                return -1
        return total

    def times(self, questions: Sequence[Question], rounds: int, limit_s: float) -> list[float]:
        until = time.perf_counter() + limit_s
        found = []
        for question in [*questions] * rounds:
            begun = time.process_time()
            self.engine.top(question)
            found.append(_cpu_ms(begun))
            if time.perf_counter() > until:
                break
        return found

    def memory(self) -> float:
        return _memory_mb("VmRSS")


def _serve(connection: Connection, name: str, folder: Path, corpus: Path) -> None:
    served = _Served(name, folder, corpus)
    connection.send(served.engine.kinds)
    while True:
        try:
            method, *values = connection.recv()
        except EOFError:
            return
        connection.send(method(served, *values))
