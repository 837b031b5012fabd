//! What gallery-dl keeps of a platform's own object: what it changed is put right, and the platforms read it.

use serde_json::{Map, Value, json};

use super::Entry;
use crate::dump::wrapped::{self, Item};
use crate::exchange::Exchange;
use crate::model::Skipped;
use crate::platform::Page;

/// Objects back to which the one is looked for that speaks of another file of the same post.
const BACK: usize = 3;

/// What a record of the AT Protocol holds; gallery-dl puts it and what is around it into one.
const RECORD: [&str; 9] = ["$type", "text", "createdAt", "langs", "facets", "reply", "embed", "tags", "via"];

/// Takes an object for the platforms.
pub(super) fn keep(kept: &mut Vec<Item>, entry: &Entry<'_>) {
    let words = entry.words;
    if words["uri"].as_str().is_some_and(|uri| uri.starts_with("at://")) {
        put(kept, entry, "", view(words));
    } else if words["account"].is_object() {
        put(kept, entry, "", status(words));
    } else if words["createdAt"].is_string() && words["user"].is_object() {
        put(kept, entry, "", note(words));
    } else if words["subreddit"].is_string() {
        put(kept, entry, "", thing(words));
        if words["comment"].is_object() {
            put(kept, entry, "/comment", thing(&words["comment"]));
        }
    } else {
        put(kept, entry, "", words.clone());
    }
}

/// Adds an object, or only its file if it is of the same post as one of the last.
fn put(kept: &mut Vec<Item>, entry: &Entry<'_>, step: &str, mut value: Value) {
    let source = entry.words["category"].as_str().unwrap_or_default();
    let server = entry.words["instance"].as_str().map(|instance| format!("https://{instance}"));
    let is_same = |item: &&mut Item| {
        item.source == source
            && ["uri", "id", "cid"].iter().any(|name| !value[*name].is_null())
            && ["uri", "id", "cid", "body"].iter().all(|name| item.value[*name] == value[*name])
    };
    if let Some(same) = kept.iter_mut().rev().take(BACK).find(is_same) {
        for name in FILES {
            if let (Some(all), Some(more)) = (same.value[name].as_array_mut(), value[name].as_array_mut()) {
                all.append(more);
            }
        }
        return;
    }
    let at = format!("{}{step}", entry.at);
    kept.push(Item { at, value, seen_at: None, source: source.to_owned(), server });
}

/// The lists that [`status`] and [`note`] make of the one file that gallery-dl speaks of.
const FILES: [&str; 2] = ["media_attachments", "files"];

/// Bluesky: a post, with its record inside again.
fn view(words: &Value) -> Value {
    let Some(words) = words.as_object() else { return Value::Null };
    let mut record: Map<String, Value> =
        words.iter().filter(|(name, _)| RECORD.contains(&name.as_str())).map(|(n, v)| (n.clone(), v.clone())).collect();
    record.entry("$type").or_insert_with(|| json!("app.bsky.feed.post"));
    let around = ["uri", "cid", "author", "indexedAt", "replyCount", "repostCount", "likeCount", "quoteCount"];
    let mut view: Map<String, Value> =
        words.iter().filter(|(name, _)| around.contains(&name.as_str())).map(|(n, v)| (n.clone(), v.clone())).collect();
    // Those of the author have taken the place of the service's, if there are any.
    if let Some(labels) = words.get("labels") {
        let holder = if labels.is_array() { &mut view } else { &mut record };
        holder.insert("labels".to_owned(), labels.clone());
    }
    view.insert("record".to_owned(), Value::Object(record));
    Value::Object(view)
}

/// Mastodon: hashtags are names only, and of the pictures there is the one that was fetched.
fn status(words: &Value) -> Value {
    let mut status = words.clone();
    let tag = |tag: &Value| if tag.is_string() { json!({ "name": tag }) } else { tag.clone() };
    let tags: Vec<Value> = words["tags"].as_array().into_iter().flatten().map(tag).collect();
    status["tags"] = Value::Array(tags);
    // Those of a boosted post still stand there.
    if !words["reblog"].is_object() && words.get("media_attachments").is_none() {
        status["media_attachments"] = Value::Array(one(&words["media"]));
    }
    status
}

/// Misskey: the same of the pictures.
fn note(words: &Value) -> Value {
    let mut note = words.clone();
    note["files"] = Value::Array(one(&words["file"]));
    note
}

fn one(file: &Value) -> Vec<Value> {
    if file.is_object() { vec![file.clone()] } else { Vec::new() }
}

/// Reddit: gallery-dl asks for texts that are not escaped; Reddit's own are.
fn thing(words: &Value) -> Value {
    let mut thing = words.clone();
    for name in ["title", "selftext", "body", "url"] {
        if let Some(text) = words[name].as_str() {
            thing[name] = json!(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
        }
    }
    thing
}

/// Lets the platforms read what was kept.
pub(super) fn hand_on(kept: &[Item], exchange: &Exchange, page: &mut Page) {
    for run in wrapped::runs(kept) {
        let Some(read) = wrapped::read(run, exchange) else {
            let source = run.first().map_or("", |item| item.source.as_str());
            let reason = format!("is of gallery-dl's {source:?}, which nobody reads here");
            page.skipped.extend(run.iter().map(|item| Skipped { at: item.at.clone(), reason: reason.clone() }));
            continue;
        };
        page.posts.extend(read.posts.into_iter().map(|(_, found)| found));
        page.skipped.extend(read.skipped);
    }
}
