//! The RSS that Lemmy's servers make of a community, an account, or all they have. Before the words of a post an item says who
//! submitted it where, and what it counts.

use chrono::{DateTime, Utc};
use feed_rs::model::Entry;
use scraper::{ElementRef, Html};
use url::Url;

use super::{NAME, beside, handle, misfit, titled};
use crate::model::{Author, Found, Metrics, Post, Precision, Skipped, TextState, When, WhenSource};
use crate::platform::feed::{self, Parsed};
use crate::platform::{Page, ParseError};
use crate::text::{self, Rendered};

/// With what the words of every item begin.
const BEGINNING: &str = "submitted by <a href=\"";

/// Reads a feed.
///
/// # Errors
/// If it is none of Lemmy.
pub(super) fn read(source: &str, seen_at: DateTime<Utc>) -> Result<Page, ParseError> {
    if !source.contains("submitted by ") {
        return Err(misfit("markup that Lemmy did not make"));
    }
    let Parsed { feed, broken_off } = feed::parsed(source).map_err(misfit)?;
    let is_ours =
        |entry: &Entry| said(entry).is_some_and(|said| said.starts_with(BEGINNING)) && creator(entry).is_some();
    if !feed.entries.iter().any(is_ours) {
        return Err(misfit("a feed that Lemmy did not make"));
    }
    let mut page = Page { shape: "feed", ..Page::default() };
    for (i, entry) in feed.entries.iter().enumerate() {
        let at = format!("entry {}", i + 1);
        match post(entry, seen_at) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    page.skipped.extend(broken_off);
    Ok(page)
}

fn said(entry: &Entry) -> Option<&str> {
    let content = entry.content.as_ref().and_then(|content| content.body.as_deref());
    content.or(entry.summary.as_ref().map(|summary| summary.content.as_str())).map(str::trim_start)
}

/// The address of the account, which Lemmy gives in place of a name.
fn creator(entry: &Entry) -> Option<&str> {
    entry.authors.first()?.name.as_deref().filter(|name| name.starts_with("http"))
}

fn post(entry: &Entry, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let address = Some(entry.id.as_str()).filter(|id| id.starts_with("http")).ok_or("has no address")?;
    let url = Url::parse(address).map_err(|_| format!("has no address: {address:?}"))?;
    let number = url.path().strip_prefix("/post/").filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    let number =
        number.filter(|number| !number.is_empty()).ok_or_else(|| format!("has no address of a post: {address:?}"))?;
    let said = said(entry)
        .and_then(|said| said.strip_prefix(BEGINNING).map(|_| said))
        .ok_or("does not say who submitted it")?;
    let creator = creator(entry).ok_or("names no account")?;
    let Heading { name, community, replies, body } = heading(said).ok_or("does not say who submitted it")?;
    let title = entry.title.as_ref().map(|title| title.content.trim()).unwrap_or_default();
    let link = entry.links.first().map(|link| link.href.as_str()).filter(|link| *link != address);
    // The page that a post links to stands above its words.
    let shown = link.map(|link| format!("<br><a href=\"{link}\">{link}</a>"));
    let body = shown.and_then(|shown| body.strip_prefix(shown.as_str())).unwrap_or(body);
    let Rendered { text, links, unshown } = text::from_fragment(body);
    let handle = handle(&name, creator);
    // A server counts posts of others, too; only its own are known everywhere by the address that it gives.
    let host = |address: &str| Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    let is_own = host(creator).is_some() && host(creator) == host(address);
    let mut post = Post {
        platform: NAME.to_owned(),
        id: Some(format!("post/{number}")),
        uri: is_own.then(|| address.to_owned()),
        url: Some(address.to_owned()),
        author: Author { handle, url: Some(creator.to_owned()), ..Author::default() },
        created: entry.published.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
        text: titled(title, &text).ok_or("has no text")?,
        // What was typed is Markdown; here it is set.
        text_state: TextState::Unknown,
        doubts: unshown.doubts(),
        links,
        labels: community.into_iter().map(|community| format!("!{community}")).collect(),
        ..Post::default()
    };
    if let Some(link) = link {
        beside(&mut post, link, "", None);
    }
    // Points are votes for less votes against, and not shown.
    post.metrics = Metrics { replies, seen_at: replies.map(|_| seen_at), ..Metrics::default() };
    Ok(post)
}

/// What stands above the words of an item.
struct Heading<'a> {
    /// Name of the account.
    name: String,
    /// The community with its server.
    community: Option<String>,
    /// Comments.
    replies: Option<u64>,
    /// The words.
    body: &'a str,
}

/// Reads `submitted by <a>NAME</a> to <a>COMMUNITY</a><br>N points | <a>N comments</a>`.
fn heading(said: &str) -> Option<Heading<'_>> {
    const END: &str = " comments</a>";
    let end = said.find(END)? + END.len();
    let (head, body) = said.split_at(end);
    let head = Html::parse_fragment(head);
    let links: Vec<ElementRef<'_>> = crate::platform::printed::embeds::elements(&head, &["a"]).take(4).collect();
    let [account, place, comments] = links.as_slice() else { return None };
    let words = |element: &ElementRef<'_>| element.text().collect::<String>().trim().to_owned();
    let community = text::attribute(place.value(), "href").and_then(|address| handle(&words(place), address));
    let first_number =
        |text: &str| text.split(|c: char| !c.is_ascii_digit()).find(|number| !number.is_empty())?.parse().ok();
    Some(Heading {
        name: words(account),
        community: community.map(|community| community.to_string()),
        replies: first_number(&words(comments)),
        body,
    })
}
