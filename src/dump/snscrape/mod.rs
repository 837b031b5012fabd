//! What snscrape writes as JSON lines (2020 to 2023), and twscrape in the same form (since 2023).
//!
//! Both rename what X sent: a tweet gets the names of X back, and X's own reader reads it. What snscrape saw on other
//! platforms it took from their pages, and it lost some of it there; such posts are known by their address, and say what
//! was lost. Left out: accounts, channels, trends, and `renderedContent`, in which links stand shortened.

mod other;
mod tweet;

use serde_json::Value;

use super::wrapped::{self, Item};
use crate::exchange::Exchange;
use crate::model::{Found, Skipped};
use crate::platform::json::PATIENCE;
use crate::platform::{Page, ParseError, Platform, Shape};

/// snscrape and twscrape.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "snscrape, twscrape",
    cited: None,
    about: "tweets that snscrape or twscrape wrote as JSON lines, and what snscrape took from other platforms",
    live: None,
    one: None,
    shapes: &[
        Shape {
            name: "tweets",
            what: "tweets of snscrape since 2020 and of twscrape: one, a list, lines",
            told_by: "`_type` of `snscrape.modules.twitter.…`; or `date`, the address of a tweet, and `rawContent`, `renderedContent` or `tcooutlinks`",
            lacks: "when counts were seen; names before September 2020; whether long posts are whole, where the version did not know of them",
        },
        Shape {
            name: "others",
            what: "items of snscrape's other modules of which a reader knows the address: Reddit, Telegram, Instagram",
            told_by: "`_type` of `snscrape.modules.…`",
            lacks: "display names; line breaks, and who speaks, where they were taken from pages",
        },
    ],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

const NAME: &str = "snscrape";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    // Any file may come here, and most are not of snscrape: do not read those.
    const NAMES: [&str; 4] = ["snscrape.modules.", "rawContent", "renderedContent", "tcooutlinks"];
    if exchange.response.status >= 400 || !NAMES.iter().any(|name| text.contains(name)) {
        return Err(misfit("nothing in it is named as snscrape names it"));
    }
    let mut page = Page::default();
    let mut tweets = Vec::new();
    let mut strange = 0;
    for (at, value) in wrapped::open(text, NAME, text.contains(NAMES[0]))? {
        let value = match value {
            Ok(value) => value,
            Err(reason) => {
                page.skipped.push(Skipped { at, reason });
                continue;
            }
        };
        match kind(&value) {
            Some(Kind::Tweet) => {
                page.shape = "tweets";
                match tweet::lacks(&value) {
                    Some(reason) => page.skipped.push(Skipped { at, reason: reason.to_owned() }),
                    None => tweets.push((at, value)),
                }
            }
            Some(Kind::Other(kind)) => {
                page.shape = if page.shape.is_empty() { "others" } else { page.shape };
                match other::post(kind, &value) {
                    Ok(post) => page.posts.push(Found { post, at, nested: false }),
                    Err(reason) => page.skipped.push(Skipped { at, reason }),
                }
            }
            None if at.is_empty() => return Err(misfit("no `_type` of snscrape, and no tweet by its names")),
            None => {
                strange += 1;
                page.skipped.push(Skipped { at, reason: "is nothing of snscrape".to_owned() });
                if page.shape.is_empty() && strange > PATIENCE {
                    break;
                }
            }
        }
    }
    if page.shape.is_empty() {
        return Err(misfit("no item of snscrape"));
    }
    hand_on(&tweets, exchange, &mut page);
    Ok(page)
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// What an item is.
enum Kind<'a> {
    /// A tweet.
    Tweet,
    /// Something else, by the name of its module and class.
    Other(&'a str),
}

fn kind(value: &Value) -> Option<Kind<'_>> {
    if let Some(kind) = value["_type"].as_str().and_then(|kind| kind.strip_prefix("snscrape.modules.")) {
        return Some(if kind == "twitter.Tweet" { Kind::Tweet } else { Kind::Other(kind) });
    }
    // Before May 2021 items did not say what they are.
    let words = value["rawContent"].is_string() || value["content"].is_string();
    let own = ["rawContent", "renderedContent", "tcooutlinks"].iter().any(|name| value.get(*name).is_some());
    let of_tweet = value["url"].as_str().is_some_and(|url| url.contains("/status/"));
    (words && own && of_tweet && value["date"].is_string()).then_some(Kind::Tweet)
}

/// Lets the platform read the tweets, and says of each what snscrape leaves open.
fn hand_on(tweets: &[(String, Value)], exchange: &Exchange, page: &mut Page) {
    let item = |(at, value): &(String, Value)| Item {
        at: at.clone(),
        value: tweet::as_sent(value),
        seen_at: None,
        source: String::new(),
        server: None,
    };
    let items: Vec<Item> = tweets.iter().map(item).collect();
    let Some(read) = wrapped::read(&items, exchange) else {
        // What no platform knows any more is told, item by item.
        let reason = "is a tweet that no reader knows in this form";
        page.skipped.extend(items.into_iter().map(|item| Skipped { at: item.at, reason: reason.to_owned() }));
        return;
    };
    for (number, mut found) in read.posts {
        found.at = tweet::place(&found.at);
        if let Some((at, tweet)) = tweets.get(number) {
            let inner = found.at.strip_prefix(at.as_str()).and_then(|step| tweet.pointer(step));
            tweet::say_what_is_open(&mut found.post, inner.unwrap_or(tweet));
        }
        page.posts.push(found);
    }
    let skipped = read.skipped.into_iter();
    page.skipped.extend(skipped.map(|skipped| Skipped { at: tweet::place(&skipped.at), ..skipped }));
}
