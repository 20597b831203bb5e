"""What search engines are asked: chosen from the corpus by document frequency, the same every time.

Frequencies are those of words as written, lower-cased, in the first 10,000 articles (or as many as
there are), so that the same is asked at every size. A class names shares of the articles; for each
share the word is taken whose frequency is nearest. Pairs and triples come from articles that hold
them, so that something is found.
"""

import random
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar

from bench import articles
from bench.articles import Article

SAMPLE = 10_000
"""Articles whose words are counted."""

_PAIRED = 2_000
"""Articles whose pairs of words are counted, which takes longer."""

FIRST = "first answer"
"""The kind of question about how soon something is there; only this project has such answers."""

_SEED = 11
_WORD = re.compile(r"[a-z]+")
_RUN = re.compile(r"[a-z]+(?: [a-z]+)*")
Key = TypeVar("Key", str, tuple[str, str])
_EACH = 8
"""Questions of a class that is drawn rather than named by shares."""


class Question(NamedTuple):
    """One question; what ``words`` mean depends on the kind of its class.

    They are a misspelt word in "fuzzy", a pattern in "wildcard" and an entity id in "entity".
    ``period`` is from one second to before another since 1970.
    """

    kind: str
    words: tuple[str, ...]
    period: tuple[int, int] = (0, 0)

    @property
    def begun(self) -> bool:
        """Tell whether the last word is a beginning; one letter that is typed is a word yet."""
        return self.kind in ("prefix", "words and prefix") or (
            self.kind in ("typing", FIRST) and len(self.words[-1]) > 1
        )


@dataclass(frozen=True)
class Class:
    """Questions that are counted together."""

    name: str
    questions: tuple[Question, ...]


class Words:
    """What is known of the corpus."""

    def __init__(self, some: Iterable[Article]) -> None:
        self.articles = list(some)
        self.everywhere: Counter[str] = Counter()
        self.titles: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.entities: Counter[int] = Counter()
        for article in self.articles[:_PAIRED]:
            self.pairs.update(_pairs(article.body.lower()))
        for article in self.articles:
            title, body = article.title.lower(), article.body.lower()
            self.everywhere.update({*_WORD.findall(title), *_WORD.findall(body)})
            self.titles.update(set(_WORD.findall(title)))
            self.entities.update(article.entities)
        self.dates = sorted(article.published for article in self.articles)

    def share(self, word: str) -> float:
        """Return the part of the articles that hold ``word``."""
        return self.everywhere[word] / len(self.articles)

    def between(self, low: float, high: float, letters: int = 4) -> set[str]:
        """Return the words of so many letters or more that are in such a part of the articles."""
        least, most = max(2.0, low * len(self.articles)), high * len(self.articles)
        return {w for w, n in self.everywhere.items() if least <= n <= most and len(w) >= letters}

    def nearest(self, shares: Sequence[float], counts: Counter[str], letters: int = 4) -> list[str]:
        """Return for each share the word of the nearest frequency, none of them twice."""
        able = {word: n for word, n in counts.items() if len(word) >= letters and n > 1}
        return [_take(able, share * len(self.articles)) for share in shares]


def _take(able: dict[Key, int], wanted: float) -> Key:
    """Remove and return the key of the count nearest to ``wanted``; of equals, any but the same."""

    def distance(key: Key) -> tuple[float, int]:
        return abs(able[key] - wanted), zlib.crc32(repr(key).encode())

    found = min(able, key=distance)
    del able[found]
    return found


def _pairs(text: str) -> set[tuple[str, str]]:
    """Return the words that stand side by side with one blank between."""
    found: set[tuple[str, str]] = set()
    for run in _RUN.findall(text):
        words = run.split(" ")
        found.update(pairwise(words))
    return found


def _single(words: Words, kind: str, shares: Sequence[float]) -> list[Question]:
    return [Question(kind, (word,)) for word in words.nearest(shares, words.everywhere)]


_COMMON = (0.5, 0.4, 0.3, 0.2, 0.15, 0.1)
_RARE = (0.002, 0.001, 0.0008, 0.0005, 0.0003, 0.0002)


def _together(
    words: Words, kind: str, count: int, low: float, high: float, number: int = _EACH
) -> list[Question]:
    """Return questions of ``count`` words that are in one article, each of such a frequency."""
    rng = random.Random(_SEED + count)
    able = words.between(low, high)
    found: dict[tuple[str, ...], Question] = {}
    for _ in range(1000):
        article = rng.choice(words.articles)
        near = sorted(able.intersection(_WORD.findall(article.body.lower())))
        if len(near) >= count:
            chosen = tuple(rng.sample(near, count))
            found.setdefault(chosen, Question(kind, chosen))
        if len(found) == number:
            break
    return list(found.values())


def _or(words: Words) -> list[Question]:
    rng = random.Random(_SEED)
    able = sorted(words.between(0.002, 0.03))
    return [Question("or", tuple(rng.sample(able, 3))) for _ in range(_EACH)]


def _phrases(words: Words) -> list[Question]:
    """Return pairs of words by how many articles hold them side by side, common ones included."""
    able = {pair: n for pair, n in words.pairs.items() if n > 1 and len(min(pair, key=len)) > 1}
    shares = (0.3, 0.1, 0.03, 0.01, 0.005, 0.002, 0.001, 0.0005)
    found = [_take(able, share * min(_PAIRED, len(words.articles))) for share in shares]
    return [Question("phrase", pair) for pair in found]


def _prefixes(words: Words, letters: int) -> list[Question]:
    chosen = words.nearest((0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002), words.everywhere, 6)
    starts = dict.fromkeys(word[:letters] for word in chosen)
    return [Question("prefix", (start,)) for start in starts]


def _side_by_side(words: Words, low: float, high: float) -> list[tuple[str, str]]:
    able = words.between(low, high)
    near = [pair for pair, n in words.pairs.items() if n > 1 and able.issuperset(pair)]
    return random.Random(_SEED).sample(sorted(near), min(_EACH, len(near)))


def _word_prefix(words: Words) -> list[Question]:
    pairs = _side_by_side(words, 0.005, 0.2)
    lengths = (2, 3, 4, 5)
    return [
        Question("words and prefix", (first, second[: lengths[n % len(lengths)]]))
        for n, (first, second) in enumerate(pairs)
    ]


def _typed(words: Words) -> list[Question]:
    """Return every beginning of ten titles' first two to four words: one question a key."""
    rng = random.Random(_SEED)
    able = words.between(0.0, 1.0, 2)
    texts: list[str] = []
    for article in rng.sample(words.articles, min(500, len(words.articles))):
        run = _WORD.findall(article.title.lower())[: 2 + len(texts) % 3]
        if len(run) > 1 and able.issuperset(run):
            texts.append(" ".join(run))
        if len(texts) == 10:
            break
    return [
        Question("typing", tuple(text[:end].split(" ")))
        for text in texts
        for end in range(1, len(text) + 1)
        if text[end - 1] != " "
    ]


def _misspelt(words: Words) -> list[Question]:
    """Return words with their middle letter left out."""
    chosen = words.nearest((0.05, 0.02, 0.01, 0.005, 0.002, 0.001), words.everywhere, 7)
    return [Question("fuzzy", (w[: len(w) // 2] + w[len(w) // 2 + 1 :],)) for w in chosen]


def _patterns(words: Words) -> list[Question]:
    chosen = words.nearest((0.05, 0.02, 0.01, 0.005, 0.002, 0.001), words.everywhere, 8)
    shapes = (lambda w: f"{w[:3]}*{w[-2:]}", lambda w: f"{w[:3]}?{w[4:]}", lambda w: f"{w[:4]}*")
    return [Question("wildcard", (shapes[n % 3](w),)) for n, w in enumerate(chosen)]


def _ranges(words: Words) -> list[Question]:
    """Return words within the days between two tenths of the articles by date."""
    found: list[Question] = []
    count = len(words.dates) - 1
    chosen = words.nearest((0.3, 0.2, 0.1, 0.05, 0.02, 0.01), words.everywhere)
    for n, word in enumerate(chosen):
        low, high = words.dates[count * (n + 2) // 10], words.dates[count * (n + 4) // 10]
        found.append(Question("range", (word,), (_midnight(low), _midnight(high) + 86_400)))
    return found


def _midnight(seconds: int) -> int:
    return seconds - seconds % 86_400


def day(seconds: int) -> str:
    """Return a moment's day as in 2022-06-28, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _in_titles(words: Words) -> list[Question]:
    chosen = words.nearest((0.03, 0.02, 0.01, 0.005, 0.002, 0.001), words.titles)
    return [Question("title", (word,)) for word in chosen]


def _entities(words: Words) -> list[Question]:
    """Return entities by rank: from one that a third of the articles name to one of a few."""
    ranked = [entity for entity, n in words.entities.most_common() if n > 1]
    ranks = sorted({min(rank, len(ranked) - 1) for rank in (0, 2, 9, 29, 99, 299, 999)})
    return [Question("entity", (str(ranked[rank]),)) for rank in ranks]


_CLASSES: dict[str, Callable[[Words], list[Question]]] = {
    "rare": lambda words: _single(words, "words", _RARE),
    "common": lambda words: _single(words, "words", _COMMON),
    "two words": lambda words: _together(words, "words", 2, 0.01, 0.15),
    "three words": lambda words: _together(words, "words", 3, 0.05, 0.4),
    "or": _or,
    "phrase": _phrases,
    "prefix 2": lambda words: _prefixes(words, 2),
    "prefix 3": lambda words: _prefixes(words, 3),
    "prefix 4": lambda words: _prefixes(words, 4),
    "prefix 5": lambda words: _prefixes(words, 5),
    "word + prefix": _word_prefix,
    "typing": _typed,
    "first answer": lambda words: [each._replace(kind=FIRST) for each in _typed(words)],
    "fuzzy": _misspelt,
    "wildcard": _patterns,
    "range": _ranges,
    "title": _in_titles,
    "entity": _entities,
    "date sort": lambda words: _single(words, "newest", _COMMON),
    "facets": lambda words: _single(words, "facets", _COMMON),
    "every facet": lambda words: _single(words, "every facet", _COMMON),
    "snippets": lambda words: _together(words, "snippets", 2, 0.01, 0.15),
}

NAMES = tuple(_CLASSES)


def chosen(path: Path, count: int) -> list[Class]:
    """Return what is asked of a corpus of ``count`` articles, class by class."""
    words = Words(articles.read(path, min(count, SAMPLE)))
    return [Class(name, tuple(make(words))) for name, make in _CLASSES.items()]
