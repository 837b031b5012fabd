//! The public preview of one channel, searched for a hashtag: `t.me/s/CHANNEL?q=#TAG`, some 20 messages a page, older ones behind
//! `before=ID`. There is no search over all channels: a source names its channel.
//!
//! Numbers of a channel follow the order in which its messages came, so that none comes late: a catch-up begins at the newest
//! and ends behind the newest known. A channel without a preview leads to a page that says where the app is: that is a refusal.

use url::Url;

use super::{NAME, is_number, place};
use crate::coverage::{Paging, Reach};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::Skipped;
use crate::platform::scope::WORD;
use crate::platform::{Guide, Live, Page, ParseError, Query, Source, SourceError};

/// How Telegram is asked.
pub(super) const LIVE: Live = Live {
    first,
    together: None,
    session: None,
    authorize: None,
    token: TokenPlace::Bearer,
    needs_credential: false,
    check: |source| Ok(source.get(&source.base_of(NAME, HOME)?, &["s", channel(source)?], &[])),
    stream: None,
    count: None,
    price: None,
    rate: (60, 60),
    per_request: 20,
    paging: Paging {
        reach: |_| Reach::Whole,
        seeks: false,
        guarantee: "covered is every message that the search in the channel's preview showed when it was asked; messages that got the tag by an edit after newer ones were seen are not meant",
    },
    guide: Guide {
        access: "the name of a public channel that shows a preview (t.me/s/CHANNEL)",
        scope: "",
        cost: "free",
        limits: "some 20 messages a page; what is too fast is answered with 429",
        missing: "a search over all channels; groups and channels without a preview; comments; exact counts above 999; \
                  messages that got the tag by an edit after newer ones were seen",
        example: "sources = [\"telegram:HarbourNews\"]\n",
    },
};

/// The public address of channels.
const HOME: &str = "https://t.me";

/// Marks the number of the newest message known.
const KNOWN: &str = "known";

/// Comments that are asked for: the most that the preview gives.
const COMMENTS: usize = 50;

fn channel(source: &Source) -> Result<&str, SourceError> {
    let place = source.place.as_deref().unwrap_or_default();
    let name = place.trim_end_matches('/').rsplit('/').next().unwrap_or_default().trim_start_matches('@');
    let fits = name.len() >= 4 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if fits { Ok(name) } else { Err(SourceError("telegram needs a channel: write \"telegram:CHANNEL\"".to_owned())) }
}

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let tag = query.first_tag();
    let request = source.get(&source.base_of(NAME, HOME)?, &["s", channel(source)?], &[("q", &format!("#{tag}"))]);
    Ok(query.mark(&request).with_mark(WORD, Some(tag)))
}

/// The request for one message.
pub(super) fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let (channel, number) = place(url)?;
    is_number(&number).then(|| {
        let base = source.base_of(NAME, HOME)?;
        let most = COMMENTS.to_string();
        let comments = [("embed", "1"), ("discussion", "1"), ("comments_limit", most.as_str())];
        let params = if thread { &comments[..] } else { &[("embed", "1"), ("mode", "tme")] };
        let request = source.get(&base, &[&channel, &number], &[("embed", "1"), ("mode", "tme")]);
        // The comments are on a page of their own.
        let below = source.get(&base, &[&channel, &number], params).url;
        Ok(request.with_mark("thread", thread.then_some(below.as_str())))
    })
}

/// What is read of a page that was asked for here, and how it goes on. `source` is the page.
pub(super) fn follow(exchange: &Exchange, source: &str, read: Result<Page, ParseError>) -> Result<Page, ParseError> {
    let request = &exchange.request;
    if let Some(below) = request.mark("thread") {
        let mut page = read?;
        page.next.push(Request { url: below, ..request.clone() });
        return Ok(page);
    }
    if request.param("discussion").is_some() {
        let mut page = read?;
        if page.posts.iter().filter(|found| !found.nested).count() + page.skipped.len() >= COMMENTS {
            let reason =
                format!("there may be more comments than these {COMMENTS}, which is all that the preview shows");
            page.skipped.push(Skipped { at: "the end".to_owned(), reason });
        }
        return Ok(page);
    }
    if request.mark(WORD).is_none() {
        return read;
    }
    if !Url::parse(&request.url).is_ok_and(|url| url.path().starts_with("/s/")) {
        let reason = "the channel has no public preview: nothing of it can be read here".to_owned();
        if request.param("before").is_some() {
            // It had one a moment ago.
            return Ok(Page { shape: "preview", stuck: Some(reason), ..Page::default() });
        }
        return Err(ParseError::Refused { platform: NAME, status: exchange.response.status, message: reason });
    }
    let mut page = read?;
    let number = |id: &Option<String>| id.as_deref()?.rsplit('/').next()?.parse::<u64>().ok();
    let own = page.posts.iter().filter(|found| !found.nested);
    let numbers: Vec<u64> = own.filter_map(|found| number(&found.post.id)).collect();
    let (oldest, newest) = (numbers.iter().min().copied(), numbers.iter().max().copied());
    let before = request.param("before").and_then(|before| before.parse::<u64>().ok());
    let known = request.mark(KNOWN).and_then(|known| known.parse::<u64>().ok());
    let (since, _) = request.window();
    let dates = || page.posts.iter().filter_map(|found| found.post.created).map(|when| when.at());
    // The page says itself what it begins with, also where that is nothing that can be read.
    let begins = older(source);
    let is_behind = begins.or(oldest).is_some_and(|oldest| known.is_some_and(|known| oldest <= known))
        || since.is_some_and(|since| dates().next().is_some() && dates().all(|at| at < since));
    let came_again =
        |before: u64| newest.is_some_and(|newest| newest >= before) || begins.is_some_and(|at| at >= before);
    if before.is_some_and(came_again) {
        page.came_again();
    } else if let Some(begins) = begins.filter(|_| !is_behind) {
        page.next.push(request.with_params(&[("before", Some(&begins.to_string()))]));
    }
    if before.is_none() {
        let newest = newest.max(known).map(|newest| newest.to_string());
        page.later = Some(request.with_mark(KNOWN, newest.as_deref()));
    }
    Ok(page)
}

/// The number that older messages lie before, if the page has a link to some: `data-before` of what loads them. (What loads
/// newer ones has `data-after`.)
fn older(source: &str) -> Option<u64> {
    let mut links = source.split('<').filter(|tag| tag.contains("tme_messages_more"));
    let number = links.find_map(|tag| Some(tag.split_once("data-before=\"")?.1.split_once('"')?.0))?;
    number.parse().ok()
}
