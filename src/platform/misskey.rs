//! Misskey and its kin (Sharkey, Firefish, Iceshrimp, …), asked for a hashtag through their own API:
//! <https://misskey-hub.net/en/docs/for-developers/api/>. Its notes are posts of the fediverse, read by `mastodon/misskey.rs`, and
//! one with what Mastodon's servers show of them.
//!
//! A first pull walks back with `untilId`. A catch-up climbs with `sinceId`, from the note before those of the last ten minutes on
//! the newest page, so that a note which comes a little late is found. Which note of a page is its newest is told by dates: with
//! `sinceId` alone servers turn the order around. There are no bounds of time: what is outside the window is left out, and
//! the walk ends behind it. Left out: streams.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use url::Url;

use super::mastodon::notes;
use super::{Guide, Live, Page, ParseError, Platform, Query, Shape, Source, SourceError};
use crate::exchange::{Exchange, Method, Request, TokenPlace};
use crate::model::{Found, Skipped};

/// Misskey's own API.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Misskey",
    about: "hashtags of any server of Misskey and its kin: the public notes that this server knows",
    live: Some(LIVE),
    one: Some(one),
    shapes: &[Shape {
        name: "misskey",
        what: "notes as the server's own API gives them, live; saved ones are read as Mastodon's shape of that name",
        told_by: "`createdAt`, `user.username` and `visibility`",
        lacks: "as there",
    }],
    parse,
    post_at: None,
    embeds: None,
};

const LIVE: Live = Live {
    first,
    together: None,
    session: None,
    authorize: None,
    token: TokenPlace::Bearer,
    needs_credential: false,
    check: |source| ask(source, &source.base_at_place(NAME, None)?, "meta", &json!({ "detail": false })),
    stream: None,
    count: None,
    price: None,
    rate: (300, 300),
    per_request: 100,
    guide: Guide {
        access: "nothing where a server shows its notes to everybody; else an access token, made under Settings > API",
        scope: "no permission beyond the account itself",
        cost: "free",
        limits: "some 300 requests in 5 minutes, as each server sets it; 100 notes a page",
        missing: "notes that this server does not know: ask several servers; what was deleted",
        example: "sources = [\"misskey:misskey.io\"]\n",
    },
};

const NAME: &str = "misskey";

/// Where notes of a hashtag are.
const BY_TAG: &str = "notes/search-by-tag";

/// Notes a page: the most that servers give.
const LIMIT: usize = 100;

/// How far a catch-up looks back behind the newest note.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// Marks a request for one note whose thread is wanted.
const THREAD: &str = "thread";

fn ask(source: &Source, base: &Url, endpoint: &str, body: &Value) -> Result<Request, SourceError> {
    let path: Vec<&str> = ["api"].into_iter().chain(endpoint.split('/')).collect();
    Ok(Request {
        method: Method::Post,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Some(body.to_string()),
        ..source.get(base, &path, &[])
    })
}

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let base = source.base_at_place(NAME, None)?;
    Ok(query.mark(&ask(source, &base, BY_TAG, &json!({ "tag": query.first_tag(), "limit": LIMIT }))?))
}

fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let mut path = url.path_segments().filter(|_| matches!(url.scheme(), "http" | "https"))?;
    let id = (path.next()? == "notes").then(|| path.next()).flatten()?;
    let is_id = (8..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_id || path.next().is_some() {
        return None;
    }
    let mut base = url.clone();
    base.set_path("");
    let request = ask(source, &base, "notes/show", &json!({ "noteId": id }));
    Some(request.map(|request| request.with_mark(THREAD, thread.then_some(id))))
}

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let status = exchange.response.status;
    if status >= 400 {
        let said: Value = serde_json::from_str(&text).unwrap_or_default();
        let message = said["error"]["message"].as_str().or_else(|| said["error"]["code"].as_str());
        let message = message.unwrap_or("no reason given").chars().take(200).collect();
        return Err(ParseError::Refused { platform: NAME, status, message });
    }
    let path = Url::parse(&exchange.request.url).map(|url| url.path().to_owned()).unwrap_or_default();
    let endpoint = path.strip_prefix("/api/").filter(|_| !exchange.server().is_empty()).unwrap_or_default();
    let mut page = match text.trim() {
        "[]" if endpoint.starts_with("notes/") => Page { shape: "misskey", ..Page::default() },
        _ => notes(&text, exchange)?,
    };
    match endpoint {
        BY_TAG => follow(exchange, &mut page),
        "notes/show" => page.next.extend(thread(&exchange.request)),
        _ => {}
    }
    Ok(page)
}

/// What stands above and below a note whose thread is wanted.
fn thread(request: &Request) -> Vec<Request> {
    let Some(id) = request.mark(THREAD) else { return Vec::new() };
    let of = |endpoint: &str| {
        let mut url = Url::parse(&request.url).ok()?;
        url.set_path(&format!("/api/notes/{endpoint}"));
        url.set_fragment(None);
        let body = json!({ "noteId": id, "limit": LIMIT }).to_string();
        Some(Request { url: url.into(), body: Some(body), ..request.clone() })
    };
    ["conversation", "children"].into_iter().filter_map(of).collect()
}

/// A note of a page: its id and date.
type Noted = (String, DateTime<Utc>);

/// Works out how a hashtag's notes go on, and leaves out what is outside the window.
fn follow(exchange: &Exchange, page: &mut Page) {
    let request = &exchange.request;
    let body: Value = request.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    let asked = |name: &str| body[name].as_str();
    let with = |name: &str, id: &str| {
        let body = json!({ "tag": body["tag"], "limit": body["limit"], name: id });
        Request { body: Some(body.to_string()), ..request.clone() }
    };
    let own = page.posts.iter().filter(|found| !found.nested);
    let mut notes: Vec<Noted> =
        own.filter_map(|found| Some((found.post.id.clone()?, found.post.created?.at()))).collect();
    notes.sort_by(|(id, at), (other, other_at)| (other_at, other).cmp(&(at, id)));
    let is_full = page.posts.iter().filter(|found| !found.nested).count() + page.skipped.len() >= LIMIT;
    let (since, until) = request.window();
    let (newest, oldest) = (notes.first(), notes.last());
    let came_again = [("sinceId", newest), ("untilId", oldest)]
        .into_iter()
        .any(|(name, end)| notes.len() > 1 && end.is_some_and(|(id, _)| asked(name) == Some(id)));
    if came_again {
        page.stuck = Some("the server sends the page again that lies before the one asked for".to_owned());
    } else if asked("sinceId").is_some() {
        page.next.extend(newest.filter(|_| is_full).map(|(id, _)| with("sinceId", id)));
        page.later = Some(climb(&notes).map_or_else(|| request.clone(), |id| with("sinceId", id)));
    } else {
        let is_behind = |at: &DateTime<Utc>| since.is_some_and(|since| *at < since);
        page.next.extend(oldest.filter(|(_, at)| is_full && !is_behind(at)).map(|(id, _)| with("untilId", id)));
        if asked("untilId").is_none() {
            page.later = climb(&notes).map(|id| with("sinceId", id));
        }
    }
    leave_out(page, |at| since.is_some_and(|since| at < since) || until.is_some_and(|until| at >= until));
}

/// From which note on a catch-up climbs: the newest that is older than the last ten minutes, or the oldest of the page.
fn climb(notes: &[Noted]) -> Option<&str> {
    let (_, newest) = notes.first()?;
    let settled = notes.iter().find(|(_, at)| *at < *newest - OVERLAP).or(notes.last());
    settled.map(|(id, _)| id.as_str())
}

/// Takes away the notes that are outside the time asked for, with what stands inside them.
fn leave_out(page: &mut Page, outside: impl Fn(DateTime<Utc>) -> bool) {
    let mut is_left_out = false;
    for found in std::mem::take(&mut page.posts) {
        let Found { post, at, nested } = found;
        if !nested {
            is_left_out = post.created.is_some_and(|when| outside(when.at()));
            if is_left_out {
                page.skipped.push(Skipped { at: at.clone(), reason: "is outside the time asked for".to_owned() });
            }
        }
        if !is_left_out {
            page.posts.push(Found { post, at, nested });
        }
    }
}
