//! A page laid out as blocks of lines, whether it came as HTML or as plain text.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{ElementRef, Html, Node};

use super::groups::Groups;
use crate::model::Link;
use crate::text;

/// The text of a page, and its blocks in reading order.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Lines end with `\n`.
    pub(super) text: String,
    pub(super) blocks: Vec<Block>,
    /// Elements that the page hides and that name a handle: their order and place.
    pub(super) concealed: Vec<(usize, Place)>,
}

/// A paragraph, a heading, an item of a list.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// Where it stands in the sheet's text.
    pub(super) range: Range<usize>,
    pub(super) bound: Bound,
    pub(super) role: Role,
    pub(super) place: Place,
    /// Sorts it among the embeds of the page: the number of the node that it begins with, or of its first line.
    pub(super) order: usize,
    /// Whether words of it are struck out.
    pub(super) struck: bool,
    pub(super) links: Vec<Link>,
    /// Where the words stand that it signs, if it holds a signature only.
    pub(super) before: Option<Before>,
}

/// The blocks that stand before one in the same quotation, figure, item or row, or in the quotation right above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Before {
    /// The first block that may belong to it.
    pub(super) first: usize,
    /// The first that surely does, if any do.
    pub(super) certain: usize,
    /// Whether the page holds them together with it.
    pub(super) together: bool,
}

/// What a block is to a quotation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// Perhaps a part of it.
    #[default]
    Words,
    /// No part of the next one.
    Heading,
    /// Nothing to read: HTML in a Markdown file.
    Markup,
}

/// What the page says about the place before a block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bound {
    /// Nothing: what stands before may belong to what follows.
    #[default]
    None,
    /// What stands before does not belong to what follows.
    Wall,
    /// What follows belongs together from here on: a quotation or an item of a list begins.
    Start,
}

/// Where a block stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The number of its first line.
    Line(usize),
    /// The element and its number among those of its name.
    Element(String, usize),
}

impl Default for Place {
    fn default() -> Place {
        Place::Line(1)
    }
}

impl Place {
    /// The place of a line of the block, counted from 0.
    pub(super) fn line(&self, index: usize) -> Place {
        match self {
            Place::Line(first) => Place::Line(first + index),
            Place::Element(..) => self.clone(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(number) => write!(f, "line {number}"),
            Place::Element(name, number) => write!(f, "{name} {number}"),
        }
    }
}

/// Lays out plain text, but for the stretches in `taken`, which are in order and have been read as HTML. Empty lines part
/// the blocks; a Markdown quotation (`> `) is taken out of its marks; Markdown headings, rules and lines of HTML are walls.
pub(super) fn of_plain(source: &str, taken: &[Range<usize>]) -> Sheet {
    let mut sheet = Sheet { text: String::with_capacity(source.len()), ..Sheet::default() };
    let mut taken = taken.iter().peekable();
    let mut bound = Bound::None;
    let (mut open, mut was_quoted, mut at) = (false, false, 0);
    for (index, line) in source.split('\n').enumerate() {
        let begins = at;
        at += line.len() + 1;
        while taken.next_if(|range| range.end <= begins).is_some() {}
        let is_taken = taken.peek().is_some_and(|range| range.start < at);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let unmarked = unquoted(line);
        let quoted = unmarked.is_some();
        if quoted != was_quoted {
            bound = if quoted { Bound::Start } else { Bound::Wall };
            (open, was_quoted) = (false, quoted);
        }
        let line = unmarked.unwrap_or(line);
        let start = sheet.text.len();
        sheet.text.push_str(line);
        let end = sheet.text.len();
        sheet.text.push('\n');
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        let role = match () {
            () if is_taken || is_markup(line) => Role::Markup,
            () if is_heading(line) || is_rule(line) => Role::Heading,
            () => Role::Words,
        };
        let wall = role != Role::Words;
        match sheet.blocks.last_mut() {
            Some(block) if open && !wall => block.range.end = end,
            _ => sheet.blocks.push(Block {
                range: start..end,
                bound: if wall { Bound::Wall } else { bound },
                role,
                place: Place::Line(index + 1),
                order: index + 1,
                ..Block::default()
            }),
        }
        open = !wall;
        bound = if role == Role::Markup { Bound::Wall } else { Bound::None };
    }
    sheet
}

/// A line of a Markdown quotation without its mark.
fn unquoted(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('>')?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(' ') }
}

fn is_heading(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    (1..=6).contains(&(line.len() - rest.len())) && rest.starts_with(' ')
}

fn is_rule(line: &str) -> bool {
    let mut signs = line.chars().filter(|c| !c.is_whitespace());
    let first = signs.next();
    let same = signs.try_fold(1, |count, c| (Some(c) == first).then_some(count + 1));
    matches!(first, Some('-' | '*' | '_' | '=' | '~' | '—')) && same.is_some_and(|count| count >= 3)
}

fn is_markup(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('<') && line.ends_with('>')
}

/// A piece of HTML in a text: from an opening tag to the next.
pub(super) struct Piece<'a> {
    pub(super) html: &'a str,
    /// Where it begins in the text.
    pub(super) start: usize,
    /// The line of its tag.
    pub(super) line: usize,
    pub(super) place: Place,
}

impl Piece<'_> {
    /// Where its element ends; where the closing tag is missing, with the line of the opening one.
    pub(super) fn element_end(&self) -> usize {
        let closed = self.html.match_indices("</").find(|(at, _)| {
            let rest = &self.html[at + 2..];
            ["blockquote", "iframe"]
                .iter()
                .any(|name| rest.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name)))
        });
        closed.map(|(at, _)| at).or_else(|| self.html.find('\n')).unwrap_or(self.html.len())
    }
}

/// Cuts out the HTML that begins with tags of these names. Only pieces are parsed as HTML, since Markdown may name
/// any tag in passing, and a `<script>` or `<textarea>` would hide all that follows.
pub(super) fn pieces<'a>(source: &'a str, names: &[&str]) -> Vec<Piece<'a>> {
    let mut counts = vec![0; names.len()];
    let mut tags: Vec<(usize, Place)> = Vec::new();
    for (at, _) in source.match_indices('<') {
        let rest = &source[at + 1..];
        let starts = |name: &&str| rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        if let Some(which) = names.iter().position(starts) {
            counts[which] += 1;
            tags.push((at, Place::Element(names[which].to_owned(), counts[which])));
        }
    }
    let ends: Vec<usize> = tags.iter().skip(1).map(|(at, _)| *at).chain([source.len()]).collect();
    let (mut line, mut from) = (1, 0);
    let piece = |((at, place), end): ((usize, Place), usize)| {
        line += source[from..at].matches('\n').count();
        from = at;
        Piece { html: &source[at..end], start: at, line, place }
    };
    tags.into_iter().zip(ends).map(piece).collect()
}

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
        }
        if opens && hidden.is_none() && element.is_some_and(is_concealed) {
            hidden = Some(node.id());
            if ElementRef::wrap(node).is_some_and(|element| element.text().any(|text| text.contains("(@"))) {
                setter.conceal(name);
            }
        }
        match kind {
            _ if is_taken => setter.wall(),
            _ if hidden.is_some() => {}
            Kind::Inline | Kind::Hidden => setter.inline.push(edge),
            Kind::Block => setter.edge(Bound::None),
            // The signature of an article stands in its footer.
            Kind::Wall if name == "footer" && opens => setter.edge(Bound::None),
            Kind::Wall => setter.wall(),
            Kind::Item => setter.edge(if opens { Bound::Start } else { Bound::Wall }),
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
        "blockquote" | "li" | "td" | "th" | "dd" | "figure" | "figcaption" | "caption" => Kind::Item,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Kind::Heading,
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
        if !rendered.text.is_empty() {
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
                struck: rendered.struck,
                links: rendered.links,
                before: self.groups.before(self.sheet.blocks.len()),
            });
        }
        self.bound = self.bound.max(bound);
    }
}
