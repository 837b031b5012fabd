//! Reddit: its JSON (`….json`, the API, dumps), its pages as people save them, its feeds, and what other pages embed of it.
//!
//! What a submission says is its title and the text below it: one text here, with an empty line between the two. The JSON
//! has the text as typed, in Markdown; pages and feeds have it as readers see it, without the marks. What was deleted or
//! removed has no words left and is skipped. Counts are blurred by Reddit. Left out: awards, the votes against, profiles,
//! messages.

mod embeds;
mod feed;
mod old;
mod one;
mod page;
mod redesign;
mod richtext;
mod search;
mod session;
mod state;
mod thing;
mod things;
mod thread;

use serde_json::Value;
use url::Url;

use super::{Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;
use crate::model::{Kind, Post};
use crate::quote::Venue;

/// Reddit.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Reddit",
    cited: Some(cited),
    about: "submissions that hold a word, with their comments; listings and comments saved as JSON or as pages, feeds, dumps",
    live: Some(search::LIVE),
    one: Some(one::one),
    shapes: &[
        Shape {
            name: "things",
            what: "listings, searches, submissions with their comments, what trees leave out, single things (….json, the API)",
            told_by: "`kind` of `Listing`, `t1` or `t3` with `data`; a list of these in `json.data.things`",
            lacks: "texts of what was deleted, comments that a tree leaves out (`more`, named), exact counts",
        },
        Shape {
            name: "lines",
            what: "bare submissions and comments, one a line, as the Pushshift dumps hold them",
            told_by: "`author`, `subreddit`, `created_utc` and `body` or `title`",
            lacks: "as things",
        },
        Shape {
            name: "page",
            what: "a saved page as www.reddit.com serves it since 2023: a listing, a submission with its comments",
            told_by: "elements `shreddit-post` and `shreddit-comment`",
            lacks: "marks of Markdown; in listings, whether the text is whole; comments that were not loaded",
        },
        Shape {
            name: "redesign-data",
            what: "the data in a saved page as www.reddit.com served it from 2018 to 2023",
            told_by: "a script that sets `window.___r` with `posts.models` or `comments.models`",
            lacks: "marks of Markdown, comments that were not loaded",
        },
        Shape {
            name: "redesign",
            what: "such a page of which only the markup was kept",
            told_by: "`.Post` and `.Comment` with the class of a thing (`t1_…`)",
            lacks: "dates (pages say `3 years ago`), some authors, counts above 999 exactly",
        },
        Shape {
            name: "old-page",
            what: "a saved page of old.reddit.com, or of reddit.com before 2018: a listing, a search, comments, a profile",
            told_by: "`.thing` or `.search-result` with `data-fullname`",
            lacks: "marks of Markdown, comments that were not loaded (named), counts of comments",
        },
        Shape {
            name: "feed",
            what: "a feed of a subreddit, a submission, an account or a search (….rss)",
            told_by: "a feed that links to reddit.com as its own page, whose entries are things",
            lacks: "marks of Markdown, counts; which comment a comment answers",
        },
        Shape {
            name: "oembed",
            what: "an answer of www.reddit.com/oembed",
            told_by: "an oEmbed object whose `provider_url` is Reddit's",
            lacks: "the date, the text below the title, all words of comments",
        },
    ],
    parse,
    post_at: Some(post_at),
    embeds: Some(embeds::embeds),
    profile_at: None,
};

/// A post below another is a comment (Publication Manual of the APA, §10.15, for the words).
fn cited(post: &Post) -> Option<Venue> {
    let word = if post.kind == Kind::Reply { "Comment" } else { "Online forum post" };
    Some(Venue::new("Reddit", word))
}

const NAME: &str = "reddit";

/// Why what somebody paid for is left out: it stands among the others, and nobody asked for it.
const ADVERTISEMENT: &str = "is an advertisement";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    let refused = |status: u16| {
        let said = serde_json::from_str::<Value>(text).ok();
        let message = said.as_ref().and_then(|answer| answer["message"].as_str()).unwrap_or("no reason given");
        ParseError::Refused { platform: NAME, status, message: message.chars().take(200).collect() }
    };
    if status >= 400 {
        return Err(refused(status));
    }
    match text.trim_start().chars().next() {
        Some('{' | '[') => {
            if let Ok(page) = embeds::oembed(text) {
                return Ok(page);
            }
            let said = || error_inside(text).map(refused).or_else(|| errors_inside(text));
            let mut page = things::read(text, exchange).map_err(|error| said().unwrap_or(error))?;
            search::follow(exchange, text, &mut page);
            Ok(page)
        }
        Some('<') => feed::read(text).or_else(|_| page::read(text, exchange.fetched_at)),
        _ => Err(misfit("is neither JSON nor markup")),
    }
}

/// The status of an error that came as if it were none.
fn error_inside(text: &str) -> Option<u16> {
    let said: Value = serde_json::from_str(text).ok()?;
    said["error"].as_u64().and_then(|status| status.try_into().ok()).filter(|status| *status >= 400)
}

/// The errors of a method that always answers 200.
fn errors_inside(text: &str) -> Option<ParseError> {
    let message = thread::errors(&serde_json::from_str(text).ok()?)?.chars().take(200).collect();
    Some(ParseError::Refused { platform: NAME, status: 200, message })
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// Whether that is Reddit's server.
fn is_host(host: &str) -> bool {
    let is = |name: &str| host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    is("reddit.com") || is("redditmedia.com")
}

/// `/r/SUBREDDIT/comments/ID/…`, with a comment's id behind it; `redd.it/ID`.
fn post_at(url: &Url) -> Option<Post> {
    let host = url.host_str()?;
    let is_id = |part: &&str| (1..=10).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).take(7).collect();
    if host == "redd.it" {
        return Some(named(&format!("t3_{}", parts.first().filter(|part| is_id(part))?)));
    }
    if !is_host(host) {
        return None;
    }
    // The word stands in one place only: there is a subreddit of that name, and accounts have a page of it.
    let at = match parts[..] {
        ["comments", ..] => 0,
        ["r" | "user" | "u", _, "comments", ..] => 2,
        _ => return None,
    };
    let submission = parts.get(at + 1).map(|part| part.trim_end_matches(".json"));
    let submission = submission.filter(|part| is_id(part) && !(at == 2 && parts[0] != "r" && is_order(part)))?;
    let comment = parts.get(at + 3).map(|part| part.trim_end_matches(".json"));
    let name = match comment.filter(|part| is_id(part)) {
        Some(comment) => format!("t1_{comment}"),
        None => format!("t3_{submission}"),
    };
    Some(Post { url: Some(format!("https://www.reddit.com/{}/", parts.join("/"))), ..named(&name) })
}

/// How the comments of an account are sorted, on a page of its own.
fn is_order(part: &str) -> bool {
    matches!(part, "top" | "new" | "hot" | "controversial" | "best" | "rising" | "old")
}

/// A thing of which the full name is known: `t1_…` a comment, `t3_…` a submission.
fn named(name: &str) -> Post {
    let name = name.to_ascii_lowercase();
    Post { platform: NAME.to_owned(), uri: Some(uri(&name)), id: Some(name), ..Post::default() }
}

fn uri(name: &str) -> String {
    // Reddit finds things in any casing.
    format!("https://www.reddit.com/by_id/{}", name.to_ascii_lowercase())
}

/// Whether it is the full name of a submission or a comment.
fn is_name(name: &str) -> bool {
    let number = name.strip_prefix("t1_").or_else(|| name.strip_prefix("t3_"));
    number.is_some_and(|number| {
        (1..=17).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_posts() {
        let at = |url: &str| post_at(&Url::parse(url).unwrap()).and_then(|post| post.id);
        for (url, id) in [
            ("https://www.reddit.com/r/harbour/comments/ABC123/title/", "t3_abc123"),
            ("https://www.reddit.com/r/harbour/comments/abc123.json", "t3_abc123"),
            ("https://www.reddit.com/r/harbour/comments/abc123/title.json", "t3_abc123"),
            ("https://www.reddit.com/r/harbour/comments/abc123/title/def456/?context=3", "t1_def456"),
            ("https://www.reddit.com/r/harbour/comments/abc123/comment/def456/", "t1_def456"),
            ("https://www.reddit.com/r/harbour/comments/abc123/title/.json", "t3_abc123"),
            ("https://www.reddit.com/r/comments/comments/abc123/title/", "t3_abc123"),
            ("https://www.reddit.com/user/tidegauge/comments/abc123/title/", "t3_abc123"),
            ("https://www.reddit.com/comments/abc123/", "t3_abc123"),
            ("https://redd.it/abc123", "t3_abc123"),
        ] {
            assert_eq!(at(url).as_deref(), Some(id), "{url}");
        }
        for url in [
            "https://www.reddit.com/r/comments/",
            "https://www.reddit.com/user/tidegauge/comments/top/",
            "https://www.reddit.com/user/comments/comments/",
            "https://www.reddit.com/r/harbour/wiki/comments/abc123",
        ] {
            assert_eq!(at(url), None, "{url}");
        }
    }
}
