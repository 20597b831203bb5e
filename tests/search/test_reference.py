"""The index against a reference that does everything the slow way."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.search.reference import NAMES, Reference
from whoosh import fields, query
from whoosh.filedb.filestore import RamStorage

from newsreader.model import ArticleID, SearchDocument
from newsreader.search import Index, Query, _snapshot, matches, nodes, percolate
from newsreader.search._analysis import wanted
from newsreader.search._schema import Words
from newsreader.search.query import WORDS_IN

NOW = datetime(2022, 7, 1, tzinfo=UTC)
ENGLISH = [
    "oil",
    "oils",
    "price",
    "prices",
    "priced",
    "pricing",
    "house",
    "houses",
    "white",
    "Guaidó",
    "U.S.",
    "the",
    "x-ray",
    "1,000",
]
FEW = ["oil", "oils", "price", "priced", "the"]
"""So few that phrases of them are found."""
GERMAN = ["Haus", "Häuser", "Häusern", "oil", "die", "the"]
RUSSIAN = ["книга", "книги", "книгу", "oil"]
CHINESE = ["日本語", "日本", "本"]
ROMANCE = ["guaido", "élection", "election", "elections", "canción", "cancion"]
WORDS = [*ENGLISH, *GERMAN, *RUSSIAN, *CHINESE, *ROMANCE]
DATES = [None, *(NOW - timedelta(days) for days in (-2, 0, 3, 40, 400))]
NAMED = ["0001", "2021", "2022", "2022-02", "2022-06", "2022-06-01", "2022-06-30", "9999-12-30"]
PERIODS = [
    "2022",
    "2022-06",
    "2022-06-01",
    "2022-02-01..2022-02-28",
    "..2022-06",
    "2022-03..",
    "today",
]
STATUSES = {"is:read": {1, 4, 5}, "has:note": {2}, "is:unread": {2, 3, 6, 99}}


def lookup(name: str) -> set[int]:
    return STATUSES[name]


def some(words: Sequence[str], most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(words), max_size=most).map(" ".join)


documents = st.builds(
    lambda number, text, title, language, published, source, author, tags, entities, dates: (
        SearchDocument(
            ArticleID(number),
            title,
            text,
            source=source,
            author=author,
            url=f"https://oil.example/{author.replace(' ', '-')}",
            language=language,
            published=published,
            tags=tags,
            entities=entities,
            dates=dates,
        )
    ),
    st.integers(1, 9),
    some(FEW, 8) | some(WORDS, 40),
    some(FEW, 3) | some(WORDS, 4),
    st.sampled_from(["", "en", "en-GB", "de", "ru", "zh", "xx", "es", "fr"]),
    st.sampled_from(DATES),
    st.sampled_from(["", "White House Daily", "Oil Post\nThe House"]),
    some(FEW, 2),
    st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
    st.lists(
        st.tuples(st.sampled_from(sorted(NAMES.values())), some(ENGLISH, 3), st.integers(1, 5)),
        max_size=3,
    ).map(tuple),
    st.lists(st.sampled_from(NAMED), max_size=3, unique=True).map(tuple),
)
phrases = st.builds(nodes.Phrase, some(FEW, 3).filter(bool), st.integers(0, 3))
words = st.builds(nodes.Word, st.sampled_from(WORDS))
leaves = st.one_of(
    words,
    phrases,
    st.builds(nodes.Phrase, some(WORDS, 3).filter(bool)),
    st.builds(
        nodes.Prefix, st.sampled_from(["pr", "priced", "oils", "hous", "gu", "日", "кни", "élec"])
    ),
    st.builds(nodes.Prefix, st.sampled_from(["oil-priced", "the-price", "the-oils", "oil-th"])),
    st.sampled_from([nodes.Fuzzy("oils"), nodes.Fuzzy("hause", 2), nodes.Fuzzy("книга")]),
    st.sampled_from([nodes.Wildcard("pri*d"), nodes.Wildcard("hou?e"), nodes.Wildcard("häu*")]),
    st.sampled_from([nodes.Period("date", "2022-06"), nodes.Period("older", "30d")]),
    st.builds(nodes.Period, st.just("mentions"), st.sampled_from(PERIODS)),
    st.sampled_from([nodes.Word("e1"), nodes.Word("e3"), nodes.Prefix("e2")]),
    st.sampled_from([nodes.Status(*name.split(":")) for name in STATUSES]),
)
named = st.builds(
    nodes.within,
    st.sampled_from(WORDS_IN),
    leaves,
)
trees = st.recursive(
    leaves | named,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda n: nodes.every(nodes.And, n)),
        st.lists(inner, min_size=2, max_size=3).map(lambda n: nodes.every(nodes.Or, n)),
        inner.map(nodes.negated),
    ),
    max_leaves=5,
)


class Searching(RuleBasedStateMachine):
    """Articles come, change and go in several commits; every search is what the reference says."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        self.index = Index(self.folder / "index", "home")
        self.live: dict[int, SearchDocument] = {}
        self.written: dict[str, dict[int, SearchDocument]] = {}

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def _note(self) -> None:
        for segment in self.index._current().segments:
            if segment.name not in self.written:
                self.written[segment.name] = {n: self.live[n] for n in segment.ids.tolist()}

    def _ghosts(self) -> Iterator[SearchDocument]:
        snapshot = self.index._current()
        for segment in snapshot.segments:
            for n in segment.ids[~snapshot.live[segment.name]].tolist():
                yield self.written[segment.name][n]

    def _reference(self) -> Reference:
        return Reference(list(self.live.values()), list(self._ghosts()), NOW, lookup)

    @initialize(batch=st.lists(documents, min_size=5, max_size=9))
    def begin(self, batch: list[SearchDocument]) -> None:
        self.update(batch)

    @rule(batch=st.lists(documents, min_size=1, max_size=5))
    def update(self, batch: list[SearchDocument]) -> None:
        self.index.update(batch)
        self.live.update({int(document.id): document for document in batch})
        self._note()

    @rule(gone=st.sets(st.integers(1, 9), max_size=2))
    def delete(self, gone: set[int]) -> None:
        self.index.delete(map(ArticleID, gone))
        for number in gone:
            self.live.pop(number, None)

    @rule()
    def tidy(self) -> None:
        self.index.tidy()
        self._note()

    @rule()
    def reopen(self) -> None:
        self.index = Index(self.folder / "index", "home")

    @rule(asked=st.lists(leaves | named | trees, min_size=4, max_size=10))
    def search(self, asked: list[nodes.Node]) -> None:
        reference = self._reference()
        for node in asked:
            self._search(node, reference.search(node))

    def _search(self, node: nodes.Node, right: dict[int, float]) -> None:
        found = self.index.search(Query(node), limit=50, lookup=lookup, now=NOW, tz=UTC)
        scores = {int(hit.article): hit.score for hit in found.hits}
        assert scores.keys() == right.keys(), str(node)
        assert scores == pytest.approx(right, rel=1e-6, abs=1e-6), str(node)
        order = [int(hit.article) for hit in found.hits]
        assert found.total == len(order)
        for one, other in pairwise(order):
            assert right[one] >= right[other] * (1 - 1e-6)
            if right[one] == right[other]:
                assert self._newness(one) > self._newness(other)
        page = self.index.search(
            Query(node), limit=2, offset=1, lookup=lookup, now=NOW, tz=UTC, within=range(3, 99)
        )
        others = [hit for hit in found.hits if hit.article >= 3]
        assert page.total == len(others)
        assert page.hits == others[1:3]

    @rule(node=trees)
    def by_date(self, node: nodes.Node) -> None:
        right = self._reference().search(node)
        newest = sorted(right, key=self._newness, reverse=True)
        dated = [n for n in right if self.live[n].published is not None]
        oldest = sorted(dated, key=lambda n: (self.live[n].published, -n))
        oldest += [n for n in newest if n not in dated]
        for sort, order in (("newest", newest), ("oldest", oldest)):
            for limit in (1, 50):
                found = self.index.search(
                    Query(node), limit=limit, sort=sort, lookup=lookup, now=NOW, tz=UTC
                )
                assert [int(hit.article) for hit in found.hits] == order[:limit]

    def _newness(self, number: int) -> tuple[datetime, int]:
        return self.live[number].published or datetime.min.replace(tzinfo=UTC), number

    @rule(node=trees)
    def others(self, node: nodes.Node) -> None:
        right = set(self._reference().search(node))
        arguments = {"lookup": lookup, "now": NOW, "tz": UTC}
        assert set(self.index.matching(Query(node), **arguments)) == right
        assert set(self.index.matching(Query(node), without=[1, 2], **arguments)) == right - {1, 2}
        *_, last = self.index.answers(Query(node), limit=50, **arguments)
        assert {int(hit.article) for hit in last.hits} == right
        facets, complete = self.index.facets(Query(node), limit=99, **arguments)
        assert complete
        matched = [self.live[n] for n in right]
        assert dict(facets["source"]) == counted(d.source.split("\n")[0] for d in matched)
        assert dict(facets["year"]) == counted(
            str(d.published.year) for d in matched if d.published
        )
        for field, kind in NAMES.items():
            ids = (n for d in matched for n in {str(n) for k, _, n in d.entities if k is kind})
            assert dict(facets[field]) == counted(ids)

    @rule(node=trees)
    def arriving(self, node: nodes.Node) -> None:
        (found,) = percolate(self.live.values(), [Query(node)], lookup=lookup, now=NOW, tz=UTC)
        assert found == set(self._reference().search(node)), str(node)

    @invariant()
    def everything_is_there(self) -> None:
        assert self.index.ids() == set(self.live)


def counted(values: Iterator[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        if value:
            counts[value] = counts.get(value, 0) + 1
    return counts


Searching.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestSearching = Searching.TestCase


@settings(max_examples=40, deadline=None)
@given(documents, words | phrases)
def test_what_is_found_is_shown(document: SearchDocument, leaf: nodes.Leaf) -> None:
    document = document._replace(entities=())
    shown = [
        matches(document.title, Query(leaf), language=document.language, title=True),
        matches(document.text, Query(leaf), language=document.language),
    ]
    (found,) = percolate([document], [Query(leaf)])
    assert bool(found) == any(shown)


positive = st.recursive(
    words | phrases,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda n: nodes.every(nodes.And, n)),
        st.lists(inner, min_size=2, max_size=3).map(lambda n: nodes.every(nodes.Or, n)),
    ),
    max_leaves=4,
)


def shows(document: SearchDocument, node: nodes.Node) -> bool:
    """Tell whether what ``matches`` marks in a document fulfils a query of words and phrases."""
    match node:
        case nodes.And():
            return all(shows(document, child) for child in node.nodes)
        case nodes.Or():
            return any(shows(document, child) for child in node.nodes)
        case _:
            code, asked = document.language, Query(node)
            title = matches(document.title, asked, language=code, title=True)
            return bool(title or matches(document.text, asked, language=code))


@settings(max_examples=40, deadline=None)
@given(documents, positive)
def test_what_a_whole_query_finds_is_shown(document: SearchDocument, node: nodes.Node) -> None:
    (found,) = percolate([document], [Query(node)])
    assert bool(found) == shows(document, node), str(node)


def test_many_groups_are_rated_only_while_few(tmp_path: Path) -> None:
    for count in (_snapshot.FEW, _snapshot.FEW + 1):
        index = Index(tmp_path / str(count), "home")
        live = [
            SearchDocument(ArticleID(n), "", f"pre{n:03}x", language="xx")
            for n in range(1, count + 1)
        ]
        index.update(live[:40])
        index.update(live[40:])
        right = Reference(live, [], NOW, lookup).search(nodes.Prefix("pre"))
        found = index.search("pre*", limit=99, now=NOW, tz=UTC)
        scores = {int(hit.article): hit.score for hit in found.hits}
        assert scores == pytest.approx(right, rel=1e-6)
        assert any(scores.values()) == (count == _snapshot.FEW)


def test_forms_of_a_group_count_in_every_segment(tmp_path: Path) -> None:
    index = Index(tmp_path / "index", "home")
    live = [SearchDocument(ArticleID(n), "", "priced" if n == 1 else "price") for n in range(1, 5)]
    index.update(live[:1])
    index.update(live[1:])
    right = Reference(live, [], NOW, lookup).search(nodes.Prefix("priced"))
    found = index.search("priced*", now=NOW, tz=UTC)
    assert {int(hit.article): hit.score for hit in found.hits} == pytest.approx(right, rel=1e-6)


def test_a_first_answer_is_a_part_of_the_whole(tmp_path: Path) -> None:
    index = Index(tmp_path / "index", "home")
    for begin in (0, 100):
        index.update(
            SearchDocument(ArticleID(n), "", f"oil {n}", published=NOW + timedelta(n))
            for n in range(begin, begin + 100)
        )
    first, whole = index.answers("oil", limit=300, now=NOW)
    assert (first.complete, first.total, whole.complete, whole.total) == (False, 100, True, 200)
    assert {hit.article for hit in first.hits} == set(range(100, 200))
    assert {hit.article for hit in whole.hits} == set(range(200))
    assert [r.complete for r in index.answers("oil", stop=lambda: True)] == [False]


def test_of_many_phrases_a_first_answer_is_made_of_the_newest(tmp_path: Path) -> None:
    index = Index(tmp_path / "index", "home")
    words = [f"w{chr(97 + n)}" for n in range(20)]
    index.update(
        SearchDocument(
            ArticleID(n),
            "",
            f"x {words[n % 20]} y z{' no' * (n % 3)}",
            published=NOW + timedelta(n),
        )
        for n in range(3_000)
    )
    phrases = " OR ".join(f'"{word} y"' for word in words)
    for asked, right in (
        (phrases, range(3_000)),
        (f"({phrases}) -no", range(0, 3_000, 3)),
        (f"z -({phrases.replace('wa y', 'y wa')})", range(0, 3_000, 20)),
    ):
        first, *_, whole = index.answers(asked, limit=3_000, now=NOW)
        newest = {n for n in right if n >= 2_000}
        assert {hit.article for hit in whole.hits} == set(right) and whole.complete
        assert {hit.article for hit in first.hits} == newest and not first.complete
        scores = {hit.article: hit.score for hit in whole.hits}
        assert all(scores[hit.article] == pytest.approx(hit.score) for hit in first.hits)


def test_other_languages_have_stems_of_their_own(tmp_path: Path) -> None:
    index = Index(tmp_path / "index", "home")
    index.update(
        [
            SearchDocument(ArticleID(1), "", "Juan Guaidó habló", language="es"),
            SearchDocument(ArticleID(2), "", "Die Häuser am See", language="de"),
            SearchDocument(ArticleID(3), "", "The houses", language="en"),
            SearchDocument(ArticleID(4), "", "houses", language="xx"),
        ]
    )
    for text, right in (("guaido", {1}), ("haus", {2}), ("house", {3}), ("houses", {3, 4})):
        assert {hit.article for hit in index.search(text).hits} == right


def whoosh_query(node: nodes.Node) -> query.Query:
    """Return a query for Whoosh's own searcher."""
    match node:
        case nodes.And():
            return query.And([whoosh_query(child) for child in node.nodes])
        case nodes.Or():
            return query.Or([whoosh_query(child) for child in node.nodes])
        case nodes.Not():
            return query.And([query.Every(), query.Not(whoosh_query(node.node))])
        case nodes.Word() | nodes.Phrase():
            groups = [slot.group("en") for slot in wanted(node.text)]
            if len(groups) == 1:
                return query.Term("text", groups[0])
            return query.Phrase("text", groups, slop=1)
        case _:
            raise AssertionError(node)


plain = st.recursive(
    st.sampled_from([nodes.Word(word) for word in ENGLISH])
    | some(ENGLISH, 3).filter(lambda text: len(wanted(text)) > 1).map(nodes.Phrase),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda n: nodes.every(nodes.And, n)),
        st.lists(inner, min_size=2, max_size=3).map(lambda n: nodes.every(nodes.Or, n)),
        inner.map(nodes.negated),
    ),
    max_leaves=4,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(some(ENGLISH, 12), min_size=1, max_size=8), st.lists(plain, max_size=4))
def test_whoosh_finds_the_same(texts: list[str], trees: list[nodes.Node]) -> None:
    stock = RamStorage().create_index(fields.Schema(number=fields.STORED, text=Words("en")))
    with stock.writer() as writer:
        for number, text in enumerate(texts):
            writer.add_document(number=number, text=text)
    live = [SearchDocument(ArticleID(n), "", text) for n, text in enumerate(texts)]
    with stock.searcher() as searcher:
        for node in trees:
            theirs = {hit["number"] for hit in searcher.search(whoosh_query(node), limit=None)}
            (ours,) = percolate(live, [Query(node)])
            assert ours == theirs, str(node)


def test_whoosh_reads_our_lists(tmp_path: Path) -> None:
    from whoosh.index import FileIndex

    from newsreader.search import _storage

    index = Index(tmp_path / "index", "home")
    index.update(
        [
            SearchDocument(ArticleID(1), "White House", "The oil price, the prices."),
            SearchDocument(ArticleID(2), "", "White oil houses", source="Oil Post"),
        ]
    )
    index.delete([ArticleID(3)])
    stock = FileIndex(_storage.DurableStorage(str(tmp_path / "index")))
    with stock.searcher() as searcher:
        column = searcher.reader().column_reader("id")

        def found(asked: query.Query) -> set[int]:
            return {column[n] for n in searcher.docs_for_query(asked)}

        assert found(query.Term("text", "oil")) == {1, 2}
        assert found(query.Phrase("text", ["white", "hous"])) == {1}
        assert found(query.Prefix("text", "pri")) == {1}
        assert found(query.Term("source", "post")) == {2}
        assert searcher.reader().doc_frequency("text", "price") == 1
        assert searcher.reader().frequency("text", "price") == 2.0
