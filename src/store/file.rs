//! The files of a database as a whole: taken away, or put in another's place.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::Backup;

use super::{StoreError, open};

/// Pages copied at a time.
const STEP: i32 = 4096;

/// The endings of a database's files.
const SIDES: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Removes a database with its side files. One that is not there is removed already.
///
/// # Errors
/// The system refuses.
pub fn remove(path: &Path) -> Result<(), StoreError> {
    for suffix in SIDES {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let file = PathBuf::from(name);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::Io { path: file, doing: "remove", source: error });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Gives a database with its side files another name beside its own, one that is free, and says which.
///
/// # Errors
/// The system refuses.
pub fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let with = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let mut name = ".damaged".to_owned();
    let mut number = 1;
    while with(&name).exists() {
        number += 1;
        name = format!(".damaged-{number}");
    }
    for suffix in SIDES {
        let file = with(suffix);
        match std::fs::rename(&file, with(&format!("{name}{suffix}"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::Io { path: file, doing: "set aside", source: error });
            }
            _ => {}
        }
    }
    Ok(with(&name))
}

/// Puts the content of the database `from` in the place of that of `to`, and removes `from`. It happens at once: whoever
/// reads sees the old rows or the new ones, and a crash leaves the old. A file at `to` that is no database of pullquote
/// has no rows to leave: it is removed first.
///
/// # Errors
/// The disk is full, or another writer is at work.
pub fn replace(from: &Path, to: &Path) -> Result<(), StoreError> {
    let source = open::for_reading(from)?;
    let mut target = match open::for_writing(to) {
        Err(StoreError::NotOurs(_) | StoreError::Damaged { .. }) => {
            remove(to)?;
            open::for_writing(to)?
        }
        opened => opened?,
    };
    Backup::new(&source, &mut target)
        .and_then(|copy| copy.run_to_completion(STEP, Duration::ZERO, None))
        .map_err(StoreError::of(to, "replace"))?;
    drop((source, target));
    remove(from)
}
