//! The search language: what a person types, as a small tree.
//!
//! Pure. It takes the operators of X, Mastodon and Bluesky, and means by them what they mean there: words, `"phrases"`,
//! beginnings (`word*`), `-not`, `OR`, brackets, `#tag`, `@handle`, `$CASH` and `name:value` ([`OPERATORS`] has every name). Nothing is
//! ignored: what cannot be understood, or not be answered by an archive, is a [`QueryError`] that says where it stands. How
//! a tree is answered is decided by the store. Printing a tree gives text that is read as the same tree, in whichever zone.

mod kinds;
mod moment;
mod operator;
mod parse;
mod seen;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};

use crate::model::{Handle, Hashtag, TextState};
use crate::zone::Zone;

pub use kinds::{Count, Has, Is, State};
pub use operator::{OPERATORS, Operator};
pub use parse::{MAX_DEPTH, MAX_TERMS};
pub use seen::seen;

/// What a search means beyond its own words.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The zone of dates that name none.
    pub zone: Zone,
    /// The present, for `within_time:`; `None` where nobody knows it.
    pub now: Option<DateTime<Utc>>,
    /// The accounts of each `list:`.
    pub lists: BTreeMap<String, Vec<Handle>>,
    /// Who `me` is.
    pub me: Option<Handle>,
    /// The platform whose ids `since_id:` and `max_id:` compare; `None` for the numbers of all.
    pub numbered: Option<Numbered>,
    /// The URI of the post that an address leads to.
    pub uri_at: fn(&str) -> Option<String>,
}

/// A platform whose ids are numbers that grow with time.
#[derive(Debug, Clone, Copy)]
pub struct Numbered {
    /// Its name.
    pub platform: &'static str,
    /// When an id was given, if it tells.
    pub time: fn(u64) -> Option<DateTime<Utc>>,
}

impl Default for Reading {
    /// In UTC, without a clock, lists, a name or a platform. Printed trees are read so.
    fn default() -> Reading {
        Reading { zone: Zone::UTC, now: None, lists: BTreeMap::new(), me: None, numbered: None, uri_at: |_| None }
    }
}

/// A search that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    /// What to look for.
    pub expr: Expr,
    /// What the archive understands otherwise than the platform that the operator comes from: its name, and a sentence.
    pub notes: Vec<(&'static str, &'static str)>,
}

/// Understands a search in UTC; see [`Reading::read`].
///
/// # Errors
/// As there.
pub fn parse(text: &str) -> Result<Expr, QueryError> {
    Reading::default().read(text).map(|understood| understood.expr)
}

/// A search, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// Every one of these; of none, every post there is.
    All(Vec<Expr>),
    /// At least one of these.
    Any(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// A word of the text, the content warning or the title, compared as [`crate::fold`] has it.
    Word(String),
    /// The beginning of a word.
    Prefix(String),
    /// Words in this order, next to each other.
    Phrase(String),
    /// Phrases in this order, with one word or more between each two.
    Gaps(Vec<String>),
    /// Carries this hashtag, compared as [`Hashtag::folded`].
    Tag(Hashtag),
    /// Carries this cashtag; lower case, without its `$`.
    Cashtag(String),
    /// Written by this account: its handle with or without the server, or its native id.
    From(Handle),
    /// A reply that names this account.
    To(Handle),
    /// Names this account.
    Mentions(Handle),
    /// Written at this instant or later. Of a post that is known to the day only, the day counts: that of the offset. A post
    /// without a date is neither before nor after anything.
    Since(DateTime<FixedOffset>),
    /// Written before this instant. A day counts as with `Since`: one on which the instant is not midnight may be before.
    Until(DateTime<FixedOffset>),
    /// Its native id is a greater number.
    SinceId(u64),
    /// Its native id is this number or a smaller one.
    MaxId(u64),
    /// Shown by a capture from the first instant on and before the second.
    Captured(DateTime<FixedOffset>, DateTime<FixedOffset>),
    /// In this language, or in a regional form of it; lower case.
    Lang(String),
    /// With a link whose address has these words, next to each other.
    Url(String),
    /// With a link to this host or one below it; lower case, without `www.`.
    Domain(String),
    /// Carries this.
    Has(Has),
    /// Is this.
    Is(Is),
    /// Was counted so often or more when last seen.
    AtLeast(Count, u64),
    /// This post, by key, id or address, the answers to it, and the answers to those.
    Conversation(String),
    /// Answers this post.
    Answering(String),
    /// Quotes this post.
    Quoting(String),
    /// Passes this post on.
    Reposting(String),
    /// Published on this platform; lower case.
    Platform(String),
    /// Seen by this job.
    Job(String),
    /// In this state.
    State(State),
    /// With a text in this state.
    TextState(TextState),
    /// With this label; lower case.
    Label(String),
    /// Quoted in this article, as the ledger says; `*` for any.
    QuotedIn(String),
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

    /// Adds the alternatives of which a match need only fit one or another, so that a reader may ask which it was. Each is
    /// whole: a post that fits half of one was not found for it.
    pub fn choices<'a>(&'a self, choices: &mut Vec<&'a Expr>) {
        match self {
            Expr::All(parts) => parts.iter().for_each(|part| part.choices(choices)),
            Expr::Any(parts) => choices.extend(parts),
            _ => {}
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
    /// An operator of a platform that an archive cannot answer.
    #[error("search operator {name}: (at byte {at}) cannot be answered: {why}")]
    Unanswerable {
        /// The operator.
        name: String,
        /// Why, as a fragment.
        why: &'static str,
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
        let mut named = |name: &str, value: &str| write!(f, "{name}:{}", Quoted(value));
        match self {
            Expr::All(parts) if parts.is_empty() => f.write_str("in:all"),
            Expr::All(parts) => write_parts(f, parts, " ", |part| matches!(part, Expr::Any(_))),
            Expr::Any(parts) => write_parts(f, parts, " OR ", |_| false),
            Expr::Not(part) if is_bracketed(part) => write!(f, "-({part})"),
            Expr::Not(part) => write!(f, "-{part}"),
            Expr::Word(word) => f.write_str(word),
            Expr::Prefix(stem) => write!(f, "{stem}*"),
            Expr::Phrase(phrase) => write!(f, "\"{phrase}\""),
            Expr::Gaps(phrases) => write!(f, "\"{}\"", phrases.join(" * ")),
            Expr::Tag(tag) => write!(f, "#{}", Quoted(tag.as_str())),
            Expr::Cashtag(symbol) => write!(f, "${symbol}"),
            Expr::From(handle) => named("from", &account(handle)),
            Expr::To(handle) => named("to", &account(handle)),
            Expr::Mentions(handle) => named("mentions", &account(handle)),
            Expr::Since(at) => named("since", &instant(at)),
            Expr::Until(at) => named("until", &instant(at)),
            Expr::SinceId(id) => named("since_id", &id.to_string()),
            Expr::MaxId(id) => named("max_id", &id.to_string()),
            Expr::Captured(from, to) => named("captured", &format!("{}..{}", instant(from), instant(to))),
            Expr::Lang(lang) => named("lang", lang),
            Expr::Url(letters) => named("url", letters),
            Expr::Domain(host) => named("domain", host),
            Expr::Has(has) => named("has", has.as_str()),
            Expr::Is(is) => named("is", is.as_str()),
            Expr::AtLeast(count, least) => named(&format!("min_{}", count.as_str()), &least.to_string()),
            Expr::Conversation(post) => named("conversation", post),
            Expr::Answering(post) => named("in_reply_to_tweet_id", post),
            Expr::Quoting(post) => named("quoted", post),
            Expr::Reposting(post) => named("retweets_of_tweet_id", post),
            Expr::Platform(name) => named("platform", name),
            Expr::Job(name) => named("job", name),
            Expr::State(state) => named("state", state.as_str()),
            Expr::TextState(state) => named("text_state", state.as_str()),
            Expr::Label(label) => named("label", label),
            Expr::QuotedIn(article) => named("quoted_in", article),
        }
    }
}

/// Whether a part needs brackets behind a minus.
fn is_bracketed(part: &Expr) -> bool {
    match part {
        Expr::All(parts) => !parts.is_empty(),
        Expr::Any(_) | Expr::Not(_) => true,
        _ => false,
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
        let is_whole = !self.0.is_empty() && !self.0.contains(parse::ends_word) && !self.0.starts_with("//");
        if is_whole { f.write_str(self.0) } else { write!(f, "\"{}\"", self.0) }
    }
}

/// A handle that is read as the same, whoever `me` is.
fn account(handle: &Handle) -> Cow<'_, str> {
    match handle.as_str() {
        me if me.eq_ignore_ascii_case("me") => Cow::Owned(format!("@{me}")),
        handle => Cow::Borrowed(handle),
    }
}

/// An instant with its offset, so that it is read as the same in every zone.
fn instant(at: &DateTime<FixedOffset>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
