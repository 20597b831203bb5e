"""What a field of a query may be completed to: outlets, tags, languages, years, names.

Asked at every key, and no index answers it: lists are read whole, kept, and read again when they
are old and the database has changed since.
"""

import json
import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from newsreader.model import Completion, EntityID
from newsreader.store._database import from_ms, to_ms, wrapped

_KEPT_S = 30.0
"""Age at which a list is read again; while articles arrive the counts lag by this much."""
_KNOWN = 20_000
"""Entities found by any word of their names: the most mentioned. The others by their first word."""
_RARE = 2_000
"""Names looked at among all others; a prefix with more of them is still too short to choose by."""
_LEAST = 3
"""Letters from which rare names are looked for."""
_YEARS = 200

_FIELDS = {"person": "person", "org": "organisation", "place": "place", "entity": ""}
_GAPS = re.compile(r"[^\w]+")

_Rows = list[tuple[str, Completion]]
"""Folded words, each after a space, and what they stand for; the most used first."""


def _words(text: str) -> str:
    from newsreader.text.words import fold

    return " " + _GAPS.sub(" ", fold(text)).strip()


class Completions:
    """Values by field and the beginning of any of their words, most used first."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._kept: dict[str, tuple[float, int, _Rows]] = {}

    def __call__(self, field: str, prefix: str, *, limit: int = 8) -> Sequence[Completion]:
        """Return values of ``field`` with a word that begins with ``prefix``.

        Accents and case do not matter. Fields whose values are not the library's have none.

        Args:
            field: "source", "tag", "lang", "date", "is", "person", "org", "place" or "entity".
            prefix: what has been typed of the value; "" for the most used ones.
            limit: values at most.
        """
        with wrapped():
            if field in _FIELDS:
                return self._entities(_FIELDS[field], prefix, limit)
            read = {
                "source": self._outlets,
                "tag": self._tags,
                "lang": self._languages,
                "date": self._years,
                "is": self._statuses,
            }.get(field)
            return [] if read is None else _fitting(self._list(field, read), prefix, limit)

    def warm(self) -> bool:
        """Read one list that takes long, before it is asked for; return whether more are left.

        At 100,000 articles one takes 0.15 to 0.3 CPU-s (measured November 2026).
        """
        cold = [field for field in ("entity", "source") if field not in self._kept]
        if cold:
            self(cold[0], "")
        return len(cold) > 1

    def _list(self, name: str, read: Callable[[], _Rows]) -> _Rows:
        """Return a kept list, or read it where there is none or it is out of date."""
        version = int(self._db.execute("PRAGMA data_version").fetchone()[0])
        now = time.monotonic()
        kept = self._kept.get(name)
        if kept is None or (now - kept[0] > _KEPT_S and kept[1] != version):
            kept = self._kept[name] = (now, version, read())
        return kept[2]

    def _grouped(self, query: str) -> _Rows:
        rows = self._db.execute(query).fetchall()
        counts: dict[str, int] = {}
        for name, count in rows:
            counts[name] = max(count, counts.get(name, 0))
        found = [(_words(name), Completion(name, count)) for name, count in counts.items()]
        return sorted(found, key=lambda row: (-(row[1].articles or 0), row[0]))

    def _outlets(self) -> _Rows:
        return self._grouped(
            "SELECT outlet, count(*) FROM article WHERE outlet IS NOT NULL AND hidden = 0"
            " GROUP BY outlet"
            " UNION ALL SELECT coalesce(sub.title, s.title), c.total FROM source s"
            " JOIN subscription sub ON sub.source_id = s.id"
            " JOIN source_count c ON c.source_id = s.id WHERE c.total > 0"
        )

    def _tags(self) -> _Rows:
        return self._grouped("SELECT name, count(*) FROM tag GROUP BY name")

    def _languages(self) -> _Rows:
        return self._grouped(
            "SELECT language, count(*) FROM article WHERE language IS NOT NULL AND hidden = 0"
            " GROUP BY language"
        )

    def _statuses(self) -> _Rows:
        counts = dict(self._db.execute("SELECT name, n FROM library_count").fetchall())
        noted = self._db.execute(
            "SELECT count(*) FROM (SELECT article_id FROM note UNION"
            " SELECT article_id FROM highlight)"
        ).fetchone()[0]
        known = {
            "unread": counts["unread"],
            "read": counts["all"] - counts["unread"],
            "bookmarked": counts["bookmarks"],
            "noted": noted,
            "hidden": counts["hidden"],
        }
        return [(f" {name}", Completion(name, count)) for name, count in known.items()]

    def _years(self) -> _Rows:
        """Return the years there are, in the user's time zone, newest first."""
        found: _Rows = []
        before: int | None = None
        while len(found) < _YEARS:
            newest = self._db.execute(
                "SELECT max(published) FROM article WHERE published IS NOT NULL"
                " AND published < coalesce(?, 9e18)",
                (before,),
            ).fetchone()[0]
            if newest is None:
                break
            year = from_ms(newest).astimezone().year
            begin = to_ms(datetime(year, 1, 1).astimezone(UTC)) if year > 1 else 0
            count = self._db.execute(
                "SELECT count(*) FROM article WHERE published >= ? AND hidden = 0"
                " AND published < coalesce(?, 9e18)",
                (begin, before),
            ).fetchone()[0]
            found.append((f" {year}", Completion(str(year), count)))
            before = min(begin or 0, newest)
        return found

    # Names

    def _entities(self, kind: str, prefix: str, limit: int) -> list[Completion]:
        known = self._list("entity", self._known)
        found = _fitting(known, prefix, limit, kind)
        key = _words(prefix).strip()
        if len(found) < limit and len(key) >= _LEAST and len(known) == _KNOWN:
            have = {(each.kind, each.label) for each in found}
            rare = self._rare(kind, key, limit)
            found += [each for each in rare if (each.kind, each.label) not in have]
        return found[:limit]

    def _known(self) -> _Rows:
        rows = self._db.execute(
            "SELECT coalesce(e.shown_name, e.name), coalesce(e.shown_kind, e.kind), c.articles,"
            " (SELECT group_concat(al.folded, char(10)) FROM entity o"
            "  JOIN alias al ON al.owner_id = o.id WHERE o.final_id = e.id)"
            " FROM entity_count c JOIN entity e ON e.id = c.entity_id AND e.hidden = 0"
            " WHERE c.mentions > 0 ORDER BY c.mentions DESC LIMIT ?",
            (_KNOWN,),
        ).fetchall()
        found = []
        for name, kind, articles, aliases in rows:
            words = "".join(" " + _GAPS.sub(" ", each) + "\n" for each in aliases.split("\n"))
            found.append((words, Completion(name, articles, kind)))
        return sorted(found, key=lambda row: -(row[1].articles or 0))

    def _rare(self, kind: str, key: str, limit: int) -> list[Completion]:
        rows = self._db.execute(
            "SELECT DISTINCT coalesce(e.shown_name, e.name) AS name,"
            " coalesce(e.shown_kind, e.kind) AS shown, c.articles FROM"
            " (SELECT owner_id FROM alias WHERE folded >= ?1 AND folded < ?1 || char(1114111)"
            "  UNION SELECT al.owner_id FROM alias_tail t JOIN alias al ON al.id = t.alias_id"
            "  WHERE t.tail >= ?1 AND t.tail < ?1 || char(1114111) LIMIT ?4) x"
            " JOIN entity o ON o.id = x.owner_id JOIN entity e ON e.id = o.final_id"
            " JOIN entity_count c ON c.entity_id = e.id"
            " WHERE c.mentions > 0 AND e.hidden = 0 AND ?2 IN ('', shown)"
            " ORDER BY c.articles DESC, name LIMIT ?3",
            (key, kind, limit, _RARE),
        ).fetchall()
        return [Completion(name, articles, kind) for name, kind, articles in rows]

    def names(self, entities: Sequence[int]) -> dict[EntityID, str]:
        """Return the names of entities; those that are gone are left out."""
        with wrapped():
            rows = self._db.execute(
                "SELECT e.id, coalesce(e.shown_name, e.name) FROM json_each(?) j"
                " JOIN entity e ON e.id = j.value WHERE e.hidden = 0",
                (json.dumps(entities),),
            ).fetchall()
        return {EntityID(entity): name for entity, name in rows}


def _fitting(rows: _Rows, prefix: str, limit: int, kind: str = "") -> list[Completion]:
    key = _words(prefix)
    found = []
    for words, completion in rows:
        if key in words and kind in ("", completion.kind):
            found.append(completion)
            if len(found) == limit:
                break
    return found
