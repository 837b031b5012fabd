//! A job that fires at equal distances.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{hash, written};

/// The shortest distance: less is no schedule but a stream.
const LEAST: u64 = 10;

/// The longest: 366 days.
const MOST: u64 = 366 * 86400;

/// Fires at every multiple of its interval since 1970 plus a phase: an absolute time, so that nothing adds up to a drift and
/// a restart changes nothing. The phase comes of the job's name, so that many jobs of one interval do not fire at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Every {
    seconds: i64,
    phase: i64,
}

impl Every {
    /// The schedule of a job.
    ///
    /// # Errors
    /// An interval that is too short or too long.
    pub fn new(interval: Duration, name: &str) -> Result<Every, String> {
        let seconds = interval.as_secs();
        if !(LEAST..=MOST).contains(&seconds) {
            return Err(format!("{} is no interval of a job: from 10s to 366d", written(interval)));
        }
        let phase = hash(&[name.as_bytes()]) % seconds;
        // Both are at most 366 days.
        Ok(Every { seconds: seconds.cast_signed(), phase: phase.cast_signed() })
    }

    /// How long it is between two fire times.
    pub fn interval(&self) -> Duration {
        Duration::from_secs(self.seconds.unsigned_abs())
    }

    /// Number of the last fire time that is not after this one.
    fn number(&self, at: DateTime<Utc>) -> i64 {
        (at.timestamp() - self.phase).div_euclid(self.seconds)
    }

    /// The first fire time after this one; `None` at the end of what can be calculated with.
    pub(super) fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let seconds = self.number(after).checked_add(1)?.checked_mul(self.seconds)?.checked_add(self.phase)?;
        DateTime::from_timestamp(seconds, 0)
    }

    /// How many fire times there are after the first of these instants, up to the second.
    pub(super) fn between(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> u64 {
        u64::try_from(self.number(until) - self.number(after)).unwrap_or(0)
    }
}
