//! When a post was written, where sources disagree. Pure; schema.sql states the rules at `post`.

use chrono::{DateTime, TimeDelta};

use super::merge::Weight;
use crate::model::{Precision, When, WhenSource};

/// The most other dates that a post's doubts name.
const MOST_OTHERS: usize = 5;

/// How the doubt begins.
const OTHER: &str = "another source says that it was written on ";

/// The better known of two times; if they are equally good, the one that weighs more, of equal weight the earlier.
pub(super) fn better(old: Option<When>, new: Option<When>, weight: Weight) -> Option<When> {
    let rank = |when: &When| {
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
        (precision, source)
    };
    let (Some(was), Some(is)) = (old, new) else { return new.or(old) };
    let new_is_better = match rank(&is).cmp(&rank(&was)) {
        std::cmp::Ordering::Equal if weight == Weight::Same => is.at() < was.at(),
        std::cmp::Ordering::Equal => weight == Weight::More,
        order => order.is_gt(),
    };
    if new_is_better { new } else { old }
}

/// Brings the doubts of a post in line with the time that it shows now: of the times that are named already and of
/// `others`, those that contradict it are named, the earliest first. Which are named may depend on the order of arrival:
/// a time that was near the one shown then is not remembered.
pub(super) fn doubt(doubts: &mut Vec<String>, shown: Option<When>, others: [Option<When>; 2]) {
    let is_other = |when: &When| shown.is_some_and(|shown| contradict(shown, *when));
    let has_named = doubts.iter().any(|doubt| doubt.starts_with(OTHER));
    if !has_named && !others.iter().flatten().any(is_other) {
        return;
    }
    let named: Vec<When> = doubts.iter().filter_map(|doubt| read(doubt.strip_prefix(OTHER)?)).collect();
    doubts.retain(|doubt| !doubt.starts_with(OTHER));
    let mut dates: Vec<String> =
        named.into_iter().chain(others.into_iter().flatten()).filter(is_other).map(|when| when.to_rfc3339()).collect();
    dates.sort();
    dates.dedup();
    doubts.extend(dates.into_iter().take(MOST_OTHERS).map(|date| format!("{OTHER}{date}")));
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

/// Reads a time as [`When::to_rfc3339`] writes it.
fn read(text: &str) -> Option<When> {
    let day = || When::day(text.parse().ok()?, WhenSource::Page);
    let instant = |at: DateTime<_>| When::new(at.to_utc(), Precision::Second, WhenSource::Page);
    DateTime::parse_from_rfc3339(text).ok().and_then(instant).or_else(day)
}
