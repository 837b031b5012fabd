//! What a text says, apart from what each source writes in its own way. Pure.
//!
//! White space is a page's own. So are addresses, which one source writes out, another shortens and a third leaves away,
//! and the accounts before an answer, which some sources show beside it. What stands around an address is compared, also
//! where no blank parts it from the address.

use std::collections::HashSet;

use crate::model::{Link, Post};

/// The words of a text.
pub(super) struct Words<'a> {
    text: &'a str,
    said: Vec<&'a str>,
}

impl<'a> Words<'a> {
    /// The words of a post.
    pub(super) fn of(post: &'a Post) -> Words<'a> {
        Words { text: &post.text, said: said(&post.text, &post.links) }
    }

    /// The words of a text without known links: a content warning.
    pub(super) fn plain(text: &'a str) -> Words<'a> {
        Words { text, said: said(text, &[]) }
    }

    /// The words of a cut text before its cut.
    pub(super) fn before_the_cut(post: &'a Post) -> Words<'a> {
        let mut text = post.text.trim_end();
        // "… Show more", if that is a link; an address behind the ellipsis is no word anyway.
        if let Some(before) = post.links.last().and_then(|link| text.strip_suffix(&link.shown)).map(str::trim_end)
            && before.ends_with('…')
        {
            text = before;
        }
        let mut said = said(text, &post.links);
        while let Some(last) = said.pop() {
            let whole = last.trim_end_matches(['…', '.']);
            if !whole.is_empty() {
                said.push(whole);
                break;
            }
        }
        Words { text, said }
    }

    /// Whether both say the same.
    pub(super) fn are(&self, other: &Words<'_>) -> bool {
        self.text == other.text
            || self.said == other.said
            || self.text.split_whitespace().eq(other.text.split_whitespace())
    }

    /// Whether these go on where `cut`, a text before its cut, ends; its last word may be cut, too.
    pub(super) fn go_on_after(&self, cut: &Words<'_>) -> bool {
        let Some((last, whole)) = cut.said.split_last() else { return true };
        self.said.starts_with(whole) && self.said.get(whole.len()).is_some_and(|word| word.starts_with(last))
    }
}

/// The words of a text without addresses, and without the accounts that it begins with.
fn said<'a>(text: &'a str, links: &[Link]) -> Vec<&'a str> {
    let hosts: HashSet<&str> = links.iter().map(|link| link.shown.as_str()).filter(|shown| is_host(shown)).collect();
    let mut said = Vec::new();
    for mut word in text.split_whitespace() {
        while let Some((before, behind)) = around_address(word, &hosts) {
            said.extend(Some(before).filter(|before| !before.is_empty()));
            word = behind;
        }
        said.extend(Some(word).filter(|word| !word.is_empty()));
    }
    let accounts = said.iter().take_while(|word| word.starts_with('@')).count();
    said.drain(..accounts);
    said
}

/// What stands before and behind the first address in a word; `None` if there is none.
fn around_address<'a>(word: &'a str, hosts: &HashSet<&str>) -> Option<(&'a str, &'a str)> {
    let start = word.len() - word.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    let (before, rest) = word.split_at_checked(start)?;
    if is_bare_address(rest) {
        return Some((before, behind_address(rest)));
    }
    if !hosts.is_empty() && hosts.contains(rest.trim_end_matches(|c: char| !c.is_alphanumeric())) {
        return Some((before, ""));
    }
    let slashes = word.find("://")?;
    let (before, rest) = word.split_at_checked(slashes)?;
    let before = before.strip_suffix("https").or_else(|| before.strip_suffix("http"));
    match before {
        Some(before) => Some((before, behind_address(rest))),
        // Of another scheme, whose addresses nobody shortens.
        None => None,
    }
}

/// What stands behind the address with which a text begins. Writing that parts no words by blanks goes on behind it.
fn behind_address(text: &str) -> &str {
    let ends = |c: char| matches!(c, '"' | '<' | '>') || (c >= '\u{2000}' && c != '…');
    text.find(ends).and_then(|end| text.get(end..)).unwrap_or_default()
}

/// `pic.twitter.com/a1`, `example.org/letter…`: a host with its path.
fn is_bare_address(word: &str) -> bool {
    word.split_once('/').is_some_and(|(host, _)| is_host(host))
}

/// `example.org`.
fn is_host(text: &str) -> bool {
    let top = text.rsplit_once('.').map_or("", |(_, top)| top);
    top.len() >= 2
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        Words::plain(a).are(&Words::plain(b))
    }

    #[test]
    fn sources_write_addresses_in_their_own_ways() {
        for (a, b, expected) in [
            ("Read this https://t.co/aB3dE", "Read this https://example.org/letter", true),
            ("Read this https://t.co/aB3dE", "Read this example.org/let…", true),
            ("Read this (https://t.co/aB3dE)", "Read this (example.org/let…)", true),
            ("With a picture https://t.co/pIc", "With a picture pic.twitter.com/pIc", true),
            ("With a picture https://t.co/pIc", "With a picture", true),
            ("@ada @ben Yes", "Yes", true),
            ("See:https://t.co/x", "See: https://example.org", true),
            ("Yes @ada", "Yes", false),
            ("I stand with him", "I stand against him", false),
            ("and/or", "or", false),
            ("ftp://a.example b", "b", false),
        ] {
            assert_eq!((same(a, b), same(b, a)), (expected, expected), "{a:?} {b:?}");
        }
    }

    #[test]
    fn an_address_hides_no_words_beside_it() {
        for (a, b, expected) in [
            ("これはhttps://t.co/x正しい", "これはhttps://example.org/y正しい", true),
            ("これはhttps://t.co/x正しい", "これはhttps://t.co/xひどい", false),
            ("これはexample.org/le…正しい", "これはexample.org/le…ひどい", false),
            ("https://t.co/x“he lied”", "https://t.co/x", false),
            ("example.org/le… he lied", "https://t.co/x", false),
            ("he-lied:https://t.co/x", "https://t.co/x", false),
        ] {
            assert_eq!((same(a, b), same(b, a)), (expected, expected), "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_host_alone_is_an_address_where_it_is_a_link() {
        let post = |text: &str, shown: &str| Post {
            text: text.to_owned(),
            links: vec![Link { shown: shown.to_owned(), url: "https://example.org/".to_owned() }],
            ..Post::default()
        };
        let printed = post("See example.org, friends", "example.org");
        let short = post("See https://t.co/x friends", "https://t.co/x");
        assert!(Words::of(&printed).are(&Words::of(&short)));
        let named = post("He lied, friends", "He lied,");
        assert!(!Words::of(&named).are(&Words::plain("friends")), "a link with a name is words");
        assert!(!same("See example.org, friends", "See https://t.co/x friends"));
    }

    #[test]
    fn a_cut_text_begins_a_whole_one_wherever_the_cut_is() {
        let whole = "@ben A long post that goes\non and on https://t.co/aB3dE";
        for (cut, shown, begins) in [
            ("A long post that goes on…", None, true),
            ("A long post th…", None, true),
            ("A long post that goes...", None, true),
            ("A long post … https://t.co/xyz", None, true),
            ("A long post… Show more", Some("Show more"), true),
            ("A long post… Show more", None, false),
            ("A long boat…", None, false),
            ("…", None, true),
        ] {
            let links = shown.map(|shown| Link { shown: shown.to_owned(), url: "https://a.example".to_owned() });
            let cut = Post { text: cut.to_owned(), links: links.into_iter().collect(), ..Post::default() };
            let words = Words::before_the_cut(&cut);
            assert_eq!(Words::plain(whole).go_on_after(&words), begins, "{}", cut.text);
        }
    }

    #[test]
    fn a_word_of_many_addresses_takes_no_square_of_time() {
        let crowd = "https://a\"".repeat(200_000);
        assert_eq!(said(&crowd, &[]).len(), 200_000);
    }
}
