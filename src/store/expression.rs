//! Expressions of the full-text index: words and marks, joined.
//!
//! Every word stands in quotes, and a mark is no letter, so that nothing that a person types is syntax by accident.

use std::fmt;

use super::index::Mark;

/// An expression of the full-text index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Match {
    /// Words next to each other; the last may be a beginning.
    Words(Vec<String>, bool),
    Mark(Mark),
    All(Vec<Match>),
    /// Of none, nothing.
    Any(Vec<Match>),
    But(Box<Match>, Box<Match>),
}

impl Match {
    /// Finds all posts.
    pub(super) fn every() -> Match {
        Match::Mark(Mark::Every)
    }

    /// Finds none.
    pub(super) fn nothing() -> Match {
        Match::Any(Vec::new())
    }

    /// Finds what carries any of these.
    pub(super) fn any_mark(marks: impl IntoIterator<Item = Mark>) -> Match {
        Match::any(marks.into_iter().map(Match::Mark).collect())
    }

    /// At least one of these.
    pub(super) fn any(mut parts: Vec<Match>) -> Match {
        parts.retain(|part| !part.is_nothing());
        if parts.contains(&Match::every()) {
            return Match::every();
        }
        if parts.len() == 1 { parts.remove(0) } else { Match::Any(parts) }
    }

    /// Everything in one list and nothing in the other; the index cannot say "nothing" alone.
    pub(super) fn all_but(mut with: Vec<Match>, mut without: Vec<Match>) -> Match {
        let every = Match::every();
        without.retain(|part| !part.is_nothing());
        with.retain(|part| *part != every);
        // What must be there and must not be is nowhere; the index would walk both lists to their ends.
        let is_contradiction = with.iter().any(|part| without.contains(part));
        if with.iter().any(Match::is_nothing) || without.contains(&every) || is_contradiction {
            return Match::nothing();
        }
        let with = match with.len() {
            0 => every,
            1 => with.remove(0),
            _ => Match::All(with),
        };
        match without.len() {
            0 => with,
            1 => Match::But(Box::new(with), Box::new(without.remove(0))),
            _ => Match::But(Box::new(with), Box::new(Match::Any(without))),
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Match::Any(parts) => parts.iter().all(Match::is_nothing),
            _ => false,
        }
    }

    /// Whether it looks for words, by which matches can be ranked.
    pub(super) fn has_words(&self) -> bool {
        match self {
            Match::Words(..) => true,
            Match::Mark(_) => false,
            Match::All(parts) | Match::Any(parts) => parts.iter().any(Match::has_words),
            Match::But(with, _) => with.has_words(),
        }
    }

    /// As FTS5 reads it (<https://www.sqlite.org/fts5.html#full_text_query_syntax>); not for nothing.
    pub(super) fn sql(&self) -> String {
        match self {
            Match::Mark(mark) => format!("\"{}\"", mark.token()),
            _ => self.write(Match::sql),
        }
    }

    fn write(&self, part: fn(&Match) -> String) -> String {
        let list = |parts: &[Match], glue: &str| {
            let parts: Vec<String> = parts.iter().filter(|part| !part.is_nothing()).map(part).collect();
            if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(glue)) }
        };
        match self {
            Match::Words(words, begins) => format!("\"{}\"{}", words.join(" "), if *begins { " *" } else { "" }),
            Match::Mark(mark) => mark.to_string(),
            Match::All(parts) => list(parts, " AND "),
            Match::Any(parts) => list(parts, " OR "),
            Match::But(with, without) => format!("({} NOT {})", part(with), part(without)),
        }
    }
}

impl fmt::Display for Match {
    /// As a person reads it: marks by their names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn told(part: &Match) -> String {
            part.write(told)
        }
        f.write_str(if self.is_nothing() { "nothing".to_owned() } else { told(self) }.as_str())
    }
}
