//! Mastodon, and every server that speaks its client API (GoToSocial, Akkoma, Pleroma, snac, Friendica, Truth Social, …).
//!
//! A hashtag is pulled from its timeline on one server, which shows the public posts that this server knows, not
//! all there are. The same post has another `id` on each server; its `uri` is the same everywhere.
//!
//! The API has no parameter for time, so the query's `since` and `until` travel in the fragment of the address
//! ([`Request::with_window`]): walking back ends once posts are older than `since`. A page
//! may bring posts outside the window; they are skipped. Where a server keeps its timelines to itself, the RSS feed of the tag
//! is asked.
//!
//! Left out: pulling by search (needs a log-in and answers for one account).

mod activity;
mod authorize;
mod embeds;
mod feed;
mod history;
mod inline;
mod misskey;
mod names;
mod one;
mod ostatus;
mod page;
mod paging;
mod post;
mod shapes;
mod streaming;
mod tagfeed;
mod timeline;
mod truth;
mod wire;

use std::borrow::Cow;

use super::{Page, ParseError, Platform, Shape};
use crate::exchange::{self, Exchange};

pub(super) use misskey::read as notes;

/// The fediverse through Mastodon's client API.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Mastodon",
    cited: None,
    about: "hashtag timelines of any server with Mastodon's API: the public posts that this server knows; \
            no log-in where the server shows them to everybody",
    live: Some(timeline::LIVE),
    one: Some(one::one),
    shapes: &[
        Shape {
            name: "statuses",
            what: "answers of the client API: a timeline, a status, a context, a search, notifications; JSON lines of statuses, events of the streaming API, as server-sent or as lines",
            told_by: "objects with `account` and `uri` or `visibility`",
            lacks: "",
        },
        Shape {
            name: "history",
            what: "the history of an edited post (`/api/v1/statuses/:id/history`), each state a revision",
            told_by: "a list of objects with `content`, `created_at`, `account` and `spoiler_text`, none of which has an `id`",
            lacks: "the post itself: only the address that was asked names it, so of a bare file its states are skipped; counts, languages, to whom the post was shown",
        },
        Shape {
            name: "activitypub",
            what: "objects and activities of ActivityPub (Note, Article, Question, Page, Create, Announce, Update), outboxes of exports, lines",
            told_by: "`type` with `attributedTo` or `actor`, or a collection of such",
            lacks: "handles, but where the actor stands in the file; counts; deleted posts are named",
        },
        Shape {
            name: "misskey",
            what: "notes of Misskey and its kin (Sharkey, Firefish, Iceshrimp, …): one, a list, lines; favourites, notifications and events of a channel that hold one",
            told_by: "`createdAt`, `user.username` and `visibility`",
            lacks: "in a file, the server of local notes and their authors",
        },
        Shape {
            name: "page",
            what: "a saved page of a post or a profile: Mastodon (served until 3.5, or saved from a browser), Pleroma and Akkoma (static), GoToSocial, snac, Misskey",
            told_by: "elements of the classes `detailed-status`, `activity-content`, `toot-link`, `author-strap` or `snac-content`; in the head `initial-state` with `profile:username`, or `misskey:note-id`",
            lacks: "counts, which post an answer answers, who boosted; of a page that a program fetched of Mastodon 4 or Misskey, whether the words for link cards are all and only the author's",
        },
        Shape {
            name: "feed",
            what: "the RSS feed of a tag or an account of Mastodon; Atom feeds of OStatus (Mastodon 1 and 2, Pleroma, GNU social)",
            told_by: "RSS with the generator Mastodon; Atom with the namespaces of activitystrea.ms and ostatus.org",
            lacks: "counts; in RSS the authors of a tag's posts, and languages",
        },
    ],
    parse,
    post_at: None,
    embeds: Some(embeds::embeds),
    profile_at: Some(names::profile_at),
};

const NAME: &str = "mastodon";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let body = exchange.body()?;
    let text = match std::str::from_utf8(&body) {
        Ok(text) => exchange::mended(text),
        Err(_) => Cow::Owned(exchange.text()?),
    };
    let text = text.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    if status >= 400 {
        let words = refusal(text);
        return match tagfeed::instead(exchange, &words) {
            Some(page) => Ok(page),
            None => Err(tagfeed::refused(exchange).unwrap_or(ParseError::Refused {
                platform: NAME,
                status,
                message: words,
            })),
        };
    }
    let mut reading = shapes::Reading::new(exchange);
    // A stretch in which nothing came is evidence, too.
    if streaming::is_stream(exchange) || streaming::are_events(text, exchange) {
        streaming::read(text, &mut reading);
        reading.page.shape = "statuses";
        return Ok(reading.page);
    }
    match text.trim_ascii_start().as_bytes().first() {
        Some(b'[' | b'{') => {
            match reading.json(text) {
                // A timeline that was asked for must be one.
                Err(error @ ParseError::NotThisShape { .. }) if !paging::is_timeline(exchange) => {
                    if let Some(page) = history::read(text, exchange) {
                        return Ok(page);
                    }
                    let other = activity::read(text).or_else(|_| misskey::read(text, exchange));
                    return other.map_err(|_| error);
                }
                read => read?,
            }
            reading.page.shape = "statuses";
        }
        Some(b'<') if ostatus::is_one(text) => return ostatus::read(text, exchange.fetched_at),
        Some(b'<') if !text[..text.floor_char_boundary(2000)].contains("<rss") => return page::read(text, exchange),
        Some(b'<') => {
            feed::read(text, exchange.fetched_at, &mut reading.page)?;
            reading.page.shape = "feed";
            tagfeed::tell(exchange, &mut reading.page);
        }
        Some(_) => return Err(misfit("neither JSON nor a feed")),
        None => return Err(misfit("the body is empty")),
    }
    paging::follow(exchange, reading.ends(), &mut reading.page);
    one::follow(exchange, &mut reading.page);
    one::tell(exchange, &mut reading.page);
    Ok(reading.page)
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// The server's own words about an error, on one line: `error` of a JSON object, the title of a page, or the text.
fn refusal(text: &str) -> String {
    /// The longest message that is passed on, in characters.
    const LONGEST: usize = 200;
    let words = match serde_json::from_str::<wire::Refusal>(text) {
        Ok(refusal) => refusal.error_description.or(refusal.error).unwrap_or_default(),
        Err(_) if text.trim_ascii_start().starts_with('<') => crate::text::from_fragment(text).text,
        Err(_) => text.chars().take(4 * LONGEST).collect(),
    };
    let line: Vec<&str> = words.split_whitespace().take(LONGEST).collect();
    let line: String = line.join(" ").chars().take(LONGEST).collect();
    if line.is_empty() { "no reason given".to_owned() } else { line }
}
