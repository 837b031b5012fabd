//! Whether words hold a hashtag, on platforms whose search takes it for a word like any other.

use unicode_normalization::char::is_combining_mark;

use crate::model::Hashtag;

/// Whether a text holds the tag as a word of its own, with or without `#`, whatever its case.
pub fn holds(text: &str, tag: &str) -> bool {
    let Some(tag) = Hashtag::new(tag).map(|tag| tag.folded()) else { return false };
    let of_word = |c: char| c.is_alphanumeric() || c == '_' || is_combining_mark(c);
    text.split(|c: char| !of_word(c))
        .filter(|word| !word.is_empty())
        .any(|word| Hashtag::new(word).is_some_and(|word| word.folded() == tag))
}

#[cfg(test)]
mod tests {
    use super::holds;

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
