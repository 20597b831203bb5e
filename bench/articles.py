"""The articles that search engines are measured on: read from JSON lines, with made entity ids.

Nothing here depends on an engine: all of them are given the same articles in the same order.
"""

import json
import random
import time
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from bench import corpus

ENTITIES = 200_000
"""Different entity ids that may come up, whatever the number of articles."""

_MENTIONED = (9, 25)
"""Entities of an article, at least and at most: 17 on average, as counted in real news."""

_TAGS = 60
_AUTHORS = 3_000
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


class Article(NamedTuple):
    """One article, as every engine gets it; ``published`` in seconds since 1970, UTC."""

    id: int
    title: str
    body: str
    source: str
    author: str
    url: str
    published: int
    tags: tuple[str, ...]
    entities: tuple[int, ...]


def mentioned(number: int) -> tuple[int, ...]:
    """Return the different entity ids of article ``number``, about 17 of a Zipf distribution.

    The exponent is 1: ``N ** u`` for a uniform ``u`` has the density 1/rank.
    """
    rng = random.Random(number)
    count = rng.randint(*_MENTIONED)
    return tuple(dict.fromkeys(int(ENTITIES ** rng.random()) for _ in range(count)))


def entity_name(entity: int) -> str:
    """Return a made name of two words, the same for the same id."""
    rng = random.Random(-1 - entity)
    return f"{corpus.made_name(rng)} {corpus.made_name(rng)}"


def _article(number: int, line: str) -> Article:
    record = json.loads(line)
    when = datetime.fromisoformat(record.get("published") or "2000-01-01T00:00:00Z")
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return Article(
        id=number + 1,
        title=record.get("title") or "",
        body=record["body"],
        source=record.get("source") or "unknown",
        author=record.get("author") or f"Reporter {number % _AUTHORS}",
        url=record.get("url") or "",
        published=int((when - _FIRST).total_seconds()),
        tags=(f"topic{number % _TAGS}",),
        entities=mentioned(number),
    )


def read(path: Path, count: int, *, start: int = 0) -> Iterator[Article]:
    """Yield ``count`` articles of ``path`` from number ``start`` on, its first being 0.

    Where the file ends its articles come again, under new numbers.
    """
    for number, line in enumerate(islice(_lines(path), start, start + count), start):
        yield _article(number, line)


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file over and over."""
    if not path.stat().st_size:
        raise ValueError(f"{path} is empty")
    while True:
        with path.open(encoding="utf-8") as file:
            yield from file


def made(folder: Path, count: int) -> Path:
    """Return a file of at least ``count`` made articles, written to ``folder`` unless there."""
    path = folder / f"made-{count}.jsonl"
    larger = [each for each in folder.glob("made-*.jsonl") if int(each.stem[5:]) >= count]
    if larger:
        return min(larger, key=lambda each: int(each.stem[5:]))
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in corpus.articles(count))
    partial.rename(path)
    return path


class Texts:
    """The bodies of a corpus by article id, read from the file when asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._starts = array("Q")

    def body(self, article: int) -> str:
        """Return the body of an article, by its id."""
        with self._path.open("rb") as file:
            file.seek(self._starts[(article - 1) % len(self._starts)])
            return json.loads(file.readline())["body"]

    def find_lines(self) -> None:
        """Note where each article begins; before any is asked for."""
        if self._starts:
            return
        at = 0
        with self._path.open("rb") as file:
            for line in file:
                self._starts.append(at)
                at += len(line)


class Clocked:
    """Articles handed on, and how much processor time reading them took (``seconds``).

    The reading is in the calling thread; what an engine's own threads do meanwhile is not in it.
    """

    def __init__(self, articles: Iterator[Article]) -> None:
        self._articles = articles
        self.seconds = 0.0
        self.count = 0

    def __iter__(self) -> Iterator[Article]:
        return self

    def __next__(self) -> Article:
        begun = time.thread_time()
        try:
            article = next(self._articles)
        finally:
            self.seconds += time.thread_time() - begun
        self.count += 1
        return article
