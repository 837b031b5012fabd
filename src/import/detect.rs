//! Which parser reads an exchange: each is offered it, and says what it misses.

use std::fmt;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::ImportError;
use super::open::{Part, Parts, Whence, open};
use crate::dump::{self, Head, mapped};
use crate::exchange::Exchange;
use crate::platform::{ParseError, Platform, json};
use crate::warc::ForeignError;

/// Why no parser finds a post.
#[derive(Debug)]
pub enum Unknown {
    /// This platform knows the shape, and there is no post in it.
    Empty(&'static Platform),
    /// No reader knows the shape.
    Misfits {
        /// What the body is in outline.
        outline: String,
        /// What each missed.
        misfits: Vec<ParseError>,
    },
    /// It is of a reader's shape, and cannot be read.
    Broken(ParseError),
    /// The map that came with it does not fit.
    Unmapped(String),
}

/// Readers of which it is told what they missed.
const TOLD: usize = 3;

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unknown::Empty(platform) => write!(f, "read as {}, it shows none", platform.name),
            Unknown::Broken(error) => error.fmt(f),
            Unknown::Unmapped(what) => f.write_str(what),
            Unknown::Misfits { outline, misfits } => {
                write!(f, "it is {outline}, a shape that nobody reads here")?;
                if outline.starts_with(TABLE) || outline.starts_with(LINES) {
                    f.write_str("; --map text=…,handle=…,date=…,url=… says what is what in it")?;
                }
                for misfit in misfits.iter().take(TOLD) {
                    write!(f, "; {misfit}")?;
                }
                match misfits.len().saturating_sub(TOLD) {
                    0 => Ok(()),
                    more => write!(f, "; and {more} more readers that it does not fit"),
                }
            }
        }
    }
}

/// The platform whose parser finds posts in the exchange, or at least items that it can name as doubtful.
///
/// # Errors
/// When none does. A body of a known shape that is broken is named as such, and not offered to further parsers.
pub fn detect(exchange: &Exchange) -> Result<&'static Platform, Unknown> {
    if exchange.request.map().is_some() {
        return mapped::check(exchange).map(|()| &mapped::PLATFORM).map_err(Unknown::Unmapped);
    }
    let mut misfits = Vec::new();
    let (mut empty, mut of_dumps) = (None, 0);
    for (i, platform) in dump::readers().enumerate() {
        match (platform.parse)(exchange) {
            Ok(page) if !page.posts.is_empty() || !page.skipped.is_empty() => return Ok(platform),
            Ok(_) => empty = empty.or(Some(platform)),
            Err(error @ ParseError::NotThisShape { .. }) => {
                misfits.push(error);
                of_dumps += usize::from(i < dump::ALL.len());
            }
            Err(error) => return Err(Unknown::Broken(error)),
        }
    }
    let outline = outline(exchange);
    if !outline.starts_with(TABLE) {
        // Most dumps are tables, and what one lacks to be one says little of a page.
        misfits.rotate_left(of_dumps);
    }
    Err(match empty {
        // That there is nothing of what prose may hold says little of a table.
        Some(platform) if !outline.starts_with(TABLE) => Unknown::Empty(platform),
        _ => Unknown::Misfits { outline, misfits },
    })
}

/// How the outlines begin of what can be mapped.
const TABLE: &str = "a table";
const LINES: &str = "lines of JSON objects";

/// What a body is, for somebody who wants to know why it is not read: the members of an object, the first words.
fn outline(exchange: &Exchange) -> String {
    const MEMBERS: usize = 8;
    let Ok(text) = exchange.text() else { return "nothing that can be decoded".to_owned() };
    let text = text.trim_start_matches('\u{feff}').trim();
    let members = |value: &serde_json::Value| {
        let names: Vec<String> = value
            .as_object()
            .into_iter()
            .flatten()
            .take(MEMBERS)
            .map(|(name, _)| format!("`{}`", short(name)))
            .collect();
        if names.is_empty() { String::new() } else { format!(" with {}", names.join(", ")) }
    };
    let first_line = text.lines().next().unwrap_or_default();
    match (serde_json::from_str::<serde_json::Value>(text), serde_json::from_str::<serde_json::Value>(first_line)) {
        (Ok(serde_json::Value::Array(list)), _) => {
            format!("a JSON list of {} items{}", list.len(), list.first().map(members).unwrap_or_default())
        }
        (Ok(value @ serde_json::Value::Object(_)), _) => format!("a JSON object{}", members(&value)),
        (Ok(_), _) => "a single JSON value".to_owned(),
        (Err(_), Ok(value @ serde_json::Value::Object(_))) => format!("{LINES}{}", members(&value)),
        _ if let Some(columns) = columns(exchange, text) => format!("{TABLE} with the columns {columns}"),
        _ if text.starts_with('<') => format!("markup that begins {:?}", short(first_line)),
        _ => format!("text that begins {:?}", short(first_line)),
    }
}

/// The names of the columns, if it looks like a table: its second line has as many fields as the first.
fn columns(exchange: &Exchange, text: &str) -> Option<String> {
    const COLUMNS: usize = 40;
    let is_text = matches!(exchange.media_type().as_str(), "text/csv" | "text/plain" | "");
    let head = Head::of(text.as_bytes()).filter(|head| is_text && head.has_rows(text.as_bytes()))?;
    let names: Vec<String> = head.names.iter().take(COLUMNS).map(|name| format!("`{}`", short(name))).collect();
    let more = head.names.len().saturating_sub(COLUMNS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(names.join(", ") + &more)
}

/// Whether it begins as JSON and is none: an answer that was cut, not something else than posts.
fn is_broken_json(exchange: &Exchange) -> bool {
    let Ok(text) = exchange.text() else { return false };
    let text = text.trim_start_matches('\u{feff}').trim_ascii();
    let inside = text.strip_prefix(['{', '[']).map(str::trim_ascii_start);
    inside.is_some_and(|inside| inside.starts_with(['"', '{', '[']))
        && exchange.media_type().contains("json")
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err()
        && !json::is_lines(text)
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// What a part of a file is.
pub enum Piece {
    /// A part and the platform that reads it.
    Part(Box<Part>, &'static Platform),
    /// An entry of a file that holds files, or a record of somebody else's WARC file, without posts.
    WithoutPosts,
    /// A record of such a file that cannot be read, which costs no other.
    Damaged(String),
}

/// The pieces of a file in order; what an import keeps and what `parse` shows. `now` is the time of the import.
///
/// # Errors
/// A file that cannot be opened, or is of no kind that is read.
pub fn pieces(path: &Path, now: DateTime<Utc>) -> Result<Pieces, ImportError> {
    mapped_pieces(path, now, None)
}

/// [`pieces`] of a table or of JSON whose columns or members mean what the map says ([`crate::dump::mapped`]).
///
/// # Errors
/// As [`pieces`].
pub fn mapped_pieces(path: &Path, now: DateTime<Utc>, map: Option<&str>) -> Result<Pieces, ImportError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let whence = Whence { path: path.to_owned(), name, now, map: map.map(str::to_owned) };
    Ok(Pieces { parts: open(&whence)?, whence, of_lines: None })
}

/// See [`pieces`].
pub struct Pieces {
    whence: Whence,
    parts: Parts,
    /// The platform of the file of lines whose parts these are: they are of one shape, and one of them may hold nothing but
    /// broken lines.
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
            Err(ImportError::Kind { path, what }) if path != self.whence.path => {
                tracing::debug!(path = %path.display(), "not kept: it {what}");
                return Some(Ok(Piece::WithoutPosts));
            }
            Err(error) => return Some(Err(error)),
        };
        self.of_lines.take_if(|_| !part.goes_on);
        if let Some(platform) = self.of_lines {
            return Some(Ok(Piece::Part(Box::new(part), platform)));
        }
        if self.whence.map.is_some() && part.exchange.request.map().is_none() {
            if part.among.is_some() {
                return Some(Ok(Piece::WithoutPosts));
            }
            let what = "is neither a table nor JSON: no map tells what is what in it".to_owned();
            return Some(Err(ImportError::Kind { path: self.whence.path.clone(), what }));
        }
        Some(match detect(&part.exchange) {
            Ok(platform) => {
                self.of_lines = part.first_line.map(|_| platform);
                Ok(Piece::Part(Box::new(part), platform))
            }
            // It is somebody's posts, and cannot be read.
            Err(unknown @ Unknown::Broken(_)) if part.among.is_some() => {
                Ok(Piece::Damaged(part.told(&unknown.to_string())))
            }
            Err(_) if part.among.is_some() && is_broken_json(&part.exchange) => {
                Ok(Piece::Damaged(part.told("it is broken JSON, which nobody can read")))
            }
            Err(unknown) if part.among.is_some() => {
                // A web page comes with a hundred pictures and scripts: they are counted, and named to those who ask.
                tracing::debug!(name = part.among, "not kept: {unknown}");
                Ok(Piece::WithoutPosts)
            }
            Err(unknown) => Err(ImportError::Unknown { path: self.whence.path.clone(), unknown }),
        })
    }
}
