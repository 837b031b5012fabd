//! Pictures, films and sounds that were fetched: which address gave which bytes.

use rusqlite::{Connection, params};

use super::row::{fit, stamp};
use super::{NewCapture, Reader, StoreError};
use crate::model::CaptureRef;

/// A file that was fetched from the address of a medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaFile {
    /// The address, as a post names it.
    pub url: String,
    /// Name below `media/`; `None` if what came is no medium that is kept, and then the capture alone holds it.
    pub file: Option<String>,
    /// SHA-256 of its bytes as decoded, `sha256:…`.
    pub digest: String,
    /// Media type in lower case.
    pub media_type: String,
    /// Bytes.
    pub length: u64,
}

/// Writes the row of a capture that holds a medium.
pub(super) fn write(db: &Connection, capture: i64, of: &NewCapture, file: &MediaFile) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO media (url, capture, file, digest, media_type, length, fetched_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        file.url,
        capture,
        file.file,
        file.digest,
        file.media_type,
        fit(Some(file.length)),
        stamp(of.fetched_at)
    ])?;
    Ok(())
}

impl Reader {
    /// Addresses of media of these kinds in the posts of a job that no capture answers yet, those of the newest posts first; at
    /// most `limit`. That a server could not answer for now is no answer.
    ///
    /// # Errors
    /// A damaged database.
    pub fn media_to_fetch(&self, job: &str, kinds: &[String], limit: u32) -> Result<Vec<String>, StoreError> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut find = self.db.prepare_cached(
                "SELECT m.value ->> 'url' AS address FROM post_job j JOIN post p ON p.id = j.post, \
                 json_each(p.media) m WHERE j.job = ?1 AND address LIKE 'http%' AND instr(?2, ' ' || (m.value ->> 'kind') || ' ') \
                 AND NOT EXISTS (SELECT 1 FROM media d JOIN capture c ON c.id = d.capture WHERE d.url = m.value ->> 'url' \
                 AND c.status NOT IN (408, 425, 429) AND c.status < 500) GROUP BY address ORDER BY max(p.id) DESC LIMIT ?3",
            )?;
            let kinds = format!(" {} ", kinds.join(" "));
            find.query_map(params![job, kinds, limit], |row| row.get(0))?.collect()
        };
        read().map_err(self.error("read the media of"))
    }

    /// The file that an address gave, the newest if it gave several.
    ///
    /// # Errors
    /// A damaged database.
    pub fn media_of(&self, url: &str) -> Result<Option<MediaFile>, StoreError> {
        let read = || -> rusqlite::Result<Option<MediaFile>> {
            let mut find = self.db.prepare_cached(
                "SELECT file, digest, media_type, length FROM media WHERE url = ?1 ORDER BY capture DESC LIMIT 1",
            )?;
            find.query_map([url], |row| {
                Ok(MediaFile {
                    url: url.to_owned(),
                    file: row.get(0)?,
                    digest: row.get(1)?,
                    media_type: row.get(2)?,
                    length: row.get(3)?,
                })
            })?
            .next()
            .transpose()
        };
        read().map_err(self.error("read the media of"))
    }

    /// Every file of `media/` that the captures give, each once: its name, its digest and a capture that holds it.
    ///
    /// # Errors
    /// A damaged database.
    pub fn media_files(&self) -> Result<Vec<(String, String, CaptureRef)>, StoreError> {
        let read = || -> rusqlite::Result<Vec<(String, String, CaptureRef)>> {
            let mut find = self.db.prepare_cached(
                "SELECT m.file, m.digest, c.file, c.offset, c.record_id, c.digest FROM media m \
                 JOIN capture c ON c.id = m.capture WHERE m.file IS NOT NULL GROUP BY m.file ORDER BY min(m.capture)",
            )?;
            find.query_map([], |row| {
                let place =
                    CaptureRef { file: row.get(2)?, offset: row.get(3)?, record_id: row.get(4)?, digest: row.get(5)? };
                Ok((row.get(0)?, row.get(1)?, place))
            })?
            .collect()
        };
        read().map_err(self.error("read the media of"))
    }
}
