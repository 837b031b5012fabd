//! When a post is looked at again: soon after it was first seen, then ever more seldom, then no more.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// The ages at which a post is looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recheck {
    after: Vec<Duration>,
    until: Duration,
}

impl Recheck {
    /// At each of these ages, then whenever the last one has passed again, up to the age `until`.
    ///
    /// # Errors
    /// Ages that do not rise, or reach beyond `until`.
    pub fn new(after: Vec<Duration>, until: Duration) -> Result<Recheck, String> {
        if after.first().is_none_or(|first| first.as_secs() == 0) || !after.is_sorted_by(|a, b| a < b) {
            return Err("recheck needs ages that rise: after = [\"1h\", \"6h\", \"1d\", \"7d\"]".to_owned());
        }
        if after.last().is_some_and(|last| *last > until) {
            return Err("recheck ends before the last of its ages".to_owned());
        }
        Ok(Recheck { after, until })
    }

    /// Up to which age a post is looked at again.
    pub fn until(&self) -> TimeDelta {
        TimeDelta::from_std(self.until).unwrap_or(TimeDelta::MAX)
    }

    /// How long it is to one of these times from the one before it.
    pub fn step(&self, first_seen: DateTime<Utc>, at: DateTime<Utc>) -> TimeDelta {
        let age = (at - first_seen).to_std().unwrap_or_default();
        let last = self.after.last().copied().unwrap_or_default();
        let before = self.after.iter().rev().find(|named| **named < age).copied().unwrap_or_default();
        TimeDelta::from_std(age.saturating_sub(before).min(last)).unwrap_or(TimeDelta::MAX)
    }

    /// The first time after this one at which a post is to be looked at again; `None` if it is let go.
    pub fn next(&self, first_seen: DateTime<Utc>, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let age = (after - first_seen).to_std().unwrap_or_default();
        let is_after = |age: &Duration| Some(first_seen + TimeDelta::from_std(*age).ok()?).filter(|at| *at > after);
        let named = self.after.iter().find_map(is_after);
        named.or_else(|| {
            let last = self.after.last()?;
            let times = u32::try_from(age.as_secs() / last.as_secs().max(1)).ok()?.checked_add(1)?;
            last.checked_mul(times).filter(|age| *age <= self.until).as_ref().and_then(is_after)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_looked_at_ever_more_seldom_and_then_no_more() {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let recheck = Recheck::new(vec![hours(1), hours(6), hours(24), hours(7 * 24)], hours(30 * 24)).unwrap();
        let seen: DateTime<Utc> = "2026-03-01T12:00:00.5Z".parse().unwrap();
        let ages: Vec<i64> = std::iter::successors(recheck.next(seen, seen), |at| recheck.next(seen, *at))
            .map(|at| (at - seen).num_hours())
            .collect();
        assert_eq!(ages, [1, 6, 24, 168, 336, 504, 672]);
        let steps = ages.iter().map(|age| recheck.step(seen, seen + TimeDelta::hours(*age)).num_hours());
        assert_eq!(steps.collect::<Vec<_>>(), [1, 5, 18, 144, 168, 168, 168]);
        // A clock that was set back, and a post that was forgotten for long.
        assert_eq!(recheck.next(seen, seen - TimeDelta::days(3)), Some(seen + TimeDelta::hours(1)));
        assert_eq!(recheck.next(seen, seen + TimeDelta::days(900)), None);
        for (after, until) in [(vec![], 9), (vec![0], 9), (vec![2, 2], 9), (vec![2, 1], 9), (vec![1, 12], 9)] {
            assert!(Recheck::new(after.iter().copied().map(hours).collect(), hours(until)).is_err(), "{after:?}");
        }
    }
}
