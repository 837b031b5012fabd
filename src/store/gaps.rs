//! Phrases with any words between them, which the full-text index cannot say: a function of SQL that looks at the texts.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};

use super::index::second;
use crate::fold::{self, Run, Word};
use crate::model::Post;

/// Gives a connection the function `pullquote_gaps(text, content_warning, labels, phrases)`, the last two as JSON: 1 if the
/// phrases stand in one of the texts in this order, with a word or more between each two.
pub(super) fn add(db: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    db.create_scalar_function("pullquote_gaps", 4, flags, |values: &Context<'_>| {
        let list = |json: Option<String>| -> Vec<String> {
            json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
        };
        let post = Post {
            text: values.get(0)?,
            content_warning: values.get(1)?,
            labels: list(values.get(2)?),
            ..Post::default()
        };
        let phrases: Vec<(Vec<String>, bool)> = list(values.get(3)?)
            .iter()
            .map(|phrase| fold::needle(phrase))
            .filter(|(words, _)| !words.is_empty())
            .collect();
        Ok(std::iter::once(post.text.as_str()).chain(second(&post)).any(|text| follow(text, &phrases)))
    })
}

/// Whether phrases stand in a text in their order. The last word of a phrase may be only the beginning of one.
fn follow(text: &str, phrases: &[(Vec<String>, bool)]) -> bool {
    let words = fold::words(text);
    let mut from = 0;
    phrases.iter().all(|(phrase, begins)| {
        let fits = |window: &[Word]| {
            window.iter().zip(phrase).enumerate().all(|(i, (word, wanted))| {
                let is_begun = *begins && i + 1 == phrase.len() && word.folded.starts_with(wanted.as_str());
                is_begun || word.folded == *wanted
            })
        };
        let found = words.get(from..).and_then(|rest| rest.windows(phrase.len()).position(fits));
        let end = from + found.unwrap_or_default() + phrase.len();
        // In a run that parts no words each character has a word; the second one of the last pair has been passed, too.
        let is_pair = end.checked_sub(1).and_then(|last| words.get(last)).is_some_and(|word| word.run == Run::Pair);
        from = end + usize::from(is_pair && !begins) + 1;
        found.is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_follow_each_other_with_words_between() {
        let phrases = |parts: &[&str]| parts.iter().map(|part| fold::needle(part)).collect::<Vec<_>>();
        for (text, parts, expected) in [
            ("this is the best time this week", ["this is the", "time this week"], true),
            ("this is the very best time this week", ["this is the", "time this week"], true),
            ("this is the time this week", ["this is the", "time this week"], false),
            ("time this week, this is the", ["this is the", "time this week"], false),
            ("a b a c", ["a", "a"], true),
            ("a a", ["a", "a"], false),
            ("東京で新聞", ["東京", "新"], true),
            ("東京新聞", ["東京", "新"], false),
            ("東京 新聞", ["東京", "新聞"], false),
            ("東京 a 新聞", ["東京", "新聞"], true),
        ] {
            assert_eq!(follow(text, &phrases(&parts)), expected, "{text}");
        }
    }
}
