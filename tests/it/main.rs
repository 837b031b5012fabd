//! All tests that go through public ways in. One binary, so that a change links once.

mod architecture;
mod article;
mod bluesky;
mod cli;
mod cli_answers;
mod damage;
mod disk;
mod disputes;
mod drift;
mod evidence;
mod fixtures;
mod http;
mod kill;
mod mastodon;
mod program;
mod pull;
mod quote;
mod recorded;
mod search;
mod servers;
mod store;
mod support;
mod timeline;
mod warc;
mod x;
