//! Bluesky's search: pages of 100 by a cursor that is a number, a log-in, tokens that expire.

use serde_json::json;

use super::{Item, World, param};
use crate::support::{Answer, Received};

pub struct Bluesky;

const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

impl World for Bluesky {
    fn platform(&self) -> &'static str {
        "bluesky"
    }

    fn source(&self, _: &str) -> String {
        "bluesky".to_owned()
    }

    fn config(&self) -> String {
        "[credential.bluesky]\nidentifier_env = \"WORLD_WHO\"\npassword_env = \"WORLD_PASSWORD\"\n".to_owned()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("WORLD_PASSWORD", "planted-app-pass-2718"),
            ("WORLD_GIVEN_1", "planted-access-jwt-1618"),
            ("WORLD_GIVEN_2", "planted-refresh-jwt-1618"),
        ]
    }

    fn environment(&self) -> Vec<(&'static str, &'static str)> {
        vec![("WORLD_WHO", "desk-of-the-herald.example")]
    }

    fn log_in(&self, request: &Received) -> Option<Answer> {
        let tokens = json!({
            "did": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "handle": "desk-of-the-herald.example",
            "accessJwt": "planted-access-jwt-1618", "refreshJwt": "planted-refresh-jwt-1618",
        });
        (request.method == "POST").then(|| Answer::new(200, &[JSON], tokens.to_string()))
    }

    fn answer(&self, request: &Received, items: &[Item], empty_last: bool) -> Answer {
        if request.path.starts_with("/xrpc/app.bsky.feed.getPostThread") {
            let uri = param(request, "uri").unwrap();
            let item = items
                .iter()
                .find(|item| view(item)["uri"].as_str().unwrap().rsplit('/').next() == uri.rsplit('/').next());
            let post = item.map_or_else(|| json!({}), view);
            let thread =
                json!({ "thread": { "$type": "app.bsky.feed.defs#threadViewPost", "post": post, "replies": [] } });
            return Answer::new(200, &[JSON], thread.to_string());
        }
        let time = |name| param(request, name).and_then(|time| time.parse().ok());
        let (since, until) = (time("since"), time("until"));
        let mut items = items.to_vec();
        items.sort_by_key(|item| std::cmp::Reverse(item.at));
        items.retain(|item| since.is_none_or(|since: chrono::DateTime<chrono::Utc>| item.at >= since));
        items.retain(|item| until.is_none_or(|until| item.at < until));
        let start: usize = param(request, "cursor").map_or(0, |cursor| cursor.parse().unwrap());
        let page: Vec<&Item> = items.iter().skip(start).take(100).collect();
        let posts: Vec<_> = page.iter().map(|item| view(item)).collect();
        let mut body = json!({ "posts": posts, "hitsTotal": items.len() });
        if items.len() > start + page.len() || (empty_last && !page.is_empty()) {
            body["cursor"] = (start + page.len()).to_string().into();
        }
        Answer::new(200, &[JSON], body.to_string())
    }

    /// With the log-in.
    fn least(&self, new: usize) -> usize {
        1 + new.div_ceil(100).max(1)
    }

    fn address(&self, _: &str, item: &Item) -> Option<String> {
        Some(format!("https://bsky.app/profile/amina.example/post/3kaaaaaaa{:04}", item.n))
    }

    fn expired(&self) -> Option<Answer> {
        Some(Answer::new(400, &[JSON], "{\"error\":\"ExpiredToken\",\"message\":\"Token has expired\"}"))
    }
}

fn view(item: &Item) -> serde_json::Value {
    let text = item.text();
    let at = item.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let start = text.find('#').unwrap();
    json!({
        "uri": format!("at://did:plc:bbbbbbbbbbbbbbbbbbbbbbbb/app.bsky.feed.post/3kaaaaaaa{:04}", item.n),
        "cid": "bafyreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "author": { "did": "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb", "handle": "amina.example", "displayName": "Amina Applegarth" },
        "record": {
            "$type": "app.bsky.feed.post", "text": text, "createdAt": at,
            "facets": [{
                "index": { "byteStart": start, "byteEnd": text.len() },
                "features": [{ "$type": "app.bsky.richtext.facet#tag", "tag": "flood" }],
            }],
        },
        "indexedAt": at, "likeCount": 0, "repostCount": 0, "replyCount": 0, "quoteCount": 0,
    })
}
