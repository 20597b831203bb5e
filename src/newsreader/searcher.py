"""The process that answers a reader's searches: one JSON object a line in, one or more out.

It only reads, so it may be killed and started again at any time. The newest search wins: one that
waits is dropped, one that runs is stopped. A search that takes long is answered twice, first with
the newest matches and ``"complete": false``.
"""

import argparse
import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from newsreader.errors import NewsReaderError, QueryError
from newsreader.finder import Finder
from newsreader.model import ArticleID, Scope, ScopeKind

Request = dict[str, Any]

_SHOWN = 5000
"""Hits a list holds; the total is always said."""
_FIRST = 500
"""Hits of a first answer: more than anyone sees of it before the complete one."""


def main() -> int:
    """Entry point of ``python -m newsreader.searcher --home DIR``."""
    parser = argparse.ArgumentParser(prog="newsreader.searcher")
    parser.add_argument("--home", type=Path, required=True)
    home = parser.parse_args().home
    with contextlib.suppress(OSError):
        # Behind the reader, whose keys come first, and before the worker, which has time.
        os.nice(2)
    try:
        finder = Finder(home, create=False)
    except NewsReaderError:
        # The reader sees that no process answers, and says of its own what became of the library.
        return 1
    waiting = Waiting()
    threading.Thread(target=_listen, args=(waiting,), daemon=True).start()
    try:
        while (request := waiting.take()) is not None:
            for found in answers(finder, request, waiting.overtaken):
                sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
                sys.stdout.flush()
    except (BrokenPipeError, KeyboardInterrupt):
        pass
    return 0


def _listen(waiting: "Waiting") -> None:
    for line in sys.stdin:
        try:
            request = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(request, dict):
            waiting.put(request)
    waiting.end()


def kind_of(request: Request) -> str:
    """Return what a request asks for: the key it has, "query" for a search."""
    kinds = ("complete", "snippets", "article", "facets", "warm", "fault")
    return next((kind for kind in kinds if kind in request), "query")


class Waiting:
    """Requests that came and are not answered yet; filled by one thread, emptied by another."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: list[Request] = []
        self._ended = False
        self._running: Request | None = None
        self._overtaken = False

    def put(self, request: Request) -> None:
        """Add a request; ``{"cancel": id}`` takes one back."""
        with self._changed:
            if "cancel" in request:
                self._cancel(request["cancel"])
            elif "id" in request:
                kind = kind_of(request)
                if kind in ("query", "complete", "facets"):
                    # Of these only the newest is of use: the reader has typed on.
                    self._requests = [r for r in self._requests if kind_of(r) != kind]
                    if kind == "query" and self._running and kind_of(self._running) == kind:
                        self._overtaken = True
                self._requests.append(request)
            self._changed.notify()

    def _cancel(self, number: object) -> None:
        self._requests = [request for request in self._requests if request["id"] != number]
        if self._running is not None and self._running["id"] == number:
            self._overtaken = True

    def end(self) -> None:
        """Note that no more will come, and that nobody waits for what runs."""
        with self._changed:
            self._ended = self._overtaken = True
            self._changed.notify()

    def take(self) -> Request | None:
        """Wait for a request and return it, completions first and warming last; None at the end."""
        with self._changed:
            self._running = None
            while not self._requests and not self._ended:
                self._changed.wait()
            if self._ended:
                return None
            at = min(range(len(self._requests)), key=self._urgency)
            self._running = self._requests.pop(at)
            self._overtaken = False
            return self._running

    def _urgency(self, at: int) -> int:
        return {"complete": 0, "warm": 2}.get(kind_of(self._requests[at]), 1)

    def overtaken(self) -> bool:
        """Return whether what runs now is of no more use."""
        return self._overtaken


def answers(
    finder: Finder, request: Request, stop: Callable[[], bool] = bool
) -> Iterator[dict[str, Any]]:
    """Yield the answers to one request; whatever is wrong is said in the last.

    All have its ``id``. A search that ``stop`` ends has none, or a first one alone.
    """
    number = request["id"]
    try:
        if kind_of(request) == "query":
            for found in _search(finder, request, stop):
                yield {"id": number, **found}
        else:
            yield {"id": number, **_answer(finder, request)}
    except QueryError as error:
        yield {"id": number, "error": str(error), "column": error.column}
    except NewsReaderError as error:
        yield {"id": number, "error": str(error)}
    except (MemoryError, RecursionError):
        yield {"id": number, "error": "this search is more than can be answered"}


def _answer(finder: Finder, request: Request) -> dict[str, Any]:
    query, typing = str(request.get("query", "")), bool(request.get("typing"))
    match kind_of(request):
        case "warm":
            return {"more": finder.warm()}
        case "fault":
            finder.check(str(request["fault"]))
            return {}
        case "complete":
            text, at = str(request["complete"]), int(request.get("at", 0))
            start, end, choices = finder.complete(text, at)
            rows = [[insert, each.label, each.articles, each.kind] for insert, each in choices]
            return {"start": start, "end": end, "choices": rows}
        case "facets":
            facets = finder.facets(query, typing=typing, scope=_scope(request))
            return {"facets": facets.rows, "complete": facets.complete}
        case "snippets":
            ids = [ArticleID(each) for each in request["snippets"]]
            found = finder.snippets(ids, query, typing=typing)
            words = {
                str(article): {"text": part.text, "matches": part.matches, "title": part.title}
                for article, part in found.items()
            }
            return {"snippets": words}
        case _:
            whole = finder.matches(ArticleID(request["article"]), query, typing=typing)
            if whole is None:
                return {"matches": [], "title": []}
            return {"matches": whole.matches, "title": whole.title}


def _scope(request: Request) -> Scope:
    kind, key = request.get("scope") or ("all", "")
    return Scope(ScopeKind(kind), str(key))


def _search(finder: Finder, request: Request, stop: Callable[[], bool]) -> Iterator[dict[str, Any]]:
    query, typing = str(request.get("query", "")), bool(request.get("typing"))
    found = finder.answers(
        query,
        typing=typing,
        sort=request.get("sort", "relevance"),
        scope=_scope(request),
        limit=int(request.get("limit", _SHOWN)),
        stop=stop,
    )
    ids: list[int] = []
    answer: dict[str, Any] = {}
    for results in found:
        if stop():
            return
        ids = [hit.article for hit in results.hits]
        answer = {
            "total": results.total,
            "took_ms": round(results.took_ms, 1),
            "ids": ids if results.complete else ids[:_FIRST],
            "complete": results.complete,
        }
        if results.complete:
            if not results.total:
                meant = finder.suggest(query, typing=typing, stop=stop)
                answer |= {"suggestion": meant} if meant else {}
            yield answer
            return
        yield answer
    # Only the end tells an answer that more follows from one that the time did not suffice for.
    yield {**answer, "ids": ids, "complete": True, "stopped": True}


if __name__ == "__main__":
    sys.exit(main())
