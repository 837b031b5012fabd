//! All posts that match, newest first, as light rows for counting: the way to numbers about millions of posts, of which
//! none is kept.

use std::ops::ControlFlow;

use rusqlite::Row;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::row::{list, when, word};
use super::{Reader, StoreError, search};
use crate::host::host;
use crate::model::{Hashtag, Kind, Link, TextState, When};
use crate::query::Expr;

/// How much of every match is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// When, where, by whom and what kind; the rest is left empty. Texts are not touched, which is twice as fast.
    Brief,
    /// That, and languages, hashtags and hosts.
    Facets,
    /// All of [`Match`].
    Full,
}

/// A post that matches, as far as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// When it was written.
    pub created: Option<When>,
    /// The number of its author's account in this database; `None` if no source names an author.
    pub account: Option<i64>,
    /// Where it was published.
    pub platform: String,
    /// Original, reply, repost or quote.
    pub kind: Kind,
    /// Whether its text is all of it.
    pub text_state: TextState,
    /// Whether it was only ever seen inside another post.
    pub nested: bool,
    /// Whether its proof is one of the shipped examples.
    pub recorded: bool,
    /// Whether something about it does not fit.
    pub doubtful: bool,
    /// Its languages, in lower case.
    pub langs: Vec<String>,
    /// What its words come to without regard to case, white space and forms of letters; `None` without words.
    pub words: Option<u64>,
    /// Its hashtags in the form that compares, each once.
    pub tags: Vec<String>,
    /// The hosts that it links to, in lower case without `www.`, each once.
    pub domains: Vec<String>,
}

impl Reader {
    /// Gives every post that matches, newest first and those without a date last, until it is told to stop.
    ///
    /// # Errors
    /// A damaged database. No search is refused.
    pub fn matches(
        &self,
        expr: &Expr,
        detail: Detail,
        mut each: impl FnMut(Match) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut walk = || -> rusqlite::Result<()> {
            let Some(selection) = search::select(&self.db, expr, None)? else { return Ok(()) };
            let (sql, params) = selection.rows(columns(detail));
            let mut statement = self.db.prepare_cached(&sql)?;
            let mut rows = statement.query(rusqlite::params_from_iter(params))?;
            while let Some(row) = rows.next()? {
                if each(read(row, detail)?).is_break() {
                    break;
                }
            }
            Ok(())
        };
        walk().map_err(self.error("count"))
    }
}

fn columns(detail: Detail) -> &'static str {
    match detail {
        Detail::Brief => {
            "p.created, p.created_precision, p.created_source, p.account, p.platform, p.kind, p.text_state, p.nested, \
             c.origin = 'recorded', p.doubts IS NOT NULL"
        }
        Detail::Facets => {
            "p.created, p.created_precision, p.created_source, p.account, p.platform, p.kind, p.text_state, p.nested, \
             c.origin = 'recorded', p.doubts IS NOT NULL, p.lang, p.hashtags, p.links"
        }
        Detail::Full => {
            "p.created, p.created_precision, p.created_source, p.account, p.platform, p.kind, p.text_state, p.nested, \
             c.origin = 'recorded', p.doubts IS NOT NULL, p.lang, p.hashtags, p.links, p.text"
        }
    }
}

fn read(row: &Row<'_>, detail: Detail) -> rusqlite::Result<Match> {
    let mut found = Match {
        created: when(row, 0)?,
        account: row.get(3)?,
        platform: row.get(4)?,
        kind: word(row, 5)?,
        text_state: word(row, 6)?,
        nested: row.get(7)?,
        recorded: row.get(8)?,
        doubtful: row.get(9)?,
        langs: Vec::new(),
        words: None,
        tags: Vec::new(),
        domains: Vec::new(),
    };
    if detail != Detail::Brief {
        let langs: Option<String> = row.get(10)?;
        found.langs = once(langs.iter().flat_map(|langs| langs.split(',')).map(|lang| lang.trim().to_lowercase()));
        let tags: Vec<Hashtag> = list(row, 11)?;
        found.tags = once(tags.iter().map(Hashtag::folded));
        let links: Vec<Link> = list(row, 12)?;
        found.domains = once(links.iter().filter_map(|link| host(&link.url)));
    }
    if detail == Detail::Full {
        found.words = digest(row.get_ref(13)?.as_str()?);
    }
    Ok(found)
}

/// Each of them once, and nothing that is empty.
fn once(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = values.filter(|value| !value.is_empty()).collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// The first eight bytes of the SHA-256 of a text's words: nobody can make two texts that are taken for one, as he could
/// of a quicker sum, and of ten million texts hardly two come to the same by chance.
fn digest(text: &str) -> Option<u64> {
    // Most texts need no look at the tables, which takes ten times as long.
    let folded: String =
        if text.is_ascii() { text.to_ascii_lowercase() } else { text.nfkc().flat_map(char::to_lowercase).collect() };
    let mut sum = Sha256::new();
    let mut empty = true;
    for word in folded.split_whitespace() {
        sum.update(word);
        sum.update([0]);
        empty = false;
    }
    let sum = sum.finalize();
    (!empty).then(|| sum.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_space_and_forms() {
        for (a, b, same) in [
            ("Stand with Ken", " stand\nWITH  ken ", true),
            ("ＦＵＬＬ width", "full width", true),
            ("a b", "ab", false),
            ("one", "one two", false),
        ] {
            assert_eq!(digest(a) == digest(b), same, "{a:?} {b:?}");
        }
        assert_eq!(digest(" \n"), None);
    }
}
