//! Lines of Jetstream, the network's public stream as JSON (<https://github.com/bluesky-social/jetstream>). They know
//! an author by DID alone. Of its events only posts made or changed are posts; likes, follows, profiles and account
//! events are no concern here, and a deletion cannot be told yet.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::dates;
use super::names::{POST, PostUri};
use super::view::View;
use super::wire::part;
use crate::model::Skipped;
use crate::platform::Page;

/// Whether it is an event, and if it brings a post, the post into the page.
pub fn read(raw: &RawValue, at: &str, seen_at: DateTime<Utc>, page: &mut Page) -> bool {
    let Some(event) = part::<WireEvent<'_>>(Some(raw)) else { return false };
    if !matches!(event.kind.as_str(), "commit" | "identity" | "account") {
        return false;
    }
    let Some(commit) = part::<WireCommit<'_>>(event.commit).filter(|commit| commit.collection == POST) else {
        return true;
    };
    if let Err(reason) = put(&event, &commit, at, seen_at, page) {
        page.skipped.push(Skipped { at: at.to_owned(), reason });
    }
    true
}

fn put(
    event: &WireEvent<'_>,
    commit: &WireCommit<'_>,
    at: &str,
    seen_at: DateTime<Utc>,
    page: &mut Page,
) -> Result<(), String> {
    if commit.operation == "delete" {
        return Err("is a deletion".to_owned());
    }
    let uri = PostUri::of(&event.did, &commit.rkey).ok_or("has no usable author or key")?;
    let mut view = View::of(uri.to_uri(), commit.record.ok_or("has no record")?)?;
    let streamed = DateTime::from_timestamp_micros(event.time_us).filter(|time| dates::possible(*time, seen_at));
    match commit.operation.as_str() {
        // The stream has a new post seconds after it is written, as the AppView has.
        "create" => view.stated.indexed = streamed,
        "update" => view.edited = streamed,
        other => return Err(format!("is of the unknown operation {other:?}")),
    }
    view.put(page, at, false, seen_at);
    Ok(())
}

#[derive(Deserialize)]
struct WireEvent<'a> {
    did: String,
    time_us: i64,
    kind: String,
    #[serde(borrow, default)]
    commit: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireCommit<'a> {
    operation: String,
    collection: String,
    rkey: String,
    #[serde(borrow, default)]
    record: Option<&'a RawValue>,
}
