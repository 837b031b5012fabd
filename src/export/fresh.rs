//! Files and folders that are there when they are whole, and not before: an export that breaks off leaves nothing that
//! looks like one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::ExportError;

/// A file under another name until it is whole. Dropped before, it is removed.
pub struct Fresh {
    path: PathBuf,
    unfinished: PathBuf,
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
    /// Begins a file. One of that name that is there already stays as it is until this one is whole.
    ///
    /// # Errors
    /// A file that cannot be made.
    pub fn create(path: &Path) -> Result<Fresh, ExportError> {
        let unfinished = beside(path);
        let file = File::create(&unfinished).map_err(|source| ExportError::File { path: path.to_owned(), source })?;
        let file = Some(BufWriter::with_capacity(256 * 1024, file));
        Ok(Fresh { path: path.to_owned(), unfinished, file, sum: Sha256::new(), length: 0 })
    }

    /// Ends the file, and gives it its name.
    ///
    /// # Errors
    /// A disk that is full.
    pub fn finish(mut self) -> Result<Sum, ExportError> {
        let mut end = || -> io::Result<()> {
            if let Some(mut file) = self.file.take() {
                file.flush()?;
                file.get_ref().sync_all()?;
            }
            fs::rename(&self.unfinished, &self.path)
        };
        if let Err(source) = end() {
            let _gone = fs::remove_file(&self.unfinished);
            return Err(ExportError::File { path: self.path.clone(), source });
        }
        let digest = self.sum.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Sum { digest, length: self.length })
    }

    /// What went wrong, with the name of the file.
    pub fn fault(&self, source: io::Error) -> ExportError {
        ExportError::File { path: self.path.clone(), source }
    }
}

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
        if self.file.take().is_some() {
            let _gone = fs::remove_file(&self.unfinished);
        }
    }
}

/// Fills a folder under another name, and gives it its own when it is whole. What was written is removed if it is not.
///
/// # Errors
/// [`ExportError::Taken`] if something is there already; a folder that cannot be made; what `fill` says.
pub fn folder<T>(path: &Path, fill: impl FnOnce(&Path) -> Result<T, ExportError>) -> Result<T, ExportError> {
    let fault = |source| ExportError::File { path: path.to_owned(), source };
    // An empty folder may have been made for it.
    let is_taken = match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    if is_taken {
        return Err(ExportError::Taken(path.to_owned()));
    }
    let unfinished = beside(path);
    if unfinished.exists() {
        // Of an export that was killed.
        fs::remove_dir_all(&unfinished).map_err(fault)?;
    }
    fs::create_dir_all(&unfinished).map_err(fault)?;
    let filled = fill(&unfinished).and_then(|filled| {
        fs::rename(&unfinished, path).map_err(fault)?;
        Ok(filled)
    });
    if filled.is_err() {
        let _gone = fs::remove_dir_all(&unfinished);
    }
    filled
}

/// The name that something has until it is whole.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".pullquote-unfinished");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
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
