//! A quotation as embeds have it: words, the signature `— Name (@handle)`, and a date that links to the post.
//!
//! Where a closing tag is missing, or a page has put a thread into one element, several stand in it one after another.
//! Each that ends in its own link is told from the next. What else is signed in between cannot be.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

use super::{shortened, signature, walk};
use crate::model::{Handle, Link};
use crate::text::{self, Unshown};

/// What is read of a signed quotation.
pub struct Signed {
    /// The words before the signature.
    pub text: String,
    /// The links in them.
    pub links: Vec<Link>,
    /// What the text does not show.
    pub unshown: Unshown,
    /// Display name as printed.
    pub name: String,
    /// The handle.
    pub handle: Handle,
    /// The name by another reading: see [`signature::Signature::rival`].
    pub rival: Option<String>,
}

impl Signed {
    /// Why it is not certain whose the words are: somebody else signs in the middle of them.
    pub fn fault(&self) -> Option<String> {
        let in_name = || {
            let name = Some(&self.name).filter(|name| name.contains('(') || name.contains('（'))?;
            signature::signer_within(&format!("— {name}"))
        };
        let other = signature::signer_within(&self.text).or_else(in_name)?;
        Some(format!("is signed by @{}, but by @{other} as well: who wrote which words is not certain", self.handle))
    }

    /// The doubts that the words and the name leave.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts: Vec<String> = self.rival.as_deref().map(signature::two_names).into_iter().collect();
        if self.text.is_empty() {
            doubts.push("The page shows the signature without any words of the post.".to_owned());
        }
        doubts.extend(self.unshown.doubts());
        doubts
    }
}

/// A link in a quotation that leads to a post: where it begins and ends in the walk, and what it names.
pub struct PostLink<'a, T> {
    /// Where it begins.
    pub start: usize,
    /// Where the walk has left it.
    pub end: usize,
    /// The link.
    pub link: ElementRef<'a>,
    /// The post it leads to.
    pub target: T,
}

/// The links that lead to a post, in order.
pub fn links<'a, T>(edges: &[Edge<'a, Node>], target: impl Fn(&ElementRef<'a>) -> Option<T>) -> Vec<PostLink<'a, T>> {
    let mut links: Vec<PostLink<'a, T>> = Vec::new();
    for (at, edge) in edges.iter().enumerate() {
        match edge {
            Edge::Open(node) => {
                let link = ElementRef::wrap(*node).filter(|element| element.value().name() == "a");
                links.extend(link.and_then(|link| {
                    let target = target(&link)?;
                    Some(PostLink { start: at, end: edges.len(), link, target })
                }));
            }
            Edge::Close(node) => {
                if let Some(last) = links.last_mut().filter(|last| last.link.id() == node.id()) {
                    last.end = at + 1;
                }
            }
        }
    }
    links
}

/// A signed quotation that ends in a link to its post.
pub struct Linked<'a, 'b, T> {
    /// Where it begins in the walk.
    pub start: usize,
    /// What is read of it.
    pub signed: Signed,
    /// The link.
    pub link: &'b PostLink<'a, T>,
}

/// The signed quotations that end in a link to a post, and where the last one ends.
pub fn linked<'a, 'b, T>(edges: &[Edge<'a, Node>], links: &'b [PostLink<'a, T>]) -> (Vec<Linked<'a, 'b, T>>, usize) {
    let (mut found, mut begin, mut line) = (Vec::new(), 0, 0);
    for (number, link) in links.iter().enumerate() {
        // Of the links before the last, most stand in the text.
        let may_end =
            number + 1 == links.len() || signed(&edges[line..link.start]).is_some_and(|(_, rest)| rest.is_empty());
        if may_end && let Some((signed, _)) = signed(&edges[begin..link.start]).filter(|(_, rest)| rest.is_empty()) {
            found.push(Linked { start: begin, signed, link });
            begin = link.end;
        }
        line = link.end;
    }
    (found, begin)
}

/// The words and the signature, and what stands behind the handle.
pub fn signed(edges: &[Edge<'_, Node>]) -> Option<(Signed, String)> {
    let last_line = last_line(edges);
    let line = text::of_embed(edges[last_line..].iter().copied()).text;
    let (open, close, handle) = signature::last_handle(&line)?;
    let signature = signature::read(&line, open, &handle)?;
    let rest = line[close..].trim_matches(signature::is_blank).to_owned();
    let has_own_line = line[..signature.dash].trim_matches(signature::is_blank).is_empty();
    let mut rival = signature.rival.map(str::to_owned);
    let rendered = if has_own_line {
        let rendered = text::of_embed(edges[..last_line].iter().copied());
        // Where the text ends is plain, so the name begins at the first dash, if that is no bullet.
        rival.take_if(|_| !rendered.text.is_empty() && !signature.bullet);
        rendered
    } else {
        let mut rendered = text::of_embed(edges.iter().copied());
        let kept = rendered.text.len().checked_sub(line.len() - signature.dash)?;
        rendered.text.truncate(rendered.text.get(..kept)?.trim_end().len());
        rendered.links.pop_if(|link| link.shown.trim_start_matches('@') == handle.as_str());
        rendered
    };
    let name = signature.name.to_owned();
    Some((Signed { text: rendered.text, links: rendered.links, unshown: rendered.unshown, name, handle, rival }, rest))
}

/// What stands behind the last signature of a quotation: nothing, mostly. What is signed there cannot be read, since
/// an element of one post holds it, but is told.
pub struct Behind {
    /// The words.
    text: String,
}

impl Behind {
    /// Reads it.
    pub fn of(edges: &[Edge<'_, Node>]) -> Option<Behind> {
        let is_word = |edge: &Edge<'_, Node>| matches!(edge, Edge::Open(node) if node.value().as_text().is_some_and(|text| !text.trim().is_empty()));
        // Mostly only elements end there.
        if !edges.iter().any(is_word) {
            return None;
        }
        let text = text::of_embed(edges.iter().copied()).text;
        (!text.is_empty()).then_some(Behind { text })
    }

    /// The doubt that it leaves of the post before it.
    pub fn doubt(&self) -> String {
        format!("Words stand behind its signature, and may be its own: {:?}.", shortened(&self.text))
    }

    /// An item for each signature in it.
    pub fn faults(&self) -> impl Iterator<Item = String> {
        let signers = self.text.lines().filter_map(signature::signer_within);
        signers.map(|other| {
            format!("is signed by @{other}, but stands in the embed of another post, behind its signature")
        })
    }
}

/// A walk through an element, without the embeds inside it: where a closing tag is missing, the next embed stands
/// inside this one, and is read by itself.
pub fn own_edges<'a>(quote: ElementRef<'a>, is_embed: impl Fn(&ElementRef<'a>) -> bool) -> Vec<Edge<'a, Node>> {
    let is_other = |element: &ElementRef<'a>| element.value().name() == "blockquote" && is_embed(element);
    let mut edges = Vec::with_capacity(32);
    walk(quote, is_other, |edge| {
        edges.push(edge);
        true
    });
    edges
}

/// Where the last line begins that has words: behind the last line break or edge of a block.
fn last_line(edges: &[Edge<'_, Node>]) -> usize {
    let mut has_words = false;
    let begin = edges.iter().rposition(|edge| {
        let (Edge::Open(node) | Edge::Close(node)) = edge;
        match node.value() {
            Node::Text(text) => {
                has_words |= !text.trim().is_empty();
                false
            }
            Node::Element(element) => {
                has_words
                    && matches!(element.name(), "p" | "br" | "div" | "blockquote" | "li" | "ul" | "footer" | "cite")
            }
            _ => false,
        }
    });
    begin.map_or(0, |at| at + 1)
}
