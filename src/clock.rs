//! What time it is: for programs that run for weeks, and for tests that let weeks pass in seconds.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// A clock on the wall.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    /// What it showed when, if it is not the system's.
    set: Option<(DateTime<Utc>, Instant)>,
}

impl Clock {
    /// The system's clock, which people and time servers may set forward or back.
    pub fn system() -> Clock {
        Clock::default()
    }

    /// A clock that shows this now, and goes on with tokio's time, which a test can pause.
    pub fn set_to(now: DateTime<Utc>) -> Clock {
        Clock { set: Some((now, Instant::now())) }
    }

    /// What it shows.
    pub fn now(&self) -> DateTime<Utc> {
        match self.set {
            None => Utc::now(),
            Some((then, since)) => then + TimeDelta::from_std(since.elapsed()).unwrap_or(TimeDelta::MAX),
        }
    }
}
