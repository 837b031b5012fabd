//! What the end of a line says: a signature, nearly one, or only words.

use std::ops::Range;

use super::find::Line;
use super::sheet::{Role, Sheet, bullet};
use crate::date;
use crate::model::{Author, When};
use crate::platform::printed::{shortened, signature};
use crate::text;

/// What the end of a line says.
pub(super) enum Reading {
    /// Nothing of interest.
    Words,
    /// A post is signed here.
    Signed(Signed),
    /// Nearly.
    Doubtful(Doubtful),
}

/// A signature with its date.
pub(super) struct Signed {
    /// The words before the dash, in the sheet's text.
    pub(super) text_end: usize,
    pub(super) author: Author,
    pub(super) created: When,
    /// The date as printed, and the address printed beside it or linked from it.
    pub(super) date: String,
    pub(super) link: Option<String>,
    pub(super) escaped: bool,
    /// Whether its dash may be a bullet: see [`signature::Signature::bullet`].
    pub(super) bullet: bool,
    pub(super) doubt: Option<String>,
}

/// What is nearly a signature.
pub(super) struct Doubtful {
    /// Why it is not read.
    pub(super) reason: String,
    /// Where the words before it end, if it has a dash.
    pub(super) text_end: Option<usize>,
    /// Whether it ends a quotation all the same; else it may be words.
    pub(super) sure: bool,
}

/// Reads the end of a line.
pub(super) fn reading(sheet: &Sheet, lines: &[Line], at: usize) -> Reading {
    let this = &lines[at];
    let line = &sheet.text[words(sheet, this)];
    match sheet.blocks[this.block].role {
        Role::Embed => return Reading::Words,
        Role::Markup => return unread(line),
        Role::Words | Role::Heading => {}
    }
    let ends_paragraph = ends_paragraph(sheet, lines, at);
    match signature::last_handle(line) {
        Some(found) => match strict(sheet, lines, at, found, ends_paragraph) {
            Reading::Words if ends_paragraph => nearly(line),
            reading => reading,
        },
        None if ends_paragraph => nearly(line),
        None => Reading::Words,
    }
}

/// A line without its bullet.
fn words(sheet: &Sheet, line: &Line) -> Range<usize> {
    let bullet = if line.index == 0 { sheet.blocks[line.block].bullet } else { 0 };
    line.range.start + bullet..line.range.end
}

/// What stands in markup is not read, but a signature in it is told.
fn unread(line: &str) -> Reading {
    let signed = signature::last_handle(line).is_some_and(|(_, close, _)| signature::has_year(&line[close..]));
    if !signed {
        return Reading::Words;
    }
    let reason = "seems signed, but stands in a table or in HTML, which is not read in a plain text".to_owned();
    Reading::Doubtful(Doubtful { reason, text_end: None, sure: false })
}

fn strict(
    sheet: &Sheet,
    lines: &[Line],
    at: usize,
    (open, close, handle): (usize, usize, crate::model::Handle),
    ends_paragraph: bool,
) -> Reading {
    let this = &lines[at];
    let range = words(sheet, this);
    let line = &sheet.text[range.clone()];
    let rest = line[close..].trim_matches(signature::is_blank);
    let (printed, link) = date_and_link(rest);
    let next = || {
        let next = lines.get(at + 1).filter(|next| rest.is_empty() && next.block == this.block)?;
        date_of(&sheet.text[next.range.clone()])
    };
    let created = date_of(printed).or_else(next);
    let doubtful = |reason: String, dash: Option<usize>| {
        Reading::Doubtful(Doubtful { reason, text_end: dash.map(|dash| range.start + dash), sure: true })
    };
    // In a list, a hyphen is a bullet.
    let listed = || {
        let above = at.checked_sub(1).map(|above| &lines[above]).filter(|above| above.block == this.block);
        above.is_some_and(|above| bullet(&sheet.text[above.range.clone()]).is_some())
    };
    let signature = signature::read(line, open, &handle).filter(|signature| !signature.bullet || !listed());
    match (signature, created) {
        (Some(signature), Some(created)) => {
            if signature::signer_within(&line[..open]).is_some() {
                return doubtful("two signatures stand on one line".to_owned(), None);
            }
            let name = signature.name;
            let doubt = match signature.rival {
                Some(rival) => Some(signature::two_names(rival)),
                None => may_be_words(&line[..signature.dash], name),
            };
            let linked = || {
                let links = &sheet.blocks[this.block].links;
                links
                    .iter()
                    .rev()
                    .find(|link| !printed.is_empty() && link.shown.trim() == printed)
                    .map(|link| &*link.url)
            };
            Reading::Signed(Signed {
                text_end: range.start + signature.dash,
                author: Author {
                    handle: Some(handle),
                    name: Some(if signature.escaped { text::unescape(name).into_owned() } else { name.to_owned() }),
                    ..Author::default()
                },
                created,
                date: printed.to_owned(),
                link: link.or_else(linked).map(str::to_owned),
                escaped: signature.escaped,
                bullet: signature.bullet,
                doubt,
            })
        }
        (Some(signature), None) if rest.is_empty() => {
            doubtful("is signed, but without a date".to_owned(), Some(signature.dash))
        }
        (Some(signature), None) if signature::has_year(rest) || (ends_paragraph && may_be_date(rest)) => {
            doubtful(format!("what follows the handle is no date: {:?}", shortened(rest)), Some(signature.dash))
        }
        (None, Some(_)) => doubtful("has a handle and a date, but no dash before a name".to_owned(), None),
        _ => Reading::Words,
    }
}

/// The doubt about words that go on behind the dash: `Vote them out — all of them (@ada)`.
fn may_be_words(before: &str, name: &str) -> Option<String> {
    let plain = name.contains(' ') && name.contains(char::is_lowercase) && !name.contains(char::is_uppercase);
    let goes_on = !before.trim().is_empty() && !signature::may_end_text(before);
    (plain && goes_on).then(|| format!("The name {name:?} may be words of the text: no sentence ends before the dash."))
}

/// Whether a paragraph ends with the line, or with a date below it.
fn ends_paragraph(sheet: &Sheet, lines: &[Line], at: usize) -> bool {
    let block = lines[at].block;
    let mut below = lines[at + 1..].iter().take_while(|line| line.block == block).take(2);
    match (below.next(), below.next()) {
        (None, _) => true,
        (Some(next), None) => date_of(&sheet.text[next.range.clone()]).is_some(),
        _ => false,
    }
}

/// A dash, an `@`, and something like a date at the end of a paragraph: `— Ada @ada July 26, 2021`. Not read, since any
/// prose may end so, but told. Where characters were lost, a dash may be among them.
fn nearly(line: &str) -> Reading {
    let words = date_and_link(line).0;
    let start = words.ceil_char_boundary(words.len().saturating_sub(REACH));
    let Some(at) = words[start..].rfind(['@', '＠']).map(|at| start + at) else { return Reading::Words };
    let before = words[..at].trim_end_matches(['(', '（', '@', '＠']);
    let after = words[at..].trim_start_matches(['@', '＠']);
    let in_parentheses = words[..at].ends_with(['(', '（']);
    let end = match after.find([')', '）']).filter(|_| in_parentheses) {
        Some(end) => end + after[end..].chars().next().map_or(0, char::len_utf8),
        None => after.find(char::is_whitespace).unwrap_or(after.len()),
    };
    let rest = after[end..].trim_matches(signature::is_blank);
    let rest = rest.trim_matches(['[', ']', '(', ')']);
    let dated = date_of(rest).is_some() || (may_be_date(rest) && rest.contains(|c: char| c.is_ascii_digit()));
    let dash = signature::has_dash(before);
    if end == 0 || !dated || !(dash || line.contains(char::REPLACEMENT_CHARACTER)) {
        return Reading::Words;
    }
    let reason = if in_parentheses {
        format!("what stands in the parentheses is no handle: {:?}", shortened(&after[..end]))
    } else {
        "is dated and seems signed, but the handle stands without parentheses".to_owned()
    };
    Reading::Doubtful(Doubtful { reason, text_end: None, sure: false })
}

/// How far before the end of a line such a handle is looked for.
const REACH: usize = 256;

/// Whether something may be meant as a date: short, and either with a number in it or of few words, and no sentence.
fn may_be_date(rest: &str) -> bool {
    const LONGEST: usize = 60;
    const WORDS: [&str; 6] = ["yesterday", "today", "ago", "last", "now", "date"];
    if rest.len() > LONGEST || rest.starts_with(['—', '–', '-', ',', ';', ':', '?', '!', '’', '\'']) {
        return false;
    }
    let words = rest.split_whitespace().count();
    let relative = || {
        let lower = rest.to_lowercase();
        lower.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
    };
    (words <= 6 && (rest.contains(|c: char| c.is_numeric()) || relative()))
        || (words <= 3 && !rest.ends_with(['.', '!', '?', '…', ',', ';', ':']))
}

/// A printed date; a full stop may follow it.
pub(super) fn date_of(text: &str) -> Option<When> {
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
