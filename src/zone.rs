//! Time zones: an instant as a person's clock shows it, and a day of the calendar as a stretch of time.
//!
//! Zones go by their names in the IANA database (`Europe/London`), which the program carries with it, so that the same
//! name gives the same dates on every machine. Nothing here reads the clock.

use std::fmt;
use std::str::FromStr;

use chrono::{
    DateTime, Days, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc,
};
use chrono_tz::{GapInfo, Tz};

/// A time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

impl Default for Zone {
    fn default() -> Zone {
        Zone::UTC
    }
}

/// A name that is no zone's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no time zone is named {0:?}; names are those of the IANA database, such as Europe/London, or UTC")]
pub struct UnknownZone(String);

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Zone = Zone(Tz::UTC);

    /// The zone that this user's machine is set to (`TZ`, else the system's setting); UTC if it cannot be told.
    pub fn of_user() -> Zone {
        let named = std::env::var("TZ").ok().and_then(|name| name.trim_start_matches(':').parse().ok());
        named.or_else(|| iana_time_zone::get_timezone().ok()?.parse().ok()).unwrap_or(Zone::UTC)
    }

    /// Its name in the IANA database.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// An instant as clocks of the zone show it.
    pub fn local(self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        let offset = self.0.offset_from_utc_datetime(&at.naive_utc()).fix();
        at.with_timezone(&offset)
    }

    /// What clocks call the zone at an instant: `BST`, `UTC`; an offset (`+03`) where it has no letters.
    pub fn abbreviation(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.0).format("%Z").to_string()
    }

    /// An instant to the minute, as clocks of the zone show it and call it: `2021-07-26 19:03 BST`.
    pub fn minute(self, at: DateTime<Utc>) -> String {
        format!("{} {}", self.local(at).format("%Y-%m-%d %H:%M"), self.abbreviation(at))
    }

    /// The instant at which clocks of the zone show this time: the earlier one where they show it twice; where they jump over it,
    /// that of the jump. `None` outside what can be calculated with.
    pub fn instant(self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        self.instants(local).0.or_else(|| Some(GapInfo::new(&local, &self.0)?.end?.to_utc()))
    }

    /// The instants at which clocks of the zone show this time, in order: one, none where they jump over it, two where they were
    /// put back.
    pub fn instants(self, local: NaiveDateTime) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        match self.0.from_local_datetime(&local) {
            MappedLocalTime::Single(at) => (Some(at.to_utc()), None),
            MappedLocalTime::Ambiguous(first, second) => (Some(first.to_utc()), Some(second.to_utc())),
            MappedLocalTime::None => (None, None),
        }
    }

    /// The instant at which a day begins.
    pub fn midnight(self, day: NaiveDate) -> Option<DateTime<Utc>> {
        self.instant(day.and_time(NaiveTime::MIN))
    }

    /// When a day begins and when the next one does.
    pub fn day(self, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        Some((self.midnight(day)?, self.midnight(day.checked_add_days(Days::new(1))?)?))
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    /// Reads a name without regard to case.
    fn from_str(name: &str) -> Result<Zone, UnknownZone> {
        let named = Tz::from_str_insensitive(name.trim()).map_err(|_| UnknownZone(name.to_owned()))?;
        // One zone, and one name for it.
        Ok(
            if matches!(
                named.name(),
                "Etc/UTC" | "Etc/UCT" | "Etc/Universal" | "Etc/Zulu" | "UCT" | "Universal" | "Zulu"
            ) {
                Zone::UTC
            } else {
                Zone(named)
            },
        )
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_of_a_zone() {
        let london: Zone = "europe/london".parse().unwrap();
        let at = "2021-07-26T23:30:00Z".parse().unwrap();
        assert_eq!(london.local(at).to_string(), "2021-07-27 00:30:00 +01:00");
        assert_eq!(london.minute(at), "2021-07-27 00:30 BST");
        assert_eq!((london.name(), london.abbreviation(at).as_str()), ("Europe/London", "BST"));
        assert_eq!("etc/utc".parse(), Ok(Zone::UTC));
        assert!("Mars/Olympus".parse::<Zone>().unwrap_err().to_string().contains("Mars/Olympus"));
    }

    #[test]
    fn a_day_begins_also_where_clocks_leap() {
        let midnight = |zone: &str, day: &str| {
            let zone: Zone = zone.parse().unwrap();
            zone.midnight(day.parse().unwrap()).unwrap().to_rfc3339()
        };
        assert_eq!(midnight("Europe/London", "2021-07-26"), "2021-07-25T23:00:00+00:00");
        // Clocks went from 24:00 to 01:00.
        assert_eq!(midnight("America/Sao_Paulo", "2018-11-04"), "2018-11-04T03:00:00+00:00");
        // A whole day was left out.
        assert_eq!(midnight("Pacific/Apia", "2011-12-30"), "2011-12-30T10:00:00+00:00");
        assert_eq!(midnight("Pacific/Kwajalein", "1993-08-21"), "1993-08-21T12:00:00+00:00");
        // Clocks showed midnight twice.
        assert_eq!(midnight("America/Havana", "2021-11-07"), "2021-11-07T04:00:00+00:00");
    }
    #[test]
    fn a_time_that_is_left_out_is_that_of_the_jump() {
        for (zone, local, instant) in [
            ("Europe/London", "2026-03-29T01:10:00", "2026-03-29T01:00:00+00:00"),
            ("Australia/Lord_Howe", "2026-10-04T02:29:59", "2026-10-03T15:30:00+00:00"),
            ("Europe/London", "2026-10-25T01:10:00", "2026-10-25T00:10:00+00:00"),
            ("America/New_York", "2077-03-14T02:10:00", "2077-03-14T07:00:00+00:00"),
        ] {
            let found = zone.parse::<Zone>().unwrap().instant(local.parse().unwrap());
            assert_eq!(found.map(|at| at.to_rfc3339()).as_deref(), Some(instant), "{zone} {local}");
        }
    }
}
