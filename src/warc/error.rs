//! What can be wrong with the evidence.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why captures cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum WarcError {
    /// The system refused; a full disk shows here, and what was written before stays whole.
    #[error("{doing} {path}: {source}")]
    Io {
        /// The step: `write`, `open`, …
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A capture is not what was written.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// A capture is whole, and the chain does not lead to it. What read it gives it all the same, as the next item.
    #[error(transparent)]
    Unlinked(Damage),
    /// The newest file ends inside a capture, as a crash leaves it. No loss: such a capture was never acknowledged,
    /// and the next [`Writer::open`](super::Writer::open) cuts it off. Always the last thing that an iteration gives.
    #[error("{file}, byte {offset}: the file ends inside a capture that was never finished")]
    TornTail {
        /// Name of the file.
        file: String,
        /// Where the unfinished capture begins.
        offset: u64,
    },
    /// There is no such capture at the place named.
    #[error("{file}, byte {offset}: capture {record_id} is not there")]
    NotThere {
        /// Name of the file.
        file: String,
        /// Where it should begin.
        offset: u64,
        /// The capture that was looked for.
        record_id: String,
    },
    /// A record would be larger than this program would read again.
    #[error("{what} of {url:?} has {size} bytes, and may have {limit}")]
    TooLarge {
        /// Which part: the content, or the fields in front of it.
        what: &'static str,
        /// What was asked, masked and shortened.
        url: String,
        /// Size of the part.
        size: u64,
        /// The limit.
        limit: u64,
    },
}

impl WarcError {
    /// Makes an error of the system one that names the step and the file.
    pub(super) fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> WarcError + use<'a> {
        move |source| WarcError::Io { doing, path: path.to_owned(), source }
    }

    /// Whether this is only the notice that the newest file ends in an unfinished capture.
    pub fn is_torn_tail(&self) -> bool {
        matches!(self, WarcError::TornTail { .. })
    }
}

/// One damaged place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Damage {
    /// Name of the file.
    pub file: String,
    /// Byte at which the damaged record begins.
    pub offset: u64,
    /// `WARC-Record-ID` of the damaged record, as far as it can still be known.
    pub record_id: Option<String>,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, byte {}", self.file, self.offset)?;
        if let Some(id) = &self.record_id {
            write!(f, ", record {id}")?;
        }
        write!(f, ": {}", self.what)
    }
}
