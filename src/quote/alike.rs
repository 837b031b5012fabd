//! Names that are made to be taken for another: letters of several alphabets in one word, and handles that differ from another
//! in letters that look the same.
//!
//! A small part of Unicode technical standard 39 (§4 confusable detection, §5.1 mixed scripts): the letters of its confusables.txt
//! with which Latin names are forged in practice, and no others. A name that it passes is not thereby genuine.

use unicode_normalization::UnicodeNormalization;

/// Letters of other alphabets that are taken for Latin ones.
const LOOKALIKES: &[(char, char)] = &[
    // Cyrillic.
    ('а', 'a'),
    ('в', 'b'),
    ('с', 'c'),
    ('ԁ', 'd'),
    ('е', 'e'),
    ('ё', 'e'),
    ('һ', 'h'),
    ('н', 'h'),
    ('і', 'i'),
    ('ї', 'i'),
    ('ј', 'j'),
    ('к', 'k'),
    ('ӏ', 'l'),
    ('м', 'm'),
    ('п', 'n'),
    ('о', 'o'),
    ('р', 'p'),
    ('ԛ', 'q'),
    ('г', 'r'),
    ('ѕ', 's'),
    ('т', 't'),
    ('ц', 'u'),
    ('ѵ', 'v'),
    ('ԝ', 'w'),
    ('х', 'x'),
    ('у', 'y'),
    // Greek.
    ('α', 'a'),
    ('β', 'b'),
    ('ϲ', 'c'),
    ('ε', 'e'),
    ('η', 'n'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('ν', 'v'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('τ', 't'),
    ('υ', 'u'),
    ('χ', 'x'),
    ('ω', 'w'),
    // Armenian, and what Latin has twice.
    ('օ', 'o'),
    ('ո', 'n'),
    ('ս', 'u'),
    ('հ', 'h'),
    ('ց', 'g'),
    ('ı', 'i'),
    ('ɡ', 'g'),
    ('ɑ', 'a'),
];

/// Pieces of handles that look the same in many typefaces. The first of each stands for all.
const SAME: &[&[&str]] = &[&["l", "1", "i"], &["o", "0"], &["m", "rn"], &["w", "vv"], &["", "_"]];

/// The most handles that are looked up because they look like one.
const MOST: usize = 64;

/// What a name looks like: two names that look the same have the same skeleton.
pub fn skeleton(name: &str) -> String {
    // Compatibility forms (full-width, mathematical letters) are letters; capitals are compared as handles are.
    let mut folded: String = name.nfkc().flat_map(char::to_lowercase).map(latin).collect();
    for group in SAME {
        let Some((first, others)) = group.split_first() else { continue };
        for other in others {
            folded = folded.replace(other, first);
        }
    }
    folded
}

fn latin(c: char) -> char {
    LOOKALIKES.iter().find(|(other, _)| *other == c).map_or(c, |(_, latin)| *latin)
}

/// Whether a word of the name is of letters of more than one of the alphabets that look alike, or of one that is foreign and
/// looks Latin throughout. Words side by side may be of several: people do write their names twice.
pub fn is_forged(name: &str) -> bool {
    let letters = |c: char| c.is_alphabetic();
    name.split(|c: char| !letters(c)).filter(|word| !word.is_empty()).any(|word| {
        let word: String = word.nfc().collect();
        let of = |alphabet: Alphabet| word.chars().any(|c| alphabet_of(c) == Some(alphabet));
        let alphabets = [Alphabet::Latin, Alphabet::Greek, Alphabet::Cyrillic, Alphabet::Armenian];
        alphabets.into_iter().filter(|alphabet| of(*alphabet)).count() > 1
    })
}

/// Whether a handle is of letters that are none of ASCII, and looks as if it were.
pub fn is_disguised(handle: &str) -> bool {
    let folded: String = handle.nfkc().flat_map(char::to_lowercase).map(latin).collect();
    !handle.is_ascii() && folded.is_ascii()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
}

fn alphabet_of(c: char) -> Option<Alphabet> {
    match c {
        'a'..='z' | 'A'..='Z' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ɏ' | '\u{1e00}'..='\u{1eff}' => {
            Some(Alphabet::Latin)
        }
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(Alphabet::Greek),
        '\u{400}'..='\u{52f}' => Some(Alphabet::Cyrillic),
        '\u{530}'..='\u{58f}' => Some(Alphabet::Armenian),
        _ => None,
    }
}

/// Handles, in lower case, that look like this one and are others: those that differ in one place, and the two that differ in all.
/// Few enough to be looked up.
pub fn others(handle: &str) -> Vec<String> {
    let folded: String = handle.chars().flat_map(char::to_lowercase).collect();
    // On the fediverse and on Bluesky what follows is a server's or a domain's, which no account chooses freely.
    let end = folded.find('@').or_else(|| folded.find('.')).unwrap_or(folded.len());
    let (name, server) = folded.split_at(end);
    let mut found: Vec<String> = vec![skeleton(name), name.nfkc().map(latin).collect()];
    for group in SAME {
        for one in group.iter().filter(|one| !one.is_empty()) {
            for (at, _) in name.match_indices(one) {
                let (before, after) = (name.get(..at), name.get(at + one.len()..));
                let (Some(before), Some(after)) = (before, after) else { continue };
                found.extend(group.iter().filter(|other| *other != one).map(|other| format!("{before}{other}{after}")));
            }
        }
    }
    // An underscore more is seen by nobody.
    found.extend(name.char_indices().skip(1).map(|(at, _)| {
        let (before, after) = name.split_at(at);
        format!("{before}_{after}")
    }));
    let mut others = Vec::new();
    for name in found {
        let other = format!("{name}{server}");
        if other != folded && !name.is_empty() && !others.contains(&other) {
            others.push(other);
        }
    }
    others.truncate(MOST);
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forged_names_are_told() {
        for (name, expected) in [
            ("Ada Moss", false),
            ("Аda Moss", true),
            ("Ада Мосс", false),
            ("Ada Moss / Ада Мосс", false),
            ("Αda", true),
            ("José Ñandú", false),
            ("山田 Taro", false),
            ("山田Taro", false),
            ("", false),
        ] {
            assert_eq!(is_forged(name), expected, "{name}");
        }
        for (handle, expected) in [("ada_moss", false), ("аԁа", true), ("ａｄａ", true), ("жук", false)] {
            assert_eq!(is_disguised(handle), expected, "{handle}");
        }
    }

    #[test]
    fn handles_that_look_the_same_are_found() {
        for (one, other) in [
            ("ada_moss", "adamoss"),
            ("lena", "1ena"),
            ("lena", "iena"),
            ("tom", "torn"),
            ("bob", "b0b"),
            ("ada_m0ss", "ada_moss"),
        ] {
            assert_eq!(skeleton(one), skeleton(other));
            assert!(others(one).contains(&other.to_owned()), "{one}: {:?}", others(one));
        }
        assert!(others("lena@a.example").contains(&"1ena@a.example".to_owned()));
        assert!(!others("Ada").contains(&"ada".to_owned()));
        assert!(others(&"l".repeat(500)).len() <= MOST);
        assert_ne!(skeleton("ada"), skeleton("eda"));
    }
}
