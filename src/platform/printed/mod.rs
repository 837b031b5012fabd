//! What published pages print of posts, whichever platform they come from.
//!
//! The signature under a quotation, quotations in embeds, the hashtags and links of a text that came without markup, the wrapping in
//! which servers hand out embeds, and the scripts in which pages carry their data. Platforms with an embed form and
//! `article` share it; it names none of them.

pub(super) mod embeds;
pub(super) mod inline;
pub(super) mod quotation;
pub(super) mod scripts;
pub(super) mod shortcodes;
pub mod signature;

use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

/// Walks through the inside of an element in page order, without the elements that `is_other`: where a closing tag is
/// missing, the next element of its kind stands inside this one, and is none of it. `visit` says of each node that
/// opens whether those inside it come too.
pub(super) fn walk<'a>(
    whole: ElementRef<'a>,
    is_other: impl Fn(&ElementRef<'a>) -> bool,
    mut visit: impl FnMut(Edge<'a, Node>) -> bool,
) {
    let mut next = whole.first_child();
    while let Some(node) = next {
        let is_own = !ElementRef::wrap(node).is_some_and(|element| is_other(&element));
        let goes_in = is_own && visit(Edge::Open(node));
        next = node.first_child().filter(|_| goes_in);
        let (mut leaving, mut closes) = (node, is_own);
        while next.is_none() {
            if std::mem::replace(&mut closes, true) {
                visit(Edge::Close(leaving));
            }
            next = leaving.next_sibling();
            match leaving.parent().filter(|parent| next.is_none() && parent.id() != whole.id()) {
                Some(parent) => leaving = parent,
                None => break,
            }
        }
    }
}

/// The doubt about a text of several lines that the page does not mark as a quotation: of the lines before the one that
/// is signed, some may be the page's.
pub(super) fn only_last_line_is_sure(text: &str) -> Option<String> {
    let (_, last) = text.trim_end().rsplit_once('\n')?;
    Some(format!("Only its last line is surely the post's ({:?}): those before it may be the page's.", shortened(last)))
}

/// The beginning of a text, on one line, to be named in a sentence.
pub(super) fn shortened(text: &str) -> String {
    const LENGTH: usize = 60;
    let words: Vec<&str> = text.split_whitespace().take(LENGTH).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A count as pages show it: `393.4K`, `1.2m`, `917`. Above 999 it is rounded. `None` for what is more than a number.
pub(super) fn count(shown: &str) -> Option<u64> {
    let shown = shown.trim();
    let (number, unit) = match shown.chars().next_back()? {
        'K' | 'k' => (&shown[..shown.len() - 1], 1_000.0),
        'M' | 'm' => (&shown[..shown.len() - 1], 1_000_000.0),
        _ => return shown.parse().ok(),
    };
    let number: f64 = number.parse().ok().filter(|number: &f64| (0.0..1_000_000.0).contains(number))?;
    Some((number * unit).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn counts_are_read_as_they_are_shown() {
        for (shown, is) in [
            ("917", Some(917)),
            ("393.4K", Some(393_400)),
            ("1.2M", Some(1_200_000)),
            ("52.1k", Some(52_100)),
            ("many", None),
            ("1e9K", None),
            ("", None),
        ] {
            assert_eq!(count(shown), is, "{shown}");
        }
    }
}
