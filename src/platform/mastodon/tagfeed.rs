//! The RSS feed of a tag where a server shows the tag's timeline to its own people only.
//!
//! Mastodon offers the feed beside the tag's page, to everybody: its newest twenty posts, without pages behind them, and without
//! languages or authors' names. So it is asked only where no credential was sent and the API refuses the newest page, and the API
//! is asked again by the next pull.

use url::Url;

use super::{NAME, paging};
use crate::exchange::{Exchange, Request};
use crate::model::Skipped;
use crate::platform::{Page, ParseError};

/// Marks the request for a feed with the status and the words of the timeline that refused.
const REFUSED: &str = "refused";

/// The page that leads from a timeline which refuses to the feed of its tag; `None` if there is nothing to lead to.
pub(super) fn instead(exchange: &Exchange, words: &str) -> Option<Page> {
    let (request, status) = (&exchange.request, exchange.response.status);
    let is_newest = paging::is_timeline(exchange) && request.auth.is_none() && request.param("max_id").is_none();
    if !is_newest || !matches!(status, 401 | 403 | 404 | 422) {
        return None;
    }
    let mut url = Url::parse(&request.url).ok()?;
    let tag = url.path().strip_prefix("/api/v1/timelines/tag/").filter(|tag| !tag.is_empty() && !tag.contains('/'))?;
    let path = format!("/tags/{tag}.rss");
    url.set_path(&path);
    url.set_query(None);
    let feed = Request { url: url.into(), ..request.clone() };
    let reason =
        format!("the server answers {status}: {words}; the tag's feed is asked instead, which holds few posts");
    Some(Page {
        shape: "statuses",
        skipped: vec![Skipped { at: "the timeline".to_owned(), reason }],
        next: vec![feed.with_mark(REFUSED, Some(&format!("{status} {words}")))],
        later: Some(paging::anew(request)),
        instead: true,
        ..Page::default()
    })
}

/// What the timeline said, if a feed that was asked in its stead refuses, too.
pub(super) fn refused(exchange: &Exchange) -> Option<ParseError> {
    let mark = exchange.request.mark(REFUSED)?;
    let (status, words) = mark.split_once(' ')?;
    Some(ParseError::Refused { platform: NAME, status: status.parse().ok()?, message: words.to_owned() })
}

/// Says what a feed cannot give.
pub(super) fn tell(exchange: &Exchange, page: &mut Page) {
    if exchange.request.mark(REFUSED).is_none() {
        return;
    }
    let (since, _) = exchange.request.window();
    let mut dates = page.posts.iter().filter_map(|found| found.post.created);
    let reaches = dates.any(|created| since.is_some_and(|since| created.at() < since));
    if !page.posts.is_empty() && !reaches {
        let reason = "what lies behind the feed of a tag is out of reach".to_owned();
        page.skipped.push(Skipped { at: "the end".to_owned(), reason });
    }
}
