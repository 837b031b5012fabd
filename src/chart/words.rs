//! Words and numbers in tables, pictures and sentences.

use chrono::{DateTime, Utc};

use crate::zone::Zone;

/// A number with commas between its thousands: `1,204`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// An instant as an article prints it: `26 July 2021, 14:03`, by the clocks of a zone.
pub fn moment(at: DateTime<Utc>, zone: Zone) -> String {
    zone.local(at).format("%-d %B %Y, %H:%M").to_string()
}

/// The text on one line, as far as a picture can hold it: what steers a terminal, turns the reading direction around, or
/// may not stand in XML becomes U+FFFD.
pub(super) fn one_line(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        c if c.is_control() => '\u{fffd}',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// The text cut to so many characters, with an ellipsis for what is left out.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// The text in lines of so many characters, broken between words where that can be.
pub(super) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let word = cut(word, most);
        let length = line.chars().count();
        if length > 0 && length + 1 + word.chars().count() > most {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), shown);
        }
    }

    #[test]
    fn lines_hold_no_more_than_they_may() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("unbreakable", 6), ["unbre…"]);
        assert_eq!(cut("seven words", 6), "seven…");
        assert_eq!(one_line("a\u{1b}[31m\nb\u{202e}\u{ffff}"), "a\u{fffd}[31m b\u{fffd}\u{fffd}");
    }
}
