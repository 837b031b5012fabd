//! Tables and JSON of any kind, by a map that says which column or member holds what.
//!
//! The map comes with the import, and stays with the capture (in the fragment of its address), so that a replay reads the same. Nobody
//! knows who made such a file: its dates are a page's word, and whether its words are all, it does not say. What it does not
//! name stays unknown. The platform is the address's, else what the map or a column says, else `mapped`.

mod map;

pub use map::Map;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::table::{Row, Table, count, misfit, words};
use super::tweet;
use crate::date;
use crate::exchange::Exchange;
use crate::model::{Author, Found, Handle, Metrics, Post, PostRef, Precision, Skipped, TextState, When, WhenSource};
use crate::platform::json::{Placed, values};
use crate::platform::{self, Page, ParseError, Platform, Shape};

/// Tables and JSON of any kind, with a map.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Mapped",
    about: "tables (CSV) and JSON of any kind, with a map of what stands where (--map); imported, never pulled",
    first: None,
    session: None,
    shapes: &[
        Shape {
            name: "table",
            what: "a table of any kind: commas, semicolons or tabs",
            told_by: "the map that is given with it",
            lacks: "what the map does not name; whether the words are all; times without a zone; lists",
        },
        Shape {
            name: "json",
            what: "JSON objects of any kind, one a line or in a list",
            told_by: "the map that is given with it",
            lacks: "as table",
        },
    ],
    parse,
    post_at: None,
    embeds: None,
};

const NAME: &str = "mapped";

/// How many names an error lists.
const LISTED: usize = 60;

/// Whether the map of an exchange fits what it holds.
///
/// # Errors
/// What does not fit, with the names that there are.
pub fn check(exchange: &Exchange) -> Result<(), String> {
    let page = parse(exchange).map_err(|error| match error {
        ParseError::NotThisShape { misfit, .. } => misfit,
        error => error.to_string(),
    })?;
    if page.shape == "table" {
        return Ok(());
    }
    let text = exchange.text().map_err(|error| error.to_string())?;
    let (Some(map), items) = (exchange.request.map(), objects(&text)?) else { return Ok(()) };
    let map = Map::of(&map)?;
    let objects: Vec<&Value> = items.iter().filter_map(|(_, item)| item.as_ref().ok()).collect();
    let is_nowhere = |column: &&str| objects.iter().all(|object| member(object, column).is_none());
    match map.columns().find(is_nowhere) {
        Some(missing) => {
            let mut names = Vec::new();
            objects.iter().take(20).for_each(|object| paths(object, "", &mut names));
            Err(format!("nothing in it is called `{missing}`; there are {}", listed(&names)))
        }
        None => Ok(()),
    }
}

fn listed(names: &[String]) -> String {
    let shown: Vec<String> =
        names.iter().take(LISTED).map(|name| format!("`{}`", name.chars().take(60).collect::<String>())).collect();
    let more = names.len().saturating_sub(LISTED);
    shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
}

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let map = exchange.request.map().ok_or_else(|| misfit(NAME, "no map came with it"))?;
    let map = Map::of(&map).map_err(|what| misfit(NAME, what))?;
    let seen_at = exchange.fetched_at;
    let text = exchange.text()?;
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) {
        let table = Table::of(exchange, NAME)?;
        if let Some(missing) = map.columns().find(|column| !table.head.has(column)) {
            return Err(misfit(
                NAME,
                format!("the table has no column `{missing}`; its columns are {}", listed(&table.head.names)),
            ));
        }
        let row = |row: &Row<'_>| post(&map, &|column| row.get(column).map(str::to_owned), seen_at);
        return Ok(table.page("table", |one| row(one).map(|post| vec![post])));
    }
    let status = exchange.response.status;
    if status >= 400 {
        return Err(ParseError::Refused { platform: NAME, status, message: "no reason given".to_owned() });
    }
    let mut page = Page { shape: "json", ..Page::default() };
    for (at, item) in objects(&text).map_err(|what| misfit(NAME, what))? {
        match item.and_then(|item| post(&map, &|path| member(&item, path).and_then(plain), seen_at)) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    Ok(page)
}

/// The objects of a body of JSON, each with its place: of lines of it, of a list, or the one that it is.
fn objects(text: &str) -> Result<Vec<Placed>, String> {
    let mut found = Vec::new();
    for (at, value) in values(text.trim_start_matches('\u{feff}'))? {
        match value {
            Ok(Value::Array(items)) => {
                found.extend(items.into_iter().enumerate().map(|(i, item)| (format!("{at}/{i}"), Ok(item))));
            }
            value => found.push((at, value)),
        }
    }
    let is_object = |item: Result<Value, String>| {
        item.and_then(|item| if item.is_object() { Ok(item) } else { Err("is no object".to_owned()) })
    };
    Ok(found.into_iter().map(|(at, item)| (at, is_object(item))).collect())
}

/// What a path leads to: a JSON pointer, or names with dots between them, of which each may hold dots itself.
fn member<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    // A list is walked by numbers. Deeper than this nobody points.
    const DEEPEST: usize = 16;
    fn dotted<'a>(value: &'a Value, path: &str, depth: usize) -> Option<&'a Value> {
        let step = |name: &str| value.get(name).or_else(|| value.get(name.parse::<usize>().ok()?));
        if let Some(found) = step(path) {
            return Some(found);
        }
        let dots = path.match_indices('.').filter(|_| depth < DEEPEST);
        dots.filter_map(|(dot, _)| dotted(step(&path[..dot])?, &path[dot + 1..], depth + 1)).next()
    }
    if path.starts_with('/') { value.pointer(path) } else { dotted(value, path, 0) }
}

/// A value as text. A number keeps its digits; one that has lost some shows it.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The paths of an object's values, for those who look for a name.
fn paths(value: &Value, before: &str, names: &mut Vec<String>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let path = format!("{before}{name}");
        match value {
            Value::Object(_) if before.matches('.').count() < 2 => paths(value, &format!("{path}."), names),
            _ if !names.contains(&path) && names.len() < 10 * LISTED => names.push(path),
            _ => {}
        }
    }
}

fn post(map: &Map, row: &dyn Fn(&str) -> Option<String>, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let get = |field: &str| map.get(field, row);
    let text = get("text");
    let text = words(text.as_deref())?;
    let mut post = identified(get("url"), get("id"), get("platform"))?;
    let by_address = post.author.handle.take();
    let written = get("handle");
    let handle = written.as_deref().filter(|written| !written.contains("://")).and_then(Handle::new);
    match (&handle, &written, &by_address) {
        (None, Some(written), _) => {
            let written: String = written.chars().take(60).collect();
            post.doubts.push(format!("{written:?} is no handle."));
        }
        (Some(handle), _, Some(by_address)) if !is_same(handle, by_address) => {
            post.doubts.push(format!("It is signed by @{handle}, but its address names @{by_address}."));
        }
        _ => {}
    }
    let author = post.author;
    post.author = Author { handle: handle.or(by_address), name: get("author"), ..author };
    if post.author.handle.is_none() && post.author.name.is_none() && post.url.is_none() {
        return Err("names nobody, and has no address".to_owned());
    }
    date(&mut post, get("date"));
    post.text = text.to_owned();
    post.text_state = TextState::Unknown;
    if ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].iter().any(|escape| text.contains(escape)) {
        post.doubts.push("Signs such as & stand escaped in it, as the file has them.".to_owned());
    }
    post.lang = get("lang");
    post.reply_to = get("reply_to").and_then(|other| reference(other.trim(), &post.platform));
    post.kind = tweet::kind(post.reply_to.is_some(), false);
    let counted = |field: &str| count(get(field).as_deref());
    let metrics = Metrics {
        likes: counted("likes"),
        reposts: counted("reposts"),
        replies: counted("replies"),
        views: counted("views"),
        ..Metrics::default()
    };
    tweet::metrics(&mut post, metrics, seen_at);
    Ok(post)
}

/// A handle without its server is half a name, and contradicts none that has one.
fn is_same(handle: &Handle, other: &Handle) -> bool {
    let (handle, other) = (handle.folded(), other.folded());
    let user = |handle: &str| handle.split('@').next().unwrap_or_default().to_owned();
    handle == other || (handle.contains('@') != other.contains('@') && user(&handle) == user(&other))
}

/// The post by its address, else by its id.
fn identified(url: Option<String>, id: Option<String>, named: Option<String>) -> Result<Post, String> {
    let url = url.map(|url| url.trim().to_owned());
    let page = url.clone().filter(|url| url.starts_with("http"));
    // The mark that keeps spreadsheets from rounding.
    let id = id.map(|id| id.trim().trim_start_matches('\'').to_owned());
    let whole = id.as_deref().filter(|id| !tweet::is_rounded(id));
    let named = named.map(|named| platform_of(named.trim()));
    let by_address = url.as_deref().and_then(platform::post_at);
    let by_id = whole.and_then(|id| platform::post_at(id).or_else(|| at(id, named.as_deref()?)));
    let is_rounded = id.is_some() && whole.is_none();
    let mut post = match (by_address, by_id) {
        (Some(by_address), Some(by_id)) => {
            let mut post = by_address;
            if post.platform == by_id.platform && post.id.as_ref().zip(by_id.id.as_ref()).is_some_and(|(a, b)| a != b) {
                post.doubts.push("Its id and its address are of two posts.".to_owned());
            } else if post.id.is_none() && post.platform == by_id.platform {
                post = Post { url: post.url, author: post.author, ..by_id };
            }
            post
        }
        (Some(post), None) => post,
        (None, Some(post)) if page.is_none() => post,
        (None, by_id) => Post {
            platform: named.unwrap_or_else(|| NAME.to_owned()),
            id: whole.map(str::to_owned),
            url: page.clone(),
            doubts: by_id
                .map(|post| format!("Its address is none of {}'s posts.", post.platform))
                .into_iter()
                .collect(),
            ..Post::default()
        },
    };
    if is_rounded && post.id.is_none() && post.url.is_none() {
        post.doubts.push("Its id was rounded, as spreadsheets do, so that it is not known.".to_owned());
    }
    post.url = post.url.or(page);
    Ok(post)
}

/// The platform's own name for itself, where its address tells that it is the same (`Twitter`).
fn platform_of(named: &str) -> String {
    let named = named.to_lowercase();
    at("20", &named).map_or(named, |post| post.platform)
}

/// The post of a platform by its id, where the platform's addresses are made of ids.
fn at(id: &str, named: &str) -> Option<Post> {
    let fits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !fits(id) || !fits(named) {
        return None;
    }
    let post = platform::post_at(&format!("https://{named}.com/i/status/{id}"))?;
    (post.id.as_deref() == Some(id)).then_some(post)
}

fn reference(other: &str, named: &str) -> Option<PostRef> {
    if other.contains("://") {
        let known = platform::post_at(other).unwrap_or_default();
        return Some(PostRef { id: known.id, uri: known.uri, url: known.url.or_else(|| Some(other.to_owned())) });
    }
    let id = Some(other.trim_start_matches('\'')).filter(|id| !tweet::is_rounded(id))?;
    let known = at(id, named).unwrap_or_default();
    Some(PostRef { id: Some(id.to_owned()), uri: known.uri, url: known.url })
}

/// Enters the date: to the second where it names its zone or counts seconds since 1970, else the day.
fn date(post: &mut Post, stated: Option<String>) {
    let Some(stated) = stated else { return };
    let stated = stated.trim();
    let seconds = || match (stated.len(), stated.parse::<i64>()) {
        (9..=10, Ok(seconds)) => DateTime::from_timestamp(seconds, 0),
        (12..=13, Ok(milliseconds)) => DateTime::from_timestamp_millis(milliseconds),
        _ => None,
    };
    let counted = seconds().and_then(|at| When::new(at, Precision::Second, WhenSource::Page));
    match (counted.or_else(|| date::printed(stated)), post.created) {
        (Some(when), Some(by_id)) => {
            // A day is that of any place on earth.
            let apart = by_id.at() - when.at();
            let fits = match when.precision() {
                Precision::Day => (TimeDelta::hours(-14)..TimeDelta::hours(24 + 12)).contains(&apart),
                Precision::Second | Precision::Minute => apart.abs() < TimeDelta::days(1),
            };
            if !fits {
                post.doubts.push(format!(
                    "It is said to be written at {}, but its id was given out at {}.",
                    when.to_rfc3339(),
                    by_id.to_rfc3339()
                ));
            }
        }
        (Some(when), None) => post.created = Some(when),
        (None, _) => {
            let stated: String = stated.chars().take(60).collect();
            post.doubts.push(format!("Its date {stated:?} cannot be read, or in two ways."));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_into_objects_and_lists() {
        let value = serde_json::json!({"a": {"b.c": {"d": 1}, "e": [{"f": "x"}]}, "a.g": 2, "/h": 3});
        for (path, found) in [
            ("a.b.c.d", Some("1")),
            ("a.e.0.f", Some("x")),
            ("a.g", Some("2")),
            ("/a/e/0/f", Some("x")),
            ("/a/b.c/d", Some("1")),
            ("a.x", None),
            ("", None),
            (".", None),
            ("a", None),
        ] {
            assert_eq!(member(&value, path).and_then(plain).as_deref(), found, "{path}");
        }
        let deep = format!("{}x", "a.".repeat(10_000));
        assert_eq!(member(&value, &deep), None);
    }
}
