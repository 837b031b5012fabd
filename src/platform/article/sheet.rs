//! A page laid out as blocks of lines, whether it came as HTML or as plain text.

use std::fmt;
use std::ops::Range;

use crate::model::Link;
use crate::platform::printed::signature;
use crate::text::Unshown;

/// The text of a page, and its blocks in reading order.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Lines end with `\n`.
    pub(super) text: String,
    pub(super) blocks: Vec<Block>,
    /// Elements that the page hides and that name a handle: their order and place.
    pub(super) concealed: Vec<(usize, Place)>,
    /// Where embeds stand among the blocks, by their order.
    pub(super) embeds: Vec<usize>,
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
    /// What its text does not show.
    pub(super) unshown: Unshown,
    /// How many bytes of its text are the bullet of a list.
    pub(super) bullet: usize,
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
    /// Whether the page marks them as a quotation.
    pub(super) quotation: bool,
}

/// What a block is to a quotation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// Perhaps a part of it.
    #[default]
    Words,
    /// No part of the next one.
    Heading,
    /// Nothing to read: HTML in a Markdown file, or a row of a table.
    Markup,
    /// Nothing to read, since it was read as an embed.
    Embed,
}

/// What the page says about the place before a block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bound {
    /// Nothing: what stands before may belong to what follows.
    #[default]
    None,
    /// What stands before does not belong to what follows.
    Wall,
    /// What follows belongs together from here on: an item of a list begins, or a cell of a table.
    Item,
    /// And the page says that it is a quotation.
    Quotation,
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

/// Length of the bullet that a line begins with: `- `, `* `, `+ `, `• `.
pub(super) fn bullet(line: &str) -> Option<usize> {
    let rest = line.trim_start().strip_prefix(['-', '*', '+', '•', '‣', '◦'])?;
    let words = rest.trim_start();
    (words.len() < rest.len() && !words.is_empty()).then(|| line.len() - words.len())
}

/// Length of the bullet with which a page begins an item. A hyphen may be the dash of a signature instead, if there
/// is no other on its line and no list around it.
pub(super) fn page_bullet(line: &str, in_list: impl FnOnce() -> bool) -> usize {
    let Some(length) = bullet(line) else { return 0 };
    let signed = signature::last_handle(line).and_then(|(open, _, handle)| signature::read(line, open, &handle));
    if signed.is_some_and(|signature| signature.bullet) && !in_list() { 0 } else { length }
}
