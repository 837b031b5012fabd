//! When a post was written, where sources disagree. Pure; schema.sql states the rules at `post`.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::model::{Precision, When, WhenSource};

/// The most other dates that a post's doubts name.
const MOST_OTHERS: usize = 5;

/// The best known of several times, each with the authority of its source.
pub(super) fn best(times: impl Iterator<Item = (When, u8)>) -> Option<When> {
    let rank = |(when, authority): &(When, u8)| {
        let precision = match when.precision() {
            Precision::Second => 2,
            Precision::Minute => 1,
            Precision::Day => 0,
        };
        let source = match when.source() {
            WhenSource::Platform => 2,
            WhenSource::Id => 1,
            WhenSource::Page => 0,
        };
        (precision, source, *authority, Reverse(when.at()))
    };
    times.max_by_key(rank).map(|(when, _)| when)
}

/// The doubts about the time that is shown: the other times that contradict it, the earliest first.
pub(super) fn doubts(shown: Option<When>, times: impl Iterator<Item = When>) -> Vec<String> {
    let is_other = |when: &When| shown.is_some_and(|shown| contradict(shown, *when));
    let dates: BTreeSet<String> = times.filter(is_other).map(|when| when.to_rfc3339()).collect();
    dates.iter().take(MOST_OTHERS).map(|date| format!("another source says that it was written on {date}")).collect()
}

/// Whether no clock and no time zone explains that two times of one post differ.
fn contradict(a: When, b: When) -> bool {
    // The middle of a printed day is at most a day and a half from any instant of that day, in whichever zone.
    let half_day = TimeDelta::hours(12);
    let middle = |when: When| if when.precision() == Precision::Day { when.at() + half_day } else { when.at() };
    let some_day = a.precision() == Precision::Day || b.precision() == Precision::Day;
    let bound = TimeDelta::days(1) + if some_day { half_day } else { TimeDelta::zero() };
    (middle(a) - middle(b)).abs() > bound
}
