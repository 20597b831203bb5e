"""What a library that is killed again and again must hold: all that was acknowledged.

:class:`Model` knows what the commands that ended with 0 have said. Of the one act that was killed
it knows what may have become of it: a mark of many articles is there for all or for none, an
article that was being taken in is there whole or not at all. :func:`observe` reads the library by
SQL of its own, so that nothing is believed because the program says so.
"""

import copy
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path


class Loss(Exception):
    """Something was lost, doubled or broken; the message says what."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the user made of one article."""

    read: bool = False
    bookmarked: bool = False
    hidden: bool = False
    tags: frozenset[str] = frozenset()
    note: str = ""

    @property
    def kept(self) -> bool:
        """Tell whether it outlives its source."""
        return self.bookmarked or bool(self.tags) or bool(self.note)


@dataclass(slots=True)
class Observed:
    """A library as it is on the disk; articles by their titles."""

    ids: dict[str, int] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    marks: dict[str, Marks] = field(default_factory=dict)
    saved: dict[str, str] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    sources: dict[str, set[str]] = field(default_factory=dict)


def observe(home: Path) -> Observed:
    """Read a library.

    Raises:
        sqlite3.Error: it cannot be opened or is damaged.
    """
    found = Observed()
    with closing(sqlite3.connect(home / "library.db", timeout=20)) as db:
        db.execute("BEGIN")
        if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("quick_check finds damage")
        titles = {}
        rows = db.execute(
            "SELECT a.id, a.title, r.codec, r.text FROM article a LEFT JOIN revision r"
            " ON r.article_id = a.id AND r.number = a.revision"
        )
        for article, title, codec, text in rows:
            titles[article] = title
            if title in found.ids:
                found.doubled.append(title)
            found.ids[title] = article
            found.texts[title] = (zlib.decompress(text) if codec else text or b"").decode()
        found.marks = _marks(db, titles)
        found.saved = dict(
            db.execute("SELECT name, query FROM saved_search WHERE removed = 0").fetchall()
        )
        for name, shown, followed in db.execute("SELECT name, shown_name, followed_at FROM entity"):
            if followed is not None:
                found.followed.add(name)
            if shown is not None:
                found.names[name] = shown
        for title, url, article in db.execute(
            "SELECT s.title, s.url, x.article_id FROM source s"
            " LEFT JOIN article_source x ON x.source_id = s.id"
        ):
            # A feed that was never read has no title yet.
            name = f"Feed {url.rpartition('/feed')[2]}" if url else title
            here = found.sources.setdefault(name, set())
            if article is not None:
                here.add(titles[article])
    return found


def _marks(db: sqlite3.Connection, titles: Mapping[int, str]) -> dict[str, Marks]:
    tags: dict[int, set[str]] = {}
    for article, name in db.execute("SELECT article_id, name FROM tag WHERE by_user = 1"):
        tags.setdefault(article, set()).add(name)
    notes = dict(db.execute("SELECT article_id, text FROM note").fetchall())
    flags = {
        article: (bool(read), bool(bookmarked), bool(hidden))
        for article, read, bookmarked, hidden in db.execute(
            "SELECT article_id, read, bookmarked, hidden FROM status"
        )
    }
    return {
        title: Marks(
            *flags.get(article, (False, False, False)),
            frozenset(tags.get(article, ())),
            notes.get(article, ""),
        )
        for article, title in titles.items()
    }


class Model:
    """What must be there, and what may be there since an act was killed."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        """Texts of articles that must be there."""
        self.marks: dict[str, Marks] = {}
        """Of every article that ever was: one that comes back has them again."""
        self.saved: dict[str, str] = {}
        self.followed: set[str] = set()
        self.names: dict[str, str] = {}
        self.sources: dict[str, set[str]] = {}

    def copy(self) -> "Model":
        """Return one that changes by itself."""
        return copy.deepcopy(self)

    def kept_marks(self, title: str) -> Marks:
        """Return the marks of an article."""
        return self.marks.get(title, Marks())

    def differs(self, other: "Model") -> bool:
        """Tell whether an article has other marks than in ``other``."""
        titles = self.marks.keys() | other.marks.keys()
        return any(self.kept_marks(title) != other.kept_marks(title) for title in titles)

    def take_in(self, source: str, texts: Mapping[str, str]) -> None:
        """Articles come by ``source``; those that are here may have a new text."""
        self.texts.update(texts)
        self.sources.setdefault(source, set()).update(texts)

    def remove(self, source: str) -> None:
        """A source goes, with the articles that came only by it and were not kept."""
        gone = self.sources.pop(source, set())
        for title in gone:
            elsewhere = any(title in titles for titles in self.sources.values())
            if not elsewhere and not self.kept_marks(title).kept:
                self.texts.pop(title, None)

    def differences(self, seen: Observed) -> list[str]:
        """Return what of a library is not as this model says, in words."""
        wrong = [f"'{title}' is there twice" for title in seen.doubled]
        wrong += [f"'{title}' is lost" for title in self.texts if title not in seen.texts]
        wrong += [f"'{title}' is too many" for title in seen.texts if title not in self.texts]
        for title in self.texts.keys() & seen.texts.keys():
            if self.texts[title] != seen.texts[title]:
                wrong.append(f"'{title}' has another text")
            if self.kept_marks(title) != seen.marks[title]:
                wrong.append(f"'{title}' is {seen.marks[title]}, not {self.kept_marks(title)}")
        for what, mine, there in (
            ("saved searches", self.saved, seen.saved),
            ("follows", self.followed, seen.followed),
            ("given names", self.names, seen.names),
            ("sources", set(self.sources), set(seen.sources)),
        ):
            if mine != there:
                wrong.append(f"{what} are {there}, not {mine}")
        for source in self.sources.keys() & seen.sources.keys():
            # What was kept of a removed source stands in none, so only what must be is compared.
            missing = (self.sources[source] & self.texts.keys()) - seen.sources[source]
            wrong += [f"'{title}' is no longer in {source}" for title in sorted(missing)]
        return wrong


def settled(before: Model, after: Model, seen: Observed, parts: bool) -> Model | None:
    """Return what a library holds after an act was killed; None where it is nothing that may be.

    That is the model before it, after it, or one between where it may be done in ``parts``: texts
    and sources of what was being taken in.
    """
    for model in (after, before):
        if not model.differences(seen):
            return model
    if not parts:
        return None
    between = before.copy()
    for source in after.sources.keys() & seen.sources.keys():
        new = after.sources[source] - before.sources.get(source, set())
        between.sources.setdefault(source, set()).update(new & seen.sources[source])
    for title, text in after.texts.items():
        if before.texts.get(title) != text and seen.texts.get(title) == text:
            between.texts[title] = text
    return None if between.differences(seen) else between


def first(wrong: Sequence[str], most: int = 5) -> str:
    """Return the first few of what is wrong, as one line."""
    more = f" and {len(wrong) - most} more" if len(wrong) > most else ""
    return "; ".join(wrong[:most]) + more
