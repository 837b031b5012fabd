//! Where a text shows what was searched for: the pieces to be marked for a reader. Pure.
//!
//! Only words, phrases, hashtags, cashtags and accounts can be pointed at; and of a search that says "not", nothing is marked
//! for that.

use std::ops::Range;

use super::Expr;
use crate::fold::{self, Word};
use crate::model::{Handle, Hashtag};

/// Bytes of the longest name that is looked at, a handle with its server: of a text of nothing but `@a@a@a…`, every sign begins one.
const LONGEST: usize = 320;

/// The pieces of a text that fit what is searched for, in order, none overlapping another.
pub fn seen(expr: &Expr, text: &str) -> Vec<Range<usize>> {
    let words = fold::words(text);
    let mut found = Vec::new();
    mark(expr, text, &words, &mut found);
    found.sort_by_key(|piece| (piece.start, piece.end));
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for piece in found {
        match pieces.last_mut() {
            Some(last) if piece.start <= last.end => last.end = last.end.max(piece.end),
            _ => pieces.push(piece),
        }
    }
    pieces
}

fn mark(expr: &Expr, text: &str, words: &[Word], found: &mut Vec<Range<usize>>) {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| mark(part, text, words, found)),
        Expr::Word(wanted) | Expr::Phrase(wanted) => phrase(wanted, false, text, words, found),
        Expr::Prefix(stem) => phrase(stem, true, text, words, found),
        Expr::Gaps(phrases) => phrases.iter().for_each(|wanted| phrase(wanted, false, text, words, found)),
        Expr::Tag(tag) => {
            named(text, &['#', '＃'], |name| Hashtag::new(name).is_some_and(|own| own.folded() == tag.folded()), found)
        }
        Expr::Cashtag(symbol) => named(text, &['$'], |name| name.eq_ignore_ascii_case(symbol), found),
        Expr::Mentions(handle) | Expr::To(handle) => {
            let short = |handle: &str| handle.split('@').next().unwrap_or_default().to_owned();
            let wanted = handle.folded();
            let fits = |name: &str| {
                Handle::new(name).is_some_and(|own| {
                    own.folded() == wanted || short(&own.folded()) == wanted || own.folded() == short(&wanted)
                })
            };
            named(text, &['@', '＠'], fits, found);
        }
        _ => {}
    }
}

/// Marks a phrase wherever it stands; without any word in it, the very signs.
fn phrase(wanted: &str, begins: bool, text: &str, words: &[Word], found: &mut Vec<Range<usize>>) {
    let (needle, cut) = fold::needle(wanted);
    if needle.is_empty() {
        let signs = wanted.trim();
        found.extend(text.match_indices(signs).filter(|_| !signs.is_empty()).map(|(at, signs)| at..at + signs.len()));
        return;
    }
    let fits = |window: &&[Word]| {
        window.iter().zip(&needle).enumerate().all(|(i, (word, wanted))| {
            word.folded == *wanted
                || ((begins || cut) && i + 1 == needle.len() && word.folded.starts_with(wanted.as_str()))
        })
    };
    for window in words.windows(needle.len()).filter(fits) {
        if let (Some(first), Some(last)) = (window.first(), window.last()) {
            // Of a pair that is only begun, the first character was asked for.
            let first_char = text.get(last.at.clone()).and_then(|pair| pair.chars().next());
            let end = match first_char {
                Some(c) if cut && !begins => last.at.start + c.len_utf8(),
                _ => last.at.end,
            };
            found.push(first.at.start..end);
        }
    }
}

/// Marks names behind a sign, where they fit.
fn named(text: &str, signs: &[char], fits: impl Fn(&str) -> bool, found: &mut Vec<Range<usize>>) {
    for (at, sign) in text.match_indices(signs) {
        let start = at + sign.len();
        let rest = text.get(start..).unwrap_or_default();
        let ends = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '@' | '.' | '-' | '\u{300}'..='\u{36f}'));
        let end = rest.char_indices().find(|(at, c)| *at >= LONGEST || ends(*c)).map_or(rest.len(), |(at, _)| at);
        let run = rest.get(..end).unwrap_or_default();
        // "#tag." and "#tag-that": the tag ends before. No name ends in such a sign.
        let mut name = run.trim_end_matches(['.', '-', '@']);
        while !name.is_empty() && !fits(name) {
            let shorter = name.rfind(['.', '-', '@']).unwrap_or(0);
            name = name.get(..shorter).unwrap_or_default().trim_end_matches(['.', '-', '@']);
        }
        if !name.is_empty() {
            found.push(at..start + name.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parse;
    use super::*;

    fn marked(search: &str, text: &str) -> String {
        let pieces = seen(&parse(search).unwrap(), text);
        let mut shown = text.to_owned();
        for piece in pieces.iter().rev() {
            shown.insert(piece.end, ']');
            shown.insert(piece.start, '[');
        }
        shown
    }

    #[test]
    fn what_was_searched_for_is_marked() {
        for (search, text, shown) in [
            ("cafe", "Ein Café, das café!", "Ein [Café], das [café]!"),
            ("\"two words\" -three", "two words, two three", "[two words], two three"),
            ("lab*", "Labour and a lab", "[Labour] and a [lab]"),
            ("a (b OR c)", "a c d", "[a] [c] d"),
            ("東京", "大東京都", "大[東京]都"),
            ("京", "東京都", "東[京]都"),
            ("#Loach", "x #loach. #loaches #LOACH", "x [#loach]. #loaches [#LOACH]"),
            ("@ann", "hi @Ann@a.example.", "hi [@Ann@a.example]."),
            ("$tsla", "buy $TSLA!", "buy [$TSLA]!"),
            ("?!", "what?!", "what[?!]"),
            ("🎉", "a 🎉🎉 b", "a [🎉🎉] b"),
            ("\"this * time\"", "this is the time", "[this] is the [time]"),
            ("from:ann has:image", "ann", "ann"),
        ] {
            assert_eq!(marked(search, text), shown, "{search}");
        }
    }

    proptest! {
        #[test]
        fn pieces_lie_inside_and_in_order(text in any::<String>(), wanted in any::<String>()) {
            let tree = Expr::All(vec![Expr::Phrase(wanted.clone()), Expr::Prefix(wanted), Expr::Mentions(Handle::new("a").unwrap())]);
            let mut end = 0;
            for piece in seen(&tree, &text) {
                prop_assert!(piece.start >= end && text.get(piece.clone()).is_some());
                end = piece.end;
            }
        }
    }
}
