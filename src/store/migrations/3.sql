-- What is covered, and what is not: filled by what is pulled from now on, and for the time before by a rebuild.
CREATE TABLE asked (
    job TEXT NOT NULL,
    source TEXT NOT NULL,
    platform TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT,
    first_asked TEXT NOT NULL,
    last_asked TEXT NOT NULL,
    last_done TEXT,
    begun INTEGER NOT NULL,
    done INTEGER NOT NULL,
    trouble TEXT,
    trouble_since TEXT,
    reach TEXT,
    looks TEXT,
    posts INTEGER NOT NULL,
    PRIMARY KEY (job, source)
) WITHOUT ROWID;
CREATE TABLE covered (
    job TEXT NOT NULL,
    source TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    PRIMARY KEY (job, source, since)
) WITHOUT ROWID;
CREATE TABLE hindrance (
    job TEXT NOT NULL,
    source TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    cause TEXT NOT NULL,
    why TEXT NOT NULL,
    at TEXT NOT NULL,
    capture INTEGER NOT NULL REFERENCES capture(id),
    PRIMARY KEY (job, source, capture, since)
) WITHOUT ROWID;
CREATE TABLE metered (
    capture INTEGER PRIMARY KEY REFERENCES capture(id),
    units INTEGER NOT NULL
);
CREATE TABLE recheck (
    key TEXT NOT NULL,
    capture INTEGER NOT NULL REFERENCES capture(id),
    at TEXT NOT NULL,
    standing TEXT NOT NULL,
    answer TEXT,
    PRIMARY KEY (key, capture)
) WITHOUT ROWID;
CREATE TABLE kept_before (
    what TEXT NOT NULL PRIMARY KEY,
    capture INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO kept_before (what, capture) SELECT 'ledger', max(id) FROM capture HAVING max(id) IS NOT NULL;
