"""Every error a caller may want to catch.

NewsReaderError            a sentence for the user: what happened, to what, what to do
├── UsageError             the request itself is wrong (exit status 2)
├── ParseError             a file or document is not what it should be; the others go on
├── QueryError             the search text cannot be read; carries the column
├── NotFoundError          no such article, source, entity
├── StoreError             the database is locked, missing, newer or damaged
├── SyncError              a server did not do what a sync asked; ``kind`` says why
├── SearchIndexError       the search index cannot be opened; it can be rebuilt
├── SearchFailedError      one search cannot be answered; the index is whole
├── FetchError             an address could not be fetched; carries the kind of failure
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


class SearchFailedError(NewsReaderError):
    """One search cannot be answered, or not in time; the index is whole and answers others."""


class FetchError(NewsReaderError):
    """An address could not be fetched; an answer with an error status is not this error.

    Args:
        message: what happened, to which host, without secrets.
        kind: ``offline`` (this machine has no network), ``name`` (no such host), ``refused``,
            ``timeout``, ``tls``, ``redirect``, ``address`` (not allowed to go there), ``size``,
            ``broken`` (not what HTTP allows), ``stopped`` (by the user) or ``url``.
    """

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class SyncError(NewsReaderError):
    """A server that keeps read and starred did not answer, or not as it should.

    Args:
        message: what happened, where, and what to do.
        kind: "offline" (nobody answered), "login" (it refuses user and password), "busy" (it asks
            to wait), "refused" (it will not do this one thing), "large" (the answer is larger than
            is read), "broken" (it answered nonsense) or "running" (another sync is under way).
        wait: seconds it asks to wait, None where it did not say.
    """

    def __init__(self, message: str, kind: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.wait = wait


class ConfigError(NewsReaderError):
    """The configuration file is wrong."""
