//! What a parser found in a capture, with the place of each thing.

use chrono::{DateTime, Utc};
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

/// That a post is gone, as a capture says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deletion {
    /// Its place, as for [`Found`].
    pub at: String,
    /// The platform of the post.
    pub platform: String,
    /// URI of the post, where it is named so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Where it is not: a server (scheme, host and port) and the post's id there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<(String, String)>,
    /// When it was deleted; `None` where the source does not say: then it is as old as the capture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<DateTime<Utc>>,
}

/// An item that gave no post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Its place, as for [`Found`].
    pub at: String,
    /// Why, as a fragment: `has no id`.
    pub reason: String,
}
