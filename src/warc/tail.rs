//! Finds the last complete capture of a file from its end, so that opening a large archive costs no walk through it.

use std::path::Path;

use super::WarcError;
use super::group::{self, Group, Next};
use super::walk::Walk;

/// How much of the end is looked at first; twice as much before it each time, until a capture is found.
const WINDOW: u64 = 256 * 1024;

/// The most that is looked at in one go.
const WINDOW_LIMIT: u64 = 16 * 1024 * 1024;

/// The end of a file.
pub struct Tail {
    /// The last complete capture, if there is one.
    pub last: Option<Group>,
    /// What follows it.
    pub rest: Rest,
}

/// What follows the last complete capture.
#[derive(Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing.
    Nothing,
    /// The beginning of a capture that a crash cut short.
    Torn,
    /// Bytes that no crash leaves.
    Damaged,
}

/// Looks at the end of a file.
pub fn of(path: &Path) -> Result<Tail, WarcError> {
    let mut walk = Walk::open(path, 0)?;
    let len = walk.len();
    let (mut upper, mut window) = (len, WINDOW);
    let mut last = None;
    while last.is_none() && upper > 0 {
        let lower = upper.saturating_sub(window);
        let starts = walk.heads(lower, upper).map_err(WarcError::io("read", path))?;
        last = starts.into_iter().rev().find_map(|start| group_at(&mut walk, start));
        (upper, window) = (lower, WINDOW_LIMIT.min(window * 2));
    }
    walk.go(last.as_ref().map_or(0, |group| group.end));
    Ok(Tail { last, rest: rest(&mut walk) })
}

/// The capture whose first record begins exactly there.
fn group_at(walk: &mut Walk, start: u64) -> Option<Group> {
    walk.go(start);
    // Looked at first: from a record that begins no capture, the walk would go on to the next that does.
    let kind = walk.step()?.outcome.ok()?.record.fields.kind().to_owned();
    if !matches!(kind.as_str(), "response" | "resource") {
        return None;
    }
    walk.go(start);
    match group::next(walk, "") {
        Next::Group(group) if group.offset == start => Some(group),
        _ => None,
    }
}

/// What a crash leaves is whole records and then one that is cut.
fn rest(walk: &mut Walk) -> Rest {
    let mut rest = Rest::Nothing;
    while let Some(step) = walk.step() {
        match step.outcome {
            Err(fault) if !fault.torn => return Rest::Damaged,
            _ => rest = Rest::Torn,
        }
    }
    rest
}
