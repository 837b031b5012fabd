//! What is remembered of every source between two looks and two runs: `run.json` in the archive's folder.
//!
//! It holds nothing that evidence is: when it is lost, sources are looked at once sooner, and those that follow the story learn their
//! pace anew.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::schedule::Look;

/// What is remembered of one source of one job.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memo {
    /// The fire time that was last served.
    pub fired: Option<DateTime<Utc>>,
    /// When a look last ended.
    pub asked: Option<DateTime<Utc>>,
    /// When it is due next.
    pub next: Option<DateTime<Utc>>,
    /// Whether the last look was stopped before its end.
    pub is_unfinished: bool,
    /// The most posts that a page was seen to hold.
    pub page: u32,
    /// The last looks, for the pace.
    pub looks: Vec<Look>,
    /// Looks in a row that failed, why the last one did, and since when they do.
    pub failures: u32,
    /// See `failures`.
    pub trouble: Option<String>,
    /// See `failures`.
    pub failing_since: Option<DateTime<Utc>>,
    /// Requests sent and posts found by this run and those before.
    pub requests: u64,
    /// See `requests`.
    pub posts: u64,
    /// The period that is counted, and requests in it.
    period: Option<(DateTime<Utc>, u64)>,
}

impl Memo {
    /// Requests since the beginning of a period, as far as is remembered.
    pub fn spent(&self, start: DateTime<Utc>) -> u64 {
        self.period.filter(|(of, _)| *of == start).map_or(0, |(_, before)| self.requests.saturating_sub(before))
    }

    /// Begins to count a period, if it is a new one.
    pub fn count_from(&mut self, start: DateTime<Utc>) {
        if self.period.is_none_or(|(of, _)| of != start) {
            self.period = Some((start, self.requests));
        }
    }
}

/// What is remembered of all sources.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Memory {
    /// By job and source.
    #[serde(default)]
    jobs: BTreeMap<String, BTreeMap<String, Memo>>,
}

impl Memory {
    /// What is remembered of a source.
    pub fn of(&self, job: &str, source: &str) -> Option<&Memo> {
        self.jobs.get(job)?.get(source)
    }

    /// Remembers.
    pub fn set(&mut self, job: &str, source: &str, memo: Memo) {
        self.jobs.entry(job.to_owned()).or_default().insert(source.to_owned(), memo);
    }

    /// Forgets the sources that no job has any more.
    pub fn keep(&mut self, is_known: impl Fn(&str, &str) -> bool) {
        self.jobs.iter_mut().for_each(|(job, sources)| sources.retain(|source, _| is_known(job, source)));
        self.jobs.retain(|_, sources| !sources.is_empty());
    }

    /// Reads what was remembered; nothing if there is no such file, or it holds something else.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn load(path: &Path) -> std::io::Result<Memory> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(path = %path.display(), %error, "what was remembered of the sources cannot be read");
                Memory::default()
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Memory::default()),
            Err(error) => Err(error),
        }
    }

    /// Writes it down, whole or not at all.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        let aside = path.with_extension("json.new");
        let mut file = std::fs::File::create(&aside)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        drop(file);
        std::fs::rename(aside, path)
    }
}
