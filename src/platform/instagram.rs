//! Instagram: what its web client and its apps are sent, saved as files (pictures and films with their captions, comments),
//! the Graph API, saved pages, and embeds.
//!
//! A post is known by the code in its address, `https://www.instagram.com/p/CODE/`; numbers are codes written in another
//! way. A comment is known by its number alone, since many answers do not say below which post it stands. Left out:
//! stories, descriptions that Instagram itself gives of pictures, accounts marked in pictures, and what pages without
//! a log-in show in their head (`og:description`), which is cut.

mod comment;
mod embeds;
mod graph;
mod item;
mod page;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::json::{self, Documents};
use super::live::no_thread;
use super::{Page, ParseError, Platform, Shape, Source, SourceError};
use crate::exchange::{Exchange, Request};
use crate::model::{Author, Found, Handle, Kind, Metrics, Post, Skipped};
use crate::quote::Venue;

/// Instagram.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Instagram",
    cited: Some(cited),
    about: "posts and comments as its pages, its apps and the Graph API send them, saved pages, embeds; single posts by address, else imported",
    live: None,
    one: Some(one),
    shapes: &[
        Shape {
            name: "graphql",
            what: "posts with `shortcode`, as the web client got them until 2024, with the comments that came along",
            told_by: "`shortcode` and `owner` with `taken_at_timestamp`, `edge_media_to_caption` or `display_url`",
            lacks: "in lists, the handle",
        },
        Shape {
            name: "items",
            what: "posts as the apps and the web client get them: feeds, tags, places, single posts, lines of them",
            told_by: "`code` and `user` with `media_type` or a name of Instagram's in `__typename`",
            lacks: "in grids, caption and time",
        },
        Shape {
            name: "comments",
            what: "comments below a post",
            told_by: "`pk`, `text`, `user` and `created_at`",
            lacks: "often, below which post they stand",
        },
        Shape {
            name: "graph-api",
            what: "media of the Graph API: an account's, a tag's",
            told_by: "`permalink` of Instagram with `timestamp`, `caption` or `media_type`",
            lacks: "in answers for a tag, who wrote it; display names",
        },
        Shape {
            name: "page",
            what: "a saved page: a post, an account, a tag, a place",
            told_by: "scripts that hold posts: `window._sharedData`, `__additionalDataLoaded`, JSON of 2021 and later",
            lacks: "as graphql and items",
        },
        Shape {
            name: "oembed",
            what: "an oEmbed answer",
            told_by: "an oEmbed object whose `provider_url` is Instagram's",
            lacks: "counts; of newer ones, everything but the address and perhaps the account",
        },
    ],
    parse,
    post_at: Some(post_at),
    embeds: Some(embeds::embeds),
    profile_at: Some(profile_at),
};

/// Its posts are pictures and films (Publication Manual of the APA, §10.15, for the words).
fn cited(post: &Post) -> Option<Venue> {
    let word = match post.media.first().map(|media| media.kind.as_str()) {
        _ if post.kind == Kind::Reply => "Comment",
        Some("image") => "Photograph",
        Some("video") => "Video",
        _ => "Post",
    };
    let mut venue = Venue::new("Instagram", word);
    let code = post.url.as_deref().and_then(|url| url.split_once("/p/"));
    let code = code.and_then(|(_, rest)| rest.split(['/', '?', '#']).next()).filter(|code| !code.is_empty());
    if let (Some(handle), Some(code)) = (&post.author.handle, code) {
        venue.template = Some(("Cite Instagram", vec![("user", handle.to_string()), ("postid", code.to_owned())]));
    }
    Some(venue)
}

const NAME: &str = "instagram";

const DOCUMENTS: Documents = Documents {
    platform: NAME,
    item: "a post or a comment of Instagram",
    misfit: "nothing with `shortcode` and `owner`, `code` and `user`, or a `permalink` of Instagram",
    members: &[
        "\"shortcode\"",
        "\"code\"",
        "\"permalink\"",
        "\"pk\"",
        "\"edge_threaded_comments\"",
        "\"edge_liked_by\"",
        "\"more_available\"",
        "\"edges\"",
    ],
    signs: &[
        ["\"shortcode\"", "\"taken_at_timestamp\""],
        ["\"taken_at\"", "\"image_versions2\""],
        ["\"edge_media_to_caption\"", "\"owner\""],
    ],
};

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let text = text.strip_prefix("for (;;);").unwrap_or(text);
    let status = exchange.response.status;
    if status >= 400 {
        let said = serde_json::from_str::<Value>(text).unwrap_or_default();
        let said = [&said["error"]["message"], &said["message"]].map(Value::as_str);
        let message = said.into_iter().flatten().find(|said| !said.is_empty()).unwrap_or("no reason given");
        return Err(ParseError::Refused { platform: NAME, status, message: message.chars().take(200).collect() });
    }
    let mut reading = Reading::new(exchange.fetched_at);
    if text.starts_with('<') {
        return page::read(text, reading);
    }
    if text.contains("\"provider_url\"")
        && let Ok(page) = embeds::oembed(text)
    {
        return Ok(Page { shape: "oembed", ..page });
    }
    json::documents(text, &DOCUMENTS, |page, at, value| {
        let shape = reading.document(at, value);
        page.posts.append(&mut reading.page.posts);
        page.skipped.append(&mut reading.page.skipped);
        shape
    })
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// A page being read.
struct Reading {
    page: Page,
    /// When it was had: counts are of then.
    seen_at: DateTime<Utc>,
    /// Posts and comments of the page, by what is known of them: many stand in several lists. One that has changed is another
    /// sighting of the same.
    shown: HashSet<u64>,
    /// Those of the document that is being read, whose lists may show other counts.
    here: HashSet<u64>,
}

impl Reading {
    fn new(seen_at: DateTime<Utc>) -> Reading {
        Reading { page: Page::default(), seen_at, shown: HashSet::new(), here: HashSet::new() }
    }

    /// Reads what is in a document, and names its shape; `None` if there is nothing of Instagram in it.
    fn document(&mut self, at: &str, value: &Value) -> Option<&'static str> {
        self.here.clear();
        let mut shape = None;
        json::walk(at, value, |at, value| {
            if item::is_advertisement(value) {
                if item::is_item(value) || item::is_of_graphql(value) {
                    shape = shape.or(Some("items"));
                }
                self.keep(at.to_owned(), Err("is an advertisement".to_owned()));
                return true;
            }
            let found = match value {
                // A caption looks like a comment, and stands beside the comments of its post.
                _ if at.ends_with("/caption") => return true,
                value if item::is_of_graphql(value) => "graphql",
                value if item::is_item(value) => "items",
                value if graph::is_media(value) => "graph-api",
                value if comment::is_comment(value) => "comments",
                _ => return false,
            };
            match found {
                "graph-api" => graph::read(self, at, value),
                "comments" => comment::read(self, at, value, None),
                _ => self.post(at, value),
            }
            shape = shape.or(Some(found));
            true
        });
        shape.or_else(|| is_empty_answer(value).then_some("items"))
    }

    fn post(&mut self, at: &str, value: &Value) {
        let post = item::post(value, self.seen_at);
        let name = post.as_ref().ok().and_then(|post| post.id.clone());
        self.keep(at.to_owned(), post);
        for (at, one) in comment::below(at, value) {
            comment::read(self, &at, one, name.as_deref());
        }
    }

    /// Whether the same was there already.
    fn was_shown(&mut self, post: &Post) -> bool {
        let uncounted = Post { metrics: Metrics::default(), ..post.clone() };
        let is_new = self.here.insert(digest(&uncounted)) && self.shown.insert(digest(post));
        !is_new
    }

    fn keep(&mut self, at: String, post: Result<Post, String>) {
        match post {
            Ok(post) if self.was_shown(&post) => {}
            Ok(post) => self.page.posts.push(Found { post, at, nested: false }),
            Err(reason) => self.page.skipped.push(Skipped { at, reason }),
        }
    }
}

/// The same number for posts of which the same is known.
fn digest(post: &Post) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{post:?}").hash(&mut hasher);
    hasher.finish()
}

/// Whether it is an answer of Instagram in which nothing stands.
fn is_empty_answer(value: &Value) -> bool {
    let is_list = value["items"].as_array().is_some_and(Vec::is_empty) && value.get("more_available").is_some();
    let data = &value["data"];
    let is_of_user = ["user", "hashtag", "location"].iter().any(|name| {
        let lists = data[*name].as_object().into_iter().flatten();
        lists
            .filter(|(name, _)| name.starts_with("edge_"))
            .any(|(_, list)| list["edges"].as_array().is_some_and(Vec::is_empty))
    });
    is_list || is_of_user
}

/// The request for one post: the page that others embed, with its words. Comments are not to be had so.
fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let post = post_at(url)?;
    if thread {
        return Some(Err(no_thread("Instagram shows comments to nobody")));
    }
    if post.uri.as_deref().is_some_and(comment::is_uri) {
        return Some(Err(SourceError("a comment of Instagram cannot be asked for, only its post".to_owned())));
    }
    let code = post.id?;
    let base = source.base_of(PLATFORM.title, "https://www.instagram.com");
    Some(base.map(|base| source.get(&base, &["p", &code, "embed", "captioned", ""], &[])))
}

/// `/p/CODE/`, `/reel/CODE/`, `/tv/CODE/`, with the account's name before it or without; `/p/CODE/c/NUMBER/`.
fn post_at(url: &Url) -> Option<Post> {
    url.host_str()
        .filter(|host| matches!(*host, "instagram.com" | "www.instagram.com" | "m.instagram.com" | "instagr.am"))?;
    let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).take(8).collect();
    let at = parts.iter().take(2).position(|part| matches!(*part, "p" | "reel" | "reels" | "tv"))?;
    let code = parts.get(at + 1)?;
    let post = named(code)?;
    let number = match parts.get(at + 2..)? {
        ["c", _, "r", number, ..] | ["c", number, ..] => *number,
        _ => return Some(post),
    };
    comment::named(number, post.id.as_deref())
}

/// `/NAME/`.
fn profile_at(url: &Url) -> Option<Handle> {
    url.host_str().filter(|host| matches!(*host, "instagram.com" | "www.instagram.com" | "m.instagram.com"))?;
    let name = url.path().trim_matches('/');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let is_place =
        matches!(name, "about" | "accounts" | "direct" | "developer" | "explore" | "legal" | "p" | "reels" | "stories");
    ((1..=30).contains(&name.len()) && name.bytes().all(fits) && !is_place).then(|| Handle::new(name))?
}

/// A post of which the code is known. Behind that of a private account's post stands a key for those whom it is shared
/// with: it is no part of the name.
fn named(code: &str) -> Option<Post> {
    const KEY: usize = 28;
    let code = match code.len() {
        length if length > KEY && is_code(code) => code.get(..(length - KEY).min(11))?,
        _ => code,
    };
    is_code(code).then(|| Post {
        platform: NAME.to_owned(),
        id: Some(code.to_owned()),
        uri: Some(address(code)),
        url: Some(address(code)),
        ..Post::default()
    })
}

fn is_code(code: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    // Names of places on the site are no codes.
    let is_place =
        matches!(code, "audio" | "explore" | "reel" | "reels" | "tv" | "p" | "trending" | "templates" | "embed");
    (2..=64).contains(&code.len()) && code.bytes().all(fits) && !is_place
}

fn address(code: &str) -> String {
    format!("https://www.instagram.com/p/{code}/")
}

fn profile(handle: &Handle) -> String {
    format!("https://www.instagram.com/{handle}/")
}

/// What a handle alone tells of an account.
fn author(handle: Option<Handle>) -> Author {
    Author { url: handle.as_ref().map(profile), handle, ..Author::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_posts() {
        let at = |url: &str| post_at(&Url::parse(url).unwrap()).and_then(|post| post.uri);
        let post = Some("https://www.instagram.com/p/CRz-x_A1b2C/".to_owned());
        for url in [
            "https://www.instagram.com/p/CRz-x_A1b2C/?utm_source=ig_embed",
            "https://instagram.com/reel/CRz-x_A1b2C",
            "https://www.instagram.com/reels/CRz-x_A1b2C/",
            "https://www.instagram.com/tv/CRz-x_A1b2C/",
            "https://www.instagram.com/ada.moss/p/CRz-x_A1b2C/",
            "https://www.instagram.com/p/CRz-x_A1b2C/embed/captioned/",
            "https://www.instagram.com/p/CRz-x_A1b2CAbCdEfGhIjKlMnOpQrStUvWxYz12/",
            "http://instagr.am/p/CRz-x_A1b2C/",
        ] {
            assert_eq!(at(url), post, "{url}");
        }
        let comment = Some("instagram:comment:17900000000000001".to_owned());
        for url in [
            "https://www.instagram.com/p/CRz-x_A1b2C/c/17900000000000001/",
            "https://www.instagram.com/p/CRz-x_A1b2C/c/1789/r/17900000000000001/",
        ] {
            assert_eq!(at(url), comment, "{url}");
            let asked = one(&Url::parse(url).unwrap(), false, &Source::default());
            assert!(asked.is_some_and(|asked| asked.is_err()), "{url}");
        }
        for url in [
            "https://www.instagram.com/ada.moss/",
            "https://www.instagram.com/p/",
            "https://www.instagram.com/reels/audio/12345/",
            "https://www.instagram.com/reels/explore/",
            "https://www.instagram.com/p/reel/",
            "https://www.instagram.com/ada.moss/tv/",
            "https://www.instagram.com/explore/tags/p/",
            "https://example.org/p/CRz-x_A1b2C/",
        ] {
            assert_eq!(at(url), None, "{url}");
        }
    }
}
