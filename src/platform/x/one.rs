//! One post by its address: of API v2 with a credential, else what X hands out to be embedded.
//!
//! The thread is what X calls a conversation. Which one a post belongs to its answer tells, so the post is asked for first,
//! and then the search of the whole archive for the conversation; the post that began it is asked for, too, if it is another.

use serde_json::Value;
use url::Url;

use super::search::{BEGINNING, FIELDS, base};
use super::status::Status;
use crate::exchange::{Exchange, Request};
use crate::platform::{Page, Source, SourceError};

/// Where embeds are made.
const PUBLISH: &str = "https://publish.x.com";

/// Marks a request whose post's thread is wanted.
pub(super) const THREAD: &str = "thread";

/// The request for a post.
pub(super) fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let status = Status::of_url(url)?;
    Some(match (&source.credential, thread) {
        (Some(_), _) => lookup(source, &status.id).map(|request| request.with_mark(THREAD, thread.then_some(""))),
        (None, true) => Err(SourceError("the thread of a post needs a credential of X".to_owned())),
        (None, false) => embed(source, &status),
    })
}

fn lookup(source: &Source, id: &str) -> Result<Request, SourceError> {
    let params: Vec<(&str, &str)> = [("ids", id)].into_iter().chain(FIELDS).collect();
    Ok(source.get(&base(source)?, &["2", "tweets"], &params))
}

fn embed(source: &Source, status: &Status) -> Result<Request, SourceError> {
    let whose = status.handle.as_ref().map_or("i", |handle| handle.as_str());
    let address = format!("https://x.com/{whose}/status/{}", status.id);
    let base = source.base_of(super::TITLE, PUBLISH)?;
    Ok(source.get(&base, &["oembed"], &[("url", &address), ("omit_script", "1")]))
}

/// Leads from a post to its thread, if that is wanted.
pub(super) fn follow(exchange: &Exchange, text: &str, page: &mut Page) {
    let request = &exchange.request;
    let is_lookup = Url::parse(&request.url).is_ok_and(|url| url.has_host() && url.path().ends_with("/2/tweets"));
    if !is_lookup || request.mark(THREAD).is_none() {
        return;
    }
    let answer: Value = serde_json::from_str(text).unwrap_or_default();
    let Some(conversation) = answer["data"][0]["conversation_id"].as_str().and_then(Status::of_id) else { return };
    let Ok(mut url) = Url::parse(&request.url) else { return };
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.extend(["search", "all"]);
    }
    let search = Request { url: url.into(), ..request.clone() };
    let query = format!("conversation_id:{}", conversation.id);
    page.next.push(search.with_params(&[
        ("ids", None),
        ("query", Some(&query)),
        ("max_results", Some("500")),
        ("start_time", Some(BEGINNING)),
    ]));
    if request.param("ids").as_deref() != Some(conversation.id.as_str()) {
        page.next.push(request.with_mark(THREAD, None).with_params(&[("ids", Some(&conversation.id))]));
    }
}
