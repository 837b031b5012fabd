//! Hashtags in plain words, and whether words hold one, on platforms whose search takes it for a word like any other.

use unicode_normalization::char::is_combining_mark;

use crate::model::Hashtag;

/// Whether a sign belongs to a word, or to a hashtag.
pub fn of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_combining_mark(c)
}

/// The hashtags of a text that nobody has marked in it: `#` and a word, but not behind a letter (`C#flat`) or in an address
/// (`/#top`).
pub fn hashtags(text: &str) -> impl Iterator<Item = Hashtag> {
    let mut before = None;
    text.char_indices().filter_map(move |(at, sign)| {
        let begins = matches!(sign, '#' | '＃') && !before.is_some_and(|c| of_word(c) || matches!(c, '#' | '/' | '&'));
        before = Some(sign);
        let rest = text.get(at + sign.len_utf8()..).filter(|_| begins)?;
        let word = rest.split(|c| !of_word(c)).next().filter(|word| !word.is_empty())?;
        Hashtag::new(word)
    })
}

/// Whether a text holds the tag as a word of its own, with or without `#`, whatever its case.
pub fn holds(text: &str, tag: &str) -> bool {
    let Some(tag) = Hashtag::new(tag).map(|tag| tag.folded()) else { return false };
    text.split(|c: char| !of_word(c))
        .filter(|word| !word.is_empty())
        .any(|word| Hashtag::new(word).is_some_and(|word| word.folded() == tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_of_plain_words() {
        let tags: Vec<String> = hashtags("#One, ＃two (#three) C#four a.example/#five ##six &#39; #七 #")
            .map(|tag| tag.as_str().to_owned())
            .collect();
        assert_eq!(tags, ["One", "two", "three", "七"]);
    }

    #[test]
    fn a_tag_is_a_word() {
        for text in ["The #Flood came", "flood", "a flood, then", "(FLOOD)", "x/flood"] {
            assert!(holds(text, "flood"), "{text}");
        }
        for text in ["floods", "preflood", "", "#floodlight", "flo od"] {
            assert!(!holds(text, "flood"), "{text}");
        }
        assert!(holds("die Straßé", "#straße") && !holds("anything", ""));
    }
}
