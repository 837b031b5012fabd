//! Lays out plain text and Markdown, and finds the HTML in it.

use std::ops::Range;

use super::sheet::{Block, Bound, Place, Role, Sheet, bullet, page_bullet};
use crate::text::Unshown;

/// Lays out plain text, but for the stretches in `taken`, which are in order and have been read as HTML. Empty lines part
/// the blocks; a Markdown quotation (`> `) is taken out of its marks; a bullet begins a block; Markdown headings, rules,
/// fences, rows of tables and lines of HTML are walls.
pub(super) fn of_plain(source: &str, taken: &[Range<usize>]) -> Sheet {
    let mut sheet = Sheet { text: String::with_capacity(source.len()), ..Sheet::default() };
    let mut taken = taken.iter().peekable();
    let mut bound = Bound::None;
    let (mut open, mut was_quoted, mut at) = (false, false, 0);
    let mut lines = source.split('\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let begins = at;
        at += line.len() + 1;
        while taken.next_if(|range| range.end <= begins).is_some() {}
        let is_taken = taken.peek().is_some_and(|range| range.start < at);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let (line, depth) = unquoted(line);
        let quoted = depth > 0;
        if quoted != was_quoted {
            bound = if quoted { Bound::Quotation } else { Bound::Wall };
            (open, was_quoted) = (false, quoted);
        }
        let start = sheet.text.len();
        sheet.text.push_str(line);
        let end = sheet.text.len();
        sheet.text.push('\n');
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        let role = match () {
            () if is_taken => Role::Embed,
            () if is_markup(line) || is_row(line) => Role::Markup,
            () if is_heading(line) || is_rule(line) || is_fence(line) => Role::Heading,
            () => Role::Words,
        };
        let wall = role != Role::Words;
        let in_list = || {
            sheet.blocks.last().is_some_and(|block| open && block.bullet > 0)
                || lines.peek().is_some_and(|(_, next)| bullet(unquoted(next).0).is_some())
        };
        let bullet = if wall { 0 } else { page_bullet(line, in_list) };
        if role == Role::Embed {
            sheet.embeds.push(index + 1);
        }
        let unshown = Unshown { quoted: depth > 1, ..Unshown::default() };
        match sheet.blocks.last_mut() {
            Some(block) if open && !wall && bullet == 0 => {
                block.range.end = end;
                block.unshown = block.unshown.or(unshown);
            }
            _ => sheet.blocks.push(Block {
                range: start..end,
                bound: if wall { Bound::Wall } else { bound },
                role,
                place: Place::Line(index + 1),
                order: index + 1,
                unshown,
                bullet,
                ..Block::default()
            }),
        }
        open = !wall;
        bound = if matches!(role, Role::Markup | Role::Embed) { Bound::Wall } else { Bound::None };
    }
    sheet
}

/// A line of a Markdown quotation without its marks, and how many it has: more than one where a quotation holds another.
fn unquoted(mut line: &str) -> (&str, usize) {
    let mut depth = 0;
    while let Some(rest) =
        line.trim_start().strip_prefix('>').filter(|rest| rest.is_empty() || rest.starts_with([' ', '>']))
    {
        line = rest.strip_prefix(' ').unwrap_or(rest);
        depth += 1;
    }
    (line, depth)
}

/// A row of a table.
fn is_row(line: &str) -> bool {
    let line = line.trim();
    line.len() > 1 && line.starts_with('|') && line.ends_with('|')
}

/// The line before or after code.
fn is_fence(line: &str) -> bool {
    line.trim_start().starts_with("```")
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
            ["blockquote", "iframe", "script"]
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
