//! What X's own pages ask for since 2022: timelines of SearchTimeline, TweetDetail, UserTweets and others, single tweets,
//! and the tweet objects that capture tools cut out of them.
//!
//! A tweet is `{__typename, rest_id, core, legacy, note_tweet, …}`; its author stands in `core.user_results.result`, with the
//! names in `legacy` (until 2025) or in `core`. Promoted entries, tombstones and what X does not show are
//! skipped with X's words.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::reading::Reading;
use super::tweet::{self, Around};
use crate::model::{Author, Found, Handle};
use crate::platform::json::id;

/// How deep tweets may hold one another.
const DEEPEST: usize = 4;

/// How deep instructions may stand in an answer, and how many values are looked at to find them.
const OUTER: usize = 8;

/// Reads a document; `false` if it is of another shape.
pub(super) fn read(reading: &mut Reading, at: &str, value: &Value) -> bool {
    if is_result(value) {
        result(reading, at.to_owned(), value, 0);
        return true;
    }
    if value["entryId"].is_string() && value["content"].is_object() {
        entry(reading, at, value);
        return true;
    }
    let mut found = false;
    for (at, instructions) in instructions(at, value) {
        found = true;
        for (i, instruction) in instructions.iter().enumerate() {
            let at = format!("{at}/{i}");
            if instruction["entry"].is_object() {
                entry(reading, &format!("{at}/entry"), &instruction["entry"]);
            }
            for name in ["entries", "moduleItems"] {
                for (i, one) in instruction[name].as_array().into_iter().flatten().enumerate() {
                    entry(reading, &format!("{at}/{name}/{i}"), one);
                }
            }
        }
    }
    for name in ["tweetResult", "tweet_result"] {
        if value["data"][name]["result"].is_object() {
            found = true;
            result(reading, format!("{at}/data/{name}/result"), &value["data"][name]["result"], 0);
        }
    }
    found
}

/// Whether it is a tweet, also one level deeper (`TweetWithVisibilityResults`), or what X shows in place of one.
fn is_result(value: &Value) -> bool {
    let is_tweet = |value: &Value| value["rest_id"].is_string() && value["legacy"]["full_text"].is_string();
    let is_limited = value["__typename"] == "TweetWithVisibilityResults" && value["tweet"]["rest_id"].is_string();
    let is_withheld = matches!(value["__typename"].as_str(), Some("TweetTombstone" | "TweetUnavailable"));
    is_tweet(value) || is_tweet(&value["tweet"]) || is_limited || is_withheld
}

/// The lists of instructions in an answer, each with its place. They stand under names that change with the page.
fn instructions<'a>(at: &str, value: &'a Value) -> Vec<(String, &'a Vec<Value>)> {
    let mut found = Vec::new();
    let mut left = vec![(format!("{at}/data"), &value["data"], 0)];
    while let Some((at, value, depth)) = left.pop() {
        let Some(object) = value.as_object().filter(|_| depth < OUTER) else { continue };
        for (name, inner) in object {
            let at = format!("{at}/{name}");
            match inner {
                Value::Array(list) if name == "instructions" => found.push((at, list)),
                Value::Object(_) => left.push((at, inner, depth + 1)),
                _ => {}
            }
        }
    }
    found
}

/// An entry of a timeline: a tweet, a module of several, or something else (cursors, people to follow).
fn entry(reading: &mut Reading, at: &str, entry: &Value) {
    if entry["entryId"].as_str().is_some_and(|name| name.contains("promoted")) {
        return reading.skip(at.to_owned(), "is an advertisement".to_owned());
    }
    item(reading, &format!("{at}/content/itemContent"), &entry["content"]["itemContent"]);
    item(reading, &format!("{at}/item/itemContent"), &entry["item"]["itemContent"]);
    for (i, one) in entry["content"]["items"].as_array().into_iter().flatten().enumerate() {
        item(reading, &format!("{at}/content/items/{i}/item/itemContent"), &one["item"]["itemContent"]);
    }
}

fn item(reading: &mut Reading, at: &str, content: &Value) {
    if content["promotedMetadata"].is_object() || content["promoted_metadata"].is_object() {
        return reading.skip(at.to_owned(), "is an advertisement".to_owned());
    }
    let Some(holder) = content.get("tweet_results") else { return };
    let at = format!("{at}/tweet_results/result");
    match holder.get("result") {
        Some(value) => result(reading, at, value, 0),
        None => reading.skip(at, "is a post that X does not show".to_owned()),
    }
}

/// A tweet, or what stands in its place.
fn result(reading: &mut Reading, at: String, value: &Value, depth: usize) {
    let (at, value) = match value.get("tweet").filter(|tweet| tweet.is_object()) {
        Some(tweet) => (format!("{at}/tweet"), tweet),
        None => (at, value),
    };
    match value["__typename"].as_str() {
        Some("TweetTombstone") => {
            let said = value["tombstone"]["text"]["text"].as_str().unwrap_or("no reason given");
            return reading
                .skip(at, format!("is a post that X does not show: {}", crate::platform::printed::shortened(said)));
        }
        Some("TweetUnavailable") => {
            let said = value["reason"].as_str().unwrap_or("no reason given");
            return reading
                .skip(at, format!("is a post that X does not show: {}", crate::platform::printed::shortened(said)));
        }
        _ => {}
    }
    let Some(number) = id(&value["rest_id"]) else { return reading.skip(at, "has no id".to_owned()) };
    // A post that stands in a conversation and in a list of it is one; one that has changed since is told again.
    if depth == 0 && !reading.shown.insert(digest(value)) {
        return;
    }
    let legacy = &value["legacy"];
    let note = &value["note_tweet"]["note_tweet_results"]["result"];
    let views = value["views"]["count"].as_str().and_then(|count| count.parse().ok());
    let around = Around {
        author: author(&value["core"]["user_results"]["result"]),
        note: note["text"].as_str().map(|text| (text, &note["entity_set"])),
        announces_note: value["note_tweet"]["is_expandable"] == true,
        card: value.get("card").filter(|card| card.is_object()),
        views,
    };
    let mut post = match tweet::post(legacy, around, reading.seen_at) {
        Ok(post) => post,
        Err(reason) => return reading.skip(at, reason),
    };
    if post.id.as_deref() != Some(&number) {
        return reading.skip(at, format!("names two ids, {number} and {}", post.id.unwrap_or_default()));
    }
    let control = &value["edit_control"];
    let edits =
        control["edit_tweet_ids"].as_array().or_else(|| control["edit_control_initial"]["edit_tweet_ids"].as_array());
    if let Some(edits) = edits.filter(|edits| edits.len() > 1) {
        edited(&mut post.labels, edits.iter().filter_map(id), &number);
    }
    let inner = |holder: &Value| {
        let inner = holder.get("result")?;
        Some(inner.get("tweet").filter(|tweet| tweet.is_object()).unwrap_or(inner))
            .and_then(|inner| id(&inner["rest_id"]))
    };
    let retweeted = &legacy["retweeted_status_result"];
    let (step, holder) = match inner(retweeted) {
        Some(of) => {
            post = tweet::repost(post, tweet::reference(&of, None));
            ("legacy/retweeted_status_result", retweeted)
        }
        None => ("quoted_status_result", &value["quoted_status_result"]),
    };
    reading.page.posts.push(Found { post, at: at.clone(), nested: depth > 0 });
    let Some(value) = holder.get("result") else { return };
    let at = format!("{at}/{step}/result");
    if depth == DEEPEST {
        return reading.skip(at, format!("is nested deeper than {DEEPEST} posts"));
    }
    result(reading, at, value, depth + 1);
}

/// The same number for the same value.
fn digest(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Says that a post is one of several versions, which X gives ids of their own.
pub(super) fn edited(labels: &mut Vec<String>, versions: impl Iterator<Item = String>, number: &str) {
    let versions: Vec<String> = versions.collect();
    if versions.len() > 1 {
        let which = versions.iter().position(|version| version == number).map_or(0, |at| at + 1);
        labels.push(format!("version {which} of {}", versions.len()));
    }
}

fn author(user: &Value) -> Option<Author> {
    let (legacy, core) = (&user["legacy"], &user["core"]);
    let either = |name: &str| core[name].as_str().or_else(|| legacy[name].as_str());
    let handle = either("screen_name").and_then(Handle::new);
    let is = |values: [&Value; 2]| values.iter().any(|value| **value == true);
    let author = Author {
        id: id(&user["rest_id"]),
        url: handle.as_ref().map(|handle| format!("https://x.com/{handle}")),
        handle,
        name: either("name").map(tweet::unescaped),
        flags: tweet::flags(
            is([&legacy["verified"], &user["verification"]["verified"]]),
            is([&legacy["protected"], &user["privacy"]["protected"]]),
        ),
    };
    (author.id.is_some() || author.handle.is_some()).then_some(author)
}
