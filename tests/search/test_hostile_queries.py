"""Queries meant to hurt are answered or refused in words, by everything that takes queries."""

import pytest
from bench.hostile_queries import Clock, ask, classes
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import entry, feed

from newsreader.derive import Deriver
from newsreader.errors import QueryError, SearchFailedError, SearchIndexError
from newsreader.finder import Finder
from newsreader.model import ArticleID, SearchDocument
from newsreader.search import Index, parse, percolate
from newsreader.search._index import Asked
from newsreader.search.query import FIELDS, MAX_CLAUSES
from newsreader.store import Arrival


def test_every_hostile_query_is_answered_or_refused(store, home):
    words = "of the in to ferry council oil Überfahrt 渡船 مدينة a aa ab"
    articles = [Arrival(entry(f"Ferry {n}", f"{words} {n} " * 20, guid=str(n))) for n in range(40)]
    store.articles.save(feed(), articles)
    deriver = Deriver(store, home, recognise=False)
    deriver.prepare()
    while deriver.step():
        pass
    finder, clock = Finder(home), Clock()
    for kind, query in classes():
        ask(finder, clock, kind, query)
    finder.close()
    deriver.close()
    assert clock.errors and clock.count > 600


def test_hostile_saved_searches_do_not_stop_what_arrives(store, home):
    for number, (_, query) in enumerate(classes()):
        if number % 9 == 0:
            store.saved.keep(f"Search {number}", query.replace("\0", " ")[:10_000], ("read",))
    store.articles.save(feed(), [Arrival(entry(f"Ferry {n}", guid=str(n))) for n in range(5)])
    deriver = Deriver(store, home, recognise=False)
    deriver.prepare()
    while deriver.step():
        pass
    deriver.close()
    assert not store.todo.pending().index and all(search.ready for search in store.saved.all())


DOCUMENT = SearchDocument(ArticleID(1), "Ferry", "Oil in the ferry.")

HOSTILE = st.one_of(
    st.text(max_size=80),
    st.text(st.characters(categories=["Cs", "Cc", "Cf", "Mn", "Lo", "So"]), max_size=40),
    st.lists(
        st.sampled_from(
            (*(f"{name}:" for name in FIELDS), *'()"*?~-. \0\ud800', "OR ", "the", "日本", "9" * 30)
        ),
        max_size=60,
    ).map("".join),
)


@settings(max_examples=60, deadline=None)
@given(HOSTILE, st.booleans())
def test_any_text_is_read_or_refused_where_it_is_wrong(text: str, typing: bool) -> None:
    try:
        query = parse(text, typing=typing)
    except QueryError as error:
        assert 1 <= error.column <= len(text) + 1
        assert str(error)
    else:
        percolate([DOCUMENT], [query], lookup=lambda name: [ArticleID(1)])


@pytest.mark.parametrize("sign", [*list(".-/'_"), "\u200b"])
@pytest.mark.parametrize("form", ["{}", '"{}"', "title:{}", "({})", "{}~"])
def test_signs_do_not_hide_more_words_than_a_query_may_have(sign, form):
    with pytest.raises(QueryError, match=r"words|'~' goes"):
        parse(form.format(sign.join(["oil"] * (MAX_CLAUSES + 1))))
    assert parse("日本語" * 60).node


@pytest.fixture
def index(tmp_path):
    index = Index(tmp_path / "index", "home")
    index.update([DOCUMENT])
    return index


def test_a_query_out_of_time_is_refused_where_only_all_will_do(index):
    with pytest.raises(SearchFailedError, match="longer than"):
        index.matching("oil", deadline_s=0)
    assert list(index.matching("oil", deadline_s=60)) == [1]
    assert percolate([DOCUMENT], [parse("oil")], deadline_s=0) == [None]
    assert percolate([DOCUMENT], [parse("oil")], deadline_s=60) == [{1}]


@pytest.mark.parametrize("fault", [ValueError, IndexError, RecursionError, MemoryError])
def test_a_query_that_fails_is_no_damage(index, monkeypatch, fault):
    def failing(asked, segment):
        raise fault("a mistake of ours")

    with monkeypatch.context() as patched:
        patched.setattr(Asked, "matching", failing)
        for ask_it in (index.search, index.matching, index.facets):
            with pytest.raises(SearchFailedError):
                ask_it("oil")
        assert percolate([DOCUMENT], [parse("oil")]) == [None]
    assert index.search("oil").total == 1


def test_damage_that_makes_a_query_fail_is_called_damage(index, tmp_path, monkeypatch):
    (path,) = (tmp_path / "index").glob("*.lists")
    raw = bytearray(path.read_bytes())
    raw[8] ^= 0xFF
    index.close()
    path.write_bytes(raw)

    def failing(asked, segment):
        raise IndexError("out of bounds")

    monkeypatch.setattr(Asked, "matching", failing)
    with pytest.raises(SearchIndexError, match="damaged"):
        index.search("oil")
