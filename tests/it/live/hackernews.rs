//! Algolia's index of Hacker News: up to 1,000 hits, newest first, bounds of time in `numericFilters`; single items of Firebase.

use serde_json::{Value, json};

use super::{Item, World, param};
use crate::support::{Answer, Received};

pub struct HackerNews;

const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

fn number(item: &Item) -> u64 {
    48_000_000 + item.n
}

fn hit(item: &Item) -> Value {
    json!({
        "objectID": number(item).to_string(), "created_at_i": item.at.timestamp(), "created_at": item.at.to_rfc3339(),
        "author": "marshwren", "comment_text": format!("<p>{}</p>", item.text()), "story_id": 48_000_000,
        "parent_id": 48_000_000, "story_title": "The flood", "_tags": ["comment", "author_marshwren", "story_48000000"],
    })
}

impl World for HackerNews {
    fn platform(&self) -> &'static str {
        "hackernews"
    }

    fn source(&self, _: &str) -> String {
        "hackernews".to_owned()
    }

    fn answer(&self, request: &Received, items: &[Item], _: bool) -> Answer {
        if let Some(id) = request.path.strip_prefix("/v0/item/").and_then(|rest| rest.strip_suffix(".json")) {
            let found = items.iter().find(|item| number(item).to_string() == id);
            let item = found.map(|item| {
                json!({
                    "id": number(item), "type": "comment", "by": "marshwren", "time": item.at.timestamp(),
                    "parent": 48_000_000, "text": item.text(),
                })
            });
            return Answer::new(200, &[JSON], item.unwrap_or(Value::Null).to_string());
        }
        if let Some(id) = request.path.strip_prefix("/api/v1/items/") {
            let child = |item: &Item| {
                json!({
                    "id": number(item), "type": "comment", "author": "marshwren", "created_at_i": item.at.timestamp(),
                    "parent_id": 48_000_000, "text": item.text(), "children": [],
                })
            };
            let of_id = items.iter().find(|item| number(item).to_string() == id);
            let tree = of_id.map_or_else(|| json!({ "id": 1, "type": "story", "author": "pg", "title": "Y", "created_at_i": 1_160_418_111, "children": [] }), child);
            return Answer::new(200, &[JSON], tree.to_string());
        }
        assert_eq!(param(request, "query").as_deref(), Some("\"flood\""));
        let filters = param(request, "numericFilters").unwrap_or_default();
        let fits = |item: &&Item| {
            let at = item.at.timestamp();
            filters.split(',').filter(|filter| !filter.is_empty()).all(|filter| {
                let rest = filter.strip_prefix("created_at_i").unwrap();
                let bound: i64 = rest.trim_start_matches(['<', '>', '=']).parse().unwrap();
                match rest.trim_end_matches(|c: char| c.is_ascii_digit()) {
                    "<" => at < bound,
                    "<=" => at <= bound,
                    ">=" => at >= bound,
                    sign => panic!("{sign}"),
                }
            })
        };
        let mut found: Vec<&Item> = items.iter().filter(fits).collect();
        found.sort_by_key(|item| std::cmp::Reverse(item.at));
        let limit: usize = param(request, "hitsPerPage").unwrap().parse().unwrap();
        let hits: Vec<Value> = found.iter().take(limit.min(1000)).map(|item| hit(item)).collect();
        let body = json!({ "hits": hits, "nbHits": found.len(), "page": 0, "nbPages": 1, "hitsPerPage": limit });
        Answer::new(200, &[JSON], body.to_string())
    }

    fn least(&self, new: usize) -> usize {
        new.div_ceil(1000).max(1)
    }

    fn address(&self, _: &str, item: &Item) -> Option<String> {
        Some(format!("https://news.ycombinator.com/item?id={}", number(item)))
    }
}

#[test]
fn more_hits_than_a_query_has_are_found_by_time() {
    let stage = super::stage::Stage::new(Box::new(HackerNews), 2500);
    let (ran, requests) = stage.pull();
    assert!(ran.code == 0 && requests == 3, "{requests}: {}{}", ran.out, ran.err);
    stage.holds_all("in three answers");
}
