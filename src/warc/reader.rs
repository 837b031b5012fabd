//! Reads captures back: all of them, those after a known one, or one by its place.

use std::path::{Path, PathBuf};
use std::vec;

use crate::model::CaptureRef;

use super::capture;
use super::chain::{BROKEN, Chain};
use super::files::{self, Named};
use super::group::{self, Group, Next};
use super::walk::Walk;
use super::{Capture, Damage, WarcError};

/// All captures of a folder in the order in which they were made. One is held in memory at a time.
///
/// A damaged capture gives an error and costs no other; one that the chain does not lead to comes behind its error,
/// [`WarcError::Unlinked`]; the last item may be the notice [`WarcError::TornTail`], which is no damage.
///
/// # Errors
/// The folder cannot be listed. A folder that does not exist has no captures.
pub fn captures(dir: &Path) -> Result<Captures, WarcError> {
    let files = files::list(dir)?.into_iter();
    Ok(Captures { dir: dir.to_owned(), files, current: None, chain: Chain::Start, unlinked: None })
}

/// The captures that follow a known one, found by seeking.
///
/// # Errors
/// The folder cannot be listed, or the known capture is not at its place.
pub fn captures_after(dir: &Path, place: &CaptureRef) -> Result<Captures, WarcError> {
    let (walk, group) = seek(dir, place)?;
    let chain = group.link().map_or(Chain::Unknown, |link| Chain::After(link.to_owned()));
    let mut files = files::list(dir)?.into_iter();
    let current = files.find(|file| file.name == place.file).map(|file| (file.name, walk));
    Ok(Captures { dir: dir.to_owned(), files, current, chain, unlinked: None })
}

/// How many captures stand behind `last`, the one that the database knows last; all, if it knows none.
///
/// # Errors
/// As [`captures_after`]; and whatever keeps them from being taken in: one of them is damaged or unlinked.
pub fn unindexed(dir: &Path, last: Option<&CaptureRef>) -> Result<u64, WarcError> {
    let captures = match last {
        Some(last) => captures_after(dir, last)?,
        None => captures(dir)?,
    };
    let mut count = 0;
    for capture in captures {
        match capture {
            Ok(_) => count += 1,
            Err(error) if error.is_torn_tail() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

/// Reads one capture by its place.
///
/// # Errors
/// The file cannot be read, is damaged there, or has another capture there.
pub fn fetch(dir: &Path, place: &CaptureRef) -> Result<Capture, WarcError> {
    let (_, group) = seek(dir, place)?;
    group.into_capture(&place.file)
}

/// What the capture behind this one would call the one before: a digest that names it and every capture before it, byte for byte. `None`
/// if its metadata are damaged.
///
/// # Errors
/// The file cannot be read, is damaged there, or has another capture there.
pub fn link(dir: &Path, place: &CaptureRef) -> Result<Option<String>, WarcError> {
    let (_, group) = seek(dir, place)?;
    Ok(group.link().map(str::to_owned))
}

/// Reads the capture at a place; the walk then stands behind it.
fn seek(dir: &Path, place: &CaptureRef) -> Result<(Walk, Group), WarcError> {
    let not_there =
        || WarcError::NotThere { file: place.file.clone(), offset: place.offset, record_id: place.record_id.clone() };
    // The name may come from a database that somebody sent: it must not lead out of the folder.
    if !files::is_plain(&place.file) {
        return Err(not_there());
    }
    let mut walk = Walk::open(&dir.join(&place.file), place.offset)?;
    match group::next(&mut walk, &place.file) {
        Next::Group(group) if group.place(&place.file) == *place => Ok((walk, group)),
        Next::Damaged(damage)
            if damage.offset == place.offset || damage.record_id.as_ref() == Some(&place.record_id) =>
        {
            Err(damage.into())
        }
        _ => Err(not_there()),
    }
}

/// See [`captures`].
pub struct Captures {
    dir: PathBuf,
    files: vec::IntoIter<Named>,
    current: Option<(String, Walk)>,
    chain: Chain,
    /// A capture whose error was given.
    unlinked: Option<Capture>,
}

impl Captures {
    /// Whether the chain leads to a capture; it goes on behind it.
    fn is_linked(&mut self, group: &Group) -> bool {
        let previous = capture::previous(&group.metadata);
        let linked = previous.as_ref().is_none_or(|previous| self.chain.leads_to(previous.as_deref()));
        self.chain = match (previous, group.link()) {
            (Some(_), Some(link)) => Chain::After(link.to_owned()),
            _ => Chain::Unknown,
        };
        linked
    }
}

impl Iterator for Captures {
    type Item = Result<Capture, WarcError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(capture) = self.unlinked.take() {
            return Some(Ok(capture));
        }
        loop {
            let Some((file, walk)) = &mut self.current else {
                let Named { name, .. } = self.files.next()?;
                match Walk::open(&self.dir.join(&name), 0) {
                    Ok(walk) => self.current = Some((name, walk)),
                    Err(error) => return Some(Err(error)),
                }
                continue;
            };
            match group::next(walk, file) {
                Next::Group(group) => {
                    let file = file.clone();
                    let linked = self.is_linked(&group);
                    let capture = match group.into_capture(&file) {
                        Ok(capture) if !linked => capture,
                        capture => return Some(capture),
                    };
                    let CaptureRef { offset, record_id, .. } = capture.place.clone();
                    self.unlinked = Some(capture);
                    let damage = Damage { file, offset, record_id: Some(record_id), what: BROKEN.to_owned() };
                    return Some(Err(WarcError::Unlinked(damage)));
                }
                Next::Damaged(damage) => {
                    self.chain = Chain::Unknown;
                    return Some(Err(damage.into()));
                }
                Next::Torn(offset) => {
                    let file = file.clone();
                    self.current = None;
                    self.chain = Chain::Unknown;
                    // A crash leaves only the newest file so. (The writer goes on in it once it has cut it.)
                    let last = self.files.as_slice().is_empty();
                    return Some(Err(if last {
                        WarcError::TornTail { file, offset }
                    } else {
                        cut(file, offset).into()
                    }));
                }
                Next::End => self.current = None,
            }
        }
    }
}

/// The damage that a torn end is in a file that is not the newest.
pub(super) fn cut(file: String, offset: u64) -> Damage {
    Damage { file, offset, record_id: None, what: "the file is cut inside a capture".to_owned() }
}
