//! Threads: what its web client is sent, saved as files, the API of graph.threads.net, saved pages, and embeds.
//!
//! A post is known by the code in its address, `https://www.threads.com/t/CODE`. Which post an answer answers its web client
//! is told by the order of a thread only, and then by the name of who is answered: where the two agree it is taken. Left
//! out: descriptions that the platform itself gives of pictures, and what pages show in their head (`og:description`).

mod api;
mod embeds;
mod item;
mod search;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::json::{self, Documents};
use super::printed::scripts;
use super::{Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;
use crate::model::{Author, Found, Handle, Post, PostRef, Skipped};

/// Threads.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Threads",
    cited: None,
    about: "posts of a topic through the Threads API, for an app that Meta has approved",
    live: Some(search::LIVE),
    one: Some(search::one),
    shapes: &[
        Shape {
            name: "items",
            what: "posts as the web client gets them: searches, accounts, conversations, single posts, lines of them",
            told_by: "`code` and `user` with `text_post_app_info`",
            lacks: "which post is answered, where the thread does not hold it",
        },
        Shape {
            name: "api",
            what: "media of the Threads API: an account's posts and replies, searches",
            told_by: "`permalink` of Threads with `timestamp`, `username` or `media_type`",
            lacks: "display names, counts, the addresses of posts that are answered or quoted",
        },
        Shape {
            name: "page",
            what: "a saved page: a post, an account, a search",
            told_by: "scripts of JSON that hold posts",
            lacks: "as items",
        },
        Shape {
            name: "oembed",
            what: "an oEmbed answer",
            told_by: "an oEmbed object whose `provider_url` is of Threads",
            lacks: "the words, the time",
        },
    ],
    parse,
    post_at: Some(post_at),
    embeds: Some(embeds::embeds),
    profile_at: Some(profile_at),
};

const NAME: &str = "threads";

/// Errors of the Graph API that say that too much was asked, or that the token is no longer taken:
/// <https://developers.facebook.com/docs/graph-api/guides/error-handling>.
const CLOSED: [u64; 6] = [4, 17, 32, 102, 190, 613];

const DOCUMENTS: Documents = Documents {
    platform: NAME,
    item: "a post of Threads",
    misfit: "nothing with `code`, `user` and `text_post_app_info`, or a `permalink` of Threads",
    members: &["\"text_post_app_info\"", "\"permalink\"", "\"data\""],
    signs: &[["\"text_post_app_info\"", "\"code\""], ["\"thread_items\"", "\"user\""]],
};

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let text = text.strip_prefix("for (;;);").unwrap_or(text);
    let status = exchange.response.status;
    if status >= 400 {
        let said = serde_json::from_str::<Value>(text).unwrap_or_default();
        let words = [&said["error"]["message"], &said["message"]].map(Value::as_str);
        let message = words.into_iter().flatten().find(|words| !words.is_empty()).unwrap_or("no reason given");
        let message = message.chars().take(200).collect();
        return Err(match said["error"]["code"].as_u64() {
            Some(code) if CLOSED.contains(&code) => ParseError::Closed { platform: NAME, status, message },
            _ => match search::anew(exchange) {
                Some(page) => return Ok(page),
                None => ParseError::Refused { platform: NAME, status, message },
            },
        });
    }
    let mut reading = Reading { page: Page::default(), seen_at: exchange.fetched_at, shown: HashSet::new() };
    if text.starts_with('<') {
        return reading.saved(text);
    }
    if text.contains("\"provider_url\"")
        && let Ok(page) = embeds::oembed(text)
    {
        return Ok(Page { shape: "oembed", ..page });
    }
    let is_asked = search::is_one(exchange)
        || Url::parse(&exchange.request.url).is_ok_and(|url| url.host_str().is_some_and(is_host));
    let mut page = json::documents(text, &DOCUMENTS, |page, at, value| {
        let shape = reading.document(at, value);
        page.posts.append(&mut reading.page.posts);
        page.skipped.append(&mut reading.page.skipped);
        shape.or_else(|| (is_asked && value.get("data").is_some()).then_some("items"))
    })?;
    if search::is_one(exchange) {
        search::follow(exchange, text, &mut page);
    }
    Ok(page)
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// A page being read.
struct Reading {
    page: Page,
    /// When it was had: counts are of then.
    seen_at: DateTime<Utc>,
    /// Codes of posts in the page: conversations show one several times.
    shown: HashSet<String>,
}

impl Reading {
    /// Reads a saved page.
    fn saved(mut self, source: &str) -> Result<Page, ParseError> {
        if !source.contains("\"text_post_app_info\"") {
            return Err(misfit("no page of Threads: no script of it holds posts"));
        }
        let mut found = false;
        for (number, (_, inside)) in scripts::scripts(source).enumerate() {
            if inside.contains("\"text_post_app_info\"")
                && let Ok(document) = serde_json::from_str::<Value>(inside.trim())
            {
                found |= self.document(&format!("script {}", number + 1), &document).is_some();
            }
        }
        if found { Ok(Page { shape: "page", ..self.page }) } else { Err(misfit("scripts of the page hold no posts")) }
    }

    /// Reads what is in a document, and names its shape; `None` if there is nothing of Threads in it.
    fn document(&mut self, at: &str, value: &Value) -> Option<&'static str> {
        let mut shape = None;
        json::walk(at, value, |at, value| {
            if let Some(items) = value["thread_items"].as_array() {
                let mut before: Option<&Value> = None;
                for (i, item) in items.iter().enumerate().filter(|(_, item)| item::is_post(&item["post"])) {
                    shape = shape.or(Some("items"));
                    self.item(&format!("{at}/thread_items/{i}/post"), &item["post"], before);
                    before = Some(&item["post"]);
                }
                return before.is_some();
            }
            if item::is_post(value) {
                shape = shape.or(Some("items"));
                self.item(at, value, None);
                return true;
            }
            if api::is_media(value) {
                shape = shape.or(Some("api"));
                self.keep(at.to_owned(), api::post(value), false);
                return true;
            }
            false
        });
        shape
    }

    /// Reads a post and what it passes on; `before` stands before it in its thread.
    fn item(&mut self, at: &str, value: &Value, before: Option<&Value>) {
        let post = item::post(value, before, self.seen_at);
        let is_new = self.keep(at.to_owned(), post, false);
        if let (true, Some((place, other))) = (is_new, item::shared(value)) {
            let other = item::post(other, None, self.seen_at);
            self.keep(format!("{at}/{place}"), other, true);
        }
    }

    /// Keeps a post that was not seen before.
    fn keep(&mut self, at: String, post: Result<Post, String>, nested: bool) -> bool {
        match post {
            Ok(post) if !nested && !self.shown.insert(post.identity()) => return false,
            Ok(post) => self.page.posts.push(Found { post, at, nested }),
            Err(reason) => self.page.skipped.push(Skipped { at, reason }),
        }
        true
    }
}

/// `/@NAME/post/CODE`, `/t/CODE`.
fn post_at(url: &Url) -> Option<Post> {
    url.host_str().filter(|host| is_host(host))?;
    let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).take(5).collect();
    match parts.as_slice() {
        [account, "post", code, ..] if account.starts_with('@') => named(code, Handle::new(account)),
        ["t", code, ..] => named(code, None),
        _ => None,
    }
}

/// `/@NAME`.
fn profile_at(url: &Url) -> Option<Handle> {
    url.host_str().filter(|host| is_host(host))?;
    let name = url.path().strip_prefix("/@")?.trim_end_matches('/');
    (!name.contains('/')).then(|| Handle::new(name))?
}

fn is_host(host: &str) -> bool {
    let bare = ["www.", "graph."].iter().find_map(|prefix| host.strip_prefix(prefix)).unwrap_or(host);
    matches!(bare, "threads.net" | "threads.com")
}

/// A post of which code and account are known.
fn named(code: &str, handle: Option<Handle>) -> Option<Post> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_code = (2..=64).contains(&code.len()) && code.bytes().all(fits);
    is_code.then(|| Post {
        platform: NAME.to_owned(),
        id: Some(code.to_owned()),
        uri: Some(uri(code)),
        url: Some(match &handle {
            Some(handle) => format!("{}/post/{code}", profile(handle)),
            None => uri(code),
        }),
        author: Author { url: handle.as_ref().map(profile), handle, ..Author::default() },
        ..Post::default()
    })
}

fn uri(code: &str) -> String {
    format!("https://www.threads.com/t/{code}")
}

fn profile(handle: &Handle) -> String {
    format!("https://www.threads.com/@{handle}")
}

/// By which names a post is known.
fn reference(post: &Post) -> PostRef {
    PostRef { id: post.id.clone(), uri: post.uri.clone(), url: post.url.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_posts() {
        let at = |url: &str| post_at(&Url::parse(url).unwrap()).and_then(|post| post.uri);
        let post = Some("https://www.threads.com/t/CRz-x_A1b2C".to_owned());
        for url in [
            "https://www.threads.net/@ada.moss/post/CRz-x_A1b2C?xmt=AQG",
            "https://www.threads.com/@ada.moss/post/CRz-x_A1b2C/embed",
            "https://threads.net/t/CRz-x_A1b2C/",
        ] {
            assert_eq!(at(url), post, "{url}");
        }
        for url in
            ["https://www.threads.com/@ada.moss", "https://www.threads.com/search?q=t", "https://example.org/t/CRz"]
        {
            assert_eq!(at(url), None, "{url}");
        }
    }
}
