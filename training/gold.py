"""Texts that people have labelled: GUM, UNER English EWT and the Broad Twitter Corpus."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

GENRES = ("academic", "bio", "court", "interview", "news", "voyage")
"""GUM's genres whose texts are CC BY or CC BY-SA."""

_KINDS = {"PER": "PERSON", "ORG": "ORG", "LOC": "LOC"}
_GUM_KINDS = {"person": "PERSON", "organization": "ORG", "place": "LOC"}
_NO_SPACE_BEFORE = re.compile(r"^(?:[.,;:!?%)\]}]|['’]s?|n't|'(?:re|ve|ll|d|m))$")
_SMALL = frozenset({"of", "the", "and", "for", "in", "de", "la", "'s", "&", "-", "'", ",", "."})
_ARTICLES = frozenset({"the", "a", "an"})
_PRONOUNS = frozenset({"i", "he", "she", "it", "they", "we", "you", "this", "his", "her"})


class Labelled(NamedTuple):
    """A text and the (start, end, label) of its names, in order, never overlapping."""

    source: str
    name: str
    text: str
    spans: tuple[tuple[int, int, str], ...]


def held_out(name: str) -> bool:
    """Return whether a GUM news document is never trained on: its name has an odd sha1."""
    return int(hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest(), 16) % 2 == 1


def joined(words: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Put words back together as they are printed, with the place of each."""
    text, places, after = "", [], ""
    quoted = False
    for raw in words:
        word = {"``": '"', "''": '"', "-LRB-": "(", "-RRB-": ")"}.get(raw, raw)
        gap = "" if _NO_SPACE_BEFORE.match(word) else after
        after = " "
        if word == '"':
            gap, after = ("", " ") if quoted else (after and " ", "")
            quoted = not quoted
        elif word in "([{$£€":
            after = ""
        if word == "-":
            gap = after = ""
        text += gap if text else ""
        places.append((len(text), len(text) + len(word)))
        text += word
    return text, places


def _sentences(
    source: str, name: str, rows: Iterable[tuple[Sequence[str], Sequence[str]]], at_once: int
) -> Iterator[Labelled]:
    """Yield texts of some sentences each, given as words and IOB2 tags."""
    text, spans, count, number = "", [], 0, 0
    for words, tags in rows:
        part, places = joined(words)
        text += "\n" if text else ""
        start: int | None = None
        for at, tag in enumerate([*tags, "O"]):
            if start is not None and not tag.startswith("I-"):
                label = _KINDS.get(tags[start][2:])
                if label:
                    spans.append(
                        (len(text) + places[start][0], len(text) + places[at - 1][1], label)
                    )
                start = None
            if tag.startswith("B-"):
                start = at
        text += part
        count += 1
        if count == at_once:
            yield Labelled(source, f"{name}:{number}", text, tuple(spans))
            text, spans, count, number = "", [], 0, number + 1
    if text:
        yield Labelled(source, f"{name}:{number}", text, tuple(spans))


def uner(folder: Path) -> Iterator[Labelled]:
    """Yield UNER's parts of the English Web Treebank, twelve sentences a text."""
    for file in sorted(folder.glob("*.iob2")):
        lines = file.read_text(encoding="utf-8").splitlines()
        blocks = (list(group) for full, group in groupby(lines, key=bool) if full)
        rows = ([line.split("\t") for line in block if line[0] != "#"] for block in blocks)
        pairs = (([row[1] for row in block], [row[2] for row in block]) for block in rows)
        yield from _sentences("uner", file.stem, pairs, 12)


def btc(folder: Path) -> Iterator[Labelled]:
    """Yield the Broad Twitter Corpus, twelve tweets a text."""
    for file in sorted(folder.glob("*.conll")):
        lines = file.read_text(encoding="utf-8").splitlines()
        blocks = (
            list(group)
            for full, group in groupby(lines, key=lambda line: bool(line.strip()))
            if full
        )
        rows = ([line.split("\t") for line in block] for block in blocks)
        pairs = (([row[0] for row in block], [row[-1] for row in block]) for block in rows)
        yield from _sentences("btc", file.stem, pairs, 12)


def gum(files: Iterable[tuple[str, str]]) -> Iterator[Labelled]:
    """Yield GUM's documents, given as (name, WebAnno TSV).

    GUM marks every noun phrase; names are those whose words are all capitalised, and of nested
    ones the outermost.
    """
    for name, content in files:
        text = ""
        spans: list[tuple[int, int, str]] = []
        for block in content.split("#Text=")[1:]:
            rows = [line.split("\t") for line in block.splitlines()[1:] if "\t" in line]
            part, places = joined([row[2] for row in rows])
            text += "\n" if text else ""
            spans += [
                (len(text) + places[first][0], len(text) + places[last][1], label)
                for first, last, label in _outermost(rows)
            ]
            text += part
        yield Labelled("gum", name, text, tuple(sorted(spans)))


def _outermost(rows: list[list[str]]) -> list[tuple[int, int, str]]:
    marked: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        for mark in row[3].split("|"):
            marked.setdefault(mark, []).append(at)
    chosen = []
    for mark, words in marked.items():
        label = _GUM_KINDS.get(mark.split("[")[0])
        first = words[0] + (rows[words[0]][2].casefold() in _ARTICLES)
        last = words[-1]
        if label and first <= last and _is_name([row[2] for row in rows[first : last + 1]]):
            chosen.append((first, last, label))
    outer = [
        (a, b, label)
        for a, b, label in chosen
        if not any(c <= a and b <= d and (a, b) != (c, d) for c, d, _ in chosen)
    ]
    kept: list[tuple[int, int, str]] = []
    for span in sorted(set(outer)):
        if not kept or span[0] > kept[-1][1]:
            kept.append(span)
    return kept


def _is_name(words: list[str]) -> bool:
    capital = [word[0].isupper() for word in words if word.casefold() not in _SMALL]
    pronoun = len(words) == 1 and words[0].casefold() in _PRONOUNS
    return bool(capital) and all(capital) and words[0][0].isupper() and not pronoun
