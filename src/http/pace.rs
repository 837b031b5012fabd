//! Politeness to one host, in one place: one request at a time, a pause between two starts, and no request before the
//! time that the host has named.
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
