//! All posts that match, whole, newest first and one at a time: the way out for those who take a copy of everything. The
//! reader holds one post, however many there are.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::{Connection, params};

use super::read::{CAPTURE_COLUMNS, CaptureRow, capture_row};
use super::row::{BEHIND, COLUMNS, Stored, post_row};
use super::{Reader, StoreError, deletion, named, search};
use crate::query::Expr;

/// A post with what an export says beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    /// The post, and what proves it.
    pub stored: Stored,
    /// What was asked when the capture was had that proves it; `file:///NAME` for a file.
    pub capture_url: String,
    /// The number of that capture in order of arrival.
    pub capture_number: i64,
    /// The jobs that saw it, in the order of their names.
    pub jobs: Vec<String>,
}

/// A capture with what an export says beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeCapture {
    /// The capture.
    pub row: CaptureRow,
    /// Media type of the payload in lower case; empty if none was named.
    pub media_type: String,
    /// Bytes of the payload as kept.
    pub length: u64,
    /// Posts found in it, nested ones included.
    pub posts: u64,
    /// Why nothing could be read from it; `None` if all is well.
    pub problem: Option<String>,
}

impl Reader {
    /// Opens the database for a walk through all of it. It is not mapped into memory: every page is looked at once, and
    /// would count as this program's own.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn open_for_walk(path: &Path) -> Result<Reader, StoreError> {
        let reader = Reader::open(path)?;
        reader.db.pragma_update(None, "mmap_size", 0).map_err(reader.error("open"))?;
        Ok(reader)
    }

    /// Reads from now on what the archive held at this moment, so that what is read first and what is read last belong
    /// together. Others may write meanwhile.
    ///
    /// # Errors
    /// A damaged database.
    pub fn hold(&self) -> Result<(), StoreError> {
        let hold = || -> rusqlite::Result<()> {
            self.db.execute_batch("BEGIN")?;
            // A transaction begins with the first read.
            self.db.query_row("SELECT count(*) FROM (SELECT 1 FROM post LIMIT 1)", [], |row| row.get::<_, i64>(0))?;
            Ok(())
        };
        hold().map_err(self.error("read"))
    }

    /// Gives every post that matches, newest first and those without a date last, until it is told to stop.
    ///
    /// # Errors
    /// A damaged database. No search is refused.
    pub fn each(&self, expr: &Expr, mut each: impl FnMut(Whole) -> ControlFlow<()>) -> Result<(), StoreError> {
        let mut walk = || -> rusqlite::Result<()> {
            let Some(selection) = search::select(&self.db, expr, None)? else { return Ok(()) };
            let (sql, params) = selection.rows(&format!("{COLUMNS}, c.url, c.id"));
            let mut statement = self.db.prepare(&sql)?;
            let mut rows = statement.query(rusqlite::params_from_iter(params))?;
            while let Some(row) = rows.next()? {
                let (capture_url, capture_number) = (row.get(BEHIND)?, row.get(BEHIND + 1)?);
                let row = post_row(row)?;
                let jobs = jobs(&self.db, row.id)?;
                let Some(stored) = deletion::tell(&self.db, vec![row])?.pop() else { continue };
                if each(Whole { stored, capture_url, capture_number, jobs }).is_break() {
                    break;
                }
            }
            Ok(())
        };
        walk().map_err(self.error("read"))
    }

    /// The key of the post of that name on a platform, or on any: a key, a native id, a URI, the address of its page if
    /// that ends in the native id.
    ///
    /// # Errors
    /// A damaged database.
    pub fn held_as(&self, platform: Option<&str>, name: &str) -> Result<Option<String>, StoreError> {
        named::held(&self.db, platform, name).map_err(self.error("read"))
    }

    /// Gives every capture that arrived behind one of this number (0: all) in order of arrival, until it is told to stop.
    ///
    /// # Errors
    /// A damaged database.
    pub fn each_capture(
        &self,
        after: i64,
        mut each: impl FnMut(WholeCapture) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut walk = || -> rusqlite::Result<()> {
            let sql = format!(
                "SELECT {CAPTURE_COLUMNS}, c.media_type, c.length, c.posts, c.problem FROM capture c WHERE c.id > ?1 ORDER BY c.id"
            );
            let mut statement = self.db.prepare(&sql)?;
            let mut rows = statement.query([after])?;
            while let Some(row) = rows.next()? {
                let capture = WholeCapture {
                    row: capture_row(row)?,
                    media_type: row.get(14)?,
                    length: row.get(15)?,
                    posts: row.get(16)?,
                    problem: row.get(17)?,
                };
                if each(capture).is_break() {
                    break;
                }
            }
            Ok(())
        };
        walk().map_err(self.error("read"))
    }
}

/// The jobs that saw a post. It is asked by its captures, of which a post has few; `post_job` would be asked for every job.
fn jobs(db: &Connection, post: i64) -> rusqlite::Result<Vec<String>> {
    let sql =
        "SELECT DISTINCT c.job FROM sighting s JOIN capture c ON c.id = s.capture WHERE s.post = ?1 ORDER BY c.job";
    db.prepare_cached(sql)?.query_map(params![post], |row| row.get(0))?.collect()
}
