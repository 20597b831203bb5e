"""Search as front ends see it: a query in, hits with their words out.

Ids and ranking come from the index, text and the user's status from the database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsreader.errors import QueryError
from newsreader.model import ArticleID, Headline, Hit, Scope, ScopeKind, Snippet
from newsreader.search import Index, Sort, matches, parse, snippet, statuses
from newsreader.store import Store

DEADLINE_S = 10.0
"""A search that takes longer is stopped with what it has."""


@dataclass(frozen=True, slots=True)
class Found:
    """The hits asked for, of ``total`` in all; not ``complete`` when time ran out."""

    total: int
    hits: Sequence[Hit]
    took_ms: float
    complete: bool = True


class Finder:
    """Answers queries about one home. One object belongs to one thread."""

    def __init__(self, home: Path) -> None:
        self._store = Store(home)
        self._index = Index(home / "index", self._store.home_id())

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def find(
        self,
        query: str,
        *,
        limit: int = 20,
        offset: int = 0,
        sort: Sort = "relevance",
        typing: bool = False,
        scope: Scope | None = None,
    ) -> Found:
        """Return the hits of ``query`` within ``scope``, best or newest first.

        Hidden articles are found where the query asks for ``is:hidden``, and among those of the
        saved search that hid them.

        Raises:
            QueryError: it cannot be read; ``column`` says where.
            SearchIndexError: there is no usable index.
        """
        parsed = parse(query, typing=typing)
        hidden = "is:hidden" in statuses(parsed)
        everywhere = scope is None or scope.kind is ScopeKind.ALL
        results = self._index.search(
            parsed,
            limit=limit,
            offset=offset,
            sort=sort,
            lookup=self._status,
            within=self._within(scope, hidden=hidden),
            without=None if hidden or not everywhere else self._status("is:hidden"),
            deadline_s=DEADLINE_S,
        )
        return Found(results.total, results.hits, results.took_ms, results.complete)

    def _within(self, scope: Scope | None, *, hidden: bool) -> Iterable[ArticleID] | None:
        """Return the articles of ``scope``, None for all; with or without the hidden ones."""
        if scope is None or scope.kind is ScopeKind.ALL:
            return None
        articles = self._store.lists.article_ids(scope)
        return [*articles, *self._store.lists.hidden_ids(scope)] if hidden else articles

    def _status(self, name: str) -> set[ArticleID]:
        return set(self._store.lists.status_ids(name))

    def snippets(
        self, articles: Sequence[ArticleID], query: str, *, typing: bool = False
    ) -> dict[ArticleID, Snippet]:
        """Return the most telling words of each article, and where its title matches.

        Articles that are gone are left out.
        """
        parsed = parse(query, typing=typing)
        found: dict[ArticleID, Snippet] = {}
        for row in self._store.lists.headlines(articles):
            text = self._store.articles.text(row.id)
            if text is not None:
                lit = tuple(matches(row.title, parsed, title=True))
                found[row.id] = snippet(text, parsed)._replace(title=lit)
        return found

    def matches(self, article: ArticleID, query: str, *, typing: bool = False) -> Snippet | None:
        """Return where the query matches in the article's whole text and title; None if gone."""
        text = self._store.articles.text(article)
        rows = self._store.lists.headlines([article])
        if text is None or not rows:
            return None
        try:
            parsed = parse(query, typing=typing)
        except QueryError:
            return Snippet(text=text)
        title = matches(rows[0].title, parsed, title=True)
        return Snippet(text=text, matches=tuple(matches(text, parsed)), title=tuple(title))

    def headlines(self, articles: Sequence[ArticleID]) -> Sequence[Headline]:
        """Return the rows of ``articles`` in their order; those that are gone are left out."""
        return self._store.lists.headlines(articles)

    def document_count(self) -> int:
        """Return how many articles the index knows."""
        return self._index.document_count()
