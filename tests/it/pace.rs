//! How fast `every = "auto"` looks, beside looks at equal distances, over bursts of posts: made ones and recorded ones. The platform
//! of this simulation shows its newest posts only, a page of them: what overflows between two looks is missed for ever.

mod bursts;

use std::fmt::Write as _;
use std::time::Duration;

use bursts::{Burst, DAY};
use chrono::DateTime;
use pullquote::schedule::{Auto, LOOKS, Left, Limits, Look, Seen, next_pause, written};

use crate::docs_examples::made;

/// Posts that a look shows.
const PAGE: usize = 40;

/// The bursts of the table, on which the numbers of the rule were chosen.
const SEEDS: [u64; 3] = [1, 2, 3];

/// The equal distances, in seconds.
const GRID: [f64; 20] = [
    10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 2700.0, 3600.0,
    5400.0, 7200.0, 10_800.0, 21_600.0,
];

/// At which parts of a distance the first look is, so that nobody has luck.
const PHASES: [f64; 3] = [0.13, 0.51, 0.83];

/// Looks, and posts that none of them showed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Outcome {
    looks: usize,
    missed: usize,
}

impl std::iter::Sum for Outcome {
    fn sum<I: Iterator<Item = Outcome>>(outcomes: I) -> Outcome {
        outcomes.fold(Outcome::default(), |sum, one| Outcome {
            looks: sum.looks + one.looks,
            missed: sum.missed + one.missed,
        })
    }
}

/// What a look shows.
struct Shown {
    at: f64,
    new: usize,
    overflowed: bool,
}

/// Looks at a burst from `at` on, with the pauses that `pause` chooses.
fn look(burst: &Burst, page: usize, mut at: f64, mut pause: impl FnMut(&Shown) -> f64) -> Outcome {
    let mut outcome = Outcome::default();
    let mut known = 0;
    while at < burst.length {
        let posts = burst.posts.partition_point(|post| *post <= at);
        let new = (posts - known).min(page);
        outcome.looks += 1;
        outcome.missed += posts - known - new;
        // Nobody sees how many more there were.
        let shown = Shown { at, new, overflowed: new == page };
        known = posts;
        at += pause(&shown);
    }
    outcome.missed += (burst.posts.len() - known).saturating_sub(page);
    outcome
}

fn fixed(bursts: &[Burst], page: usize, distance: f64) -> Outcome {
    let each = bursts.iter().flat_map(|burst| PHASES.map(|phase| look(burst, page, phase * distance, |_| distance)));
    each.sum()
}

fn auto(bursts: &[Burst], page: usize) -> Outcome {
    let limits = Limits { least: Auto::LEAST, most: Auto::MOST, left: None };
    let each = bursts.iter().flat_map(|burst| {
        PHASES.map(|phase| {
            let mut rule = Rule::new(page, limits);
            look(burst, page, phase * 600.0, |shown| rule.pause(shown))
        })
    });
    each.sum()
}

/// The rule with what it remembers.
struct Rule {
    page: u32,
    limits: Limits,
    looks: Vec<Look>,
}

impl Rule {
    fn new(page: usize, limits: Limits) -> Rule {
        Rule { page: u32::try_from(page).unwrap(), limits, looks: Vec::new() }
    }

    fn pause(&mut self, shown: &Shown) -> f64 {
        let since = Duration::from_secs_f64(shown.at);
        let new = u32::try_from(shown.new).unwrap();
        self.looks.push(Look { at: DateTime::UNIX_EPOCH + since, new, overflowed: shown.overflowed });
        self.looks.drain(..self.looks.len().saturating_sub(LOOKS));
        next_pause(&Seen { looks: &self.looks, per_request: self.page }, &self.limits).as_secs_f64()
    }
}

/// A row of the table: bursts of one kind, by the rule and by the distance that misses least with twice its looks.
struct Row {
    name: &'static str,
    posts: usize,
    auto: Outcome,
    /// Outcome of every distance of the grid.
    fixed: Vec<Outcome>,
}

impl Row {
    fn of(name: &'static str, bursts: &[Burst], page: usize) -> Row {
        Row {
            name,
            posts: PHASES.len() * bursts.iter().map(|burst| burst.posts.len()).sum::<usize>(),
            auto: auto(bursts, page),
            fixed: GRID.iter().map(|distance| fixed(bursts, page, *distance)).collect(),
        }
    }

    fn total(name: &'static str, rows: &[Row]) -> Row {
        Row {
            name,
            posts: rows.iter().map(|row| row.posts).sum(),
            auto: rows.iter().map(|row| row.auto).sum(),
            fixed: (0..GRID.len()).map(|i| rows.iter().map(|row| row.fixed[i]).sum()).collect(),
        }
    }

    /// The distance that misses least with at most twice the looks of the rule; of several, the longest.
    fn best(&self) -> (f64, Outcome) {
        let paid = GRID.iter().copied().zip(self.fixed.iter().copied());
        let paid = paid.filter(|(_, outcome)| outcome.looks <= 2 * self.auto.looks);
        paid.min_by_key(|(_, outcome)| (outcome.missed, outcome.looks)).unwrap()
    }

    /// The longest distance that misses no more than the rule.
    fn as_good(&self) -> Option<(f64, Outcome)> {
        let good = GRID.iter().copied().zip(self.fixed.iter().copied()).rev();
        good.into_iter().find(|(_, outcome)| outcome.missed <= self.auto.missed)
    }

    fn print(&self, table: &mut String) {
        let length = |seconds: f64| written(Duration::from_secs_f64(seconds));
        let missed = |part: usize| match part {
            0 => "0".to_owned(),
            part => {
                let [part, all] = [part, self.posts].map(|number| f64::from(u32::try_from(number).unwrap()));
                format!("{part} ({:.2} %)", 100.0 * part / all)
            }
        };
        let (distance, best) = self.best();
        let as_good = self
            .as_good()
            .map_or("none".to_owned(), |(distance, outcome)| format!("{}: {}", length(distance), outcome.looks));
        let verdict = match self.auto.missed.cmp(&best.missed) {
            std::cmp::Ordering::Less => "fewer",
            std::cmp::Ordering::Equal => "as many",
            std::cmp::Ordering::Greater => "**more**",
        };
        writeln!(
            table,
            "| {} | {} | {} | {} | {}: {} | {} | {verdict} | {as_good} |",
            self.name,
            self.posts,
            self.auto.looks,
            missed(self.auto.missed),
            length(distance),
            best.looks,
            missed(best.missed)
        )
        .unwrap();
    }
}

#[test]
fn auto_misses_no_more_than_the_best_equal_distance_at_half_its_requests() {
    let mut rows: Vec<Row> = bursts::made(SEEDS).iter().map(|(name, bursts)| Row::of(name, bursts, PAGE)).collect();
    rows.push(Row::total("all", &rows));
    let mut table = String::from(
        "| burst | posts | auto: looks | misses | best distance: looks | misses | auto misses | as good as auto: looks |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    rows.iter().for_each(|row| row.print(&mut table));
    made("scheduling.md", "pace", &table);
    let all = rows.last().unwrap();
    let (_, best) = all.best();
    // The page says: less than half.
    assert!(2 * all.auto.missed < best.missed, "{table}");
    // The whole set must not hide what happens to one kind. A step that lasts for days is followed worse, as the page says; of every
    // other kind, one post in ten thousand more may be missed.
    for row in rows.iter().filter(|row| row.name != "step") {
        assert!(row.auto.missed <= row.best().1.missed + row.posts / 10_000, "{}\n{table}", row.name);
    }
}

#[test]
fn bursts_on_which_nothing_was_chosen_are_followed_as_well() {
    let rows: Vec<Row> = bursts::made([21, 22, 23]).iter().map(|(name, bursts)| Row::of(name, bursts, PAGE)).collect();
    let mut table = String::new();
    rows.iter().chain([&Row::total("all", &rows)]).for_each(|row| row.print(&mut table));
    let all = Row::total("all", &rows);
    assert!(2 * all.auto.missed < all.best().1.missed, "{table}");
    for row in rows.iter().filter(|row| row.name != "step") {
        assert!(row.auto.missed <= row.best().1.missed + row.posts / 1000, "{}\n{table}", row.name);
    }
}

#[test]
fn auto_follows_recorded_posts_too() {
    let bursts = bursts::recorded();
    if bursts.is_empty() {
        return;
    }
    let page = 10;
    let rows: Vec<Row> = bursts.iter().map(|(name, burst)| Row::of(name, std::slice::from_ref(burst), page)).collect();
    let mut table = String::new();
    rows.iter().for_each(|row| row.print(&mut table));
    assert!(rows.len() >= 5, "{table}");
    let all = Row::total("all", &rows);
    assert!(all.auto.missed <= all.best().1.missed, "{table}");
}

#[test]
fn a_silent_source_is_let_go_by_and_by() {
    let silent = Burst { posts: Vec::new(), length: 30.0 * DAY };
    let mut rule = Rule::new(PAGE, Limits { least: Auto::LEAST, most: Auto::MOST, left: None });
    let mut pauses = Vec::new();
    look(&silent, PAGE, 0.0, |shown| {
        let pause = rule.pause(shown);
        pauses.push((shown.at, pause));
        pause
    });
    assert!(pauses.is_sorted_by(|(_, before), (_, after)| before <= after));
    let since = |longest: f64| pauses.iter().find(|(_, pause)| *pause >= longest).unwrap().0;
    // A quarter of an hour within some hours, and six hours after two weeks.
    assert!((0.05..0.2).contains(&(since(900.0) / DAY)), "{}", since(900.0) / DAY);
    assert!((13.0..17.0).contains(&(since(21_600.0) / DAY)), "{}", since(21_600.0) / DAY);
    let first_day = pauses.iter().filter(|(at, _)| *at < DAY).count();
    assert!((90..150).contains(&first_day), "{first_day}");
}

#[test]
fn a_budget_is_kept_and_lasts_through_the_burst() {
    let (_, bursts) = bursts::made(SEEDS).into_iter().find(|(name, _)| *name == "news spike").unwrap();
    let per_day = 100;
    for burst in &bursts {
        let limits = Limits { least: Auto::LEAST, most: Auto::MOST, left: None };
        let mut rule = Rule::new(PAGE, limits);
        let mut days = vec![Vec::new(); 3];
        look(burst, PAGE, 0.0, |shown| {
            // The budget of a day is filled up at its end.
            let (day, end) = days
                .iter_mut()
                .zip(1_u8..)
                .map(|(day, n)| (day, f64::from(n) * DAY))
                .find(|(_, end)| shown.at + 0.001 < *end)
                .unwrap();
            day.push(shown.at);
            rule.limits.left = Some(Left {
                requests: (per_day - day.len()).try_into().unwrap(),
                time: Duration::from_secs_f64(end - shown.at),
            });
            rule.pause(shown)
        });
        for (number, day) in days.iter().enumerate() {
            assert!(day.len() <= per_day, "{} looks on day {number}", day.len());
        }
        // On the day of the spike most are used, and none of its hours is left without.
        assert!(days[1].len() > 75, "{} looks on the day of the spike", days[1].len());
        assert!(days[1].is_sorted_by(|a, b| b - a < 3600.0), "{:?}", days[1]);
    }
}
