//! The search for a word, newest first, on Algolia's index of Hacker News: <https://hn.algolia.com/api>.
//!
//! Hacker News has no hashtags. What is asked for is the tag as a word, exactly as it is spelt, in titles and texts: stories,
//! polls, jobs and comments that hold it in their own words are kept, with or without `#`, and not those that merely stand
//! below such a story or link to an address that holds it.
//!
//! One answer has up to 1,000 hits, and no query has more, whatever the page (algolia/hn-search#230). So the walk goes back
//! by time: the next request ends at the second of the oldest hit, which it brings again, since others may be of that
//! second. A catch-up looks back ten minutes behind the newest hit.

use serde_json::Value;
use url::Url;

use super::{NAME, one};
use crate::coverage::{Paging, Reach, Seen};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::Skipped;
use crate::platform::live::{OVERLAP, second};
use crate::platform::scope::WORD;
use crate::platform::{Count, Counted, Guide, Live, Page, ParseError, Query, Source, SourceError};

/// How Hacker News is asked.
pub(super) const LIVE: Live = Live {
    first,
    together: None,
    session: None,
    authorize: None,
    token: TokenPlace::Bearer,
    needs_credential: false,
    check: |source| Ok(source.get(&source.base_of(NAME, one::ALGOLIA)?, &["api", "v1", "items", "1"], &[])),
    stream: None,
    count: Some(Count { first: count, read: counted, dollars: 0.0 }),
    price: None,
    rate: (10_000, 3600),
    per_request: 1000,
    paging: Paging {
        reach: |_| Reach::Whole,
        seeks: true,
        guarantee: "covered is what the search index of Hacker News showed when it was asked: stories and comments that hold the word; it is asked anew behind each 1,000 hits, and where so many are of one second nothing older is called covered",
    },
    guide: Guide {
        access: "nothing is needed",
        scope: "",
        cost: "free",
        limits: "10,000 requests in an hour; 1,000 hits in one answer, behind which the search is asked anew up to the oldest hit",
        missing: "comments that do not hold the word themselves, though they stand below a story that does (pull its address with \
                  --thread); votes on comments; what was deleted or killed",
        example: "sources = [\"hackernews\"]\n",
    },
};

const PATH: [&str; 3] = ["api", "v1", "search_by_date"];

/// Hits a page: the most that the index gives.
const MOST: usize = 1000;

/// Marks a request that goes on behind a page.
const BACK: &str = "back";

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let request = search(query, source, "1000")?;
    let (since, until) = (query.since.map(second), query.until.map(second));
    Ok(bounded(&query.mark(&request).with_mark(WORD, Some(query.first_tag())), since, until, None))
}

fn search(query: &Query, source: &Source, hits: &str) -> Result<Request, SourceError> {
    let base = source.base_of(NAME, one::ALGOLIA)?;
    let words = format!("\"{}\"", query.first_tag());
    let params = [
        ("query", words.as_str()),
        ("tags", "(story,comment,poll,job)"),
        ("restrictSearchableAttributes", "title,story_text,comment_text"),
        ("advancedSyntax", "true"),
        ("typoTolerance", "false"),
        ("hitsPerPage", hits),
    ];
    Ok(source.get(&base, &PATH, &params))
}

/// The request with bounds of time, in seconds: from, before, and not after.
fn bounded(request: &Request, from: Option<i64>, before: Option<i64>, upto: Option<i64>) -> Request {
    let bounds = [(">=", from), ("<", before), ("<=", upto)];
    let bounds = bounds.iter().filter_map(|(sign, at)| at.map(|at| format!("created_at_i{sign}{at}")));
    let bounds = bounds.collect::<Vec<_>>().join(",");
    request.with_params(&[("numericFilters", Some(bounds.as_str()).filter(|bounds| !bounds.is_empty()))])
}

/// The bound of that sign.
fn bound(request: &Request, sign: &str) -> Option<i64> {
    let filters = request.param("numericFilters")?;
    filters.split(',').find_map(|filter| filter.strip_prefix("created_at_i")?.strip_prefix(sign)?.parse().ok())
}

fn count(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let request = search(query, source, "0")?;
    Ok(bounded(&request, query.since.map(second), query.until.map(second), None))
}

fn counted(exchange: &Exchange) -> Result<Counted, ParseError> {
    let status = exchange.response.status;
    let body: Value = serde_json::from_slice(&exchange.body()?).unwrap_or_default();
    let posts = body["nbHits"].as_u64().filter(|_| status < 400).ok_or(ParseError::Refused {
        platform: NAME,
        status,
        message: "the answer does not count".to_owned(),
    })?;
    Ok(Counted {
        posts,
        caveat: "counted are also those whose words hold it in another spelling",
        ..Counted::default()
    })
}

/// Whether an exchange answers a search that was asked here, and not a file.
pub(super) fn is_one(exchange: &Exchange) -> bool {
    let url = Url::parse(&exchange.request.url).ok();
    url.is_some_and(|url| url.has_host() && url.path().ends_with("/search_by_date"))
        && exchange.request.mark(WORD).is_some()
}

/// Works out how a search goes on.
pub(super) fn follow(exchange: &Exchange, page: &mut Page) {
    let request = &exchange.request;
    let items = page.posts.len() + page.skipped.len();
    // The index may give fewer at once than it is asked for.
    let body: Value = exchange.body().ok().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default();
    let is_full = items >= MOST || body["nbPages"].as_u64().is_some_and(|pages| pages > 1 && items > 0);
    let dates = page.posts.iter().map(|found| found.post.created.map(|when| when.at()));
    page.seen = Some(Seen::of(dates, exchange.fetched_at));
    let times: Vec<i64> = page.posts.iter().filter_map(|found| Some(found.post.created?.at().timestamp())).collect();
    let (Some(oldest), Some(newest)) = (times.iter().min(), times.iter().max()) else {
        page.stuck = is_full.then(|| "none of the hits has a date".to_owned());
        return;
    };
    let (from, before, upto) = (bound(request, ">="), bound(request, "<"), bound(request, "<="));
    if upto.is_some_and(|upto| *newest > upto) {
        page.stuck = Some("the server sends hits that were not asked for: the page before comes again".to_owned());
        return;
    }
    if request.mark(BACK).is_none() {
        let known = (*newest).min(exchange.fetched_at.timestamp()) - OVERLAP.num_seconds();
        page.later = Some(bounded(request, Some(from.map_or(known, |from| from.max(known))), before, None));
    }
    if is_full {
        let is_one_second = upto == Some(*oldest);
        if is_one_second {
            let reason = format!("what else is of the second {oldest} is out of reach: an answer has {items} hits");
            page.skipped.push(Skipped { at: "/hits".to_owned(), reason });
            page.torn = true;
        }
        let end = if is_one_second { oldest.saturating_sub(1) } else { *oldest };
        page.next.push(bounded(request, from, before, Some(end)).with_mark(BACK, Some("")));
    }
}
