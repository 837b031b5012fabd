//! The dates and times that searches are written with.

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};

use super::Reading;
use crate::zone::Zone;

/// What is said to somebody who wrote something else.
pub(super) const WANTED: &str = "takes a date as 2021-07-26, 2021-07 or 2021, or a time as 2021-07-26T18:00:00Z or \
    2021-07-26_18:00:00_UTC";

/// A stretch of time that a person named: a year, a month, a day, or one instant, which is no longer than nothing.
pub(super) struct Named {
    pub(super) from: DateTime<FixedOffset>,
    pub(super) to: DateTime<FixedOffset>,
}

/// Reads `2021`, `2021-07`, `2021-07-26` (in the zone of the reading), RFC 3339, or X's `2021-07-26_18:00:00_UTC`, the
/// zone of which may be left out.
pub(super) fn named(reading: &Reading, text: &str) -> Option<Named> {
    let day = |day: NaiveDate, end: Option<NaiveDate>| {
        let (from, to) = (midnight(reading.zone, day)?, midnight(reading.zone, end?)?);
        Some(Named { from, to })
    };
    let digits =
        |text: &str, len: usize| text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if digits(text, 10) {
        let first: NaiveDate = text.parse().ok()?;
        return day(first, first.checked_add_days(Days::new(1)));
    }
    if digits(text, 7) {
        let first: NaiveDate = format!("{text}-01").parse().ok()?;
        return day(first, first.checked_add_months(Months::new(1)));
    }
    if digits(text, 4) {
        let first: NaiveDate = format!("{text}-01-01").parse().ok()?;
        return day(first, first.checked_add_months(Months::new(12)));
    }
    let at = match DateTime::parse_from_rfc3339(text) {
        Ok(at) => at,
        Err(_) => {
            let (time, zone) = match text.rsplit_once('_') {
                Some((time, zone)) if zone.starts_with(|c: char| c.is_ascii_alphabetic()) => (time, zone.parse().ok()?),
                _ => (text, reading.zone),
            };
            let forms = ["%Y-%m-%d_%H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d_%H:%M", "%Y-%m-%dT%H:%M"];
            let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(time, form).ok())?;
            plain(zone, zone.instant(local)?)
        }
    };
    let at = fitting(at)?;
    Some(Named { from: at, to: at })
}

/// Seconds since 1970, as X's `since_time:` has them.
pub(super) fn of_seconds(reading: &Reading, text: &str) -> Option<DateTime<FixedOffset>> {
    let seconds = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())??;
    fitting(plain(reading.zone, DateTime::from_timestamp(seconds, 0)?))
}

/// So long before now, as X's `within_time:` has it: `2d`, `3h`, `5m`, `30s`.
pub(super) fn ago(reading: &Reading, now: DateTime<Utc>, text: &str) -> Option<DateTime<FixedOffset>> {
    let number = |unit: char| text.strip_suffix(unit).and_then(|digits| digits.parse::<u32>().ok()).map(i64::from);
    let length = number('d').map(TimeDelta::days);
    let length = length.or_else(|| number('h').map(TimeDelta::hours));
    let length = length.or_else(|| number('m').map(TimeDelta::minutes));
    let length = length.or_else(|| number('s').map(TimeDelta::seconds))?;
    fitting(plain(reading.zone, now.checked_sub_signed(length)?))
}

/// When a day begins on the clocks of a zone.
fn midnight(zone: Zone, day: NaiveDate) -> Option<DateTime<FixedOffset>> {
    fitting(plain(zone, zone.midnight(day)?))
}

/// An instant on the clocks of a zone, so that its day is known. An offset with seconds, as clocks had them before
/// there was zone time, cannot be written; then it is UTC.
fn plain(zone: Zone, at: DateTime<Utc>) -> DateTime<FixedOffset> {
    let local = zone.local(at);
    if local.offset().local_minus_utc() % 60 == 0 { local } else { at.fixed_offset() }
}

/// An instant that can be written back, whole seconds of the years 0 to 9999 in UTC and on its own clock.
fn fitting(at: DateTime<FixedOffset>) -> Option<DateTime<FixedOffset>> {
    let fits = |year: i32| (0..=9999).contains(&year);
    // RFC 3339 has a second of 60, and years that another offset carries out of four digits.
    (fits(at.year()) && fits(at.to_utc().year()))
        .then(|| at.offset().timestamp_opt(at.timestamp(), at.timestamp_subsec_nanos().min(999_999_999)).single())?
}
