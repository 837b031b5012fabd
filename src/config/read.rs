//! The text of config.toml to values. What does not fit is told and struck out, and the rest is read again, so that all that is
//! wrong is told at once and not one fault a run.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::{Config, check};
use crate::near::nearest;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something in it is wrong.
    #[error("{path}: {}", .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Faults {
        /// The file.
        path: PathBuf,
        /// All that is wrong, in order of the lines.
        faults: Vec<Fault>,
    },
}

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Number of its line; 0 if it is in none.
    pub line: usize,
    /// The line.
    pub written: String,
    /// What is wrong.
    pub says: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault { line: 0, says, .. } => f.write_str(says),
            Fault { line, written, says } => write!(f, "line {line} ({written}): {says}"),
        }
    }
}

/// Nobody reads more.
const MOST_FAULTS: usize = 100;

/// Reads a configuration. Paths in it are taken from the folder of the file.
///
/// # Errors
/// A file that cannot be read, a key that is unknown, missing or of another type, a job that cannot be run.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let mut config = read(&text).map_err(|faults| ConfigError::Faults { path: path.to_owned(), faults })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    config.archive = folder.join(&config.archive);
    config.fixtures = folder.join(&config.fixtures);
    Ok(config)
}

/// The values of a text, or all that is wrong with it.
fn read(text: &str) -> Result<Config, Vec<Fault>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let whole = Tree { text, root: root.get_ref() };
    if !errors.is_empty() {
        let mut faults: Vec<Fault> = errors.iter().map(|error| whole.fault(error)).collect();
        // What follows on a line from its first fault is none of its own.
        faults.dedup_by_key(|fault| fault.line);
        return Err(faults);
    }
    let mut faults = Vec::new();
    let mut rest = root.clone();
    let mut config = loop {
        match Config::deserialize(toml::Deserializer::from(rest.clone())) {
            Ok(config) => break config,
            Err(error) => {
                let at = error.span();
                // What a table lacks after something was struck out of it is no fault of its own.
                let lacks = |at| size_at(rest.get_ref(), at) < size_at(root.get_ref(), at);
                if !at.as_ref().is_some_and(lacks) {
                    faults.push(whole.fault(&error));
                }
                if !at.is_some_and(|at| strike_table(rest.get_mut(), &at)) || faults.len() >= MOST_FAULTS {
                    return Err(in_order(faults));
                }
            }
        }
    };
    check::check(&mut config, &Tree { text, root: rest.get_ref() }, &whole, &mut faults);
    if faults.is_empty() { Ok(config) } else { Err(in_order(faults)) }
}

fn in_order(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort();
    faults.dedup();
    faults
}

/// Takes the entry that stands there out of a table, or of what is in it.
fn strike_table<'i>(table: &mut DeTable<'i>, at: &Range<usize>) -> bool {
    if table.iter_mut().any(|(_, value)| strike(value, at)) {
        return true;
    }
    let there = table.iter().find(|(key, value)| key.span() == *at || value.span() == *at);
    let key = there.map(|(key, _)| key.get_ref().clone().into_owned());
    key.is_some_and(|key| table.remove(key.as_str()).is_some())
}

fn strike<'i>(value: &mut Spanned<DeValue<'i>>, at: &Range<usize>) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => strike_table(table, at),
        DeValue::Array(array) => {
            if array.iter_mut().any(|value| strike(value, at)) {
                return true;
            }
            let before = array.len();
            *array = std::mem::replace(array, DeArray::new()).into_iter().filter(|value| value.span() != *at).collect();
            array.len() < before
        }
        _ => false,
    }
}

/// How much there is in the value that stands there.
fn size_at(table: &DeTable<'_>, at: &Range<usize>) -> usize {
    table.values().find_map(|value| find(value, at)).map_or(0, size)
}

fn find<'a, 'i>(value: &'a Spanned<DeValue<'i>>, at: &Range<usize>) -> Option<&'a Spanned<DeValue<'i>>> {
    inside(value).find_map(|value| find(value, at)).or_else(|| Some(value).filter(|value| value.span() == *at))
}

fn size(value: &Spanned<DeValue<'_>>) -> usize {
    1 + inside(value).map(size).sum::<usize>()
}

fn inside<'a, 'i>(value: &'a Spanned<DeValue<'i>>) -> impl Iterator<Item = &'a Spanned<DeValue<'i>>> {
    let (table, array) = (value.get_ref().as_table(), value.get_ref().as_array());
    table.into_iter().flat_map(|table| table.values()).chain(array.into_iter().flatten())
}

/// A step to a place in the configuration.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    /// To a key of a table.
    Key(&'a str),
    /// To an element of an array.
    Item(usize),
}

/// The configuration as it is written.
pub(super) struct Tree<'a> {
    text: &'a str,
    root: &'a DeTable<'a>,
}

impl Tree<'_> {
    /// What serde finds wrong.
    fn fault(&self, error: &toml::de::Error) -> Fault {
        self.at(error.span().map(|span| span.start), told(&error.message().trim().replace('\n', ", ")))
    }

    /// What is wrong at a place; a place that is not there is told by the last step that is.
    pub(super) fn wrong(&self, path: &[Step<'_>], says: String) -> Fault {
        self.at(self.find(path).map(|(start, _)| start), says)
    }

    /// Number of the line of a place; 0 if there is none.
    pub(super) fn line(&self, path: &[Step<'_>]) -> usize {
        self.wrong(path, String::new()).line
    }

    /// Whether a key is written at all.
    pub(super) fn has(&self, path: &[Step<'_>]) -> bool {
        self.find(path).is_some_and(|(_, whole)| whole)
    }

    fn at(&self, start: Option<usize>, says: String) -> Fault {
        let Some(before) = start.and_then(|start| self.text.get(..start)) else {
            return Fault { line: 0, written: String::new(), says };
        };
        let number = before.matches('\n').count();
        let written = self.text.lines().nth(number).unwrap_or_default().trim().to_owned();
        Fault { line: number + 1, written, says }
    }

    /// Where a place begins, and whether all of the path was there.
    fn find(&self, path: &[Step<'_>]) -> Option<(usize, bool)> {
        let mut steps = path.iter();
        let Step::Key(first) = steps.next()? else { return None };
        let (key, mut value) = self.root.get_key_value(*first)?;
        let mut start = key.span().start;
        for step in steps {
            let next = match (step, value.get_ref()) {
                (Step::Key(key), DeValue::Table(table)) => {
                    table.get_key_value(*key).map(|(key, value)| (key.span().start, value))
                }
                (Step::Item(number), DeValue::Array(array)) => {
                    array.get(*number).map(|value| (value.span().start, value))
                }
                _ => None,
            };
            let Some((found, below)) = next else { return Some((start, false)) };
            (start, value) = (found, below);
        }
        Some((start, true))
    }
}

/// What serde says, for people: which key was meant.
fn told(message: &str) -> String {
    let unknown = message.strip_prefix("unknown field `").map(|rest| ("unknown key", rest));
    let unknown = unknown.or_else(|| Some(("unknown word", message.strip_prefix("unknown variant `")?)));
    let Some((what, (word, expected))) = unknown.and_then(|(what, rest)| Some((what, rest.split_once("`, ")?))) else {
        return message.to_owned();
    };
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    match nearest(word, known.iter().copied()) {
        Some(meant) => format!("{what} `{word}`: did you mean `{meant}`?"),
        None => format!("{what} `{word}`; there are: {}", known.join(", ")),
    }
}
