//! The search for a topic tag through the Threads API, newest first:
//! <https://developers.facebook.com/docs/threads/keyword-search>. A post of Threads has one topic; that is what is searched.
//!
//! Pages go on by the cursor that an answer gives; where a full page gives none, up to the second of its oldest post. A
//! catch-up looks back ten minutes behind the newest. The API refuses a bound that is still to come: `until` is sent once it is
//! past, as an answer's time tells; until then posts behind it are skipped. Without the permission `threads_keyword_search` the API answers with
//! the account's own posts only, and does not say so. One post is asked for as the page that everybody sees.

use chrono::TimeDelta;
use serde_json::Value;
use url::Url;

use super::{NAME, post_at};
use crate::coverage::{Paging, Reach};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::Skipped;
use crate::platform::live::{known_until, no_thread};
use crate::platform::scope::TAG;
use crate::platform::{Guide, Live, Page, Query, Source, SourceError};

/// How Threads is asked.
pub(super) const LIVE: Live = Live {
    first,
    together: None,
    session: None,
    authorize: None,
    token: TokenPlace::Bearer,
    needs_credential: true,
    check: |source| Ok(source.named(NAME).get(&base(source)?, &["v1.0", "me"], &[("fields", "id")])),
    stream: None,
    count: None,
    price: None,
    rate: (2200, 86_400),
    per_request: 100,
    paging: Paging {
        reach: |_| Reach::Whole,
        seeks: true,
        guarantee: "covered is what the search of Threads showed when it was asked, down to where more than ten pages in a row were empty, or one answer was full of posts of one second; it is not known to be repeatable",
    },
    guide: Guide {
        access: "an app with the use case Threads API at developers.facebook.com, approved for threads_keyword_search, and a long-lived \
                 access token (60 days) of an account that uses it",
        scope: "threads_basic, threads_keyword_search",
        cost: "free",
        limits: "2,200 searches in any 24 hours for each account, those that find nothing not counted; 100 posts a page",
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

/// What is asked of each post.
const FIELDS: &str = "id,media_product_type,media_type,media_url,permalink,username,text,timestamp,shortcode,is_quote_post,\
                      is_reply,has_replies,topic_tag,link_attachment_url,alt_text,gif_url,poll_attachment,\
                      children{media_type,media_url,alt_text}";

/// The earliest instant that the API takes for a bound: when Threads opened.
const BEGINNING: i64 = 1_688_540_400;

/// Marks: a request behind the first page, with the second of the oldest post before it; one behind
/// an empty page.
const BACK: &str = "back";
const EMPTY: &str = "empty";

/// Empty pages in a row behind which nothing is looked for.
const MOST_EMPTY: u32 = 10;

fn base(source: &Source) -> Result<Url, SourceError> {
    source.base_of(NAME, API)
}

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let tag = query.first_tag();
    let mut params =
        vec![("q", tag), ("search_type", "RECENT"), ("search_mode", "TAG"), ("fields", FIELDS), ("limit", "100")];
    let since = query.since.map(|since| since.timestamp().max(BEGINNING).to_string());
    params.extend(since.iter().map(|since| ("since", since.as_str())));
    let request = source.named(NAME).get(&base(source)?, &["v1.0", "keyword_search"], &params);
    Ok(query.mark(&request).with_mark(TAG, Some(tag)))
}

/// The request for one post: its page.
pub(super) fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let page = Url::parse(&post_at(url)?.url?).ok()?;
    if thread {
        return Some(Err(no_thread("Threads shows nobody the answers to a post")));
    }
    Some(source.base_of(NAME, SITE).map(|mut base| {
        base.set_path(page.path());
        Request::get(base)
    }))
}

/// Whether a search was asked for here.
pub(super) fn is_one(exchange: &Exchange) -> bool {
    exchange.request.mark(TAG).is_some()
}

/// Works out how a search goes on. `answer` is its body.
pub(super) fn follow(exchange: &Exchange, answer: &str, page: &mut Page) {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    lead_on(exchange, answer["paging"]["cursors"]["after"].as_str(), page);
}

/// A page instead of a refusal of a cursor that is too old: the search is asked anew up to the oldest post so far.
pub(super) fn anew(exchange: &Exchange) -> Option<Page> {
    let request = &exchange.request;
    request.param("after").filter(|_| exchange.response.status == 400 && is_one(exchange))?;
    let oldest: i64 = request.mark(BACK)?.parse().ok()?;
    let until = oldest.checked_add(1)?.to_string();
    let next = request.with_params(&[("after", None)]).with_params(&[("until", Some(&until))]).with_mark(EMPTY, None);
    Some(Page { shape: "api", next: vec![next], ..Page::default() })
}

fn lead_on(exchange: &Exchange, cursor: Option<&str>, page: &mut Page) {
    let (request, seen_at) = (&exchange.request, exchange.fetched_at);
    let given = cursor;
    let cursor = given.filter(|cursor| request.param("after").as_deref() != Some(cursor));
    let is_full = page.posts.len() + page.skipped.len() >= LIMIT;
    let times: Vec<_> = page.posts.iter().filter_map(|found| found.post.created).map(|when| when.at()).collect();
    let bound = |name: &str| request.param(name).and_then(|seconds| seconds.parse::<i64>().ok());
    let end = request.window().1;
    let mut begin = request.clone();
    if let Some(end) = end.filter(|end| *end <= seen_at && bound("until").is_none()) {
        begin = request.with_params(&[("until", Some(&(end + TimeDelta::milliseconds(999)).timestamp().to_string()))]);
        if cursor.is_some() || is_full {
            page.next.push(begin);
            return;
        }
    }
    if request.mark(BACK).is_none() {
        let newest = times.iter().filter(|at| end.is_none_or(|end| **at < end)).max();
        page.later = Some(match newest {
            Some(newest) => {
                let known = known_until(*newest, seen_at).timestamp();
                let known = bound("since").unwrap_or(BEGINNING).max(known).to_string();
                begin.with_params(&[("since", Some(&known))])
            }
            None => begin,
        });
    }
    let back = |name: &str, value: &str, end: i64| {
        let request = request.with_params(&[("after", None)]).with_params(&[(name, Some(value))]);
        request.with_mark(BACK, Some(&end.to_string()))
    };
    let before = request.mark(BACK).and_then(|before| before.parse::<i64>().ok());
    let (Some(oldest), Some(newest)) = (times.iter().min(), times.iter().max()) else {
        // The Graph API leaves out what it may not show after it has counted: there may be more behind empty pages.
        let empty = request.mark(EMPTY).and_then(|empty| empty.parse::<u32>().ok()).unwrap_or(0) + 1;
        if let Some(cursor) = cursor {
            if empty > MOST_EMPTY {
                let reason = format!("{empty} pages in a row are empty: what lies behind them is not asked for");
                page.skipped.push(Skipped { at: "the end".to_owned(), reason });
                page.torn = true;
                return;
            }
            let next = back("after", cursor, before.unwrap_or(seen_at.timestamp()));
            page.next.push(next.with_mark(EMPTY, Some(&empty.to_string())));
        }
        // A cursor that does not advance is no end.
        page.torn = cursor.is_none() && given.is_some();
        return;
    };
    let (oldest, newest) = (oldest.timestamp(), newest.timestamp());
    // A page of the same end as the one before is that page.
    if before.is_some_and(|before| oldest >= before && newest > before) {
        page.came_again();
        return;
    }
    match cursor {
        Some(cursor) => page.next.push(back("after", cursor, oldest).with_mark(EMPTY, None)),
        None if is_full && bound("until") != Some(oldest + 1) => {
            page.next.push(back("until", &(oldest + 1).to_string(), oldest).with_mark(EMPTY, None));
        }
        // One that does not advance is no end, and of a full second the rest is out of reach.
        None => page.torn = is_full || given.is_some(),
    }
}
