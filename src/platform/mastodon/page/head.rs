//! What the head of a page says of its post, for search engines and link cards.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html};
use serde_json::Value;
use url::Url;

use super::when;
use crate::model::{Author, Handle, Post, TextState};
use crate::platform::mastodon::{NAME, post};
use crate::text;

/// The head of a page.
#[derive(Default)]
pub(super) struct Head {
    /// `meta` by `property` or `name`; the first of a name counts.
    meta: HashMap<String, String>,
    /// Where the post stands as an object of ActivityPub: its `uri`.
    pub(super) uri: Option<String>,
    canonical: Option<String>,
    /// Misskey: what the page gives to its scripts, in which the note itself may stand.
    pub(super) context: Option<String>,
    /// What it says to search engines, as JSON-LD.
    posting: Option<Value>,
    /// Whether it is a page of Mastodon, whose scripts begin with this.
    has_state: bool,
    /// The number of the post that a page for frames is to show.
    framed: Option<String>,
}

impl Head {
    pub(super) fn of(html: &Html) -> Head {
        let mut head = Head::default();
        for element in html.tree.nodes().filter_map(ElementRef::wrap) {
            let attr = |name: &str| text::attribute(element.value(), name);
            let whole = || element.text().collect::<String>();
            match element.value().name() {
                "meta" => {
                    let Some((name, content)) = attr("property").or(attr("name")).zip(attr("content")) else {
                        continue;
                    };
                    head.meta.entry(name.to_owned()).or_insert_with(|| content.to_owned());
                }
                "link" => match (attr("rel"), attr("type"), attr("href")) {
                    (Some("alternate"), Some("application/activity+json"), Some(href)) => {
                        head.uri.get_or_insert_with(|| href.to_owned());
                    }
                    (Some("canonical"), _, Some(href)) => drop(head.canonical.get_or_insert_with(|| href.to_owned())),
                    _ => {}
                },
                "script" => match (attr("id"), attr("type")) {
                    (Some("misskey_clientCtx"), _) => head.context = Some(whole()),
                    (Some("initial-state"), _) => head.has_state = true,
                    (_, Some("application/ld+json")) => {
                        let posting = serde_json::from_str::<Value>(&whole()).ok();
                        let posting = posting.filter(|posting| posting["@type"] == "SocialMediaPosting");
                        head.posting = head.posting.or(posting);
                    }
                    _ => {}
                },
                "div" if attr("id") == Some("mastodon-status") => {
                    let props: Value =
                        attr("data-props").and_then(|p| serde_json::from_str(p).ok()).unwrap_or_default();
                    head.framed = Some(props["id"].as_str().unwrap_or_default().to_owned());
                }
                _ => {}
            }
        }
        head
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.meta.get(name).map(String::as_str).filter(|content| !content.is_empty())
    }

    /// The address of the page, as it states itself.
    pub(super) fn address(&self) -> Option<&str> {
        self.get("og:url").or(self.canonical.as_deref())
    }

    /// The post that the head speaks of; `None` if it speaks of none.
    pub(super) fn post(&self, seen_at: DateTime<Utc>) -> Option<Result<Post, String>> {
        if let Some(id) = &self.framed {
            return Some(Err(format!("is the page for frames of post {id}, whose words a browser fetches")));
        }
        let address = self.address()?;
        if let Some(number) = self.get("misskey:note-id") {
            return Some(self.note(number, address));
        }
        let (uri, handle) = (self.uri.as_deref()?, self.get("profile:username").filter(|_| self.has_state)?);
        Some(self.status(uri, address, handle, seen_at))
    }

    /// The post of a page of Mastodon. What it tells search engines (4.6 on) are its words; what it tells link cards are the
    /// words as typed, or as another server's HTML comes out without marks, with lines of the server's own around them.
    fn status(&self, uri: &str, address: &str, handle: &str, seen_at: DateTime<Utc>) -> Result<Post, String> {
        let posting = self.posting.as_ref().filter(|posting| posting["url"] == address);
        let words = |name: &str| posting?[name].as_str();
        let mut doubts = Vec::new();
        let (text, text_state, links) = match words("text") {
            Some(html) => {
                let rendered = text::from_fragment(html);
                doubts.extend(rendered.unshown.doubts());
                (rendered.text, TextState::Complete, rendered.links)
            }
            None => {
                doubts.push(
                    "Its words are those for link cards: a content warning, pictures and a poll may be told among them."
                        .to_owned(),
                );
                (self.get("og:description").unwrap_or_default().to_owned(), TextState::Unknown, Vec::new())
            }
        };
        if text.is_empty() {
            return Err("has no text".to_owned());
        }
        let handle = Handle::fediverse(handle, "");
        let titled = self
            .get("og:title")
            .zip(handle.as_ref())
            .and_then(|(title, handle)| Some(title.strip_suffix(&format!(" (@{handle})"))?.to_owned()));
        let mut past = |stated: Option<&str>, name| post::past(stated?, name, seen_at, &mut doubts);
        let created = past(words("datePublished").or(self.get("og:published_time")), "og:published_time");
        let edited = past(words("dateModified"), "dateModified");
        Ok(Post {
            platform: NAME.to_owned(),
            id: super::last_part(address).map(str::to_owned),
            uri: Some(uri.to_owned()),
            url: Some(address.to_owned()),
            author: Author {
                handle,
                name: titled,
                url: posting.and_then(|posting| posting["author"]["url"].as_str()).map(str::to_owned),
                ..Author::default()
            },
            created: created.and_then(|at| when(&at.to_rfc3339())),
            edited,
            text,
            text_state,
            lang: self.get("og:locale").map(str::to_owned),
            hashtags: post::hashtags(None, &links),
            links: post::links_beside_tags(links, None),
            doubts,
            ..Post::default()
        })
    }

    /// The note of a page of Misskey: a summary for link cards, without a time.
    fn note(&self, number: &str, address: &str) -> Result<Post, String> {
        let text = self.get("og:description").ok_or("has no text")?;
        let user = self.get("misskey:user-username").ok_or("does not name its author")?;
        let title = self.get("og:title").unwrap_or_default();
        // Of an account of another server older pages show the name of the user alone.
        let at = title.rfind(" (@");
        let full = at.and_then(|at| title.get(at + 3..)).or(title.strip_prefix('@')).unwrap_or(user);
        let full = full.trim_end_matches(')');
        // A note of the server's own has the page's address for its name.
        let server = Url::parse(address).ok().filter(|_| self.uri.as_deref() == Some(address));
        let server = server.as_ref().and_then(Url::host_str).unwrap_or_default();
        let handle = Handle::fediverse(full, server).or_else(|| Handle::fediverse(user, server));
        Ok(Post {
            platform: NAME.to_owned(),
            id: Some(number.to_owned()),
            uri: self.uri.clone(),
            url: Some(address.to_owned()),
            author: Author {
                id: self.get("misskey:user-id").map(str::to_owned),
                handle,
                name: at.and_then(|at| title.get(..at)).map(str::to_owned),
                ..Author::default()
            },
            text: text.to_owned(),
            text_state: TextState::Unknown,
            doubts: vec![
                "Its words are a summary for link cards: marks for files, polls and quoted notes may stand among them."
                    .to_owned(),
            ],
            ..Post::default()
        })
    }
}
