"""A home with a few articles, and the reader on it."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from newsreader.config import Config
from newsreader.model import (
    Block,
    BlockKind,
    Body,
    EntityKind,
    Link,
    ParsedEntry,
    Recognised,
)
from newsreader.store import Arrival, Origin, Store
from newsreader.tui.app import NewsReader

NOW = datetime(2022, 7, 14, 12, 4, tzinfo=UTC)

SEARCHER = """
import json, re, sys, time
from newsreader.library import Library
from newsreader.model import Scope, ScopeKind
from pathlib import Path
library = Library(Path(sys.argv[1]))
for line in sys.stdin:
    asked = json.loads(line)
    if "cancel" in asked:
        continue
    answer = {"id": asked["id"]}
    query = asked.get("query", "").lower()
    def spans(text):
        return [[m.start(), m.end()] for m in re.finditer(re.escape(query), text.lower())]
    if query == "die":
        sys.exit(3)
    if "fault" in asked:
        answer |= {"error": "a bracket is open"} if "(" in asked["fault"] else {}
    elif "warm" in asked:
        answer |= {"more": False}
    elif "complete" in asked:
        text, at = asked["complete"], asked["at"]
        rows = [['person:"Matthew Heath" ', "Matthew Heath", 8, "person"],
                ['person:[/]', "[/]", 1, "person"]] if text[:at].startswith("person:") else []
        answer |= {"start": 0, "end": at, "choices": rows}
    elif "facets" in asked:
        answer |= {"facets": [["source", "The Ledger", 8], ["date", "2022", 8],
                              ["person", "Matthew Heath", 3]],
                   "complete": not query.startswith("slow")}
    elif "snippets" in asked:
        texts = {i: library.article(i).body.text[:200] for i in asked["snippets"]}
        answer["snippets"] = {
            str(i): {"text": t, "matches": spans(t), "title": spans(library.article(i).title)}
            for i, t in texts.items()
        }
    elif "article" in asked:
        article = library.article(asked["article"])
        answer |= {"matches": spans(article.body.text), "title": spans(article.title)}
    elif query.startswith("slow"):
        found = [i for i in library.article_ids(Scope(ScopeKind.ALL))]
        first = {"ids": found[4:], "total": 4, "took_ms": 1.0, "complete": False}
        print(json.dumps(answer | first), flush=True)
        time.sleep(float([*query.split(), "0"][1]))
        answer |= {"ids": found, "total": 8, "took_ms": 900.0, "complete": True,
                   "stopped": query.endswith("stopped")}
    elif query == "presidnet":
        answer |= {"ids": [], "total": 0, "took_ms": 1.0, "suggestion": "number"}
    elif query.endswith("("):
        answer |= {"error": "a bracket is open", "column": len(query)}
    else:
        scope = Scope(ScopeKind(asked["scope"][0]), asked["scope"][1])
        every = library.article_ids(scope)
        query = re.sub(r'[(]|[)]| ?(source|date):("[^"]*"|[^ ]*)', "", query)
        ids = [i for i in every if query.split(":")[-1].strip(' "') in
               (library.article(i).title + library.article(i).body.text).lower()]
        answer |= {"ids": ids, "total": len(ids), "took_ms": 1.0}
    print(json.dumps(answer), flush=True)
"""
"""A searcher that looks through the texts: the same protocol, no index to build first."""


def entry(number: int, text: str = "", **fields: Any) -> ParsedEntry:
    """An entry of some paragraphs, the one of number 0 the newest."""
    lead = text or f"Number {number}: Matthew Heath was seen in Caracas by the harbour."
    paragraphs = [lead, *(f"Paragraph {n} of report {number}. " * 6 for n in range(12))]
    whole = "\n\n".join(paragraphs)
    blocks, at = [], 0
    for paragraph in paragraphs:
        blocks.append(Block(kind=BlockKind.PARAGRAPH, start=at, end=at + len(paragraph)))
        at += len(paragraph) + 2
    values: dict[str, Any] = {
        "title": f"Report {number}",
        "published": datetime(2022, 7, 13 - number % 12, 9, 30, tzinfo=UTC),
        "link": f"https://news.example/{number}",
        "guid": f"g{number}",
        **fields,
    }
    return ParsedEntry(body=Body(text=whole, blocks=tuple(blocks)), **values)


def save(home: Path, *entries: ParsedEntry, folder: str | None = None) -> None:
    """Store entries, with the names that stand in them."""
    store = Store(home)
    origin = Origin(kind="feed", key="https://news.example/feed", title="The Ledger", folder=folder)
    arrivals = [Arrival(each, scope="feed") for each in entries]
    store.articles.save(origin, arrivals)
    for task in store.todo.take("entities", 1000):
        text = store.articles.text(task.article) or ""
        found = []
        for name, kind in (("Matthew Heath", EntityKind.PERSON), ("Caracas", EntityKind.PLACE)):
            if (at := text.find(name)) >= 0:
                found.append(Recognised(start=at, end=at + len(name), kind=kind, name=name))
        store.entities.save(task, text, found, 1)
    store.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = tmp_path / "home"
    links = (Link("Read more", "https://more.example/x"), Link("Watch", "javascript:alert(1)"))
    save(place, *(entry(n, links=links if n == 0 else ()) for n in range(8)), folder="World")
    return place


@pytest.fixture
def reader(home: Path) -> Callable[..., NewsReader]:
    """Make the reader on the home, its searcher a small one, its worker idle."""

    def make(**fields: Any) -> NewsReader:
        values: dict[str, Any] = {
            "config": Config(),
            "now": lambda: NOW,
            "search_command": [sys.executable, "-c", SEARCHER, str(home)],
            "work_command": [sys.executable, "-c", "import sys; sys.stdin.read()"],
            **fields,
        }
        return NewsReader(home, **values)

    return make


def screen_text(app: NewsReader) -> str:
    """The screen as lines of plain text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


async def settled(pilot: "Pilot[None]", app: NewsReader, until: Callable[[], bool]) -> None:
    """Wait until something is so; processes and the writing thread take their time."""
    for _ in range(200):
        await pilot.pause(0.02)
        if until():
            return
    raise AssertionError(f"it never came to be so; the screen is\n{screen_text(app)}")


def said(app: NewsReader) -> str:
    return app.main.bar.status.said()


def burst(app: NewsReader, *keys: str) -> None:
    """Send keys all at once, as a paste or a fast hand does."""
    for key in keys:
        character = {"slash": "/", "space": " "}.get(key, key)
        app.post_message(events.Key(key, character if len(character) == 1 else None))
