//! Posts of a tag, newest first, and single posts: <https://www.tumblr.com/docs/en/api/v2>.
//!
//! A page has up to 20 posts; the next is asked for by time, up to and with the second of the oldest, since others may be of that
//! second. The API has no bound for the other end: a catch-up ends where a page reaches ten minutes behind the newest known. A
//! post is found under the tags that its own blog gave it. Tags that Tumblr features are ordered by a time of their own.
//!
//! Of tags that are seldom used the API may send nothing, though there are older posts (4CAT's source says how often). Where a
//! first walk ends, it therefore asks for what is older and older, from ten minutes on, and says what it passed over.

use chrono::DateTime;
use serde_json::Value;
use url::Url;

use super::{NAME, post_at};
use crate::coverage::{Paging, Reach, Seen};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::{Skipped, When};
use crate::platform::json::{id, words};
use crate::platform::live::{OVERLAP, no_thread, second};
use crate::platform::scope::TAG;
use crate::platform::{Guide, Live, Page, Query, Source, SourceError};

/// How Tumblr is asked.
pub(super) const LIVE: Live = Live {
    first,
    together: None,
    session: None,
    authorize: None,
    token: TokenPlace::Param("api_key"),
    needs_credential: true,
    check: |source| Ok(source.named(NAME).get(&base(source)?, &["v2", "blog", "staff", "info"], &[])),
    stream: None,
    count: None,
    price: None,
    rate: (300, 60),
    per_request: 20,
    paging: Paging {
        reach: |_| Reach::Whole,
        seeks: true,
        guarantee: "covered is what Tumblr listed under the tag when it was asked, down to the first page that was empty or all of one second, behind which more may lie; what it hides from those who are not logged in is not meant",
    },
    guide: Guide {
        access: "an application registered at tumblr.com/oauth/apps; its OAuth consumer key is the key",
        scope: "the consumer key; no account's rights are used",
        cost: "free",
        limits: "300 requests a minute, 1,000 an hour and 5,000 a day; 20 posts a page",
        missing: "posts that Tumblr hides from those who are not logged in; replies, unless a post is pulled by its address with --thread",
        example: "sources = [\"tumblr\"]\n\n[credential.tumblr]\ntoken_env = \"PULLQUOTE_TUMBLR_KEY\"\n",
    },
};

const API: &str = "https://api.tumblr.com";
const SITE: &str = "https://www.tumblr.com";

/// Posts a page.
const MOST: usize = 20;

/// How far the walk leaps back, in seconds, each time that nothing came: Tumblr leaves out what it may not show after it has
/// counted, so that pages may be empty.
const LEAPS: [i64; 6] = [600, 3600, 6 * 3600, DAY, 30 * DAY, 365 * DAY];
const DAY: i64 = 24 * 3600;

/// Marks: what is known already, in seconds; a request behind a page; leaps made so far; a post whose thread
/// is wanted, and its notes.
const KNOWN: &str = "known";
const BACK: &str = "back";
const LEAP: &str = "leap";
const THREAD: &str = "thread";
const NOTES: &str = "notes";

fn base(source: &Source) -> Result<Url, SourceError> {
    source.base_of(NAME, API)
}

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let tag = query.first_tag();
    let mut params = vec![("tag", tag), ("limit", "20"), ("npf", "true")];
    let until = query.until.map(|until| second(until).to_string());
    params.extend(until.iter().map(|until| ("before", until.as_str())));
    let request = source.named(NAME).get(&base(source)?, &["v2", "tagged"], &params);
    Ok(query.mark(&request).with_mark(TAG, Some(tag)))
}

/// The request for one post: of the API with a key, else what its embed says.
pub(super) fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let post = post_at(url)?;
    let (id, blog) = (post.id?, post.author.handle?.to_string());
    Some(if source.credential.is_some() {
        base(source).map(|base| {
            let params = [("id", id.as_str()), ("npf", "true")];
            let request = source.get(&base, &["v2", "blog", &blog, "posts"], &params);
            request.with_mark(THREAD, thread.then_some(id.as_str()))
        })
    } else if thread {
        Err(no_thread("Tumblr shows notes to nobody without a credential"))
    } else {
        source.base_of(NAME, SITE).map(|base| source.get(&base, &["oembed", "1.0"], &[("url", url.as_str())]))
    })
}

/// Works out where an answer that was asked for here leads.
pub(super) fn follow(exchange: &Exchange, answer: &Value, page: &mut Page) {
    let request = &exchange.request;
    page.next.extend(notes(request, answer));
    if request.mark(TAG).is_none() {
        return;
    }
    let listed = answer["response"].as_array().map(Vec::as_slice).unwrap_or_default();
    let times: Vec<i64> = listed.iter().filter_map(time).collect();
    let (since, _) = request.window();
    let before = request.param("before").and_then(|before| before.parse::<i64>().ok());
    let known = request.mark(KNOWN).and_then(|known| known.parse::<i64>().ok());
    let bottom = since.map(|since| since.timestamp()).max(known);
    let is_back = request.mark(BACK).is_some();
    let dated = listed.iter().map(|post| DateTime::from_timestamp(time(post)?, 0));
    page.seen = Some(Seen::of(dated, exchange.fetched_at));
    let (Some(oldest), Some(newest)) = (times.iter().min().copied(), times.iter().max().copied()) else {
        // An empty page is no end: what lies behind it is leapt over, or not asked for.
        page.torn = true;
        page.next.extend(before.filter(|_| is_back).and_then(|before| leap(request, before, bottom)));
        return;
    };
    if let Some(made) = request.mark(LEAP).and_then(|made| made.parse::<usize>().ok()).filter(|made| *made > 3) {
        let days = LEAPS.iter().take(made).sum::<i64>() / DAY;
        let reason = format!("some {days} days behind an empty page were passed over, since nothing came of them");
        page.skipped.push(Skipped { at: "/response".to_owned(), reason });
    }
    let is_last = is_back && before == Some(oldest + 1) && times.len() < MOST;
    if is_back && before.is_some_and(|before| newest >= before) {
        page.came_again();
    } else if bottom.is_none_or(|bottom| oldest >= bottom) {
        let behind = |before: i64| request.with_params(&[("before", Some(&before.to_string()))]);
        // A page of one second would come again, whole; behind one that brings nothing new all may be hidden.
        let before = if is_last || oldest == newest { oldest } else { oldest + 1 };
        page.next.push(behind(before).with_mark(BACK, Some("")).with_mark(LEAP, None));
        if oldest == newest && times.len() >= MOST {
            let reason = format!("what else is of the second {oldest} is out of reach: an answer has {MOST} posts");
            page.skipped.push(Skipped { at: "/response".to_owned(), reason });
            page.torn = true;
        }
    }
    if !is_back {
        let known = (newest.min(exchange.fetched_at.timestamp()) - OVERLAP.num_seconds()).to_string();
        page.later = Some(request.with_mark(KNOWN, Some(&known)));
    }
}

/// By what time a post stands in its place on a page.
fn time(post: &Value) -> Option<i64> {
    let time = post["featured_timestamp"].as_i64().filter(|time| *time > 0).or_else(|| post["timestamp"].as_i64());
    time.filter(|time| DateTime::from_timestamp(*time, 0).is_some_and(When::fits))
}

/// The request for what is much older than a time behind which nothing came; `None` after the last leap, and where it is known
/// what lies there.
fn leap(request: &Request, from: i64, bottom: Option<i64>) -> Option<Request> {
    let made = request.mark(LEAP).and_then(|made| made.parse::<usize>().ok()).unwrap_or_default();
    let before = from - LEAPS.get(made)?;
    let request = request.with_params(&[("before", Some(&before.to_string()))]);
    bottom.is_none_or(|bottom| before >= bottom).then(|| request.with_mark(LEAP, Some(&(made + 1).to_string())))
}

/// The request for the notes of a post whose thread is wanted, or for those that lie behind an answer of notes.
fn notes(request: &Request, answer: &Value) -> Option<Request> {
    let mut url = Url::parse(&request.url).ok()?;
    if let Some(post) = request.mark(THREAD) {
        let path = format!("{}/notes", url.path().strip_suffix("/posts")?);
        url.set_path(&path);
        url.query_pairs_mut().clear().extend_pairs([("id", post.as_str()), ("mode", "conversation")]);
        let notes = Request { url: url.into(), ..request.clone() };
        return Some(notes.with_mark(THREAD, None).with_mark(NOTES, Some("")));
    }
    request.mark(NOTES)?;
    let next = &answer["response"]["_links"]["next"];
    let in_address = || {
        let href = Url::parse(API).ok()?.join(words(next, "href")?).ok()?;
        href.query_pairs().find(|(name, _)| name == "before_timestamp").map(|(_, value)| value.into_owned())
    };
    let before = id(&next["query_params"]["before_timestamp"]).or_else(in_address)?;
    let is_onward = request.param("before_timestamp").as_deref() != Some(before.as_str());
    is_onward.then(|| request.with_params(&[("before_timestamp", Some(&before))]))
}
