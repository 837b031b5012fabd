//! What the archive knows of its own gaps, for a picture of posts over time.
//!
//! The gaps are those of the ledger ([`crate::coverage`]). Where none stands here a search may still have left out posts.

use chrono::{DateTime, TimeDelta, Utc};

use super::read::NO_NOTE;
use super::row::instant;
use super::{Reader, StoreError};
use crate::coverage::surveys;

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

/// A stretch from which nothing can have come, or one that was not read whole from one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncovered {
    /// Its beginning; [`crate::coverage::BEGINNING`] if it goes back as far as there is anything.
    pub from: DateTime<Utc>,
    /// Its end; `None` if it goes on.
    pub until: Option<DateTime<Utc>>,
    /// The job and the source that it is a gap of; others may have brought some. `None` if nothing came from any.
    pub of: Option<(String, String)>,
    /// Why, as a fragment.
    pub why: String,
}

impl Reader {
    /// What is known of gaps: of the whole archive, or of a job.
    ///
    /// After the last capture nothing was asked, heard or imported, so nothing written later can be here. A gap of the ledger
    /// is one of its source; others may have brought some of it.
    ///
    /// # Errors
    /// A damaged database.
    pub fn coverage(&self, job: Option<&str>) -> Result<Coverage, StoreError> {
        let mut uncovered = Vec::new();
        for survey in surveys(self.covered(job)?) {
            uncovered.extend(survey.gaps.iter().map(|gap| Uncovered {
                from: gap.stretch.since,
                until: Some(gap.stretch.until),
                of: Some((survey.job.clone(), survey.source.clone())),
                why: format!("{} ({} · {})", gap.cause.about(), survey.job, survey.source),
            }));
        }
        let read = || Ok((self.last_had(job)?, self.unfinished(job)?, self.failed(job)?));
        let (last, unfinished, failed) = read().map_err(self.error("read"))?;
        if let Some(from) = last {
            let whose = job.map_or_else(|| "the last capture".to_owned(), |job| format!("the last capture of {job}"));
            uncovered.push(Uncovered { from, until: None, of: None, why: format!("it lies after {whose}") });
        }
        uncovered.sort_by_key(|gap| gap.from);
        Ok(Coverage { uncovered, unfinished, failed })
    }

    fn last_had(&self, job: Option<&str>) -> rusqlite::Result<Option<DateTime<Utc>>> {
        let sql = format!("SELECT max(fetched_at) FROM capture c WHERE (?1 IS NULL OR job = ?1) AND {NO_NOTE}");
        let last = self.db.query_row(&sql, [job], |row| instant(row, 0))?;
        // As texts, times of one second do not follow each other by their fractions.
        Ok(last.map(|at| at + TimeDelta::seconds(1)))
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
