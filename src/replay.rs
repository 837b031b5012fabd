//! The database made anew from the captures, and what that changes.
//!
//! Rows are an index over the evidence. A rebuild reads every capture in order into a new database and puts it in the old
//! one's place; a replay does the same and says first which posts differ; a proof only compares. Nothing of the old rows
//! is used.

use std::path::{Path, PathBuf};

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
    /// The evidence is not what was written.
    #[error("{0}; the database stays as it is (--accept-loss goes on all the same)")]
    Damaged(IngestError),
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

/// What a rebuild made.
#[derive(Debug)]
pub struct Rebuilt {
    /// Captures that were read.
    pub captures: u64,
    /// The old database, if it was too damaged to be compared: where it is now, and what is wrong with it.
    pub set_aside: Option<(PathBuf, StoreError)>,
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

/// Makes the database anew. An old one that is too damaged to be read is set aside; only [`Rebuild::on_change`] cannot
/// do without it.
///
/// # Errors
/// Another writer, a damaged or missing capture, a full disk; the old database is untouched then.
pub fn rebuild(archive: &Archive, rebuild: Rebuild<'_>) -> Result<Rebuilt, ReplayError> {
    let Rebuild { keep_old, accept_loss, on_batch, on_damage, on_change } = rebuild;
    let evidence = archive.evidence().map_err(IngestError::from)?;
    let _lock = archive.lock().map_err(IngestError::from)?;
    let fresh = archive.root().join("pullquote.db.new");
    store::remove(&fresh).map_err(IngestError::from)?;
    let writer = Writer::open(&fresh).map_err(IngestError::from)?;
    let captures = warc::captures(&evidence).map_err(IngestError::from)?;
    let indexed = ingest::index(captures, &writer, on_batch, &mut |damage| {
        if !accept_loss {
            return Err(damage);
        }
        on_damage(&damage);
        Ok(())
    });
    let captures = indexed.map_err(|error| match error {
        error if error.is_damage() => ReplayError::Damaged(error),
        error => error.into(),
    })?;
    writer.close().map_err(IngestError::from)?;
    let old = archive.database();
    let all_changes = on_change.is_some();
    let unreadable = match compare(&old, &fresh, accept_loss, on_change) {
        Err(ReplayError::Ingest(IngestError::Store(error))) if error.is_unreadable(&old) && !all_changes => Some(error),
        compared => compared.map(|()| None)?,
    };
    let put = || -> Result<Option<(PathBuf, StoreError)>, StoreError> {
        if keep_old {
            store::remove(&fresh)?;
            return Ok(None);
        }
        let set_aside = match unreadable {
            Some(error) => Some((store::set_aside(&old)?, error)),
            None => None,
        };
        store::replace(&fresh, &old)?;
        Ok(set_aside)
    };
    Ok(Rebuilt { captures, set_aside: put().map_err(IngestError::from)? })
}

/// Compares the old database, if there is one, with the new one.
fn compare(
    old: &Path,
    fresh: &Path,
    accept_loss: bool,
    on_change: Option<&mut dyn FnMut(&Change)>,
) -> Result<(), ReplayError> {
    let before = match Reader::open(old) {
        Err(StoreError::Missing(_)) => return Ok(()),
        before => before.map_err(IngestError::from)?,
    };
    let after = Reader::open(fresh).map_err(IngestError::from)?;
    if !accept_loss && let Some((count, first)) = store::lost_captures(&before, &after).map_err(IngestError::from)? {
        return Err(ReplayError::Lost { count, first });
    }
    if let Some(on_change) = on_change {
        store::changes(&before, &after, |change| on_change(&change)).map_err(IngestError::from)?;
    }
    Ok(())
}

/// Proves the rows: reads every capture that has some again, into a database of its own, and compares. One sentence for
/// each thing that differs. Damaged captures are passed over. `on_batch` is told the number of captures read so far.
///
/// # Errors
/// The database cannot be read, or the other has no room.
pub fn prove(archive: &Archive, on_batch: &mut dyn FnMut(u64)) -> Result<Vec<String>, IngestError> {
    let before = Reader::open(&archive.database())?;
    let Some(last) = before.last_capture()? else { return Ok(Vec::new()) };
    let mut done = false;
    let captures = warc::captures(&archive.captures())?.take_while(|capture| {
        let wanted = !done;
        done |= capture.as_ref().is_ok_and(|capture| capture.place == last);
        wanted
    });
    let writer = Writer::scratch()?;
    ingest::index(captures, &writer, on_batch, &mut |_| Ok(()))?;
    Ok(store::differences(&before, &writer.into_reader()?)?)
}
