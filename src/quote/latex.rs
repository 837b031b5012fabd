//! Text of strangers in the two bibliography languages of LaTeX: what they would read as commands is escaped, and braces stay
//! balanced, which BibTeX counts even behind a backslash.

/// The text as LaTeX sets it, letter by letter.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for c in text.chars() {
        // Two of these are one other mark to TeX: a dash, a quotation mark, an upside-down question mark.
        let joined = match c {
            '-' | '\'' | ',' | '<' | '>' => before == c,
            '`' => matches!(before, '`' | '?' | '!'),
            _ => false,
        };
        if joined {
            out.push_str("{}");
        }
        before = c;
        match c {
            '#' | '$' | '%' | '&' | '_' => {
                out.push('\\');
                out.push(c);
            }
            '\\' => out.push_str("\\textbackslash{}"),
            '{' => out.push_str("\\textbraceleft{}"),
            '}' => out.push_str("\\textbraceright{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            c => out.push(c),
        }
    }
    out
}

/// An address in a field that is taken letter by letter: only what would end the field is written otherwise.
pub(super) fn address(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '{' | '}' | '\\' | ' ' => out.push_str(&format!("%{:02X}", c as u32)),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Fields as the lines of an entry.
pub(super) fn entry(kind: &str, key: &str, fields: &[(&str, String)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("  {name} = {value},")).collect();
    format!("@{kind}{{{key},\n{}\n}}", fields.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_is_a_command() {
        for (text, expected) in [
            ("100% of $5 & #1_a", "100\\% of \\$5 \\& \\#1\\_a"),
            ("\\input{x}", "\\textbackslash{}input\\textbraceleft{}x\\textbraceright{}"),
            ("a~b^c", "a\\textasciitilde{}b\\textasciicircum{}c"),
            ("é 👍", "é 👍"),
            ("a---b ''c'' ?`", "a-{}-{}-b '{}'c'{}' ?{}`"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
