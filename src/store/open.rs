//! Opens the database file: makes it, brings an older one up to date, refuses a newer or a foreign one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::{StoreError, gaps, index};

/// The schema as it is now: what a new database is made of.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// Each step from one version of the schema to the next; the first makes version 1 out of nothing. The version of a
/// database is the number of steps it has behind it. A step that was released is never changed.
pub const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
];

/// The version from which on the index of words holds what it does today.
const WORDS: usize = 2;

/// `PRAGMA application_id` of an archive: "PUQN".
const APPLICATION: i64 = 0x5055_514e;

/// After how many pages (of 8 KiB) the log is folded into the file.
const LOG_PAGES: i64 = 512;

/// How long to wait for another program that brings the database up to date.
const MIGRATION: Duration = Duration::from_secs(3600);

/// How long to wait for another program that writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens for writing, and makes the database if there is none.
pub(super) fn for_writing(path: &Path) -> Result<Connection, StoreError> {
    let mut db = Connection::open(path).map_err(StoreError::of(path, "open"))?;
    let version = known_version(&db, path)?;
    let set_up = |db: &mut Connection| -> rusqlite::Result<()> {
        if version == 0 {
            // Larger pages make an import some 5 % cheaper; it can only be said before the first table.
            db.pragma_update(None, "page_size", 8192)?;
        }
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "full")?;
        // Every reference is written by one function; checking each again at import would cost more than it finds,
        // and `check` looks at all of them.
        db.pragma_update(None, "foreign_keys", false)?;
        db.pragma_update(None, "cache_size", -48 * 1024)?;
        db.pragma_update(None, "temp_store", "memory")?;
        // The log is folded into the file every few MiB, and used again: it must not fill a small disk for good.
        db.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        db.pragma_update(None, "journal_size_limit", LOG_PAGES * 8192)?;
        // Else a statement is made anew for every value that it is asked with.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        db.set_prepared_statement_cache_capacity(64);
        if version == MIGRATIONS.len() {
            return Ok(());
        }
        if version > 0 {
            tracing::warn!("the database is brought up to date, which takes a minute or two for a million posts");
            // Another program may be at it.
            db.busy_timeout(MIGRATION)?;
        }
        let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another program may have done it since.
        let version = step.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?;
        let version = usize::try_from(version).unwrap_or_default();
        if version == MIGRATIONS.len() {
            drop(step);
            return db.busy_timeout(PATIENCE);
        }
        if version == 0 {
            step.execute_batch(SCHEMA)?;
            step.pragma_update(None, "application_id", APPLICATION)?;
        } else {
            for migration in MIGRATIONS.iter().skip(version) {
                step.execute_batch(migration)?;
            }
            if version < WORDS {
                // What the index of words holds is no matter of SQL.
                tracing::warn!(
                    "the index of words is made anew for this version, which takes a minute or two for a million posts"
                );
                index::fill(&step)?;
            }
        }
        step.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
        step.commit()?;
        db.busy_timeout(PATIENCE)
    };
    set_up(&mut db).map_err(StoreError::of(path, "set up"))?;
    Ok(db)
}

/// Opens for reading alone: the connection could not write if it tried. One of an older version is brought up to date
/// first.
///
/// A database that was closed well can be read where nothing may be written: on a medium for reading, or in another
/// user's folder.
pub(super) fn for_reading(path: &Path) -> Result<Connection, StoreError> {
    let (db, version) = as_it_is(path)?;
    if version < MIGRATIONS.len() {
        drop(for_writing(path)?);
    }
    let set_up = || -> rusqlite::Result<()> {
        gaps::add(&db)?;
        db.pragma_update(None, "query_only", true)?;
        db.pragma_update(None, "mmap_size", 1_i64 << 30)?;
        db.set_prepared_statement_cache_capacity(32);
        Ok(())
    };
    set_up().map_err(StoreError::of(path, "open"))?;
    Ok(db)
}

/// Opens for a look at everything that changes nothing: neither an older schema nor the log beside the file.
///
/// A look at a full-text index takes a connection that may write, and SQLite's lock. `alone`: nobody waits for it.
/// Otherwise, and where nothing may be written, the connection is one for reading.
pub(super) fn for_checking(path: &Path, alone: bool) -> Result<Connection, StoreError> {
    let (mut db, version) = as_it_is(path)?;
    if version < MIGRATIONS.len() {
        let (found, known) = (version as i64, MIGRATIONS.len() as i64);
        return Err(StoreError::Older { path: path.to_owned(), found, known });
    }
    let keep_log = has_log(path);
    if alone {
        match opened(path, path, OpenFlags::SQLITE_OPEN_READ_WRITE) {
            Err(StoreError::Sql { source, .. }) if is_write_protected(&source) => {}
            opened => db = opened?.0,
        }
    }
    let set_up = || -> rusqlite::Result<()> {
        // A log that a crash left would be folded into the file.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep_log)?;
        db.pragma_update(None, "mmap_size", 1_i64 << 30)
    };
    set_up().map_err(StoreError::of(path, "open"))?;
    Ok(db)
}

/// Opens for reading, whatever the version.
fn as_it_is(path: &Path) -> Result<(Connection, usize), StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing(path.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let (db, version) = match opened(path, path, flags) {
        // To read the log beside the file SQLite makes a file of its own. Without a log nobody is writing, and the file
        // alone is all there is.
        Err(StoreError::Sql { source, .. }) if is_write_protected(&source) && !has_log(path) => {
            opened(path, &unchanging(path), flags | OpenFlags::SQLITE_OPEN_URI)?
        }
        opened => opened?,
    };
    if version == 0 {
        return Err(StoreError::NotOurs(path.to_owned()));
    }
    Ok((db, version))
}

/// Opens `name`, which stands for `path`, and looks at its version.
fn opened(path: &Path, name: &Path, flags: OpenFlags) -> Result<(Connection, usize), StoreError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(name, flags).map_err(StoreError::of(path, "open"))?;
    let version = known_version(&db, path)?;
    Ok((db, version))
}

/// Whether SQLite failed for want of the right to write.
pub(super) fn is_write_protected(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// The address of a file that nobody changes, as SQLite reads it (<https://www.sqlite.org/uri.html>).
fn unchanging(path: &Path) -> PathBuf {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    PathBuf::from(uri)
}

/// The version of the schema; 0 for a database without tables.
fn known_version(db: &Connection, path: &Path) -> Result<usize, StoreError> {
    let read = || -> rusqlite::Result<(i64, i64, bool)> {
        db.busy_timeout(PATIENCE)?;
        Ok((
            db.pragma_query_value(None, "application_id", |row| row.get(0))?,
            db.pragma_query_value(None, "user_version", |row| row.get(0))?,
            db.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?,
        ))
    };
    let (application, found, has_tables) = read().map_err(StoreError::of(path, "open"))?;
    match usize::try_from(found) {
        Ok(0) if !has_tables => Ok(0),
        _ if application != APPLICATION => Err(StoreError::NotOurs(path.to_owned())),
        Ok(version) if (1..=MIGRATIONS.len()).contains(&version) => Ok(version),
        _ => Err(StoreError::Newer { path: path.to_owned(), found, known: MIGRATIONS.len() as i64 }),
    }
}
