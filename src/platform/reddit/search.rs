//! The search for a word among submissions, newest first, and the comments below those that are found
//! (<https://www.reddit.com/dev/api#GET_search>).
//!
//! Reddit has no hashtags, and its search leaves out the sign. What is asked for is the tag as a word; submissions that hold it
//! in title or text, with `#` or without, carry it. Below such a submission every comment is kept: it is a reaction. Comments
//! cannot be searched, and those that hold the word elsewhere are not found.
//!
//! A list goes on behind the name of its last submission, and ends after some hundreds however many there are: what lies behind
//! is said to be out of reach. A catch-up asks the same from the newest end, looks back ten minutes behind the newest submission
//! known, and ends at the first page that reaches behind that. Comments are asked for when a submission is found, and again if in
//! those ten minutes it has got more; later ones are not seen.
//!
//! What a job asks of further tags is judged by words, too, and so stands in marks of this file's own.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::things::seconds;
use super::thread;
use super::{NAME, session};
use crate::coverage::{Paging, Reach, Seen};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::{Post, Skipped};
use crate::platform::live::known_until;
use crate::platform::scope::{WORD, narrow};
use crate::platform::{Guide, Live, Page, Query, Source, SourceError};

/// Where things are read.
pub(super) const API: &str = "https://oauth.reddit.com";

/// How Reddit is asked.
pub(super) const LIVE: Live = Live {
    first,
    together: None,
    session: Some(session::SESSION),
    authorize: None,
    token: TokenPlace::Bearer,
    needs_credential: true,
    check: |source| Ok(source.named(NAME).get(&source.base_of(NAME, API)?, &["api", "v1", "scopes"], &[])),
    stream: None,
    count: None,
    price: None,
    rate: (100, 60),
    per_request: 100,
    paging: Paging {
        reach: |_| Reach::Newest(REACH),
        seeks: false,
        guarantee: "covered are submissions that the search showed when it was asked, but not the comments below them, which are added later; a search that ended behind 200 submissions or more is taken for cut off by Reddit, which shows some 250 to 1,000 of the newest",
    },
    guide: Guide {
        access: "an app of the type `script` or `web app` at https://www.reddit.com/prefs/apps; since November 2025 Reddit must approve of \
                 new ones first. Its id is the identifier, its secret the password. \"reddit:NAME\" asks one subreddit",
        scope: "none: the app logs in without a user, and can only read what everybody can",
        cost: "free for uses that are not commercial",
        limits: "100 requests in a minute; 100 submissions a page; a search ends after some 250 to 1,000 submissions, and nothing older can \
                 be reached; one request for the comments of a submission, up to 500 of them, and one for each 100 more. All comments below a \
                 submission that carries the tag (with # or as a word) are kept: they are reactions",
        missing: "submissions behind the end of the search; comments that come ten minutes after the newest submission or later (pull \
                  the address with --thread); comments elsewhere that hold the tag; what was \
                  deleted or removed",
        example: "sources = [\"reddit\"]\n\n[credential.reddit]\nidentifier_env = \"PULLQUOTE_REDDIT_ID\"\n\
                  password_env = \"PULLQUOTE_REDDIT_SECRET\"\n",
    },
};

/// A search that ends behind so many submissions may have been ended by Reddit: it does so behind some 250, of which it leaves out
/// what was removed after it has counted.
const REACH: u64 = 200;

/// How far a catch-up goes back, in seconds since 1970.
const FROM: &str = "from";

/// The submissions since then whose comments are known, each with how many it had.
const KNOWN: &str = "known";

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let base = source.base_of(NAME, API)?;
    let beside: String = query.all.iter().map(|tag| format!(" AND {tag}")).collect();
    let without: String = query.none.iter().map(|tag| format!(" NOT {tag}")).collect();
    let words = format!("{}{beside}{without}", query.first_tag());
    let mut params = vec![
        ("q", words.as_str()),
        ("sort", "new"),
        ("t", "all"),
        ("limit", "100"),
        ("raw_json", "1"),
        ("type", "link"),
        ("include_over_18", "on"),
    ];
    let place = source.place.as_deref().map(|place| place.trim().trim_start_matches('/').trim_start_matches("r/"));
    let path = match place.filter(|place| !place.is_empty()) {
        Some(name) if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') => {
            params.push(("restrict_sr", "1"));
            vec!["r", name, "search"]
        }
        Some(name) => return Err(SourceError(format!("{name:?} is no subreddit: write \"reddit:NAME\""))),
        None => vec!["search"],
    };
    let request = source.named(NAME).get(&base, &path, &params);
    Ok(query.mark(&request).with_mark(WORD, Some(query.first_tag())))
}

/// Works out how what was asked live goes on: below what does not belong to it nothing is asked for. Files lead nowhere.
pub(super) fn follow(exchange: &Exchange, text: &str, page: &mut Page) {
    let Some(url) = Url::parse(&exchange.request.url).ok().filter(Url::has_host) else { return };
    if url.path().ends_with("/search") && exchange.request.mark(WORD).is_some() {
        narrow(page, &exchange.request);
        match serde_json::from_str::<Listing>(text) {
            Ok(Listing { data }) => search(exchange, &data, page),
            Err(_) => page.stuck = Some("the answer is not that of a search".to_owned()),
        }
    } else if let Some(submission) = thread::submission(&exchange.request) {
        narrow(page, &exchange.request);
        // Comments are as old as they are: how far the search reaches they do not tell.
        page.seen = Some(Seen::default());
        match serde_json::from_str::<Value>(text) {
            Ok(answer) if thread::things(&answer).is_some() || serde_json::from_str::<[Listing; 2]>(text).is_ok() => {
                thread::follow(exchange, &submission, &answer, page);
            }
            _ => page.stuck = Some("the answer is not a submission with its comments".to_owned()),
        }
    }
}

/// Works out how a search goes on.
fn search(exchange: &Exchange, list: &Data, page: &mut Page) {
    let request = &exchange.request;
    let dates = || list.children.iter().map(|child| seconds(&child.data["created_utc"]));
    page.seen = Some(Seen::of(dates(), exchange.fetched_at));
    let times: Vec<DateTime<Utc>> = dates().flatten().collect();
    let (oldest, newest) = (times.iter().min(), times.iter().max());
    let instant = |seconds: String| DateTime::from_timestamp(seconds.parse().ok()?, 0);
    let from = request.mark(FROM).and_then(instant);
    let (since, _) = request.window();
    let ends = oldest.zip(from).is_some_and(|(oldest, from)| *oldest < from)
        || newest.zip(since).is_some_and(|(newest, since)| *newest < since);
    let before = request.param("count").and_then(|count| count.parse().ok()).unwrap_or(0_u64);
    let count = before + list.children.len() as u64;
    let asked = request.param("after");
    let after = list.after.clone().filter(|after| !after.is_empty());
    match after {
        Some(after) if Some(&after) == asked.as_ref() => page.stands_still(),
        Some(_) if ends => {}
        Some(after) => {
            let count = count.to_string();
            page.next.push(request.with_params(&[("after", Some(&after)), ("count", Some(&count))]));
        }
        None if count >= REACH && !ends => page.skipped.push(Skipped {
            at: "the end".to_owned(),
            reason: format!("what lies behind these {count} submissions is out of reach: the search ends here"),
        }),
        None => {}
    }
    let known = request.mark(KNOWN).unwrap_or_default();
    let discussed: Vec<(String, DateTime<Utc>)> =
        page.posts.iter().filter_map(|found| discussed(&found.post)).collect();
    for (name, at) in &discussed {
        let is_known = known.split(' ').any(|known| known == name) || from.is_some_and(|from| *at < from);
        let number = name.split('.').next().unwrap_or_default();
        page.next.extend(thread::comments(request, number).filter(|_| !is_known && page.stuck.is_none()));
    }
    if let (Some(newest), None) = (newest, asked) {
        let edge = known_until(*newest, exchange.fetched_at).timestamp();
        let edge = from.map_or(edge, |from| from.timestamp().max(edge));
        let recent = discussed.iter().filter(|(_, at)| at.timestamp() >= edge);
        let known = recent.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ");
        let later = request.with_mark(FROM, Some(&edge.to_string()));
        page.later = Some(later.with_mark(KNOWN, Some(known.as_str()).filter(|known| !known.is_empty())));
    }
}

/// A submission that has comments, with how many (`abc123.7`), and when it was written.
fn discussed(post: &Post) -> Option<(String, DateTime<Utc>)> {
    let comments = post.metrics.replies.filter(|comments| *comments > 0)?;
    let number = post.id.as_deref()?.strip_prefix("t3_")?;
    Some((format!("{number}.{comments}"), post.created?.at()))
}

/// A list of things, as far as it says how it goes on.
#[derive(Deserialize)]
struct Listing {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    after: Option<String>,
    children: Vec<Child>,
}

#[derive(Deserialize)]
struct Child {
    data: Value,
}
