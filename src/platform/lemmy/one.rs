//! One post or comment, by its number on the server of its address, and the thread that it stands in: the post, and all comments
//! below it.
//!
//! A list of comments is a tree, cut below a depth and after 300: what was cut below a comment is asked for by that comment.

use serde_json::Value;
use url::Url;

use super::NAME;
use crate::exchange::Request;
use crate::model::Skipped;
use crate::platform::json::{count, id, words};
use crate::platform::{Page, Source, SourceError};

/// Marks a request for a post or comment whose thread is wanted, and the lists of its comments.
const THREAD: &str = "thread";

/// The most comments that a server lists at once.
const MOST: usize = 300;

/// The request for one post or comment.
pub(super) fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let mut path = url.path_segments().filter(|_| matches!(url.scheme(), "http" | "https"))?;
    let (kind, number) = (path.next()?, path.next()?);
    let is_number = (1..=12).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    // `/post/POST/COMMENT` is a comment, too.
    let (kind, number) = match (kind, path.next().filter(|rest| !rest.is_empty())) {
        ("post" | "comment", None) if is_number => (kind, number),
        ("post", Some(comment)) if is_number && comment.bytes().all(|byte| byte.is_ascii_digit()) => {
            ("comment", comment)
        }
        _ => return None,
    };
    if path.next().is_some_and(|rest| !rest.is_empty()) {
        return None;
    }
    let mut base = url.clone();
    base.set_path("");
    let request = source.get(&base, &["api", "v3", kind], &[("id", number)]);
    Some(Ok(request.with_mark(THREAD, thread.then_some(NAME))))
}

/// Leads from what was asked for to the rest of its thread.
pub(super) fn follow(request: &Request, answer: &Value, page: &mut Page) {
    if request.mark(THREAD).is_none() {
        return;
    }
    let ask = |path: &str, params: &[(&str, &str)]| {
        let mut url = Url::parse(&request.url).ok()?;
        url.set_path(path);
        url.query_pairs_mut().clear().extend_pairs(params);
        Some(Request { url: url.into(), ..request.clone() })
    };
    let comments = |name: &str, number: &str| {
        let params = [(name, number), ("type_", "All"), ("sort", "Old"), ("max_depth", "50"), ("limit", "50")];
        ask("/api/v3/comment/list", &params)
    };
    if let Some(post) = id(&answer["comment_view"]["comment"]["post_id"]) {
        page.next.extend(ask("/api/v3/post", &[("id", &post)]));
    } else if let Some(post) = id(&answer["post_view"]["post"]["id"]) {
        page.next.extend(comments("post_id", &post));
    }
    let Some(listed) = answer["comments"].as_array() else { return };
    let paths: Vec<&str> = listed.iter().filter_map(|view| words(&view["comment"], "path")).collect();
    let above = request.param("parent_id");
    for view in listed {
        let Some((number, path)) = id(&view["comment"]["id"]).zip(words(&view["comment"], "path")) else { continue };
        let is_below = |other: &&str| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        let is_cut =
            count(&view["counts"]["child_count"]).is_some_and(|below| below > 0) && !paths.iter().any(is_below);
        if is_cut && above.as_deref() != Some(number.as_str()) {
            page.next.extend(comments("parent_id", &number));
        }
    }
    if listed.len() >= MOST {
        let reason = format!("what lies beside the {MOST} comments of this answer is out of reach");
        page.skipped.push(Skipped { at: "/comments".to_owned(), reason });
    }
}
