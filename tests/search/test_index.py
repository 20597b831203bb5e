"""The index: what it finds, how it ranks, what it survives."""

import multiprocessing
import random
import shutil
import threading
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from whoosh.index import FileIndex

from newsreader.errors import QueryError, SearchIndexError
from newsreader.model import ArticleID, EntityKind, SearchDocument
from newsreader.search import Index, _storage, parse
from newsreader.search._build import Buffer

NOW = datetime(2022, 7, 1, tzinfo=UTC)
WORDS = [
    "oil",
    "oils",
    "price",
    "prices",
    "priced",
    "house",
    "white",
    "Guaidó",
    "U.S.",
    "the",
    "日本語",
]


def document(number: int, text: str = "", title: str = "", **more: object) -> SearchDocument:
    return SearchDocument(id=ArticleID(number), title=title, text=text, **more)  # type: ignore[arg-type]


def found(index: Index, query: str, **more: object) -> set[int]:
    results = index.search(query, limit=1000, now=NOW, tz=UTC, **more)  # type: ignore[arg-type]
    assert results.total == len(results.hits)
    return {int(hit.article) for hit in results.hits}


# Matching


@pytest.fixture
def filled(index: Index) -> Index:
    index.update(
        [
            document(1, "The U.S. said Juan Guaidó’s plan raised oil prices.", "Venezuela talks",
                     entities=((EntityKind.PERSON, "Matthew Heath", 1),
                               (EntityKind.PLACE, "Caracas", 2))),
            document(2, "COVID-19 cost $1,000 in Heath Street.", "A report", source="Latin Post",
                     tags=("two words", "health"), url="https://example.org/world/x-y.html",
                     language="en-GB", author="Rick Martin", published=NOW - timedelta(2)),
            document(3, "नमस्ते दुनिया. 日本語の新聞. Ελλάδα", published=NOW - timedelta(9)),
        ]
    )  # fmt: skip
    return index


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("guaido", {1}), ("GUAIDÓ", {1}), ("price", {1}), ("pricing", {1}), ('"oil price"', {1}),
        ("us", {1}), ("U.S.", {1}), ("u.s", {1}), ("covid-19", {2}), ("19", {2}), ("1000", {2}),
        ("1,000", {2}), ("heath", {2}), ("person:heath", {1}), ("entity:caracas", {1}),
        ("place:heath", set()), ('source:"latin post"', {2}), ("tag:health", {2}),
        ('tag:"words health"', set()), ("url:world", {2}), ("lang:en", {2}), ("author:rick", {2}),
        ("नमस्ते", {3}), ("日本", {3}), ("新聞", {3}), ("聞", {3}), ("本語の新", {3}),
        ("本新", set()),
        ("ελλαδα", {3}), ("newer:3d", {2}), ("older:3d", {3}), ("date:2022-06", {2, 3}),
        ("-heath", {1, 3}), ("-date:2022", {1}), ("", {1, 2, 3}), ("&", set()), ("& oil", {1}),
        ("oil OR &", {1}), ("venezuelq~", {1}), ("plam~2", {1}), ("gua?do", {1}), ("ven*la", {1}),
        ("raisd~ pri*", {1}), ("xyzzy", set()), ("title:report", {2}), ("the", {1}),
        ("title:venezuela OR covid", {1, 2}), ('"plan oil"~1', {1}), ('"plan oil"', set()),
        ('"oil plan"~5', set()),
    ],
)  # fmt: skip
def test_matches(filled: Index, query: str, right: set[int]) -> None:
    assert found(filled, query) == right


def test_status_is_looked_up(filled: Index) -> None:
    have = {"is:read": {1}, "is:unread": {2, 3}, "has:note": set()}
    lookup = lambda name: have[name]  # noqa: E731  # one expression is the whole function
    assert found(filled, "is:unread heath", lookup=lookup) == {2}
    assert found(filled, "-is:read", lookup=lookup) == {2, 3}
    assert found(filled, "has:note", lookup=lookup) == set()
    assert found(filled, "", within={ArticleID(2)}) == {2}
    with pytest.raises(QueryError, match="is:read"):
        filled.search("is:read")


def test_titles_newness_and_dates_rank(index: Index) -> None:
    index.update(
        [
            document(1, "oil and much more text of other things"),
            document(2, "other things and much more text", "oil"),
            document(3, "gas", published=NOW - timedelta(300)),
            document(4, "gas", published=NOW),
            document(5, "gas"),
            document(6, "gas"),
        ]
    )
    order = lambda query, sort: [h.article for h in index.search(query, sort=sort, now=NOW).hits]  # noqa: E731  # short
    assert order("oil", "relevance") == [2, 1]
    assert order("gas", "relevance") == [4, 3, 6, 5]
    assert order("gas", "newest") == [4, 3, 6, 5]
    assert order("gas", "oldest") == [3, 4, 6, 5]
    page = index.search("gas", limit=2, offset=1, now=NOW)
    assert ([h.article for h in page.hits], page.total) == ([3, 6], 4)
    scores = [h.score for h in index.search("gas", now=NOW).hits]
    assert scores[2] == scores[3]
    assert scores[0] == pytest.approx(scores[2] * 1.1)


def test_scores_are_the_same_however_the_segments_lie(tmp_path: Path) -> None:
    rng = random.Random(5)
    every = [document(i, " ".join(rng.choices(WORDS, k=9))) for i in range(1, 40)]
    one, many = Index(tmp_path / "one", "h"), Index(tmp_path / "many", "h")
    one.update(every)
    for begin in range(0, 39, 7):
        many.update(every[begin : begin + 7])
    for query in ("oil", '"white house"', "pric*", "oil -gas prices"):
        left, right = (i.search(query, limit=99, now=NOW).hits for i in (one, many))
        assert [h.article for h in left] == [h.article for h in right]
        assert [h.score for h in left] == pytest.approx([h.score for h in right], abs=1e-6)


def test_deadline_gives_what_was_found(filled: Index) -> None:
    late = filled.search("oil OR heath", deadline_s=-1.0)
    assert (late.complete, late.hits) == (False, [])
    assert filled.search("oil", deadline_s=60).complete


HOSTILE = [
    "(" * 35 + "oil" + ")" * 35, "oil " * 190, "a" * 9_000, "aaa*" + "a*" * 25 + "b", "oil\x00",
    "NOT " * 35 + "oil", "((oil", '"', "*", "~9", "oil~9", "OR", "::::", "\u202eoil", "🛢️🛢", "-",
    "aaa????*?*?*?", "pric*" * 8, "title:title:title:x", '"oil price"~50', "- -", "\ud800", "'",
    "’s", "...", "oil^9",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("typing", [False, True])
def test_hostile_queries_are_answered_or_refused(index: Index, query: str, typing: bool) -> None:
    index.update(
        [
            document(
                1, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac oil \ud800 \x00", "a" * 9_000
            )
        ]
    )
    try:
        results = index.search(parse(query, typing=typing))
    except QueryError:
        return
    assert results.took_ms < 2_000


# Writing


def test_a_part_of_the_segments_is_merged(index: Index) -> None:
    for number in range(1, 60):
        index.update([document(number, f"oil {number}")])
        if number % 3 == 0:
            index.delete([ArticleID(number - 1)])
    right = {n for n in range(1, 60) if n % 3 != 2 or n == 59}
    assert found(index, "oil") == index.ids() == right
    assert found(index, "7") == {7}
    assert len(index.segments()) > 25
    while index.tidy(0.001):
        index.update([document(99, f"oil {len(index.segments())}")])
    assert found(index, "oil") == index.ids() == right | {99}
    assert found(index, "7") == {7}
    assert len(index.segments()) < 15
    index.verify()
    index.delete(map(ArticleID, range(100)))
    assert index.document_count() == 0
    assert not index.tidy()
    assert not index.segments()


def test_positions_beyond_the_last_are_found_by_word(index: Index) -> None:
    index.update([document(1, "filler " * 70_000 + "white house"), document(2, "white house")])
    assert found(index, "house") == {1, 2}
    assert found(index, '"white house"') == {1, 2}
    index.update([document(1, "filler " * (1 << 20) + "white house")])
    assert found(index, "house") == {1, 2}
    assert found(index, '"white house"') == {2}


def test_a_second_writer_is_refused_and_the_first_goes_on(index: Index, tmp_path: Path) -> None:
    with index._writer() as writer:
        with pytest.raises(SearchIndexError, match="another process"):
            Index(tmp_path / "index", "home-1").update([document(2, "gas")])
        buffer = Buffer()
        buffer.add(document(1, "oil"))
        writer.commit([writer.write(*buffer.build())])
    assert index.ids() == {1}


class Broken:
    """A text that fails when it is read, as a full disk would."""

    def split(self) -> list[str]:
        raise OSError("disk full")


def test_a_failed_commit_leaves_no_lock_and_no_trace(index: Index, tmp_path: Path) -> None:
    index.update([document(1, "oil")])
    files = {path.name for path in (tmp_path / "index").iterdir()}
    with pytest.raises(SearchIndexError, match="disk full"):
        index.update([document(1, "gas"), document(2, Broken())])  # type: ignore[arg-type]
    assert {path.name for path in (tmp_path / "index").iterdir()} == files
    assert found(index, "oil") == {1}
    index.update([document(2, "oil")])
    assert found(index, "oil") == {1, 2}


def test_rebuild_and_destroy(filled: Index, tmp_path: Path) -> None:
    filled.rebuild(document(n, "new oil") for n in range(1, 26))
    assert filled.document_count() == 25
    assert found(filled, "guaido") == set()
    filled.destroy()
    assert not (tmp_path / "index").exists()
    assert filled.document_count() == 0


def test_another_home_or_version_is_refused(
    filled: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Index(tmp_path / "index", "home-2")
    with pytest.raises(SearchIndexError, match="another library"):
        other.search("oil")
    monkeypatch.setattr(_storage, "VERSION", 0)
    with pytest.raises(SearchIndexError, match="another version"):
        Index(tmp_path / "index", "home-1").update([document(1)])
    other.rebuild([document(1, "oil")])
    assert found(other, "oil") == {1}


@pytest.mark.parametrize("harm", ["cut", "cut one", "remove", "noise", "empty"])
@pytest.mark.parametrize("kind", ["*.lists", "_MAIN_*.toc", "newsreader.json"])
def test_damage_is_reported_and_mended_by_rebuild(
    filled: Index, tmp_path: Path, kind: str, harm: str
) -> None:
    filled.close()
    (path,) = (tmp_path / "index").glob(kind)
    content = path.read_bytes()
    if harm == "remove":
        path.unlink()
    else:
        noise = random.Random(1).randbytes(len(content) + 1)
        path.write_bytes({"cut": content[: len(content) // 2], "cut one": content[:-1],
                          "noise": noise, "empty": b""}[harm])  # fmt: skip
    for act in (lambda: filled.search("oil"), lambda: filled.update([document(9, "oil")])):
        with pytest.raises(SearchIndexError):
            act()
    filled.rebuild([document(1, "oil")])
    assert found(filled, "oil") == {1}


def test_verify_sees_one_wrong_byte(filled: Index, tmp_path: Path) -> None:
    filled.verify()
    filled.close()
    (path,) = (tmp_path / "index").glob("*.lists")
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(SearchIndexError, match="damaged"):
        filled.verify()


def _write(directory: str) -> None:
    index = Index(Path(directory), "home-1")
    for number in range(2, 42):
        index.update([document(number, "oil"), document(1, f"oil {number}")])


def test_reading_while_another_process_commits(index: Index, tmp_path: Path) -> None:
    index.update([document(1, "oil")])
    writer = multiprocessing.get_context("spawn").Process(
        target=_write, args=(str(tmp_path / "index"),)
    )
    writer.start()
    last = 1
    try:
        while writer.is_alive():
            results = index.search("oil", limit=99)
            ids = [hit.article for hit in results.hits]
            assert sorted(ids) == list(range(1, len(ids) + 1))  # no ghost, nothing twice
            assert len(ids) >= last
            last = len(ids)
    finally:
        writer.join()
    assert index.search("oil").total == 41


def test_reading_while_a_thread_commits(index: Index, tmp_path: Path) -> None:
    index.update([document(1, "oil")])
    thread = threading.Thread(target=_write, args=(str(tmp_path / "index"),))
    thread.start()
    while thread.is_alive():
        assert index.search("oil").total >= 1
    thread.join()
    assert index.ids() == set(range(1, 42))


def test_nothing_is_stored_but_ids_and_dates(filled: Index) -> None:
    schema = FileIndex(_storage.DurableStorage(str(filled._directory))).schema
    assert [name for name, field in schema.items() if field.stored] == []
    shutil.rmtree(filled._directory)


def test_reading_makes_nothing(index: Index, tmp_path: Path) -> None:
    assert index.search("oil").total == 0
    assert index.document_count() == 0
    assert index.generation() == -1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seconds", [0.35, 0.5])
def test_a_killed_writer_leaves_whole_commits(index: Index, tmp_path: Path, seconds: float) -> None:
    index.update([document(1, "oil")])
    writer = multiprocessing.get_context("spawn").Process(
        target=_write, args=(str(tmp_path / "index"),)
    )
    writer.start()
    writer.join(seconds)
    writer.kill()
    writer.join()
    ids = index.ids()
    assert ids == set(range(1, len(ids) + 1))
    index.verify()
    index.update([document(99, "oil")])
    assert found(index, "oil") == ids | {99}
    left = [path.name for path in (tmp_path / "index").iterdir()]
    assert len([name for name in left if name.endswith(".toc")]) == 1


def test_words_that_are_gone_are_forgotten_when_segments_merge(index: Index) -> None:
    for number in range(1, 6):
        index.update([document(number, "price" if number > 1 else "pricing prices")])
    index.delete([ArticleID(1)])
    assert index.tidy(0) or not index.tidy()
    index.tidy()
    (segment, *_) = index._current().segments
    lists = segment.lists("text")
    assert lists is not None
    assert lists.surfaces.some(0, len(lists.surfaces)) == ["price"]
    assert found(index, "pricing") == {2, 3, 4, 5}
    assert found(index, "pricing*") == set()


TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("date:2021..today", {2}), ("date:today..2026", set()), ("date:today..2027", set()),
        ("date:0001", {3}), ("-date:0001-01-01..2027", {1}), ("newer:9999y", {1, 2, 3}),
        ("older:9999y", set()), ("older:0001-01-01", set()), ("date:9998..", {1}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("zone", [UTC, TOKYO, NEW_YORK])
def test_a_time_that_was_once_read_is_one_at_any_moment_and_in_any_zone(
    tmp_path: Path, query: str, ids: set[int], zone: tzinfo
) -> None:
    index = Index(tmp_path / "index", "home")
    dates = [
        datetime(9999, 12, 31, 12, tzinfo=UTC),
        datetime(2022, 6, 1, tzinfo=UTC),
        datetime(1, 1, 1, 6, tzinfo=UTC),
    ]
    index.update(
        SearchDocument(id=ArticleID(n), title="Report", text="oil", published=when)
        for n, when in enumerate(dates, 1)
    )
    now = datetime(2028, 1, 2, 12, tzinfo=UTC)
    assert set(index.matching(query, now=now, tz=zone)) == ids
    years = dict(index.facets(query, now=now, tz=zone).counts["year"])
    assert sum(years.values()) == len(ids)


def test_suggestions_and_facets_end_when_their_time_is_up(tmp_path: Path) -> None:
    index = Index(tmp_path / "index", "home")
    index.update([SearchDocument(id=ArticleID(1), title="Harbour", text="oil", source="Post")])
    query = parse("harbur")
    assert index.suggest(query) == "harbour"
    assert index.suggest(query, deadline_s=0) is None
    assert index.suggest(query, stop=lambda: True) is None
    assert index.facets("oil").counts["source"] == [("Post", 1)]
    counts, complete = index.facets("oil", deadline_s=0)
    assert counts["source"] == [] and not complete
