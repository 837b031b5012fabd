//! What the embed forms of all platforms have in common: the oEmbed answer around them, and their order in a page.

use std::collections::HashMap;

use ego_tree::NodeId;
use scraper::{ElementRef, Html};
use serde::Deserialize;

use crate::model::{Found, Post, Skipped};
use crate::platform::{Embed, Page};

/// What is read of an oEmbed answer (<https://oembed.com/>, 2.3.4).
#[derive(Debug, Deserialize)]
pub struct OEmbed {
    /// `rich` for posts; `video` has HTML too.
    r#type: String,
    /// The embed.
    pub html: String,
    /// Who hands it out.
    #[serde(default)]
    pub provider_url: Option<String>,
}

/// Reads an oEmbed answer that holds HTML.
///
/// # Errors
/// What does not fit, as a fragment.
pub fn oembed(body: &str) -> Result<OEmbed, String> {
    let answer: OEmbed = serde_json::from_str(body).map_err(|e| format!("no oEmbed answer: {e}"))?;
    if !matches!(answer.r#type.as_str(), "rich" | "video") {
        return Err(format!("an oEmbed answer of type {:?}, which embeds no post", answer.r#type));
    }
    Ok(answer)
}

/// The elements of a page with one of these names, as they are stored, which is nearly page order and quicker than a
/// walk from branch to branch. A selector would look at the attributes of all.
pub fn elements<'a>(html: &'a Html, names: &[&str]) -> impl Iterator<Item = ElementRef<'a>> {
    html.tree.nodes().filter_map(ElementRef::wrap).filter(|element| names.contains(&element.value().name()))
}

/// A post or an item that gave none, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Sorts the items of a page.
    pub order: usize,
    /// The place, as for [`Found`].
    pub at: String,
    /// The post, or why there is none.
    pub post: Result<Post, String>,
}

/// The items as a page, in order.
pub fn page(mut items: Vec<Item>) -> Page {
    items.sort_by_key(|item| item.order);
    let mut page = Page::default();
    for Item { at, post, .. } in items {
        match post {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    page
}

/// The embeds with their places. A place is the element's name and its number among all of that name in the document,
/// so that `document.querySelectorAll("blockquote")[N - 1]` finds it again; the order is the number of the node.
pub fn placed(html: &Html, embeds: Vec<Embed>) -> Vec<Item> {
    let mut left: HashMap<NodeId, Result<Post, String>> =
        embeds.into_iter().map(|embed| (embed.node, embed.post)).collect();
    let mut names: Vec<(&str, usize)> = Vec::new();
    for id in left.keys() {
        let name = html.tree.get(*id).and_then(|node| node.value().as_element()).map(|element| element.name());
        if let Some(name) = name.filter(|name| names.iter().all(|(known, _)| known != name)) {
            names.push((name, 0));
        }
    }
    let mut items = Vec::with_capacity(left.len());
    for (order, node) in html.tree.root().descendants().enumerate() {
        let Some(element) = node.value().as_element() else { continue };
        let Some((name, count)) = names.iter_mut().find(|(name, _)| *name == element.name()) else { continue };
        *count += 1;
        if let Some(post) = left.remove(&node.id()) {
            items.push(Item { order, at: format!("{name} {count}"), post });
        }
    }
    items
}
