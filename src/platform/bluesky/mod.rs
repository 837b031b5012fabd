//! Bluesky: the search of its AppView, asked through an account's own server, and everything that has the shape of
//! its answers.
//!
//! A post is known by its `at://` URI, made of the author's DID and the record's key: handles change, these do not.
//! Its text is plain, and what stands out in it (tags, mentions, links) is marked by facets, ranges of UTF-8 bytes.
//! A `#word` that no facet marks is words, not a hashtag: that is how Bluesky itself takes it.
//!
//! Read here: answers of `searchPosts`, `getPosts`, `getQuotes`, feeds, threads, notifications, bookmarks and
//! `listRecords`, single post views and records, JSON lines of all these, events of Jetstream and of relays, repositories
//! (CAR files), a saved page of bsky.app, and the embeds in other pages. Not read: profiles, lists and feed generators.

mod answer;
mod attached;
mod blockquote;
mod car;
mod cbor;
mod dates;
mod dresses;
mod jetstream;
mod names;
mod one;
mod packed;
mod record;
mod repository;
mod repost;
mod saved;
mod search;
mod session;
mod stream;
mod view;
mod wire;

pub(super) use blockquote::MARKER;

use super::{Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;

/// Bluesky.
pub const PLATFORM: Platform = Platform {
    name: "bluesky",
    title: "Bluesky",
    cited: None,
    about: "posts by hashtag through an account with an app password; no edits, no deletions",
    live: Some(search::LIVE),
    one: Some(one::one),
    shapes: &[
        Shape {
            name: "views",
            what: "answers of searchPosts, getPosts, getQuotes, feeds, lists and likes, threads of both versions, notifications, bookmarks, listRecords; single views and records; JSON lines of them; also with the names of Python's SDK (`created_at`)",
            told_by: "objects with an `at://` URI of a post, an author and a record",
            lacks: "edits; posts that are blocked or not found are named",
        },
        Shape {
            name: "jetstream",
            what: "events of Jetstream of any version saved as lines; a changed post is a revision",
            told_by: "lines with `did`, `time_us` and a commit to `app.bsky.feed.post`, or frames of `network.bsky.jetstream.subscribeEvents`",
            lacks: "handles and names (only DIDs), counts; deleted posts are named",
        },
        Shape {
            name: "firehose",
            what: "events of a relay (`com.atproto.sync.subscribeRepos`) saved as lines: commits with their records or blocks, single operations, posts created and deleted",
            told_by: "`repo` with `ops`; `collection`, `rkey` and an operation; `posts` with `created` or `deleted`",
            lacks: "handles and names (only DIDs), counts; deleted posts are named; lines that do not name the account (goat --ops) are skipped",
        },
        Shape {
            name: "repository",
            what: "the repository of an account, a CAR file: its posts and reposts",
            told_by: "a CAR header whose root is a signed commit with a `did`",
            lacks: "handles (only the DID), counts, when a post was indexed; that every block fits its SHA-256 is checked, the signature of the commit is not: the account's key is not in the file",
        },
        Shape {
            name: "page",
            what: "the page of one post as bsky.app serves it, saved",
            told_by: "the generator `bskyweb` in its head and an `at://` link",
            lacks: "the text as written (links may be written out), answers, languages",
        },
    ],
    parse,
    post_at: Some(names::post_at),
    embeds: Some(|page| [blockquote::embeds(page), dresses::embeds(page)].concat()),
    profile_at: Some(names::profile_at),
};

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let body = exchange.body()?;
    if let Some(car) = car::Car::open(&body).filter(|_| exchange.response.status < 400) {
        return repository::read(&car, exchange.fetched_at);
    }
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    if status >= 400 {
        return Err(ParseError::Refused { platform: PLATFORM.name, status, message: wire::refusal(text) });
    }
    if text.trim_start().starts_with('<') {
        return Ok(Page { shape: "page", ..saved::read(text, exchange.fetched_at)? });
    }
    if jetstream::is_stream(&exchange.request) {
        // A stretch in which nothing came is evidence, too.
        let empty = || Page { shape: "jetstream", ..Page::default() };
        let page = if text.trim().is_empty() { empty() } else { answer::read(text, exchange)? };
        return Ok(Page { later: jetstream::later(&exchange.request), ..page });
    }
    answer::read(text, exchange)
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: PLATFORM.name, misfit: what.into() }
}
