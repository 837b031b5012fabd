//! The reporter's desk: posts that were chosen, and the ledger of what was quoted where.
//!
//! A database of its own beside the archive's (desk.sql says what it holds): people made it, no capture does, so a rebuild
//! must not touch it, and it can be written to while a pull holds the archive. Where no `desk.db` is, the desk is empty.

mod clip;
mod quotation;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Row, TransactionBehavior};

pub use clip::{Change, Clip, Permission};
pub use quotation::Quotation;
pub(super) use quotation::quoted_in;

use super::StoreError;

/// `PRAGMA application_id` of a desk: "PUQD".
const APPLICATION: i64 = 0x5055_5144;

/// The version of desk.sql.
const VERSION: i64 = 1;

/// The desk of an archive.
pub struct Desk {
    path: PathBuf,
    /// `None`: there is no file, and nothing on the desk.
    db: Option<Connection>,
}

impl Desk {
    /// Opens the desk for reading, whether there is one or not.
    ///
    /// # Errors
    /// A file that is none of ours, or of a newer version.
    pub fn open(path: &Path) -> Result<Desk, StoreError> {
        let db = if path.exists() { opened(path, OpenFlags::SQLITE_OPEN_READ_ONLY)? } else { None };
        Ok(Desk { path: path.to_owned(), db })
    }

    /// Opens the desk for writing, and makes it if there is none.
    ///
    /// # Errors
    /// As [`Desk::open`], and a folder that cannot be written to.
    pub fn open_to_write(path: &Path) -> Result<Desk, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        Ok(Desk { path: path.to_owned(), db: opened(path, flags)? })
    }

    /// Keys of the posts that stand in a list or were quoted.
    ///
    /// # Errors
    /// A damaged desk.
    pub fn chosen(&self) -> Result<BTreeSet<String>, StoreError> {
        let keys = self.read("SELECT post FROM clip UNION SELECT post FROM quotation", [], |row| row.get(0))?;
        Ok(keys.into_iter().collect())
    }

    fn read<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let Some(db) = &self.db else { return Ok(Vec::new()) };
        let rows = || -> rusqlite::Result<Vec<T>> { db.prepare(sql)?.query_map(params, read)?.collect() };
        rows().map_err(StoreError::of(&self.path, "read"))
    }

    fn write<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let Some(db) = &mut self.db else { return Err(StoreError::Missing(self.path.clone())) };
        let step = || -> rusqlite::Result<T> {
            let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&step)?;
            step.commit()?;
            Ok(done)
        };
        step().map_err(StoreError::of(&self.path, "write to"))
    }
}

/// Opens the file; `None` if nothing has been put on the desk yet.
fn opened(path: &Path, flags: OpenFlags) -> Result<Option<Connection>, StoreError> {
    let mut db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(StoreError::of(path, "open"))?;
    let mut set_up = || -> rusqlite::Result<Option<(i64, i64)>> {
        db.busy_timeout(Duration::from_secs(10))?;
        let is_empty = |db: &Connection| {
            db.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get::<_, bool>(0))
        };
        if flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) && is_empty(&db)? {
            // No log beside the file: whoever may only read must be able to read it.
            db.pragma_update(None, "journal_mode", "delete")?;
            let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another program may have done it since.
            if is_empty(&step)? {
                step.execute_batch(include_str!("desk.sql"))?;
                step.pragma_update(None, "application_id", APPLICATION)?;
                step.pragma_update(None, "user_version", VERSION)?;
            }
            step.commit()?;
        } else if is_empty(&db)? {
            return Ok(None);
        }
        let pragma = |name| db.pragma_query_value(None, name, |row| row.get(0));
        Ok(Some((pragma("application_id")?, pragma("user_version")?)))
    };
    let found = set_up().map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DiskFull) => StoreError::of(path, "open")(error),
        _ => StoreError::NoDesk(path.to_owned()),
    })?;
    match found {
        None => Ok(None),
        Some((APPLICATION, VERSION)) => Ok(Some(db)),
        Some((APPLICATION, found)) => Err(StoreError::Newer { path: path.to_owned(), found, known: VERSION }),
        Some(_) => Err(StoreError::NoDesk(path.to_owned())),
    }
}
