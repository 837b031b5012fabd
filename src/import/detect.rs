//! Which parser reads an exchange: each is offered it, and says what it misses.

use std::fmt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::ImportError;
use super::open::{Part, Parts, open};
use crate::dump;
use crate::exchange::Exchange;
use crate::platform::{ParseError, Platform};
use crate::warc::ForeignError;

/// Why no parser finds a post.
#[derive(Debug)]
pub enum Unknown {
    /// This platform knows the shape, and there is no post in it.
    Empty(&'static Platform),
    /// No platform knows the shape: what each missed.
    Misfits(Vec<ParseError>),
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unknown::Empty(platform) => write!(f, "read as {}, it shows none", platform.name),
            Unknown::Misfits(misfits) => {
                let misfits: Vec<String> = misfits.iter().map(ToString::to_string).collect();
                f.write_str(&misfits.join("; "))
            }
        }
    }
}

/// The platform whose parser finds posts in the exchange, or at least items that it can name as doubtful.
///
/// # Errors
/// When none does. A body of a known shape that is broken is named as such, and not offered to further parsers.
pub fn detect(exchange: &Exchange) -> Result<&'static Platform, Unknown> {
    let mut misfits = Vec::new();
    let mut empty = None;
    for platform in dump::readers() {
        match (platform.parse)(exchange) {
            Ok(page) if !page.posts.is_empty() || !page.skipped.is_empty() => return Ok(platform),
            Ok(_) => empty = empty.or(Some(platform)),
            Err(error @ ParseError::NotThisShape { .. }) => misfits.push(error),
            Err(error) => return Err(Unknown::Misfits(vec![error])),
        }
    }
    Err(empty.map_or(Unknown::Misfits(misfits), Unknown::Empty))
}

/// What a part of a file is.
pub enum Piece {
    /// A part and the platform that reads it.
    Part(Box<Part>, &'static Platform),
    /// A record of somebody else's WARC file that holds no posts.
    WithoutPosts,
    /// A record of such a file that cannot be read, which costs no other.
    Damaged(String),
}

/// The pieces of a file in order; what an import keeps and what `parse` shows. `now` is the time of the import.
///
/// # Errors
/// A file that cannot be opened, or is of no kind that is read.
pub fn pieces(path: &Path, now: DateTime<Utc>) -> Result<Pieces, ImportError> {
    Ok(Pieces { path: path.to_owned(), parts: open(path, now)?, of_lines: None })
}

/// See [`pieces`].
pub struct Pieces {
    path: PathBuf,
    parts: Parts,
    /// The platform of a file of lines: its parts are of one shape, and one of them may hold nothing but broken lines.
    of_lines: Option<&'static Platform>,
}

impl Iterator for Pieces {
    type Item = Result<Piece, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let part = match self.parts.next()? {
            Ok(part) => part,
            Err(ImportError::Warc { source: source @ ForeignError::Record { .. }, .. }) => {
                return Some(Ok(Piece::Damaged(source.to_string())));
            }
            Err(error @ ImportError::Entry { .. }) => return Some(Ok(Piece::Damaged(error.to_string()))),
            Err(error) => return Some(Err(error)),
        };
        if let Some(platform) = self.of_lines.filter(|_| !part.foreign) {
            return Some(Ok(Piece::Part(Box::new(part), platform)));
        }
        Some(match detect(&part.exchange) {
            Ok(platform) => {
                self.of_lines = part.first_line.map(|_| platform);
                Ok(Piece::Part(Box::new(part), platform))
            }
            Err(_) if part.foreign => Ok(Piece::WithoutPosts),
            Err(unknown) => Err(ImportError::Unknown { path: self.path.clone(), unknown }),
        })
    }
}
