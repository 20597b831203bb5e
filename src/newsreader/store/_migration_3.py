"""The third migration: names that mean the same entity in every article, and what users say of it.

A mention stands at an *alias*: one way in which texts write one entity. Its entity is found in
two steps that only the user's word changes: the alias has an owner (another one once it was split
off), the owner has a final entity (another one once it was merged). So a merge or split changes a
few rows and makes ``article_entity`` anew for the articles of the entities involved, never the
mentions.

Truth: entity and alias with all their columns. Derived, and safe to delete: mention, guess,
article_entity, entity_count, follow_count. ``guess`` says whose surname a text most likely means
that gives no full name; it replaces the alias's owner in that article.
"""

THIRD = """
DROP VIEW entity_row;
DROP TRIGGER article_entity_added;
DROP TRIGGER article_entity_gone;
DROP TABLE entity_act;

ALTER TABLE entity ADD COLUMN into_id INTEGER REFERENCES entity(id);
-- Where into_id leads in the end; itself where nothing was merged. Kept by the code that merges.
ALTER TABLE entity ADD COLUMN final_id INTEGER;
ALTER TABLE entity ADD COLUMN shown_name TEXT;
ALTER TABLE entity ADD COLUMN shown_kind TEXT
  CHECK (shown_kind IN ('person', 'organisation', 'place'));
ALTER TABLE entity ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entity ADD COLUMN followed_at INTEGER;
ALTER TABLE entity ADD COLUMN last_word TEXT GENERATED ALWAYS AS
  (substr(key, length(rtrim(key, replace(key, ' ', ''))) + 1)) VIRTUAL;
UPDATE entity SET final_id = id;
CREATE TRIGGER entity_new AFTER INSERT ON entity WHEN new.final_id IS NULL BEGIN
  UPDATE entity SET final_id = new.id WHERE id = new.id;
END;
CREATE INDEX entity_last_word ON entity (last_word) WHERE kind = 'person';
CREATE INDEX entity_into ON entity (into_id) WHERE into_id IS NOT NULL;
CREATE INDEX entity_final ON entity (final_id);
CREATE INDEX entity_followed ON entity (followed_at) WHERE followed_at IS NOT NULL;

ALTER TABLE alias RENAME TO alias_2;
DROP INDEX alias_entity;
CREATE TABLE alias (
  id INTEGER PRIMARY KEY,
  entity_id INTEGER NOT NULL REFERENCES entity(id),
  owner_id INTEGER NOT NULL REFERENCES entity(id),
  folded TEXT NOT NULL,
  name TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('auto', 'table', 'user')),
  UNIQUE (entity_id, folded)
) STRICT;
INSERT INTO alias (entity_id, owner_id, folded, name, origin)
SELECT entity_id, entity_id, folded, name, origin FROM alias_2 ORDER BY entity_id;
INSERT OR IGNORE INTO alias (entity_id, owner_id, folded, name, origin)
SELECT id, id, key, name, 'auto' FROM entity;
DROP TABLE alias_2;
CREATE INDEX alias_folded ON alias (folded, owner_id);
CREATE INDEX alias_owner ON alias (owner_id);
-- An alias from its second word on, from its third on, and so forth: found by any word of it.
CREATE TABLE alias_tail (
  tail TEXT NOT NULL,
  alias_id INTEGER NOT NULL REFERENCES alias(id),
  PRIMARY KEY (tail, alias_id)
) STRICT, WITHOUT ROWID;
INSERT INTO alias_tail
WITH RECURSIVE part (alias_id, tail) AS (
  SELECT id, substr(folded, instr(folded, ' ') + 1) FROM alias WHERE instr(folded, ' ') > 0
  UNION ALL
  SELECT alias_id, substr(tail, instr(tail, ' ') + 1) FROM part WHERE instr(tail, ' ') > 0
)
SELECT DISTINCT tail, alias_id FROM part WHERE tail <> '';

ALTER TABLE mention RENAME TO mention_2;
CREATE TABLE mention (
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL,
  kind TEXT NOT NULL,
  alias_id INTEGER REFERENCES alias(id),
  date TEXT,
  precision TEXT,
  PRIMARY KEY (article_id, start)
) STRICT, WITHOUT ROWID;
INSERT INTO mention
SELECT m.article_id, m.start, m.end, m.kind, al.id, m.date, m.precision FROM mention_2 m
LEFT JOIN entity e ON e.id = m.entity_id
LEFT JOIN alias al ON al.entity_id = e.id AND al.folded = e.key;
DROP TABLE mention_2;
CREATE INDEX mention_alias ON mention (alias_id)
  WHERE kind IN ('person', 'organisation', 'place');

CREATE TABLE guess (
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  alias_id INTEGER NOT NULL REFERENCES alias(id),
  entity_id INTEGER NOT NULL REFERENCES entity(id),
  PRIMARY KEY (article_id, alias_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX guess_alias ON guess (alias_id, article_id);
CREATE INDEX guess_entity ON guess (entity_id, article_id);

-- What each mention names in the end.
CREATE VIEW named AS
SELECT m.article_id, m.start, m.end, m.kind, m.date, m.precision, m.alias_id, e.id AS entity_id,
  coalesce(e.shown_name, e.name) AS name, coalesce(e.shown_kind, e.kind) AS entity_kind,
  e.hidden, g.entity_id IS NOT NULL AS guessed
FROM mention m
LEFT JOIN alias al ON al.id = m.alias_id
LEFT JOIN entity w ON w.id = al.owner_id
-- What the user said of a name is not guessed at.
LEFT JOIN guess g ON g.article_id = m.article_id AND g.alias_id = m.alias_id
  AND al.owner_id = al.entity_id AND w.final_id = w.id AND w.shown_name IS NULL
LEFT JOIN entity o ON o.id = coalesce(g.entity_id, al.owner_id)
LEFT JOIN entity e ON e.id = o.final_id;

-- Beside the rowid, so that outlets are counted without reading articles.
CREATE INDEX article_outlet ON article (id, outlet);

-- dated: sorted_at is the day it was published. hidden repeats the article's.
ALTER TABLE article_entity RENAME TO article_entity_2;
DROP INDEX article_entity_article;
CREATE TABLE article_entity (
  entity_id INTEGER NOT NULL REFERENCES entity(id),
  sorted_at INTEGER NOT NULL,
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  mentions INTEGER NOT NULL,
  dated INTEGER NOT NULL,
  hidden INTEGER NOT NULL,
  PRIMARY KEY (entity_id, sorted_at DESC, article_id DESC)
) STRICT, WITHOUT ROWID;
INSERT INTO article_entity
SELECT x.entity_id, a.sorted_at, x.article_id, x.mentions, a.published IS a.sorted_at, a.hidden
FROM article_entity_2 x JOIN article a ON a.id = x.article_id;
DROP TABLE article_entity_2;
CREATE INDEX article_entity_article ON article_entity (article_id, mentions);

DROP TABLE entity_count;
CREATE TABLE entity_count (
  entity_id INTEGER PRIMARY KEY REFERENCES entity(id),
  articles INTEGER NOT NULL,
  mentions INTEGER NOT NULL
) STRICT;
INSERT INTO entity_count SELECT entity_id, count(*), sum(mentions) FROM article_entity
WHERE hidden = 0 GROUP BY entity_id;
CREATE INDEX entity_count_most ON entity_count (mentions DESC);

-- Only those that are followed have a row.
CREATE TABLE follow_count (
  entity_id INTEGER PRIMARY KEY REFERENCES entity(id),
  total INTEGER NOT NULL,
  unread INTEGER NOT NULL
) STRICT;

CREATE VIEW entity_row AS
SELECT e.id, coalesce(e.shown_kind, e.kind) AS kind, coalesce(e.shown_name, e.name) AS name,
  coalesce(c.articles, 0) AS articles, coalesce(c.mentions, 0) AS mentions,
  (SELECT sorted_at FROM article_entity x WHERE x.entity_id = e.id AND x.dated = 1
   AND x.hidden = 0 ORDER BY x.sorted_at LIMIT 1) AS first_at,
  (SELECT sorted_at FROM article_entity x WHERE x.entity_id = e.id AND x.dated = 1
   AND x.hidden = 0 ORDER BY x.sorted_at DESC LIMIT 1) AS last_at,
  e.followed_at IS NOT NULL AS followed, e.hidden, e.final_id
FROM entity e LEFT JOIN entity_count c ON c.entity_id = e.id;

CREATE TRIGGER article_entity_added AFTER INSERT ON article_entity WHEN new.hidden = 0 BEGIN
  INSERT INTO entity_count VALUES (new.entity_id, 1, new.mentions)
  ON CONFLICT (entity_id) DO UPDATE
    SET articles = articles + 1, mentions = mentions + excluded.mentions;
  UPDATE follow_count SET total = total + 1,
    unread = unread + (SELECT read = 0 FROM article WHERE id = new.article_id)
  WHERE entity_id = new.entity_id;
END;
CREATE TRIGGER article_entity_gone AFTER DELETE ON article_entity WHEN old.hidden = 0 BEGIN
  UPDATE entity_count SET articles = articles - 1, mentions = mentions - old.mentions
  WHERE entity_id = old.entity_id;
  UPDATE follow_count SET total = total - 1,
    unread = unread - coalesce((SELECT read = 0 FROM article WHERE id = old.article_id), 0)
  WHERE entity_id = old.entity_id;
END;
CREATE TRIGGER article_leaving BEFORE DELETE ON article BEGIN
  DELETE FROM article_entity WHERE article_id = old.id;
END;
CREATE TRIGGER article_followed AFTER UPDATE OF read, hidden ON article
WHEN (old.read <> new.read OR old.hidden <> new.hidden)
  AND EXISTS (SELECT 1 FROM follow_count) BEGIN
  UPDATE follow_count SET total = total + old.hidden - new.hidden, unread = unread
    + (new.read = 0 AND new.hidden = 0) - (old.read = 0 AND old.hidden = 0)
  WHERE entity_id IN (SELECT entity_id FROM article_entity WHERE article_id = new.id);
END;
CREATE TRIGGER article_entity_hid AFTER UPDATE OF hidden ON article
WHEN old.hidden <> new.hidden BEGIN
  UPDATE entity_count SET articles = articles + old.hidden - new.hidden,
    mentions = mentions + (old.hidden - new.hidden) * (SELECT x.mentions FROM article_entity x
      WHERE x.article_id = new.id AND x.entity_id = entity_count.entity_id)
  WHERE entity_id IN (SELECT entity_id FROM article_entity WHERE article_id = new.id);
  INSERT INTO entity_count SELECT entity_id, 1, mentions FROM article_entity
    WHERE article_id = new.id AND new.hidden = 0 ON CONFLICT DO NOTHING;
  UPDATE article_entity SET hidden = new.hidden WHERE article_id = new.id;
END;
DROP TRIGGER article_moved;
CREATE TRIGGER article_moved AFTER UPDATE OF published ON article
WHEN old.sorted_at <> new.sorted_at OR old.published IS NOT new.published BEGIN
  UPDATE article_source SET sorted_at = new.sorted_at WHERE article_id = new.id;
  UPDATE saved_match SET sorted_at = new.sorted_at WHERE article_id = new.id;
  UPDATE article_entity
  SET sorted_at = new.sorted_at, dated = new.published IS new.sorted_at
  WHERE article_id = new.id;
END;
"""
