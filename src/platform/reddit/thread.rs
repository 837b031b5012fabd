//! The comments below a submission: asked for up to 500 at once, then those that the tree leaves out, a hundred at once
//! (<https://www.reddit.com/dev/api#GET_api_morechildren>).
//!
//! A tree ends in stubs. One that names what it stands for is asked for by those names, together with others; one that names nothing
//! stands where the tree is too deep, and the tree is asked for again from there. What comes may hold stubs again.

use std::collections::HashSet;

use serde_json::Value;
use url::Url;

use crate::exchange::{Exchange, Request};
use crate::model::Skipped;
use crate::platform::Page;
use crate::platform::scope::{NONE, WORD};

/// Comments asked for at once: the most that Reddit gives.
pub(super) const LIMIT: &str = "500";

/// Names of comments asked for at once: the most that Reddit takes.
const NAMES: usize = 100;

/// How often what is left out is asked for, one answer leading to the next. No tree is so deep; a server may be mad.
const ROUNDS: u32 = 50;

/// Marks how often.
const ROUND: &str = "round";

/// The request for the comments of a submission that a search has found.
pub(super) fn comments(request: &Request, number: &str) -> Option<Request> {
    let base = base(request)?;
    to(request, &format!("{base}/comments/{number}"), &[("limit", LIMIT), ("sort", "new"), ("raw_json", "1")])
}

/// What stands before the paths of the API.
fn base(request: &Request) -> Option<String> {
    let url = Url::parse(&request.url).ok().filter(Url::has_host)?;
    let path = url.path();
    let end = ["/r/", "/search", "/comments/", "/api/morechildren"].iter().filter_map(|part| path.find(part)).min()?;
    Some(path.get(..end)?.to_owned())
}

/// Another request, for the same time and without the same words.
fn to(request: &Request, path: &str, params: &[(&str, &str)]) -> Option<Request> {
    let mut url = Url::parse(&request.url).ok()?;
    url.set_path(path);
    url.query_pairs_mut().clear().extend_pairs(params);
    let (since, until) = request.window();
    let next = Request { url: url.into(), ..request.clone() }.with_window(since, until);
    let none = request.mark(NONE);
    Some(next.with_mark(NONE, none.as_deref()).with_mark(WORD, none.as_ref().map(|_| "")))
}

/// The submission below which a request asks for comments, if it does.
pub(super) fn submission(request: &Request) -> Option<String> {
    let url = Url::parse(&request.url).ok().filter(Url::has_host)?;
    request.param("raw_json")?;
    if url.path().ends_with("/api/morechildren") {
        return request.param("link_id")?.strip_prefix("t3_").map(str::to_owned);
    }
    let (_, rest) = url.path().split_once("/comments/")?;
    Some(rest.split('/').next()?.to_owned())
}

/// The things in an answer that tells what a tree left out; `None` if it is none.
pub(super) fn things(value: &Value) -> Option<&Vec<Value>> {
    value["json"]["data"]["things"].as_array()
}

/// The errors that come instead, which are no error to HTTP: a code and words.
pub(super) fn errors(value: &Value) -> Option<String> {
    let first = value["json"]["errors"].as_array()?.first()?;
    let words: Vec<&str> = first.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    Some(if words.is_empty() { first.to_string() } else { words.join(": ") })
}

/// Works out where the stubs of a tree lead. Those that are followed are no longer said to be left out.
pub(super) fn follow(exchange: &Exchange, submission: &str, answer: &Value, page: &mut Page) {
    let request = &exchange.request;
    let round = request.mark(ROUND).and_then(|round| round.parse::<u32>().ok()).unwrap_or(0) + 1;
    let asked = request.param("children").unwrap_or_default();
    let asked: HashSet<&str> = asked.split(',').collect();
    let (mut names, mut deeper) = (Vec::new(), Vec::new());
    let mut left = vec![answer];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(list) => left.extend(list.iter().rev()),
            Value::Object(_) if value["kind"] == "more" => {
                let children = value["data"]["children"].as_array().map(Vec::as_slice).unwrap_or_default();
                names.extend(children.iter().filter_map(Value::as_str).filter(|name| is_number(name)));
                let parent = value["data"]["parent_id"].as_str().and_then(|parent| parent.strip_prefix("t1_"));
                deeper.extend(parent.filter(|parent| children.is_empty() && is_number(parent)));
            }
            Value::Object(_) => {
                left.extend([&value["data"]["replies"], &value["data"]["children"], &value["json"]["data"]["things"]]);
            }
            _ => {}
        }
    }
    // Who is asked for what he has left out, and leaves it out again, will not give it.
    let all = names.len();
    names.retain(|name| !asked.contains(name));
    let given_up = all - names.len();
    let from = request.param("comment");
    deeper.retain(|parent| from.as_deref() != Some(*parent));
    if let Some(children) = request.param("children") {
        let sent = |name: &&str| page.posts.iter().any(|found| found.post.id.as_deref() == Some(&format!("t1_{name}")));
        let is_told = |name: &&str| page.skipped.iter().any(|skipped| skipped.at.contains(*name));
        let unsent = children.split(',').filter(|name| !name.is_empty() && !sent(name) && !is_told(name)).count();
        let unread = page.skipped.iter().filter(|skipped| !is_stub(skipped)).count();
        let unsent = unsent.saturating_sub(unread + given_up);
        if unsent > 0 {
            let reason = format!("stands for {unsent} comments that were asked for and did not come");
            page.skipped.push(Skipped { at: "the end".to_owned(), reason });
        }
    }
    if names.is_empty() && deeper.is_empty() {
        return;
    }
    if round > ROUNDS {
        let reason = "leads on and on: what is left out is not asked for any more".to_owned();
        page.skipped.push(Skipped { at: "the end".to_owned(), reason });
        return;
    }
    let Some(base) = base(request) else { return };
    let link = format!("t3_{submission}");
    let batches = names.chunks(NAMES).filter_map(|names| {
        let names = names.join(",");
        let params =
            [("api_type", "json"), ("link_id", &link), ("children", &names), ("sort", "new"), ("raw_json", "1")];
        to(request, &format!("{base}/api/morechildren"), &params)
    });
    let path = format!("{base}/comments/{submission}");
    let trees = deeper.iter().filter_map(|parent| {
        to(request, &path, &[("limit", LIMIT), ("sort", "new"), ("raw_json", "1"), ("comment", parent)])
    });
    let round = round.to_string();
    page.next.extend(batches.chain(trees).map(|next| next.with_mark(ROUND, Some(&round))));
    page.skipped.retain(|skipped| !is_stub(skipped));
    if given_up > 0 {
        let reason = format!("stands for {given_up} comments that were asked for and not sent");
        page.skipped.push(Skipped { at: "the end".to_owned(), reason });
    }
}

/// Whether an item is a stub, and how many comments it stands for says the reason.
fn is_stub(skipped: &Skipped) -> bool {
    skipped.reason.starts_with("stands for ") && skipped.reason.ends_with(LEFT_OUT)
}

/// How the reason of a stub ends.
pub(super) const LEFT_OUT: &str = "comments that were not sent";

fn is_number(name: &str) -> bool {
    (1..=12).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
