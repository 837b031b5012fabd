//! A feed asked again and again: what it shows, each time, and nothing before that.
//!
//! The place of the source is the feed's address. Entries are kept that carry the tag as a category, or hold it as a word. A feed
//! that a platform knows for its own is read by that platform, which knows whose the words are. Servers are not asked
//! whether the feed has changed: every pull is a whole capture of it.

use url::Url;

use super::{NAME, PLATFORM};
use crate::coverage::{Paging, Reach};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::Post;
use crate::platform::scope::WORD;
use crate::platform::{ALL, Guide, Live, Page, Query, Source, SourceError};

/// How a feed is asked.
pub(super) const LIVE: Live = Live {
    first,
    together: None,
    session: None,
    authorize: None,
    token: TokenPlace::Bearer,
    needs_credential: false,
    check: |source| Ok(Request { auth: source.credential.clone(), ..Request::get(address(source)?) }),
    stream: None,
    count: None,
    price: None,
    rate: (60, 3600),
    per_request: 100,
    paging: Paging {
        reach: |_| Reach::Few,
        seeks: false,
        guarantee: "a feed shows its newest entries only: covered is what two looks that overlap have seen between them",
    },
    guide: Guide {
        access: "the address of a feed (RSS, Atom, JSON) that anybody may read",
        scope: "",
        cost: "free",
        limits: "one request a pull; as many entries as the feed shows, often 10 to 50: pull more often than they change",
        missing: "entries that came and went between two pulls; handles, where no platform knows the feed for its own",
        example: "sources = [\"feed:https://news.example/feed.xml\"]\n",
    },
};

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let request = Request { auth: source.credential.clone(), ..Request::get(address(source)?) };
    Ok(query.mark(&request).with_mark(WORD, Some(query.first_tag())))
}

fn address(source: &Source) -> Result<Url, SourceError> {
    let place = source.place.as_deref().unwrap_or_default();
    let mut url = Url::parse(place)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| SourceError(format!("{place:?} is no address of a feed: write \"feed:https://…\"")))?;
    url.set_fragment(None);
    if source.server.is_some() {
        let mut base = source.base_of(NAME, "")?;
        base.set_path(url.path());
        base.set_query(url.query());
        return Ok(base);
    }
    Ok(url)
}

/// What another platform makes of a feed that was asked for here, if it knows it for its own, and the feed is of the site whose
/// posts it shows.
pub(super) fn of_another(exchange: &Exchange) -> Option<Page> {
    exchange.request.mark(WORD)?;
    let others = ALL.iter().take_while(|platform| platform.name != PLATFORM.name);
    let page = others.filter_map(|platform| (platform.parse)(exchange).ok()).find(|page| !page.posts.is_empty())?;
    // Any site may write what looks like another's feed: whose the words are, only the site itself can tell.
    let host = Url::parse(&exchange.request.url).ok()?;
    let is_own =
        |post: &Post| post.url.as_deref().and_then(|url| Url::parse(url).ok()).is_some_and(|url| is_of(&url, &host));
    page.posts.iter().filter(|found| !found.nested).all(|found| is_own(&found.post)).then_some(page)
}

/// Whether an address belongs to the site whose feed another is: one host is the other, or lies below it.
fn is_of(url: &Url, feed: &Url) -> bool {
    let host = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
    let (Some(own), Some(feed)) = (host(url), host(feed)) else { return false };
    own == feed || own.ends_with(&format!(".{feed}")) || feed.ends_with(&format!(".{own}"))
}

/// Has a feed that was asked for asked again: it leads nowhere else.
pub(super) fn follow(exchange: &Exchange, page: &mut Page) {
    let request = &exchange.request;
    if request.mark(WORD).is_some() {
        page.next.clear();
        page.later = Some(request.clone());
    }
}
