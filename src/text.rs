//! HTML to the plain text that its author wrote.
//!
//! Two kinds of HTML come in. The *content of a post* is what a server made of an author's plain text: paragraphs and
//! `<br>` stand for the line breaks, and every other space was typed. An *element of a page* is set as a browser sets
//! it: white space collapses. Both are walked without recursion, so that no depth of nesting can exhaust the stack.
//!
//! What links lead to is reported beside the text, never written into it. Style sheets are not read: what only they
//! hide is shown. On a page, what an element's own `style` hides or strikes out is hidden or struck; the content of a post
//! has no styles, since servers drop them.

mod layout;
pub mod page;
mod tokens;

use std::borrow::Cow;

use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{ElementRef, Html, Node};

use crate::model::Link;
use layout::{Layout, Space};
use tokens::{Token, Tokens};

/// Text as its author wrote it, and the links in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendered {
    /// The text: `\n` for a line break, `\n\n` between paragraphs. A link stands with its whole address where a server
    /// hides parts of it (`span.invisible`), since that is what its author typed.
    pub text: String,
    /// Links in reading order, hashtags and mentions among them: what is *seen* (without the hidden parts, with `…`
    /// where a server shortens) and the address.
    pub links: Vec<Link>,
    /// What the text does not show of its words.
    pub unshown: Unshown,
}

/// What plain text cannot show of words: whoever quotes them must doubt them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unshown {
    /// Some are struck out (`del`, `s`, `strike`).
    pub struck: bool,
    /// Some are marked as quoted (`blockquote`, `q`): their author may have said them of somebody else.
    pub quoted: bool,
    /// Some are hidden from readers, and were left out; of the content of a post, which may be read elsewhere, they were
    /// kept.
    pub hidden: bool,
}

impl Unshown {
    /// What is unshown in one or the other.
    pub fn or(self, other: Unshown) -> Unshown {
        Unshown {
            struck: self.struck || other.struck,
            quoted: self.quoted || other.quoted,
            hidden: self.hidden || other.hidden,
        }
    }

    /// The doubts that it leaves.
    pub fn doubts(self) -> Vec<String> {
        let doubts = [
            (self.struck, "Parts of the text are struck out, which plain text does not show."),
            (self.quoted, "Parts of the text are marked as quoted, which plain text does not show."),
            (self.hidden, "Words in the text are hidden from readers."),
        ];
        doubts.iter().filter(|(is, _)| *is).map(|(_, doubt)| (*doubt).to_owned()).collect()
    }
}

/// Above this product of open elements and tags no tree is built: html5ever looks through its open elements at most
/// tags, and copies open formatting elements into every paragraph.
const TREE_COST: usize = 2_000_000;

/// A tag longer than this is no tag of a post; html5ever compares each attribute with all before it.
const LONGEST_TAG: usize = 32 * 1024;

/// Reads the HTML content of a post.
///
/// Spaces are kept as typed. A line feed inside a paragraph is kept too: Mastodon's own pages set paragraphs with
/// `white-space: pre-wrap` (mastodon#1630), so a reader sees a line break there, and what Bridgy Fed brings over from
/// Bluesky has no other (Smithereen#269). One beside a `<br>`, at the edge of a paragraph or between paragraphs is
/// how some server laid out its HTML (`<br />\n` of Pixelfed), and is dropped.
pub fn from_fragment(html: &str) -> Rendered {
    small(html).unwrap_or_else(|| if costs_too_much(html) { flat(html) } else { tree(html) })
}

/// Reads an element of a page as a browser sets it, white space collapsed (but not in `<pre>`).
pub fn of_element(element: ElementRef<'_>) -> Rendered {
    let mut layout = Layout::new(Space::Page);
    walk(element.traverse(), &mut layout);
    layout.finish()
}

/// Whether a page does not show an element, by its attribute `hidden` or its own `style`.
pub fn is_hidden<'a>(attr: impl Fn(&str) -> Option<Cow<'a, str>>) -> bool {
    attr("hidden").is_some() || attr("style").is_some_and(|style| layout::Style::read(&style).hides)
}

/// What becomes of the words in an element of a page, by its name, its attribute `hidden` and its own `style`.
pub fn unshown(element: &Element) -> Unshown {
    let style = attribute(element, "style").map(layout::Style::read).unwrap_or_default();
    Unshown {
        struck: style.strikes || layout::strikes(element.name()),
        quoted: layout::quotes(element.name()),
        hidden: style.hides || attribute(element, "hidden").is_some(),
    }
}

/// Whether a page shows nothing of what is written inside elements of that name: `script`, `template`, `textarea`.
pub fn shows_nothing(name: &str) -> bool {
    layout::shows_nothing(name)
}

/// Whether the alternative text of a picture is that of an emoji.
pub fn is_emoji(alt: &str) -> bool {
    layout::is_emoji(alt)
}

/// An attribute of an element. [`Element::attr`] first looks its name up in a table of all names, which takes longer than
/// comparing it with the few that an element has.
pub fn attribute<'a>(element: &'a Element, wanted: &str) -> Option<&'a str> {
    let named = element.attrs.iter().find(|(name, _)| *name.local == *wanted && name.ns.is_empty());
    named.map(|(_, value)| &**value)
}

/// The classes of an element. [`Element::classes`] enters each of them into a table of names that all threads share.
pub fn classes(element: &Element) -> impl Iterator<Item = &str> {
    attribute(element, "class").unwrap_or_default().split_ascii_whitespace()
}

/// Undoes `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;`, `&nbsp;` and numbers, as in XML; what is none of them stays.
pub fn unescape(text: &str) -> Cow<'_, str> {
    tokens::decode(text)
}

/// Reads a part of an embed in a page, given as the edges of a walk over it. Spaces are kept as typed, as in the content
/// of a post; but a line feed is how the page was laid out, and the white space around it collapses.
pub fn of_embed<'a>(edges: impl Iterator<Item = Edge<'a, Node>>) -> Rendered {
    let mut layout = Layout::new(Space::Embed);
    walk(edges, &mut layout);
    layout.finish()
}

/// The way for any HTML: through a tree.
fn tree(html: &str) -> Rendered {
    let document = Html::parse_fragment(html);
    let mut layout = Layout::new(Space::Post);
    walk(document.tree.root().traverse(), &mut layout);
    layout.finish()
}

fn walk<'a>(edges: impl Iterator<Item = Edge<'a, Node>>, layout: &mut Layout) {
    for edge in edges {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) => {
                    layout.open(element.name(), |name| attribute(element, name).map(Into::into));
                }
                Node::Text(text) => layout.text(text),
                _ => {}
            },
            Edge::Close(node) if node.value().is_element() => layout.close(),
            Edge::Close(_) => {}
        }
    }
}

/// The fast way for what servers send nearly always: paragraphs, breaks, links and spans, properly nested. `None` as
/// soon as anything else comes, where only a real parser knows what is meant. A test holds it equal to [`tree`].
fn small(html: &str) -> Option<Rendered> {
    if memchr::memchr2(0, b'\r', html.as_bytes()).is_some() {
        return None;
    }
    let mut layout = Layout::new(Space::Post);
    let mut open: Vec<&str> = Vec::new();
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => layout.text(&tokens::decode_surely(text)?),
            Token::Open(tag) => {
                let fits = match tag.name {
                    "p" => open.is_empty(),
                    "a" => !open.contains(&"a"),
                    "br" | "span" => true,
                    _ => false,
                };
                let attributes = tag.plain().filter(|_| fits && open.len() <= 8)?;
                layout.open(tag.name, |name| attributes.attr(name));
                if tag.name == "br" {
                    layout.close();
                } else {
                    open.push(tag.name);
                }
            }
            Token::Close(name) => {
                if open.pop()? != name {
                    return None;
                }
                layout.close();
            }
            Token::Other => return None,
        }
    }
    open.is_empty().then(|| layout.finish())
}

/// The linear way for HTML that is nested without measure: tags are taken as they come, without the repairs that a
/// tree would make.
fn flat(html: &str) -> Rendered {
    /// How far up a closing tag looks for its element, so that stray ones cost nothing.
    const REACH: usize = 16;
    let mut layout = Layout::new(Space::Post);
    let mut open: Vec<&str> = Vec::new();
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => layout.text(&tokens::decode(text)),
            Token::Open(tag) => {
                layout.open(&tag.name.to_ascii_lowercase(), |name| tag.attr(name));
                if tokens::is_void(tag.name) {
                    layout.close();
                } else {
                    open.push(tag.name);
                }
            }
            Token::Close(name) => {
                let matching = open.iter().rev().take(REACH).position(|o| o.eq_ignore_ascii_case(name));
                for _ in 0..matching.map_or(0, |depth| depth + 1) {
                    open.pop();
                    layout.close();
                }
            }
            Token::Other => {}
        }
    }
    layout.finish()
}

/// Whether a tree of this page is built in a second or so. html5ever takes quadratic time for elements nested without
/// measure and for tags of thousands of attributes; real pages are far from both.
pub fn is_affordable(page: &str) -> bool {
    const COST: usize = 100_000_000;
    const ATTRIBUTES: usize = 5_000;
    // In pieces whose count fits a byte, so that the processor counts many bytes at once.
    let count = |piece: &[u8]| usize::from(piece.iter().map(|byte| u8::from(*byte == b'<')).sum::<u8>());
    let tags: usize = page.as_bytes().chunks(128).map(count).sum();
    if tags.saturating_mul(tags) <= COST && has_everywhere(page.as_bytes(), b'<', 2 * ATTRIBUTES) {
        return true;
    }
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    for token in Tokens::new(page) {
        match token {
            Token::Open(tag) if tag.attrs.split_ascii_whitespace().nth(ATTRIBUTES).is_some() => return false,
            Token::Open(tag) if !tokens::is_void(tag.name) && !closes_itself(tag.name) => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            Token::Close(name) if !closes_itself(name) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest.saturating_mul(tags) <= COST
}

/// Whether no stretch of that length is without the byte. Looks at few bytes: from the end of each stretch back.
fn has_everywhere(bytes: &[u8], byte: u8, stretch: usize) -> bool {
    let mut rest = bytes;
    while let Some(next) = rest.get(..stretch) {
        let Some(at) = next.iter().rposition(|b| *b == byte) else { return false };
        rest = &rest[at + 1..];
    }
    true
}

/// Elements that end where the next of their kind begins: authors leave their closing tags out.
fn closes_itself(name: &str) -> bool {
    ["p", "li", "dt", "dd", "option", "tr", "td", "th"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn costs_too_much(html: &str) -> bool {
    let (mut depth, mut deepest, mut tags) = (0_usize, 0_usize, 0_usize);
    for token in Tokens::new(html) {
        match token {
            Token::Open(tag) => {
                if tag.attrs.len() > LONGEST_TAG {
                    return true;
                }
                tags += 1;
                if !tokens::is_void(tag.name) {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
            }
            Token::Close(_) => {
                tags += 1;
                depth = depth.saturating_sub(1);
            }
            Token::Text(_) | Token::Other => {}
        }
    }
    deepest.saturating_mul(tags) > TREE_COST
}

#[cfg(test)]
mod tests;
