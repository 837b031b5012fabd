//! One batch of captures, inside one transaction: rows of captures, posts, words, sightings and state.
//!
//! New posts are numbered by time and arrival, then written in ascending order of their numbers, which halves the cost.
//! Whatever is not new goes to `again`, capture by capture. So the rows do not depend on the size of the batches.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, Statement, params};

use super::account::{Accounts, Names};
use super::authority::{Server, is_named};
use super::columns::{self, Frame};
use super::fill::Fills;
use super::id::Slot;
use super::index::{Beside, Entry};
use super::row::{fit, stamp};
use super::version::{Proof, Version};
use super::{NewCapture, Tally, again, covered, deletion, index, media, recheck, state};
use crate::exchange::Origin;
use crate::model::Found;

/// A sighting on its way into the tables.
pub(super) struct Item<'a> {
    /// Position of its capture in the batch.
    pub(super) from: usize,
    pub(super) capture: i64,
    pub(super) job: &'a str,
    pub(super) url: &'a str,
    pub(super) authority: u8,
    pub(super) fetched_at: DateTime<Utc>,
    pub(super) origin: Origin,
    pub(super) digest: &'a str,
    pub(super) found: &'a Found,
    pub(super) key: String,
    pub(super) identity: String,
    pub(super) account: Option<i64>,
}

impl Item<'_> {
    /// What it says of its post.
    pub(super) fn version(&self) -> Version {
        let proof = Proof {
            capture: self.capture,
            place: self.found.at.clone(),
            url: self.url.to_owned(),
            fetched_at: self.fetched_at,
            origin: self.origin,
            digest: self.digest.to_owned(),
        };
        Version::new(self.found.post.clone(), self.authority, proof)
    }
}

/// Writes a batch; the caller commits. One tally for each capture.
pub(super) fn write(db: &Connection, accounts: &mut Accounts, batch: &[NewCapture]) -> rusqlite::Result<Vec<Tally>> {
    let mut tallies = vec![Tally::default(); batch.len()];
    let mut items = Vec::new();
    let mut names = Names::default();
    let mut fills = Fills::default();
    let mut run = "";
    let times: Vec<String> = batch.iter().map(|capture| stamp(capture.fetched_at)).collect();
    for (((from, capture), time), tally) in batch.iter().enumerate().zip(&times).zip(&mut tallies) {
        if run != capture.facts.run {
            run = &capture.facts.run;
            insert_run(db, capture)?;
        }
        let Some(id) = insert_capture(db, capture)? else {
            tally.known = capture.posts.len() as u64;
            continue;
        };
        if capture.units > 0 {
            db.prepare_cached("INSERT INTO metered (capture, units) VALUES (?1, ?2)")?
                .execute(params![id, fit(Some(capture.units))])?;
        }
        fills.add(capture);
        for skipped in &capture.skipped {
            skip(db, id, &skipped.at, &skipped.reason)?;
        }
        deletion::insert(db, id, capture)?;
        recheck::insert(db, id, capture)?;
        if let Some(file) = &capture.media {
            media::write(db, id, capture, file)?;
        }
        covered::take_in(db, id, capture)?;
        if let Some(progress) = &capture.progress {
            state::advance(db, &capture.facts.job, &capture.facts.source, progress)?;
        }
        let server = Server::of(&capture.url);
        for found in &capture.posts {
            let author = &found.post.author;
            let account = accounts.number(db, &found.post.platform, author)?;
            if let Some(account) = account {
                names.saw(account, author, time);
            }
            items.push(Item {
                from,
                capture: id,
                job: &capture.facts.job,
                url: &capture.url,
                authority: server.authority(&found.post),
                fetched_at: capture.fetched_at,
                origin: capture.facts.origin,
                digest: &capture.place.digest,
                found,
                key: found.post.key(),
                identity: found.post.identity(),
                account,
            });
        }
    }
    names.write(db)?;
    fills.write(db)?;
    let mut again = insert_new(db, &items, &mut tallies)?;
    again.sort_by_key(|item| (item.from, &item.key));
    for sightings in again.chunk_by(|a, b| (a.from, &a.key) == (b.from, &b.key)) {
        again::write(db, accounts, sightings, &mut tallies)?;
    }
    Ok(tallies)
}

/// Takes out the dates of edits that lie after the capture that tells them, and doubts the posts.
pub(super) fn doubt_edits(batch: &mut [NewCapture]) {
    for capture in batch {
        // Clocks of servers differ, but not by a day.
        let last = capture.fetched_at.checked_add_signed(TimeDelta::days(1)).unwrap_or(DateTime::<Utc>::MAX_UTC);
        for Found { post, .. } in &mut capture.posts {
            if let Some(edited) = post.edited.take_if(|edited| *edited > last) {
                post.doubts.push(format!("it is said to be edited on {}, after it was seen: left out", stamp(edited)));
            }
        }
    }
}

/// Inserts the posts that the archive does not have; gives back the sightings of those it has, in order of arrival.
fn insert_new<'i>(
    db: &Connection,
    items: &'i [Item<'_>],
    tallies: &mut [Tally],
) -> rusqlite::Result<Vec<&'i Item<'i>>> {
    let mut met = HashSet::with_capacity(items.len());
    let mut again: Vec<usize> = Vec::new();
    let mut first: Vec<(Slot, usize)> = Vec::with_capacity(items.len());
    for (arrival, item) in items.iter().enumerate() {
        if met.insert(item.key.as_str()) {
            first.push((Slot::of(item.found.post.created.as_ref()), arrival));
        } else {
            again.push(arrival);
        }
    }
    first.sort_unstable();
    let mut insert = db.prepare_cached(&columns::insert_sql())?;
    let mut is_known = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM post WHERE key = ?1)")?;
    let some_moved: bool = db.query_row("SELECT EXISTS (SELECT 1 FROM post_moved)", [], |row| row.get(0))?;
    let mut written: Vec<(i64, &Item<'_>)> = Vec::with_capacity(first.len());
    let mut current = None;
    let mut id = 0;
    for (slot, arrival) in first {
        let Some(item) = items.get(arrival) else { continue };
        let (start, last) = slot.arrivals();
        if current != Some(slot) {
            current = Some(slot);
            id = if some_moved { free(db, slot.arrivals())? } else { start };
        }
        let step = if last < start { -1 } else { 1 };
        let mut inserted = false;
        while !inserted {
            if (last - id) * step < 0 {
                skip(db, item.capture, &item.found.at, "more posts stand in its second than can be numbered")?;
                break;
            }
            inserted =
                insert.execute(columns::params(&columns::values(&frame(item, id), &item.found.post)).as_slice())? == 1;
            if !inserted {
                if is_known.query_row([&item.key], |row| row.get(0))? {
                    again.push(arrival);
                    break;
                }
                id = free(db, slot.arrivals())?;
            }
        }
        if inserted {
            written.push((id, item));
            if let Some(tally) = tallies.get_mut(item.from) {
                tally.new += 1;
            }
            id += step;
        }
    }
    insert_beside(db, written)?;
    again.sort_unstable();
    Ok(again.into_iter().filter_map(|arrival| items.get(arrival)).collect())
}

/// Inserts what stands beside new rows in other tables: one table after another, so that the pages of each stay at hand,
/// and in ascending order, since the index of words is flushed at every number that falls.
fn insert_beside(db: &Connection, mut written: Vec<(i64, &Item<'_>)>) -> rusqlite::Result<()> {
    written.sort_unstable_by_key(|(id, _)| *id);
    // Finding a statement in the cache for each row would cost as much as a twentieth of writing it.
    let mut words = db.prepare_cached(index::INSERT)?;
    for (id, item) in &written {
        let beside = Beside { account: item.account, revision: 1, nested: item.found.nested };
        index::insert(&mut words, *id, &Entry::of(&item.found.post, beside))?;
    }
    let mut sighting = db.prepare_cached(SIGHTING)?;
    for (id, item) in &written {
        insert_sighting(&mut sighting, *id, item, 1)?;
    }
    let mut jobs: Vec<(&str, i64)> = written.iter().map(|(id, item)| (item.job, *id)).collect();
    jobs.sort_unstable();
    let mut job = db.prepare_cached(JOB)?;
    for (name, id) in jobs {
        job.execute(params![name, id])?;
    }
    let mut tags: Vec<(String, i64)> = Vec::new();
    for (id, item) in &written {
        tags.extend(item.found.post.hashtags.iter().map(|tag| (tag.folded(), *id)));
    }
    tags.sort_unstable();
    let mut insert = db.prepare_cached(TAG)?;
    for (tag, id) in tags {
        insert.execute(params![tag, id])?;
    }
    Ok(())
}

fn frame<'a>(item: &'a Item<'_>, id: i64) -> Frame<'a> {
    Frame {
        id,
        key: &item.key,
        identity: &item.identity,
        account: item.account,
        author_authority: if is_named(&item.found.post.author) { item.authority } else { 0 },
        authority: item.authority,
        revision: 1,
        capture: item.capture,
        place: &item.found.at,
        nested: item.found.nested,
    }
}

/// The next number that no post has or had, between the first and the last; it may lie beyond the last.
pub(super) fn free(db: &Connection, (first, last): (i64, i64)) -> rusqlite::Result<i64> {
    let (best, step) = if first <= last { ("max", 1) } else { ("min", -1) };
    let sql = format!(
        "SELECT {best}(id) FROM (SELECT {best}(id) AS id FROM post WHERE id BETWEEN ?1 AND ?2 \
         UNION ALL SELECT {best}(id) FROM post_moved WHERE id BETWEEN ?1 AND ?2)"
    );
    let taken: Option<i64> =
        db.prepare_cached(&sql)?.query_row([first.min(last), first.max(last)], |row| row.get(0))?;
    Ok(taken.map_or(first, |taken| taken + step))
}

fn insert_run(db: &Connection, capture: &NewCapture) -> rusqlite::Result<()> {
    let facts = &capture.facts;
    let start = facts.run.split_inclusive('Z').next().unwrap_or_default();
    let started = DateTime::parse_from_rfc3339(start).ok().map(|at| stamp(at.to_utc()));
    db.prepare_cached("INSERT OR IGNORE INTO run (name, started, version) VALUES (?1, ?2, ?3)")?.execute(params![
        facts.run,
        started,
        facts.version
    ])?;
    Ok(())
}

/// Inserts a capture and gives its number; `None` if the archive has it already.
fn insert_capture(db: &Connection, capture: &NewCapture) -> rusqlite::Result<Option<i64>> {
    let mut insert = db.prepare_cached(
        "INSERT INTO capture (file, offset, record_id, digest, url, status, media_type, fetched_at, length, run, job, \
         source, platform, origin, first_line, first_byte, auth, posts, problem) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) \
         ON CONFLICT (record_id) DO NOTHING RETURNING id",
    )?;
    let facts = &capture.facts;
    let origin = match facts.origin {
        Origin::Live => "live",
        Origin::Recorded => "recorded",
        Origin::File => "file",
    };
    insert
        .query_row(
            params![
                capture.place.file,
                fit(Some(capture.place.offset)),
                capture.place.record_id,
                capture.place.digest,
                capture.url,
                capture.status,
                capture.media_type,
                stamp(capture.fetched_at),
                fit(Some(capture.length)),
                facts.run,
                facts.job,
                facts.source,
                facts.platform,
                origin,
                fit(facts.first_line),
                fit(facts.first_byte),
                facts.auth,
                capture.posts.len(),
                capture.problem,
            ],
            |row| row.get(0),
        )
        .optional()
}

pub(super) fn skip(db: &Connection, capture: i64, place: &str, reason: &str) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR IGNORE INTO skipped (capture, place, reason) VALUES (?1, ?2, ?3)")?
        .execute(params![capture, place, reason])?;
    Ok(())
}

/// Adds a sighting.
pub(super) const SIGHTING: &str = "INSERT OR IGNORE INTO sighting (post, capture, place, nested, version, likes, reposts, \
    replies, quotes, views) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

/// Says that a job saw a post.
pub(super) const JOB: &str = "INSERT OR IGNORE INTO post_job (job, post) VALUES (?1, ?2)";

/// Says that a post carries a hashtag.
pub(super) const TAG: &str = "INSERT OR IGNORE INTO post_tag (tag, post) VALUES (?1, ?2)";

/// Executes [`SIGHTING`]; `version` is the number of the one that it shows.
pub(super) fn insert_sighting(
    statement: &mut Statement<'_>,
    post: i64,
    item: &Item<'_>,
    version: u32,
) -> rusqlite::Result<usize> {
    let metrics = &item.found.post.metrics;
    statement.execute(params![
        post,
        item.capture,
        item.found.at,
        item.found.nested,
        version,
        fit(metrics.likes),
        fit(metrics.reposts),
        fit(metrics.replies),
        fit(metrics.quotes),
        fit(metrics.views),
    ])
}
