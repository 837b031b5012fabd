//! The Atom feed of a channel.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::{is_id, misfit, video_named};
use crate::date;
use crate::model::{Author, Found, Metrics, Post, Precision, Skipped, TextState, When, WhenSource};
use crate::platform::xml::{self, attribute, element, elements, items};
use crate::platform::{Page, ParseError};

/// Whether a source is such a feed.
pub(super) fn is_one(source: &str) -> bool {
    source.contains("<yt:videoId>") || source.contains("<yt:channelId>")
}

/// Reads a channel's feed.
///
/// # Errors
/// If it is none.
pub(super) fn read(source: &str, seen_at: DateTime<Utc>) -> Result<Page, ParseError> {
    if !is_one(source) {
        return Err(misfit("a feed that is not YouTube's"));
    }
    let mut page = Page { shape: "feed", ..Page::default() };
    for (i, entry) in items(source, "entry").enumerate() {
        let at = format!("entry {}", i + 1);
        match entry.and_then(|entry| video(entry, seen_at)) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    page.skipped.extend(xml::broken_off(source, "feed"));
    Ok(page)
}

fn video(entry: &str, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let words = |name: &str| element(entry, name).map(Cow::into_owned);
    let number = words("yt:videoId").filter(|id| is_id(id)).ok_or("has no id")?;
    let title = words("title").unwrap_or_default();
    let below = words("media:description").unwrap_or_default();
    let text =
        if title.is_empty() || below.is_empty() { format!("{title}{below}") } else { format!("{title}\n\n{below}") };
    if text.is_empty() {
        return Err("has no text".to_owned());
    }
    let counted = |of: &str, name: &str| attribute(elements(entry, of).next()?.0, name)?.parse().ok();
    let (likes, views) = (counted("media:starRating", "count"), counted("media:statistics", "views"));
    let at = words("published").as_deref().and_then(date::timestamp);
    Ok(Post {
        author: Author {
            id: words("yt:channelId").filter(|id| !id.is_empty()),
            name: words("name"),
            url: words("uri"),
            ..Author::default()
        },
        created: at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
        text,
        text_state: TextState::Complete,
        metrics: Metrics { likes, views, seen_at: likes.or(views).map(|_| seen_at), ..Metrics::default() },
        ..video_named(&number)
    })
}
