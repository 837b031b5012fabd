//! Appends captures to the newest file, and begins a new one when that is full.

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::exchange::{Exchange, Facts, Origin};
use crate::model::CaptureRef;

use super::capture::{self, Draft, Drafts, Tie};
use super::record::{BLOCK_LIMIT, END, FIELDS_LIMIT};
use super::tail::{self, Rest};
use super::{WarcError, digest, files, mask, member};

/// Level of compression of what a server sent, 1 (fast) to 9 (small). Pages of 120 KB: level 1 packs 407 MB/s to 22 %,
/// level 3 226 MB/s to 17 %, level 6 147 MB/s to 15 %.
const LEVEL: u32 = 3;

/// Level of files that people have already: an import waits for it, and no server's pace hides it.
const LEVEL_OF_FILES: u32 = 1;

/// How captures are kept.
#[derive(Debug, Clone)]
pub struct Options {
    /// A file that has reached this size, in bytes, gets no further capture.
    pub max_file_size: u64,
    /// The last capture that the database knows, to be given whenever there is one. Nothing up to it is ever cut off,
    /// however broken it looks.
    pub acknowledged: Option<CaptureRef>,
}

impl Default for Options {
    fn default() -> Options {
        Options { max_file_size: 1024 * 1024 * 1024, acknowledged: None }
    }
}

/// Writes captures. There must be one at a time for a folder; the caller holds the lock.
pub struct Writer {
    dir: PathBuf,
    options: Options,
    /// Serial of the newest file.
    serial: u32,
    current: Option<Current>,
    /// Link of the last capture.
    previous: Option<String>,
    /// What [`Writer::sync`] has made safe: end of the current file and link.
    safe: (u64, Option<String>),
    /// Whether the folder has a new name that is not yet on disk.
    new_name: bool,
}

/// The file that captures go to.
struct Current {
    file: File,
    path: PathBuf,
    name: String,
    /// Where the next capture will begin; 0 before the first one.
    end: u64,
}

impl Writer {
    /// Opens a folder of captures, making it if needed. What a crash left behind the last complete capture is cut off:
    /// it was never acknowledged. Bytes that no crash leaves stay where they are, for [`verify`](super::verify()) to
    /// show, and the next capture goes to a new file.
    ///
    /// # Errors
    /// The folder or its newest file cannot be read or written.
    pub fn open(dir: &Path, options: Options) -> Result<Writer, WarcError> {
        if !dir.is_dir() {
            fs::create_dir_all(dir).map_err(WarcError::io("make", dir))?;
            if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                sync_dir(parent)?;
            }
        }
        let mut writer = Writer {
            dir: dir.to_owned(),
            options,
            serial: 0,
            current: None,
            previous: None,
            safe: (0, None),
            new_name: false,
        };
        for file in files::list(dir)?.into_iter().rev() {
            let newest = writer.serial == 0;
            let path = dir.join(&file.name);
            let tail = tail::of(&path)?;
            let end = tail.last.as_ref().map_or(0, |group| group.end);
            let keep = writer
                .options
                .acknowledged
                .as_ref()
                .is_some_and(|known| known.file == file.name && known.offset >= end);
            let mendable = newest && !keep && tail.rest != Rest::Damaged;
            let Some(last) = tail.last else {
                if mendable {
                    // Not one capture: the file itself was being begun when the crash came.
                    fs::remove_file(&path).map_err(WarcError::io("remove", &path))?;
                    sync_dir(dir)?;
                } else {
                    writer.serial = writer.serial.max(file.serial);
                }
                continue;
            };
            writer.serial = writer.serial.max(file.serial);
            writer.previous = Some(digest::of(&[&last.metadata.block]));
            if mendable {
                let opened = OpenOptions::new().write(true).open(&path).map_err(WarcError::io("open", &path))?;
                let mut current = Current { file: opened, path, name: file.name, end };
                if tail.rest == Rest::Torn {
                    current.cut(end)?;
                    current.file.sync_data().map_err(WarcError::io("write", &current.path))?;
                }
                writer.current = Some(current);
            }
            break;
        }
        writer.safe = (writer.current.as_ref().map_or(0, |current| current.end), writer.previous.clone());
        Ok(writer)
    }

    /// Appends a capture: its secrets masked, its records written to the file in one go. It is not on disk before
    /// [`Writer::sync`]. After an error (a full disk) the file is as it was before.
    ///
    /// The facts' origin is taken from the exchange, and so is the name of a credential that they do not have.
    ///
    /// # Errors
    /// The capture is larger than a record may be, or cannot be written.
    pub fn append(&mut self, exchange: &Exchange, facts: &Facts) -> Result<CaptureRef, WarcError> {
        self.append_digested(exchange, facts, None)
    }

    /// [`Writer::append`] for a caller who has taken the [`digest`](super::digest()) of the answer's body already, which
    /// is not taken again unless the body holds a secret.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub fn append_digested(
        &mut self,
        exchange: &Exchange,
        facts: &Facts,
        digest: Option<String>,
    ) -> Result<CaptureRef, WarcError> {
        if self.current.as_ref().is_some_and(|current| current.end >= self.options.max_file_size) {
            self.sync()?;
            self.current = None;
        }
        let masked = mask::exchange(exchange, facts);
        let name = match &self.current {
            Some(current) => current.name.clone(),
            None => files::name(self.serial + 1, masked.fetched_at),
        };
        let begins = self.current.as_ref().is_none_or(|current| current.end == 0);
        let begun = begins.then(|| warcinfo(&name, masked.fetched_at, &facts.version));
        let tie = begun.as_ref().map(|(_, tie)| tie.clone());
        let payload = digest.filter(|_| matches!(masked.body, Cow::Borrowed(_)));
        let payload = payload.unwrap_or_else(|| digest::of(&[&masked.body]));
        let Drafts { records, id, link } =
            capture::drafts(&masked, &payload, facts.clone(), self.previous.clone(), tie);
        for draft in &records {
            let block = (draft.head.len() + draft.body.len()) as u64;
            let fields = draft.fields.len() as u64;
            for (what, size, limit) in [("content", block, BLOCK_LIMIT), ("record head", fields, FIELDS_LIMIT)] {
                if size > limit {
                    let url = masked.request.url.chars().take(200).collect();
                    return Err(WarcError::TooLarge { what, url, size, limit });
                }
            }
        }
        let current = match &mut self.current {
            Some(current) => current,
            none => {
                let made = none.insert(Current::create(&self.dir, name)?);
                self.serial += 1;
                self.new_name = true;
                self.safe.0 = 0;
                made
            }
        };
        let first: Vec<&Draft> = begun.iter().map(|(draft, _)| draft).collect();
        let records: Vec<&Draft> = records.iter().collect();
        let level = if exchange.origin == Origin::File { LEVEL_OF_FILES } else { LEVEL };
        let (offset, end) = current.write(level, &first, &records)?;
        current.end = end;
        self.previous = Some(link);
        Ok(CaptureRef { file: current.name.clone(), offset, record_id: id, digest: payload })
    }

    /// Puts everything appended so far on disk. Only then may it be acknowledged.
    ///
    /// # Errors
    /// The system could not: what was appended since the last success is taken back, since nobody can say any more
    /// which of it would survive.
    pub fn sync(&mut self) -> Result<(), WarcError> {
        let Some(current) = &mut self.current else { return Ok(()) };
        let mut done = current.file.sync_data().map_err(WarcError::io("write", &current.path));
        if done.is_ok() && self.new_name {
            done = sync_dir(&self.dir);
        }
        if done.is_ok() {
            self.new_name = false;
            self.safe = (current.end, self.previous.clone());
        } else {
            let (end, previous) = self.safe.clone();
            self.previous = previous;
            current.end = end;
            // If this fails too, the next append tries again before it writes.
            let _ = current.cut(end);
        }
        done
    }
}

impl Current {
    fn create(dir: &Path, name: String) -> Result<Current, WarcError> {
        let path = dir.join(&name);
        let file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(WarcError::io("make", &path))?;
        Ok(Current { file, path, name, end: 0 })
    }

    /// Writes records at the end. Gives the place of the second lot and the new end.
    fn write(&mut self, level: u32, first: &[&Draft], then: &[&Draft]) -> Result<(u64, u64), WarcError> {
        // Also removes what an earlier failure could not.
        self.cut(self.end)?;
        let written = write_members(&self.file, level, first, then);
        if written.is_err() {
            // The first error is the one to tell.
            let _ = self.cut(self.end);
        }
        written.map_err(WarcError::io("write", &self.path))
    }

    /// Takes away what stands behind `end`, and goes there.
    fn cut(&mut self, end: u64) -> Result<(), WarcError> {
        let len = self.file.seek(SeekFrom::End(0)).map_err(WarcError::io("read", &self.path))?;
        if len != end {
            self.file.set_len(end).map_err(WarcError::io("cut", &self.path))?;
        }
        self.file.seek(SeekFrom::Start(end)).map_err(WarcError::io("read", &self.path))?;
        Ok(())
    }
}

fn write_members(file: &File, level: u32, first: &[&Draft], then: &[&Draft]) -> io::Result<(u64, u64)> {
    let mut out = BufWriter::with_capacity(256 * 1024, file);
    let write = |draft: &Draft, out: &mut BufWriter<&File>| {
        member::write(out, level, &[&draft.fields, &draft.head, draft.body, END])
    };
    for draft in first {
        write(draft, &mut out)?;
    }
    let offset = out.stream_position()?;
    for draft in then {
        write(draft, &mut out)?;
    }
    out.flush()?;
    Ok((offset, out.stream_position()?))
}

/// The record that begins a file.
fn warcinfo(name: &str, date: DateTime<Utc>, version: &str) -> (Draft<'static>, Tie) {
    let block = format!(
        "software: pullquote {version}\r\n\
         format: WARC File Format 1.1\r\n\
         conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n\
         description: public posts about a hashtag; the metadata records form a hash chain\r\n"
    )
    .into_bytes();
    let tie = Tie { id: capture::new_id(), block: digest::of(&[&block]) };
    let fields = [
        ("WARC-Date", capture::date(date)),
        ("WARC-Filename", name.to_owned()),
        ("WARC-Block-Digest", tie.block.clone()),
        ("Content-Type", "application/warc-fields".to_owned()),
    ];
    (Draft::new("warcinfo", &tie.id, &fields, block, &[]), tie)
}

fn sync_dir(dir: &Path) -> Result<(), WarcError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(WarcError::io("write", dir))
}
