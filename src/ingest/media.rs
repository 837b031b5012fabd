//! Pictures, films and sounds: told from what else a server may send, and laid into `media/` under the digest of their
//! bytes, so that the same file is there once. The capture is the evidence; the file is a copy that can be made again.
//!
//! Only types that a viewer shows without running anything are laid there: no SVG, no HTML.

use std::io::Write as _;
use std::path::Path;

use crate::archive::{Archive, ArchiveError};
use crate::exchange::Exchange;
use crate::ingest::IngestError;
use crate::store::{MediaFile, Reader};
use crate::warc;

/// Media types that are laid into `media/`, with the ending of their files.
const TYPES: &[(&str, &str)] = &[
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("image/avif", "avif"),
    ("image/heic", "heic"),
    ("video/mp4", "mp4"),
    ("video/webm", "webm"),
    ("video/quicktime", "mov"),
    ("audio/mpeg", "mp3"),
    ("audio/mp4", "m4a"),
    ("audio/ogg", "ogg"),
    ("audio/wav", "wav"),
    ("audio/x-wav", "wav"),
    ("audio/flac", "flac"),
];

/// What a capture of a medium holds, and why it is none that is laid into `media/`.
pub(super) fn read(exchange: &Exchange, url: &str) -> (MediaFile, Option<String>) {
    let media_type = exchange.media_type();
    let status = exchange.response.status;
    let body = exchange.body().unwrap_or_default();
    let ending = TYPES.iter().find(|(name, _)| *name == media_type).map(|(_, ending)| *ending);
    let digest = warc::digest(&[&body]);
    let problem = match ending {
        _ if status != 200 => Some(format!("the server answers {status}")),
        _ if body.is_empty() => Some("it is empty".to_owned()),
        None => Some(format!("{media_type:?} is no type of picture, film or sound that is kept")),
        Some(_) => None,
    };
    let name = || digest.strip_prefix("sha256:").zip(ending);
    let file = match (&problem, name()) {
        // Two letters of the digest are a folder: some systems are slow with a hundred thousand names in one.
        (None, Some((hex, ending))) => hex.get(..2).map(|folder| format!("{folder}/{hex}.{ending}")),
        _ => None,
    };
    (MediaFile { url: url.to_owned(), file, digest, media_type, length: body.len() as u64 }, problem)
}

/// Lays the bytes of a medium into `media/`, unless they are there.
pub(super) fn lay(archive: &Archive, file: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
    let path = archive.media().join(file);
    let fault = |source| ArchiveError::Io { path: path.clone(), source };
    if path.is_file() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fault)?;
    }
    // Whoever looks meanwhile sees the whole file or none.
    let unfinished = path.with_extension("part");
    let written = std::fs::File::create(&unfinished).and_then(|mut out| {
        out.write_all(bytes)?;
        out.sync_all()
    });
    written.and_then(|()| std::fs::rename(&unfinished, &path)).map_err(fault)
}

/// What is wrong with the files of `media/`: one sentence for each that is missing or altered.
///
/// # Errors
/// The database cannot be read.
pub fn check_media(archive: &Archive) -> Result<Vec<String>, IngestError> {
    let mut faults = Vec::new();
    for (file, digest, _) in Reader::open(&archive.database())?.media_files()? {
        match is_whole(&archive.media().join(&file), &digest) {
            Some(true) => {}
            Some(false) => {
                faults.push(format!("media/{file} is not what was fetched; remove it, and rebuild makes it again"))
            }
            None => faults.push(format!("media/{file} is missing; rebuild makes it again")),
        }
    }
    Ok(faults)
}

/// Lays every file of `media/` that is missing there anew, out of the captures; says how many.
///
/// # Errors
/// A capture that cannot be read, a folder that cannot be written.
pub fn restore_media(archive: &Archive) -> Result<u64, IngestError> {
    let mut restored = 0;
    for (file, digest, place) in Reader::open(&archive.database())?.media_files()? {
        if is_whole(&archive.media().join(&file), &digest).is_some() {
            continue;
        }
        let capture = warc::fetch(&archive.captures(), &place)?;
        lay(archive, &file, &capture.exchange.body().unwrap_or_default())?;
        restored += 1;
    }
    Ok(restored)
}

/// Whether a file has these bytes; `None` if it is not there.
fn is_whole(path: &Path, digest: &str) -> Option<bool> {
    std::fs::read(path).ok().map(|bytes| warc::digest(&[&bytes]) == digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, media_type: &str, body: &[u8]) -> Exchange {
        let mut exchange = Exchange::default();
        exchange.response.status = status;
        exchange.response.headers = vec![("Content-Type".to_owned(), media_type.to_owned())];
        exchange.response.body = body.to_vec();
        exchange
    }

    #[test]
    fn only_what_shows_without_running_is_laid_down() {
        let (file, problem) = read(&answer(200, "image/PNG; x=y", b"\x89PNG"), "https://a.example/1.png");
        let name = file.file.unwrap();
        assert!(name.ends_with(".png") && name.as_bytes()[2] == b'/' && problem.is_none(), "{name}");
        for (status, media_type, body) in [
            (404, "image/png", b"x".as_slice()),
            (200, "image/svg+xml", b"<svg/>"),
            (200, "text/html", b"<html>"),
            (200, "", b"x"),
            (200, "image/png", b""),
        ] {
            let (file, problem) = read(&answer(status, media_type, body), "https://a.example/1.png");
            assert!(file.file.is_none() && problem.is_some(), "{status} {media_type}");
        }
    }
}
