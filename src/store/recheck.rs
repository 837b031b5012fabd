//! Posts that are looked at again: what was answered, and which are due.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::row::{instant, required_instant, stamp, word};
use super::{NewCapture, Reader, StoreError};

/// How a post stood when it was looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is shown.
    There,
    /// The server says that there is no such post.
    Gone,
    /// The server shows it to nobody, or not to us: protected, suspended, blocked, barred.
    Withheld,
    /// The server answers well, and shows something else or nothing.
    NotShown,
}

impl Standing {
    /// Its name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Standing::There => "there",
            Standing::Gone => "gone",
            Standing::Withheld => "withheld",
            Standing::NotShown => "not-shown",
        }
    }
}

/// What was answered when a post was looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recheck {
    /// The post's key.
    pub key: String,
    /// How it stood.
    pub standing: Standing,
    /// The platform's own words, where it does not show the post.
    pub answer: Option<String>,
}

/// When a post was looked at again, and how it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rechecked {
    /// When.
    pub at: DateTime<Utc>,
    /// How it stood.
    pub standing: Standing,
    /// The platform's own words, where it does not show the post.
    pub answer: Option<String>,
}

/// A post that may be looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Its key.
    pub key: String,
    /// Its platform.
    pub platform: String,
    /// Address of its page.
    pub url: Option<String>,
    /// Canonical URI.
    pub uri: Option<String>,
    /// Native id.
    pub id: Option<String>,
    /// When the capture was had that first showed what it shows now.
    pub had: DateTime<Utc>,
    /// When it was last looked at again.
    pub last: Option<DateTime<Utc>>,
}

/// Writes down what a capture says of a post that was looked at again.
pub(super) fn insert(db: &Connection, number: i64, capture: &NewCapture) -> rusqlite::Result<()> {
    let Some(Recheck { key, standing, answer }) = &capture.recheck else { return Ok(()) };
    db.prepare_cached(
        "INSERT OR IGNORE INTO recheck (key, capture, at, standing, answer) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![key, number, stamp(capture.fetched_at), standing.name(), answer])?;
    Ok(())
}

impl Reader {
    /// The posts of a job that were had no earlier than `since`, and those of `chosen`, whenever that was.
    /// Reposts and posts that were only seen inside others are left out.
    ///
    /// # Errors
    /// A damaged database.
    pub fn watched(
        &self,
        job: &str,
        since: DateTime<Utc>,
        chosen: &BTreeSet<String>,
        mut each: impl FnMut(Watched),
    ) -> Result<(), StoreError> {
        let chosen = serde_json::Value::from(chosen.iter().cloned().collect::<Vec<_>>()).to_string();
        let sql = "SELECT p.key, p.platform, p.url, p.uri, p.native_id, c.fetched_at, \
                   (SELECT max(r.at) FROM recheck r WHERE r.key = p.key) \
                   FROM post_job j JOIN post p ON p.id = j.post JOIN capture c ON c.id = p.capture \
                   WHERE j.job = ?1 AND p.nested = 0 AND p.kind <> 'repost' \
                   AND (p.capture > ?2 OR p.key IN (SELECT value FROM json_each(?3)))";
        // Captures stand in the order of their arrival.
        let before = "SELECT ifnull(max(id), 0) FROM capture WHERE unixepoch(fetched_at) < ?1";
        let mut read = || -> rusqlite::Result<()> {
            let before: i64 = self.db.query_row(before, [since.timestamp()], |row| row.get(0))?;
            let mut statement = self.db.prepare_cached(sql)?;
            let mut rows = statement.query(params![job, before, chosen])?;
            while let Some(row) = rows.next()? {
                each(Watched {
                    key: row.get(0)?,
                    platform: row.get(1)?,
                    url: row.get(2)?,
                    uri: row.get(3)?,
                    id: row.get(4)?,
                    had: required_instant(row, 5)?,
                    last: instant(row, 6)?,
                });
            }
            Ok(())
        };
        read().map_err(self.error("read"))
    }

    /// When a post was looked at again, and how it stood, in order of time.
    ///
    /// # Errors
    /// A damaged database.
    pub fn rechecks(&self, key: &str) -> Result<Vec<Rechecked>, StoreError> {
        let read = || -> rusqlite::Result<Vec<Rechecked>> {
            let sql = "SELECT at, standing, answer FROM recheck WHERE key = ?1 ORDER BY capture";
            let mut statement = self.db.prepare_cached(sql)?;
            let rows = statement.query_map([key], |row| {
                Ok(Rechecked { at: required_instant(row, 0)?, standing: word(row, 1)?, answer: row.get(2)? })
            })?;
            rows.collect()
        };
        read().map_err(self.error("read"))
    }
}
