-- pullquote.db: the index of an archive, and its data dictionary.
--
-- Everything here is derived from the WARC files in captures/, which are the evidence: `pullquote rebuild` makes these
-- tables anew from them, equal row for row, and `pullquote verify` proves that they are. Open the file with any SQLite
-- tool; write to it with none. Chosen posts and the ledger of quotations are in desk.db beside it (src/store/desk/desk.sql).
--
-- Conventions. NULL: the source does not say (an empty text: it says there is nothing). Times are RFC 3339 text in UTC,
-- `2021-07-26T18:00:00Z`. Ids of platforms are text, always: they do not fit a floating-point number. Columns "as JSON"
-- hold a JSON array or object, or NULL for an empty one. "Arrival" is the order in which captures were written, and
-- inside a capture the order of the parser. Whoever reads this without pullquote: application_id 1347768654 is "PUQN", user_version
-- is the number of the schema.

-- One run of `pull` or `import`.
CREATE TABLE run (
    -- Start in RFC 3339 and four random letters; unique in the archive.
    name TEXT NOT NULL PRIMARY KEY,
    -- When it started: the time in the name.
    started TEXT,
    -- Version of pullquote that wrote its captures.
    version TEXT NOT NULL
) WITHOUT ROWID;

-- One answer of a server, or one file (or part of a file) that somebody had: what was saved before it was read.
CREATE TABLE capture (
    -- Number in order of arrival, from 1.
    id INTEGER PRIMARY KEY,
    -- WARC file inside captures/, and the byte at which the gzip member of the record begins.
    file TEXT NOT NULL,
    offset INTEGER NOT NULL,
    -- WARC-Record-ID of the response or resource record, without angle brackets.
    record_id TEXT NOT NULL UNIQUE,
    -- SHA-256 of the payload as kept: `sha256:` and 64 hexadecimal digits.
    digest TEXT NOT NULL,
    -- What was asked; `file:///NAME` for a file.
    url TEXT NOT NULL,
    -- HTTP status; 200 for a file.
    status INTEGER NOT NULL,
    -- Media type of the payload in lower case; empty if none was named.
    media_type TEXT NOT NULL,
    -- When the answer was complete; for a file, when it was imported.
    fetched_at TEXT NOT NULL,
    -- Bytes of the payload as kept.
    length INTEGER NOT NULL,
    run TEXT NOT NULL REFERENCES run(name),
    -- Name of the job of the configuration; `import` for a file.
    job TEXT NOT NULL,
    -- The source inside the job (`mastodon:mastodon.social`); for a file its name.
    source TEXT NOT NULL,
    -- Platform whose parser read it; empty for a log-in or a redirect, which are kept and not read.
    platform TEXT NOT NULL,
    -- `live`, `recorded` (shipped examples) or `file`.
    origin TEXT NOT NULL,
    -- For a part of a file of lines: number of its first line (from 1), and its first byte (from 0), in that file. Every
    -- part of a table begins with the table's head (the names of the columns, byte for byte), whichever part it is; then these
    -- tell where the first record behind the head stands: line N of a part whose head has H lines is line
    -- first_line + N - H - 1 of the file.
    first_line INTEGER,
    first_byte INTEGER,
    -- Name (never the value) of the credential that the request was sent with.
    auth TEXT,
    -- Posts found in it, nested ones included.
    posts INTEGER NOT NULL,
    -- Why nothing could be read from it, or why the pull does not go on where it leads; NULL if all is well.
    problem TEXT
);

-- "Are these bytes kept already?"
CREATE INDEX capture_by_digest ON capture(digest);

-- Captures that used up units of what a platform meters (posts read of X, units of YouTube's quota), and how many: of budgets for a
-- day or a month, what is used up is counted here.
CREATE TABLE metered (
    capture INTEGER PRIMARY KEY REFERENCES capture(id),
    units INTEGER NOT NULL
);

-- Items of a capture that gave no post.
CREATE TABLE skipped (
    capture INTEGER NOT NULL REFERENCES capture(id),
    -- Place in the capture: a JSON pointer, `line 17`, `blockquote 2`.
    place TEXT NOT NULL,
    -- Why, as a fragment.
    reason TEXT NOT NULL,
    PRIMARY KEY (capture, place, reason)
) WITHOUT ROWID;

-- Each time a capture said that a post is gone. A deletion is a state with a time, and the words stay.
--
-- A post is deleted if a deletion names it, by its URI, or by the id under which a capture of that very server showed it, and
-- if no answer of a server showed it more than two minutes after: so long an index may follow its network. Of several
-- deletions the earliest counts that this leaves. A sighting in a file says nothing here, for it does not tell when the file was
-- had, and none in a stream, which tells what was. So it does not matter in which order captures came.
CREATE TABLE deletion (
    capture INTEGER NOT NULL REFERENCES capture(id),
    -- Place in the capture: `line 17`, `event 3`.
    place TEXT NOT NULL,
    -- Where the post was published.
    platform TEXT NOT NULL,
    -- URI of the post; NULL if the source names it by server and id.
    uri TEXT,
    -- Scheme, host and port of the server that speaks for itself: elsewhere the post may be there still. And the id there.
    server TEXT,
    native_id TEXT,
    -- When the source says that it was deleted; when the capture was had, if it says nothing, or a later time, or one before 1970.
    at TEXT NOT NULL,
    PRIMARY KEY (capture, place)
) WITHOUT ROWID;

CREATE INDEX deletion_by_uri ON deletion(uri);
CREATE INDEX deletion_by_native_id ON deletion(native_id);

-- Each time that a post was looked at again (`recheck` of a job, `hydrate --again`), and how it stood. Nothing is taken out because of it: a post that is
-- gone stays, and stands in `deletion`, too.
CREATE TABLE recheck (
    -- `post.key`.
    key TEXT NOT NULL,
    capture INTEGER NOT NULL REFERENCES capture(id),
    -- When it was looked at.
    at TEXT NOT NULL,
    -- `there`; `gone` (the server says that there is no such post); `withheld` (it shows it to nobody, or not to us: protected, suspended,
    -- blocked, barred); `not-shown` (it answers well, and shows something else or nothing).
    standing TEXT NOT NULL,
    -- The platform's own words, where it does not show the post.
    answer TEXT,
    PRIMARY KEY (key, capture)
) WITHOUT ROWID;

-- How full the fields of posts came in a run: a field that used to be full and is now empty shows that a platform has
-- changed its answers, or that a parser no longer reads them. `pull` and `import` compare each run with the runs before:
-- where nine tenths of the posts of all earlier runs of a job had a field (of 20 or more), and now no more than a tenth
-- has it (of 10 or more), they say so and end with exit code 5. Posts inside others and reposts are not counted.
CREATE TABLE fill (
    run TEXT NOT NULL REFERENCES run(name),
    job TEXT NOT NULL,
    -- The reader of the captures, and the shape in which the posts came: rows of docs/platforms.md.
    platform TEXT NOT NULL,
    shape TEXT NOT NULL,
    -- `id`, `uri`, `url`, `author id`, `handle`, `name`, `date`, `text` (or media, or a poll), `language`, `counts` (any).
    field TEXT NOT NULL,
    -- Posts seen, and those of them that have the field.
    posts INTEGER NOT NULL,
    filled INTEGER NOT NULL,
    PRIMARY KEY (run, job, platform, shape, field)
) WITHOUT ROWID;

-- Who writes. An account is told by its handle if that names its server (`user@server`: such a handle never changes and
-- the ids differ from server to server), else by its native id (a rename keeps it), else by its handle.
CREATE TABLE account (
    -- Number in order of arrival.
    id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    -- What tells the account, in lower case if it is a handle.
    identity TEXT NOT NULL,
    UNIQUE (identity, platform)
);

-- The names under which an account was seen: one row for each pair of handle and display name.
CREATE TABLE account_name (
    account INTEGER NOT NULL REFERENCES account(id),
    -- Handle as written, without a leading @; empty if the source did not say.
    handle TEXT NOT NULL,
    -- Display name as shown; empty if there was none or the source did not say.
    name TEXT NOT NULL,
    -- The handle in lower case, for `from:`.
    folded TEXT NOT NULL,
    -- When the first and the last capture that showed this pair were had.
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    PRIMARY KEY (account, handle, name)
) WITHOUT ROWID;

CREATE INDEX account_name_by_handle ON account_name(folded);

-- One post, whichever and however many sources showed it.
--
-- What a row shows is made of all the ways in which the post was seen (see `version`), by the rules below. The same ways
-- give the same post, its revisions and its doubts in whichever order they came; only numbers of rows and of captures
-- follow arrival. A post that was seen in one way only shows that.
--
-- What a source's word weighs, its authority:
--   2: the platform's own answer (its field says when the post was written). If the URI is an http(s) address, only an
--      answer of that very server is its own.
--   1: an answer of the platform that another server relayed, or that somebody saved in a file.
--   0: everything else: a page, an embed. Anybody can write those.
-- "First" below: the greatest authority first; of one authority, what a live capture showed earlier (a file does not tell
-- when it was had: it comes after them); of one time, the better state of the text (whole, that is complete or repaired;
-- unknown; truncated; none), the later `edited_at`, the longer text; and what then is still equal is ordered by its digest.
-- Where sources disagree:
--   author: whom the first source names that names one. Of a source that names another author nothing is taken: its
--     sighting stays, its words are no revision, and a doubt names him or her, up to five of them. Two handles are two
--     authors, unless both have the same native id (on the fediverse: from the same server); another handle of that id
--     then counts against lesser sources; a source without a handle contradicts nobody.
--   text, content warning, author as shown, media, poll, hashtags, mentions, links belong to a revision. Two texts are of
--     one revision if they are equal, or if the lesser one is not whole or of authority 0 and differs only in what pages
--     write in their own way (white space, addresses, the accounts before an answer), or if it is cut (or may be: it ends in an ellipsis and its source does not say), the other goes on
--     where it ends, and the cut one does not tell of a later edit; an empty text that is not said to be whole is cut.
--     The revision has the text of the better state, then of the greater authority; what stands beside it is said first
--     by a source of this very text. A text that is whole although another source cut it is `repaired`. A text is
--     truncated if a source of the same or greater authority says of the very same text that it is.
--     The row shows the best revision: the better state of the text, then the greater authority, then the latest
--     `edited_at`; then with an authority of 1 or 2 what was first seen latest, for posts are edited, and with 0 earliest,
--     for pages know no edits; then the longer text, then its digest. If two revisions differ in their words and
--     `edited_at` does not tell which is the later, a doubt says so.
--   edited_at: the latest that a source says of the revision whose authority is not less than the revision's. A time
--     more than a day after the capture that says it, or before the post was written, is impossible: it is left out, and
--     a doubt says so.
--   created: a time to the second beats one to the minute beats a day; then the platform's word beats the id's beats
--     a page's; then the greater authority; then the earlier time. The five earliest of the other times that lie more than
--     a day from the one shown (a day counts from its noon, and half a day more) are named in doubts.
--   counts: those seen last, as a set, of whichever source; so are the votes of the poll.
--   everything else (native_id, url, lang, kind, what it answers, labels …): what is said first.
--   doubts of sources: of those that show exactly the text of the row, or give its date, or have no lesser authority than
--     the text; up to fifty. What is doubtful about other words on a page says nothing about those that the platform gives.
CREATE TABLE post (
    -- Follows the time of the post, so that newest first is the order of the rows and a stretch of time is a range:
    --   dated: seconds since 2000-01-01T00:00:00Z (0 for what is older, 2^33 - 1 from the year 2272 on) * 2^20 + n;
    --     n counts the arrivals of that second from 0; above 983039 the item is skipped, with its reason.
    --     A post whose time became better known later moves: its n counts down from 2^20 - 1. See post_moved.
    --   undated: -1, -2, … in order of arrival; from -2^52 - 1 downwards if its date was another author's.
    -- It may change; `key` never does. All ids are below 2^53, which viewers show without rounding.
    id INTEGER PRIMARY KEY,
    -- The short stable name that every command accepts: thirteen characters made of platform and identity.
    key TEXT NOT NULL UNIQUE,
    -- What makes two sightings the same post: canonical URI, else page address, else platform and id, else for a
    -- quotation without any link its handle, day and words. NULL if it is `uri`.
    identity TEXT,
    -- Where it was published; `article` if the page that quotes it does not say.
    platform TEXT NOT NULL,
    -- Native id; on the fediverse each server has its own.
    native_id TEXT,
    -- Canonical URI.
    uri TEXT,
    -- Address of its page.
    url TEXT,
    -- Its author; NULL if the source names none.
    account INTEGER REFERENCES account(id),
    -- The author as shown with this revision: native id, handle without @, display name, profile page, and as JSON what
    -- the platform marks the account with (`bot`, `verified`, …).
    author_id TEXT,
    author_handle TEXT,
    author_name TEXT,
    author_url TEXT,
    author_flags TEXT,
    -- The greatest authority (0, 1, 2; see above) that named this author; 0 if none is named.
    author_authority INTEGER NOT NULL,
    -- When it was written: an instant, or `2021-07-26` if only the day is known. NULL if unknown.
    created TEXT,
    -- `second`, `minute` or `day`.
    created_precision TEXT,
    -- Who says so: `platform` (a field of its answer), `id` (the time in the native id), `page` (what a page printed).
    created_source TEXT,
    -- When the platform says it was last edited.
    edited_at TEXT,
    -- What its author wrote, verbatim.
    text TEXT NOT NULL,
    -- `complete`; `repaired` (cut, and given back by another part of the source or by another source); `truncated`;
    -- `unknown`.
    text_state TEXT NOT NULL,
    -- The greatest authority that showed exactly this text.
    authority INTEGER NOT NULL,
    content_warning TEXT,
    -- BCP 47 language tag as the platform gives it; several are joined by commas.
    lang TEXT,
    -- `original`, `reply`, `repost` (without own words) or `quote`.
    kind TEXT NOT NULL,
    -- The post it answers, passes on, quotes: as JSON, {"id", "uri", "url"} as far as given.
    reply_to TEXT,
    repost_of TEXT,
    quote_of TEXT,
    -- As JSON: ["tag as written"]; [{"handle","id","url"}]; [{"shown","url"}].
    hashtags TEXT,
    mentions TEXT,
    links TEXT,
    -- As JSON: [{"url","kind","alt","width","height"}], sizes in pixels.
    media TEXT,
    -- As JSON: {"options":[{"title","votes"}],"closes","multiple"}.
    poll TEXT,
    -- Counts that the platform showed, and when it did.
    likes INTEGER,
    reposts INTEGER,
    replies INTEGER,
    quotes INTEGER,
    views INTEGER,
    metrics_seen_at TEXT,
    -- As JSON: labels by the platform or the author (`sensitive`, …).
    labels TEXT,
    -- As JSON: sentences about what does not fit.
    doubts TEXT,
    -- Number of the revision that the row shows; 1 unless another state was seen.
    revision INTEGER NOT NULL DEFAULT 1,
    -- The proof of a quote: the first capture of the greatest authority that showed exactly this text, and the place in it.
    capture INTEGER NOT NULL REFERENCES capture(id),
    place TEXT NOT NULL,
    -- 1 if it was only ever seen inside another post (quoted, reposted).
    nested INTEGER NOT NULL
);

-- "All by this account, newest first."
CREATE INDEX post_by_account ON post(account);
-- "All on this platform, newest first."
CREATE INDEX post_by_platform ON post(platform);

-- "Which post has this id?" A URI that is the id, too, is found by the key.
CREATE INDEX post_by_native_id ON post(native_id) WHERE native_id IS NOT uri;

-- What searches look for. The writer feeds it together with `post`; it holds no texts of its own, but words as they are
-- compared: in lower case, without accents and vowel signs, Arabic and Hebrew letters in one form each, Chinese,
-- Japanese, Korean, Thai, Lao, Khmer and Burmese in overlapping pairs of characters, emoji as words. The second column
-- has the words of content warning and title, and behind them a mark of three characters of private use for whatever
-- else can be asked for (`has:image`, `from:`, `lang:`, …): the first 48 bits of the SHA-256 of its name. So a search of any
-- operators is one expression, whose matches come in the order of time.
-- The index of four-letter beginnings was measured at 1 M posts, before there were marks: it takes p95 of `abcd*` from 52 ms to under 1 ms, for
-- 0.7 CPU seconds and 10 MiB on each 100,000 posts (of 3 s and 93 MiB).
CREATE VIRTUAL TABLE post_fts USING fts5(
    text, content_warning,
    content="post", content_rowid="id",
    tokenize="ascii",
    prefix='4'
);
-- Two settings against FTS5's own (1 MiB; 4): more words are gathered before they are written, and what was written is
-- merged less often. An import costs a tenth less; a search looks into a few parts more.
INSERT INTO post_fts (post_fts, rank) VALUES ('hashsize', 2097152);
INSERT INTO post_fts (post_fts, rank) VALUES ('automerge', 8);

-- Numbers that posts had before their time became better known. They are never given again, so that the numbers of
-- all posts depend on the order of arrival alone.
CREATE TABLE post_moved (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL
);

-- The ways in which posts were seen that were seen in more than one: what each source said, whole, so that every rule of
-- `post` can be applied to all of it again. A post without rows here was seen in one way, which its row is.
CREATE TABLE version (
    post INTEGER NOT NULL REFERENCES post(id),
    -- From 1, in order of arrival.
    number INTEGER NOT NULL,
    -- As JSON: the post as the parser gave it, without counts and addresses of media. From number 2 on only what differs
    -- from number 1, as a merge patch (RFC 7396), for SQLite's json_patch().
    content TEXT NOT NULL,
    -- As in `post`.
    authority INTEGER NOT NULL,
    -- The first 16 bytes of the SHA-256 of authority and whole content.
    digest BLOB NOT NULL,
    -- As JSON: addresses of the media in `content`, as shown by the capture below. Many are signed anew for every answer.
    addresses TEXT,
    -- As JSON: the counts and votes seen last with it.
    counts TEXT,
    -- Of one post no more than a hundred versions are compared, those of the greatest rank: by authority, state of the
    -- text, edited_at, then the capture's time. A doubt says if there are more.
    rank BLOB NOT NULL,
    -- The revision that it shows; NULL if it names another author, or is not among those that are compared.
    revision INTEGER,
    -- The earliest live capture that showed it, else a file, and the place in it.
    capture INTEGER NOT NULL REFERENCES capture(id),
    place TEXT NOT NULL,
    PRIMARY KEY (post, number),
    UNIQUE (post, digest)
) WITHOUT ROWID;

CREATE INDEX version_by_rank ON version(post, rank, digest);

-- The states of posts that have more than one. A post without rows here has one, which its row shows.
CREATE TABLE revision (
    post INTEGER NOT NULL REFERENCES post(id),
    -- From 1: by `edited_at`, then by the live capture that showed it first.
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    text_state TEXT NOT NULL,
    -- As in `post`.
    authority INTEGER NOT NULL,
    content_warning TEXT,
    -- When the platform says that this state came about; NULL for what it calls never edited.
    edited_at TEXT,
    -- The author as shown then.
    author_handle TEXT,
    author_name TEXT,
    -- As in `post`. Only descriptions of media and answers of polls tell revisions apart: addresses and votes differ
    -- from server to server and from day to day.
    media TEXT,
    poll TEXT,
    hashtags TEXT,
    mentions TEXT,
    links TEXT,
    -- Its proof, as in `post`.
    capture INTEGER NOT NULL REFERENCES capture(id),
    place TEXT NOT NULL,
    PRIMARY KEY (post, number)
) WITHOUT ROWID;

-- Each time a capture showed a post.
CREATE TABLE sighting (
    post INTEGER NOT NULL REFERENCES post(id),
    capture INTEGER NOT NULL REFERENCES capture(id),
    -- Where in the capture: a JSON pointer, `line 17`, `blockquote 2`.
    place TEXT NOT NULL,
    -- 1 if it stood inside another post.
    nested INTEGER NOT NULL,
    -- Number of the version that it showed, and with that of the revision; 1 if there is only one.
    version INTEGER NOT NULL,
    -- Counts as shown then.
    likes INTEGER,
    reposts INTEGER,
    replies INTEGER,
    quotes INTEGER,
    views INTEGER,
    PRIMARY KEY (post, capture, place)
) WITHOUT ROWID;

-- Hashtags of posts in the form that compares: lower case, Latin letters without accents.
CREATE TABLE post_tag (
    tag TEXT NOT NULL,
    post INTEGER NOT NULL REFERENCES post(id),
    PRIMARY KEY (tag, post)
) WITHOUT ROWID;

-- Which jobs saw which posts: what `sighting` and `capture` say, in the order that `job:` searches need.
CREATE TABLE post_job (
    job TEXT NOT NULL,
    post INTEGER NOT NULL REFERENCES post(id),
    PRIMARY KEY (job, post)
) WITHOUT ROWID;

-- Pictures, films and sounds that jobs with media = "download" fetched: which address gave which bytes. The capture is the
-- evidence; `media/` holds a copy of each file once, under its digest, which a rebuild makes again.
CREATE TABLE media (
    -- As a post names it.
    url TEXT NOT NULL,
    capture INTEGER NOT NULL REFERENCES capture(id),
    -- Name below media/; NULL if what came is no picture, film or sound of a type that is kept.
    file TEXT,
    -- SHA-256 of the bytes as decoded, `sha256:` and hexadecimal digits.
    digest TEXT NOT NULL,
    media_type TEXT NOT NULL,
    -- Bytes, decoded.
    length INTEGER NOT NULL,
    fetched_at TEXT NOT NULL,
    PRIMARY KEY (url, capture)
) WITHOUT ROWID;

-- What was asked of each source of each job, and how that went: one row a source; what its stream brought (`… (stream)`) and what
-- filled its gaps (`… (fill …)`) stand in rows of their own. `pullquote coverage` puts them together.
CREATE TABLE asked (
    job TEXT NOT NULL,
    source TEXT NOT NULL,
    platform TEXT NOT NULL,
    -- The time that the job asks for: not before (0001-01-01T00:00:00Z if it does not say), and before (NULL: it goes on).
    since TEXT NOT NULL,
    until TEXT,
    -- When it was first and last asked, or tried to be; and when a look last came to its end.
    first_asked TEXT NOT NULL,
    last_asked TEXT NOT NULL,
    last_done TEXT,
    -- Looks that were begun, and looks that came to their end.
    begun INTEGER NOT NULL,
    done INTEGER NOT NULL,
    -- What stands in its way (a cause, see `hindrance`) and since when; NULL if the last answer was good.
    trouble TEXT,
    trouble_since TEXT,
    -- As JSON: how far a look reaches that has come to its end ("whole", "few", {"newest":230}, {"days":7}, "none"), and
    -- the looks that have not.
    reach TEXT,
    looks TEXT,
    -- Posts on the pages that were read, each as often as it was shown.
    posts INTEGER NOT NULL,
    -- Up to when looks have come that are at their end, whether or not they covered it: the next begins there.
    gone_to TEXT,
    PRIMARY KEY (job, source)
) WITHOUT ROWID;

-- Stretches of time of which everything was read that the server then showed: from `since` (inclusive; 0001-01-01T00:00:00Z: as far
-- back as there is anything) to `until` (exclusive), in whole seconds. They neither overlap nor touch.
CREATE TABLE covered (
    job TEXT NOT NULL,
    source TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    PRIMARY KEY (job, source, since)
) WITHOUT ROWID;

-- What older versions did not keep: for `ledger` the last capture of which the tables asked, covered, hindrance, metered and recheck
-- do not tell. A rebuild reads all captures, and empties this.
CREATE TABLE kept_before (
    what TEXT NOT NULL PRIMARY KEY,
    capture INTEGER NOT NULL
) WITHOUT ROWID;

-- What stood in the way of covering a stretch. Later looks may have covered it: what still is a gap follows from `asked` and
-- `covered`, and its cause from here; where nothing stands here, nobody asked.
CREATE TABLE hindrance (
    job TEXT NOT NULL,
    source TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    -- `down`, `rate-limit`, `refused`, `unreadable`, `budget`, `page-limit`, `page-cap`, `stream-cut`, `stopped`,
    -- `passed-over`.
    cause TEXT NOT NULL,
    -- What was said, as a fragment.
    why TEXT NOT NULL,
    -- When it was found.
    at TEXT NOT NULL,
    -- The page or the note that tells of it.
    capture INTEGER NOT NULL REFERENCES capture(id),
    PRIMARY KEY (job, source, capture, since)
) WITHOUT ROWID;

-- How far a pull has come with each source.
CREATE TABLE source_state (
    job TEXT NOT NULL,
    source TEXT NOT NULL,
    -- As JSON: the requests that are still to be sent.
    pending TEXT NOT NULL,
    -- As JSON: the request that will bring what is newer than everything seen; NULL before the first page.
    later TEXT,
    PRIMARY KEY (job, source)
) WITHOUT ROWID;
