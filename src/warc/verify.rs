//! Proves the evidence: every digest and every link of the chain.

use std::path::Path;

use super::capture::{self, Metadata, Tie};
use super::chain::{BROKEN, Chain};
use super::files::{self, Named};
use super::message;
use super::reader::cut;
use super::record::Record;
use super::walk::{Fault, Step, Walk};
use super::{Damage, WarcError, digest};

/// What [`verify`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Complete captures.
    pub captures: u64,
    /// Records that could be read.
    pub records: u64,
    /// Files.
    pub files: u64,
    /// Bytes in those files.
    pub bytes: u64,
    /// Damaged places, in order.
    pub damages: Vec<Damage>,
    /// File and byte at which the newest file ends in an unfinished capture, as a crash leaves it. No damage.
    pub torn: Option<(String, u64)>,
}

/// Reads every record, recomputes every digest and walks the chain. `progress` is told how many bytes are done after
/// each record.
///
/// Captures cut off cleanly at the newest end leave no trace in the files. Ask [`fetch`](super::fetch) for the last
/// capture that the database knows.
///
/// # Errors
/// A file cannot be opened. Damage is no error: it is in the report.
pub fn verify(dir: &Path, mut progress: impl FnMut(u64)) -> Result<Report, WarcError> {
    let mut check = Check { report: Report::default(), chain: Chain::Start, serial: 0 };
    let files = files::list(dir)?;
    for (index, file) in files.iter().enumerate() {
        check.file(dir, file, index + 1 == files.len(), &mut progress)?;
    }
    Ok(check.report)
}

struct Check {
    report: Report,
    chain: Chain,
    serial: u32,
}

/// The records of a file as far as they have been seen.
#[derive(Default)]
struct Seen {
    warcinfo: Option<Tie>,
    /// Whether a metadata record was read.
    any: bool,
    /// Whether any record of the file is damaged.
    damaged_before: bool,
    /// The capture that is being read: where it begins, and its main record.
    main: Option<(u64, Main)>,
    request: Option<Tie>,
    /// A record of the capture that is being read is damaged, which has been told.
    damaged: bool,
    /// How many records of it have gone by, readable or not.
    place: usize,
    /// Damages (by index) of records of it, and their kinds; also that of the file's warcinfo record.
    hurt: Vec<(usize, &'static str)>,
}

/// What the metadata record vouches for.
struct Main {
    tie: Tie,
    url: String,
    date: String,
    is_file: bool,
}

impl Check {
    fn file(
        &mut self,
        dir: &Path,
        Named { serial, name }: &Named,
        newest: bool,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), WarcError> {
        if *serial != self.serial + 1 {
            let what = match serial.checked_sub(self.serial) {
                None | Some(0) => format!("there is another file with the number {serial}"),
                Some(_) => format!("no file has the number {}", self.serial + 1),
            };
            self.damage(name, 0, None, what);
        }
        self.serial = *serial;
        let mut walk = Walk::open(&dir.join(name), 0)?;
        let mut seen = Seen::default();
        let before = self.report.bytes;
        let mut torn = None;
        while let Some(Step { offset, end, outcome }) = walk.step() {
            match outcome {
                Ok(found) => {
                    self.report.records += 1;
                    let id = found.record.fields.id().map(str::to_owned);
                    let faults = faults(&found.record, found.sound);
                    let sound = faults.is_empty();
                    for what in faults {
                        self.damage(name, offset, id.clone(), what.to_owned());
                    }
                    self.record(name, offset, &found.record, sound, &mut seen);
                }
                Err(fault) if fault.torn => torn = Some(seen.main.as_ref().map_or(offset, |(start, _)| *start)),
                Err(fault) => self.fault(name, offset, fault, &mut seen),
            }
            self.report.bytes = before + end;
            progress(self.report.bytes);
        }
        if torn.is_none() && !seen.damaged {
            torn = seen.main.as_ref().map(|(start, _)| *start);
        }
        match torn {
            Some(offset) if newest => self.report.torn = Some((name.clone(), offset)),
            Some(offset) => self.report.damages.push(cut(name.clone(), offset)),
            None => {}
        }
        self.report.files += 1;
        Ok(())
    }

    /// Takes a place where there is no record any more. Which it was follows from the order of a capture's records.
    fn fault(&mut self, file: &str, offset: u64, fault: Fault, seen: &mut Seen) {
        let kind = match seen.place {
            _ if offset == 0 => "warcinfo",
            0 => "response",
            1 if seen.main.as_ref().is_none_or(|(_, main)| !main.is_file) => "request",
            _ => "metadata",
        };
        seen.hurt.push((self.report.damages.len(), kind));
        self.damage(file, offset, fault.record_id, fault.what);
        (seen.damaged, seen.damaged_before) = (true, true);
        if kind != "warcinfo" {
            seen.place += 1;
        }
        let main = seen.main.as_ref().map(|(_, main)| main.tie.id.clone());
        self.name(main.as_deref(), seen);
        if kind == "metadata" {
            self.chain = Chain::Unknown;
            seen.next();
        }
    }

    /// Names the damaged records of a capture by the id of its first one. An id that was still read is believed if it
    /// is one of the three: its letters may be what was damaged.
    fn name(&mut self, main: Option<&str>, seen: &mut Seen) {
        let Some(main) = main else { return };
        let damages = &mut self.report.damages;
        seen.hurt.retain(|(index, kind)| {
            let Some(damage) = damages.get_mut(*index).filter(|_| *kind != "warcinfo") else { return true };
            let ids = ["response", "request", "metadata"].map(|kind| match kind {
                "response" => main.to_owned(),
                beside => capture::id_beside(main, beside),
            });
            if damage.record_id.as_ref().is_none_or(|id| !ids.contains(id)) {
                let [response, request, metadata] = ids;
                damage.record_id = Some(match *kind {
                    "response" => response,
                    "request" => request,
                    _ => metadata,
                });
            }
            false
        });
    }

    /// Takes a record whose digests have been looked at.
    fn record(&mut self, file: &str, offset: u64, record: &Record, sound: bool, seen: &mut Seen) {
        let fields = &record.fields;
        let id = fields.id().unwrap_or_default().to_owned();
        let tie = Tie { id: id.clone(), block: fields.get("WARC-Block-Digest").unwrap_or_default().to_owned() };
        let belongs = seen.main.as_ref().is_some_and(|(_, main)| fields.concurrent_to() == Some(&main.tie.id));
        seen.place += 1;
        match fields.kind() {
            "warcinfo" if offset == 0 => {
                seen.warcinfo = Some(tie);
                (seen.place, seen.damaged_before) = (0, !sound);
            }
            kind @ ("response" | "resource") => {
                if let Some((start, main)) = seen.main.take()
                    && !seen.damaged
                {
                    self.damage(file, start, Some(main.tie.id), "its metadata record is missing".to_owned());
                }
                let url = fields.get("WARC-Target-URI").unwrap_or_default().to_owned();
                let date = fields.get("WARC-Date").unwrap_or_default().to_owned();
                seen.next();
                seen.main = Some((offset, Main { tie, url, date, is_file: kind == "resource" }));
                (seen.place, seen.damaged) = (1, !sound);
            }
            "request" if belongs => {
                seen.request = Some(tie);
                seen.damaged |= !sound;
            }
            "metadata" => self.metadata(file, offset, &id, record, sound, seen),
            "request" if seen.damaged => self.name(fields.concurrent_to(), seen),
            _ => self.damage(file, offset, Some(id), "it belongs to no capture".to_owned()),
        }
        seen.damaged_before |= !sound;
    }

    /// Takes the record that ends a capture.
    fn metadata(&mut self, file: &str, offset: u64, id: &str, record: &Record, sound: bool, seen: &mut Seen) {
        let belongs = |(_, main): &(u64, Main)| record.fields.concurrent_to() == Some(&main.tie.id);
        let main = seen.main.take().filter(belongs).map(|(_, main)| main);
        self.name(record.fields.concurrent_to(), seen);
        self.chain = match capture::read_metadata(record) {
            Ok(metadata) if sound => {
                if let Some(tie) = &metadata.warcinfo
                    && let Some(damage) = seen.hurt.pop().and_then(|(index, _)| self.report.damages.get_mut(index))
                {
                    damage.record_id = Some(tie.id.clone());
                }
                let mut wrong = vec![self.unlinked(&metadata, seen)];
                if !seen.damaged {
                    // A damaged part has been told, and cannot be compared.
                    wrong.push(unvouched(&metadata, main.as_ref(), seen.request.as_ref()));
                    self.report.captures += 1;
                }
                for what in wrong.into_iter().flatten() {
                    self.damage(file, offset, Some(id.to_owned()), what.to_owned());
                }
                Chain::After(digest::of(&[&record.block]))
            }
            Ok(_) => Chain::Unknown,
            Err(what) => {
                self.damage(file, offset, Some(id.to_owned()), what);
                Chain::Unknown
            }
        };
        seen.any = true;
        seen.next();
    }

    /// Whether a capture follows the one before it.
    fn unlinked(&self, metadata: &Metadata, seen: &Seen) -> Option<&'static str> {
        if !self.chain.leads_to(metadata.previous.as_deref()) {
            return Some(BROKEN);
        }
        let first = !seen.any && !seen.damaged_before;
        (first && metadata.warcinfo != seen.warcinfo).then_some("the file before it does not begin as it did")
    }

    fn damage(&mut self, file: &str, offset: u64, record_id: Option<String>, what: String) {
        self.report.damages.push(Damage { file: file.to_owned(), offset, record_id, what });
    }
}

impl Seen {
    /// Gets ready for another capture.
    fn next(&mut self) {
        (self.main, self.request, self.damaged, self.place) = (None, None, false, 0);
        self.hurt.retain(|(_, kind)| *kind == "warcinfo");
    }
}

/// What is wrong with a record by itself.
fn faults(record: &Record, sound: bool) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if !sound {
        faults.push("the head of its gzip member was altered");
    }
    let block = digest::of(&[&record.block]);
    if record.fields.get("WARC-Block-Digest") != Some(&block) {
        faults.push("its block digest does not match");
    }
    let payload = match record.fields.kind() {
        "response" => {
            let body = message::read_head(&record.block).body;
            Some(digest::of(&[record.block.get(body..).unwrap_or_default()]))
        }
        // The block is the payload.
        "resource" => Some(block),
        _ => None,
    };
    if payload.is_some() && record.fields.get("WARC-Payload-Digest") != payload.as_deref() {
        faults.push("its payload digest does not match");
    }
    faults
}

/// Whether the other records are those that the metadata record vouches for.
fn unvouched(metadata: &Metadata, main: Option<&Main>, request: Option<&Tie>) -> Option<&'static str> {
    let Some(main) = main else { return Some("its response record is missing") };
    if metadata.response != main.tie || metadata.url != main.url || metadata.fetched_at != main.date {
        return Some("its response is not the one that was captured");
    }
    match (&metadata.request, request) {
        (None, None) if main.is_file => None,
        (Some(known), Some(found)) if known == found => None,
        (_, None) => Some("its request record is missing"),
        _ => Some("its request is not the one that was sent"),
    }
}
