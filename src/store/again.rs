//! A post that the archive has is seen once more.

use rusqlite::{Connection, ToSql, params};

use super::batch::{self, Item, free};
use super::columns::{self, Frame};
use super::id::Slot;
use super::revision::{self, Revision};
use super::row::{COLUMNS, PostRow, post_row};
use super::{Tally, merge};
use crate::model::Post;

/// Adds a sighting to a post that has a row: the row takes what the sighting knows better, and nothing is lost.
pub(super) fn write(db: &Connection, item: &Item<'_>, tallies: &mut [Tally]) -> rusqlite::Result<()> {
    let sql = format!("SELECT {COLUMNS}, p.capture FROM post p JOIN capture c ON c.id = p.capture WHERE p.key = ?1");
    let (row, capture): (PostRow, i64) =
        db.prepare_cached(&sql)?.query_row([&item.key], |row| Ok((post_row(row)?, row.get(45)?)))?;
    if row.identity != item.identity {
        let reason = format!("its short name {} belongs to another post: {}", item.key, row.identity);
        return batch::skip(db, item.capture, &item.found.at, &reason);
    }
    let old = &row.stored;
    let mut now = Now { post: old.post.clone(), revision: old.revision, capture, place: old.place.clone() };
    let sighted = now.see(db, &row, item)?;

    let (from, to) = (Slot::of(old.post.created.as_ref()), Slot::of(now.post.created.as_ref()));
    let mut id = row.id;
    if from != to {
        let (first, last) = to.moves();
        let next = free(db, (first, last))?;
        if next >= last {
            id = next;
        } else {
            // 65,536 posts have moved to that second: the row stays where its number is true.
            now.post.created = old.post.created;
        }
    }
    let nested = old.nested && item.found.nested;
    if now.post != old.post || now.revision != old.revision || nested != old.nested {
        let frame = Frame {
            id,
            key: &old.key,
            identity: &row.identity,
            account: item.account,
            revision: now.revision,
            capture: now.capture,
            place: &now.place,
            nested,
        };
        let values = columns::values(&frame, &now.post);
        let mut params = columns::params(&values);
        params.push(&row.id as &dyn ToSql);
        db.prepare_cached(&columns::update_sql())?.execute(params.as_slice())?;
    }
    reindex(db, &row, id, &now.post)?;
    if id != row.id {
        follow(db, &row, id)?;
    }
    batch::insert_sighting(&mut *db.prepare_cached(batch::SIGHTING)?, id, item, sighted, now.post.id.as_deref())?;
    db.prepare_cached(batch::JOB)?.execute(params![item.job, id])?;
    if let Some(tally) = tallies.get_mut(item.from) {
        // Counts rise all the time; that is no change of the post.
        now.post.metrics = old.post.metrics;
        if now.post == old.post && now.revision == old.revision { tally.known += 1 } else { tally.changed += 1 }
    }
    Ok(())
}

/// What the row is to show.
struct Now {
    post: Post,
    revision: u32,
    capture: i64,
    place: String,
}

impl Now {
    /// Takes in a sighting and says which revision it showed.
    fn see(&mut self, db: &Connection, row: &PostRow, item: &Item<'_>) -> rusqlite::Result<u32> {
        let old = &row.stored;
        let seen = &item.found.post;
        let content = merge::Content::of(seen);
        if merge::Content::of(&old.post).is_shown_by(&content) {
            merge::same_revision(&mut self.post, seen);
            if (self.post.edited, self.post.text_state) != (old.post.edited, old.post.text_state) {
                revision::refine(db, row.id, old.revision, self.post.edited, self.post.text_state)?;
            }
            return Ok(old.revision);
        }
        let mut kept = revision::of_post(db, row.id)?;
        let shown = Revision::of(old.revision, &old.post, old.fetched_at, self.capture, &old.place);
        let known = kept.iter_mut().find(|r| r.number != old.revision && r.content().is_shown_by(&content));
        let revision = if let Some(revision) = known {
            if seen.edited > revision.edited {
                revision.edited = seen.edited;
                revision::refine(db, row.id, revision.number, revision.edited, revision.text_state)?;
            }
            revision.clone()
        } else {
            if kept.is_empty() {
                revision::insert(db, row.id, &shown)?;
            }
            let number = kept.last().map_or(old.revision, |last| last.number) + 1;
            let new = Revision::of(number, seen, item.fetched_at, item.capture, &item.found.at);
            revision::insert(db, row.id, &new)?;
            new
        };
        if revision.rank() > shown.rank() {
            merge::new_revision(&mut self.post, &revision.applied_to(seen));
            self.revision = revision.number;
            self.capture = revision.capture;
            self.place.clone_from(&revision.place);
        } else {
            merge::any_revision(&mut self.post, seen);
        }
        Ok(revision.number)
    }
}

/// Brings words and tags in line with what the row shows now.
fn reindex(db: &Connection, row: &PostRow, id: i64, post: &Post) -> rusqlite::Result<()> {
    let old = &row.stored.post;
    let moved = id != row.id;
    if moved || post.text != old.text || post.content_warning != old.content_warning {
        batch::delete_words(db, row.id, old)?;
        batch::insert_words(&mut *db.prepare_cached(batch::WORDS)?, id, post)?;
    }
    if moved || post.hashtags != old.hashtags {
        let mut delete = db.prepare_cached("DELETE FROM post_tag WHERE tag = ?1 AND post = ?2")?;
        for tag in &old.hashtags {
            delete.execute(params![tag.folded(), row.id])?;
        }
        let mut insert = db.prepare_cached(batch::TAG)?;
        for tag in &post.hashtags {
            insert.execute(params![tag.folded(), id])?;
        }
    }
    Ok(())
}

/// The number of a row has changed: what refers to it follows, and the old number is never given again.
fn follow(db: &Connection, row: &PostRow, id: i64) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO post_moved (id, key) VALUES (?1, ?2)")?.execute(params![row.id, row.stored.key])?;
    // `post_job` is ordered by job: the jobs come from the sightings, so that no row of another post is looked at.
    db.prepare_cached(
        "UPDATE post_job SET post = ?2 WHERE post = ?1 AND job IN \
         (SELECT c.job FROM sighting s JOIN capture c ON c.id = s.capture WHERE s.post = ?1)",
    )?
    .execute([row.id, id])?;
    db.prepare_cached("UPDATE sighting SET post = ?2 WHERE post = ?1")?.execute([row.id, id])?;
    db.prepare_cached("UPDATE revision SET post = ?2 WHERE post = ?1")?.execute([row.id, id])?;
    Ok(())
}
