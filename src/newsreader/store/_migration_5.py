"""The fifth migration: accounts at servers that keep feeds, read and starred for several readers.

Truth: all four tables. ``remote_item`` keeps what the server was last known to say of an article;
``remote_todo`` what the user said since and the server has not heard. Triggers fill it, so that no
way of marking is forgotten. A change that comes from the server is first noted in ``remote_item``
and then in ``status``: the triggers see that both agree and queue nothing.
"""

FIFTH = """
-- both_ways: feeds added, moved, renamed and removed here are so there too.
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

-- title and folder as the server said last. source_id is NULL once the user removed the feed here;
-- gone: the server has it no more. paused_here: its direct fetching was stopped by this account.
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
CREATE INDEX remote_feed_source ON remote_feed (source_id);

-- item: 16 or more hexadecimal digits. article_id has no foreign key, as that of status has none;
-- it is NULL for what was left out because the user removed its feed here.
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
CREATE INDEX remote_item_article ON remote_item (article_id);
CREATE INDEX remote_item_unread ON remote_item (account_id) WHERE read = 0 AND gone = 0;
CREATE INDEX remote_item_starred ON remote_item (account_id) WHERE bookmarked = 1 AND gone = 0;

-- seq tells whether the user said it again while it was being sent.
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

CREATE TRIGGER remote_first_read AFTER INSERT ON status WHEN new.read_at IS NOT NULL BEGIN
  INSERT INTO remote_todo (account_id, item, flag, value, at)
  SELECT account_id, item, 'read', new.read, new.read_at
  FROM remote_item WHERE article_id = new.article_id AND read <> new.read
  ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at, seq = seq + 1;
END;
CREATE TRIGGER remote_first_bookmarked AFTER INSERT ON status
WHEN new.bookmarked_at IS NOT NULL BEGIN
  INSERT INTO remote_todo (account_id, item, flag, value, at)
  SELECT account_id, item, 'bookmarked', new.bookmarked, new.bookmarked_at
  FROM remote_item WHERE article_id = new.article_id AND bookmarked <> new.bookmarked
  ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at, seq = seq + 1;
END;
-- What was said and taken back before the server heard of it stays in the queue until the next
-- sync: if the server changed too, both must be weighed.
CREATE TRIGGER remote_read AFTER UPDATE OF read ON status WHEN old.read <> new.read BEGIN
  INSERT INTO remote_todo (account_id, item, flag, value, at)
  SELECT r.account_id, r.item, 'read', new.read, coalesce(new.read_at, 0)
  FROM remote_item r WHERE r.article_id = new.article_id AND (r.read <> new.read OR EXISTS
    (SELECT 1 FROM remote_todo t
     WHERE t.account_id = r.account_id AND t.item = r.item AND t.flag = 'read'))
  ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at, seq = seq + 1;
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
"""
