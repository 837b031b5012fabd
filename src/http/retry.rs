//! "May I try this again, and when?", as pure functions of what came back.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::error::Fault;

/// The longest wait that is reckoned with. What is longer is as good as never.
const YEAR: Duration = Duration::from_secs(366 * 24 * 3600);

/// The longest wait between two retries when the server names none.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// How long an answer's headers ask to wait: its Retry-After (if the status is one to try again after), or the reset
/// of its rate limit if nothing remains of it. The longest counts when there are several.
pub(super) fn stated(status: u16, headers: &[(String, String)], now: DateTime<Utc>) -> Option<Duration> {
    let values = |names: &'static [&'static str]| {
        let named = headers.iter().filter(|(key, _)| names.iter().any(|name| key.eq_ignore_ascii_case(name)));
        named.map(|(_, value)| value.trim())
    };
    let retry_after = values(&["retry-after"]).filter_map(|value| retry_after(value, now)).max();
    let none_left = |names| values(names).filter_map(|value| value.parse::<f64>().ok()).any(|left| left < 1.0);
    let resets = |names| values(names).filter_map(|value| reset(value, now)).max();
    // Mastodon, GitHub, Reddit; X; Bluesky and the IETF draft.
    let mut used_up = none_left(&["x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining"]);
    let mut reset = resets(&["x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset"]);
    // Tumblr has two limits, of which the one that is used up counts.
    for (remaining, until) in [
        (&["x-ratelimit-perhour-remaining"], &["x-ratelimit-perhour-reset"]),
        (&["x-ratelimit-perday-remaining"], &["x-ratelimit-perday-reset"]),
    ] {
        if none_left(remaining) {
            used_up = true;
            reset = reset.max(resets(until));
        }
    }
    let asked = if matches!(status, 429 | 503) { retry_after } else { None };
    let limit = if used_up || status == 429 { reset } else { None };
    // On a 429 both may stand; what is said of this very request comes first.
    let wait = if asked.is_some() && !used_up { asked } else { asked.max(limit) };
    wait.map(|wait| wait.min(YEAR))
}

/// Retry-After: seconds or an HTTP date (RFC 9110, 10.2.3). A date in the past says nothing.
fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    if let Some(seconds) = seconds(value) {
        return Some(seconds);
    }
    until(http_date(value)?, now)
}

/// A rate limit's reset: an ISO date (Mastodon), seconds since 1970 (X, Bluesky), or seconds from now (Reddit, the
/// IETF draft). No clock is near 1970, so a number tells by its size which it is.
fn reset(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    if let Some(number) = seconds(value) {
        if number.as_secs() < 1_000_000_000 {
            return Some(number);
        }
        let seconds = if number.as_secs() < 100_000_000_000 { number.as_secs() } else { number.as_secs() / 1000 };
        return match i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)) {
            Some(at) => until(at, now),
            None => Some(YEAR),
        };
    }
    let at = DateTime::parse_from_rfc3339(value).map(|at| at.to_utc()).ok().or_else(|| http_date(value))?;
    until(at, now)
}

/// A number of seconds, perhaps with a fraction (Reddit); `None` for a negative one and what is none.
fn seconds(value: &str) -> Option<Duration> {
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let number = value.parse::<f64>().ok()?;
    Some(Duration::try_from_secs_f64(number).unwrap_or(Duration::MAX))
}

/// The three forms of a date in HTTP headers (RFC 9110, 5.6.7).
fn http_date(value: &str) -> Option<DateTime<Utc>> {
    let zoned = DateTime::parse_from_rfc2822(value).map(|at| at.to_utc()).ok();
    zoned.or_else(|| {
        ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(value, form).ok())
            .map(|at| at.and_utc())
    })
}

/// From now to then; `None` when it is past.
fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> Option<Duration> {
    (at - now).to_std().ok().filter(|wait| !wait.is_zero())
}

/// The wait before retry number `retry` (from 0): doubling, and with `jitter` (0 to 1) somewhere between half and
/// whole, so that clients which failed together do not come back together.
pub(super) fn backoff(base: Duration, retry: u32, jitter: f64) -> Duration {
    let whole = base.saturating_mul(2u32.saturating_pow(retry)).min(LONGEST_BACKOFF);
    whole.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

/// Whether an answer of this status may come out better the next time. `repeatable`: sending twice does not act twice.
pub(super) fn worth_repeating(status: u16, repeatable: bool) -> bool {
    match status {
        // The server says that it has not begun.
        429 | 503 => true,
        500 | 502 | 504 | 507 | 520..=530 => repeatable,
        _ => false,
    }
}

/// Whether another attempt may succeed where this one failed. `repeatable` as in [`worth_repeating`].
pub(super) fn worth_another_attempt(fault: &Fault, repeatable: bool) -> bool {
    match fault {
        Fault::Connect(_) | Fault::ConnectTimeout(_) => true,
        Fault::FirstByteTimeout(_) | Fault::TotalTimeout(_) | Fault::Broken(_) | Fault::Silent(_) => repeatable,
        Fault::Private(_) | Fault::Untrusted(_) | Fault::TooLarge(_) => false,
    }
}

/// Whether an outcome says that the host was asked too fast: it answers so, or takes no connection.
pub(super) fn too_fast(outcome: Result<u16, &Fault>) -> bool {
    matches!(outcome, Ok(429 | 503) | Err(Fault::Connect(_) | Fault::ConnectTimeout(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2021-07-26T21:00:00Z".parse().unwrap()
    }

    fn headers(lines: &[(&str, &str)]) -> Vec<(String, String)> {
        lines.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_retry_after_says() {
        let table: &[(&str, Option<u64>)] = &[
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("0", Some(0)),
            ("Mon, 26 Jul 2021 21:02:00 GMT", Some(120)),
            ("Monday, 26-Jul-21 21:02:00 GMT", Some(120)),
            ("Mon Jul 26 21:02:00 2021", Some(120)),
            ("Mon, 26 Jul 2021 20:00:00 GMT", None),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(YEAR.as_secs())),
            ("99999999999999999999999", Some(YEAR.as_secs())),
            ("-5", None),
            ("soon", None),
            ("", None),
            ("NaN", None),
            ("1e9", None),
            ("1.2.3", None),
        ];
        for (value, expected) in table {
            let found = stated(429, &headers(&[("Retry-After", value)]), now());
            assert_eq!(found, expected.map(Duration::from_secs), "{value:?}");
        }
        let two = headers(&[("retry-after", "3"), ("retry-after", "60"), ("retry-after", "junk")]);
        assert_eq!(stated(503, &two, now()), Some(Duration::from_secs(60)));
        assert_eq!(stated(200, &two, now()), None);
    }

    #[test]
    fn what_a_rate_limit_says() {
        let table: &[(&str, &str, &str, Option<u64>)] = &[
            ("x-ratelimit", "0", "2021-07-26T21:05:00.000000Z", Some(300)),
            ("x-ratelimit", "0", "2021-07-26T23:05:00+02:00", Some(300)),
            ("x-rate-limit", "0", "1627333500", Some(300)),
            ("ratelimit", "0", "1627333500", Some(300)),
            ("ratelimit", "0", "1627333500000", Some(300)),
            ("x-ratelimit", "0.0", "41", Some(41)),
            ("ratelimit", "-1", "41", Some(41)),
            ("ratelimit", "1", "41", None),
            ("ratelimit", "299.0", "41", None),
            ("ratelimit", "0", "-41", None),
            ("ratelimit", "0", "later", None),
            ("ratelimit", "none", "41", None),
            ("ratelimit", "0", "2020-01-01T00:00:00Z", None),
            ("ratelimit", "0", "1500000000", None),
            ("ratelimit", "0", "9999-12-31T23:59:59Z", Some(YEAR.as_secs())),
            ("ratelimit", "0", "99999999999999999999999999", Some(YEAR.as_secs())),
        ];
        for (prefix, remaining, reset, expected) in table {
            let (left, at) = (format!("{prefix}-remaining"), format!("{prefix}-reset"));
            let found = stated(200, &headers(&[(&left, remaining), (&at, reset)]), now());
            assert_eq!(found, expected.map(Duration::from_secs), "{prefix} {remaining} {reset}");
        }
    }

    #[test]
    fn of_two_limits_the_one_that_is_used_up_counts() {
        let wait = |hour: &str, day: &str| {
            let lines = [
                ("X-Ratelimit-Perhour-Remaining", hour),
                ("X-Ratelimit-Perhour-Reset", "1800"),
                ("X-Ratelimit-Perday-Remaining", day),
                ("X-Ratelimit-Perday-Reset", "80000"),
            ];
            stated(429, &headers(&lines), now()).map(|wait| wait.as_secs())
        };
        assert_eq!(wait("0", "4000"), Some(1800));
        assert_eq!(wait("600", "0"), Some(80_000));
        assert_eq!(wait("0", "0"), Some(80_000));
        assert_eq!(wait("1", "1"), None);
    }

    #[test]
    fn on_a_429_the_reset_counts_without_a_remaining_and_retry_after_first() {
        let reset = ("x-ratelimit-reset", "2021-07-26T21:05:00Z");
        assert_eq!(stated(429, &headers(&[reset]), now()), Some(Duration::from_secs(300)));
        assert_eq!(stated(429, &headers(&[reset, ("retry-after", "2")]), now()), Some(Duration::from_secs(2)));
        let both = headers(&[reset, ("retry-after", "2"), ("x-ratelimit-remaining", "0")]);
        assert_eq!(stated(429, &both, now()), Some(Duration::from_secs(300)));
        assert_eq!(stated(429, &[], now()), None);
    }

    #[test]
    fn backoff_doubles_up_to_a_minute() {
        let base = Duration::from_secs(1);
        let whole: Vec<u64> = (0..9).map(|retry| backoff(base, retry, 1.0).as_secs()).collect();
        assert_eq!(whole, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(backoff(base, 1, 0.0), Duration::from_secs(1));
        assert_eq!(backoff(Duration::MAX, u32::MAX, 7.0), LONGEST_BACKOFF);
    }

    #[test]
    fn what_may_have_acted_is_not_repeated() {
        for status in [400, 401, 403, 404, 408, 410, 422, 501, 505, 200, 301] {
            assert!(!worth_repeating(status, true), "{status}");
        }
        for status in [500, 502, 504, 520] {
            assert!(worth_repeating(status, true) && !worth_repeating(status, false), "{status}");
        }
        assert!(worth_repeating(429, false) && worth_repeating(503, false));
        assert!(worth_another_attempt(&Fault::Connect(String::new()), false));
        assert!(!worth_another_attempt(&Fault::Broken(String::new()), false));
        assert!(worth_another_attempt(&Fault::Broken(String::new()), true));
        assert!(!worth_another_attempt(&Fault::TooLarge(1), true));
    }

    #[test]
    fn haste_is_answered_or_refused() {
        for outcome in [Ok(429), Ok(503), Err(&Fault::Connect(String::new()))] {
            assert!(too_fast(outcome), "{outcome:?}");
        }
        for outcome in [Ok(200), Ok(404), Ok(500), Err(&Fault::Broken(String::new()))] {
            assert!(!too_fast(outcome), "{outcome:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_a_server_writes_is_too_odd(
            status in 100..600u16,
            name in "(x-|)rate-?limit-(remaining|reset)|retry-after",
            value in "[-+.eE0-9:TZ ]{0,30}|\\PC{0,40}|[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} [0-9]{1,9} [0-9:]{0,9} GMT",
        ) {
            let lines = headers(&[(&name, &value), ("ratelimit-remaining", "0"), ("retry-after", &value)]);
            if let Some(wait) = stated(status, &lines, now()) {
                assert!(wait <= YEAR);
            }
        }
    }
}
