"""The fourth migration: feeds that are fetched, full texts from pages, what changed in an article.

Truth: ``feed`` but for its dates and counts (which fetching makes anew), the settings of
``subscription``, ``revision`` with its origin, ``change``, ``page_wish``. A revision's origin is
"feed" (or file) or "page": the publisher's own page, fetched because the feed gives a teaser.
Both are kept; ``article.revision`` says which is read, and the newest of each origin stays.
"""

FOURTH = """
-- As in the third, but a name of which the user gave a kind, or that is hidden, is no guess.
DROP VIEW named;
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

-- One row for each subscribed feed: what its server said last, and when to ask again.
-- scope: within what its guids are unique, its first address; stays when the feed moves.
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
CREATE INDEX feed_due ON feed (due_at);
INSERT INTO feed (source_id, scope) SELECT id, key FROM source WHERE kind = 'feed';

-- interval: seconds between fetches; NULL lets the feed's own rhythm decide.
-- login: "basic" or "header"; the secret itself is never in the database.
ALTER TABLE subscription ADD COLUMN interval INTEGER;
ALTER TABLE subscription ADD COLUMN full_text INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subscription ADD COLUMN user_agent TEXT;
ALTER TABLE subscription ADD COLUMN login TEXT CHECK (login IN ('basic', 'header'));
ALTER TABLE subscription ADD COLUMN insecure INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subscription ADD COLUMN cookies INTEGER NOT NULL DEFAULT 0;

ALTER TABLE article ADD COLUMN comments TEXT;
ALTER TABLE enclosure ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE revision ADD COLUMN origin TEXT NOT NULL DEFAULT 'feed'
  CHECK (origin IN ('feed', 'page'));

-- What a publisher changed in an article that was here: old is JSON of the fields before.
CREATE TABLE change (
  article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  old TEXT NOT NULL,
  PRIMARY KEY (article_id, at)
) STRICT, WITHOUT ROWID;

-- Articles whose page is to be read. error: why it could not be, in words; NULL while it waits.
CREATE TABLE page_wish (
  article_id INTEGER PRIMARY KEY REFERENCES article(id) ON DELETE CASCADE,
  asked_at INTEGER NOT NULL,
  by_user INTEGER NOT NULL,
  due_at INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  error TEXT
) STRICT;
CREATE INDEX page_wish_due ON page_wish (due_at) WHERE error IS NULL;
"""
