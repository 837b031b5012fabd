//! The numbers of a page's list of quotations, told from numbers inside the quoted posts.

use super::find::Line;
use super::sheet::{Block, Place, Role, Sheet};
use crate::platform::printed::embeds::Item;
use crate::platform::printed::shortened;

/// A line that begins with a number as lists have it.
struct Marker {
    line: usize,
    number: u32,
    /// Where the words after the number begin, in the sheet's text.
    after: usize,
    /// Whether nothing else stands on the line.
    alone: bool,
}

/// The items of the page's list: each line that begins one, and where its words begin in the sheet's text.
///
/// A number alone on its line is the page's as long as the numbers count up or down, or follow a signature. A number
/// before words may be the author's own (`1. They lied. 2. …`): it is the page's only when at least two such numbers
/// follow one another with a signature between them, or when it counts on from those.
pub(super) fn starts(sheet: &Sheet, lines: &[Line], signed: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
    let markers: Vec<Marker> = (0..lines.len()).filter_map(|at| marker(sheet, lines, at)).collect();
    let signed: Vec<usize> =
        if markers.is_empty() { Vec::new() } else { (0..lines.len()).filter(|at| signed(*at)).collect() };
    let signed_between = |from: usize, to: usize| {
        let first = signed.partition_point(|line| *line < from);
        signed.get(first).is_some_and(|line| *line < to)
    };
    let mut alone: Vec<&Marker> = Vec::new();
    for marker in markers.iter().filter(|marker| marker.alone) {
        let follows = alone.last().is_none_or(|last| {
            let step = match alone.as_slice() {
                [.., a, b] => i64::from(b.number) - i64::from(a.number),
                _ => 0,
            };
            let this = i64::from(marker.number) - i64::from(last.number);
            signed_between(last.line, marker.line) || (this.abs() == 1 && (this == step || step.abs() != 1))
        });
        if follows {
            alone.push(marker);
        }
    }
    if !alone.is_empty() {
        return alone.iter().map(|marker| (marker.line, marker.after)).collect();
    }
    let mut chain: Vec<&Marker> = Vec::new();
    for marker in &markers {
        match chain.last() {
            Some(last) if signed_between(last.line, marker.line) => {
                if last.number.abs_diff(marker.number) == 1 {
                    chain.push(marker);
                }
            }
            // An item that nobody signs. A list of the author's own would begin anew.
            Some(last) if chain.len() > 1 => {
                let step = i64::from(chain[1].number) - i64::from(chain[0].number);
                if i64::from(marker.number) - i64::from(last.number) == step {
                    chain.push(marker);
                }
            }
            _ => chain = vec![marker],
        }
    }
    if chain.len() < 2 {
        return Vec::new();
    }
    chain.iter().map(|marker| (marker.line, marker.after)).collect()
}

/// `1.`, `1)`, `(1)`, `#1`, and `**1.**` as Markdown sets it; before words only with a dot or a parenthesis after it.
fn marker(sheet: &Sheet, lines: &[Line], at: usize) -> Option<Marker> {
    let line = &lines[at];
    let text = &sheet.text[line.range.clone()];
    let bare = text.trim_start_matches([' ', '\t', '\u{a0}', '#', '*', '_', '(', '\u{feff}']);
    let digits = bare.len() - bare.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if !(1..=3).contains(&digits) {
        return None;
    }
    let number = bare[..digits].parse().ok()?;
    let rest = bare[digits..].trim_start_matches(['.', ')', ':', '*', '_']);
    let closed = rest.len() < bare.len() - digits;
    let block = &sheet.blocks[line.block];
    let alone = rest.trim().is_empty() && (closed || line.range == block.range);
    let prefix = &text[..text.len() - bare.len()];
    let before_words =
        closed && rest.starts_with([' ', '\t', '\u{a0}']) && !prefix.contains('#') && block.role == Role::Words;
    (alone || before_words).then(|| Marker { line: at, number, after: line.range.end - rest.trim_start().len(), alone })
}

/// The items of a numbered list in which quotations stand: one that nobody signs is told.
#[derive(Default)]
pub(super) struct Numbers {
    items: Vec<Numbered>,
}

struct Numbered {
    order: usize,
    place: Place,
    /// How its words begin.
    words: Option<String>,
    /// Whether a signature stands in it, or what is nearly one.
    signed: Option<bool>,
}

impl Numbers {
    /// An item begins.
    pub(super) fn begin(&mut self, block: &Block, place: Place) {
        self.items.push(Numbered { order: block.order, place, words: None, signed: None });
    }

    /// Words stand in it.
    pub(super) fn words(&mut self, words: &str) {
        if let Some(item) = self.items.last_mut() {
            item.words.get_or_insert_with(|| shortened(words));
        }
    }

    /// It is signed.
    pub(super) fn signed(&mut self) {
        self.end(true);
    }

    /// It holds what is reported.
    pub(super) fn told(&mut self) {
        self.end(false);
    }

    fn end(&mut self, signed: bool) {
        if let Some(item) = self.items.last_mut() {
            item.signed.get_or_insert(signed);
        }
    }

    /// The items with words that nobody signs, if the list is one of quotations. `embeds` stand for signatures.
    pub(super) fn unsigned(self, embeds: &[usize]) -> Vec<Item> {
        if !self.items.iter().any(|item| item.signed == Some(true)) {
            return Vec::new();
        }
        let ends: Vec<usize> = self.items.iter().skip(1).map(|item| item.order).chain([usize::MAX]).collect();
        let unsigned = self.items.into_iter().zip(ends).filter(|(item, end)| {
            let next = embeds.partition_point(|embed| *embed < item.order);
            item.signed.is_none() && embeds.get(next).is_none_or(|embed| embed >= end)
        });
        unsigned
            .filter_map(|(item, _)| {
                let reason = format!("an item of the list is signed by nobody: {:?}", item.words?);
                Some(Item { order: item.order, at: item.place.to_string(), post: Err(reason) })
            })
            .collect()
    }
}
