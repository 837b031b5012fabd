//! All tests that go through public ways in. One binary, so that a change links once.

mod architecture;
mod article;
mod bluesky;
mod cli;
mod fixtures;
mod http;
mod mastodon;
mod recorded;
mod servers;
mod store;
mod support;
mod warc;
