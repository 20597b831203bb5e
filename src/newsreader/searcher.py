"""The process that answers a reader's searches: one JSON object a line in, one out.

It only reads, so it may be killed and started again at any time. Of several searches that wait,
only the newest is answered: the reader has typed on.
"""

import argparse
import contextlib
import json
import os
import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from newsreader.errors import NewsReaderError, QueryError
from newsreader.finder import Finder
from newsreader.model import ArticleID, Scope, ScopeKind

_Waiting = queue.Queue[dict[str, Any] | None]

_SHOWN = 5000
"""Hits a list holds; the total is always said."""


def main() -> int:
    """Entry point of ``python -m newsreader.searcher --home DIR``."""
    parser = argparse.ArgumentParser(prog="newsreader.searcher")
    parser.add_argument("--home", type=Path, required=True)
    home = parser.parse_args().home
    with contextlib.suppress(OSError):
        # Behind the reader, whose keys come first, and before the worker, which has time.
        os.nice(2)
    finder = Finder(home)
    waiting: _Waiting = queue.Queue()
    threading.Thread(target=_listen, args=(waiting,), daemon=True).start()
    try:
        for request in _newest_first(waiting):
            sys.stdout.write(json.dumps(answer(finder, request), ensure_ascii=False) + "\n")
            sys.stdout.flush()
    except (BrokenPipeError, KeyboardInterrupt):
        pass
    return 0


def _listen(waiting: _Waiting) -> None:
    for line in sys.stdin:
        try:
            request = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(request, dict) and "id" in request:
            waiting.put(request)
    waiting.put(None)


def _newest_first(waiting: _Waiting) -> Iterator[dict[str, Any]]:
    """Yield requests; of the searches among those that wait, only the last."""
    while True:
        batch = [waiting.get()]
        while not waiting.empty():
            batch.append(waiting.get())
        last = max((n for n, asked in enumerate(batch) if asked and _is_search(asked)), default=-1)
        for number, request in enumerate(batch):
            if request is None:
                return
            if not _is_search(request) or number == last:
                yield request


def _is_search(request: dict[str, Any]) -> bool:
    return "snippets" not in request and "article" not in request


def answer(finder: Finder, request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one request; whatever is wrong is said in it."""
    number = request["id"]
    query, typing = str(request.get("query", "")), bool(request.get("typing"))
    try:
        if "snippets" in request:
            found = finder.snippets(
                [ArticleID(n) for n in request["snippets"]], query, typing=typing
            )
            words = {
                str(article): {"text": part.text, "matches": part.matches, "title": part.title}
                for article, part in found.items()
            }
            return {"id": number, "snippets": words}
        if "article" in request:
            article = ArticleID(request["article"])
            whole = finder.matches(article, query, typing=typing)
            if whole is None:
                return {"id": number, "matches": [], "title": []}
            return {"id": number, "matches": whole.matches, "title": whole.title}
        return {"id": number, **_search(finder, request, query, typing=typing)}
    except QueryError as error:
        return {"id": number, "error": str(error), "column": error.column}
    except NewsReaderError as error:
        return {"id": number, "error": str(error)}


def _search(finder: Finder, request: dict[str, Any], query: str, *, typing: bool) -> dict[str, Any]:
    kind, key = request.get("scope") or ("all", "")
    found = finder.find(
        query,
        typing=typing,
        sort=request.get("sort", "relevance"),
        scope=Scope(ScopeKind(kind), str(key)),
        limit=int(request.get("limit", _SHOWN)),
    )
    return {
        "total": found.total,
        "took_ms": round(found.took_ms, 1),
        "ids": [hit.article for hit in found.hits],
    }


if __name__ == "__main__":
    sys.exit(main())
