-- The schema as migration 5 left it; never edited.
CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  url TEXT NOT NULL,
  user TEXT NOT NULL,
  both_ways INTEGER NOT NULL DEFAULT 0,
  fetched_there INTEGER NOT NULL DEFAULT 1,
  added_at INTEGER NOT NULL,
  synced_at INTEGER,
  due_at INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  UNIQUE (url, user)
) STRICT;
CREATE TABLE act (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  label TEXT NOT NULL,
  change TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0
, search_id INTEGER, action TEXT) STRICT;
CREATE TABLE alias (
  id INTEGER PRIMARY KEY,
  entity_id INTEGER NOT NULL REFERENCES entity(id),
  owner_id INTEGER NOT NULL REFERENCES entity(id),
  folded TEXT NOT NULL,
  name TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('auto', 'table', 'user')),
  UNIQUE (entity_id, folded)
) STRICT;
CREATE TABLE alias_tail (
  tail TEXT NOT NULL,
  alias_id INTEGER NOT NULL REFERENCES alias(id),
  PRIMARY KEY (tail, alias_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE arrival (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  article_id INTEGER NOT NULL UNIQUE REFERENCES article(id) ON DELETE CASCADE
) STRICT;
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
, hidden INTEGER NOT NULL DEFAULT 0, hidden_by INTEGER, noted INTEGER NOT NULL DEFAULT 0, comments TEXT) STRICT;
CREATE TABLE article_entity (
  entity_id INTEGER NOT NULL REFERENCES entity(id),
  sorted_at INTEGER NOT NULL,
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  mentions INTEGER NOT NULL,
  dated INTEGER NOT NULL,
  hidden INTEGER NOT NULL,
  PRIMARY KEY (entity_id, sorted_at DESC, article_id DESC)
) STRICT, WITHOUT ROWID;
CREATE TABLE article_source (
  source_id INTEGER NOT NULL REFERENCES source(id) ON DELETE CASCADE,
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  guid TEXT,
  sorted_at INTEGER NOT NULL,
  arrived INTEGER NOT NULL, hidden INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (source_id, article_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE change (
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  old TEXT NOT NULL,
  PRIMARY KEY (article_id, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE enclosure (
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  type TEXT NOT NULL,
  length INTEGER, title TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (article_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE entity (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('person', 'organisation', 'place')),
  key TEXT NOT NULL,
  name TEXT NOT NULL, into_id INTEGER REFERENCES entity(id), final_id INTEGER, shown_name TEXT, shown_kind TEXT
  CHECK (shown_kind IN ('person', 'organisation', 'place')), hidden INTEGER NOT NULL DEFAULT 0, followed_at INTEGER, last_word TEXT GENERATED ALWAYS AS
  (substr(key, length(rtrim(key, replace(key, ' ', ''))) + 1)) VIRTUAL,
  UNIQUE (kind, key)
) STRICT;
CREATE TABLE entity_count (
  entity_id INTEGER PRIMARY KEY REFERENCES entity(id),
  articles INTEGER NOT NULL,
  mentions INTEGER NOT NULL
) STRICT;
CREATE TABLE failure (
  stage TEXT NOT NULL,
  article_id INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (stage, article_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE feed (
  source_id INTEGER PRIMARY KEY REFERENCES source(id) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  etag TEXT,
  last_modified TEXT,
  body_hash BLOB,
  fetched_at INTEGER,
  succeeded_at INTEGER,
  brought_at INTEGER,
  due_at INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  gone INTEGER NOT NULL DEFAULT 0,
  moved_to TEXT,
  moved_times INTEGER NOT NULL DEFAULT 0,
  gap INTEGER,
  note TEXT
) STRICT;
CREATE TABLE follow_count (
  entity_id INTEGER PRIMARY KEY REFERENCES entity(id),
  total INTEGER NOT NULL,
  unread INTEGER NOT NULL
) STRICT;
CREATE TABLE guess (
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  alias_id INTEGER NOT NULL REFERENCES alias(id),
  entity_id INTEGER NOT NULL REFERENCES entity(id),
  PRIMARY KEY (article_id, alias_id)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE identity (
  key BLOB PRIMARY KEY,
  article_id INTEGER NOT NULL,
  entry_hash BLOB
) STRICT, WITHOUT ROWID;
CREATE TABLE library_count (
  name TEXT PRIMARY KEY,
  n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
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
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE note (
  article_id INTEGER PRIMARY KEY,
  text TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE page_wish (
  article_id INTEGER PRIMARY KEY REFERENCES article(id) ON DELETE CASCADE,
  asked_at INTEGER NOT NULL,
  by_user INTEGER NOT NULL,
  due_at INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  error TEXT
) STRICT;
CREATE TABLE remote_feed (
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  stream TEXT NOT NULL,
  url TEXT,
  title TEXT NOT NULL,
  folder TEXT,
  source_id INTEGER REFERENCES source(id) ON DELETE SET NULL,
  gone INTEGER NOT NULL DEFAULT 0,
  paused_here INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, stream)
) STRICT, WITHOUT ROWID;
CREATE TABLE remote_item (
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  item TEXT NOT NULL,
  stream TEXT NOT NULL,
  article_id INTEGER,
  read INTEGER NOT NULL,
  bookmarked INTEGER NOT NULL,
  gone INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, item)
) STRICT, WITHOUT ROWID;
CREATE TABLE remote_todo (
  account_id INTEGER NOT NULL,
  item TEXT NOT NULL,
  flag TEXT NOT NULL CHECK (flag IN ('read', 'bookmarked')),
  value INTEGER NOT NULL,
  at INTEGER NOT NULL,
  seq INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (account_id, item, flag),
  FOREIGN KEY (account_id, item) REFERENCES remote_item (account_id, item) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE revision (
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  saved_at INTEGER NOT NULL,
  codec INTEGER NOT NULL CHECK (codec IN (0, 1)),
  text BLOB NOT NULL,
  structure BLOB NOT NULL, origin TEXT NOT NULL DEFAULT 'feed'
  CHECK (origin IN ('feed', 'page')),
  PRIMARY KEY (article_id, number)
) STRICT;
CREATE TABLE saved_act (
  search_id INTEGER NOT NULL REFERENCES saved_search(id),
  article_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  done TEXT NOT NULL,
  told INTEGER,
  PRIMARY KEY (search_id, article_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE saved_count (
  search_id INTEGER PRIMARY KEY REFERENCES saved_search(id),
  total INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 0,
  as_of INTEGER NOT NULL DEFAULT 0,
  due INTEGER,
  zone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE saved_match (
  search_id INTEGER NOT NULL REFERENCES saved_search(id),
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  mask INTEGER NOT NULL,
  sorted_at INTEGER NOT NULL,
  shown INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (search_id, article_id)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE search_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  query TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE source (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('feed', 'import')),
  key TEXT NOT NULL UNIQUE,
  url TEXT,
  home_page TEXT,
  title TEXT NOT NULL,
  title_derived INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE source_count (
  source_id INTEGER PRIMARY KEY REFERENCES source(id) ON DELETE CASCADE,
  total INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE status (
  article_id INTEGER PRIMARY KEY,
  read INTEGER NOT NULL DEFAULT 0,
  read_at INTEGER,
  bookmarked INTEGER NOT NULL DEFAULT 0,
  bookmarked_at INTEGER,
  position_revision INTEGER,
  position_offset INTEGER,
  position_at INTEGER
, hidden INTEGER NOT NULL DEFAULT 0, hidden_at INTEGER, hidden_by INTEGER, read_by INTEGER, bookmarked_by INTEGER) STRICT;
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
CREATE TABLE story_member (
  article_id INTEGER PRIMARY KEY REFERENCES article(id) ON DELETE CASCADE,
  story_id INTEGER NOT NULL REFERENCES story(id)
) STRICT;
CREATE TABLE subscription (
  source_id INTEGER PRIMARY KEY REFERENCES source(id) ON DELETE CASCADE,
  folder TEXT,
  title TEXT,
  paused INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  added_at INTEGER NOT NULL
, interval INTEGER, full_text INTEGER NOT NULL DEFAULT 0, user_agent TEXT, login TEXT CHECK (login IN ('basic', 'header')), insecure INTEGER NOT NULL DEFAULT 0, cookies INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE tag (
  article_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  by_user INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (article_id, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE todo (
  stage TEXT NOT NULL CHECK (stage IN ('index', 'entities')),
  article_id INTEGER NOT NULL,
  sorted_at INTEGER NOT NULL,
  seq INTEGER NOT NULL DEFAULT 1,
  attempts INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (stage, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_folded ON alias (folded, owner_id);
CREATE INDEX alias_owner ON alias (owner_id);
CREATE INDEX article_bookmarked ON article (sorted_at DESC, id DESC)
  WHERE bookmarked = 1 AND hidden = 0;
CREATE INDEX article_entity_article ON article_entity (article_id, mentions);
CREATE INDEX article_hidden ON article (sorted_at DESC, id DESC) WHERE hidden = 1;
CREATE INDEX article_newest ON article (sorted_at DESC, id DESC) WHERE hidden = 0;
CREATE INDEX article_outlet ON article (id, outlet);
CREATE INDEX article_published ON article (published DESC, id DESC, hidden)
  WHERE published IS NOT NULL;
CREATE INDEX article_recognised ON article (recognised);
CREATE INDEX article_source_article ON article_source (article_id);
CREATE INDEX article_source_newest ON article_source (source_id, sorted_at DESC, article_id DESC)
  WHERE hidden = 0;
CREATE INDEX article_unread ON article (sorted_at DESC, id DESC) WHERE read = 0 AND hidden = 0;
CREATE INDEX entity_count_most ON entity_count (mentions DESC);
CREATE INDEX entity_final ON entity (final_id);
CREATE INDEX entity_followed ON entity (followed_at) WHERE followed_at IS NOT NULL;
CREATE INDEX entity_into ON entity (into_id) WHERE into_id IS NOT NULL;
CREATE INDEX entity_last_word ON entity (last_word) WHERE kind = 'person';
CREATE INDEX feed_due ON feed (due_at);
CREATE INDEX guess_alias ON guess (alias_id, article_id);
CREATE INDEX guess_entity ON guess (entity_id, article_id);
CREATE INDEX highlight_article ON highlight (article_id);
CREATE INDEX identity_article ON identity (article_id);
CREATE INDEX mention_alias ON mention (alias_id)
  WHERE kind IN ('person', 'organisation', 'place');
CREATE INDEX page_wish_due ON page_wish (due_at) WHERE error IS NULL;
CREATE INDEX remote_feed_source ON remote_feed (source_id);
CREATE INDEX remote_item_article ON remote_item (article_id);
CREATE INDEX remote_item_starred ON remote_item (account_id) WHERE bookmarked = 1 AND gone = 0;
CREATE INDEX remote_item_unread ON remote_item (account_id) WHERE read = 0 AND gone = 0;
CREATE INDEX saved_act_article ON saved_act (article_id);
CREATE INDEX saved_act_untold ON saved_act (search_id) WHERE told = 0;
CREATE INDEX saved_match_article ON saved_match (article_id);
CREATE INDEX saved_match_newest ON saved_match (search_id, sorted_at DESC, article_id DESC)
  WHERE shown = 1;
CREATE UNIQUE INDEX saved_search_key ON saved_search (key) WHERE removed = 0;
CREATE INDEX story_member_story ON story_member (story_id);
CREATE INDEX tag_name ON tag (name);
CREATE INDEX todo_newest ON todo (stage, sorted_at DESC, article_id DESC);
CREATE VIEW article_flags AS
SELECT a.id, coalesce(st.read, 0) AS read, coalesce(st.bookmarked, 0) AS bookmarked,
  coalesce(st.hidden, 0) AS hidden, st.hidden_by,
  EXISTS (SELECT 1 FROM note n WHERE n.article_id = a.id)
  OR EXISTS (SELECT 1 FROM highlight h WHERE h.article_id = a.id) AS noted
FROM article a LEFT JOIN status st ON st.article_id = a.id;
CREATE VIEW entity_row AS
SELECT e.id, coalesce(e.shown_kind, e.kind) AS kind, coalesce(e.shown_name, e.name) AS name,
  coalesce(c.articles, 0) AS articles, coalesce(c.mentions, 0) AS mentions,
  (SELECT sorted_at FROM article_entity x WHERE x.entity_id = e.id AND x.dated = 1
   AND x.hidden = 0 ORDER BY x.sorted_at LIMIT 1) AS first_at,
  (SELECT sorted_at FROM article_entity x WHERE x.entity_id = e.id AND x.dated = 1
   AND x.hidden = 0 ORDER BY x.sorted_at DESC LIMIT 1) AS last_at,
  e.followed_at IS NOT NULL AS followed, e.hidden, e.final_id
FROM entity e LEFT JOIN entity_count c ON c.entity_id = e.id;
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
  AND w.shown_kind IS NULL AND w.hidden = 0
LEFT JOIN entity o ON o.id = coalesce(g.entity_id, al.owner_id)
LEFT JOIN entity e ON e.id = o.final_id;
CREATE VIEW saved_now AS
SELECT m.search_id, m.article_id, a.sorted_at, a.read,
  ((m.mask >> (a.read + 2 * a.bookmarked + 4 * a.noted + 8 * a.hidden))
   | CASE WHEN a.hidden_by = m.search_id
     THEN m.mask >> (a.read + 2 * a.bookmarked + 4 * a.noted) ELSE 0 END) & 1 AS shown
FROM saved_match m JOIN article a ON a.id = m.article_id;
CREATE VIEW saved_ready AS
SELECT s.id FROM saved_search s JOIN saved_count c ON c.search_id = s.id
WHERE s.removed = 0 AND c.version = s.version
  AND (c.due IS NULL OR c.due > CAST(strftime('%s', 'now') AS INTEGER) * 1000 - 2000);
CREATE TRIGGER article_added AFTER INSERT ON article BEGIN
  UPDATE library_count SET n = n + 1 WHERE name = iif(new.hidden, 'hidden', 'all');
  UPDATE library_count SET n = n + 1 WHERE name = 'unread' AND new.read = 0 AND new.hidden = 0;
  UPDATE library_count SET n = n + 1
  WHERE name = 'bookmarks' AND new.bookmarked = 1 AND new.hidden = 0;
END;
CREATE TRIGGER article_arrived AFTER INSERT ON article BEGIN
  INSERT INTO arrival (article_id) VALUES (new.id);
END;
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
CREATE TRIGGER article_followed AFTER UPDATE OF read, hidden ON article
WHEN (old.read <> new.read OR old.hidden <> new.hidden)
  AND EXISTS (SELECT 1 FROM follow_count) BEGIN
  UPDATE follow_count SET total = total + old.hidden - new.hidden, unread = unread
    + (new.read = 0 AND new.hidden = 0) - (old.read = 0 AND old.hidden = 0)
  WHERE entity_id IN (SELECT entity_id FROM article_entity WHERE article_id = new.id);
END;
CREATE TRIGGER article_going BEFORE DELETE ON article BEGIN
  DELETE FROM article_source WHERE article_id = old.id;
END;
CREATE TRIGGER article_gone AFTER DELETE ON article BEGIN
  UPDATE library_count SET n = n - 1 WHERE name = iif(old.hidden, 'hidden', 'all');
  UPDATE library_count SET n = n - 1 WHERE name = 'unread' AND old.read = 0 AND old.hidden = 0;
  UPDATE library_count SET n = n - 1
  WHERE name = 'bookmarks' AND old.bookmarked = 1 AND old.hidden = 0;
END;
CREATE TRIGGER article_hid AFTER UPDATE OF hidden ON article WHEN old.hidden <> new.hidden BEGIN
  UPDATE library_count SET n = n + old.hidden - new.hidden WHERE name = 'all';
  UPDATE library_count SET n = n + new.hidden - old.hidden WHERE name = 'hidden';
  UPDATE article_source SET hidden = new.hidden WHERE article_id = new.id;
END;
CREATE TRIGGER article_leaving BEFORE DELETE ON article BEGIN
  DELETE FROM article_entity WHERE article_id = old.id;
END;
CREATE TRIGGER article_marked AFTER UPDATE OF bookmarked, hidden ON article
WHEN old.bookmarked <> new.bookmarked OR old.hidden <> new.hidden BEGIN
  UPDATE library_count SET n = n
    + (new.bookmarked = 1 AND new.hidden = 0) - (old.bookmarked = 1 AND old.hidden = 0)
  WHERE name = 'bookmarks';
END;
CREATE TRIGGER article_matched AFTER UPDATE OF read, bookmarked, noted, hidden, hidden_by ON article
WHEN old.read <> new.read OR old.bookmarked <> new.bookmarked OR old.noted <> new.noted
  OR old.hidden <> new.hidden OR old.hidden_by IS NOT new.hidden_by BEGIN
  UPDATE saved_match SET (shown, unread) =
    (SELECT n.shown, n.shown AND NOT n.read FROM saved_now n
     WHERE n.search_id = saved_match.search_id AND n.article_id = saved_match.article_id)
  WHERE article_id = new.id;
END;
CREATE TRIGGER article_moved AFTER UPDATE OF published ON article
WHEN old.sorted_at <> new.sorted_at OR old.published IS NOT new.published BEGIN
  UPDATE article_source SET sorted_at = new.sorted_at WHERE article_id = new.id;
  UPDATE saved_match SET sorted_at = new.sorted_at WHERE article_id = new.id;
  UPDATE article_entity
  SET sorted_at = new.sorted_at, dated = new.published IS new.sorted_at
  WHERE article_id = new.id;
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
CREATE TRIGGER entity_new AFTER INSERT ON entity WHEN new.final_id IS NULL BEGIN
  UPDATE entity SET final_id = new.id WHERE id = new.id;
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
CREATE TRIGGER note_added AFTER INSERT ON note BEGIN
  UPDATE article SET noted = 1 WHERE id = new.article_id AND noted = 0;
END;
CREATE TRIGGER note_gone AFTER DELETE ON note BEGIN
  UPDATE article SET noted = EXISTS (SELECT 1 FROM highlight WHERE article_id = old.article_id)
  WHERE id = old.article_id;
END;
CREATE TRIGGER remote_bookmarked AFTER UPDATE OF bookmarked ON status
WHEN old.bookmarked <> new.bookmarked BEGIN
  INSERT INTO remote_todo (account_id, item, flag, value, at)
  SELECT r.account_id, r.item, 'bookmarked', new.bookmarked, coalesce(new.bookmarked_at, 0)
  FROM remote_item r WHERE r.article_id = new.article_id AND (r.bookmarked <> new.bookmarked
    OR EXISTS (SELECT 1 FROM remote_todo t
     WHERE t.account_id = r.account_id AND t.item = r.item AND t.flag = 'bookmarked'))
  ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at, seq = seq + 1;
END;
CREATE TRIGGER remote_first_bookmarked AFTER INSERT ON status
WHEN new.bookmarked_at IS NOT NULL BEGIN
  INSERT INTO remote_todo (account_id, item, flag, value, at)
  SELECT account_id, item, 'bookmarked', new.bookmarked, new.bookmarked_at
  FROM remote_item WHERE article_id = new.article_id AND bookmarked <> new.bookmarked
  ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at, seq = seq + 1;
END;
CREATE TRIGGER remote_first_read AFTER INSERT ON status WHEN new.read_at IS NOT NULL BEGIN
  INSERT INTO remote_todo (account_id, item, flag, value, at)
  SELECT account_id, item, 'read', new.read, new.read_at
  FROM remote_item WHERE article_id = new.article_id AND read <> new.read
  ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at, seq = seq + 1;
END;
CREATE TRIGGER remote_read AFTER UPDATE OF read ON status WHEN old.read <> new.read BEGIN
  INSERT INTO remote_todo (account_id, item, flag, value, at)
  SELECT r.account_id, r.item, 'read', new.read, coalesce(new.read_at, 0)
  FROM remote_item r WHERE r.article_id = new.article_id AND (r.read <> new.read OR EXISTS
    (SELECT 1 FROM remote_todo t
     WHERE t.account_id = r.account_id AND t.item = r.item AND t.flag = 'read'))
  ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at, seq = seq + 1;
END;
CREATE TRIGGER saved_match_added AFTER INSERT ON saved_match BEGIN
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
CREATE TRIGGER saved_match_masked AFTER UPDATE OF mask ON saved_match BEGIN
  UPDATE saved_match SET (shown, unread) =
    (SELECT n.shown, n.shown AND NOT n.read FROM saved_now n
     WHERE n.search_id = new.search_id AND n.article_id = new.article_id)
  WHERE search_id = new.search_id AND article_id = new.article_id;
END;
CREATE TRIGGER saved_search_added AFTER INSERT ON saved_search BEGIN
  INSERT INTO saved_count (search_id) VALUES (new.id);
END;
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
INSERT INTO library_count VALUES ('all', 0);
INSERT INTO library_count VALUES ('bookmarks', 0);
INSERT INTO library_count VALUES ('hidden', 0);
INSERT INTO library_count VALUES ('unread', 0);
