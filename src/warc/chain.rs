//! The hash chain: every capture names the digest of the metadata record before its own.

/// What is known of the metadata record before.
pub enum Chain {
    /// There is none.
    Start,
    /// Its digest.
    After(String),
    /// It was damaged, which has been told.
    Unknown,
}

/// What is wrong with a capture that the chain does not lead to.
pub const BROKEN: &str = "it does not follow the capture before it: one was removed, altered or moved";

impl Chain {
    /// Whether a capture that names this digest comes next.
    pub fn leads_to(&self, previous: Option<&str>) -> bool {
        match self {
            Chain::Start => previous.is_none(),
            Chain::After(link) => previous == Some(link),
            Chain::Unknown => true,
        }
    }
}
