//! What a client may do and how long it takes: plain values that `cli` fills from the configuration.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Limits and manners of a [`Client`](super::Client). The defaults are gentle to strangers.
#[derive(Debug, Clone)]
pub struct Options {
    /// An address or mailbox that the User-Agent names, for operators who want to ask.
    pub contact: Option<String>,
    /// Hosts that may have a private address: `localhost`, `127.0.0.1:8101`, `[::1]:8101`. Without a port, any.
    pub allow_private: Vec<String>,
    /// Until a connection stands, with name look-up and TLS.
    pub connect_timeout: Duration,
    /// Until status and headers have come, connecting included.
    pub first_byte_timeout: Duration,
    /// Until the body is complete.
    pub total_timeout: Duration,
    /// The most that a body may have, in bytes as sent.
    pub body_limit: u64,
    /// How often a failed request is repeated.
    pub retries: u32,
    /// Wait before the first retry when the server names none; doubles with each.
    pub backoff: Duration,
    /// From the start of one request to a host to the start of the next.
    pub min_interval: Duration,
    /// The most that one request waits because the server demands it.
    pub max_wait: Duration,
    /// How long a stream may be silent, without even a sign of life, before it counts as dead.
    pub silence: Duration,
    /// Told of every wait before it begins.
    pub on_wait: Option<OnWait>,
    /// Reads an environment variable that a credential names.
    pub env: fn(&str) -> Option<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            contact: None,
            allow_private: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(120),
            body_limit: 32 * 1024 * 1024,
            retries: 3,
            backoff: Duration::from_secs(1),
            min_interval: Duration::from_secs(1),
            // Mastodon counts in windows of 5 minutes, X in windows of 15.
            max_wait: Duration::from_secs(16 * 60),
            // Mastodon gives a sign of life every 15 seconds.
            silence: Duration::from_secs(90),
            on_wait: None,
            env: |name| std::env::var(name).ok(),
        }
    }
}

/// Called before a wait.
#[derive(Clone)]
pub struct OnWait(Arc<dyn Fn(&Wait) + Send + Sync>);

impl OnWait {
    /// Wraps a function. It is called inside the sending and must return at once.
    pub fn new(tell: impl Fn(&Wait) + Send + Sync + 'static) -> OnWait {
        OnWait(Arc::new(tell))
    }

    pub(super) fn tell(&self, wait: &Wait) {
        (self.0)(wait);
    }
}

impl fmt::Debug for OnWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnWait")
    }
}

/// A wait that begins now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// Scheme, host and port that is waited for.
    pub host: String,
    /// How long.
    pub duration: Duration,
    /// For what reason.
    pub why: Why,
}

/// Why a request waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The host was asked a moment ago.
    Pace,
    /// The host's rate limit is used up, or it named a time in Retry-After.
    RateLimit,
    /// The last attempt failed.
    Retry,
}

impl Why {
    /// The word for logs and progress lines.
    pub fn as_str(self) -> &'static str {
        match self {
            Why::Pace => "pace",
            Why::RateLimit => "rate limit",
            Why::Retry => "retry",
        }
    }
}
