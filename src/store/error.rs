//! What can go wrong with the database.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the database could not do what it was asked. Each names the file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such file.
    #[error("open {0}: there is no archive here")]
    Missing(PathBuf),
    /// A file that is no database, or another program's.
    #[error("open {0}: this is no database of pullquote; pullquote rebuild makes it anew from the captures")]
    NotOurs(PathBuf),
    /// The desk is no database of pullquote, or is damaged.
    #[error(
        "open {0}: this is no desk of pullquote, or a damaged one. Clips and the ledger lie in it alone, and no rebuild makes \
         them again: put a copy in its place, or move it away to begin with an empty one"
    )]
    NoDesk(PathBuf),
    /// Written by a later version of pullquote.
    #[error("open {path}: its schema has number {found}, and this version of pullquote knows up to {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// `PRAGMA user_version` found.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Written by an earlier version of pullquote, where nothing may be changed.
    #[error(
        "check {path}: its schema has number {found}, and this version of pullquote writes {known}; \
         a command that reads posts brings it up to date"
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// `PRAGMA user_version` found.
        found: i64,
        /// The one that this program writes.
        known: i64,
    },
    /// Another program holds it for longer than this one waits.
    #[error("{doing} {path}: another program holds it")]
    Locked {
        /// The file.
        path: PathBuf,
        /// What was attempted.
        doing: &'static str,
    },
    /// The disk is full; everything that was acknowledged is kept.
    #[error("{doing} {path}: the disk is full")]
    Full {
        /// The file.
        path: PathBuf,
        /// What was attempted.
        doing: &'static str,
    },
    /// The file is damaged, or says what this program never writes.
    #[error("{doing} {path}: it is damaged: {what}; pullquote rebuild makes it anew from the captures")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was attempted.
        doing: &'static str,
        /// What does not fit.
        what: String,
    },
    /// Anything else that SQLite says.
    #[error("{doing} {path}: {source}")]
    Sql {
        /// The file.
        path: PathBuf,
        /// What was attempted.
        doing: &'static str,
        /// SQLite's words.
        source: rusqlite::Error,
    },
    /// A file of the database cannot be handled.
    #[error("{doing} {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What was attempted.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The writer has stopped.
    #[error("write {0}: its writer has stopped")]
    Stopped(PathBuf),
}

impl StoreError {
    /// Whether the database at `path` is none, or so damaged that it cannot be read.
    pub fn is_unreadable(&self, path: &Path) -> bool {
        match self {
            StoreError::NotOurs(of) | StoreError::Damaged { path: of, .. } => of == path,
            // A table or a column is not there.
            StoreError::Sql { path: of, source, .. } => {
                of == path && source.sqlite_error_code() == Some(ErrorCode::Unknown)
            }
            _ => false,
        }
    }

    /// Sorts an error of SQLite by what a person can do about it.
    pub(super) fn of(path: &Path, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
        let path = path.to_owned();
        move |source| match (source.sqlite_error_code(), &source) {
            (Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked), _) => StoreError::Locked { path, doing },
            (Some(ErrorCode::DiskFull), _) => StoreError::Full { path, doing },
            (Some(ErrorCode::NotADatabase), _) => StoreError::NotOurs(path),
            (Some(ErrorCode::DatabaseCorrupt), _) => StoreError::Damaged { path, doing, what: source.to_string() },
            (_, rusqlite::Error::FromSqlConversionFailure(_, _, cause)) => {
                StoreError::Damaged { path, doing, what: cause.to_string() }
            }
            (
                _,
                rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..),
            ) => StoreError::Damaged { path, doing, what: source.to_string() },
            _ => StoreError::Sql { path, doing, source },
        }
    }
}
