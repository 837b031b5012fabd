//! When a job fires, what it missed, and how fast it looks. Pure: no clock is read, nothing is waited for, nothing is drawn by
//! chance, so that the same configuration fires at the same times on every machine and after every restart.
//!
//! Who waits, and what is done then, is `cli/run`.

mod cron;
mod duration;
mod every;
mod pace;
mod recheck;

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::zone::Zone;
pub use cron::Cron;
pub use duration::{duration, written};
pub use every::Every;
pub use pace::{LOOKS, Left, Limits, Look, Seen, next_pause};
pub use recheck::Recheck;

/// When a job fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// At equal distances.
    Every(Every),
    /// As fast as its sources have news: [`next_pause`].
    Auto(Auto),
    /// By the calendar of a zone.
    Cron(Box<Cron>),
}

/// How fast a job may follow its sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Auto {
    /// Shortest pause between two looks at a source.
    pub least: Duration,
    /// Longest pause.
    pub most: Duration,
}

impl Auto {
    /// Half a minute: more often than most platforms let anybody ask for long.
    pub const LEAST: Duration = Duration::from_secs(30);
    /// Six hours: what is dead is looked at four times a day.
    pub const MOST: Duration = Duration::from_secs(6 * 3600);
}

impl Schedule {
    /// At equal distances, with a phase of the job's own.
    ///
    /// # Errors
    /// An interval of less than 10 seconds or more than 366 days.
    pub fn every(interval: Duration, name: &str) -> Result<Schedule, String> {
        Every::new(interval, name).map(Schedule::Every)
    }

    /// At the times of a cron pattern of five fields, as clocks of the zone show them.
    ///
    /// # Errors
    /// What is wrong with the pattern.
    pub fn cron(pattern: &str, zone: Zone) -> Result<Schedule, String> {
        Cron::new(pattern, zone).map(Box::new).map(Schedule::Cron)
    }

    /// As fast as there is news, within these pauses.
    ///
    /// # Errors
    /// Pauses that are none.
    pub fn auto(least: Duration, most: Duration) -> Result<Schedule, String> {
        if least.as_secs() == 0 || least > most {
            let (least, most) = (written(least), written(most));
            return Err(format!("a pause of at least {least} and at most {most} cannot be made"));
        }
        Ok(Schedule::Auto(Auto { least, most }))
    }

    /// The first fire time after this one. It depends on nothing else, so that it cannot drift. Of `auto`, whose pauses
    /// depend on what was seen, the latest that there may be. `None` outside what can be calculated with.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Schedule::Every(every) => every.next(after),
            Schedule::Auto(auto) => after.checked_add_signed(TimeDelta::from_std(auto.most).ok()?),
            Schedule::Cron(cron) => cron.next(after),
        }
    }

    /// How long it is at least between two fire times; of a pattern, between the first fifty after New Year 2026.
    pub fn shortest(&self) -> Duration {
        match self {
            Schedule::Every(every) => every.interval(),
            Schedule::Auto(auto) => auto.least,
            Schedule::Cron(cron) => {
                let begin = DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default();
                let times = std::iter::successors(cron.next(begin), |at| cron.next(*at)).take(50);
                let times: Vec<DateTime<Utc>> = times.collect();
                let pauses = times.windows(2).filter_map(|pair| (*pair.last()? - *pair.first()?).to_std().ok());
                pauses.min().unwrap_or(Duration::MAX)
            }
        }
    }
}

impl std::fmt::Display for Schedule {
    /// As the configuration writes it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Schedule::Every(every) => write!(f, "every {}", written(every.interval())),
            Schedule::Auto(auto) => write!(f, "every auto, {} to {}", written(auto.least), written(auto.most)),
            Schedule::Cron(cron) => write!(f, "cron {} ({})", cron.text(), cron.zone()),
        }
    }
}

/// What became of a job's fire times while nobody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// Whether the job is to be run now: at least one fire time has come.
    pub due: bool,
    /// How many more had come: they are run together with that one. Counted up to [`COUNTED`].
    pub skipped: u64,
}

/// Up to how many missed fire times are counted: after years, the number says nothing more.
pub const COUNTED: u64 = 1000;

/// Whether a job is due that last fired then (or, if it never did, was first known then). However many fire times it missed,
/// it is due once. A clock that was set back makes nothing due: go on with the next fire time after `now`.
pub fn missed(schedule: &Schedule, last_fired: DateTime<Utc>, now: DateTime<Utc>) -> Missed {
    let passed = match schedule {
        Schedule::Every(every) => every.between(last_fired, now).min(COUNTED + 1),
        Schedule::Auto(_) | Schedule::Cron(_) => {
            let times = std::iter::successors(schedule.next(last_fired), |at| schedule.next(*at));
            // There are no more than a thousand and one of them.
            times.take_while(|at| *at <= now).zip(0..=COUNTED).fold(0, |passed, _| passed + 1)
        }
    };
    Missed { due: passed > 0, skipped: passed.saturating_sub(1) }
}

/// How long after its fire time a job really begins: from nothing to less than `most`, always the same for the same job
/// and fire time.
pub fn spread(name: &str, fire_time: DateTime<Utc>, most: Duration) -> Duration {
    let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
    let at = fire_time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    Duration::from_millis(hash(&[name.as_bytes(), at.as_bytes()]).checked_rem(most).unwrap_or(0))
}

/// A number that has nothing in common with those of other words, and is the same on every machine and in every version.
fn hash(words: &[&[u8]]) -> u64 {
    let mut digest = Sha256::new();
    for word in words {
        digest.update(word);
        digest.update([0]);
    }
    digest.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
