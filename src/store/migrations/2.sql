-- The index of words is fed by the program's own folding, and marked for every operator; it is filled anew behind this.
CREATE INDEX post_by_native_id ON post(native_id) WHERE native_id IS NOT uri;
DROP TABLE post_fts;
CREATE VIRTUAL TABLE post_fts USING fts5(
    text, content_warning,
    content="post", content_rowid="id",
    tokenize="ascii",
    prefix='4'
);
INSERT INTO post_fts (post_fts, rank) VALUES ('hashsize', 2097152);
INSERT INTO post_fts (post_fts, rank) VALUES ('automerge', 8);
