//! What stands in quotation marks.

use std::ops::Range;

/// A stretch in quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    /// With its marks.
    pub(super) outer: Range<usize>,
    /// Without them.
    pub(super) inner: Range<usize>,
}

/// How often a paragraph is looked through again behind a mark that nothing closes.
const AGAIN: usize = 8;

/// The stretches in a paragraph, the outermost of those inside one another, as places in `text`.
pub(super) fn spans(text: &str, paragraph: Range<usize>) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = paragraph.start;
    for _ in 0..AGAIN {
        let Some(open) = run(text, at..paragraph.end, &mut found) else { break };
        // Nothing closes it: what stands behind it may be quoted all the same.
        at = open + text[open..].chars().next().map_or(1, char::len_utf8);
    }
    found
}

/// Adds the stretches of a range; gives the place of a mark that nothing closes.
fn run(text: &str, range: Range<usize>, found: &mut Vec<Span>) -> Option<usize> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut first_single_end = None;
    let mut before = text[..range.start].chars().next_back();
    let mut signs = text[range.clone()].char_indices().map(|(at, c)| (range.start + at, c)).peekable();
    while let Some((at, c)) = signs.next() {
        let after = signs.peek().map(|(_, c)| *c);
        let begins = before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | '—' | '–' | '-' | ':' | '/'))
            && after.is_some_and(|c| !c.is_whitespace());
        match open.last().copied() {
            None if opens(c, begins) => {
                open.push((at, c));
                first_single_end = None;
            }
            Some((start, first)) if closes(first, c, before, after, begins) => {
                let is_single = matches!(first, '‘' | '\'' | '‚');
                // After a letter, it may be the apostrophe of a plural.
                if is_single
                    && before.is_some_and(char::is_alphanumeric)
                    && open.len() == 1
                    && first_single_end.is_none()
                {
                    first_single_end = Some(at);
                } else {
                    open.pop();
                    if open.is_empty() {
                        found.push(Span { outer: start..at + c.len_utf8(), inner: start + first.len_utf8()..at });
                    }
                }
            }
            Some((start, first)) if first == c && opens(c, begins) => {
                // A second single mark: the first apostrophe was the end.
                if let Some(end) = first_single_end.take() {
                    found.push(Span {
                        outer: start..end + mark_length(text, end),
                        inner: start + first.len_utf8()..end,
                    });
                    open.clear();
                }
                open.push((at, c));
            }
            // Its end would else be taken for that of the outer.
            Some(_) if c == '„' && after.is_some_and(|c| !c.is_whitespace()) => open.push((at, c)),
            _ => {}
        }
        before = Some(c);
    }
    let (start, first) = open.first().copied()?;
    if let Some(end) = first_single_end {
        let outer = start..end + mark_length(text, end);
        let next = outer.end;
        found.push(Span { outer, inner: start + first.len_utf8()..end });
        return run(text, next..range.end, found).filter(|_| open.len() == 1);
    }
    Some(start)
}

fn mark_length(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

fn opens(c: char, begins: bool) -> bool {
    matches!(c, '“' | '„' | '«' | '「' | '『' | '＂' | '‚') || (matches!(c, '"' | '‘' | '\'' | '”' | '»') && begins)
}

fn closes(first: char, c: char, before: Option<char>, after: Option<char>, begins: bool) -> bool {
    let ends_word = || after.is_none_or(|c| !c.is_alphanumeric()) && before.is_some_and(|c| !c.is_whitespace());
    match first {
        '“' => c == '”',
        '„' => matches!(c, '“' | '”') || (c == '"' && !begins),
        // German and Scandinavian: the marks look inwards, or both the same way.
        '»' => c == '«' || (c == '»' && !begins),
        '”' => c == '”' && !begins,
        '‚' => matches!(c, '‘' | '’') && ends_word(),
        '«' => c == '»',
        '「' => c == '」',
        '『' => c == '』',
        '＂' => c == '＂',
        '"' => c == '"' && !begins,
        '‘' => c == '’' && ends_word(),
        '\'' => c == '\'' && ends_word(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_marks() {
        for (text, expected) in [
            ("She wrote: “One two.” He: \"Three\".", &["One two.", "Three"][..]),
            ("“He said “no” twice”", &["He said “no” twice"]),
            ("\"He said \"no\" twice\"", &["He said \"no\" twice"]),
            ("‘The lads’ harbour isn’t shut,’ she wrote. It’s ‘not’ so.", &["The lads’ harbour isn’t shut,", "not"]),
            ("‘One’ and ‘two’", &["One", "two"]),
            ("'It isn't so,' she wrote", &["It isn't so,"]),
            ("„Eins“ «deux» 「三」", &["Eins", "deux", "三"]),
            ("“„Eins” zwei drei”", &["„Eins” zwei drei"]),
            ("A pipe of 5\" is no quotation", &[]),
            ("“Left open and “closed”", &["closed"]),
            ("don't", &[]),
            (
                "»Eins zwei«, ‚drei vier‘ und „fünf\" und ”sex sju” och »åtta»",
                &["Eins zwei", "drei vier", "fünf", "sex sju", "åtta"],
            ),
            ("« Un deux », a dit Luc.", &[" Un deux "]),
            ("`Une « phrase » (« une autre »).", &[" phrase ", " une autre "]),
        ] {
            let found = spans(text, 0..text.len());
            let found: Vec<&str> = found.iter().map(|span| &text[span.inner.clone()]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
