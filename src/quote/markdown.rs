//! A Markdown block quote (spec.commonmark.org 0.31, §§2.4, 5.1 and 6.7) with an attribution that links to the post.

use super::direction::closed;
use super::said::{Said, said};
use super::{Quotable, Setting, attribution, date, link};

/// Each line of the text is quoted with its line break kept; what Markdown would read as markup is escaped. A content warning
/// stands above the text.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let mut quoted = String::new();
    if let Some(warning) = &post.content_warning {
        quoted.push_str("> **Content warning:** ");
        escape(&closed(warning), &mut quoted);
        quoted.push_str("\n>\n");
    }
    let text = match said(post) {
        Said::Words(words) => words.to_owned(),
        Said::Nothing(instead) => instead,
    };
    // To Markdown a carriage return ends a line as well, and would end the quotation.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = if text.is_empty() { Vec::new() } else { text.split('\n').collect() };
    for (i, line) in lines.iter().enumerate() {
        quoted.push('>');
        if !line.is_empty() {
            quoted.push(' ');
            escape(&closed(line), &mut quoted);
            // A backslash at the end keeps the author's line break; before an empty line the paragraph ends anyway.
            if lines.get(i + 1).is_some_and(|next| !next.is_empty()) {
                quoted.push('\\');
            }
        }
        quoted.push('\n');
    }
    if !lines.is_empty() {
        quoted.push_str(">\n");
    }
    quoted.push_str("> — ");
    let mut who = String::new();
    escape(&attribution(post), &mut who);
    match link(post) {
        Some(url) => {
            let url = url.replace('<', "%3C").replace('>', "%3E").replace('\\', "%5C").replace(['\n', '\r'], "");
            quoted.push_str(&format!("[{who}](<{url}>)"));
        }
        None => quoted.push_str(&who),
    }
    if let Some(day) = date::day(post, setting) {
        quoted.push_str(", ");
        quoted.push_str(&date::american(day));
    }
    quoted
}

/// CommonMark lets every ASCII punctuation mark be escaped; only those that can begin markup are, so that the
/// source stays readable.
fn escape(text: &str, out: &mut String) {
    let mut at_start = true;
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    for (i, c) in text.char_indices() {
        let opens_block = at_start && matches!(c, '#' | '+' | '-' | '=' | '~');
        let numbers_list = digits > 0 && i == digits && matches!(c, '.' | ')');
        if opens_block
            || numbers_list
            || matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '!')
        {
            out.push('\\');
        }
        // Four spaces or a tab at the start of a line would make a code block.
        match c {
            ' ' | '\t' if at_start => out.push('\u{a0}'),
            // A name of several lines stands on one.
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
        at_start &= matches!(c, ' ' | '\t');
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::{Author, Post};
    use crate::zone::Zone;

    fn quoted(text: &str, name: &str, url: &str) -> String {
        let author = Author { name: Some(name.into()), ..Author::default() };
        let post = Post { text: text.into(), author, url: Some(url.into()), ..Post::default() };
        quote(&Quotable::of(post), &Setting::new(Zone::UTC, DateTime::UNIX_EPOCH))
    }

    #[test]
    fn nothing_that_a_stranger_writes_leaves_the_quotation() {
        let hostile = quoted("a\r# b\r\n\n1. *c* <d>\n    - e", "f\n# g](h)", "https://i.test/<\\>");
        let lines: Vec<&str> = hostile.lines().collect();
        assert_eq!(
            lines,
            [
                "> a\\",
                "> \\# b",
                ">",
                "> 1\\. \\*c\\* \\<d\\>\\",
                "> \u{a0}\u{a0}\u{a0}\u{a0}\\- e",
                ">",
                "> — [f # g\\](h)](<https://i.test/%3C%5C%3E>)",
            ]
        );
        assert!(!hostile.contains('\r'));
    }

    #[test]
    fn only_the_web_is_linked() {
        assert_eq!(quoted("a", "Ada", "javascript:alert(1)"), "> a\n>\n> — Ada");
    }
}
