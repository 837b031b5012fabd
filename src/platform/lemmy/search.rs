//! The search of one server, posts and comments in one answer, newest first: <https://join-lemmy.org/api/classes/LemmyHttp.html#search>.
//!
//! A server searches what it knows: its own communities, and those that somebody there reads. Hashtags are words here; what does
//! not hold the tag as a word is left out. Pages have numbers, and no bounds of time: a catch-up begins at the newest and ends
//! where both lists reach ten minutes behind the newest that was known. Servers of version 1 still answer v3.
//! One post or comment is asked for by its number on the server of its address, with all comments below a post as its thread.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use url::Url;

use super::NAME;
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::{Found, Skipped};
use crate::platform::words::holds;
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
    guide: Guide {
        access: "nothing, where a server does not hide itself from strangers",
        scope: "",
        cost: "free",
        limits: "some 60 searches in 10 minutes, as each server sets it; 50 posts and 50 comments a page",
        missing: "what this server does not know: ask several servers; what was deleted or removed",
        example: "sources = [\"lemmy:lemmy.world\"]\n",
    },
};

/// Posts and comments a page: the most that servers give.
const LIMIT: usize = 50;

/// How far a catch-up looks back behind the newest known.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// Marks: the tag; what is known already; the last name of the page before; that comments below a post are wanted.
const TAG: &str = "tag";
const KNOWN: &str = "known";
const BEHIND: &str = "behind";
const THREAD: &str = "thread";

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let base = source.base_at_place(NAME, None)?;
    let tag = query.first_tag();
    let params =
        [("q", tag), ("type_", "All"), ("listing_type", "All"), ("sort", "New"), ("limit", "50"), ("page", "1")];
    let request = source.get(&base, &["api", "v3", "search"], &params);
    Ok(query.mark(&request).with_mark(TAG, Some(tag)))
}

/// The request for one post or comment.
pub(super) fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let mut path = url.path_segments()?;
    let (kind, id) = (path.next()?, path.next()?);
    let is_number = !id.is_empty() && id.len() <= 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(kind, "post" | "comment") || !is_number || path.next().is_some_and(|rest| !rest.is_empty()) {
        return None;
    }
    let mut base = url.clone();
    base.set_path("");
    let request = source.get(&base, &["api", "v3", kind], &[("id", id)]);
    Some(Ok(request.with_mark(THREAD, (thread && kind == "post").then_some(id))))
}

/// Leaves out what does not belong to a search, and works out how it goes on; or leads from a post to its comments.
pub(super) fn follow(exchange: &Exchange, page: &mut Page) {
    let request = &exchange.request;
    if let Some(post) = request.mark(THREAD) {
        if let Ok(mut url) = Url::parse(&request.url) {
            url.set_path("/api/v3/comment/list");
            url.set_fragment(None);
            url.query_pairs_mut().clear().extend_pairs([
                ("post_id", post.as_str()),
                ("max_depth", "50"),
                ("sort", "Old"),
                ("limit", "50"),
            ]);
            page.next.push(Request { url: url.into(), ..request.clone() });
        }
        return;
    }
    let Some(tag) = request.mark(TAG) else { return };
    let list = |name: &str| -> Vec<(Option<String>, Option<DateTime<Utc>>)> {
        let of_list = page.posts.iter().filter(|found| found.at.starts_with(name));
        of_list.map(|found| (found.post.uri.clone(), found.post.created.map(|when| when.at()))).collect()
    };
    let lists = [list("/posts/"), list("/comments/")];
    let skipped = |name: &str| page.skipped.iter().filter(|skipped| skipped.at.starts_with(name)).count();
    let full = [lists[0].len() + skipped("/posts/") >= LIMIT, lists[1].len() + skipped("/comments/") >= LIMIT];
    let newest = lists.iter().flatten().filter_map(|(_, at)| *at).max();
    let end: Vec<&str> = lists.iter().filter_map(|list| list.last()?.0.as_deref()).collect();
    let end = end.join(" ");

    let (since, until) = request.window();
    let known: Option<DateTime<Utc>> = request.mark(KNOWN).and_then(|known| known.parse().ok());
    let bottom = since.max(known);
    let number: u32 = request.param("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    if !end.is_empty() && request.mark(BEHIND).as_deref() == Some(end.as_str()) {
        page.stuck = Some("the server sends the page again that lies before the one asked for".to_owned());
    } else if lists.iter().zip(full).any(|(list, full)| {
        let oldest = list.iter().filter_map(|(_, at)| *at).min();
        full && oldest.is_none_or(|oldest| bottom.is_none_or(|bottom| oldest >= bottom))
    }) {
        let next = request.with_params(&[("page", Some(&(number + 1).to_string()))]);
        page.next.push(next.with_mark(BEHIND, Some(&end)));
    }
    if let (1, Some(newest)) = (number, newest) {
        let known = (newest.min(exchange.fetched_at) - OVERLAP).to_rfc3339_opts(SecondsFormat::Secs, true);
        page.later = Some(request.with_mark(KNOWN, Some(&known)));
    }
    for found in std::mem::take(&mut page.posts) {
        let Found { post, at, nested } = found;
        let at_time = post.created.map(|when| when.at());
        let outside =
            at_time.is_some_and(|at| since.is_some_and(|since| at < since) || until.is_some_and(|until| at >= until));
        match () {
            () if !holds(&post.text, &tag) => {
                page.skipped.push(Skipped { at, reason: "does not carry the tag".to_owned() });
            }
            () if outside => page.skipped.push(Skipped { at, reason: "is outside the time asked for".to_owned() }),
            () => page.posts.push(Found { post, at, nested }),
        }
    }
}
