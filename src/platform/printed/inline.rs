//! Hashtags, mentions and links in a text that came without markup.

use crate::model::{Handle, Hashtag, Link, Media, Mention};

/// What a text names, in reading order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inline {
    /// Hashtags as written.
    pub hashtags: Vec<Hashtag>,
    /// Accounts written with an `@`.
    pub mentions: Vec<Mention>,
    /// Addresses, and the short ones that X prints for pictures.
    pub links: Vec<Link>,
    /// One of unknown kind for each picture's address: the page does not say what it shows.
    pub media: Vec<Media>,
}

/// What X prints where a post has a picture or a film.
const PICTURES: [&str; 2] = ["pic.twitter.com/", "pic.x.com/"];

/// Whether a link's words stand for a picture or a film.
pub fn is_picture(shown: &str) -> bool {
    PICTURES.iter().any(|start| shown.starts_with(start))
}

/// Whether an address, with or without its scheme, is one of those that X sets in the place of every other: where it leads
/// cannot be seen.
pub fn is_shortened(address: &str) -> bool {
    let bare = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address);
    bare.strip_prefix("t.co/")
        .is_some_and(|code| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// A picture or film of which the page has only a short address.
pub fn unseen() -> Media {
    Media { kind: "unknown".to_owned(), ..Media::default() }
}

/// Reads the hashtags, mentions and links of a text. A hashtag may be glued to the word before it, as pages lose
/// spaces; one inside an address is none.
pub fn read(text: &str) -> Inline {
    let mut found = Inline::default();
    let mut at = 0;
    while let Some(skip) = text[at..].find(['#', '＃', '@', 'h', 'p']) {
        at += skip;
        let rest = &text[at..];
        at += link(rest, &mut found)
            .or_else(|| hashtag(text, at, &mut found))
            .or_else(|| mention(text, at, &mut found))
            .unwrap_or_else(|| rest.chars().next().map_or(1, char::len_utf8));
    }
    found
}

/// Length of the address that `rest` begins with.
fn link(rest: &str, found: &mut Inline) -> Option<usize> {
    if is_picture(rest) {
        let start = rest.find('/')? + 1;
        let length = start + rest[start..].find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len() - start);
        let shown = &rest[..length];
        found.links.push(Link { shown: shown.to_owned(), url: format!("https://{shown}") });
        found.media.push(unseen());
        return Some(length);
    }
    if !rest.starts_with("http://") && !rest.starts_with("https://") {
        return None;
    }
    let end = rest.find(|c: char| c.is_whitespace() || "<>\"“”«»—…".contains(c)).unwrap_or(rest.len());
    let shown = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '’']);
    (shown.len() > "https://".len()).then(|| {
        found.links.push(Link { shown: shown.to_owned(), url: shown.to_owned() });
        shown.len()
    })
}

/// Length of the hashtag at `at`.
fn hashtag(text: &str, at: usize, found: &mut Inline) -> Option<usize> {
    let name = text[at..].strip_prefix(['#', '＃'])?;
    // `&#39;` is an entity that somebody did not decode.
    if text[..at].ends_with('&') {
        return None;
    }
    let length = name.find(|c: char| !is_tag_letter(c)).unwrap_or(name.len());
    let name = &name[..length];
    let tag = Hashtag::new(name).filter(|_| name.contains(|c: char| c.is_alphabetic()))?;
    found.hashtags.push(tag);
    Some(text[at..].len() - text[at..].trim_start_matches(['#', '＃']).len() + length)
}

/// Letters, digits, the underscore, and the signs that join letters into words in some scripts.
fn is_tag_letter(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '_' | '\u{200c}' | '\u{200d}' | '·' | '・' | 'ー' | '々')
        || matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{903}'
            | '\u{93a}'..='\u{94f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}')
}

/// Length of the mention at `at`; an `@` inside a word is that of a mail address.
fn mention(text: &str, at: usize, found: &mut Inline) -> Option<usize> {
    let name = text[at..].strip_prefix('@')?;
    if text[..at].ends_with(|c: char| c.is_alphanumeric() || "._-@/".contains(c)) {
        return None;
    }
    let length = name.find(|c: char| !(c.is_ascii_alphanumeric() || "_.-@".contains(c))).unwrap_or(name.len());
    let name = name[..length].trim_end_matches(['.', '-', '@']);
    let handle = Handle::new(name).filter(|_| name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))?;
    found.mentions.push(Mention { handle: Some(handle), ..Mention::default() });
    Some(1 + name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_names() {
        let text = "born#IStandwithKenLoach, #2021 &#39; (#Élan_2) see @ada.moss and @bob@moss.example. mail a@b.example \
                    https://moss.example/a#b, pic.twitter.com/aB3dE— #दिल्ली @ada";
        let found = read(text);
        let tags: Vec<&str> = found.hashtags.iter().map(Hashtag::as_str).collect();
        assert_eq!(tags, ["IStandwithKenLoach", "Élan_2", "दिल्ली"]);
        let handles: Vec<&str> = found.mentions.iter().filter_map(|m| m.handle.as_ref()).map(Handle::as_str).collect();
        assert_eq!(handles, ["ada.moss", "bob@moss.example", "ada"]);
        let links: Vec<&str> = found.links.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(links, ["https://moss.example/a#b", "https://pic.twitter.com/aB3dE"]);
        assert_eq!(found.media, [unseen()]);
    }
}
