//! Strangers' words as text of Markdown and of LaTeX: nothing in them is a command there.

use std::fmt::Write as _;

/// The text in Markdown (CommonMark, and the tables of GitHub), on one line.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    for (at, c) in text.char_indices() {
        // A list or a heading has a space behind its mark.
        let is_word = || {
            let rest = text.get(at..).unwrap_or_default().trim_start_matches(c);
            rest.chars().next().is_some_and(|next| !next.is_whitespace())
        };
        let opens_block = at == 0 && (matches!(c, '=' | '~' | ':') || matches!(c, '#' | '+' | '-') && !is_word());
        let numbers_list = digits > 0 && at == digits && matches!(c, '.' | ')') && !is_word();
        let is_mark = matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '!' | '$');
        if opens_block || numbers_list || is_mark {
            out.push('\\');
        }
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if is_steering(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The macro that [`latex`] uses for letters that pdfTeX may not know: it prints their numbers there, and the letters elsewhere.
pub(super) const PREAMBLE: &str =
    "\\providecommand{\\pquni}[2]{\\ifdefined\\directlua#2\\else\\ifdefined\\XeTeXrevision#2\\else[U+#1]\\fi\\fi}";

/// The text in LaTeX, on one line. It needs [`PREAMBLE`] and no package.
pub(super) fn latex(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => plain.push(' '),
            // The oldest encoding of fonts has other letters in their places.
            '<' | '>' | '|' => {
                out.push_str(&crate::quote::latex_text(&std::mem::take(&mut plain)));
                out.push_str(match c {
                    '<' => "\\textless{}",
                    '>' => "\\textgreater{}",
                    _ => "\\textbar{}",
                });
            }
            ' '..='~'
            | '–'
            | '—'
            | '‘'
            | '’'
            | '“'
            | '”'
            | 'À'..='Ï'
            | 'Ñ'..='Ö'
            | 'Ø'..='Ý'
            | 'ß'..='ï'
            | 'ñ'..='ö'
            | 'ø'..='ý'
            | 'ÿ' => {
                plain.push(c);
            }
            c => {
                out.push_str(&crate::quote::latex_text(&std::mem::take(&mut plain)));
                let number = u32::from(c);
                // Writing into a string does not fail.
                let _written = if is_steering(c) {
                    write!(out, "[U+{number:04X}]")
                } else {
                    write!(out, "\\pquni{{{number:04X}}}{{{c}}}")
                };
            }
        }
    }
    out + &crate::quote::latex_text(&plain)
}

/// The text of a narrow cell in LaTeX: what has no spaces may be broken behind its marks.
pub(super) fn latex_cell(text: &str) -> String {
    let parts: Vec<String> = breakable(text).into_iter().map(latex).collect();
    parts.join("\\allowbreak{}")
}

/// Several words in LaTeX: those that would not fit a line may be broken.
pub(super) fn latex_line(text: &str) -> String {
    let word = |word: &str| if word.chars().count() > LONG { latex_cell(word) } else { latex(word) };
    text.split_inclusive(' ').map(word).collect()
}

/// Letters of a word that may be broken.
const LONG: usize = 30;

/// The parts of a text between which a line may be broken where no space is: behind marks, but not inside numbers and times.
pub(super) fn breakable(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let is_mark = matches!(c, '/' | ':' | '#' | '.' | '-' | '_' | '@' | '=' | '&' | '?');
        let next = letters.peek().map(|(_, next)| *next);
        if is_mark && next.is_some_and(|next| !next.is_ascii_digit() && next != c && next != ' ') {
            let end = at + c.len_utf8();
            parts.extend(text.get(start..end));
            start = end;
        }
    }
    parts.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    parts.into_iter().flat_map(pieces).collect()
}

/// What has no marks either, such as a digest, is broken anywhere.
fn pieces(part: &str) -> Vec<&str> {
    if part.contains(' ') || part.chars().count() <= LONG {
        return vec![part];
    }
    let cuts = part.char_indices().map(|(at, _)| at).step_by(LONG / 2).chain([part.len()]).collect::<Vec<_>>();
    cuts.windows(2).filter_map(|cut| part.get(*cut.first()?..*cut.last()?)).collect()
}

/// Whether a character steers what shows it: it is no letter, and may turn a line around or move a cursor.
fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_command_of_markdown() {
        for (text, expected) in [
            ("mastodon:a.example#Ferry", "mastodon:a.example#Ferry"),
            ("# no | heading\n- x", "\\# no \\| heading - x"),
            (
                "[a](javascript:x) <script> `rm` *b* _c_ ![d]",
                "\\[a\\](javascript:x) \\<script\\> \\`rm\\` \\*b\\* \\_c\\_ \\!\\[d\\]",
            ),
            ("1. one", "1\\. one"),
            ("94.3 %", "94.3 %"),
            ("-x", "-x"),
            ("-", "\\-"),
            ("#Ferry", "#Ferry"),
            ("##\tx", "\\## x"),
            ("a\u{202e}b\u{1b}[0m", "a\u{fffd}b\u{fffd}\\[0m"),
        ] {
            assert_eq!(markdown(text), expected);
        }
    }

    #[test]
    fn nothing_is_a_command_of_latex() {
        for (text, expected) in [
            ("100% of $5 & #1_a", "100\\% of \\$5 \\& \\#1\\_a"),
            (
                "\\input{x}\n\\end{document}",
                "\\textbackslash{}input\\textbraceleft{}x\\textbraceright{} \\textbackslash{}end\\textbraceleft{}document\\textbraceright{}",
            ),
            ("café 東", "café \\pquni{6771}{東}"),
            ("a\u{202e}b\u{0}", "a[U+202E]b[U+0000]"),
            ("a<b>c|d", "a\\textless{}b\\textgreater{}c\\textbar{}d"),
            ("Ð·", "\\pquni{00D0}{Ð}\\pquni{00B7}{·}"),
        ] {
            assert_eq!(latex(text), expected);
        }
        assert_eq!(breakable("https://a.example:80#x"), ["https:", "//", "a.", "example:80#", "x"]);
        assert_eq!(breakable("2026-03-01 00:30, page-cap: x"), ["2026-03-01 00:30, page-", "cap: x"]);
        assert_eq!(breakable(&"東".repeat(31)), ["東".repeat(15), "東".repeat(15), "東".to_owned()]);
        assert_eq!(latex_line("a:b c"), "a:b c");
        assert_eq!(latex_cell("a:b#c"), "a:\\allowbreak{}b\\#\\allowbreak{}c");
    }
}
