//! Captures that one database knows and another does not.

use rusqlite::OptionalExtension;

use super::row::capture_ref;
use super::{Reader, StoreError};
use crate::model::CaptureRef;

/// How many captures `before` knows that `after` does not, and the first of them.
///
/// # Errors
/// A damaged database.
pub fn lost_captures(before: &Reader, after: &Reader) -> Result<Option<(u64, CaptureRef)>, StoreError> {
    let find = || -> rusqlite::Result<Option<(u64, CaptureRef)>> {
        let mut known = before.db.prepare("SELECT file, offset, record_id, digest FROM capture ORDER BY id")?;
        let mut same = after.db.prepare("SELECT 1 FROM capture WHERE record_id = ?1 AND digest = ?2")?;
        let mut rows = known.query([])?;
        let mut lost = None;
        while let Some(row) = rows.next()? {
            let place = capture_ref(row, 0)?;
            if same.query_row([&place.record_id, &place.digest], |_| Ok(())).optional()?.is_none() {
                lost = Some(lost.map_or((1, place), |(count, first)| (count + 1, first)));
            }
        }
        Ok(lost)
    };
    find().map_err(before.error("compare"))
}
