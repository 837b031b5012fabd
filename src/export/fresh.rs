//! Files and folders that are there when they are whole, and not before: an export that breaks off leaves nothing that
//! looks like one.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::ExportError;
use super::unfinished::Unfinished;

/// A file under another name until it is whole. Dropped before, it is removed.
pub struct Fresh {
    path: PathBuf,
    /// What it has until then, and where it goes: `None` for what is written straight.
    unfinished: Option<(PathBuf, PathBuf)>,
    /// `None` when it is finished.
    file: Option<BufWriter<File>>,
    sum: Sha256,
    length: u64,
}

/// What a finished file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub digest: String,
    /// Its bytes.
    pub length: u64,
}

impl Fresh {
    /// Begins a file. One of that name that is there already stays as it is until this one is whole, and this one takes over who may
    /// read it; a link is followed. A pipe or a device is no file that could be replaced: it is written straight.
    ///
    /// # Errors
    /// A file that cannot be made.
    pub fn create(path: &Path) -> Result<Fresh, ExportError> {
        let (file, unfinished) = open(path).map_err(|source| ExportError::File { path: path.to_owned(), source })?;
        let file = Some(BufWriter::with_capacity(256 * 1024, file));
        Ok(Fresh { path: path.to_owned(), unfinished, file, sum: Sha256::new(), length: 0 })
    }

    /// Ends the file, and gives it its name.
    ///
    /// # Errors
    /// A disk that is full.
    pub fn finish(mut self) -> Result<Sum, ExportError> {
        let mut end = || -> io::Result<()> {
            let Some(mut file) = self.file.take() else { return Ok(()) };
            file.flush()?;
            let Some((unfinished, target)) = &self.unfinished else { return Ok(()) };
            file.get_ref().sync_all()?;
            fs::rename(unfinished, target)
        };
        if let Err(source) = end() {
            self.remove();
            return Err(ExportError::File { path: self.path.clone(), source });
        }
        let digest = self.sum.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Sum { digest, length: self.length })
    }

    /// What went wrong, with the name of the file.
    pub fn fault(&self, source: io::Error) -> ExportError {
        ExportError::File { path: self.path.clone(), source }
    }

    fn remove(&self) {
        if let Some((unfinished, _)) = &self.unfinished {
            let _gone = fs::remove_file(unfinished);
        }
    }
}

/// What is written to, with its name until it is whole and the one that it gets then, if it has two.
fn open(path: &Path) -> io::Result<(File, Option<(PathBuf, PathBuf)>)> {
    let old = fs::metadata(path).ok();
    match &old {
        Some(old) if old.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        Some(old) if !old.is_file() => return Ok((File::options().write(true).open(path)?, None)),
        _ => {}
    }
    let target = target(path)?;
    let Unfinished { path: unfinished, file } = Unfinished::file(&target)?;
    if let Some(old) = old
        && let Err(error) = file.set_permissions(old.permissions())
    {
        let _gone = fs::remove_file(&unfinished);
        return Err(error);
    }
    Ok((file, Some((unfinished, target))))
}

/// Where a path leads over symbolic links, also if nothing is there yet.
///
/// # Errors
/// Links that lead in a circle.
pub fn target(path: &Path) -> io::Result<PathBuf> {
    // Without a slash at its end, which would lead behind the last link.
    let mut at = path.components().as_path().to_owned();
    for _ in 0..LINKS {
        let Ok(to) = fs::read_link(&at) else { return Ok(at) };
        at = at.parent().unwrap_or(Path::new("")).join(to);
    }
    Err(io::Error::other("links lead in a circle"))
}

/// As many links as systems follow.
const LINKS: u32 = 40;

impl Write for Fresh {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(file) = &mut self.file else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let written = file.write(bytes)?;
        self.sum.update(bytes.get(..written).unwrap_or_default());
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if self.file.is_some() {
            // While it is open it is locked: nobody else takes it for a leftover.
            self.remove();
        }
    }
}

/// Fills a folder under another name, and gives it its own when it is whole. What was written is removed if it is not.
///
/// # Errors
/// [`ExportError::Taken`] if something is there already; a folder that cannot be made; what `fill` says.
pub fn folder<T>(path: &Path, fill: impl FnOnce(&Path) -> Result<T, ExportError>) -> Result<T, ExportError> {
    let fault = |source| ExportError::File { path: path.to_owned(), source };
    let target = target(path).map_err(fault)?;
    // An empty folder may have been made for it.
    let permissions = match fs::read_dir(&target).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Some(fs::metadata(&target).map_err(fault)?.permissions()),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        _ => return Err(ExportError::Taken(path.to_owned())),
    };
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(fault)?;
    }
    // Locked until it has its name.
    let Unfinished { path: unfinished, file: _lock } = Unfinished::folder(&target).map_err(fault)?;
    let permitted = permissions.map_or(Ok(()), |permissions| fs::set_permissions(&unfinished, permissions));
    let filled = permitted.map_err(fault).and_then(|()| fill(&unfinished)).and_then(|filled| {
        fs::rename(&unfinished, &target).map_err(|error| match error.kind() {
            // Another has filled it meanwhile.
            ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists => ExportError::Taken(path.to_owned()),
            _ => fault(error),
        })?;
        Ok(filled)
    });
    if filled.is_err() {
        let _gone = fs::remove_dir_all(&unfinished);
    }
    filled
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_not_whole_is_not_there() {
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("a.csv");
        fs::write(&path, "old").unwrap();
        let mut file = Fresh::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        drop(file);
        assert_eq!(
            (names(desk.path()), fs::read_to_string(&path).unwrap().as_str()),
            (vec!["a.csv".to_owned()], "old")
        );
        let mut file = Fresh::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        let sum = file.finish().unwrap();
        // printf new | sha256sum
        assert_eq!(sum.digest, "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437");
        assert_eq!((sum.length, fs::read_to_string(&path).unwrap().as_str()), (3, "new"));
        assert_eq!(names(desk.path()), ["a.csv"]);
    }

    #[test]
    fn two_at_once_are_not_mixed() {
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("a.csv");
        let mut first = Fresh::create(&path).unwrap();
        let mut second = Fresh::create(&path).unwrap();
        second.write_all(b"second").unwrap();
        second.finish().unwrap();
        first.write_all(b"first").unwrap();
        first.flush().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        first.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(names(desk.path()), ["a.csv"]);
        // Of two folders the one that is whole first.
        let path = desk.path().join("out");
        let outer = folder(&path, |outside| {
            fs::write(outside.join("a"), "outer").map_err(ExportError::Out)?;
            folder(&path, |inside| fs::write(inside.join("a"), "inner").map_err(ExportError::Out))
        });
        assert!(matches!(outer, Err(ExportError::Taken(_))), "{outer:?}");
        assert_eq!(fs::read_to_string(path.join("a")).unwrap(), "inner");
        assert_eq!(names(desk.path()), ["a.csv", "out"]);
    }

    #[test]
    fn links_are_followed_and_who_may_read_is_kept() {
        let desk = tempfile::tempdir().unwrap();
        let at = |name: &str| desk.path().join(name);
        let mode = |name: &str| fs::metadata(at(name)).unwrap().permissions().mode() & 0o777;
        fs::create_dir(at("deep")).unwrap();
        fs::write(at("deep/a.csv"), "old").unwrap();
        fs::set_permissions(at("deep/a.csv"), fs::Permissions::from_mode(0o600)).unwrap();
        symlink("deep/a.csv", at("link")).unwrap();
        symlink("deep/new.csv", at("nowhere")).unwrap();
        symlink("circle", at("circle")).unwrap();
        for name in ["link", "nowhere"] {
            let mut file = Fresh::create(&at(name)).unwrap();
            file.write_all(b"new").unwrap();
            file.finish().unwrap();
            assert!(at(name).is_symlink(), "{name}");
        }
        assert_eq!((fs::read_to_string(at("deep/a.csv")).unwrap().as_str(), mode("deep/a.csv")), ("new", 0o600));
        assert_eq!(fs::read_to_string(at("deep/new.csv")).unwrap(), "new");
        assert_eq!(names(&at("deep")), ["a.csv", "new.csv"]);
        assert!(Fresh::create(&at("circle")).is_err() && Fresh::create(&at("deep")).is_err());
        // An empty folder that only its owner may enter stays so.
        fs::create_dir(at("private")).unwrap();
        fs::set_permissions(at("private"), fs::Permissions::from_mode(0o700)).unwrap();
        symlink("private", at("out")).unwrap();
        folder(&at("out/"), |inside| fs::write(inside.join("a"), "a").map_err(ExportError::Out)).unwrap();
        assert_eq!((mode("private"), names(&at("private"))), (0o700, vec!["a".to_owned()]));
    }

    #[test]
    fn a_folder_is_new_or_untouched() {
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("out/");
        let broken = folder(&path, |inside| {
            fs::write(inside.join("a"), "a").unwrap();
            Err::<(), _>(ExportError::Out(io::ErrorKind::StorageFull.into()))
        });
        assert!(broken.is_err());
        assert!(names(desk.path()).is_empty());
        let filled = folder(&path, |inside| fs::write(inside.join("a"), "a").map_err(ExportError::Out));
        assert!(filled.is_ok());
        assert_eq!((names(desk.path()), names(&path)), (vec!["out".to_owned()], vec!["a".to_owned()]));
        let taken = folder(&path, |_| Ok(()));
        assert!(matches!(taken, Err(ExportError::Taken(_))), "{taken:?}");
    }
}
