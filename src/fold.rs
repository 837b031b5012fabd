//! Text as it is searched: words without case, accents and other differences that no reader asks for. Pure.
//!
//! A word is what stands between spaces and punctuation. Writing that parts no words (Chinese, Japanese, Korean, Thai, Lao,
//! Khmer, Burmese) is cut into overlapping pairs of characters, so that any piece of it is found: 東京都 gives 東京, 京都, 都. An
//! emoji or another picture sign is a word of its own, whatever its skin. Letters of Arabic and Hebrew that are written
//! in several ways are one. Punctuation is nothing.
//!
//! The same text gives the same words for ever: the index of an archive holds them, and a change here needs a new version
//! of the schema. How words are asked for in the database is the store's matter.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Bytes that are kept of one word: what is longer is no word that anybody types whole.
const LONGEST: usize = 256;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// In the form that compares.
    pub folded: String,
    /// The bytes of the text that it stands for.
    pub at: Range<usize>,
    /// Whether more of the same unparted run follows or this is its end: what a reader would call one word.
    pub run: Run,
}

/// Where a word stands in a run of writing that parts no words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// It is a word for itself.
    None,
    /// A pair of characters.
    Pair,
    /// The last character of the run; the only one, if no pair stands before it.
    Last,
}

/// All words of a text, in order.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    each(text, |folded, at, run| words.push(Word { folded: folded.to_owned(), at, run }));
    words
}

/// All words of a text in their folded form, with a space behind each: what the index is given.
pub fn feed(text: &str, into: &mut String) {
    each(text, |folded, _, _| {
        into.push_str(folded);
        into.push(' ');
    });
}

/// The words of what somebody looks for, and whether the last of them is only the beginning of one.
///
/// They stand next to each other wherever a text has the piece of writing, also inside a run that parts no words.
pub fn needle(text: &str) -> (Vec<String>, bool) {
    let mut words = words(text);
    let mut begins = false;
    if words.last().is_some_and(|word| word.run == Run::Last) {
        // What follows in the text is not known: a pair says all that is asked for, a single character begins one.
        let in_pair =
            words.len().checked_sub(2).and_then(|before| words.get(before)).is_some_and(|w| w.run == Run::Pair);
        if in_pair {
            words.pop();
        } else {
            begins = true;
        }
    }
    (words.into_iter().map(|word| word.folded).collect(), begins)
}

/// Hands on each word of a text.
fn each(text: &str, mut to: impl FnMut(&str, Range<usize>, Run)) {
    let mut folded = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, first)) = chars.next() {
        let class = class(first);
        let mut end = start + first.len_utf8();
        match class {
            Class::Letter | Class::Unparted => {
                while let Some((at, next)) = chars.next_if(|(_, c)| goes_on(class, *c)) {
                    end = at + next.len_utf8();
                }
                let run = text.get(start..end).unwrap_or_default();
                if class == Class::Unparted {
                    pairs(run, start, &mut folded, &mut to);
                    continue;
                }
                folded.clear();
                fold(run, &mut folded);
                if !folded.is_empty() {
                    to(cut(&folded), start..end, Run::None);
                }
            }
            Class::Sign => {
                folded.clear();
                folded.push(first);
                // A flag is two letters.
                if is_flag(first)
                    && let Some((at, second)) = chars.next_if(|(_, c)| is_flag(*c))
                {
                    folded.push(second);
                    end = at + second.len_utf8();
                }
                while let Some((at, next)) = chars.next_if(|(_, c)| self::class(*c) == Class::Nothing) {
                    end = at + next.len_utf8();
                }
                to(&folded, start..end, Run::None);
            }
            Class::Mark | Class::Nothing | Class::Other => {}
        }
    }
}

/// What a character does in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A letter or a digit of writing that parts words.
    Letter,
    /// A character of writing that does not.
    Unparted,
    /// An emoji or another sign.
    Sign,
    /// It belongs to the character before it.
    Mark,
    /// It shows nothing and parts nothing: joiners, direction marks, variants of signs.
    Nothing,
    /// Spaces, punctuation.
    Other,
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { Class::Letter } else { Class::Other };
    }
    match c {
        '\u{ad}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0000}'..='\u{e0fff}' => Class::Nothing,
        // Tatweel only stretches a word.
        '\u{640}' => Class::Nothing,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{a9e0}'..='\u{a9ff}'
        | '\u{aa60}'..='\u{aa7f}'
            if c != '\u{e3f}' => Class::Unparted,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}'
        | '\u{3031}'..='\u{3035}' | '\u{3038}'..='\u{303c}' | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{318f}' | '\u{3190}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{a4cf}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ffdc}' | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}' => Class::Unparted,
        '©' | '®' | '\u{203c}' | '\u{2049}' | '\u{2100}'..='\u{214f}' | '\u{2190}'..='\u{23ff}' | '\u{2460}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}'
        | '\u{1f000}'..='\u{1faff}'
            // Letters among them that stand for themselves: ℝ, Ⅷ, ①.
            if !is_letter_like(c) => Class::Sign,
        _ if c.is_alphanumeric() => Class::Letter,
        _ if canonical_combining_class(c) != 0 => Class::Mark,
        _ => Class::Other,
    }
}

/// Signs that compatibility turns into letters or digits.
fn is_letter_like(c: char) -> bool {
    matches!(c, '\u{2100}'..='\u{214f}' | '\u{2460}'..='\u{24ff}' | '\u{1f100}'..='\u{1f16f}')
        && std::iter::once(c).nfkd().all(|part| part.is_alphanumeric() && part != c)
}

fn is_flag(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Whether a run of a class goes on with a character.
fn goes_on(run: Class, c: char) -> bool {
    match class(c) {
        Class::Mark | Class::Nothing => true,
        class => class == run,
    }
}

/// Folds a word of writing that parts words.
fn fold(word: &str, into: &mut String) {
    if word.is_ascii() {
        into.extend(word.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
        return;
    }
    for c in word.nfkd() {
        if is_dropped(c) {
            continue;
        }
        for c in c.to_lowercase() {
            match c {
                'ß' => into.push_str("ss"),
                'æ' => into.push_str("ae"),
                'œ' => into.push_str("oe"),
                'þ' => into.push_str("th"),
                'ø' => into.push('o'),
                'đ' | 'ð' => into.push('d'),
                'ħ' => into.push('h'),
                'ı' => into.push('i'),
                'ł' => into.push('l'),
                'ŋ' => into.push('n'),
                'ŧ' => into.push('t'),
                'ς' => into.push('σ'),
                // Arabic: the seat of a hamza, the ways to end a word, letters of Persian and Urdu for the same sounds.
                'ٱ' => into.push('ا'),
                'ى' | 'ی' => into.push('ي'),
                'ة' | 'ہ' | 'ۃ' => into.push('ه'),
                'ک' => into.push('ك'),
                // Hebrew: letters that look otherwise at the end of a word.
                'ך' => into.push('כ'),
                'ם' => into.push('מ'),
                'ן' => into.push('נ'),
                'ף' => into.push('פ'),
                'ץ' => into.push('צ'),
                '٠'..='٩' => into.push(digit(c, '٠')),
                '۰'..='۹' => into.push(digit(c, '۰')),
                '०'..='९' => into.push(digit(c, '०')),
                c if c.is_alphanumeric() => into.push(c),
                // A mark belongs to a letter before it.
                c if !into.is_empty() && (canonical_combining_class(c) != 0 || is_spacing_mark(c)) => into.push(c),
                _ => {}
            }
        }
    }
}

fn digit(c: char, zero: char) -> char {
    u8::try_from(u32::from(c) - u32::from(zero)).map_or(c, |digit| char::from(b'0' + digit))
}

/// Marks that are left away: accents of Latin, Greek and Cyrillic letters, and vowel signs of Arabic and Hebrew, which
/// most people do not write. Those of Indic scripts are letters.
fn is_dropped(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}' | '\u{8d3}'..='\u{8ff}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
        || class(c) == Class::Nothing
}

/// Vowel signs of Indic scripts, which are no letters by themselves.
fn is_spacing_mark(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}')
}

/// Cuts a run of writing that parts no words into pairs.
fn pairs(run: &str, start: usize, folded: &mut String, to: &mut impl FnMut(&str, Range<usize>, Run)) {
    // Composed again cluster by cluster: half-width letters, letters in parts.
    let mut chars: Vec<(char, Range<usize>)> = Vec::new();
    let mut from = run.char_indices().peekable();
    while let Some((at, first)) = from.next() {
        if class(first) == Class::Nothing {
            continue;
        }
        let mut end = at + first.len_utf8();
        while let Some((at, next)) = from.next_if(|(_, c)| belongs(*c)) {
            end = at + next.len_utf8();
        }
        let cluster = run.get(at..end).unwrap_or_default();
        // Signs in brackets, such as ㈱, come apart.
        let folded = cluster.nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_ascii() || c.is_ascii_alphanumeric());
        chars.extend(folded.map(|c| (c, start + at..start + end)));
    }
    for (i, (c, at)) in chars.iter().enumerate() {
        folded.clear();
        folded.push(*c);
        match chars.get(i + 1) {
            Some((next, end)) => {
                folded.push(*next);
                to(folded, at.start..end.end, Run::Pair);
            }
            None => to(folded, at.clone(), Run::Last),
        }
    }
}

/// Whether a character composes with the one before it: voice marks of kana, vowels and last consonants of Korean.
fn belongs(c: char) -> bool {
    matches!(c, '\u{3099}' | '\u{309a}' | '\u{ff9e}' | '\u{ff9f}' | '\u{1160}'..='\u{11ff}')
}

/// The first bytes of a word.
fn cut(word: &str) -> &str {
    word.get(..word.floor_char_boundary(LONGEST)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> String {
        let mut fed = String::new();
        feed(text, &mut fed);
        fed.trim_end().to_owned()
    }

    #[test]
    fn what_no_reader_asks_for_makes_no_difference() {
        for (text, words) in [
            ("Café SOCIETY, don't!", "cafe society don t"),
            ("cafe\u{301} Straße Łódź Ærø", "cafe strasse lodz aero"),
            ("İstanbul ISTANBUL ıstanbul", "istanbul istanbul istanbul"),
            ("Ὀδυσσεύς ΟΔΥΣΣΕΥΣ", "οδυσσευσ οδυσσευσ"),
            ("Ещё ёлка й", "еще елка и"),
            ("well-known snake_case a\u{ad}b", "well known snake case ab"),
            ("ＦＵＬＬ 𝐇𝐞𝐥𝐥𝐨 ① ½", "full hello 1 12"),
            ("أحمد إسلام آمن ٱلله على مدرسة كِتَاب ـــ طـــويل", "احمد اسلام امن الله علي مدرسه كتاب طويل"),
            ("یک کتاب ۱۲۳ ٤٥", "يك كتاب 123 45"),
            ("שָׁלוֹם שלום ירושלים־תל", "שלומ שלומ ירושלימ תל"),
            ("हिन्दी में", "हिन्दी में"),
            ("東京都", "東京 京都 都"),
            ("㈱東", "株東 東"),
            ("東京 2021年", "東京 京 2021 年"),
            ("ﾃﾞｰﾀ データ", "デー ータ タ デー ータ タ"),
            ("한국어", "한국 국어 어"),
            ("สวัสดี", "สว วั ัส สด ดี ี"),
            ("👍🏽 👍 👩‍💻 ❤️ 🇬🇧🇫🇷", "👍 👍 👩 💻 ❤ 🇬🇧 🇫🇷"),
            ("1️⃣ a🎉b", "1 a 🎉 b"),
            ("…?! — “”", ""),
        ] {
            assert_eq!(folded(text), words, "{text}");
        }
    }

    #[test]
    fn words_stand_where_the_text_has_them() {
        let text = "Ein Café: 東京!";
        let shown: Vec<&str> = words(text).into_iter().map(|word| &text[word.at]).collect();
        assert_eq!(shown, ["Ein", "Café", "東京", "京"]);
    }

    proptest! {
        #[test]
        fn folded_again_is_the_same(text in any::<String>()) {
            let once: Vec<String> = words(&text).into_iter().filter(|w| w.run == Run::None).map(|w| w.folded).collect();
            for word in &once {
                let again: Vec<String> = words(word).into_iter().map(|word| word.folded).collect();
                // Marks that stand where no writing puts them may change places.
                let is_plain = word.chars().all(|c| c.is_alphanumeric() && canonical_combining_class(c) == 0);
                let is_cut = word.len() > LONGEST - 4;
                prop_assert!(is_cut || !is_plain || again == [word.clone()], "{word:?} {again:?}");
                prop_assert!(!word.is_empty() && word.len() <= LONGEST && !word.contains([' ', '"', '\0']), "{word:?}");
            }
            for word in words(&text) {
                // The index would cut it there.
                prop_assert!(word.folded.chars().all(|c| !c.is_ascii() || c.is_ascii_alphanumeric()), "{:?}", word);
                prop_assert!(text.get(word.at.clone()).is_some(), "{:?}", word);
            }
        }
    }
}
