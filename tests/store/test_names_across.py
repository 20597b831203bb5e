"""One entity across articles: surnames alone, and the user's word, which nothing overrides."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.conftest import entry, feed

from newsreader.errors import NotFoundError, UsageError
from newsreader.model import ArticleID, EntityID, EntityKind, Recognised, Scope, ScopeKind
from newsreader.store import Arrival, Store, _counts

DAY = datetime(2022, 6, 28, 9, tzinfo=UTC)
PERSON, PLACE = EntityKind.PERSON, EntityKind.PLACE


def text_of(names):
    return " and ".join(surface for surface, _ in names) + " met."


def recognised(names, kind=PERSON):
    """Return mentions at each (surface, canonical name) of ``text_of``, in order."""
    found, at = [], 0
    for surface, name in names:
        found.append(Recognised(start=at, end=at + len(surface), kind=kind, name=name))
        at += len(surface) + len(" and ")
    return found


def add(store: Store, guid: str, names, *, day=0, outlet="Post", kind=PERSON) -> ArticleID:
    text = text_of(names)
    given = entry(guid, text, guid=guid)._replace(
        outlet=outlet, published=DAY + timedelta(days=day)
    )
    taken = store.articles.save(feed(), [Arrival(given)])
    (article,) = [*taken.imported, *taken.updated]
    again(store, article, names, kind)
    return article


def again(store, article, names, kind=PERSON):
    task = next(t for t in store.todo.take("entities", 1000) if t.article == article)
    assert store.entities.save(task, text_of(names), recognised(names, kind), 1)


def named(store, article):
    return [(m.name, m.guessed) for m in store.entities.mentions(article)]


def id_of(store, name):
    return next(e.id for e in store.entities.find(name) if e.name == name)


FULL, LONE = [("Ana Ruiz", "Ana Ruiz")], [("Ruiz", "Ruiz")]


def test_a_surname_alone_is_whom_the_outlet_named_lately(store):
    add(store, "1", FULL)
    lone = add(store, "2", LONE, day=2)
    elsewhere = add(store, "3", LONE, day=2, outlet="Gazette")
    long_after = add(store, "4", LONE, day=90)
    assert named(store, lone) == [("Ana Ruiz", True)]
    assert named(store, elsewhere) == named(store, long_after) == [("Ruiz", False)]
    assert [e.articles for e in store.entities.find("Ana Ruiz")] == [2]


def test_a_full_name_that_comes_later_explains_what_came_before(store):
    lone = add(store, "2", LONE, day=2)
    assert named(store, lone) == [("Ruiz", False)]
    add(store, "1", FULL)
    assert named(store, lone) == [("Ana Ruiz", True)]
    assert _counts.wrong(store._db) == []


def test_where_no_outlet_is_known_the_feed_tells(store):
    lone = add(store, "2", LONE, day=2, outlet=None)
    add(store, "1", FULL, outlet="Post")
    assert named(store, lone) == [("Ana Ruiz", True)]
    later = add(store, "3", LONE, day=3, outlet=None)
    assert named(store, later) == [("Ana Ruiz", True)]


def test_two_of_one_surname_are_told_apart_only_when_one_is_clearly_ahead(store):
    add(store, "1", FULL)
    add(store, "2", [("Ben Ruiz", "Ben Ruiz")])
    lone = add(store, "3", LONE, day=1)
    assert named(store, lone) == [("Ruiz", False)]
    add(store, "4", FULL)
    assert named(store, lone) == [("Ana Ruiz", True)]
    add(store, "5", [("Ben Ruiz", "Ben Ruiz")])
    assert named(store, lone) == [("Ruiz", False)]


def test_a_surname_beside_a_full_name_of_it_is_nobody_elses(store):
    add(store, "1", FULL)
    both = [("Ben Ruiz", "Ben Ruiz"), ("Carla Ruiz", "Carla Ruiz"), ("Ruiz", "Ruiz")]
    article = add(store, "2", both, day=1)
    assert named(store, article)[2] == ("Ruiz", False)


def test_a_guess_gives_way_to_the_users_word(store):
    add(store, "1", FULL)
    lone = add(store, "2", LONE, day=1)
    other = add(store, "3", LONE, day=99)
    ruiz = store.entities.mentions(other)[0].entity
    store.entity_acts.rename(ruiz, "Ruiz of Porto")
    assert named(store, lone) == [("Ruiz of Porto", False)]
    store.acts.undo()
    assert named(store, lone) == [("Ana Ruiz", True)]
    store.acts.redo()
    store.todo.queue_all("entities")
    again(store, lone, LONE)
    assert named(store, lone) == [("Ruiz of Porto", False)]


def test_what_the_user_says_of_a_surname_ends_the_guess(store):
    add(store, "1", FULL)
    lone = add(store, "2", LONE, day=1)
    ruiz = store._db.execute("SELECT id FROM entity WHERE key = 'ruiz'").fetchone()[0]
    assert named(store, lone) == [("Ana Ruiz", True)]
    store.entity_acts.set_kind(ruiz, PLACE)
    assert named(store, lone) == [("Ruiz", False)]
    store.acts.undo()
    assert named(store, lone) == [("Ana Ruiz", True)]
    store.entity_acts.hide(ruiz, on=True)
    assert named(store, lone) == []
    assert _counts.wrong(store._db) == []


def test_what_changes_nothing_is_no_step_of_undo(store):
    add(store, "1", FULL)
    ana = id_of(store, "Ana Ruiz")
    store.entity_acts.set_kind(ana, PLACE)
    store.entity_acts.set_kind(ana, PLACE)
    store.entity_acts.hide(ana, on=False)
    assert store.acts.undo() == "Ana Ruiz is a place"
    assert store.acts.undo() is None


def test_merging_and_undoing_it(store):
    first = add(store, "1", FULL)
    second = add(store, "2", [("Anna Ruiz", "Anna Ruiz"), ("Ana Ruiz", "Ana Ruiz")])
    ana, anna = id_of(store, "Ana Ruiz"), id_of(store, "Anna Ruiz")
    store.entity_acts.follow(anna, on=True)
    merged = store.entity_acts.merge(anna, ana)
    assert (merged.id, merged.articles, merged.mentions, merged.followed) == (ana, 2, 3, True)
    assert store.entities.entity(anna).id == ana
    assert [e.id for e in store.entities.named("Anna Ruiz")] == [ana]
    assert store.lists.article_ids(Scope(ScopeKind.ENTITY, str(anna))) == [second, first]
    assert [f.id for f in store.entities.followed()] == [ana]
    assert [e.name for e in store.pages.page(ana).merged] == ["Anna Ruiz"]
    # It holds for what comes later, and when all is derived again.
    add(store, "3", [("Anna Ruiz", "Anna Ruiz")])
    store.todo.queue_all("entities")
    again(store, second, [("Anna Ruiz", "Anna Ruiz")])
    assert store.entities.entity(ana).articles == 3
    assert store.acts.undo() == "Anna Ruiz merged into Ana Ruiz"
    assert store.entities.entity(anna).articles == 2
    assert [f.id for f in store.entities.followed()] == [anna]
    assert store.acts.redo() is not None
    assert store.entities.entity(anna).id == ana
    assert _counts.wrong(store._db) == []


def test_splitting_a_name_off(store):
    article = add(store, "1", [("Ana Ruiz", "Ana Ruiz"), ("Ruiz", "Ana Ruiz")])
    ana = id_of(store, "Ana Ruiz")
    other = store.entity_acts.split(ana, "ruiz")
    assert other.id != ana and other.name == "Ruiz"
    assert named(store, article) == [("Ana Ruiz", False), ("Ruiz", False)]
    with pytest.raises(UsageError, match="own name"):
        store.entity_acts.split(ana, "Ana Ruiz")
    with pytest.raises(UsageError, match="none of its names"):
        store.entity_acts.split(ana, "Bob")
    store.acts.undo()
    assert named(store, article) == [("Ana Ruiz", False)] * 2


def test_splitting_off_what_was_merged_takes_it_all_back(store):
    add(store, "1", FULL)
    add(store, "2", [("Anna Ruiz", "Anna Ruiz"), ("Annie", "Anna Ruiz")])
    ana, anna = id_of(store, "Ana Ruiz"), id_of(store, "Anna Ruiz")
    store.entity_acts.merge(anna, ana)
    assert store.entity_acts.split(ana, "Annie").id == anna
    assert store.entities.entity(anna).mentions == 2


def test_merging_in_a_circle_is_refused(store):
    add(store, "1", FULL)
    add(store, "2", [("Anna Ruiz", "Anna Ruiz")])
    ana, anna = id_of(store, "Ana Ruiz"), id_of(store, "Anna Ruiz")
    store.entity_acts.merge(anna, ana)
    for one, other in ((ana, anna), (anna, ana), (ana, ana)):
        with pytest.raises(UsageError, match="already"):
            store.entity_acts.merge(one, other)
    with pytest.raises(NotFoundError):
        store.entity_acts.merge(EntityID(999), ana)


def test_renaming_kind_and_hiding(store):
    article = add(store, "1", FULL)
    ana = id_of(store, "Ana Ruiz")
    assert store.entity_acts.rename(ana, "  Ana  Ruiz-Silva ").name == "Ana Ruiz-Silva"
    assert store.lists.headlines([article])[0].names == ("Ana Ruiz-Silva",)
    assert [e.id for e in store.entities.find("silva")] == []
    assert [e.id for e in store.entities.find("ruiz")] == [ana]
    assert store.entity_acts.set_kind(ana, PLACE).kind is PLACE
    assert store.entities.mentions(article)[0].kind is PLACE
    for nothing in ("", "…", "x" * 300):
        with pytest.raises(UsageError):
            store.entity_acts.rename(ana, nothing)
    with pytest.raises(UsageError):
        store.entity_acts.set_kind(ana, EntityKind.DATE)
    store.entity_acts.hide(ana, on=True)
    assert store.entities.mentions(article) == store.entities.of_article(article) == []
    assert store.entities.find("ruiz") == []
    assert store.pages.page(ana).hidden
    (document,) = store.articles.documents([article])
    assert document.entities == ()
    for _ in range(3):
        store.acts.undo()
    assert named(store, article) == [("Ana Ruiz", False)]


def test_following_counts_what_is_unread(store):
    first = add(store, "1", FULL)
    ana = id_of(store, "Ana Ruiz")
    assert store.entity_acts.follow(ana, on=True)
    assert not store.entity_acts.follow(ana, on=True)
    add(store, "2", FULL)
    (followed,) = store.entities.followed()
    assert (followed.name, followed.unread, followed.total) == ("Ana Ruiz", 2, 2)
    store.acts.mark_read([first], read=True)
    assert [f.unread for f in store.entities.followed()] == [1]
    store.acts.hide([first], on=True)
    assert [(f.unread, f.total) for f in store.entities.followed()] == [(1, 1)]
    assert len(store.lists.article_ids(Scope(ScopeKind.ENTITY, str(ana)))) == 1
    store.acts.undo()
    store.acts.undo()
    assert [(f.unread, f.total) for f in store.entities.followed()] == [(2, 2)]


def test_a_page_says_when_where_and_with_whom(store):
    for n in range(6):
        add(store, f"a{n}", [*FULL, ("Bo Lee", "Bo Lee"), ("Cy Poe", "Cy Poe")], day=-31 * n)
        add(store, f"b{n}", [("Cy Poe", "Cy Poe")], outlet="Gazette", day=-n)
        add(store, f"c{n}", [("Di Fox", "Di Fox")], outlet="Gazette", day=-n)
    page = store.pages.page(id_of(store, "Ana Ruiz"))
    assert page.outlets == (("Post", 6),)
    assert [(e.name, e.here) for e in page.beside] == [("Bo Lee", 6), ("Cy Poe", 6)]
    assert page.per_month[0] == ("2022-01", 1) and page.per_month[-1] == ("2022-06", 1)
    assert sum(n for _, n in page.per_month) == 6
    assert page.entity.first == DAY - timedelta(days=155) and page.entity.last == DAY
    sentence = page.latest[0].sentence
    assert [sentence[a:b] for a, b in page.latest[0].matches] == ["Ana Ruiz"]


def test_names_to_look_for_are_full_ones_of_three_articles(store):
    for n in range(3):
        add(store, f"a{n}", [*FULL, ("Poe", "Poe"), *[("Bo Lee", "Bo Lee")][: n % 2]])
        add(store, f"b{n}", [("Oslo", "Oslo")], kind=PLACE)
    assert sorted(store.entities.known()) == [("Ana Ruiz", PERSON), ("Oslo", PLACE)]
    ana = id_of(store, "Ana Ruiz")
    store.entity_acts.rename(ana, "Ana Silva")
    assert ("Ana Silva", PERSON) in store.entities.known()
    assert len(store.entities.known(1)) == 1
    store.entity_acts.hide(ana, on=True)
    assert store.entities.known() == [("Oslo", PLACE)]


SMALL = (
    *("SCAN j VIRTUAL", "SCAN CONSTANT", "SCAN f", "SCAN s", "SCAN library_count"),
    "SCAN c USING INDEX entity_count_most",
)
"""What may be read whole: sources, a query's own lists, the most mentioned until enough fit."""


def test_a_page_is_read_from_indexes(store):
    for n in range(30):
        add(store, str(n), [*FULL, (f"Bo{n} Lee", f"Bo{n} Lee")])
    store.refresh_statistics()
    for prefix in ("", "b", "ruiz"):
        statements: list[str] = []
        store._db.set_trace_callback(statements.append)
        store.entities.find(prefix)
        store.pages.page(id_of(store, "Ana Ruiz"))
        store._db.set_trace_callback(None)
        for statement in statements:
            plan = store._db.execute("EXPLAIN QUERY PLAN " + statement).fetchall()
            scans = [row[3] for row in plan if row[3].startswith("SCAN")]
            whole = [s for s in scans if not s.startswith(SMALL)]
            assert whole == [], statement


NAMES = ["Ana Ruiz", "Ruiz", "Ben Ruiz", "Bo Lee", "Lee", "Cy Poe"]
picked = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)


class Library(RuleBasedStateMachine):
    """Whatever happens in whatever order, what is derived equals what is counted."""

    def __init__(self):
        super().__init__()
        import tempfile
        from pathlib import Path

        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name))
        self.articles: list[ArticleID] = []
        self.number = 0

    def teardown(self):
        self.store.close()
        self.folder.cleanup()

    def some(self, n):
        return self.articles[n % len(self.articles)]

    def entity(self, n):
        rows = self.store._db.execute("SELECT id FROM entity ORDER BY id").fetchall()
        return EntityID(rows[n % len(rows)][0])

    @rule(names=picked, day=st.integers(-40, 40), outlet=st.sampled_from(["Post", "Gazette"]))
    def arrives(self, names, day, outlet):
        self.number += 1
        pairs = [(name, name) for name in names]
        self.articles.append(add(self.store, str(self.number), pairs, day=day, outlet=outlet))

    @precondition(lambda self: self.articles)
    @rule(n=st.integers(0, 99), names=picked)
    def recognised_again(self, n, names):
        self.store.todo.queue_all("entities")
        again(self.store, self.some(n), [(name, name) for name in names])

    @precondition(lambda self: self.articles)
    @rule(n=st.integers(0, 99), names=picked, day=st.none() | st.integers(-40, 40))
    def updated(self, n, names, day):
        """The publisher changes text and date; names follow when they are recognised."""
        article = self.some(n)
        guid = self.store.lists.article(article).title
        published = None if day is None else DAY + timedelta(days=day)
        text = text_of([(name, name) for name in names])
        given = entry(guid, text, guid=guid)._replace(outlet="Post", published=published)
        self.store.articles.save(feed(), [Arrival(given)])
        if day is not None and day % 2:
            self.store.todo.queue("entities", [article])
            again(self.store, article, [(name, name) for name in names])

    @precondition(lambda self: self.articles)
    @rule(n=st.integers(0, 99))
    def deleted(self, n):
        article = self.some(n)
        self.articles.remove(article)
        self.store._delete([article])

    @rule()
    def rebuilt(self):
        """Everything derived is lost and made anew from what is kept."""
        before = self.said_so_far()
        self.store._db.execute("DELETE FROM mention")
        self.store._db.execute("DELETE FROM guess")
        self.store._db.execute("DELETE FROM article_entity")
        self.store.todo.queue_all("entities")
        for article in self.articles:
            names = self.store.lists.article(article).body.text.removesuffix(" met.")
            again(self.store, article, [(name, name) for name in names.split(" and ")])
        assert before <= self.said_so_far()

    def said_so_far(self):
        rows = self.store._db.execute(
            "SELECT id, into_id, final_id, shown_name, shown_kind, hidden, followed_at FROM entity"
        )
        return set(rows.fetchall())

    @precondition(lambda self: self.articles)
    @rule(n=st.integers(0, 99), on=st.booleans(), what=st.sampled_from(["mark_read", "hide"]))
    def marked(self, n, on, what):
        if what == "hide":
            self.store.acts.hide([self.some(n)], on=on)
        else:
            self.store.acts.mark_read([self.some(n)], read=on)

    @precondition(lambda self: self.articles)
    @rule(n=st.integers(0, 99), m=st.integers(0, 99), what=st.integers(0, 5))
    def said(self, n, m, what):
        acts, entity = self.store.entity_acts, self.entity(n)
        try:
            if what == 0:
                acts.merge(entity, self.entity(m))
            elif what == 1:
                names = [*self.store.entities.entity(entity).aliases, "Ruiz"]
                acts.split(entity, names[m % len(names)])
            elif what == 2:
                acts.rename(entity, NAMES[m % len(NAMES)])
            elif what == 3:
                acts.hide(entity, on=bool(m % 2))
            elif what == 4:
                acts.set_kind(entity, (PERSON, PLACE)[m % 2])
            else:
                acts.follow(entity, on=bool(m % 3))
        except UsageError:
            pass

    @precondition(lambda self: self.articles)
    @rule(n=st.integers(0, 99), m=st.integers(0, 99))
    def taken_back_at_once(self, n, m):
        """A merge that is undone changed nothing."""
        entity, into = self.entity(n), self.entity(m)
        before = self.everything()
        try:
            self.store.entity_acts.merge(entity, into)
        except UsageError:
            return
        assert self.store.acts.undo() is not None
        assert self.everything() == before

    def everything(self):
        tables = ("entity", "alias", "article_entity", "follow_count", "guess", "mention")
        return [
            self.store._db.execute(f"SELECT * FROM {t} ORDER BY 1, 2").fetchall() for t in tables
        ]

    @rule()
    def undone(self):
        self.store.acts.undo()

    @rule()
    def redone(self):
        self.store.acts.redo()

    @invariant()
    def derived_is_what_is_counted(self):
        db = self.store._db
        assert _counts.wrong(db) == []
        kept = Counter(
            {
                (e, a): n
                for e, a, n in db.execute(
                    "SELECT entity_id, article_id, mentions FROM article_entity"
                )
            }
        )
        counted = Counter(
            db.execute(
                "SELECT entity_id, article_id FROM named WHERE entity_id IS NOT NULL"
            ).fetchall()
        )
        assert kept == counted
        for entity, into, final in db.execute("SELECT id, into_id, final_id FROM entity"):
            end = entity
            while into is not None:
                end, into = (
                    into,
                    db.execute("SELECT into_id FROM entity WHERE id = ?", (into,)).fetchone()[0],
                )
            assert final == end


TestLibrary = Library.TestCase
TestLibrary.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
