"""One search: what was asked, what came back, and where the reader was before it."""

from array import array
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import NamedTuple

from newsreader.model import Article, Completion, Facet, Facets, Scope, Snippet
from newsreader.tui.background import Searcher

_HITS = 5000
"""Ids asked for; the total counts all matches."""

Spans = tuple[tuple[int, int], ...]
"""(start, end) pairs in reading order, in code points."""


class Place(NamedTuple):
    """The list as it was before a search; ``whole`` if it had all of its rows."""

    ids: "array[int]"
    cursor: int
    scope: Scope
    whole: bool


class Found(NamedTuple):
    """An answer: ids best first, or why there is none and where (column from 1, 0 unknown).

    A better one follows unless it is ``complete``; it never will if the search was ``stopped``.
    """

    ids: Sequence[int] = ()
    total: int = 0
    took_ms: float = 0.0
    error: str = ""
    column: int = 0
    complete: bool = True
    stopped: bool = False
    suggestion: str = ""


class Offer(NamedTuple):
    """What may stand in place of ``text[start:end]`` of the query: (words, what they mean)."""

    start: int
    end: int
    choices: Sequence[tuple[str, Completion]] = ()


class Finding:
    """Asks the searcher, and remembers what the list and the article now answer."""

    def __init__(self) -> None:
        self.searcher: Searcher | None = None
        self.before: Place | None = None
        self.query = ""
        self.typing = False
        self.total = 0
        self.complete = True
        self.suggestion = ""
        self.best_first = True

    @property
    def active(self) -> bool:
        """Whether the list shows matches, or is about to."""
        return self.before is not None

    def end(self) -> Place | None:
        """Forget the search; return where the reader was."""
        before, self.before = self.before, None
        self.query, self.total, self.suggestion = "", 0, ""
        return before

    async def answers(
        self, query: str, scope: Scope, *, typing: bool
    ) -> AsyncGenerator[Found, None]:
        """Yield what ``query`` finds in ``scope``, a first answer and the complete one.

        Its last word is a beginning if ``typing``.
        """
        asked = {
            "query": query,
            "typing": typing,
            "sort": "relevance" if self.best_first else "newest",
            "scope": [scope.kind.value, scope.key],
            "limit": _HITS,
        }
        answered = False
        if self.searcher is not None:
            async with aclosing(self.searcher.answers(asked)) as answers:
                async for answer in answers:
                    answered = True
                    yield self._read(answer, query, typing=typing)
        if not answered:
            yield Found(error="The search does not answer; start the reader again")

    def _read(self, answer: Mapping[str, object], query: str, *, typing: bool) -> Found:
        if error := answer.get("error"):
            return Found(error=str(error), column=_number(answer.get("column")))
        self.query, self.typing = query, typing
        self.total = _number(answer.get("total"))
        self.complete = answer.get("complete") is not False
        self.suggestion = str(answer.get("suggestion") or "")
        took = answer.get("took_ms")
        ids = answer.get("ids")
        return Found(
            ids=[each for each in ids if isinstance(each, int)] if isinstance(ids, list) else [],
            total=self.total,
            took_ms=float(took) if isinstance(took, int | float) else 0.0,
            complete=self.complete,
            stopped=bool(answer.get("stopped")),
            suggestion=self.suggestion,
        )

    async def fault(self, query: str) -> str:
        """Return what is wrong with ``query``, "" if nothing is or nobody can tell."""
        answer = await self._ask({"fault": query})
        return str(answer.get("error") or "") if answer else ""

    async def warm(self) -> None:
        """Let the search process read what completion needs, while it has nothing else to do."""
        more = True
        while more:
            answer = await self._ask({"warm": 1})
            more = bool(answer and answer.get("more"))

    async def complete_query(self, text: str, at: int) -> Offer:
        """Return what the query may go on with at the cursor ``at``."""
        answer = await self._ask({"complete": text, "at": at})
        rows = answer.get("choices") if answer else None
        if answer is None or not isinstance(rows, list):
            return Offer(at, at)
        choices = [
            (str(insert), Completion(str(label), number, str(kind)))
            for insert, label, number, kind in rows
        ]
        return Offer(_number(answer.get("start")), _number(answer.get("end")), choices)

    async def facets(self, query: str, scope: Scope) -> Facets:
        """Return how the matches of a finished query divide; none where it cannot be read."""
        answer = await self._ask({"facets": 1, "query": query, "scope": [scope.kind, scope.key]})
        rows = answer.get("facets") if answer else None
        if answer is None or not isinstance(rows, list):
            return Facets()
        facets = (Facet(str(field), str(value), _number(number)) for field, value, number in rows)
        return Facets(tuple(facets), answer.get("complete") is not False)

    async def snippets(self, ids: Sequence[int]) -> dict[int, Snippet]:
        """Return where the query matched in the texts of ``ids``."""
        asked = {"snippets": list(ids), "query": self.query, "typing": self.typing}
        answer = await self._ask(asked)
        found = answer.get("snippets") if answer else None
        if not isinstance(found, dict):
            return {}
        return {
            int(each): Snippet(
                text=str(value.get("text", "")),
                matches=_pairs(value.get("matches")),
                title=_pairs(value.get("title")),
            )
            for each, value in found.items()
            if isinstance(value, dict)
        }

    async def matches(self, article: Article) -> tuple[Spans, Spans]:
        """Return where the query matched in the text of ``article``, and where in its title."""
        asked = {"article": article.id, "query": self.query, "typing": self.typing}
        answer = await self._ask(asked)
        if answer is None:
            return (), ()
        return (
            _within(_pairs(answer.get("matches")), article.body.text),
            _within(_pairs(answer.get("title")), article.title),
        )

    async def _ask(self, question: Mapping[str, object]) -> dict[str, object] | None:
        return None if self.searcher is None else await self.searcher.ask(question)


def _within(pairs: Spans, text: str) -> Spans:
    return tuple((start, end) for start, end in pairs if 0 <= start < end <= len(text))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _pairs(value: object) -> Spans:
    if not isinstance(value, list):
        return ()
    return tuple((int(start), int(end)) for start, end in value)
