//! Atom feeds of OStatus, by which servers told one another of posts before ActivityPub: Mastodon 1 and 2, Pleroma (to this
//! day), GNU social. <https://www.w3.org/community/ostatus/wiki/images/9/93/OStatus_1.0_Draft_2.pdf>
//!
//! An entry is an activity: somebody posts, shares (a boost, which holds the boosted post) or deletes; what else people do is no
//! concern. A feed of one account names its author once, at the top.

use chrono::{DateTime, Utc};

use super::{NAME, misfit, post};
use crate::model::{
    Author, Found, Hashtag, Kind, Media, Post, PostRef, Precision, Skipped, TextState, When, WhenSource,
};
use crate::platform::xml::{attribute, element, elements};
use crate::platform::{Page, ParseError};
use crate::text;

/// What stands at the beginning of every such feed.
const NAMESPACES: [&str; 2] = ["http://activitystrea.ms/spec/1.0/", "http://ostatus.org/schema/1.0"];

/// Whether markup may be such a feed.
pub(super) fn is_one(xml: &str) -> bool {
    let head = &xml[..xml.floor_char_boundary(3000)];
    NAMESPACES.iter().all(|name| head.contains(name)) && (head.contains("<feed") || head.contains("<entry"))
}

/// Reads a feed, or an entry by itself.
///
/// # Errors
/// If it has no entry.
pub(super) fn read(xml: &str, seen_at: DateTime<Utc>) -> Result<Page, ParseError> {
    let mut parts = xml.split("<entry");
    let owner = parts.next().and_then(|head| cut(head, "author")).map(|author| self::author(author.inside));
    let mut page = Page { shape: "feed", ..Page::default() };
    let entries = parts.filter(|entry| entry.starts_with(['>', ' ', '\n', '\t', '\r']));
    for (i, entry) in entries.enumerate() {
        let at = format!("entry {}", i + 1);
        match entry.split_once("</entry>") {
            Some((entry, _)) => activity(entry, owner.as_ref(), &at, seen_at, &mut page),
            None => page.skipped.push(Skipped { at, reason: "is cut".to_owned() }),
        }
    }
    if page.posts.is_empty() && page.skipped.is_empty() && owner.is_none() {
        return Err(misfit("an Atom feed without an author or an entry"));
    }
    Ok(page)
}

fn activity(entry: &str, owner: Option<&Author>, at: &str, seen_at: DateTime<Utc>, page: &mut Page) {
    // An author may hold an object of its own, and an object an author: the outer one goes first.
    let first = entry.find("<author").unwrap_or(usize::MAX) < entry.find("<activity:object>").unwrap_or(usize::MAX);
    let author = cut(entry, "author").filter(|_| first);
    let entry = author.as_ref().map_or(entry.to_owned(), Cut::around);
    let object = cut(&entry, "activity:object");
    let outer = object.as_ref().map_or(entry.clone(), Cut::around);
    let by = author.map(|author| self::author(author.inside)).or_else(|| owner.cloned()).unwrap_or_default();
    let verb = element(&outer, "activity:verb").unwrap_or_default();
    let outcome = match verb.trim().rsplit('/').next().unwrap_or_default() {
        "post" | "" => self::entry(&outer, by, seen_at),
        "delete" => Err(format!("was deleted: {}", element(&outer, "id").unwrap_or_default().trim())),
        "share" => share(&outer, object.as_ref().map(|object| object.inside), by, seen_at),
        _ => return,
    };
    let is_share = matches!(&outcome, Ok(post) if post.kind == Kind::Repost);
    match outcome {
        Ok(post) => page.posts.push(Found { post, at: at.to_owned(), nested: false }),
        Err(reason) => return page.skipped.push(Skipped { at: at.to_owned(), reason }),
    }
    let Some(object) = object.filter(|_| is_share) else { return };
    let at = format!("{at}/object");
    let author = cut(object.inside, "author");
    let by = author.as_ref().map(|author| self::author(author.inside)).unwrap_or_default();
    match self::entry(&author.map_or(object.inside.to_owned(), |author| author.around()), by, seen_at) {
        Ok(post) => page.posts.push(Found { post, at, nested: true }),
        Err(reason) => page.skipped.push(Skipped { at, reason }),
    }
}

fn entry(entry: &str, author: Author, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let uri = element(entry, "id").map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).ok_or("has no id")?;
    let scope = element(entry, "mastodon:scope").unwrap_or_default();
    if !matches!(scope.trim(), "" | "public" | "unlisted") {
        return Err(format!("is not public but {:?}", scope.trim()));
    }
    let (tag, content) = elements(entry, "content").next().ok_or("has no content")?;
    let rendered = text::from_fragment(&content);
    let media: Vec<Media> = links(entry, "enclosure").map(|(href, kind)| file(href, &kind)).collect();
    if rendered.text.is_empty() && media.is_empty() {
        return Err("has no text".to_owned());
    }
    let mut doubts = rendered.unshown.doubts();
    let reply_to = elements(entry, "thr:in-reply-to").next().map(|(tag, _)| PostRef {
        id: None,
        uri: attribute(tag, "ref").map(Into::into),
        url: attribute(tag, "href").map(Into::into),
    });
    let terms = || elements(entry, "category").filter_map(|(tag, _)| attribute(tag, "term"));
    let spelled: Vec<Hashtag> =
        rendered.links.iter().filter_map(|link| Hashtag::new(link.shown.strip_prefix('#')?)).collect();
    let as_written = |tag: Hashtag| spelled.iter().find(|other| other.folded() == tag.folded()).cloned().unwrap_or(tag);
    let is_page = |(_, kind): &(String, String)| kind == "text/html";
    Ok(Post {
        url: links(entry, "alternate").find(is_page).map(|(href, _)| href),
        uri: Some(uri),
        created: when(entry, seen_at, &mut doubts),
        content_warning: element(entry, "summary").map(|warning| warning.trim().to_owned()).filter(|w| !w.is_empty()),
        lang: attribute(tag, "xml:lang").map(Into::into).filter(|lang: &String| !lang.is_empty()),
        kind: if reply_to.is_some() { Kind::Reply } else { Kind::Original },
        reply_to,
        hashtags: terms()
            .filter(|term| term != "nsfw")
            .filter_map(|term| Hashtag::new(&term))
            .map(as_written)
            .collect(),
        labels: terms().filter(|term| term == "nsfw").map(|_| "sensitive".to_owned()).collect(),
        media,
        doubts,
        links: post::links_beside_tags(rendered.links, None),
        text: rendered.text,
        ..blank(author)
    })
}

fn share(entry: &str, object: Option<&str>, author: Author, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let uri = element(entry, "id").map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).ok_or("has no id")?;
    let of = object.and_then(|object| element(object, "id")).ok_or("is a boost that names no post")?;
    let of = PostRef { id: None, uri: Some(of.trim().to_owned()), url: None };
    let mut doubts = Vec::new();
    let created = when(entry, seen_at, &mut doubts);
    Ok(Post { uri: Some(uri), created, kind: Kind::Repost, repost_of: Some(of), doubts, ..blank(author) })
}

fn blank(author: Author) -> Post {
    Post { platform: NAME.to_owned(), author, text_state: TextState::Complete, ..Post::default() }
}

fn when(entry: &str, seen_at: DateTime<Utc>, doubts: &mut Vec<String>) -> Option<When> {
    let at = post::past(element(entry, "published")?.trim(), "published", seen_at, doubts)?;
    When::new(at, Precision::Second, WhenSource::Platform)
}

/// Mastodon writes the handle where an address for mail belongs.
fn author(xml: &str) -> Author {
    let said = |name: &str| element(xml, name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let uri = said("uri").or_else(|| said("id"));
    let user = said("poco:preferredUsername").or_else(|| said("name"));
    let full = said("email").filter(|email| email.split('@').next() == user.as_deref());
    let handle = full.or(user).and_then(|acct| post::handle(&acct, "", uri.as_deref()));
    let page = links(xml, "alternate").map(|(href, _)| href).next();
    Author { name: said("poco:displayName"), handle, url: page.or_else(|| uri.clone()), id: uri, ..Author::default() }
}

/// Links of a relation: where they lead, and what is there.
fn links<'a>(xml: &'a str, relation: &'a str) -> impl Iterator<Item = (String, String)> + 'a {
    let of = move |tag: &str| {
        let href = attribute(tag, "href").filter(|_| attribute(tag, "rel").as_deref() == Some(relation))?;
        Some((href.into_owned(), attribute(tag, "type").unwrap_or_default().into_owned()))
    };
    elements(xml, "link").filter_map(move |(tag, _)| of(tag))
}

fn file(href: String, kind: &str) -> Media {
    let kind = kind.split('/').next().filter(|kind| matches!(*kind, "image" | "video" | "audio")).unwrap_or("unknown");
    Media { url: Some(href), kind: kind.to_owned(), ..Media::default() }
}

/// An element taken out of what is around it.
struct Cut<'a> {
    before: &'a str,
    inside: &'a str,
    after: &'a str,
}

impl Cut<'_> {
    fn around(&self) -> String {
        format!("{}{}", self.before, self.after)
    }
}

fn cut<'a>(xml: &'a str, name: &str) -> Option<Cut<'a>> {
    let (before, rest) = xml.split_once(&format!("<{name}>"))?;
    let (inside, after) = rest.split_once(&format!("</{name}>"))?;
    Some(Cut { before, inside, after })
}
