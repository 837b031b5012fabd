//! Misskey and its kin (Sharkey, Firefish, Iceshrimp, …), asked for a hashtag through their own API:
//! <https://misskey-hub.net/en/docs/for-developers/api/>. Its notes are posts of the fediverse, read by `mastodon/misskey.rs`, and
//! one with what Mastodon's servers show of them.
//!
//! A first pull walks back with `untilId` until a page is empty: servers leave notes out of a page after they have counted. A
//! catch-up climbs with `sinceId`, from the note before those of the last ten minutes on the newest page, so that a note which comes
//! a little late is found, until a page is not half full. Which note of a page is its newest is told by dates: with `sinceId` alone
//! servers turn the order around. There are no bounds of time: what is outside the window is left out, and the walk ends behind
//! it. Left out: streams.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use super::live::known_until;
use super::mastodon::notes;
use super::{Guide, Live, Page, ParseError, Platform, Query, Shape, Source, SourceError};
use crate::coverage::{Paging, Reach};
use crate::exchange::{Exchange, FROM, Method, Request, TokenPlace};
use crate::model::{Post, When};

/// Misskey's own API.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Misskey",
    cited: None,
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
    profile_at: None,
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
    paging: Paging {
        reach: |_| Reach::Whole,
        seeks: false,
        guarantee: "covered is what this server knew when it was asked; a federated server knows only what reached it",
    },
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

/// Marks a request for one note whose thread is wanted, and those for the rest of it.
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
        "notes/children" => below(&exchange.request, &mut page),
        _ => {}
    }
    Ok(page)
}

/// The request for what an endpoint knows about a note, in the thread that another request belongs to.
fn about(request: &Request, endpoint: &str, body: &Value) -> Option<Request> {
    let mut url = Url::parse(&request.url).ok()?;
    url.set_path(&format!("/api/notes/{endpoint}"));
    Some(Request { url: url.into(), body: Some(body.to_string()), ..request.clone() })
}

/// What stands above and below a note whose thread is wanted.
fn thread(request: &Request) -> Vec<Request> {
    let Some(id) = request.mark(THREAD) else { return Vec::new() };
    let of = |endpoint| about(request, endpoint, &json!({ "noteId": id, "limit": LIMIT }));
    ["conversation", "children"].into_iter().filter_map(of).collect()
}

/// What stands below the notes that stand below one; and those of them that found no place on the page.
fn below(request: &Request, page: &mut Page) {
    let Some(above) = body(request)["noteId"].as_str().filter(|_| request.mark(THREAD).is_some()).map(str::to_owned)
    else {
        return;
    };
    let own: Vec<&Post> = page.posts.iter().filter(|found| !found.nested).map(|found| &found.post).collect();
    let ids = |post: &&Post| post.id.clone();
    let answered = own.iter().filter(|post| post.metrics.replies.is_some_and(|replies| replies > 0)).filter_map(ids);
    let mut bodies: Vec<Value> = answered.map(|id| json!({ "noteId": id, "limit": LIMIT })).collect();
    if let Some(last) = own.iter().min_by_key(|post| post.created.map(|when| when.at())).and_then(ids)
        && own.len() >= LIMIT
        && body(request)["untilId"] != last
    {
        bodies.push(json!({ "noteId": above, "limit": LIMIT, "untilId": last }));
    }
    page.next.extend(bodies.iter().filter_map(|body| about(request, "children", body)));
}

fn body(request: &Request) -> Value {
    request.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default()
}

/// A note of a page: its id and date.
type Noted = (String, DateTime<Utc>);

/// Works out how a hashtag's notes go on.
fn follow(exchange: &Exchange, page: &mut Page) {
    let request = &exchange.request;
    let body = body(request);
    let asked = |name: &str| body[name].as_str();
    let with = |name: &str, id: &str| {
        let body = json!({ "tag": body["tag"], "limit": body["limit"], name: id });
        Request { body: Some(body.to_string()), ..request.clone() }
    };
    let climb = |(id, at): &Noted| with("sinceId", id).with_mark(FROM, Some(&at.to_rfc3339()));
    // Of all notes, also those that cannot be read.
    let listed: Value = exchange.body().ok().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default();
    let listed = listed.as_array().map(Vec::as_slice).unwrap_or_default();
    let noted = |note: &Value| {
        let at = note["createdAt"].as_str()?.parse().ok().filter(|at| When::fits(*at))?;
        Some((note["id"].as_str()?.to_owned(), at))
    };
    let mut notes: Vec<Noted> = listed.iter().filter_map(noted).collect();
    notes.sort_by(|(id, at), (other, other_at)| (other_at, other).cmp(&(at, id)));
    let (since, until) = request.window();
    let (newest, oldest) = (notes.first(), notes.last());
    // Behind notes that cannot be read nothing can be asked for.
    page.torn = notes.is_empty() && !listed.is_empty();
    let came_again = [("sinceId", newest), ("untilId", oldest)]
        .into_iter()
        .any(|(name, end)| notes.len() > 1 && end.is_some_and(|(id, _)| asked(name) == Some(id)));
    page.climbs = asked("sinceId").is_some();
    if came_again {
        page.came_again();
    } else if page.climbs {
        // Servers leave notes out of a page after they have counted: half of one leads on, while what a pull without news brings,
        // those of the last ten minutes, mostly does not.
        let is_full = listed.len() * 2 > LIMIT;
        // What comes behind the window is not asked for.
        let is_above = oldest.is_some_and(|(_, at)| until.is_some_and(|until| *at >= until));
        page.next.extend(newest.filter(|_| is_full && !is_above).map(climb));
        // Where all notes of the page are of the last ten minutes, the next pull asks for them again.
        let settled = if is_above { None } else { settled(&notes, exchange.fetched_at) };
        page.later = Some(settled.map_or_else(|| request.clone(), climb));
    } else {
        let is_behind = |at: &DateTime<Utc>| since.is_some_and(|since| *at < since);
        page.next.extend(oldest.filter(|(_, at)| !is_behind(at)).map(|(id, _)| with("untilId", id)));
        if asked("untilId").is_none() {
            page.later = settled(&notes, exchange.fetched_at).or(oldest).map(climb);
        }
    }
}

/// The newest note that is older than the last ten minutes of the page: from there a catch-up climbs.
fn settled(notes: &[Noted], seen_at: DateTime<Utc>) -> Option<&Noted> {
    let (_, newest) = notes.first()?;
    notes.iter().find(|(_, at)| *at < known_until(*newest, seen_at))
}
