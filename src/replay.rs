//! The database made anew from the captures, and what that changes.
//!
//! Rows are an index over the evidence. A rebuild reads every capture in order into a new database and puts it in the old
//! one's place; a replay does the same and says first which posts differ. Nothing of the old rows is used.

use crate::archive::Archive;
use crate::ingest::{self, IngestError};
use crate::model::CaptureRef;
use crate::store::{self, Change, Reader, StoreError, Writer};
use crate::warc::{self, WarcError};

/// Why a database cannot be made anew. The old one is untouched then.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A capture cannot be read, or a row not be written.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The old database knows captures that are gone: it is the last that tells of them.
    #[error(
        "{count} captures that the database knows are gone or changed, the first in {}, byte {}; the database stays as it is \
         (--accept-loss gives them up)", first.file, first.offset
    )]
    Lost {
        /// How many.
        count: u64,
        /// The first of them.
        first: CaptureRef,
    },
}

/// What a rebuild is to do beside making the database anew.
pub struct Rebuild<'a> {
    /// Leave the old database in its place.
    pub keep_old: bool,
    /// Go on although captures are damaged, or gone that the old database knows.
    pub accept_loss: bool,
    /// Told the number of captures read so far.
    pub on_batch: &'a mut dyn FnMut(u64),
    /// Told every damaged capture that was passed over.
    pub on_damage: &'a mut dyn FnMut(&WarcError),
    /// Told every post that differs from the old database.
    pub on_change: Option<&'a mut dyn FnMut(&Change)>,
}

/// Makes the database anew; says how many captures it read. An old database that cannot be read is replaced without
/// being asked.
///
/// # Errors
/// Another writer, a damaged or missing capture, a full disk; the old database is untouched then.
pub fn rebuild(archive: &Archive, rebuild: Rebuild<'_>) -> Result<u64, ReplayError> {
    let Rebuild { keep_old, accept_loss, on_batch, on_damage, on_change } = rebuild;
    let evidence = archive.evidence().map_err(IngestError::from)?;
    let _lock = archive.lock().map_err(IngestError::from)?;
    let fresh = archive.root().join("pullquote.db.new");
    store::remove(&fresh).map_err(IngestError::from)?;
    let writer = Writer::open(&fresh).map_err(IngestError::from)?;
    let captures = warc::captures(&evidence).map_err(IngestError::from)?;
    let count = ingest::index(captures, &writer, on_batch, &mut |damage| {
        if !accept_loss {
            return Err(damage);
        }
        on_damage(&damage);
        Ok(())
    })?;
    writer.close().map_err(IngestError::from)?;
    if let Ok(before) = Reader::open(&archive.database()) {
        let after = Reader::open(&fresh).map_err(IngestError::from)?;
        if !accept_loss
            && let Some((count, first)) = store::lost_captures(&before, &after).map_err(IngestError::from)?
        {
            return Err(ReplayError::Lost { count, first });
        }
        if let Some(on_change) = on_change {
            store::changes(&before, &after, |change| on_change(&change)).map_err(IngestError::from)?;
        }
    }
    if keep_old {
        store::remove(&fresh).map_err(IngestError::from)?;
    } else {
        let old = archive.database();
        // A file that is no database any more holds nothing, and nothing can be put into it.
        if let Err(StoreError::NotOurs(_) | StoreError::Damaged { .. }) = Reader::open(&old) {
            store::remove(&old).map_err(IngestError::from)?;
        }
        store::replace(&fresh, &old).map_err(IngestError::from)?;
    }
    Ok(count)
}
