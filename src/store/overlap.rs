//! What two looks at the same time saw, each and both; and what the archive held before there was a ledger.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::id;
use super::read::NO_NOTE;
use super::row::{instant, json};
use super::{Reader, StoreError};
use crate::coverage::{RECHECK, Stretch, source_of};
use crate::exchange::{ADDRESS, IMPORT};

impl Reader {
    /// Posts of these stretches that captures of the one kind of parts saw, of the other, and of both; `parts` are names of sources
    /// of the job. Counted are posts whose time is known to the second, and that did not only stand inside others.
    ///
    /// # Errors
    /// A damaged database.
    pub fn overlap(&self, job: &str, parts: [&[String]; 2], within: &[Stretch]) -> Result<(u64, u64, u64), StoreError> {
        let read = || -> rusqlite::Result<(u64, u64, u64)> {
            let mut count = self.db.prepare_cached(
                "SELECT ifnull(sum(one), 0), ifnull(sum(two), 0), ifnull(sum(one AND two), 0) FROM ( \
                 SELECT max(c.source IN (SELECT value FROM json_each(?2))) AS one, \
                 max(c.source IN (SELECT value FROM json_each(?3))) AS two \
                 FROM post p JOIN sighting s ON s.post = p.id AND s.nested = 0 \
                 JOIN capture c ON c.id = s.capture AND c.job = ?1 \
                 WHERE p.id >= ?4 AND p.id < ?5 AND p.created_precision = 'second' \
                 AND unixepoch(p.created) >= ?6 AND unixepoch(p.created) < ?7 GROUP BY p.id)",
            )?;
            let mut sum = (0, 0, 0);
            for stretch in within {
                let (since, until) = (stretch.since, stretch.until);
                // Numbers follow time, but for what is older than they can say or younger.
                let from = if id::needs_a_look(since) { 0 } else { id::floor(since) };
                let to = if id::needs_a_look(until) { i64::MAX } else { id::floor(until) };
                let bounds =
                    params![job, json(&parts[0]), json(&parts[1]), from, to, since.timestamp(), until.timestamp()];
                let (one, two, both): (u64, u64, u64) =
                    count.query_row(bounds, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
                sum = (sum.0 + one, sum.1 + two, sum.2 + both);
            }
            Ok(sum)
        };
        read().map_err(self.error("count"))
    }

    /// When the first capture with posts was had of each source of each job, whichever part of it; files and posts that were asked
    /// for by their addresses are no sources of jobs.
    ///
    /// # Errors
    /// A damaged database.
    pub fn first_captures(&self) -> Result<BTreeMap<(String, String), DateTime<Utc>>, StoreError> {
        let read = || -> rusqlite::Result<BTreeMap<(String, String), DateTime<Utc>>> {
            let mut all = self.db.prepare(&format!(
                "SELECT job, source, min(fetched_at) FROM capture c WHERE origin <> 'file' AND job NOT IN (?1, ?2) AND source NOT GLOB '*' || ?3 AND posts > 0 \
                 AND problem IS NULL AND {NO_NOTE} GROUP BY job, source"
            ))?;
            let mut rows = all.query([IMPORT, ADDRESS, RECHECK])?;
            let mut found = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let (job, source): (String, String) = (row.get(0)?, row.get(1)?);
                if let Some(at) = instant(row, 2)? {
                    let first = found.entry((job, source_of(&source).to_owned())).or_insert(at);
                    *first = at.min(*first);
                }
            }
            Ok(found)
        };
        read().map_err(self.error("read"))
    }
}
