"""A worker that speaks the real one's protocol and knows its answers without a network."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from newsreader.model import SourceID
from newsreader.store import Fetched, Store

WORKER = """
import json, sys, time
from pathlib import Path
from newsreader.model import ArticleID, Body, ParsedEntry
from newsreader.store import Store
home = Path(sys.argv[1])
store = Store(home)
def say(**event):
    print(json.dumps(event), flush=True)
def round(asked, total=3, failed=1, **more):
    numbers = {"total": total, "new": 7, "updated": 0, "failed": failed}
    say(event="refresh", done=1, **numbers)
    if more.pop("hold", False):
        return
    failures = [[1, "The Ledger", "its server does not answer"]][:failed]
    event = {"done": total, "asked": asked, "stopped": False, "offline": False}
    say(event="refreshed", **{**numbers, **event, "failures": failures, **more})
for line in sys.stdin:
    asked = json.loads(line)
    with open(home / "asked", "a") as file:
        file.write(line)
    match asked["do"]:
        case "stop":
            break
        case "add":
            url, number = asked["url"], asked["request"]
            if "refuse" in url:
                say(event="refused", request=number, reason="there is no feed at that address")
            elif "many" in url:
                say(event="choose", request=number,
                    candidates=[["https://a.example/1", "News [/]"], ["https://a.example/2", ""]])
            elif "slow" not in url:
                source, new = store.feeds.subscribe(url, folder=asked["folder"], title="A Paper")
                say(event="added", request=number, sources=[source], title="A Paper", articles=4)
        case "refresh":
            if asked["sources"] is None and not asked["all"]:
                round(True, total=0, failed=0, new=0)
            else:
                round(True, hold=asked["all"], total=len(asked["sources"] or "abc"))
        case "halt":
            round(True, stopped=True, done=1)
        case "page":
            article = ArticleID(asked["article"])
            text = store.articles.text(article)
            time.sleep(0.2)
            if "Number 1:" in text:
                say(event="page", article=article, ok=False, reason="it asks for a subscription")
            else:
                text = "An opening that the feed leaves out. " * 40 + "\\n\\n" + text
                store.full_texts.save(article, ParsedEntry(title="", body=Body(text=text)))
                say(event="page", article=article, ok=True)
"""


def command(home: Path) -> list[str]:
    return [sys.executable, "-c", WORKER, str(home)]


def asked(home: Path) -> list[dict[str, Any]]:
    """Return what the worker was asked for, in order."""
    import json

    file = home / "asked"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def subscribed(home: Path, number: int, now: datetime, **more: Any) -> SourceID:
    """Subscribe to a feed that was fetched an hour ago, with what ``more`` says of that."""
    store = Store(home)
    folder, title = more.pop("folder", None), more.pop("title", f"Paper {number}")
    url = f"https://p{number}.example/feed"
    source, _ = store.feeds.subscribe(url, title=title, folder=folder)
    at = now - timedelta(hours=1)
    fields: dict[str, Any] = {"at": at, "due": now + timedelta(hours=2), **more}
    store.feeds.record(source, Fetched(**fields))
    store.close()
    return source
