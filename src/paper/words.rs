//! Instants, lengths of time and shares, as tables and sentences have them.

use chrono::{DateTime, TimeDelta, Utc};

use crate::coverage::BEGINNING;
use crate::zone::Zone;

/// An instant to the minute by the clocks of a zone, `2026-03-01 09:30`; "the beginning" for as far back as there is anything.
pub fn instant(at: DateTime<Utc>, zone: Zone) -> String {
    if at == BEGINNING { "the beginning".to_owned() } else { zone.local(at).format("%Y-%m-%d %H:%M").to_string() }
}

/// A length of time in its two greatest units: `3 d 4 h`, `9 h 5 min`, `40 s`.
pub fn length(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let Some(at) = units.iter().position(|(unit, _)| seconds >= *unit) else { return "0 s".to_owned() };
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (unit, name) in units.iter().skip(at).take(2) {
        let number = rest / unit;
        rest %= unit;
        if number > 0 {
            parts.push(format!("{number} {name}"));
        }
    }
    parts.join(" ")
}

/// How much of a time a part of it is, in per cent with one decimal. Only all of it is 100 %, and only nothing is 0 %.
pub fn share(part: TimeDelta, whole: TimeDelta) -> Option<String> {
    let (part, whole) = (i128::from(part.num_seconds()), i128::from(whole.num_seconds()));
    if whole <= 0 {
        return None;
    }
    let thousandths = part * 1000 / whole;
    Some(match (part, thousandths) {
        (part, _) if part >= whole => "100 %".to_owned(),
        (part, _) if part <= 0 => "0 %".to_owned(),
        (_, 0) => "< 0.1 %".to_owned(),
        (_, thousandths) => format!("{}.{} %", thousandths / 10, thousandths % 10),
    })
}

/// A number of things with their name.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    match number {
        1 => format!("one {one}"),
        number => format!("{} {many}", crate::chart::grouped(number)),
    }
}

/// Things in a row: `a`, `a and b`, `a, b and c`.
pub(super) fn listed(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_two_units() {
        for (seconds, expected) in [
            (-5, "0 s"),
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3660, "1 h 1 min"),
            (86_399, "23 h 59 min"),
            (86_460, "1 d"),
            (90_000, "1 d 1 h"),
        ] {
            assert_eq!(length(TimeDelta::seconds(seconds)), expected);
        }
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        for (part, whole, expected) in [
            (0, 0, None),
            (0, 10, Some("0 %")),
            (1, 10_000, Some("< 0.1 %")),
            (9_999_999, 10_000_000, Some("99.9 %")),
            (1, 3, Some("33.3 %")),
            (10, 10, Some("100 %")),
        ] {
            assert_eq!(share(TimeDelta::seconds(part), TimeDelta::seconds(whole)).as_deref(), expected);
        }
    }

    #[test]
    fn the_first_of_all_times_is_the_beginning() {
        assert_eq!(instant(BEGINNING, "Asia/Tokyo".parse().unwrap()), "the beginning");
        assert_eq!(
            instant("2026-03-29T01:00:00Z".parse().unwrap(), "Europe/London".parse().unwrap()),
            "2026-03-29 02:00"
        );
    }

    #[test]
    fn things_stand_in_a_row() {
        let row = |things: &[&str]| listed(&things.iter().map(|thing| (*thing).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            (row(&[]), row(&["a"]), row(&["a", "b"]), row(&["a", "b", "c"])),
            (String::new(), "a".to_owned(), "a and b".to_owned(), "a, b and c".to_owned())
        );
    }
}
