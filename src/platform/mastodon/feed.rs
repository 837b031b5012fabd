//! RSS as Mastodon's tag and profile pages offer it (`/tags/NAME.rss`, `/@user.rss`).
//!
//! A feed says little: no language, no `uri`, and a content warning only as a paragraph before a rule. Only that of an account
//! names its author, once, at the top. The handle is not taken from an address, since a server's name and that of its handles
//! may differ.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::{NAME, misfit};
use crate::model::{
    Author, Found, Handle, Hashtag, Link, Media, Post, Precision, Skipped, TextState, When, WhenSource,
};
use crate::platform::xml::{self, attribute, element, elements, items};
use crate::platform::{Page, ParseError};
use crate::text;

/// Reads a feed into `page`.
pub(super) fn read(xml: &str, seen_at: DateTime<Utc>, page: &mut Page) -> Result<(), ParseError> {
    if !xml.contains("<rss") {
        return Err(misfit("markup that is no RSS"));
    }
    let head = xml.split("<item").next().unwrap_or_default();
    let by_mastodon = element(head, "generator").is_some_and(|generator| generator.contains("Mastodon"));
    if !by_mastodon {
        return Err(misfit("a feed that Mastodon did not make"));
    }
    let owner = owner(head);
    for (index, item) in items(xml, "item").enumerate() {
        let at = format!("item {}", index + 1);
        match item.and_then(|item| post(item, seen_at)).map(|post| by_owner(post, owner.as_ref())) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    page.skipped.extend(xml::broken_off(xml, "rss"));
    Ok(())
}

/// The account whose feed it is: its page, its name, and its handle, as the description gives it in the server's language.
fn owner(head: &str) -> Option<Author> {
    let url = element(head, "link")?.trim().to_owned();
    let user = url.rsplit_once("/@").map(|(_, user)| user).filter(|user| !user.is_empty() && !user.contains('/'))?;
    let description = element(head, "description")?;
    let full = format!("@{user}@");
    let handle = description.split_whitespace().find(|word| word.starts_with(&full))?;
    Some(Author {
        handle: Handle::fediverse(handle.trim_end_matches(['.', ',']), ""),
        name: element(head, "title").map(|title| title.trim().to_owned()).filter(|title| !title.is_empty()),
        url: Some(url),
        ..Author::default()
    })
}

/// Only what stands below the account's page is the account's.
fn by_owner(post: Post, owner: Option<&Author>) -> Post {
    match owner.filter(|owner| owner.url == post.author.url) {
        Some(owner) => Post { author: owner.clone(), ..post },
        None => post,
    }
}

fn post(item: &str, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let url = element(item, "link").or_else(|| element(item, "guid")).ok_or("has no link")?;
    let content = element(item, "description").ok_or("has no description")?;
    let rendered = text::from_fragment(&content);
    let mut doubts = rendered.unshown.doubts();
    let created = element(item, "pubDate").and_then(|at| super::post::past(&at, "pubDate", seen_at, &mut doubts));
    let adult = elements(item, "media:rating").any(|(_, rating)| rating == "adult");
    let beside_tags = |link: &Link| !link.shown.starts_with(['#', '@']);
    let spelled: Vec<Hashtag> =
        rendered.links.iter().filter_map(|link| Hashtag::new(link.shown.strip_prefix('#')?)).collect();
    let categories = elements(item, "category").filter_map(|(_, name)| Hashtag::new(&name));
    let as_written = |tag: Hashtag| spelled.iter().find(|other| other.folded() == tag.folded()).cloned().unwrap_or(tag);
    Ok(Post {
        platform: NAME.to_owned(),
        id: element(item, "guid").map(Cow::into_owned),
        // Where Mastodon shows a profile, `/@user` stands before the id.
        author: Author { url: profile(&url), ..Author::default() },
        url: Some(url.into_owned()),
        created: created.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
        text_state: TextState::Complete,
        hashtags: categories.map(as_written).collect(),
        links: rendered.links.into_iter().filter(beside_tags).collect(),
        text: rendered.text,
        doubts,
        media: elements(item, "media:content").filter_map(|(tag, inside)| media(tag, &inside)).collect(),
        labels: if adult { vec!["sensitive".to_owned()] } else { Vec::new() },
        ..Post::default()
    })
}

fn profile(url: &str) -> Option<String> {
    let (profile, id) = url.rsplit_once('/')?;
    let user = profile.rsplit_once('/')?.1;
    (user.starts_with('@') && !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())).then(|| profile.to_owned())
}

fn media(tag: &str, inside: &str) -> Option<Media> {
    let url = attribute(tag, "url")?;
    let kind = attribute(tag, "medium").filter(|kind| matches!(&**kind, "image" | "video" | "audio"));
    Some(Media {
        url: Some(url.into_owned()),
        kind: kind.map_or("unknown".to_owned(), Cow::into_owned),
        alt: element(inside, "media:description").map(Cow::into_owned),
        ..Media::default()
    })
}
