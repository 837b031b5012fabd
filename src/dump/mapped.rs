//! Tables and JSON of any kind, by a map that says which column or member holds what.
//!
//! The map comes with the import, and stays with the capture (in the fragment of its address), so that a replay reads the same. Nobody
//! knows who made such a file: its dates are a page's word, and whether its words are all, it does not say. What it does not
//! name stays unknown. The platform is the address's, else what the map or a column says, else `mapped`.

mod identity;
mod map;

pub use map::Map;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

use super::table::{Row, Table, bare, count, misfit, words};
use super::tweet;
use crate::date;
use crate::exchange::Exchange;
use crate::model::{Found, Handle, Metrics, Post, Precision, Skipped, TextState, When, WhenSource};
use crate::platform::json::{Placed, values};
use crate::platform::{Page, ParseError, Platform, Shape};
use identity::Ids;

/// Tables and JSON of any kind, with a map.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Mapped",
    cited: None,
    about: "tables (CSV) and JSON of any kind, with a map of what stands where (--map); imported, never pulled",
    live: None,
    one: None,
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
    profile_at: None,
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
        let mut ids = Ids::default();
        let mut page = table.page("table", |row: &Row<'_>| {
            let get = |column: &str| row.get(column).map(str::to_owned);
            ids.see(map.get("id", &get));
            post(&map, &get, seen_at).map(|post| vec![post])
        });
        ids.doubt(&mut page);
        return Ok(page);
    }
    let status = exchange.response.status;
    if status >= 400 {
        return Err(ParseError::Refused { platform: NAME, status, message: "no reason given".to_owned() });
    }
    let mut page = Page { shape: "json", ..Page::default() };
    let mut ids = Ids::default();
    for (at, item) in objects(&text).map_err(|what| misfit(NAME, what))? {
        let read = item.and_then(|item| {
            let get = |path: &str| member(&item, path).and_then(plain);
            ids.see(map.get("id", &get));
            post(&map, &get, seen_at)
        });
        match read {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    ids.doubt(&mut page);
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
    let mut post = identity::identified(get("url").as_deref(), get("id").as_deref(), get("platform").as_deref());
    sign(&mut post, map, get("handle").as_deref());
    post.author.name = get("author");
    if post.author.handle.is_none() && post.author.name.is_none() && post.url.is_none() {
        return Err("names nobody, and has no address".to_owned());
    }
    date(&mut post, get("date"));
    post.text = text.to_owned();
    post.text_state = TextState::Unknown;
    if ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].iter().any(|escape| text.contains(escape)) {
        post.doubts.push("Signs such as & stand escaped in it, as the file has them.".to_owned());
    }
    if ["=\"", "=HYPERLINK("].iter().any(|formula| text.trim_start().starts_with(formula)) {
        post.doubts.push("It stands in a formula of a spreadsheet, as the file has it.".to_owned());
    }
    post.lang = get("lang");
    let answered = get("reply_to");
    match answered.as_deref().map(|other| identity::reference(other, &post.platform)) {
        Some(Ok(other)) => post.reply_to = other,
        Some(Err(doubt)) => post.doubts.push(doubt),
        None => {}
    }
    // A rounded id says which post it answers no more, but still that it does.
    let is_rounded = answered.is_some_and(|other| other.parse::<f64>() != Ok(0.0) && tweet::is_rounded(bare(&other)));
    post.kind = tweet::kind(post.reply_to.is_some() || is_rounded, false);
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

/// Enters the handle, where what stands there can be one; else that of the address stays.
fn sign(post: &mut Post, map: &Map, written: Option<&str>) {
    let Some(written) = written else { return };
    // A slash is in addresses, and in no handle.
    let handle = Handle::new(bare(written)).filter(|handle| !handle.as_str().contains('/'));
    let Some(handle) = handle else {
        let column = map.column("handle").map_or_else(|| "the map".to_owned(), |column| format!("`{column}`"));
        post.doubts.push(format!("{} in {column} does not look like a handle.", identity::quoted(written)));
        return;
    };
    if let Some(by_address) = post.author.handle.as_ref().filter(|by_address| !is_same(&handle, by_address)) {
        post.doubts.push(format!("It is signed by @{handle}, but its address names @{by_address}."));
    }
    post.author.handle = Some(handle);
}

/// A handle without its server is half a name, and contradicts none that has one.
fn is_same(handle: &Handle, other: &Handle) -> bool {
    let (handle, other) = (handle.folded(), other.folded());
    let user = |handle: &str| handle.split('@').next().unwrap_or_default().to_owned();
    handle == other || (handle.contains('@') != other.contains('@') && user(&handle) == user(&other))
}

/// Enters the date: to the second where it names its zone or counts seconds since 1970, else the day.
fn date(post: &mut Post, stated: Option<String>) {
    let Some(stated) = stated else { return };
    let stated = bare(&stated);
    match (counted(stated).or_else(|| date::printed(stated)), post.created) {
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
            post.doubts.push(format!("Its date {} cannot be read, or in two ways.", identity::quoted(stated)));
        }
    }
}

/// A time as a count of seconds, milliseconds or microseconds since 1970, or a day as `20210726`. How many digits there are
/// tells which, for every time since March 1973. What stands behind a point is cut off.
fn counted(stated: &str) -> Option<When> {
    let (whole, parts) = stated.split_once('.').unwrap_or((stated, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = whole.parse().ok().filter(|_| is_number(whole) && is_number(parts))?;
    let at = match whole.len() {
        8 if parts.is_empty() => {
            let day = NaiveDate::parse_from_str(whole, "%Y%m%d").ok()?;
            return When::day(day, WhenSource::Page).filter(|_| (1970..2100).contains(&day.year()));
        }
        9..=10 => DateTime::from_timestamp(number, 0),
        12..=13 => DateTime::from_timestamp_millis(number),
        15..=16 => DateTime::from_timestamp_micros(number),
        _ => None,
    };
    When::new(at?, Precision::Second, WhenSource::Page)
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
