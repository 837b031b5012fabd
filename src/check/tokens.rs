//! A text as the words that are compared: quotation marks, dashes, white space and ellipses in whichever typography.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sort {
    /// A word, a number, a hashtag, a mention.
    Word,
    /// An address.
    Address,
    /// A sign of punctuation.
    Mark,
    /// A sign that shows something: an emoji, a currency.
    Picture,
    /// `…`, `...`, `[…]`.
    Ellipsis,
    /// What stands in square brackets.
    Bracket,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// As it is compared.
    pub(super) text: String,
    /// The same in small letters.
    pub(super) lower: String,
    /// Where it stands.
    pub(super) range: Range<usize>,
    pub(super) sort: Sort,
}

impl Token {
    /// Whether it is more than punctuation.
    pub(super) fn is_word(&self) -> bool {
        matches!(self.sort, Sort::Word | Sort::Picture | Sort::Address)
    }
}

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if is_blank(c) {
            at += c.len_utf8();
            continue;
        }
        let (end, sort, shown) = next(text, at, c);
        // Several dashes are one, as several dots are one ellipsis.
        let again = tokens.last().is_some_and(|last| last.range.end == at && shown == "-" && last.text == "-");
        match tokens.last_mut().filter(|_| again) {
            Some(last) => last.range.end = end,
            None => tokens.push(Token { lower: shown.to_lowercase(), text: shown, range: at..end, sort }),
        }
        at = end;
    }
    tokens
}

fn next(text: &str, at: usize, c: char) -> (usize, Sort, String) {
    let rest = &text[at..];
    let plain = |end: usize| rest[..end].nfc().filter(|c| !is_blank(*c)).collect::<String>();
    if let Some(length) = ellipsis(rest) {
        return (at + length, Sort::Ellipsis, "…".to_owned());
    }
    if let Some(length) = bracket(rest) {
        return (at + length, Sort::Bracket, plain(length));
    }
    if let Some(length) = address(rest) {
        return (at + length, Sort::Address, plain_address(&rest[..length]));
    }
    match c {
        '\'' | '‘' | '’' | '‚' | '‛' | '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '‹' | '›' | '「' | '」' | '『'
        | '』' | '`' | '´' | '＂' => (at + c.len_utf8(), Sort::Mark, "\"".to_owned()),
        c if is_dash(c) => (at + c.len_utf8(), Sort::Mark, "-".to_owned()),
        c if stands_alone(c) => (at + c.len_utf8(), Sort::Word, plain(c.len_utf8())),
        c if is_letter(c) || matches!(c, '#' | '@' | '＃' | '＠') => {
            let end = word(rest);
            // A sign without a word behind it.
            let sort = if rest[..end].contains(is_letter) { Sort::Word } else { Sort::Mark };
            let shown = plain(end).replace(['’', 'ʼ', '‘', '＇'], "'");
            (at + end, sort, shown)
        }
        c if is_punctuation(c) => (at + c.len_utf8(), Sort::Mark, plain(c.len_utf8())),
        _ => {
            let end = picture(rest);
            (at + end, Sort::Picture, plain(end).replace(['\u{fe0e}', '\u{fe0f}'], ""))
        }
    }
}

/// White space, and what shows nothing.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '﹘' | '－')
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_combining(c)
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}'
        | '\u{e47}'..='\u{e4e}' | '\u{20d0}'..='\u{20ff}' | '\u{200d}')
}

/// Letters of scripts that leave no space between words.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{e01}'..='\u{e2e}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(
            c,
            '¡' | '¿'
                | '·'
                | '•'
                | '。'
                | '、'
                | '，'
                | '！'
                | '？'
                | '：'
                | '；'
                | '（'
                | '）'
                | '،'
                | '؛'
                | '؟'
                | '‽'
        )
}

/// A word with its apostrophes and the dots and commas of its numbers; a hashtag or mention with its sign.
fn word(rest: &str) -> usize {
    let mut end = rest.chars().next().map_or(0, char::len_utf8);
    while let Some(c) = rest[end..].chars().next() {
        let after = || rest[end + c.len_utf8()..].chars().next();
        let before = || rest[..end].chars().next_back();
        let digits = || before().is_some_and(|c| c.is_ascii_digit()) && after().is_some_and(|c| c.is_ascii_digit());
        let goes_on = match c {
            c if stands_alone(c) => rest.starts_with(['#', '＃']),
            c if is_letter(c) => true,
            '\'' | '’' | 'ʼ' | '‘' => {
                before().is_some_and(char::is_alphanumeric) && after().is_some_and(char::is_alphabetic)
            }
            '.' if rest.starts_with('@') && rest[1..end].contains('@') => after().is_some_and(char::is_alphanumeric),
            '.' | ',' | ':' => digits(),
            // The server of a mention.
            '@' => rest.starts_with('@') && end > 1 && after().is_some_and(char::is_alphanumeric),
            _ => false,
        };
        if !goes_on {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// An emoji with what belongs to it: joiners, skin tones, tags of flags, the second half of a flag.
fn picture(rest: &str) -> usize {
    let mut signs = rest.char_indices();
    let Some((_, first)) = signs.next() else { return 0 };
    let (mut end, mut joined) = (first.len_utf8(), false);
    let mut is_half = is_half_flag(first);
    for (at, c) in signs {
        let belongs = matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{200d}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
            || (joined && !is_blank(c))
            || (is_half && is_half_flag(c));
        if !belongs {
            break;
        }
        is_half &= !is_half_flag(c);
        joined = c == '\u{200d}';
        end = at + c.len_utf8();
    }
    end
}

fn is_half_flag(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

fn is_small_blank(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}')
}

/// The length of an ellipsis at the beginning, with the brackets of an editor around it.
fn ellipsis(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix(['[', '(']).map_or((0, rest), |inside| (1, inside.trim_start_matches(is_blank)));
    let dots = |text: &str| {
        let (mut length, mut count) = (0, 0);
        loop {
            let rest = &text[length..];
            // Printers set small spaces between dots; a wide gap parts what stands around it.
            let blanks = if count == 0 {
                0
            } else {
                rest.chars().take(2).take_while(|c| is_small_blank(*c)).map(char::len_utf8).sum()
            };
            match rest[blanks..].chars().next() {
                Some('…') => count += 3,
                Some('.') => count += 1,
                _ => break,
            }
            length += blanks + rest[blanks..].chars().next().map_or(0, char::len_utf8);
        }
        (count >= 3).then_some(length)
    };
    let length = dots(inside.1)?;
    if inside.0 == 0 {
        return Some(length);
    }
    let behind = inside.1[length..].trim_start_matches(is_blank);
    behind.starts_with([']', ')']).then(|| rest.len() - behind.len() + 1)
}

/// The length of something short in square brackets.
fn bracket(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('[')?;
    let end = inside[..inside.floor_char_boundary(80)].find([']', '\n', '['])?;
    inside[end..].starts_with(']').then_some(end + 2)
}

/// The length of an address, with or without `https://`.
fn address(rest: &str) -> Option<usize> {
    let full = rest.starts_with("https://") || rest.starts_with("http://");
    if !full && !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let reach = &rest[..rest.floor_char_boundary(2048)];
    let end =
        reach.find(|c: char| is_blank(c) || matches!(c, '"' | '“' | '”' | '<' | '>' | '»')).unwrap_or(reach.len());
    let word = reach[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '’', '\'']);
    // What follows a shortened address without a space is its ellipsis.
    let dots = reach[word.len()..end].bytes().take_while(|byte| *byte == b'.').count();
    let length = if dots >= 3 { word.len() + dots } else { word.len() };
    let host = word.split('/').next().unwrap_or_default();
    let is_host = || {
        let last = host.rsplit('.').next().unwrap_or_default();
        word.contains('/')
            && host.contains('.')
            && last.len() >= 2
            && last.bytes().all(|byte| byte.is_ascii_alphabetic())
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    };
    (full || is_host()).then_some(length)
}

/// An address without what readers are often not shown.
pub(super) fn plain_address(address: &str) -> String {
    let bare = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address);
    let bare = bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/');
    match bare.strip_suffix("...") {
        Some(bare) => format!("{}…", bare.trim_end_matches('.')),
        None => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        tokens(text).iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn typography_is_no_difference() {
        for (one, other) in [
            ("“It’s — so”", "\"It's -- so\""),
            ("a\u{a0}b\n\nc", "a b c"),
            ("well... yes", "well … yes"),
            ("‘a’ «b»", "\"a\" „b“"),
            ("left–wing", "left-wing"),
            ("❤️", "❤"),
            ("see https://www.a.example/b/", "see a.example/b"),
            ("e\u{301}", "é"),
        ] {
            assert_eq!(shown(one), shown(other));
        }
    }

    #[test]
    fn words_are_differences() {
        for (one, other) in [
            ("Not", "not"),
            ("1,000", "1000"),
            ("born#tag", "born #tags"),
            ("👩🏽‍🚀", "👩‍🚀"),
            ("🇫🇷🇩🇪", "🇩🇪🇫🇷"),
            ("it's", "its"),
            ("so!", "so."),
            ("left-wing", "left wing"),
            ("愛して", "愛しで"),
        ] {
            assert_ne!(shown(one), shown(other));
        }
    }

    #[test]
    fn texts_fall_into_words() {
        for (text, expected) in [
            ("born#IStand @a@b.example, 3.5!", "born #IStand @a@b.example , 3.5 !"),
            ("[sic] [he] [...] (…) . . .", "[sic] [he] … … …"),
            ("🇫🇷🇩🇪👩‍👩‍👧x", "🇫🇷 🇩🇪 👩‍👩‍👧 x"),
            ("bbc.co.uk/news/… and a.b", "bbc.co.uk/news/… and a . b"),
            ("£5 & more", "£ 5 & more"),
            ("'twas the lads'", "\" twas the lads \""),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
