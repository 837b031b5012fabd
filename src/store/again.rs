//! A post that the archive has is seen once more: in a way that is known, or in a new one, by which everything that is shown
//! of it is made anew.

use rusqlite::{Connection, ToSql, params};

use super::Tally;
use super::account::Accounts;
use super::batch::{self, Item, free};
use super::columns::{self, Frame};
use super::id::Slot;
use super::index::{self, Beside, Entry};
use super::merge::{Merged, merge};
use super::revision;
use super::row::{BEHIND, COLUMNS, PostRow, post_row};
use super::version::{self, Again, Proof, Version};
use crate::model::Post;

/// Adds the sightings of one post in one capture to the row that it has.
///
/// All sightings of one capture are taken in at once, so that the number of a row, which depends on the times that it had,
/// does not depend on how captures are batched; and so that a capture that shows one post a thousand times costs little.
pub(super) fn write(
    db: &Connection,
    accounts: &mut Accounts,
    items: &[&Item<'_>],
    tallies: &mut [Tally],
) -> rusqlite::Result<()> {
    let Some(key) = items.first().map(|item| &item.key) else { return Ok(()) };
    let mut again = Sightings::of(db, key)?;
    let mut new = Vec::with_capacity(items.len());
    for item in items {
        if again.row.identity != item.identity {
            let reason = format!("its short name {} belongs to another post: {}", item.key, again.row.identity);
            batch::skip(db, item.capture, &item.found.at, &reason)?;
            continue;
        }
        let before = again.count;
        let number = again.take_in(db, item)?;
        batch::insert_sighting(&mut *db.prepare_cached(batch::SIGHTING)?, again.row.id, item, number)?;
        db.prepare_cached(batch::JOB)?.execute(params![item.job, again.row.id])?;
        new.push((item.from, again.count != before));
    }
    let changed = again.settle(db, accounts, items.len())?;
    for (from, is_new) in new {
        if let Some(tally) = tallies.get_mut(from) {
            if changed && is_new { tally.changed += 1 } else { tally.known += 1 }
        }
    }
    Ok(())
}

/// A row, and what is seen of its post.
struct Sightings {
    row: PostRow,
    /// What the row says beside its post.
    kept: Kept,
    /// What the row says: all there is of a post that was seen in one way only.
    shown: Version,
    /// Versions that are written down; 0 if there is only one.
    count: u32,
    nested: bool,
    /// Whether the row may have to show something else.
    is_touched: bool,
    /// Whether all that is shown must be made anew.
    is_anew: bool,
}

struct Kept {
    account: Option<i64>,
    author_authority: u8,
    authority: u8,
    capture: i64,
}

impl Sightings {
    fn of(db: &Connection, key: &str) -> rusqlite::Result<Sightings> {
        let sql = format!(
            "SELECT {COLUMNS}, p.account, p.author_authority, p.authority, p.capture, c.url, c.origin \
             FROM post p JOIN capture c ON c.id = p.capture WHERE p.key = ?1"
        );
        let read = |row: &rusqlite::Row<'_>| {
            let kept = Kept {
                account: row.get(BEHIND)?,
                author_authority: row.get(BEHIND + 1)?,
                authority: row.get(BEHIND + 2)?,
                capture: row.get(BEHIND + 3)?,
            };
            let url: String = row.get(BEHIND + 4)?;
            let origin = super::row::word(row, BEHIND + 5)?;
            let row = post_row(row)?;
            let proof = Proof {
                capture: kept.capture,
                place: row.stored.place.clone(),
                url,
                fetched_at: row.stored.fetched_at,
                origin,
                digest: row.stored.capture.digest.clone(),
            };
            let shown = Version::new(row.stored.post.clone(), kept.authority, proof);
            Ok((row, kept, shown))
        };
        let (row, kept, shown) = db.prepare_cached(&sql)?.query_row([key], read)?;
        let (count, nested) = (version::count(db, row.id)?, row.stored.nested);
        Ok(Sightings { row, kept, shown, count, nested, is_touched: false, is_anew: false })
    }

    /// Takes in a sighting; gives the number of the version that it shows.
    fn take_in(&mut self, db: &Connection, item: &Item<'_>) -> rusqlite::Result<u32> {
        self.nested &= item.found.nested;
        let mut seen = item.version();
        if self.count == 0 {
            if self.shown.is(&seen) {
                self.is_touched |= self.shown.see_again(seen) != Again::default();
                return Ok(self.shown.number);
            }
            version::insert(db, self.row.id, &self.shown)?;
            self.count = 1;
        } else if let Some(mut known) = version::find(db, self.row.id, &seen)? {
            let again = known.see_again(seen);
            if again.proof {
                // It may no more be one of those that are compared.
                known.revision = None;
            }
            if again != Again::default() {
                version::update(db, self.row.id, &known)?;
            }
            self.is_anew |= again.proof;
            // Those of a source that is not believed are not shown.
            if again.counts && known.revision.is_some() {
                self.shown.count_again(&known);
                self.is_touched = true;
            }
            return Ok(known.number);
        }
        self.count += 1;
        seen.number = self.count;
        seen.revision = None;
        version::insert(db, self.row.id, &seen)?;
        self.is_anew = true;
        Ok(seen.number)
    }

    /// Writes what the post shows now; says whether it is anything else than before, counts apart.
    fn settle(self, db: &Connection, accounts: &mut Accounts, seen: usize) -> rusqlite::Result<bool> {
        let is_touched = self.is_touched || self.nested != self.row.stored.nested;
        if !self.is_anew && !is_touched {
            return Ok(false);
        }
        if !self.is_anew && (self.count == 0 || !self.has_poll(db)?) {
            let shown = Shown {
                post: self.shown.with_counts(),
                account: self.kept.account,
                author_authority: self.kept.author_authority,
                authority: self.kept.authority,
                revision: self.row.stored.revision,
                capture: self.shown.proof.capture,
                place: self.shown.proof.place.clone(),
            };
            return self.show(db, shown);
        }
        let versions = version::foremost(db, self.row.id, version::MOST + seen)?;
        let mut revisions: Vec<(u32, Option<u32>)> = versions.iter().map(|v| (v.number, v.revision)).collect();
        let left_out = self.count as usize > version::MOST;
        let Some(merged) = merge(versions.into_iter().take(version::MOST).collect(), left_out) else {
            return Ok(false);
        };
        revisions.sort_unstable();
        for (number, was) in revisions {
            let is = merged.versions.iter().find(|(version, _)| *version == number).and_then(|(_, revision)| *revision);
            if is != was {
                version::set_revision(db, self.row.id, number, is)?;
            }
        }
        revision::replace(db, self.row.id, &merged.revisions)?;
        let Some(shown) = Shown::of(db, accounts, merged)? else { return Ok(false) };
        self.show(db, shown)
    }

    /// Whether any revision has a poll, the votes of which are counted for itself.
    fn has_poll(&self, db: &Connection) -> rusqlite::Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM revision WHERE post = ?1 AND poll IS NOT NULL)";
        Ok(self.shown.post.poll.is_some() || db.prepare_cached(sql)?.query_row([self.row.id], |row| row.get(0))?)
    }

    /// Brings the row and all that goes with it in line with what is shown now.
    fn show(&self, db: &Connection, mut shown: Shown) -> rusqlite::Result<bool> {
        let row = &self.row;
        let old = &row.stored.post;
        let (from, to) = (Slot::of(old.created.as_ref()), Slot::of(shown.post.created.as_ref()));
        let mut id = row.id;
        if from != to {
            let (first, last) = to.moves();
            let next = free(db, (first, last))?;
            if next >= last {
                id = next;
            } else {
                // 65,536 posts have moved to that second: the row stays where its number is true.
                shown.post.created = old.created;
            }
        }
        let frame = Frame {
            id,
            key: &row.stored.key,
            identity: &row.identity,
            account: shown.account,
            author_authority: shown.author_authority,
            authority: shown.authority,
            revision: shown.revision,
            capture: shown.capture,
            place: &shown.place,
            nested: self.nested,
        };
        let values = columns::values(&frame, &shown.post);
        let mut params = columns::params(&values);
        params.push(&row.id as &dyn ToSql);
        db.prepare_cached(&columns::update_sql())?.execute(params.as_slice())?;
        let was = Beside { account: self.kept.account, revision: row.stored.revision, nested: row.stored.nested };
        let is = Beside { account: shown.account, revision: shown.revision, nested: self.nested };
        let old_entry = Entry::of(old, was);
        let entry = Entry::of(&shown.post, is);
        if id != row.id || entry != old_entry {
            index::delete(db, row.id, &old_entry)?;
            index::insert(&mut *db.prepare_cached(index::INSERT)?, id, &entry)?;
        }
        retag(db, row, id, &shown.post)?;
        if id != row.id {
            follow(db, row, id)?;
        }
        shown.post.metrics = old.metrics;
        Ok(shown.post != *old)
    }
}

/// What a row is to show.
struct Shown {
    post: Post,
    account: Option<i64>,
    author_authority: u8,
    authority: u8,
    revision: u32,
    capture: i64,
    place: String,
}

impl Shown {
    fn of(db: &Connection, accounts: &mut Accounts, merged: Merged) -> rusqlite::Result<Option<Shown>> {
        let Some(revision) = merged.revisions.get(merged.shown) else { return Ok(None) };
        Ok(Some(Shown {
            account: accounts.number(db, &merged.post.platform, &merged.author)?,
            author_authority: merged.author_authority,
            authority: revision.authority,
            revision: revision.number,
            capture: revision.capture,
            place: revision.place.clone(),
            post: merged.post,
        }))
    }
}

/// Brings hashtags in line with what the row shows now.
fn retag(db: &Connection, row: &PostRow, id: i64, post: &Post) -> rusqlite::Result<()> {
    let old = &row.stored.post;
    if id != row.id || post.hashtags != old.hashtags {
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
    db.prepare_cached("UPDATE version SET post = ?2 WHERE post = ?1")?.execute([row.id, id])?;
    db.prepare_cached("UPDATE revision SET post = ?2 WHERE post = ?1")?.execute([row.id, id])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::super::content::COMPARED;
    use super::super::{NewCapture, batch, open};
    use super::*;
    use crate::exchange::Facts;
    use crate::model::{CaptureRef, Found, TextState};

    /// A page that shows one post in all these ways.
    fn page(number: i64, posts: impl Iterator<Item = Post>) -> NewCapture {
        let found = |(at, post): (usize, Post)| Found { post, at: format!("/{at}"), nested: false };
        NewCapture {
            place: CaptureRef {
                file: "a.warc.gz".to_owned(),
                offset: 0,
                record_id: format!("urn:uuid:{number}"),
                digest: format!("sha256:{number}"),
            },
            facts: Facts::default(),
            url: "https://news.example/article".to_owned(),
            status: 200,
            media_type: String::new(),
            fetched_at: DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + number),
            length: 0,
            shape: "",
            problem: None,
            is_closed: false,
            posts: posts.enumerate().map(found).collect(),
            skipped: Vec::new(),
            deleted: Vec::new(),
            media: None,
            progress: None,
            step: None,
            units: 0,
            recheck: None,
        }
    }

    fn way(n: i64) -> Post {
        Post {
            url: Some("https://a.example/1".to_owned()),
            text: format!("in its way {n}"),
            text_state: TextState::Complete,
            edited: DateTime::from_timestamp(n, 0),
            ..Post::default()
        }
    }

    /// Writes pages one after another; gives the number of comparisons.
    fn work(pages: impl Iterator<Item = NewCapture>) -> (Connection, u64) {
        let db = open::for_writing(std::path::Path::new("")).unwrap();
        let mut accounts = Accounts::default();
        COMPARED.set(0);
        for page in pages {
            batch::write(&db, &mut accounts, &[page]).unwrap();
        }
        (db, COMPARED.get())
    }

    fn number(db: &Connection, sql: &str) -> usize {
        db.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_page_that_shows_a_post_in_thousands_of_ways_is_merged_once() {
        let most = version::MOST as u64;
        for ways in [1000, 3000] {
            let (db, compared) = work(std::iter::once(page(1, (0..ways).map(way))));
            assert!(compared <= most * most, "{compared} comparisons for {ways} ways");
            assert_eq!(number(&db, "SELECT count(*) FROM version"), ways as usize, "all are kept");
            assert_eq!(number(&db, "SELECT count(*) FROM revision"), version::MOST);
            assert_eq!(number(&db, "SELECT count(*) FROM version WHERE revision IS NOT NULL"), version::MOST);
            let (text, doubts): (String, String) =
                db.query_row("SELECT text, doubts FROM post", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            assert_eq!(text, format!("in its way {}", ways - 1), "the latest edit is among those that are compared");
            assert!(doubts.contains("in more ways than are held against each other"), "{doubts}");
        }
    }

    #[test]
    fn each_page_that_shows_a_post_in_a_new_way_costs_no_more_than_the_one_before() {
        let most = version::MOST as i64;
        let (_, some) = work((0..2 * most).map(|n| page(n, std::iter::once(way(n)))));
        let (db, more) = work((0..3 * most).map(|n| page(n, std::iter::once(way(n)))));
        let (db_again, same) = work((0..3 * most).map(|n| page(n, std::iter::once(way(n % most)))));
        assert!(more - some <= (most * most * most) as u64, "{some} comparisons, then {more}");
        assert!(same <= some, "what is known is not compared again");
        assert_eq!(number(&db, "SELECT count(*) FROM version"), 3 * version::MOST);
        assert_eq!(number(&db_again, "SELECT count(*) FROM version"), version::MOST);
    }
}
