//! Why a stretch is not covered.

use serde::{Deserialize, Serialize};

/// Why a stretch is not covered: the words of the ledger, of its picture and of a methods section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The server gave no answer, or said that it is in trouble (5xx).
    Down,
    /// The server asked for a longer wait than is kept (429).
    RateLimit,
    /// The server refuses: the credential, the cursor, the question (4xx).
    Refused,
    /// The answer could not be read: the platform has changed, or the page leads in a circle.
    Unreadable,
    /// The budget of the job was used up.
    Budget,
    /// The job's own limit of pages.
    PageLimit,
    /// The platform gives no more than its newest, and more had come since the look before.
    PageCap,
    /// A stream was lost.
    StreamCut,
    /// Nobody asked: the program did not run, or was stopped before it came so far.
    Stopped,
    /// The server answered, but its pages show that something between or behind them was passed over.
    PassedOver,
}

impl Cause {
    /// Every cause, in the order of a legend.
    pub const ALL: [Cause; 10] = [
        Cause::Down,
        Cause::RateLimit,
        Cause::Refused,
        Cause::Unreadable,
        Cause::Budget,
        Cause::PageLimit,
        Cause::PageCap,
        Cause::StreamCut,
        Cause::Stopped,
        Cause::PassedOver,
    ];

    /// Its name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Down => "down",
            Cause::RateLimit => "rate-limit",
            Cause::Refused => "refused",
            Cause::Unreadable => "unreadable",
            Cause::Budget => "budget",
            Cause::PageLimit => "page-limit",
            Cause::PageCap => "page-cap",
            Cause::StreamCut => "stream-cut",
            Cause::Stopped => "stopped",
            Cause::PassedOver => "passed-over",
        }
    }

    /// The cause of that name.
    pub fn named(name: &str) -> Option<Cause> {
        Cause::ALL.into_iter().find(|cause| cause.name() == name)
    }

    /// What it means, as a clause for people.
    pub fn about(self) -> &'static str {
        match self {
            Cause::Down => "the server gave no answer, or was in trouble",
            Cause::RateLimit => "the server's rate limit was used up",
            Cause::Refused => "the server refused to answer",
            Cause::Unreadable => "the answer could not be read",
            Cause::Budget => "the job's budget was used up",
            Cause::PageLimit => "the job's own limit of pages was reached",
            Cause::PageCap => "the platform shows no more than its newest posts",
            Cause::StreamCut => "the stream was lost",
            Cause::Stopped => "nobody asked",
            Cause::PassedOver => "the server's pages pass something over, or end before their end",
        }
    }

    /// Whether asking again can still close such a gap, as far as the cause tells.
    pub fn can_be_closed(self) -> bool {
        self != Cause::PageCap
    }
}

#[cfg(test)]
mod tests {
    use super::Cause;

    #[test]
    fn names_lead_back_to_causes() {
        for cause in Cause::ALL {
            assert_eq!(Cause::named(cause.name()), Some(cause));
            assert_eq!(serde_json::to_value(cause).unwrap(), cause.name());
        }
        assert_eq!(Cause::named("weather"), None);
    }
}
