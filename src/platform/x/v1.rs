//! API v1.1 and its streams: a tweet, a list of tweets, a search, lines of tweets as twarc and streams write them. Also
//! the objects of tweets that the Wayback Machine keeps, which have the same shape.

use serde_json::Value;

use super::reading::Reading;
use super::tweet::{self, Around};
use crate::model::{Found, Skipped};
use crate::platform::json::id;

/// How deep tweets may hold one another.
const DEEPEST: usize = 4;

/// Whether it is a tweet of this shape.
pub(super) fn is_one(value: &Value) -> bool {
    let has_text = ["full_text", "text"].iter().any(|name| value[*name].is_string());
    has_text
        && (value["id_str"].is_string() || value["id"].is_u64())
        && value["user"].is_object()
        && value.get("created_at").is_some()
}

/// Reads a document; `false` if it is of another shape.
pub(super) fn read(reading: &mut Reading, at: &str, value: &Value) -> bool {
    if is_one(value) {
        put(reading, at.to_owned(), value, 0);
        return true;
    }
    // What a stream says beside tweets: <https://developer.x.com/en/docs/x-api/v1/tweets/filter-realtime/guides/streaming-message-types>.
    if let Some(notice) = ["delete", "limit", "status_withheld", "user_withheld", "scrub_geo", "disconnect", "warning"]
        .into_iter()
        .find(|name| {
            value.as_object().is_some_and(|object| object.len() <= 2 && object.get(*name).is_some_and(Value::is_object))
        })
    {
        let whose = id(&value[notice]["status"]["id_str"]).map(|id| format!(" about {id}")).unwrap_or_default();
        reading.skip(at.to_owned(), format!("is no post but the notice {notice:?} of a stream{whose}"));
        return !at.is_empty();
    }
    let list = match (value.as_array(), value["statuses"].as_array()) {
        (Some(list), _) => Some(("", list)),
        (None, Some(list)) if value.get("search_metadata").is_some() || list.iter().any(is_one) => {
            Some(("/statuses", list))
        }
        _ => None,
    };
    let Some((step, list)) = list else { return false };
    if !list.is_empty() && !list.iter().any(is_one) {
        return false;
    }
    if list.is_empty() && value.is_array() {
        return false;
    }
    for (i, item) in list.iter().enumerate() {
        put(reading, format!("{at}{step}/{i}"), item, 0);
    }
    true
}

fn put(reading: &mut Reading, at: String, value: &Value, depth: usize) {
    let views = value["ext_views"]["count"].as_str().and_then(|count| count.parse().ok());
    let post = match tweet::post(value, Around { views, ..Around::default() }, reading.seen_at) {
        Ok(post) => post,
        Err(reason) => return reading.skip(at, reason),
    };
    let inner = |name: &str| value.get(name).filter(|inner| inner.is_object());
    let number = |inner: &Value| id(&inner["id_str"]).or_else(|| id(&inner["id"]));
    let whose = |inner: &Value| inner["user"]["screen_name"].as_str().map(str::to_owned);
    let nested = match inner("retweeted_status") {
        Some(original) if number(original).is_some() => {
            let of = tweet::reference(&number(original).unwrap_or_default(), whose(original).as_deref());
            reading.page.posts.push(Found { post: tweet::repost(post, of), at: at.clone(), nested: depth > 0 });
            Some(("retweeted_status", original))
        }
        // Where tweets stand in a table of an answer (adaptive.json), only the number of the other is told.
        _ if id(&value["retweeted_status_id_str"]).is_some() => {
            let of = tweet::reference(&id(&value["retweeted_status_id_str"]).unwrap_or_default(), None);
            reading.page.posts.push(Found { post: tweet::repost(post, of), at: at.clone(), nested: depth > 0 });
            None
        }
        _ => {
            reading.page.posts.push(Found { post, at: at.clone(), nested: depth > 0 });
            inner("quoted_status").map(|quoted| ("quoted_status", quoted))
        }
    };
    let Some((name, inner)) = nested else { return };
    let at = format!("{at}/{name}");
    if depth == DEEPEST {
        reading.page.skipped.push(Skipped { at, reason: format!("is nested deeper than {DEEPEST} posts") });
        return;
    }
    put(reading, at, inner, depth + 1);
}
