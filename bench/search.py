"""Measure searching beside other engines: ``python -m bench.search``; README.md explains it.

Every engine has the same articles and questions; they take turns, so that noise falls on all.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import articles, engines, questions, targets
from bench.contestants import COMMITTED, Contestant, built, commits
from bench.measures import percentile
from bench.questions import Class
from bench.targets import Figures, Times

FOLDER = Path(".bench/search")

_WHOOSH_SIZE = 10_000
"""The one size at which stock Whoosh takes part: it takes a minute for ten thousand articles."""

_OURS_ONLY = 200_000
"""Above this many articles only our index of titles and bodies is measured, unless named."""

_FEWEST = 200
"""Fewer articles have not enough different words to ask for."""

_TURNS = 3
_ROUNDS = 3
"""How often all questions of a class are asked in one turn."""

_COMMITS = 10
_LIMIT_S = 10.0
"""How long one engine may take for one class in one turn; then it is left at what it has."""

Sizes = dict[int, dict[str, Figures]]
Row = tuple[str, list[str]]
"""A label, and a cell for each engine."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure."""

    sizes: Sequence[int]
    corpus: Path
    engines: Sequence[str]
    classes: Sequence[str]
    quick: bool
    rebuild: bool

    def taking_part(self, size: int) -> list[str]:
        """Return the engines for one size."""
        if self.engines:
            return list(self.engines)
        names = list(engines.ENGINES)
        if size > _OURS_ONLY:
            return names[:1]
        return names if size == _WHOOSH_SIZE else names[:-1]


def main(words: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for."""
    parser = _arguments()
    given = parser.parse_args(words)
    wanted = given.sizes or ("1000" if given.quick else "10000,100000")
    sizes = [int(each) for each in wanted.split(",")]
    if min(sizes) < _FEWEST:
        parser.error(f"--sizes: {_FEWEST} articles at least")
    FOLDER.mkdir(parents=True, exist_ok=True)
    corpus = given.corpus or articles.made(FOLDER, max(sizes))
    named = given.engines.split(",") if given.engines else []
    classes = given.classes.split(",") if given.classes else list(questions.NAMES)
    plan = Plan(sizes, corpus, named, classes, given.quick, given.rebuild)
    asked = [each for each in questions.chosen(corpus, max(sizes)) if each.name in classes]
    measured: Sizes = {}
    for size in sizes:
        measured[size] = measure(plan, size, asked)
        show(size, measured[size])
        if given.json:
            given.json.write_text(json.dumps(as_json(measured), indent=1), encoding="utf-8")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--sizes", default="", help="articles, with commas (10000,100000)")
    parser.add_argument("--corpus", type=Path, help="a .jsonl of articles, in place of made ones")
    parser.add_argument("--engines", default="", help=f"some of: {', '.join(engines.ENGINES)}")
    parser.add_argument("--classes", default="", help=f"some of: {'; '.join(questions.NAMES)}")
    parser.add_argument("--rebuild", action="store_true", help="build indexes that are there anew")
    parser.add_argument("--quick", action="store_true", help="1,000 articles, each class once")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    return parser


def measure(plan: Plan, size: int, asked: Sequence[Class]) -> dict[str, Figures]:
    """Build what is not built, then ask and commit, the engines in turn."""
    names = [name for name in plan.taking_part(size) if _there(name)]
    folders = {name: _folder(plan, size, name) for name in names}
    known = {}
    for name in names:
        say(f"{name}: index of {size:,} articles")
        known[name] = built(name, folders[name], plan.corpus, size, again=plan.rebuild)
    with ExitStack() as stack:
        opened = [
            stack.enter_context(Contestant(name, folders[name], plan.corpus)) for name in names
        ]
        common = next(each for each in asked).questions[0]
        first = {each.name: each.first(common) for each in opened}
        times = _asked(opened, asked, quick=plan.quick)
        memory = {each.name: each.memory_mb() for each in opened}
    found = {}
    for name in names:
        say(f"{name}: commits")
        done = commits(name, folders[name], plan.corpus, size, times=3 if plan.quick else _COMMITS)
        found[name] = Figures(known[name], first[name], memory[name], times[name], done)
    return found


def _there(name: str) -> bool:
    if engines.installed(name):
        return True
    say(f"{name}: left out, it is not installed (pip install -e '.[bench]')")
    return False


def _folder(plan: Plan, size: int, name: str) -> Path:
    corpus = f"{plan.corpus.stem}-{plan.corpus.stat().st_size}"
    return FOLDER / corpus / str(size) / f"{name}-{engines.version(name)}"


def _asked(
    opened: Sequence[Contestant], asked: Sequence[Class], *, quick: bool
) -> dict[str, dict[str, Times]]:
    """Return the times of each engine and class."""
    found: dict[str, dict[str, Times]] = {each.name: {} for each in opened}
    for group in asked:
        say(f"asking: {group.name}")
        able = [each for each in opened if group.questions[0].kind in each.kinds]
        counts = {each.name: each.count(group.questions, _LIMIT_S) for each in able}
        samples: dict[str, list[float]] = {each.name: [] for each in able}
        late: set[str] = set()
        for _ in range(1 if quick else _TURNS):
            for each in able:
                if each.name in late:
                    continue
                some = each.times(group.questions, 1 if quick else _ROUNDS, _LIMIT_S)
                samples[each.name] += some
                if sum(some) > _LIMIT_S * 900:
                    late.add(each.name)
        for name, values in samples.items():
            found[name][group.name] = _summed(values, counts[name])
    return found


def _summed(values: list[float], found: int) -> Times:
    middle, late = percentile(values, 0.5), percentile(values, 0.95)
    return Times(middle, late, max(values), len(values), found)


# What is shown


def say(what: str) -> None:
    """Print one line at once."""
    print(what, flush=True)


def show(size: int, figures: Mapping[str, Figures]) -> None:
    """Print the tables of one size, and the targets."""
    say(f"\n{size:,} articles; CPU-ms as p50/p95/max")
    _table(figures, costs(figures))
    _table(figures, classes(figures))
    say("\narticles found by all questions of a class, the others as a ratio to the first")
    _table(figures, counts(figures))
    say("")
    for verdict in targets.verdicts(size, figures):
        figure = f"{verdict.figure:,.2f}{verdict.unit}"
        mark = "ok" if verdict.reached else "MISSED"
        say(f"{verdict.what:<44}{figure:>12}   {verdict.goal + verdict.unit:<12}{mark}")


def _table(figures: Mapping[str, Figures], rows: Iterator[Row]) -> None:
    say(f"\n{'':<22}" + "".join(f"{name:>20}" for name in figures))
    for label, cells in rows:
        say(f"{label:<22}" + "".join(f"{cell:>20}" for cell in cells))


def costs(figures: Mapping[str, Figures]) -> Iterator[Row]:
    """Yield what building, opening and committing cost."""
    every = list(figures.values())
    sizes = [each.built.index_bytes / each.built.articles for each in every]
    yield "articles/CPU-s", [f"{each.built.rate:,.0f}" for each in every]
    yield "bytes an article", [f"{size:,.0f}" for size in sizes]
    yield "writer's peak, MB", [f"{each.built.peak_mb:,.0f}" for each in every]
    yield "searcher, MB", [f"{each.memory_mb:,.0f}" for each in every]
    yield "open + first", [f"{each.first_ms:.1f}" for each in every]
    for number, count in enumerate(COMMITTED):
        some = [each.commits[number] for each in every]
        times = [f"{each.median_ms:.1f}/{each.max_ms:.1f}" for each in some]
        yield f"commit of {count} (med/max)", times
        yield "  idle work after all", [f"{each.idle_ms:.1f}" for each in some]


def classes(figures: Mapping[str, Figures]) -> Iterator[Row]:
    """Yield the times of each class of questions."""
    for name in _asked_of(figures):
        yield name, [_cell(each.classes.get(name)) for each in figures.values()]


def counts(figures: Mapping[str, Figures]) -> Iterator[Row]:
    """Yield how many articles were found for each class of questions."""
    every = list(figures.values())
    for name in _asked_of(figures):
        first = every[0].classes.get(name)
        if first is not None and name != questions.FIRST:
            yield name, [_ratio(each.classes.get(name), first) for each in every]


def _asked_of(figures: Mapping[str, Figures]) -> list[str]:
    asked = {name for each in figures.values() for name in each.classes}
    return [name for name in questions.NAMES if name in asked]


def _cell(times: Times | None) -> str:
    if times is None:
        return "-"
    shown = (times.p50, times.p95, times.most)
    return "/".join(f"{each:.2f}" if each < 10 else f"{each:.0f}" for each in shown)


def _ratio(times: Times | None, ours: Times) -> str:
    """Return how many articles were found, as a ratio to ours."""
    if times is None or times.found < 0 or ours.found < 0:
        return "-"
    if times is ours or not ours.found:
        return f"{times.found:,}"
    return f"{times.found / ours.found:.3f}x"


def as_json(measured: Sizes) -> dict[str, object]:
    """Return all figures and verdicts, ready to be written."""
    return {
        str(size): {
            "figures": {name: asdict(each) for name, each in figures.items()},
            "targets": [
                {**asdict(verdict), "reached": verdict.reached}
                for verdict in targets.verdicts(size, figures)
            ],
        }
        for size, figures in measured.items()
    }


if __name__ == "__main__":
    main()
