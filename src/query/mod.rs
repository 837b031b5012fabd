//! The search language: what a person types, as a small tree.
//!
//! Pure. Words, `"phrases"`, beginnings (`word*`), `-not`, `OR`, brackets, `#tag` and `name:value` operators.
//! Nothing is ignored: what cannot be understood is a [`QueryError`] that says where it stands. How a tree is answered
//! is decided by the store. Printing a tree gives text that parses to the same tree.

mod operator;
mod parse;

use std::fmt;

use chrono::{DateTime, NaiveTime, SecondsFormat, Utc};

use crate::model::{Handle, Hashtag};

pub use parse::{MAX_DEPTH, MAX_TERMS, parse};

/// A search, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// Every one of these; of none, every post there is.
    All(Vec<Expr>),
    /// At least one of these.
    Any(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// A word of the text or of the content warning, compared without case and accents.
    Word(String),
    /// The beginning of a word.
    Prefix(String),
    /// Words in this order, next to each other.
    Phrase(String),
    /// Carries this hashtag, compared as [`Hashtag::folded`].
    Tag(Hashtag),
    /// Written by this account: its handle with or without the server, or its native id.
    From(Handle),
    /// Written at this instant or later. A post without a date is neither before nor after anything.
    Since(DateTime<Utc>),
    /// Written before this instant.
    Until(DateTime<Utc>),
    /// In this language, or in a regional form of it; lower case.
    Lang(String),
    /// Published on this platform; lower case.
    Platform(String),
    /// Seen by this job.
    Job(String),
}

impl Expr {
    /// Adds the leaves that every match must fit.
    pub fn wanted<'a>(&'a self, leaves: &mut Vec<&'a Expr>) {
        match self {
            Expr::All(parts) => parts.iter().for_each(|part| part.wanted(leaves)),
            Expr::Any(_) | Expr::Not(_) => {}
            leaf => leaves.push(leaf),
        }
    }

    /// The tree of a search without words: every post.
    pub fn everything() -> Expr {
        Expr::All(Vec::new())
    }
}

/// Why a search cannot be understood. `at` is the byte in the text where the trouble begins.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A name before a colon that is no operator.
    #[error("search has no operator {name:?} (at byte {at}){}; to find the text itself, put it in quotes", nearest.map(|n| format!(", did you mean {n}:?")).unwrap_or_default())]
    UnknownOperator {
        /// The name as typed.
        name: String,
        /// The known operator that is spelt most like it.
        nearest: Option<&'static str>,
        /// Where.
        at: usize,
    },
    /// An operator with a value that it cannot use.
    #[error("search operator {name}: (at byte {at}) {wanted}")]
    Value {
        /// The operator.
        name: String,
        /// What it takes, as a fragment.
        wanted: String,
        /// Where.
        at: usize,
    },
    /// A sign that stands where it means nothing.
    #[error("search cannot be read at byte {at}: {what}")]
    Syntax {
        /// What is wrong, as a fragment.
        what: &'static str,
        /// Where.
        at: usize,
    },
    /// More than the limits allow.
    #[error("search is too large: it may have {MAX_TERMS} terms and brackets {MAX_DEPTH} deep")]
    TooLarge,
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::All(parts) => write_parts(f, parts, " ", |part| matches!(part, Expr::Any(_))),
            Expr::Any(parts) => write_parts(f, parts, " OR ", |_| false),
            Expr::Not(part) if matches!(**part, Expr::All(_) | Expr::Any(_) | Expr::Not(_)) => write!(f, "-({part})"),
            Expr::Not(part) => write!(f, "-{part}"),
            Expr::Word(word) => f.write_str(word),
            Expr::Prefix(stem) => write!(f, "{stem}*"),
            Expr::Phrase(phrase) => write!(f, "\"{phrase}\""),
            Expr::Tag(tag) => write!(f, "#{}", Quoted(tag.as_str())),
            Expr::From(handle) => write!(f, "from:{}", Quoted(handle.as_str())),
            Expr::Since(at) => write!(f, "since:{}", Instant(at)),
            Expr::Until(at) => write!(f, "until:{}", Instant(at)),
            Expr::Lang(lang) => write!(f, "lang:{}", Quoted(lang)),
            Expr::Platform(name) => write!(f, "platform:{}", Quoted(name)),
            Expr::Job(name) => write!(f, "job:{}", Quoted(name)),
        }
    }
}

fn write_parts(f: &mut fmt::Formatter<'_>, parts: &[Expr], glue: &str, wrap: fn(&Expr) -> bool) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            f.write_str(glue)?;
        }
        if wrap(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}

/// A value in quotes if it would not be read back whole without them.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(parse::ends_word) { write!(f, "\"{}\"", self.0) } else { f.write_str(self.0) }
    }
}

/// An instant in the shortest form that reads back the same: a date when it is midnight.
struct Instant<'a>(&'a DateTime<Utc>);

impl fmt::Display for Instant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.time() == NaiveTime::MIN {
            write!(f, "{}", self.0.format("%Y-%m-%d"))
        } else {
            f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        }
    }
}
