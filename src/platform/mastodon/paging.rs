//! Which requests follow a page of a timeline: <https://docs.joinmastodon.org/api/guidelines/#pagination>.
//!
//! A first pull walks back from the newest page with `max_id` until a page is empty. Every later pull climbs with
//! `min_id`, which brings the posts that follow a known one immediately, however many there are.
//! Only the order of a page counts: ids are numbers, ULIDs or hashes.
//!
//! Servers number posts of others by their date, and may get them late: a catch-up climbs from the post just before those of the
//! last ten minutes that were seen, half a page less one at most. Servers leave posts out of a page after they have counted, so that
//! a climb ends only at a page that is not half full; a pull without news is one such page. Where a pull comes no further than the
//! one before, it looks behind that page all the same, ever more seldom.
//!
//! Some servers send their newest page instead, and what lies below it would never come. Each page of a climb must therefore
//! hold the post that is known to follow; a full page without it is checked by asking for what lies between. Where a page is empty, the
//! newest page must show older posts.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::coverage::{Seen, second_after};
use crate::exchange::{Exchange, FROM, Request};
use crate::platform::Page;
use crate::platform::live::known_until;

/// Marks a request that climbs on, with [`Back`].
const BACK: &str = "back";

/// Marks a request that climbs: the id of the post that follows the one it climbs from. An honest page has it.
const NEXT: &str = "next-known";

/// Marks a request that checks a page of a climb; [`Back`] says where that goes on.
const CHECK: &str = "check";

/// Marks a request for the newest page: the post from which a page of a climb begins that brought nothing, though a post was known to
/// follow.
const EMPTY: &str = "empty-climb";

/// Marks a request that climbs: how many pulls before it have begun with the same post and come no further.
const STILL: &str = "still";

/// What a page holds, in the order of the page: ids of two servers do not compare.
#[derive(Default)]
pub(super) struct Ends {
    /// Id and time of its items, as far as they have some, newest first.
    pub(super) posts: Vec<(String, Option<DateTime<Utc>>)>,
    /// How many items there are, the skipped among them.
    pub(super) items: usize,
    /// When its posts were written, as far as they say, those outside the window among them.
    dated: Vec<DateTime<Utc>>,
}

impl Ends {
    /// Notes when the latest item was written.
    pub(super) fn date(&mut self, at: DateTime<Utc>) {
        if let Some((_, time)) = self.posts.last_mut() {
            time.get_or_insert(at);
            self.dated.push(at);
        }
    }

    fn newest(&self) -> Option<&str> {
        self.posts.first().map(|(id, _)| id.as_str())
    }

    fn oldest(&self) -> Option<&str> {
        self.posts.last().map(|(id, _)| id.as_str())
    }

    /// How many posts of the page, from its newest on, are of the last minutes.
    fn recent(&self, seen_at: DateTime<Utc>) -> usize {
        let Some(newest) = self.dated.iter().max() else { return 0 };
        let since = known_until(*newest, seen_at);
        self.posts.iter().rposition(|(_, at)| at.is_some_and(|at| at > since)).map_or(0, |last| last + 1)
    }
}

/// The request without what it knows of the page before.
pub(super) fn anew(request: &Request) -> Request {
    request.with_mark(BACK, None)
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
    page.seen = Some(Seen::of(ends.posts.iter().map(|(_, at)| *at), exchange.fetched_at));
    if let Some(min_id) = request.param("min_id") {
        return climb_on(exchange, &ends, &min_id, page);
    }
    if request.mark(CHECK).is_some() {
        return check(exchange, &ends, page);
    }
    if let Some(known) = request.mark(EMPTY) {
        return look_again(exchange, &ends, &known, page);
    }
    let back = walk_back(exchange, &ends);
    if came_again(request, &ends) {
        page.came_again();
    }
    if request.param("max_id").is_none() {
        page.later = Some(begin(exchange, &ends, back.is_some()));
    }
    // Behind posts without ids nothing can be asked for.
    page.torn = ends.items > 0 && ends.posts.is_empty();
    page.next.extend(back);
}

/// Goes on with a climb from the post of that id, and says where the next one begins.
fn climb_on(exchange: &Exchange, ends: &Ends, min_id: &str, page: &mut Page) {
    page.climbs = true;
    let (request, before) = (&exchange.request, Back::of(&exchange.request));
    let asked = limit(request);
    let most = most(asked);
    let follows = request.mark(NEXT).is_some_and(|known| ends.posts.iter().any(|(id, _)| *id == known));
    // One known post at least, so that the first page can be known by it.
    let overlap = ends.recent(exchange.fetched_at).max(1).min(most);
    let new = ends.posts.len() - usize::from(follows && before.is_some());
    let starts = before.iter().flat_map(|before| &before.starts);
    let starts = match Start::at(ends, overlap) {
        Some(start) => vec![start, Start::at(ends, overlap / 2).unwrap_or_else(|| Start::asked(request, ends, min_id))],
        // All of it is recent: so may the end of the page before be.
        None => starts
            .map(|start| Start { overlap: start.overlap + new, ..start.clone() })
            .filter(|start| start.overlap <= most)
            .chain([Start::asked(request, ends, min_id)])
            .collect(),
    };
    let later = starts.first().map(|start| start.request(request));
    // Whether the next begins with the same post again, since nothing new came.
    let still = request.mark(STILL).and_then(|still| still.parse::<u32>().ok()).unwrap_or(0);
    let still = match &before {
        None if later.as_ref().and_then(|later| later.param("min_id")).as_deref() == Some(min_id) => {
            still.saturating_add(1)
        }
        Some(_) if new == 0 => still,
        _ => 0,
    };
    let standing = |request: Request| request.with_mark(STILL, Some(still.to_string().as_str()).filter(|_| still > 0));
    page.later = later.map(standing);
    let (Some(oldest), Some(newest)) = (ends.oldest(), ends.newest()) else {
        // Behind posts without ids nothing can be asked for.
        page.torn = ends.items > 0;
        if ends.items == 0 && request.mark(NEXT).is_some() {
            let again = request.with_params(&[("min_id", None)]).with_mark(NEXT, None);
            page.next.push(again.with_mark(EMPTY, Some(min_id)));
        }
        return;
    };
    // A page that is not half full ends the climb, unless it looks like a limit of the server's own.
    let at_limit = ends.items >= USUAL_LIMIT && ends.items.is_multiple_of(10);
    let is_no_smaller = before.as_ref().map_or(at_limit, |before| ends.items > 1 && ends.items >= before.items);
    let looks_behind = before.is_none() && still > 1 && still.is_power_of_two();
    let is_full = ends.items * 2 > asked || is_no_smaller || looks_behind;
    // A server that does not know `min_id` sends its newest page, and the post to begin behind somewhere in it: that is all there is.
    let is_in_it = ends.posts.iter().rev().skip(1).any(|(id, _)| id == min_id);
    if !is_full || is_in_it || newest == min_id {
        return;
    }
    let Some(on) = Start::at(ends, 1).or_else(|| Start::at(ends, 0)) else { return };
    let back = Back { items: ends.items, starts, on: None };
    if follows {
        page.next.push(back.marks(&standing(on.request(request))));
        return;
    }
    page.seen = page.seen.map(Seen::without_reach);
    let between = [("min_id", None), ("since_id", Some(min_id)), ("max_id", Some(oldest))];
    let check = request.with_params(&between).with_mark(NEXT, None).with_mark(CHECK, Some(""));
    page.next.push(Back { on: Some(on), ..back }.marks(&check));
}

/// Reads what a server sends of the time between the known post and a page of a climb. Nothing, if that page followed the
/// known post; but a server that sends its newest page whatever `min_id` says, or takes it for `since_id`, has more: then
/// all of it is read, back to the known post, before the climb goes on.
fn check(exchange: &Exchange, ends: &Ends, page: &mut Page) {
    let request = &exchange.request;
    let known = request.param("since_id");
    let has_known = ends.posts.iter().any(|(id, _)| Some(id) == known.as_ref());
    let Some((back, on)) = Back::of(request).and_then(|back| Some((back.clone(), back.on?))) else {
        // Where the climb goes on is lost, and with it what lies above.
        page.torn = true;
        return;
    };
    // What lies above the page of the climb is still to be read.
    page.climbs = true;
    page.seen = page.seen.map(Seen::without_reach);
    // Some servers take `max_id` for inclusive.
    let is_end = has_known || (ends.items == 1 && request.param("max_id").as_deref() == ends.oldest());
    match ends.oldest().filter(|_| !is_end) {
        Some(_) if came_again(request, ends) => page.came_again(),
        Some(oldest) => page.next.push(request.with_params(&[("max_id", Some(oldest))])),
        None => {
            let more = next_link(exchange).filter(|_| ends.items == 0 && !is_end);
            if let Some(further) = more.and_then(|next| linked(exchange, &next)) {
                // All of the page was left out after it was counted.
                page.next.push(further);
                return;
            }
            page.torn = ends.items > ends.posts.len();
            let request = request.with_params(&[("since_id", None), ("max_id", None)]).with_mark(CHECK, None);
            page.next.push(Back { on: None, ..back }.marks(&on.request(&request)));
        }
    }
}

/// Reads the newest page after a climb that brought nothing. If it reaches down to where the climb began, what was known to follow is
/// gone; a server that shows nothing at all has lost more than that.
fn look_again(exchange: &Exchange, ends: &Ends, known: &str, page: &mut Page) {
    let begun = exchange.request.mark(FROM).and_then(|from| from.parse::<DateTime<Utc>>().ok());
    let is_older = |(id, at): &(String, Option<DateTime<Utc>>)| {
        id == known || at.is_some_and(|at| begun.is_some_and(|begun| at < begun))
    };
    page.climbs = true;
    page.torn = !ends.posts.iter().any(is_older);
    page.later = Some(begin(exchange, ends, false)).filter(|_| !page.torn);
}

/// Where the next pull may begin to climb.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Start {
    /// How many posts it reads again.
    overlap: usize,
    /// The post behind which it begins.
    id: String,
    /// The second after that was written: more of its second may lie behind the page. Of the posts before it the newest counts, since up
    /// to two may stand out of order.
    from: Option<DateTime<Utc>>,
    /// The post that follows it.
    next: Option<String>,
}

impl Start {
    /// Behind so many posts of a page, if it has more.
    fn at(ends: &Ends, overlap: usize) -> Option<Start> {
        let (id, _) = ends.posts.get(overlap)?;
        let from = ends.posts.iter().skip(overlap).take(3).filter_map(|(_, at)| *at).max().map(second_after);
        let next = overlap.checked_sub(1).and_then(|next| ends.posts.get(next)).map(|(id, _)| id.clone());
        Some(Start { overlap, id: id.clone(), from, next })
    }

    /// Where this page of a climb begins.
    fn asked(request: &Request, ends: &Ends, min_id: &str) -> Start {
        let from = request.mark(FROM).and_then(|from| from.parse().ok());
        let next = ends.oldest().map(str::to_owned).or_else(|| request.mark(NEXT));
        Start { overlap: ends.posts.len(), id: min_id.to_owned(), from, next }
    }

    /// The request that begins there.
    fn request(&self, request: &Request) -> Request {
        let from = self.from.map(|from| from.to_rfc3339_opts(SecondsFormat::Secs, true));
        let request = request.with_params(&[("min_id", Some(&self.id))]);
        let request = [BACK, EMPTY, STILL].into_iter().fold(request, |request, mark| request.with_mark(mark, None));
        request.with_mark(FROM, from.as_deref()).with_mark(NEXT, self.next.as_deref())
    }
}

/// What a request that climbs on knows of the page before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Back {
    /// How many posts it holds.
    items: usize,
    /// Where the look-back may begin, the furthest back first.
    starts: Vec<Start>,
    /// Where the climb goes on when a page of it has been checked.
    on: Option<Start>,
}

impl Back {
    fn of(request: &Request) -> Option<Back> {
        serde_json::from_str(&request.mark(BACK)?).ok()
    }

    fn marks(&self, request: &Request) -> Request {
        request.with_mark(BACK, serde_json::to_string(self).ok().as_deref())
    }
}

/// The most posts that a catch-up looks back: with half a page, a page that a server has thinned out leads on, too.
fn most(limit: usize) -> usize {
    (limit / 2).saturating_sub(1)
}

fn limit(request: &Request) -> usize {
    request.param("limit").and_then(|limit| limit.parse().ok()).unwrap_or(USUAL_LIMIT)
}

/// Posts on a page when no limit is given.
const USUAL_LIMIT: usize = 20;

/// The request that brings what follows the posts of a first page.
fn begin(exchange: &Exchange, ends: &Ends, more: bool) -> Request {
    let (request, asked) = (&exchange.request, limit(&exchange.request));
    // A round number of posts where more were asked for and more are there: the server's own limit, and so the size by
    // which a full page is known later.
    let own = Some(ends.items).filter(|items| more && *items < asked && *items > 0 && items.is_multiple_of(10));
    let back = ends.recent(exchange.fetched_at).max(1).min(most(own.unwrap_or(asked)));
    // Nothing is known yet: the next pull asks the same.
    let start = Start::at(ends, back).or_else(|| Start::at(ends, ends.posts.len().checked_sub(1)?));
    let Some(start) = start else { return request.clone() };
    match own {
        Some(own) => start.request(&request.with_params(&[("limit", Some(&own.to_string()))])),
        None => start.request(request),
    }
}

/// The request for the posts before this page; `None` at the end of the timeline or of the window. A page of a few
/// posts is no end: servers filter what they have counted.
fn walk_back(exchange: &Exchange, ends: &Ends) -> Option<Request> {
    let request = &exchange.request;
    // A server may leave all posts out of a page after it has counted: its word about more stands.
    let Some(oldest) = ends.oldest() else {
        return linked(exchange, &next_link(exchange)?).filter(|_| ends.items == 0);
    };
    // A server that does not know `max_id` would send the same page for ever.
    if request.param("max_id").as_deref() == Some(oldest) || is_before_window(&ends.dated, request.window().0) {
        return None;
    }
    let by_id = || Some(request.with_params(&[("max_id", Some(oldest))]));
    if exchange.header("link").is_none() {
        return by_id();
    }
    match next_link(exchange) {
        // Behind some proxies a server takes itself for another (http, an inner name): its word about *more* stands.
        Some(next) => linked(exchange, &next).or_else(by_id),
        // A full page that names only what is newer says nothing of what is older.
        None if ends.items >= limit(request) => by_id(),
        None => None,
    }
}

/// The request that a link leads to, if it goes on with the same timeline.
fn linked(exchange: &Exchange, next: &str) -> Option<Request> {
    let request = &exchange.request;
    let (here, mut there) = (Url::parse(&request.url).ok()?, Url::parse(next).ok()?);
    if there.origin() != here.origin() || there.path() != here.path() {
        return None;
    }
    there.set_fragment(here.fragment());
    keep_tags(&here, &mut there);
    (there != here).then(|| Request { url: there.into(), ..request.clone() })
}

/// The tags that a post must and must not carry are left out of Mastodon's own links.
fn keep_tags(here: &Url, there: &mut Url) {
    for name in ["all[]", "none[]"] {
        if !there.query_pairs().any(|(key, _)| key == name) {
            let tags: Vec<_> = here.query_pairs().filter(|(key, _)| key == name).collect();
            if !tags.is_empty() {
                there.query_pairs_mut().extend_pairs(tags);
            }
        }
    }
}

fn next_link(exchange: &Exchange) -> Option<String> {
    let mut links = exchange.response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("link"));
    links.find_map(|(_, value)| link(value, "next"))
}

/// Whether this is the page before the one that was asked for: it ends with the post that it should begin behind. (A page of
/// that post alone is the end, on servers that take `max_id` for inclusive.)
fn came_again(request: &Request, ends: &Ends) -> bool {
    ends.items > 1 && ends.oldest().is_some_and(|oldest| request.param("max_id").as_deref() == Some(oldest))
}

/// Whether the page ends before the window: its last three posts do, and most of the others. Some alone may be old posts that only now
/// reached the server.
fn is_before_window(dated: &[DateTime<Utc>], since: Option<DateTime<Utc>>) -> bool {
    let Some(since) = since else { return false };
    let is_before = |created: &&DateTime<Utc>| **created < since;
    let ends_before = !dated.is_empty() && dated.iter().rev().take(3).all(|created| is_before(&created));
    ends_before && dated.iter().filter(is_before).count() * 2 > dated.len()
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
