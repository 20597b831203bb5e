"""Queries that are meant to hurt: each gets an answer, or a clear error, soon.

``python -m bench.hostile_queries --home DIR`` (a home with an index), or ``--articles N`` for one
that is made. Every query is read, searched, counted by facets, completed, marked in hits; CPU
milliseconds of each step, worst first. The target is 200 ms at 100,000 articles; a search that
would take longer is to stop at its deadline and say so.
"""

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.library import fresh, lines, newsreader, take_in
from newsreader.errors import QueryError
from newsreader.finder import Finder
from newsreader.search.query import MAX_CLAUSES, MAX_DEPTH

TARGET_MS = 200.0
_FIELDS = (
    *("title", "source", "author", "tag", "url", "is", "has", "date", "newer", "older", "lang"),
    *("person", "org", "place", "entity", "cites", "story", "mentions", "body", "nothing"),
)
_RUBBISH = (
    *(
        "",
        '""',
        "*",
        "?",
        "~",
        "..",
        "-",
        "(",
        ")",
        "[/]",
        "0",
        "-1",
        "99999999999",
        "\x00",
        "\ud83d",
    ),
    *(
        "9999-99-99",
        "2022-02-30..",
        "..",
        "2022..2021",
        "99999999999d",
        "1e9y",
        "x" * 10_000,
        "a*b*c*",
    ),
    *(
        "日本語",
        "שלום",
        "👩‍👩‍👧",
        "z" + "\u0301" * 200,
        "(a OR b)",
        '"' + "of the " * 300 + '"',
        "%s",
        "../../",
    ),
)
_COMMON = """
the of to and in a said that for is on was with it as he by at his has from be have are not an who
but they this had were will their its been about more one after would when which she also new her
people year or we up out two than last over other first there into time could some all him no what
years if can government president state before since most many police because so against i where
told while country you between those under three made now should being do during just back still
through like week may even such did only them made group part city down day month home world way
well including set according percent public
"""
"""Of the commonest words of English news, the commonest first; no outside list was taken."""


def classes() -> Iterator[tuple[str, str]]:
    """Yield (class, query)."""
    chance = random.Random(5)
    letters = "abcdefghijklmnopqrstuvwxyz"
    word = lambda: "".join(chance.choices(letters, k=chance.randint(2, 9)))  # noqa: E731 - a shorthand
    long = {
        "10,000 letters": "a" * 10_000,
        "10,000 words": "the " * 2_500,
        "10,000 of OR": " OR ".join(word() for _ in range(1_500)),
        "prefixes": " ".join(f"{letter}*" for letter in letters),
        "OR of prefixes": " OR ".join(f"{letter}*" for letter in letters * 20),
        "two-letter prefixes": " OR ".join(f"{a}{b}*" for a in letters for b in "aeiou"),
        "fuzzies": " ".join(f"{word()}~" for _ in range(300)),
        "OR of fuzzies": " OR ".join(f"{word()}~" for _ in range(300)),
        "wildcards": " ".join("*".join(word()) for _ in range(200)),
        "OR of wildcards": " OR ".join(f"*{word()[:2]}*" for _ in range(200)),
        "phrases of the commonest": " ".join(['"of the"', '"in the"', '"to the"'] * 40),
        "a phrase of 1,000": '"' + " ".join(word() for _ in range(1_000)) + '"',
        "a phrase of the": '"' + "of the " * 500 + '"',
        "a phrase of prefixes": '"' + "a b c d e " * 100 + '"',
        "loose phrases": " ".join(['"the of"~99'] * 100),
        "nesting": "(" * 3_000 + "a" + ")" * 3_000,
        "negation": "-" * 5_000 + "a",
        "nested negation": "-(" * 2_000 + "a" + ")" * 2_000,
        "unclosed": "(" * 5_000,
        "closed": ")" * 5_000,
        "quotes": '"' * 5_001,
        "nested OR": "(a OR " * 1_500 + "b" + ")" * 1_500,
        "colons": ":" * 10_000,
        "operators": "OR AND NOT " * 900,
        "not the commonest": " ".join(f"-{w}" for w in ("the", "of", "to", "and", "a", "in") * 300),
        "every status": " OR ".join(("is:unread", "is:read", "is:bookmarked", "-is:unread") * 300),
    }
    yield from long.items()
    yield from limits(chance)
    for text in (
        "*",
        "?",
        "**",
        "-*",
        "*?*?*",
        "a*b*c*d*e*",
        "?" * 500,
        "*" * 500,
        "~",
        "a~",
        "the~",
    ):
        yield "short", text
    for text in (
        "the",
        "of the",
        '"of the"',
        "a",
        "a*",
        "t*",
        "th*",
        "qx*",
        "zz*",
        "e:*",
        "the OR of",
    ):
        yield "common", text
    for text in (
        "(a+)+$",
        "^(.*)*$",
        "((((",
        "[[[[",
        "\\" * 500,
        "(?:x)",
        ".*.*.*=",
        "a" * 40 + "!",
    ):
        yield "bait", text
    for name in _FIELDS:
        for value in _RUBBISH:
            yield "fields", f"{name}:{value}"
    for start in (0x300, 0x590, 0x600, 0x900, 0x4E00, 0x1F600, 0xE0000):
        yield "scripts", "".join(chr(start + n) for n in range(200))


def limits(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield queries of as much as one may have: what is refused for its size costs nothing."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=6)) for _ in range(MAX_CLAUSES)]
    common = ("the", "of", "to", "and", "in", "said", "that", "for") * (MAX_CLAUSES // 8)
    starts = [f"{a}{b}*" for a in letters for b in "aeiourst"][:MAX_CLAUSES]
    pattern = "".join(chance.choices(letters, k=3)) + "*a?" * 20
    different = (_COMMON.split() * 2)[:MAX_CLAUSES]
    pairs = [f"{one} {other}" for one, other in itertools.pairwise(different)]
    at_most = {
        "different common words": " ".join(different),
        "OR of different common words": " OR ".join(different),
        "a phrase of different common words": '"' + " ".join(different) + '"',
        "a loose phrase of different common words": '"' + " ".join(different) + '"~50',
        "different phrases": " OR ".join(f'"{pair}"' for pair in pairs[: MAX_CLAUSES // 2]),
        "different loose phrases": " OR ".join(f'"{pair}"~9' for pair in pairs[: MAX_CLAUSES // 2]),
        "common words": " ".join(common),
        "OR of common words": " OR ".join(common),
        "OR of beginnings": " OR ".join(starts),
        "not beginnings": " ".join(f"-{start}" for start in starts),
        "OR of fuzzies": " OR ".join(f"{word}~2" for word in words),
        "not fuzzies": " ".join(f"-{word}~2" for word in words),
        "OR of patterns": " OR ".join(f"{word[:3]}*e*" for word in words),
        "patterns of stars": " OR ".join([pattern] * MAX_CLAUSES),
        "a phrase of common words": '"' + " ".join(common) + '"',
        "loose phrases": " OR ".join(['"the of to"~50'] * (MAX_CLAUSES // 3)),
        "phrases and beginnings": " OR ".join('"of the"' for _ in range(MAX_CLAUSES // 2)),
        "names": " OR ".join(f"entity:{word[:2]}*" for word in words),
        "not names": " ".join(f"-entity:{start}" for start in starts),
        "nested": "-(the OR " * (MAX_DEPTH // 2) + "a" + ")" * (MAX_DEPTH // 2),
        "days": " OR ".join(f"mentions:{1900 + n}..{2100 + n}" for n in range(MAX_CLAUSES)),
        "letters of one word": "a" * 9_990 + "~2",
        "hyphens": "-".join("ab" for _ in range(3_300)),
        "a word of signs": ".".join("the" for _ in range(2_400)),
    }
    for text in at_most.values():
        yield "at the limit", text


class Clock:
    """CPU milliseconds by step, with the query that took longest."""

    def __init__(self) -> None:
        self.worst: dict[str, tuple[float, str]] = defaultdict(lambda: (0.0, ""))
        self.stopped = self.errors = self.faults = self.count = 0

    def time(self, step: str, kind: str, query: str, act: Callable[[], object]) -> object:
        """Do ``act``; keep how long it took."""
        began = time.process_time()
        try:
            return act()
        except QueryError as error:
            self.errors += 1
            if not 1 <= error.column <= len(query) + 1:
                raise AssertionError(f"column {error.column} of {query[:60]!r}") from error
            return None
        finally:
            took = (time.process_time() - began) * 1000
            for key in (f"{step}", f"{step}: {kind}"):
                self.worst[key] = max(self.worst[key], (took, query[:60]))


def ask(finder: Finder, clock: Clock, kind: str, query: str) -> None:
    """Put one query to everything that takes queries."""
    clock.count += 1
    for step, typing in (("first answer", False), ("typing", True)):
        clock.time(
            step,
            kind,
            query,
            lambda typing=typing: next(iter(finder.answers(query, limit=50, typing=typing))),
        )
    found = clock.time("search", kind, query, lambda: finder.find(query, limit=50))
    clock.time("whole, typing", kind, query, lambda: finder.find(query, limit=50, typing=True))
    clock.time("facets", kind, query, lambda: finder.facets(query))
    clock.time("complete", kind, query, lambda: finder.complete(query, len(query)))
    clock.time("suggest", kind, query, lambda: finder.suggest(query))
    if found is not None:
        clock.stopped += not found.complete  # type: ignore[attr-defined]
        ids = [hit.article for hit in found.hits][:20]  # type: ignore[attr-defined]
        clock.time("snippets", kind, query, lambda: finder.snippets(ids, query))
        if ids:
            clock.time("matches", kind, query, lambda: finder.matches(ids[0], query))


def run(home: Path) -> Clock:
    """Put every query to the library in ``home``."""
    finder = Finder(home)
    clock = Clock()
    try:
        finder.find("the")
        while finder.warm():
            pass
        for kind, query in classes():
            ask(finder, clock, kind, query)
    finally:
        finder.close()
    return clock


def main() -> int:
    """Entry point; the status is 1 where an answer took too long and was not stopped."""
    parser = argparse.ArgumentParser(prog="bench.hostile_queries", description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--show", type=int, default=30)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = arguments.home
        if home is None:
            home = fresh(Path(name) / "home")
            take_in(home, lines(arguments.articles, None))
            newsreader(home, "rebuild", "index")
        clock = run(home)
    rows = sorted(clock.worst.items(), key=lambda row: -row[1][0])
    for step, (took, query) in rows[: arguments.show]:
        print(f"{took:9.1f} ms  {step:40} {query.encode('unicode_escape').decode()[:60]}")
    firsts = ("first answer:", "typing:", "complete:")
    slow = [step for step, (took, _) in rows if took > TARGET_MS and step.startswith(firsts)]
    print(
        f"{clock.count} queries: {clock.errors} answers refused in words, {clock.stopped} searches"
        f" stopped in time; later than {TARGET_MS:.0f} ms first: {', '.join(slow) or 'none'}"
    )
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
