//! Posts of which a page has only the address: frames and boxes that a script fills, links and addresses. Which address is
//! a post's, the platforms tell; asked for are those whose posts are embedded in pages.
//!
//! What stands alone in its paragraph shows a post; a link in running text only leads to one, and is told. Left out are
//! those in the frame of a page (navigation, share buttons, related articles, the words of commenters), those whose words
//! are a date, as under a quotation, and those inside embeds.

use std::collections::{HashMap, HashSet};

use ego_tree::{NodeId, NodeRef};
use scraper::node::Element;
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::reading::date_of;
use crate::model::Post;
use crate::platform::ALL;
use crate::platform::printed::{embeds as printed, shortcodes};
use crate::text;

/// How far up the page is looked at around an address.
const REACH: usize = 200;

/// Words in the class or the name of an element that is none of the article.
const FRAME: [&str; 34] = [
    "share",
    "sharing",
    "social",
    "related",
    "recommended",
    "recommendations",
    "sidebar",
    "widget",
    "nav",
    "navbar",
    "navigation",
    "menu",
    "footer",
    "header",
    "comments",
    "comment",
    "respond",
    "breadcrumb",
    "breadcrumbs",
    "author",
    "byline",
    "bio",
    "follow",
    "toolbar",
    "popular",
    "trending",
    "newsletter",
    "promo",
    "masthead",
    "cookie",
    "advert",
    "tags",
    "pagination",
    "outbrain",
];

/// A post of which a page has only the address.
pub(super) struct Reference<P> {
    /// Where it stands.
    pub(super) at: P,
    pub(super) post: Post,
    /// Whether it stands for the post: a frame, or alone in its paragraph.
    pub(super) alone: bool,
}

impl<P> Reference<P> {
    /// What becomes of it.
    pub(super) fn read(self) -> Result<Post, String> {
        if self.alone {
            return Ok(printed::bare(self.post));
        }
        let address = self.post.url.or(self.post.uri).unwrap_or_default();
        Err(format!("is a post that the text only links to: {address}"))
    }
}

/// The posts whose addresses a page has, outside the elements in `taken`.
pub(super) fn in_page(page: &Html, taken: &HashSet<NodeId>) -> Vec<Reference<NodeId>> {
    let mut found = Vec::new();
    let mut paragraphs = Paragraphs::default();
    for node in page.tree.nodes() {
        let post = match node.value() {
            Node::Element(element) => {
                let Some(element) = ElementRef::wrap(node).filter(|_| may_refer(element)) else { continue };
                of_element(element)
            }
            Node::Text(words) => address(words).and_then(of_address),
            _ => None,
        };
        // What stands around it is looked at only where there is something.
        let Some(post) = post.filter(|_| is_of_article(node, taken)) else { continue };
        let is_box = node.value().as_element().is_some_and(|element| element.name() != "a");
        let at = if node.value().is_element() { Some(node.id()) } else { node.parent().map(|parent| parent.id()) };
        let alone = is_box || paragraphs.are_silent(node);
        found.extend(at.map(|at| Reference { at, post, alone }));
    }
    found
}

/// Which paragraphs say nothing beside addresses of posts; each is looked through once.
#[derive(Default)]
struct Paragraphs {
    silent: HashMap<NodeId, bool>,
}

impl Paragraphs {
    /// Whether the one around a node does.
    fn are_silent(&mut self, node: NodeRef<'_, Node>) -> bool {
        let is_block =
            |around: &NodeRef<'_, Node>| around.value().as_element().is_some_and(|element| is_block(element.name()));
        let Some(block) = node.ancestors().take(REACH).find(is_block) else { return false };
        *self.silent.entry(block.id()).or_insert_with(|| is_silent(block))
    }
}

fn is_silent(block: NodeRef<'_, Node>) -> bool {
    /// Nodes of a paragraph that are looked at: one with more says something.
    const MOST: usize = 300;
    let mut left = MOST;
    let mut next = block.first_child();
    while let Some(inside) = next {
        let Some(fewer) = left.checked_sub(1) else { return false };
        left = fewer;
        let words = inside.value().as_text();
        let is_reference = words
            .is_some_and(|words| address(words).is_some_and(|address| of_address(address).is_some()))
            || ElementRef::wrap(inside)
                .is_some_and(|element| element.value().name() == "a" && of_element(element).is_some());
        if !is_reference && words.is_some_and(|words| words.contains(char::is_alphanumeric)) {
            return false;
        }
        next = if is_reference { None } else { inside.first_child() };
        let mut leaving = inside;
        while next.is_none() && leaving.id() != block.id() {
            next = leaving.next_sibling();
            let Some(parent) = leaving.parent() else { return true };
            leaving = parent;
        }
    }
    true
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "li"
            | "dd"
            | "dt"
            | "td"
            | "th"
            | "figure"
            | "figcaption"
            | "div"
            | "blockquote"
            | "section"
            | "article"
            | "main"
            | "body"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "center"
    )
}

/// The posts whose addresses a plain text has: as a line, as a link of Markdown, in a shortcode; by the byte where each stands.
pub(super) fn in_text(source: &str) -> Vec<Reference<usize>> {
    let mut found = Vec::new();
    let mut begin = 0;
    for line in source.split('\n') {
        let bare = line.trim().trim_start_matches(['-', '*', '+', '•', '>', ' ']);
        let within = bare.strip_prefix('<').and_then(|bare| bare.strip_suffix('>')).unwrap_or(bare);
        let post = address(within).and_then(of_address);
        found.extend(post.map(|post| Reference { at: begin, post, alone: true }));
        for (at, _) in line.match_indices("](http") {
            let target = &line[at + 2..];
            let end = target.find([')', ' ']).unwrap_or(target.len());
            let shown = line[..at].rsplit('[').next().unwrap_or_default();
            let close = line[at..].find(')').map_or(line.len(), |close| at + close + 1);
            let rest = |words: &str| words.contains(char::is_alphanumeric);
            let alone = !rest(&line[..at - shown.len()]) && !rest(&line[close..]);
            if date_of(shown).is_none() {
                found.extend(of_address(&target[..end]).map(|post| Reference { at: begin + at, post, alone }));
            }
        }
        begin += line.len() + 1;
    }
    for code in shortcodes::find(source) {
        let elements = printed::elements(&code.html, &[shortcodes::ELEMENT]);
        let mut arguments =
            elements.flat_map(|element| element.value().attrs.iter().map(|(_, value)| value.to_string()));
        let post = arguments.find_map(|value| of_address(&value));
        found.extend(post.map(|post| Reference { at: code.range.start, post, alone: true }));
    }
    found.sort_by_key(|reference| reference.at);
    found
}

/// Whether an element may name the address of a post.
fn may_refer(element: &Element) -> bool {
    match element.name() {
        "a" | "iframe" | "oembed" | "amp-iframe" | "amp-embed" => true,
        "img" | "script" | "link" | "meta" | "source" | "video" | "audio" | "button" | "input" | "form" => false,
        _ => element.attrs.iter().any(|(name, value)| name.local.starts_with("data-") && value.contains("//")),
    }
}

fn of_element(element: ElementRef<'_>) -> Option<Post> {
    if element.value().name() == "a" {
        let href = text::attribute(element.value(), "href")
            .filter(|href| href.starts_with("http") || href.contains("/http"))?;
        let post = of_address(href)?;
        let shown = element.text().collect::<String>();
        return date_of(&shown).is_none().then_some(post);
    }
    // CKEditor keeps the address of what is to be embedded so.
    let oembed = text::attribute(element.value(), "url").filter(|_| element.value().name() == "oembed");
    let addresses = printed::addresses(element).chain(oembed.map(str::to_owned));
    addresses.into_iter().find_map(|address| of_address(&address))
}

/// The address that a text consists of.
fn address(words: &str) -> Option<&str> {
    let words = words.trim();
    let is_address = words.starts_with("https://") || words.starts_with("http://");
    (is_address && !words.contains(char::is_whitespace)).then_some(words)
}

/// The post that an address leads to, of a platform whose posts are embedded in pages.
fn of_address(address: &str) -> Option<Post> {
    let post_at = |address: &str| {
        let url = Url::parse(address.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let platforms = ALL.iter().filter(|platform| platform.embeds.is_some());
        platforms.filter_map(|platform| platform.post_at).find_map(|post_at| post_at(&url))
    };
    // The copy that an archive keeps is of the same post.
    post_at(address).or_else(|| post_at(printed::archived(address)?))
}

/// Whether a node is of the article and not of what stands around it, nor of an embed, nor hidden.
fn is_of_article(node: NodeRef<'_, Node>, taken: &HashSet<NodeId>) -> bool {
    // Names tell what an element is only within the article: around it, they tell what the page has (`with-sidebar`).
    let mut within = true;
    !taken.contains(&node.id())
        && node.ancestors().take(REACH).all(|around| {
            let Some(element) = around.value().as_element() else { return true };
            let is_outside = taken.contains(&around.id())
                || is_frame(element)
                || (within && is_named_so(element))
                || is_concealed(element);
            within &= !is_article(element);
            !is_outside
        })
}

/// Elements that are none of the article by their kind.
fn is_frame(element: &Element) -> bool {
    const KINDS: [&str; 15] = [
        "nav", "header", "footer", "aside", "form", "button", "script", "style", "textarea", "pre", "code", "a",
        "head", "title", "noscript",
    ];
    const ROLES: [&str; 4] = ["navigation", "complementary", "banner", "contentinfo"];
    KINDS.contains(&element.name()) || text::attribute(element, "role").is_some_and(|role| ROLES.contains(&role))
}

/// Whether it is named as something that is none of the article.
fn is_named_so(element: &Element) -> bool {
    let names = text::attribute(element, "id").into_iter().chain(text::classes(element));
    names.flat_map(|name| name.split(['-', '_'])).any(|word| FRAME.contains(&&*word.to_ascii_lowercase()))
        && !is_article(element)
}

/// Whether it holds the text of an article.
fn is_article(element: &Element) -> bool {
    const NAMES: [&str; 10] = [
        "entry-content",
        "post-content",
        "article-content",
        "article-body",
        "articlebody",
        "post-body",
        "story-body",
        "article__body",
        "body-content",
        "article-text",
    ];
    matches!(element.name(), "html" | "body" | "main" | "article")
        || text::attribute(element, "itemprop") == Some("articleBody")
        || text::attribute(element, "role") == Some("main")
        || text::classes(element).any(|class| NAMES.contains(&&*class.to_ascii_lowercase()))
}

fn is_concealed(element: &Element) -> bool {
    !matches!(element.name(), "html" | "body") && text::is_hidden(|name| text::attribute(element, name).map(Into::into))
}
