//! Bluesky: the search of its AppView, asked through an account's own server, and everything that has the shape of
//! its answers.
//!
//! A post is known by its `at://` URI, made of the author's DID and the record's key: handles change, these do not.
//! Its text is plain, and what stands out in it (tags, mentions, links) is marked by facets, ranges of UTF-8 bytes.
//! A `#word` that no facet marks is words, not a hashtag: that is how Bluesky itself takes it.
//!
//! Read here: answers of `searchPosts`, `getPosts`, `getQuotes`, feeds and threads, single post views and records,
//! JSON lines of all these, lines of Jetstream, a saved page of bsky.app, and the embeds in other pages. Not read:
//! repositories (CAR files), profiles, lists and feed generators.

mod answer;
mod attached;
mod blockquote;
mod dates;
mod dresses;
mod jetstream;
mod names;
mod record;
mod saved;
mod search;
mod session;
mod view;
mod wire;

use super::{Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;

/// Bluesky.
pub const PLATFORM: Platform = Platform {
    name: "bluesky",
    title: "Bluesky",
    about: "posts by hashtag through an account with an app password; no edits, no deletions",
    first: Some(search::first),
    session: Some(session::SESSION),
    shapes: &[
        Shape {
            name: "views",
            what: "answers of searchPosts, getPosts, getQuotes, feeds and threads; single views and records; JSON lines of them",
            told_by: "objects with an `at://` URI of a post, an author and a record",
            lacks: "edits and deletions",
        },
        Shape {
            name: "jetstream",
            what: "events of Jetstream saved as lines",
            told_by: "lines with `did`, `time_us` and a commit to `app.bsky.feed.post`",
            lacks: "handles and names (only DIDs), counts",
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
};

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    if status >= 400 {
        return Err(ParseError::Refused { platform: PLATFORM.name, status, message: wire::refusal(text) });
    }
    if text.trim_start().starts_with('<') {
        return Ok(Page { shape: "page", ..saved::read(text, exchange.fetched_at)? });
    }
    answer::read(text, exchange)
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: PLATFORM.name, misfit: what.into() }
}
