"""Gold sets of names, read as their makers publish them, one text at a time.

A set is named by what it is for: ``held-out`` sets are never trained or tuned on.
"""

import hashlib
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from bench.judge import PLO, Canonical, Gold, Name
from newsreader.model import EntityKind

GOLD = Path(__file__).parent / "gold" / "names.tsv"
"""The gold of canonical names; its head says by which rules it was made."""

_NO_SPACE_BEFORE = re.compile(r"^(?:[.,;:!?%)\]}]|['’]s?|n't|'(?:re|ve|ll|d|m))$")
_QUOTES = {"``": '"', "''": '"', "-LRB-": "(", "-RRB-": ")"}
_CONLL = {"PER": PLO[0], "ORG": PLO[1], "LOC": PLO[2]}


def _join(tokens: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Put words back together as they are printed, with the place of each."""
    text, places, after = "", [], ""
    quoted = False
    for token in (_QUOTES.get(token, token) for token in tokens):
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


def _tagged(sentences: list[list[tuple[str, str]]], at_once: int, gap: str) -> Iterator[Gold]:
    """Yield texts of ``at_once`` sentences of (word, IOB tag) rows."""
    for first in range(0, len(sentences), at_once):
        text, names = "", set()
        for rows in sentences[first : first + at_once]:
            part, places = _join([token for token, _ in rows])
            text += gap if text else ""
            at = 0
            runs: list[tuple[str, int]] = []
            for _, tag in rows:
                inside = runs and tag.startswith("I-") and runs[-1][0] == tag[2:]
                if inside or (runs and tag == "O" and not runs[-1][0]):
                    runs[-1] = (runs[-1][0], runs[-1][1] + 1)
                else:
                    runs.append((tag[2:], 1))
            for kind, size in runs:
                if kind in _CONLL:
                    start, end = places[at][0], places[at + size - 1][1]
                    names.add((len(text) + start, len(text) + end, _CONLL[kind]))
                at += size
            text += part
        yield Gold(text, names)


def _sentences(file: Path, mark: str | None, word: int, tag: int) -> list[list[tuple[str, str]]]:
    lines = file.read_text(encoding="utf-8").split("\n")
    kept = (line for line in lines if not line.startswith("# "))
    groups = [list(group) for full, group in groupby(kept, key=lambda s: bool(s.strip())) if full]
    return [[(row[word], row[tag]) for row in (s.split(mark) for s in group)] for group in groups]


def wikigold(folder: Path) -> Iterator[Gold]:
    """Yield texts of 25 sentences; the set does not say where one article ends."""
    file = folder / "wikigold/CONLL-format/data/wikigold.conll.txt"
    yield from _tagged(_sentences(file, None, 0, -1), 25, "\n")


def btc(folder: Path) -> Iterator[Gold]:
    """Yield the messages of the Broad Twitter Corpus, one a text."""
    for file in sorted((folder / "btc").glob("*.conll")):
        yield from _tagged(_sentences(file, "\t", 0, 1), 1, "\n")


def uner(folder: Path, part: str) -> Iterator[Gold]:
    """Yield texts of 20 sentences of UNER English EWT: ``dev`` or ``test``."""
    file = folder / f"uner_en_ewt/en_ewt-ud-{part}.iob2"
    yield from _tagged(_sentences(file, "\t", 1, 2), 20, "\n")


_SMALL = frozenset({"of", "the", "and", "for", "in", "de", "la", "'s", "&", "-", "'", ",", "."})
_ARTICLES = frozenset({"the", "a", "an"})
_PRONOUNS = frozenset({"i", "he", "she", "it", "they", "we", "you", "this", "his", "her"})
_GUM_KINDS = {"person": PLO[0], "organization": PLO[1], "place": PLO[2]}


def odd(name: str) -> bool:
    """Return whether the sha1 of ``name`` is odd: the half that is held out."""
    return int(hashlib.sha1(name.encode()).hexdigest(), 16) % 2 == 1


def gum(folder: Path, *, held_out: bool) -> Iterator[Gold]:
    """Yield GUM's news; a name is a person, organisation or place in capitalised words.

    GUM marks every noun phrase, so names are those whose words are all capitalised; of nested
    ones the outermost counts. Held out are the documents whose name (``GUM_news_afghan``) has an
    odd sha1.
    """
    for file in sorted((folder / "gum_news/_build/src/tsv").glob("*.tsv")):
        if odd(file.stem) is not held_out:
            continue
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


SETS = {
    "wikigold": (True, wikigold),
    "gum odd": (True, lambda folder: gum(folder, held_out=True)),
    "gum even": (False, lambda folder: gum(folder, held_out=False)),
    "uner dev": (False, lambda folder: uner(folder, "dev")),
    "uner test": (False, lambda folder: uner(folder, "test")),
    "btc": (False, btc),
}
"""Every gold set: whether it is held out, and its reader of the folder that holds it."""


def canonical() -> list[tuple[Canonical, str]]:
    """Return the gold of canonical names, each row with the sha256[:12] of its text."""
    rows = []
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            file, digest, start, surface, kind, names = line.split("\t")
            names_right = tuple(names.split("|"))
            row = Canonical(file, int(start), surface, EntityKind(kind), names_right)
            rows.append((row, digest))
    return rows
