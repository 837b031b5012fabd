//! A page of one post as bsky.app serves it, saved by somebody: read from the tags in its head, which it has for link
//! cards. They say who, when and what, with links written out in the text, so the text may not be verbatim. The
//! answers below the post are not read.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use scraper::Html;

use super::dates::Stated;
use super::names::{self, PostUri};
use super::{PLATFORM, misfit};
use crate::model::{Author, Found, Media, Metrics, Post, TextState};
use crate::platform::{Page, ParseError};

/// What the server adds to the text of a post that has more than text.
const MORE: &str = "[contains quote post or other embedded content]";

/// Reads a saved page.
///
/// # Errors
/// If it is not the page of a post.
pub fn read(text: &str, seen_at: DateTime<Utc>) -> Result<Page, ParseError> {
    // Any page may come here, and most are not of Bluesky: do not parse those.
    if !text.contains("bskyweb") {
        return Err(misfit("is no page of bsky.app"));
    }
    let head = Head::of(&Html::parse_document(text));
    if head.get("generator") != Some("bskyweb") {
        return Err(misfit("is no page of bsky.app"));
    }
    let uri =
        head.uri.as_deref().and_then(PostUri::new).ok_or_else(|| misfit("is a page of bsky.app, but not of a post"))?;
    let handle = head.get("profile:username").and_then(names::handle);
    let name = head.get("og:title").and_then(|title| {
        let name = title.strip_suffix(&format!(" (@{})", handle.as_ref()?))?;
        Some(name.to_owned())
    });
    let stated = Stated { claimed: head.get("article:published_time").map(str::to_owned), indexed: None };
    let (created, doubts) = stated.written(Some(uri), seen_at);
    let said = head.get("og:description").unwrap_or_default();
    let text = said.strip_suffix(MORE).map_or(said, str::trim_end);
    let post = Post {
        platform: PLATFORM.name.to_owned(),
        id: Some(uri.to_uri()),
        uri: Some(uri.to_uri()),
        url: Some(uri.page(handle.as_ref())),
        author: Author {
            id: Some(uri.did.to_owned()),
            name,
            url: Some(names::profile(uri.did, handle.as_ref())),
            handle,
            flags: Vec::new(),
        },
        created,
        text: text.to_owned(),
        text_state: TextState::Unknown,
        // The picture of a post without pictures is its author's.
        media: head.pictures.iter().filter(|url| url.contains("/img/feed_")).map(|url| picture(url)).collect(),
        metrics: Metrics {
            likes: head.count("Likes"),
            reposts: head.count("Reposts"),
            replies: head.count("Replies"),
            seen_at: head.count("Likes").map(|_| seen_at),
            ..Metrics::default()
        },
        doubts,
        ..Post::default()
    };
    let found = Found { post, at: "head".to_owned(), nested: false };
    Ok(Page { posts: vec![found], ..Page::default() })
}

fn picture(url: &str) -> Media {
    Media { url: Some(url.to_owned()), kind: "image".to_owned(), ..Media::default() }
}

/// The tags of a page's head that speak of the post.
#[derive(Default)]
struct Head {
    /// `meta` by `property` or `name`; the first of a name counts.
    meta: HashMap<String, String>,
    pictures: Vec<String>,
    uri: Option<String>,
}

impl Head {
    fn of(html: &Html) -> Head {
        let mut head = Head::default();
        for element in html.tree.values().filter_map(|node| node.as_element()) {
            match element.name() {
                "meta" => {
                    let name = element.attr("property").or(element.attr("name"));
                    let (Some(name), Some(content)) = (name, element.attr("content")) else { continue };
                    if name == "og:image" {
                        head.pictures.push(content.to_owned());
                    }
                    head.meta.entry(name.to_owned()).or_insert_with(|| content.to_owned());
                }
                "link" if element.attr("rel") == Some("alternate") => {
                    let uri = element.attr("href").filter(|href| href.starts_with("at://"));
                    head.uri = head.uri.or(uri.map(str::to_owned));
                }
                _ => {}
            }
        }
        head
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.meta.get(name).map(String::as_str)
    }

    /// A count shown on the link card: `twitter:label2` names what `twitter:value2` counts.
    fn count(&self, label: &str) -> Option<u64> {
        let (name, _) = self.meta.iter().find(|(name, value)| name.starts_with("twitter:label") && *value == label)?;
        self.get(&name.replace("label", "value"))?.parse().ok()
    }
}
