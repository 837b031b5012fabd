//! A post that the archive has is seen once more.

use std::cmp::Ordering;

use rusqlite::{Connection, ToSql, params};

use super::Tally;
use super::authority::{self, Server, is_named, may_be_one};
use super::batch::{self, Item, free};
use super::columns::{self, Frame};
use super::id::Slot;
use super::merge::{self, Content, Weight};
use super::revision::{self, Revision};
use super::row::{COLUMNS, PostRow, post_row};
use crate::model::Post;

/// Adds a sighting to a post that has a row: the row takes what the sighting knows better, and nothing is lost.
pub(super) fn write(db: &Connection, item: &Item<'_>, tallies: &mut [Tally]) -> rusqlite::Result<()> {
    let sql = format!(
        "SELECT {COLUMNS}, p.capture, p.account, p.author_authority, p.authority, c.url \
         FROM post p JOIN capture c ON c.id = p.capture WHERE p.key = ?1"
    );
    let (row, before): (PostRow, Now) = db.prepare_cached(&sql)?.query_row([&item.key], |row| {
        let now = |post: &PostRow| -> rusqlite::Result<Now> {
            Ok(Now {
                post: post.stored.post.clone(),
                revision: post.stored.revision,
                place: post.stored.place.clone(),
                capture: row.get(45)?,
                account: row.get(46)?,
                author_authority: row.get(47)?,
                authority: row.get(48)?,
                url: row.get(49)?,
            })
        };
        let post = post_row(row)?;
        let now = now(&post)?;
        Ok((post, now))
    })?;
    if row.identity != item.identity {
        let reason = format!("its short name {} belongs to another post: {}", item.key, row.identity);
        return batch::skip(db, item.capture, &item.found.at, &reason);
    }
    let old = &row.stored;
    let mut now = before.clone();
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
    if now != before || nested != old.nested {
        let frame = Frame {
            id,
            key: &old.key,
            identity: &row.identity,
            account: now.account,
            author_authority: now.author_authority,
            authority: now.authority,
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
#[derive(Clone, PartialEq)]
struct Now {
    post: Post,
    account: Option<i64>,
    author_authority: u8,
    authority: u8,
    revision: u32,
    capture: i64,
    /// The address of that capture.
    url: String,
    place: String,
}

impl Now {
    /// Takes in a sighting and says which revision it showed; none if it names another author in vain.
    fn see(&mut self, db: &Connection, row: &PostRow, item: &Item<'_>) -> rusqlite::Result<Option<u32>> {
        let seen = &item.found.post;
        let same_server = || Server::of(&self.url).is(&Server::of(item.url));
        let (old_author, author) = (&self.post.author, &seen.author);
        if !may_be_one(old_author, author, false) && !may_be_one(old_author, author, same_server()) {
            if item.authority <= self.author_authority {
                authority::doubt(&mut self.post.doubts, author, item.url);
                return Ok(None);
            }
            self.give_to(item);
            revision::forget(db, row.id)?;
            return Ok(Some(self.revision));
        }
        let weight = match item.authority.cmp(&self.authority.max(self.author_authority)) {
            Ordering::Less => Weight::Less,
            Ordering::Equal => Weight::Same,
            Ordering::Greater => Weight::More,
        };
        if is_named(author) {
            self.author_authority = self.author_authority.max(item.authority);
        }
        self.account = self.account.or(item.account);
        let content = Content::of(seen, item.authority);
        if Content::of(&self.post, self.authority).is_shown_by(&content) {
            let was = (self.post.edited, self.post.text_state, self.authority);
            merge::same_revision(&mut self.post, seen, weight);
            if self.post.text == seen.text {
                self.authority = self.authority.max(item.authority);
            }
            if was != (self.post.edited, self.post.text_state, self.authority) {
                let better = (self.post.text_state, self.authority);
                revision::refine(db, row.id, self.revision, self.post.edited, better)?;
            }
            return Ok(Some(self.revision));
        }
        self.see_other(db, row, item, weight).map(Some)
    }

    /// Takes in a sighting of a state that the row does not show.
    fn see_other(&mut self, db: &Connection, row: &PostRow, item: &Item<'_>, weight: Weight) -> rusqlite::Result<u32> {
        let seen = &item.found.post;
        let content = Content::of(seen, item.authority);
        let mut kept = revision::of_post(db, row.id)?;
        let first_seen = row.stored.fetched_at;
        let shown = Revision::of(self.revision, &self.post, self.authority, first_seen, self.capture, &self.place);
        let known = kept.iter_mut().find(|r| r.number != self.revision && r.content().is_shown_by(&content));
        let mut disagree = false;
        let revision = if let Some(revision) = known {
            revision.edited = revision.edited.max(seen.edited);
            if revision.text == seen.text {
                revision.text_state = merge::better_state(revision.text_state, seen.text_state);
                revision.authority = revision.authority.max(item.authority);
            }
            let better = (revision.text_state, revision.authority);
            revision::refine(db, row.id, revision.number, revision.edited, better)?;
            revision.clone()
        } else {
            if kept.is_empty() {
                revision::insert(db, row.id, &shown)?;
            }
            let number = kept.last().map_or(self.revision, |last| last.number) + 1;
            let new = Revision::of(number, seen, item.authority, item.fetched_at, item.capture, &item.found.at);
            revision::insert(db, row.id, &new)?;
            disagree = kept
                .iter()
                .chain([&shown])
                .any(|other| other.edited == new.edited && other.content().differs_in_words(&content));
            new
        };
        if revision.rank() > shown.rank() {
            merge::new_revision(&mut self.post, &revision.applied_to(seen), weight);
            self.authority = revision.authority;
            self.revision = revision.number;
            self.capture = revision.capture;
            self.place.clone_from(&revision.place);
        } else {
            merge::any_revision(&mut self.post, seen, weight);
        }
        if disagree {
            merge::add_doubt(&mut self.post, DISAGREE);
        }
        Ok(revision.number)
    }

    /// Makes the post anew from a sighting that names another author with greater authority.
    fn give_to(&mut self, item: &Item<'_>) {
        let seen = &item.found.post;
        let mut doubts = authority::others(&self.post.doubts, &seen.author);
        authority::doubt(&mut doubts, &self.post.author, &self.url);
        self.post = seen.clone();
        for doubt in &doubts {
            merge::add_doubt(&mut self.post, doubt);
        }
        self.account = item.account;
        self.author_authority = item.authority;
        self.authority = item.authority;
        self.revision = 1;
        self.capture = item.capture;
        item.url.clone_into(&mut self.url);
        self.place.clone_from(&item.found.at);
    }
}

/// The doubt about a post whose revisions differ where no edit is known.
const DISAGREE: &str = "sources disagree about its words, and no edit explains it: see its revisions";

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
