//! Reposts: somebody passes a post on, without words. They come as the reason why a feed shows a post, and as records of
//! their own.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::PLATFORM;
use super::dates::{self, Stated};
use super::names::{self, PostUri};
use super::view::author;
use super::wire::{object, part};
use crate::model::{Author, Kind, Post, Precision, TextState, When, WhenSource};

/// The collection that reposts live in.
pub const COLLECTION: &str = "app.bsky.feed.repost";

const REASON: &str = "app.bsky.feed.defs#reasonRepost";

/// The repost that is the reason for the post of that URI. `None` if the reason is another.
pub fn of_reason(reason: Option<&RawValue>, of: &str) -> Option<Post> {
    let reason = object::<WireReason<'_>>(reason).filter(|reason| reason.kind == REASON)?;
    let by = object::<WireBy>(Some(reason.by)).filter(|by| names::is_did(&by.did))?;
    let original = PostUri::new(of)?;
    let at = part::<String>(reason.indexed_at).as_deref().and_then(dates::instant);
    let uri = part::<String>(reason.uri).filter(|uri| uri.starts_with("at://"));
    Some(Post {
        // Older answers do not name the repost's record. An account reposts a post once, so the two together name it.
        id: Some(uri.clone().unwrap_or_else(|| format!("{of}#reposted-by-{}", by.did))),
        uri,
        author: author(Some(reason.by), &by.did),
        created: at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
        ..repost(original)
    })
}

/// The repost of that record: `at://DID/app.bsky.feed.repost/KEY`.
///
/// # Errors
/// A fragment that says why it is none.
pub fn of_record(
    own: PostUri<'_>,
    subject: Option<&str>,
    stated: &Stated,
    author: Author,
    seen_at: DateTime<Utc>,
) -> Result<Post, String> {
    let of = subject.and_then(PostUri::new).ok_or("is a repost that names no post")?;
    let uri = format!("at://{}/{COLLECTION}/{}", own.did, own.key);
    let (created, doubts) = stated.written(Some(own), seen_at);
    Ok(Post { id: Some(uri.clone()), uri: Some(uri), author, created, doubts, ..repost(of) })
}

/// The repost in a list of records or notifications: a record with its URI. `None` if it is another record.
pub fn of_item(raw: &RawValue, seen_at: DateTime<Utc>) -> Option<Result<Post, String>> {
    let wire: WireItem<'_> = object(Some(raw))?;
    let uri: String = part(wire.uri)?;
    let (did, key) = uri.strip_prefix("at://")?.split_once('/')?;
    let own = PostUri::of(did, key.strip_prefix(COLLECTION)?.strip_prefix('/')?)?;
    let record: WireRecord<'_> = object(wire.record.or(wire.value))?;
    let stated = Stated {
        claimed: part(record.created_at),
        indexed: part::<String>(wire.indexed_at).as_deref().and_then(dates::instant),
    };
    let subject = object::<WireSubject>(record.subject).map(|subject| subject.uri);
    Some(of_record(own, subject.as_deref(), &stated, author(wire.author, did), seen_at))
}

fn repost(of: PostUri<'_>) -> Post {
    Post {
        platform: PLATFORM.name.to_owned(),
        text_state: TextState::Complete,
        kind: Kind::Repost,
        repost_of: Some(of.to_ref()),
        ..Post::default()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireReason<'a> {
    #[serde(rename = "$type", alias = "py_type")]
    kind: String,
    #[serde(borrow)]
    by: &'a RawValue,
    #[serde(borrow, default)]
    uri: Option<&'a RawValue>,
    #[serde(alias = "indexed_at", borrow, default)]
    indexed_at: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireBy {
    did: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireItem<'a> {
    #[serde(borrow, default)]
    uri: Option<&'a RawValue>,
    #[serde(borrow, default)]
    author: Option<&'a RawValue>,
    #[serde(borrow, default)]
    record: Option<&'a RawValue>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
    #[serde(alias = "indexed_at", borrow, default)]
    indexed_at: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRecord<'a> {
    #[serde(alias = "created_at", borrow, default)]
    created_at: Option<&'a RawValue>,
    #[serde(borrow, default)]
    subject: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireSubject {
    uri: String,
}
