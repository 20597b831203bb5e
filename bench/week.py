"""A week in a minute: a reader in a world that publishes, changes, moves, floods, fails and dies.

``python -m bench.week [--days 7] [--seeds 3] [--kills 0]`` runs the refresher against
``bench.world`` on the world's clock, with a user who marks articles, and says at the end whether
the library holds exactly what was served, as it was served last, read and kept as the user left
it, and whether every rule of politeness was kept. With ``--kills`` the refresh runs in a process
of its own that is killed so many times in the middle.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from bench.world import START, World
from newsreader.model import ArticleID, Scope, ScopeKind
from newsreader.net import Client
from newsreader.parsing import Parsers
from newsreader.refresh import Refresher
from newsreader.store import Store

_STEP = timedelta(minutes=30)
_PATIENCE = 1.0
ALL = Scope(ScopeKind.ALL)


class Week:
    """One library in one world."""

    def __init__(self, home: Path, world: World, seed: int) -> None:
        self.home = home
        self.world = world
        self.chance = random.Random(seed)
        self.store = Store(home)
        self.client = Client(seconds=_PATIENCE)
        self.parsers = Parsers()
        self.refresher = Refresher(
            self.store,
            home,
            client=self.client,
            parsers=self.parsers,
            now=lambda: world.now,
            chance=self.chance.random,
        )
        self.read: dict[ArticleID, bool] = {}
        self.kept: dict[ArticleID, bool] = {}
        self.fetched = Counter[str]()
        for feed in world.feeds:
            self.store.feeds.subscribe(feed.url, due=START)

    def close(self) -> None:
        """End all that it began."""
        self.client.close()
        self.parsers.close()
        self.store.close()

    def run(self, until: datetime, *, kills: int = 0) -> None:
        """Refresh every half hour of the world's clock until then."""
        steps = int((until - self.world.now) / _STEP)
        deadly = set(self.chance.sample(range(steps), min(kills, steps)))
        for step in range(steps):
            if step in deadly:
                self._killed()
            done = self.refresher.refresh()
            self.fetched.update(feeds=done.feeds, new=done.new, failed=len(done.failed))
            self._use()
            self.world.pass_time(self.world.now + _STEP)
        self.settle()

    def settle(self) -> None:
        """Fetch once more what has no trouble, so that nothing served waits."""
        self.refresher.refresh()

    def _killed(self) -> None:
        """Refresh in another process, and kill it somewhere."""
        words = [sys.executable, "-m", "bench.week", "--child", str(self.home)]
        child = subprocess.Popen([*words, self.world.now.isoformat()])
        time.sleep(self.chance.uniform(0.2, 1.2))
        child.send_signal(signal.SIGKILL)
        self.world.killed.add(self.world.now)
        child.wait()

    def _use(self) -> None:
        """Do what a user does: mark, keep, take back."""
        ids = self.store.lists.article_ids(ALL, limit=200)
        for _ in range(3):
            some = self.chance.sample(ids, min(len(ids), self.chance.randint(0, 9)))
            on = self.chance.random() < 0.8
            marks, change = (
                (self.read, self.store.acts.mark_read)
                if self.chance.random() < 0.7
                else (self.kept, self.store.acts.bookmark)
            )
            before = {article: marks.get(article, False) for article in some}
            if marks is self.read:
                changed = self.store.acts.mark_read(some, read=on)
            else:
                changed = self.store.acts.bookmark(some, on=on)
            del change
            marks.update(dict.fromkeys(some, on))
            if changed and self.chance.random() < 0.2:
                self.store.acts.undo()
                marks.update(before)

    def wrong(self) -> list[str]:
        """Return every way in which the library is not as it must be."""
        wrong = self.world.broken_rules()
        expected = self.world.expected()
        rows = self.store.lists.headlines(self.store.lists.article_ids(ALL))
        held = {row.title: self.store.articles.text(row.id) for row in rows}
        doubled = [title for title, n in Counter(row.title for row in rows).items() if n > 1]
        wrong += [f"doubled: {title}" for title in doubled[:5]]
        wrong += [f"lost: {title}" for title in sorted(expected.keys() - held.keys())[:5]]
        wrong += [f"never served: {title}" for title in sorted(held.keys() - expected.keys())[:5]]
        differing = [t for t in expected.keys() & held.keys() if expected[t] != held[t]]
        wrong += [f"another text: {title}" for title in differing[:5]]
        for row in rows:
            if row.read != self.read.get(row.id, False):
                wrong.append(f"read: {row.title} is {row.read}")
            if row.bookmarked != self.kept.get(row.id, False):
                wrong.append(f"bookmarked: {row.title} is {row.bookmarked}")
        return wrong + list(self.store.check()) + list(self.store.wrong_counts())


def main() -> int:
    """Run the weeks; return 1 if anything was wrong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--days", type=float, default=7)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--first", type=int, default=0, help="the first seed")
    options.add_argument("--kills", type=int, default=0)
    options.add_argument("--child", nargs=2, metavar=("HOME", "NOW"))
    arguments = options.parse_args()
    if arguments.child:
        return _child(Path(arguments.child[0]), datetime.fromisoformat(arguments.child[1]))
    status = 0
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        world = World(seed)
        with tempfile.TemporaryDirectory() as folder:
            week = Week(Path(folder) / "home", world, seed)
            begun = time.monotonic()
            week.run(START + timedelta(days=arguments.days), kills=arguments.kills)
            wrong = week.wrong()
            asked = sum(len(feed.asked) for feed in world.feeds)
            figures = {
                "seed": seed,
                "seconds": round(time.monotonic() - begun, 1),
                "requests": asked,
                "articles": len(week.store.lists.article_ids(ALL)),
                **week.fetched,
                "at once": world.most_at_once,
                "wrong": len(wrong),
            }
            print(json.dumps(figures))
            for line in wrong[:20]:
                print("  " + line)
            status |= bool(wrong)
            week.close()
        world.close()
    return status


def _child(home: Path, now: datetime) -> int:
    os.setpriority(os.PRIO_PROCESS, 0, 5)
    store = Store(home)
    refresher = Refresher(store, home, client=Client(seconds=_PATIENCE), now=lambda: now)
    refresher.refresh()
    return 0


if __name__ == "__main__":
    sys.exit(main())
