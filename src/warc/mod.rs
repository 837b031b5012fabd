//! The evidence: every exchange, byte for byte, in WARC 1.1 files that any web archive tool reads.
//!
//! A capture is three records, each its own gzip member, in this order: the `response` (or, for a file, a `resource`),
//! its `request`, and a `metadata` record with pullquote's own [`Facts`](crate::exchange::Facts). The metadata record
//! comes last, so a capture is complete when it is there. Its payload names the digests of the other two and of the
//! metadata record before it: the captures are a hash chain, and [`verify`] notices one that was altered, removed or
//! moved. Only the newest captures can be cut off without breaking the chain; the database therefore remembers the
//! last [`CaptureRef`](crate::model::CaptureRef), and [`fetch`] says whether it still stands there.
//!
//! Secrets are masked on the way in, whatever the caller did before. Nothing is parsed here beyond HTTP itself, and
//! no lock is taken: one writer at a time is the caller's to see to. Standard:
//! <https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/>.

mod capture;
mod chain;
mod digest;
mod error;
mod files;
mod foreign;
mod group;
mod kept;
mod mask;
mod member;
mod message;
mod reader;
mod record;
mod tail;
mod unpack;
mod verify;
mod walk;
mod writer;

pub use capture::Capture;
pub use digest::of as digest;
pub use error::{Damage, WarcError};
pub use foreign::{Exchanges, Foreign, ForeignError, exchanges};
pub use kept::as_kept;
pub use mask::STARS;
pub use reader::{Captures, captures, captures_after, fetch, link, unindexed};
pub use verify::{Report, verify};
pub use writer::{Options, Writer};
