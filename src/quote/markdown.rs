//! A Markdown block quote (CommonMark) with an attribution that links to the post.

use super::{Quotable, attribution, day};

/// Each line of the text is quoted with its line break kept; what Markdown would read as markup is escaped.
pub(super) fn quote(quotable: &Quotable) -> String {
    let post = &quotable.post;
    let mut quoted = String::new();
    let lines: Vec<&str> = if post.text.is_empty() { Vec::new() } else { post.text.split('\n').collect() };
    for (i, line) in lines.iter().enumerate() {
        quoted.push('>');
        if !line.is_empty() {
            quoted.push(' ');
            escape(line, &mut quoted);
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
    match &post.url {
        Some(url) => quoted
            .push_str(&format!("[{who}](<{}>)", url.replace('<', "%3C").replace('>', "%3E").replace(['\n', '\r'], ""))),
        None => quoted.push_str(&who),
    }
    if let Some(day) = day(post) {
        quoted.push_str(", ");
        quoted.push_str(&day);
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
            _ => out.push(c),
        }
        at_start &= matches!(c, ' ' | '\t');
    }
}
