//! A post as the columns of its row, and back without loss.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use rusqlite::Row;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use super::deletion::Deleted;
use crate::model::{Author, CaptureRef, Handle, Metrics, Post, Precision, When, WhenSource};

/// The columns of [`stored`], of `post p` joined with `capture c`.
pub(super) const COLUMNS: &str = "p.id, p.key, coalesce(p.identity, p.uri), p.revision, p.nested, p.place, \
    p.platform, p.native_id, p.uri, p.url, p.author_id, p.author_handle, p.author_name, p.author_url, p.author_flags, \
    p.created, p.created_precision, p.created_source, p.edited_at, p.text, p.text_state, p.content_warning, p.lang, \
    p.kind, p.reply_to, p.repost_of, p.quote_of, p.hashtags, p.mentions, p.links, p.media, p.poll, \
    p.likes, p.reposts, p.replies, p.quotes, p.views, p.metrics_seen_at, p.labels, p.doubts, \
    c.file, c.offset, c.record_id, c.digest, c.fetched_at";

/// How many [`COLUMNS`] are: the place of what a statement asks for behind them.
pub(super) const BEHIND: usize = 45;

/// A post of the archive, with what proves it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its short stable name.
    pub key: String,
    /// The post, as its best revision shows it.
    pub post: Post,
    /// Number of that revision; 1 unless an edit was seen.
    pub revision: u32,
    /// The capture that first showed this revision.
    pub capture: CaptureRef,
    /// The place in that capture.
    pub place: String,
    /// When that capture was had.
    pub fetched_at: DateTime<Utc>,
    /// Whether it was only ever seen inside another post.
    pub nested: bool,
    /// That it is gone, if so.
    pub deleted: Option<Deleted>,
}

/// The row of a post: what [`Stored`] shows and what only the store knows.
pub(super) struct PostRow {
    pub(super) id: i64,
    pub(super) identity: String,
    pub(super) stored: Stored,
}

/// Reads the columns of [`COLUMNS`].
pub(super) fn post_row(row: &Row<'_>) -> rusqlite::Result<PostRow> {
    let metrics = Metrics {
        likes: row.get(32)?,
        reposts: row.get(33)?,
        replies: row.get(34)?,
        quotes: row.get(35)?,
        views: row.get(36)?,
        seen_at: instant(row, 37)?,
    };
    let author = Author {
        id: row.get(10)?,
        handle: handle(row, 11)?,
        name: row.get(12)?,
        url: row.get(13)?,
        flags: list(row, 14)?,
    };
    let post = Post {
        platform: row.get(6)?,
        id: row.get(7)?,
        uri: row.get(8)?,
        url: row.get(9)?,
        author,
        created: when(row, 15)?,
        edited: instant(row, 18)?,
        text: row.get(19)?,
        text_state: word(row, 20)?,
        content_warning: row.get(21)?,
        lang: row.get(22)?,
        kind: word(row, 23)?,
        reply_to: value(row, 24)?,
        repost_of: value(row, 25)?,
        quote_of: value(row, 26)?,
        hashtags: list(row, 27)?,
        mentions: list(row, 28)?,
        links: list(row, 29)?,
        media: list(row, 30)?,
        poll: value(row, 31)?,
        metrics,
        labels: list(row, 38)?,
        doubts: list(row, 39)?,
    };
    Ok(PostRow {
        id: row.get(0)?,
        identity: row.get(2)?,
        stored: Stored {
            key: row.get(1)?,
            post,
            revision: row.get(3)?,
            capture: capture_ref(row, 40)?,
            place: row.get(5)?,
            fetched_at: required_instant(row, 44)?,
            nested: row.get(4)?,
            deleted: None,
        },
    })
}

/// The four columns `file, offset, record_id, digest` from `first` on.
pub(super) fn capture_ref(row: &Row<'_>, first: usize) -> rusqlite::Result<CaptureRef> {
    Ok(CaptureRef {
        file: row.get(first)?,
        offset: row.get(first + 1)?,
        record_id: row.get(first + 2)?,
        digest: row.get(first + 3)?,
    })
}

/// An instant as it is stored.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A value as JSON.
pub(super) fn json<T: Serialize>(value: &T) -> String {
    // Plain structs of strings and numbers: there is nothing in them that JSON could refuse.
    serde_json::to_string(value).unwrap_or_default()
}

/// A list as JSON; nothing for an empty one.
pub(super) fn json_list<T: Serialize>(list: &[T]) -> Option<String> {
    if list.is_empty() { None } else { Some(json(&list)) }
}

/// A handle as stored.
pub(super) fn handle(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Handle>> {
    let Some(text) = row.get::<_, Option<String>>(column)? else { return Ok(None) };
    Handle::new(&text).map(Some).ok_or_else(|| damaged(column, format!("{text:?} is no handle")))
}

/// One of the words of an enum.
pub(super) fn word<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    let reader: StrDeserializer<'_, WordError> = text.into_deserializer();
    T::deserialize(reader).map_err(|e| damaged(column, e))
}

/// A value kept as JSON.
pub(super) fn value<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else { return Ok(None) };
    serde_json::from_str(text).map(Some).map_err(|e| damaged(column, e))
}

/// A list kept as JSON.
pub(super) fn list<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<T>> {
    Ok(value(row, column)?.unwrap_or_default())
}

/// An instant, if there is one.
pub(super) fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else { return Ok(None) };
    // Unlike RFC 3339, chrono's own form has signs for years outside 0–9999, which a client may claim.
    let read = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.fZ");
    read.map(|at| Some(at.and_utc())).map_err(|e| damaged(column, e))
}

/// An instant in a column that always has one.
pub(super) fn required_instant(row: &Row<'_>, column: usize) -> rusqlite::Result<DateTime<Utc>> {
    instant(row, column)?.ok_or_else(|| damaged(column, "a time is missing"))
}

/// A count that fits SQLite's integers.
pub(super) fn fit(count: Option<u64>) -> Option<i64> {
    count.map(|n| i64::try_from(n).unwrap_or(i64::MAX))
}

pub(super) fn when(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<When>> {
    let Some(text) = row.get_ref(first)?.as_str_or_null()? else { return Ok(None) };
    let precision: Precision = word(row, first + 1)?;
    let source: WhenSource = word(row, first + 2)?;
    let at = match precision {
        Precision::Day => NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(NaiveTime::MIN)),
        Precision::Second | Precision::Minute => NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ"),
    };
    let at = at.map_err(|e| damaged(first, e))?;
    let when = When::new(at.and_utc(), precision, source);
    when.map(Some).ok_or_else(|| damaged(first, "the year is outside 1 to 9999"))
}

pub(super) fn damaged(column: usize, what: impl fmt::Display) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.to_string().into())
}
