//! X (Twitter): the posts that pages embed, the pages of Nitter, and the time that an X id carries.
//!
//! X gives no search to anyone without a paid account, so nothing is pulled from it yet. What people have is what they
//! saved: answers of its APIs and of its own pages, dumps of them, pages of twitter.com and of Nitter, embeds. One post
//! has one name, from wherever it comes: `https://x.com/i/status/ID`.

mod archive;
mod dresses;
mod embeds;
mod graphql;
mod links;
mod microdata;
mod nitter;
mod reading;
mod saved;
mod status;
mod syndication;
mod tweet;
mod v1;
mod v2;

use super::{Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;

/// X, formerly Twitter.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "X",
    about: "answers of its APIs, pages of twitter.com and Nitter, embeds, all as files; imported, never pulled",
    live: None,
    one: None,
    shapes: &[
        Shape {
            name: "graphql",
            what: "what X's own pages ask for since 2022: SearchTimeline, TweetDetail, UserTweets, single tweets and entries",
            told_by: "`rest_id` with `legacy.full_text`, or a list of `instructions` with entries",
            lacks: "words of posts that X does not show (tombstones are named)",
        },
        Shape {
            name: "v2",
            what: "answers of API v2, also one a line as twarc keeps them, and flattened tweets",
            told_by: "`data` with `id`, `text` and `author_id`, or a tweet with its `author` inside",
            lacks: "authors and reposted posts that did not come with the answer",
        },
        Shape {
            name: "syndication",
            what: "what an embed fetches (cdn.syndication.twimg.com/tweet-result)",
            told_by: "`__typename` of `Tweet` with `id_str`, `user` and `text`",
            lacks: "the end of long posts, which is told",
        },
        Shape {
            name: "v1.1",
            what: "tweets of API v1.1 and of streams: one, a list, a search, lines (twarc v1, Wayback objects)",
            told_by: "`id_str` or `id`, `user`, `created_at` and `full_text` or `text`",
            lacks: "the end of texts where only the short form was asked for, which is told",
        },
        Shape {
            name: "archive",
            what: "the archive that X gives to its users (ZIP or folder): posts, long posts, deleted posts, former names",
            told_by: "scripts that set `window.YTD.tweets`, with `window.YTD.account` before them",
            lacks: "words of others that were passed on (cut), answers to the posts; letters and likes are not read",
        },
        Shape {
            name: "page",
            what: "a saved page of twitter.com, 2013 to 2020: timeline, search, post with answers",
            told_by: "`div.tweet[data-tweet-id]` with `.tweet-text`",
            lacks: "which post an answer answers; who retweeted",
        },
        Shape {
            name: "microdata",
            what: "a saved page of X whose posts are items of schema.org, as served in 2022 and later",
            told_by: "items of `SocialMediaPosting` whose `url` or `itemid` is a post of X",
            lacks: "media, hashtags where the words are an attribute, whether long words are whole",
        },
        Shape {
            name: "oembed",
            what: "an answer of publish.x.com/oembed, of any year",
            told_by: "an oEmbed object whose `provider_url` is X's",
            lacks: "the time, but for the id's; counts, media files",
        },
        Shape {
            name: "nitter",
            what: "a saved page of a Nitter server: timeline, search, single post",
            told_by: "`.timeline-item` or `.main-tweet` with `.tweet-content`",
            lacks: "ids of accounts, languages, who retweeted",
        },
        Shape {
            name: "nitter-rss",
            what: "a feed of a Nitter server: an account's, or a search's",
            told_by: "`<rss>` whose description begins with `Twitter feed for: `",
            lacks: "names, counts, quoted posts, who retweeted; links stand cut, as on pages",
        },
    ],
    parse,
    post_at: Some(status::post_at),
    embeds: Some(embeds::embeds),
};

const NAME: &str = "x";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    if status >= 400 {
        let said = serde_json::from_str::<serde_json::Value>(text).ok();
        let said = said
            .as_ref()
            .and_then(|answer| answer["detail"].as_str().or_else(|| answer["errors"][0]["message"].as_str()));
        let message = said.unwrap_or("no reason given").chars().take(200).collect();
        return Err(ParseError::Refused { platform: NAME, status, message });
    }
    if text.trim_start().starts_with("window.YTD.") {
        return archive::read(text, exchange);
    }
    if text.trim_start().starts_with('<') {
        if let Ok(page) = nitter::feed::read(text) {
            return Ok(Page { shape: "nitter-rss", ..page });
        }
        if let Ok(page) = microdata::read(text, exchange) {
            return Ok(Page { shape: "microdata", ..page });
        }
        return match saved::read(text, exchange) {
            Ok(page) => Ok(Page { shape: "page", ..page }),
            Err(_) => Ok(Page { shape: "nitter", ..nitter::read(text, exchange)? }),
        };
    }
    match embeds::oembed(text) {
        Ok(page) => Ok(Page { shape: "oembed", ..page }),
        Err(_) => reading::read(text, exchange),
    }
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}
