//! Where an answer of the Data API leads.
//!
//! A search (100 units) leads to the videos that it found, whole (1 unit for 50: it cuts their descriptions itself), and to its next
//! page; behind its last one, some 500 videos deep, it is asked anew for what is older. A video that carries the tag leads to its
//! comments (1 unit for 100, newest first), a thread with more answers than it brings to those (1 unit for 100).
//!
//! A catch-up of a search asks for videos from ten minutes before the newest known, and for those together with the latest known,
//! 50 in all, how many comments they have: where there are more than when they were last read, they are read again down to ten
//! minutes before that. With nothing new it takes 101 units. A catch-up of one video reads its threads down to ten minutes before
//! the newest known. New answers in a thread that lies behind that are not seen.
//!
//! A video carries the tag if its title, description or labels hold it as a word, with `#` or without. Comments need not.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use super::live::{endpoint, stamp};
use super::{NAME, is_id};
use crate::exchange::{Exchange, Request};
use crate::model::{Skipped, When};
use crate::platform::live::{OVERLAP, known_until};
use crate::platform::scope::{ALL, NONE, WORD, narrow};
use crate::platform::{Page, ParseError};
use crate::text;

/// A search that ends behind so many videos may have been ended by YouTube.
const REACH: usize = 400;

/// Videos that are asked for at once: the most that there may be.
const VIDEOS: usize = 50;

/// Parameters of a search: not before, not behind.
pub(super) const AFTER: &str = "publishedAfter";
pub(super) const BEFORE: &str = "publishedBefore";

/// How threads below a video are asked for. Not as plain text: links and hashtags are marked in the other.
pub(super) const THREADS: [(&str, &str); 4] =
    [("part", "snippet,replies"), ("videoId", ""), ("order", "time"), ("maxResults", "100")];

/// The source names the video.
pub(super) const NAMED: &str = "named";
/// A video is asked for by its address, with its comments.
pub(super) const THREAD: &str = "thread";
/// The search to be made with what the answer says.
pub(super) const SEARCH: &str = "search";
/// Videos known (`ID.comments.when`, when they were read in seconds), or threads whose answers are (`ID.answers`).
const KNOWN: &str = "known";
/// Down to when threads are read.
const BOTTOM: &str = "bottom";
/// What stood on the page before: the videos, or the last thread.
const BEHIND: &str = "behind";
/// Videos that a search went through already.
const DEPTH: &str = "depth";
/// The first of the videos with which a video was found: one that a search shows twice is asked for twice, which is no circle.
const AMONG: &str = "among";
/// The second behind the oldest video so far.
const OLDEST: &str = "oldest";
/// A walk that is begun anew, since it could not go on.
const AGAIN: &str = "again";

/// Works out where an answer that was asked for here leads, and leaves out what does not belong to it.
pub(super) fn follow(exchange: &Exchange, answer: &Value, page: &mut Page) {
    let request = &exchange.request;
    let Some(endpoint) = endpoint(request) else { return };
    let is_search = request.mark(WORD).is_some_and(|word| !word.is_empty());
    match endpoint.as_str() {
        "channels" if is_search => channel(request, answer, page),
        "search" if is_search => found(exchange, answer, page),
        "videos" if is_search => videos(exchange, answer, page),
        "videos" if request.mark(THREAD).is_some() => {
            let ids: Vec<String> = page.posts.iter().filter_map(|found| found.post.id.clone()).collect();
            page.next.extend(ids.iter().map(|id| below(request, id)));
        }
        "commentThreads" => threads(exchange, answer, page),
        "comments" => page.next.extend(next_page(request, answer)),
        _ => {}
    }
}

/// Another request of the API, with the same credential, for the same time and without the same tags: what a video must carry, a
/// comment below it need not.
fn to(request: &Request, endpoint: &str, params: &[(&str, &str)]) -> Request {
    let Ok(mut url) = Url::parse(&request.url) else { return request.clone() };
    let base = url.path().rsplit_once('/').map_or("", |(base, _)| base).to_owned();
    url.set_path(&format!("{base}/{endpoint}"));
    url.query_pairs_mut().clear().extend_pairs(params);
    let (since, until) = request.window();
    let next = Request { url: url.into(), ..request.clone() }.with_window(since, until);
    let none = request.mark(NONE);
    next.with_mark(NONE, none.as_deref()).with_mark(WORD, none.as_ref().map(|_| ""))
}

fn below(request: &Request, video: &str) -> Request {
    to(request, "commentThreads", &THREADS.map(|(name, value)| (name, if value.is_empty() { video } else { value })))
}

fn answers(request: &Request, head: &str) -> Request {
    to(request, "comments", &[("part", "snippet"), ("parentId", head), ("maxResults", "100")])
}

fn next_page(request: &Request, answer: &Value) -> Option<Request> {
    let token = answer["nextPageToken"].as_str().filter(|token| !token.is_empty())?;
    Some(request.with_params(&[("pageToken", Some(token))]))
}

fn items(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["items"].as_array().into_iter().flatten()
}

fn instant(value: &Value) -> Option<DateTime<Utc>> {
    value.as_str()?.parse().ok().filter(|at| When::fits(*at))
}

/// The id of a channel leads to the search in it.
fn channel(request: &Request, answer: &Value, page: &mut Page) {
    let id = items(answer).find_map(|item| item["id"].as_str()).filter(|id| is_id(id));
    match (id, request.mark(SEARCH)) {
        (Some(id), Some(url)) => {
            page.next.push(Request { url, ..request.clone() }.with_params(&[("channelId", Some(id))]));
        }
        _ => page.stuck = Some("YouTube knows no channel of that handle".to_owned()),
    }
}

/// What a search found leads to the videos, and on.
fn found(exchange: &Exchange, answer: &Value, page: &mut Page) {
    let request = &exchange.request;
    let is_first = request.mark(DEPTH).is_none();
    let known = request.mark(KNOWN);
    let published = |item: &Value| instant(&item["snippet"]["publishedAt"]);
    let ids: Vec<&str> =
        items(answer).filter_map(|item| item["id"]["videoId"].as_str()).filter(|id| is_id(id)).collect();
    let (oldest, newest) = (items(answer).filter_map(published).min(), items(answer).filter_map(published).max());
    let behind = request.mark(BEHIND).unwrap_or_default();
    let is_new = |id: &&str| !behind.split(' ').any(|before| before == *id);
    let on = ids.join(" ");
    if !ids.is_empty() && !ids.iter().any(is_new) && answer["nextPageToken"].is_string() {
        page.stands_still();
        return;
    }
    // Of those known, the latest: they are looked at again together with what is new.
    let watched = known.iter().flat_map(|known| known.split(' ')).filter_map(|known| known.split('.').next());
    let mut looked_at: Vec<&str> = ids.iter().copied().filter(is_new).collect();
    looked_at.extend(watched.filter(|id| !ids.contains(id)));
    looked_at.truncate(VIDEOS);
    let later = newest.map(|newest| stamp(known_until(newest, exchange.fetched_at)));
    let later = later.map_or_else(|| request.clone(), |after| request.with_params(&[(AFTER, Some(&after))]));
    let depth = request.mark(DEPTH).and_then(|depth| depth.parse::<usize>().ok()).unwrap_or(0) + ids.len();
    if !looked_at.is_empty() {
        let next = to(request, "videos", &[("part", "snippet,statistics"), ("id", &looked_at.join(","))]);
        let next = [WORD, ALL].iter().fold(next, |next, mark| next.with_mark(mark, request.mark(mark).as_deref()));
        let search = later.with_mark(KNOWN, None).url;
        page.next.push(next.with_mark(KNOWN, known.as_deref()).with_mark(SEARCH, is_first.then_some(&search)));
    }
    let further = request.with_mark(KNOWN, None).with_mark(BEHIND, Some(&on));
    let further = further.with_mark(DEPTH, Some(&depth.to_string()));
    let further = match oldest {
        Some(oldest) => further.with_mark(OLDEST, Some(&stamp(oldest + TimeDelta::seconds(1)))),
        None => further,
    };
    match (next_page(&further, answer), oldest) {
        (Some(next), _) => page.next.push(next),
        (None, Some(oldest)) if depth >= REACH => {
            let before = stamp(oldest + TimeDelta::seconds(1));
            let older = further.with_params(&[("pageToken", None), (BEFORE, Some(&before))]);
            page.next.push(older.with_mark(DEPTH, Some("0")));
        }
        _ => {}
    }
    page.later = is_first.then_some(later);
}

/// Videos that carry the tag lead to their comments, if they have got some.
fn videos(exchange: &Exchange, answer: &Value, page: &mut Page) {
    let request = &exchange.request;
    let asked = request.param("id").unwrap_or_default();
    narrow(page, request);
    let known = request.mark(KNOWN).unwrap_or_default();
    let mut watched: Vec<String> = Vec::new();
    for post in page.posts.iter().map(|found| &found.post) {
        let Some(id) = post.id.as_deref() else { continue };
        let comments = post.metrics.replies.map_or_else(|| "none".to_owned(), |comments| comments.to_string());
        let before = known.split(' ').find(|known| known.split('.').next() == Some(id));
        let mut parts = before.into_iter().flat_map(|before| before.split('.').skip(1));
        let (had, read) = (parts.next(), parts.next().and_then(|read| read.parse().ok()));
        let read = read.and_then(|read| DateTime::from_timestamp(read, 0));
        let is_read = had == Some(comments.as_str());
        let now = if is_read { read } else { None }.unwrap_or(exchange.fetched_at);
        watched.push(format!("{id}.{comments}.{}", now.timestamp()));
        if !is_read && comments != "0" {
            let bottom = read.map(|read| stamp(read - OVERLAP));
            let next = below(request, id).with_mark(BOTTOM, bottom.as_deref());
            page.next.push(next.with_mark(AMONG, asked.split(',').next()));
        }
    }
    let is_given = |id: &str| items(answer).any(|item| item["id"] == id);
    page.skipped.extend(asked.split(',').filter(|id| !id.is_empty() && !is_given(id)).map(|id| Skipped {
        at: format!("video {id}"),
        reason: "was found, and is not given: deleted, private or blocked".to_owned(),
    }));
    if let Some(url) = request.mark(SEARCH) {
        let watched = Some(watched.join(" ")).filter(|watched| !watched.is_empty());
        page.later = Some(Request { url, ..request.clone() }.with_mark(KNOWN, watched.as_deref()));
    }
}

/// Threads lead to the answers that they do not bring, and to the page behind them.
fn threads(exchange: &Exchange, answer: &Value, page: &mut Page) {
    let request = &exchange.request;
    let heads: Vec<(&str, DateTime<Utc>, &Value)> = items(answer)
        .filter_map(|item| {
            let head = &item["snippet"]["topLevelComment"];
            Some((head["id"].as_str().filter(|id| is_id(id))?, instant(&head["snippet"]["publishedAt"])?, item))
        })
        .collect();
    let last = heads.last().map(|(id, ..)| *id);
    if last.is_some() && request.mark(BEHIND).as_deref() == last {
        page.came_again();
        return;
    }
    let known = request.mark(KNOWN).unwrap_or_default();
    let bottom = request.mark(BOTTOM).and_then(|bottom| bottom.parse().ok()).max(request.window().0);
    let is_above = |at: DateTime<Utc>, bottom: Option<DateTime<Utc>>| bottom.is_none_or(|bottom| at >= bottom);
    let mut unsaid: Vec<(String, DateTime<Utc>)> = Vec::new();
    for (head, at, item) in heads.iter().filter(|(_, at, _)| is_above(*at, bottom)) {
        let brought = item["replies"]["comments"].as_array().map_or(0, Vec::len) as u64;
        let Some(all) = item["snippet"]["totalReplyCount"].as_u64().filter(|all| *all > brought) else { continue };
        let name = format!("{head}.{all}");
        if !known.split(' ').any(|known| known == name) {
            page.next.push(answers(request, head));
        }
        unsaid.push((name, *at));
    }
    // The last decides: what its channel holds on to stands above all others, however old it is.
    if heads.last().is_none_or(|(_, at, _)| is_above(*at, bottom)) {
        page.next.extend(next_page(request, answer).map(|next| next.with_mark(BEHIND, last)));
    }
    if request.mark(NAMED).is_some() && request.param("pageToken").is_none() {
        let newest = heads.iter().map(|(_, at, _)| (*at).min(exchange.fetched_at)).max();
        let edge = newest.map(|newest| newest - OVERLAP).max(request.mark(BOTTOM).and_then(|at| at.parse().ok()));
        unsaid.retain(|(_, at)| is_above(*at, edge));
        let known: Vec<&str> = unsaid.iter().map(|(name, _)| name.as_str()).collect();
        let later = request.with_mark(AGAIN, None).with_mark(BOTTOM, edge.map(stamp).as_deref());
        page.later = Some(later.with_mark(KNOWN, Some(known.join(" ").as_str()).filter(|known| !known.is_empty())));
    }
}

/// A page instead of a refusal, where a video or a thread has no comments to give: that costs the others nothing. A walk whose
/// place the server has forgotten is begun anew, once.
pub(super) fn without(exchange: &Exchange, said: Option<&Value>) -> Option<Page> {
    let request = &exchange.request;
    let endpoint = endpoint(request)?;
    let is_walk = request.param("pageToken").is_some() && request.mark(AGAIN).is_none();
    let (reason, anew) = match (endpoint.as_str(), reason(said)) {
        ("commentThreads", "commentsDisabled") => ("has its comments switched off", None),
        ("commentThreads", "videoNotFound" | "commentThreadNotFound") | ("comments", "commentNotFound") => {
            ("is gone", None)
        }
        ("commentThreads" | "comments", "invalidPageToken" | "processingFailure") if is_walk => {
            let anew = request.with_params(&[("pageToken", None)]).with_mark(BEHIND, None);
            ("is read anew: YouTube has forgotten how far it was read", Some(anew.with_mark(AGAIN, Some("1"))))
        }
        ("search", "invalidPageToken") => {
            let before = request.mark(OLDEST)?;
            let anew = request.with_params(&[("pageToken", None), (BEFORE, Some(&before))]);
            let anew = anew.with_mark(OLDEST, None).with_mark(DEPTH, Some("0"));
            ("is searched anew: YouTube has forgotten how far the search had come", Some(anew))
        }
        _ => return None,
    };
    let what = ["videoId", "parentId", "id", "q"].iter().find_map(|name| request.param(name)).unwrap_or_default();
    let skipped = vec![Skipped { at: what, reason: reason.to_owned() }];
    Some(Page { shape: "comments", skipped, next: anew.into_iter().collect(), ..Page::default() })
}

fn reason(said: Option<&Value>) -> &str {
    said.and_then(|said| said["error"]["errors"][0]["reason"].as_str()).unwrap_or_default()
}

/// What the server says instead of an answer.
pub(super) fn refused(status: u16, said: Option<&Value>) -> ParseError {
    let message = said.and_then(|said| said["error"]["message"].as_str()).unwrap_or("no reason given");
    // It is written for a page.
    let message: String = text::from_fragment(message).text.chars().take(200).collect();
    let is_no_key = message.starts_with("API key not valid");
    match reason(said) {
        "quotaExceeded"
        | "rateLimitExceeded"
        | "dailyLimitExceeded"
        | "userRateLimitExceeded"
        | "accessNotConfigured" => ParseError::Closed { platform: NAME, status, message },
        _ if is_no_key => ParseError::Closed { platform: NAME, status, message },
        _ => ParseError::Refused { platform: NAME, status, message },
    }
}
