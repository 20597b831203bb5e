"""Any number of articles made from the sample library: ``python -m bench.corpus N [--seed S]``.

Writes JSON lines as ``newsreader import`` takes them. The same N and seed give the same bytes, and
a larger N begins with the smaller. Each article is paragraphs of several samples and a sentence
with made-up names of its own, so that no two are equal and the vocabulary keeps growing; real news
has more words and more different ones, so figures for it are higher (``--corpus``).
"""

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsreader.errors import ParseError
from newsreader.feeds.documents import read_document

SAMPLES = Path(__file__).parents[1] / "seeds" / "articles"
NEWEST = datetime(2026, 1, 1, tzinfo=UTC)
"""When the newest article was published."""
BEFORE_NEWEST = NEWEST - timedelta(minutes=1)
_SPAN_S = 10 * 365 * 86400
_STARTS = ("Bar", "Cor", "Dal", "Em", "Fen", "Gor", "Hal", "Jan", "Kel", "Lor", "Mar", "Nev")
_MIDDLES = ("a", "an", "e", "el", "i", "in", "o", "or", "u", "una", "ia", "ere")
_ENDS = ("berg", "dal", "ford", "kova", "lez", "mann", "nov", "rez", "sen", "ton", "vik", "zade")


@dataclass(frozen=True, slots=True)
class Sample:
    """What the articles are made of."""

    title: str
    outlet: str
    paragraphs: tuple[str, ...]


def samples(folder: Path = SAMPLES) -> list[Sample]:
    """Return the articles below ``folder``, in the order of their paths."""
    found = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        try:
            document = read_document(path.read_bytes(), name=path.name)
        except ParseError:
            continue
        for entry in document.entries:
            text = entry.body.text
            parts = tuple(text[b.start : b.end] for b in entry.body.blocks if b.end > b.start)
            if parts:
                outlet = entry.outlet or path.parent.name.replace("-", " ").title()
                found.append(Sample(entry.title or parts[0][:80], outlet, parts))
    return found


def articles(count: int, *, seed: int = 7, among: list[Sample] | None = None) -> Iterator[str]:
    """Yield ``count`` articles, one line of JSON each."""
    chosen = samples() if among is None else among
    rng = random.Random(seed)
    for number in range(count):
        base, other, third = rng.choices(chosen, k=3)
        parts = [rng.choice((base, base, other, third)) for _ in range(rng.randint(4, 14))]
        body = [rng.choice(part.paragraphs) for part in parts]
        body.insert(rng.randint(1, len(body)), _sentence(rng))
        published = NEWEST - timedelta(seconds=rng.randrange(_SPAN_S))
        yield json.dumps(
            {
                "id": f"made-{number}",
                "title": f"{base.title}: {made_name(rng)}",
                "body": "\n\n".join(body),
                "source": other.outlet,
                "published": published.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "url": f"https://made.example/{seed}/{number}",
            },
            ensure_ascii=False,
        )


def long_article(words: int, *, seed: int = 7, published: datetime = NEWEST) -> str:
    """Return one article of at least ``words`` words, in paragraphs, as a line of JSON."""
    rng = random.Random(seed)
    chosen = samples()
    body: list[str] = []
    total = 0
    while total < words:
        body.append(rng.choice(rng.choice(chosen).paragraphs))
        total += len(body[-1].split())
    entry = {"id": f"long-{words}-{seed}", "title": f"Long {words}", "body": "\n\n".join(body)}
    return json.dumps({**entry, "source": "Long", "published": published.isoformat()})


def made_name(rng: random.Random) -> str:
    """Return a name of four syllables that nobody bears."""
    return rng.choice(_STARTS) + rng.choice(_MIDDLES) + rng.choice(_MIDDLES) + rng.choice(_ENDS)


def _sentence(rng: random.Random) -> str:
    day = rng.randint(1, 28)
    return (
        f"{made_name(rng)} {made_name(rng)} of {made_name(rng)} said on March {day} that "
        f"{made_name(rng)} owed {made_name(rng)} {rng.randint(2, 999)},{rng.randint(100, 999)}."
    )


def main() -> None:
    """Write the articles to stdout."""
    parser = argparse.ArgumentParser(description="Make articles from the sample library.")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    for line in articles(given.count, seed=given.seed):
        print(line)


if __name__ == "__main__":
    main()
