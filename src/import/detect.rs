//! Which parser reads an exchange: each is offered it, and says what it misses.

use std::fmt;

use crate::exchange::Exchange;
use crate::platform::{self, ParseError, Platform};

/// What each parser missed.
#[derive(Debug)]
pub struct Unknown(Vec<ParseError>);

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{error}")?;
        }
        if self.0.is_empty() { f.write_str("it quotes no post") } else { Ok(()) }
    }
}

/// The platform whose parser finds posts in the exchange, or at least items that it can name as doubtful.
///
/// # Errors
/// When none does. A body of a known shape that is broken is named as such, and not offered to further parsers.
pub fn detect(exchange: &Exchange) -> Result<&'static Platform, Unknown> {
    let mut missed = Vec::new();
    for platform in platform::ALL.iter().copied() {
        match (platform.parse)(exchange) {
            Ok(page) if !page.posts.is_empty() || !page.skipped.is_empty() => return Ok(platform),
            Ok(_) => {}
            Err(error @ ParseError::NotThisShape { .. }) => missed.push(error),
            Err(error) => return Err(Unknown(vec![error])),
        }
    }
    Err(Unknown(missed))
}
