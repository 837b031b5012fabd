//! Answers of a function of this program: for simulations in which a month passes in seconds, and for those who use the library with
//! servers of their own. There is no pacing, no retry and no log-in here.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use super::Sent;
use crate::exchange::Request;

/// An answer that takes its time.
pub type Answering = Pin<Box<dyn Future<Output = Sent>>>;

/// A function that answers requests.
pub struct Simulated(Box<dyn Fn(Request) -> Answering>);

impl Simulated {
    /// A transport that asks this function.
    pub fn new(answer: impl Fn(Request) -> Answering + 'static) -> Simulated {
        Simulated(Box::new(answer))
    }

    /// As [`Transport::send`](super::Transport::send).
    pub(super) async fn send(&self, request: &Request) -> Sent {
        (self.0)(request.clone()).await
    }
}

impl fmt::Debug for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Simulated")
    }
}
