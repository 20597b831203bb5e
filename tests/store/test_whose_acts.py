"""Two readers on one library: each takes back what it did itself, and nothing of the other's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import Arrival, entry, feed

from newsreader.errors import UsageError
from newsreader.library import Library
from newsreader.store import Store


@pytest.fixture
def articles(store):
    arrivals = [Arrival(entry(f"Article {number}")) for number in range(4)]
    return store.articles.save(feed(), arrivals).imported


@pytest.fixture
def readers(articles, store, home):
    opened = [Library(home, since=store.acts.last()) for _ in range(2)]
    yield opened
    for reader in opened:
        reader.close()


def test_undo_takes_back_ones_own_act_though_the_other_did_something_since(readers, articles):
    one, other = readers
    one.bookmark(articles[:1])
    other.mark_read(articles[1:3])
    assert one.undo() == "1 article bookmarked"
    assert one.undo() is None
    assert (one.counts().bookmarks, one.counts().unread) == (0, 2)
    assert one.redo() == "1 article bookmarked"
    assert other.undo() == "2 articles marked read"
    assert (other.counts().bookmarks, other.counts().unread) == (1, 4)


def test_what_was_done_before_both_were_opened_either_takes_back(store, articles, home):
    store.acts.bookmark(articles, on=True)
    reader = Library(home, since=store.acts.last())
    store.acts.mark_read(articles, read=True)
    assert reader.undo() == "4 articles bookmarked"
    assert reader.undo() is None
    assert store.acts.undo() == "4 articles marked read"
    reader.close()


def test_a_mark_that_another_made_since_stays(readers, articles):
    one, other = readers
    one.bookmark(articles[:2])
    other.bookmark(articles[:1], on=False)
    other.bookmark(articles[:1])
    assert one.undo() == "2 articles bookmarked"
    assert [row.bookmarked for row in one.headlines(articles)] == [True, False, False, False]


def test_a_note_that_another_wrote_since_stays(readers, articles):
    one, other = readers
    one.annotate(articles[0], "mine")
    other.annotate(articles[0], "yours")
    with pytest.raises(UsageError, match="left as it is"):
        one.undo()
    assert one.article(articles[0]).note == "yours"
    assert other.undo() is not None
    assert one.undo() is not None
    assert one.article(articles[0]).note == ""


ACTS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["read", "bookmark", "undo", "redo"])),
    min_size=2,
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(acts=ACTS)
def test_readers_of_different_articles_are_as_if_alone(tmp_path_factory, acts):
    home = tmp_path_factory.mktemp("two") / "home"
    store = Store(home)
    ids = store.articles.save(feed(), [Arrival(entry(f"A {n}")) for n in range(4)]).imported
    readers = [Library(home, since=0) for _ in range(2)]
    alone = [[], []]
    for who, what in acts:
        reader, own, mine = readers[who], alone[who], ids[2 * who : 2 * who + 2]
        if what == "undo":
            expected = [each for each in own if each[1]]
            assert (reader.undo() is None) == (not expected)
            if expected:
                expected[-1][1] = False
        elif what == "redo":
            undone = [each for each in own if not each[1]]
            if reader.redo() is not None:
                undone[0][1] = True
            else:
                # Whoever acts anew gives up all that can be done again.
                own[:] = [each for each in own if each[1]]
        else:
            act = reader.mark_read if what == "read" else reader.bookmark
            if act(mine):
                for each in alone:
                    each[:] = [step for step in each if step[1]]
                own.append([what, True])
        standing = [{step[0] for step in each if step[1]} for each in alone]
        rows = readers[0].headlines(ids)
        assert [row.read for row in rows] == ["read" in standing[n // 2] for n in range(4)]
        assert [row.bookmarked for row in rows] == [
            "bookmark" in standing[n // 2] for n in range(4)
        ]
    assert not store.wrong_counts()
    for each in (*readers, store):
        each.close()
