"""Whatever arrives, goes, is marked or dies, in any order: the index ends as the library.

Each worker may die before any of its steps is acknowledged: it indexed but did not say so, its
commit was lost, its index is gone or from an hour ago. The next worker knows only what is on disk.
"""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.conftest import entry, feed

from newsreader.derive import Deriver
from newsreader.errors import StoreError
from newsreader.search import Index
from newsreader.store import Arrival, Store

WORDS = ("ferry", "bridge", "football", "harvest")
FEEDS = ("https://a.example/feed", "https://b.example/feed")
TAGS = ("mine", "later")
STEPS = ("delete", "update", "percolate", "finish", "settle_clock", "tidy")
"""What a worker does with a batch, in this order."""

numbers = st.integers(0, 7)
some = st.sets(st.integers(1, 16), max_size=5)


class Died(StoreError):
    """Stands for SIGKILL: the worker that meets it is never asked again."""


class Dying:
    """What a worker works with; asking it for ``last`` is the last it does."""

    def __init__(self, inner, last):
        self.inner = inner
        self.last = last

    def __getattr__(self, name):
        if name == self.last:
            raise Died(name)
        return getattr(self.inner, name)


class Indexing(RuleBasedStateMachine):
    """A small library of two feeds, its index, and workers that come and go."""

    @initialize()
    def start(self):
        self.folder = tempfile.TemporaryDirectory()
        self.home = Path(self.folder.name) / "home"
        self.aside = Path(self.folder.name) / "aside"
        self.store = Store(self.home, durable=False)
        self.written = {}
        self.hire()

    def hire(self):
        """Begin with a new worker: the one before has died and left nothing but files."""
        self.deriver = Deriver(self.store, self.home, recognise=False)
        self.deriver.prepare()

    # What publishers and the user do

    @rule(
        source=st.sampled_from(FEEDS),
        picked=st.dictionaries(numbers, st.sampled_from(WORDS), min_size=1, max_size=6),
        indexed=st.booleans(),
    )
    def arrive_or_change(self, source, picked, indexed):
        arrivals = [
            Arrival(entry(f"Report {n} {source}", f"the {word} and number n{n}", guid=str(n)))
            for n, word in picked.items()
        ]
        self.store.articles.save(feed(source), arrivals)
        self.written |= {f"Report {n} {source}": word for n, word in picked.items()}
        if indexed:
            self.catch_up()

    @rule(source=st.sampled_from(FEEDS), indexed=st.booleans())
    def unsubscribe(self, source, indexed):
        if indexed:
            self.catch_up()
        for row in self.store.lists.sources():
            if row.url == source:
                self.store.remove_sources([row.id])

    @rule(picked=some, what=st.sampled_from(["read", "bookmark", "hide", "tag"]), on=st.booleans())
    def mark(self, picked, what, on):
        articles = sorted(picked & set(self.store.articles.all_ids()))
        match what:
            case "read":
                self.store.acts.mark_read(articles, read=on)
            case "bookmark":
                self.store.acts.bookmark(articles, on=on)
            case "hide":
                self.store.acts.hide(articles, on=on)
            case _:
                add, drop = (TAGS[:1], TAGS[1:]) if on else (TAGS[1:], TAGS[:1])
                self.store.acts.tag(articles, add=add, drop=drop)

    @rule(again=st.booleans())
    def undo(self, again):
        (self.store.acts.redo if again else self.store.acts.undo)()

    # What befalls workers

    @rule(steps=st.integers(1, 3))
    def work_a_little(self, steps):
        for _ in range(steps):
            self.deriver.step()

    @rule(step=st.sampled_from(STEPS))
    def die_before(self, step):
        worker = self.deriver
        match step:
            case "percolate" | "settle_clock":
                worker._matching = Dying(worker._matching, step)
            case "finish":
                worker._store = Dying(self.store, "matches")
            case _:
                worker._index = Dying(worker._open_index(), step)
        try:
            worker.step()
        except Died:
            pass
        self.hire()

    @rule()
    def die_in_a_commit(self):
        """The segments are there, the table of contents that names them is not."""
        index = self.home / "index"
        before = {path.name: path.read_bytes() for path in index.glob("*.toc")}
        lists = {path.name: path.read_bytes() for path in index.glob("*.lists")}
        self.store.todo.queue("index", self.store.articles.all_ids()[:3])
        try:
            Deriver(Dying(self.store, "matches"), self.home, recognise=False)._index_some()
        except Died:
            pass
        if before:
            for path in index.glob("*.toc"):
                path.unlink()
            for name, content in (before | lists).items():
                (index / name).write_bytes(content)
        self.hire()

    @rule(what=st.sampled_from(["all", "contents", "segments"]))
    def lose_the_index(self, what):
        index = self.home / "index"
        if what == "all":
            shutil.rmtree(index, ignore_errors=True)
        else:
            for path in index.glob("*.toc" if what == "contents" else "*.lists"):
                path.unlink()
        self.hire()

    @rule()
    def ask_for_a_new_index(self):
        self.store.keep_setting("rebuild", "index")
        self.store.todo.queue_all("index")

    # What must be

    @rule()
    def catch_up(self):
        while self.deriver.step():
            pass
        assert self.store.todo.pending().index == 0
        index = Index(self.home / "index", self.store.home_id())
        stored = set(self.store.articles.all_ids())
        assert sorted(index.ids()) == sorted(stored)
        for word in (*WORDS, "number"):
            found = {hit.article for hit in index.search(word, limit=100).hits}
            assert found == {n for n in stored if word in self.store.articles.text(n)}
        for tag in TAGS:
            found = {hit.article for hit in index.search(f"tag:{tag}", limit=100).hits}
            assert found == {n for n in stored if tag in self.store.acts.tags(n)}
        index.close()

    @invariant()
    def the_library_is_the_truth(self):
        if not hasattr(self, "store"):
            return
        assert not self.store.wrong_counts()
        for row in self.store.lists.headlines(self.store.articles.all_ids()):
            assert f"the {self.written[row.title]} and" in self.store.articles.text(row.id)

    def teardown(self):
        if hasattr(self, "store"):
            self.hire()
            self.catch_up()
            assert not self.store.check()
            self.store.close()
            self.folder.cleanup()


Indexing.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestIndexing = Indexing.TestCase
