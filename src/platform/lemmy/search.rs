//! The search of one server, posts and comments in one answer, newest first: <https://join-lemmy.org/api/classes/LemmyHttp.html#search>.
//!
//! A server searches what it knows: its own communities, and those that somebody there reads. Hashtags are words here; what does
//! not hold the tag as a word is left out. Pages have numbers, and no bounds of time: a catch-up begins at the newest and ends
//! where both lists reach ten minutes behind the newest that was known. Servers of version 1 are asked by `fourth`. One that was
//! asked too much answers 400 (0.19) or 429 (1); either way the next pull goes on from there.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;

use super::{NAME, fourth};
use crate::coverage::{Paging, Reach, Seen};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::platform::live::known_until;
use crate::platform::scope::WORD;
use crate::platform::{Guide, Live, Page, Query, Source, SourceError};

/// How a server of Lemmy is asked.
pub(super) const LIVE: Live = Live {
    first,
    together: None,
    session: None,
    authorize: None,
    token: TokenPlace::Bearer,
    needs_credential: false,
    check: |source| Ok(source.get(&source.base_at_place(NAME, None)?, &["api", "v3", "site"], &[])),
    stream: None,
    count: None,
    price: None,
    rate: (60, 600),
    per_request: 50,
    paging: Paging {
        reach: |_| Reach::Whole,
        seeks: false,
        guarantee: "covered is what this server knew when it was asked; a federated server knows only what reached it",
    },
    guide: Guide {
        access: "nothing, where a server does not hide itself from strangers",
        scope: "",
        cost: "free",
        limits: "some 60 searches in 10 minutes, as each server sets it; 50 posts and 50 comments a page",
        missing: "what this server does not know: ask several servers; what was deleted or removed",
        example: "sources = [\"lemmy:lemmy.world\"]\n",
    },
};

/// Marks: up to when everything is known; the last name of the page before.
pub(super) const KNOWN: &str = "known";
pub(super) const BEHIND: &str = "behind";

/// Marks when that page was had.
const ASKED: &str = "asked";

/// In less time no server gets a page of new posts.
const MOVES: TimeDelta = TimeDelta::minutes(2);

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let base = source.base_at_place(NAME, None)?;
    let tag = query.first_tag();
    let params =
        [("q", tag), ("type_", "All"), ("listing_type", "All"), ("sort", "New"), ("limit", "50"), ("page", "1")];
    let request = source.get(&base, &["api", "v3", "search"], &params);
    Ok(query.mark(&request).with_mark(WORD, Some(tag)))
}

/// Works out how a search goes on.
pub(super) fn follow(exchange: &Exchange, answer: &Value, page: &mut Page) {
    let request = &exchange.request;
    if request.mark(WORD).is_none() {
        return;
    }
    if fourth::is_asked(request) {
        fourth::follow(exchange, answer, page);
    } else if fourth::is_one(answer) {
        fourth::begin(request, page);
    } else {
        number(exchange, page);
    }
}

/// Up to when everything is known once something of that date was seen.
pub(super) fn known_of(newest: DateTime<Utc>, seen_at: DateTime<Utc>) -> String {
    known_until(newest, seen_at).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Things of a list: how each is named, and when it was written.
type Listed = Vec<(Option<String>, Option<DateTime<Utc>>)>;

/// How far a page of two lists reaches: no further down than the one that reaches less far. One that has come to its end, and is
/// not `full`, does not hold it up.
fn both(lists: &[Listed; 2], full: [bool; 2], fetched_at: DateTime<Utc>) -> Seen {
    let of = |list: &Listed| Seen::of(list.iter().map(|(_, at)| *at), fetched_at);
    let mut seen = lists.iter().map(of).zip(full).filter(|(_, full)| *full).map(|(seen, _)| seen);
    let Some(first) = seen.next() else { return Seen::default() };
    seen.fold(first, |one, other| Seen {
        posts: one.posts + other.posts,
        span: one.span.zip(other.span).map(|(one, other)| (one.0.max(other.0), one.1.min(other.1))),
        tail: one.tail.zip(other.tail).map(|(one, other)| one.max(other)),
    })
}

/// How pages with numbers go on.
fn number(exchange: &Exchange, page: &mut Page) {
    let request = &exchange.request;
    let list = |name: &str| -> Listed {
        let of_list = page.posts.iter().filter(|found| found.at.starts_with(name));
        of_list.map(|found| (found.post.uri.clone(), found.post.created.map(|when| when.at()))).collect()
    };
    let lists = [list("/posts/"), list("/comments/")];
    let skipped = |name: &str| page.skipped.iter().filter(|skipped| skipped.at.starts_with(name)).count();
    // Servers leave things out of a page after they have counted, and may have a limit of their own: only nothing is the end.
    let full = [lists[0].len() + skipped("/posts/") > 0, lists[1].len() + skipped("/comments/") > 0];
    page.seen = Some(both(&lists, full, exchange.fetched_at));
    let newest = lists.iter().flatten().filter_map(|(_, at)| *at).max();
    let end: Vec<&str> = lists.iter().filter_map(|list| list.last()?.0.as_deref()).collect();
    let end = end.join(" ");

    let (since, _) = request.window();
    let known: Option<DateTime<Utc>> = request.mark(KNOWN).and_then(|known| known.parse().ok());
    let bottom = since.max(known);
    let number: u32 = request.param("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let comes_again = !end.is_empty() && request.mark(BEHIND).as_deref() == Some(end.as_str());
    // Where a walk was broken off, as many posts as a page has may have come meanwhile, which moves all by a page.
    let asked_at = request.mark(ASKED).and_then(|at| at.parse::<DateTime<Utc>>().ok());
    if comes_again && asked_at.is_none_or(|at| exchange.fetched_at - at < MOVES) {
        page.came_again();
    } else if lists.iter().zip(full).any(|(list, full)| {
        let oldest = list.iter().filter_map(|(_, at)| *at).min();
        full && oldest.is_none_or(|oldest| bottom.is_none_or(|bottom| oldest >= bottom))
    }) {
        let next = request.with_params(&[("page", Some(&(number + 1).to_string()))]);
        let now = exchange.fetched_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        page.next.push(next.with_mark(BEHIND, Some(&end)).with_mark(ASKED, Some(&now)));
    }
    if let (1, Some(newest)) = (number, newest) {
        page.later = Some(request.with_mark(KNOWN, Some(&known_of(newest, exchange.fetched_at))));
    }
}
