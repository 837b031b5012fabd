//! Saved pages on which servers of the fediverse show posts.
//!
//! Mastodon wrote its posts into the page until 2022 (3.5); GoToSocial, snac and the static pages of Pleroma and Akkoma
//! still do. Since then Mastodon's browser makes them, and they stand in a page that was saved from a browser, but not in one
//! that a program fetched: that has a head for link cards alone, as Misskey's pages, which newer versions give the note itself.
//!
//! A post is an element with its words (`e-content` of <https://microformats.org/wiki/h-entry>, or the server's own
//! class), its author, its time and its address inside. Which post an answer answers, and who passed one on, a page does
//! not tell in a way that could be trusted.

mod head;
mod parts;

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html};
use url::Url;

use super::wire;
use super::{NAME, misfit, misskey, names, post};
use crate::date;
use crate::exchange::Exchange;
use crate::model::{Author, Found, Media, Poll, Post, Precision, Skipped, TextState, When, WhenSource};
use crate::platform::{Page, ParseError};
use crate::text;
use head::Head;
use parts::Parts;

/// What stands in pages that are read here. Any page may come, and most are of none of these servers: those are not parsed.
const SIGNS: [&str; 7] = [
    "detailed-status",
    "activity-content",
    "author-strap",
    "toot-link",
    "snac-content",
    "misskey:note-id",
    "initial-state",
];

/// Reads a page.
///
/// # Errors
/// If no server of the fediverse shows posts like this.
pub(super) fn read(source: &str, exchange: &Exchange) -> Result<Page, ParseError> {
    const NONE: &str = "markup that is neither RSS nor a page of a post";
    if !SIGNS.iter().any(|sign| source.contains(sign)) {
        return Err(misfit(NONE));
    }
    if !text::is_affordable(source) {
        return Err(misfit("a page that is nested too deeply for one of a post"));
    }
    let html = Html::parse_document(source);
    let head = Head::of(&html);
    let base = Url::parse(&exchange.request.url).ok().filter(Url::has_host).filter(|url| url.scheme() != "file");
    let base = base.or_else(|| head.address().and_then(|address| Url::parse(address).ok()));
    if let Some(page) = head.context.as_deref().and_then(|context| misskey::of_page(context, base.as_ref(), exchange)) {
        return Ok(Page { shape: "page", ..page });
    }
    let shown = Shown { head: &head, base, seen_at: exchange.fetched_at };
    let mut page = Page { shape: "page", ..Page::default() };
    let posts = parts::roots(&html).map(Parts::of).filter(|parts| !parts.contents.is_empty() && parts.author.is_some());
    for (i, parts) in posts.enumerate() {
        let at = format!("post {}", i + 1);
        match shown.post(&parts) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    if page.posts.is_empty() && page.skipped.is_empty() {
        match head.post(exchange.fetched_at) {
            Some(Ok(post)) => page.posts.push(Found { post, at: "head".to_owned(), nested: false }),
            Some(Err(reason)) => page.skipped.push(Skipped { at: "head".to_owned(), reason }),
            None => return Err(misfit(NONE)),
        }
    }
    Ok(page)
}

/// What a page shows around its posts.
struct Shown<'a> {
    head: &'a Head,
    /// The address of the page.
    base: Option<Url>,
    seen_at: DateTime<Utc>,
}

impl Shown<'_> {
    fn post(&self, parts: &Parts<'_>) -> Result<Post, String> {
        let [content] = parts.contents.as_slice() else {
            return Err("holds several texts".to_owned());
        };
        if parts::holds_a_post(*content) {
            return Err("holds another post in its words".to_owned());
        }
        let rendered = text::from_fragment(&parts::words(*content));
        let mut doubts = rendered.unshown.doubts();
        let mut text_state = TextState::Complete;
        for (is, doubt) in [
            (parts.moved_tags, "The page shows hashtags from the end of the text beside it, not in it."),
            (parts.translated, "The page shows a translation: the words may be a machine's."),
            (parts.rewritten, "The page sets paragraphs of its own."),
        ] {
            if is {
                text_state = TextState::Unknown;
                doubts.push(doubt.to_owned());
            }
        }
        let (media, poll) = attached(parts, &mut doubts);
        if rendered.text.is_empty() && media.is_empty() && poll.is_none() {
            return Err("has no text".to_owned());
        }
        let url = parts.url.and_then(|href| self.resolved(href));
        let profile = parts.profile.and_then(|href| self.resolved(href));
        let handle = parts
            .handle
            .map(|element| text::of_element(element).text)
            .and_then(|acct| post::handle(acct.trim(), "", profile.as_deref()));
        if let (Some(handle), Some(other)) = (&handle, url.as_deref().and_then(names::of_post))
            && !names::user(handle.as_str()).eq_ignore_ascii_case(other)
        {
            doubts.push(format!("It is shown as @{handle}'s, but its address names @{other}."));
        }
        let uri = url.as_deref().and_then(|url| self.uri(url, parts));
        let numbered = url.as_deref().filter(|_| uri.is_some() && !parts.rewritten);
        let id = numbered.and_then(last_part).map(str::to_owned);
        let created = parts.date.as_deref().and_then(when).and_then(|when| match when {
            when if when.precision() == Precision::Second => {
                let stated = when.to_rfc3339();
                let at = post::past(&stated, "the time on the page", self.seen_at, &mut doubts)?;
                When::new(at, Precision::Second, when.source())
            }
            when => Some(when),
        });
        let mut labels = Vec::new();
        if parts.closed {
            labels.push("not public".to_owned());
            doubts.push("It was not addressed to the public.".to_owned());
        }
        Ok(Post {
            platform: NAME.to_owned(),
            id,
            uri,
            url,
            author: Author {
                name: parts.name.map(|name| text::of_element(name).text.trim().to_owned()),
                handle,
                url: profile,
                ..Author::default()
            },
            created,
            text: rendered.text,
            text_state,
            content_warning: parts.warning.map(|warning| text::of_element(warning).text).and_then(|warning| {
                let warning = warning.trim_matches(['\u{a0}', ' ', '\n']);
                (!warning.is_empty()).then(|| warning.to_owned())
            }),
            lang: content.attr("lang").filter(|lang| !lang.is_empty()).map(str::to_owned),
            hashtags: post::hashtags(None, &rendered.links),
            links: post::links_beside_tags(rendered.links, None),
            media,
            poll,
            labels,
            doubts,
            ..Post::default()
        })
    }

    /// An address as it stands in the page, completed.
    fn resolved(&self, href: &str) -> Option<String> {
        let href = href.trim();
        let url = match &self.base {
            Some(base) => base.join(href).ok()?,
            None => Url::parse(href).ok()?,
        };
        matches!(url.scheme(), "http" | "https").then(|| url.into())
    }

    /// The post's name among servers: that which the head gives to the page's post, or that which Mastodon made of the
    /// address of its own post as long as it wrote posts into its pages, and GoToSocial makes.
    fn uri(&self, url: &str, parts: &Parts<'_>) -> Option<String> {
        if let Some(uri) = self.head.uri.as_deref().filter(|uri| last_part(uri) == last_part(url)) {
            return Some(uri.to_owned());
        }
        if parts.rewritten {
            // snac links the object itself.
            return Some(url.to_owned());
        }
        let own = Url::parse(url).ok().filter(|url| Some(url.origin()) == self.base.as_ref().map(Url::origin))?;
        let path: Vec<&str> = own.path_segments()?.collect();
        let (user, id) = match path.as_slice() {
            [user, id] if parts.is_served && id.bytes().all(|byte| byte.is_ascii_digit()) => (user, id),
            [user, "statuses", id] if id.len() == 26 => (user, id),
            _ => return None,
        };
        let user = user.strip_prefix('@').filter(|user| !user.is_empty() && !user.contains('@'))?;
        Some(format!("{}/users/{user}/statuses/{id}", own.origin().ascii_serialization()))
    }
}

/// The last part of a path.
fn last_part(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next()?;
    path.rsplit('/').next().filter(|part| !part.is_empty())
}

/// A time as a page gives it: a machine's, with its zone, or a printed one.
fn when(text: &str) -> Option<When> {
    // snac: when it was written, and when it was changed.
    let text = text.split(" / ").next().unwrap_or(text).trim();
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) => When::new(at.to_utc(), Precision::Second, WhenSource::Platform),
        Err(_) => date::printed(text),
    }
}

/// What Mastodon gives to its scripts to draw: pictures, films and the poll, as its API does.
fn attached(parts: &Parts<'_>, doubts: &mut Vec<String>) -> (Vec<Media>, Option<Poll>) {
    #[derive(serde::Deserialize)]
    struct Props<'a> {
        #[serde(borrow)]
        media: Option<Vec<wire::Attachment<'a>>>,
        #[serde(borrow)]
        poll: Option<wire::Poll<'a>>,
        src: Option<String>,
        alt: Option<String>,
    }
    let (mut media, mut poll) = (Vec::new(), None);
    for (component, props) in &parts.components {
        let Ok(props) = serde_json::from_str::<Props<'_>>(props) else { continue };
        media.extend(props.media.into_iter().flatten().map(post::media));
        let kind = component.to_ascii_lowercase();
        if let (Some(src), "video" | "audio") = (props.src, kind.as_str()) {
            media.push(Media { url: Some(src), kind, alt: props.alt, ..Media::default() });
        }
        poll = poll.or(props.poll.map(|poll| post::poll(poll, doubts)));
    }
    media.extend(parts.pictures.iter().map(|picture| shown_picture(*picture)));
    (media, poll)
}

/// A picture of a gallery that a browser drew.
fn shown_picture(link: ElementRef<'_>) -> Media {
    let alt = link.descendants().filter_map(ElementRef::wrap).find_map(|element| element.attr("alt"));
    Media {
        url: link.attr("href").map(str::to_owned),
        kind: "image".to_owned(),
        alt: alt.filter(|alt| !alt.is_empty()).map(str::to_owned),
        ..Media::default()
    }
}
