//! The ledger: who quoted which revision of a post where, and what was printed.

use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};

use super::Desk;
use crate::store::StoreError;
use crate::store::row::{required_instant, stamp};

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotation {
    /// Number in the ledger; 0 before it stands there.
    pub id: i64,
    /// When it was quoted.
    pub at: DateTime<Utc>,
    /// Address or name of the article.
    pub article: String,
    /// Who quoted.
    pub by: String,
    /// Key of the post.
    pub post: String,
    /// Id of the revision.
    pub state: String,
    /// Number of the revision then.
    pub revision: u32,
    /// Name as quoted.
    pub name: Option<String>,
    /// Handle as quoted.
    pub handle: Option<String>,
    /// WARC-Record-ID of the capture that proves it.
    pub record_id: String,
    /// The place in the capture.
    pub place: String,
    /// Form or house style.
    pub form: String,
    /// Zone.
    pub zone: String,
    /// What was printed, byte for byte.
    pub printed: String,
    /// Version of pullquote that printed it.
    pub version: String,
}

impl Desk {
    /// Writes quotations into the ledger, all of them or none; gives their numbers.
    ///
    /// # Errors
    /// What SQLite refuses.
    pub fn enter(&mut self, quotations: &[Quotation]) -> Result<Vec<i64>, StoreError> {
        self.write(|db| {
            let mut insert = db.prepare(
                "INSERT INTO quotation (at, article, by, post, state, revision, name, handle, record_id, place, form, zone, \
                 printed, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) RETURNING id",
            )?;
            let enter = |q: &Quotation| {
                insert.query_row(
                    params![
                        stamp(q.at), q.article, q.by, q.post, q.state, q.revision, q.name, q.handle, q.record_id, q.place,
                        q.form, q.zone, q.printed, q.version
                    ],
                    |row| row.get(0),
                )
            };
            quotations.iter().map(enter).collect()
        })
    }

    /// The ledger, the latest first; of one article, if it is named.
    ///
    /// # Errors
    /// A damaged file.
    pub fn ledger(&self, article: Option<&str>) -> Result<Vec<Quotation>, StoreError> {
        match article {
            None => self.read(&format!("{QUOTATIONS} ORDER BY id DESC"), [], read_quotation),
            Some(article) => {
                self.read(&format!("{QUOTATIONS} WHERE article = ?1 ORDER BY id DESC"), [article], read_quotation)
            }
        }
    }

    /// One row of the ledger.
    ///
    /// # Errors
    /// A damaged file.
    pub fn quotation(&self, id: i64) -> Result<Option<Quotation>, StoreError> {
        Ok(self.read(&format!("{QUOTATIONS} WHERE id = ?1"), [id], read_quotation)?.pop())
    }
}

/// The posts of the archive that were quoted in an article; `*` for any.
pub(in crate::store) fn quoted_in(db: &Connection, article: &str) -> rusqlite::Result<Vec<i64>> {
    let is_open = "SELECT EXISTS (SELECT 1 FROM pragma_database_list WHERE name = 'desk')";
    if !db.query_row(is_open, [], |row| row.get::<_, bool>(0))? {
        let database: String =
            db.query_row("SELECT file FROM pragma_database_list WHERE name = 'main'", [], |row| row.get(0))?;
        let path = Path::new(&database).with_file_name("desk.db");
        // A fault of the desk is none of the archive's database.
        let no_desk = |error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
        let Some(name) = path.to_str().filter(|_| path.is_file()) else { return Ok(Vec::new()) };
        if Desk::open(&path).map_err(no_desk)?.db.is_none() {
            return Ok(Vec::new());
        }
        db.execute("ATTACH ?1 AS desk", [name])?;
    }
    let sql =
        "SELECT DISTINCT p.id FROM desk.quotation q JOIN post p ON p.key = q.post WHERE ?1 = '*' OR q.article = ?1";
    db.prepare(sql)?.query_map([article], |row| row.get(0))?.collect()
}

const QUOTATIONS: &str = "SELECT id, at, article, by, post, state, revision, name, handle, record_id, place, form, zone, printed, \
    version FROM quotation";

fn read_quotation(row: &Row<'_>) -> rusqlite::Result<Quotation> {
    Ok(Quotation {
        id: row.get(0)?,
        at: required_instant(row, 1)?,
        article: row.get(2)?,
        by: row.get(3)?,
        post: row.get(4)?,
        state: row.get(5)?,
        revision: row.get(6)?,
        name: row.get(7)?,
        handle: row.get(8)?,
        record_id: row.get(9)?,
        place: row.get(10)?,
        form: row.get(11)?,
        zone: row.get(12)?,
        printed: row.get(13)?,
        version: row.get(14)?,
    })
}
