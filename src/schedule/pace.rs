//! How long to wait before a source is looked at again: the rule of `every = "auto"`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One look at a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// When.
    pub at: DateTime<Utc>,
    /// How many posts it showed that were not known.
    pub new: u32,
    /// Whether more had come since the look before than it could show: the page was full of news.
    pub overflowed: bool,
}

/// What is known of a source.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The last looks, in order of time; [`LOOKS`] of them are enough.
    pub looks: &'a [Look],
    /// How many posts one request brings at most.
    pub per_request: u32,
}

/// How many looks the rule remembers.
pub const LOOKS: usize = 8;

/// What is left of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Requests that may still be sent.
    pub requests: u64,
    /// Until it is filled up again.
    pub time: Duration,
}

/// Between which pauses the rule may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The shortest pause.
    pub least: Duration,
    /// The longest pause.
    pub most: Duration,
    /// What is left of the budget, if there is one: it may make a pause longer than `most`.
    pub left: Option<Left>,
}

/// How much of a page may fill up between two looks.
const AIM: f64 = 0.5;

/// How much longer than the last pause the next one may be.
const COOLING: f64 = 2.0;

/// How long to wait after the last look before the next one.
pub fn next_pause(seen: &Seen<'_>, limits: &Limits) -> Duration {
    let looks = seen.looks.get(seen.looks.len().saturating_sub(LOOKS)..).unwrap_or_default();
    let pauses = looks.windows(2).filter_map(|pair| match pair {
        [before, look] => Some((look, (look.at - before.at).to_std().ok()?.as_secs_f64().max(1.0))),
        _ => None,
    });
    let (mut rate, mut last) = (0.0_f64, limits.least.as_secs_f64());
    for (look, pause) in pauses {
        let now = f64::from(look.new) / pause;
        // More had come than was shown: nobody knows how many.
        let now = if look.overflowed { now * 2.0 } else { now };
        rate = now.max(rate / COOLING);
        last = pause;
    }
    let wanted = AIM * f64::from(seen.per_request.max(1)) / rate;
    let pause = wanted.min(last * COOLING).min(limits.most.as_secs_f64()).max(limits.least.as_secs_f64());
    let pause = Duration::try_from_secs_f64(pause).unwrap_or(limits.most);
    match limits.left {
        // The last request of a period waits for its end.
        Some(Left { requests, time }) => pause.max(time / u32::try_from(requests.max(1)).unwrap_or(u32::MAX)),
        None => pause,
    }
}
