//! Times at which posts were written: invented ones, the same on every machine, and those of recorded answers.

use std::f64::consts::PI;

use crate::program::Desk;
use crate::support::shared;

/// Seconds of a day.
pub const DAY: f64 = 86_400.0;

const MINUTE: f64 = 60.0;

/// Posts of a tag.
pub struct Burst {
    /// Seconds since the first look was possible, in order.
    pub posts: Vec<f64>,
    /// How long it is watched, in seconds.
    pub length: f64,
}

/// A generator of numbers from a seed: SplitMix64.
struct Chance(u64);

impl Chance {
    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to less than 1.
    fn part(&mut self) -> f64 {
        // Fifty-three bits: as many as a double tells apart.
        #[expect(clippy::cast_precision_loss)]
        let part = (self.number() >> 11) as f64 / (1_u64 << 53) as f64;
        part
    }

    /// How long it is to the next of things that come at this rate.
    fn wait(&mut self, rate: f64) -> f64 {
        -(1.0 - self.part()).ln() / rate
    }
}

/// Posts that come at a rate, in posts a minute, that changes with time and never exceeds `peak`.
fn poisson(seed: u64, peak: f64, rate: impl Fn(f64) -> f64) -> Burst {
    let (mut chance, mut at, mut posts) = (Chance(seed), 0.0, Vec::new());
    let length = 3.0 * DAY;
    loop {
        at += chance.wait(peak / MINUTE);
        if at > length {
            return Burst { posts, length };
        }
        if chance.part() * peak < rate(at) {
            posts.push(at);
        }
    }
}

/// Posts that make others write (Hawkes): each raises the rate by nine tenths of a post to come, within some ten minutes.
fn hawkes(seed: u64) -> Burst {
    let (own, children, fade) = (0.2 / MINUTE, 0.9, 1.0 / 600.0);
    let (mut chance, mut at, mut posts, mut excited) = (Chance(seed), 0.0, Vec::new(), 0.0_f64);
    let length = 3.0 * DAY;
    loop {
        let most = own + excited;
        let wait = chance.wait(most);
        at += wait;
        if at > length {
            return Burst { posts, length };
        }
        excited *= (-fade * wait).exp();
        if chance.part() * most < own + excited {
            posts.push(at);
            excited += children * fade;
        }
    }
}

fn bell(at: f64, middle: f64, width: f64) -> f64 {
    (-((at - middle) / width).powi(2) / 2.0).exp()
}

/// The invented bursts by kind, one of each for every seed. Rates are in posts a minute.
pub fn made(seeds: [u64; 3]) -> Vec<(&'static str, Vec<Burst>)> {
    type Make = fn(u64) -> Burst;
    let kinds: [(&str, Make); 9] = [
        ("flat", |seed| poisson(seed, 1.0, |_| 1.0)),
        ("step", |seed| poisson(seed, 10.0, |at| if at < DAY { 0.01 } else { 10.0 })),
        ("ramp", |seed| poisson(seed, 8.0, |at| 8.0 * at / (3.0 * DAY))),
        ("self-exciting", hawkes),
        ("day and night", |seed| poisson(seed, 4.0, |at| 4.0 * (2.0 * PI * (at / DAY - 0.25)).sin().max(0.02))),
        ("dead, then sudden", |seed| {
            poisson(seed, 20.0, |at| if at < 1.5 * DAY { 0.0 } else { 20.0 * (-(at - 1.5 * DAY) / 7200.0).exp() })
        }),
        ("two peaks", |seed| {
            poisson(seed, 16.0, |at| 0.05 + 15.0 * bell(at, 0.8 * DAY, 3600.0) + 10.0 * bell(at, 2.1 * DAY, 7200.0))
        }),
        ("news spike", |seed| poisson(seed, 41.0, |at| 0.1 + spike(at, 40.0, 900.0, -1.2))),
        ("too hot for anybody", |seed| poisson(seed, 201.0, |at| 0.1 + spike(at, 200.0, 1800.0, -1.5))),
    ];
    kinds.into_iter().map(|(name, make)| (name, seeds.map(make).into())).collect()
}

/// What a piece of news does after a day: it is told by many at once, and then ever more slowly forgotten (a power of time).
fn spike(at: f64, peak: f64, width: f64, power: f64) -> f64 {
    if at < DAY { 0.0 } else { peak * (1.0 + (at - DAY) / width).powf(power) }
}

/// Recorded answers, and how many times slower than they came their posts are replayed: a page shows only some minutes of a hot tag.
const RECORDED: [(&str, f64); 7] = [
    ("mastodon/gesistsa__rtoot/handle_params_max_id__0.json", 1.0),
    ("mastodon/gesistsa__rtoot/handle_params_max_id__1.json", 1.0),
    ("mastodon/gesistsa__rtoot/mastodonsocial.json", 1.0),
    ("bluesky/JBGruber__atrrr/app.bsky.feed.getFeed_0bf27.json", 1.0),
    ("bluesky/christopherkenny__bskyr/f_search__0.json", 1.0),
    ("x/DocNow__twarc-csv/kpop.jsonl", 60.0),
    ("x/DocNow__twarc-csv/noflat.jsonl", 60.0),
];

/// The bursts of recorded answers, each after a silent day; none where the recordings are not.
pub fn recorded() -> Vec<(&'static str, Burst)> {
    let Some(folder) = shared().map(|shared| shared.join("recorded")) else { return Vec::new() };
    let desk = Desk::with("");
    let times = |file: &str| {
        let ran = desk.run(&["parse", folder.join(file).to_str().unwrap(), "--json"]);
        let mut times: Vec<i64> = ran
            .json()
            .iter()
            .filter(|post| post["nested"] != true)
            .filter_map(|post| {
                Some(post["created"]["at"].as_str()?.parse::<chrono::DateTime<chrono::Utc>>().ok()?.timestamp())
            })
            .collect();
        times.sort_unstable();
        times
    };
    let burst = |(file, slower): (&'static str, f64)| {
        let times = times(file);
        assert!(times.len() >= 20, "{file} holds {} dated posts", times.len());
        let first = times[0];
        let posts: Vec<f64> =
            times.iter().map(|time| DAY + slower * f64::from(i32::try_from(time - first).unwrap())).collect();
        (file, Burst { length: posts.last().unwrap() + DAY, posts })
    };
    RECORDED.into_iter().map(burst).collect()
}
