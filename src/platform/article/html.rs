//! Lays out an HTML page.

use std::collections::{HashMap, HashSet};

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{ElementRef, Html, Node};

use super::groups::Groups;
use super::sheet::{Block, Bound, Place, Role, Sheet, bullet, page_bullet};
use crate::text::{self, Unshown};

/// Whether a page may hold a quotation outside the elements in `taken`: a handle stands in parentheses somewhere.
pub(super) fn names_handles(html: &Html, taken: &HashSet<NodeId>) -> bool {
    // A link may part the parenthesis from the handle.
    let plainly = |text: &str| text.contains("(@") || text.trim_start().starts_with('@');
    let names = |text: &str| (text.contains('@') && plainly(text)) || text.contains('＠');
    html.tree
        .nodes()
        .filter(|node| node.value().as_text().is_some_and(|text| names(text)))
        .any(|node| !node.ancestors().any(|around| taken.contains(&around.id())))
}

/// Lays out an HTML page, but for the elements in `taken`, which are walls.
pub(super) fn of_html(html: &Html, taken: &HashSet<NodeId>) -> Sheet {
    let mut setter = Setter::default();
    let mut hidden: Option<NodeId> = None;
    for edge in html.tree.root().traverse() {
        let (node, opens) = match edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        setter.nodes += usize::from(opens);
        let element = node.value().as_element();
        let name = element.map_or("", |element| element.name());
        let kind = element.map_or(Kind::Inline, |_| kind(name));
        let is_taken = element.is_some() && taken.contains(&node.id());
        if opens && kind.is_block() {
            // Counted even where nothing is read, so that the number leads to the element.
            setter.open(name);
            setter.groups.open(name, setter.sheet.blocks.len());
        }
        if opens && hidden.is_none() && (kind == Kind::Hidden || is_taken) {
            hidden = Some(node.id());
            if is_taken {
                setter.sheet.embeds.push(setter.nodes);
            }
        }
        if opens && hidden.is_none() && element.is_some_and(is_concealed) {
            hidden = Some(node.id());
            let holds =
                |words: fn(&str) -> bool| ElementRef::wrap(node).is_some_and(|element| element.text().any(words));
            if holds(|text| text.contains("(@")) {
                setter.conceal(name);
            }
            // Between two blocks nothing is missing.
            setter.hides |= kind == Kind::Inline && holds(|text| !text.trim().is_empty());
        }
        match kind {
            _ if is_taken => setter.wall(),
            _ if hidden.is_some() => {}
            Kind::Inline | Kind::Hidden => setter.inline.push(edge),
            Kind::Block => setter.edge(Bound::None),
            // The signature of an article stands in its footer.
            Kind::Wall if name == "footer" && opens => setter.edge(Bound::None),
            Kind::Wall => setter.wall(),
            Kind::Item | Kind::Quotation if !opens => setter.edge(Bound::Wall),
            Kind::Item => setter.edge(Bound::Item),
            Kind::Quotation => setter.edge(Bound::Quotation),
            Kind::Heading => {
                // A number in it may begin an item, to which belongs what follows.
                setter.edge(if opens { Bound::Wall } else { Bound::None });
                setter.groups.part();
                setter.role = if opens { Role::Heading } else { Role::Words };
            }
        }
        if !opens {
            hidden.take_if(|id| *id == node.id());
            if kind.is_block() {
                setter.open.pop();
                setter.groups.close(name, setter.sheet.blocks.len());
            }
        }
    }
    setter.edge(Bound::None);
    setter.sheet
}

/// Whether a page hides an element. One that hides all of itself waits for its script to show it.
fn is_concealed(element: &Element) -> bool {
    !matches!(element.name(), "html" | "body") && text::is_hidden(|name| text::attribute(element, name).map(Into::into))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Inline,
    Hidden,
    Block,
    Wall,
    Item,
    Quotation,
    Heading,
}

impl Kind {
    fn is_block(self) -> bool {
        !matches!(self, Kind::Inline | Kind::Hidden)
    }
}

fn kind(name: &str) -> Kind {
    match name {
        "p" | "div" | "pre" | "ul" | "ol" | "dl" | "dt" | "center" | "tr" | "tbody" | "thead" | "html" | "body"
        | "address" => Kind::Block,
        "section" | "article" | "aside" | "header" | "footer" | "nav" | "main" | "hr" | "table" | "form"
        | "details" | "fieldset" => Kind::Wall,
        "blockquote" => Kind::Quotation,
        "li" | "td" | "th" | "dd" | "figure" | "figcaption" | "caption" => Kind::Item,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "summary" => Kind::Heading,
        "script" | "style" | "head" | "template" | "noscript" | "iframe" | "svg" | "select" | "textarea" | "title" => {
            Kind::Hidden
        }
        _ => Kind::Inline,
    }
}

#[derive(Default)]
struct Setter<'a> {
    sheet: Sheet,
    /// What stands since the last edge of a block.
    inline: Vec<Edge<'a, Node>>,
    bound: Bound,
    role: Role,
    /// The block elements that are open, each with its number.
    open: Vec<(&'a str, usize)>,
    counts: HashMap<&'a str, usize>,
    groups: Groups<'a>,
    /// Whether words were hidden since the last edge of a block.
    hides: bool,
    /// Nodes seen so far.
    nodes: usize,
}

impl<'a> Setter<'a> {
    fn open(&mut self, name: &'a str) {
        // What stands before the element belongs to the one around it.
        self.edge(Bound::None);
        let count = self.counts.entry(name).or_default();
        *count += 1;
        self.open.push((name, *count));
    }

    fn conceal(&mut self, name: &str) {
        let (name, number) = match self.open.last() {
            Some((open, number)) if *open == name => (name, *number),
            Some((around, number)) => (*around, *number),
            None => ("html", 1),
        };
        self.sheet.concealed.push((self.nodes, Place::Element(name.to_owned(), number)));
    }

    /// Ends a block, and all that might reach from before to after it.
    fn wall(&mut self) {
        self.edge(Bound::Wall);
        self.groups.part();
    }

    /// Ends a block; `bound` holds before the next.
    fn edge(&mut self, bound: Bound) {
        let rendered = text::of_embed(self.inline.drain(..));
        let hidden = std::mem::take(&mut self.hides);
        if !rendered.text.is_empty() {
            let in_list = || self.sheet.blocks.last().is_some_and(|block| block.bullet > 0);
            // A list within the block is not the page's alone.
            let mut lines = rendered.text.lines();
            let first = lines.next().unwrap_or_default();
            let bullet = if lines.any(|line| bullet(line).is_some()) { 0 } else { page_bullet(first, in_list) };
            let start = self.sheet.text.len();
            self.sheet.text.push_str(&rendered.text);
            let range = start..self.sheet.text.len();
            self.sheet.text.push_str("\n\n");
            let (name, number) = self.open.last().copied().unwrap_or(("html", 1));
            self.sheet.blocks.push(Block {
                range,
                bound: std::mem::take(&mut self.bound),
                role: self.role,
                place: Place::Element(name.to_owned(), number),
                order: self.nodes,
                unshown: rendered.unshown.or(Unshown { quoted: self.groups.quotations() > 1, hidden, struck: false }),
                bullet,
                links: rendered.links,
                before: self.groups.before(self.sheet.blocks.len()),
            });
        }
        self.bound = self.bound.max(bound);
    }
}
