//! Captures that wait for their rows, and when there are enough of them for a transaction.

use crate::store::NewCapture;

/// Posts that are committed at once while captures are read in bulk: SQLite rewrites a page once for all the rows that a
/// batch puts on it. One batch is written while the next is gathered, so that two are held: of a million posts the
/// import bench takes 144 MiB at its peak.
const BATCH: usize = 10_000;

/// Bytes of captured bodies after which a batch is committed however few its posts are: their texts may be long.
const BATCH_BYTES: u64 = 48 << 20;

/// Captures that wait for their rows.
#[derive(Default)]
pub(super) struct Queue {
    captures: Vec<NewCapture>,
    posts: usize,
    bytes: u64,
}

impl Queue {
    pub(super) fn push(&mut self, capture: NewCapture) {
        self.posts += capture.posts.len() + 1;
        self.bytes += capture.length;
        self.captures.push(capture);
    }

    /// Whether there is enough to be worth a transaction.
    pub(super) fn is_full(&self) -> bool {
        self.posts >= BATCH || self.bytes >= BATCH_BYTES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.captures.is_empty()
    }

    pub(super) fn take(&mut self) -> Vec<NewCapture> {
        std::mem::take(self).captures
    }
}
