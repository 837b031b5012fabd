//! Who is named in a draft, and the dates beside the names.

use std::ops::Range;

use super::dates::Printed;
use super::lexicon;
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

/// The date that stands behind a place, with no more than `between` words before it, none of which ends a sentence, opens a
/// quotation or makes it the date of something else.
pub(super) fn date_after(text: &str, from: usize, end: usize, between: usize) -> Option<Dated> {
    let reach = text.floor_char_boundary((from + REACH).min(end).max(from));
    let words = words(text, from..reach);
    let bare = |at: usize| words.get(at).map_or("", |word| text[word.clone()].trim_matches(is_mark));
    let (mut counted, mut behind) = (0, from);
    // A clause about the person: `, who was born on 3 May 1960,`.
    let mut in_clause = false;
    for (at, range) in words.iter().enumerate() {
        if range.start < behind {
            continue;
        }
        if counted > between {
            return None;
        }
        let on = at.checked_sub(1).map_or("", bare);
        let is_parted = behind < range.start && text[..range.start].trim_end().ends_with(',');
        let found = longest(text, &words[at..], on).or_else(|| of_east_asia(text, range.start..reach));
        if let Some(found) = found {
            // `mayor from 3 May 2018 to 3 May 2019`
            if matches!(on, "from" | "to" | "von" | "zum") {
                return None;
            }
            if !in_clause {
                return Some(found);
            }
            // The day of what is posted may follow the clause.
            if !text[found.range.end..].starts_with(',') {
                return None;
            }
            (counted, behind, in_clause) = (0, found.range.end + 1, false);
            continue;
        }
        let word = bare(at);
        let is_other = lexicon::is_of_others(word) && !lexicon::is_hour(bare(at + 1));
        let whole = &text[range.clone()];
        let is_end = whole.ends_with(['.', '!', '?']) && whole.len() > 1;
        // `, and on 3 August 2021 the council met`
        let is_next = is_parted && matches!(word, "and" | "but" | "und" | "et" | "y" | "и");
        if is_other || is_next || is_end || whole.contains(OPENING) || whole.contains(['”', '»', '」', '』']) {
            return None;
        }
        in_clause = (in_clause && !lexicon::is_verb(word)) || lexicon::is_of_lives(word);
        counted += usize::from(whole.contains(char::is_alphanumeric));
    }
    None
}

/// What opens a quotation.
const OPENING: &[char] = &['“', '„', '«', '"', '‘', '「', '『'];

/// What stands around a word of prose.
fn is_mark(c: char) -> bool {
    matches!(c, ',' | '.' | ':' | ';' | '!' | '?' | '(' | ')')
}

/// The date before a name: `On 26 July 2021, Ada Moss (`, `On July 26 at 9 p.m., Ada Moss (`, `26 July 2021 – Ada Moss (`.
pub(super) fn date_before(text: &str, start: usize, to: usize) -> Option<Dated> {
    let reach = text.ceil_char_boundary(to.saturating_sub(REACH).max(start));
    let words = words(text, reach..to);
    (0..words.len()).find_map(|at| {
        let before = |at: usize| at.checked_sub(1).map(|before| &text[words[before].clone()]);
        let found = longest(text, &words[at..], before(at).unwrap_or_default())?;
        // It opens the sentence, or else it may be the day of something else.
        let opens = |at: usize| before(at).is_none_or(|before| before.ends_with(['.', '!', '?']));
        let introduced = opens(at) || (before(at).is_some_and(lexicon::is_on) && opens(at - 1));
        let behind = without_time(&text[found.range.end..to]);
        let name = behind.trim_start_matches([',', ' ', '\n', '–', '—', '-', '·', '|']);
        let is_beside = behind.trim_start().starts_with([',', '–', '—', '-', '·', '|'])
            && name.split_whitespace().count() <= 6
            && !name.contains(['.', '”', '"']);
        (introduced && is_beside).then_some(found)
    })
}

/// What stands behind a day without the time of it: ` at 9 p.m., Ada Moss`.
fn without_time(behind: &str) -> &str {
    const LONGEST: usize = 24;
    let rest = behind.trim_start();
    let Some((time, _)) = rest.split_once(',').filter(|(time, _)| time.len() <= LONGEST) else { return behind };
    let mut words = time.split_whitespace();
    let is_at =
        matches!(words.next(), Some("at" | "around" | "about" | "just" | "shortly" | "um" | "à" | "a" | "alle"));
    let is_time = words.any(|word| lexicon::is_hour(word) || word.starts_with(|c: char| c.is_ascii_digit()));
    if is_at && is_time { &rest[time.len()..] } else { behind }
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

/// The first date of East Asia in a range, where no spaces part it from the words around: `は2021年8月6日、`.
fn of_east_asia(text: &str, range: Range<usize>) -> Option<Dated> {
    let reach = text.get(range.clone())?;
    let word = reach.split(char::is_whitespace).next().unwrap_or_default();
    if !word.contains(['年', '月', '년', '월']) {
        return None;
    }
    let reach = reach.split(OPENING).next().unwrap_or_default();
    let first = reach.find(|c: char| c.is_ascii_digit()).filter(|first| *first < word.len())?;
    let rest = &reach[first..];
    let last = rest.char_indices().find(|(_, c)| matches!(c, '日' | '일')).map(|(at, c)| at + c.len_utf8())?;
    let printed = rest.get(..last)?;
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '年' | '月' | '日' | '년' | '월' | '일');
    if !printed.chars().all(is_part) {
        return None;
    }
    let start = range.start + first;
    Some(Dated { range: start..start + last, when: Printed::read(printed)? })
}

/// The longest date that begins with the first word, which stands behind the word `on`.
fn longest(text: &str, words: &[Range<usize>], on: &str) -> Option<Dated> {
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
        let bare = whole
            .trim_end_matches([',', ';', ':', '.', ')', ']', '!', '?', '”', '"', '’', '\'', '|', '·', '—', '–'])
            .trim_end();
        if !bare.contains(|c: char| c.is_ascii_digit()) && !signature::has_year(bare) {
            return None;
        }
        let line = bare.split_whitespace().collect::<Vec<_>>().join(" ");
        // A time goes on behind it.
        if line.ends_with(" at") || line.ends_with(" um") || line.ends_with(" à") {
            return None;
        }
        let short = || match on.to_lowercase().as_str() {
            "on" | "le" | "el" => Printed::read_short(&line, '/'),
            "am" => Printed::read_short(&line, '.'),
            _ => None,
        };
        let when = Printed::read(&line).or_else(short)?;
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
            (" tweeted on 26/7.", Some("26/7")),
            (" schrieb am 26.7.", Some("26.7")),
            (" paid 26/7 of it", None),
            ("は2021年7月26日、「", Some("2021年7月26日")),
            ("は「2021年7月26日」", None),
            (" tweeted before the meeting on 9 August 2021", None),
            (" tweeted shortly after midnight on 26 July 2021", Some("26 July 2021")),
            (", who was born on 3 May 1960, tweeted", None),
            (", who was born on 3 May 1960, tweeted on 26 July 2021", Some("26 July 2021")),
            (", who joined in May 2009, tweeted", None),
            (", who posted on 3 May 2019", Some("3 May 2019")),
            (", mayor from 3 May 2018 to 3 May 2019, tweeted", None),
            (" tweeted, and on 3 August 2021 the council met", None),
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
            ("In August 2021, Ada Moss ", Some("August 2021")),
            ("On July 26 at 9 p.m., Ada Moss ", Some("July 26")),
            ("26 July 2021 – Ada Moss ", Some("26 July 2021")),
        ] {
            assert_eq!(date_before(text, 0, text.len()).map(|found| &text[found.range]), expected, "{text}");
        }
    }
}
