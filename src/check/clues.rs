//! What to look for in an archive, to find the post that a text quotes.

use super::tokens;

/// What to look for in an archive: stretches of neighbouring words of a text, the longer first, and its longest words.
pub fn clues(text: &str) -> (Vec<String>, Vec<String>) {
    const LENGTHS: [usize; 3] = [6, 4, 3];
    const EACH: usize = 8;
    let tokens = tokens::tokens(text);
    let is_plain = |token: &tokens::Token| token.sort == tokens::Sort::Word && !token.text.starts_with(['#', '@']);
    let mut runs: Vec<&[tokens::Token]> =
        tokens.split(|token| !is_plain(token)).filter(|run| !run.is_empty()).collect();
    runs.sort_by_key(|run| std::cmp::Reverse(run.len()));
    runs.truncate(64);
    let mut stretches = Vec::new();
    for length in LENGTHS {
        let mut windows: Vec<&[tokens::Token]> = runs.iter().flat_map(|run| run.chunks_exact(length)).collect();
        let step = windows.len().div_ceil(EACH).max(1);
        windows = windows.into_iter().step_by(step).collect();
        stretches.extend(windows.iter().filter_map(|window| {
            let (first, last) = (window.first()?, window.last()?);
            text.get(first.range.start..last.range.end)
                .map(|words| words.split_whitespace().collect::<Vec<_>>().join(" "))
        }));
    }
    if stretches.is_empty() {
        // A post of a word or two.
        let whole = runs.first().and_then(|run| text.get(run.first()?.range.start..run.last()?.range.end));
        stretches.extend(whole.map(|words| words.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    let mut words: Vec<String> =
        tokens.iter().filter(|token| is_plain(token)).map(|token| token.text.clone()).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.dedup();
    words.truncate(6);
    (stretches, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clues_are_neighbouring_words() {
        let (stretches, words) = clues("One two three four, “five” #six seven");
        assert_eq!(stretches, ["One two three four", "One two three"]);
        assert_eq!(words[0], "three");
        assert_eq!(clues("No!").0, ["No"]);
        assert_eq!(clues("💙"), (Vec::new(), Vec::new()));
    }
}
