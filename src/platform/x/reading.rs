//! JSON of X, whichever shape it has: a document, or lines of it. Each shape is asked in turn; one line may be of another
//! shape than the next.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{graphql, misfit, syndication, v1, v2};
use crate::exchange::Exchange;
use crate::model::Skipped;
use crate::platform::json::{PATIENCE, values};
use crate::platform::{Page, ParseError};

/// A page being read.
pub(super) struct Reading {
    pub(super) page: Page,
    /// When it was had: counts are of then.
    pub(super) seen_at: DateTime<Utc>,
    /// What a timeline has shown: it may show a post twice.
    pub(super) shown: HashSet<u64>,
}

/// Reads a document into the page; `false` if it is of another shape.
type Read = fn(&mut Reading, &str, &Value) -> bool;

/// The shapes, the most particular first.
const SHAPES: [(&str, Read); 4] =
    [("graphql", graphql::read), ("v2", v2::read), ("syndication", syndication::read), ("v1.1", v1::read)];

/// Reads JSON.
///
/// # Errors
/// If nothing in it is of X, or it is no JSON.
pub(super) fn read(text: &str, exchange: &Exchange) -> Result<Page, ParseError> {
    let mut reading = Reading { page: Page::default(), seen_at: exchange.fetched_at, shown: HashSet::new() };
    let mut strange = 0;
    for (at, value) in values(text).map_err(misfit)? {
        let value = match value {
            Ok(value) => value,
            Err(reason) => {
                reading.skip(at, reason);
                continue;
            }
        };
        match SHAPES.iter().find(|(_, read)| read(&mut reading, &at, &value)) {
            Some((shape, _)) => reading.page.shape = shape,
            None if at.is_empty() && v2::nothing_but_faults(&value) => {
                return Err(super::refused(exchange.response.status, text));
            }
            None if at.is_empty() => return Err(misfit("no tweet, timeline or answer of an API")),
            None => {
                strange += 1;
                reading.skip(at, "is no tweet".to_owned());
                if reading.page.shape.is_empty() && strange > PATIENCE {
                    break;
                }
            }
        }
    }
    if reading.page.shape.is_empty() { Err(misfit("no line is a tweet")) } else { Ok(reading.page) }
}

impl Reading {
    pub(super) fn skip(&mut self, at: String, reason: String) {
        self.page.skipped.push(Skipped { at, reason });
    }
}
