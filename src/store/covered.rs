//! The ledger of coverage in its tables: read and written for one source in the transaction that keeps a page, and read whole for
//! those who ask what is covered. What follows from a page is worked out in `coverage`.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::row::{damaged, instant, json, json_list, list, required_instant, stamp, value};
use super::{NewCapture, Reader, StoreError, state};
use crate::coverage::{Begins, Cause, Hindrance, Ledger, Part, Stretch, Stretches, Whither, source_of};
use crate::exchange::{ADDRESS, IMPORT};

/// Takes a kept capture into the ledger of its source. Must be called before the state of the source is advanced: that tells whether
/// the page goes on from what was seen before.
pub(super) fn take_in(db: &Connection, id: i64, capture: &NewCapture) -> rusqlite::Result<()> {
    let facts = &capture.facts;
    if facts.job == IMPORT || facts.job == ADDRESS || (capture.step.is_none() && facts.note.is_none()) {
        return Ok(());
    }
    let before = read(db, &facts.job, &facts.source)?;
    let (mut ledger, platform) = before.clone().unwrap_or_default();
    let mut found = Vec::new();
    if let Some(step) = &capture.step {
        let state = state::read(db, &facts.job, &facts.source)?.unwrap_or_default();
        // Notes, and pages that were left, tell of looks that nobody kept a ledger of.
        // What fills a gap begins anew each time.
        let later = state.later.filter(|_| source_of(&facts.source) == facts.source);
        let begins = match (later, ledger.begun > 0) {
            (Some(later), true) if later == step.done => Begins::GoesOn,
            (Some(later), false) if later == step.done => Begins::Unknown,
            _ if state.pending.contains(&step.done) => Begins::Left,
            _ => Begins::Anew,
        };
        let mut step = step.clone();
        // An answer that shows nothing where the newest post should stand, though the source has shown some before, is not believed.
        let is_first = step.whither == Whither::Back && !ledger.has_asked_for(&step.done);
        if is_first && step.newest_first && step.seen.posts == 0 && step.next.is_empty() {
            let own = read(db, &facts.job, source_of(&facts.source))?;
            step.torn |= own.is_some_and(|(own, _)| own.posts > 0);
        }
        found.extend(ledger.step(&step, begins));
    }
    if let Some(note) = &facts.note
        && let Some(cause) = Cause::named(&note.cause)
    {
        let window = crate::exchange::Request::get(capture.url.as_str()).window();
        found.extend(ledger.note(cause, &note.why, capture.fetched_at, note.since, window));
    }
    let platform = if facts.platform.is_empty() { platform } else { facts.platform.clone() };
    write(db, &facts.job, &facts.source, &platform, &ledger)?;
    let covered = before.map(|(ledger, _)| ledger.covered).unwrap_or_default();
    write_covered(db, &facts.job, &facts.source, &covered, &ledger.covered)?;
    let last: Option<i64> = db
        .prepare_cached("SELECT max(capture) FROM hindrance WHERE job = ?1 AND source = ?2")?
        .query_row([&facts.job, &facts.source], |row| row.get(0))?;
    for Hindrance { stretch, cause, why, at } in found {
        // What merely lengthens the last one is no other; how often something was passed over is counted.
        let lengthened = last.filter(|_| cause != Cause::PassedOver);
        let (since, until, at, cause) = (stamp(stretch.since), stamp(stretch.until), stamp(at), cause.name());
        let mut longer = db.prepare_cached(
            "UPDATE hindrance SET until = ?4, why = ?6, at = ?7, capture = ?8 WHERE job = ?1 AND source = ?2 AND since = ?3 AND cause = ?5 \
             AND capture = ?9",
        )?;
        let (job, source) = (&facts.job, &facts.source);
        if longer.execute(params![job, source, since, until, cause, why, at, id, lengthened])? == 0 {
            db.prepare_cached(
                "INSERT OR IGNORE INTO hindrance (job, source, since, until, cause, why, at, capture) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![job, source, since, until, cause, why, at, id])?;
        }
    }
    Ok(())
}

/// The columns of [`ledger`].
const COLUMNS: &str = "since, until, first_asked, last_asked, last_done, begun, done, trouble, trouble_since, reach, looks, platform, posts, gone_to";

fn ledger(row: &rusqlite::Row<'_>) -> rusqlite::Result<(Ledger, String)> {
    let trouble: Option<String> = row.get(7)?;
    let cause = trouble.map(|name| Cause::named(&name).ok_or_else(|| damaged(7, format!("{name:?} is no cause"))));
    let ledger = Ledger {
        covered: Stretches::default(),
        since: instant(row, 0)?,
        until: instant(row, 1)?,
        first_asked: instant(row, 2)?,
        last_asked: instant(row, 3)?,
        last_done: instant(row, 4)?,
        begun: row.get(5)?,
        done: row.get(6)?,
        trouble: cause.transpose()?.zip(instant(row, 8)?),
        reach: value(row, 9)?,
        looks: list(row, 10)?,
        posts: row.get(12)?,
        gone_to: instant(row, 13)?,
    };
    Ok((ledger, row.get(11)?))
}

fn read(db: &Connection, job: &str, source: &str) -> rusqlite::Result<Option<(Ledger, String)>> {
    let sql = format!("SELECT {COLUMNS} FROM asked WHERE job = ?1 AND source = ?2");
    let Some((mut ledger, platform)) = db.prepare_cached(&sql)?.query_row([job, source], ledger).optional()? else {
        return Ok(None);
    };
    ledger.covered = covered(db, job, source)?;
    Ok(Some((ledger, platform)))
}

fn covered(db: &Connection, job: &str, source: &str) -> rusqlite::Result<Stretches> {
    let mut statement = db.prepare_cached("SELECT since, until FROM covered WHERE job = ?1 AND source = ?2")?;
    let rows = statement.query_map([job, source], |row| {
        Ok(Stretch { since: required_instant(row, 0)?, until: required_instant(row, 1)? })
    })?;
    rows.collect()
}

fn write(db: &Connection, job: &str, source: &str, platform: &str, ledger: &Ledger) -> rusqlite::Result<()> {
    let at = |at: Option<DateTime<Utc>>| at.map(stamp);
    let (trouble, trouble_since) = ledger.trouble.unzip();
    db.prepare_cached(&format!(
        "INSERT OR REPLACE INTO asked (job, source, {COLUMNS}) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
    ))?
    .execute(params![
        job,
        source,
        at(ledger.since),
        at(ledger.until),
        at(ledger.first_asked),
        at(ledger.last_asked),
        at(ledger.last_done),
        ledger.begun,
        ledger.done,
        trouble.map(Cause::name),
        at(trouble_since),
        ledger.reach.as_ref().map(json),
        json_list(&ledger.looks),
        platform,
        ledger.posts,
        at(ledger.gone_to),
    ])?;
    Ok(())
}

/// Writes what has changed: after a page, that is a row or two.
fn write_covered(
    db: &Connection,
    job: &str,
    source: &str,
    before: &Stretches,
    after: &Stretches,
) -> rusqlite::Result<()> {
    let (before, after): (Vec<_>, Vec<_>) = (before.iter().collect(), after.iter().collect());
    let mut delete = db.prepare_cached("DELETE FROM covered WHERE job = ?1 AND source = ?2 AND since = ?3")?;
    for gone in before.iter().filter(|stretch| after.binary_search(stretch).is_err()) {
        delete.execute(params![job, source, stamp(gone.since)])?;
    }
    let mut insert = db.prepare_cached("INSERT INTO covered (job, source, since, until) VALUES (?1, ?2, ?3, ?4)")?;
    for new in after.iter().filter(|stretch| before.binary_search(stretch).is_err()) {
        insert.execute(params![job, source, stamp(new.since), stamp(new.until)])?;
    }
    Ok(())
}

impl Reader {
    /// The ledger of every source of a job, or of all jobs, in the order of their names.
    ///
    /// # Errors
    /// A damaged database.
    pub fn covered(&self, job: Option<&str>) -> Result<Vec<Part>, StoreError> {
        let read = || -> rusqlite::Result<Vec<Part>> {
            let mut found = self.db.prepare_cached(
                "SELECT since, until, cause, why, at FROM hindrance WHERE job = ?1 AND source = ?2 ORDER BY capture, since",
            )?;
            let mut names = self.db.prepare_cached(&format!(
                "SELECT {COLUMNS}, job, source FROM asked WHERE ?1 IS NULL OR job = ?1 ORDER BY job, source"
            ))?;
            let rows = names.query_map([job], |row| Ok((ledger(row)?, row.get(14)?, row.get(15)?)))?;
            rows.map(|row| {
                let ((mut ledger, platform), job, source): (_, String, String) = row?;
                ledger.covered = covered(&self.db, &job, &source)?;
                let hindrances = found.query_map([&job, &source], hindrance)?.collect::<rusqlite::Result<_>>()?;
                Ok(Part { job, source, platform, ledger, hindrances })
            })
            .collect()
        };
        read().map_err(self.error("read"))
    }

    /// Whether there are captures from before the ledger was kept: of those it does not tell.
    ///
    /// # Errors
    /// A damaged database.
    pub fn is_older_than_its_ledger(&self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM kept_before)";
        self.db.query_row(sql, [], |row| row.get(0)).map_err(self.error("read"))
    }

    /// Requests of a job that were answered since then, log-ins and redirects included, and units that they used up; with `again` only
    /// those of re-checks.
    ///
    /// # Errors
    /// A damaged database.
    pub fn spent(&self, job: &str, since: DateTime<Utc>, again: bool) -> Result<(u64, u64), StoreError> {
        // Captures stand in the order of their arrival: those before the last one that is older need not be looked at.
        let sql = "SELECT count(*), ifnull(sum(m.units), 0) FROM capture c LEFT JOIN metered m ON m.capture = c.id \
                   WHERE c.id > (SELECT ifnull(max(id), 0) FROM capture WHERE unixepoch(fetched_at) < ?2) \
                   AND c.job = ?1 AND c.origin <> 'file' AND instr(c.url, 'listened=') = 0 \
                   AND (NOT ?3 OR c.source GLOB '* (re-check)')";
        let read = || self.db.query_row(sql, (job, since.timestamp(), again), |row| Ok((row.get(0)?, row.get(1)?)));
        read().map_err(self.error("read"))
    }

    /// The ledger of one source; `None` if it was never asked.
    ///
    /// # Errors
    /// A damaged database.
    pub fn ledger(&self, job: &str, source: &str) -> Result<Option<Ledger>, StoreError> {
        read(&self.db, job, source).map(|found| found.map(|(ledger, _)| ledger)).map_err(self.error("read"))
    }
}

fn hindrance(row: &rusqlite::Row<'_>) -> rusqlite::Result<Hindrance> {
    let name: String = row.get(2)?;
    Ok(Hindrance {
        stretch: Stretch { since: required_instant(row, 0)?, until: required_instant(row, 1)? },
        cause: Cause::named(&name).ok_or_else(|| damaged(2, format!("{name:?} is no cause")))?,
        why: row.get(3)?,
        at: required_instant(row, 4)?,
    })
}
