//! What the archive can prove about its own gaps: stretches of time from which nothing can have come.
//!
//! It claims no more than the rows prove. Where nothing stands here, coverage is not known: a search that was pulled may
//! have left out posts, and nobody can tell.

use chrono::{DateTime, TimeDelta, Utc};

use super::read::NO_NOTE;
use super::row::instant;
use super::{Reader, StoreError};
use crate::exchange::{LISTENED, POSITION, Request};

/// A stream that was opened again within so short a time has no gap worth a mark: its pieces are stamped by two clocks.
const SHORT: TimeDelta = TimeDelta::seconds(2);

/// What is known of the gaps of an archive, or of one job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Stretches that are not covered, in order of their beginnings.
    pub uncovered: Vec<Uncovered>,
    /// Sources of which requests are still to be sent, as `JOB · SOURCE`, and how many.
    pub unfinished: Vec<(String, u64)>,
    /// Sources whose latest capture could not be read, as `JOB · SOURCE`, and why.
    pub failed: Vec<(String, String)>,
}

/// A stretch from which nothing can have come, or nothing from one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncovered {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end; `None` if it goes on.
    pub until: Option<DateTime<Utc>>,
    /// Whether from no source; else from one, and others may have brought some.
    pub whole: bool,
    /// Why, as a fragment.
    pub why: String,
}

impl Reader {
    /// What can be proved about gaps: of the whole archive, or of a job.
    ///
    /// Two things prove one. After the last capture nothing was asked, heard or imported, so nothing written later can
    /// be here. And between two pieces of a stream that sends nothing twice nobody listened; unless the same source was
    /// pulled after that, which may have brought what was missed.
    ///
    /// # Errors
    /// A damaged database.
    pub fn coverage(&self, job: Option<&str>) -> Result<Coverage, StoreError> {
        let read = || -> rusqlite::Result<Coverage> {
            let mut uncovered = self.unheard(job)?;
            if let Some(from) = self.last_had(job)? {
                let whose =
                    job.map_or_else(|| "the last capture".to_owned(), |job| format!("the last capture of {job}"));
                uncovered.push(Uncovered { from, until: None, whole: true, why: format!("it lies after {whose}") });
            }
            uncovered.sort_by_key(|gap| gap.from);
            Ok(Coverage { uncovered, unfinished: self.unfinished(job)?, failed: self.failed(job)? })
        };
        read().map_err(self.error("read"))
    }

    fn last_had(&self, job: Option<&str>) -> rusqlite::Result<Option<DateTime<Utc>>> {
        let sql = format!("SELECT max(fetched_at) FROM capture c WHERE (?1 IS NULL OR job = ?1) AND {NO_NOTE}");
        let last = self.db.query_row(&sql, [job], |row| instant(row, 0))?;
        // As texts, times of one second do not follow each other by their fractions.
        Ok(last.map(|at| at + TimeDelta::seconds(1)))
    }

    /// The stretches between the pieces of streams.
    fn unheard(&self, job: Option<&str>) -> rusqlite::Result<Vec<Uncovered>> {
        let mut pieces = self.db.prepare(
            "SELECT job, source, url FROM capture WHERE source LIKE '% (stream)' AND instr(url, 'listened=') > 0 \
             AND (?1 IS NULL OR job = ?1) ORDER BY job, source, id",
        )?;
        let mut pulled = self.db.prepare(
            "SELECT max(fetched_at) FROM capture WHERE job = ?1 AND source = ?2 AND problem IS NULL AND platform <> ''",
        )?;
        let mut rows = pieces.query([job])?;
        let mut gaps = Vec::new();
        let mut last: Option<Stream> = None;
        while let Some(row) = rows.next()? {
            let (job, source, url): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let Some((from, until, resumes)) = heard(&url) else { continue };
            match last.as_mut().filter(|stream| stream.job == job && stream.source == source) {
                Some(stream) => {
                    let unfilled = !resumes && stream.pulled.is_none_or(|pulled| pulled < from);
                    if unfilled && from - stream.until > SHORT {
                        let why = format!("nobody listened to {job} · {source}, and it was not pulled after that");
                        gaps.push(Uncovered { from: stream.until, until: Some(from), whole: false, why });
                    }
                    stream.until = stream.until.max(until);
                }
                None => {
                    let name = source.strip_suffix(" (stream)").unwrap_or(&source);
                    let pulled = pulled.query_row([&job, name], |row| instant(row, 0))?;
                    last = Some(Stream { job, source, until, pulled });
                }
            }
        }
        Ok(gaps)
    }

    fn unfinished(&self, job: Option<&str>) -> rusqlite::Result<Vec<(String, u64)>> {
        let mut statement = self.db.prepare(
            "SELECT job || ' · ' || source, json_array_length(pending) FROM source_state \
             WHERE json_array_length(pending) > 0 AND (?1 IS NULL OR job = ?1) ORDER BY job, source",
        )?;
        statement.query_map([job], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }

    /// Of each source the latest capture, if it could not be read.
    fn failed(&self, job: Option<&str>) -> rusqlite::Result<Vec<(String, String)>> {
        let mut statement = self.db.prepare(&format!(
            "SELECT c.job || ' · ' || c.source, c.problem FROM capture c JOIN (SELECT max(id) AS id FROM capture c \
             WHERE (?1 IS NULL OR job = ?1) AND {NO_NOTE} GROUP BY job, source) l USING (id) \
             WHERE c.problem IS NOT NULL ORDER BY c.job, c.source"
        ))?;
        statement.query_map([job], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }
}

/// A stream, as far as its pieces were looked at.
struct Stream {
    job: String,
    source: String,
    /// Until when it was listened to.
    until: DateTime<Utc>,
    /// When its source was last pulled.
    pulled: Option<DateTime<Utc>>,
}

/// From when to when a piece of a stream was listened to, and whether the stream sends again what was missed.
fn heard(url: &str) -> Option<(DateTime<Utc>, DateTime<Utc>, bool)> {
    let request = Request::get(url);
    let listened = request.mark(LISTENED)?;
    let (from, until) = listened.split_once('/')?;
    let instant = |text: &str| DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    Some((instant(from)?, instant(until)?, request.mark(POSITION).is_some()))
}
