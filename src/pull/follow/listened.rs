//! What was listened to, and what was not: a gap is told, whether or not it could be filled.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// What a source heard over its stream.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Listened {
    /// When the stream first stood; `None` if it never did.
    pub since: Option<DateTime<Utc>>,
    /// When listening ended.
    pub until: Option<DateTime<Utc>>,
    /// Events that were kept.
    pub events: u64,
    /// Messages that could not be read, and are not kept.
    pub unreadable: u64,
    /// How often the stream was opened again after it was lost.
    pub reconnects: u64,
    /// The stretches that were not listened to.
    pub gaps: Vec<Gap>,
}

/// A stretch that was not listened to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The last sign of life.
    pub from: DateTime<Utc>,
    /// When the stream stood again; `None` if it did not.
    pub until: Option<DateTime<Utc>>,
    /// Why it was lost.
    pub why: String,
    /// What came of filling it.
    pub filled: Filled,
}

/// What came of filling a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Filled {
    /// The server sent again what came in it.
    Replayed,
    /// A pull brought its posts. Edits and deletions in it are not known.
    Pulled,
    /// It may be missing, and why.
    No(String),
}

impl Gap {
    /// One that has just begun.
    pub(super) fn new(from: DateTime<Utc>, why: String) -> Gap {
        Gap { from, until: None, why, filled: Filled::No("the stream did not come back".to_owned()) }
    }
}
