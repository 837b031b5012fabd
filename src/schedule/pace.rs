//! How long to wait before a source is looked at again: the rule of `every = "auto"`.
//!
//! A look shows how many posts are new, and by their dates how fast they came at last. The next look comes before [`AIM`] of a page
//! has filled up at the faster of the two rates, and never much later than the last one did: a source that heats up is followed at
//! once, one that cools is let go by and by. docs/scheduling.md shows what that misses beside looks at equal distances.

use std::time::Duration;

/// What the last look at a source showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// How long the look before it was ago; `None` if it was the first.
    pub over: Option<Duration>,
    /// How many posts it showed that were not known.
    pub new: u32,
    /// How old the middle one of them was, by its date; `None` if there are no dates to the second.
    pub half: Option<Duration>,
    /// Whether more had come than it could show, so that some may be missing.
    pub overflowed: bool,
    /// How many posts one request brings at most.
    pub per_request: u32,
    /// The pause that was chosen before it; `None` if that is not known.
    pub pause: Option<Duration>,
}

/// What is left of a budget, for this source alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Looks that it still pays for.
    pub looks: u64,
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
pub const AIM: f64 = 1.0 / 3.0;

/// How much longer than the last pause the next one may be, up to [`CALM`].
const COOLING: f64 = 1.1;

/// Twenty minutes: in a longer pause the best part of a story can begin and end.
const CALM: f64 = 1200.0;

/// How much longer than the last pause the next one may be beyond [`CALM`]: a fiftieth, so that it takes weeks of silence until a
/// source is looked at every six hours.
const FORGETTING: f64 = 1.02;

/// From how many posts on their dates tell a rate.
const ENOUGH: u32 = 4;

/// How long to wait after the last look before the next one.
pub fn next_pause(seen: &Seen, limits: &Limits) -> Duration {
    let (least, most) = (limits.least.as_secs_f64(), limits.most.as_secs_f64());
    let page = f64::from(seen.per_request.max(1));
    // A clock that was set may have made a pause of nothing.
    let rate = |posts: f64, time: Duration| posts / time.as_secs_f64().max(1.0);
    let counted = seen.over.map_or(0.0, |over| rate(f64::from(seen.new), over));
    let dated = match seen.half {
        Some(half) if seen.new >= ENOUGH => rate(f64::from(seen.new) / 2.0, half),
        // Nobody knows how many more there were.
        None if seen.overflowed => counted * 2.0,
        _ => 0.0,
    };
    let last = seen.pause.map_or(least, |pause| pause.as_secs_f64());
    let later = (last * COOLING).min(CALM).max(last * FORGETTING);
    // Without any posts the rate is nothing, and the time until a page is full has no end.
    let full = page / counted.max(dated);
    let pause = (AIM * full).min(later).min(most).max(least);
    let pause = Duration::try_from_secs_f64(pause).unwrap_or(limits.most);
    match limits.left {
        // The last look of a period waits for its end.
        Some(Left { looks, time }) => pause.max(time / u32::try_from(looks.max(1)).unwrap_or(u32::MAX)),
        None => pause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_next_look_comes_before_a_page_is_full() {
        let limits = Limits { least: seconds(30), most: seconds(6 * 3600), left: None };
        // Pause before, time since the look before, new posts, age of the middle one, and the pause after.
        for (name, pause, over, new, half, next) in [
            ("steady, a third of a page in ten minutes", Some(600), Some(600), 20, Some(300), 600),
            ("heats up: the half of them came in the last minute", Some(600), Some(600), 20, Some(60), 120),
            ("heats up: a full page", Some(600), Some(600), 60, Some(20), 30),
            ("few posts prove no rate by their dates", Some(600), Some(600), 3, Some(1), 660),
            ("cools: a tenth longer", Some(600), Some(600), 1, Some(300), 660),
            ("silent: a tenth longer", Some(600), Some(600), 0, None, 660),
            ("silent for long: to twenty minutes", Some(1150), Some(1150), 0, None, 1200),
            ("silent for longer: a fiftieth", Some(1200), Some(1200), 0, None, 1224),
            ("silent for weeks", Some(21_500), Some(21_500), 0, None, 21_600),
            ("first look: fast until more is known", None, None, 60, Some(86_400), 33),
            ("after three days without power, nothing new", Some(600), Some(259_200), 0, None, 660),
            ("after three days without power, a story", Some(600), Some(259_200), 60, Some(120), 80),
            ("a clock that stood still", Some(600), Some(0), 60, Some(0), 30),
            ("no dates", Some(600), Some(600), 30, None, 400),
        ] {
            let seen = Seen {
                over: over.map(seconds),
                new,
                half: half.map(seconds),
                overflowed: new >= 60,
                per_request: 60,
                pause: pause.map(seconds),
            };
            assert_eq!(next_pause(&seen, &limits).as_secs(), next, "{name}");
        }
        let no_dates = Seen { over: Some(seconds(600)), new: 60, overflowed: true, per_request: 60, ..Seen::default() };
        assert_eq!(next_pause(&Seen { pause: Some(seconds(600)), ..no_dates }, &limits).as_secs(), 100);
        assert_eq!(next_pause(&Seen::default(), &limits).as_secs(), 33);
    }

    #[test]
    fn a_budget_lasts_to_the_end_of_its_period() {
        let hot =
            Seen { over: Some(seconds(30)), new: 40, half: Some(seconds(10)), per_request: 40, ..Seen::default() };
        let limits = |looks, time| Limits {
            least: seconds(30),
            most: seconds(3600),
            left: Some(Left { looks, time: seconds(time) }),
        };
        for (looks, time, next) in [
            (100, 600, 30),
            (10, 600, 60),
            (1, 600, 600),
            (0, 600, 600),
            (2, 86_400, 43_200),
            (0, 0, 30),
            (u64::MAX, 600, 30),
        ] {
            assert_eq!(next_pause(&hot, &limits(looks, time)).as_secs(), next, "{looks} looks in {time} s");
        }
    }
}
