"""Search as front ends see it: a query in, hits with their words out.

Ids and ranking come from the index, text and the user's status from the database.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypedDict

from newsreader.completion import AGES, TIMES, Token, fields, token, written
from newsreader.errors import QueryError
from newsreader.model import (
    ArticleID,
    Completion,
    Facet,
    Facets,
    Headline,
    Hit,
    Scope,
    ScopeKind,
    Snippet,
)
from newsreader.search import Index, Lookup, Query, Sort, matches, parse, snippet, statuses
from newsreader.search.query import STATUS
from newsreader.store import Store

DEADLINE_S = 10.0
"""A search that takes longer is stopped with what it has."""
TYPING_DEADLINE_S = 0.4
"""The same while the query is still being written: the next letter asks anew."""
FACETS_DEADLINE_S = 2.0
"""The same for counting what matches divide into: the next search waits for it."""


_NAMED = ("person", "org", "place")
_OFFERED = 8
"""Completions at a time: as many as are read at a glance."""


class Found(NamedTuple):
    """The hits asked for, of ``total`` in all; not ``complete`` when time ran out."""

    total: int
    hits: Sequence[Hit]
    took_ms: float
    complete: bool = True


class Offer(NamedTuple):
    """What may be written in place of ``text[start:end]`` of an unfinished query."""

    start: int
    end: int
    choices: Sequence[tuple[str, Completion]] = ()


class _Where(TypedDict):
    lookup: Lookup
    within: Iterable[int] | None
    without: Iterable[int] | None


class Finder:
    """Answers queries about one home. One object belongs to one thread."""

    def __init__(self, home: Path, *, create: bool = True) -> None:
        """Open the library and the index of ``home``; the first is made only with ``create``."""
        self._store = Store(home, create=create)
        self._index = Index(home / "index", self._store.home_id())
        self._statuses: dict[str, array[int]] = {}
        self._version = -1

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
        *_, last = self.answers(
            query, limit=limit, offset=offset, sort=sort, typing=typing, scope=scope
        )
        return last

    def answers(
        self,
        query: str,
        *,
        limit: int = 20,
        offset: int = 0,
        sort: Sort = "relevance",
        typing: bool = False,
        scope: Scope | None = None,
        stop: Callable[[], bool] = bool,
    ) -> Iterator[Found]:
        """Yield a first answer if that is quicker, not ``complete``, then the whole one.

        Of the last answer ``complete`` says whether the time sufficed. Once ``stop()`` is true
        what is found so far is the last. Other arguments and errors are those of ``find``.
        """
        parsed = parse(query, typing=typing)
        for results in self._index.answers(
            parsed,
            limit=limit,
            offset=offset,
            sort=sort,
            deadline_s=TYPING_DEADLINE_S if typing else DEADLINE_S,
            stop=stop,
            **self._where(parsed, scope),
        ):
            yield Found(results.total, results.hits, results.took_ms, results.complete)

    def check(self, query: str) -> None:
        """Return if ``query`` can be read.

        Raises:
            QueryError: it cannot; ``column`` says where.
        """
        parse(query)

    def suggest(
        self, query: str, *, typing: bool = False, stop: Callable[[], bool] = bool
    ) -> str | None:
        """Return ``query`` spelt as the index knows its words.

        None where nothing is amiss, where that takes long, and once ``stop()`` is true.
        """
        parsed = parse(query, typing=typing)
        return self._index.suggest(parsed, deadline_s=TYPING_DEADLINE_S, stop=stop)

    def facets(
        self, query: str, *, typing: bool = False, scope: Scope | None = None, limit: int = 6
    ) -> Facets:
        """Return what the matches of ``query`` divide into, at most ``limit`` a field.

        Fields are in the order source, date, person, org, place; the most of each first. What
        takes too long counts the newest articles alone, and is not ``complete``.

        Raises:
            QueryError: it cannot be read; ``column`` says where.
        """
        parsed = parse(query, typing=typing)
        counts, complete = self._index.facets(
            parsed, limit=limit, deadline_s=FACETS_DEADLINE_S, **self._where(parsed, scope)
        )
        ids = [int(value) for field in _NAMED for value, _ in counts[field]]
        names = {str(number): name for number, name in self._store.complete.names(ids).items()}
        found = [Facet("source", value, count) for value, count in counts["source"]]
        found += [Facet("date", value, count) for value, count in counts["year"]]
        for field in _NAMED:
            found += [
                Facet(field, names[value], count)
                for value, count in counts[field]
                if value in names
            ]
        return Facets(tuple(found), complete)

    def _where(self, parsed: Query, scope: Scope | None) -> _Where:
        hidden = "is:hidden" in statuses(parsed)
        everywhere = scope is None or scope.kind is ScopeKind.ALL
        return {
            "lookup": self._status,
            "within": self._within(scope, hidden=hidden),
            "without": None if hidden or not everywhere else self._status("is:hidden"),
        }

    def _within(self, scope: Scope | None, *, hidden: bool) -> Iterable[ArticleID] | None:
        """Return the articles of ``scope``, None for all; with or without the hidden ones."""
        if scope is None or scope.kind is ScopeKind.ALL:
            return None
        articles = self._store.lists.article_ids(scope)
        return [*articles, *self._store.lists.hidden_ids(scope)] if hidden else articles

    def complete(self, text: str, at: int) -> Offer:
        """Return what the query may go on with at the cursor ``at``, most used first."""
        found = token(text, at)
        if found is None:
            return Offer(at, at)
        if found.field is None:
            choices = [(name, Completion(name)) for name in fields(found.prefix)]
            return Offer(found.start, found.end, choices)
        values = self._values(found)
        offered = [(written(found.field, each.label) + " ", each) for each in values]
        return Offer(found.start, found.end, offered[:_OFFERED])

    def _values(self, found: Token) -> Sequence[Completion]:
        prefix, field = found.prefix.casefold(), found.field or ""
        fixed = {"date": TIMES, "mentions": TIMES, "newer": AGES, "older": AGES, **STATUS}.get(
            field, ()
        )
        known = self._store.complete(field, found.prefix, limit=_OFFERED)
        counted = {each.label: each for each in known}
        values = [
            counted.pop(word, Completion(word))
            for word in fixed
            if any(part.startswith(prefix) for part in (word, *word.split()))
        ]
        return values if field in STATUS else [*values, *counted.values()]

    def warm(self) -> bool:
        """Read a part of what completion needs; return whether there is more to read."""
        return self._store.complete.warm()

    def _status(self, name: str) -> "array[int]":
        """Return the articles of a status; asked again only once the database has changed."""
        version = self._store.version()
        if version != self._version:
            self._version = version
            self._statuses.clear()
        if name not in self._statuses:
            self._statuses[name] = array("q", self._store.lists.status_ids(name))
        return self._statuses[name]

    def snippets(
        self, articles: Sequence[ArticleID], query: str, *, typing: bool = False
    ) -> dict[ArticleID, Snippet]:
        """Return the most telling words of each article, and where its title matches.

        Articles that are gone are left out.
        """
        parsed = parse(query, typing=typing)
        found: dict[ArticleID, Snippet] = {}
        for row in self._store.lists.headlines(articles):
            stored = self._store.articles.text_and_language(row.id)
            if stored is not None:
                text, language = stored
                lit = tuple(matches(row.title, parsed, language=language, title=True))
                found[row.id] = snippet(text, parsed, language=language)._replace(title=lit)
        return found

    def matches(self, article: ArticleID, query: str, *, typing: bool = False) -> Snippet | None:
        """Return where the query matches in the article's whole text and title; None if gone."""
        stored = self._store.articles.text_and_language(article)
        rows = self._store.lists.headlines([article])
        if stored is None or not rows:
            return None
        text, language = stored
        try:
            parsed = parse(query, typing=typing)
        except QueryError:
            return Snippet(text=text)
        title = matches(rows[0].title, parsed, language=language, title=True)
        here = matches(text, parsed, language=language)
        return Snippet(text=text, matches=tuple(here), title=tuple(title))

    def headlines(self, articles: Sequence[ArticleID]) -> Sequence[Headline]:
        """Return the rows of ``articles`` in their order; those that are gone are left out."""
        return self._store.lists.headlines(articles)

    def document_count(self) -> int:
        """Return how many articles the index knows."""
        return self._index.document_count()
