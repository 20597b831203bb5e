"""Queries of the command line: where one is wrong, and everything that one finds."""

from pathlib import Path

from newsreader.errors import NewsReaderError, QueryError
from newsreader.model import ArticleID
from newsreader.text.clean import clean_text

_ALL_HITS = 1_000_000


def matching(home: Path, query: str, undone: str) -> list[ArticleID]:
    """Return all that ``query`` finds, newest first.

    Raises:
        QueryError: it cannot be parsed; the message draws where.
        NewsReaderError: the search took too long; the message says ``undone``.
    """
    from newsreader.finder import Finder

    try:
        found = Finder(home).find(query, limit=_ALL_HITS, sort="newest")
    except QueryError as error:
        raise Located(error, query) from error
    if not found.complete:
        raise NewsReaderError(f"the search took too long, so {undone}; narrow it")
    return [hit.article for hit in found.hits]


_AROUND = 36
"""Characters of a query shown on each side of what is wrong with it: a terminal's line in all."""


def _width(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes (Unicode Standard Annex 11)."""
    from unicodedata import combining, east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 0 if combining(c) else 1 for c in text)


class Located(QueryError):
    """A query error with the query drawn over its column."""

    def __init__(self, error: QueryError, query: str) -> None:
        # Cleaned one by one, so that the caret stays under what it points at.
        shown = [clean_text(character) or " " for character in query.replace("\n", " ")]
        at = error.column - 1
        begin, end = max(0, at - _AROUND), at + _AROUND
        before = "".join([*("..." if begin else ""), *shown[begin:at]])
        line = before + "".join(shown[at:end]) + ("..." if end < len(shown) else "")
        caret = " " * _width(before) + "^"
        message = f"column {error.column}: {error}\n  {line}\n  {caret}"
        super().__init__(message, error.column)
