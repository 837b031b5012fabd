//! Posts of an archive that a quotation may be of, with all that was ever known of them.

use chrono::{DateTime, Utc};

use crate::model::{Link, Post, TextState};

/// A post that may be meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its key.
    pub key: String,
    /// The post as its best revision shows it.
    pub post: Post,
    /// Number of that revision.
    pub revision: u32,
    /// Every text that it ever had.
    pub texts: Vec<Text>,
    /// The names under which its author was ever seen: handle and display name, either may be empty.
    pub names: Vec<(String, String)>,
    /// When it was deleted.
    pub deleted: Option<DateTime<Utc>>,
    /// Whether the draft links to it.
    pub linked: bool,
}

/// A text that a post had.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Number of the revision.
    pub revision: u32,
    /// What it said.
    pub text: String,
    /// Whether that is all.
    pub state: TextState,
    /// The links in it.
    pub links: Vec<Link>,
    /// The author's handle and name then.
    pub author: (Option<String>, Option<String>),
}

/// Who wrote a post, and when, as the archive has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Posted {
    /// The author's handle when these were the words.
    pub handle: Option<String>,
    /// The author's name then.
    pub name: Option<String>,
    /// When it was posted.
    pub date: Option<String>,
}

impl Posted {
    pub(super) fn of(candidate: &Candidate, text: &Text) -> Posted {
        let Post { author, created, .. } = &candidate.post;
        let handle = text.author.0.clone().or_else(|| author.handle.as_ref().map(|handle| handle.as_str().to_owned()));
        let name = text.author.1.clone().or_else(|| author.name.clone()).filter(|name| !name.trim().is_empty());
        Posted { handle, name, date: created.map(|created| created.to_rfc3339()) }
    }
}
