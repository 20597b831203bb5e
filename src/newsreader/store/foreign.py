"""Reading other programs' databases; they are never written, nor left with a file beside them."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from newsreader.errors import ParseError

_MARK = b"SQLite format 3\0"


class NewsboatItem(NamedTuple):
    """An article of newsboat's cache; ``published`` in seconds since 1970."""

    guid: str
    title: str
    author: str
    url: str
    feed: str
    published: int
    content: str
    unread: bool
    flags: str
    enclosure_url: str
    enclosure_type: str
    base: str


def is_database(path: Path) -> bool:
    """Tell whether a file is an SQLite database."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(_MARK)) == _MARK
    except OSError:
        return False


class NewsboatCache:
    """newsboat's ``cache.db``; close it when done.

    Raises:
        ParseError: it is none, or damaged.
    """

    def __init__(self, path: Path) -> None:
        # Without a journal beside it nobody writes, and even a read-only disk will do.
        busy = any(path.with_name(path.name + end).exists() for end in ("-wal", "-journal"))
        mode = "mode=ro" if busy else "mode=ro&immutable=1"
        try:
            self._db = sqlite3.connect(f"file:{quote(str(path.absolute()))}?{mode}", uri=True)
            self._db.text_factory = lambda data: data.decode("utf-8", "replace")
            rows = self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = {row[0] for row in rows}
            self._columns = {row[1] for row in self._db.execute("PRAGMA table_info(rss_item)")}
        except sqlite3.Error as error:
            raise ParseError(f"is a database that cannot be read ({error})") from error
        if not {"rss_feed", "rss_item"} <= tables:
            self._db.close()
            raise ParseError("is a database, but not newsboat's")

    def close(self) -> None:
        """Close it."""
        self._db.close()

    def titles(self) -> dict[str, str]:
        """Return the title of each feed by its address."""
        try:
            return dict(self._db.execute("SELECT rssurl, title FROM rss_feed"))
        except sqlite3.Error as error:
            raise ParseError(f"is a damaged database ({error})") from error

    def count(self) -> int:
        """Return how many articles it has."""
        try:
            return int(self._db.execute("SELECT count(*) FROM rss_item").fetchone()[0])
        except sqlite3.Error as error:
            raise ParseError(f"is a damaged database ({error})") from error

    def items(self) -> Iterator[NewsboatItem]:
        """Yield the articles, feed by feed, the oldest first; deleted ones are left out.

        Raises:
            ParseError: what comes next cannot be read.
        """
        wanted = (
            "guid",
            "title",
            "author",
            "url",
            "feedurl",
            "pubDate",
            "content",
            "unread",
            "flags",
            "enclosure_url",
            "enclosure_type",
            "base",
        )
        names = ", ".join(name if name in self._columns else f"'' AS {name}" for name in wanted)
        kept = "WHERE deleted = 0" if "deleted" in self._columns else ""
        try:
            rows = self._db.execute(
                f"SELECT {names} FROM rss_item {kept} ORDER BY feedurl, pubDate, id"  # noqa: S608 - names from the list above
            )
            for row in rows:
                text = [str(value or "") for value in row]
                yield NewsboatItem(
                    guid=text[0],
                    title=text[1],
                    author=text[2],
                    url=text[3],
                    feed=text[4],
                    published=row[5] if isinstance(row[5], int) else 0,
                    content=text[6],
                    unread=bool(row[7]),
                    flags=text[8],
                    enclosure_url=text[9],
                    enclosure_type=text[10],
                    base=text[11],
                )
        except sqlite3.Error as error:
            raise ParseError(f"is a damaged database ({error})") from error
