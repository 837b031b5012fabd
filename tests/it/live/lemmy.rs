//! A server of Lemmy: its search with numbered pages of 50 posts and 50 comments; single comments.

use serde_json::{Value, json};

use super::{Item, World, param};
use crate::support::{Answer, Received};

pub struct Lemmy;

const JSON: (&str, &str) = ("content-type", "application/json");

/// Every third item is a post of its own, the others are comments.
fn is_post(item: &Item) -> bool {
    item.n.is_multiple_of(3)
}

fn view(base: &str, item: &Item) -> Value {
    let at = item.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let creator = json!({ "id": 7, "name": "ada", "display_name": "Ada Example", "actor_id": format!("{base}/u/ada"), "local": true });
    let post = |n: u64, name: &str| json!({ "id": n, "name": name, "ap_id": format!("{base}/post/{n}"), "published": at, "deleted": false, "removed": false });
    if is_post(item) {
        return json!({ "post": post(item.n, &item.text()), "creator": creator, "counts": { "score": 1, "comments": 0 } });
    }
    let comment = json!({
        "id": item.n, "content": item.text(), "ap_id": format!("{base}/comment/{}", item.n), "published": at, "path": format!("0.{}", item.n),
        "deleted": false, "removed": false, "post_id": 900_000,
    });
    json!({ "comment": comment, "post": post(900_000, "What came"), "creator": creator, "counts": { "score": 1, "child_count": 0 } })
}

impl World for Lemmy {
    fn platform(&self) -> &'static str {
        "lemmy"
    }

    fn source(&self, server: &str) -> String {
        format!("lemmy:{server}")
    }

    fn answer(&self, request: &Received, items: &[Item], _: bool) -> Answer {
        let base = format!("http://{}", request.header("host").unwrap());
        let mut items: Vec<&Item> = items.iter().collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.at));
        let id = param(request, "id").and_then(|id| id.parse::<u64>().ok());
        if let Some(item) = items.iter().find(|item| Some(item.n) == id) {
            let key = if is_post(item) { "post_view" } else { "comment_view" };
            return Answer::new(200, &[JSON], json!({ key: view(&base, item) }).to_string());
        }
        if !request.path.starts_with("/api/v3/search") {
            return Answer::new(
                200,
                &[JSON],
                json!({ "site_view": {}, "version": "0.19.11", "comments": [] }).to_string(),
            );
        }
        assert_eq!(param(request, "sort").as_deref(), Some("New"));
        let page: usize = param(request, "page").unwrap().parse().unwrap();
        let list = |posts: bool| -> Vec<Value> {
            let of_kind = items.iter().filter(|item| is_post(item) == posts);
            of_kind.skip((page - 1) * 50).take(50).map(|item| view(&base, item)).collect()
        };
        let body =
            json!({ "type_": "All", "posts": list(true), "comments": list(false), "communities": [], "users": [] });
        Answer::new(200, &[JSON], body.to_string())
    }

    /// Two in three are comments.
    fn least(&self, new: usize) -> usize {
        (new * 2).div_ceil(3 * 50).max(1)
    }

    fn address(&self, base: &str, item: &Item) -> Option<String> {
        Some(format!("{base}/comment/{}", item.n))
    }
}
