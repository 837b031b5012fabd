//! Mastodon's tag timeline: pages of 40, `max_id`, `min_id`, a Link header; ids follow the dates.

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
        // Ids are made of the time, as Mastodon's are.
        let id = |item: &Item| u64::try_from(item.at.timestamp_millis()).unwrap() << 16;
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
        let body: Vec<String> = page
            .iter()
            .map(|item| {
                let mut post: serde_json::Value = serde_json::from_str(&status(&base, item.n)).unwrap();
                post["id"] = id(item).to_string().into();
                post["created_at"] = item.at.to_rfc3339().into();
                post["content"] = format!("<p>{}</p>", item.text()).into();
                post.to_string()
            })
            .collect();
        let link = match page.last() {
            Some(last) if more => {
                format!("<{base}/api/v1/timelines/tag/flood?limit=40&max_id={}>; rel=\"next\"", id(last))
            }
            _ => String::new(),
        };
        let headers = [("content-type", "application/json; charset=utf-8"), ("link", link.as_str())];
        let count = if link.is_empty() { 1 } else { 2 };
        Answer::new(200, &headers[..count], format!("[{}]", body.join(",")))
    }

    fn least(&self, new: usize) -> usize {
        new.div_ceil(40).max(1)
    }

    fn expired(&self) -> Option<Answer> {
        Some(Answer::new(401, &[("content-type", "application/json")], "{\"error\":\"The access token is invalid\"}"))
    }

    fn misses_late(&self) -> Option<&'static str> {
        Some("posts that come late with an older date")
    }
}
