//! Marks that turn the reading direction around and are never closed: after such a mark of a stranger's, a quotation
//! would show its author and its date reversed.

use std::borrow::Cow;

/// Closes an embedding or an override (Unicode standard annex 9).
const POP: char = '\u{202c}';

/// Closes an isolate.
const POP_ISOLATE: char = '\u{2069}';

/// The text, with everything closed at its end that it leaves open. What is added shows nothing. The end of a line closes
/// all by itself.
pub(super) fn closed(text: &str) -> Cow<'_, str> {
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => open.push(POP),
            '\u{2066}'..='\u{2068}' => open.push(POP_ISOLATE),
            POP if open.last() == Some(&POP) => drop(open.pop()),
            POP_ISOLATE => {
                // It closes what was opened inside, too.
                if let Some(at) = open.iter().rposition(|end| *end == POP_ISOLATE) {
                    open.truncate(at);
                }
            }
            '\n' | '\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2029}' => open.clear(),
            _ => {}
        }
    }
    if open.is_empty() {
        return Cow::Borrowed(text);
    }
    let ends: String = open.iter().rev().collect();
    Cow::Owned(format!("{text}{ends}"))
}

#[cfg(test)]
mod tests {
    use super::closed;

    #[test]
    fn what_is_left_open_is_closed_in_order() {
        for (text, added) in [
            ("plain", ""),
            ("a\u{202e}b", "\u{202c}"),
            ("a\u{202e}b\u{202c}", ""),
            ("a\u{202e}b\nc", ""),
            ("\u{2067}\u{202e}x", "\u{202c}\u{2069}"),
            ("\u{2067}\u{202e}x\u{2069}", ""),
            ("\u{202e}\u{2067}x\u{202c}", "\u{2069}\u{202c}"),
            ("\u{202c}\u{2069}", ""),
        ] {
            assert_eq!(closed(text), format!("{text}{added}"), "{}", text.escape_unicode());
        }
    }
}
