//! Posts of a tag, newest first, and single posts: <https://www.tumblr.com/docs/en/api/v2>.
//!
//! A page has up to 20 posts; the next is asked for by time, up to and with the second of the oldest, since others may be of that
//! second. The API has no bound for the other end: a catch-up ends where a page reaches ten minutes behind the newest known. A
//! post is found under the tags that its own blog gave it.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{NAME, post_at};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::{Found, Skipped};
use crate::platform::{Guide, Live, Page, Query, Source, SourceError};

/// How Tumblr is asked.
pub(super) const LIVE: Live = Live {
    first,
    together: None,
    session: None,
    authorize: None,
    token: TokenPlace::Param("api_key"),
    needs_credential: true,
    check: |source| Ok(with_key(source, source.get(&base(source)?, &["v2", "blog", "staff", "info"], &[]))),
    stream: None,
    count: None,
    price: None,
    rate: (300, 60),
    per_request: 20,
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

/// How far a catch-up looks back behind the newest post.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// Marks: a search for a tag; what is known already, in seconds.
const TAG: &str = "tag";
const KNOWN: &str = "known";

fn base(source: &Source) -> Result<Url, SourceError> {
    source.base_of(NAME, API)
}

fn with_key(source: &Source, request: Request) -> Request {
    Request { auth: Some(source.credential.clone().unwrap_or_else(|| NAME.to_owned())), ..request }
}

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let tag = query.first_tag();
    let mut params = vec![("tag", tag), ("limit", "20"), ("npf", "true")];
    let until = query.until.map(|until| until.timestamp().to_string());
    params.extend(until.iter().map(|until| ("before", until.as_str())));
    let request = with_key(source, source.get(&base(source)?, &["v2", "tagged"], &params));
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
            request.with_mark("thread", thread.then_some(id.as_str()))
        })
    } else {
        source.base_of(NAME, SITE).map(|base| source.get(&base, &["oembed", "1.0"], &[("url", url.as_str())]))
    })
}

/// Works out where an answer that was asked for here leads, and leaves out what is outside the window.
pub(super) fn follow(exchange: &Exchange, page: &mut Page) {
    let request = &exchange.request;
    if let (Some(post), Ok(mut url)) = (request.mark("thread"), Url::parse(&request.url)) {
        let path = url.path().replace("/posts", "/notes");
        url.set_path(&path);
        url.set_fragment(None);
        url.query_pairs_mut().clear().extend_pairs([("id", post.as_str()), ("mode", "conversation")]);
        page.next.push(Request { url: url.into(), ..request.clone() });
    }
    if request.mark(TAG).is_none() {
        return;
    }
    let own = page.posts.iter().filter(|found| !found.nested);
    let times: Vec<DateTime<Utc>> = own.filter_map(|found| Some(found.post.created?.at())).collect();
    let (since, _) = request.window();
    let before = request.param("before").and_then(|before| before.parse::<i64>().ok());
    let known = request.mark(KNOWN).and_then(|known| known.parse::<i64>().ok());
    let bottom = since.map(|since| since.timestamp()).max(known);
    let is_back = request.mark("back").is_some();
    let (Some(oldest), Some(newest)) = (times.iter().min(), times.iter().max()) else { return };
    let end = oldest.timestamp();
    if is_back && before.is_some_and(|before| newest.timestamp() >= before) {
        page.stuck = Some("the server sends the page again that lies before the one asked for".to_owned());
    } else if bottom.is_none_or(|bottom| end >= bottom) && !(is_back && before == Some(end + 1) && times.len() < 20) {
        // Where a whole page is of one second, what else is of it is passed over.
        let next = if is_back && before == Some(end + 1) { end } else { end + 1 };
        page.next.push(request.with_params(&[("before", Some(&next.to_string()))]).with_mark("back", Some("")));
    }
    if !is_back {
        let known = ((*newest).min(exchange.fetched_at) - OVERLAP).timestamp().to_string();
        page.later = Some(request.with_mark(KNOWN, Some(&known)));
    }
    let mut is_left_out = false;
    for Found { post, at, nested } in std::mem::take(&mut page.posts) {
        if !nested {
            let outside = |at: DateTime<Utc>| since.is_some_and(|since| at < since);
            is_left_out = post.created.is_some_and(|when| outside(when.at()));
            if is_left_out {
                page.skipped.push(Skipped { at: at.clone(), reason: "is outside the time asked for".to_owned() });
            }
        }
        if !is_left_out {
            page.posts.push(Found { post, at, nested });
        }
    }
}
