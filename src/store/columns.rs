//! Writes a post into the columns of its row.

use rusqlite::ToSql;
use rusqlite::types::ToSqlOutput;

use super::row::{fit, json, json_list, stamp};
use crate::model::Post;

/// The columns in the order of [`Columns::values`].
const NAMES: [&str; 44] = [
    "id",
    "key",
    "identity",
    "platform",
    "native_id",
    "uri",
    "url",
    "account",
    "author_id",
    "author_handle",
    "author_name",
    "author_url",
    "author_flags",
    "author_authority",
    "created",
    "created_precision",
    "created_source",
    "edited_at",
    "text",
    "text_state",
    "authority",
    "content_warning",
    "lang",
    "kind",
    "reply_to",
    "repost_of",
    "quote_of",
    "hashtags",
    "mentions",
    "links",
    "media",
    "poll",
    "likes",
    "reposts",
    "replies",
    "quotes",
    "views",
    "metrics_seen_at",
    "labels",
    "doubts",
    "revision",
    "capture",
    "place",
    "nested",
];

/// What a row says beside its post.
pub(super) struct Frame<'a> {
    pub(super) id: i64,
    pub(super) key: &'a str,
    pub(super) identity: &'a str,
    pub(super) account: Option<i64>,
    pub(super) author_authority: u8,
    pub(super) authority: u8,
    pub(super) revision: u32,
    pub(super) capture: i64,
    pub(super) place: &'a str,
    pub(super) nested: bool,
}

/// The values of one row.
pub(super) type Values<'a> = [ToSqlOutput<'a>; NAMES.len()];

/// Inserts a row unless its number or its key is taken.
pub(super) fn insert_sql() -> String {
    let marks = vec!["?"; NAMES.len()].join(", ");
    format!("INSERT INTO post ({}) VALUES ({marks}) ON CONFLICT DO NOTHING", NAMES.join(", "))
}

/// Sets every column of the row whose number is the last parameter.
pub(super) fn update_sql() -> String {
    let sets: Vec<String> = NAMES.iter().enumerate().map(|(i, name)| format!("{name} = ?{}", i + 1)).collect();
    format!("UPDATE post SET {} WHERE id = ?{}", sets.join(", "), NAMES.len() + 1)
}

/// The values of a row in the order of its columns.
pub(super) fn values<'a>(frame: &Frame<'a>, post: &'a Post) -> Values<'a> {
    let author = &post.author;
    let metrics = &post.metrics;
    let identity = Some(frame.identity).filter(|identity| post.uri.as_deref() != Some(identity));
    [
        number(Some(frame.id)),
        text(Some(frame.key)),
        text(identity),
        text(Some(&post.platform)),
        text(post.id.as_deref()),
        text(post.uri.as_deref()),
        text(post.url.as_deref()),
        number(frame.account),
        text(author.id.as_deref()),
        text(author.handle.as_ref().map(|handle| handle.as_str())),
        text(author.name.as_deref()),
        text(author.url.as_deref()),
        owned(json_list(&author.flags)),
        number(Some(i64::from(frame.author_authority))),
        owned(post.created.map(|when| when.to_rfc3339())),
        text(post.created.map(|when| when.precision().as_str())),
        text(post.created.map(|when| when.source().as_str())),
        owned(post.edited.map(stamp)),
        text(Some(&post.text)),
        text(Some(post.text_state.as_str())),
        number(Some(i64::from(frame.authority))),
        text(post.content_warning.as_deref()),
        text(post.lang.as_deref()),
        text(Some(post.kind.as_str())),
        owned(post.reply_to.as_ref().map(json)),
        owned(post.repost_of.as_ref().map(json)),
        owned(post.quote_of.as_ref().map(json)),
        owned(json_list(&post.hashtags)),
        owned(json_list(&post.mentions)),
        owned(json_list(&post.links)),
        owned(json_list(&post.media)),
        owned(post.poll.as_ref().map(json)),
        number(fit(metrics.likes)),
        number(fit(metrics.reposts)),
        number(fit(metrics.replies)),
        number(fit(metrics.quotes)),
        number(fit(metrics.views)),
        owned(metrics.seen_at.map(stamp)),
        owned(json_list(&post.labels)),
        owned(json_list(&post.doubts)),
        number(Some(i64::from(frame.revision))),
        number(Some(frame.capture)),
        text(Some(frame.place)),
        number(Some(i64::from(frame.nested))),
    ]
}

/// The values as parameters, with room for more after them.
pub(super) fn params<'a>(values: &'a Values<'_>) -> Vec<&'a dyn ToSql> {
    values.iter().map(|value| value as &dyn ToSql).collect()
}

fn text(value: Option<&str>) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(value.into())
}

fn owned(value: Option<String>) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(value.into())
}

fn number(value: Option<i64>) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(value.into())
}
