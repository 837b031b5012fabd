//! Text of strangers on a terminal: what would steer the terminal, or turn the reading direction around unseen, is
//! made visible.

use std::borrow::Cow;

/// The text with control characters (other than line break and tab) as Unicode's control pictures and bidirectional
/// overrides as their names. Text without any is returned as it is.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if !steers(c) => shown.push(c),
            '\u{7f}' => shown.push('␡'),
            '\0'..='\u{1f}' => shown.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
            c => shown.push_str(&format!("<U+{:04X}>", c as u32)),
        }
    }
    Cow::Owned(shown)
}

fn steers(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn escapes_and_overrides_are_shown() {
        assert_eq!(visible("a\u{1b}[31mb\r\n\u{202e}c\u{9b}"), "a␛[31mb␍\n<U+202E>c<U+009B>");
        assert_eq!(visible("line\none 👩‍💻"), "line\none 👩‍💻");
    }
}
