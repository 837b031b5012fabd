//! Hashtags: kept as written, compared as platforms compare.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A hashtag as its author wrote it, without the `#`.
///
/// Equality is of the spelling; [`Hashtag::folded`] is what platforms and searches compare.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Hashtag(String);

impl Hashtag {
    /// Takes a tag with or without its `#` (or the full-width `＃`). `None` if nothing is left, or if white space,
    /// a control character or another `#` stands inside.
    pub fn new(raw: &str) -> Option<Hashtag> {
        let raw = raw.trim();
        let bare = raw.strip_prefix(['#', '＃']).unwrap_or(raw);
        if bare.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return (!bare.is_empty()).then(|| Hashtag(bare.to_owned()));
        }
        let fits = !bare.is_empty()
            && !bare.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '#' | '＃'));
        fits.then(|| Hashtag(bare.to_owned()))
    }

    /// The tag as written, without `#`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which tags are compared: compatibility-composed, lower case, and Latin letters without their
    /// accents, which is Mastodon's rule (its `HashtagNormalizer`). Marks of other scripts are letters there and stay.
    pub fn folded(&self) -> String {
        if self.0.is_ascii() {
            // Most tags are; the table walks below cost thirty times as much.
            return self.0.to_ascii_lowercase();
        }
        let mut folded = String::with_capacity(self.0.len());
        for c in self.0.nfkc().flat_map(char::to_lowercase).nfc() {
            match c {
                'ø' => folded.push('o'),
                'đ' | 'ð' => folded.push('d'),
                'ħ' => folded.push('h'),
                'ı' => folded.push('i'),
                'ł' => folded.push('l'),
                'ŋ' => folded.push('n'),
                'ŧ' => folded.push('t'),
                // The dot that lower-casing İ leaves behind.
                '\u{307}' if folded.ends_with(|l: char| l.is_ascii_alphabetic()) => {}
                _ => {
                    let mut parts = std::iter::once(c).nfd();
                    match parts.next() {
                        Some(base) if base.is_ascii_alphabetic() => folded.push(base),
                        _ => folded.push(c),
                    }
                }
            }
        }
        folded
    }
}

impl fmt::Display for Hashtag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Hashtag {
    type Error = String;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Hashtag::new(&raw).ok_or_else(|| format!("{raw:?} is no hashtag"))
    }
}

#[cfg(test)]
mod tests {
    use super::Hashtag;

    #[test]
    fn folding_follows_mastodon() {
        for (written, folded) in [
            ("IStandWithKenLoach", "istandwithkenloach"),
            ("#Élection", "election"),
            ("ＦＵＬＬｗｉｄｔｈ", "fullwidth"),
            ("Łódź", "lodz"),
            ("İstanbul", "istanbul"),
            ("がんばれ", "がんばれ"),
            ("Йошкар", "йошкар"),
            ("हिन्दी", "हिन्दी"),
        ] {
            assert_eq!(Hashtag::new(written).unwrap().folded(), folded, "{written}");
        }
    }
}
