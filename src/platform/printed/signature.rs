//! The signature under a quoted post: `— Name (@handle)`, as X prints it and as pages copy it.
//!
//! The handle is the last `(@…)` of the line. The name is everything between the dash and the handle, so which dash
//! it is decides where the text ends and the name begins. The rule, in this order:
//!
//! 1. A name has at most 64 signs (the most that any platform allows), so a dash farther off is the text's.
//! 2. A dash at the start of the line begins the name; but a hyphen before a better dash is the bullet of a list.
//! 3. An em dash with a space after it is what X writes; `--`, `–` and a hyphen between spaces are what pages make of
//!    it, tried in this order; then the first three without that space. A lesser dash beside a better one is part of
//!    the name or of the text.
//! 4. Of several of one kind, one glued to a link begins the name, since nothing but the signature follows a picture.
//! 5. Else the last one after which the text may have ended (`.`, `!`, a hashtag, an emoji), else the last. Now the
//!    name is only likely: [`Signature::rival`] holds the other reading, and the caller reports it.

use crate::model::Handle;

/// Name and handle under a quotation.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature<'a> {
    /// Where the dash begins, in bytes: the quoted text ends before it.
    pub dash: usize,
    /// Display name as printed; empty where the page prints none.
    pub name: &'a str,
    /// The handle.
    pub handle: Handle,
    /// The name by another reading, when the line does not tell which dash is the signature's.
    pub rival: Option<&'a str>,
    /// Whether the dash is written as an entity, so that the line is HTML source.
    pub escaped: bool,
    /// Whether the dash is a hyphen at the beginning of the line: it may be the bullet of a list, and the name words.
    pub bullet: bool,
}

/// The most signs of a display name: 50 on X, 30 on Mastodon, 64 on Bluesky.
const LONGEST_NAME: usize = 64;

/// The most bytes of such a name that are looked at: an emoji may be made of seven characters.
const LONGEST_NAME_BYTES: usize = LONGEST_NAME * 16;

/// The most bytes of a handle: `@user@server` with the longest possible server name.
const LONGEST_HANDLE: usize = 320;

/// The dashes, the best first. Entities stand where a page was copied with its source.
const DASHES: &[(&str, Kind, bool)] = &[
    ("—", Kind::Em, false),
    ("―", Kind::Em, false),
    ("&mdash;", Kind::Em, true),
    ("&#8212;", Kind::Em, true),
    ("&#x2014;", Kind::Em, true),
    ("&#X2014;", Kind::Em, true),
    ("--", Kind::Double, false),
    ("–", Kind::En, false),
    ("&ndash;", Kind::En, true),
    ("&#8211;", Kind::En, true),
    ("&#x2013;", Kind::En, true),
    ("-", Kind::Hyphen, false),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Em,
    Double,
    En,
    Hyphen,
}

/// A dash that may begin the signature. The smaller the rank, the likelier.
struct Dash {
    start: usize,
    end: usize,
    rank: (bool, Kind),
    escaped: bool,
}

/// How far before the end of a line a handle may stand: a date and an address follow it.
const REACH: usize = 1024;

/// The last `(@handle)` of a line: where it begins and ends, in bytes, and the handle. Only the end of the line is
/// looked at.
pub fn last_handle(line: &str) -> Option<(usize, usize, Handle)> {
    const OPENING: [char; 2] = ['(', '（'];
    let end = tail(line, REACH);
    let skipped = line.len() - end.len();
    let mut rest = end;
    while let Some(open) = rest.rfind(OPENING) {
        // Those directly before it open the same.
        rest = rest[..open].trim_end_matches(OPENING);
        let open = skipped + open;
        let inside = line[open..].trim_start_matches(OPENING);
        let start = line.len() - inside.len();
        let inside = head(inside, LONGEST_HANDLE);
        let Some(length) = inside.find([')', '）']) else { continue };
        let printed = inside[..length].trim_matches(is_blank);
        if let (true, Some(handle)) = (printed.starts_with(['@', '＠']), Handle::new(printed)) {
            let close = start + length;
            return Some((open, close + line[close..].chars().next().map_or(0, char::len_utf8), handle));
        }
    }
    None
}

/// Reads the signature whose `(@handle)` stands at `open` in `line` (of one line, without breaks).
/// `None` if no dash stands before it.
pub fn read<'a>(line: &'a str, open: usize, handle: &Handle) -> Option<Signature<'a>> {
    let before = line.get(..open)?;
    let window = before.len() - tail(before, LONGEST_NAME_BYTES).len();
    let name = |dash: &Dash| before[dash.end..].trim_matches(is_blank);
    let mut dashes = dashes(before, window);
    dashes.retain(|dash| signs(name(dash)) <= LONGEST_NAME);
    let signed = |chosen: &Dash, rival: Option<&Dash>| Signature {
        dash: chosen.start,
        name: name(chosen),
        handle: handle.clone(),
        rival: rival.map(name),
        escaped: chosen.escaped,
        bullet: chosen.rank.1 == Kind::Hyphen && before[..chosen.start].chars().all(is_blank),
    };
    let starts_line = |dash: &&Dash| before[..dash.start].chars().all(is_blank);
    if dashes.first().filter(starts_line).is_some_and(|first| dashes[1..].iter().any(|dash| is_bullet(first, dash))) {
        dashes.remove(0);
    }
    if let Some(first) = dashes.first().filter(starts_line) {
        let rival = dashes.iter().skip(1).rfind(|dash| dash.rank <= first.rank);
        return Some(signed(first, rival));
    }
    let best = dashes.iter().map(|dash| dash.rank).min()?;
    dashes.retain(|dash| dash.rank == best);
    if let Some(glued) = dashes.iter().find(|dash| ends_in_link(&before[..dash.start])) {
        return Some(signed(glued, None));
    }
    let last = dashes.len() - 1;
    let chosen = dashes.iter().rposition(|dash| may_end_text(&before[..dash.start])).unwrap_or(last);
    let rival = if chosen == last { last.checked_sub(1) } else { Some(last) };
    Some(signed(&dashes[chosen], rival.map(|at| &dashes[at])))
}

/// Who signs in a text, with something like a date behind the handle: what stands before it may be theirs.
pub fn signer_within(text: &str) -> Option<Handle> {
    // Most texts have no brackets, and need not be looked through line by line.
    if !(text.contains('(') || text.contains('（')) || !(text.contains('@') || text.contains('＠')) {
        return None;
    }
    text.lines().find_map(|line| {
        let (open, close, handle) = last_handle(line)?;
        (has_year(&line[close..]) && read(line, open, &handle).is_some()).then_some(handle)
    })
}

/// Whether a year stands near the beginning, as in a date.
pub fn has_year(text: &str) -> bool {
    head(text, 40).split(|c: char| !c.is_ascii_digit()).any(|n| n.len() == 4 && matches!(&n[..2], "19" | "20"))
}

/// Whether a dash before the end of a text may begin a name that ends there.
pub fn has_dash(before: &str) -> bool {
    let window = before.len() - tail(before, LONGEST_NAME_BYTES).len();
    dashes(before, window).iter().any(|dash| signs(&before[dash.end..]) <= LONGEST_NAME)
}

/// Whether the dash at the start of a line is a bullet, since another is the signature's.
fn is_bullet(first: &Dash, other: &Dash) -> bool {
    first.rank.1 == Kind::Hyphen && other.rank.1 < Kind::Hyphen
}

fn dashes(before: &str, window: usize) -> Vec<Dash> {
    let mut found: Vec<Dash> = Vec::new();
    let mut at = window;
    while let Some(c) = before[at..].chars().next() {
        // Most signs can begin no dash, and need not be compared with twelve.
        let may_be = matches!(c, '—' | '―' | '–' | '-' | '&');
        let hit = DASHES.iter().find(|(sign, ..)| may_be && before[at..].starts_with(sign));
        let Some((sign, kind, escaped)) = hit else {
            at += c.len_utf8();
            continue;
        };
        let rest = before[at + sign.len()..].trim_start_matches(['-', '—', '–', '―']);
        let end = before.len() - rest.len();
        let spaced_after = rest.is_empty() || rest.starts_with(is_blank);
        let spaced_before = at == 0 || before[..at].ends_with(is_blank);
        // A hyphen without spaces around it joins two words.
        if *kind != Kind::Hyphen || (spaced_after && spaced_before) {
            found.push(Dash { start: at, end, rank: (!spaced_after, *kind), escaped: *escaped });
        }
        at = end;
    }
    found
}

/// Whether the text may end here: after a sentence, a closing mark, an emoji, a hashtag or a mention.
pub fn may_end_text(text: &str) -> bool {
    let text = text.trim_end_matches(is_blank);
    let word = text.rsplit(is_blank).next().unwrap_or_default();
    word.contains(['#', '@', '＃'])
        || text.chars().next_back().is_some_and(|c| !c.is_alphanumeric() && !",;:-(".contains(c))
}

/// Whether a link stands directly before.
fn ends_in_link(text: &str) -> bool {
    let word = text.rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
    ["pic.twitter.com/", "pic.x.com/", "http://", "https://"].iter().any(|start| word.contains(start))
}

/// The doubt that a second reading of the name leaves.
pub fn two_names(rival: &str) -> String {
    format!("The name may also be {rival:?}: the page does not tell which dash begins it.")
}

/// White space, and the marks around right-to-left names that show nothing.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// How many signs a reader sees, about: joiners, variation selectors, skin tones and the tags of flags add none.
fn signs(name: &str) -> usize {
    let adds_none = |c: &char| {
        matches!(c, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e01ef}')
    };
    name.chars().filter(|c| !adds_none(c)).count()
}

/// At most the first `bytes` bytes.
fn head(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// At most the last `bytes` bytes.
fn tail(text: &str, bytes: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(bytes))..]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text, name, handle and the other name of a line that ends in its handle.
    fn parts(line: &str) -> Option<(&str, &str, String, Option<&str>)> {
        let (open, _, handle) = last_handle(line)?;
        let signature = read(line, open, &handle)?;
        Some((line[..signature.dash].trim_end(), signature.name, handle.to_string(), signature.rival))
    }

    #[test]
    fn names_are_taken_as_printed() {
        for (line, text, name, handle) in [
            ("Well said. — Ada Moss (@adamoss)", "Well said.", "Ada Moss", "adamoss"),
            ("Glued.— Ada Moss (@adamoss)", "Glued.", "Ada Moss", "adamoss"),
            ("— Ada Moss (@adamoss)", "", "Ada Moss", "adamoss"),
            ("A – b -- c — Ada (of Moss) (@adamoss)", "A – b -- c", "Ada (of Moss)", "adamoss"),
            ("Text — Ada-Lou – Moss - North (@adamoss)", "Text", "Ada-Lou – Moss - North", "adamoss"),
            ("Text — Ada | Moss, MA [she] #YES (@adamoss)", "Text", "Ada | Moss, MA [she] #YES", "adamoss"),
            ("Text — . (@adamoss)", "Text", ".", "adamoss"),
            ("Text — (@adamoss)", "Text", "", "adamoss"),
            ("Text — (@other) (@adamoss)", "Text", "(@other)", "adamoss"),
            ("Text — Ada （(((@adamoss)", "Text", "Ada （((", "adamoss"),
            ("Text — Ada (@adamoss) ((（2021", "Text", "Ada", "adamoss"),
            ("Text — 🏴󠁧󠁢󠁷󠁬󠁳󠁿👩‍👩‍👧 Ada 💙 (@adamoss)", "Text", "🏴󠁧󠁢󠁷󠁬󠁳󠁿👩‍👩‍👧 Ada 💙", "adamoss"),
            ("Text &mdash; Ada Moss (@adamoss)", "Text", "Ada Moss", "adamoss"),
            ("Text -- Ada Moss (@adamoss)", "Text", "Ada Moss", "adamoss"),
            ("A well-known text - Ada Moss (@adamoss)", "A well-known text", "Ada Moss", "adamoss"),
            ("Text—Ada Moss (@adamoss)", "Text", "Ada Moss", "adamoss"),
            ("pic.twitter.com/aB3— Ada — Moss (@adamoss)", "pic.twitter.com/aB3", "Ada — Moss", "adamoss"),
            ("Text — آدا (@adamoss)", "Text", "آدا", "adamoss"),
            ("Text — Ada （@ada@moss.example）", "Text", "Ada", "ada@moss.example"),
        ] {
            assert_eq!(parts(line), Some((text, name, handle.to_owned(), None)), "{line}");
        }
    }

    #[test]
    fn two_readings_are_both_told() {
        for (line, name, rival) in [
            ("Brexit — again — Ada Moss (@adamoss)", "Ada Moss", "again — Ada Moss"),
            ("It ended. — Ada — Moss (@adamoss)", "Ada — Moss", "Moss"),
            ("— Ada — Moss (@adamoss)", "Ada — Moss", "Moss"),
        ] {
            let (_, read, _, other) = parts(line).unwrap();
            assert_eq!((read, other), (name, Some(rival)), "{line}");
        }
    }

    #[test]
    fn a_dash_too_far_off_is_the_texts() {
        let line = format!("Once — {} — Ada Moss (@adamoss)", "word ".repeat(20));
        assert_eq!(parts(&line).unwrap().3, None);
        assert_eq!(parts(&format!("Once — {} Ada Moss (@adamoss)", "word ".repeat(20))), None);
    }

    #[test]
    fn without_dash_or_handle_there_is_no_signature() {
        for line in ["", "Ada Moss (@adamoss)", "— Ada Moss", "a well-known (@adamoss)", "— Ada (@)", "— Ada (@a b)"]
        {
            assert_eq!(parts(line), None, "{line}");
        }
    }
}
