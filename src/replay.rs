//! The database made anew from the captures, and what that changes.
//!
//! Rows are an index over the evidence. A rebuild reads every capture in order into a new database and puts it in the old
//! one's place; a replay does the same and says first which posts differ. Nothing of the old rows is used.

use crate::archive::Archive;
use crate::ingest::{self, IngestError};
use crate::store::{self, Change, Reader, StoreError, Writer};
use crate::warc;

/// Why a database cannot be made anew. The old one is untouched then.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A capture cannot be read, or a row not be written.
    #[error(transparent)]
    Ingest(#[from] IngestError),
}

/// Makes the database anew; says how many captures it read. `on_batch` is told the number so far, `on_change` every
/// post that differs from the old database, if there is one. With `keep_old` the old database stays.
///
/// # Errors
/// Another writer, a damaged capture, a full disk; the old database is untouched then.
pub fn rebuild(
    archive: &Archive,
    keep_old: bool,
    on_batch: &mut dyn FnMut(u64),
    on_change: Option<&mut dyn FnMut(&Change)>,
) -> Result<u64, ReplayError> {
    let evidence = archive.evidence().map_err(IngestError::from)?;
    let _lock = archive.lock().map_err(IngestError::from)?;
    let fresh = archive.root().join("pullquote.db.new");
    store::remove(&fresh).map_err(IngestError::from)?;
    let writer = Writer::open(&fresh).map_err(IngestError::from)?;
    let captures = warc::captures(&evidence).map_err(IngestError::from)?;
    let count = ingest::index(captures, &writer, on_batch)?;
    writer.close().map_err(IngestError::from)?;
    let old = archive.database();
    if let Some(on_change) = on_change
        && old.is_file()
    {
        let before = Reader::open(&old).map_err(IngestError::from)?;
        let after = Reader::open(&fresh).map_err(IngestError::from)?;
        store::changes(&before, &after, |change| on_change(&change)).map_err(IngestError::from)?;
    }
    if keep_old {
        store::remove(&fresh).map_err(IngestError::from)?;
    } else {
        // A file that is no database any more holds nothing, and nothing can be put into it.
        if let Err(StoreError::NotOurs(_) | StoreError::Damaged { .. }) = Reader::open(&old) {
            store::remove(&old).map_err(IngestError::from)?;
        }
        store::replace(&fresh, &old).map_err(IngestError::from)?;
    }
    Ok(count)
}
