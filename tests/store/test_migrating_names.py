"""What an older library knew of names is there after the migration, and a repair finds nothing."""

import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.test_names_across import add, id_of, named
from tests.store.test_schema import SCHEMAS

from newsreader.model import EntityKind
from newsreader.store import Store, _counts

DAY = 86_400_000
PEOPLE = ["Ana Ruiz", "Bo van der Lee", "Ruiz", "Poe"]
articles = st.lists(
    st.tuples(
        st.sampled_from([None, 0, 5 * DAY, 400 * DAY]),
        st.lists(st.integers(0, len(PEOPLE) - 1), max_size=6),
        st.booleans(),
    ),
    max_size=8,
)


def old_library(folder, given):
    """Write a library of version 2 with articles of (published, people named, hidden)."""
    db = sqlite3.connect(folder / "library.db")
    db.executescript((SCHEMAS / "2.sql").read_text() + "\nPRAGMA user_version = 2;")
    db.execute("INSERT INTO meta VALUES ('home_id', 'x') ON CONFLICT DO NOTHING")
    for n, name in enumerate(PEOPLE, start=1):
        db.execute("INSERT INTO entity VALUES (?, 'person', ?, ?)", (n, name.lower(), name))
        db.execute("INSERT INTO alias VALUES (?, ?, ?, 'auto')", (f"the {n}", n, f"The {n}"))
    for article, (published, people, hidden) in enumerate(given, start=1):
        db.execute(
            "INSERT INTO article (id, title, published, arrived, words, lead, text_hash,"
            " recognised) VALUES (?, ?, ?, ?, 9, '', x'00', 1)",
            (article, f"Title {article}", published, 900 * DAY),
        )
        db.execute("INSERT INTO revision VALUES (?, 1, 0, 0, ?, x'')", (article, b"x" * 99))
        for at, person in enumerate(people):
            row = (article, 10 * at, 10 * at + 5, person + 1)
            db.execute("INSERT INTO mention VALUES (?, ?, ?, 'person', ?, NULL, NULL)", row)
        day = -1 if published is None else published // DAY
        for person in set(people):
            row = (person + 1, day, article, people.count(person))
            db.execute("INSERT INTO article_entity VALUES (?, ?, ?, ?)", row)
        if hidden:
            db.execute("INSERT INTO status (article_id, hidden) VALUES (?, 1)", (article,))
    db.commit()
    db.close()


@given(articles)
@settings(max_examples=40, deadline=None)
def test_mentions_and_counts_outlive_the_migration(tmp_path_factory, given):
    folder = tmp_path_factory.mktemp("old")
    old_library(folder, given)
    store = Store(folder)
    assert store.check() == _counts.wrong(store._db) == []
    for article, (_, people, _) in enumerate(given, start=1):
        assert named(store, article) == [(PEOPLE[n], False) for n in people]
    shown = [(published, people) for published, people, hidden in given if not hidden]
    for n, name in enumerate(PEOPLE):
        among = [(published, people) for published, people in shown if n in people]
        page = store.pages.page(n + 1)
        assert page.entity.aliases == (f"The {n + 1}",)
        assert page.entity.articles == len(among)
        assert page.entity.mentions == sum(people.count(n) for _, people in among)
        dated = sorted(published for published, _ in among if published is not None)
        assert sum(count for _, count in page.per_month) == len(dated)
        assert (page.entity.first is None) == (not dated)
        found = store.entities.find(name.split()[-1])
        assert (name in [entity.name for entity in found]) == bool(among)
    store.close()


def test_what_the_user_says_afterwards_holds(tmp_path):
    old_library(tmp_path, [(0, [0, 2], False), (5 * DAY, [0], False)])
    store = Store(tmp_path)
    assert store.entity_acts.merge(3, 1).mentions == 3
    assert store.entity_acts.split(1, "Ruiz").id == 3
    other = store.entity_acts.split(1, "the 1")
    assert (other.name, other.mentions) == ("The 1", 0)
    for _ in range(3):
        store.acts.undo()
    assert _counts.wrong(store._db) == []
    store.close()


def test_a_repair_makes_lost_rows_anew(store):
    names = [("Ana Ruiz", "Ana Ruiz"), ("Bo van der Lee", "Bo van der Lee")]
    for n in range(3):
        add(store, str(n), names)
    add(store, "3", [("Porto", "Porto")], kind=EntityKind.PLACE)
    bo, ana = id_of(store, "Bo van der Lee"), id_of(store, "Ana Ruiz")
    store.entity_acts.follow(ana, on=True)
    store.entity_acts.merge(bo, ana)
    kept = {
        table: store._db.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
        for table in ("article_entity", "entity_count", "follow_count", "entity")
    }
    tails = store._db.execute("SELECT * FROM alias_tail ORDER BY 1, 2").fetchall()
    for damage in (
        "DELETE FROM article_entity WHERE article_id < 3",
        "UPDATE article_entity SET mentions = 7 WHERE article_id = 3",
        "DELETE FROM alias_tail WHERE tail = 'der lee'",
        f"UPDATE entity SET final_id = {bo} WHERE id = {bo}",
        "UPDATE entity_count SET articles = 77",
        "DELETE FROM follow_count",
        "UPDATE article_entity SET hidden = 1 WHERE article_id = 2",
    ):
        store._db.execute(damage)
        assert store.wrong_counts(), damage
        store.recount()
        assert store.wrong_counts() == []
        for table, rows in kept.items():
            now = store._db.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
            assert [r for r in now if r[1]] == [r for r in rows if r[1]], (damage, table)
        assert store._db.execute("SELECT * FROM alias_tail ORDER BY 1, 2").fetchall() == tails
