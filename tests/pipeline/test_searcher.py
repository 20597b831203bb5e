"""The search process: which request is answered, what an answer says."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.conftest import ROOT, Arrival, entry, feed

from newsreader.derive import Deriver
from newsreader.finder import Finder
from newsreader.model import EntityKind, Recognised
from newsreader.searcher import Waiting, answers
from newsreader.store import Store
from newsreader.tui.background import Searcher


@pytest.fixture
def library(home: Path, store: Store) -> Path:
    """Articles of two outlets and years, with names in them."""
    texts = [
        (
            "Oil falls",
            "Matthew Heath of Océano Norte saw the harbour in Caracas.",
            2021,
            "Latin Post",
        ),
        ("Oil rises", "Matthew Heath left Caracas by the harbour.", 2022, "Latin Post"),
        ("Rain", "Nobody saw the harbour of Caracas in the rain.", 2022, "The Ledger"),
    ]
    entries = [
        entry(title, text, outlet=outlet, guid=title, published=datetime(year, 6, 1, tzinfo=UTC))
        for title, text, year, outlet in texts
    ]
    store.articles.save(feed(), [Arrival(each, scope="feed") for each in entries])
    names = (
        ("Matthew Heath", EntityKind.PERSON),
        ("Caracas", EntityKind.PLACE),
        ("Océano Norte", EntityKind.ORGANISATION),
    )
    for task in store.todo.take("entities", 10):
        text = store.articles.text(task.article) or ""
        found = [
            Recognised(start=at, end=at + len(name), kind=kind, name=name)
            for name, kind in names
            if (at := text.find(name)) >= 0
        ]
        store.entities.save(task, text, sorted(found), 1)
    store.acts.tag(store.articles.all_ids()[:2], add=["sea trade"], drop=[])
    deriver = Deriver(store, home, recognise=False)
    deriver.prepare()
    while deriver.step():
        pass
    deriver.close()
    return home


def labels(finder: Finder, text: str) -> list[tuple[str, int | None]]:
    return [(each.label, each.articles) for _, each in finder.complete(text, len(text)).choices]


def test_values_are_completed_from_the_library(library: Path) -> None:
    finder = Finder(library)
    assert labels(finder, "source:lat") == [("Latin Post", 2)]
    assert labels(finder, 'source:"pos')[0] == ("Latin Post", 2)
    assert labels(finder, "person:hea") == [("Matthew Heath", 2)]
    assert labels(finder, "person:cara") == []
    assert labels(finder, "org:NORTE") == [("Océano Norte", 1)]
    assert labels(finder, "org:oceano n") == []
    assert labels(finder, 'org:"oceano n') == [("Océano Norte", 1)]
    assert labels(finder, "entity:")[0] == ("Caracas", 3)
    assert labels(finder, "tag:trade") == [("sea trade", 2)]
    assert labels(finder, "is:")[:2] == [("read", 0), ("unread", 3)]
    assert labels(finder, "date:20") == [("2022", 2), ("2021", 1)]
    assert labels(finder, "date:last") == [("last week", None), ("last month", None)]
    assert labels(finder, "newer:7") == [("7d", None)]
    assert labels(finder, "title:oi") == []
    offer = finder.complete("oil person:heath", 16)
    assert (offer.start, offer.end, offer.choices[0][0]) == (4, 16, 'person:"Matthew Heath" ')
    finder.close()


def test_every_completion_can_be_searched_for(library: Path) -> None:
    finder = Finder(library)
    assert finder.warm() and not finder.warm()
    for text in ("source:", "tag:", "person:", "org:", "place:", "entity:", "date:20", "is:un"):
        for query, meant in finder.complete(text, len(text)).choices:
            assert finder.find(query).total == meant.articles, query
    finder.close()


def test_facets_narrow_to_what_they_count(library: Path) -> None:
    finder = Finder(library)
    found = [tuple(each) for each in finder.facets("harbour").rows]
    assert ("source", "Latin Post", 2) in found and ("date", "2022", 2) in found
    assert ("person", "Matthew Heath", 2) in found and ("place", "Caracas", 3) in found
    assert ("org", "Océano Norte", 1) in found
    for field, value, count in found:
        assert finder.find(f'harbour {field}:"{value}"').total == count
    finder.close()


def test_every_request_is_answered_or_says_why(library: Path) -> None:
    finder = Finder(library)
    first = next(answers(finder, {"id": 1, "query": "harbour", "scope": ["all", ""]}))
    assert (first["id"], first["total"], first["complete"]) == (1, 3, True)
    ids = first["ids"]
    for request, key in [
        ({"id": 2, "snippets": ids, "query": "harbour"}, "snippets"),
        ({"id": 2, "article": ids[0], "query": "harbour"}, "matches"),
        ({"id": 2, "article": 99, "query": "harbour"}, "matches"),
        ({"id": 2, "complete": "per", "at": 3}, "choices"),
        ({"id": 2, "complete": "", "at": 0}, "choices"),
        ({"id": 2, "warm": 1}, "more"),
        ({"id": 2, "facets": 1, "query": "harbour"}, "facets"),
        ({"id": 2, "query": "title:("}, "error"),
        ({"id": 2, "facets": 1, "query": "title:("}, "error"),
        ({"id": 2, "fault": "title:("}, "error"),
        ({"id": 2, "fault": "title:a"}, "id"),
    ]:
        (answer,) = answers(finder, request)
        assert answer["id"] == 2 and key in answer
        json.dumps(answer)
    assert list(answers(finder, {"id": 3, "query": "harbour"}, lambda: True)) == []
    finder.close()


def test_the_newest_search_wins() -> None:
    waiting = Waiting()
    for number in (1, 2, 3):
        waiting.put({"id": number, "query": "a"})
    waiting.put({"id": 10, "warm": 1})
    waiting.put({"id": 4, "snippets": [1]})
    waiting.put({"id": 5, "complete": "pe", "at": 2})
    assert (waiting.take() or {})["id"] == 5, "completions come first"
    assert (waiting.take() or {})["id"] == 3
    assert not waiting.overtaken()
    waiting.put({"id": 6, "snippets": [2]})
    assert not waiting.overtaken(), "a search is not stopped for snippets"
    waiting.put({"id": 7, "query": "ab"})
    assert waiting.overtaken()
    assert [(waiting.take() or {})["id"] for _ in range(4)] == [4, 6, 7, 10]
    waiting.put({"cancel": 9})
    assert not waiting.overtaken()
    waiting.put({"cancel": 10})
    assert waiting.overtaken()
    waiting.put({"id": 8, "query": "b"})
    waiting.put({"cancel": 8})
    waiting.end()
    assert waiting.take() is None


def test_one_who_waits_is_woken() -> None:
    waiting = Waiting()
    taken: list[object] = []
    thread = threading.Thread(target=lambda: taken.append(waiting.take()))
    thread.start()
    waiting.put({"id": 1, "query": "a"})
    thread.join(5)
    assert taken == [{"id": 1, "query": "a"}]


def test_the_process_answers_and_ends_with_its_input(library: Path) -> None:
    lines = [
        "no json",
        '["no object"]',
        '{"id": 1, "complete": "person:h", "at": 8}',
        '{"id": 2, "query": "harbour"}',
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "newsreader.searcher", "--home", str(library)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    with process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("\n".join(lines) + "\n")
        process.stdin.flush()
        found = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.stdin.close()
        assert process.wait(10) == 0
    assert found[0]["choices"][0] == ['person:"Matthew Heath" ', "Matthew Heath", 2, "person"]
    assert found[1]["total"] == 3


def test_answers_come_whole_in_a_locale_without_their_letters(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")

    async def asked() -> object:
        searcher = Searcher(library)
        answer = await searcher.ask({"complete": "org:norte", "at": 9})
        await searcher.stop()
        return answer and answer["choices"]

    choice = ['org:"Océano Norte" ', "Océano Norte", 1, "organisation"]
    assert asyncio.run(asyncio.wait_for(asked(), 20)) == [choice]
