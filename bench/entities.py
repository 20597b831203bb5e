"""Score names and dates against gold sets: ``python bench/entities.py FOLDER``.

FOLDER holds ``ner/wikigold``, ``ner/gum_news`` (WebAnno TSV) and ``temporal/TBAQ`` (TimeML), as
their makers publish them. F1 counts a name as right when its edges and its kind are; a leading
the/a/an and a closing possessive do not count. Speed is in words per second of CPU time.
"""

import re
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from newsreader.entities import Document, Recogniser, Tagged
from newsreader.entities.dates import dates
from newsreader.entities.gazetteer import gazetteer
from newsreader.entities.rules import LABELS, strip_titles, trim
from newsreader.model import EntityKind

Name = tuple[int, int, EntityKind]
PLO = (EntityKind.PERSON, EntityKind.ORGANISATION, EntityKind.PLACE)

_NO_SPACE_BEFORE = re.compile(r"^(?:[.,;:!?%)\]}]|['’]s?|n't|'(?:re|ve|ll|d|m))$")


@dataclass
class Gold:
    """One text with its names."""

    text: str
    names: set[Name]


def _join(tokens: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Put words back together as they are printed, with the place of each."""
    text, places, after = "", [], ""
    quoted = False
    for token in tokens:
        token = {"``": '"', "''": '"', "-LRB-": "(", "-RRB-": ")"}.get(token, token)
        gap = "" if _NO_SPACE_BEFORE.match(token) else after
        after = " "
        if token == '"':
            gap, after = ("", " ") if quoted else (after and " ", "")
            quoted = not quoted
        elif token in "([{$£€":
            after = ""
        if token == "-":
            gap = after = ""
        text += gap if text else ""
        places.append((len(text), len(text) + len(token)))
        text += token
    return text, places


def wikigold(folder: Path) -> Iterator[Gold]:
    """Yield texts of 25 sentences; the set does not say where one article ends."""
    kinds = {"PER": PLO[0], "ORG": PLO[1], "LOC": PLO[2]}
    file = folder / "ner/wikigold/CONLL-format/data/wikigold.conll.txt"
    lines = file.read_text(encoding="utf-8").splitlines()
    sentences = [list(group) for full, group in groupby(lines, key=bool) if full]
    for first in range(0, len(sentences), 25):
        text, names = "", set()
        for sentence in sentences[first : first + 25]:
            rows = [line.rsplit(" ", 1) for line in sentence]
            part, places = _join([token for token, _ in rows])
            text += "\n" if text else ""
            at = 0
            for tag, group in groupby(rows, key=lambda row: row[1]):
                size = len(list(group))
                if tag[2:] in kinds:
                    start, end = places[at][0], places[at + size - 1][1]
                    names.add((len(text) + start, len(text) + end, kinds[tag[2:]]))
                at += size
            text += part
        yield Gold(text, names)


_SMALL = frozenset({"of", "the", "and", "for", "in", "de", "la", "'s", "&", "-", "'", ",", "."})
_ARTICLES = frozenset({"the", "a", "an"})
_PRONOUNS = frozenset({"i", "he", "she", "it", "they", "we", "you", "this", "his", "her"})
_GUM_KINDS = {"person": PLO[0], "organization": PLO[1], "place": PLO[2]}


def gum(folder: Path) -> Iterator[Gold]:
    """Yield GUM's news; a name is a person, organisation or place in capitalised words.

    GUM marks every noun phrase, so names are those whose words are all capitalised; of nested
    ones the outermost counts.
    """
    for file in sorted((folder / "ner/gum_news/_build/src/tsv").glob("*.tsv")):
        text, names = "", set()
        for block in file.read_text(encoding="utf-8").split("#Text=")[1:]:
            rows = [line.split("\t") for line in block.splitlines()[1:] if "\t" in line]
            part, places = _join([row[2] for row in rows])
            text += "\n" if text else ""
            for first, last, kind in _outermost(rows):
                names.add((len(text) + places[first][0], len(text) + places[last][1], kind))
            text += part
        yield Gold(text, names)


def _outermost(rows: list[list[str]]) -> list[Name]:
    """Return (first word, last word, kind) of the names of one sentence."""
    spans: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        for mark in row[3].split("|"):
            spans.setdefault(mark, []).append(at)
    chosen = []
    for mark, at in spans.items():
        kind = _GUM_KINDS.get(mark.split("[")[0])
        first = at[0] + (rows[at[0]][2].casefold() in _ARTICLES)
        if kind and first <= at[-1] and _is_name([row[2] for row in rows[first : at[-1] + 1]]):
            chosen.append((first, at[-1], kind))
    return [
        (a, b, kind)
        for a, b, kind in chosen
        if not any(c <= a and b <= d and (a, b) != (c, d) for c, d, _ in chosen)
    ]


def _is_name(words: list[str]) -> bool:
    capital = [word[0].isupper() for word in words if word.casefold() not in _SMALL]
    pronoun = len(words) == 1 and words[0].casefold() in _PRONOUNS
    return bool(capital) and all(capital) and words[0][0].isupper() and not pronoun


def _normal(gold: Gold, names: set[Name]) -> set[Name]:
    """Trim all names alike, so that conventions about titles and articles do not count."""
    titles = gazetteer().titles
    normal = set()
    for start, end, kind in names:
        if kind in PLO:
            start, end = trim(gold.text, start, end)
            if kind is EntityKind.PERSON:
                start = strip_titles(gold.text, start, end, titles)
            normal.add((start, end, kind))
    return normal


def _f1(right: int, said: int, there: int) -> str:
    return f"{200 * right / max(1, said + there):5.1f} ({right}/{said}/{there})"


def score(title: str, golds: list[Gold], found: list[set[Name]], seconds: float) -> None:
    """Print F1 in all and by kind."""
    words = sum(len(gold.text.split()) for gold in golds)
    parts = []
    for kinds in (PLO, *((kind,) for kind in PLO)):
        right = said = there = 0
        for gold, names in zip(golds, found, strict=True):
            want = {n for n in _normal(gold, gold.names) if n[2] in kinds}
            have = {n for n in _normal(gold, names) if n[2] in kinds}
            right, said, there = right + len(want & have), said + len(have), there + len(want)
        parts.append(_f1(right, said, there))
    kinds_apart = "  ".join(f"{k} {part}" for k, part in zip("POL", parts[1:], strict=True))
    print(f"{title:14} PLO {parts[0]}  {kinds_apart}  {words / seconds:.0f} words/CPU-s")


def _raw(spans: list[Tagged]) -> set[Name]:
    return {(s, e, LABELS[label]) for s, e, label in spans if label in LABELS}


def names(folder: Path) -> None:
    """Score the tagger alone and the whole recogniser."""
    recogniser = Recogniser()
    for title, read in (("wikigold", wikigold), ("gum news", gum)):
        golds = list(read(folder))
        start = time.process_time()
        raw = recogniser._tagger.tag([gold.text for gold in golds])
        score(title + " raw", golds, [_raw(spans) for spans in raw], time.process_time() - start)
        start = time.process_time()
        full = recogniser.recognise_batch([Document(text=gold.text) for gold in golds])
        found = [{(m.start, m.end, m.kind) for m in mentions} for mentions in full]
        score(title, golds, found, time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


_TIMEX = re.compile(r"<TIMEX3([^>]*)>(.*?)</TIMEX3>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_VALUE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?(?:T\w\w.*)?$")


def temporal(folder: Path) -> None:
    """Score dates whose gold value is a day, month or year; with ``-v`` print the misses."""
    total = seen = right = said = 0
    chars, start = 0, time.process_time()
    for file in sorted((folder / "temporal/TBAQ").rglob("*.tml")):
        source = file.read_text(encoding="utf-8", errors="replace")
        made = re.search(r'CREATION_TIME[^>]*>|value="(\d{4}-\d\d-\d\d)[^>]*CREATION_TIME', source)
        day = re.search(r'<DCT>.*?value="(\d{4}-\d\d-\d\d)', source, re.DOTALL)
        body = re.search(r"<TEXT>(.*?)</TEXT>", source, re.DOTALL)
        if made is None or day is None or body is None:
            continue
        text, gold = _strip(body.group(1))
        chars += len(text)
        found = dates(text, published=date.fromisoformat(day.group(1)))
        said += len(found)
        for a, b, value in gold:
            total += 1
            hits = [d for d in found if d.start < b and a < d.end]
            seen += bool(hits)
            right += any(d.value == value.split("T")[0] for d in hits)
            if "-v" in sys.argv and not any(d.value == value.split("T")[0] for d in hits):
                said_here = [hit.value for hit in hits]
                print(f"{day.group(1)} {text[a - 30 : b + 20]!r} {value} {said_here}")
    seconds = time.process_time() - start
    print(
        f"dates          exact {100 * right / max(1, total):.1f} % of {total}, found "
        f"{100 * seen / max(1, total):.1f} %, {said} said, {chars / 6 / seconds:.0f} words/CPU-s"
    )


def _strip(source: str) -> tuple[str, list[tuple[int, int, str]]]:
    """Return the text without marks, and (start, end, value) of its calendar dates."""
    text, gold, at = "", [], 0
    for timex in _TIMEX.finditer(source):
        text += _TAG.sub("", source[at : timex.start()])
        inner = _TAG.sub("", timex.group(2))
        value = re.search(r'value="([^"]*)"', timex.group(1))
        if value and _VALUE.match(value.group(1)):
            gold.append((len(text), len(text) + len(inner), value.group(1)))
        text += inner
        at = timex.end()
    return text + _TAG.sub("", source[at:]), gold


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    names(Path(sys.argv[1]))
    temporal(Path(sys.argv[1]))
