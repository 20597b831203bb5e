"""Measure the reader in a real terminal: ``python -m bench``; README.md says what each line means.

Ratios hold between the two sides of one run, which take turns; times depend on the machine.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from bench import corpus, library, measures
from bench.library import Home
from bench.measures import Rows, percentile

FOLDER = Path(".bench")
_LONG_WORDS = 20_000
_WAITING = 4000
"""Articles that wait to be indexed while keys are timed: more than the worker does meanwhile."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to measure."""

    sizes: Sequence[int]
    given: Path | None
    index: bool
    rounds: int


def say(what: str, figure: str, target: str = "") -> None:
    """Print one line of the table."""
    print(f"{what:<52} {figure:>24}  {target}", flush=True)


def main() -> None:
    """Run the benches that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000", help="articles, with commas")
    parser.add_argument("--corpus", type=Path, help="a .jsonl of articles, in place of made ones")
    parser.add_argument("--no-index", action="store_true", help="leave out what needs an index")
    parser.add_argument("--index-up-to", type=int, default=10_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", default="", help="some of: start, keys, open, echo, import")
    parser.add_argument("--quick", action="store_true", help="1,000 articles, a minute in all")
    given = parser.parse_args()
    sizes = [1000] if given.quick else [int(each) for each in given.sizes.split(",")]
    rounds = 3 if given.quick else given.rounds
    plan = Plan(sizes, given.corpus, not given.no_index, rounds)
    FOLDER.mkdir(exist_ok=True)
    homes = [
        library.home_of(FOLDER, size, plan.given, index=plan.index and size <= given.index_up_to)
        for size in sizes
    ]
    chosen = given.only.split(",") if given.only else list(_BENCHES)
    say("measure", "figure", "target")
    for name in chosen:
        _BENCHES[name](plan, homes)


def starts(plan: Plan, homes: Sequence[Home]) -> None:
    """Time the start, against the peer and against ``python -c pass``, taking turns."""
    rows = [Rows(home.path) for home in homes]
    bare, ours = [], [[] for _ in homes]
    measures.start_bare()
    for home, known in zip(homes, rows, strict=True):
        measures.start_reader(home.path, known)
    for _ in range(plan.rounds):
        bare.append(measures.start_bare())
        for number, home in enumerate(homes):
            ours[number].append(measures.start_reader(home.path, rows[number]))
    cpu = statistics.median(each.cpu for each in bare)
    wall = statistics.median(each.wall for each in bare)
    say("start, bare three panes", f"{cpu:.0f} CPU-ms, {wall:.0f} ms")
    for home, some in zip(homes, ours, strict=True):
        mine = statistics.median(each.cpu for each in some)
        passed = statistics.median(each.wall for each in some)
        ratio = statistics.median(a.cpu / b.cpu for a, b in zip(some, bare, strict=True))
        late = statistics.median(a.wall / b.wall for a, b in zip(some, bare, strict=True))
        say(f"start, {home.articles:,}", f"{mine:.0f} CPU-ms, {passed:.0f} ms")
        say("  against bare: CPU", f"{ratio:.2f}x", "<= 1.15x")
        say("  against bare: wall", f"{late:.2f}x", "<= 1.15x")
    if len(homes) > 1:
        pairs = zip(ours[-1], ours[0], strict=True)
        ratio = statistics.median(large.cpu / small.cpu for large, small in pairs)
        sizes = f"{homes[-1].articles:,} against {homes[0].articles:,}"
        say(f"start, {sizes}", f"{ratio:.2f}x", "within 10 %")
    version = statistics.median(_version_ratio() for _ in range(plan.rounds))
    say("newsreader --version against python -c pass", f"{version:.2f}x", "<= 3x")


def _version_ratio() -> float:
    def wall(*words: str) -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun

    return wall("-m", "newsreader", "--version") / wall("-c", "pass")


def keys(plan: Plan, homes: Sequence[Home]) -> None:
    """Hold j, then look at memory."""
    rss, pss = measures.memory_of_bare()
    say("memory, bare", f"{rss:.0f} MB RSS, {pss:.0f} PSS")
    for home in homes:
        rows = Rows(home.path)
        held = [measures.hold_down(home.path, rows) for _ in range(1 + plan.rounds // 4)]
        cpu = statistics.median(each.cpu for each in held)
        say(f"cursor move, j held, {home.articles:,}", f"{cpu:.1f} CPU-ms", "<= 6")
        say("  worst lag", f"{max(each.lag for each in held):.0f} ms", "<= 100")
        rss, pss = held[-1].memory
        say("  memory afterwards", f"{rss:.0f} MB RSS, {pss:.0f} PSS", "<= 60 MB")
    idle = measures.rest_cpu(homes[-1].path, Rows(homes[-1].path))
    say(f"at rest, {homes[-1].articles:,}", f"{idle:.1f} CPU-ms a second")


def long_text(plan: Plan, homes: Sequence[Home]) -> None:
    """Open a long article, and a short one to compare."""
    for words, target in ((500, ""), (_LONG_WORDS, "<= 70")):
        home = library.fresh(FOLDER / f"long-{words}")
        newest = corpus.long_article(100, seed=1)
        second = corpus.long_article(words, seed=2, published=corpus.BEFORE_NEWEST)
        library.take_in(home, iter([newest, second, *corpus.articles(20)]))
        library.newsreader(home, "rebuild", "index")
        cost = measures.opening(home, Rows(home), min(plan.rounds, 5))
        say(f"open {words:,} words (with the move)", f"{cost:.0f} CPU-ms", target)


def echo(plan: Plan, homes: Sequence[Home]) -> None:
    """Time the echo of keys at rest, and while others work on the same home."""
    indexed = [home for home in homes if home.index_s]
    if not indexed:
        say("echo", "left out: no home has an index")
        return
    home = indexed[-1]
    idle = _echoes(home, "idle", wait=False, beside=nullcontext())
    work = _echoes(home, "worker indexes", wait=True, beside=nullcontext())
    hunt = _echoes(home, "another searches", wait=False, beside=measures.searches(home.path))
    for other, name in ((work, "worker indexes"), (hunt, "another searches")):
        for kind in idle:
            ratio = percentile(other[kind], 0.95) / percentile(idle[kind], 0.95)
            say(f"echo p95 against idle, {kind}, {name}", f"{ratio:.2f}x", "<= 1.5x")


def _echoes(
    home: Home, name: str, *, wait: bool, beside: AbstractContextManager[object]
) -> dict[str, list[float]]:
    path = library.copy_of(home, FOLDER / "echo")
    rows = Rows(path)
    if wait:
        more = corpus.articles(_WAITING, seed=11)
        library.take_in(path, more)
        rows = Rows(path)
    with beside, measures.opened(path, rows) as terminal:
        found = {"j": measures.moving(terminal, rows), "typed": measures.typing(terminal)}
    for kind, values in found.items():
        p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
        figure = f"p50 {p50:.0f}, p95 {p95:.0f}, max {max(values):.0f} ms"
        say(f"echo, {kind}, {name}, {home.articles:,}", figure, "max <= 100")
    return found


def intake(plan: Plan, homes: Sequence[Home]) -> None:
    """Take in a thousand articles, and say what the homes cost."""
    home = library.fresh(FOLDER / "import")
    count, seconds = library.take_in(home, library.lines(1000, plan.given))
    say(f"import of {count:,}", f"{count / seconds:.0f} articles/CPU-s")
    again = [library.take_in(home, library.lines(1000, plan.given))[1] for _ in range(1)]
    say("  again, nothing changed", f"{count / again[0]:.0f} articles/CPU-s")
    for home_ in homes:
        if home_.import_s:
            rate = home_.articles / home_.import_s
            say(f"import of {home_.articles:,}, when made", f"{rate:.0f} articles/CPU-s")
        say(f"  database, {home_.articles:,}", f"{home_.bytes_an_article():.0f} bytes an article")
        if home_.index_s:
            rate = home_.articles / home_.index_s
            say(f"  indexing, {home_.articles:,}", f"{rate:.0f} articles/CPU-s")
            size = home_.index_bytes_an_article()
            say(f"  index, {home_.articles:,}", f"{size:.0f} bytes an article")


_BENCHES: dict[str, Callable[[Plan, Sequence[Home]], None]] = {
    "start": starts,
    "keys": keys,
    "open": long_text,
    "echo": echo,
    "import": intake,
}

if __name__ == "__main__":
    main()
