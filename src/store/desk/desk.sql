-- desk.db: what people of this archive did with posts. Nothing here follows from the captures: no rebuild makes it again, so
-- copy it with the folder. Posts are named by their keys, which never change. Times are RFC 3339 text in UTC.

-- Posts that somebody chose, in named lists.
CREATE TABLE clip (
    list TEXT NOT NULL,
    -- `post.key` in pullquote.db.
    post TEXT NOT NULL,
    -- Order in the list, from 1, without gaps.
    position INTEGER NOT NULL,
    -- What the reporter wants to remember.
    note TEXT,
    -- Whether its author lets it be printed: `not asked`, `asked`, `granted`, `refused`, `anonymise`.
    permission TEXT NOT NULL,
    added TEXT NOT NULL,
    PRIMARY KEY (list, post)
) WITHOUT ROWID;

CREATE INDEX clip_by_post ON clip(post);

-- The ledger: who quoted which revision of which post where, and the very words that were printed.
CREATE TABLE quotation (
    -- Number in the ledger, from 1; never given again.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    -- Address or name of the article.
    article TEXT NOT NULL,
    -- Who quoted.
    by TEXT NOT NULL,
    post TEXT NOT NULL,
    -- Id of the revision that was quoted, and its number then: a capture that is found later may change the number.
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    -- Name and handle as they were quoted.
    name TEXT,
    handle TEXT,
    -- WARC-Record-ID of the capture that proves it, and the place in it.
    record_id TEXT NOT NULL,
    place TEXT NOT NULL,
    -- Form or house style, and zone.
    form TEXT NOT NULL,
    zone TEXT NOT NULL,
    -- What was printed, byte for byte.
    printed TEXT NOT NULL,
    -- Version of pullquote that printed it.
    version TEXT NOT NULL
);

CREATE INDEX quotation_by_article ON quotation(article);
