"""Whoosh as it comes, indexed and asked as its documentation shows."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.articles import Article, Texts
from bench.engines import ALL_KINDS, LIMIT, SNIPPET_WIDTH, folder_size
from bench.questions import Question


class StockWhoosh:
    """Whoosh with its own codec, writer, parser and searcher."""

    kinds = ALL_KINDS

    def __init__(self, folder: Path, texts: Texts | None) -> None:
        self._folder = folder / "whoosh"
        self._texts = texts
        self._index: Any = None
        self._searcher: Any = None
        self._parser: Any = None

    def build(self, articles: Iterable[Article]) -> None:
        """Add all with one writer, and commit."""
        from whoosh import analysis, fields, index

        words = analysis.StemmingAnalyzer(stoplist=None, minsize=1)
        schema = fields.Schema(
            id=fields.STORED,
            title=fields.TEXT(words, field_boost=2.0),
            body=fields.TEXT(words),
            source=fields.ID(sortable=True),
            published=fields.NUMERIC(int, bits=64, sortable=True),
            entities=fields.KEYWORD,
        )
        self._folder.mkdir(parents=True)
        self._index = index.create_in(self._folder, schema)
        writer = self._index.writer(limitmb=256)
        for article in articles:
            writer.add_document(**_fields(article))
        writer.commit()

    def size(self) -> int:
        """Return the bytes of all files."""
        return folder_size(self._folder)

    def open(self) -> None:
        """Open the index, a searcher and a parser."""
        from whoosh import index, qparser

        self._index = index.open_dir(self._folder)
        self._searcher = self._index.searcher()
        self._parser = qparser.MultifieldParser(["title", "body"], self._index.schema)
        self._parser.add_plugin(qparser.FuzzyTermPlugin())

    def add(self, articles: Sequence[Article]) -> None:
        """Commit with a new writer, merging as Whoosh does by default."""
        writer = self._index.writer()
        for article in articles:
            writer.add_document(**_fields(article))
        writer.commit()

    def idle(self) -> None:
        """Merge nothing: Whoosh merges when it commits."""

    def top(self, question: Question) -> object:
        """Answer with the ids of the best twenty."""
        query = self._query(question)
        if question.kind == "facets":
            found = self._searcher.search(query, limit=1, groupedby="source")
            groups = found.groups("source")
            return sorted(groups, key=lambda source: -len(groups[source]))[:10]
        newest = question.kind == "newest"
        found = self._searcher.search(
            query, limit=LIMIT, sortedby="published" if newest else None, reverse=newest
        )
        ids = [hit["id"] for hit in found]
        if question.kind != "snippets":
            return ids
        assert self._texts is not None
        found.fragmenter.maxchars = SNIPPET_WIDTH
        bodies = (self._texts.body(each) for each in ids)
        return [hit.highlights("body", text) for hit, text in zip(found, bodies, strict=True)]

    def count(self, question: Question) -> int:
        """Return the length of the results."""
        return len(self._searcher.search(self._query(question), limit=1))

    def ranked(self, words: Sequence[str], limit: int) -> list[int]:
        """Rank by BM25F."""
        query = self._parser.parse(" OR ".join(words))
        return [hit["id"] for hit in self._searcher.search(query, limit=limit)]

    def _query(self, question: Question) -> Any:
        from whoosh import query

        words = question.words
        if question.begun:
            return self._parser.parse(" ".join(words) + "*")
        match question.kind:
            case "or":
                return self._parser.parse(" OR ".join(words))
            case "phrase":
                return self._parser.parse(f'"{" ".join(words)}"')
            case "fuzzy":
                return self._parser.parse(words[0] + "~1")
            case "range":
                low, high = question.period
                bounds = query.NumericRange("published", low, high, endexcl=True)
                return query.And([self._parser.parse(words[0]), bounds])
            case "title":
                return self._parser.parse("title:" + words[0])
            case "entity":
                return query.Term("entities", "e" + words[0])
            case _:
                return self._parser.parse(" ".join(words))


def _fields(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "title": article.title,
        "body": article.body,
        "source": article.source,
        "published": article.published,
        "entities": " ".join(f"e{entity}" for entity in article.entities),
    }
