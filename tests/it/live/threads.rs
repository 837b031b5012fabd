//! The Threads API's search for a topic: pages of 100 by cursors, bounds of time in seconds, the token also in what it answers.

use serde_json::{Value, json};

use super::stage::Stage;
use super::{Item, World, param};
use crate::support::{Answer, Received};

pub struct Threads;

const JSON: (&str, &str) = ("content-type", "application/json; charset=UTF-8");
const TOKEN: &str = "planted-THAA-token-577215";

impl World for Threads {
    fn platform(&self) -> &'static str {
        "threads"
    }

    fn source(&self, _: &str) -> String {
        "threads".to_owned()
    }

    fn config(&self) -> String {
        "[credential.threads]\ntoken_env = \"WORLD_THREADS\"\n".to_owned()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("WORLD_THREADS", TOKEN)]
    }

    fn answer(&self, request: &Received, items: &[Item], empty_last: bool) -> Answer {
        if let Some(code) = request.path.strip_prefix("/@ada.moss/post/") {
            return page(items.iter().find(|item| code_of(item) == code));
        }
        if !request.path.starts_with("/v1.0/keyword_search") {
            return Answer::new(200, &[JSON], "{\"id\":\"1\"}");
        }
        assert_eq!(param(request, "search_mode").as_deref(), Some("TAG"));
        let bound = |name: &str| param(request, name).map(|seconds| seconds.parse::<i64>().unwrap());
        let (since, until) = (bound("since"), bound("until"));
        // <https://developers.facebook.com/docs/threads/reference/media-retrieval>: what else is refused.
        assert!(since.is_none_or(|since| since >= 1_688_540_400 && until.is_none_or(|until| since < until)));
        assert!(until.is_none_or(|until| until <= chrono::Utc::now().timestamp()));
        let mut items: Vec<&Item> = items.iter().collect();
        items.retain(|item| since.is_none_or(|since| item.at.timestamp() >= since));
        items.retain(|item| until.is_none_or(|until| item.at.timestamp() <= until));
        items.sort_by_key(|item| std::cmp::Reverse(item.at));
        let start: usize = param(request, "after").map_or(0, |after| after.parse().unwrap());
        let limit: usize = param(request, "limit").unwrap().parse::<usize>().unwrap().min(100);
        let shown: Vec<&Item> = items.iter().skip(start).take(limit).copied().collect();
        let data: Vec<Value> = shown
            .iter()
            .map(|item| {
                let code = code_of(item);
                json!({
                    "id": (17_000_000_000_000_000 + item.n).to_string(), "media_type": "TEXT_POST", "username": "ada.moss",
                    "permalink": format!("https://www.threads.com/@ada.moss/post/{code}"), "shortcode": code, "text": item.text(),
                    "timestamp": item.at.format("%Y-%m-%dT%H:%M:%S+0000").to_string(), "is_reply": false, "is_quote_post": false,
                    "topic_tag": "flood",
                })
            })
            .collect();
        let mut body = json!({ "data": data });
        let end = start + shown.len();
        if !shown.is_empty() && (end < items.len() || empty_last) {
            body["paging"] = json!({
                "cursors": { "before": "0", "after": end.to_string() },
                "next": format!("https://graph.threads.net/v1.0/keyword_search?q=flood&after={end}&access_token={TOKEN}"),
            });
        }
        Answer::new(200, &[JSON], body.to_string())
    }

    fn least(&self, new: usize) -> usize {
        new.div_ceil(100).max(1)
    }

    fn address(&self, _: &str, item: &Item) -> Option<String> {
        Some(format!("https://www.threads.com/@ada.moss/post/{}", code_of(item)))
    }

    fn expired(&self) -> Option<Answer> {
        let error = json!({ "error": { "message": "Error validating access token: Session has expired", "type": "OAuthException", "code": 190 } });
        Some(Answer::new(401, &[JSON], error.to_string()))
    }
}

fn code_of(item: &Item) -> String {
    format!("C{:09}", item.n)
}

/// The page of a post, with what the web client is given in a script.
fn page(item: Option<&Item>) -> Answer {
    let Some(item) = item else { return Answer::new(404, &[("content-type", "text/html")], "<title>Threads</title>") };
    let post = json!({
        "pk": item.n.to_string(), "code": code_of(item), "taken_at": item.at.timestamp(),
        "user": { "username": "ada.moss", "pk": "63000000123" }, "caption": { "text": item.text() },
        "text_post_app_info": { "is_reply": false },
    });
    let data = json!({ "require": [["x", { "data": { "data": { "edges": [{ "node": { "thread_items": [{ "post": post }] } }] } } }]] });
    let body =
        format!("<!DOCTYPE html><html><body><script type=\"application/json\" data-sjs>{data}</script></body></html>");
    Answer::new(200, &[("content-type", "text/html; charset=utf-8")], body)
}

#[test]
fn a_job_has_a_window() {
    let job = |until: &'static str| {
        move |world: &dyn World, _: &str| {
            let keys = format!("since = \"2026-07-26T09:00:00Z\"\nuntil = {until:?}");
            format!(
                "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [\"threads\"]\n{keys}\n{}",
                world.config()
            )
        }
    };
    for (until, first, count) in [("2026-07-26T11:00:00Z", 3, 120), ("2999-01-01", 2, 191)] {
        let stage = Stage::with_job(Box::new(Threads), 250, job(until));
        for (pull, wanted) in [("first", first), ("second", 1)] {
            let (ran, requests) = stage.pull();
            assert!(ran.code == 0 && requests == wanted, "{until}, {pull}: {requests}\n{}{}", ran.out, ran.err);
            let found = stage.desk.run(&["search", "--json", "--limit", "1000"]).ok().json().len();
            assert_eq!(found, count, "{until}, {pull}");
        }
    }
}
