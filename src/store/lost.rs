//! Captures that one database knows and another does not.

use rusqlite::OptionalExtension;

use super::row::capture_ref;
use super::{Reader, StoreError};
use crate::model::CaptureRef;

/// How many captures `before` knows that `after` does not, and the first of them. Where `before` is damaged, a capture
/// that it still names counts all the same.
///
/// # Errors
/// A damaged database that names none.
pub fn lost_captures(before: &Reader, after: &Reader) -> Result<Option<(u64, CaptureRef)>, StoreError> {
    let find = || -> rusqlite::Result<Option<(u64, CaptureRef)>> {
        let mut known = before.db.prepare("SELECT file, offset, record_id, digest FROM capture ORDER BY id")?;
        let mut same = after.db.prepare("SELECT 1 FROM capture WHERE record_id = ?1 AND digest = ?2")?;
        let mut rows = known.query([])?;
        let mut lost = None;
        loop {
            let place = match rows.next().and_then(|row| row.map(|row| capture_ref(row, 0)).transpose()) {
                Ok(Some(place)) => place,
                Err(error) if lost.is_none() => return Err(error),
                Ok(None) | Err(_) => return Ok(lost),
            };
            if same.query_row([&place.record_id, &place.digest], |_| Ok(())).optional()?.is_none() {
                lost = Some(lost.map_or((1, place), |(count, first)| (count + 1, first)));
            }
        }
    };
    find().map_err(before.error("compare"))
}
