//! X (Twitter): its search, the posts that pages embed, the pages of Nitter, and the time that an X id carries.
//!
//! X gives its search to paid accounts only. What people have beside is what they saved: answers of its APIs and of its own
//! pages, dumps of them, pages of twitter.com and of Nitter, embeds. One post has one name, from wherever it comes:
//! `https://x.com/i/status/ID`.

mod archive;
mod counts;
mod dresses;
mod early;
mod embeds;
mod graphql;
mod links;
mod microdata;
mod nitter;
mod one;
mod reading;
mod saved;
mod search;
mod status;
mod syndication;
mod tweet;
mod v1;
mod v2;

pub(super) use status::{address_of_id, time_of};

use chrono::NaiveDate;
use serde_json::Value;

use super::{Count, Guide, Live, Page, ParseError, Platform, Price, Shape};
use crate::coverage::{Paging, Reach};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::Post;
use crate::quote::Venue;

/// X, formerly Twitter.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: TITLE,
    cited: Some(cited),
    about: "its paid search, whole archive; answers of its APIs, pages of twitter.com and Nitter, embeds as files",
    live: Some(LIVE),
    one: Some(one::one),
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
            name: "early-page",
            what: "a page of twitter.com until 2011, as the Wayback Machine keeps them: an account's, a single post's",
            told_by: "entries `.hentry.status` whose `.entry-date` leads to a post of X",
            lacks: "who retweeted, counts, media; names where the page shows only handles",
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
    profile_at: Some(status::profile_at),
};

/// The day on which Twitter became X and Tweets became posts, in UTC.
const RENAMED: NaiveDate = NaiveDate::from_ymd_opt(2023, 7, 24).unwrap();

/// What was written on Twitter is a Tweet, and is cited as one. Without a date it bears the names of today.
fn cited(post: &Post) -> Option<Venue> {
    let before = post.created.is_some_and(|when| when.at().date_naive() < RENAMED);
    let mut venue = if before { Venue::new("Twitter", "Tweet") } else { Venue::new(TITLE, "Post") };
    if let (Some(handle), Some(id)) = (&post.author.handle, &post.id) {
        venue.template = Some(("Cite tweet", vec![("user", handle.to_string()), ("number", id.clone())]));
    }
    Some(venue)
}

const NAME: &str = "x";

const TITLE: &str = "X";

/// The recent search knows the last seven days, the other its whole archive.
fn reach(request: &Request) -> Reach {
    if request.url.contains("/search/recent") { Reach::Days(7) } else { Reach::Whole }
}

/// How X is asked.
const LIVE: Live = Live {
    first: search::first,
    together: Some(search::together),
    session: None,
    authorize: None,
    token: TokenPlace::Bearer,
    needs_credential: true,
    // Says what was used up this month, and costs nothing.
    check: |source| Ok(source.named(NAME).get(&search::base(source)?, &["2", "usage", "tweets"], &[])),
    count: Some(Count { first: counts::first, read: counts::read, dollars: 0.01 }),
    stream: None,
    price: Some(Price {
        units: "post reads",
        of_request: |_| 0,
        of_post: 1,
        of_answer: search::read_of,
        worst,
        fit: Some(search::fit),
        dollars: 0.005,
    }),
    rate: (300, 900),
    per_request: 500,
    paging: Paging {
        reach,
        seeks: true,
        guarantee: "covered is what the search index of X showed when it was asked, by its own index; protected and deleted posts, and what is indexed more than ten minutes late, are not meant",
    },
    guide: Guide {
        access: "an account at console.x.com with credits bought beforehand, an app made there, and the app's Bearer Token",
        scope: "the Bearer Token of the app alone (app-only: it reads what is public and cannot post)",
        cost: "paid: by X's list of August 2026 $0.005 for each post read, once in a day (UTC); quoted, reposted and answered \
               posts that come with others are counted here as read, and X may charge authors ($0.010) and media ($0.005), too; counting \
               costs $0.010 for each 31 days, and stops at $0.25 or the budget; give a job a budget: pages are asked for as small as what \
               is left pays for, three reads a post",
        limits: "300 requests in 15 minutes, one in a second; 500 posts a page (recent: 100); a query has 1,024 characters (recent: \
                 512), and a job with more tags is cut into several; millions of posts in a month",
        missing: "posts that were deleted or belong to protected accounts; posts that X indexes more than ten minutes late; earlier \
                  versions of edited posts, which are only named; with recent = true, what is older than seven days",
        example: "sources = [\"x\"]\nbudget = { dollars = 5.0 }\n\n[credential.x]\ntoken_env = \"PULLQUOTE_X_TOKEN\"\n",
    },
};

/// The most posts that a request may bring: with each the one that it quotes or passes on, and the one that it answers.
fn worst(request: &Request) -> u64 {
    let posts = match (request.param("max_results"), request.param("ids")) {
        (Some(posts), _) => posts.parse().unwrap_or(500),
        (None, Some(ids)) => ids.split(',').count() as u64,
        (None, None) => 0,
    };
    posts.saturating_mul(search::WITH_INNER)
}

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    if status >= 400 {
        let said: Value = serde_json::from_str(text).unwrap_or_default();
        return search::unbounded(exchange, &said).ok_or_else(|| refused(status, text));
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
        if let Ok(page) = early::read(text) {
            return Ok(Page { shape: "early-page", ..page });
        }
        return match saved::read(text, exchange) {
            Ok(page) => Ok(Page { shape: "page", ..page }),
            Err(_) => Ok(Page { shape: "nitter", ..nitter::read(text, exchange)? }),
        };
    }
    if let Ok(page) = embeds::oembed(text) {
        return Ok(Page { shape: "oembed", ..page });
    }
    let mut page = reading::read(text, exchange)?;
    if search::is_one(exchange) {
        search::follow(exchange, text, &mut page);
    } else {
        one::follow(exchange, text, &mut page);
    }
    Ok(page)
}

/// An answer that is an error, with X's own words: <https://docs.x.com/x-api/fundamentals/response-codes-and-errors>.
fn refused(status: u16, text: &str) -> ParseError {
    let said: Value = serde_json::from_str(text).unwrap_or_default();
    let fault = &said["errors"][0];
    let words = [&said["detail"], &fault["message"], &fault["detail"], &said["error"], &said["title"]];
    let words = words.into_iter().filter_map(Value::as_str);
    // That a parameter is invalid is less than which, and why.
    let is_general = |words: &&str| words.starts_with("One or more parameters");
    let message = words.clone().find(|words| !is_general(words)).or_else(|| words.clone().next());
    let message = message.unwrap_or("no reason given").chars().take(200).collect();
    ParseError::Refused { platform: NAME, status, message }
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}
