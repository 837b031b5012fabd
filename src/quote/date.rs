//! When a post was written, as readers of each form expect it. In the zone asked for; a date that is known to the day is
//! that day in every zone, and has no time of day.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

use super::Setting;
use crate::model::{Post, Precision};

/// The day on which it was written. `None` when unknown, never today.
pub(super) fn day(post: &Post, setting: &Setting) -> Option<NaiveDate> {
    post.created.map(|when| match when.precision() {
        Precision::Day => when.at().date_naive(),
        Precision::Minute | Precision::Second => day_of(when.at(), setting),
    })
}

/// The day that calendars of the zone show.
pub(super) fn day_of(at: DateTime<Utc>, setting: &Setting) -> NaiveDate {
    setting.zone.local(at).date_naive()
}

/// `July 26, 2021`: as X's own embed prints it.
pub(super) fn american(day: NaiveDate) -> String {
    format!("{} {}, {}", day.format("%B"), day.day(), day.year())
}

/// `26 July 2021`.
pub(super) fn british(day: NaiveDate) -> String {
    format!("{} {} {}", day.day(), day.format("%B"), day.year())
}

/// `26 Sept. 2021`: months of more than four letters are cut, September to `Sept.` (MLA, citeme.app/guides/mla/twitter).
pub(super) fn abbreviated(day: NaiveDate) -> String {
    let month = match day.month() {
        5..=7 => day.format("%B").to_string(),
        9 => "Sept.".to_owned(),
        _ => format!("{}.", day.format("%b")),
    };
    format!("{} {month} {}", day.day(), day.year())
}

/// `9:15 a.m.` on clocks of the zone; `None` where only the day is known.
pub(super) fn clock(post: &Post, setting: &Setting) -> Option<String> {
    let when = post.created.filter(|when| when.precision() != Precision::Day)?;
    let local = setting.zone.local(when.at());
    let (afternoon, hour) = local.hour12();
    Some(format!("{hour}:{:02} {}", local.minute(), if afternoon { "p.m." } else { "a.m." }))
}
