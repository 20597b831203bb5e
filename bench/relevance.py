"""Score rankings on collections with known answers: ``python -m bench.relevance FOLDER...``.

A folder holds ``docs.jsonl`` (id, title, body), ``queries.jsonl`` (id, text) and ``qrels.txt``
(lines of query, 0, document, grade), as Cranfield, CISI and LISA are often laid out. Every engine
is asked for any of a query's words. nDCG@10 takes the grades as gains and 1/log2(rank + 1) as the
discount (Järvelin and Kekäläinen, 2002); grades of 0 or less are no answers, and "plain" counts all
others as 1. MAP is over the first thousand.
"""

import argparse
import json
import math
import re
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import engines
from bench.articles import Article

Grades = Mapping[int, int]
"""From the answers of one query to their grades, which are above 0."""

COMPARED = ("newsreader", "tantivy", "fts5", "whoosh")

_DEPTH = 1000
_TOP = 10
_MOST_WORDS = 200
"""Words of a query: as many as this project's query language takes."""


def ndcg(found: Sequence[int], grades: Grades) -> float:
    """Return the discounted gain of the first ten against that of the best order."""
    best = sorted(grades.values(), reverse=True)
    ideal = _gain(best)
    return _gain([grades.get(document, 0) for document in found]) / ideal if ideal else 0.0


def _gain(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains[:_TOP], 1))


def average_precision(found: Sequence[int], grades: Grades) -> float:
    """Return the mean of the precision at each answer, 0 for those not found."""
    right = 0
    total = 0.0
    for rank, document in enumerate(found, 1):
        if document in grades:
            right += 1
            total += right / rank
    return total / len(grades) if grades else 0.0


def _records(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def documents(folder: Path) -> dict[str, Article]:
    """Return a collection's documents by their names, without dates or sources."""
    return {
        record["id"]: Article(
            id=number,
            title=record.get("title") or "",
            body=record["body"],
            source="",
            author="",
            url="",
            published=0,
            tags=(),
            entities=(),
        )
        for number, record in enumerate(_records(folder / "docs.jsonl"), 1)
    }


def answers(folder: Path, numbers: Mapping[str, Article]) -> dict[str, dict[int, int]]:
    """Return the right answers of each query; the highest grade counts where there are several."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for line in (folder / "qrels.txt").read_text(encoding="utf-8").splitlines():
        query, _, document, grade = line.split()
        if int(grade) > 0 and document in numbers:
            number = numbers[document].id
            found[query][number] = max(int(grade), found[query].get(number, 0))
    return found


def words(text: str) -> list[str]:
    """Return the different words of a query."""
    return list(dict.fromkeys(re.findall(r"\w+", text.lower())))[:_MOST_WORDS]


def score(name: str, folder: Path) -> tuple[float, float, float]:
    """Return nDCG@10, the same of plain grades, and MAP of one engine on one collection."""
    numbers = documents(folder)
    right = answers(folder, numbers)
    graded, plain, precise = [], [], []
    with tempfile.TemporaryDirectory() as place:
        engine = engines.ENGINES[name](Path(place), None)
        engine.build(numbers.values())
        engine.open()
        for record in _records(folder / "queries.jsonl"):
            grades = right.get(record["id"])
            if not grades:
                continue
            found = engine.ranked(words(record["text"]), _DEPTH)
            graded.append(ndcg(found, grades))
            plain.append(ndcg(found, dict.fromkeys(grades, 1)))
            precise.append(average_precision(found, grades))
    return statistics.mean(graded), statistics.mean(plain), statistics.mean(precise)


def main() -> None:
    """Print a line for each collection and engine."""
    parser = argparse.ArgumentParser(prog="python -m bench.relevance", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--engines", default=",".join(COMPARED), help=f"of {', '.join(COMPARED)}")
    given = parser.parse_args()
    print(f"{'collection':<14}{'engine':<14}{'nDCG@10':>10}{'plain':>10}{'MAP':>10}")
    for folder in sorted(given.folders):
        for name in given.engines.split(","):
            if engines.installed(name):
                figures = "".join(f"{figure:>10.4f}" for figure in score(name, folder))
                print(f"{folder.name:<14}{name:<14}{figures}", flush=True)


if __name__ == "__main__":
    main()
