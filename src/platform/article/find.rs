//! Finds the signed quotations in the text of a page: `text — Name (@handle) July 26, 2021`.
//!
//! The signature ends a line; a date follows the handle, or stands alone on the next line. What a page does not say
//! is where a quoted text *begins*. The rule:
//!
//! - In an item of a numbered list, a Markdown quotation, a `blockquote` or a list item, all from its beginning.
//! - Else the paragraph that the signature ends (or that stands directly above, if the signature has its own) is the
//!   post's. Paragraphs between it and the last signature, heading or rule may be the post's or the page's: the post
//!   is kept with the paragraph that is certain, and a doubt names the place where it may begin.
//! - Nothing above: the post had only a picture, and its text is empty.
//!
//! A signature that is only nearly one (no date, a date that cannot be read, words after it) is reported, not read.

use std::ops::Range;

use super::numbering;
use super::sheet::{Bound, Place, Role, Sheet};
use crate::date;
use crate::model::{Author, Post, When};
use crate::platform::printed::embeds::Item;
use crate::platform::printed::{inline, shortened, signature};
use crate::text;

/// A line of a sheet.
pub(super) struct Line {
    /// Index of its block.
    pub(super) block: usize,
    /// Its number in the block, from 0.
    pub(super) index: usize,
    /// Where it stands in the sheet's text, without its line break.
    pub(super) range: Range<usize>,
}

/// What the end of a line says.
pub(super) enum Reading {
    /// Nothing of interest.
    Words,
    /// A post is signed here.
    Signed(Signed),
    /// Nearly: the reason why it is not read.
    Doubtful(String),
}

/// A signature with its date.
pub(super) struct Signed {
    /// The words before the dash, in the sheet's text.
    text_end: usize,
    author: Author,
    created: When,
    /// The date as printed, and the address printed beside it.
    date: String,
    link: Option<String>,
    escaped: bool,
    doubt: Option<String>,
}

/// Finds the quotations of a sheet. `post_at` turns a quotation that names the address of its post into what the
/// platform of that address makes of it.
pub(super) fn quotations(sheet: &Sheet, post_at: impl Fn(&Post, &str, &str) -> Option<Post>) -> Vec<Item> {
    let lines = lines(sheet);
    let readings: Vec<Reading> = (0..lines.len()).map(|at| reading(sheet, &lines, at)).collect();
    let starts = numbering::starts(sheet, &lines, |line| !matches!(readings[line], Reading::Words));
    let mut starts = starts.into_iter().peekable();
    let mut items = Vec::new();
    let mut above = Above::default();
    for (at, (line, reading)) in lines.iter().zip(readings).enumerate() {
        let block = &sheet.blocks[line.block];
        if line.index == 0 {
            above.enter(block.bound);
        }
        let mut start = line.range.start;
        if let Some((_, after)) = starts.next_if(|(marked, _)| *marked == at) {
            above = Above { whole: true, ..Above::default() };
            start = after;
        }
        let place = || block.place.line(line.index);
        let item = |post| Item { order: block.order, at: place().to_string(), post };
        match reading {
            Reading::Words if block.role != Role::Words || is_placeholder(&sheet.text[block.range.clone()]) => {
                above.parts.clear();
            }
            Reading::Words => above.push(sheet, line.block, start..line.range.end, place()),
            Reading::Doubtful(reason) => {
                items.push(item(Err(reason)));
                above = Above::default();
            }
            Reading::Signed(signed) => {
                above.push(sheet, line.block, start..signed.text_end, place());
                items.push(item(Ok(post(sheet, &above, signed, &post_at))));
                above = Above { after_signature: true, ..Above::default() };
            }
        }
    }
    items
}

/// What stands above a signature, since the last thing that can be no part of it.
#[derive(Default)]
struct Above {
    /// Paragraphs: the block, where it stands in the text, its place.
    parts: Vec<(usize, Range<usize>, Place)>,
    /// Whether all of it belongs to one quotation.
    whole: bool,
    /// Whether the line before was signed; a lone date then belongs to that signature.
    after_signature: bool,
}

impl Above {
    fn enter(&mut self, bound: Bound) {
        match bound {
            Bound::None => {}
            Bound::Wall => *self = Above::default(),
            Bound::Start => *self = Above { whole: true, ..Above::default() },
        }
    }

    fn push(&mut self, sheet: &Sheet, block: usize, range: Range<usize>, place: Place) {
        let words = &sheet.text[range.clone()];
        let lone_date = std::mem::take(&mut self.after_signature) && date_of(words).is_some();
        if words.trim().is_empty() || lone_date {
            return;
        }
        match self.parts.last_mut() {
            Some((last, part, _)) if *last == block => part.end = range.end,
            _ => self.parts.push((block, range, place)),
        }
    }
}

fn post(sheet: &Sheet, above: &Above, signed: Signed, post_at: impl Fn(&Post, &str, &str) -> Option<Post>) -> Post {
    let mut doubts: Vec<String> = signed.doubt.into_iter().collect();
    let certain = if above.whole { above.parts.first() } else { above.parts.last() };
    let start = certain.map_or(signed.text_end, |(_, range, _)| range.start);
    let text = sheet.text[start..signed.text_end].trim();
    if let (false, [.., (_, before, place), _]) = (above.whole, above.parts.as_slice()) {
        doubts.push(format!(
            "The post may begin before its first word here: {place} ({:?}) may be its words or the page's.",
            shortened(&sheet.text[before.clone()])
        ));
    }
    if is_in_quotation_marks(text) {
        doubts.push("The quotation marks around the text may be the page's.".to_owned());
    }
    let text = if signed.escaped { text::unescape(text).into_owned() } else { text.to_owned() };
    let inline = inline::read(&text);
    let post = Post {
        platform: super::PLATFORM.name.to_owned(),
        author: signed.author,
        created: Some(signed.created),
        hashtags: inline.hashtags,
        mentions: inline.mentions,
        links: inline.links,
        media: inline.media,
        text,
        doubts,
        ..Post::default()
    };
    match signed.link {
        Some(link) => post_at(&post, &link, &signed.date).unwrap_or(post),
        None => post,
    }
}

fn lines(sheet: &Sheet) -> Vec<Line> {
    let mut lines = Vec::new();
    for (block, Range { start, end }) in sheet.blocks.iter().map(|block| block.range.clone()).enumerate() {
        let mut at = start;
        for (index, line) in sheet.text[start..end].split('\n').enumerate() {
            lines.push(Line { block, index, range: at..at + line.len() });
            at += line.len() + 1;
        }
    }
    lines
}

fn reading(sheet: &Sheet, lines: &[Line], at: usize) -> Reading {
    let this = &lines[at];
    if sheet.blocks[this.block].role == Role::Markup {
        return Reading::Words;
    }
    let line = &sheet.text[this.range.clone()];
    let Some((open, close, handle)) = signature::last_handle(line) else { return Reading::Words };
    let rest = line[close..].trim_matches(signature::is_blank);
    let (printed, link) = date_and_link(rest);
    let next = || {
        let next = lines.get(at + 1).filter(|next| rest.is_empty() && next.block == this.block)?;
        date_of(&sheet.text[next.range.clone()])
    };
    let created = date_of(printed).or_else(next);
    match (signature::read(line, open, &handle), created) {
        (Some(signature), Some(created)) => {
            if signs_another(&line[..signature.dash]) {
                return Reading::Doubtful("two signatures stand on one line".to_owned());
            }
            let (name, doubt) = (signature.name, signature.rival.map(signature::two_names));
            Reading::Signed(Signed {
                text_end: this.range.start + signature.dash,
                author: Author {
                    handle: Some(handle),
                    name: Some(if signature.escaped { text::unescape(name).into_owned() } else { name.to_owned() }),
                    ..Author::default()
                },
                created,
                date: printed.to_owned(),
                link: link.map(str::to_owned),
                escaped: signature.escaped,
                doubt,
            })
        }
        (Some(_), None) if rest.is_empty() => Reading::Doubtful("is signed, but without a date".to_owned()),
        (Some(_), None) if has_year(rest) => {
            Reading::Doubtful(format!("what follows the handle is no date: {:?}", shortened(rest)))
        }
        (None, Some(_)) => Reading::Doubtful("has a handle and a date, but no dash before a name".to_owned()),
        _ => Reading::Words,
    }
}

/// A printed date; a full stop may follow it.
fn date_of(text: &str) -> Option<When> {
    let text = text.trim_matches(signature::is_blank);
    date::printed(text).or_else(|| date::printed(text.strip_suffix('.')?))
}

/// Parts a date from the address beside it: `July 26, 2021 https://…`, or the Markdown link `[July 26, 2021](https://…)`.
fn date_and_link(rest: &str) -> (&str, Option<&str>) {
    let is_address = |text: &str| text.starts_with("https://") || text.starts_with("http://");
    if let Some((date, link)) = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(')')?.split_once("](")) {
        return if is_address(link) { (date, Some(link)) } else { (rest, None) };
    }
    match rest.rsplit_once(char::is_whitespace) {
        Some((date, link)) if is_address(link.trim_matches(['(', ')', '<', '>'])) => {
            (date.trim_end(), Some(link.trim_matches(['(', ')', '<', '>'])))
        }
        _ => (rest, None),
    }
}

/// Whether another signature stands in the middle of a line: the text of a page that has lost its line breaks.
fn signs_another(text: &str) -> bool {
    signature::last_handle(text)
        .is_some_and(|(open, close, handle)| has_year(&text[close..]) && signature::read(text, open, &handle).is_some())
}

/// Whether a year stands near the beginning, as in a date.
fn has_year(text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(40)];
    head.split(|c: char| !c.is_ascii_digit()).any(|number| number.len() == 4 && matches!(&number[..2], "19" | "20"))
}

/// What pages show in place of a post that is gone: no post, and no part of the next.
const PLACEHOLDERS: &[&str] = &[
    "tweet may have been deleted",
    "post may have been deleted",
    "this tweet was deleted",
    "this post was deleted",
    "this tweet has been deleted",
    "this post has been deleted",
    "this tweet is unavailable",
    "this post is unavailable",
    "this tweet is no longer available",
    "this post is no longer available",
    "this tweet is from a",
    "this post is from a",
    "tweet unavailable",
    "post unavailable",
    "[deleted]",
    "[tweet deleted]",
    "[post deleted]",
];

fn is_placeholder(block: &str) -> bool {
    // Longer blocks have words of their own.
    const LONGEST: usize = 160;
    let block = block.trim();
    block.len() <= LONGEST && {
        let lower = block.to_lowercase();
        PLACEHOLDERS.iter().any(|words| lower.starts_with(words))
    }
}

/// Whether one pair of quotation marks holds the whole text.
fn is_in_quotation_marks(text: &str) -> bool {
    let mut signs = text.chars();
    let (Some(first), Some(last)) = (signs.next(), signs.next_back()) else { return false };
    let closing = match first {
        '“' => "”",
        '„' => "“”",
        '"' => "\"",
        '«' => "»",
        '»' => "«",
        '‘' => "’",
        '「' => "」",
        _ => return false,
    };
    closing.contains(last) && (closing.contains('’') || !signs.as_str().contains(|c| closing.contains(c)))
}
