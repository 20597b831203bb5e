"""Read, bookmark, tag, note: durable, counted, and taken back exactly."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.conftest import entry, feed

from newsreader.library import Library
from newsreader.model import Scope, ScopeKind
from newsreader.store import Arrival, Store


def fill(store, count=6):
    arrivals = [Arrival(entry(f"Article {n}", guid=str(n))) for n in range(count)]
    return list(store.articles.save(feed(), arrivals).imported)


def test_marking_counts_what_changed_and_undo_takes_back_only_that(store, home):
    ids = fill(store)
    library = Library(home)
    assert library.mark_read(ids[:2]) == 2
    assert library.mark_read(ids) == 4
    assert library.counts().unread == 0
    assert library.undo() == "4 articles marked read"
    assert library.counts().unread == 4
    assert library.undo() == "2 articles marked read"
    assert library.undo() is None
    assert library.redo() == "2 articles marked read"
    library.close()


def test_undo_survives_a_restart(store, home):
    ids = fill(store)
    first = Library(home)
    first.bookmark(ids[:1])
    first.close()
    second = Library(home)
    assert second.counts().bookmarks == 1
    assert second.undo() == "1 article bookmarked"
    assert second.counts().bookmarks == 0
    second.close()


def test_a_new_act_ends_what_could_be_done_again(store):
    ids = fill(store)
    store.acts.mark_read(ids, read=True)
    store.acts.undo()
    store.acts.bookmark(ids[:1], on=True)
    assert store.acts.redo() is None


def test_tags_and_notes_can_be_taken_back(store):
    ids = fill(store)
    assert store.acts.tag(ids[:2], add=["oil"], drop=[]) == 2
    assert store.acts.tag(ids[:2], add=["oil"], drop=["none"]) == 0
    assert store.lists.article(ids[0]).tags == ("oil",)
    assert store.acts.annotate(ids[0], "look again") == 1
    assert store.acts.undo() == "note changed"
    assert store.lists.article(ids[0]).note == ""
    assert store.acts.undo() == "2 articles tagged +oil"
    assert store.lists.article(ids[0]).tags == ()


def test_user_writes_reach_the_disk_before_they_return(store):
    assert store._db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert store._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


class Acting(RuleBasedStateMachine):
    """Any sequence of acts, undos and redos against a plain model of them."""

    @initialize()
    def start(self):
        import tempfile
        from pathlib import Path

        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name) / "home")
        self.ids = fill(self.store, 4)
        self.state = dict.fromkeys(self.ids, (False, False))
        self.past, self.future = [], []

    def act(self, change):
        after = change(dict(self.state))
        if after != self.state:
            self.past.append(self.state)
            self.future = []
            self.state = after

    @rule(picked=st.sets(st.integers(0, 3)), read=st.booleans())
    def mark(self, picked, read):
        ids = [self.ids[n] for n in picked]
        self.store.acts.mark_read(ids, read=read)
        self.act(lambda state: state | {n: (read, state[n][1]) for n in ids})

    @rule(picked=st.sets(st.integers(0, 3)), on=st.booleans())
    def bookmark(self, picked, on):
        ids = [self.ids[n] for n in picked]
        self.store.acts.bookmark(ids, on=on)
        self.act(lambda state: state | {n: (state[n][0], on) for n in ids})

    @rule()
    def undo(self):
        assert (self.store.acts.undo() is None) == (not self.past)
        if self.past:
            self.future.append(self.state)
            self.state = self.past.pop()

    @rule()
    def redo(self):
        assert (self.store.acts.redo() is None) == (not self.future)
        if self.future:
            self.past.append(self.state)
            self.state = self.future.pop()

    @invariant()
    def store_agrees(self):
        if not hasattr(self, "store"):
            return
        rows = self.store.lists.headlines(self.ids)
        assert {row.id: (row.read, row.bookmarked) for row in rows} == self.state
        assert not self.store.wrong_counts()
        unread = sum(not read for read, _ in self.state.values())
        assert self.store.lists.counts().unread == unread
        assert self.store.lists.sources()[0].unread == unread
        kept = self.store.lists.article_ids(Scope(ScopeKind.BOOKMARKS))
        assert set(kept) == {n for n, (_, on) in self.state.items() if on}

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


Acting.TestCase.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
TestActing = Acting.TestCase
