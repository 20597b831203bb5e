"""Every error a caller may want to catch.

NewsReaderError            a sentence for the user: what happened, to what, what to do
├── UsageError             the request itself is wrong (exit status 2)
├── ParseError             a file or document is not what it should be; the others go on
├── QueryError             the search text cannot be read; carries the column
├── NotFoundError          no such article, source, entity
├── StoreError             the database is locked, missing, newer or damaged
├── SearchIndexError       the search index cannot be opened; it can be rebuilt
└── ConfigError            the configuration file is wrong; carries the line
"""


class NewsReaderError(Exception):
    """Base of all errors raised on purpose; its text is shown to the user as it is."""


class UsageError(NewsReaderError):
    """The request itself is wrong."""


class ParseError(NewsReaderError):
    """A document cannot be read; ``str(error)`` is the reason without the document's name."""


class QueryError(NewsReaderError):
    """The search text cannot be read.

    Args:
        message: what is wrong and what to write instead, without the column.
        column: where, counted from 1 in code points.
    """

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


class NotFoundError(NewsReaderError):
    """Nothing has that id or name."""


class StoreError(NewsReaderError):
    """The database is locked, missing, newer than this program, or damaged."""


class SearchIndexError(NewsReaderError):
    """The search index cannot be opened or written; ``rebuild index`` makes it anew."""


class ConfigError(NewsReaderError):
    """The configuration file is wrong."""
