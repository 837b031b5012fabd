//! Times, counted as they come: a counter a minute, whatever the series will be, so that millions of posts need no more
//! room than the minutes in which they were written.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::model::{Precision, When};

/// Times of posts, counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Posts by minutes since 1970.
    pub(super) minutes: BTreeMap<i64, u64>,
    /// Posts of which only the day is known, by that day, which is of no zone.
    pub(super) days: BTreeMap<NaiveDate, u64>,
    /// Posts without a date.
    pub(super) undated: u64,
}

impl Tally {
    /// Counts a post that was written then.
    pub fn add(&mut self, created: Option<&When>) {
        match created {
            None => self.undated += 1,
            Some(when) => match when.precision() {
                Precision::Day => *self.days.entry(when.at().date_naive()).or_default() += 1,
                Precision::Second | Precision::Minute => {
                    *self.minutes.entry(when.at().timestamp().div_euclid(60)).or_default() += 1;
                }
            },
        }
    }
}
