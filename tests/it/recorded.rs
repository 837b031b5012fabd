//! Real answers of real servers, beside the project: each file is read as an import would read it, and compared with
//! `expected.json`, which an independent script made.
//!
//! Where the two differ, a list in `tests/it/recorded` says why. A difference that is not listed fails, and so does a
//! listed one that is gone.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use pullquote::import::{self, ImportError, Piece};
use pullquote::model::{Found, Kind, Precision};
use pullquote::{date, ingest};
use serde::Deserialize;
use serde_json::Value;

use crate::support::{root, shared};

#[derive(Deserialize)]
struct Listed {
    /// What is compared: folders and files below `recorded`.
    compared: Vec<String>,
    #[serde(default)]
    difference: Vec<Difference>,
}

#[derive(Deserialize)]
struct Difference {
    file: String,
    /// `posts`, or index of the sample and field.
    what: String,
    /// Why ours is right, or cannot be otherwise.
    why: String,
}

#[test]
fn recordings_agree_with_what_is_expected_of_them() {
    let Some(recorded) = shared().map(|shared| shared.join("recorded")) else { return };
    let expected: Value = serde_json::from_slice(&std::fs::read(recorded.join("expected.json")).unwrap()).unwrap();
    let entries = expected["files"].as_array().unwrap();
    let (mut wrong, mut facts) = (Vec::new(), 0);
    for list in std::fs::read_dir(root().join("tests/it/recorded")).unwrap() {
        let list: Listed = toml::from_str(&std::fs::read_to_string(list.unwrap().path()).unwrap()).unwrap();
        let is_compared = |file: &str| {
            list.compared
                .iter()
                .any(|one| file.strip_prefix(one.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        };
        let mut found = BTreeSet::new();
        let mut seen = 0;
        for entry in entries {
            let file = entry["file"].as_str().unwrap();
            if !is_compared(file) {
                continue;
            }
            seen += 1;
            let samples = entry["sample"].as_array().unwrap();
            facts += 1 + samples.iter().map(|sample| sample.as_object().unwrap().len()).sum::<usize>();
            for (what, ours, theirs) in compare(&read(&recorded.join(file)), entry) {
                found.insert((file.to_owned(), what, format!("expected {theirs}, found {ours}")));
            }
        }
        assert!(seen > 0, "expected.json names no file of {:?}", list.compared);
        let listed = |file: &str, what: &str| list.difference.iter().any(|one| one.file == file && one.what == what);
        wrong.extend(found.iter().filter(|(file, what, _)| !listed(file, what)).map(|one| format!("{one:?}")));
        for Difference { file, what, why } in &list.difference {
            if !found.iter().any(|(f, w, _)| f == file && w == what) {
                wrong.push(format!("{file}: {what} no longer differs ({why})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("{facts} facts compared");
}

/// The posts of a file, read as an import reads it.
fn read(path: &Path) -> Vec<Found> {
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    let Ok(pieces) = import::pieces(path, now) else { return Vec::new() };
    let mut found = Vec::new();
    for piece in pieces {
        let (part, reader) = match piece {
            Ok(Piece::Part(part, reader)) => (part, reader),
            Ok(_) | Err(ImportError::Unknown { .. }) => continue,
            Err(error) => panic!("{}: {error}", path.display()),
        };
        found.extend(ingest::parse(reader, &part.exchange).unwrap().posts);
    }
    found
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
        "index" | "title40" | "op" | "pinned" | "by" | "date_title" | "pk" => Ok(()),
        // An object of ActivityPub has its URI for an id.
        "id" => same(post.id.as_deref().or(post.uri.as_deref())),
        "author_url" => same(post.author.id.as_deref()),
        "uri" => same(post.uri.as_deref()),
        "url" => same(post.url.as_deref()),
        "platform" => same(Some(&post.platform)),
        "did" => same(post.author.id.as_deref()),
        // Where there are no display names the script took the handle for one.
        "name" if post.author.name.is_none() && !theirs.is_null() => {
            same(post.author.handle.as_ref().map(|handle| handle.as_str()))
        }
        "name" | "name_from_json" => same(post.author.name.as_deref()),
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
        "edited" if theirs.is_boolean() => {
            holds(post.labels.iter().any(|label| label == "edited"), "not edited".to_owned())
        }
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
            let theirs = theirs.as_str().unwrap_or_default();
            // A repost has no words of its own: those behind its mark are the reposted post's.
            let reposted =
                theirs.strip_prefix("RT @").and_then(|theirs| theirs.split_once(": ")).map(|(_, words)| words);
            let said = nested.first().filter(|_| reposted.is_some() && post.text.is_empty());
            let said = said.map_or(&post.text, |inner| &inner.post.text);
            let ours = said.split_whitespace().collect::<Vec<_>>().join(" ");
            // Theirs is 40 characters, perhaps with a picture's address at the end.
            let whole = theirs.trim_end().split("pic.twitter.com/").next().unwrap_or_default().trim_end();
            let cut = whole.chars().count() >= 35 || whole.is_empty();
            let theirs = reposted.unwrap_or(whole).trim_end();
            holds(
                if cut { ours.starts_with(theirs) && theirs.is_empty() == ours.is_empty() } else { ours == theirs },
                ours,
            )
        }
        "views" => {
            let shown = |views: u64| match views {
                0..1_000 => views.to_string(),
                1_000..1_000_000 => format!("{:.1}K", views as f64 / 1e3),
                _ => format!("{:.1}M", views as f64 / 1e6),
            };
            let ours = post.metrics.views.map(shown).unwrap_or_default();
            let same = ours.replace(".0", "") == expected.replace(".0", "");
            holds(same, ours)
        }
        "poll_options" => {
            let options = post.poll.as_ref().map_or(0, |poll| poll.options.len() as u64);
            holds(theirs.as_u64() == Some(options), options.to_string())
        }
        "media" => holds(theirs.as_u64() == Some(post.media.len() as u64), post.media.len().to_string()),
        "reply_to" => {
            let reply = post.reply_to.as_ref();
            let names = reply.map(|r| [r.id.as_deref(), r.uri.as_deref(), r.url.as_deref()]).unwrap_or_default();
            holds(names.contains(&Some(expected)), format!("{reply:?}"))
        }
        "repost_of" | "quote_of" => {
            let reference = if field == "repost_of" { &post.repost_of } else { &post.quote_of };
            holds(reference.as_ref().and_then(|of| of.id.as_deref()) == Some(expected), format!("{reference:?}"))
        }
        "long_text_chars" => {
            let length = post.text.chars().count() as u64;
            holds(theirs.as_u64() == Some(length), length.to_string())
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
