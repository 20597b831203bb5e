"""The engines of others, each used as its makers advise: SQLite FTS5 and tantivy.

All index title and body with positions and their own English stemmer, without a stop list, titles
counting double; dates, sources and entity ids as whole values.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from bench.articles import Article, Texts
from bench.engines import ALL_KINDS, LIMIT, SNIPPET_WIDTH, folder_size
from bench.questions import Question

_FTS5_TABLES = """
CREATE TABLE article (
    id INTEGER PRIMARY KEY, published INTEGER, source TEXT, title TEXT, body TEXT
);
CREATE TABLE mention (entity INTEGER, article INTEGER, PRIMARY KEY (entity, article)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
    title, body, content='article', content_rowid='id', tokenize='porter unicode61', prefix='2 3'
);
INSERT INTO words (words, rank) VALUES ('rank', 'bm25(2.0, 1.0)');
"""
_FTS5_BEST = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?"
# The + keeps SQLite from walking every article by date or source in search of matches.
_FTS5_JOINED = " FROM words JOIN article ON article.id = words.rowid WHERE words MATCH ?"
_FTS5_RANGE = _FTS5_JOINED + " AND +published >= ? AND +published < ?"
_FTS5_ENTITY = " FROM mention JOIN article ON article.id = article WHERE entity = ?"
_FTS5_SNIPPETS = (
    "SELECT snippet(words, 1, '[', ']', '…', 32) FROM words WHERE words MATCH ?"
    " ORDER BY rank LIMIT ?"
)


class Fts5:
    """SQLite's full-text search over a table of articles (external content), entities beside it.

    Dates and sources stand before the text in a row, so that no text is read for them.
    """

    kinds = ALL_KINDS - {"fuzzy", "wildcard"}

    def __init__(self, folder: Path) -> None:
        self._path = folder / "fts5.sqlite"
        self._database: sqlite3.Connection | None = None

    @property
    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = sqlite3.connect(self._path, isolation_level=None)
            self._database.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                "PRAGMA mmap_size=4000000000; PRAGMA cache_size=-64000;"
            )
        return self._database

    def build(self, articles: Iterable[Article]) -> None:
        """Insert all, then merge into one tree (``optimize``)."""
        database = self._opened
        database.executescript(_FTS5_TABLES)
        for some in _batches(articles, 1000):
            self.add(some)
        database.execute("INSERT INTO words (words) VALUES ('optimize')")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def size(self) -> int:
        """Return the bytes of the tables but that of articles."""
        bytes_of = "SELECT sum(pgsize) FROM dbstat WHERE name NOT IN ('article', 'sqlite_schema')"
        try:
            return int(self._opened.execute(bytes_of).fetchone()[0])
        except sqlite3.OperationalError:
            # SQLite without dbstat.
            lengths = "SELECT sum(length(CAST(title || body AS BLOB))) FROM article"
            return folder_size(self._path.parent) - int(self._opened.execute(lengths).fetchone()[0])

    def open(self) -> None:
        """Connect."""
        self._opened.execute("SELECT count(*) FROM mention WHERE entity = 0").fetchone()

    def add(self, articles: Sequence[Article]) -> None:
        """Insert in one transaction."""
        database = self._opened
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO article VALUES (?, ?, ?, ?, ?)",
            [(each.id, each.published, each.source, each.title, each.body) for each in articles],
        )
        database.executemany(
            "INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)",
            [(each.id, each.title, each.body) for each in articles],
        )
        database.executemany(
            "INSERT INTO mention VALUES (?, ?)",
            [(entity, each.id) for each in articles for entity in each.entities],
        )
        database.execute("COMMIT")

    def idle(self) -> None:
        """Merge nothing: FTS5 merges as it inserts."""

    def top(self, question: Question) -> object:
        """Answer with the best twenty."""
        run = self._opened.execute
        match question.kind:
            case "range":
                sql = "SELECT article.id" + _FTS5_RANGE + " ORDER BY rank LIMIT ?"
                found = run(sql, (_match(question), *question.period, LIMIT))
            case "newest":
                sql = "SELECT article.id" + _FTS5_JOINED + " ORDER BY +published DESC LIMIT ?"
                found = run(sql, (_match(question), LIMIT))
            case "facets":
                sql = "SELECT source, count(*) AS n" + _FTS5_JOINED
                found = run(sql + " GROUP BY +source ORDER BY n DESC LIMIT 10", (_match(question),))
            case "entity":
                sql = "SELECT article.id" + _FTS5_ENTITY + " ORDER BY +published DESC LIMIT ?"
                found = run(sql, (int(question.words[0]), LIMIT))
            case "snippets":
                found = run(_FTS5_SNIPPETS, (_match(question), LIMIT))
            case _:
                found = run(_FTS5_BEST, (_match(question), LIMIT))
        return found.fetchall()

    def count(self, question: Question) -> int:
        """Count by a query of its own."""
        values: tuple[object, ...] = (_match(question),)
        sql = "SELECT count(*) FROM words WHERE words MATCH ?"
        if question.kind == "range":
            sql, values = "SELECT count(*)" + _FTS5_RANGE, (*values, *question.period)
        elif question.kind == "entity":
            sql, values = "SELECT count(*)" + _FTS5_ENTITY, (int(question.words[0]),)
        return int(self._opened.execute(sql, values).fetchone()[0])

    def ranked(self, words: Sequence[str], limit: int) -> list[int]:
        """Rank by bm25."""
        match = " OR ".join(f'"{word}"' for word in words)
        return [row[0] for row in self._opened.execute(_FTS5_BEST, (match, limit))]


def _match(question: Question) -> str:
    """Return a question as FTS5's own language has it."""
    quoted = [f'"{word}"' for word in question.words]
    if question.begun:
        return " ".join(quoted) + " *"
    match question.kind:
        case "or":
            return " OR ".join(quoted)
        case "phrase":
            return " + ".join(quoted)
        case "title":
            return f"title : {quoted[0]}"
        case _:
            return " ".join(quoted)


def _batches(articles: Iterable[Article], size: int) -> Iterator[list[Article]]:
    rest = iter(articles)
    while some := list(islice(rest, size)):
        yield some


class Tantivy:
    """Tantivy by its Python package, with one thread for indexing and none but ours to search."""

    kinds = ALL_KINDS

    def __init__(self, folder: Path, texts: Texts | None) -> None:
        import tantivy

        self._tantivy = tantivy
        self._folder = folder / "tantivy"
        self._texts = texts
        self._index: Any = None
        self._searcher: Any = None
        self._writer: Any = None

    def _schema(self) -> Any:
        made = self._tantivy.SchemaBuilder()
        made.add_integer_field("id", fast=True)
        made.add_text_field("title", tokenizer_name="en_stem")
        made.add_text_field("body", tokenizer_name="en_stem")
        made.add_text_field("source", tokenizer_name="raw", index_option="basic", fast=True)
        made.add_text_field("entities", tokenizer_name="raw", index_option="basic")
        made.add_integer_field("published", indexed=True, fast=True)
        return made.build()

    def build(self, articles: Iterable[Article]) -> None:
        """Add all, commit once, wait for the merging threads."""
        self._folder.mkdir(parents=True)
        self._index = self._tantivy.Index(self._schema(), path=str(self._folder))
        writer = self._index.writer(256_000_000, 1)
        for article in articles:
            writer.add_document(self._document(article))
        writer.commit()
        writer.wait_merging_threads()

    def _document(self, article: Article) -> Any:
        return self._tantivy.Document(
            id=article.id,
            title=article.title,
            body=article.body,
            source=article.source,
            entities=[f"e{entity}" for entity in article.entities],
            published=article.published,
        )

    def size(self) -> int:
        """Return the bytes of all files; no text is stored."""
        return folder_size(self._folder)

    def open(self) -> None:
        """Open the index and a searcher."""
        self._index = self._tantivy.Index.open(str(self._folder))
        self._searcher = self._index.searcher()

    def add(self, articles: Sequence[Article]) -> None:
        """Commit with a writer that stays open."""
        if self._writer is None:
            self._writer = self._index.writer(64_000_000, 1)
        for article in articles:
            self._writer.add_document(self._document(article))
        self._writer.commit()

    def idle(self) -> None:
        """Merge nothing: tantivy merges in threads of its own."""

    def top(self, question: Question) -> object:
        """Answer with the ids of the best twenty."""
        query = self._query(question)
        if question.kind == "facets":
            terms = {"source": {"terms": {"field": "source", "size": 10}}}
            return self._searcher.aggregate(query, terms)
        ids = self._best(query, "published" if question.kind == "newest" else None)
        return self._snippets(query, ids) if question.kind == "snippets" else ids

    def _best(self, query: Any, order: str | None = None, limit: int = LIMIT) -> list[int]:
        found = self._searcher.search(query, limit, order_by_field=order)
        return self._searcher.fast_field_values("id", [address for _, address in found.hits])

    def _snippets(self, query: Any, ids: Sequence[int]) -> list[str]:
        assert self._texts is not None
        schema = self._index.schema
        maker = self._tantivy.SnippetGenerator.create(self._searcher, query, schema, "body")
        maker.set_max_num_chars(SNIPPET_WIDTH)
        texts = (self._tantivy.Document(body=self._texts.body(each)) for each in ids)
        return [maker.snippet_from_doc(text).fragment() for text in texts]

    def count(self, question: Question) -> int:
        """Return the count that a search gives."""
        return int(self._searcher.search(self._query(question), 1).count)

    def ranked(self, words: Sequence[str], limit: int) -> list[int]:
        """Rank by BM25."""
        query = self._index.parse_query(" ".join(words), ["title", "body"], {"title": 2.0})
        return self._best(query, limit=limit)

    def _query(self, question: Question) -> Any:
        kinds, schema, words = self._tantivy.Query, self._index.schema, question.words
        if question.begun:
            last = self._expanded(words[-1] + ".*")
            return self._both(self._parsed(" ".join(words[:-1])), last) if words[1:] else last
        match question.kind:
            case "or":
                return self._parsed(" OR ".join(words))
            case "phrase":
                return self._parsed(f'"{" ".join(words)}"')
            case "wildcard":
                return self._expanded(words[0].replace("*", ".*").replace("?", "."))
            case "fuzzy":
                return self._either(lambda field: kinds.fuzzy_term_query(schema, field, words[0]))
            case "range":
                kind = self._tantivy.FieldType.Integer
                bounds = kinds.range_query(
                    schema, "published", kind, *question.period, include_upper=False
                )
                return self._both(self._parsed(words[0]), bounds)
            case "title":
                return self._index.parse_query(words[0], ["title"])
            case "entity":
                return kinds.term_query(schema, "entities", "e" + words[0], "basic")
            case _:
                return self._parsed(" ".join(words))

    def _parsed(self, text: str) -> Any:
        return self._index.parse_query(
            text, ["title", "body"], {"title": 2.0}, conjunction_by_default=True
        )

    def _both(self, one: Any, other: Any) -> Any:
        must = self._tantivy.Occur.Must
        return self._tantivy.Query.boolean_query([(must, one), (must, other)])

    def _expanded(self, pattern: str) -> Any:
        kinds, schema = self._tantivy.Query, self._index.schema
        return self._either(lambda field: kinds.regex_query(schema, field, pattern))

    def _either(self, make: Callable[[str], Any]) -> Any:
        should = self._tantivy.Occur.Should
        title = self._tantivy.Query.boost_query(make("title"), 2.0)
        return self._tantivy.Query.boolean_query([(should, title), (should, make("body"))])
