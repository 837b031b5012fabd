//! Which parser reads an exchange: each is offered it, and says what it misses.

use std::fmt;

use crate::exchange::Exchange;
use crate::platform::{self, ParseError, Platform};

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
    for platform in platform::ALL.iter().copied() {
        match (platform.parse)(exchange) {
            Ok(page) if !page.posts.is_empty() || !page.skipped.is_empty() => return Ok(platform),
            Ok(_) => empty = empty.or(Some(platform)),
            Err(error @ ParseError::NotThisShape { .. }) => misfits.push(error),
            Err(error) => return Err(Unknown::Misfits(vec![error])),
        }
    }
    Err(empty.map_or(Unknown::Misfits(misfits), Unknown::Empty))
}
