//! The name that a file or folder has until it is whole: each export has one of its own, so that two to the same place are never
//! mixed.
//!
//! It is made anew, so that nothing that lies there is written to or followed, and locked while its export lives. What a killed export
//! left is locked by nobody: the next export to the same place removes it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells the names of one process apart.
static NUMBER: AtomicU64 = AtomicU64::new(1);

/// How many names are tried.
const TRIES: u32 = 100;

/// A file or folder that is not whole yet.
pub(super) struct Unfinished {
    pub(super) path: PathBuf,
    /// Open, and locked where the file system can.
    pub(super) file: File,
}

impl Unfinished {
    /// A new file beside what it is to become.
    pub(super) fn file(target: &Path) -> io::Result<Unfinished> {
        Unfinished::make(target, |path| File::options().write(true).create_new(true).open(path))
    }

    /// A new folder beside what it is to become.
    pub(super) fn folder(target: &Path) -> io::Result<Unfinished> {
        Unfinished::make(target, |path| fs::create_dir(path).and_then(|()| File::open(path)))
    }

    fn make(target: &Path, make: impl Fn(&Path) -> io::Result<File>) -> io::Result<Unfinished> {
        sweep(target);
        for _ in 0..TRIES {
            let mut name = begin(target);
            name.push(format!("-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)));
            let path = target.with_file_name(name);
            let file = match make(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                file => file?,
            };
            // A file system without locks is none where leftovers could be told.
            let _locked = file.lock();
            // Another may have taken it for a leftover in the moment before.
            if is_at(&file, &path) {
                return Ok(Unfinished { path, file });
            }
        }
        Err(io::Error::new(ErrorKind::AlreadyExists, "there is no free name beside it"))
    }
}

/// How the names begin of what is to become that.
fn begin(target: &Path) -> OsString {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".pullquote-unfinished");
    name
}

/// Removes what killed exports to that place have left. What cannot be removed stays: it stands in nobody's way.
fn sweep(target: &Path) {
    let (begin, folder) = (begin(target), target.parent().filter(|folder| !folder.as_os_str().is_empty()));
    let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else { return };
    let is_ours = |name: &OsString| name.as_encoded_bytes().starts_with(begin.as_encoded_bytes());
    for entry in entries.flatten().filter(|entry| is_ours(&entry.file_name())) {
        let (path, kind) = (entry.path(), entry.file_type());
        // Neither a link nor a pipe is one of ours, and a pipe would keep whoever opens it waiting.
        let Some(kind) = kind.ok().filter(|kind| kind.is_file() || kind.is_dir()) else { continue };
        let Ok(file) = File::open(&path) else { continue };
        if file.try_lock().is_ok() && is_at(&file, &path) {
            let _gone = if kind.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
    }
}

/// Whether an open file is the one that is there under that name.
fn is_at(file: &File, path: &Path) -> bool {
    let (open, named) = (file.metadata(), fs::symlink_metadata(path));
    open.and_then(|open| named.map(|named| (open.dev(), open.ino()) == (named.dev(), named.ino()))).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_go_and_what_is_being_written_stays() {
        let desk = tempfile::tempdir().unwrap();
        let target = desk.path().join("a.csv");
        let mine = Unfinished::file(&target).unwrap();
        let folder = Unfinished::folder(&target).unwrap();
        fs::write(folder.path.join("part"), "part").unwrap();
        let left = desk.path().join(".a.csv.pullquote-unfinished-1-1");
        fs::write(&left, "torn").unwrap();
        let other = desk.path().join(".b.csv.pullquote-unfinished-1-1");
        fs::write(&other, "another's").unwrap();
        let link = desk.path().join(".a.csv.pullquote-unfinished-link");
        std::os::unix::fs::symlink(&other, &link).unwrap();
        let dead = folder.path.clone();
        drop(folder);
        let second = Unfinished::file(&target).unwrap();
        assert_ne!(mine.path, second.path);
        assert!(mine.path.exists() && second.path.exists());
        assert!(!left.exists() && !dead.exists(), "nobody writes to them");
        assert_eq!(fs::read_to_string(&other).unwrap(), "another's");
        assert!(link.is_symlink());
    }
}
