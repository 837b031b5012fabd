//! Sends requests; the only user of reqwest.

pub mod recorded;
