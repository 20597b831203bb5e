"""Score the dates found in a text against gold: ``python -m bench.dates FOLDER...``.

A folder holds TimeML (``*.tml``: TimeBank, AQUAINT, the platinum set of TempEval-3) or TEI as GUM
has it (``*.xml``, a word a line), at any depth. Of every set the files whose name has an even sha1
are scored apart from the others, so that rules can be written on one half and tried on the other:
``--misses`` prints what was got wrong in the even half only, and nothing of a set that is to stay
unseen, which comes after ``--unseen``.

Gold is what a calendar can say: a day, a month, a year (a time of day is its day). Weeks, seasons
and quarters count apart, as the month of a week's Thursday and as the year. What gold has without
such a value ("now", "recently", "in 1996 or so") is neither right nor wrong to find. "Exact" is the
same span, but for an article before and a possessive after it, and the same value. Makers of gold
differ on "[Sunday] night" and "later [this month]", where our spans hold the qualifier: "but for
qualifiers" is exact when those do not count either.
"""

import argparse
import hashlib
import html
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from newsreader.entities.dates import Dated, dates

_TIMEX = re.compile(r"<TIMEX3([^>]*)>(.*?)</TIMEX3>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_DAY_OF_ISSUE = re.compile(r'<DCT>.*?value="(\d{4}-\d\d-\d\d)', re.DOTALL)
_PLAIN = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:T.*)?")
_WEEK = re.compile(r"(\d{4})-W(\d\d)(-WE)?")
_PART_OF_YEAR = re.compile(r"(\d{4})-(?:Q\d|H\d|SP|SU|FA|WI)")
_EDGES = re.compile(r"^(?:the|a|an)\s+|(?:['’]s|['’]|[,.\s]+)$", re.IGNORECASE)
_QUALIFIERS = re.compile(
    r"^(?:earlier|later|early|late|mid|around|about|nearly|almost|just|over)(?:\s+in)?[\s-]+"
    r"|\s+(?:morning|afternoon|evening|night)$",
    re.IGNORECASE,
)
_TIGHT = re.compile(r"[.,;:!?%)\]}]|['’]s?|n't")


@dataclass(frozen=True)
class Expected:
    """One expression of the gold; ``value`` is None where a calendar has no word for it."""

    start: int
    end: int
    value: str | None
    kind: str


@dataclass(frozen=True)
class Gold:
    """One text with its day of publication."""

    name: str
    text: str
    published: date
    expected: list[Expected]

    @property
    def even(self) -> bool:
        """Return whether the file is of the half that may be looked at."""
        return int(hashlib.sha1(self.name.encode()).hexdigest(), 16) % 2 == 0


def reading(value: str) -> tuple[str | None, str]:
    """Return what a value of TimeML or TEI is in ISO 8601, and its kind."""
    if plain := _PLAIN.fullmatch(value):
        return plain[1], {10: "day", 7: "month", 4: "year"}[len(plain[1])]
    if week := _WEEK.fullmatch(value):
        try:
            day = date.fromisocalendar(int(week[1]), int(week[2]), 6 if week[3] else 4)
        except ValueError:
            return None, "none"
        return day.isoformat()[:7], "week"
    if part := _PART_OF_YEAR.fullmatch(value):
        return part[1], "part of a year"
    return None, "none"


def timeml(file: Path) -> Gold | None:
    """Read a TimeML file; None without a day of publication."""
    source = file.read_text(encoding="utf-8", errors="replace")
    day = _DAY_OF_ISSUE.search(source)
    body = re.search(r"<TEXT>(.*?)</TEXT>", source, re.DOTALL)
    if day is None or body is None:
        return None
    text, at, expected = "", 0, []
    for timex in _TIMEX.finditer(body[1]):
        text += html.unescape(_TAG.sub("", body[1][at : timex.start()]))
        inner = html.unescape(_TAG.sub("", timex[2]))
        value = re.search(r'value="([^"]*)"', timex[1])
        dated = re.search(r'type="(?:DATE|TIME)"', timex[1]) is not None
        known = reading(value[1]) if value and dated else (None, "none")
        expected.append(Expected(len(text), len(text) + len(inner), *known))
        text += inner
        at = timex.end()
    text += html.unescape(_TAG.sub("", body[1][at:]))
    return Gold(file.name, text, date.fromisoformat(day[1]), expected)


def tei(file: Path) -> Gold | None:
    """Read a TEI file of GUM's making; None without a day of publication."""
    source = file.read_text(encoding="utf-8")
    day = re.search(r'dateCreated="(\d{4}-\d\d-\d\d)"', source)
    if day is None:
        return None
    text, expected, start, value, glue = "", [], -1, "", ""
    for line in source.splitlines():
        word = html.unescape(line.split("\t")[0])
        if "\t" in line:
            text += ("" if _TIGHT.fullmatch(word) else glue) + word
            glue = "" if word in "([$£€" else " "
        elif line.startswith(("</s>", "</p>", "</head>")):
            glue = "\n"
        elif line.startswith("<date"):
            when = re.search(r'when="([^"]*)"', line)
            start, value = len(text), when[1] if when else ""
        elif line.startswith("</date") and start >= 0:
            start += len(text[start:]) - len(text[start:].lstrip())
            expected.append(Expected(start, len(text), *reading(value)))
            start = -1
    return Gold(file.name, text, date.fromisoformat(day[1]), expected)


def golds(folder: Path) -> Iterator[Gold]:
    """Yield the texts of a folder in the order of their names."""
    for file in sorted(folder.rglob("*")):
        gold = {".tml": timeml, ".xml": tei}.get(file.suffix, lambda _: None)(file)
        if gold is not None:
            yield gold


def _bare(
    text: str, start: int, end: int, edges: tuple[re.Pattern[str], ...] = (_EDGES,)
) -> tuple[int, int]:
    """Return the span without a leading article, a possessive or punctuation at its end."""
    while match := next((m for edge in edges if (m := edge.search(text[start:end]))), None):
        start, end = (
            (start + match.end(), end) if match.start() == 0 else (start, start + match.start())
        )
    return start, end


@dataclass
class Score:
    """What was counted over the texts of one half of a set."""

    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def add(self, gold: Gold, found: list[Dated]) -> None:
        """Count one text."""
        self.counts["texts"] += 1
        self.counts["words"] += len(gold.text.split())
        for expected in gold.expected:
            if expected.value is not None:
                self._expect(gold, expected, found)
        for dated in found:
            near = [e for e in gold.expected if e.start < dated.end and dated.start < e.end]
            if near and all(e.value is None for e in near):
                continue
            self.counts["said"] += 1
            if not near:
                self.counts["false"] += 1
                self._miss(gold, "false", dated.start, dated.end, str(dated.value))

    def _expect(self, gold: Gold, expected: Expected, found: list[Dated]) -> None:
        there = _bare(gold.text, expected.start, expected.end)
        near = [d for d in found if d.start < expected.end and expected.start < d.end]
        same = [d for d in near if _bare(gold.text, d.start, d.end) == there]
        outcome = "exact"
        if not near:
            outcome = "not found"
        elif not any(d.value == expected.value for d in same):
            outcome = "value" if same else "span"
        elif not same:
            outcome = "span"
        right = any(d.value == expected.value for d in near)
        if outcome == "span" and not right:
            outcome = "span and value"
        self.kinds[expected.kind, outcome] += 1
        self.kinds[expected.kind, "alike"] += self._alike(gold, expected, near)
        self.kinds[expected.kind, "gold"] += 1
        if outcome != "exact":
            said = ", ".join(f"{gold.text[d.start : d.end]!r} {d.value}" for d in near)
            self._miss(gold, outcome, expected.start, expected.end, f"{expected.value} <- {said}")

    @staticmethod
    def _alike(gold: Gold, expected: Expected, near: list[Dated]) -> bool:
        edges = (_EDGES, _QUALIFIERS)
        there = _bare(gold.text, expected.start, expected.end, edges)
        return any(
            d.value == expected.value and _bare(gold.text, d.start, d.end, edges) == there
            for d in near
        )

    def _miss(self, gold: Gold, what: str, start: int, end: int, said: str) -> None:
        before, after = gold.text[max(0, start - 60) : start], gold.text[end : end + 40]
        line = f"{what:14} {gold.published} {before}[{gold.text[start:end]}]{after}  ({said})"
        self.misses.append(" ".join(line.split()))

    def total(self, outcome: str, kinds: tuple[str, ...]) -> int:
        """Return how many expressions of ``kinds`` ended so."""
        return sum(self.kinds[kind, outcome] for kind in kinds)

    def lines(self, title: str) -> Iterator[str]:
        """Yield a line of all, and one a kind."""
        plain = ("day", "month", "year")
        every = (*plain, "week", "part of a year")
        for name, kinds in (("", plain), (" +weeks …", every)):
            there = self.total("gold", kinds)
            exact = self.total("exact", kinds)
            missed = self.total("not found", kinds)
            spans = exact + self.total("value", kinds)
            valued = exact + self.total("span", kinds)
            if not there:
                continue
            yield (
                f"{title + name:28} {there:5} gold: exact {100 * exact / there:5.1f} % "
                f"(but for qualifiers {100 * self.total('alike', kinds) / there:.1f}), found "
                f"{100 - 100 * missed / there:5.1f}, span {100 * spans / there:5.1f}, "
                f"value of the found {100 * valued / max(1, there - missed):5.1f}"
            )
        said, exact = self.counts["said"], self.total("exact", every)
        yield (
            f"{'':28} {said:5} said: exact {100 * exact / max(1, said):5.1f} %, "
            f"no date in gold {self.counts['false']}"
        )
        for kind in every:
            ends = [
                f"{outcome} {self.kinds[kind, outcome]}"
                for outcome in ("exact", "value", "span", "span and value", "not found")
                if self.kinds[kind, outcome]
            ]
            if ends:
                yield f"{'':28}   {kind}: {', '.join(ends)}"


def score(folder: Path, *, seen: bool) -> None:
    """Print the figures of a folder; in halves where one of them has been ``seen``."""
    texts = list(golds(folder))
    start = time.process_time()
    found = [dates(gold.text, published=gold.published) for gold in texts]
    seconds = time.process_time() - start
    halves: dict[str, Score] = {}
    for gold, said in zip(texts, found, strict=True):
        half = ("even" if gold.even else "odd") if seen else "unseen"
        halves.setdefault(half, Score()).add(gold, said)
    words = sum(half.counts["words"] for half in halves.values())
    print(f"{folder.name}: {len(texts)} texts, {words} words, {words / seconds:,.0f} a CPU-second")
    for name, half in sorted(halves.items()):
        print("\n".join(half.lines(f"{folder.name} {name}")))


def misses(folder: Path) -> None:
    """Print what was got wrong in the even half of a folder."""
    half = Score()
    for gold in golds(folder):
        if gold.even:
            half.add(gold, dates(gold.text, published=gold.published))
    print("\n".join(sorted(half.misses)))


def main() -> None:
    """Score the folders of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.dates", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--unseen", nargs="*", type=Path, default=[], metavar="FOLDER")
    parser.add_argument("--misses", action="store_true")
    given = parser.parse_args()
    for folder in given.folders:
        misses(folder) if given.misses else score(folder, seen=True)
    for folder in [] if given.misses else given.unseen:
        score(folder, seen=False)


if __name__ == "__main__":
    main()
