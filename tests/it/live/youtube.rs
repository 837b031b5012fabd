//! The Data API of YouTube: comments of a video by pages of 100, answers of a thread, a search and its videos.

use serde_json::{Value, json};

use super::stage::Stage;
use super::{Item, World, param};
use crate::support::{Answer, Received};

pub struct YouTube;

const JSON: (&str, &str) = ("content-type", "application/json; charset=UTF-8");
const VIDEO: &str = "dQw4w9WgXcQ";

fn comment(item: &Item, parent: Option<&str>) -> Value {
    let at = item.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let mut comment = json!({
        "kind": "youtube#comment", "id": format!("Ugx{:08}", item.n),
        "snippet": {
            "videoId": VIDEO, "textOriginal": item.text(), "textDisplay": item.text(), "authorDisplayName": "@bela.k",
            "authorChannelId": { "value": "UCaaaaaaaaaaaaaaaaaaaaaa" }, "likeCount": 1, "publishedAt": at, "updatedAt": at,
        },
    });
    if let Some(parent) = parent {
        comment["snippet"]["parentId"] = parent.into();
        comment["id"] = format!("{parent}.r{:08}", item.n).into();
    }
    comment
}

fn list(kind: &str, items: Vec<Value>, next: Option<String>) -> Answer {
    let mut body = json!({ "kind": format!("youtube#{kind}"), "etag": "x", "items": items });
    if let Some(next) = next {
        body["nextPageToken"] = next.into();
    }
    Answer::new(200, &[JSON], body.to_string())
}

impl World for YouTube {
    fn platform(&self) -> &'static str {
        "youtube"
    }

    fn source(&self, _: &str) -> String {
        format!("youtube:{VIDEO}")
    }

    fn config(&self) -> String {
        "[credential.youtube]\ntoken_env = \"WORLD_YOUTUBE\"\n".to_owned()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("WORLD_YOUTUBE", "planted-AIza-key-2236067")]
    }

    fn answer(&self, request: &Received, items: &[Item], empty_last: bool) -> Answer {
        if request.header("x-goog-api-key") != Some("planted-AIza-key-2236067") {
            let error = json!({ "error": { "code": 403, "message": "Requests without a key.", "errors": [{ "reason": "forbidden" }] } });
            return Answer::new(403, &[JSON], error.to_string());
        }
        let mut items: Vec<&Item> = items.iter().collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.at));
        let path = request.path.split('?').next().unwrap();
        let start: usize = param(request, "pageToken").map_or(0, |token| token.parse().unwrap());
        let page: Vec<&Item> = items.iter().skip(start).take(100).copied().collect();
        let end = start + page.len();
        let next = (end < items.len() || (empty_last && !page.is_empty())).then(|| end.to_string());
        match path {
            "/youtube/v3/commentThreads" => {
                let threads = page.iter().map(|item| {
                    json!({
                        "kind": "youtube#commentThread", "id": format!("Ugx{:08}", item.n),
                        "snippet": { "videoId": VIDEO, "topLevelComment": comment(item, None), "totalReplyCount": 0 },
                    })
                });
                list("commentThreadListResponse", threads.collect(), next)
            }
            "/youtube/v3/comments" => {
                let id = param(request, "id").unwrap_or_default();
                let of_id = items.iter().filter(|item| id == format!("Ugx{:08}", item.n));
                list("commentListResponse", of_id.map(|item| comment(item, None)).collect(), None)
            }
            "/youtube/v3/videos" => {
                let video = json!({ "kind": "youtube#video", "id": VIDEO, "statistics": { "commentCount": items.len().to_string() } });
                list("videoListResponse", vec![video], None)
            }
            _ => list("i18nRegionListResponse", Vec::new(), None),
        }
    }

    fn least(&self, new: usize) -> usize {
        new.div_ceil(100).max(1)
    }

    fn expired(&self) -> Option<Answer> {
        let error = json!({ "error": {
            "code": 403, "message": "The request cannot be completed because you have exceeded your quota.",
            "errors": [{ "domain": "youtube.quota", "reason": "quotaExceeded" }],
        } });
        Some(Answer::new(403, &[JSON], error.to_string()))
    }

    fn address(&self, _: &str, item: &Item) -> Option<String> {
        Some(format!("https://www.youtube.com/watch?v={VIDEO}&lc=Ugx{:08}", item.n))
    }
}

/// A search with two videos that carry the tag, one of which has its comments switched off, and one that does not.
struct Search;

impl World for Search {
    fn platform(&self) -> &'static str {
        "youtube"
    }

    fn source(&self, _: &str) -> String {
        "youtube".to_owned()
    }

    fn config(&self) -> String {
        YouTube.config()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        YouTube.secrets()
    }

    fn answer(&self, request: &Received, items: &[Item], _: bool) -> Answer {
        let ids = ["aaaaaaaaaaa", "bbbbbbbbbbb", "ccccccccccc"];
        match request.path.split('?').next().unwrap() {
            "/youtube/v3/search" if param(request, "publishedAfter").is_some() => {
                list("searchListResponse", Vec::new(), None)
            }
            "/youtube/v3/search" => {
                let found = ids
                    .iter()
                    .map(|id| json!({ "id": { "videoId": id }, "snippet": { "publishedAt": "2026-07-26T08:00:00Z" } }));
                list("searchListResponse", found.collect(), None)
            }
            "/youtube/v3/videos" => {
                let words = [("The #flood", ""), ("Nothing", "of it"), ("Water", "tagged #Flood at the end")];
                let videos = ids.iter().zip(words).map(|(id, (title, description))| {
                    json!({ "kind": "youtube#video", "id": id, "snippet": { "title": title, "description": description }, "statistics": { "commentCount": "3" } })
                });
                list("videoListResponse", videos.collect(), None)
            }
            "/youtube/v3/commentThreads" if param(request, "videoId").as_deref() == Some("ccccccccccc") => {
                let error = json!({ "error": { "code": 403, "message": "Disabled.", "errors": [{ "reason": "commentsDisabled" }] } });
                Answer::new(403, &[JSON], error.to_string())
            }
            "/youtube/v3/commentThreads" => {
                assert_eq!(param(request, "videoId").as_deref(), Some("aaaaaaaaaaa"));
                let thread = json!({
                    "kind": "youtube#commentThread", "id": "Ugx00000001",
                    "snippet": { "videoId": "aaaaaaaaaaa", "topLevelComment": comment(&items[0], None), "totalReplyCount": items.len() - 1 },
                });
                list("commentThreadListResponse", vec![thread], None)
            }
            "/youtube/v3/comments" => {
                assert_eq!(param(request, "parentId").as_deref(), Some("Ugx00000001"));
                list(
                    "commentListResponse",
                    items[1..].iter().map(|item| comment(item, Some("Ugx00000001"))).collect(),
                    None,
                )
            }
            path => panic!("{path}"),
        }
    }

    fn least(&self, _: usize) -> usize {
        1
    }
}

#[test]
fn a_search_leads_to_the_comments_of_the_videos_that_carry_the_tag() {
    let stage = Stage::new(Box::new(Search), 8);
    let (ran, requests) = stage.run(&["pull", "--json"], &[]);
    assert!(ran.code == 0 && requests == 5, "{requests}: {}{}", ran.out, ran.err);
    stage.holds_all("a search");
    let report = &ran.json()[0];
    assert_eq!(report["units"], 104, "{report}");
    let skipped = report["skipped"].to_string();
    assert!(
        skipped.contains("comments are switched off") && skipped.contains("bbbbbbbbbbb does not carry"),
        "{skipped}"
    );
    let (ran, requests) = stage.pull();
    assert!(ran.code == 0 && requests == 1, "{requests}: {}{}", ran.out, ran.err);
}
