//! Halves of characters in JSON: `\ud83d` without the `\ude00` that belongs to it, as programs leave them that cut texts
//! at so many units. No parser takes them, and one such text would cost its whole document.

use std::borrow::Cow;

/// JSON with `\ufffd` in the place of every half of a character; all else, and what is no JSON, stays byte for byte.
pub fn mended(text: &str) -> Cow<'_, str> {
    let mut mended = String::new();
    let mut kept = 0;
    if begins_as_json(text) {
        let escape = memchr::memmem::Finder::new("\\u");
        let mut from = 0;
        while let Some(found) = text.as_bytes().get(from..).and_then(|rest| escape.find(rest)) {
            let at = from + found;
            from = at + "\\u".len();
            let Some(half) = half(text, at).filter(|_| is_escape(text, at)) else { continue };
            from = at + ESCAPE;
            if half == Half::First && self::half(text, from) == Some(Half::Second) {
                from += ESCAPE;
            } else {
                mended.push_str(&text[kept..at]);
                mended.push_str("\\ufffd");
                kept = from;
            }
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    mended.push_str(&text[kept..]);
    Cow::Owned(mended)
}

/// The length of `\ud83d`.
const ESCAPE: usize = 6;

/// Which half of a character is escaped.
#[derive(Clone, Copy, PartialEq)]
enum Half {
    First,
    Second,
}

/// The half of a character that is escaped there, if it is one.
fn half(text: &str, at: usize) -> Option<Half> {
    let [b'\\', b'u', b'd' | b'D', kind, digits @ ..] = text.as_bytes().get(at..at + ESCAPE)? else { return None };
    let half = match kind {
        b'8' | b'9' | b'a' | b'b' | b'A' | b'B' => Half::First,
        b'c'..=b'f' | b'C'..=b'F' => Half::Second,
        _ => return None,
    };
    digits.iter().all(u8::is_ascii_hexdigit).then_some(half)
}

/// Whether the backslash there is not one that another escapes.
fn is_escape(text: &str, at: usize) -> bool {
    text.as_bytes().iter().take(at).rev().take_while(|byte| **byte == b'\\').count() % 2 == 0
}

/// Whether it begins as an object does, or a list of objects, lists or texts: prose begins with brackets, too.
fn begins_as_json(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_ascii_start();
    let inside = |open: char| text.strip_prefix(open).map(str::trim_ascii_start);
    inside('{').is_some_and(|text| text.starts_with('"'))
        || inside('[').is_some_and(|text| text.starts_with(['{', '[', '"']))
}

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn a_half_of_a_character_costs_no_document() {
        for (text, expected) in [
            (r#"{"a": "x\ud83d"}"#, r#"{"a": "x\ufffd"}"#),
            (r#"{"a": "\ude00x"}"#, r#"{"a": "\ufffdx"}"#),
            (r#"["\uD83D\ud83d\uDE00\ude00"]"#, r#"["\ufffd\ud83d\uDE00\ufffd"]"#),
            (r#"[{"a": "\\\ud83d\\u0041"}]"#, r#"[{"a": "\\\ufffd\\u0041"}]"#),
            (r#"{"a": "\\ud83d\ude00"}"#, r#"{"a": "\\ud83d\ufffd"}"#),
            (r#"{"a": "\ud83d\u0041é"}"#, r#"{"a": "\ufffd\u0041é"}"#),
        ] {
            assert_eq!(mended(text), expected);
            assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
            assert!(serde_json::from_str::<serde_json::Value>(expected).is_ok(), "{expected}");
        }
    }

    #[test]
    fn all_else_stays() {
        for text in [
            r#"{"a": "\ud83d\ude00 \\ud83d \\\\ude00 \u00e9 \ud7ff \ue000"}"#,
            r#"{"a": "\ud83"}"#,
            "{\"a\": \"\\ud8é\"}",
            "{\"a\": \"\\ud+12\"}",
            r#"{"a": "\u"#,
            r"[12:30] Ada: it says \ud83d",
            r"<p>\ud83d</p>",
            r"\ud83d",
            "",
        ] {
            assert_eq!(mended(text), text);
        }
    }
}
