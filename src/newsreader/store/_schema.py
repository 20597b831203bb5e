"""The database's shape: one numbered migration after another, never edited once landed.

Truth is what cannot be derived again: articles with their revisions, identities, the user's
status, tags, notes, highlights and acts, entity and story ids. Derived, and safe to delete:
mention, article_entity, entity_count, story_member, source_count, library_count, todo.
Every time is milliseconds since 1970 UTC. Later migrations have a module each, which says the same
of its own tables.
"""

from newsreader.store._migration_2 import SECOND
from newsreader.store._migration_3 import THIRD
from newsreader.store._migration_4 import FOURTH
from newsreader.store._migration_5 import FIFTH

_FIRST = """
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The publisher's side of where articles come from; the user's side is subscription.
CREATE TABLE source (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('feed', 'import')),
  key TEXT NOT NULL UNIQUE,
  url TEXT,
  home_page TEXT,
  title TEXT NOT NULL,
  title_derived INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE subscription (
  source_id INTEGER PRIMARY KEY REFERENCES source(id) ON DELETE CASCADE,
  folder TEXT,
  title TEXT,
  paused INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  added_at INTEGER NOT NULL
) STRICT;

-- read and bookmarked repeat status, so that lists need no join; triggers keep them equal.
CREATE TABLE article (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  revision INTEGER NOT NULL DEFAULT 1,
  title TEXT NOT NULL,
  title_derived INTEGER NOT NULL DEFAULT 0,
  outlet TEXT,
  author TEXT,
  url TEXT,
  published INTEGER,
  published_precision TEXT NOT NULL DEFAULT 'second',
  published_derived INTEGER NOT NULL DEFAULT 0,
  updated INTEGER,
  arrived INTEGER NOT NULL,
  sorted_at INTEGER NOT NULL GENERATED ALWAYS AS
    (CASE WHEN published IS NULL OR published > arrived THEN arrived ELSE published END) STORED,
  language TEXT,
  direction TEXT NOT NULL DEFAULT 'ltr' CHECK (direction IN ('ltr', 'rtl')),
  words INTEGER NOT NULL,
  lead TEXT NOT NULL,
  text_hash BLOB NOT NULL,
  read INTEGER NOT NULL DEFAULT 0,
  bookmarked INTEGER NOT NULL DEFAULT 0,
  recognised INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX article_newest ON article (sorted_at DESC, id DESC);
CREATE INDEX article_unread ON article (sorted_at DESC, id DESC) WHERE read = 0;
CREATE INDEX article_bookmarked ON article (sorted_at DESC, id DESC) WHERE bookmarked = 1;
CREATE INDEX article_published ON article (published DESC, id DESC) WHERE published IS NOT NULL;
CREATE INDEX article_recognised ON article (recognised);

CREATE TABLE revision (
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  saved_at INTEGER NOT NULL,
  codec INTEGER NOT NULL CHECK (codec IN (0, 1)),
  text BLOB NOT NULL,
  structure BLOB NOT NULL,
  PRIMARY KEY (article_id, number)
) STRICT;

-- Every name under which an article is known: guid within a feed, file, link, text. It outlives
-- the article, so that one which comes back keeps its id, and with it all the user did to it.
-- entry_hash is what that feed or file last said, so that two of them never fight over a text.
CREATE TABLE identity (
  key BLOB PRIMARY KEY,
  article_id INTEGER NOT NULL,
  entry_hash BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_article ON identity (article_id);

CREATE TABLE article_source (
  source_id INTEGER NOT NULL REFERENCES source(id) ON DELETE CASCADE,
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  guid TEXT,
  sorted_at INTEGER NOT NULL,
  arrived INTEGER NOT NULL,
  PRIMARY KEY (source_id, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX article_source_newest ON article_source (source_id, sorted_at DESC, article_id DESC);
CREATE INDEX article_source_article ON article_source (article_id);

CREATE TABLE enclosure (
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  type TEXT NOT NULL,
  length INTEGER,
  PRIMARY KEY (article_id, position)
) STRICT, WITHOUT ROWID;

-- The user's own: no foreign keys, because it outlives the article.
CREATE TABLE status (
  article_id INTEGER PRIMARY KEY,
  read INTEGER NOT NULL DEFAULT 0,
  read_at INTEGER,
  bookmarked INTEGER NOT NULL DEFAULT 0,
  bookmarked_at INTEGER,
  position_revision INTEGER,
  position_offset INTEGER,
  position_at INTEGER
) STRICT;

CREATE TABLE tag (
  article_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  by_user INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (article_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_name ON tag (name);

CREATE TABLE note (
  article_id INTEGER PRIMARY KEY,
  text TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE highlight (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  article_id INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL,
  quote TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX highlight_article ON highlight (article_id);

CREATE TABLE act (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  label TEXT NOT NULL,
  change TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Ids of entities and stories, and what the user said of them, are truth.
CREATE TABLE entity (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('person', 'organisation', 'place')),
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (kind, key)
) STRICT;

CREATE TABLE entity_act (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  entity_id INTEGER NOT NULL REFERENCES entity(id),
  act TEXT NOT NULL CHECK (act IN ('follow', 'merge', 'split', 'rename', 'hide', 'kind')),
  argument TEXT NOT NULL DEFAULT '',
  undone INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE alias (
  folded TEXT NOT NULL,
  entity_id INTEGER NOT NULL REFERENCES entity(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('auto', 'table', 'user')),
  PRIMARY KEY (folded, entity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_entity ON alias (entity_id);

CREATE TABLE story (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL
) STRICT;

CREATE TABLE story_act (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  story_id INTEGER NOT NULL REFERENCES story(id),
  act TEXT NOT NULL CHECK (act IN ('follow', 'merge', 'split', 'pin', 'rename', 'mute')),
  argument TEXT NOT NULL DEFAULT '',
  undone INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Derived from here on.
CREATE TABLE story_member (
  article_id INTEGER PRIMARY KEY REFERENCES article(id) ON DELETE CASCADE,
  story_id INTEGER NOT NULL REFERENCES story(id)
) STRICT;
CREATE INDEX story_member_story ON story_member (story_id);

CREATE TABLE mention (
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL,
  kind TEXT NOT NULL,
  entity_id INTEGER REFERENCES entity(id),
  date TEXT,
  precision TEXT,
  PRIMARY KEY (article_id, start)
) STRICT, WITHOUT ROWID;

-- day: days since 1970 of the publication, -1 where that is unknown.
CREATE TABLE article_entity (
  entity_id INTEGER NOT NULL REFERENCES entity(id),
  day INTEGER NOT NULL,
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  mentions INTEGER NOT NULL,
  PRIMARY KEY (entity_id, day, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX article_entity_article ON article_entity (article_id);

CREATE TABLE entity_count (
  entity_id INTEGER PRIMARY KEY REFERENCES entity(id) ON DELETE CASCADE,
  articles INTEGER NOT NULL,
  mentions INTEGER NOT NULL
) STRICT;
CREATE INDEX entity_count_most ON entity_count (mentions DESC);

CREATE VIEW entity_row AS
SELECT e.id, e.kind, e.name, c.articles, c.mentions,
  (SELECT min(day) FROM article_entity x WHERE x.entity_id = e.id AND day >= 0) AS first_day,
  (SELECT max(day) FROM article_entity x WHERE x.entity_id = e.id AND day >= 0) AS last_day,
  EXISTS (SELECT 1 FROM entity_act f
          WHERE f.entity_id = e.id AND f.act = 'follow' AND f.undone = 0) AS followed
FROM entity_count c JOIN entity e ON e.id = c.entity_id;

CREATE TRIGGER article_entity_added AFTER INSERT ON article_entity BEGIN
  INSERT INTO entity_count (entity_id, articles, mentions) VALUES (new.entity_id, 1, new.mentions)
  ON CONFLICT (entity_id) DO UPDATE
    SET articles = articles + 1, mentions = mentions + excluded.mentions;
END;
CREATE TRIGGER article_entity_gone AFTER DELETE ON article_entity BEGIN
  UPDATE entity_count SET articles = articles - 1, mentions = mentions - old.mentions
  WHERE entity_id = old.entity_id;
END;

-- A row goes only after its stage is committed, and only if seq is still what was read.
CREATE TABLE todo (
  stage TEXT NOT NULL CHECK (stage IN ('index', 'entities')),
  article_id INTEGER NOT NULL,
  sorted_at INTEGER NOT NULL,
  seq INTEGER NOT NULL DEFAULT 1,
  attempts INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (stage, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX todo_newest ON todo (stage, sorted_at DESC, article_id DESC);

CREATE TABLE failure (
  stage TEXT NOT NULL,
  article_id INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (stage, article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE library_count (
  name TEXT PRIMARY KEY,
  n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO library_count VALUES ('all', 0), ('unread', 0), ('bookmarks', 0);

CREATE TABLE source_count (
  source_id INTEGER PRIMARY KEY REFERENCES source(id) ON DELETE CASCADE,
  total INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TRIGGER status_added AFTER INSERT ON status BEGIN
  UPDATE article SET read = new.read, bookmarked = new.bookmarked
  WHERE id = new.article_id AND (read <> new.read OR bookmarked <> new.bookmarked);
END;
CREATE TRIGGER status_changed AFTER UPDATE OF read, bookmarked ON status BEGIN
  UPDATE article SET read = new.read, bookmarked = new.bookmarked
  WHERE id = new.article_id AND (read <> new.read OR bookmarked <> new.bookmarked);
END;

CREATE TRIGGER article_added AFTER INSERT ON article BEGIN
  UPDATE library_count SET n = n + 1 WHERE name = 'all';
  UPDATE library_count SET n = n + 1 WHERE name = 'unread' AND new.read = 0;
  UPDATE library_count SET n = n + 1 WHERE name = 'bookmarks' AND new.bookmarked = 1;
END;
CREATE TRIGGER article_read AFTER UPDATE OF read ON article WHEN old.read <> new.read BEGIN
  UPDATE library_count SET n = n + old.read - new.read WHERE name = 'unread';
  UPDATE source_count SET unread = unread + old.read - new.read
  WHERE source_id IN (SELECT source_id FROM article_source WHERE article_id = new.id);
END;
CREATE TRIGGER article_marked AFTER UPDATE OF bookmarked ON article
WHEN old.bookmarked <> new.bookmarked BEGIN
  UPDATE library_count SET n = n + new.bookmarked - old.bookmarked WHERE name = 'bookmarks';
END;
-- Before the cascade: the count of a source still needs to know whether the article was read.
CREATE TRIGGER article_going BEFORE DELETE ON article BEGIN
  DELETE FROM article_source WHERE article_id = old.id;
END;
CREATE TRIGGER article_gone AFTER DELETE ON article BEGIN
  UPDATE library_count SET n = n - 1 WHERE name = 'all';
  UPDATE library_count SET n = n - 1 WHERE name = 'unread' AND old.read = 0;
  UPDATE library_count SET n = n - 1 WHERE name = 'bookmarks' AND old.bookmarked = 1;
END;
CREATE TRIGGER article_source_added AFTER INSERT ON article_source BEGIN
  INSERT INTO source_count (source_id, total, unread)
  VALUES (new.source_id, 1, (SELECT read = 0 FROM article WHERE id = new.article_id))
  ON CONFLICT (source_id) DO UPDATE SET total = total + 1, unread = unread + excluded.unread;
END;
CREATE TRIGGER article_source_gone AFTER DELETE ON article_source BEGIN
  UPDATE source_count
  SET total = total - 1,
      unread = unread - coalesce((SELECT read = 0 FROM article WHERE id = old.article_id), 0)
  WHERE source_id = old.source_id;
END;
CREATE TRIGGER article_moved AFTER UPDATE OF published ON article
WHEN old.sorted_at <> new.sorted_at BEGIN
  UPDATE article_source SET sorted_at = new.sorted_at WHERE article_id = new.id;
END;
"""

MIGRATIONS: tuple[str, ...] = (_FIRST, SECOND, THIRD, FOURTH, FIFTH)
"""``MIGRATIONS[n]`` brings a database of version n to n + 1 (``PRAGMA user_version``)."""
