//! How many posts a search would find, counted by X a month at a time, from now back:
//! <https://docs.x.com/x-api/posts/counts/introduction>.
//!
//! Counting is charged, too, for each request. So the walk back ends after a year without a post.

use serde_json::Value;

use super::{NAME, refused, search};
use crate::exchange::{Exchange, Request};
use crate::platform::{Counted, ParseError, Query, Source, SourceError};

/// Marks how many answers in a row counted nothing.
const QUIET: &str = "quiet";

/// Answers without a post, each of a month, behind which nothing is looked for.
const ENOUGH: u32 = 12;

/// The first request that counts.
pub(super) fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    Ok(search::ask(query, source, "counts")?.with_params(&[("granularity", Some("day"))]))
}

/// Reads an answer that counts.
pub(super) fn read(exchange: &Exchange) -> Result<Counted, ParseError> {
    let text = exchange.text()?;
    let status = exchange.response.status;
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    if status >= 400 {
        return Err(refused(status, &text));
    }
    let total = answer["meta"]["total_tweet_count"].as_u64();
    let posts =
        total.ok_or_else(|| ParseError::Broken { platform: NAME, what: "the answer does not count".to_owned() })?;
    let request = exchange.request.clone().asked();
    let before: u32 = request.mark(QUIET).and_then(|quiet| quiet.parse().ok()).unwrap_or(0);
    let quiet = if posts == 0 { before + 1 } else { 0 };
    let token =
        answer["meta"]["next_token"].as_str().filter(|token| request.param("next_token").as_deref() != Some(token));
    let next = token
        .filter(|_| quiet < ENOUGH)
        .map(|token| request.with_params(&[("next_token", Some(token))]).with_mark(QUIET, Some(&quiet.to_string())));
    let caveat = if token.is_some() && next.is_none() {
        "counted back to a year without any; posts that come with them are charged, too"
    } else {
        "posts that come with them are charged, too"
    };
    Ok(Counted { posts, caveat, next, ..Counted::default() })
}
