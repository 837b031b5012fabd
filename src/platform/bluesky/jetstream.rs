//! Jetstream, the network's stream as JSON over a WebSocket: <https://github.com/bluesky-social/jetstream>.
//!
//! Asked at `/subscribe`, as the servers of 2024 and those of the rewrite of 2026 both have it (the rewrite's own
//! `subscribeEvents` says the same in other frames, and needs a token of none either). It brings every post of the network,
//! some hundred a second at busy times and half a kilobyte each; no server filters by words. An event belongs here if its post
//! carries the tag, as the search has it, or if it changes or deletes a post that the archive holds or this run has kept.
//!
//! A cursor in microseconds makes the server send again what came since: a day of it, or a day and a half. It does not say
//! when it has begun later than that. A post with pictures of a megabyte of text is no post: the server leaves such out.
//!
//! Messages come packed (`packed`). Left out: `permessage-deflate`. Two tags are two connections.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::names::{POST, PostUri};
use super::packed::{LONGEST, PACKED};
use super::record::Record;
use super::search;
use crate::exchange::{LISTENED, POSITION, Request, WHOLE};
use crate::model::Hashtag;
use crate::platform::live::stream_address;
use crate::platform::scope::TAG;
use crate::platform::{Glance, Keep, Query, Resume, Source, SourceError, Stream};

/// How Bluesky is listened to.
pub const STREAM: Stream = Stream {
    about: "over Jetstream, without an account; edits and deletions of kept posts, too; what a lost connection missed is sent \
            again for a day; every post of the network comes, packed some 25 kB a second",
    ask: None,
    open: |query, source, _| open(query, source),
    glance,
    resume: Some(Resume { at, kept: 24 * 3600 }),
    packed: Some(PACKED),
    more: Some(more),
};

/// One of four that the company runs; each has the whole network.
const DEFAULT_SERVER: &str = "wss://jetstream2.us-east.bsky.network";

/// The AppView, which shows posts to everybody.
const APPVIEW: &str = "https://public.api.bsky.app";

const PATH: &str = "/subscribe";

/// How far back a stream that goes on begins, in microseconds: servers do not agree to the second.
const OVERLAP: i64 = 5_000_000;

/// Posts that may be asked for at once (lexicon `app.bsky.feed.getPosts`).
const AT_ONCE: usize = 25;

fn open(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let address = source.stream.as_deref().unwrap_or(DEFAULT_SERVER);
    let socket = match address.strip_prefix("http") {
        Some(rest) => format!("ws{rest}"),
        None => address.to_owned(),
    };
    let mut url = stream_address(&socket)
        .ok_or_else(|| SourceError(format!("{address:?} is no address of a stream: wss://… is")))?;
    url.set_path(PATH);
    url.query_pairs_mut()
        .clear()
        .append_pair("wantedCollections", POST)
        .append_pair("maxMessageSizeBytes", &LONGEST.to_string());
    let request = query.mark(&Request::get(url));
    Ok(request.with_mark(TAG, query.tags.first().map(Hashtag::folded).as_deref()))
}

fn at(request: &Request, position: i64) -> Request {
    request.with_params(&[("cursor", Some(&position.saturating_sub(OVERLAP).to_string()))])
}

fn glance(event: &[u8], request: &Request) -> Glance {
    let Some(wire) = str::from_utf8(event).ok().and_then(|text| serde_json::from_str::<Wire<'_>>(text).ok()) else {
        return Glance { keep: Keep::Unreadable, ..Glance::default() };
    };
    let position = wire.time_us.filter(|time| DateTime::from_timestamp_micros(*time).is_some());
    if !matches!(wire.kind, Some("commit" | "identity" | "account")) {
        // What nobody knows yet is kept, and told: it may be a change of the server.
        return Glance { keep: Keep::Yes, position, uri: None };
    }
    let post = wire.commit.as_ref().filter(|commit| commit.collection == Some(POST));
    let uri = post.and_then(|commit| Some(PostUri::of(wire.did?, commit.rkey?)?.to_uri()));
    let (Some(commit), Some(uri)) = (post, uri) else { return Glance { position, ..Glance::default() } };
    let keep = match commit.operation {
        _ if carries(commit.record, request) => Keep::Yes,
        Some("update" | "delete") => Keep::IfKnown,
        _ => Keep::No,
    };
    Glance { keep, position, uri: Some(uri) }
}

/// Whether a record carries the tag. Most carry none, which a look at the bytes tells.
fn carries(record: Option<&RawValue>, request: &Request) -> bool {
    let Some(raw) = record else { return false };
    let text = raw.get();
    let may = ["#", "\u{ff03}", "\\u0023", "\\uff03", "\\uFF03", "\"tags\""].iter().any(|sign| text.contains(sign));
    let Some(tag) = request.mark(TAG).filter(|_| may) else { return false };
    Record::read(raw).is_ok_and(|record| search::carries(&record, &tag))
}

fn more(uris: &[String], source: &Source) -> Result<Vec<Request>, SourceError> {
    let base = source.base_of("Bluesky", APPVIEW)?;
    let ask = |uris: &[String]| {
        let uris: Vec<(&str, &str)> = uris.iter().map(|uri| ("uris", uri.as_str())).collect();
        let request = source.get(&base, &["xrpc", "app.bsky.feed.getPosts"], &uris);
        // The AppView asks nobody who he is; another server may.
        Request { auth: request.auth.filter(|_| source.server.is_some()), ..request }
    };
    Ok(uris.chunks(AT_ONCE).map(ask).collect())
}

/// Whether the stream was listened to.
pub fn is_stream(request: &Request) -> bool {
    Url::parse(&request.url).is_ok_and(|url| matches!(url.scheme(), "ws" | "wss") && url.path() == PATH)
}

/// The request that goes on where this piece of the stream ended.
pub fn later(request: &Request) -> Option<Request> {
    request.mark(POSITION)?;
    Some(request.with_mark(LISTENED, None).with_mark(WHOLE, None))
}

/// An event, as far as it decides.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    did: Option<&'a str>,
    #[serde(borrow)]
    kind: Option<&'a str>,
    time_us: Option<i64>,
    #[serde(borrow)]
    commit: Option<Commit<'a>>,
}

#[derive(Deserialize)]
struct Commit<'a> {
    #[serde(borrow)]
    operation: Option<&'a str>,
    #[serde(borrow)]
    collection: Option<&'a str>,
    #[serde(borrow)]
    rkey: Option<&'a str>,
    #[serde(borrow)]
    record: Option<&'a RawValue>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(tag: &str) -> Request {
        open(&Query::tag(Hashtag::new(tag).unwrap()), &Source::default()).unwrap()
    }

    fn event(operation: &str, record: &str) -> String {
        let record = if record.is_empty() { String::new() } else { format!(",\"record\":{record}") };
        format!(
            "{{\"did\":\"did:plc:e4tu47awq6ucasouypx7qggl\",\"time_us\":1773306001000000,\"kind\":\"commit\",\"commit\":\
             {{\"operation\":\"{operation}\",\"collection\":\"app.bsky.feed.post\",\"rkey\":\"3mgtzx5emqe7i\"{record}}}}}"
        )
    }

    fn post(text: &str, more: &str) -> String {
        format!("{{\"$type\":\"app.bsky.feed.post\",\"createdAt\":\"2026-03-12T09:00:00Z\",\"text\":{text:?}{more}}}")
    }

    #[test]
    fn what_is_asked() {
        let request = asked("Harbour");
        assert_eq!(
            request.url,
            "wss://jetstream2.us-east.bsky.network/subscribe?wantedCollections=app.bsky.feed.post&maxMessageSizeBytes=1000000#tag=harbour"
        );
        assert!(is_stream(&request) && request.auth.is_none());
        assert_eq!(at(&request, 1_773_306_001_000_000).param("cursor").as_deref(), Some("1773305996000000"));
        let uris: Vec<String> = (0..26).map(|n| format!("at://did:plc:x/app.bsky.feed.post/{n}")).collect();
        let source = Source { credential: Some("me".into()), ..Source::default() };
        let requests = more(&uris, &source).unwrap();
        assert_eq!(requests.len(), 2);
        assert!(
            requests[0].url.starts_with("https://public.api.bsky.app/xrpc/app.bsky.feed.getPosts?uris=at%3A%2F%2F")
        );
        assert!(requests.iter().all(|request| request.auth.is_none()));
    }

    #[test]
    fn what_belongs() {
        let facet = ",\"facets\":[{\"index\":{\"byteStart\":0,\"byteEnd\":4},\"features\":[{\"$type\":\"app.bsky.richtext.facet#tag\",\
                     \"tag\":\"HARBOUR\"}]}]";
        for (event, keep) in [
            (event("create", &post("At the #Harbour", "")), Keep::Yes),
            (event("create", &post("seen", facet)), Keep::Yes),
            (event("create", &post("seen", ",\"tags\":[\"Hárbour\"]")), Keep::Yes),
            (event("create", &post("seen", "")).replace("seen", "\\u0023harbour"), Keep::Yes),
            (event("create", &post("#harbours", "")), Keep::No),
            (event("create", &post("harbour", "")), Keep::No),
            (event("update", &post("harbour", "")), Keep::IfKnown),
            (event("update", &post("#harbour", "")), Keep::Yes),
            (event("delete", ""), Keep::IfKnown),
        ] {
            let glance = glance(event.as_bytes(), &asked("harbour"));
            assert_eq!((glance.keep, glance.position), (keep, Some(1_773_306_001_000_000)), "{event}");
        }
        let like = event("create", "{}").replace("feed.post", "feed.like");
        assert_eq!(glance(like.as_bytes(), &asked("harbour")).keep, Keep::No);
        let odd = |keep| Glance { keep, ..Glance::default() };
        for garbage in ["", "{", "[1]", "\u{0}"] {
            assert_eq!(glance(garbage.as_bytes(), &asked("harbour")), odd(Keep::Unreadable), "{garbage}");
        }
        let unknown = "{\"kind\":\"of tomorrow\",\"time_us\":9223372036854775807}";
        assert_eq!(glance(unknown.as_bytes(), &asked("harbour")), odd(Keep::Yes));
    }
}
