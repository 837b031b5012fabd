//! What an archive knows of its coverage, read from its database: the one place of this room that asks it anything.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::pair::{Pair, lonely, pairs};
use super::sight::Sight;
use crate::coverage::{Part, surveys};
use crate::store::{Reader, StoreError};

/// What is known of the coverage of jobs.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// What is to be seen of each source.
    pub sights: Vec<Sight>,
    /// Sources, as `JOB · SOURCE`, with captures from before there was a ledger: a rebuild finds out what those cover.
    pub older: Vec<String>,
    parts: Vec<Part>,
}

/// Looks that can be held against each other, each with posts of the first, of the second, of both.
pub type Counted = Vec<(Pair, (u64, u64, u64))>;

impl Known {
    /// Of these jobs, or of all if none is named; of the whole time, or of the part between two instants. `None` if the archive holds
    /// nothing of one of the jobs, with its name.
    ///
    /// # Errors
    /// A damaged database.
    pub fn read(
        reader: &Reader,
        jobs: &[String],
        (since, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    ) -> Result<Result<Known, String>, StoreError> {
        let mut parts = reader.covered(None)?;
        parts.retain(|part| jobs.is_empty() || jobs.contains(&part.job));
        let mut captures = reader.first_captures()?;
        captures.retain(|(job, _), _| jobs.is_empty() || jobs.contains(job));
        let is_known =
            |job: &&String| parts.iter().any(|part| part.job == **job) || captures.keys().any(|(name, _)| name == *job);
        if let Some(unknown) = jobs.iter().find(|job| !is_known(job)) {
            return Ok(Err(unknown.clone()));
        }
        let sight = |survey| {
            let sight = Sight::new(survey, since, until);
            let before_ledger = before_ledger(&sight, &mut captures);
            Sight { before_ledger, ..sight }
        };
        let sights: Vec<Sight> = surveys(parts.clone()).into_iter().map(sight).collect();
        let mut older: Vec<String> = captures.into_keys().map(|(job, source)| format!("{job} · {source}")).collect();
        older.extend(sights.iter().filter(|sight| sight.before_ledger.is_some()).map(Sight::name));
        Ok(Ok(Known { sights, older, parts }))
    }

    /// The looks that can be held against each other, with what they saw.
    ///
    /// # Errors
    /// A damaged database.
    pub fn pairs(&self, reader: &Reader) -> Result<Counted, StoreError> {
        let count = |pair: Pair| {
            let [one, two] = &pair.parts;
            let counts = reader.overlap(&pair.job, [one, two], &pair.within)?;
            Ok((pair, counts))
        };
        pairs(&self.parts).into_iter().map(count).collect()
    }

    /// Sources, as job and source, of which nothing can be estimated.
    pub fn lonely(&self) -> Vec<(String, String)> {
        lonely(&self.parts, &pairs(&self.parts))
    }
}

/// When the first capture of a source was had, if its ledger began later. What is known of its captures is taken out of the list.
fn before_ledger(sight: &Sight, captures: &mut BTreeMap<(String, String), DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let first = captures.remove(&(sight.survey.job.clone(), sight.survey.source.clone()))?;
    // The ledger begins with the capture that it first knew.
    let begins = sight.survey.first_asked? - TimeDelta::seconds(1);
    (first < begins).then_some(first)
}
