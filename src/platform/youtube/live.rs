//! Comments through the Data API v3: <https://developers.google.com/youtube/v3/docs>. Those of one video, if the source names one;
//! else those of the videos that a search for the hashtag finds.
//!
//! A search (100 units of the quota) leads to the videos themselves (1 unit for 50), since it cuts their descriptions; a video that
//! carries the tag in title, description or labels leads to its comments (1 unit for 100), and a thread with more answers
//! than it brings to those (1 unit). Comments of one video come newest first: a catch-up ends ten minutes behind the newest known. A
//! catch-up of a search finds videos that were published since; new comments below older ones are seen only
//! where the source names the video. Left out: the videos' own words.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use super::{NAME, is_id, post_at};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::Skipped;
use crate::platform::words::holds;
use crate::platform::{Count, Counted, Guide, Live, Page, ParseError, Price, Query, Source, SourceError};

/// How YouTube is asked.
pub(super) const LIVE: Live = Live {
    first,
    together: None,
    session: None,
    authorize: None,
    token: TokenPlace::Header("x-goog-api-key"),
    needs_credential: true,
    check: |source| ask(source, "i18nRegions", &[("part", "snippet")]),
    stream: None,
    count: Some(Count { first: count, read: counted }),
    price: Some(Price { units: "quota units", of_request: units, of_post: 0, worst: units, dollars: 0.0 }),
    rate: (10_000, 86_400),
    per_request: 100,
    guide: Guide {
        access: "a project at console.cloud.google.com with YouTube Data API v3 switched on, and an API key that is restricted to it",
        scope: "an API key; no account's rights are used",
        cost: "free: 10,000 quota units a day, of which a search takes 100, everything else 1",
        limits: "100 comments a page; a search finds some 500 videos",
        missing: "new comments below videos that a search found before, unless the source names the video (youtube:VIDEO); new \
                  answers in old threads; texts of edits; the videos' own words",
        example: "sources = [\"youtube:dQw4w9WgXcQ\"]\n\n[credential.youtube]\ntoken_env = \"PULLQUOTE_YOUTUBE_KEY\"\n",
    },
};

const API: &str = "https://www.googleapis.com";

/// How far a catch-up looks back behind the newest.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// Marks: the tag; what is known already; the last comment of the page before.
const TAG: &str = "tag";
const KNOWN: &str = "known";
const BEHIND: &str = "behind";

/// Units of the quota that a request takes: <https://developers.google.com/youtube/v3/determine_quota_cost>.
fn units(request: &Request) -> u64 {
    if endpoint(request).as_deref() == Some("search") { 100 } else { 1 }
}

/// What of the API a request asks; `None` if nothing.
fn endpoint(request: &Request) -> Option<String> {
    let url = Url::parse(&request.url).ok().filter(Url::has_host)?;
    url.path().strip_prefix("/youtube/v3/").map(str::to_owned)
}

fn ask(source: &Source, endpoint: &str, params: &[(&str, &str)]) -> Result<Request, SourceError> {
    let request = source.get(&source.base_of(NAME, API)?, &["youtube", "v3", endpoint], params);
    Ok(Request { auth: Some(source.credential.clone().unwrap_or_else(|| NAME.to_owned())), ..request })
}

/// The video or the channel that a source names.
enum Place<'a> {
    Video(&'a str),
    Channel(&'a str),
    Everywhere,
}

fn place(source: &Source) -> Result<Place<'_>, SourceError> {
    match source.place.as_deref() {
        None => Ok(Place::Everywhere),
        Some(place) if place.len() == 11 && is_id(place) => Ok(Place::Video(place)),
        Some(place) if place.len() == 24 && place.starts_with("UC") && is_id(place) => Ok(Place::Channel(place)),
        Some(place) => Err(SourceError(format!(
            "{place:?} is neither the id of a video (11 signs, behind v=) nor of a channel (UC and 22 signs)"
        ))),
    }
}

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let request = match place(source)? {
        Place::Video(video) => comments(source, video)?,
        other => search(query, source, &other)?,
    };
    Ok(query.mark(&request).with_mark(TAG, Some(query.first_tag())))
}

fn comments(source: &Source, video: &str) -> Result<Request, SourceError> {
    let params = [("part", "snippet,replies"), ("videoId", video), ("order", "time"), ("maxResults", "100")];
    ask(source, "commentThreads", &params)
}

fn search(query: &Query, source: &Source, place: &Place<'_>) -> Result<Request, SourceError> {
    let tag = format!("#{}", query.first_tag());
    let mut params =
        vec![("part", "snippet"), ("type", "video"), ("order", "date"), ("maxResults", "50"), ("q", tag.as_str())];
    if let Place::Channel(channel) = place {
        params.push(("channelId", channel));
    }
    let (since, until) = (query.since.map(stamp), query.until.map(stamp));
    params.extend(since.iter().map(|since| ("publishedAfter", since.as_str())));
    params.extend(until.iter().map(|until| ("publishedBefore", until.as_str())));
    ask(source, "search", &params)
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn count(query: &Query, source: &Source) -> Result<Request, SourceError> {
    match place(source)? {
        Place::Video(video) => ask(source, "videos", &[("part", "statistics"), ("id", video)]),
        other => search(query, source, &other),
    }
}

fn counted(exchange: &Exchange) -> Result<Counted, ParseError> {
    let status = exchange.response.status;
    let body: Value = serde_json::from_slice(&exchange.body()?).unwrap_or_default();
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    if let Some(comments) = number(&body["items"][0]["statistics"]["commentCount"]) {
        return Ok(Counted {
            posts: comments,
            caveat: "with answers, and with what is held for review",
            ..Counted::default()
        });
    }
    let videos = number(&body["pageInfo"]["totalResults"]).filter(|_| status < 400).ok_or_else(|| {
        let message = body["error"]["message"].as_str().unwrap_or("the answer does not count").to_owned();
        ParseError::Refused { platform: NAME, status, message }
    })?;
    let caveat = "counted are videos, and YouTube guesses; counting took 100 units";
    Ok(Counted { posts: videos, requests: Some(videos.div_ceil(50) * 2 + videos), caveat, next: None })
}

/// The comment that an address names, else the comments of the video.
pub(super) fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let post = post_at(url)?;
    if source.credential.is_none() {
        return Some(Err(SourceError(
            "YouTube answers nobody without an API key: see pullquote login youtube".to_owned(),
        )));
    }
    let (_, comment) = url.query_pairs().find(|(name, _)| name == "lc").unzip();
    let Some(comment) = comment else {
        return Some(comments(source, &post.id?));
    };
    // An answer has the id of its thread before its own.
    let head = comment.split('.').next().unwrap_or_default().to_owned();
    Some(
        ask(source, "comments", &[("part", "snippet"), ("id", &comment)])
            .map(|request| request.with_mark("thread", thread.then_some(head.as_str()))),
    )
}

/// A page instead of a refusal, where a video has no comments to give: that costs the others nothing.
pub(super) fn without(exchange: &Exchange, said: Option<&Value>) -> Option<Page> {
    let endpoint = endpoint(&exchange.request)?;
    let reason = said?["error"]["errors"][0]["reason"].as_str()?;
    let why = match (endpoint.as_str(), reason) {
        ("commentThreads", "commentsDisabled") => "comments are switched off",
        ("commentThreads", "videoNotFound") | ("comments", "commentNotFound") => "it is gone",
        _ => return None,
    };
    let what = exchange.request.param("videoId").or_else(|| exchange.request.param("parentId")).unwrap_or_default();
    let skipped = vec![Skipped { at: "document".to_owned(), reason: format!("{what}: {why}") }];
    Some(Page { shape: "comments", skipped, ..Page::default() })
}

/// Works out where an answer that was asked for here leads.
pub(super) fn follow(exchange: &Exchange, answer: &Value, page: &mut Page) {
    let request = &exchange.request;
    match endpoint(request).as_deref() {
        Some("search") if request.mark(TAG).is_some() => found(request, answer, page),
        Some("videos") if request.mark(TAG).is_some() => videos(request, answer, page),
        Some("commentThreads") => threads(exchange, answer, page),
        Some("comments") => {
            let head = request.mark("thread");
            page.next.extend(head.map(|head| {
                to(request, "comments", &[("part", "snippet"), ("parentId", &head), ("maxResults", "100")])
            }));
            page.next.extend(next_page(request, answer));
        }
        _ => {}
    }
}

/// Another request of the API, with the same credential and marks.
fn to(request: &Request, endpoint: &str, params: &[(&str, &str)]) -> Request {
    let Ok(mut url) = Url::parse(&request.url) else { return request.clone() };
    url.set_path(&format!("/youtube/v3/{endpoint}"));
    url.query_pairs_mut().clear().extend_pairs(params);
    Request { url: url.into(), ..request.clone() }.with_mark(BEHIND, None).with_mark("thread", None)
}

fn next_page(request: &Request, answer: &Value) -> Option<Request> {
    let token = answer["nextPageToken"].as_str().filter(|token| !token.is_empty())?;
    Some(request.with_params(&[("pageToken", Some(token))]))
}

/// What a search found leads to the videos, and on.
fn found(request: &Request, answer: &Value, page: &mut Page) {
    let items: Vec<&Value> = answer["items"].as_array().into_iter().flatten().collect();
    let ids: Vec<&str> =
        items.iter().filter_map(|item| item["id"]["videoId"].as_str()).filter(|id| is_id(id)).collect();
    if !ids.is_empty() {
        page.next.push(to(request, "videos", &[("part", "snippet,statistics"), ("id", &ids.join(","))]));
        page.next.extend(next_page(request, answer));
    }
    if request.param("pageToken").is_none() {
        let published = |item: &&Value| item["snippet"]["publishedAt"].as_str()?.parse::<DateTime<Utc>>().ok();
        let newest = items.iter().filter_map(published).max();
        let after = newest.map(|newest| stamp(newest - OVERLAP));
        page.later = Some(
            after.map_or_else(|| request.clone(), |after| request.with_params(&[("publishedAfter", Some(&after))])),
        );
    }
}

/// Videos that carry the tag lead to their comments.
fn videos(request: &Request, answer: &Value, page: &mut Page) {
    let tag = request.mark(TAG).unwrap_or_default();
    for (i, video) in answer["items"].as_array().into_iter().flatten().enumerate() {
        let snippet = &video["snippet"];
        let labels = snippet["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let words = ["title", "description"].into_iter().filter_map(|name| snippet[name].as_str());
        let Some(id) = video["id"].as_str().filter(|id| is_id(id)) else { continue };
        if !words.chain(labels).any(|words| holds(words, &tag)) {
            let reason = format!("the video {id} does not carry the tag");
            page.skipped.push(Skipped { at: format!("/items/{i}"), reason });
        } else if video["statistics"]["commentCount"] != "0" {
            let params = [("part", "snippet,replies"), ("videoId", id), ("order", "time"), ("maxResults", "100")];
            page.next.push(to(request, "commentThreads", &params).with_mark("below", Some("")));
        }
    }
}

/// Threads lead to the answers that they do not bring, and to the page behind them.
fn threads(exchange: &Exchange, answer: &Value, page: &mut Page) {
    let request = &exchange.request;
    let items: Vec<&Value> = answer["items"].as_array().into_iter().flatten().collect();
    let head = |item: &&Value| {
        let comment = &item["snippet"]["topLevelComment"];
        Some((
            comment["id"].as_str()?.to_owned(),
            comment["snippet"]["publishedAt"].as_str()?.parse::<DateTime<Utc>>().ok()?,
        ))
    };
    let heads: Vec<(String, DateTime<Utc>)> = items.iter().filter_map(head).collect();
    let (since, _) = request.window();
    let known = request.mark(KNOWN).and_then(|known| known.parse::<DateTime<Utc>>().ok());
    let bottom = since.max(known);
    let last = heads.last().map(|(id, _)| id.as_str());
    let oldest = heads.iter().map(|(_, at)| *at).min();
    if last.is_some() && request.mark(BEHIND).as_deref() == last {
        page.stuck = Some("the server sends the page again that lies before the one asked for".to_owned());
        return;
    }
    for item in &items {
        let here = item["replies"]["comments"].as_array().map_or(0, Vec::len) as u64;
        if item["snippet"]["totalReplyCount"].as_u64().is_some_and(|all| all > here)
            && let Some((head, _)) = head(item)
        {
            page.next.push(to(request, "comments", &[("part", "snippet"), ("parentId", &head), ("maxResults", "100")]));
        }
    }
    if bottom.zip(oldest).is_none_or(|(bottom, oldest)| oldest >= bottom) {
        page.next
            .extend(next_page(request, answer).filter(|_| last.is_some()).map(|next| next.with_mark(BEHIND, last)));
    }
    // Below a video that a search found there is no catch-up: the search is what is asked again.
    if request.param("pageToken").is_none() && request.mark("below").is_none() && request.mark(TAG).is_some() {
        let newest =
            heads.iter().map(|(_, at)| *at).max().map(|newest| stamp(newest.min(exchange.fetched_at) - OVERLAP));
        let known = newest.or_else(|| request.mark(KNOWN));
        page.later = Some(request.with_mark(KNOWN, known.as_deref()));
    }
}
