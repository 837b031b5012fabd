//! What the archive knows: which words are handles of its accounts, and which are ids of its posts.
//!
//! Asked of the database once for each word of a post: people repeat themselves.

use std::cell::RefCell;
use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::words::folded;
use crate::store::StoreError;

/// The shortest id that is looked for: shorter ones are years and numbers of pages.
const SHORTEST_ID: usize = 6;

/// Which handles of a platform are a word, in lower case.
type Bearers<'a> = dyn Fn(&str) -> Result<Vec<String>, StoreError> + 'a;

/// Whether a word is the id of a post.
type IsPost<'a> = dyn Fn(&str) -> Result<bool, StoreError> + 'a;

/// Handles and ids of the archive, with a memory.
pub(super) struct Known<'a> {
    bearers: &'a Bearers<'a>,
    is_post: &'a IsPost<'a>,
    handles: RefCell<HashMap<String, Vec<String>>>,
    posts: RefCell<HashMap<String, bool>>,
}

impl<'a> Known<'a> {
    /// Takes what asks the archive.
    pub(super) fn new(bearers: &'a Bearers<'a>, is_post: &'a IsPost<'a>) -> Known<'a> {
        Known { bearers, is_post, handles: RefCell::default(), posts: RefCell::default() }
    }

    /// The handles of the archive that are a word, alone or before their server, in the form that compares. One that is an
    /// everyday word is not looked for: a handle looks like one that has a letter, and a digit or a sign.
    pub(super) fn handles(&self, word: &str) -> Result<Vec<String>, StoreError> {
        let is_odd = |c: char| matches!(c, '_' | '.' | '-') || c.is_ascii_digit();
        if word.len() <= 3 || !word.contains(is_odd) || !word.contains(char::is_alphabetic) {
            return Ok(Vec::new());
        }
        if let Some(found) = self.handles.borrow().get(word) {
            return Ok(found.clone());
        }
        let mut found = (self.bearers)(word)?;
        if !word.is_ascii() {
            // Handles stand in the archive as they were written, in either form.
            found.extend((self.bearers)(&word.nfd().collect::<String>())?);
        }
        let mut found: Vec<String> = found.iter().map(|handle| folded(handle)).collect();
        found.sort();
        found.dedup();
        self.handles.borrow_mut().insert(word.to_owned(), found.clone());
        Ok(found)
    }

    /// Whether a word is the id of a post of the archive.
    pub(super) fn is_post(&self, word: &str) -> Result<bool, StoreError> {
        if word.len() < SHORTEST_ID || !word.contains(|c: char| c.is_ascii_digit()) {
            return Ok(false);
        }
        if let Some(found) = self.posts.borrow().get(word) {
            return Ok(*found);
        }
        let found = (self.is_post)(word)?;
        self.posts.borrow_mut().insert(word.to_owned(), found);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_word_is_looked_up_once() {
        let asked = Cell::new(0);
        let bearers = |word: &str| {
            asked.set(asked.get() + 1);
            Ok(vec![format!("{word}@moss.example")])
        };
        let is_post = |_: &str| {
            asked.set(asked.get() + 1);
            Ok(true)
        };
        let known = Known::new(&bearers, &is_post);
        for _ in 0..3 {
            assert_eq!(known.handles("word1").unwrap(), ["word1@moss.example"]);
            assert!(known.is_post("1234567").unwrap());
            assert!(known.handles("word").unwrap().is_empty() && !known.is_post("2021").unwrap());
        }
        assert_eq!(asked.get(), 2);
    }
}
