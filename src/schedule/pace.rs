//! How long to wait before a source is looked at again: the rule of `every = "auto"`.
//!
//! The next look comes before a third of a page has filled up at the rate of the last look, and never much later than the last one did:
//! a source that heats up is followed at once, one that cools is let go by and by. docs/scheduling.md shows what that misses beside
//! looks at equal distances.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One look at a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// When.
    pub at: DateTime<Utc>,
    /// How many posts it showed that were not known.
    pub new: u32,
    /// Whether more had come since the look before than it could show: the page was full of news.
    pub overflowed: bool,
}

/// What is known of a source.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The last looks, in order of time; [`LOOKS`] of them are enough.
    pub looks: &'a [Look],
    /// How many posts one request brings at most.
    pub per_request: u32,
}

/// How many looks the rule remembers.
pub const LOOKS: usize = 3;

/// What is left of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Requests that may still be sent.
    pub requests: u64,
    /// Until it is filled up again.
    pub time: Duration,
}

/// Between which pauses the rule may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The shortest pause.
    pub least: Duration,
    /// The longest pause.
    pub most: Duration,
    /// What is left of the budget, if there is one: it may make a pause longer than `most`.
    pub left: Option<Left>,
}

/// How much of a page may fill up between two looks. The rest is for what comes faster than before.
const AIM: f64 = 1.0 / 3.0;

/// For how many pages a page counts that overflowed: nobody knows how many more there were.
const OVERFLOW: f64 = 4.0;

/// How much longer than before the next pause may be, up to [`CALM`].
const COOLING: f64 = 1.2;

/// A quarter of an hour: in a longer pause the best part of a story can begin and end.
const CALM: f64 = 900.0;

/// How much longer than before the next pause may be beyond [`CALM`]: little, so that it takes two weeks of silence until a source
/// is looked at every six hours.
const FORGETTING: f64 = 1.03;

/// How long to wait after the last look before the next one.
pub fn next_pause(seen: &Seen<'_>, limits: &Limits) -> Duration {
    let (least, most) = (limits.least.as_secs_f64(), limits.most.as_secs_f64());
    let looks = seen.looks.get(seen.looks.len().saturating_sub(LOOKS)..).unwrap_or_default();
    let pauses = looks.windows(2).filter_map(|pair| match pair {
        // A clock that was set may have made a pause of nothing.
        [before, look] => Some((look, (look.at - before.at).to_std().unwrap_or_default().as_secs_f64().max(1.0))),
        _ => None,
    });
    let pauses: Vec<(&Look, f64)> = pauses.collect();
    let page = f64::from(seen.per_request.max(1));
    let rate = pauses.last().map_or(0.0, |(look, pause)| {
        let new = f64::from(look.new);
        (if look.overflowed { new.max(OVERFLOW * page) } else { new }) / pause
    });
    // The shorter of the last two, since one of them may have been an outage.
    let last = pauses.iter().map(|(_, pause)| *pause).reduce(f64::min).unwrap_or(least);
    let later = (last * COOLING).min(CALM).max(last * FORGETTING);
    // Where nothing comes, the time until a page is full has no end.
    let full = page / rate;
    let pause = (AIM * full).min(later).min(most).max(least);
    let pause = Duration::try_from_secs_f64(pause).unwrap_or(limits.most);
    match limits.left {
        // The last request of a period waits for its end.
        Some(Left { requests, time }) => pause.max(time / u32::try_from(requests.max(1)).unwrap_or(u32::MAX)),
        None => pause,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    /// Looks with these pauses between them, of which the last one showed so many new posts on a page of sixty.
    fn after(pauses: &[i64], new: u32) -> Vec<Look> {
        let mut at: DateTime<Utc> = "2026-11-26T12:00:00Z".parse().unwrap();
        let mut looks = vec![Look { at, new: 60, overflowed: true }];
        for pause in pauses {
            at += TimeDelta::seconds(*pause);
            looks.push(Look { at, new: 1, overflowed: false });
        }
        let last = looks.last_mut().unwrap();
        (last.new, last.overflowed) = (new, new >= 60);
        looks
    }

    #[test]
    fn the_next_look_comes_before_a_page_is_full() {
        let limits = Limits { least: Duration::from_secs(30), most: Duration::from_secs(6 * 3600), left: None };
        for (name, pauses, new, next) in [
            ("steady, a third of a page in ten minutes", &[600, 600][..], 20, 600),
            ("heats up", &[600, 600], 40, 300),
            ("heats up: a full page", &[600, 600], 60, 50),
            ("heats up: what was paged back for is counted", &[600, 600], 480, 30),
            ("cools: a fifth longer", &[600, 600], 1, 720),
            ("cools: a fifth longer than the shorter one", &[500, 600], 1, 600),
            ("silent: to a quarter of an hour", &[800, 800], 0, 900),
            ("silent for longer: ever so little", &[900, 900], 0, 927),
            ("silent for weeks", &[21_500, 21_500], 0, 21_600),
            ("first look: fast until more is known", &[], 60, 36),
            ("second look", &[36], 2, 43),
            ("after three days without power, nothing", &[600, 259_200], 0, 720),
            ("after three days without power, a story", &[600, 259_200], 60, 720),
            ("and then", &[600, 259_200, 720], 60, 60),
            ("a clock that stood still", &[600, 0], 60, 30),
            ("a clock that was set back", &[600, -86_400], 0, 30),
        ] {
            let looks = after(pauses, new);
            let seen = Seen { looks: &looks, per_request: 60 };
            assert_eq!(next_pause(&seen, &limits).as_secs(), next, "{name}");
        }
        assert_eq!(next_pause(&Seen { looks: &[], per_request: 0 }, &limits).as_secs(), 36);
    }

    #[test]
    fn a_budget_lasts_to_the_end_of_its_period() {
        let looks = after(&[30, 30], 60);
        for (requests, time, next) in [
            (100, 600, 30),
            (10, 600, 60),
            (1, 600, 600),
            (0, 600, 600),
            (2, 86_400, 43_200),
            (0, 0, 30),
            (u64::MAX, 600, 30),
        ] {
            let left = Some(Left { requests, time: Duration::from_secs(time) });
            let limits = Limits { least: Duration::from_secs(30), most: Duration::from_secs(3600), left };
            let seen = Seen { looks: &looks, per_request: 60 };
            assert_eq!(next_pause(&seen, &limits).as_secs(), next, "{requests} requests in {time} s");
        }
    }
}
