//! Files that a command writes for its user: never among the evidence.

use std::path::Path;

use anyhow::Context as _;

use super::UsageError;
use crate::archive::Archive;

/// Refuses paths that lead into the archive: evidence is never written over, nor does anything lie among it that is none.
pub(super) fn check<'a>(archive: &Archive, paths: impl IntoIterator<Item = &'a Path>) -> Result<(), UsageError> {
    match paths.into_iter().find(|path| archive.holds(path)) {
        None => Ok(()),
        Some(path) => Err(UsageError(format!(
            "{} lies in the archive {}, where nothing but the archive is kept: name another place",
            path.display(),
            archive.root().display()
        ))),
    }
}

/// Writes a file. It is the user's own: an older one of that name is written over.
pub(super) fn save(archive: &Archive, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    check(archive, [path])?;
    std::fs::write(path, bytes).with_context(|| format!("write {}", path.display()))
}
