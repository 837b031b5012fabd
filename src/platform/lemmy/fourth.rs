//! The search of servers of version 1: lists of posts and of comments that hold a word, newest first, by API v4.
//!
//! Such a server still answers the search of v3, but with 20 posts in an order of its own, whatever was asked (its `search_v3`
//! passes on the word alone). It is told by accounts that are of server 0 there. From then on posts and comments are asked for
//! apart: the first page of posts leads to the first of comments, and that one knows the newest of both.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::search::{BEHIND, KNOWN, known_of};
use crate::coverage::Seen;
use crate::exchange::{Exchange, Request};
use crate::platform::Page;
use crate::platform::json::words;
use crate::platform::scope::WORD;

const POSTS: &str = "/api/v4/post/list";
const COMMENTS: &str = "/api/v4/comment/list";

/// Marks: up to when comments are known; up to when posts are, once the page of comments is read.
const KNOWN_COMMENTS: &str = "known-comments";
const POSTS_KNOWN: &str = "posts-known";

/// Whether an answer of v3 comes from a server of version 1.
pub(super) fn is_one(answer: &Value) -> bool {
    let of_nowhere =
        |list: &str, who: &str| answer[list].as_array().into_iter().flatten().any(|view| view[who]["instance_id"] == 0);
    of_nowhere("posts", "creator") || of_nowhere("comments", "creator") || of_nowhere("users", "person")
}

/// Whether a request is one of these.
pub(super) fn is_asked(request: &Request) -> bool {
    Url::parse(&request.url).is_ok_and(|url| [POSTS, COMMENTS].contains(&url.path()))
}

/// The first request for posts or for comments, made of one that names the tag.
fn list(request: &Request, path: &str) -> Option<Request> {
    let tag = request.mark(WORD)?;
    let mut url = Url::parse(&request.url).ok()?;
    url.set_path(path);
    url.query_pairs_mut().clear().extend_pairs([
        ("type_", "all"),
        ("sort", "new"),
        ("search_term", tag.as_str()),
        ("limit", "50"),
    ]);
    if path == POSTS {
        // Else a server may show those of the last days only.
        url.query_pairs_mut().append_pair("time_range_seconds", "0");
    }
    Some(Request { url: url.into(), ..request.clone() }.with_mark(BEHIND, None))
}

/// Leads from an answer of v3 to the lists. What is known of a server that was of an older version holds for both.
pub(super) fn begin(request: &Request, page: &mut Page) {
    // Its posts are in an order of their own.
    page.seen = Some(Seen::default());
    page.next.extend(list(&request.with_mark(KNOWN_COMMENTS, request.mark(KNOWN).as_deref()), POSTS));
}

/// Works out how a list goes on.
pub(super) fn follow(exchange: &Exchange, answer: &Value, page: &mut Page) {
    let request = &exchange.request;
    let are_posts = Url::parse(&request.url).is_ok_and(|url| url.path() == POSTS);
    if are_posts {
        // Comments of that time are not read yet.
        page.seen = Some(Seen::default());
    }
    let dates: Vec<DateTime<Utc>> = page.posts.iter().filter_map(|found| Some(found.post.created?.at())).collect();
    let known = request.mark(if are_posts { KNOWN } else { KNOWN_COMMENTS }).and_then(|known| known.parse().ok());
    let bottom = request.window().0.max(known);
    let (cursor, given) = (request.param("page_cursor"), words(answer, "next_page"));
    let is_behind = dates.iter().min().is_some_and(|oldest| bottom.is_some_and(|bottom| *oldest < bottom));
    if given.is_some() && given == cursor.as_deref() {
        page.stands_still();
    } else if !is_behind {
        page.next.extend(given.map(|given| request.with_params(&[("page_cursor", Some(given))])));
    }
    if cursor.is_some() {
        return;
    }
    let newest = dates.iter().max().map(|newest| known_of(*newest, exchange.fetched_at));
    if are_posts {
        let newest = newest.or_else(|| request.mark(KNOWN));
        page.next.extend(list(&request.with_mark(POSTS_KNOWN, newest.as_deref()), COMMENTS));
    } else {
        let later = request.with_mark(KNOWN, request.mark(POSTS_KNOWN).as_deref()).with_mark(POSTS_KNOWN, None);
        let newest = newest.or_else(|| request.mark(KNOWN_COMMENTS));
        page.later = list(&later.with_mark(KNOWN_COMMENTS, newest.as_deref()), POSTS);
    }
}
