"""Time what the library knows of names: ``python -m bench.names [--articles 100000]``.

The library is made: 17 mentions an article of 200,000 entities whose frequencies fall as Zipf's
law says, so that the commonest is in two of five articles. It is written straight into the tables,
as recognising so many takes hours; what keeps the counts is the reader's own. Times are the median
of the rounds, and the first, of CPU-ms in this process.
"""

import argparse
import itertools
import random
import sqlite3
import statistics
import time
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from bench.library import fresh
from newsreader.model import Scope, ScopeKind
from newsreader.store import Store

FOLDER = Path(".bench")
ENTITIES = 200_000
MENTIONS = 17
_KINDS = ("person", "organisation", "place")
_BEGIN_MS = 1_500_000_000_000
_APART_MS = 600_000
_OUTLETS = 60
_MARKED = 10_000


def main() -> None:
    """Make the library where there is none, and print a line for each question."""
    parser = argparse.ArgumentParser(prog="python -m bench.names", description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"names-{given.articles}"
    if not (path / "done").exists():
        fresh(path)
        make(path, given.articles)
        (path / "done").touch()
    store = Store(path)
    ask(store, given.rounds)
    act(store)
    store.close()


def make(path: Path, articles: int) -> None:
    """Write a library of ``articles``; the same one every time."""
    store = Store(path, durable=False)
    db = store._db
    db.execute("BEGIN")
    _write_entities(db)
    chosen = _entities_of_articles(articles)
    for article, entities in enumerate(chosen, start=1):
        _write_article(db, article, entities)
    db.execute("COMMIT")
    store.refresh_statistics()
    store.close()


def _write_entities(db: sqlite3.Connection) -> None:
    names = [(n, f"Given{n % 997} Surname{n}") for n in range(1, ENTITIES + 1)]
    db.executemany(
        "INSERT INTO entity (id, kind, key, name, final_id) VALUES (?1, ?2, ?3, ?4, ?1)",
        [(n, _KINDS[n % 3], name.lower(), name) for n, name in names],
    )
    db.executemany(
        "INSERT INTO alias VALUES (?1, ?1, ?1, ?2, ?3, 'auto')",
        [(n, name.lower(), name) for n, name in names],
    )
    db.executemany("INSERT INTO alias_tail VALUES (?, ?)", [(f"surname{n}", n) for n, _ in names])


def _entities_of_articles(articles: int) -> Iterator[Sequence[int]]:
    chance = random.Random(5)
    upto = list(itertools.accumulate(1 / (n + 3) for n in range(ENTITIES)))
    for _ in range(articles):
        yield [1 + bisect(upto, chance.random() * upto[-1]) for _ in range(MENTIONS)]


def _write_article(db: sqlite3.Connection, article: int, entities: Sequence[int]) -> None:
    when = _BEGIN_MS + article * _APART_MS
    db.execute(
        "INSERT INTO article (id, title, outlet, published, arrived, words, lead, text_hash)"
        " VALUES (?1, ?2, ?3, ?4, ?4, 500, ?5, x'00')",
        (article, f"Title {article}", f"Outlet {article % _OUTLETS}", when, "Lead. " * 30),
    )
    text = ("Surname " * MENTIONS * 3).encode()
    db.execute(
        "INSERT INTO revision (article_id, number, saved_at, codec, text, structure)"
        " VALUES (?, 1, 0, 0, ?, x'')",
        (article, text),
    )
    db.executemany(
        "INSERT INTO mention VALUES (?, ?, ?, ?, ?, NULL, NULL)",
        [(article, 24 * n, 24 * n + 7, _KINDS[e % 3], e) for n, e in enumerate(entities)],
    )
    db.executemany(
        "INSERT INTO article_entity VALUES (?, ?, ?, ?, 1, 0)",
        [(e, when, article, n) for e, n in Counter(entities).items()],
    )


def timed(what: str, question: Callable[[], object], rounds: int = 1) -> None:
    """Print how long a question takes, the first time and as a rule."""
    took = []
    for _ in range(rounds):
        begun = time.process_time()
        question()
        took.append((time.process_time() - begun) * 1000)
    print(f"{what:<44} {statistics.median(took):>8.1f} ms   first {took[0]:>8.1f} ms", flush=True)


def ask(store: Store, rounds: int) -> None:
    """Time pages, lists and the finding of names."""
    most = store.entities.find("", limit=20)
    for entity in (most[0], most[4], most[19]):
        scope = Scope(ScopeKind.ENTITY, str(entity.id))
        timed(f"page, {entity.articles:,} articles", partial(store.pages.page, entity.id), rounds)
        timed("  its article list", partial(store.lists.article_ids, scope), rounds)
    for words in ("", "g", "giv", "given1", "surname12", "surname12345"):
        timed(f"entities '{words}'", partial(store.entities.find, words), rounds)
    timed("complete 'giv'", lambda: store.complete("person", "giv"), rounds)
    timed("names to look for", store.entities.known, rounds)


def act(store: Store) -> None:
    """Time the user's acts; each is taken back."""
    most = store.entities.find("", limit=20)
    newest = store.lists.article_ids(Scope(ScopeKind.ALL), limit=_MARKED)
    timed(f"mark {len(newest):,} read", lambda: store.acts.mark_read(newest, read=True))
    store.acts.undo()
    for entity in most:
        store.entity_acts.follow(entity.id, on=True)
    timed(f"  with {len(most)} followed", lambda: store.acts.mark_read(newest, read=True))
    store.acts.undo()
    for first, second in ((most[19], most[18]), (most[1], most[0])):
        many = first.articles + second.articles
        merge = partial(store.entity_acts.merge, first.id, second.id)
        timed(
            f"merge, {many:,} articles",
            merge,
        )
        timed("  undo", store.acts.undo)
    for _ in most:
        store.acts.undo()


if __name__ == "__main__":
    main()
