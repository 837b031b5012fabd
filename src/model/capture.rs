//! The place of a capture in the archive's WARC files.

use serde::{Deserialize, Serialize};

/// Where a capture's first record stands: enough to read it again without any index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CaptureRef {
    /// File name inside `captures/`, without a folder.
    pub file: String,
    /// Byte offset of the gzip member that holds the capture's `response` or `resource` record.
    pub offset: u64,
    /// `WARC-Record-ID` of that record, without angle brackets: `urn:uuid:…`.
    pub record_id: String,
    /// SHA-256 of the payload as kept (the body as it was sent), `sha256:` and 64 hexadecimal digits.
    pub digest: String,
}
