//! What the embed forms of all platforms have in common: the oEmbed answer around them, the dress in which pages put
//! them, and their order in a page.

use std::collections::HashMap;

use ego_tree::NodeId;
use scraper::{ElementRef, Html};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::model::{Found, Post, Skipped};
use crate::platform::{Embed, Page};
use crate::text;

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
    /// The address that was asked for, if the answer names it.
    #[serde(default)]
    pub url: Option<String>,
    /// The page of its author.
    #[serde(default)]
    pub author_url: Option<String>,
    /// Its author, by a name or a handle, as the provider does it.
    #[serde(default)]
    pub author_name: Option<String>,
    /// The words of the post, or the beginning of them.
    #[serde(default)]
    pub title: Option<String>,
}

impl OEmbed {
    /// Doubts the posts of its embed that it says are others, or somebody else's.
    pub fn compare(&self, page: &mut Page) {
        for post in page.posts.iter_mut().map(|found| &mut found.post) {
            if let (Some(asked), Some(url)) = (&self.url, &post.url)
                && last_part(asked) != last_part(url)
            {
                post.doubts.push(format!("The answer is about {asked}, but the post in it is {url}."));
            }
            if let (Some(author), Some(handle)) = (&self.author_url, &post.author.handle) {
                let named = last_part(author).trim_start_matches('@').to_lowercase();
                let folded = handle.folded();
                let user = folded.split('@').next().unwrap_or_default();
                if named != user && named != folded && post.author.id.as_deref() != Some(&named) {
                    post.doubts.push(format!("The answer names {author} as its author, but it is of @{handle}."));
                }
            }
        }
    }
}

/// The last part of an address's path: the id of a post, the name of an account.
fn last_part(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let path = path.strip_suffix("/embed").unwrap_or(path);
    path.rsplit('/').next().unwrap_or_default()
}

/// Reads an oEmbed answer that holds HTML.
///
/// # Errors
/// What does not fit, as a fragment.
pub fn oembed(body: &str) -> Result<OEmbed, String> {
    // Some that keep answers add a `type` of their own: of members of one name the last is taken, as browsers do.
    let answer: Value = serde_json::from_str(body).map_err(|e| format!("no oEmbed answer: {e}"))?;
    let answer: OEmbed = serde_json::from_value(answer).map_err(|e| format!("no oEmbed answer: {e}"))?;
    if !matches!(answer.r#type.as_str(), "rich" | "video") {
        return Err(format!("an oEmbed answer of type {:?}, which embeds no post", answer.r#type));
    }
    Ok(answer)
}

/// What is said of a post of which a page has only the address, or that and a signature.
const ONLY_ADDRESS: &str = "The page has only the address of the post.";
/// The same where who signs it is there, too.
pub const ONLY_SIGNATURE: &str = "The page shows the signature without any words of the post.";

/// A post of which a page has only the address.
pub fn bare(mut post: Post) -> Post {
    post.doubts.push(ONLY_ADDRESS.to_owned());
    post
}

/// Whether a doubt says that a page has no words of a post, and shows none in their place.
pub fn is_of_bare(doubt: &str) -> bool {
    matches!(doubt, ONLY_ADDRESS | ONLY_SIGNATURE)
}

/// Where pages keep an address, beside the usual attribute: a script puts it there when a reader scrolls to it, or agrees.
const ADDRESSES: [&str; 19] = [
    "src",
    "data-src",
    "data-lazy-src",
    "data-lazyload",
    "data-original",
    "data-embed-src",
    "data-embed-url",
    "data-iframe-src",
    "data-cmp-src",
    "data-cookieblock-src",
    "data-oembed-url",
    "data-canonical-url",
    "data-onebox-src",
    "data-embed",
    "data-iframely-url",
    "data-url",
    "data-href",
    "href",
    "cite",
];

/// The addresses that an element names, each as it stands and, where it is a service's that frames or keeps other pages,
/// that of the page inside.
pub fn addresses<'a>(element: ElementRef<'a>) -> impl Iterator<Item = String> + 'a {
    let values = ADDRESSES.iter().filter_map(move |name| text::attribute(element.value(), name));
    values.flat_map(|value| {
        let value = value.trim();
        let whole = if value.starts_with("//") { format!("https:{value}") } else { value.to_owned() };
        let is_place = whole.starts_with('/') || whole.contains("://");
        let inside = is_place.then(|| framed(&whole)).flatten();
        let is_web = whole.starts_with("http://") || whole.starts_with("https://");
        is_web.then_some(whole).into_iter().chain(inside)
    })
}

/// The page that a framing service shows: it stands in a parameter of its address
/// (`https://cdn.embedly.com/widgets/media.html?url=…`).
fn framed(address: &str) -> Option<String> {
    // Drupal frames others by an address on its own server.
    let whole = if address.starts_with('/') { format!("https://page.invalid{address}") } else { address.to_owned() };
    let url = Url::parse(&whole).ok()?;
    let is_web = |value: &str| value.starts_with("https://") || value.starts_with("http://");
    let named = |wanted: &str| {
        let value = url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
        value.filter(|value| is_web(value))
    };
    ["url", "href", "src", "u"].into_iter().find_map(named).or_else(|| archived(address).map(str::to_owned))
}

/// The page that an archive keeps: its address stands in that of the copy
/// (`https://web.archive.org/web/20210726180311/https://…`, `https://archive.ph/2021.07.26-180311/https://…`).
pub fn archived(address: &str) -> Option<&str> {
    // Within the archive, addresses may begin at its root.
    let path = address.split_once("://").filter(|_| !address.starts_with('/')).map_or(address, |(_, path)| path);
    let at = path.find("/https://").or_else(|| path.find("/http://"))?;
    Some(&path[at + 1..])
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
    let mut left: HashMap<NodeId, Vec<Result<Post, String>>> = HashMap::with_capacity(embeds.len());
    for Embed { node, posts } in embeds {
        left.entry(node).or_default().extend(posts);
    }
    let mut names: Vec<(&str, usize)> = Vec::new();
    for id in left.keys() {
        let name = html.tree.get(*id).and_then(|node| node.value().as_element()).map(|element| element.name());
        if let Some(name) = name.filter(|name| names.iter().all(|(known, _)| known != name)) {
            names.push((name, 0));
        }
    }
    let mut items = Vec::with_capacity(left.len());
    for (order, node) in html.tree.root().descendants().enumerate() {
        if left.is_empty() {
            break;
        }
        let Some(element) = node.value().as_element() else { continue };
        let Some((name, count)) = names.iter_mut().find(|(name, _)| *name == element.name()) else { continue };
        *count += 1;
        for post in left.remove(&node.id()).unwrap_or_default() {
            items.push(Item { order, at: format!("{name} {count}"), post });
        }
    }
    items
}
