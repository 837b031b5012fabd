//! How the Data API v3 is asked: <https://developers.google.com/youtube/v3/docs>.
//!
//! A source names a video, whose comments are read; a channel, in whose videos the tag is searched for; or nothing: then it is
//! searched for everywhere. A channel's handle is asked for its id first (1 unit). Where an answer leads says `walk`.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;
use url::Url;

use super::{NAME, SITE, is_id, misfit, post_at, walk};
use crate::coverage::{Paging, Reach};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::Hashtag;
use crate::platform::json::count as number;
use crate::platform::live::no_thread;
use crate::platform::scope::{ALL, WORD};
use crate::platform::{Count, Counted, Guide, Live, ParseError, Price, Query, Source, SourceError};

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
    count: Some(Count { first: count, read: counted, dollars: 0.0 }),
    price: Some(Price {
        units: "quota units",
        of_request: units,
        of_post: 0,
        of_answer: |_| 0,
        worst: units,
        fit: None,
        dollars: 0.0,
    }),
    rate: (10_000, 86_400),
    per_request: 100,
    paging: Paging {
        reach: |_| Reach::None,
        seeks: false,
        guarantee: "the search of YouTube gives a choice that is not the same twice, and comments are added to old videos: no stretch of time can be called covered",
    },
    guide: Guide {
        access: "a project at console.cloud.google.com with YouTube Data API v3 switched on, and an API key that is restricted to it. \
                 \"youtube\" searches everywhere, \"youtube:@name\" or \"youtube:UC…\" in one channel; \"youtube:VIDEO\" (the id or the \
                 address of a video) reads the comments of one video",
        scope: "an API key; no account's rights are used",
        cost: "free: 100 searches a day, which are counted here as 100 quota units each, and 10,000 units for all else, each 1",
        limits: "50 videos a search, about 500 before it is asked again for what is older; 100 comments a page. Kept are videos that carry the \
                 tag (with # or as a word) in title, description or labels, and all comments below them. A video that is the source \
                 need not carry it",
        missing: "new comments below videos that are not among the 50 latest known, unless the source names the video; videos that the search \
                  shows more than ten minutes late; new answers in old threads; comments below videos that do not carry the tag or are \
                  older than the time asked for; texts of edits; which comments were deleted. Without a key a video's title is all",
        example: "sources = [\"youtube:dQw4w9WgXcQ\"]\n\n[credential.youtube]\ntoken_env = \"PULLQUOTE_YOUTUBE_KEY\"\n",
    },
};

const API: &str = "https://www.googleapis.com";

/// Units that a search uses up.
const SEARCH: u64 = 100;

/// Units that a request takes. A search takes one of the hundred of a day (a quota of its own), and so counts as a hundredth
/// of all: <https://developers.google.com/youtube/v3/determine_quota_cost>.
fn units(request: &Request) -> u64 {
    if endpoint(request).as_deref() == Some("search") { SEARCH } else { 1 }
}

/// What of the API a request asks; `None` if nothing.
pub(super) fn endpoint(request: &Request) -> Option<String> {
    let url = Url::parse(&request.url).ok().filter(Url::has_host)?;
    url.path().rsplit_once("/youtube/v3/").map(|(_, endpoint)| endpoint.to_owned())
}

fn ask(source: &Source, endpoint: &str, params: &[(&str, &str)]) -> Result<Request, SourceError> {
    Ok(source.named(NAME).get(&source.base_of(NAME, API)?, &["youtube", "v3", endpoint], params))
}

/// What a source names.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Video(String),
    Channel(String),
    Handle(String),
    Everywhere,
}

fn place(source: &Source) -> Result<Place, SourceError> {
    let Some(place) = source.place.as_deref().map(str::trim).filter(|place| !place.is_empty()) else {
        return Ok(Place::Everywhere);
    };
    let url = Url::parse(place).ok().filter(Url::has_host);
    if let Some(post) = url.as_ref().and_then(post_at) {
        // Of a comment's address the video counts.
        let video = post.url.as_deref().and_then(|url| Url::parse(url).ok());
        let video =
            video.and_then(|url| url.query_pairs().find(|(name, _)| name == "v").map(|(_, id)| id.into_owned()));
        return video.or(post.id).map(Place::Video).ok_or_else(|| nowhere(place));
    }
    let name = url.as_ref().map_or(place, |url| url.path().trim_matches('/'));
    let name = name.strip_prefix("channel/").unwrap_or(name).split('/').next().unwrap_or_default();
    match name.strip_prefix('@') {
        Some(handle) if Hashtag::new(handle).is_some() => Ok(Place::Handle(name.to_owned())),
        None if name.len() == 24 && name.starts_with("UC") && is_id(name) => Ok(Place::Channel(name.to_owned())),
        None if name.len() == 11 && url.is_none() && is_id(name) => Ok(Place::Video(name.to_owned())),
        _ => Err(nowhere(place)),
    }
}

fn nowhere(place: &str) -> SourceError {
    SourceError(format!(
        "{place:?} is neither a video (its address, or the 11 signs behind v=) nor a channel (@name, or UC and 22 signs)"
    ))
}

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    // What a video must carry, a comment below it need not.
    let marked = |request: Request, word: &str| {
        let is_marked = !word.is_empty() || !query.none.is_empty();
        query.mark(&request).with_mark(WORD, is_marked.then_some(word))
    };
    let searching = |request: Request| marked(request, query.first_tag());
    Ok(match place(source)? {
        Place::Video(video) => {
            let params = walk::THREADS.map(|(name, value)| (name, if value.is_empty() { &video } else { value }));
            marked(ask(source, "commentThreads", &params)?, "").with_mark(ALL, None).with_mark(walk::NAMED, Some("1"))
        }
        Place::Handle(handle) => {
            let search = searching(search(query, source, None, "50")?).url;
            let request = ask(source, "channels", &[("part", "id"), ("forHandle", &handle)])?;
            searching(request).with_mark(walk::SEARCH, Some(&search))
        }
        Place::Channel(channel) => searching(search(query, source, Some(&channel), "50")?),
        Place::Everywhere => searching(search(query, source, None, "50")?),
    })
}

fn search(query: &Query, source: &Source, channel: Option<&str>, most: &str) -> Result<Request, SourceError> {
    let tags: Vec<String> = query.tags.iter().take(1).chain(&query.all).map(|tag| format!("#{tag}")).collect();
    let tags = tags.join(" ");
    let (since, until) = (query.since.map(stamp), query.until.map(stamp));
    let mut params = vec![
        ("part", "snippet"),
        ("type", "video"),
        ("order", "date"),
        // Else what may offend is left out.
        ("safeSearch", "none"),
        ("maxResults", most),
        ("q", tags.as_str()),
    ];
    params.extend(channel.map(|channel| ("channelId", channel)));
    params.extend(since.as_deref().map(|since| (walk::AFTER, since)));
    params.extend(until.as_deref().map(|until| (walk::BEFORE, until)));
    ask(source, "search", &params)
}

/// A time as the API takes it.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn count(query: &Query, source: &Source) -> Result<Request, SourceError> {
    match place(source)? {
        Place::Video(video) => ask(source, "videos", &[("part", "statistics"), ("id", &video)]),
        Place::Channel(channel) => search(query, source, Some(&channel), "1"),
        Place::Everywhere => search(query, source, None, "1"),
        Place::Handle(_) => {
            Err(SourceError("YouTube counts in a channel by its id only (UC…), not by its handle".to_owned()))
        }
    }
}

fn counted(exchange: &Exchange) -> Result<Counted, ParseError> {
    let status = exchange.response.status;
    let body: Value = serde_json::from_slice(&exchange.body()?).unwrap_or_default();
    if status >= 400 {
        return Err(walk::refused(status, Some(&body)));
    }
    if let Some(comments) = number(&body["items"][0]["statistics"]["commentCount"]) {
        let caveat = "with answers, and with what is held for review";
        return Ok(Counted { posts: comments, caveat, ..Counted::default() });
    }
    if body["kind"] != "youtube#searchListResponse" {
        return Err(misfit("the answer does not count: the video is gone, or has its comments switched off"));
    }
    let videos = number(&body["pageInfo"]["totalResults"]).ok_or_else(|| misfit("the answer does not count"))?;
    let caveat =
        "counted are videos, without their comments, and YouTube guesses, often far too high; counting took 100 units";
    // A page of a search, the videos on it, and the comments below each.
    let pages = videos.div_ceil(50);
    let (requests, units) =
        (Some(videos.saturating_add(pages * 2)), Some(videos.saturating_add(pages.saturating_mul(SEARCH + 1))));
    Ok(Counted { posts: videos, requests, units, caveat, next: None })
}

/// The request for one video or comment by its address. Without a key it is the embed of a video.
pub(super) fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let post = post_at(url)?;
    let is_comment = post.uri.as_deref().is_some_and(|uri| uri.starts_with("youtube:comment:"));
    let id = post.id?;
    Some(match (source.credential.is_some(), is_comment) {
        (false, true) => Err(SourceError(
            "YouTube shows a comment to nobody without an API key: see pullquote login youtube".to_owned(),
        )),
        (false, false) if thread => Err(no_thread("YouTube shows comments to nobody without an API key")),
        (false, false) => source.base_of(NAME, SITE).map(|base| {
            let address = format!("{SITE}/watch?v={id}");
            source.get(&base, &["oembed"], &[("url", &address), ("format", "json")])
        }),
        (true, false) => ask(source, "videos", &[("part", "snippet,statistics"), ("id", &id)])
            .map(|request| request.with_mark(walk::THREAD, thread.then_some("1"))),
        // An answer has the id of its thread before its own.
        (true, true) if thread => {
            let head = id.split('.').next().unwrap_or_default();
            ask(source, "commentThreads", &[("part", "snippet,replies"), ("id", head)])
        }
        (true, true) => ask(source, "comments", &[("part", "snippet"), ("id", &id)]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_names_a_video_or_a_channel() {
        let of = |place: &str| super::place(&Source { place: Some(place.to_owned()), ..Source::default() });
        let video = || Ok(Place::Video("a1B2c3D4e5F".to_owned()));
        let channel = "UCa1b2c3d4e5f6g7h8i9j0kA";
        for place in
            ["a1B2c3D4e5F", "https://youtu.be/a1B2c3D4e5F", "https://www.youtube.com/watch?v=a1B2c3D4e5F&lc=UgxA"]
        {
            assert_eq!(of(place), video(), "{place}");
        }
        assert_eq!(
            of(&format!("https://www.youtube.com/channel/{channel}/videos")),
            Ok(Place::Channel(channel.to_owned()))
        );
        for place in ["@harbournews", "https://www.youtube.com/@harbournews"] {
            assert_eq!(of(place), Ok(Place::Handle("@harbournews".to_owned())), "{place}");
        }
        assert_eq!(of(""), Ok(Place::Everywhere));
        for place in ["harbour", "UCshort", "https://www.youtube.com/", "@"] {
            assert!(of(place).is_err(), "{place}");
        }
    }

    #[test]
    fn addresses_are_asked_for() {
        let key = Source { credential: Some("youtube".to_owned()), ..Source::default() };
        let asked = |url: &str, thread: bool, source: &Source| {
            one(&Url::parse(url).unwrap(), thread, source).map(|request| request.map(|request| request.url))
        };
        let (video, comment) =
            ("https://www.youtube.com/live/a1B2c3D4e5F?si=x", "https://www.youtube.com/watch?v=a1B2c3D4e5F&lc=UgxA.9b");
        let api = "https://www.googleapis.com/youtube/v3";
        for (url, thread, wanted) in [
            (video, false, format!("{api}/videos?part=snippet%2Cstatistics&id=a1B2c3D4e5F")),
            (video, true, format!("{api}/videos?part=snippet%2Cstatistics&id=a1B2c3D4e5F#thread=1")),
            (comment, false, format!("{api}/comments?part=snippet&id=UgxA.9b")),
            (comment, true, format!("{api}/commentThreads?part=snippet%2Creplies&id=UgxA")),
        ] {
            assert_eq!(asked(url, thread, &key), Some(Ok(wanted)), "{url}");
        }
        let embed = asked(video, false, &Source::default()).unwrap().unwrap();
        assert!(
            embed.starts_with("https://www.youtube.com/oembed?url=https%3A%2F%2Fwww.youtube.com%2Fwatch"),
            "{embed}"
        );
        assert!(asked(comment, false, &Source::default()).unwrap().is_err());
        assert_eq!(asked("https://www.youtube.com/@harbournews", false, &key), None);
    }
}
