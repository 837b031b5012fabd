//! Mastodon's tag timeline: pages of 40, `max_id`, `min_id`, a Link header; ids follow the dates. A post, its thread, a tag's uses.

use serde_json::json;

use super::{Item, World, param};
use crate::support::{Answer, Received};
use crate::timeline::status;

pub struct Mastodon;

impl World for Mastodon {
    fn platform(&self) -> &'static str {
        "mastodon"
    }

    fn source(&self, server: &str) -> String {
        format!("mastodon:{server} as reader")
    }

    fn config(&self) -> String {
        "[credential.reader]\ntoken_env = \"WORLD_MASTODON\"\n".to_owned()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("WORLD_MASTODON", "planted-Mastodon-token-31415926")]
    }

    fn answer(&self, request: &Received, items: &[Item], empty_last: bool) -> Answer {
        let base = format!("http://{}", request.header("host").unwrap());
        let path = request.path.split('?').next().unwrap();
        if let Some(id) = path.strip_prefix("/api/v1/statuses/") {
            return one(&base, id, items);
        }
        if path.starts_with("/api/v1/tags/") {
            let uses = items.len().to_string();
            let day = json!({ "day": "1785024000", "uses": uses, "accounts": "1" });
            return Answer::new(200, &[JSON], json!({ "name": "flood", "history": [day] }).to_string());
        }
        let bound = |name: &str| param(request, name).and_then(|id| id.parse::<u64>().ok());
        let mut items = items.to_vec();
        items.sort_by_key(id);
        items.retain(|item| bound("max_id").is_none_or(|max| id(item) < max));
        items.retain(|item| bound("min_id").is_none_or(|min| id(item) > min));
        let limit = param(request, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(20).min(40);
        let climbs = bound("min_id").is_some();
        let mut page: Vec<Item> = if climbs {
            items.iter().copied().take(limit).collect()
        } else {
            items.iter().rev().copied().take(limit).collect()
        };
        if climbs {
            page.reverse();
        }
        let more = items.len() > page.len() || (empty_last && !page.is_empty());
        let body: Vec<String> = page.iter().map(|item| status_of(&base, item)).collect();
        let link = match page.last() {
            Some(last) if more => {
                format!("<{base}/api/v1/timelines/tag/flood?limit=40&max_id={}>; rel=\"next\"", id(last))
            }
            _ => String::new(),
        };
        let headers = [JSON, ("link", link.as_str())];
        let count = if link.is_empty() { 1 } else { 2 };
        Answer::new(200, &headers[..count], format!("[{}]", body.join(",")))
    }

    fn least(&self, new: usize) -> usize {
        new.div_ceil(40).max(1)
    }

    fn expired(&self) -> Option<Answer> {
        Some(Answer::new(401, &[("content-type", "application/json")], "{\"error\":\"The access token is invalid\"}"))
    }

    fn address(&self, base: &str, item: &Item) -> Option<String> {
        Some(format!("{base}/@ada/{}", id(item)))
    }
}

const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

/// Ids are made of the time, as Mastodon's are.
fn id(item: &Item) -> u64 {
    u64::try_from(item.at.timestamp_millis()).unwrap() << 16
}

fn status_of(base: &str, item: &Item) -> String {
    let mut post: serde_json::Value = serde_json::from_str(&status(base, item.n)).unwrap();
    post["id"] = id(item).to_string().into();
    post["created_at"] = item.at.to_rfc3339().into();
    post["content"] = format!("<p>{}</p>", item.text()).into();
    post.to_string()
}

/// A post, or what stands above and below it: the one before and the one behind.
fn one(base: &str, place: &str, items: &[Item]) -> Answer {
    let (wanted, context) = place.strip_suffix("/context").map_or((place, false), |wanted| (wanted, true));
    let found = items.iter().position(|item| id(item).to_string() == wanted);
    let at = |i: Option<usize>| i.and_then(|i| items.get(i)).map_or(String::new(), |item| status_of(base, item));
    match found {
        None => Answer::new(404, &[JSON], "{\"error\":\"Record not found\"}"),
        Some(_) if !context => Answer::new(200, &[JSON], at(found)),
        Some(i) => {
            let (above, below) = (at(i.checked_sub(1)), at(i.checked_add(1)));
            Answer::new(200, &[JSON], format!("{{\"ancestors\":[{above}],\"descendants\":[{below}]}}"))
        }
    }
}
