//! Real answers of real servers, beside the project: each file is read as an import would read it, and compared with
//! `expected.json`, which an independent script made.
//!
//! Where the two differ, [`DIFFERENCES`] says why. A difference that is not listed fails, and so does a listed one that
//! is gone.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use pullquote::date;
use pullquote::exchange::{Exchange, Origin, Request, Response};
use pullquote::model::{Found, Kind, Precision};
use pullquote::platform::{self, Page, ParseError};
use serde_json::Value;

use crate::support::shared;

/// Folders of recordings that are compared.
const FOLDERS: &[&str] = &["mastodon", "bluesky", "articles", "x/dgnsrekt__nitter_scraper"];

/// File, what differs (`posts`, or sample index and field), and why ours is right or cannot be otherwise.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    (
        "articles/geotribu__website/rdp_2025-12-19.md",
        "0 id",
        "the script took the embed's address; ours is the post's, and the page names no id",
    ),
    (
        "bluesky/MarshalX__atproto/post_record.json",
        "0 id",
        "the script took no URI from a bare record; the file has it",
    ),
    (
        "bluesky/MarshalX__atproto/post_record.json",
        "0 text40",
        "the script looked for `record`; the text stands in `value`",
    ),
    (
        "bluesky/MarshalX__atproto/post_record.json",
        "0 ts",
        "the script looked for `record`; `createdAt` stands in `value`",
    ),
    (
        "x/dgnsrekt__nitter_scraper/testpage.html",
        "10 kind",
        "the page names neither the retweet nor who made it, so the post is the original, which quotes",
    ),
    (
        "x/dgnsrekt__nitter_scraper/testpage.html",
        "10 has_quote",
        "it quotes a post that the page does not show, and so does not name",
    ),
    (
        "x/dgnsrekt__nitter_scraper/testpage.html",
        "19 kind",
        "the page names neither the retweet nor who made it, so the post is the original",
    ),
];

#[test]
fn recordings_agree_with_what_is_expected_of_them() {
    let Some(recorded) = shared().map(|shared| shared.join("recorded")) else { return };
    let expected: Value = serde_json::from_slice(&std::fs::read(recorded.join("expected.json")).unwrap()).unwrap();
    let mut found = BTreeSet::new();
    let mut seen = 0;
    for entry in expected["files"].as_array().unwrap() {
        let file = entry["file"].as_str().unwrap();
        if !FOLDERS.iter().any(|folder| file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))) {
            continue;
        }
        seen += 1;
        let posts = read(&recorded.join(file));
        for (what, ours, theirs) in compare(&posts, entry) {
            found.insert((file.to_owned(), what, format!("expected {theirs}, found {ours}")));
        }
    }
    assert!(seen >= FOLDERS.len(), "expected.json names no file of {FOLDERS:?}");
    let listed = |file: &str, what: &str| DIFFERENCES.iter().any(|(f, w, _)| *f == file && *w == what);
    let unlisted: Vec<_> = found.iter().filter(|(file, what, _)| !listed(file, what)).collect();
    assert!(unlisted.is_empty(), "{unlisted:#?}");
    for (file, what, reason) in DIFFERENCES {
        let is_there = found.iter().any(|(f, w, _)| f == file && w == what);
        assert!(is_there, "{file}: {what} no longer differs ({reason})");
    }
}

/// The posts of a file, by the first platform that knows it.
fn read(path: &Path) -> Vec<Found> {
    let exchange = exchange(path);
    for platform in platform::ALL {
        match (platform.parse)(&exchange) {
            Ok(Page { posts, .. }) if !posts.is_empty() => return posts,
            Ok(_) | Err(ParseError::NotThisShape { .. }) => {}
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }
    Vec::new()
}

fn exchange(path: &Path) -> Exchange {
    let body = std::fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&body);
    let lines = text.lines().filter(|line| line.starts_with('{') && line.ends_with('}')).count();
    let media_type = match text.trim_start().chars().next() {
        Some('{') if lines > 1 => "application/x-ndjson",
        Some('{' | '[') => "application/json",
        Some('<') if text.contains("<rss") => "application/xml",
        Some('<') => "text/html",
        _ => "text/plain",
    };
    Exchange {
        request: Request::get(format!("file:///{}", path.file_name().unwrap().to_string_lossy())),
        response: Response {
            status: 200,
            headers: vec![("content-type".to_owned(), media_type.to_owned())],
            body: body.clone(),
            protocol: None,
        },
        fetched_at: "2026-11-23T12:00:00Z".parse().unwrap(),
        origin: Origin::File,
        masked: false,
    }
}

/// What differs: where, ours and theirs.
fn compare(found: &[Found], entry: &Value) -> Vec<(String, String, String)> {
    let top: Vec<usize> = (0..found.len()).filter(|at| !found[*at].nested).collect();
    let mut wrong = Vec::new();
    let accepted = entry["posts_accept"].as_array().cloned().unwrap_or_else(|| vec![entry["posts"].clone()]);
    if !accepted.contains(&Value::from(top.len())) {
        wrong.push(("posts".to_owned(), top.len().to_string(), Value::from(accepted).to_string()));
    }
    for sample in entry["sample"].as_array().unwrap() {
        let index = sample["index"].as_u64().unwrap() as usize;
        let Some(at) = top.get(index) else {
            wrong.push((index.to_string(), "no post".to_owned(), sample.to_string()));
            continue;
        };
        let nested: Vec<&Found> = found[at + 1..].iter().take_while(|found| found.nested).collect();
        for (field, theirs) in sample.as_object().unwrap() {
            if let Err(ours) = agrees(&found[*at], &nested, field, theirs) {
                wrong.push((format!("{index} {field}"), ours, theirs.to_string()));
            }
        }
    }
    wrong
}

/// Compares one field by the rules that `expected.json` states in `about`.
fn agrees(found: &Found, nested: &[&Found], field: &str, theirs: &Value) -> Result<(), String> {
    let post = &found.post;
    let same = |ours: Option<&str>| if ours == theirs.as_str() { Ok(()) } else { Err(format!("{ours:?}")) };
    let holds = |holds: bool, ours: String| if holds { Ok(()) } else { Err(ours) };
    let expected = theirs.as_str().unwrap_or_default();
    match field {
        // What is compared with another field, or tells the reader of expected.json something.
        "index" | "title40" | "op" | "pinned" | "by" | "date_title" => Ok(()),
        "id" => same(post.id.as_deref()),
        "uri" => same(post.uri.as_deref()),
        "url" => same(post.url.as_deref()),
        "platform" => same(Some(&post.platform)),
        "did" => same(post.author.id.as_deref()),
        "name" => same(post.author.name.as_deref()),
        "lang" => same(post.lang.as_deref().map(|langs| langs.split(',').next().unwrap_or_default())),
        "kind" => same(Some(post.kind.as_str())),
        // A bare handle may have its server added.
        "handle" => {
            let ours = post.author.handle.as_ref().map(|handle| handle.as_str());
            let completed =
                ours.and_then(|ours| ours.split_once('@')).is_some_and(|(user, _)| Some(user) == theirs.as_str());
            if completed { Ok(()) } else { same(ours) }
        }
        "url_handle" => {
            let url = post.url.as_deref().unwrap_or_default();
            holds(url.contains(&format!("/{expected}/")), url.to_owned())
        }
        "ts" | "ts_from_id" => same(post.created.map(|when| when.to_rfc3339()).as_deref()),
        "edited" => {
            let ours = post.edited.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
            same(ours.as_deref())
        }
        // The page prints its own time zone's day; the id's time may fall on the day before or after.
        "date_text" => {
            let printed = theirs.as_str().and_then(date::printed).map(|when| when.at());
            let near = match (printed, post.created) {
                (Some(printed), Some(created)) => near(printed, created.at(), created.precision()),
                (printed, created) => printed.is_none() && created.is_none() || theirs.is_null(),
            };
            holds(near, format!("{:?}", post.created))
        }
        "text40" => {
            let ours = post.text.split_whitespace().collect::<Vec<_>>().join(" ");
            // Theirs is 40 characters of the same, perhaps with a retweet's mark before it or a picture's address after it.
            let theirs = theirs.as_str().unwrap_or_default().trim_end();
            let theirs = if theirs.starts_with("RT @") {
                theirs.split_once(": ").map_or(theirs, |(_, text)| text)
            } else {
                theirs
            };
            let theirs = theirs.split("pic.twitter.com/").next().unwrap_or_default().trim_end();
            let cut = theirs.chars().count() >= 35 || theirs.is_empty();
            holds(
                if cut { ours.starts_with(theirs) && theirs.is_empty() == ours.is_empty() } else { ours == theirs },
                ours,
            )
        }
        "media" => holds(theirs.as_u64() == Some(post.media.len() as u64), post.media.len().to_string()),
        "reply_to" => {
            let reply = post.reply_to.as_ref();
            let names = reply.map(|r| [r.id.as_deref(), r.uri.as_deref(), r.url.as_deref()]).unwrap_or_default();
            holds(names.contains(&Some(expected)), format!("{reply:?}"))
        }
        "quote" | "has_quote" => holds(post.quote_of.is_some(), format!("{:?}", post.quote_of)),
        "of" => {
            let inner = nested.first().ok_or("no nested post")?;
            holds(post.kind == Kind::Repost, format!("{:?}", post.kind))?;
            theirs.as_object().unwrap().iter().try_for_each(|(field, theirs)| agrees(inner, &[], field, theirs))
        }
        "embed" => match expected {
            "app.bsky.embed.images" | "app.bsky.embed.video" => holds(!post.media.is_empty(), "no media".to_owned()),
            "app.bsky.embed.external" => holds(!post.links.is_empty() || !post.media.is_empty(), "no link".to_owned()),
            "app.bsky.embed.record" | "app.bsky.embed.recordWithMedia" => {
                holds(post.quote_of.is_some() || !post.links.is_empty(), "no quotation".to_owned())
            }
            other => Err(format!("unknown embed {other}")),
        },
        "deleted_placeholder" => holds(post.text.is_empty(), post.text.clone()),
        other => panic!("expected.json has a field that is not compared: {other}"),
    }
}

fn near(printed: DateTime<Utc>, created: DateTime<Utc>, precision: Precision) -> bool {
    let slack = if precision == Precision::Day { TimeDelta::zero() } else { TimeDelta::hours(14) };
    printed - slack <= created && created <= printed + TimeDelta::days(1) + slack
}
