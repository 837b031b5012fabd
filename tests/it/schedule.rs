//! When jobs fire: what summer time does to them, and that nothing about them depends on who asks when.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use pullquote::schedule::{COUNTED, Missed, Schedule, missed, spread};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn cron(pattern: &str, zone: &str) -> Schedule {
    Schedule::cron(pattern, zone.parse().unwrap()).unwrap()
}

/// The first fire times after an instant, as UTC writes them.
fn times(schedule: &Schedule, after: &str, count: usize) -> Vec<String> {
    let times = std::iter::successors(schedule.next(at(after)), |at| schedule.next(*at)).take(count);
    times.map(|at| at.format("%m-%d %H:%M").to_string()).collect()
}

#[test]
fn a_pattern_fires_by_the_clocks_of_its_zone() {
    for (pattern, zone, after, fires) in [
        // Clocks of London jump from 01:00 to 02:00 at 01:00 UTC on 29 March 2026.
        ("30 1 * * *", "Europe/London", "2026-03-28T00:00:00Z", ["03-28 01:30", "03-29 01:00", "03-30 00:30"]),
        ("0,30 1 * * *", "Europe/London", "2026-03-29T00:00:00Z", ["03-29 01:00", "03-30 00:00", "03-30 00:30"]),
        ("30 1,13 * * *", "Europe/London", "2026-03-29T00:00:00Z", ["03-29 01:00", "03-29 12:30", "03-30 00:30"]),
        ("0 1,2 * * *", "Europe/London", "2026-03-28T12:00:00Z", ["03-29 01:00", "03-30 00:00", "03-30 01:00"]),
        ("*/30 1 * * *", "Europe/London", "2026-03-29T00:00:00Z", ["03-30 00:00", "03-30 00:30", "03-31 00:00"]),
        ("*/30 * * * *", "Europe/London", "2026-03-29T00:15:00Z", ["03-29 00:30", "03-29 01:00", "03-29 01:30"]),
        ("0 * * * *", "Europe/London", "2026-03-29T00:00:00Z", ["03-29 01:00", "03-29 02:00", "03-29 03:00"]),
        // They are put back from 02:00 to 01:00 at 01:00 UTC on 25 October 2026.
        ("30 1 * * *", "Europe/London", "2026-10-24T12:00:00Z", ["10-25 00:30", "10-26 01:30", "10-27 01:30"]),
        ("30 1 * * *", "Europe/London", "2026-10-25T00:45:00Z", ["10-26 01:30", "10-27 01:30", "10-28 01:30"]),
        ("0,30 1 * * *", "Europe/London", "2026-10-25T00:10:00Z", ["10-25 00:30", "10-26 01:00", "10-26 01:30"]),
        ("*/30 * * * *", "Europe/London", "2026-10-25T00:15:00Z", ["10-25 00:30", "10-25 01:00", "10-25 01:30"]),
        ("*/30 1 * * *", "Europe/London", "2026-10-25T00:15:00Z", ["10-25 00:30", "10-25 01:00", "10-25 01:30"]),
        ("*/45 1 * * *", "Europe/London", "2026-10-25T00:50:00Z", ["10-25 01:00", "10-25 01:45", "10-26 01:00"]),
        // New York: 02:00 to 03:00 at 07:00 UTC on 8 March, back at 06:00 UTC on 1 November.
        ("15 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", ["03-08 07:00", "03-09 06:15", "03-10 06:15"]),
        ("15 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", ["11-01 05:15", "11-02 06:15", "11-03 06:15"]),
        ("0 0 * * 0", "America/New_York", "2026-03-02T00:00:00Z", ["03-08 05:00", "03-15 04:00", "03-22 04:00"]),
        // Lord Howe changes by half an hour: 02:00 to 02:30 on 4 October, back from 02:00 to 01:30 on 5 April.
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-02T16:00:00Z", ["10-03 15:30", "10-04 15:15", "10-05 15:15"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", ["04-04 14:45", "04-05 15:15", "04-06 15:15"]),
        ("*/15 * * * *", "Australia/Lord_Howe", "2026-04-04T14:40:00Z", ["04-04 14:45", "04-04 15:00", "04-04 15:15"]),
        ("0 9-10 * * 1-5", "Europe/London", "2026-11-27T09:30:00Z", ["11-27 10:00", "11-30 09:00", "11-30 10:00"]),
        ("0 9 L * *", "UTC", "2026-11-27T00:00:00Z", ["11-30 09:00", "12-31 09:00", "01-31 09:00"]),
        ("0 9 * * 5L", "UTC", "2026-11-27T10:00:00Z", ["12-25 09:00", "01-29 09:00", "02-26 09:00"]),
        ("0 9 * * mon#2", "UTC", "2026-11-27T00:00:00Z", ["12-14 09:00", "01-11 09:00", "02-08 09:00"]),
        ("0 9 * * 0", "UTC", "2026-11-27T00:00:00Z", ["11-29 09:00", "12-06 09:00", "12-13 09:00"]),
        ("0 9 * * 7", "UTC", "2026-11-27T00:00:00Z", ["11-29 09:00", "12-06 09:00", "12-13 09:00"]),
        ("0 9-18/3 * * *", "UTC", "2026-11-27T10:00:00Z", ["11-27 12:00", "11-27 15:00", "11-27 18:00"]),
        ("@hourly", "Europe/London", "2026-10-24T23:30:00Z", ["10-25 00:00", "10-25 01:00", "10-25 02:00"]),
        ("@weekly", "UTC", "2026-11-27T00:00:00Z", ["11-29 00:00", "12-06 00:00", "12-13 00:00"]),
        ("@daily", "UTC", "2026-11-27T00:00:00Z", ["11-28 00:00", "11-29 00:00", "11-30 00:00"]),
        // Day of the month or day of the week, as cron means it.
        ("0 12 1 * 1", "UTC", "2026-11-27T00:00:00Z", ["11-30 12:00", "12-01 12:00", "12-07 12:00"]),
    ] {
        assert_eq!(times(&cron(pattern, zone), after, 3), fires, "{pattern} {zone} after {after}");
    }
}

#[test]
fn a_day_that_most_years_do_not_have() {
    let leap = cron("0 12 29 2 *", "Europe/London");
    assert_eq!(leap.next(at("2026-11-26T00:00:00Z")), Some(at("2028-02-29T12:00:00Z")));
    assert_eq!(leap.next(at("2096-03-01T00:00:00Z")), Some(at("2104-02-29T12:00:00Z")));
    let whole_day_left_out = cron("0 12 30 12 *", "Pacific/Apia");
    assert_eq!(whole_day_left_out.next(at("2011-12-01T00:00:00Z")), Some(at("2011-12-30T10:00:00Z")));
}

#[test]
fn what_is_no_pattern_is_said() {
    for (pattern, says) in [
        ("0 0 30 2 *", "never fires"),
        ("0 0 31 4,6,9,11 *", "never fires"),
        ("* * * *", "no cron pattern"),
        ("* * * * * *", "no cron pattern"),
        ("60 * * * *", "no cron pattern"),
        ("5-1 * * * *", "no cron pattern"),
        ("@reboot", "no cron pattern"),
        ("", "no cron pattern"),
        ("\u{661} * * * *", "no cron pattern"),
    ] {
        let error = Schedule::cron(pattern, pullquote::zone::Zone::UTC).unwrap_err();
        assert!(error.contains(says), "{pattern}: {error}");
    }
    for seconds in [0, 9, 366 * 86400 + 1] {
        assert!(Schedule::every(Duration::from_secs(seconds), "a").unwrap_err().contains("10s to 366d"));
    }
    assert!(Schedule::auto(Duration::from_secs(60), Duration::from_secs(30)).is_err());
}

#[test]
fn two_hundred_jobs_of_one_interval_do_not_fire_together() {
    let interval = Duration::from_secs(300);
    let now = at("2026-11-26T12:00:00Z");
    let mut seconds: Vec<i64> = (0..200)
        .map(|i| (Schedule::every(interval, &format!("job {i}")).unwrap().next(now).unwrap() - now).num_seconds())
        .collect();
    seconds.sort_unstable();
    let busiest = seconds.chunk_by(|a, b| a == b).map(<[i64]>::len).max();
    assert!(busiest < Some(7), "{busiest:?} at once");
    assert!(seconds.first() < Some(&20) && seconds.last() > Some(&280), "{seconds:?}");
    // The phase is part of what is promised: it must not change with a version.
    let named = Schedule::every(interval, "IStandWithKenLoach").unwrap();
    assert_eq!(named.next(now).unwrap().to_rfc3339(), "2026-11-26T12:03:23+00:00");
}

#[test]
fn many_missed_fire_times_are_one() {
    let hourly = cron("0 * * * *", "UTC");
    let minutes = Schedule::every(Duration::from_secs(60), "a").unwrap();
    let auto = Schedule::auto(Duration::from_secs(30), Duration::from_secs(3600)).unwrap();
    let last = "2026-11-26T12:00:00Z";
    for (schedule, now, due, skipped) in [
        (&hourly, "2026-11-26T12:59:59Z", false, 0),
        (&hourly, "2026-11-26T13:00:00Z", true, 0),
        (&hourly, "2026-11-26T17:30:00Z", true, 4),
        (&hourly, "2046-11-26T17:30:00Z", true, COUNTED),
        (&minutes, "2026-11-26T12:10:00Z", true, 9),
        (&minutes, "9026-11-26T12:10:00Z", true, COUNTED),
        (&auto, "2026-11-26T14:10:00Z", true, 1),
        // The clock was set back.
        (&hourly, "2016-11-26T17:30:00Z", false, 0),
        (&minutes, "2016-11-26T17:30:00Z", false, 0),
    ] {
        assert_eq!(missed(schedule, at(last), at(now)), Missed { due, skipped }, "{schedule} at {now}");
    }
}

#[test]
fn jitter_is_the_same_for_the_same_fire_time_and_other_for_another() {
    let most = Duration::from_secs(30);
    let base = at("2026-11-26T12:00:00Z");
    let spreads: Vec<Duration> = (0..100).map(|i| spread("a", base + TimeDelta::minutes(i), most)).collect();
    assert_eq!(spreads, (0..100).map(|i| spread("a", base + TimeDelta::minutes(i), most)).collect::<Vec<_>>());
    assert!(spreads.iter().all(|spread| *spread < most));
    let mean = spreads.iter().sum::<Duration>() / 100;
    assert!((12..18).contains(&mean.as_secs()), "{mean:?}");
    assert_ne!(spread("a", base, most), spread("b", base, most));
    assert_eq!(spread("a", base, Duration::ZERO), Duration::ZERO);
}

/// Patterns of every kind, in zones that change their clocks.
fn schedules() -> impl Strategy<Value = Schedule> {
    let minute = prop_oneof!["[0-5]?[0-9]", "\\*/[1-9]", "\\*", "[0-2][0-9],[3-5][0-9]", "1[0-9]-5[0-9]/[1-9]"];
    let hour = prop_oneof!["[0-3]", "\\*", "\\*/[1-6]", "[0-2],1[0-9]", "0-3"];
    let zone = prop_oneof![
        Just("Europe/London"),
        Just("America/New_York"),
        Just("Australia/Lord_Howe"),
        Just("America/St_Johns"),
        Just("Africa/Casablanca"),
        Just("America/Havana"),
        Just("UTC")
    ];
    let days = prop_oneof![Just("* * *"), Just("* * 0"), Just("* 3,10,11 *"), Just("20-31 * *")];
    let crons = (minute, hour, days, zone).prop_filter_map("no pattern", |(minute, hour, days, zone)| {
        Schedule::cron(&format!("{minute} {hour} {days}"), zone.parse().unwrap()).ok()
    });
    let every = (10..100_000_u64, "[a-z]{1,4}")
        .prop_map(|(seconds, name)| Schedule::every(Duration::from_secs(seconds), &name).unwrap());
    prop_oneof![4 => crons, 1 => every]
}

/// Instants near a change of clocks, and others.
fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    let changes = prop_oneof![
        Just("2026-03-29T01:00:00Z"),
        Just("2026-10-25T01:00:00Z"),
        Just("2026-03-08T07:00:00Z"),
        Just("2026-11-01T06:00:00Z"),
        Just("2026-10-03T15:30:00Z"),
        Just("2026-04-04T15:00:00Z"),
        Just("2026-11-01T04:31:00Z"),
        Just("2026-02-15T02:00:00Z")
    ];
    let near = (changes, -9_000_000..9_000_000_i64).prop_map(|(change, ms)| at(change) + TimeDelta::milliseconds(ms));
    let any = (0..4_000_000_000_i64).prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap());
    prop_oneof![4 => near, 1 => any]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn fire_times_do_not_depend_on_who_asks_when(schedule in schedules(), from in instants(), steps in prop::collection::vec(1..5_000_000_i64, 1..40)) {
        let last = from + TimeDelta::milliseconds(steps.iter().sum());
        // All that lie between, one from the other.
        let all: Vec<_> =
            std::iter::successors(schedule.next(from), |at| schedule.next(*at)).take_while(|at| *at <= last).collect();
        prop_assert!(all.is_sorted_by(|a, b| *b - *a >= TimeDelta::seconds(10)), "{all:?}");
        prop_assert!(all.iter().all(|at| *at > from));
        // Asked from anywhere between, the next one is the next of these.
        let mut asked = from;
        for step in steps {
            let next = schedule.next(asked).unwrap();
            prop_assert!(next > asked);
            if next <= last {
                prop_assert_eq!(Some(&next), all.iter().find(|at| **at > asked), "{} after {}", schedule, asked);
            }
            asked += TimeDelta::milliseconds(step);
        }
    }

    #[test]
    fn no_pattern_makes_it_panic(pattern in "[-0-9*/,LW#?@A-Za-z +]{0,24}", after in instants()) {
        if let Ok(schedule) = Schedule::cron(&pattern, pullquote::zone::Zone::UTC) {
            prop_assert!(schedule.next(after) > Some(after));
        }
    }
}
