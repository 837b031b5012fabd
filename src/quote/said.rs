//! What a post says, cut to the length and brought into the shape that a form wants. Words are never changed.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use super::direction::closed;
use crate::model::{Kind, Post};

/// What a post says.
pub(super) enum Said<'a> {
    /// Its author's own words.
    Words(&'a str),
    /// It has none: what it is instead, in square brackets. Never between quotation marks.
    Nothing(String),
}

/// A repost has no words of its own: those that some sources give it are another's, and are never quoted as the reposter's.
pub(super) fn said(post: &Post) -> Said<'_> {
    if post.kind == Kind::Repost {
        let original = post.repost_of.as_ref().and_then(|original| original.url.as_deref().or(original.best()));
        return Said::Nothing(match original {
            Some(original) => format!("[repost of {}]", one_line(original)),
            None => "[repost]".to_owned(),
        });
    }
    if !post.text.trim().is_empty() {
        return Said::Words(&post.text);
    }
    Said::Nothing(match post.media.first() {
        Some(media) if matches!(media.kind.as_str(), "image" | "video" | "gif" | "audio") => {
            format!("[{} without words]", media.kind)
        }
        _ => "[no words]".to_owned(),
    })
}

/// Whether words are no post's, but what [`said`] gives for one that has none.
pub fn stands_for_nothing(words: &str) -> bool {
    let inside = words.trim().strip_prefix('[').and_then(|words| words.strip_suffix(']'));
    inside.is_some_and(|inside| {
        let is_media = inside.strip_suffix(" without words").is_some_and(|kind| !kind.contains(char::is_whitespace));
        matches!(inside, "repost" | "no words")
            || is_media
            || (inside.starts_with("repost of ") && !inside.contains(['[', ']', '\n']))
    })
}

/// The text on one line: a run of white space that holds a line break is one space, other control characters are left out.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut gap = String::new();
    for c in text.chars() {
        match c {
            c if c.is_whitespace() => gap.push(c),
            c if c.is_control() => {}
            c => {
                if gap.contains(breaks) {
                    if !line.is_empty() {
                        line.push(' ');
                    }
                } else {
                    line.push_str(&gap);
                }
                gap.clear();
                line.push(c);
            }
        }
    }
    if !gap.contains(breaks) {
        line.push_str(&gap);
    }
    closed(&line).into_owned()
}

fn breaks(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\t')
}

/// The text up to its so-many-th word. An address, a hashtag and an emoji count as a word each, as APA counts.
pub(super) fn first_words(text: &str, most: usize) -> &str {
    let (mut words, mut end) = (0, 0);
    let (mut in_word, mut in_address, mut apart) = (false, false, true);
    for (at, grapheme) in text.grapheme_indices(true) {
        let first = grapheme.chars().next().unwrap_or(' ');
        if first.is_whitespace() {
            (in_word, in_address, apart) = (false, false, true);
            continue;
        }
        let begins = if is_emoji(grapheme) {
            in_word = false;
            true
        } else if in_word && (in_address || first != '#') {
            false
        } else if first.is_alphanumeric() || matches!(first, '#' | '@') {
            in_word = true;
            let rest = text.get(at..).unwrap_or_default();
            in_address = ADDRESSES.iter().any(|start| rest.starts_with(start));
            true
        } else {
            false
        };
        if begins {
            words += 1;
            apart = false;
            if words > most {
                return text.get(..end).unwrap_or_default();
            }
        }
        // A mark that stands apart goes with the word behind it, such as an opening quotation mark.
        if !apart {
            end = at + grapheme.len();
        }
    }
    text
}

/// How an address begins in a text.
const ADDRESSES: [&str; 4] = ["http://", "https://", "www.", "pic.twitter.com/"];

/// Whether a character, as readers see it, is an emoji: the blocks of pictographs, and what a variation selector makes one
/// (Unicode technical standard 51).
fn is_emoji(grapheme: &str) -> bool {
    grapheme.chars().any(|c| {
        matches!(c, '\u{fe0f}' | '\u{20e3}' | '\u{1f000}'..='\u{1faff}')
            || matches!(c, '\u{231a}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}')
    })
}

/// At most so many characters as readers see them, with an ellipsis if that is not all. A word or a number that would be cut in
/// two is left out: `in 20…` is another year.
pub(super) fn first_characters(text: &str, most: usize) -> Cow<'_, str> {
    let Some((end, next)) = text.grapheme_indices(true).nth(most) else { return Cow::Borrowed(text) };
    let kept = text.get(..end).unwrap_or_default();
    let whole = match kept.rfind(char::is_whitespace) {
        Some(space) if !next.starts_with(char::is_whitespace) && end - space < LONGEST_WORD => {
            kept.get(..space).unwrap_or(kept)
        }
        _ => kept,
    };
    Cow::Owned(format!("{}…", whole.trim_end()))
}

/// In bytes: what is longer is no word, but a text in a language without spaces.
const LONGEST_WORD: usize = 100;

/// Double quotation marks inside a quotation as single ones, as American styles have it. Where the author used both kinds, what
/// stands inside what is not certain, and all stay as they are.
pub(super) fn inside_quotes(text: &str) -> Cow<'_, str> {
    if !text.contains(['“', '”', '„', '"']) || text.contains('‘') {
        return Cow::Borrowed(text);
    }
    let single = |c| match c {
        '“' => '‘',
        '”' => '’',
        '„' => '‚',
        '"' => '\'',
        c => c,
    };
    Cow::Owned(text.chars().map(single).collect())
}

/// Whether a reader sees a sentence end here, so that a full stop of the style's would be one too many.
pub(super) fn is_ended(text: &str) -> bool {
    without_marks(text).ends_with(['.', '!', '?', '…', '。', '！', '？', '؟'])
}

/// The text without the marks at its end that close something.
pub(super) fn without_marks(text: &str) -> &str {
    text.trim_end_matches(['’', '\'', '”', '"', ')', '\u{202c}', '\u{2069}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_as_apa_counts_them() {
        for (text, most, expected) in [
            ("one two three", 2, "one two"),
            ("one two", 2, "one two"),
            ("one, two. Three", 2, "one, two."),
            ("https://a.example/x?y=#z two three", 2, "https://a.example/x?y=#z two"),
            ("one#two three", 2, "one#two"),
            ("one 👍👍 four", 3, "one 👍👍"),
            ("👩‍👩‍👧 two three", 2, "👩‍👩‍👧 two"),
            ("one — two three", 2, "one — two"),
            ("don’t stop now", 2, "don’t stop"),
            ("“one two” three", 2, "“one two”"),
            ("one\n\ntwo three", 2, "one\n\ntwo"),
            ("", 2, ""),
        ] {
            assert_eq!(first_words(text, most).trim_end(), expected, "{text:?}");
        }
    }

    #[test]
    fn characters_are_those_that_readers_see() {
        assert_eq!(first_characters("ab👩‍👩‍👧cd", 3), "ab👩‍👩‍👧…");
        assert_eq!(first_characters("ab👩‍👩‍👧", 3), "ab👩‍👩‍👧");
        assert_eq!(first_characters("ab cd", 3), "ab…");
        assert_eq!(first_characters("in 2021, too", 5), "in…");
        assert_eq!(first_characters("in 2021, too", 8), "in 2021,…");
        assert_eq!(first_characters(&"漢".repeat(300), 280), format!("{}…", "漢".repeat(280)));
    }

    #[test]
    fn one_line_keeps_what_is_no_line_break() {
        for (text, expected) in [
            ("a\n\n b", "a b"),
            ("a  b", "a  b"),
            ("\na\r\n", "a"),
            ("a\u{7}b", "ab"),
            ("a\u{202e}\nb\u{202e}", "a\u{202e} b\u{202e}\u{202c}\u{202c}"),
        ] {
            assert_eq!(one_line(text), expected, "{text:?}");
        }
    }
}
