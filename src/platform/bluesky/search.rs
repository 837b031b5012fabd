//! The search for a hashtag: its requests, what belongs to it, and how it goes on.
//!
//! Both `q=#Tag` and `tag=Tag` are sent: a server that knows only the words must find the tag in them, and one that
//! knows the parameter takes facets and `tags` for it. An answer may therefore hold more than was asked (a longer tag,
//! a later post); what does not belong is skipped, with the reason.
//!
//! The AppView pages by a cursor, newest first, to about 10,000 posts (minet#1018). From there the search is asked
//! anew, up to the oldest post so far. So it is where a walk that was cut short goes on, or where the search counts fewer posts than it
//! did a page before: the cursor is a number of posts, and some have gone. A catch-up asks from the newest post on, and stops at the first page that
//! reaches behind it, so that a server which ignores `since` costs no more than one that honours it. Posts older than
//! that, if such a page holds any, are kept: they carry the tag, and are known already. What is outside the time that
//! the job asks for is skipped; since a catch-up changes `since`, that time stands in the fragment of the address
//! ([`Request::with_window`]), which is never sent.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::value::RawValue;
use url::Url;

use super::dates::instant;
use super::record::Record;
use super::view::View;
use crate::coverage::{Paging, Reach, Seen};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::{Hashtag, Skipped};
use crate::platform::live::known_until;
use crate::platform::scope::{OUTSIDE, WITHOUT_TAG};
use crate::platform::words::hashtags;
use crate::platform::{Count, Counted, Guide, Live, Page, ParseError, Query, Source, SourceError};

const METHOD: &str = "/xrpc/app.bsky.feed.searchPosts";

/// The account's own server passes the search on to the AppView; this one knows every account of bsky.network.
const DEFAULT_SERVER: &str = "https://bsky.social";

/// Posts a page; the most that the lexicon allows.
const LIMIT: usize = 100;

/// How deep a cursor reaches.
const REACH: usize = 10_000;

/// Marks a request that goes on beyond a cursor's reach, so that it is not taken for the newest end.
const BACK: &str = "back";

/// Marks a request with a cursor that counts: when it was given, the time of the last post before it, and how many posts there were, as
/// `GIVEN/POST/HITS`.
const GIVEN: &str = "given";

/// How long a cursor that counts is trusted: what is deleted meanwhile moves the posts behind it to before it, and the count may be
/// rounded.
const FRESH: TimeDelta = TimeDelta::seconds(30);

/// How Bluesky is asked.
pub const LIVE: Live = Live {
    first,
    together: None,
    session: Some(super::session::SESSION),
    authorize: None,
    token: TokenPlace::Bearer,
    needs_credential: true,
    check: |source| Ok(source.get(&base(source)?, &["xrpc", "app.bsky.actor.getPreferences"], &[])),
    count: Some(Count { first: count, read: counted, dollars: 0.0 }),
    price: None,
    rate: (3000, 300),
    per_request: 100,
    paging: Paging {
        reach: |_| Reach::Whole,
        seeks: true,
        guarantee: "covered is what the search of the AppView showed when it was asked; that search is an index that is not repeatable: the same question may bring other posts the next time; where it says that there is more and gives nothing, nothing older is called covered",
    },
    stream: Some(super::jetstream::STREAM),
    guide: Guide {
        access: "an account at any server of the network, and an app password made under Settings > Privacy and security > \
                 App passwords",
        scope: "an app password without access to direct messages",
        cost: "free",
        limits: "3,000 requests in 5 minutes; 100 posts a page; some 10,000 posts in one query, behind which the search is asked \
                 anew up to the oldest post so far",
        missing: "edits and deletions, but while they are listened to; posts of accounts that block the one that asks",
        example: "sources = [\"bluesky\"]\n\n[credential.bluesky]\nidentifier_env = \"PULLQUOTE_BLUESKY_IDENTIFIER\"\n\
                  password_env = \"PULLQUOTE_BLUESKY_PASSWORD\"\n",
    },
};

fn base(source: &Source) -> Result<Url, SourceError> {
    source.base_at_place("Bluesky", Some(DEFAULT_SERVER))
}

/// The first request of a pull.
fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let mut url = base(source)?;
    url.set_path(METHOD);
    url.set_query(None);
    url.set_fragment(None);
    let tag = query.first_tag();
    url.query_pairs_mut()
        .append_pair("q", &format!("#{tag}"))
        .append_pair("tag", tag)
        .append_pair("sort", "latest")
        .append_pair("limit", &LIMIT.to_string());
    for (name, time) in [("since", query.since), ("until", query.until)] {
        if let Some(time) = time {
            url.query_pairs_mut().append_pair(name, &stamp(time));
        }
    }
    let auth = source.credential.clone().unwrap_or_else(|| super::PLATFORM.name.to_owned());
    Ok(query.mark(&Request { auth: Some(auth), ..Request::get(url) }))
}

/// The search again, for one post: its answer says how many there are.
fn count(query: &Query, source: &Source) -> Result<Request, SourceError> {
    Ok(first(query, source)?.with_params(&[("limit", Some("1"))]))
}

fn counted(exchange: &Exchange) -> Result<Counted, ParseError> {
    let status = exchange.response.status;
    let body: serde_json::Value = serde_json::from_slice(&exchange.body()?).unwrap_or_default();
    let posts = body["hitsTotal"].as_u64().filter(|_| status < 400).ok_or_else(|| {
        let message = body["message"].as_str().unwrap_or("the answer does not count").to_owned();
        ParseError::Refused { platform: super::PLATFORM.name, status, message }
    })?;
    Ok(Counted { posts, caveat: "the index rounds, and counts what the account may not see", ..Counted::default() })
}

/// What an answer says of the posts that it does not hold.
pub struct Onward {
    /// Where they begin.
    pub cursor: Option<String>,
    /// How many there are, with those it holds.
    pub hits: Option<u64>,
}

/// Reads the `posts` of an answer into the page, and works out how the search goes on.
pub fn read(posts: &[&RawValue], onward: Onward, at: &str, exchange: &Exchange, page: &mut Page) {
    let asked = Asked::of(&exchange.request);
    let mut times = Vec::with_capacity(posts.len());
    let mut dates = Vec::with_capacity(posts.len());
    for (i, raw) in posts.iter().enumerate() {
        let at = format!("{at}/posts/{i}");
        let reason = match View::read(raw) {
            Ok(view) => {
                let time = view.stated.sorted();
                times.extend(time);
                dates.push(time);
                match asked.misses(&view.record, time) {
                    None => {
                        view.put(page, &at, false, exchange.fetched_at);
                        continue;
                    }
                    Some(reason) => reason,
                }
            }
            Err(reason) => {
                dates.push(None);
                reason
            }
        };
        page.skipped.push(Skipped { at, reason });
    }
    if !asked.live {
        return;
    }
    let seen = Seen::of(dates.into_iter(), exchange.fetched_at);
    if let Some(anew) = asked.anew_if_moved(exchange, onward.hits) {
        page.seen = Some(seen.without_reach());
        page.next.push(anew);
        return;
    }
    page.seen = Some(seen);
    let Onward { cursor, hits } = onward;
    if !times.is_empty() && cursor.is_some() && cursor == asked.cursor {
        page.stands_still();
    } else {
        // Of the last three the newest: one or two may stand out of order.
        let oldest = times.iter().rev().take(3).max().copied();
        let leads = cursor.is_some();
        match asked.next(exchange, Onward { cursor, hits }, oldest) {
            Some(next) => {
                page.next.push(next);
                // It says that there is more, and gives nothing.
                page.torn = posts.is_empty();
            }
            // Whoever names a cursor has more, though it may lead nowhere, and behind a full page there may be more; at the end of
            // its reach nobody knows.
            None => {
                let is_full = posts.len() >= LIMIT;
                page.torn = !asked.is_behind(oldest) && (leads || is_full || asked.is_deepest());
            }
        }
    }
    if let (Some(newest), None, false) = (times.iter().max(), &asked.cursor, asked.back) {
        let since = stamp(known_until(*newest, exchange.fetched_at));
        page.later = Some(exchange.request.with_params(&[("since", Some(&since))]));
    }
}

/// What a request asks for.
struct Asked {
    /// Whether it is a search at all, and not a file.
    live: bool,
    tag: Option<String>,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    cursor: Option<String>,
    given: Option<Given>,
    back: bool,
}

impl Asked {
    fn of(request: &Request) -> Asked {
        let time = |name| request.param(name).as_deref().and_then(instant);
        let url = Url::parse(&request.url).ok();
        Asked {
            live: url.as_ref().is_some_and(|url| url.has_host() && url.path() == METHOD),
            tag: request.param("tag").and_then(|tag| Hashtag::new(&tag)).map(|tag| tag.folded()),
            since: time("since"),
            until: time("until"),
            cursor: request.param("cursor"),
            given: request.mark(GIVEN).and_then(|given| Given::read(&given)),
            back: request.mark(BACK).is_some(),
        }
    }

    /// Why a post does not belong to what was asked. `time` is that by which the AppView sorts.
    fn misses(&self, record: &Record<'_>, time: Option<DateTime<Utc>>) -> Option<String> {
        if self.tag.as_ref().is_some_and(|tag| !carries(record, tag)) {
            return Some(WITHOUT_TAG.to_owned());
        }
        let is_from = |bound: Option<DateTime<Utc>>, time: Option<DateTime<Utc>>| Some(time? >= bound?);
        (is_from(self.until, time) == Some(true)).then(|| OUTSIDE.to_owned())
    }

    /// Whether a page that ends with a post of that time reaches behind what is asked for.
    fn is_behind(&self, oldest: Option<DateTime<Utc>>) -> bool {
        oldest.is_some_and(|oldest| self.since.is_some_and(|since| oldest < since))
    }

    /// Posts before those that are asked for, where the cursor is a number.
    fn offset(&self) -> Option<usize> {
        self.cursor.as_ref().map_or(Some(0), |cursor| cursor.parse().ok())
    }

    /// Whether no cursor reaches deeper than the page that is asked for.
    fn is_deepest(&self) -> bool {
        self.offset().is_some_and(|offset| offset.saturating_add(LIMIT) >= REACH)
    }

    /// The request for the next page, if there is to be one. A page without posts is no end by itself: the AppView
    /// leaves out what the account may not see after it has counted.
    fn next(&self, exchange: &Exchange, onward: Onward, oldest: Option<DateTime<Utc>>) -> Option<Request> {
        let Onward { cursor, hits } = onward;
        if self.is_behind(oldest) {
            return None;
        }
        let request = &exchange.request;
        // The AppView's cursor is a number of posts; those of others have no such end, nor can they be seen to advance.
        let number = |cursor: &String| cursor.parse::<usize>().ok();
        let asked = self.offset();
        let given = cursor.as_ref().and_then(number);
        let spent = match &cursor {
            Some(_) => given.is_some_and(|given| given >= REACH),
            None => self.is_deepest(),
        };
        if !spent {
            let onward = match (asked, given) {
                (Some(asked), Some(given)) => given > asked,
                _ => oldest.is_some() && cursor != self.cursor,
            };
            let post = oldest.or(self.given.as_ref().map(|given| given.post)).filter(|_| given.is_some());
            let mark = post.map(|post| Given { at: exchange.fetched_at, post, hits }.mark());
            let cursor = cursor.filter(|_| onward)?;
            return Some(request.with_params(&[("cursor", Some(&cursor))]).with_mark(GIVEN, mark.as_deref()));
        }
        // Others of the oldest post's millisecond may be left: ask for them too, unless that would ask the same again.
        let oldest = oldest?;
        self.anew(request, oldest + TimeDelta::milliseconds(1)).or_else(|| self.anew(request, oldest))
    }

    /// The request for what is older than that, without a cursor; `None` if that would ask the same again.
    fn anew(&self, request: &Request, until: DateTime<Utc>) -> Option<Request> {
        if self.until.is_some_and(|asked| asked <= until) {
            return None;
        }
        let next = request.with_params(&[("cursor", None), ("until", Some(&stamp(until)))]);
        Some(next.with_mark(GIVEN, None).with_mark(BACK, Some("")))
    }

    /// The same, if posts may have gone since the cursor was given. Where a whole page has one time there is only the cursor.
    fn anew_if_moved(&self, exchange: &Exchange, hits: Option<u64>) -> Option<Request> {
        let given = self.given.as_ref()?;
        let is_stale = (exchange.fetched_at - given.at).abs() > FRESH;
        let are_fewer = given.hits.zip(hits).is_some_and(|(before, now)| now < before);
        self.anew(&exchange.request, given.post + TimeDelta::milliseconds(1)).filter(|_| is_stale || are_fewer)
    }
}

/// What [`GIVEN`] says of a cursor.
struct Given {
    at: DateTime<Utc>,
    post: DateTime<Utc>,
    hits: Option<u64>,
}

impl Given {
    fn read(mark: &str) -> Option<Given> {
        let mut parts = mark.split('/');
        let (at, post) = (instant(parts.next()?)?, instant(parts.next()?)?);
        Some(Given { at, post, hits: parts.next().and_then(|hits| hits.parse().ok()) })
    }

    fn mark(&self) -> String {
        let hits = self.hits.map(|hits| format!("/{hits}")).unwrap_or_default();
        format!("{}/{}{hits}", stamp(self.at), stamp(self.post))
    }
}

/// Whether a post carries the tag: in a facet, in `tags`, or as `#tag` in its words.
pub fn carries(record: &Record<'_>, tag: &str) -> bool {
    record.hashtags.iter().any(|own| own.folded() == tag) || hashtags(&record.text).any(|own| own.folded() == tag)
}

/// RFC 3339 to the millisecond, as precise as the AppView sorts. What is finer is cut off, so it asks no later.
fn stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
