//! Expressions of the full-text index: words and marks, joined.
//!
//! Every word stands in quotes, and a mark is no letter, so that nothing that a person types is syntax by accident.

use std::fmt;

use super::index::Mark;

/// An expression of the full-text index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    /// Words next to each other; the last may be a beginning.
    Words(Vec<String>, bool),
    Mark(Mark),
    All(Vec<Expression>),
    /// Of none, nothing.
    Any(Vec<Expression>),
    But(Box<Expression>, Box<Expression>),
}

impl Expression {
    /// Finds all posts.
    pub(super) fn every() -> Expression {
        Expression::Mark(Mark::Every)
    }

    /// Finds none.
    pub(super) fn nothing() -> Expression {
        Expression::Any(Vec::new())
    }

    /// Finds what carries any of these.
    pub(super) fn any_mark(marks: impl IntoIterator<Item = Mark>) -> Expression {
        Expression::any(marks.into_iter().map(Expression::Mark).collect())
    }

    /// At least one of these.
    pub(super) fn any(mut parts: Vec<Expression>) -> Expression {
        parts.retain(|part| !part.is_nothing());
        if parts.contains(&Expression::every()) {
            return Expression::every();
        }
        if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) }
    }

    /// Everything in one list and nothing in the other; the index cannot say "nothing" alone.
    pub(super) fn all_but(mut with: Vec<Expression>, mut without: Vec<Expression>) -> Expression {
        let every = Expression::every();
        without.retain(|part| !part.is_nothing());
        with.retain(|part| *part != every);
        // What must be there and must not be is nowhere; the index would walk both lists to their ends.
        let is_contradiction = with.iter().any(|part| without.contains(part));
        if with.iter().any(Expression::is_nothing) || without.contains(&every) || is_contradiction {
            return Expression::nothing();
        }
        let with = match with.len() {
            0 => every,
            1 => with.remove(0),
            _ => Expression::All(with),
        };
        match without.len() {
            0 => with,
            1 => Expression::But(Box::new(with), Box::new(without.remove(0))),
            _ => Expression::But(Box::new(with), Box::new(Expression::Any(without))),
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Expression::Any(parts) => parts.iter().all(Expression::is_nothing),
            _ => false,
        }
    }

    /// Whether it looks for words, by which matches can be ranked.
    pub(super) fn has_words(&self) -> bool {
        match self {
            Expression::Words(..) => true,
            Expression::Mark(_) => false,
            Expression::All(parts) | Expression::Any(parts) => parts.iter().any(Expression::has_words),
            Expression::But(with, _) => with.has_words(),
        }
    }

    /// As FTS5 reads it (<https://www.sqlite.org/fts5.html#full_text_query_syntax>); not for nothing.
    pub(super) fn sql(&self) -> String {
        match self {
            Expression::Mark(mark) => format!("\"{}\"", mark.token()),
            _ => self.write(Expression::sql),
        }
    }

    fn write(&self, part: fn(&Expression) -> String) -> String {
        let list = |parts: &[Expression], glue: &str| {
            let parts: Vec<String> = parts.iter().filter(|part| !part.is_nothing()).map(part).collect();
            if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(glue)) }
        };
        match self {
            Expression::Words(words, begins) => format!("\"{}\"{}", words.join(" "), if *begins { " *" } else { "" }),
            Expression::Mark(mark) => mark.to_string(),
            Expression::All(parts) => list(parts, " AND "),
            Expression::Any(parts) => list(parts, " OR "),
            Expression::But(with, without) => format!("({} NOT {})", part(with), part(without)),
        }
    }
}

impl fmt::Display for Expression {
    /// As a person reads it: marks by their names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn told(part: &Expression) -> String {
            part.write(told)
        }
        f.write_str(if self.is_nothing() { "nothing".to_owned() } else { told(self) }.as_str())
    }
}
