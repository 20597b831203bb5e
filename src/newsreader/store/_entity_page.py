"""The page of one entity, from tables that are kept, never by looking through all mentions."""

import json
import math
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, UTC, datetime

from newsreader.errors import NotFoundError
from newsreader.model import ArticleID, Entity, EntityID, EntityPage, Headline, Sighting
from newsreader.store._body import decode_text
from newsreader.store._database import to_ms, wrapped
from newsreader.store._entities import Entities
from newsreader.store._lists import Lists

_LATEST = 10
_BESIDE_OF = 500
"""The latest articles that say whom an entity is named with."""
_BESIDE = 12
_OUTLETS = 20
_LONGEST = 400
"""Characters of a sentence that are shown."""

_END = re.compile(r"[.!?…][\"”’')\]]*\s+(?=[\"“‘'(\[]*[^\W\d_a-z])|\n")
_SHORTENED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Capt|Rev|Hon|St|Jr|Sr|vs|No|Inc|Ltd|Co"
    r"|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)|\b[A-Z])\.$"
)


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the sentence begins and ends that holds ``text[start:end]``.

    A line is never left. A full stop after a title, a month or an initial ends nothing.
    """
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    for stop in _END.finditer(text, first, last):
        ends = stop.start() + 1
        if _SHORTENED.search(text, max(first, ends - 6), ends):
            continue
        if stop.end() <= start:
            first = stop.end()
        elif ends >= end:
            last = len(text[: stop.end()].rstrip())
            break
    if last - first > _LONGEST:
        first = max(first, start - _LONGEST // 2)
        last = min(last, max(end, first + _LONGEST))
    return first, last


class EntityPages:
    """Puts the pages of entities together."""

    def __init__(self, db: sqlite3.Connection, entities: Entities, lists: Lists) -> None:
        self._db = db
        self._entities = entities
        self._lists = lists

    def page(self, entity: EntityID) -> EntityPage:
        """Return what the library knows of an entity; of one merged, of what it is merged into.

        Raises:
            NotFoundError: there is none with that id.
        """
        found = self._entities.entity(entity)
        with wrapped():
            latest = [
                ArticleID(article)
                for (article,) in self._db.execute(
                    "SELECT article_id FROM article_entity WHERE entity_id = ? AND hidden = 0"
                    " ORDER BY sorted_at DESC, article_id DESC LIMIT ?",
                    (found.id, _BESIDE_OF),
                )
            ]
            return EntityPage(
                entity=found,
                per_month=self._per_month(found),
                outlets=self._outlets(found.id),
                beside=self._beside(found, latest),
                latest=self._latest(found.id, latest[:_LATEST]),
                merged=self._merged(found.id),
                hidden=self._hidden(found.id),
            )

    def _per_month(self, entity: Entity) -> tuple[tuple[str, int], ...]:
        if entity.first is None or entity.last is None:
            return ()
        months = list(_months(entity.first, entity.last))
        # Each month is a stretch of the key: counted three times as fast as by grouping.
        rows = self._db.execute(
            "SELECT (SELECT count(*) FROM article_entity x WHERE x.entity_id = ?1"
            "  AND x.sorted_at >= json_extract(j.value, '$[0]')"
            "  AND x.sorted_at < json_extract(j.value, '$[1]')"
            "  AND x.hidden = 0 AND x.dated = 1) FROM json_each(?2) j ORDER BY j.key",
            (entity.id, json.dumps([(begin, end) for _, begin, end in months])),
        ).fetchall()
        return tuple((name, n) for (name, _, _), (n,) in zip(months, rows, strict=True))

    def _outlets(self, entity: EntityID) -> tuple[tuple[str, int], ...]:
        counts = Counter[str]()
        nameless = 0
        for outlet, articles in self._db.execute(
            "SELECT a.outlet, count(*) FROM article_entity x"
            " JOIN article a INDEXED BY article_outlet ON a.id = x.article_id"
            " WHERE x.entity_id = ? AND x.hidden = 0 GROUP BY a.outlet",
            (entity,),
        ):
            if outlet is None:
                nameless = articles
            else:
                counts[outlet] = articles
        if nameless:
            rows = self._db.execute(_SUBSCRIBED, (entity,)).fetchall()
            counts.update({name: articles for name, articles in rows if name is not None})
        ranked = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
        return tuple(ranked[:_OUTLETS])

    def _beside(self, entity: Entity, articles: Sequence[int]) -> tuple[Entity, ...]:
        """Return those named with it, by how telling that is.

        Ranked by Dunning's log-likelihood ratio (1993) of meeting in an article against chance, so
        that who is named everywhere stands behind who is named with this one.
        """
        here = Counter[int]()
        for (other,) in self._db.execute(
            "SELECT x.entity_id FROM json_each(?) j CROSS JOIN article_entity x"
            " ON x.article_id = j.value WHERE x.entity_id <> ?",
            (json.dumps(articles), entity.id),
        ):
            here[other] += 1
        least = 2 if len(articles) >= 5 else 1
        met = {other: count for other, count in here.items() if count >= least}
        rows = self._db.execute(
            "SELECT r.* FROM json_each(?) j JOIN entity_row r ON r.id = j.value WHERE r.hidden = 0",
            (json.dumps([other for other, _ in Counter(met).most_common(10 * _BESIDE)]),),
        ).fetchall()
        (everywhere,) = self._db.execute(
            "SELECT n FROM library_count WHERE name = 'all'"
        ).fetchone()
        ranked = sorted(
            rows,
            key=lambda row: (-_telling(met[row[0]], len(articles), row[3], everywhere), row[0]),
        )
        return tuple(self._entities.read(row, here=met[row[0]]) for row in ranked[:_BESIDE])

    def _latest(self, entity: EntityID, articles: list[ArticleID]) -> tuple[Sighting, ...]:
        headlines = self._lists.headlines(articles)
        return tuple(self._sighting(entity, headline) for headline in headlines)

    def _sighting(self, entity: EntityID, headline: Headline) -> Sighting:
        codec, blob = self._db.execute(
            "SELECT r.codec, r.text FROM article a JOIN revision r ON r.article_id = a.id"
            " AND r.number = a.revision WHERE a.id = ?",
            (headline.id,),
        ).fetchone()
        text = decode_text(codec, blob)
        spans = self._db.execute(
            "SELECT start, end FROM named WHERE article_id = ? AND entity_id = ?"
            " AND kind <> 'demonym' ORDER BY start",
            (headline.id, entity),
        ).fetchall()
        if not spans:
            return Sighting(headline, "")
        first, last = sentence_around(text, *spans[0])
        inside = [(a - first, b - first) for a, b in spans if first <= a and b <= last]
        return Sighting(headline, text[first:last], tuple(inside))

    def _merged(self, entity: EntityID) -> tuple[Entity, ...]:
        rows = self._db.execute(
            "SELECT r.* FROM entity e JOIN entity_row r ON r.id = e.id WHERE e.into_id = ?",
            (entity,),
        ).fetchall()
        return tuple(self._entities.read(row) for row in rows)

    def _hidden(self, entity: EntityID) -> bool:
        row = self._db.execute("SELECT hidden FROM entity WHERE id = ?", (entity,)).fetchone()
        if row is None:
            raise NotFoundError(f"e{entity}: no such entity; 'newsreader entities' shows ids")
        return bool(row[0])


_SUBSCRIBED = (
    "SELECT (SELECT coalesce(sub.title, s.title) FROM article_source p"
    "  JOIN source s ON s.id = p.source_id JOIN subscription sub ON sub.source_id = s.id"
    "  WHERE p.article_id = x.article_id ORDER BY p.arrived LIMIT 1) AS name, count(*)"
    " FROM article_entity x JOIN article a INDEXED BY article_outlet ON a.id = x.article_id"
    " WHERE x.entity_id = ? AND x.hidden = 0 AND a.outlet IS NULL GROUP BY name"
)
"""What the articles came by that name no outlet."""


def _months(first: datetime, last: datetime) -> Iterator[tuple[str, int, int]]:
    """Give every month from one moment's to another's: its name, its begin and end in ms, UTC."""
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        following = (year + 1, 1) if month == 12 else (year, month + 1)
        begin = to_ms(datetime(year, month, 1, tzinfo=UTC))
        end = to_ms(datetime(*following, 1, tzinfo=UTC)) if following[0] <= MAXYEAR else _NEVER
        yield f"{year:04}-{month:02}", begin, end
        year, month = following


_NEVER = 1 << 62


def _telling(both: int, mine: int, theirs: int, everyone: int) -> float:
    """Return the log-likelihood ratio of a two by two table; negative where they meet too seldom.

    Args:
        both: articles that name both, of ``mine``.
        mine: articles looked at that name the one.
        theirs: articles that name the other.
        everyone: all articles.
    """
    rest = max(everyone, mine + 1, theirs + 1)
    table = (both, mine - both, max(0, theirs - both), max(0, rest - mine - theirs + both))
    total = sum(table)
    rows, columns = (
        (table[0] + table[1], table[2] + table[3]),
        (
            table[0] + table[2],
            table[1] + table[3],
        ),
    )
    ratio = 0.0
    for n, seen in enumerate(table):
        expected = rows[n // 2] * columns[n % 2] / total
        if seen:
            ratio += seen * math.log(seen / expected)
    return 2 * ratio if both * total >= rows[0] * columns[0] else -2 * ratio
