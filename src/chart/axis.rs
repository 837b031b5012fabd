//! Where the marks of an axis stand: counts at 1, 2 or 5 times a power of ten, times at steps of a clock or a calendar.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::zone::Zone;

/// The marks of an axis of counts from 0 to `top`, which no count exceeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) top: u64,
    pub(super) marks: Vec<u64>,
}

/// Marks for counts up to `most`, in no more than `parts` parts.
pub(super) fn counts(most: u64, parts: u64) -> Counts {
    let most = most.max(1);
    let parts = parts.max(1);
    let mut step: u64 = 1;
    for factor in [2_u64, 5, 10].iter().cycle() {
        if most.div_ceil(step) <= parts {
            break;
        }
        // 1, 2, 5, 10, 20, …
        let Some(next) = (if *factor == 5 { step.checked_mul(5).map(|step| step / 2) } else { step.checked_mul(2) })
        else {
            break;
        };
        step = next;
    }
    let parts = most.div_ceil(step);
    Counts { top: step.saturating_mul(parts), marks: (0..=parts).map(|part| step.saturating_mul(part)).collect() }
}

/// A mark of a time axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) at: DateTime<Utc>,
    /// `14:00`, `26 Jul`, `Jul`, `2021`.
    pub(super) label: String,
    /// The day or the year that it belongs to, where that changes.
    pub(super) below: Option<String>,
}

/// The distance between two marks.
#[derive(Debug, Clone, Copy)]
enum Every {
    Minutes(i64),
    Days(i32),
    Months(u32),
    Years(i32),
}

/// From the finest to the coarsest, each with its length in minutes.
const STEPS: &[(Every, i64)] = &[
    (Every::Minutes(1), 1),
    (Every::Minutes(2), 2),
    (Every::Minutes(5), 5),
    (Every::Minutes(10), 10),
    (Every::Minutes(15), 15),
    (Every::Minutes(30), 30),
    (Every::Minutes(60), 60),
    (Every::Minutes(120), 120),
    (Every::Minutes(180), 180),
    (Every::Minutes(360), 360),
    (Every::Minutes(720), 720),
    (Every::Days(1), DAY),
    (Every::Days(2), 2 * DAY),
    (Every::Days(7), 7 * DAY),
    (Every::Days(14), 14 * DAY),
    (Every::Months(1), 30 * DAY),
    (Every::Months(2), 61 * DAY),
    (Every::Months(3), 91 * DAY),
    (Every::Months(6), 182 * DAY),
    (Every::Years(1), YEAR),
    (Every::Years(2), 2 * YEAR),
    (Every::Years(5), 5 * YEAR),
    (Every::Years(10), 10 * YEAR),
    (Every::Years(20), 20 * YEAR),
    (Every::Years(50), 50 * YEAR),
];

const DAY: i64 = 24 * 60;
const YEAR: i64 = 365 * DAY;

/// Marks between two instants, in order, in no more than about `parts` parts.
pub(super) fn times(from: DateTime<Utc>, until: DateTime<Utc>, zone: Zone, parts: i64, days: bool) -> Vec<Mark> {
    let minutes = (until - from).num_minutes();
    // A series of days has no marks inside a day.
    let fits = |(step, length): &&(Every, i64)| {
        minutes <= length.saturating_mul(parts.max(1)) && !(days && matches!(step, Every::Minutes(_)))
    };
    let (step, _) = STEPS.iter().find(fits).unwrap_or(&(Every::Years(100), 100 * YEAR));
    let (first, last) = (zone.local(from).date_naive(), zone.local(until).date_naive());
    let mut instants = BTreeSet::new();
    let mut day = aligned(*step, first);
    while day <= last {
        match step {
            Every::Minutes(minutes) => {
                for part in 0..DAY / minutes {
                    let time = NaiveTime::MIN + TimeDelta::minutes(part * minutes);
                    instants.extend(zone.instant(day.and_time(time)));
                }
            }
            _ => instants.extend(zone.midnight(day)),
        }
        let following = match step {
            Every::Minutes(_) => day.succ_opt(),
            Every::Days(days) => day.checked_add_days(Days::new(u64::from(days.unsigned_abs()))),
            Every::Months(months) => day.checked_add_months(Months::new(*months)),
            Every::Years(years) => day.with_year(day.year() + years),
        };
        let Some(following) = following else { break };
        day = following;
    }
    let mut above = None;
    let inside = instants.into_iter().filter(|at| (from..until).contains(at));
    inside.map(|at| mark(*step, at, zone, &mut above)).collect()
}

/// The last day, not after this one, at which marks of that step may stand.
fn aligned(step: Every, day: NaiveDate) -> NaiveDate {
    let found = match step {
        Every::Minutes(_) => Some(day),
        // A week begins on Monday, which was the first day of the calendar.
        Every::Days(days) => {
            let past = (day.num_days_from_ce() - 1).rem_euclid(days);
            day.checked_sub_days(Days::new(u64::from(past.unsigned_abs())))
        }
        Every::Months(months) => NaiveDate::from_ymd_opt(day.year(), day.month0() / months * months + 1, 1),
        Every::Years(years) => NaiveDate::from_ymd_opt(day.year().div_euclid(years) * years, 1, 1),
    };
    found.unwrap_or(day)
}

fn mark(step: Every, at: DateTime<Utc>, zone: Zone, above: &mut Option<String>) -> Mark {
    let local = zone.local(at);
    let (label, below) = match step {
        Every::Minutes(_) => ("%H:%M", "%-d %b %Y"),
        Every::Days(_) => ("%-d %b", "%Y"),
        Every::Months(_) => ("%b", "%Y"),
        Every::Years(_) => ("%Y", ""),
    };
    let below = local.format(below).to_string();
    let changed = !below.is_empty() && above.as_ref() != Some(&below);
    *above = Some(below.clone());
    Mark { at, label: local.format(label).to_string(), below: changed.then_some(below) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stand_at_round_numbers() {
        for (most, marks) in [
            (0, vec![0, 1]),
            (1, vec![0, 1]),
            (5, vec![0, 1, 2, 3, 4, 5]),
            (6, vec![0, 2, 4, 6]),
            (11, vec![0, 5, 10, 15]),
            (99, vec![0, 20, 40, 60, 80, 100]),
            (1204, vec![0, 500, 1000, 1500]),
        ] {
            let counts = counts(most, 5);
            assert_eq!(counts.marks, marks, "{most}");
            assert!(counts.top >= most);
        }
        assert!(counts(u64::MAX, 5).marks.len() < 10);
    }

    #[test]
    fn times_stand_at_steps_of_clock_and_calendar() {
        let marks = |from: &str, until: &str, zone: &str, days: bool| {
            let marks = times(from.parse().unwrap(), until.parse().unwrap(), zone.parse().unwrap(), 8, days);
            let shown = |mark: Mark| match mark.below {
                Some(below) => format!("{}/{below}", mark.label),
                None => mark.label,
            };
            marks.into_iter().map(shown).collect::<Vec<_>>().join(" ")
        };
        for (from, until, zone, expected) in [
            (
                "2021-07-26T22:00:00Z",
                "2021-07-26T23:30:00Z",
                "Europe/London",
                "23:00/26 Jul 2021 23:15 23:30 23:45 00:00/27 Jul 2021 00:15",
            ),
            // The clock goes from 01:00 to 02:00, and the mark of the hour left out is that of the next.
            (
                "2021-03-28T00:00:00Z",
                "2021-03-28T04:00:00Z",
                "Europe/London",
                "00:00/28 Mar 2021 00:30 02:00 02:30 03:00 03:30 04:00 04:30",
            ),
            ("2021-12-28T00:00:00Z", "2022-01-02T00:00:00Z", "UTC", "28 Dec/2021 29 Dec 30 Dec 31 Dec 1 Jan/2022"),
            ("2021-07-20T00:00:00Z", "2021-09-01T00:00:00Z", "UTC", "26 Jul/2021 2 Aug 9 Aug 16 Aug 23 Aug 30 Aug"),
            ("2020-11-20T00:00:00Z", "2021-04-01T00:00:00Z", "UTC", "Dec/2020 Jan/2021 Feb Mar"),
            ("1999-06-01T00:00:00Z", "2021-04-01T00:00:00Z", "UTC", "2000 2005 2010 2015 2020"),
        ] {
            assert_eq!(marks(from, until, zone, false), expected);
        }
        assert_eq!(marks("2021-07-26T00:00:00Z", "2021-07-28T00:00:00Z", "UTC", true), "26 Jul/2021 27 Jul");
        assert!(marks("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "UTC", true).len() < 1000);
    }
}
