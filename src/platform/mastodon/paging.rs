//! Which requests follow a page of a timeline: <https://docs.joinmastodon.org/api/guidelines/#pagination>.
//!
//! A first pull walks back from the newest page with `max_id` until a page is empty. Every later pull climbs from the
//! newest post that is known with `min_id`, which brings the posts that follow it immediately, so that no gap can
//! open however many there are. Only the order of a page counts: ids are numbers, ULIDs or hashes.

use chrono::{DateTime, Utc};
use url::Url;

use crate::exchange::{Exchange, Request};
use crate::platform::Page;

/// Both ends of a page, in the order of the page: ids of two servers do not compare.
#[derive(Default)]
pub(super) struct Ends {
    /// Id of the first item.
    pub(super) newest: Option<String>,
    /// Id of the last item.
    pub(super) oldest: Option<String>,
    /// How many items there are, the skipped among them.
    pub(super) items: usize,
    /// When its posts were written, as far as they say, those outside the window among them.
    pub(super) dated: Vec<DateTime<Utc>>,
}

/// Whether a page of a timeline was asked for.
pub(super) fn is_timeline(exchange: &Exchange) -> bool {
    let path = Url::parse(&exchange.request.url).map(|url| url.path().to_owned()).unwrap_or_default();
    !exchange.server().is_empty() && path.starts_with("/api/v1/timelines/")
}

/// Sets `next` and `later` of a page.
pub(super) fn follow(exchange: &Exchange, ends: Ends, page: &mut Page) {
    if !is_timeline(exchange) {
        return;
    }
    let request = &exchange.request;
    if let Some(min_id) = request.param("min_id") {
        let newest = ends.newest.filter(|id| *id != min_id);
        let after = newest.map(|id| request.with_params(&[("min_id", Some(&id))]));
        // A page that is not full ends the climb. If a server gives less than was asked for, the climb goes on with
        // the next pull, from the same place.
        let asked = request.param("limit").and_then(|limit| limit.parse().ok()).unwrap_or(USUAL_LIMIT);
        if ends.items >= asked {
            page.next.extend(after.clone());
        }
        page.later = Some(after.unwrap_or_else(|| request.clone()));
        return;
    }
    let back = walk_back(exchange, &ends);
    if came_again(request, &ends) {
        page.stuck = Some("the server sends the page again that lies before the one asked for".to_owned());
    }
    if request.param("max_id").is_none() {
        page.later = Some(match &ends.newest {
            Some(id) => climb(request, id, ends.items, back.is_some()),
            // Nothing is known yet; the next pull asks the same.
            None => request.clone(),
        });
    }
    page.next.extend(back);
}

/// Posts on a page when no limit is given.
const USUAL_LIMIT: usize = 20;

/// The request that brings what follows the newest post of a first page.
fn climb(request: &Request, newest: &str, items: usize, more: bool) -> Request {
    let asked = request.param("limit").and_then(|limit| limit.parse().ok()).unwrap_or(USUAL_LIMIT);
    let after = request.with_params(&[("min_id", Some(newest))]);
    // A round number of posts where more were asked for and more are there: the server's own limit, and so the size by
    // which a full page is known later.
    if more && items < asked && items > 0 && items.is_multiple_of(10) {
        return after.with_params(&[("limit", Some(&items.to_string())), ("min_id", Some(newest))]);
    }
    after
}

/// The request for the posts before this page; `None` at the end of the timeline or of the window. A page of a few
/// posts is no end: servers filter what they have counted.
fn walk_back(exchange: &Exchange, ends: &Ends) -> Option<Request> {
    let request = &exchange.request;
    let oldest = ends.oldest.as_deref()?;
    // A server that does not know `max_id` would send the same page for ever.
    if request.param("max_id").as_deref() == Some(oldest) || is_before_window(&ends.dated, request.window().0) {
        return None;
    }
    let by_id = || Some(request.with_params(&[("max_id", Some(oldest))]));
    if exchange.header("link").is_none() {
        return by_id();
    }
    let next = next_link(exchange)?;
    let (here, there) = (Url::parse(&request.url).ok()?, Url::parse(&next));
    match there {
        Ok(mut there) if there.origin() == here.origin() && there.path() == here.path() => {
            there.set_fragment(here.fragment());
            if there == here { by_id() } else { Some(Request { url: there.into(), ..request.clone() }) }
        }
        // Behind some proxies a server takes itself for another (http, an inner name): its word about *more* stands.
        _ => by_id(),
    }
}

fn next_link(exchange: &Exchange) -> Option<String> {
    let mut links = exchange.response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("link"));
    links.find_map(|(_, value)| link(value, "next"))
}

/// Whether this is the page before the one that was asked for: it ends with the post that it should begin behind. (A page of
/// that post alone is the end, on servers that take `max_id` for inclusive.)
fn came_again(request: &Request, ends: &Ends) -> bool {
    ends.items > 1 && ends.oldest.is_some() && ends.oldest == request.param("max_id")
}

/// Whether the page ends before the window: its last three posts do. One alone may be an old post that only now
/// reached the server.
fn is_before_window(dated: &[DateTime<Utc>], since: Option<DateTime<Utc>>) -> bool {
    let Some(since) = since else { return false };
    !dated.is_empty() && dated.iter().rev().take(3).all(|created| *created < since)
}

/// The target of a relation in a `Link` header (RFC 8288).
fn link(header: &str, relation: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        let parameters = after.split_once('<').map_or(after, |(parameters, _)| parameters);
        let is_it = parameters.split([';', ',']).any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel") && value.split_ascii_whitespace().any(|r| r == relation)
        });
        if is_it {
            return Some(target.to_owned());
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::link;

    #[test]
    fn link_headers() {
        let both = r#"<https://a.example/x?max_id=1,2>; rel="next", <https://a.example/x?min_id=3>; rel="prev""#;
        assert_eq!(link(both, "next").as_deref(), Some("https://a.example/x?max_id=1,2"));
        assert_eq!(link(both, "prev").as_deref(), Some("https://a.example/x?min_id=3"));
        assert_eq!(link("<https://a.example/>; rel=next", "next").as_deref(), Some("https://a.example/"));
        for none in ["", "<", "<>;", "<x", r#"<x>; title="rel=next""#] {
            assert_eq!(link(none, "next"), None, "{none}");
        }
    }
}
