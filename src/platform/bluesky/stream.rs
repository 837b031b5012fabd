//! Events of the network's streams, saved as lines: Jetstream's of every version (<https://github.com/bluesky-social/jetstream>),
//! and those of a relay (`com.atproto.sync.subscribeRepos`) as tools decode them.
//!
//! They know an author by DID alone. Of all events only posts made, changed or deleted matter here; likes, follows, profiles
//! and what becomes of accounts does not. A deletion is told with the post's URI and its time, and shows nothing. When a
//! stream brought a new post is as good as when an index had it: seconds after it was written, unless the stream is a replay of
//! old events.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::PLATFORM;
use super::car::Car;
use super::names::{self, POST, PostUri};
use super::view::View;
use super::wire::{items, object, part};
use super::{dates, repository};
use crate::model::{Deletion, Skipped};
use crate::platform::Page;

/// Base 64 as JSON writes bytes, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The shape of an event, and if it brings a post, the post into the page. `None` if it is no event.
pub fn read(raw: &RawValue, at: &str, seen_at: DateTime<Utc>, page: &mut Page) -> Option<&'static str> {
    let mut event: Wire<'_> = object(Some(raw))?;
    let mut kind = text(event.kind);
    // Jetstream's frame of 2026, and the one that goat prints around an event.
    let is_frame = text(event.schema).as_deref() == Some("message")
        || matches!(kind.as_deref(), Some("commit" | "identity" | "account" | "sync"));
    if let Some(payload) = event.payload.filter(|_| is_frame) {
        event = object(Some(payload))?;
        kind = text(event.kind).or(kind);
    }
    let schema = text(event.schema).unwrap_or_default();
    let mut stream = Stream { at, seen_at, page };
    if let (Some(time), Some(_)) = (part::<i64>(event.time_us), event.did) {
        let is_commit = match kind.as_deref()? {
            "commit" | "com" => true,
            "identity" | "account" | "sync" | "id" | "acc" => false,
            _ => return None,
        };
        let time = DateTime::from_timestamp_micros(time);
        if let Some(commit) = object::<Wire<'_>>(event.commit).filter(|_| is_commit) {
            stream.one(&Wire { did: event.did, ..commit }, time);
        }
        return Some("jetstream");
    }
    let time = text(event.time).as_deref().and_then(dates::instant);
    if let Some(kind) = schema.strip_prefix("network.bsky.jetstream.subscribeEvents#") {
        if kind == "commit" {
            stream.one(&event, time);
        }
        return Some("jetstream");
    }
    if event.repo.is_some() && event.ops.is_some() {
        stream.commit(&event, time);
    } else if event.collection.is_some() && event.rkey.is_some() && event.operation().is_some() {
        stream.one(&event, time);
    } else {
        let is_other = matches!(kind.as_deref(), Some("identity" | "account" | "sync")) && event.seq.is_some();
        (is_other && event.did.is_some()).then_some(())?;
    }
    Some("firehose")
}

/// What an SDK's examples make of a commit: posts `created` and `deleted`. `false` if it is none.
pub fn by_type(raw: &RawValue, at: &str, seen_at: DateTime<Utc>, page: &mut Page) -> bool {
    let Some(wire) = object::<WireByType<'_>>(Some(raw)) else { return false };
    if wire.created.or(wire.deleted).is_none() {
        return false;
    }
    let mut skip = |at: String, reason: String| page.skipped.push(Skipped { at, reason });
    for (i, item) in items(wire.deleted).into_iter().enumerate() {
        let uri = object::<Wire<'_>>(Some(item)).and_then(|item| text(item.uri)).unwrap_or_default();
        skip(format!("{at}/deleted/{i}"), deleted(&uri, None));
    }
    for (i, item) in items(wire.created).into_iter().enumerate() {
        let at = format!("{at}/created/{i}");
        match View::read(item) {
            Ok(view) => view.put(page, &at, false, seen_at),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    true
}

struct Stream<'p> {
    at: &'p str,
    seen_at: DateTime<Utc>,
    page: &'p mut Page,
}

impl Stream<'_> {
    /// One record made, changed or deleted.
    fn one(&mut self, event: &Wire<'_>, time: Option<DateTime<Utc>>) {
        if text(event.collection).as_deref() == Some(POST)
            && let Err(reason) = self.put(event, text(event.rkey).as_deref(), self.at, time)
        {
            self.page.skipped.push(Skipped { at: self.at.to_owned(), reason });
        }
    }

    /// A commit to a repository, with all that it did.
    fn commit(&mut self, event: &Wire<'_>, time: Option<DateTime<Utc>>) {
        let operations =
            items(event.ops).into_iter().enumerate().filter_map(|(i, op)| Some((i, object::<Wire<'_>>(Some(op))?)));
        let mut held = Vec::new();
        for (i, op) in operations {
            let path = text(op.path).unwrap_or_default();
            let Some((POST, key)) = path.split_once('/') else { continue };
            let deletes = op.operation().as_deref() == Some("delete");
            if op.record().is_none() && event.blocks.is_some() && !deletes {
                held.push((path, op.operation().as_deref() == Some("update")));
                continue;
            }
            let at = format!("{}/ops/{i}", self.at);
            let op = Wire { did: event.repo, ..op };
            if let Err(reason) = self.put(&op, Some(key), &at, time) {
                self.page.skipped.push(Skipped { at, reason });
            }
        }
        if held.is_empty() {
            return;
        }
        let at = format!("{}/blocks", self.at);
        let bytes = event.bytes();
        let Some(car) = bytes.as_deref().and_then(Car::open) else {
            return self.page.skipped.push(Skipped { at, reason: "hold no CAR file with the records".to_owned() });
        };
        let streamed = self.possible(time);
        repository::read_commit(&car, &at, &held, streamed, self.seen_at, self.page);
    }

    fn possible(&self, time: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        time.filter(|time| dates::possible(*time, self.seen_at))
    }

    fn put(&mut self, op: &Wire<'_>, key: Option<&str>, at: &str, time: Option<DateTime<Utc>>) -> Result<(), String> {
        let did = text(op.did.or(op.repo)).ok_or("does not name its account")?;
        let uri = key.and_then(|key| PostUri::of(&did, key)).ok_or("has no usable author or key")?.to_uri();
        let operation = op.operation().unwrap_or_default();
        if operation == "delete" {
            self.page.deleted.push(gone(at, &uri, time));
            return Err(deleted(&uri, time));
        }
        let mut view = View::of(uri, op.record().ok_or("has no record")?)?;
        match operation.as_str() {
            "create" => view.stated.stream(self.possible(time), key.and_then(names::key_time)),
            "update" => view.edited = self.possible(time),
            other => return Err(format!("is of the unknown operation {other:?}")),
        }
        view.put(self.page, at, false, self.seen_at);
        Ok(())
    }
}

fn gone(at: &str, uri: &str, time: Option<DateTime<Utc>>) -> Deletion {
    Deletion { at: at.to_owned(), platform: PLATFORM.name.to_owned(), uri: Some(uri.to_owned()), on: None, time }
}

fn deleted(uri: &str, time: Option<DateTime<Utc>>) -> String {
    let when = time.map(|time| format!(" at {}", dates::shown(time))).unwrap_or_default();
    format!("was deleted{when}: {uri}")
}

fn text(raw: Option<&RawValue>) -> Option<String> {
    part(raw)
}

/// An event, a commit in it, or one operation of it: all that any of them says.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "$type", borrow, default)]
    schema: Option<&'a RawValue>,
    /// The first Jetstream wrote `type`.
    #[serde(alias = "type", borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    payload: Option<&'a RawValue>,
    #[serde(borrow, default)]
    did: Option<&'a RawValue>,
    #[serde(borrow, default)]
    repo: Option<&'a RawValue>,
    #[serde(borrow, default)]
    seq: Option<&'a RawValue>,
    #[serde(borrow, default)]
    time_us: Option<&'a RawValue>,
    #[serde(borrow, default)]
    time: Option<&'a RawValue>,
    #[serde(borrow, default)]
    commit: Option<&'a RawValue>,
    #[serde(borrow, default)]
    ops: Option<&'a RawValue>,
    #[serde(borrow, default)]
    blocks: Option<&'a RawValue>,
    #[serde(borrow, default)]
    collection: Option<&'a RawValue>,
    #[serde(borrow, default)]
    rkey: Option<&'a RawValue>,
    #[serde(borrow, default)]
    path: Option<&'a RawValue>,
    #[serde(borrow, default)]
    uri: Option<&'a RawValue>,
    #[serde(borrow, default)]
    operation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    action: Option<&'a RawValue>,
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    record: Option<&'a RawValue>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

impl<'a> Wire<'a> {
    fn operation(&self) -> Option<String> {
        let named = text(self.operation).or_else(|| text(self.action)).or_else(|| text(self.event));
        named.or_else(|| {
            let short = text(self.kind)?;
            let long = [("c", "create"), ("u", "update"), ("d", "delete")].into_iter().find(|(c, _)| *c == short)?;
            Some(long.1.to_owned())
        })
    }

    fn record(&self) -> Option<&'a RawValue> {
        self.record.or(self.value)
    }

    /// The blocks: base 64, alone or as `$bytes`.
    fn bytes(&self) -> Option<Vec<u8>> {
        #[derive(Deserialize)]
        struct Bytes {
            #[serde(rename = "$bytes")]
            bytes: String,
        }
        let packed = text(self.blocks).or_else(|| Some(object::<Bytes>(self.blocks)?.bytes))?;
        BASE64.decode(packed.trim()).ok()
    }
}

#[derive(Deserialize)]
struct WireByType<'a> {
    #[serde(borrow, default)]
    created: Option<&'a RawValue>,
    #[serde(borrow, default)]
    deleted: Option<&'a RawValue>,
}
