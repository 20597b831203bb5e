"""One search: what was asked, what came back, and where the reader was before it."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsreader.model import Article, Scope, Snippet
from newsreader.tui.background import Searcher

_HITS = 5000
"""Ids asked for; the total counts all matches."""

Spans = tuple[tuple[int, int], ...]
"""(start, end) pairs in reading order, in code points."""


@dataclass(frozen=True, slots=True)
class Place:
    """The list as it was before a search; ``whole`` if it had all of its rows."""

    ids: "array[int]"
    cursor: int
    scope: Scope
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An answer: ids best first, or why there is none and where (column from 1, 0 unknown)."""

    ids: Sequence[int] = ()
    total: int = 0
    took_ms: float = 0.0
    error: str = ""
    column: int = 0


class Finding:
    """Asks the searcher, and remembers what the list and the article now answer."""

    def __init__(self) -> None:
        self.searcher: Searcher | None = None
        self.before: Place | None = None
        self.query = ""
        self.typing = False
        self.total = 0
        self.best_first = True

    @property
    def active(self) -> bool:
        """Whether the list shows matches, or is about to."""
        return self.before is not None

    def end(self) -> Place | None:
        """Forget the search; return where the reader was."""
        before, self.before = self.before, None
        self.query, self.total = "", 0
        return before

    async def find(self, query: str, scope: Scope, *, typing: bool) -> Found:
        """Return what ``query`` finds in ``scope``; its last word is a beginning if ``typing``."""
        answer = await self._ask(
            {
                "query": query,
                "typing": typing,
                "sort": "relevance" if self.best_first else "newest",
                "scope": [scope.kind.value, scope.key],
                "limit": _HITS,
            }
        )
        if answer is None:
            return Found(error="The search does not answer; start the reader again")
        if error := answer.get("error"):
            return Found(error=str(error), column=_number(answer.get("column")))
        self.query, self.typing = query, typing
        self.total = _number(answer.get("total"))
        took = answer.get("took_ms")
        ids = answer.get("ids")
        return Found(
            ids=[each for each in ids if isinstance(each, int)] if isinstance(ids, list) else [],
            total=self.total,
            took_ms=float(took) if isinstance(took, int | float) else 0.0,
        )

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
