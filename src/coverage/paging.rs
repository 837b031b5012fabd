//! What the paging of a platform guarantees.

use serde::{Deserialize, Serialize};

use crate::exchange::Request;

/// What the paging of a platform guarantees: as a rule, and in words for those who must rely on it.
#[derive(Debug, Clone, Copy)]
pub struct Paging {
    /// How far a walk that has come to its end has reached, by the request that began it.
    pub reach: fn(&Request) -> Reach,
    /// Whether it can be asked for a stretch of time; if not, every walk begins at the newest post.
    pub seeks: bool,
    /// What "covered" means with this source, as a sentence for a methods section.
    pub guarantee: &'static str,
}

/// How far a walk that has come to its end has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// It has read whatever the server shows of the time asked for.
    Whole,
    /// It may have ended because the server shows so many of the newest posts and no more.
    Newest(u64),
    /// It may have ended because the server shows only its newest posts, nobody says how many.
    Few,
    /// It has read whatever is no older than so many days.
    Days(u16),
    /// What it shows is not in the order of time, or a choice: no stretch follows from it.
    None,
}
