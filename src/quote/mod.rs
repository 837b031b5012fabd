//! Quoting: a post and its provenance as text for an article. Pure; one file a format.
//!
//! The same post, revision and format give the same bytes. Nothing here reads the archive or the clock.

pub mod csv;
mod direction;
mod html;
pub mod json;
mod line;
mod markdown;
mod terminal;

use chrono::{DateTime, Utc};

use crate::model::{CaptureRef, Post};

pub use terminal::visible;

/// A post together with where it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Quotable {
    /// Its short stable name.
    pub key: String,
    /// The post as of the revision that is quoted.
    pub post: Post,
    /// The capture that proves it.
    pub capture: CaptureRef,
    /// When that capture was made.
    pub captured_at: DateTime<Utc>,
    /// Whether it was only ever seen inside another post.
    pub nested: bool,
    /// That it is gone, if so.
    pub gone: Option<Gone>,
}

/// That a post is gone, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// When it was deleted.
    pub at: DateTime<Utc>,
    /// The server that says so, where it speaks for itself alone.
    pub server: Option<String>,
    /// The capture that proves it.
    pub capture: CaptureRef,
    /// The place in it.
    pub place: String,
}

/// A form of quotation.
pub type Format = fn(&Quotable) -> String;

/// The forms by name.
pub const FORMATS: &[(&str, Format)] =
    &[("line", line::quote), ("markdown", markdown::quote), ("html", html::quote), ("json", json::quote)];

/// Name and handle as a reader sees them: `Name (@handle)`; only what is known.
pub fn attribution(post: &Post) -> String {
    // A name is one line: whatever breaks lines in it would make it look like the program's own words.
    let one_line = |name: &String| name.replace(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'), " ");
    let name = post.author.name.as_ref().map(one_line).filter(|name| !name.trim().is_empty());
    let name = name.map(|name| direction::closed(&name).into_owned());
    match (name, &post.author.handle) {
        (Some(name), Some(handle)) => format!("{name} (@{handle})"),
        (Some(name), None) => name,
        (None, Some(handle)) => format!("@{handle}"),
        (None, None) => post.url.clone().unwrap_or_else(|| "unknown author".to_owned()),
    }
}

/// The address of the post, if a reader can be sent there: what a stranger wrote may be `javascript:`.
fn link(post: &Post) -> Option<&str> {
    post.url.as_deref().filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}

/// The day as the seed prints it, in UTC: `July 26, 2021`. `None` when unknown, never today.
fn day(post: &Post) -> Option<String> {
    post.created.map(|when| when.at().format("%B %-d, %Y").to_string())
}
