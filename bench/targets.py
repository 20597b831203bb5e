"""What searching must reach, beside the other engines of the same run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.contestants import Built, Commits


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of processor time of one class of questions; ``found`` articles in all."""

    p50: float
    p95: float
    most: float
    asked: int
    found: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was measured of one engine at one size."""

    built: Built
    first_ms: float
    memory_mb: float
    classes: Mapping[str, Times]
    commits: tuple[Commits, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target and what was measured; ``goal`` begins with the sign of which side is right."""

    what: str
    figure: float
    goal: str
    unit: str = ""

    @property
    def reached(self) -> bool:
        """Tell whether the figure is on the right side of the goal."""
        sign, bound = self.goal.split()
        return self.figure <= float(bound) if sign == "<=" else self.figure >= float(bound)


FASTER_THAN_FTS5 = {
    "common": 15,
    "two words": 2,
    "three words": 2,
    "phrase": 1.3,
    "word + prefix": 2,
    "date sort": 30,
    "facets": 20,
}
"""How many times FTS5's median must be ours, at least."""

SLOWER_THAN_TANTIVY = {
    "common": 4,
    "range": 4,
    "title": 4,
    "facets": 4,
    "two words": 8,
    "three words": 8,
    "phrase": 8,
    "prefix 2": 8,
    "prefix 3": 8,
    "prefix 4": 8,
    "prefix 5": 8,
    "word + prefix": 8,
    "rare": 10,
    "or": 10,
    "fuzzy": 10,
    "date sort": 1,
}
"""How many times tantivy's median ours may be, at most."""

_RATE = 1500
_RATE_OF_TANTIVY = 0.6
_BYTES = 1800
_WRITER_MB = 400
_COMMIT_MS = {1: 10, 50: 60}
_SLOW_CLASSES = ("fuzzy", "wildcard")


def verdicts(size: int, figures: Mapping[str, Figures]) -> Iterator[Verdict]:
    """Yield every target that could be measured at this size, by engine's name."""
    ours = figures.get("newsreader")
    if ours is None:
        return
    for name, goal in FASTER_THAN_FTS5.items():
        if times := _both(ours, figures.get("fts5"), name):
            yield Verdict(f"{name}: FTS5 / ours", times[1] / times[0], f">= {goal}", "x")
    for name, goal in SLOWER_THAN_TANTIVY.items():
        if times := _both(ours, figures.get("tantivy"), name):
            yield Verdict(f"{name}: ours / tantivy", times[0] / times[1], f"<= {goal}", "x")
    yield from _indexing(ours, figures.get("tantivy"))
    yield from _waiting(size, ours)


def _both(ours: Figures, other: Figures | None, name: str) -> tuple[float, float] | None:
    """Return the medians of a class, None where one of them has none."""
    if other is None or name not in ours.classes or name not in other.classes:
        return None
    return ours.classes[name].p50, other.classes[name].p50


def _indexing(ours: Figures, tantivy: Figures | None) -> Iterator[Verdict]:
    yield Verdict("articles indexed a CPU-second", ours.built.rate, f">= {_RATE}")
    if tantivy is not None:
        ratio = ours.built.rate / tantivy.built.rate
        yield Verdict("indexing: ours / tantivy", ratio, f">= {_RATE_OF_TANTIVY}", "x")
    size = ours.built.index_bytes / ours.built.articles
    yield Verdict("index, bytes an article", size, f"<= {_BYTES}")
    yield Verdict("memory of the writer, MB", ours.built.peak_mb, f"<= {_WRITER_MB}")
    for each in ours.commits:
        what = f"commit of {each.articles}, median CPU-ms"
        yield Verdict(what, each.median_ms, f"<= {_COMMIT_MS[each.articles]}")


def _waiting(size: int, ours: Figures) -> Iterator[Verdict]:
    """Yield what depends on the size: how long a key and the slowest question may take."""
    typing, first = ours.classes.get("typing"), ours.classes.get("first answer")
    if typing is not None:
        goal = 10 if size <= 10_000 else 20 if size <= 100_000 else 150
        yield Verdict("typing, p95 CPU-ms", typing.p95, f"<= {goal}")
    if first is not None:
        goal = 10 if size <= 10_000 else 20
        yield Verdict("first answer while typing, p95 CPU-ms", first.p95, f"<= {goal}")
    quick = [times.most for name, times in ours.classes.items() if name not in _SLOW_CLASSES]
    slow = [times.most for name, times in ours.classes.items() if name in _SLOW_CLASSES]
    if quick and size >= 1_000_000:
        yield Verdict("slowest question, CPU-ms", max(quick), "<= 200")
    if slow and size >= 1_000_000:
        yield Verdict("slowest fuzzy word or wildcard, CPU-ms", max(slow), "<= 400")
