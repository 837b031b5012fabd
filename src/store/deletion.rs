//! That posts are gone: what captures say of it, and whether it still holds. schema.sql states the rule at `deletion`.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::NewCapture;
use super::row::{COLUMNS, PostRow, Stored, capture_ref, post_row, required_instant, stamp};
use crate::exchange::{HOME, LISTENED, Request};
use crate::model::{CaptureRef, Post};

/// How long after its deletion a post may still be shown: indexes follow their network with a delay.
const DELAY: TimeDelta = TimeDelta::minutes(2);

/// How far clocks differ: nothing was deleted later than that after one was told of it.
const CLOCKS: TimeDelta = TimeDelta::minutes(1);

/// That a post is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// When, as the source says; else when the capture was had that says so.
    pub at: DateTime<Utc>,
    /// The server that says so, where it speaks for itself alone.
    pub server: Option<String>,
    /// The capture that says so.
    pub capture: CaptureRef,
    /// The place in it.
    pub place: String,
}

/// Writes down what a capture says of deletions.
pub(super) fn insert(db: &Connection, number: i64, capture: &NewCapture) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT OR IGNORE INTO deletion (capture, place, platform, uri, server, native_id, at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for deletion in &capture.deleted {
        let (server, id) = deletion.on.clone().unzip();
        let possible = |at: &DateTime<Utc>| at.timestamp() > 0 && *at <= capture.fetched_at + CLOCKS;
        let at = stamp(deletion.time.filter(possible).unwrap_or(capture.fetched_at));
        insert.execute(params![number, deletion.at, deletion.platform, deletion.uri, server, id, at])?;
    }
    Ok(())
}

/// The posts of these rows, each with whether it is gone.
pub(super) fn tell(db: &Connection, rows: Vec<PostRow>) -> rusqlite::Result<Vec<Stored>> {
    // Most archives hold none.
    let some: bool = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM deletion)")?.query_row([], |row| row.get(0))?;
    let tell = |mut row: PostRow| {
        row.stored.deleted = if some { of(db, &row)? } else { None };
        Ok(row.stored)
    };
    rows.into_iter().map(tell).collect()
}

/// The numbers of all posts that are gone.
pub(super) fn all(db: &Connection) -> rusqlite::Result<Vec<i64>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM post p JOIN capture c ON c.id = p.capture WHERE p.id IN ( \
         SELECT n.id FROM deletion d JOIN post n ON n.native_id = d.native_id AND n.native_id IS NOT n.uri AND n.platform = d.platform \
         UNION SELECT v.post FROM version v WHERE EXISTS (SELECT 1 FROM deletion d WHERE d.native_id = json_extract(v.content, '$.id')) \
         UNION SELECT value FROM json_each(?1))"
    );
    let mut by_uri = Vec::new();
    {
        let mut find = db.prepare_cached("SELECT id FROM post WHERE key = ?1")?;
        let mut statement = db.prepare("SELECT DISTINCT platform, uri FROM deletion WHERE uri IS NOT NULL")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let named = Post { platform: row.get(0)?, uri: row.get(1)?, ..Post::default() };
            by_uri.extend(find.query_row([named.key()], |row| row.get::<_, i64>(0)).optional()?);
        }
    }
    let named = serde_json::Value::from(by_uri).to_string();
    let rows: Vec<PostRow> = db.prepare(&sql)?.query_map([named], post_row)?.collect::<Result<_, _>>()?;
    let gone = rows.iter().map(|row| Ok(of(db, row)?.is_some().then_some(row.id)));
    let gone: Vec<Option<i64>> = gone.collect::<rusqlite::Result<_>>()?;
    Ok(gone.into_iter().flatten().collect())
}

/// Whether the post of a row is gone.
fn of(db: &Connection, row: &PostRow) -> rusqlite::Result<Option<Deleted>> {
    let post = &row.stored.post;
    let sql = "SELECT c.file, c.offset, c.record_id, c.digest, d.at, d.server, d.native_id, d.place FROM deletion d JOIN capture c ON c.id = d.capture \
         WHERE (d.uri = ?1 AND d.platform = ?2) OR (d.platform = ?2 AND d.native_id IN (SELECT ?3 UNION \
         SELECT json_extract(content, '$.id') FROM version WHERE post = ?4)) ORDER BY d.at, d.capture, d.place";
    let read = |row: &rusqlite::Row<'_>| {
        let deleted = Deleted {
            capture: capture_ref(row, 0)?,
            at: required_instant(row, 4)?,
            server: row.get(5)?,
            place: row.get(7)?,
        };
        Ok((deleted, row.get::<_, Option<String>>(6)?))
    };
    let mut said: Vec<(Deleted, Option<String>)> = db
        .prepare_cached(sql)?
        .query_map(params![post.uri, post.platform, post.id, row.id], read)?
        .collect::<Result<_, _>>()?;
    if said.is_empty() {
        return Ok(None);
    }
    let seen = seen(db, row)?;
    // An id means a post on its own server alone.
    said.retain(|(deleted, id)| match (&deleted.server, id) {
        (Some(server), Some(id)) => {
            seen.iter().any(|seen| seen.server.as_ref() == Some(server) && seen.id.as_ref() == Some(id))
        }
        _ => true,
    });
    let again = seen.iter().filter_map(|seen| seen.at).max();
    Ok(said
        .into_iter()
        .map(|(deleted, _)| deleted)
        .find(|deleted| again.is_none_or(|again| again - deleted.at <= DELAY)))
}

/// One time that a post was seen.
struct Seen {
    /// When, if that tells that it was still there: of a file nobody knows, and a stream sends what has been.
    at: Option<DateTime<Utc>>,
    server: Option<String>,
    id: Option<String>,
}

fn seen(db: &Connection, row: &PostRow) -> rusqlite::Result<Vec<Seen>> {
    db.prepare_cached(
        "SELECT c.fetched_at, c.origin, c.url, \
         ifnull(json_extract(json_patch(f.content, v.content), '$.id'), p.native_id) \
         FROM post p JOIN sighting s ON s.post = p.id JOIN capture c ON c.id = s.capture \
         LEFT JOIN version v ON v.post = s.post AND v.number = s.version \
         LEFT JOIN version f ON f.post = s.post AND f.number = 1 WHERE p.id = ?1",
    )?
    .query_map([row.id], |row| {
        let request = Request::get(row.get::<_, String>(2)?);
        let is_answer = row.get::<_, String>(1)? != "file" && request.mark(LISTENED).is_none();
        let at = if is_answer { Some(required_instant(row, 0)?) } else { None };
        Ok(Seen { at, server: request.mark(HOME).or_else(|| request.origin()), id: row.get(3)? })
    })?
    .collect()
}
