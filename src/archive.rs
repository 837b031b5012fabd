//! An archive is a folder: `pullquote.db` (the index) and `captures/` (the evidence). Copy the folder and you have
//! copied the archive.
//!
//! This room knows the names inside the folder and the lock: one writer holds it, or any number of those who verify.
//! What the files hold belongs to `warc` and `store`.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// Why an archive cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A command that reads was pointed at a folder without a database.
    #[error(
        "{0} is no archive: it holds no pullquote.db (a pull or an import makes one; from captures, a rebuild does)"
    )]
    Missing(PathBuf),
    /// There are rows, and no evidence.
    #[error("{0} has lost its folder captures/")]
    NoCaptures(PathBuf),
    /// Another pullquote is writing; or it verifies, and this one wants to write.
    #[error("{0} is in use by another pullquote, which writes to it or verifies it")]
    Busy(PathBuf),
    /// A file or folder cannot be made or opened.
    #[error("open {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The folder of an archive.
#[derive(Debug, Clone)]
pub struct Archive {
    root: PathBuf,
}

/// Held while writing, or while nobody may write. The system releases it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// `status` takes the lock for a moment to see whether somebody writes: that keeps no writer out.
const PEEKS: u32 = 5;
const PEEK: Duration = Duration::from_millis(20);

impl Archive {
    /// The archive in `root`, which need not exist yet.
    pub fn at(root: impl Into<PathBuf>) -> Archive {
        Archive { root: root.into() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The SQLite database.
    pub fn database(&self) -> PathBuf {
        self.root.join("pullquote.db")
    }

    /// The desk: what people here chose and quoted. No rebuild makes it again.
    pub fn desk(&self) -> PathBuf {
        self.root.join("desk.db")
    }

    /// What `run` remembers of its sources between two looks. Nothing is lost with it but their pace.
    pub fn memory(&self) -> PathBuf {
        self.root.join("run.json")
    }

    /// What `run` has told of. When it is lost, some of it is told again.
    pub fn watch(&self) -> PathBuf {
        self.root.join("watch.json")
    }

    /// The folder of WARC files.
    pub fn captures(&self) -> PathBuf {
        self.root.join("captures")
    }

    /// The folder of pictures, films and sounds that were fetched.
    pub fn media(&self) -> PathBuf {
        self.root.join("media")
    }

    /// Whether a path, of something that need not be there yet, leads into the archive: by itself, or over symbolic links, or because
    /// a part of the archive lies elsewhere.
    pub fn holds(&self, path: &Path) -> bool {
        // What is written under a name takes the place of a link, and a link leads to what it names.
        let ends = [
            settled(path),
            path.parent().map_or_else(PathBuf::new, settled).join(path.file_name().unwrap_or_default()),
        ];
        let own = [self.root.clone(), self.captures(), self.media(), self.database(), self.desk(), self.memory()];
        own.iter().map(|own| settled(own)).any(|own| ends.iter().any(|end| end.starts_with(&own)))
    }

    /// Says whether there is something to read.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`] if there is no database.
    pub fn existing(self) -> Result<Archive, ArchiveError> {
        if self.database().is_file() { Ok(self) } else { Err(ArchiveError::Missing(self.root)) }
    }

    /// The folder of captures, which must be there. Without a database there may still be evidence.
    ///
    /// # Errors
    /// [`ArchiveError::NoCaptures`], or [`ArchiveError::Missing`] if there is no database either.
    pub fn evidence(&self) -> Result<PathBuf, ArchiveError> {
        let (captures, root) = (self.captures(), self.root.clone());
        match (captures.is_dir(), self.database().is_file()) {
            (true, _) => Ok(captures),
            (false, true) => Err(ArchiveError::NoCaptures(root)),
            (false, false) => Err(ArchiveError::Missing(root)),
        }
    }

    /// Makes the folder if need be and keeps other writers, and those who verify, out while the lock lives.
    ///
    /// # Errors
    /// [`ArchiveError::Busy`] while another process holds it; a folder that cannot be made.
    pub fn lock(&self) -> Result<Lock, ArchiveError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| ArchiveError::Io { path, source }
        };
        // The captures' folder comes first: a database that was begun alone would look as if its evidence were lost.
        let first = if self.database().exists() { self.root.clone() } else { self.captures() };
        std::fs::create_dir_all(&first).map_err(io(&first))?;
        let path = self.root.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io(&path))?;
        for _ in 0..PEEKS {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PEEK),
                Err(TryLockError::Error(source)) => return Err(ArchiveError::Io { path, source }),
            }
        }
        Err(ArchiveError::Busy(self.root.clone()))
    }

    /// Keeps writers out while the lock lives; several may hold it so. It makes no file: without one nobody has ever
    /// written to this folder, and there is no lock to hold.
    ///
    /// # Errors
    /// [`ArchiveError::Busy`] while another process writes; a lock that cannot be opened.
    pub fn lock_shared(&self) -> Result<Option<Lock>, ArchiveError> {
        let path = self.root.join("lock");
        let file = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|source| ArchiveError::Io { path: path.clone(), source })?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Err(ArchiveError::Busy(self.root.clone())),
            Err(TryLockError::Error(source)) => Err(ArchiveError::Io { path, source }),
        }
    }
}

/// Where a path leads, as far as it is there; what is not there yet stands as it is written.
pub fn settled(path: &Path) -> PathBuf {
    let mut at = std::env::current_dir().unwrap_or_default();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(at.pop()),
            part => {
                at.push(part);
                at = at.canonicalize().unwrap_or(at);
            }
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_into_an_archive_is_told() {
        let desk = tempfile::tempdir().unwrap();
        let at = |name: &str| desk.path().join(name);
        let archive = Archive::at(at("archive"));
        for folder in ["archive/captures", "elsewhere", "disk"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        std::fs::write(archive.desk(), "").unwrap();
        for (to, link) in [
            ("archive", "link"),
            ("archive/desk.db", "desk-link"),
            ("disk", "archive/media"),
            ("elsewhere", "archive/out"),
        ] {
            std::os::unix::fs::symlink(at(to), at(link)).unwrap();
        }
        for (path, is_inside) in [
            ("archive", true),
            ("archive/desk.db", true),
            ("archive/new.csv", true),
            ("archive/captures/new/newer.parquet", true),
            ("link/captures/a.warc.gz", true),
            ("desk-link", true),
            ("elsewhere/../archive/a", true),
            ("nowhere/../archive/a", true),
            ("disk/a.jpg", true),
            ("archive/out", true),
            ("archive/../posts.csv", false),
            ("archive-2/posts.csv", false),
            ("elsewhere/posts.csv", false),
            ("archive/out/posts.csv", false),
            ("posts.csv", false),
        ] {
            assert_eq!(archive.holds(&at(path)), is_inside, "{path}");
        }
    }
}
