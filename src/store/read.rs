//! Reads: search, one post with its provenance, states of sources, counts.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row};

use super::deletion;
use super::revision::{self, Revision};
use super::row::{BEHIND, COLUMNS, PostRow, Stored, capture_ref, instant, post_row, required_instant, word};
use super::search::{self, Plan, Results, Search};
use super::state::{self, SourceState};
use super::{StoreError, open};
use crate::exchange::Origin;
use crate::model::{CaptureRef, Metrics, TextState};
use crate::query::Expr;

/// Reads the database of one archive over a connection that cannot write. None of its calls may be made on an async
/// thread.
pub struct Reader {
    pub(super) path: PathBuf,
    pub(super) db: Connection,
}

/// What a short name stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Lookup {
    /// One post.
    One(Box<Stored>),
    /// No post.
    None,
    /// Several posts begin with it: the first of their names.
    Many(Vec<String>),
}

/// A row of `capture`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureRow {
    /// Number in order of arrival.
    pub number: i64,
    /// Where it stands in the WARC files.
    pub place: CaptureRef,
    /// What was asked.
    pub url: String,
    /// HTTP status; 200 for a file.
    pub status: u16,
    /// When the answer was complete.
    pub fetched_at: DateTime<Utc>,
    /// The run it belongs to.
    pub run: String,
    /// The job.
    pub job: String,
    /// The source inside the job.
    pub source: String,
    /// Platform whose parser read it.
    pub platform: String,
    /// Live, recorded or file.
    pub origin: Origin,
    /// For a part of a file of lines: number of its first line.
    pub first_line: Option<u64>,
}

/// One time that a capture showed a post.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// The capture.
    pub capture: CaptureRow,
    /// The place in it.
    pub place: String,
    /// Whether it stood inside another post.
    pub nested: bool,
    /// The revision that it showed; `None` if it named another author.
    pub revision: Option<u32>,
    /// Whether it showed all of the text.
    pub text_state: TextState,
    /// Native id on that server, if it is another than the post's.
    pub native_id: Option<String>,
    /// Counts as shown then.
    pub metrics: Metrics,
}

/// A name under which an account was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountName {
    /// Handle as written, without a leading `@`; empty if the source did not say.
    pub handle: String,
    /// Display name; empty if there was none or the source did not say.
    pub name: String,
    /// When the first capture was had that showed the two together.
    pub first_seen: DateTime<Utc>,
    /// When the last one was.
    pub last_seen: DateTime<Utc>,
}

/// Captures and posts of one source of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceCounts {
    /// The job.
    pub job: String,
    /// The source.
    pub source: String,
    /// Captures.
    pub captures: u64,
    /// Posts found in them; a post that was found twice counts twice.
    pub found: u64,
    /// Captures that could not be read.
    pub problems: u64,
    /// When the last one was had.
    pub last: Option<DateTime<Utc>>,
    /// Requests still to be sent.
    pub pending: usize,
}

/// How much there is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Posts.
    pub posts: u64,
    /// Captures.
    pub captures: u64,
    /// Runs.
    pub runs: u64,
    /// Items that gave no post.
    pub skipped: u64,
    /// Posts of each platform, by its name.
    pub platforms: Vec<(String, u64)>,
    /// Posts seen by each job, by its name.
    pub jobs: Vec<(String, u64)>,
    /// Each source of each job.
    pub sources: Vec<SourceCounts>,
    /// The oldest and the newest dated post, as [`crate::model::When::to_rfc3339`] writes them.
    pub span: Option<(String, String)>,
}

impl Reader {
    /// Opens the database for reading; one of an older version is brought up to date first.
    ///
    /// # Errors
    /// No such file, no database of pullquote, or one of a newer version.
    pub fn open(path: &Path) -> Result<Reader, StoreError> {
        Ok(Reader { path: path.to_owned(), db: open::for_reading(path)? })
    }

    /// Answers a search.
    ///
    /// # Errors
    /// A damaged database. No search is refused.
    pub fn search(&self, search: &Search) -> Result<Results, StoreError> {
        search::run(&self.db, search).map_err(self.error("search"))
    }

    /// How many posts match.
    ///
    /// # Errors
    /// A damaged database.
    pub fn count(&self, expr: &Expr) -> Result<u64, StoreError> {
        search::count(&self.db, expr).map_err(self.error("count"))
    }

    /// Which of several searches the post of each key fits, as places in the list of searches.
    ///
    /// # Errors
    /// A damaged database.
    pub fn fitting(&self, searches: &[&Expr], keys: &[&str]) -> Result<Vec<Vec<usize>>, StoreError> {
        search::fitting(&self.db, searches, keys).map_err(self.error("search"))
    }

    /// How a search would be answered; `None` if it is plain without looking that nothing matches.
    ///
    /// # Errors
    /// A damaged database.
    pub fn plan(&self, search: &Search) -> Result<Option<Plan>, StoreError> {
        search::plan(&self.db, search).map_err(self.error("plan a search of"))
    }

    /// The post of that short name, or of one that begins so. Letters that are easily taken for digits are read as
    /// them, as Crockford's base 32 has it.
    ///
    /// # Errors
    /// A damaged database.
    pub fn post(&self, name: &str) -> Result<Lookup, StoreError> {
        let name: String = name
            .trim()
            .to_ascii_lowercase()
            .chars()
            .map(|c| match c {
                'o' => '0',
                'i' | 'l' => '1',
                c => c,
            })
            .collect();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Ok(Lookup::None);
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM post p JOIN capture c ON c.id = p.capture \
             WHERE p.key >= ?1 AND p.key < ?1 || '~' ORDER BY p.key LIMIT 10"
        );
        let find = || -> rusqlite::Result<Vec<PostRow>> {
            self.db.prepare_cached(&sql)?.query_map([&name], post_row)?.collect()
        };
        let found = find().and_then(|found| deletion::tell(&self.db, found));
        let mut found = found.map_err(self.error("read"))?;
        Ok(match found.len() {
            0 => Lookup::None,
            1 => Lookup::One(Box::new(found.remove(0))),
            _ => Lookup::Many(found.into_iter().map(|stored| stored.key).collect()),
        })
    }

    /// Whether there is a post of exactly that key.
    ///
    /// # Errors
    /// A damaged database.
    pub fn holds(&self, key: &str) -> Result<bool, StoreError> {
        let find = || -> rusqlite::Result<bool> {
            let mut find = self.db.prepare_cached("SELECT EXISTS (SELECT 1 FROM post WHERE key = ?1)")?;
            find.query_row([key], |row| row.get(0))
        };
        find().map_err(self.error("read"))
    }

    /// Every time that a capture showed a post, in order. Empty for a key that is no post's.
    ///
    /// # Errors
    /// A damaged database.
    pub fn sightings(&self, key: &str) -> Result<Vec<Sighting>, StoreError> {
        let read = || -> rusqlite::Result<Vec<Sighting>> {
            self.db
                .prepare_cached(&format!(
                    "SELECT {CAPTURE_COLUMNS}, s.place, s.nested, iif(v.number IS NULL, 1, v.revision), \
                     nullif(json_extract(json_patch(f.content, v.content), '$.id'), p.native_id), s.likes, s.reposts, s.replies, s.quotes, \
                     s.views, ifnull(json_extract(json_patch(f.content, v.content), '$.text_state'), p.text_state) \
                     FROM post p JOIN sighting s ON s.post = p.id JOIN capture c ON c.id = s.capture \
                     LEFT JOIN version v ON v.post = s.post AND v.number = s.version \
                     LEFT JOIN version f ON f.post = s.post AND f.number = 1 \
                     WHERE p.key = ?1 ORDER BY s.capture, s.place"
                ))?
                .query_map([key], sighting)?
                .collect()
        };
        read().map_err(self.error("read"))
    }

    /// Every state in which a post was seen, in the order of their numbers. Empty for a key that is no post's.
    ///
    /// # Errors
    /// A damaged database.
    pub fn revisions(&self, key: &str) -> Result<Vec<Revision>, StoreError> {
        let read = || -> rusqlite::Result<Vec<Revision>> {
            let sql = format!(
                "SELECT {COLUMNS}, p.capture, p.authority FROM post p JOIN capture c ON c.id = p.capture WHERE p.key = ?1"
            );
            let row = self
                .db
                .prepare_cached(&sql)?
                .query_row([key], |row| Ok((post_row(row)?, row.get(BEHIND)?, row.get(BEHIND + 1)?)))
                .optional()?;
            let Some((row, capture, authority)) = row else { return Ok(Vec::new()) };
            let kept = revision::of_post(&self.db, row.id)?;
            if !kept.is_empty() {
                return Ok(kept);
            }
            let Stored { post, revision, place, fetched_at, .. } = row.stored;
            Ok(vec![Revision::of(revision, &post, authority, (capture, place, fetched_at))])
        };
        read().map_err(self.error("read"))
    }

    /// The names under which the account of a post's author was seen, in any post, the earliest first. Empty for a
    /// key that is no post's.
    ///
    /// # Errors
    /// A damaged database.
    pub fn names(&self, key: &str) -> Result<Vec<AccountName>, StoreError> {
        let read = || -> rusqlite::Result<Vec<AccountName>> {
            self.db
                .prepare_cached(
                    "SELECT n.handle, n.name, n.first_seen, n.last_seen FROM post p \
                     JOIN account_name n ON n.account = p.account WHERE p.key = ?1 \
                     ORDER BY n.first_seen, n.handle, n.name",
                )?
                .query_map([key], |row| {
                    Ok(AccountName {
                        handle: row.get(0)?,
                        name: row.get(1)?,
                        first_seen: required_instant(row, 2)?,
                        last_seen: required_instant(row, 3)?,
                    })
                })?
                .collect()
        };
        read().map_err(self.error("read"))
    }

    /// Which of these handles, written in lower case, accounts of the archive bear on a platform; as they are written.
    ///
    /// # Errors
    /// A damaged database.
    pub fn handles(&self, platform: &str, folded: &[String]) -> Result<Vec<String>, StoreError> {
        let find = || -> rusqlite::Result<Vec<String>> {
            let mut find = self.db.prepare_cached(
                "SELECT DISTINCT n.handle FROM account_name n JOIN account a ON a.id = n.account \
                 WHERE n.folded = ?1 AND a.platform = ?2 ORDER BY n.handle",
            )?;
            let mut found = Vec::new();
            for handle in folded {
                let rows = find.query_map([handle.as_str(), platform], |row| row.get(0))?;
                found.extend(rows.collect::<rusqlite::Result<Vec<String>>>()?);
            }
            Ok(found)
        };
        find().map_err(self.error("read"))
    }

    /// The handles of a platform, as accounts were seen to bear them, that are this one, whole or before the server; in lower case,
    /// and of each of both kinds two at most.
    ///
    /// # Errors
    /// A damaged database.
    pub fn bearers(&self, platform: &str, folded: &str) -> Result<Vec<String>, StoreError> {
        let find = || -> rusqlite::Result<Vec<String>> {
            // Most words are nobody's, on any platform, which one look into the index tells.
            let mut next =
                self.db.prepare_cached("SELECT folded FROM account_name WHERE folded >= ?1 ORDER BY folded LIMIT 1")?;
            let next: Option<String> = next.query_row([folded], |row| row.get(0)).optional()?;
            if !next.is_some_and(|next| next.starts_with(folded)) {
                return Ok(Vec::new());
            }
            // What stands behind `NAME@` and before `NAMEA`, the letter behind the sign.
            let mut find = self.db.prepare_cached(
                "SELECT * FROM (SELECT DISTINCT n.folded FROM account_name n JOIN account a ON a.id = n.account \
                 WHERE n.folded = ?1 AND a.platform = ?2 LIMIT 2) \
                 UNION ALL SELECT * FROM (SELECT DISTINCT n.folded FROM account_name n JOIN account a ON a.id = n.account \
                 WHERE n.folded > ?1 || '@' AND n.folded < ?1 || 'A' AND a.platform = ?2 ORDER BY n.folded LIMIT 2)",
            )?;
            find.query_map([folded, platform], |row| row.get(0))?.collect()
        };
        find().map_err(self.error("read"))
    }

    /// Whether a post of the archive has this native id, on whichever platform.
    ///
    /// # Errors
    /// A damaged database.
    pub fn is_id(&self, id: &str) -> Result<bool, StoreError> {
        let find = || -> rusqlite::Result<bool> {
            self.db
                .prepare_cached("SELECT 1 FROM post WHERE native_id = ?1 AND native_id IS NOT uri LIMIT 1")?
                .exists([id])
        };
        find().map_err(self.error("read"))
    }

    /// The capture that arrived last: what stands behind it in the WARC files has no rows yet.
    ///
    /// # Errors
    /// A damaged database.
    pub fn last_capture(&self) -> Result<Option<CaptureRef>, StoreError> {
        self.db
            .query_row("SELECT file, offset, record_id, digest FROM capture ORDER BY id DESC LIMIT 1", [], |row| {
                capture_ref(row, 0)
            })
            .optional()
            .map_err(self.error("read"))
    }

    /// The addresses of the captures of these very bytes; `digest` as in [`CaptureRef::digest`].
    ///
    /// # Errors
    /// A damaged database.
    pub fn addresses_of(&self, digest: &str) -> Result<Vec<String>, StoreError> {
        let find = || -> rusqlite::Result<Vec<String>> {
            let mut find = self.db.prepare_cached("SELECT url FROM capture WHERE digest = ?1")?;
            find.query_map([digest], |row| row.get(0))?.collect()
        };
        find().map_err(self.error("read"))
    }

    /// How far a pull has come with a source.
    ///
    /// # Errors
    /// A damaged database.
    pub fn source_state(&self, job: &str, source: &str) -> Result<Option<SourceState>, StoreError> {
        state::read(&self.db, job, source).map_err(self.error("read"))
    }

    /// How much there is.
    ///
    /// # Errors
    /// A damaged database.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let read = || -> rusqlite::Result<Counts> {
            let one = |sql: &str| self.db.query_row(sql, [], |row| row.get::<_, u64>(0));
            let groups = |sql: &str| -> rusqlite::Result<Vec<(String, u64)>> {
                self.db.prepare(sql)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            };
            let end = |order: &str| {
                let sql = format!("SELECT created FROM post WHERE id >= 0 ORDER BY id {order} LIMIT 1");
                self.db.query_row(&sql, [], |row| row.get::<_, String>(0)).optional()
            };
            Ok(Counts {
                posts: one("SELECT count(*) FROM post")?,
                captures: one(&format!("SELECT count(*) FROM capture c WHERE {NO_NOTE}"))?,
                runs: one("SELECT count(*) FROM run")?,
                skipped: one("SELECT count(*) FROM skipped")?,
                platforms: groups("SELECT platform, count(*) FROM post GROUP BY platform ORDER BY platform")?,
                jobs: groups("SELECT job, count(*) FROM post_job GROUP BY job ORDER BY job")?,
                sources: self.sources()?,
                span: end("ASC")?.zip(end("DESC")?),
            })
        };
        read().map_err(self.error("count"))
    }

    fn sources(&self) -> rusqlite::Result<Vec<SourceCounts>> {
        let mut statement = self.db.prepare(&format!(
            "SELECT k.job, k.source, count(c.id), ifnull(sum(c.posts), 0), count(c.problem), max(c.fetched_at), \
             (SELECT json_array_length(s.pending) FROM source_state s WHERE s.job = k.job AND s.source = k.source) \
             FROM (SELECT job, source FROM capture UNION SELECT job, source FROM source_state) k \
             LEFT JOIN capture c ON c.job = k.job AND c.source = k.source AND {NO_NOTE} \
             GROUP BY k.job, k.source ORDER BY k.job, k.source"
        ))?;
        let rows = statement.query_map([], |row| {
            Ok(SourceCounts {
                job: row.get(0)?,
                source: row.get(1)?,
                captures: row.get(2)?,
                found: row.get(3)?,
                problems: row.get(4)?,
                last: instant(row, 5)?,
                pending: row.get::<_, Option<usize>>(6)?.unwrap_or_default(),
            })
        })?;
        rows.collect()
    }

    pub(super) fn error(&self, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
        StoreError::of(&self.path, doing)
    }
}

/// That a capture is none of the notes of what could not be had.
pub(super) const NO_NOTE: &str = "c.url NOT GLOB 'urn:pullquote:note*'";

/// The columns of [`capture_row`].
pub(super) const CAPTURE_COLUMNS: &str = "c.file, c.offset, c.record_id, c.digest, c.id, c.url, c.status, c.fetched_at, c.run, \
    c.job, c.source, c.platform, c.origin, c.first_line";

pub(super) fn capture_row(row: &Row<'_>) -> rusqlite::Result<CaptureRow> {
    Ok(CaptureRow {
        place: capture_ref(row, 0)?,
        number: row.get(4)?,
        url: row.get(5)?,
        status: row.get(6)?,
        fetched_at: required_instant(row, 7)?,
        run: row.get(8)?,
        job: row.get(9)?,
        source: row.get(10)?,
        platform: row.get(11)?,
        origin: word(row, 12)?,
        first_line: row.get(13)?,
    })
}

fn sighting(row: &Row<'_>) -> rusqlite::Result<Sighting> {
    let capture = capture_row(row)?;
    let metrics = Metrics {
        likes: row.get(18)?,
        reposts: row.get(19)?,
        replies: row.get(20)?,
        quotes: row.get(21)?,
        views: row.get(22)?,
        seen_at: Some(capture.fetched_at),
    };
    Ok(Sighting {
        capture,
        place: row.get(14)?,
        nested: row.get(15)?,
        revision: row.get(16)?,
        native_id: row.get(17)?,
        text_state: word(row, 23)?,
        metrics,
    })
}
