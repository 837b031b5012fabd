//! Saved pages of a video or of a channel's post, with the comments that were loaded when they were saved.
//!
//! Pages of 2017 and later; until 2024 a comment was named `ytd-comment-renderer`. How old it is they say in words of
//! the reader's language, which is no date.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html};
use url::Url;

use super::{answers, channel, comment_named, is_id, misfit, post_at, reply_to, words};
use crate::model::{Author, Found, Kind, Metrics, Post, PostRef, Skipped};
use crate::platform::{Page, ParseError, printed};
use crate::text;

const THREAD: &str = "ytd-comment-thread-renderer";

/// Reads a page: the comments that it shows, and those that only its data bring.
///
/// # Errors
/// If it has none.
pub(super) fn read(source: &str, seen_at: DateTime<Utc>) -> Result<Page, ParseError> {
    // Any page may come here, and most are of other sites: do not parse those.
    let shows = source.contains("<ytd-comment-view-model") || source.contains("<ytd-comment-renderer");
    let brings = source.contains(answers::MARK) && answers::may_hold(source);
    if !shows && !brings {
        return Err(misfit("is neither the feed of a channel nor a page with comments"));
    }
    let mut page = Page { shape: "page", ..Page::default() };
    if shows {
        if !text::is_affordable(source) {
            return Err(misfit("is nested too deeply for a page of YouTube"));
        }
        let html = Html::parse_document(source);
        for (i, comment) in html.root_element().descendent_elements().filter(is_comment).enumerate() {
            let at = format!("comment {}", i + 1);
            match post(comment, seen_at) {
                Ok(post) => page.posts.push(Found { post, at, nested: false }),
                Err(reason) => page.skipped.push(Skipped { at, reason }),
            }
        }
    }
    if let Some(data) = answers::of_page(source).filter(|_| brings) {
        let video = data["currentVideoEndpoint"]["watchEndpoint"]["videoId"].as_str().filter(|id| is_id(id));
        let mut more = Page::default();
        answers::read(&data, "data", video, seen_at, &mut more);
        let shown: HashSet<Option<String>> = page.posts.iter().map(|found| found.post.id.clone()).collect();
        page.posts.extend(more.posts.into_iter().filter(|found| !shown.contains(&found.post.id)));
        page.skipped.extend(more.skipped);
    }
    if page.posts.is_empty() && page.skipped.is_empty() {
        return Err(misfit("is a page of YouTube without comments"));
    }
    Ok(page)
}

fn is_comment(element: &ElementRef<'_>) -> bool {
    matches!(element.value().name(), "ytd-comment-view-model" | "ytd-comment-renderer")
}

fn post(comment: ElementRef<'_>, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let part = |id: &str| comment.descendent_elements().find(|element| element.attr("id") == Some(id));
    let (link, number, below) = comment.descendent_elements().find_map(named).ok_or("has no address")?;
    let video = below.as_ref().and_then(|below| below.id.as_deref()).filter(|id| id.len() == VIDEO);
    let mut post = comment_named(&number, video);
    let is_translated = comment.descendent_elements().any(|one| {
        text::classes(one.value()).any(|class| class == "translate-button") && one.attr("state") == Some("toggled")
    });
    if is_translated {
        return Err("is shown in translation: its own words are not on the page".to_owned());
    }
    let said = part("content-text").ok_or("has no text")?;
    // The words are set as they were typed, with their line feeds, as in a paragraph of a post.
    let mut shown = text::from_fragment(&format!("<p>{}</p>", said.inner_html()));
    let mut has_pictures = false;
    for inside in said.descendent_elements() {
        shown.unshown = shown.unshown.or(text::unshown(inside.value()));
        has_pictures |= inside.value().name() == "img" && !inside.attr("alt").is_some_and(is_said);
    }
    words::say(&mut post, shown, has_pictures);
    if post.text.is_empty() {
        return Err("has no text".to_owned());
    }
    post.author = author(comment);
    post.kind = Kind::Reply;
    post.reply_to = reply_to(&number, thread(comment).as_deref(), video).or(below.filter(|_| !number.contains('.')));
    let time = link.text().collect::<String>();
    post.labels.extend(Some(time.trim()).filter(|time| !time.is_empty()).map(|time| format!("time: {time}")));
    let likes = part("vote-count-middle").and_then(|shown| printed::count(&shown.text().collect::<String>()));
    post.metrics = Metrics { likes, seen_at: likes.map(|_| seen_at), ..Metrics::default() };
    Ok(post)
}

/// How long the id of a video is.
const VIDEO: usize = 11;

/// Whether the picture of a sign stands for the sign itself, and not for one of the channel's own.
fn is_said(alt: &str) -> bool {
    text::is_emoji(alt) && !alt.starts_with(':')
}

/// The link of a comment to itself: its id, and what it stands below.
fn named<'a>(link: ElementRef<'a>) -> Option<(ElementRef<'a>, String, Option<PostRef>)> {
    let url = Url::parse(super::SITE).ok()?.join(link.attr("href")?).ok()?;
    let (_, number) = url.query_pairs().find(|(name, _)| name == "lc")?;
    let number = Some(number.into_owned()).filter(|number| is_id(number))?;
    let community = url.path().strip_prefix("/post/").filter(|id| is_id(id));
    let below = match community {
        Some(id) => {
            let address = format!("{}/post/{id}", super::SITE);
            Some(PostRef { id: Some(id.to_owned()), uri: Some(address.clone()), url: Some(address) })
        }
        None => {
            let video = url.query_pairs().find(|(name, _)| name == "v").map(|(_, id)| id.into_owned());
            video.filter(|_| post_at(&url).is_some()).map(|id| super::video_ref(&id))
        }
    };
    Some((link, number, below))
}

/// The comment that heads the thread in which another stands.
fn thread(comment: ElementRef<'_>) -> Option<String> {
    let around = comment.ancestors().filter_map(ElementRef::wrap).filter(|element| element.value().name() == THREAD);
    let heads = around.filter_map(|thread| thread.descendent_elements().find(is_comment));
    let head = heads.take(2).find(|head| head.id() != comment.id())?;
    head.descendent_elements().find_map(named).map(|(_, number, _)| number)
}

fn author(comment: ElementRef<'_>) -> Author {
    // The name of the one whose video it is stands in a badge.
    let is_name = |link: &ElementRef<'_>| link.attr("id") == Some("author-text") && link.attr("href").is_some();
    let is_badge = |link: &ElementRef<'_>| link.value().name() == "a" && link.attr("id") == Some("name");
    let link = comment.descendent_elements().find(is_badge).or_else(|| comment.descendent_elements().find(is_name));
    let Some(link) = link else { return Author::default() };
    let (handle, id) = channel(link.attr("href").unwrap_or_default());
    let name = text::of_element(link).text;
    let is_handle =
        name.strip_prefix('@').is_some_and(|name| handle.as_ref().is_some_and(|handle| handle.as_str() == name));
    let home = link.attr("href").filter(|home| home.starts_with('/')).map(|home| format!("{}{home}", super::SITE));
    Author {
        id,
        name: Some(name).filter(|name| !name.is_empty() && !is_handle),
        handle,
        url: home,
        ..Author::default()
    }
}
