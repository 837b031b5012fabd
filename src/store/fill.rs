//! How full the fields of posts came, run by run: a platform that changes its answers, or a parser that no longer reads
//! them, shows itself by a field that used to be full and is now empty.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use super::{NewCapture, Reader, StoreError};
use crate::model::{Kind, Post};

/// Whether a post has something in the field.
type IsFilled = fn(&Post) -> bool;

/// The fields that are watched: what a shape gives of every post, or of none.
const FIELDS: [(&str, IsFilled); 10] = [
    ("id", |post| post.id.is_some()),
    ("uri", |post| post.uri.is_some()),
    ("url", |post| post.url.is_some()),
    ("author id", |post| post.author.id.is_some()),
    ("handle", |post| post.author.handle.is_some()),
    ("name", |post| post.author.name.is_some()),
    ("date", |post| post.created.is_some()),
    ("text", |post| !post.text.is_empty() || !post.media.is_empty() || post.poll.is_some()),
    ("language", |post| post.lang.is_some()),
    ("counts", |post| {
        let m = &post.metrics;
        [m.likes, m.reposts, m.replies, m.quotes, m.views].iter().any(Option::is_some)
    }),
];

/// Posts that earlier runs must have brought before a field counts as one that is always full.
const ENOUGH_BEFORE: u64 = 20;
/// Posts that a run must have brought before an empty field says anything.
const ENOUGH_NOW: u64 = 10;

/// A field that used to be full and is now empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The job in which it shows.
    pub job: String,
    /// The reader whose answers or files changed.
    pub platform: String,
    /// The shape in which the posts came.
    pub shape: String,
    /// The field, in words.
    pub field: String,
    /// Posts of this run.
    pub posts: u64,
    /// Those that have the field.
    pub filled: u64,
    /// Posts of all runs before.
    pub posts_before: u64,
    /// Those that had it.
    pub filled_before: u64,
}

impl std::fmt::Display for Drift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Drift { job, platform, shape, field, posts, filled, posts_before, filled_before } = self;
        write!(
            f,
            "{platform} ({shape}) may have changed: in {job}, {filled} of {posts} posts have the field {field:?}, \
             and {filled_before} of {posts_before} had it before"
        )
    }
}

/// Run, job, platform, shape.
type Stream<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Counts of one batch. Posts inside others, and reposts, which have no words of their own, are left out.
#[derive(Default)]
pub(super) struct Fills<'a>(BTreeMap<Stream<'a>, (u64, [u64; FIELDS.len()])>);

impl<'a> Fills<'a> {
    pub(super) fn add(&mut self, capture: &'a NewCapture) {
        let facts = &capture.facts;
        let counted = || capture.posts.iter().filter(|found| !found.nested && found.post.kind != Kind::Repost);
        if counted().next().is_none() {
            return;
        }
        let (posts, filled) =
            self.0.entry((&facts.run, &facts.job, &facts.platform, capture.shape)).or_insert((0, [0; FIELDS.len()]));
        for found in counted() {
            *posts += 1;
            for (count, (_, is_filled)) in filled.iter_mut().zip(FIELDS) {
                *count += u64::from(is_filled(&found.post));
            }
        }
    }

    pub(super) fn write(&self, db: &Connection) -> rusqlite::Result<()> {
        let mut add = db.prepare_cached(
            "INSERT INTO fill (run, job, platform, shape, field, posts, filled) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
             ON CONFLICT DO UPDATE SET posts = posts + excluded.posts, filled = filled + excluded.filled",
        )?;
        for ((run, job, platform, shape), (posts, filled)) in &self.0 {
            for (count, (field, _)) in filled.iter().zip(FIELDS) {
                add.execute(params![run, job, platform, shape, field, posts, count])?;
            }
        }
        Ok(())
    }
}

impl Reader {
    /// The fields that used to be full in a job and are empty in this run of it, the last: nine tenths of the posts of all
    /// runs before had them (of 20 or more), and now no more than a tenth has (of 10 or more).
    ///
    /// # Errors
    /// A damaged database.
    pub fn drift(&self, run: &str) -> Result<Vec<Drift>, StoreError> {
        let read = || {
            self.db
                .prepare(
                    "SELECT now.job, now.platform, now.shape, now.field, now.posts, now.filled, \
                     sum(old.posts), sum(old.filled) FROM fill now JOIN fill old USING (job, platform, shape, field) \
                     WHERE now.run = ?1 AND old.run <> now.run AND now.posts >= ?2 AND now.filled * 10 <= now.posts \
                     GROUP BY 1, 2, 3, 4 HAVING sum(old.posts) >= ?3 AND sum(old.filled) * 10 >= sum(old.posts) * 9",
                )?
                .query_map(params![run, ENOUGH_NOW, ENOUGH_BEFORE], |row| {
                    Ok(Drift {
                        job: row.get(0)?,
                        platform: row.get(1)?,
                        shape: row.get(2)?,
                        field: row.get(3)?,
                        posts: row.get(4)?,
                        filled: row.get(5)?,
                        posts_before: row.get(6)?,
                        filled_before: row.get(7)?,
                    })
                })?
                .collect::<rusqlite::Result<Vec<Drift>>>()
        };
        read().map_err(self.error("compare the runs of"))
    }

    /// The name of the last run that kept anything.
    ///
    /// # Errors
    /// A damaged database.
    pub fn last_run(&self) -> Result<Option<String>, StoreError> {
        let sql = "SELECT run FROM capture ORDER BY id DESC LIMIT 1";
        let read = || self.db.query_row(sql, [], |row| row.get(0)).optional();
        read().map_err(self.error("read the runs of"))
    }
}
