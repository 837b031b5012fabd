//! How far a pull has come with each source: what is still to be asked, and where the next pull begins.

use rusqlite::{Connection, OptionalExtension, params};

use super::row::{json, list, value};
use crate::exchange::Request;

/// What a capture changes in the state of its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The request that this capture answers.
    pub done: Request,
    /// Requests that it leads to.
    pub next: Vec<Request>,
    /// The request that will bring what is newer; `None` leaves the one that stands.
    pub later: Option<Request>,
}

/// The state of one source of one job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceState {
    /// Requests still to be sent, in order.
    pub pending: Vec<Request>,
    /// The request that will bring what is newer than everything seen so far.
    pub later: Option<Request>,
}

pub(super) fn read(db: &Connection, job: &str, source: &str) -> rusqlite::Result<Option<SourceState>> {
    db.prepare_cached("SELECT pending, later FROM source_state WHERE job = ?1 AND source = ?2")?
        .query_row([job, source], |row| Ok(SourceState { pending: list(row, 0)?, later: value(row, 1)? }))
        .optional()
}

pub(super) fn write(db: &Connection, job: &str, source: &str, state: &SourceState) -> rusqlite::Result<()> {
    let later = state.later.as_ref().map(json);
    db.prepare_cached("INSERT OR REPLACE INTO source_state (job, source, pending, later) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![job, source, json(&state.pending), later])?;
    Ok(())
}

pub(super) fn advance(db: &Connection, job: &str, source: &str, progress: &Progress) -> rusqlite::Result<()> {
    let mut state = read(db, job, source)?.unwrap_or_default();
    if let Some(at) = state.pending.iter().position(|request| *request == progress.done) {
        state.pending.remove(at);
    }
    for request in &progress.next {
        if !state.pending.contains(request) {
            state.pending.push(request.clone());
        }
    }
    if progress.later.is_some() {
        state.later.clone_from(&progress.later);
    }
    write(db, job, source, &state)
}
