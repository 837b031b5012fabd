//! What the browser extension Zeeschuimer collects while somebody scrolls: one item a line, as the platform sent it to its own
//! page, with the time and the address of the page around it. 4CAT keeps the same items with that put inside.
//!
//! The items are handed to the platforms. Zeeschuimer's own ids are not looked at: they are numbers that have been through a
//! float. Of Truth Social and Gab it keeps the text without its marks, so that paragraphs run together there, which is told.
//! What was seen as an advertisement is no reaction and is left out, and named.

use chrono::DateTime;
use serde_json::{Value, json};
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
    cited: None,
    about: "what Zeeschuimer collected of platforms that are read here, as it exports it (NDJSON) or as 4CAT keeps it",
    live: None,
    one: None,
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
    profile_at: None,
};

const NAME: &str = "zeeschuimer";

/// A source of which the text was taken without its marks (`textContent` of it), and is no HTML any more. That of Truth Social
/// is so too, which its own reader knows:
/// <https://github.com/digitalmethodsinitiative/zeeschuimer/blob/master/modules/truth.js>.
const STRIPPED: &str = "gab.com";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let named = text.contains("\"source_platform\"") && text.contains("\"timestamp_collected\"");
    if exchange.response.status >= 400 || !named {
        return Err(misfit("no `source_platform` and `timestamp_collected`"));
    }
    let mut page = Page::default();
    let mut items = Vec::new();
    let mut strange = 0;
    for (at, value) in wrapped::open(text, NAME, true)? {
        match value.map(|value| Line::of(&at, value)) {
            Ok(Some(line)) => {
                page.shape = line.shape;
                match line.item {
                    Ok(item) => items.push(item),
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
    if page.shape.is_empty() {
        return Err(misfit("no item with `source_platform`"));
    }
    for run in wrapped::runs(&items) {
        hand_on(run, exchange, &mut page);
    }
    Ok(page)
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// A line.
struct Line {
    shape: &'static str,
    /// The item, or why it is none.
    item: Result<Item, &'static str>,
}

impl Line {
    fn of(at: &str, mut line: Value) -> Option<Line> {
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
        let source = about["source_platform"].as_str()?.to_owned();
        let millis = |name: &str| about[name].as_i64().and_then(DateTime::from_timestamp_millis);
        let first = millis("timestamp_collected")?;
        // An item that is seen again, more complete, takes the place of the first.
        let seen_at = millis("last_updated").map_or(first, |last| last.max(first));
        let asked = about["source_url"].as_str().and_then(|url| Url::parse(url).ok());
        let server = asked.filter(Url::has_host).map(|url| url.origin().ascii_serialization());
        let item = unwrapped(&source, item);
        let item = item.map(|value| Item { at: format!("{at}{step}"), value, seen_at: Some(seen_at), source, server });
        Some(Line { shape, item })
    }
}

/// The item as its platform sent it.
fn unwrapped(source: &str, mut item: Value) -> Result<Value, &'static str> {
    if !item.is_object() {
        return Err("holds no item");
    }
    if item["promoted"] == true {
        return Err("is an advertisement");
    }
    // X until 2023: a tweet out of one table, its account out of another (`adaptive.json`).
    if item["type"] == "adaptive" && item["legacy"].is_object() {
        let holds_other = [&item["quoted_status_result"], &item["legacy"]["retweeted_status_result"]];
        if holds_other.iter().any(|other| other.is_object()) {
            return Ok(dressed(&item));
        }
        let (mut tweet, user) = (item["legacy"].take(), item["user"].take());
        tweet["user"] = user;
        return Ok(tweet);
    }
    if source == STRIPPED {
        let text =
            item["content"].as_str().map(|text| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
        item["content"] = text.map_or(Value::Null, Value::String);
    }
    Ok(item)
}

/// A tweet and its account in the dress that the other has which stands inside: what it quotes, or passes on.
fn dressed(item: &Value) -> Value {
    let (legacy, user) = (&item["legacy"], &item["user"]);
    let id = |value: &Value| value["id_str"].clone();
    json!({
        "__typename": "Tweet",
        "rest_id": id(legacy),
        "core": { "user_results": { "result": { "__typename": "User", "rest_id": id(user), "legacy": user } } },
        "legacy": legacy,
        "views": legacy["ext_views"],
        "quoted_status_result": item["quoted_status_result"],
    })
}

/// Lets a platform read items of one source.
fn hand_on(items: &[Item], exchange: &Exchange, page: &mut Page) {
    let source = items.first().map_or("", |item| item.source.as_str());
    let Some(read) = wrapped::read(items, exchange) else {
        let reason = format!("was collected of {source:?}, which nobody reads here");
        page.skipped.extend(items.iter().map(|item| Skipped { at: item.at.clone(), reason: reason.clone() }));
        return;
    };
    for (_, mut found) in read.posts {
        if source == STRIPPED && !found.nested && !found.post.text.is_empty() {
            found.post.text_state = TextState::Unknown;
            found.post.doubts.push("Zeeschuimer gives it without paragraphs and line breaks.".to_owned());
        }
        page.posts.push(found);
    }
    page.skipped.extend(read.skipped);
}
