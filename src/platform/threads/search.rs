//! The search for a topic tag through the Threads API, newest first:
//! <https://developers.facebook.com/docs/threads/keyword-search>. A post of Threads has one topic; that is what is searched.
//!
//! Pages go on by the cursor that an answer gives; where a full page gives none, up to the second of its oldest post. A
//! catch-up looks back ten minutes behind the newest. Without the permission `threads_keyword_search` the API answers with
//! the account's own posts only, and does not say so. One post is asked for as the page that everybody sees.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use super::{NAME, post_at};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::platform::{Guide, Live, Page, Query, Source, SourceError};

/// How Threads is asked.
pub(super) const LIVE: Live = Live {
    first,
    together: None,
    session: None,
    authorize: None,
    token: TokenPlace::Bearer,
    needs_credential: true,
    check: |source| Ok(with(source, source.get(&base(source)?, &["v1.0", "me"], &[("fields", "id")]))),
    stream: None,
    count: None,
    price: None,
    rate: (2200, 86_400),
    per_request: 100,
    guide: Guide {
        access: "an app with the use case Threads API at developers.facebook.com, approved for threads_keyword_search, and a long-lived \
                 access token of an account that uses it",
        scope: "threads_basic, threads_keyword_search",
        cost: "free",
        limits: "2,200 searches in 24 hours for each account; 100 posts a page",
        missing: "display names, counts, the addresses of posts that are answered or quoted; words that Meta calls sensitive find nothing; \
                  without approval, all posts but one's own",
        example: "sources = [\"threads\"]\n\n[credential.threads]\ntoken_env = \"PULLQUOTE_THREADS_TOKEN\"\n",
    },
};

const API: &str = "https://graph.threads.net";

/// The pages that everybody sees.
const SITE: &str = "https://www.threads.com";

/// Posts a page: the most that the API gives.
const LIMIT: usize = 100;

/// How far a catch-up looks back behind the newest post.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// What is asked of each post.
const FIELDS: &str = "id,media_product_type,media_type,media_url,permalink,username,text,timestamp,shortcode,is_quote_post,\
                      is_reply,has_replies,topic_tag,link_attachment_url,alt_text,gif_url,poll_attachment,\
                      children{media_type,media_url,alt_text}";

/// Marks: a search for this tag; a request behind the first page.
const TAG: &str = "tag";
const BACK: &str = "back";

fn base(source: &Source) -> Result<Url, SourceError> {
    source.base_of(NAME, API)
}

/// The API answers nobody without a token: where the job names no credential, the platform's own is meant.
fn with(source: &Source, request: Request) -> Request {
    Request { auth: Some(source.credential.clone().unwrap_or_else(|| NAME.to_owned())), ..request }
}

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let tag = query.first_tag();
    let mut params =
        vec![("q", tag), ("search_type", "RECENT"), ("search_mode", "TAG"), ("fields", FIELDS), ("limit", "100")];
    let seconds = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp().to_string());
    let (since, until) = (seconds(query.since), seconds(query.until));
    params.extend(since.iter().map(|since| ("since", since.as_str())));
    params.extend(until.iter().map(|until| ("until", until.as_str())));
    let request = with(source, source.get(&base(source)?, &["v1.0", "keyword_search"], &params));
    Ok(query.mark(&request).with_mark(TAG, Some(tag)))
}

/// The request for one post: its page.
pub(super) fn one(url: &Url, _: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    post_at(url)?;
    Some(source.base_of(NAME, SITE).map(|mut base| {
        base.set_path(url.path());
        Request::get(base)
    }))
}

/// Whether a search was asked for here.
pub(super) fn is_one(exchange: &Exchange) -> bool {
    exchange.request.mark(TAG).is_some()
}

/// Works out how a search goes on. `answer` is its body.
pub(super) fn follow(exchange: &Exchange, answer: &str, page: &mut Page) {
    let request = &exchange.request;
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let times = || page.posts.iter().filter_map(|found| found.post.created).map(|when| when.at());
    let (Some(oldest), Some(newest)) = (times().min(), times().max()) else { return };
    let bound = |name: &str| request.param(name).and_then(|seconds| seconds.parse::<i64>().ok());
    let (since, until) = (bound("since"), bound("until"));
    if request.mark(BACK).is_none() {
        let known = (newest.min(exchange.fetched_at) - OVERLAP).timestamp();
        let known = since.map_or(known, |since| since.max(known)).to_string();
        page.later = Some(request.with_params(&[("since", Some(&known))]));
    }
    let back = |name: &str, value: &str| {
        let request = request.with_params(&[("after", None)]).with_params(&[(name, Some(value))]);
        request.with_mark(BACK, Some(&oldest.timestamp().to_string()))
    };
    // A page of the same end as the one before is that page.
    let end = request.mark(BACK).and_then(|end| end.parse::<i64>().ok());
    if end.is_some_and(|end| oldest.timestamp() >= end && newest.timestamp() > end) {
        page.stuck = Some("the server sends the page again that lies before the one asked for".to_owned());
        return;
    }
    let cursor = answer["paging"]["cursors"]["after"].as_str();
    let is_full = page.posts.len() + page.skipped.len() >= LIMIT;
    match cursor.filter(|cursor| request.param("after").as_deref() != Some(cursor)) {
        Some(cursor) => page.next.push(back("after", cursor)),
        None if is_full && until != Some(oldest.timestamp() + 1) => {
            page.next.push(back("until", &(oldest.timestamp() + 1).to_string()));
        }
        None => {}
    }
}
