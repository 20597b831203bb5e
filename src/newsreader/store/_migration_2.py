"""The second migration: saved searches, what they match, and hidden articles.

Truth: saved_search, saved_act, search_history, and the new columns of status. Derived, and safe to
delete: saved_match and saved_count, which the worker fills again. arrival is work that waits.

A saved search that asks for ``is:read`` and its like must follow the user's keys at once, in a
process that has no index. Hence ``mask``: bit b tells whether the article matches while its flags
are b (1 read, 2 bookmarked, 4 noted, 8 hidden). The index decides the mask, triggers the rest.
"""

SECOND = """
ALTER TABLE status ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE status ADD COLUMN hidden_at INTEGER;
-- Which saved search did it; null where the user did.
ALTER TABLE status ADD COLUMN hidden_by INTEGER;
ALTER TABLE status ADD COLUMN read_by INTEGER;
ALTER TABLE status ADD COLUMN bookmarked_by INTEGER;

ALTER TABLE article ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE article ADD COLUMN hidden_by INTEGER;
ALTER TABLE article ADD COLUMN noted INTEGER NOT NULL DEFAULT 0;
UPDATE article SET noted = 1
WHERE id IN (SELECT article_id FROM note UNION SELECT article_id FROM highlight);
ALTER TABLE article_source ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;

ALTER TABLE act ADD COLUMN search_id INTEGER;
ALTER TABLE act ADD COLUMN action TEXT;

DROP INDEX article_newest;
DROP INDEX article_unread;
DROP INDEX article_bookmarked;
DROP INDEX article_published;
DROP INDEX article_source_newest;
CREATE INDEX article_newest ON article (sorted_at DESC, id DESC) WHERE hidden = 0;
CREATE INDEX article_unread ON article (sorted_at DESC, id DESC) WHERE read = 0 AND hidden = 0;
CREATE INDEX article_bookmarked ON article (sorted_at DESC, id DESC)
  WHERE bookmarked = 1 AND hidden = 0;
CREATE INDEX article_hidden ON article (sorted_at DESC, id DESC) WHERE hidden = 1;
CREATE INDEX article_published ON article (published DESC, id DESC, hidden)
  WHERE published IS NOT NULL;
CREATE INDEX article_source_newest ON article_source (source_id, sorted_at DESC, article_id DESC)
  WHERE hidden = 0;

-- The user's own. A removed one keeps its row: undo brings it back under its id, and an article
-- that it hid can still say why. after: arrivals up to this one were there before it.
CREATE TABLE saved_search (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  key TEXT NOT NULL,
  query TEXT NOT NULL,
  actions TEXT NOT NULL DEFAULT '[]',
  version INTEGER NOT NULL DEFAULT 1,
  after INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX saved_search_key ON saved_search (key) WHERE removed = 0;

-- What a saved search did to an article, once for ever; it outlives the article. told: 0 while
-- the user is still to be told of it, null where there is nothing to tell.
CREATE TABLE saved_act (
  search_id INTEGER NOT NULL REFERENCES saved_search(id),
  article_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  done TEXT NOT NULL,
  told INTEGER,
  PRIMARY KEY (search_id, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX saved_act_article ON saved_act (article_id);
CREATE INDEX saved_act_untold ON saved_act (search_id) WHERE told = 0;

CREATE TABLE search_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  query TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL
) STRICT;

-- New articles whose saved searches have not all been asked yet: names come after the text.
CREATE TABLE arrival (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  article_id INTEGER NOT NULL UNIQUE REFERENCES article(id) ON DELETE CASCADE
) STRICT;
CREATE TRIGGER article_arrived AFTER INSERT ON article BEGIN
  INSERT INTO arrival (article_id) VALUES (new.id);
END;

CREATE TABLE saved_match (
  search_id INTEGER NOT NULL REFERENCES saved_search(id),
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  mask INTEGER NOT NULL,
  sorted_at INTEGER NOT NULL,
  shown INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (search_id, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX saved_match_newest ON saved_match (search_id, sorted_at DESC, article_id DESC)
  WHERE shown = 1;
CREATE INDEX saved_match_article ON saved_match (article_id);

-- version: of the query that was matched, 0 when none. as_of and due: when its times were last
-- looked at, and when that has to be done again. zone: minutes from UTC that its dates counted in.
CREATE TABLE saved_count (
  search_id INTEGER PRIMARY KEY REFERENCES saved_search(id),
  total INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 0,
  as_of INTEGER NOT NULL DEFAULT 0,
  due INTEGER,
  zone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TRIGGER saved_search_added AFTER INSERT ON saved_search BEGIN
  INSERT INTO saved_count (search_id) VALUES (new.id);
END;

-- Those whose matches are known. Two seconds are the worker's to look at the clock.
CREATE VIEW saved_ready AS
SELECT s.id FROM saved_search s JOIN saved_count c ON c.search_id = s.id
WHERE s.removed = 0 AND c.version = s.version
  AND (c.due IS NULL OR c.due > CAST(strftime('%s', 'now') AS INTEGER) * 1000 - 2000);

-- What the truth says of an article's flags; article repeats it.
CREATE VIEW article_flags AS
SELECT a.id, coalesce(st.read, 0) AS read, coalesce(st.bookmarked, 0) AS bookmarked,
  coalesce(st.hidden, 0) AS hidden, st.hidden_by,
  EXISTS (SELECT 1 FROM note n WHERE n.article_id = a.id)
  OR EXISTS (SELECT 1 FROM highlight h WHERE h.article_id = a.id) AS noted
FROM article a LEFT JOIN status st ON st.article_id = a.id;

CREATE VIEW saved_now AS
SELECT m.search_id, m.article_id, a.sorted_at, a.read,
  ((m.mask >> (a.read + 2 * a.bookmarked + 4 * a.noted + 8 * a.hidden))
   | CASE WHEN a.hidden_by = m.search_id
     THEN m.mask >> (a.read + 2 * a.bookmarked + 4 * a.noted) ELSE 0 END) & 1 AS shown
FROM saved_match m JOIN article a ON a.id = m.article_id;

CREATE TRIGGER saved_match_added AFTER INSERT ON saved_match BEGIN
  UPDATE saved_match SET (shown, unread) =
    (SELECT n.shown, n.shown AND NOT n.read FROM saved_now n
     WHERE n.search_id = new.search_id AND n.article_id = new.article_id)
  WHERE search_id = new.search_id AND article_id = new.article_id;
END;
CREATE TRIGGER saved_match_masked AFTER UPDATE OF mask ON saved_match BEGIN
  UPDATE saved_match SET (shown, unread) =
    (SELECT n.shown, n.shown AND NOT n.read FROM saved_now n
     WHERE n.search_id = new.search_id AND n.article_id = new.article_id)
  WHERE search_id = new.search_id AND article_id = new.article_id;
END;
CREATE TRIGGER saved_match_changed AFTER UPDATE OF shown, unread ON saved_match
WHEN old.shown <> new.shown OR old.unread <> new.unread BEGIN
  UPDATE saved_count
  SET total = total + new.shown - old.shown, unread = unread + new.unread - old.unread
  WHERE search_id = new.search_id;
END;
CREATE TRIGGER saved_match_gone AFTER DELETE ON saved_match BEGIN
  UPDATE saved_count SET total = total - old.shown, unread = unread - old.unread
  WHERE search_id = old.search_id;
END;
CREATE TRIGGER article_matched AFTER UPDATE OF read, bookmarked, noted, hidden, hidden_by ON article
WHEN old.read <> new.read OR old.bookmarked <> new.bookmarked OR old.noted <> new.noted
  OR old.hidden <> new.hidden OR old.hidden_by IS NOT new.hidden_by BEGIN
  UPDATE saved_match SET (shown, unread) =
    (SELECT n.shown, n.shown AND NOT n.read FROM saved_now n
     WHERE n.search_id = saved_match.search_id AND n.article_id = saved_match.article_id)
  WHERE article_id = new.id;
END;

CREATE TRIGGER note_added AFTER INSERT ON note BEGIN
  UPDATE article SET noted = 1 WHERE id = new.article_id AND noted = 0;
END;
CREATE TRIGGER note_gone AFTER DELETE ON note BEGIN
  UPDATE article SET noted = EXISTS (SELECT 1 FROM highlight WHERE article_id = old.article_id)
  WHERE id = old.article_id;
END;
CREATE TRIGGER highlight_added AFTER INSERT ON highlight BEGIN
  UPDATE article SET noted = 1 WHERE id = new.article_id AND noted = 0;
END;
CREATE TRIGGER highlight_gone AFTER DELETE ON highlight BEGIN
  UPDATE article SET noted =
    EXISTS (SELECT 1 FROM note WHERE article_id = old.article_id)
    OR EXISTS (SELECT 1 FROM highlight WHERE article_id = old.article_id)
  WHERE id = old.article_id;
END;

INSERT INTO library_count VALUES ('hidden', 0);
DROP TRIGGER status_added;
DROP TRIGGER status_changed;
DROP TRIGGER article_added;
DROP TRIGGER article_read;
DROP TRIGGER article_marked;
DROP TRIGGER article_gone;
DROP TRIGGER article_source_added;
DROP TRIGGER article_source_gone;
DROP TRIGGER article_moved;

CREATE TRIGGER status_added AFTER INSERT ON status BEGIN
  UPDATE article SET read = new.read, bookmarked = new.bookmarked,
    hidden = new.hidden, hidden_by = new.hidden_by
  WHERE id = new.article_id AND (read <> new.read OR bookmarked <> new.bookmarked
    OR hidden <> new.hidden OR hidden_by IS NOT new.hidden_by);
END;
CREATE TRIGGER status_changed AFTER UPDATE OF read, bookmarked, hidden, hidden_by ON status BEGIN
  UPDATE article SET read = new.read, bookmarked = new.bookmarked,
    hidden = new.hidden, hidden_by = new.hidden_by
  WHERE id = new.article_id AND (read <> new.read OR bookmarked <> new.bookmarked
    OR hidden <> new.hidden OR hidden_by IS NOT new.hidden_by);
END;

CREATE TRIGGER article_added AFTER INSERT ON article BEGIN
  UPDATE library_count SET n = n + 1 WHERE name = iif(new.hidden, 'hidden', 'all');
  UPDATE library_count SET n = n + 1 WHERE name = 'unread' AND new.read = 0 AND new.hidden = 0;
  UPDATE library_count SET n = n + 1
  WHERE name = 'bookmarks' AND new.bookmarked = 1 AND new.hidden = 0;
END;
CREATE TRIGGER article_read AFTER UPDATE OF read, hidden ON article
WHEN old.read <> new.read OR old.hidden <> new.hidden BEGIN
  UPDATE library_count
  SET n = n + (new.read = 0 AND new.hidden = 0) - (old.read = 0 AND old.hidden = 0)
  WHERE name = 'unread';
  UPDATE source_count
  SET unread = unread + (new.read = 0 AND new.hidden = 0) - (old.read = 0 AND old.hidden = 0),
      total = total + old.hidden - new.hidden
  WHERE source_id IN (SELECT source_id FROM article_source WHERE article_id = new.id);
END;
CREATE TRIGGER article_marked AFTER UPDATE OF bookmarked, hidden ON article
WHEN old.bookmarked <> new.bookmarked OR old.hidden <> new.hidden BEGIN
  UPDATE library_count SET n = n
    + (new.bookmarked = 1 AND new.hidden = 0) - (old.bookmarked = 1 AND old.hidden = 0)
  WHERE name = 'bookmarks';
END;
CREATE TRIGGER article_hid AFTER UPDATE OF hidden ON article WHEN old.hidden <> new.hidden BEGIN
  UPDATE library_count SET n = n + old.hidden - new.hidden WHERE name = 'all';
  UPDATE library_count SET n = n + new.hidden - old.hidden WHERE name = 'hidden';
  UPDATE article_source SET hidden = new.hidden WHERE article_id = new.id;
END;
CREATE TRIGGER article_gone AFTER DELETE ON article BEGIN
  UPDATE library_count SET n = n - 1 WHERE name = iif(old.hidden, 'hidden', 'all');
  UPDATE library_count SET n = n - 1 WHERE name = 'unread' AND old.read = 0 AND old.hidden = 0;
  UPDATE library_count SET n = n - 1
  WHERE name = 'bookmarks' AND old.bookmarked = 1 AND old.hidden = 0;
END;
CREATE TRIGGER article_source_added AFTER INSERT ON article_source BEGIN
  INSERT INTO source_count (source_id, total, unread)
  SELECT new.source_id, hidden = 0, read = 0 AND hidden = 0 FROM article
  WHERE id = new.article_id
  ON CONFLICT (source_id) DO UPDATE
  SET total = total + excluded.total, unread = unread + excluded.unread;
END;
CREATE TRIGGER article_source_gone AFTER DELETE ON article_source BEGIN
  UPDATE source_count
  SET total = total - (old.hidden = 0),
      unread = unread - coalesce(
        (SELECT read = 0 AND hidden = 0 FROM article WHERE id = old.article_id), 0)
  WHERE source_id = old.source_id;
END;
CREATE TRIGGER article_moved AFTER UPDATE OF published ON article
WHEN old.sorted_at <> new.sorted_at BEGIN
  UPDATE article_source SET sorted_at = new.sorted_at WHERE article_id = new.id;
  UPDATE saved_match SET sorted_at = new.sorted_at WHERE article_id = new.id;
END;
"""
