//! Handing on what a tool wrapped: the items become one body of JSON lines, which every platform is offered, and what is
//! found in it gets the place back that it had in the tool's file. No reader of its own.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::exchange::{Exchange, Request, Response};
use crate::model::{Found, Skipped};
use crate::platform::json::{Placed, values};
use crate::platform::{self, ParseError};

/// An item as its platform sent it, or as it can be told to have been.
pub(super) struct Item {
    /// Its place in the tool's file.
    pub(super) at: String,
    /// The item.
    pub(super) value: Value,
    /// When it was seen, if the file tells.
    pub(super) seen_at: Option<DateTime<Utc>>,
    /// The tool's name for where it is from.
    pub(super) source: String,
    /// The server that sent it, as far as the file tells (`https://mastodon.social`): the names of its own accounts are not
    /// complete without it.
    pub(super) server: Option<String>,
}

/// The stretches of items from one source: each is one body, so that long files are read at once.
pub(super) fn runs(items: &[Item]) -> impl Iterator<Item = &[Item]> {
    items.chunk_by(|one, next| one.source == next.source && one.server == next.server)
}

/// What a platform found in items.
#[derive(Default)]
pub(super) struct Read {
    /// Posts, each with the number of its item.
    pub(super) posts: Vec<(usize, Found)>,
    /// What gave no post.
    pub(super) skipped: Vec<Skipped>,
}

/// The values of a file: a document, the members of a list, or lines. `known` says that a file which is cut is the tool's
/// all the same.
///
/// # Errors
/// If it is no JSON, or is cut or broken.
pub(super) fn open(text: &str, platform: &'static str, known: bool) -> Result<Vec<Placed>, ParseError> {
    let misfit = |misfit: String| ParseError::NotThisShape { platform, misfit };
    if !text.trim_ascii_start().starts_with(['{', '[']) {
        return Err(misfit("is no JSON".to_owned()));
    }
    let values =
        values(text).map_err(|what| if known { ParseError::Broken { platform, what } } else { misfit(what) })?;
    let mut all = Vec::new();
    for (at, value) in values {
        match value {
            Ok(Value::Array(list)) if at.is_empty() => {
                all.extend(list.into_iter().enumerate().map(|(i, one)| (format!("/{i}"), Ok(one))));
            }
            value => all.push((at, value)),
        }
    }
    Ok(all)
}

/// What the first platform that finds anything makes of items from one source; `None` if none knows them.
pub(super) fn read(items: &[Item], file: &Exchange) -> Option<Read> {
    let server = items.first()?.server.as_ref();
    let mut body = String::new();
    for item in items {
        body.push_str(&item.value.to_string());
        body.push('\n');
    }
    let exchange = Exchange {
        request: server.map_or_else(|| file.request.clone(), |server| Request::get(format!("{server}/"))),
        response: Response {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/x-ndjson; charset=utf-8".to_owned())],
            body: body.into_bytes(),
            protocol: None,
        },
        fetched_at: file.fetched_at,
        origin: file.origin,
        masked: false,
    };
    let pages = platform::ALL.iter().filter_map(|platform| (platform.parse)(&exchange).ok());
    let page = pages.into_iter().find(|page| !page.posts.is_empty() || !page.skipped.is_empty())?;
    let mut read = Read::default();
    for mut found in page.posts {
        let (number, at) = place(&found.at, items);
        let seen_at = items.get(number).and_then(|item| item.seen_at);
        if let (Some(_), Some(seen_at)) = (found.post.metrics.seen_at, seen_at) {
            found.post.metrics.seen_at = Some(seen_at);
        }
        found.at = at;
        read.posts.push((number, found));
    }
    let skipped = page.skipped.into_iter();
    read.skipped.extend(skipped.map(|skipped| Skipped { at: place(&skipped.at, items).1, reason: skipped.reason }));
    Some(read)
}

/// Which item a place in the body is of, and the place in the tool's file. A body of a single line is one document, and
/// its places name no line.
fn place(at: &str, items: &[Item]) -> (usize, String) {
    let (line, rest) = match at.strip_prefix("line ") {
        Some(numbered) => numbered.split_at(numbered.find(|c: char| !c.is_ascii_digit()).unwrap_or(numbered.len())),
        None => ("1", at),
    };
    let number = line.parse::<usize>().unwrap_or(1).saturating_sub(1);
    let before = items.get(number).map_or("", |item| item.at.as_str());
    (number, format!("{before}{rest}"))
}
