"""The engines that are measured: what each must do, and this project's own."""

import importlib.util
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from bench.articles import Article, Texts, entity_name
from bench.questions import FIRST, Question, day
from newsreader.model import ArticleID, EntityKind, SearchDocument

LIMIT = 20
"""Hits of an answer."""

SNIPPET_WIDTH = 160

DEADLINE_S = 0.4
"""What bounds our fuzzy words and wildcards."""

_START = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = (EntityKind.PERSON, EntityKind.ORGANISATION, EntityKind.PLACE)


class Engine(Protocol):
    """One engine with its index in a folder; made in the process that uses it."""

    kinds: frozenset[str]
    """The kinds of questions that it can answer."""

    def build(self, articles: Iterable[Article]) -> None:
        """Index articles, merged as the engine likes it; nothing is there before."""

    def size(self) -> int:
        """Return the bytes of the index, without texts that it keeps beside."""

    def open(self) -> None:
        """Open the index for reading."""

    def add(self, articles: Sequence[Article]) -> None:
        """Add articles in one commit."""

    def idle(self) -> None:
        """Do what is left for when nobody waits."""

    def top(self, question: Question) -> object:
        """Answer with the best twenty: what is timed."""

    def count(self, question: Question) -> int:
        """Return how many articles match."""

    def ranked(self, words: Sequence[str], limit: int) -> list[int]:
        """Return the articles with any of ``words``, best first."""


ALL_KINDS = frozenset(
    {
        *("words", "or", "phrase", "prefix", "words and prefix", "typing", "fuzzy", "wildcard"),
        *("range", "title", "entity", "newest", "facets", "snippets"),
    }
)


def document(article: Article, *, every_field: bool) -> SearchDocument:
    """Return an article as this project's index takes it: its ids alone, or every field."""
    document = SearchDocument(
        id=ArticleID(article.id),
        title=article.title,
        text=article.body,
        source=article.source,
        language="en",
        published=_START + timedelta(seconds=article.published),
        entities=tuple(
            (_KINDS[entity % 3], entity_name(entity) if every_field else f"e{entity}", entity)
            for entity in article.entities
        ),
    )
    if not every_field:
        return document
    return document._replace(author=article.author, url=article.url, tags=article.tags)


class Ours:
    """The index of this project, by its public package."""

    def __init__(self, folder: Path, texts: Texts | None, *, every_field: bool = False) -> None:
        # What other engines' processes must not hold in memory.
        from newsreader import search

        self._search = search
        self._index = search.Index(folder / "index", "bench")
        self._folder = folder
        self._texts = texts
        self._every_field = every_field
        self.kinds = ALL_KINDS | {FIRST, "every facet"}

    def build(self, articles: Iterable[Article]) -> None:
        """Rebuild, then merge what would be merged at leisure."""
        self._index.rebuild(document(each, every_field=self._every_field) for each in articles)
        self.idle()

    def size(self) -> int:
        """Return the bytes of all files of the index."""
        return folder_size(self._folder / "index")

    def open(self) -> None:
        """Open the newest generation."""
        self._index.document_count()

    def add(self, articles: Sequence[Article]) -> None:
        """Update the index with articles."""
        self._index.update([document(each, every_field=self._every_field) for each in articles])

    def idle(self) -> None:
        """Merge segments."""
        self._index.tidy()

    def top(self, question: Question) -> object:
        """Answer as the reader would ask, the parsing included."""
        if question.kind == FIRST:
            return next(iter(self._index.answers(self._query(question), limit=LIMIT, tz=UTC)))
        query = self._query(question)
        if question.kind == "facets":
            return self._index.facets(query, tz=UTC, fields=("source",))
        if question.kind == "every facet":
            return self._index.facets(query, tz=UTC)
        if question.kind == "typing":
            return list(self._index.answers(query, limit=LIMIT, tz=UTC))
        results = self._results(question, query)
        if question.kind == "snippets":
            assert self._texts is not None
            texts = (self._texts.body(hit.article) for hit in results.hits)
            return [self._search.snippet(text, query, width=SNIPPET_WIDTH) for text in texts]
        return results

    def count(self, question: Question) -> int:
        """Return the total of a whole answer."""
        return self._results(question, self._query(question)).total

    def ranked(self, words: Sequence[str], limit: int) -> list[int]:
        """Rank by the default order."""
        results = self._index.search(" OR ".join(words), limit=limit)
        return [int(hit.article) for hit in results.hits]

    def _query(self, question: Question) -> Any:
        typed = question.kind in ("typing", FIRST)
        return self._search.parse(self._text(question), typing=typed)

    def _text(self, question: Question) -> str:
        """Return the question in the query language."""
        words = question.words
        match question.kind:
            case "or":
                return " OR ".join(words)
            case "phrase":
                return f'"{" ".join(words)}"'
            case "prefix" | "words and prefix":
                return " ".join(words) + "*"
            case "fuzzy":
                return f"{words[0]}~1"
            case "range":
                low, high = question.period
                return f"{words[0]} date:{day(low)}..{day(high - 1)}"
            case "title":
                return f"title:{words[0]}"
            case "entity":
                entity = int(words[0])
                return (
                    f'entity:"{entity_name(entity)}"' if self._every_field else f"entity:e{entity}"
                )
            case _:
                return " ".join(words)

    def _results(self, question: Question, query: Any) -> Any:
        bounded = question.kind in ("fuzzy", "wildcard")
        return self._index.search(
            query,
            limit=LIMIT,
            sort="newest" if question.kind == "newest" else "relevance",
            tz=UTC,
            deadline_s=DEADLINE_S if bounded else None,
        )


def folder_size(folder: Path) -> int:
    """Return the bytes of the files below ``folder``."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


def ours(folder: Path, texts: Texts | None) -> Engine:
    """Return this project's index of titles, bodies and ids."""
    return Ours(folder, texts)


def ours_whole(folder: Path, texts: Texts | None) -> Engine:
    """Return this project's index of every field."""
    return Ours(folder, texts, every_field=True)


def fts5(folder: Path, texts: Texts | None) -> Engine:
    """Return SQLite's full-text search."""
    from bench.peers import Fts5

    return Fts5(folder)


def tantivy(folder: Path, texts: Texts | None) -> Engine:
    """Return tantivy."""
    from bench.peers import Tantivy

    return Tantivy(folder, texts)


def stock_whoosh(folder: Path, texts: Texts | None) -> Engine:
    """Return Whoosh as it comes."""
    from bench.stock_whoosh import StockWhoosh

    return StockWhoosh(folder, texts)


ENGINES: dict[str, Callable[[Path, Texts | None], Engine]] = {
    "newsreader": ours,
    "all-fields": ours_whole,
    "fts5": fts5,
    "tantivy": tantivy,
    "whoosh": stock_whoosh,
}
"""By the name that ``--engines`` and the tables use."""


def installed(name: str) -> bool:
    """Tell whether an engine can be imported."""
    return name != "tantivy" or importlib.util.find_spec("tantivy") is not None


def version(name: str) -> str:
    """Return what an index of an engine depends on, besides the articles."""
    import sqlite3
    from importlib import metadata

    if name == "fts5":
        return sqlite3.sqlite_version
    if name == "tantivy":
        return metadata.version("tantivy")
    if name == "whoosh":
        return metadata.version("whoosh-reloaded")
    from newsreader.search import _schema

    return f"v{_schema.VERSION}"
