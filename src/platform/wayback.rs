//! The Wayback Machine: what it keeps of X, by its index (CDX) and its captures (mementos).
//!
//! An account's posts are found by the addresses that they have at X. Without an account, captures of X's own pages of the
//! hashtag are read: `/hashtag/TAG` and `/search?q=%23TAG`; a search whose address begins otherwise is not found. Neither is what was kept
//! under `mobile.twitter.com`, on a Nitter server, or by a crawl that is not public.
//!
//! The index sorts by address, so that what comes first is not the newest. Posts keep the platform X, and its parsers read them.
//! When a capture was made is no time of a post: it is when its counts were seen. Since 2020 most captures of pages are empty
//! frames or ask for a log-in; those are passed over. Captures that repeat an earlier one (`warc/revisit`) have no status in
//! the index and do not come; the earlier one does.

mod index;
mod memento;

use url::Url;

use super::printed::embeds::archived;
use super::x;
use super::{Guide, Live, Page, ParseError, Platform, Shape, Source, SourceError};
use crate::coverage::{Paging, Reach};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::model::Post;

/// The Wayback Machine.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: TITLE,
    cited: Some(|_| None),
    about: "posts of X that the Wayback Machine keeps: an account's that carry a hashtag, and the hashtag's own pages",
    live: Some(LIVE),
    one: Some(one),
    shapes: &[Shape {
        name: SHAPE,
        what: "a capture of a page of X or of a tweet's JSON, and the index that leads to captures",
        told_by: "the address of the Wayback Machine from which it was pulled; as a file it is read as what it holds",
        lacks: "what the page or the JSON lacks; captures of X's pages since 2020 mostly show no post",
    }],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

const NAME: &str = "wayback";

const TITLE: &str = "Wayback Machine";

const SHAPE: &str = "capture";

const SERVER: &str = "https://web.archive.org";

/// How the Wayback Machine is asked.
const LIVE: Live = Live {
    first: index::first,
    together: None,
    session: None,
    authorize: None,
    token: TokenPlace::Bearer,
    needs_credential: false,
    check: |source| {
        let params = [("url", "example.com"), ("output", "json"), ("limit", "1")];
        Ok(source.get(&source.base_of(TITLE, SERVER)?, &index::PATH, &params))
    },
    count: None,
    price: None,
    stream: None,
    rate: (15, 60),
    per_request: 20,
    paging: Paging {
        reach: |_| Reach::None,
        seeks: false,
        guarantee: "what somebody happened to have kept: no stretch of time can be called covered",
    },
    guide: Guide {
        access: "nothing is needed",
        scope: "",
        cost: "free",
        limits: "one request for each capture, and two for the index; about 15 in a minute: who ignores its 429 for a minute is locked \
                 out for an hour, so that the pause is doubled with each",
        missing: "what nobody had kept, and what was kept as an empty frame or a log-in (most pages since 2020); captures that the \
                  index takes up more than a day late; pages kept under mobile.twitter.com",
        example: "sources = [\"wayback\", \"wayback:@amina_gate\"]\n",
    },
};

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let url = Url::parse(&exchange.request.url).ok().filter(|url| url.has_host() && url.scheme() != "file");
    let url = url.ok_or_else(|| misfit("was not pulled from the Wayback Machine"))?;
    if url.path().ends_with("/cdx/search/cdx") {
        return index::read(exchange);
    }
    match memento::Address::of(&exchange.request.url) {
        Some(address) => memento::read(exchange, &address),
        None => Err(misfit("is no address of the Wayback Machine")),
    }
}

/// The request for a capture by its address, `https://web.archive.org/web/TIME/ADDRESS`.
fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    url.host_str().filter(|host| matches!(*host, "web.archive.org" | "wayback.archive.org"))?;
    let original = archived(url.as_str())?;
    post_of(original)?;
    let path = url.path().trim_start_matches('/');
    let time: String = path.strip_prefix("web/")?.chars().take_while(char::is_ascii_digit).collect();
    // Without a time the newest capture is meant.
    let time = if time.is_empty() { "2" } else { &time };
    Some(
        memento::request(source, time, original)
            .map(|request| if thread { request } else { request.with_mark(memento::ALONE, Some("")) }),
    )
}

/// The post of X that an address leads to.
fn post_of(address: &str) -> Option<Post> {
    x::PLATFORM.post_at?(&Url::parse(address).ok()?)
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// An answer that is an error.
fn refused(status: u16, text: &str) -> ParseError {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('<'));
    let message = line.unwrap_or("no reason given").chars().take(200).collect();
    ParseError::Refused { platform: NAME, status, message }
}
