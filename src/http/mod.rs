//! Sends requests; the only user of reqwest.
//!
//! [`Transport::send`] turns a [`Request`] into an [`Exchange`], from a live server ([`Client`]) or from the fixtures
//! ([`Recorded`]). It is patient (one request at a time to a host, a pause between two, Retry-After and rate-limit
//! headers honoured), careful (private addresses refused, sizes and times limited) and discreet (secrets are read
//! here, sent, and masked in all that leaves).
//!
//! It keeps bytes as they were sent and decodes nothing for its callers. It writes nothing down, and it does not look
//! at what an answer says beyond its status, its headers and the log-in that a platform describes.

mod address;
mod client;
mod courier;
mod credential;
mod error;
mod options;
mod pace;
pub mod recorded;
mod redirect;
mod retry;
mod secret;
mod session;
mod simulated;
mod stream;
mod webhook;
mod wire;

use std::time::Duration;

use chrono::{DateTime, Utc};
use url::Url;

pub use client::Client;
pub use credential::Credential;
pub use error::{Fault, FixtureError, HttpError};
pub use options::{OnWait, Options, Wait, Why};
pub use recorded::Recorded;
pub use simulated::{Answering, Simulated};
pub use stream::{Head, Listening, Opened, Opening};
pub use webhook::Webhook;

use crate::exchange::{Exchange, Request};

/// Where answers come from.
#[derive(Debug)]
pub enum Transport {
    /// Servers, over the network.
    Live(Client),
    /// The fixtures: no network, no account.
    Recorded(Recorded),
    /// A function of this program.
    Simulated(Simulated),
}

impl Transport {
    /// Sends a request and brings the answer, whatever its status, or why there is none ([`HttpError`]); either way also
    /// what was exchanged before. After [`HttpError::RateLimited`] the same request may be sent again from the time it
    /// names.
    ///
    /// It can be interrupted: dropping the future ends the request and every wait.
    pub async fn send(&self, request: &Request) -> Sent {
        match self {
            Transport::Live(client) => client.send(request).await,
            Transport::Recorded(recorded) => recorded.send(request),
            Transport::Simulated(simulated) => simulated.send(request).await,
        }
    }

    /// Whether the configuration lets the host of an address be private (`allow_private`).
    pub fn may_be_private(&self, url: &Url) -> bool {
        match self {
            Transport::Live(client) => client.may_be_private(url),
            Transport::Recorded(_) | Transport::Simulated(_) => false,
        }
    }

    /// Opens a stream: server-sent events, or a WebSocket where the address begins with `wss://`. `voucher`: the server whose
    /// own answer named the address, if one did: its credential may go there.
    ///
    /// It is tried once. A server that names a time for the next attempt is waited for by that attempt.
    pub async fn listen(&self, request: &Request, voucher: Option<&str>) -> Opened {
        match self {
            Transport::Live(client) => client.listen(request, voucher).await,
            Transport::Recorded(_) | Transport::Simulated(_) => {
                let outcome = HttpError::NotRecorded { method: request.method.as_str(), url: request.url.clone() };
                Opened { before: Vec::new(), outcome: Err(outcome), requests: 0 }
            }
        }
    }

    /// Events of a stream as an exchange, without secrets, to be kept under this request. `at`: when the last of them came.
    pub fn heard(&self, head: &Head, request: Request, events: &[Vec<u8>], at: DateTime<Utc>) -> Exchange {
        match self {
            Transport::Live(client) => client.heard(head, request, events, at),
            Transport::Recorded(_) | Transport::Simulated(_) => {
                head.exchange(request, events, at, &secret::Secrets::default())
            }
        }
    }
}

/// The wait before attempt number `attempt` (from 0) to open a stream again: doubling from a second to a minute, and somewhere
/// between half and whole.
pub fn backoff(attempt: u32) -> Duration {
    retry::backoff(Duration::from_secs(1), attempt, fastrand::f64())
}

/// What came of a request, and what it took.
#[derive(Debug)]
pub struct Sent {
    /// Log-ins and redirects that came before, in the order they happened. They belong into the captures too, also where
    /// no answer followed.
    pub before: Vec<Exchange>,
    /// The final answer, of any status; or why no complete answer could be had.
    pub answer: Result<Exchange, HttpError>,
    /// Requests made: this one, log-ins, redirects and retries. A recorded answer counts as one.
    pub requests: u32,
    /// How many of them repeated a request that had failed.
    pub retries: u32,
    /// Time spent waiting: for the host's turn, its rate limit, and before retries.
    pub waited: Duration,
}
