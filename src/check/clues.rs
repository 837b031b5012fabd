//! What to look for in an archive, to find the post that a text quotes.

use super::tokens;

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clues {
    /// Stretches of neighbouring words, the longer first. Each is to be asked for by itself: of many posts that share the
    /// common ones, only those with the rare ones are of interest.
    pub stretches: Vec<String>,
    /// Its words without their order, the longer first.
    pub words: Vec<String>,
}

/// What to look for in an archive, to find a text of which some words may be others.
pub fn clues(text: &str) -> Clues {
    const LENGTHS: [usize; 3] = [8, 5, 3];
    const EACH: usize = 8;
    const WORDS: usize = 16;
    let tokens = tokens::tokens(text);
    let is_plain = |token: &tokens::Token| token.sort == tokens::Sort::Word && !token.text.starts_with(['#', '@']);
    let mut runs: Vec<&[tokens::Token]> =
        tokens.split(|token| !is_plain(token)).filter(|run| !run.is_empty()).collect();
    runs.sort_by_key(|run| std::cmp::Reverse(run.len()));
    runs.truncate(64);
    let written = |run: &[tokens::Token]| {
        let (first, last) = (run.first()?, run.last()?);
        let words = text.get(first.range.start..last.range.end)?;
        Some(words.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let mut stretches = Vec::new();
    for length in LENGTHS {
        // Half over each other: of two words that were changed, few stretches hold one.
        let windows: Vec<&[tokens::Token]> =
            runs.iter().flat_map(|run| run.windows(length).step_by(length.div_ceil(2))).collect();
        let step = windows.len().div_ceil(EACH).max(1);
        stretches.extend(windows.into_iter().step_by(step).filter_map(written));
    }
    if stretches.is_empty() {
        // A post of a word or two.
        stretches.extend(runs.first().and_then(|run| written(run)));
    }
    let mut words: Vec<String> =
        tokens.iter().filter(|token| is_plain(token)).map(|token| token.lower.clone()).collect();
    words.sort_by(|one, other| other.chars().count().cmp(&one.chars().count()).then(one.cmp(other)));
    words.dedup();
    words.truncate(WORDS);
    Clues { stretches, words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clues_are_neighbouring_words() {
        let found = clues("One two three four, “five” #six seven");
        assert_eq!(found.stretches, ["One two three"]);
        assert_eq!(found.words, ["seven", "three", "five", "four", "one", "two"]);
        assert_eq!(clues("No!").stretches, ["No"]);
        assert_eq!(clues("💙"), Clues::default());
        let long: Vec<String> = (0..200).map(|n| format!("w{n}")).collect();
        assert!(clues(&long.join(" ")).stretches.len() <= 24);
    }
}
