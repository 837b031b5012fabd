//! What other pages embed of Reddit: `blockquote.reddit-card` (to 2021) and `blockquote.reddit-embed-bq` of submissions
//! and comments, `div.reddit-embed` of comments (2015 to 2021), frames, and the oEmbed answer that holds the first.
//!
//! Of a submission the title is there, of a comment only the address: a reader's browser fetches the rest.

use scraper::{ElementRef, Html};
use url::Url;

use super::page::{account, has_class, whole};
use super::{is_host, misfit, post_at};
use crate::model::{Author, Handle, Post, TextState};
use crate::platform::printed::embeds as printed;
use crate::platform::{Embed, Page, ParseError};
use crate::text;

/// What Reddit calls its embeds.
const CLASSES: [&str; 3] = ["reddit-card", "reddit-embed-bq", "reddit-embed"];

/// Reads an oEmbed answer of Reddit (<https://www.reddit.com/oembed>).
///
/// # Errors
/// If it is none, or embeds something else.
pub(super) fn oembed(body: &str) -> Result<Page, ParseError> {
    let answer = printed::oembed(body).map_err(misfit)?;
    let provider = answer.provider_url.as_deref().and_then(|url| Url::parse(url).ok());
    if !provider.is_some_and(|url| url.host_str().is_some_and(is_host)) {
        return Err(misfit("an oEmbed answer of somebody else"));
    }
    let html = Html::parse_fragment(&answer.html);
    let mut page = printed::page(printed::placed(&html, embeds(&html)));
    for post in page.posts.iter_mut().map(|found| &mut found.post) {
        // The answer names who submitted; of what the embed itself does not say.
        let handle = answer.author_name.as_deref().and_then(Handle::new);
        if post.author.handle.is_none() && post.id.as_deref().is_some_and(|id| id.starts_with("t3_")) {
            post.author = author(handle);
        }
    }
    answer.compare(&mut page);
    Ok(Page { shape: "oembed", ..page })
}

/// The embeds of Reddit in a page.
pub(super) fn embeds(html: &Html) -> Vec<Embed> {
    let elements = printed::elements(html, &["blockquote", "div", "iframe", "amp-reddit"]);
    elements
        .filter_map(|element| {
            let is_frame = matches!(element.value().name(), "iframe" | "amp-reddit");
            let post = if is_frame { framed(element)? } else { quoted(element)? };
            Some(Embed { node: element.id(), posts: vec![post] })
        })
        .collect()
}

/// What a frame shows: its address says of which thing it is.
fn framed(element: ElementRef<'_>) -> Option<Result<Post, String>> {
    let url = printed::addresses(element).find_map(|address| Url::parse(&address).ok())?;
    url.host_str().filter(|host| is_host(host))?;
    Some(post_at(&url).map(printed::bare).ok_or_else(|| format!("is a frame of Reddit that shows no thing: {url}")))
}

fn quoted(element: ElementRef<'_>) -> Option<Result<Post, String>> {
    if !CLASSES.iter().any(|class| has_class(&element, class)) {
        return None;
    }
    let links: Vec<(ElementRef<'_>, Url)> = element
        .descendent_elements()
        .filter(|one| one.value().name() == "a")
        .filter_map(|link| Some((link, Url::parse(&whole(link.attr("href")?)).ok()?)))
        .collect();
    // The first leads to the thing; those of its account, its subreddit and its discussion follow.
    let found = links.iter().find_map(|(link, url)| Some((text::of_element(*link).text, post_at(url)?)));
    let Some((shown, post)) = found else {
        // Others use these names for boxes of their own.
        let leads_there = links.iter().any(|(_, url)| url.host_str().is_some_and(is_host));
        return leads_there.then(|| Err("has no link to a submission or a comment".to_owned()));
    };
    let handle = links.iter().find_map(|(_, url)| account(url.as_str())).as_deref().and_then(Handle::new);
    let is_submission = post.id.as_deref().is_some_and(|id| id.starts_with("t3_"));
    // Reddit's own embeds lead to the subreddit, too; in one that somebody has put together, any words may be the link's.
    let is_subreddit = |url: &Url| url.path().starts_with("/r/") && !url.path().contains("/comments/");
    let is_own = links.iter().any(|(_, url)| is_subreddit(url));
    let is_title = is_submission && is_own && !shown.is_empty() && !shown.starts_with("http");
    if !is_title {
        return Some(Ok(Post { author: author(handle), ..printed::bare(post) }));
    }
    Some(Ok(Post {
        author: author(handle),
        text: shown,
        // Whether a text stands below the title is not said.
        text_state: TextState::Unknown,
        ..post
    }))
}

fn author(handle: Option<Handle>) -> Author {
    Author {
        url: handle.as_ref().map(|handle| format!("https://www.reddit.com/user/{handle}")),
        handle,
        ..Author::default()
    }
}
