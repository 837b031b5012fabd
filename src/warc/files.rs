//! Names and order of the files in `captures/`.
//!
//! `pullquote-NNNNN-YYYYMMDDHHMMSS-xxxx.warc.gz`: the serial comes first, so that the sorted names are the order of the
//! chain even when recorded or imported exchanges are older than the ones before them.

use std::fs;
use std::io;
use std::path::Path;

use chrono::{DateTime, Datelike, Utc};

use super::WarcError;

/// A file of captures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Place in the chain, from 1.
    pub serial: u32,
    /// File name without a folder.
    pub name: String,
}

/// Makes the name of a new file, from the time of its first capture. Four random letters keep files of two archives
/// apart that are put into one folder.
pub fn name(serial: u32, time: DateTime<Utc>) -> String {
    let (salt, ..) = uuid::Uuid::new_v4().as_fields();
    let salt = salt & 0xffff;
    let time = if (0..=9999).contains(&time.year()) { time } else { DateTime::UNIX_EPOCH };
    format!("pullquote-{serial:05}-{}-{salt:04x}.warc.gz", time.format("%Y%m%d%H%M%S"))
}

/// The serial in a name; `None` for a file that is not ours.
fn serial(name: &str) -> Option<u32> {
    let rest = name.strip_prefix("pullquote-")?.strip_suffix(".warc.gz")?;
    let mut parts = rest.split('-');
    let (serial, time, salt) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let ours = parts.next().is_none()
        && serial.len() >= 5
        && digits(serial)
        && time.len() == 14
        && digits(time)
        && salt.bytes().all(|b| b.is_ascii_alphanumeric());
    if ours { serial.parse().ok() } else { None }
}

/// The files of a folder in the order of the chain; none if the folder does not exist yet. Other files are left alone.
pub fn list(dir: &Path) -> Result<Vec<Named>, WarcError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(WarcError::io("list", dir)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry.map_err(WarcError::io("list", dir))?.file_name();
        if let Some(name) = name.to_str()
            && let Some(serial) = serial(name)
        {
            found.push(Named { serial, name: name.to_owned() });
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a name that came from outside is a plain file name, which cannot lead out of the folder.
pub fn is_plain(name: &str) -> bool {
    serial(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_foreign_ones_do_not() {
        let made = name(7, DateTime::UNIX_EPOCH);
        assert!(made.starts_with("pullquote-00007-19700101000000-"), "{made}");
        assert_eq!(serial(&made), Some(7));
        assert_eq!(serial(&name(123_456, DateTime::<Utc>::MAX_UTC)), Some(123_456));
        for foreign in ["pullquote.db", "other.warc.gz", "../pullquote-00007-19700101000000-a1b2.warc.gz", ""] {
            assert_eq!(serial(foreign), None, "{foreign}");
        }
    }
}
