//! The registry of platforms, and what a platform is: a value made of pure functions.
//!
//! A platform says which request to send for a query and turns an answer into posts. It does no I/O, reads no clock
//! and draws no random number: the same bytes always give the same posts. To add one, write its file, and name it in
//! the two lists below; its name stands nowhere else in the code.

mod article;
mod bluesky;
mod feed;
mod hackernews;
mod instagram;
pub mod json;
mod lemmy;
mod live;
mod mastodon;
mod meta;
mod misskey;
mod printed;
mod reddit;
mod scope;
mod telegram;
mod threads;
mod tiktok;
mod tumblr;
mod wayback;
mod words;
mod x;
mod xml;
mod youtube;

use serde::Serialize;
use url::Url;

pub use live::{
    Authorize, Check, Count, Counted, First, Fit, Glance, Guide, Keep, Live, More, One, OpenStream, Packed, Price,
    Query, Resume, Source, SourceError, Stream, Together, Trade,
};

pub use printed::inline::{is_picture, is_shortened};
pub use printed::signature;

use crate::coverage::Seen;
use crate::exchange::{BodyError, Exchange, Request};
use crate::model::{Deletion, Found, Handle, Post, Skipped};
use crate::query::Numbered;
use crate::quote::Venue;
use crate::text::page::Shown;

/// Every platform, in the order in which their parsers are offered an unknown file: the most particular shape first.
pub const ALL: &[&Platform] = &[
    &mastodon::PLATFORM,
    &misskey::PLATFORM,
    &bluesky::PLATFORM,
    &x::PLATFORM,
    &hackernews::PLATFORM,
    &youtube::PLATFORM,
    &reddit::PLATFORM,
    &telegram::PLATFORM,
    &tiktok::PLATFORM,
    &threads::PLATFORM,
    &instagram::PLATFORM,
    &tumblr::PLATFORM,
    &lemmy::PLATFORM,
    &wayback::PLATFORM,
    &feed::PLATFORM,
    &article::PLATFORM,
];

/// The platform of that name.
pub fn by_name(name: &str) -> Option<&'static Platform> {
    ALL.iter().copied().find(|platform| platform.name == name)
}

/// The platform whose ids are numbers that grow with time, and tell it.
pub const NUMBERED: Numbered = Numbered { platform: x::PLATFORM.name, time: x::time_of };

/// The address of the post of a native id alone, as lists of ids have them; `None` where an id alone leads nowhere. Lists that name
/// no platform are of the one whose ids are numbers.
pub fn address_of_id(platform: Option<&str>, id: &str) -> Option<String> {
    platform.is_none_or(|name| name == x::PLATFORM.name).then(|| x::address_of_id(id))?
}

/// The URI of the post that an address leads to; see [`post_at`].
pub fn uri_at(address: &str) -> Option<String> {
    post_at(address)?.uri
}

/// The post that an address leads to, with what the address alone tells: platform, id, perhaps handle and time. `None`
/// if no platform knows it as a post's.
pub fn post_at(address: &str) -> Option<Post> {
    let url = address_of(address)?;
    ALL.iter().find_map(|platform| platform.post_at?(&url))
}

/// Whose profile an address leads to: the platform and the handle. `None` if no platform knows it as a profile's, or if
/// it names the account by a number alone.
pub fn profile_at(address: &str) -> Option<(&'static Platform, Handle)> {
    let url = Url::parse(address.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    // Addresses of those that run on many servers look like those of others, which are asked before.
    ALL.iter().rev().find_map(|platform| Some((*platform, platform.profile_at?(&url)?)))
}

/// The posts that a page shows without a word of them, by the node that a script is to fill, or that is a frame.
pub fn shown_bare(html: &scraper::Html) -> Vec<(ego_tree::NodeId, Shown)> {
    let embeds = ALL.iter().filter_map(|platform| platform.embeds).flat_map(|embeds| embeds(html));
    let bare = embeds.filter_map(|embed| {
        let post = embed.posts.into_iter().next()?.ok().filter(|post| post.text.is_empty())?;
        // What it shows instead may be words of the post after all.
        let wordless = post.doubts.iter().all(|doubt| printed::embeds::is_of_bare(doubt));
        Some((embed.node, Shown { address: post.url.or(post.uri)?, wordless }))
    });
    let framed = printed::embeds::elements(html, &["iframe", "oembed"]).filter_map(|frame| {
        let named = crate::text::attribute(frame.value(), "url").map(str::to_owned);
        let address = printed::embeds::addresses(frame).chain(named).find(|address| is_embedded(address))?;
        Some((frame.id(), Shown { address, wordless: true }))
    });
    framed.chain(bare).collect()
}

/// Whether an address leads to a post of a platform whose posts others embed.
pub fn is_embedded(address: &str) -> bool {
    post_at(address).and_then(|post| by_name(&post.platform)).is_some_and(|platform| platform.embeds.is_some())
}

/// What the embed of a platform puts behind the words of a post for something that is attached to it: an address that
/// stands for a picture, or words.
pub fn is_added(words: &str) -> bool {
    is_picture(words) || words == bluesky::MARKER
}

/// An address as platforms take it ([`PostAt`]); `None` if it is none of the web or of a post.
pub fn address_of(address: &str) -> Option<Url> {
    let address = address.trim();
    // A DID is no host: without the slashes before it, an at-URI is an address to the parser, too.
    let parsed = match address.strip_prefix("at://") {
        Some(rest) => Url::parse(&format!("at:{rest}")),
        None => Url::parse(address),
    };
    parsed.ok().filter(|url| matches!(url.scheme(), "http" | "https" | "at"))
}

/// A place where people react, or where reactions are quoted.
#[derive(Debug)]
pub struct Platform {
    /// Name in config, database and JSON: lower case.
    pub name: &'static str,
    /// Name as printed for people.
    pub title: &'static str,
    /// How a citation names the site of a post; `None` if it is the title, and a post of it is called a post.
    pub cited: Option<Cited>,
    /// One line for `pullquote platforms`: what it can give, and what not.
    pub about: &'static str,
    /// How it is asked for a hashtag; `None` if it can only be imported.
    pub live: Option<Live>,
    /// The request for one post by its address; `None` if it cannot be asked for one.
    pub one: Option<One>,
    /// The shapes that `parse` knows; every page it gives names one of them.
    pub shapes: &'static [Shape],
    /// Turns an answer, or a file of the same shape, into posts.
    pub parse: Parse,
    /// What the address of a post tells; `None` if addresses tell nothing.
    pub post_at: Option<PostAt>,
    /// Finds this platform's embeds in a published page; `None` if it has no embed form.
    pub embeds: Option<Embeds>,
    /// Whose profile an address leads to; `None` if addresses do not tell.
    pub profile_at: Option<ProfileAt>,
}

impl Platform {
    /// The site of a post as citations name it; `None` where the platform is only a way to come by posts.
    pub fn venue(&self, post: &Post) -> Option<Venue> {
        match self.cited {
            Some(cited) => cited(post),
            None => Some(Venue::new(self.title, "Post")),
        }
    }

    /// Reads an answer, and leaves out of it what does not belong to what was asked. Some parsers have done that before, since the
    /// rest leads on: twice is as once.
    ///
    /// # Errors
    /// The parser's own.
    pub fn read(&self, exchange: &Exchange) -> Result<Page, ParseError> {
        let mut page = (self.parse)(exchange)?;
        if page.seen.is_none() {
            let of_its_own = page.posts.iter().filter(|found| !found.nested);
            let dates = of_its_own.map(|found| found.post.created.map(|when| when.at()));
            page.seen = Some(Seen::of(dates, exchange.fetched_at));
        }
        scope::narrow(&mut page, &exchange.request);
        Ok(page)
    }
}

/// A shape in which posts of a platform come: a row of docs/platforms.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Short name in lower case, unique in the platform: `graphql`.
    pub name: &'static str,
    /// What it is, and where people have it from.
    pub what: &'static str,
    /// By what content it is told.
    pub told_by: &'static str,
    /// What it cannot give, or gives only in part; empty if it gives everything that a post has.
    pub lacks: &'static str,
}

/// How a citation names the site of a post, as it was called when the post was written. `None` for what is no site.
pub type Cited = fn(&Post) -> Option<Venue>;

/// Turns an answer into posts. [`ParseError::NotThisShape`] when the body is something else altogether.
pub type Parse = fn(&Exchange) -> Result<Page, ParseError>;

/// The post that an address leads to: its identity, and what the address itself proves; no words, nothing guessed.
/// `None` if the address is not one of this platform's posts. An at-URI comes as `at:did:…`, without slashes.
pub type PostAt = fn(&Url) -> Option<Post>;

/// The handle of the account to whose profile an address leads. `None` if it is not one of this platform's profiles, or
/// names the account in another way.
pub type ProfileAt = fn(&Url) -> Option<Handle>;

/// Finds a platform's embeds in a page, in any order: their nodes tell it. Does not touch what other platforms embed.
pub type Embeds = fn(&scraper::Html) -> Vec<Embed>;

/// What was found in one capture.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Page {
    /// Name of the [`Shape`] in which they came.
    pub shape: &'static str,
    /// Posts in reading order; a nested post (the quoted, the reposted) follows the one that holds it.
    pub posts: Vec<Found>,
    /// Items that could not be read or are doubtful, each with its place.
    pub skipped: Vec<Skipped>,
    /// Posts that are gone, as it says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deleted: Vec<Deletion>,
    /// Requests that go on where this page ends. Each keeps the origin and `auth` of the one that led here.
    pub next: Vec<Request>,
    /// The request that will bring what is newer than everything seen so far, for the next pull. Only a page at the
    /// newest end gives one; a page reached by walking back gives `None`.
    pub later: Option<Request>,
    /// Why the walk cannot go on from here though it should, such as a page that was sent before: its posts are kept, the
    /// source counts as failed, and the next pull asks for this page again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stuck: Option<String>,
    /// Whether the page belongs to a walk that climbs from a known post towards the newest.
    #[serde(skip)]
    pub climbs: bool,
    /// Whether the walk passed something over, or ends here although more may lie behind: then it covers no more than the pages
    /// before this one showed.
    #[serde(skip)]
    pub torn: bool,
    /// Whether the page refuses, and leads to another that may show some of the same.
    #[serde(skip)]
    pub instead: bool,
    /// How far its posts reach, those among them that do not belong to what was asked. [`Platform::read`] sets it from the posts
    /// where `parse` has not, because it leaves out much itself, mixes lists, or knows that nothing follows from them.
    #[serde(skip)]
    pub seen: Option<Seen>,
}

impl Page {
    /// Ends a walk at a page that came before.
    fn came_again(&mut self) {
        self.stuck = Some("the server sends the page again that lies before the one asked for".to_owned());
    }

    /// Ends a walk at a page that names itself as the one behind it.
    fn stands_still(&mut self) {
        self.stuck = Some("the server names the page that was asked for as the one behind it".to_owned());
    }
}

/// Why a capture gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// The body is not what this platform sends; names the first thing that did not fit.
    #[error("not a shape of {platform}: {misfit}")]
    NotThisShape {
        /// Name of the platform asked.
        platform: &'static str,
        /// The first thing that did not fit.
        misfit: String,
    },
    /// The body is of this shape but is cut or broken.
    #[error("{platform} answer is broken: {what}")]
    Broken {
        /// Name of the platform asked.
        platform: &'static str,
        /// What is wrong and where (line and column).
        what: String,
    },
    /// The server answered with an error.
    #[error("{platform} answered {status}: {message}")]
    Refused {
        /// Name of the platform asked.
        platform: &'static str,
        /// HTTP status.
        status: u16,
        /// The server's own words, shortened to a line.
        message: String,
    },
    /// The server answered that a quota is used up, or that it does not take the credential: it will refuse every other request,
    /// too.
    #[error("{platform} answered {status}: {message}")]
    Closed {
        /// Name of the platform asked.
        platform: &'static str,
        /// HTTP status.
        status: u16,
        /// The server's own words, shortened to a line.
        message: String,
    },
    /// The bytes cannot be decoded.
    #[error(transparent)]
    Body(#[from] BodyError),
}

/// An embed found in a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Embed {
    /// The node that holds it, for telling page order.
    pub node: ego_tree::NodeId,
    /// The post, or why there is none. Pages put several into one node, or leave out what ends it.
    pub posts: Vec<Result<Post, String>>,
}

/// The lines of a file of JSON lines with their numbers (from 1) and places in bytes; empty lines are left out. Only `\n` ends a line:
/// texts hold U+2028 and U+2029.
pub fn lines(body: &str) -> impl Iterator<Item = (usize, &str)> {
    body.split('\n')
        .enumerate()
        .map(|(i, line)| (i + 1, line.trim_matches(['\r', ' ', '\t', '\u{feff}'])))
        .filter(|(_, line)| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{post_at, profile_at};

    #[test]
    fn addresses_lead_to_posts() {
        let uri = |address: &str| post_at(address).and_then(|post| post.uri);
        let at = "at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3krvabcdefg2a";
        assert_eq!(uri(at).as_deref(), Some(at));
        assert_eq!(uri(" https://twitter.com/ada_moss/status/20?s=20 ").as_deref(), Some("https://x.com/i/status/20"));
        for nothing in ["", "at://", "at:did:plc:x", "ftp://x.com/ada_moss/status/20", "x.com/ada_moss/status/20"] {
            assert_eq!(uri(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn addresses_lead_to_profiles() {
        for (address, expected) in [
            ("https://twitter.com/ada_moss?ref_src=twsrc%5Etfw", Some("x ada_moss")),
            ("https://x.com/ada_moss/", Some("x ada_moss")),
            ("https://x.com/ada_moss/status/20", None),
            ("https://x.com/hashtag/harbour?src=hash", None),
            ("https://x.com/search", None),
            ("https://bsky.app/profile/ada.example", Some("bluesky ada.example")),
            ("https://bsky.app/profile/did:plc:abc", None),
            ("https://bsky.app/profile/ada.example/post/3k1", None),
            ("https://moss.example/@ada", Some("mastodon ada")),
            ("https://moss.example/users/ada", Some("mastodon ada")),
            ("https://moss.example/@ben@lark.example", Some("mastodon ben@lark.example")),
            ("https://moss.example/@ada/110123", None),
            ("https://medium.com/@ada", None),
            ("https://www.threads.net/@ada.moss", Some("threads ada.moss")),
            ("https://www.instagram.com/ada.moss/", Some("instagram ada.moss")),
            ("https://www.instagram.com/explore/", None),
            ("https://www.instagram.com/p/CRz-x_A1b2C/", None),
            ("https://www.tiktok.com/@ada.moss", Some("tiktok ada.moss")),
            ("https://www.youtube.com/@adamoss", Some("youtube adamoss")),
            ("https://www.youtube.com/channel/UCabc", None),
            ("https://news.example/ada", None),
            ("mailto:ada@moss.example", None),
        ] {
            let found = profile_at(address).map(|(platform, handle)| format!("{} {handle}", platform.name));
            assert_eq!(found.as_deref(), expected, "{address}");
        }
    }
}
