//! Who is named in a draft, and the dates beside the names.

use std::ops::Range;

use super::dates::Printed;
use crate::model::Handle;
use crate::platform::signature;

/// A handle in a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Who {
    /// From its bracket or `@` to its end.
    pub(super) range: Range<usize>,
    pub(super) handle: Handle,
    /// Whether it stands in parentheses, with a name before it.
    pub(super) in_parentheses: bool,
}

/// A printed date.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dated {
    pub(super) range: Range<usize>,
    pub(super) when: Printed,
}

/// The handles in a text, in order.
pub(super) fn handles(text: &str) -> Vec<Who> {
    /// `@user@server` with the longest possible names.
    const LONGEST: usize = 320;
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find(['@', '＠']).map(|at| from + at) {
        let sign = text[at..].chars().next().map_or(1, char::len_utf8);
        from = at + sign;
        let before = text[..at].chars().next_back();
        // Part of an address of mail, or of the web.
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '-' | '@')) {
            continue;
        }
        let rest = &text[from..];
        let reach = &rest[..rest.floor_char_boundary(LONGEST)];
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@');
        let length = reach.find(|c| !is_part(c)).unwrap_or(reach.len());
        let raw = reach[..length].trim_end_matches(['.', '-', '@']);
        let Some(handle) =
            Handle::new(raw).filter(|handle| !raw.starts_with('@') && handle.as_str().matches('@').count() <= 1)
        else {
            continue;
        };
        from += raw.len();
        // A line break may be the end of a paragraph.
        let is_space = |c: char| c != '\n' && signature::is_blank(c);
        let opens = text[..at].trim_end_matches(is_space);
        let closes = text[from..].trim_start_matches(is_space);
        let bracket = opens.chars().next_back().filter(|c| matches!(c, '(' | '（' | '['));
        let closing = closes.chars().next().filter(|c| matches!(c, ')' | '）' | ']'));
        // A list of handles, or a handle with its date, may stand in the brackets.
        let end = match (bracket, closing) {
            (Some(_), Some(closing)) => text.len() - closes.len() + closing.len_utf8(),
            _ => from,
        };
        let start = bracket.map_or(at, |bracket| opens.len() - bracket.len_utf8());
        found.push(Who { range: start..end, handle, in_parentheses: bracket.is_some() });
    }
    found
}

/// How many bytes behind a handle its date may stand.
const REACH: usize = 200;

/// The date that stands behind a place, with no more than `between` words before it, none of which ends a sentence or opens a
/// quotation.
pub(super) fn date_after(text: &str, from: usize, end: usize, between: usize) -> Option<Dated> {
    let reach = text.floor_char_boundary((from + REACH).min(end).max(from));
    let words = words(text, from..reach);
    for (skipped, word) in words.iter().enumerate() {
        let is_sign = |word: &str| !word.contains(char::is_alphanumeric);
        let counted = words[..skipped].iter().filter(|range| !is_sign(&text[(*range).clone()])).count();
        if counted > between {
            return None;
        }
        if let Some(found) = longest(text, &words[skipped..]) {
            return Some(found);
        }
        let word = &text[word.clone()];
        if word.contains(['“', '„', '«', '"', '‘', '”', '»']) || (word.ends_with(['.', '!', '?']) && word.len() > 1)
        {
            return None;
        }
    }
    None
}

/// The date before a name: `On 26 July 2021, Ada Moss (`.
pub(super) fn date_before(text: &str, start: usize, to: usize) -> Option<Dated> {
    let reach = text.ceil_char_boundary(to.saturating_sub(REACH).max(start));
    let words = words(text, reach..to);
    (0..words.len()).find_map(|at| {
        let found = longest(text, &words[at..])?;
        // It opens the sentence, or else it may be the day of something else.
        let opens =
            |at: usize| at.checked_sub(1).is_none_or(|before| text[words[before].clone()].ends_with(['.', '!', '?']));
        let is_on =
            |at: usize| matches!(text[words[at].clone()].to_ascii_lowercase().as_str(), "on" | "am" | "le" | "el");
        let introduced = opens(at) || at.checked_sub(1).is_some_and(|before| is_on(before) && opens(before));
        let behind = &text[found.range.end..to];
        let name = behind.trim_start_matches([',', ' ', '\n']);
        let is_beside =
            behind.starts_with(',') && name.split_whitespace().count() <= 6 && !name.contains(['.', '”', '"']);
        (introduced && is_beside).then_some(found)
    })
}

/// Where the words of a range stand.
pub(super) fn words(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text[range.clone()].char_indices().map(|(at, c)| (range.start + at, c)) {
        match (signature::is_blank(c), start) {
            (true, Some(from)) => {
                words.push(from..at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    words.extend(start.map(|from| from..range.end));
    words
}

/// The longest date that begins with the first word.
fn longest(text: &str, words: &[Range<usize>]) -> Option<Dated> {
    const WORDS: usize = 8;
    let first = words.first()?;
    let opening = text[first.clone()].len()
        - text[first.clone()].trim_start_matches(['(', '[', ',', '·', '|', '-', '–', '—']).len();
    if opening == first.len() || text[first.clone()].eq_ignore_ascii_case("on") {
        return None;
    }
    let start = first.start + opening;
    (1..=words.len().min(WORDS)).rev().find_map(|count| {
        let whole = text.get(start..words[count - 1].end)?;
        let bare =
            whole.trim_end_matches([',', ';', ':', '.', ')', ']', '!', '?', '”', '"', '’', '\'', '|', '·', '—', '–']);
        if !bare.contains(|c: char| c.is_ascii_digit()) && !signature::has_year(bare) {
            return None;
        }
        let line = bare.split_whitespace().collect::<Vec<_>>().join(" ");
        let when = Printed::read(&line)?;
        Some(Dated { range: start..start + bare.len(), when })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_found() {
        let text = "Ada Moss (@ada_moss) and @ben@moss.example. Mail a@b.example, see x.example/@cy; (＠dee), @. @@e (@f, July 26, 2021)";
        let found = handles(text);
        let found: Vec<(&str, bool)> = found.iter().map(|who| (who.handle.as_str(), who.in_parentheses)).collect();
        assert_eq!(found, [("ada_moss", true), ("ben@moss.example", false), ("dee", true), ("f", true)]);
    }

    #[test]
    fn dates_beside_a_name() {
        for (text, expected) in [
            (" July 26, 2021", Some("July 26, 2021")),
            (", 26 July\n2021.", Some("26 July\n2021")),
            (" tweeted on 26 July 2021 that", Some("26 July 2021")),
            (" wrote: “In July 26, 2021", None),
            (" was angry. On July 26, 2021", None),
            (" wrote a very long time before that other day, July 26, 2021", None),
            (" · 2021-07-26", Some("2021-07-26")),
        ] {
            let found = date_after(text, 0, text.len(), 6).map(|found| &text[found.range]);
            assert_eq!(found, expected, "{text}");
        }
        for (text, expected) in [
            ("On 26 July 2021, Ada Moss ", Some("26 July 2021")),
            ("Since the vote on 26 July 2021 the mayor Ada Moss ", None),
            ("After 26 July 2021, Ada Moss ", None),
            ("Since the vote on 26 July 2021, Ada Moss ", None),
            ("It was late. On 26 July 2021, Ada Moss ", Some("26 July 2021")),
        ] {
            assert_eq!(date_before(text, 0, text.len()).map(|found| &text[found.range]), expected, "{text}");
        }
    }
}
