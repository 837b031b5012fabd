//! The search language: every operator of X, Mastodon and Bluesky, and what the archive answers to any of them.

mod brute;
mod operators;
