//! Tumblr's API: posts of a tag by pages of 20, asked for by time; the key stands in the address.

use serde_json::{Value, json};

use super::{Item, World, param};
use crate::support::{Answer, Received};

pub struct Tumblr;

const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");
const KEY: &str = "planted-tumblr-key-6180339";

fn id(item: &Item) -> u64 {
    700_000_000_000_000_000 + item.n
}

fn post(item: &Item) -> Value {
    json!({
        "object_type": "post", "type": "blocks", "blog_name": "ada-moss", "id": id(item), "id_string": id(item).to_string(),
        "blog": { "name": "ada-moss", "title": "Ada Moss", "url": "https://ada-moss.tumblr.com/", "uuid": "t:ADAx1" },
        "is_blocks_post_format": true, "post_url": format!("https://ada-moss.tumblr.com/post/{}", id(item)),
        "date": item.at.format("%Y-%m-%d %H:%M:%S GMT").to_string(), "timestamp": item.at.timestamp(), "state": "published",
        "reblog_key": "aBcDeFgH", "tags": ["flood"], "note_count": 0, "trail": [], "layout": [],
        "content": [{ "type": "text", "text": item.text() }],
    })
}

impl World for Tumblr {
    fn platform(&self) -> &'static str {
        "tumblr"
    }

    fn source(&self, _: &str) -> String {
        "tumblr".to_owned()
    }

    fn config(&self) -> String {
        "[credential.tumblr]\ntoken_env = \"WORLD_TUMBLR\"\n".to_owned()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("WORLD_TUMBLR", KEY)]
    }

    fn answer(&self, request: &Received, items: &[Item], _: bool) -> Answer {
        let meta = |status: u16, msg: &str| json!({ "status": status, "msg": msg });
        if param(request, "api_key").as_deref() != Some(KEY) {
            let body = json!({ "meta": meta(401, "Unauthorized"), "response": [], "errors": [{ "title": "Unauthorized", "code": 1016, "detail": "No key." }] });
            return Answer::new(401, &[JSON], body.to_string());
        }
        let answer = |response: Value| {
            Answer::new(200, &[JSON], json!({ "meta": meta(200, "OK"), "response": response }).to_string())
        };
        if request.path.starts_with("/v2/blog/ada-moss/posts") {
            let wanted = param(request, "id").unwrap();
            let posts: Vec<Value> = items.iter().filter(|item| id(item).to_string() == wanted).map(post).collect();
            return answer(json!({ "posts": posts, "total_posts": 1 }));
        }
        if request.path.starts_with("/v2/blog/") {
            return answer(json!({ "notes": [], "total_notes": 0, "blog": { "name": "staff" } }));
        }
        assert!(request.path.starts_with("/v2/tagged"), "{}", request.path);
        let before = param(request, "before").map_or(i64::MAX, |before| before.parse().unwrap());
        let mut items: Vec<&Item> = items.iter().filter(|item| item.at.timestamp() < before).collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.at));
        answer(items.into_iter().take(20).map(post).collect())
    }

    fn least(&self, new: usize) -> usize {
        new.div_ceil(20).max(1)
    }

    fn expired(&self) -> Option<Answer> {
        let body = json!({ "meta": { "status": 401, "msg": "Unauthorized" }, "response": [], "errors": [{ "title": "Unauthorized", "code": 1016, "detail": "Unable to authorize" }] });
        Some(Answer::new(401, &[JSON], body.to_string()))
    }

    fn address(&self, _: &str, item: &Item) -> Option<String> {
        Some(format!("https://www.tumblr.com/ada-moss/{}", id(item)))
    }
}
