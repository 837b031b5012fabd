//! What other pages embed of Telegram: a script that names a message, and the frame that it puts there.
//!
//! Neither has a word of it.

use scraper::{ElementRef, Html};
use url::Url;

use super::{named, post_at};
use crate::model::{Author, Post};
use crate::platform::Embed;
use crate::platform::printed::embeds as printed;
use crate::text;

/// The embeds of Telegram in a page.
pub(super) fn embeds(html: &Html) -> Vec<Embed> {
    let elements = printed::elements(html, &["script", "iframe"]);
    elements.filter_map(|element| Some(Embed { node: element.id(), posts: vec![post(element)?] })).collect()
}

fn post(element: ElementRef<'_>) -> Option<Result<Post, String>> {
    if element.value().name() == "iframe" {
        let post = printed::addresses(element).find_map(|address| post_at(&Url::parse(&address).ok()?))?;
        return Some(Ok(printed::bare(post)));
    }
    let place = text::attribute(element.value(), "data-telegram-post")?;
    let post = place.split_once('/').and_then(|(channel, number)| named(channel, number));
    // That of a group is named in the same way.
    let post = post.map(|post| Post { author: Author::default(), ..post });
    Some(post.map(printed::bare).ok_or_else(|| format!("names no message: {place:?}")))
}
