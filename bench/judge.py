"""The arithmetic of the name bench: names put in one shape, counted, and said as F1.

Nothing here knows where a gold set comes from; :mod:`bench.goldsets` reads them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from newsreader.entities import Tagged
from newsreader.entities.gazetteer import gazetteer
from newsreader.entities.names import fold
from newsreader.entities.rules import LABELS, strip_titles, trim
from newsreader.model import EntityKind, Recognised

Name = tuple[int, int, EntityKind]
PLO = (EntityKind.PERSON, EntityKind.ORGANISATION, EntityKind.PLACE)


@dataclass
class Gold:
    """One text with its names."""

    text: str
    names: set[Name]


@dataclass
class Counts:
    """How many names were right, said and there, by kind."""

    right: dict[EntityKind, int] = field(default_factory=lambda: dict.fromkeys(PLO, 0))
    said: dict[EntityKind, int] = field(default_factory=lambda: dict.fromkeys(PLO, 0))
    there: dict[EntityKind, int] = field(default_factory=lambda: dict.fromkeys(PLO, 0))

    def add(self, gold: Gold, names: Iterable[Name]) -> None:
        """Count one text."""
        want, have = normal(gold.text, gold.names), normal(gold.text, names)
        for kind in PLO:
            self.right[kind] += sum(name[2] is kind for name in want & have)
            self.said[kind] += sum(name[2] is kind for name in have)
            self.there[kind] += sum(name[2] is kind for name in want)

    def f1(self, kinds: Sequence[EntityKind] = PLO) -> float:
        """Return F1 in percent over ``kinds`` together (micro average)."""
        both = sum(self.said[kind] + self.there[kind] for kind in kinds)
        return 200 * sum(self.right[kind] for kind in kinds) / max(1, both)


def normal(text: str, names: Iterable[Name]) -> set[Name]:
    """Trim all names alike, so that conventions about titles and articles do not count."""
    titles = gazetteer().titles
    trimmed = set()
    for start, end, kind in names:
        if kind in PLO:
            start, end = trim(text, start, end)
            if kind is EntityKind.PERSON:
                start = strip_titles(text, start, end, titles)
            trimmed.add((start, end, kind))
    return trimmed


def raw_names(spans: Iterable[Tagged]) -> set[Name]:
    """Return the tagger's own names with kinds of ours."""
    return {(start, end, LABELS[label]) for start, end, label in spans if label in LABELS}


def counted(golds: Sequence[Gold], found: Sequence[set[Name]]) -> Counts:
    """Count every text of a set."""
    counts = Counts()
    for gold, names in zip(golds, found, strict=True):
        counts.add(gold, names)
    return counts


def names_of(mentions: Iterable[Recognised]) -> set[Name]:
    """Return what the recogniser found, without the names it gave."""
    return {(m.start, m.end, m.kind) for m in mentions}


@dataclass(frozen=True)
class Canonical:
    """One row of the gold of canonical names; ``names`` are all right."""

    file: str
    start: int
    surface: str
    kind: EntityKind
    names: tuple[str, ...]

    def judge(self, found: Sequence[Recognised]) -> str:
        """Return "right", "name" or "kind" (what was wrong), "edges", or "missed"."""
        end = self.start + len(self.surface)
        over = [m for m in found if m.start < end and self.start < m.end and m.name]
        exact = next((m for m in over if (m.start, m.end) == (self.start, end)), None)
        if exact is None:
            return "edges" if over else "missed"
        if fold(exact.name) not in {fold(name) for name in self.names}:
            return "name"
        return "right" if exact.kind is self.kind else "kind"
