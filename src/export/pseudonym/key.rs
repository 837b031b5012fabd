//! The key of pseudonyms: a file of its own, which nothing that is exported shows.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// 32 bytes that nobody can guess.
pub struct Key([u8; 32]);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no such file.
    #[error("there is no key {0}: --new-key makes one")]
    Missing(PathBuf),
    /// It holds something else.
    #[error("{0} is no key: a key is 64 hexadecimal digits on one line")]
    NoKey(PathBuf),
    /// Others can read it.
    #[error("{0} can be read by other users: whoever has the key can find the names again (chmod 600)")]
    Open(PathBuf),
    /// It cannot be read or made.
    #[error("key {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Key {
    /// Reads a key; with `make`, makes it first if there is no such file. Whether it was made.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn at(path: &Path, make: bool) -> Result<(Key, bool), KeyError> {
        let fault = |source| KeyError::Io { path: path.to_owned(), source };
        match fs::read(path) {
            Ok(bytes) => {
                let mode = fs::metadata(path).map_err(fault)?.permissions().mode();
                if mode & 0o077 != 0 {
                    return Err(KeyError::Open(path.to_owned()));
                }
                let key = read(&bytes).ok_or_else(|| KeyError::NoKey(path.to_owned()))?;
                Ok((Key(key), false))
            }
            Err(error) if error.kind() == ErrorKind::NotFound && make => {
                let key = random().map_err(fault)?;
                let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
                let written = fresh(path, |file| {
                    writeln!(file, "{digits}")?;
                    file.sync_all()
                });
                written.map_err(fault)?;
                Ok((Key(key), true))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Err(KeyError::Missing(path.to_owned())),
            Err(error) => Err(fault(error)),
        }
    }

    /// A key that is known.
    pub fn of(bytes: [u8; 32]) -> Key {
        Key(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Makes a file that only its owner can read. One that cannot be written whole is removed: half a key is none.
fn fresh(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = write(&mut file);
    if written.is_err() {
        let _gone = fs::remove_file(path);
    }
    written
}

/// What the system draws for keys.
fn random() -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut key)?;
    Ok(key)
}

fn read(bytes: &[u8]) -> Option<[u8; 32]> {
    let digits = str::from_utf8(bytes).ok()?.trim();
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; 32];
    for (byte, place) in key.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(digits.get(place..place + 2)?, 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_its_owners() {
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("key");
        assert!(matches!(Key::at(&path, false), Err(KeyError::Missing(_))));
        let (made, fresh) = Key::at(&path, true).unwrap();
        assert!(fresh);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let (read, fresh) = Key::at(&path, true).unwrap();
        assert!(!fresh && read.0 == made.0 && read.0 != [0; 32]);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Key::at(&path, true), Err(KeyError::Open(_))));
        let short = desk.path().join("short");
        fs::write(&short, "abc").unwrap();
        fs::set_permissions(&short, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(Key::at(&short, true), Err(KeyError::NoKey(_))));
    }

    #[test]
    fn a_full_disk_leaves_no_half_of_a_key() {
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("key");
        let written = fresh(&path, |file| {
            file.write_all(b"12")?;
            Err(ErrorKind::StorageFull.into())
        });
        assert_eq!(written.unwrap_err().kind(), ErrorKind::StorageFull);
        assert!(!path.exists());
        // What was there before is not touched.
        fs::write(&path, "old").unwrap();
        assert!(fresh(&path, |_| Err(ErrorKind::StorageFull.into())).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }
}
