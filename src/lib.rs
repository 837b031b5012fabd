//! pullquote: pull what people said about a hashtag, keep the evidence, quote it exactly.
//!
//! ARCHITECTURE.md shows the house; each module opens with what it is for.

pub mod archive;
pub mod chart;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod coverage;
pub mod date;
pub mod dump;
pub mod exchange;
pub mod export;
pub mod fixture;
pub mod fold;
pub mod host;
pub mod http;
pub mod import;
pub mod ingest;
pub mod markup;
pub mod model;
pub mod near;
pub mod paper;
pub mod platform;
pub mod pull;
pub mod query;
pub mod quote;
pub mod replay;
pub mod run;
pub mod schedule;
pub mod store;
pub mod text;
pub mod warc;
pub mod watch;
pub mod zone;
