//! A job that fires by the calendar of a zone. The only user of croner, which knows the pattern; what becomes of it where
//! clocks are changed is decided here.
//!
//! As in Vixie's cron, a pattern whose minute or hour begins with `*` follows the clock: it fires whenever the clock shows such a
//! time, so not at all in the hour that is left out and again in the hour that comes twice. Every other pattern names times of
//! a day: one that is left out fires once, right after the jump; one that comes twice fires the first time only. (croner's own rule
//! would leave out `30 1,13 * * *` in spring, since it names two hours.)

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use croner::parser::{CronParser, Seconds, Year};

use crate::zone::Zone;

/// A pattern of five fields in a zone. Fire times are whole minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    pattern: croner::Cron,
    text: String,
    zone: Zone,
    /// Whether it names times of a day instead of following the clock.
    fixed: bool,
}

impl Cron {
    /// Reads a pattern: minute, hour, day of the month, month, day of the week; or `@hourly`, `@daily` and the like.
    ///
    /// # Errors
    /// What is wrong with the pattern, also that it fits no day of any year.
    pub fn new(text: &str, zone: Zone) -> Result<Cron, String> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let pattern = parser.parse(text).map_err(|error| format!("{text:?} is no cron pattern: {error}"))?;
        // A nickname has become a pattern.
        let normal = pattern.as_str().to_owned();
        let fixed = !normal.split_whitespace().take(2).any(|field| field.starts_with('*'));
        let cron = Cron { pattern, text: text.trim().to_owned(), zone, fixed };
        // The search gives up in the year 5000.
        cron.shown(NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default().into())
            .ok_or_else(|| format!("{text:?} never fires: there is no such day"))?;
        Ok(cron)
    }

    /// The zone whose clocks it goes by.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The pattern as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first time after this one that fits the pattern, on a clock that nobody changes.
    fn shown(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        self.pattern.find_next_occurrence(&after, false).ok()
    }

    /// The first fire time after this one.
    pub(super) fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let now = self.zone.local(after).naive_local();
        if self.fixed {
            // Later times of a day never fire earlier, so that the first one to fire after `after` is the one.
            return self.times(now).filter_map(|time| self.zone.instant(time)).find(|at| *at > after);
        }
        let ahead = self.times(now).find_map(|time| {
            let (first, second) = self.zone.instants(time);
            first.into_iter().chain(second).find(|at| *at > after)
        });
        ahead.into_iter().chain(self.again(now, after)).min()
    }

    /// The first time in the second half of an hour that comes twice, of what its first half has shown until now.
    fn again(&self, now: NaiveDateTime, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (Some(first), Some(second)) = self.zone.instants(now) else { return None };
        let back = now.checked_sub_signed(second - first)?;
        let times = self.times(back).take_while(|time| *time <= now);
        times.filter_map(|time| self.zone.instants(time).1).find(|at| *at > after)
    }

    /// The times after this one that fit the pattern, in order.
    fn times(&self, after: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> {
        std::iter::successors(self.shown(after), |time| self.shown(*time))
    }
}
