"""Whatever happens, in any order: a saved search says what a full search would."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.conftest import entry, feed

from newsreader.derive import Deriver
from newsreader.model import Scope, ScopeKind
from newsreader.search import Index, parse, statuses
from newsreader.store import Arrival, Store

WORDS = ("ferry", "bridge", "football")
QUERIES = (
    "ferry",
    "ferry is:unread",
    "bridge OR is:bookmarked",
    "football -is:read",
    "is:hidden",
    "ferry -is:hidden",
    "has:note OR -bridge",
    "(ferry OR is:noted) -football",
    "tag:ferry",
    "newer:7d",
    "ferry date:today",
    "older:30d is:unread",
)
NAMES = ("A", "B")
ACTIONS = ("read", "hide", "bookmark", "tag:ferry", "notify")
START = datetime.now(UTC).replace(microsecond=0) + timedelta(days=400)
"""In the future, so that a matched search counts as ready by the real clock too."""

numbers = st.integers(0, 5)


class Saving(RuleBasedStateMachine):
    """A small library, two saved searches, and everything a user or publisher does."""

    @initialize(kept=st.tuples(st.sampled_from(QUERIES), st.sampled_from(QUERIES)))
    def start(self, kept):
        self.folder = tempfile.TemporaryDirectory()
        self.home = Path(self.folder.name) / "home"
        self.store = Store(self.home, durable=False)
        self.now = START
        self.outdated = set()
        self.deriver = Deriver(self.store, self.home, recognise=False, now=lambda: self.now)
        self.deriver.prepare()
        self.take_in({n: WORDS[: 1 + n % 3] for n in range(6)}, 6)
        for name, query in zip(NAMES, kept, strict=True):
            self.store.saved.keep(name, query)
        self.work()

    def take_in(self, picked, days):
        arrivals = [
            Arrival(
                entry(
                    f"Report {n}",
                    f"{' '.join(words)} number {n} of many",
                    guid=str(n),
                    published=self.now - timedelta(days=days),
                )
            )
            for n, words in picked.items()
        ]
        self.store.articles.save(feed(), arrivals)

    @rule(
        picked=st.dictionaries(numbers, st.sets(st.sampled_from(WORDS)), min_size=1, max_size=4),
        days=st.sampled_from([0, 1, 6, 29, 40]),
        indexed=st.booleans(),
    )
    def arrive_or_change(self, picked, days, indexed):
        self.take_in(picked, days)
        if indexed:
            self.work()

    @rule(
        name=st.sampled_from(NAMES),
        query=st.sampled_from(QUERIES),
        actions=st.sets(st.sampled_from(ACTIONS), max_size=2),
        indexed=st.booleans(),
    )
    def keep(self, name, query, actions, indexed):
        self.store.saved.keep(name, query, sorted(actions))
        if indexed:
            self.work()

    @rule(name=st.sampled_from(NAMES))
    def remove(self, name):
        if name in {search.name for search in self.store.saved.all()}:
            self.store.saved.remove(name)

    @rule(
        picked=st.sets(st.integers(1, 6)),
        on=st.booleans(),
        what=st.sampled_from(["mark", "bookmark", "hide", "note", "tag"]),
    )
    def act(self, picked, on, what):
        articles = sorted(picked & set(self.store.articles.all_ids()))
        match what:
            case "mark":
                self.store.acts.mark_read(articles, read=on)
            case "bookmark":
                self.store.acts.bookmark(articles, on=on)
            case "hide":
                self.store.acts.hide(articles, on=on)
            case "note":
                for article in articles[:1]:
                    self.store.acts.annotate(article, "mine" if on else "")
            case _:
                tags = ["ferry"]
                self.store.acts.tag(articles, add=tags if on else [], drop=[] if on else tags)

    @rule()
    def undo(self):
        self.store.acts.undo()

    @rule()
    def redo(self):
        self.store.acts.redo()

    @rule()
    def remove_source(self):
        # Until the index is told, it has the old text of what comes back.
        self.outdated |= set(self.store.articles.all_ids())
        for source in self.store.lists.sources():
            self.store.remove_sources([source.id])

    @rule(hours=st.sampled_from([1, 20, 24 * 7, 24 * 25]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)
        self.work()

    @rule()
    def work(self):
        while self.deriver.step():
            pass
        assert all(search.ready for search in self.store.saved.all())
        assert self.store.todo.pending().index == 0
        self.outdated = set()

    @rule()
    def rebuild(self):
        self.deriver.rebuild_index()
        self.work()

    @rule()
    def restart(self):
        self.deriver = Deriver(self.store, self.home, recognise=False, now=lambda: self.now)
        self.deriver.prepare()

    def searched(self, search, hidden):
        """What a full search finds; of ``hidden`` articles it is told that they are not."""

        def lookup(name):
            found = set(self.store.lists.status_ids(name))
            return found - hidden if name == "is:hidden" else found

        index = Index(self.home / "index", self.store.home_id())
        results = index.search(search.query, limit=1000, now=self.now, lookup=lookup)
        index.close()
        return {hit.article for hit in results.hits} & set(self.store.articles.all_ids())

    @invariant()
    def saved_searches_say_what_a_search_would(self):
        if not hasattr(self, "store"):
            return
        assert not self.store.wrong_counts()
        rows = {n.id: n for n in self.store.lists.headlines(self.store.articles.all_ids())}
        hidden = {n for n, row in rows.items() if row.hidden}
        doers = dict(self.store._db.execute("SELECT id, hidden_by FROM article"))
        for search in self.store.saved.all():
            listed = self.store.lists.article_ids(Scope(ScopeKind.SAVED, str(search.id)))
            if not search.ready:
                assert (listed, search.total) == ([], 0)
                continue
            own = {n for n in hidden if doers[n] == search.id}
            found = self.searched(search, set())
            if "is:hidden" not in statuses(parse(search.query)):
                found -= hidden - own
            found |= self.searched(search, own) & own
            assert set(listed) - self.outdated == found - self.outdated
            assert search.total == len(listed)
            assert search.unread == sum(not rows[n].read for n in listed)

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


Saving.TestCase.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)
TestSaving = Saving.TestCase
