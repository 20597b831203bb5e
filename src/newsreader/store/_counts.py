"""What triggers keep: counters, and flags copied to where lists need them. Said when wrong."""

import sqlite3
from collections.abc import Sequence

from newsreader.store._entities import refresh

_ENDS = (
    "SELECT e.id, e.final_id, (WITH RECURSIVE up (id, into_id) AS"
    "  (SELECT e.id, e.into_id UNION SELECT o.id, o.into_id FROM up JOIN entity o"
    "   ON o.id = up.into_id) SELECT id FROM up WHERE into_id IS NULL) AS ends FROM entity e"
)
"""Each entity, where it is said to end up and where it does."""

_DIFFERING = (
    "SELECT entity_id, article_id, sum(kept) AS kept, sum(counted) AS counted FROM"
    " (SELECT entity_id, article_id, mentions AS kept, 0 AS counted FROM article_entity"
    "  UNION ALL SELECT entity_id, article_id, 0, 1 FROM named"
    "  WHERE kind IN ('person', 'organisation', 'place') AND entity_id IS NOT NULL)"
    " GROUP BY entity_id, article_id HAVING sum(kept) <> sum(counted)"
)
"""Articles that are not kept as naming an entity as often as their mentions do."""

_WRONG = (
    "SELECT 'all', n, (SELECT count(*) FROM article WHERE hidden = 0)"
    " FROM library_count WHERE name = 'all'",
    "SELECT 'unread', n, (SELECT count(*) FROM article WHERE read = 0 AND hidden = 0)"
    " FROM library_count WHERE name = 'unread'",
    "SELECT 'bookmarks', n, (SELECT count(*) FROM article WHERE bookmarked = 1 AND hidden = 0)"
    " FROM library_count WHERE name = 'bookmarks'",
    "SELECT 'hidden', n, (SELECT count(*) FROM article WHERE hidden = 1)"
    " FROM library_count WHERE name = 'hidden'",
    "SELECT 'source s' || s.id || ' total', coalesce(c.total, 0),"
    " (SELECT count(*) FROM article_source x JOIN article a ON a.id = x.article_id"
    " WHERE x.source_id = s.id AND a.hidden = 0)"
    " FROM source s LEFT JOIN source_count c ON c.source_id = s.id",
    "SELECT 'source s' || s.id || ' unread', coalesce(c.unread, 0),"
    " (SELECT count(*) FROM article_source x JOIN article a ON a.id = x.article_id"
    " WHERE x.source_id = s.id AND a.read = 0 AND a.hidden = 0)"
    " FROM source s LEFT JOIN source_count c ON c.source_id = s.id",
    "SELECT 'flags of a' || a.id, a.read + 2 * a.bookmarked + 4 * a.noted + 8 * a.hidden,"
    " f.read + 2 * f.bookmarked + 4 * f.noted + 8 * f.hidden"
    " FROM article a JOIN article_flags f ON f.id = a.id",
    "SELECT 'who hid a' || a.id, coalesce(a.hidden_by, 0), coalesce(f.hidden_by, 0)"
    " FROM article a JOIN article_flags f ON f.id = a.id",
    "SELECT 'a' || a.id || ' in source s' || x.source_id, x.sorted_at * 2 + x.hidden,"
    " a.sorted_at * 2 + a.hidden"
    " FROM article_source x JOIN article a ON a.id = x.article_id",
    "SELECT 'a' || x.article_id || ' at e' || x.entity_id,"
    " x.sorted_at * 4 + x.dated * 2 + x.hidden,"
    " a.sorted_at * 4 + (a.published IS a.sorted_at) * 2 + a.hidden"
    " FROM article_entity x JOIN article a ON a.id = x.article_id",
    f"SELECT 'a' || article_id || ' at e' || entity_id, kept, counted FROM ({_DIFFERING})",  # noqa: S608 - constants
    f"SELECT 'e' || id || ' is part of e', final_id, ends FROM ({_ENDS}) WHERE final_id <> ends",  # noqa: S608 - constants
    "SELECT 'words of names', (SELECT count(*) FROM alias_tail),"
    " (SELECT coalesce(sum(length(folded) - length(replace(folded, ' ', ''))), 0) FROM alias)",
    "SELECT 'e' || c.entity_id || ' articles', c.articles,"
    " (SELECT count(*) FROM article_entity x WHERE x.entity_id = c.entity_id AND x.hidden = 0)"
    " FROM entity_count c",
    "SELECT 'e' || c.entity_id || ' mentions', c.mentions,"
    " (SELECT coalesce(sum(x.mentions), 0) FROM article_entity x"
    "  WHERE x.entity_id = c.entity_id AND x.hidden = 0) FROM entity_count c",
    "SELECT 'followed e' || e.id, coalesce(c.total * 1000000 + c.unread, -1),"
    " (SELECT count(*) * 1000000 + coalesce(sum(a.read = 0), 0) FROM article_entity x"
    "  JOIN article a ON a.id = x.article_id WHERE x.entity_id = e.id AND x.hidden = 0)"
    " FROM entity e LEFT JOIN follow_count c ON c.entity_id = e.id"
    " WHERE e.followed_at IS NOT NULL AND e.final_id = e.id",
    "SELECT 'a' || n.article_id || ' in saved search ' || n.search_id,"
    " m.sorted_at * 4 + m.shown * 2 + m.unread,"
    " n.sorted_at * 4 + n.shown * 2 + (n.shown AND NOT n.read)"
    " FROM saved_now n JOIN saved_match m"
    " ON m.search_id = n.search_id AND m.article_id = n.article_id",
    "SELECT 'saved search ' || c.search_id || ' total', c.total,"
    " (SELECT count(*) FROM saved_match m WHERE m.search_id = c.search_id AND m.shown = 1)"
    " FROM saved_count c",
    "SELECT 'saved search ' || c.search_id || ' unread', c.unread,"
    " (SELECT count(*) FROM saved_match m WHERE m.search_id = c.search_id AND m.unread = 1)"
    " FROM saved_count c",
)
"""Each gives rows of what it is, what is kept, what is counted."""

_REMAKE = (
    f"UPDATE entity SET final_id = (SELECT ends FROM ({_ENDS}) x WHERE x.id = entity.id)"  # noqa: S608 - constants
    " WHERE into_id IS NOT NULL OR final_id <> id",
    "DELETE FROM alias_tail",
    "INSERT INTO alias_tail WITH RECURSIVE part (alias_id, tail) AS"
    " (SELECT id, substr(folded, instr(folded, ' ') + 1) FROM alias WHERE instr(folded, ' ') > 0"
    "  UNION ALL SELECT alias_id, substr(tail, instr(tail, ' ') + 1) FROM part"
    "  WHERE instr(tail, ' ') > 0) SELECT tail, alias_id FROM part",
)
"""Makes anew what ``article_entity`` and the finding of names stand on."""

_RECOUNT = (
    "UPDATE article SET (read, bookmarked, hidden, hidden_by, noted) ="
    " (SELECT f.read, f.bookmarked, f.hidden, f.hidden_by, f.noted"
    " FROM article_flags f WHERE f.id = article.id)",
    "UPDATE article_source SET (sorted_at, hidden) ="
    " (SELECT a.sorted_at, a.hidden FROM article a WHERE a.id = article_id)",
    "UPDATE library_count SET n = (SELECT count(*) FROM article WHERE hidden = 0)"
    " WHERE name = 'all'",
    "UPDATE library_count SET n = (SELECT count(*) FROM article WHERE read = 0 AND hidden = 0)"
    " WHERE name = 'unread'",
    "UPDATE library_count SET n ="
    " (SELECT count(*) FROM article WHERE bookmarked = 1 AND hidden = 0)"
    " WHERE name = 'bookmarks'",
    "UPDATE library_count SET n = (SELECT count(*) FROM article WHERE hidden = 1)"
    " WHERE name = 'hidden'",
    "DELETE FROM source_count",
    "INSERT INTO source_count"
    " SELECT x.source_id, sum(a.hidden = 0), sum(a.read = 0 AND a.hidden = 0)"
    " FROM article_source x JOIN article a ON a.id = x.article_id GROUP BY x.source_id",
    "UPDATE article_entity SET (sorted_at, dated, hidden) ="
    " (SELECT a.sorted_at, a.published IS a.sorted_at, a.hidden FROM article a"
    " WHERE a.id = article_id)",
    "DELETE FROM entity_count",
    "INSERT INTO entity_count SELECT entity_id, count(*), sum(mentions)"
    " FROM article_entity WHERE hidden = 0 GROUP BY entity_id",
    "DELETE FROM follow_count",
    "INSERT INTO follow_count SELECT e.id, count(a.id), coalesce(sum(a.read = 0), 0)"
    " FROM entity e LEFT JOIN article_entity x ON x.entity_id = e.id AND x.hidden = 0"
    " LEFT JOIN article a ON a.id = x.article_id"
    " WHERE e.followed_at IS NOT NULL AND e.final_id = e.id GROUP BY e.id",
    "UPDATE saved_match SET (sorted_at, shown, unread) ="
    " (SELECT n.sorted_at, n.shown, n.shown AND NOT n.read FROM saved_now n"
    " WHERE n.search_id = saved_match.search_id AND n.article_id = saved_match.article_id)",
    "INSERT INTO saved_count (search_id) SELECT id FROM saved_search WHERE true"
    " ON CONFLICT DO NOTHING",
    "UPDATE saved_count SET"
    " total = (SELECT count(*) FROM saved_match m"
    "  WHERE m.search_id = saved_count.search_id AND m.shown = 1),"
    " unread = (SELECT count(*) FROM saved_match m"
    "  WHERE m.search_id = saved_count.search_id AND m.unread = 1)",
)


def wrong(db: sqlite3.Connection) -> Sequence[str]:
    """Return what differs, in words."""
    return [
        f"{name} says {kept}, there are {counted}"
        for statement in _WRONG
        for name, kept, counted in db.execute(statement)
        if kept != counted
    ]


def recount(db: sqlite3.Connection) -> None:
    """Set all of it to what is counted, in the caller's transaction."""
    for statement in _REMAKE:
        db.execute(statement)
    refresh(db, {article for _, article, _, _ in db.execute(_DIFFERING)})
    for statement in _RECOUNT:
        db.execute(statement)
