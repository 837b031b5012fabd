//! What the browser extension Zeeschuimer collects while somebody scrolls: one item a line, as the platform sent it to its own
//! page, with the time and the address of the page around it. 4CAT keeps the same items with that put inside.
//!
//! The items are handed to the platforms. Zeeschuimer's own ids are not looked at: they are numbers that have been through a
//! float. Of Truth Social and Gab it keeps the text without its marks, so that paragraphs run together there, which is told.
//! What was seen as an advertisement is no reaction and is left out, and named.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::wrapped::{self, Item};
use crate::exchange::Exchange;
use crate::model::{Skipped, TextState};
use crate::platform::json::PATIENCE;
use crate::platform::{Page, ParseError, Platform, Shape};

/// Zeeschuimer.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Zeeschuimer",
    about: "what Zeeschuimer collected of platforms that are read here, as it exports it (NDJSON) or as 4CAT keeps it",
    first: None,
    session: None,
    shapes: &[
        Shape {
            name: "items",
            what: "the NDJSON that Zeeschuimer exports",
            told_by: "`source_platform`, `timestamp_collected` and `data`",
            lacks: "what the platform's own shape lacks; line breaks of Truth Social",
        },
        Shape {
            name: "4cat",
            what: "the NDJSON of a data set that was uploaded from Zeeschuimer to 4CAT",
            told_by: "`__import_meta` with `source_platform` and `timestamp_collected`",
            lacks: "as items",
        },
    ],
    parse,
    post_at: None,
    embeds: None,
};

const NAME: &str = "zeeschuimer";

/// Sources of which the text was taken without its marks (`textContent` of it), and is no HTML any more:
/// <https://github.com/digitalmethodsinitiative/zeeschuimer/blob/master/modules/truth.js>.
const STRIPPED: [&str; 2] = ["truthsocial.com", "gab.com"];

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let named = text.contains("\"source_platform\"") && text.contains("\"timestamp_collected\"");
    if exchange.response.status >= 400 || !named {
        return Err(misfit("no `source_platform` and `timestamp_collected`"));
    }
    let mut page = Page::default();
    let mut collected = Collected::default();
    let mut strange = 0;
    for (at, value) in wrapped::documents(text).map_err(misfit)? {
        match value.map(Line::of) {
            Ok(Some(line)) => {
                page.shape = line.shape;
                if collected.source != line.source {
                    collected.hand_on(exchange, &mut page);
                    collected.source = line.source;
                }
                match line.item {
                    Ok(value) => {
                        let at = format!("{at}{}", line.step);
                        collected.items.push(Item { at, value, seen_at: line.seen_at });
                    }
                    Err(reason) => page.skipped.push(Skipped { at, reason: reason.to_owned() }),
                }
            }
            Ok(None) => {
                strange += 1;
                page.skipped.push(Skipped { at, reason: "was not collected by Zeeschuimer".to_owned() });
                if page.shape.is_empty() && strange > PATIENCE {
                    break;
                }
            }
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    collected.hand_on(exchange, &mut page);
    if page.shape.is_empty() { Err(misfit("no item with `source_platform`")) } else { Ok(page) }
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// Where an item was collected.
#[derive(Default, PartialEq)]
struct Source {
    /// Zeeschuimer's name of the platform: `twitter.com`, `tiktok-comments`.
    platform: String,
    /// The server that sent it: `https://truthsocial.com`.
    server: Option<String>,
}

/// A line.
struct Line {
    shape: &'static str,
    source: Source,
    /// When it was seen last: an item that is seen again, more complete, takes the place of the first.
    seen_at: Option<DateTime<Utc>>,
    /// The item, or why it is none.
    item: Result<Value, &'static str>,
    /// Its place in the line.
    step: &'static str,
}

impl Line {
    fn of(mut line: Value) -> Option<Line> {
        let (shape, step, about, item) = match line.get_mut("__import_meta").map(Value::take) {
            Some(about) => {
                line.as_object_mut()?.remove("__import_meta");
                ("4cat", "", about, line)
            }
            None => {
                let item = line.get_mut("data")?.take();
                ("items", "/data", line, item)
            }
        };
        let platform = about["source_platform"].as_str()?.to_owned();
        let millis = |name: &str| about[name].as_i64().and_then(DateTime::from_timestamp_millis);
        let first = millis("timestamp_collected")?;
        let asked = about["source_url"].as_str().and_then(|url| Url::parse(url).ok());
        let server = asked.filter(Url::has_host).map(|url| url.origin().ascii_serialization());
        let seen_at = Some(millis("last_updated").map_or(first, |last| last.max(first)));
        let item = unwrapped(&platform, item);
        Some(Line { shape, source: Source { platform, server }, seen_at, item, step })
    }
}

/// The item as its platform sent it.
fn unwrapped(platform: &str, mut item: Value) -> Result<Value, &'static str> {
    if !item.is_object() {
        return Err("holds no item");
    }
    if item["promoted"] == true {
        return Err("is an advertisement");
    }
    // X until 2023: a tweet out of one table, its account out of another (`adaptive.json`).
    if item["type"] == "adaptive" && item["legacy"].is_object() {
        let (mut tweet, user) = (item["legacy"].take(), item["user"].take());
        tweet["user"] = user;
        return Ok(tweet);
    }
    if STRIPPED.contains(&platform) {
        let text =
            item["content"].as_str().map(|text| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
        item["content"] = text.map_or(Value::Null, Value::String);
    }
    Ok(item)
}

/// Items of one source that stand in a row: one body, so that long files are read at once.
#[derive(Default)]
struct Collected {
    source: Source,
    items: Vec<Item>,
}

impl Collected {
    fn hand_on(&mut self, exchange: &Exchange, page: &mut Page) {
        let items = std::mem::take(&mut self.items);
        if items.is_empty() {
            return;
        }
        let platform = &self.source.platform;
        let Some(read) = wrapped::read(&items, self.source.server.as_deref(), exchange) else {
            let reason = format!("was collected of {platform:?}, which nobody reads here");
            page.skipped.extend(items.into_iter().map(|item| Skipped { at: item.at, reason: reason.clone() }));
            return;
        };
        let is_stripped = STRIPPED.contains(&platform.as_str());
        for (_, mut found) in read.posts {
            if is_stripped && !found.nested && !found.post.text.is_empty() {
                found.post.text_state = TextState::Unknown;
                found.post.doubts.push("Zeeschuimer took paragraphs and line breaks out of its text.".to_owned());
            }
            page.posts.push(found);
        }
        page.skipped.extend(read.skipped);
    }
}
