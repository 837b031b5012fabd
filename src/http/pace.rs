//! Politeness to one host, in one place: one request at a time, a pause between two starts, and no request before the
//! time that the host has named. The pause doubles with every sign that it was too short, and slowly shrinks again.
//!
//! What an answer asks for is read in `retry`; here it is only kept and waited for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use url::Url;

use super::options::{Options, Why};

/// The longest interval. More would not fit the clock.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The longest pause that signs of haste lead to.
const STRAINED: Duration = Duration::from_secs(60);

/// All hosts asked so far.
#[derive(Debug)]
pub(super) struct Pace {
    /// The pause between two requests to one host.
    pub(super) interval: Duration,
    hosts: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Host>>>>,
}

/// What is known of one host (scheme, host and port).
#[derive(Debug, Default)]
pub(super) struct Host {
    /// Start of the last request.
    started: Option<Instant>,
    /// The pause that the host was seen to need; zero where the usual one is enough.
    needed: Duration,
    /// Not before this, and why.
    hold: Option<(Instant, Why)>,
}

impl Pace {
    pub(super) fn new(options: &Options) -> Pace {
        Pace { interval: options.min_interval.min(LONGEST), hosts: Mutex::new(HashMap::new()) }
    }

    /// Waits until nobody else talks to the host. The caller keeps what it gets until its answer is complete.
    pub(super) async fn host(&self, url: &Url) -> OwnedMutexGuard<Host> {
        let host = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(hosts.entry(url.origin().ascii_serialization()).or_default())
        };
        host.lock_owned().await
    }
}

impl Host {
    /// How long to wait from `now` on, and why. Zero when it is the host's turn.
    pub(super) fn wait(&self, interval: Duration, now: Instant) -> (Duration, Why) {
        let interval = interval.max(self.needed);
        let pace = self.started.map_or(Duration::ZERO, |at| (at + interval).saturating_duration_since(now));
        match self.hold {
            Some((until, why)) if until.saturating_duration_since(now) > pace => {
                (until.saturating_duration_since(now), why)
            }
            _ => (pace, Why::Pace),
        }
    }

    /// Notes that a request starts.
    pub(super) fn start(&mut self, now: Instant) {
        self.started = Some(now);
        self.hold = None;
    }

    /// Notes that the host was asked too fast, or took no connection: the pause doubles. Where none is wanted, there stays none.
    pub(super) fn strain(&mut self, interval: Duration) {
        self.needed = (2 * self.needed.max(interval.min(STRAINED))).min(STRAINED);
    }

    /// Notes that the host answered: an eighth of a longer pause goes.
    pub(super) fn ease(&mut self, interval: Duration) {
        let shorter = self.needed - self.needed / 8;
        self.needed = if shorter > interval { shorter } else { Duration::ZERO };
    }

    /// Notes that the next request must wait.
    pub(super) fn hold(&mut self, wait: Duration, why: Why, now: Instant) {
        self.hold = Some((now + wait, why));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_pause_doubles_up_to_a_minute_and_shrinks_slowly() {
        let now = Instant::now();
        let mut host = Host::default();
        host.start(now);
        let mut pause = |change: fn(&mut Host, Duration)| {
            change(&mut host, SECOND);
            host.wait(SECOND, now).0.as_secs_f64()
        };
        let doubled: Vec<f64> = (0..8).map(|_| pause(Host::strain)).collect();
        assert_eq!(doubled, [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]);
        assert_eq!(pause(Host::ease), 52.5);
        let eased = (0..).map(|_| pause(Host::ease)).take_while(|pause| *pause > 1.0).count();
        assert_eq!(eased, 29);
        assert_eq!((pause(Host::ease), pause(Host::strain)), (1.0, 2.0));
    }

    #[test]
    fn where_no_pause_is_wanted_there_stays_none() {
        let mut host = Host::default();
        host.start(Instant::now());
        host.strain(Duration::ZERO);
        assert_eq!(host.wait(Duration::ZERO, Instant::now()).0, Duration::ZERO);
        // A longer pause than haste leads to stays what it is.
        host.strain(90 * SECOND);
        assert_eq!(host.wait(90 * SECOND, host.started.unwrap()).0, 90 * SECOND);
    }

    #[test]
    fn the_longest_reason_counts() {
        let now = Instant::now();
        let mut host = Host::default();
        assert_eq!(host.wait(SECOND, now).0, Duration::ZERO);
        host.start(now);
        assert_eq!(host.wait(SECOND, now), (SECOND, Why::Pace));
        assert_eq!(host.wait(SECOND, now + 3 * SECOND), (Duration::ZERO, Why::Pace));
        host.hold(60 * SECOND, Why::RateLimit, now);
        assert_eq!(host.wait(SECOND, now + 2 * SECOND), (58 * SECOND, Why::RateLimit));
        assert_eq!(host.wait(90 * SECOND, now), (90 * SECOND, Why::Pace));
        host.start(now + 60 * SECOND);
        assert_eq!(host.wait(SECOND, now + 60 * SECOND), (SECOND, Why::Pace));
    }
}
