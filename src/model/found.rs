//! What a parser found in a capture, with the place of each thing.

use serde::Serialize;

use super::Post;

/// A post and its place in the capture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// The post.
    pub post: Post,
    /// Its place: a JSON pointer (`/3/reblog`), `line 17` (with a pointer after it if nested), `blockquote 2`.
    pub at: String,
    /// Whether it stood inside another post.
    pub nested: bool,
}

/// An item that gave no post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Its place, as for [`Found`].
    pub at: String,
    /// Why, as a fragment: `has no id`.
    pub reason: String,
}
