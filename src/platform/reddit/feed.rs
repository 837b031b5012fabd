//! Feeds of Reddit (`….rss`): Atom since 2016, RSS before.
//!
//! An entry holds the text as a page shows it, and a line that is Reddit's: `submitted by /u/NAME [link] [comments]`. The
//! account is named by Reddit itself, so it is a handle.

use feed_rs::model::{Entry, Feed};
use scraper::{ElementRef, Html};
use url::Url;

use super::page::{account, has_class, said, subreddit};
use super::thing::Thing;
use super::{is_host, is_name, misfit, post_at};
use crate::model::{Found, Skipped};
use crate::platform::feed::{self, Parsed};
use crate::platform::{Page, ParseError};
use crate::text;

/// Reads a feed.
///
/// # Errors
/// If it is none of Reddit.
pub(super) fn read(source: &str) -> Result<Page, ParseError> {
    let head = &source[..source.floor_char_boundary(4000)];
    if !(head.contains("<feed") || head.contains("<rss")) || !head.contains("reddit.com") {
        return Err(misfit("a page or a feed that is not Reddit's"));
    }
    let Parsed { feed, broken_off } = feed::parsed(source).map_err(misfit)?;
    if !is_own(&feed) {
        return Err(misfit("a feed that is not Reddit's"));
    }
    let mut page = Page { shape: "feed", ..Page::default() };
    for (i, entry) in feed.entries.iter().enumerate() {
        let at = format!("entry {}", i + 1);
        // The counts of a feed are none, so it does not matter when they were seen.
        match thing(entry).and_then(|thing| thing.post(chrono::DateTime::UNIX_EPOCH)) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    page.skipped.extend(broken_off);
    Ok(page)
}

/// Whether the feed says that it is of Reddit, and its entries lead there.
fn is_own(feed: &Feed) -> bool {
    let leads = |href: &str| Url::parse(href).is_ok_and(|url| url.host_str().is_some_and(is_host));
    let entries = |entry: &Entry| entry.links.iter().any(|link| leads(&link.href));
    feed.links.iter().any(|link| leads(&link.href)) && feed.entries.iter().all(entries)
}

fn thing(entry: &Entry) -> Result<Thing, String> {
    let url = entry.links.iter().find_map(|link| Url::parse(&link.href).ok()).ok_or("has no address")?;
    let led_to = post_at(&url).and_then(|post| post.id);
    let name = Some(entry.id.clone()).filter(|id| is_name(id)).or(led_to).ok_or("is no submission and no comment")?;
    let content = entry.content.as_ref().and_then(|content| content.body.as_deref());
    let content = content.or(entry.summary.as_ref().map(|summary| summary.content.as_str())).unwrap_or_default();
    let html = Html::parse_fragment(content);
    let body = html.root_element().descendent_elements().find(|one| has_class(one, "md"));
    let within =
        |link: &ElementRef<'_>| body.is_some_and(|body| link.ancestors().any(|around| around.id() == body.id()));
    let links = html.root_element().descendent_elements().filter(|one| one.value().name() == "a");
    let beside: Vec<ElementRef<'_>> = links.filter(|link| !within(link)).collect();
    let named = entry.authors.iter().filter_map(|author| author.name.as_deref());
    let named = named.filter_map(|name| name.trim().strip_prefix("/u/")).next().map(str::to_owned);
    let submitter = || beside.iter().find_map(|link| account(link.attr("href")?));
    // The first of the two in brackets leads where the submission leads, the second to the comments.
    let bracketed = beside.iter().find(|link| text::of_element(**link).text.starts_with('['));
    let outward = bracketed.and_then(|link| link.attr("href"));
    let outward = outward.filter(|href| Url::parse(href).is_ok_and(|leads| leads.path() != url.path()));
    let title = entry.title.as_ref().map(|title| text::unescape(title.content.trim()).into_owned());
    let mut thing = Thing {
        name,
        title: title.unwrap_or_default(),
        author: named.or_else(submitter),
        at: entry.published.or(entry.updated),
        subreddit: subreddit(url.path()),
        path: Some(url.path().to_owned()),
        outward: outward.map(str::to_owned),
        ..Thing::default()
    };
    if let Some(body) = body {
        thing.say(said(body));
    }
    Ok(thing)
}
