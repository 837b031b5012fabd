//! Finds the signed quotations in the text of a page: `text — Name (@handle) July 26, 2021`.
//!
//! The signature ends a line; a date follows the handle, or stands alone on the next line. What a page does not say
//! is where a quoted text *begins*. The rule:
//!
//! - In a Markdown quotation or a `blockquote`, all from its beginning.
//! - In an item of a numbered list, a `figure` or a list item, all from its beginning; in a row of a table, the cell
//!   before.
//! - Else the paragraph that the signature ends (or that stands directly above, if the signature has its own) is the
//!   post's. Paragraphs between it and the last signature, heading or rule may be the post's or the page's: the post
//!   is kept with the paragraph that is certain, and a doubt names the place where it may begin.
//! - Nothing above: no quotation, but an item that is reported.
//!
//! Wherever the page marks no quotation, only the last of several lines is certain: the page may have words of its own
//! before it, so there is a doubt.
//!
//! Some pages sign *above* the words. One bare signature with nothing above it, or with words below it in its own
//! paragraph, and the words above the next bare ones are nobody's for certain: they are reported, until a signature
//! stands where it can only be that of the words before it.
//!
//! A signature that is only nearly one (no date, a date that cannot be read, words after it) is reported, not read.

use std::ops::Range;

use super::above::{Above, Claim};
use super::numbering::{self, Numbers};
use super::reading::{Doubtful, Reading, Signed, date_of, reading};
use super::sheet::{Bound, Role, Sheet};
use crate::model::Post;
use crate::platform::printed::embeds::Item;
use crate::platform::printed::{inline, only_last_line_is_sure, shortened};
use crate::text::{self, Unshown};

/// A line of a sheet.
pub(super) struct Line {
    /// Index of its block.
    pub(super) block: usize,
    /// Its number in the block, from 0.
    pub(super) index: usize,
    /// Where it stands in the sheet's text, without its line break.
    pub(super) range: Range<usize>,
}

/// Finds the quotations of a sheet. `post_at` turns a quotation that names the address of its post into what the
/// platform of that address makes of it.
pub(super) fn quotations(sheet: &Sheet, post_at: impl Fn(&Post, &str, &str) -> Option<Post>) -> Vec<Item> {
    let lines = lines(sheet);
    let readings: Vec<Reading> = (0..lines.len()).map(|at| reading(sheet, &lines, at)).collect();
    let starts = numbering::starts(sheet, &lines, |line| !matches!(readings[line], Reading::Words));
    let mut starts = starts.into_iter().peekable();
    let mut items: Vec<Item> = sheet.concealed.iter().map(concealed).collect();
    let mut above = Above::default();
    let mut order = Order::default();
    let mut numbers = Numbers::default();
    for (at, (line, reading)) in lines.iter().zip(readings).enumerate() {
        let block = &sheet.blocks[line.block];
        if line.index == 0 {
            above.enter(block.bound);
        }
        let mut start = line.range.start;
        if line.index == 0 && !above.whole {
            start += block.bullet;
        }
        let numbered = starts.next_if(|(marked, _)| *marked == at);
        if let Some((_, after)) = numbered {
            numbers.begin(block, block.place.line(line.index));
            above = Above { whole: true, last: above.last, ..Above::default() };
            start = after;
            order.end_run();
        }
        let place = || block.place.line(line.index);
        let item = |post| Item { order: block.order, at: place().to_string(), post };
        match reading {
            Reading::Words if block.role != Role::Words || is_placeholder(&sheet.text[block.range.clone()]) => {
                if block.role == Role::Words {
                    numbers.words(&sheet.text[start..line.range.end]);
                }
                above.parts.clear();
                order.end_run();
            }
            Reading::Words => {
                let words = &sheet.text[start..line.range.end];
                if !words.trim().is_empty() && date_of(words).is_none() {
                    numbers.words(words);
                    order.words(line.index == 0 && block.bound == Bound::Wall);
                }
                above.push(sheet, line.block, start..line.range.end, place());
            }
            Reading::Doubtful(Doubtful { reason, text_end, sure }) => {
                numbers.told();
                let bare = text_end.is_some_and(|end| sheet.text[start..end].trim().is_empty());
                order.suspicious |= bare && above.parts.is_empty() && block.before.is_none();
                items.push(item(Err(reason)));
                let continues = lines.get(at + 1).is_some_and(|next| next.block == line.block);
                let cut = (above.whole || !sure || continues).then(|| (line.range.clone(), place()));
                above = Above { cut, last: Some(line.block), ..Above::default() };
            }
            Reading::Signed(signed) => {
                numbers.signed();
                above.push(sheet, line.block, start..signed.text_end, place());
                let below = lines.get(at + 1).filter(|next| next.block == line.block);
                let goes_on = below.is_some_and(|next| date_of(&sheet.text[next.range.clone()]).is_none());
                let bare = sheet.text[start..signed.text_end].trim().is_empty();
                let claim = if bare { above.claim(sheet, line.block, goes_on) } else { Claim::Certain };
                let read = match order.judge(claim, items.len()) {
                    Ok(()) => Ok(post(sheet, &above, signed, line.block, &post_at)),
                    Err(reason) => Err(reason.to_owned()),
                };
                items.push(item(read));
                above = Above { after_signature: true, last: Some(line.block), ..Above::default() };
            }
        }
    }
    for at in order.ambiguous() {
        if let Some(Item { post: Ok(post), .. }) = items.get_mut(at) {
            post.doubts
                .push("Its signature stands between paragraphs, and may be that of the words below it.".to_owned());
        }
    }
    items.extend(numbers.unsigned(&sheet.embeds));
    items
}

fn concealed((order, place): &(usize, super::sheet::Place)) -> Item {
    let reason = "names a handle, but the page does not show it".to_owned();
    Item { order: *order, at: place.to_string(), post: Err(reason) }
}

/// Whether the signatures of a page stand below their words or above them.
#[derive(Default)]
struct Order {
    /// Whether a signature was seen that may stand above its words, and none since that surely stands below.
    suspicious: bool,
    /// Whether any signature surely stands below its words.
    certain: bool,
    /// Items whose signatures have paragraphs of their own, without a wall between them.
    run: Vec<usize>,
    /// Whether words stand below the last of them.
    words_below: bool,
    /// The runs that begin and end with words.
    ambiguous: Vec<usize>,
}

impl Order {
    fn words(&mut self, behind_wall: bool) {
        if behind_wall {
            self.end_run();
        }
        self.words_below = !self.run.is_empty();
    }

    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        if std::mem::take(&mut self.words_below) {
            self.ambiguous.extend(run);
        }
    }

    /// Whether the item gets the words above its signature; the fault else.
    fn judge(&mut self, claim: Claim, item: usize) -> Result<(), &'static str> {
        match claim {
            Claim::Certain => {
                (self.suspicious, self.certain) = (false, true);
                Ok(())
            }
            Claim::Together => Ok(()),
            Claim::Nothing => {
                self.suspicious = true;
                Err("a signature without words before it")
            }
            Claim::Opening => {
                self.suspicious = true;
                Err("a signature that may be that of the words below it")
            }
            Claim::Alone if self.suspicious => {
                Err("signatures here may stand above their words, so it is not certain who wrote those before this one")
            }
            Claim::Alone => {
                self.run.push(item);
                self.words_below = false;
                Ok(())
            }
        }
    }

    fn ambiguous(mut self) -> Vec<usize> {
        self.end_run();
        if self.certain { Vec::new() } else { self.ambiguous }
    }
}

fn post(
    sheet: &Sheet,
    above: &Above,
    signed: Signed,
    block: usize,
    post_at: impl Fn(&Post, &str, &str) -> Option<Post>,
) -> Post {
    let mut doubts: Vec<String> = signed.doubt.into_iter().collect();
    let certain = if above.whole { above.parts.first() } else { above.parts.last() };
    let start = certain.map_or(signed.text_end, |(_, range, _)| range.start);
    let text = sheet.text[start..signed.text_end].trim();
    if let Some((before, place)) = above.possible() {
        doubts.push(format!(
            "The post may begin before its first word here: {place} ({:?}) may be its words or the page's.",
            shortened(&sheet.text[before.clone()])
        ));
    }
    let first = certain.map_or(block, |(first, ..)| *first);
    let unshown = sheet.blocks[first..=block].iter().fold(Unshown::default(), |all, block| all.or(block.unshown));
    doubts.extend(unshown.doubts());
    if signed.bullet && !above.quotation {
        doubts.push(
            "The hyphen before the name may be the bullet of a list, and the name the words of a post.".to_owned(),
        );
    }
    let is_listed = |at: Option<usize>| at.and_then(|at| sheet.blocks.get(at)).is_some_and(|block| block.bullet > 0);
    let listed = !above.whole && (is_listed(first.checked_sub(1)) || is_listed(first.checked_add(1)));
    if sheet.blocks[first].bullet > 0 && !text.is_empty() && !listed {
        doubts.push("The page does not tell whether the bullet at the beginning is the post's or its own.".to_owned());
    }
    if !above.quotation {
        doubts.extend(only_last_line_is_sure(text));
    }
    if is_in_quotation_marks(text) {
        doubts.push("The quotation marks around the text may be the page's.".to_owned());
    }
    if let Some(before) = introduction(text).filter(|_| !above.quotation) {
        doubts.push(format!("The words before the quotation marks ({:?}) may be the page's.", shortened(before)));
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

pub(super) fn is_placeholder(block: &str) -> bool {
    // Longer blocks have words of their own.
    const LONGEST: usize = 160;
    let block = block.trim();
    block.len() <= LONGEST && {
        let lower = block.to_lowercase();
        PLACEHOLDERS.iter().any(|words| lower.starts_with(words))
    }
}

/// The words that introduce what stands in quotation marks to the end of a text: `She wrote: “I am sad”`.
fn introduction(text: &str) -> Option<&str> {
    let last = text.chars().next_back()?;
    let opening: &[char] = match last {
        '”' => &['“', '”'],
        '“' => &['„'],
        '"' => &['"'],
        '»' => &['«'],
        '«' => &['»'],
        '」' => &['「'],
        _ => return None,
    };
    let before = text[..text.len() - last.len_utf8()].rsplit_once(opening)?.0.trim_end();
    before.ends_with([':', '：']).then_some(before)
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
