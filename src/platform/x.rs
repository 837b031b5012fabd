//! Stub.

use super::{Page, ParseError, Platform};
use crate::exchange::Exchange;

/// Stub.
pub const PLATFORM: Platform =
    Platform { name: "x", title: "x", about: "", first: None, session: None, parse, embeds: None };

fn parse(_exchange: &Exchange) -> Result<Page, ParseError> {
    Err(ParseError::NotThisShape { platform: PLATFORM.name, misfit: String::new() })
}
