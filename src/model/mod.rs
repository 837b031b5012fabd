//! What pullquote talks about: a post, who wrote it, when, and where the bytes are that prove it.
//!
//! Plain values without I/O. Constructors normalise, and there is no other way in, so that two sources that
//! saw the same handle or hashtag agree on it. How a post is stored, searched or printed is not decided here.

mod capture;
mod found;
mod handle;
mod hashtag;
mod post;
mod when;

pub use capture::CaptureRef;
pub use found::{Deletion, Found, Skipped};
pub use handle::Handle;
pub use hashtag::Hashtag;
pub use post::{Author, Kind, Link, Media, Mention, Metrics, Poll, PollOption, Post, PostRef, TextState};
pub use when::{Precision, When, WhenSource};
