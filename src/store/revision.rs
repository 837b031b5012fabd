//! The states of a post that was seen in more than one.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};

use super::row::{handle, instant, json, json_list, list, required_instant, stamp, value, word};
use crate::model::{Handle, Hashtag, Link, Media, Mention, Poll, Post, TextState};

/// One state of a post.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// From 1, in order of their edits.
    pub number: u32,
    /// What it said.
    pub text: String,
    /// Whether that is all of it.
    pub text_state: TextState,
    /// The greatest authority that showed exactly this text: 2 its own server, 1 another, 0 a page. schema.sql says more.
    pub authority: u8,
    /// Its content warning.
    pub content_warning: Option<String>,
    /// When the platform says it came about; `None` for what it calls never edited.
    pub edited: Option<DateTime<Utc>>,
    /// The author's handle then.
    pub author_handle: Option<Handle>,
    /// The author's display name then.
    pub author_name: Option<String>,
    /// What was attached.
    pub media: Vec<Media>,
    /// Its poll.
    pub poll: Option<Poll>,
    /// Its hashtags.
    pub hashtags: Vec<Hashtag>,
    /// Accounts it named.
    pub mentions: Vec<Mention>,
    /// Its links.
    pub links: Vec<Link>,
    /// When the capture was had that proves it.
    pub captured: DateTime<Utc>,
    /// Number of that capture.
    pub capture: i64,
    /// The place in it.
    pub place: String,
}

impl Revision {
    /// The state in which a post is; `proof`: number of the capture, place in it, and when it was had.
    pub(super) fn of(number: u32, post: &Post, authority: u8, proof: (i64, String, DateTime<Utc>)) -> Revision {
        let (capture, place, captured) = proof;
        Revision {
            number,
            text: post.text.clone(),
            text_state: post.text_state,
            authority,
            content_warning: post.content_warning.clone(),
            edited: post.edited,
            author_handle: post.author.handle.clone(),
            author_name: post.author.name.clone(),
            media: post.media.clone(),
            poll: post.poll.clone(),
            hashtags: post.hashtags.clone(),
            mentions: post.mentions.clone(),
            links: post.links.clone(),
            captured,
            capture,
            place,
        }
    }

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Revision> {
        Ok(Revision {
            number: row.get(0)?,
            text: row.get(1)?,
            text_state: word(row, 2)?,
            content_warning: row.get(3)?,
            edited: instant(row, 4)?,
            author_handle: handle(row, 5)?,
            author_name: row.get(6)?,
            media: list(row, 7)?,
            poll: value(row, 8)?,
            hashtags: list(row, 9)?,
            mentions: list(row, 10)?,
            links: list(row, 11)?,
            capture: row.get(12)?,
            place: row.get(13)?,
            captured: required_instant(row, 14)?,
            authority: row.get(15)?,
        })
    }
}

/// Every kept state, with the columns of [`Revision::read`] and the key of its post.
pub(super) const ALL: &str = "SELECT r.number, r.text, r.text_state, r.content_warning, r.edited_at, r.author_handle, \
    r.author_name, r.media, r.poll, r.hashtags, r.mentions, r.links, r.capture, r.place, c.fetched_at, r.authority, p.key \
    FROM revision r JOIN capture c ON c.id = r.capture JOIN post p ON p.id = r.post";

/// The kept states of a post in order; none if it was seen in one only.
pub(super) fn of_post(db: &Connection, post: i64) -> rusqlite::Result<Vec<Revision>> {
    db.prepare_cached(&format!("{ALL} WHERE r.post = ?1 ORDER BY r.number"))?
        .query_map([post], Revision::read)?
        .collect()
}

/// Puts these states in the place of those that are kept; one alone is in the row of the post.
pub(super) fn replace(db: &Connection, post: i64, revisions: &[Revision]) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM revision WHERE post = ?1")?.execute([post])?;
    if revisions.len() < 2 {
        return Ok(());
    }
    revisions.iter().try_for_each(|revision| insert(db, post, revision))
}

fn insert(db: &Connection, post: i64, revision: &Revision) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO revision (post, number, text, text_state, content_warning, edited_at, author_handle, author_name, \
         media, poll, hashtags, mentions, links, capture, place, authority) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?
    .execute(params![
        post,
        revision.number,
        revision.text,
        revision.text_state.as_str(),
        revision.content_warning,
        revision.edited.map(stamp),
        revision.author_handle.as_ref().map(Handle::as_str),
        revision.author_name,
        json_list(&revision.media),
        revision.poll.as_ref().map(json),
        json_list(&revision.hashtags),
        json_list(&revision.mentions),
        json_list(&revision.links),
        revision.capture,
        revision.place,
        revision.authority,
    ])?;
    Ok(())
}
