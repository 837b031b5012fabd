//! Puts the records of a file together to captures.

use super::capture::{self, Capture};
use super::record::Record;
use super::walk::{Fault, Step, Walk};
use super::{Damage, WarcError, digest};
use crate::model::CaptureRef;

/// The three records of a capture, complete and with right digests.
pub struct Group {
    /// Where its first record begins.
    pub offset: u64,
    /// Where the next capture begins.
    pub end: u64,
    /// The `response` or `resource` record.
    pub main: Record,
    /// The `request` record; a file has none.
    pub request: Option<Record>,
    /// The `metadata` record.
    pub metadata: Record,
}

/// What comes next in a file.
pub enum Next {
    /// A capture.
    Group(Group),
    /// The file ends here, inside a capture that begins at this byte, as a crash leaves it.
    Torn(u64),
    /// A damaged place. The walk goes on behind it.
    Damaged(Damage),
    /// The end of the file.
    End,
}

/// Reads the next capture, passing over the file's warcinfo record.
///
/// Records that follow a damaged one of the same capture are passed over too: the damage is told once.
pub fn next(walk: &mut Walk, file: &str) -> Next {
    let damage = |offset, record_id, what: &str| {
        Next::Damaged(Damage { file: file.to_owned(), offset, record_id, what: what.to_owned() })
    };
    let (mut main, mut request): (Option<(u64, Record)>, Option<Record>) = (None, None);
    loop {
        let Some(Step { offset, end, outcome }) = walk.step() else {
            return main.map_or(Next::End, |(start, _)| Next::Torn(start));
        };
        let record = match outcome {
            Ok(found) => found.record,
            Err(Fault { torn: true, .. }) => return Next::Torn(main.map_or(offset, |(start, _)| start)),
            Err(fault) => {
                let record_id =
                    fault.record_id.or_else(|| main.and_then(|(_, main)| main.fields.id().map(str::to_owned)));
                return damage(offset, record_id, &fault.what);
            }
        };
        let id = record.fields.id().map(str::to_owned);
        if record.fields.get("WARC-Block-Digest") != Some(&digest::of(&[&record.block])) {
            return damage(offset, id, "its block digest does not match");
        }
        let belongs = main.as_ref().is_some_and(|(_, main)| record.fields.concurrent_to() == main.fields.id());
        match record.fields.kind() {
            "response" | "resource" => {
                if let Some((start, main)) = main {
                    walk.go(offset);
                    return damage(start, main.fields.id().map(str::to_owned), "its metadata record is missing");
                }
                main = Some((offset, record));
            }
            "request" if belongs && request.is_none() => request = Some(record),
            "metadata" if belongs => {
                if let Some((start, main)) = main {
                    return Next::Group(Group { offset: start, end, main, request, metadata: record });
                }
            }
            _ if main.is_some() => return damage(offset, id, "it stands inside a capture that it does not belong to"),
            _ => {}
        }
    }
}

impl Group {
    /// Reads the capture out of its records.
    pub fn into_capture(self, file: &str) -> Result<Capture, WarcError> {
        let place = self.place(file);
        let damaged = |what| {
            let record_id = Some(place.record_id.clone());
            Damage { file: file.to_owned(), offset: place.offset, record_id, what }
        };
        match capture::read(self.main, self.request, &self.metadata) {
            Ok((exchange, facts)) => Ok(Capture { place, exchange, facts }),
            Err(what) => Err(damaged(what).into()),
        }
    }

    /// What the next capture names as the one before it.
    pub fn link(&self) -> Option<&str> {
        self.metadata.fields.get("WARC-Block-Digest")
    }

    /// Where the capture stands.
    pub fn place(&self, file: &str) -> CaptureRef {
        CaptureRef {
            file: file.to_owned(),
            offset: self.offset,
            record_id: self.main.fields.id().unwrap_or_default().to_owned(),
            digest: self.main.fields.get("WARC-Payload-Digest").unwrap_or_default().to_owned(),
        }
    }
}
