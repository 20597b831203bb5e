"""Two readers on one account, marks on every side, lost answers: in the end all say the same.

The model is a register for each flag and what each reader last agreed on with the server. It knows
nothing of ids, pages, queues or triggers.
"""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.sync.server import PASSWORD, USER, Server

from newsreader.errors import SyncError
from newsreader.model import Scope, ScopeKind
from newsreader.store import Store
from newsreader.sync.engine import sync_account
from newsreader.sync.greader import Reader

FLAGS = {"read": "read", "bookmarked": "starred"}
SAFE = {"read": False, "bookmarked": True}


class ModelReader:
    """What a reader says, and what it and the server last agreed on."""

    def __init__(self):
        self.here = {}
        self.base = {}
        self.said = {}
        self.acts = []

    def mark(self, key, on):
        changed = self.here[key] != on
        if changed:
            self.here[key] = self.said[key] = on
        return changed

    def hear(self, key, value):
        before, self.base[key] = self.base[key], value
        if value == before:
            return
        said = self.said.get(key)
        if said is None or said == value or SAFE[key[1]] == value:
            self.said.pop(key, None)
            self.here[key] = value

    def meet(self, key, value):
        self.base[key] = self.here[key] = value

    def unsaid(self):
        """Return what the server must be told; what was taken back is forgotten."""
        self.said = {key: on for key, on in self.said.items() if on != self.base[key]}
        return dict(self.said)

    def heard(self, key):
        self.base[key] = self.said.pop(key)


class Machine(RuleBasedStateMachine):
    dialect = ""

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp())
        self.server = Server(self.dialect)
        self.server.page = 3
        self.stream = self.server.subscribe("https://a.example/feed", "A")
        self.titles = {}
        self.model = {}
        self.readers = []
        for name in ("one", "two"):
            store = Store(self.folder / name, durable=False)
            account = store.accounts.add(self.dialect, self.server.url, USER)
            reader = Reader(self.server.ask, self.server.url, USER, PASSWORD)
            self.readers.append((store, account.id, reader, ModelReader()))
        for _ in range(3):
            self.publish(read=False, starred=False)
        self.sync(which=0, fault=None)

    def teardown(self):
        if not hasattr(self, "readers"):
            return
        for which in (0, 1, 0, 1):
            self.sync(which=which, fault=None)
        there = {
            (title, flag): getattr(item, FLAGS[flag])
            for title, item in self.titles.items()
            for flag in FLAGS
        }
        assert there == self.model
        for which, (store, _, _, model) in enumerate(self.readers):
            assert self.flags(which) == self.model == model.here
            assert store.accounts.all()[0].waiting == 0
            assert store.wrong_counts() == []
            store.close()
        self.server.close()
        shutil.rmtree(self.folder)

    def flags(self, which):
        store = self.readers[which][0]
        ids = store.lists.article_ids(Scope(ScopeKind.ALL))
        return {
            (row.title, flag): getattr(row, flag)
            for row in store.lists.headlines(ids)
            for flag in FLAGS
        }

    @rule(read=st.booleans(), starred=st.booleans())
    def publish(self, read, starred):
        title = f"Report {len(self.titles)}"
        published = 1_656_408_600 - 7919 * len(self.titles) % 1000
        fields = {"read": read, "starred": starred, "published": published}
        self.titles[title] = self.server.publish(self.stream, title, **fields)
        self.model |= {(title, "read"): read, (title, "bookmarked"): starred}

    @rule(data=st.data(), flag=st.sampled_from(sorted(FLAGS)), on=st.booleans())
    def mark_there(self, data, flag, on):
        title = data.draw(st.sampled_from(sorted(self.titles)))
        setattr(self.titles[title], FLAGS[flag], on)
        self.model[title, flag] = on

    @rule(data=st.data(), which=st.integers(0, 1), flag=st.sampled_from(sorted(FLAGS)))
    def mark_here(self, data, which, flag):
        store, _, _, model = self.readers[which]
        known = sorted({title for title, _ in model.here})
        if not known:
            return
        title = data.draw(st.sampled_from(known))
        on = data.draw(st.booleans())
        rows = store.lists.headlines(store.lists.article_ids(Scope(ScopeKind.ALL)))
        article = next(row.id for row in rows if row.title == title)
        if flag == "read":
            store.acts.mark_read([article], read=on)
        else:
            store.acts.bookmark([article], on=on)
        if model.mark((title, flag), on):
            model.acts.append(((title, flag), on))

    @rule(which=st.integers(0, 1))
    def undo_here(self, which):
        store, _, _, model = self.readers[which]
        store.acts.undo()
        if model.acts:
            key, on = model.acts.pop()
            model.mark(key, not on)

    @rule(which=st.integers(0, 1), fault=st.sampled_from([None, "ids", "lost", "down", "expired"]))
    def sync(self, which, fault):
        store, account, reader, model = self.readers[which]
        telling = fault in ("lost", "down")
        if fault is not None:
            path = "edit-tag" if telling else "stream/items/ids"
            self.server.fail(path, "down" if fault == "ids" else fault)
        try:
            sync_account(store, store.accounts.find(str(account)), reader)
            assert fault != "ids"
        except SyncError:
            assert fault != "expired"
        # A fault that nothing met must not wait for the next sync.
        self.server.faults.clear()
        if fault != "ids":
            self.model_sync(model, fault if telling else None)

    def model_sync(self, model, fault):
        for key, value in self.model.items():
            if key in model.base:
                model.hear(key, value)
        unsaid = model.unsaid()
        batches = [
            [key for key, on in unsaid.items() if (key[1], on) == (flag, value)]
            for flag in FLAGS
            for value in (True, False)
        ]
        for batch in filter(None, batches):
            if fault != "down":
                self.model |= {key: unsaid[key] for key in batch}
            if fault is not None:
                return
            for key in batch:
                model.heard(key)
        for key, value in self.model.items():
            if key not in model.base:
                model.meet(key, value)

    @invariant()
    def each_reader_is_as_its_model(self):
        for which, (*_, model) in enumerate(getattr(self, "readers", [])):
            assert self.flags(which) == model.here


@pytest.mark.parametrize("dialect", ["freshrss", "miniflux"])
def test_two_readers_of_one_account_agree_in_the_end(dialect):
    machine = type("Machine", (Machine,), {"dialect": dialect})
    machine.TestCase.settings = settings(
        max_examples=15,
        stateful_step_count=25,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    machine.TestCase("runTest").runTest()
