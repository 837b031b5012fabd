//! How many posts of a source there are in a stretch of time, for plans and tables.

use super::{Reader, StoreError, id};
use crate::coverage::Stretch;

impl Reader {
    /// Posts of a job that were written in a stretch of time, whichever of its sources showed them.
    ///
    /// # Errors
    /// A damaged database.
    pub fn posts_within(&self, job: &str, stretch: Stretch) -> Result<u64, StoreError> {
        // Posts stand in the order of their time.
        let (from, to) = (id::floor(stretch.since), id::floor(stretch.until));
        let sql = "SELECT count(*) FROM post_job WHERE job = ?1 AND post >= ?2 AND post < ?3";
        self.db.query_row(sql, (job, from, to), |row| row.get(0)).map_err(self.error("count"))
    }
}
