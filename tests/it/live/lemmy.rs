//! A server of Lemmy: its search with numbered pages of 50 posts and 50 comments; single comments and what is below a post. And one of
//! version 1, whose search of v3 gives 20 posts in an order of its own, and whose lists have cursors.

use serde_json::{Value, json};

use super::stage::{Fault, Stage};
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

/// The post that all comments stand below.
fn above(base: &str) -> Value {
    let creator = json!({ "id": 8, "name": "ben", "actor_id": format!("{base}/u/ben"), "local": true });
    let post = json!({ "id": 900_000, "name": "What came", "ap_id": format!("{base}/post/900000"), "published": "2026-07-26T07:00:00Z" });
    json!({ "post": post, "creator": creator, "counts": { "score": 1, "comments": 0 } })
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
        if request.path.starts_with("/api/v3/comment/list") {
            let below: Vec<Value> = items.iter().filter(|item| !is_post(item)).map(|item| view(&base, item)).collect();
            return Answer::new(200, &[JSON], json!({ "comments": below }).to_string());
        }
        if request.path.starts_with("/api/v3/post?") {
            return Answer::new(200, &[JSON], json!({ "post_view": above(&base) }).to_string());
        }
        if !request.path.starts_with("/api/v3/search") {
            return Answer::new(200, &[JSON], json!({ "site_view": {}, "version": "0.19.11" }).to_string());
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

struct LemmyOne;

/// As v3 is converted in version 1: accounts are of no server.
fn converted(base: &str, item: &Item) -> Value {
    let mut view = view(base, item);
    view["creator"]["instance_id"] = json!(0);
    view
}

/// As v4 has it: one name for all addresses, times with `_at`, counts beside the words.
fn fourth(base: &str, item: &Item) -> Value {
    let mut view = view(base, item);
    view["creator"]["ap_id"] = view["creator"]["actor_id"].take();
    let kind = if is_post(item) { "post" } else { "comment" };
    view[kind]["published_at"] = view[kind]["published"].take();
    view
}

impl World for LemmyOne {
    fn platform(&self) -> &'static str {
        "lemmy"
    }

    fn source(&self, server: &str) -> String {
        format!("lemmy:{server}")
    }

    fn answer(&self, request: &Received, items: &[Item], _: bool) -> Answer {
        let base = format!("http://{}", request.header("host").unwrap());
        if request.path.starts_with("/api/v3/search") {
            let (posts, comments): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|item| is_post(item));
            let list = |items: Vec<&Item>| -> Vec<Value> {
                items.into_iter().take(20).map(|item| converted(&base, item)).collect()
            };
            let body = json!({ "type_": "All", "posts": list(posts), "comments": list(comments), "communities": [], "users": [] });
            return Answer::new(200, &[JSON], body.to_string());
        }
        let are_posts = request.path.starts_with("/api/v4/post/list?");
        assert!(are_posts || request.path.starts_with("/api/v4/comment/list?"), "{}", request.path);
        assert_eq!(param(request, "sort").as_deref(), Some("new"));
        assert_eq!(param(request, "search_term").as_deref(), Some("flood"));
        let mut items: Vec<&Item> = items.iter().filter(|item| is_post(item) == are_posts).collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.at));
        let start = match param(request, "page_cursor") {
            Some(cursor) => items.iter().position(|item| format!("c{}", item.n) == cursor).unwrap() + 1,
            None => 0,
        };
        let page: Vec<&Item> = items.iter().skip(start).take(50).copied().collect();
        let next = page.last().filter(|_| start + 50 < items.len()).map(|item| format!("c{}", item.n));
        let page: Vec<Value> = page.into_iter().map(|item| fourth(&base, item)).collect();
        let mut body = json!({ "items": page });
        if let Some(next) = next {
            body["next_page"] = json!(next);
        }
        Answer::new(200, &[JSON], body.to_string())
    }

    fn least(&self, new: usize) -> usize {
        new.div_ceil(50)
    }
}

#[test]
fn a_server_of_version_1_is_asked_by_its_lists() {
    let stage = Stage::new(Box::new(LemmyOne), 250);
    let (ran, requests) = stage.pull();
    assert!(ran.code == 0 && requests == 1 + 2 + 4, "{requests}: {}{}", ran.out, ran.err);
    stage.holds_all("at first");
    for (n, at) in [(251, None), (252, Some(7)), (253, None)] {
        stage.post(at.map_or_else(|| Item::new(n), |minutes| Item::late(n, minutes)));
        let (ran, requests) = stage.pull();
        assert!(ran.code == 0 && requests == 2, "{requests}: {}{}", ran.out, ran.err);
        stage.holds_all(&format!("then {n}"));
    }
}

#[test]
fn who_asked_too_much_of_version_0_19_goes_on_with_the_next_pull() {
    let stage = Stage::new(Box::new(Lemmy), 250);
    let refused = Answer::new(400, &[JSON], "{\"error\":\"rate_limit_error\"}");
    stage.faults([Fault::Pass, Fault::Answer(refused)]);
    let (ran, _) = stage.pull();
    assert!(ran.code == 2 && ran.out.contains("rate_limit_error"), "{}{}", ran.out, ran.err);
    let (ran, _) = stage.pull();
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    stage.holds_all("when it is asked again");
}
