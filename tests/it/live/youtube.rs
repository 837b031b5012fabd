//! The Data API of YouTube: comments of a video by pages of 100, answers of a thread; a search that goes back 500 videos and
//! includes both bounds, its videos, a channel by its handle.

use serde_json::{Value, json};

use super::stage::{Fault, Stage};
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

/// A thread without answers in it, of which there are so many.
fn thread(item: &Item, video: &str, answers: usize) -> Value {
    json!({
        "kind": "youtube#commentThread", "id": format!("Ugx{:08}", item.n),
        "snippet": { "videoId": video, "topLevelComment": comment(item, None), "canReply": true, "totalReplyCount": answers, "isPublic": true },
    })
}

fn refusal(status: u16, reason: &str, message: &str) -> Answer {
    let error = json!({ "code": status, "message": message, "errors": [{ "message": message, "domain": "youtube", "reason": reason }] });
    Answer::new(status, &[JSON], json!({ "error": error }).to_string())
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
            "/youtube/v3/commentThreads" if param(request, "id").is_some() => {
                let id = param(request, "id").unwrap();
                let of_id = items.iter().filter(|item| id == format!("Ugx{:08}", item.n));
                list("commentThreadListResponse", of_id.map(|item| thread(item, VIDEO, 0)).collect(), None)
            }
            "/youtube/v3/commentThreads" => {
                assert_eq!(param(request, "order").as_deref(), Some("time"));
                let threads = page.iter().map(|item| thread(item, VIDEO, 0));
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

/// A search. Items from 1000 on are comments, below the video of their thousands; the others are videos. Every
/// tenth video has its comments switched off, every seventh does not carry the tag.
struct Search;

fn video_id(n: u64) -> String {
    format!("video{n:06}")
}

impl Search {
    fn videos(items: &[Item]) -> Vec<Item> {
        let mut videos: Vec<Item> = items.iter().copied().filter(|item| item.n < 1000).collect();
        videos.sort_by_key(|item| std::cmp::Reverse(item.at));
        videos
    }

    /// The comments below a video, newest first.
    fn below(items: &[Item], video: u64) -> Vec<Item> {
        let mut below: Vec<Item> =
            items.iter().copied().filter(|item| item.n >= 1000 && item.n / 1000 == video).collect();
        below.sort_by_key(|item| std::cmp::Reverse(item.at));
        below
    }
}

impl World for Search {
    fn platform(&self) -> &'static str {
        "youtube"
    }

    fn source(&self, _: &str) -> String {
        "youtube:@harbournews".to_owned()
    }

    fn config(&self) -> String {
        YouTube.config()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        YouTube.secrets()
    }

    fn answer(&self, request: &Received, items: &[Item], _: bool) -> Answer {
        let time = |name: &str| param(request, name).map(|at| at.parse::<chrono::DateTime<chrono::Utc>>().unwrap());
        let start: usize = param(request, "pageToken").map_or(0, |token| token.parse().unwrap());
        match request.path.split('?').next().unwrap() {
            "/youtube/v3/channels" => {
                assert_eq!(param(request, "forHandle").as_deref(), Some("@harbournews"));
                list(
                    "channelListResponse",
                    vec![json!({ "kind": "youtube#channel", "id": "UCaaaaaaaaaaaaaaaaaaaaaa" })],
                    None,
                )
            }
            "/youtube/v3/search" => {
                assert_eq!(param(request, "channelId").as_deref(), Some("UCaaaaaaaaaaaaaaaaaaaaaa"));
                assert_eq!(
                    (param(request, "q").as_deref(), param(request, "order").as_deref()),
                    (Some("#flood"), Some("date"))
                );
                let (after, before) = (time("publishedAfter"), time("publishedBefore"));
                let mut found = Search::videos(items);
                found.retain(|item| {
                    after.is_none_or(|after| item.at >= after) && before.is_none_or(|before| item.at <= before)
                });
                found.truncate(500);
                let page: Vec<Value> = found.iter().skip(start).take(50).map(|item| {
                    json!({ "kind": "youtube#searchResult", "id": { "kind": "youtube#video", "videoId": video_id(item.n) },
                            "snippet": { "publishedAt": item.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true), "title": "cut" } })
                }).collect();
                let end = start + page.len();
                list("searchListResponse", page, (end < found.len()).then(|| end.to_string()))
            }
            "/youtube/v3/videos" => {
                let ids = param(request, "id").unwrap();
                assert!(ids.split(',').count() <= 50, "{ids}");
                let videos = items.iter().filter(|item| item.n < 1000 && ids.contains(&video_id(item.n))).map(|item| {
                    let title = if item.n.is_multiple_of(7) { "Something else".to_owned() } else { item.text() };
                    let mut statistics = json!({ "viewCount": "8" });
                    if !item.n.is_multiple_of(10) {
                        statistics["commentCount"] = Search::below(items, item.n).len().to_string().into();
                    }
                    json!({ "kind": "youtube#video", "id": video_id(item.n), "statistics": statistics, "snippet": {
                        "title": title, "description": "As seen.", "channelId": "UCaaaaaaaaaaaaaaaaaaaaaa", "channelTitle": "Harbour News",
                        "publishedAt": item.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                    } })
                });
                list("videoListResponse", videos.collect(), None)
            }
            "/youtube/v3/commentThreads" => {
                let video = param(request, "videoId").unwrap();
                let n: u64 = video.trim_start_matches("video").parse().unwrap();
                if n.is_multiple_of(10) {
                    return refusal(403, "commentsDisabled", "The video has <code>disabled</code> comments.");
                }
                let below = Search::below(items, n);
                let page: Vec<Value> = below.iter().skip(start).take(100).map(|item| thread(item, &video, 0)).collect();
                let end = start + page.len();
                list("commentThreadListResponse", page, (end < below.len()).then(|| end.to_string()))
            }
            path => panic!("{path}"),
        }
    }

    fn least(&self, _: usize) -> usize {
        2
    }
}

/// What the search world should have given: that of videos that carry the tag, and below them.
fn holds(stage: &Stage, videos: impl Iterator<Item = u64>, comments: &[u64], when: &str) {
    let mut expected: Vec<String> = videos.filter(|n| !n.is_multiple_of(7)).map(|n| Item::new(n).text()).collect();
    expected.extend(comments.iter().map(|n| Item::new(*n).text()));
    let mut found: Vec<String> = stage
        .desk
        .posts()
        .iter()
        .map(|post| post["text"].as_str().unwrap().split("\n\n").next().unwrap().to_owned())
        .collect();
    expected.sort();
    found.sort();
    assert!(expected == found, "{when}: expected {expected:?}\nfound {found:?}");
}

#[test]
fn a_search_leads_to_videos_and_their_comments_and_sees_new_ones_below_those_known() {
    let stage = Stage::new(Box::new(Search), 12);
    for n in [1000, 1001, 3000] {
        stage.post(Item::new(n));
    }
    let (ran, requests) = stage.run(&["pull", "--json"], &[]);
    // The channel, the search, the videos, comments of 1 and 3, and of 10, which gives none.
    assert!(ran.code == 0 && requests == 6, "{requests}: {}{}", ran.out, ran.err);
    holds(&stage, 1..=12, &[1000, 1001, 3000], "first");
    let report = &ran.json()[0];
    assert_eq!(report["units"], 105, "{report}");
    let skipped = report["skipped"].to_string();
    assert!(
        skipped.contains("has its comments switched off") && skipped.contains("does not carry the tag"),
        "{skipped}"
    );

    let (ran, requests) = stage.pull();
    assert!(ran.code == 0 && requests == 2, "nothing new, {requests}: {}{}", ran.out, ran.err);
    stage.post(Item::new(1002));
    let (ran, requests) = stage.pull();
    assert!(ran.code == 0 && requests == 3, "a comment, {requests}: {}{}", ran.out, ran.err);
    holds(&stage, 1..=12, &[1000, 1001, 1002, 3000], "a comment below an old video");
    stage.post(Item::new(13));
    let (ran, requests) = stage.pull();
    assert!(ran.code == 0 && requests == 2, "a video, {requests}: {}{}", ran.out, ran.err);
    holds(&stage, 1..=13, &[1000, 1001, 1002, 3000], "a new video");
}

#[test]
fn a_search_goes_on_where_it_ends_after_500_videos() {
    let stage = Stage::new(Box::new(Search), 730);
    let (ran, requests) = stage.pull();
    assert_eq!(ran.code, 0, "{requests}: {}{}", ran.out, ran.err);
    holds(&stage, 1..=730, &[], "all");
}

#[test]
fn a_quota_that_is_used_up_stops_the_source_at_once_and_costs_nothing() {
    let stage = Stage::new(Box::new(Search), 12);
    for n in [1000, 2000, 3000, 4000] {
        stage.post(Item::new(n));
    }
    let spent = refusal(
        403,
        "quotaExceeded",
        "You have exceeded your <a href=\"/youtube/v3/getting-started#quota\">quota</a>.",
    );
    let pass = || Fault::Pass;
    stage.faults([pass(), pass(), pass()].into_iter().chain(std::iter::repeat_n(Fault::Answer(spent), 9)));
    let (ran, requests) = stage.pull();
    assert!(ran.code == 2 && requests == 4, "{requests}: {}{}", ran.out, ran.err);
    assert!(ran.out.contains("403: You have exceeded your quota."), "{}", ran.out);
    stage.faults([]);
    let (ran, _) = stage.pull();
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    holds(&stage, 1..=12, &[1000, 2000, 3000, 4000], "the day after");
}

#[test]
fn a_walk_whose_place_is_forgotten_is_begun_anew() {
    let stage = Stage::new(Box::new(YouTube), 250);
    stage.faults([Fault::Pass, Fault::Answer(refusal(400, "processingFailure", "The API server failed."))]);
    stage.pull();
    let (ran, _) = stage.pull();
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    stage.holds_all("anew");
}

/// A video whose threads have more answers than they bring.
struct Answered;

impl World for Answered {
    fn platform(&self) -> &'static str {
        "youtube"
    }

    fn source(&self, server: &str) -> String {
        YouTube.source(server)
    }

    fn config(&self) -> String {
        YouTube.config()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        YouTube.secrets()
    }

    fn answer(&self, request: &Received, items: &[Item], _: bool) -> Answer {
        match request.path.split('?').next().unwrap() {
            "/youtube/v3/commentThreads" => {
                list("commentThreadListResponse", vec![thread(&items[0], VIDEO, items.len() - 1)], None)
            }
            "/youtube/v3/comments" => {
                assert_eq!(param(request, "parentId").as_deref(), Some("Ugx00000001"));
                let start: usize = param(request, "pageToken").map_or(1, |token| token.parse().unwrap());
                let page: Vec<Value> =
                    items.iter().skip(start).take(100).map(|item| comment(item, Some("Ugx00000001"))).collect();
                let end = start + page.len();
                list("commentListResponse", page, (end < items.len()).then(|| end.to_string()))
            }
            path => panic!("{path}"),
        }
    }

    fn least(&self, _: usize) -> usize {
        1
    }
}

#[test]
fn answers_are_read_when_there_are_more() {
    let stage = Stage::new(Box::new(Answered), 130);
    for (new, wanted) in [(130, 3), (0, 1), (1, 3), (0, 1)] {
        if new == 1 {
            stage.post(Item::new(131));
        }
        let (ran, requests) = stage.pull();
        assert!(ran.code == 0 && requests == wanted, "{new} new, {requests}: {}{}", ran.out, ran.err);
        stage.holds_all("answers");
    }
}
