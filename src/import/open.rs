//! A file as exchanges: what it is in outline (WARC, JSON, JSON lines, a table, XML, HTML, text, CAR), seen from its
//! first bytes.
//!
//! Gzip is undone first, with a limit. A file of lines and a table stream; any other must fit the limit of a decoded body. Of
//! a file that holds files, every entry is read so. A text is a table if its first line names columns that a reader knows;
//! any other text with commas is prose.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use flate2::bufread::GzDecoder;
use url::Url;

use super::container::{self, Content};
use super::table::Table;
use super::{ImportError, har};
use crate::dump::{self, Head};
use crate::exchange::{DECODED_LIMIT, Exchange, Origin, Request, Response};
use crate::warc;

/// How much of a file is looked at to tell its kind; a first line longer than this makes it one document.
const HEAD: u64 = 4 * 1024 * 1024;
/// Lines are grouped into captures of about this size: one line a capture compresses badly.
pub(super) const PART: usize = 1024 * 1024;

/// Values of one document of JSON: each takes a hundred bytes and more while it is read, however few it takes in the file.
const MOST_VALUES: usize = 8_000_000;

/// A file, or a part of one.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// The bytes as an exchange.
    pub exchange: Exchange,
    /// For a part of a file of lines: the number of its first line. Every part of a table begins with the table's head; the number is
    /// that of the first line behind it.
    pub first_line: Option<u64>,
    /// For a part of a file of lines: its first byte in the (decompressed) file, likewise.
    pub first_byte: Option<u64>,
    /// Bytes of the file read so far, as they lie on disk.
    pub bytes: u64,
    /// Whether it goes on where the part before it ended, in the same file of lines or the same table.
    pub goes_on: bool,
    /// What it is called among others: an entry of an archive or a folder, a record of somebody else's WARC or HAR file.
    /// What holds no post among them is no fault. `None` for a file of its own.
    pub among: Option<String>,
    /// For a part of a file of lines: how many more lines stand before its line N in the file than in the part.
    pub lines_before: u64,
}

impl Part {
    /// A document, of which there are no further parts.
    fn whole(exchange: Exchange, counter: &Counter) -> Part {
        Part {
            exchange,
            first_line: None,
            first_byte: None,
            bytes: counter.read(),
            goes_on: false,
            among: None,
            lines_before: 0,
        }
    }

    /// A document that is called so among others.
    fn one_of_many(exchange: Exchange, counter: &Counter) -> Part {
        Part { among: Some(exchange.request.url.clone()), ..Part::whole(exchange, counter) }
    }

    /// What is wrong with it as a whole, for somebody who does not know which of many it is. Lines are counted from its first.
    pub fn told(&self, problem: &str) -> String {
        let name = self.among.as_deref().unwrap_or_default();
        let from = if self.lines_before > 0 { format!("behind line {}", self.lines_before) } else { String::new() };
        let which: Vec<&str> = [name, &from].into_iter().filter(|word| !word.is_empty()).collect();
        if which.is_empty() { problem.to_owned() } else { format!("{}: {problem}", which.join(", ")) }
    }

    /// Where something stands in the file, for somebody who looks for it there: `place` is a place in this part.
    pub fn place(&self, place: &str) -> String {
        let in_file = || {
            let line = place.strip_prefix("line ")?;
            let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len());
            let (number, rest) = line.split_at_checked(digits)?;
            Some(format!("line {}{rest}", number.parse::<u64>().ok()?.saturating_add(self.lines_before)))
        };
        let place = in_file().unwrap_or_else(|| place.to_owned());
        match &self.among {
            Some(name) => format!("{name}: {place}"),
            None => place,
        }
    }
}

/// The parts of a file in order.
pub(super) type Parts = Box<dyn Iterator<Item = Result<Part, ImportError>>>;

/// What all parts of a file have in common.
#[derive(Debug, Clone)]
pub(super) struct Whence {
    /// The file; of an entry of an archive a label, which no file is opened by.
    pub(super) path: PathBuf,
    /// Its name, or the name of the archive or folder and of the entry in it; the folders above are nobody's business.
    pub(super) name: String,
    /// Time of the import.
    pub(super) now: DateTime<Utc>,
    /// What the columns of a table or the members of JSON mean, as the one who imports it says.
    pub(super) map: Option<String>,
}

/// Opens a file of any kind, or a folder.
///
/// # Errors
/// A file that cannot be read, is empty, or is of a kind that holds no text (a picture).
pub(super) fn open(whence: &Whence) -> Result<Parts, ImportError> {
    counted(whence, Counter::default())
}

fn counted(whence: &Whence, counter: Counter) -> Result<Parts, ImportError> {
    let path = whence.path.as_path();
    let read = |source| ImportError::Read { path: path.to_owned(), source };
    let about = std::fs::metadata(path).map_err(read)?;
    if !about.is_file() && !about.is_dir() {
        let what = "is a pipe or a device: save what comes from it into a file first".to_owned();
        return Err(ImportError::Kind { path: path.to_owned(), what });
    }
    if let Some(kind) = container::kind(path).map_err(read)? {
        return entries(whence, kind, counter).map_err(read);
    }
    let file = File::open(path).map_err(read)?;
    stream(whence, counter.count(file), counter)
}

/// The parts of everything in a container. What holds no post is passed over, and what cannot be read is told.
fn entries(whence: &Whence, kind: container::Kind, counter: Counter) -> std::io::Result<Parts> {
    let entries = container::parts(&whence.path, kind, &counter)?;
    let whence = whence.clone();
    Ok(Box::new(entries.flat_map(move |(name, content)| -> Parts {
        let told = |what: String| ImportError::Entry { name: name.clone(), what };
        let parts = content.map_err(told).and_then(|content| match content {
            Content::Bytes(bytes) => {
                let label = format!("{}/{name}", whence.name);
                let whence = Whence { path: PathBuf::from(&label), name: label, ..whence.clone() };
                stream(&whence, Cursor::new(bytes), counter.clone())
            }
            Content::File(path) => {
                let whence = Whence { path, name: format!("{}/{name}", whence.name), ..whence.clone() };
                counted(&whence, counter.clone())
            }
        });
        // One entry that cannot be read costs one entry.
        let named = name.clone();
        let of_entry = move |error: ImportError| ImportError::Entry { name: named.clone(), what: error.to_string() };
        match parts {
            Ok(parts) => Box::new(parts.map(move |part| {
                let within =
                    |inner: Option<String>| inner.map_or_else(|| name.clone(), |inner| format!("{name}: {inner}"));
                part.map(|part| Part { among: Some(within(part.among.clone())), ..part }).map_err(&of_entry)
            })),
            // Pictures, styles and the like: told to those who ask. What is too large is told to all.
            Err(ImportError::Kind { path, what }) => Box::new(std::iter::once(Err(ImportError::Kind { path, what }))),
            Err(error @ ImportError::Entry { .. }) => Box::new(std::iter::once(Err(error))),
            Err(error) => Box::new(std::iter::once(Err(of_entry(error)))),
        }
    })))
}

/// Reads what is no container.
fn stream(whence: &Whence, source: impl Read + Seek + 'static, counter: Counter) -> Result<Parts, ImportError> {
    let path = whence.path.as_path();
    let read = |source| ImportError::Read { path: path.to_owned(), source };
    let kind = |what: &str| Err(ImportError::Kind { path: path.to_owned(), what: what.to_owned() });
    let large = |what: &str| Err(ImportError::Large { path: path.to_owned(), what: what.to_owned() });
    let mut raw = BufReader::with_capacity(256 * 1024, source);
    let before = counter.read();
    let zipped = raw.fill_buf().map_err(read)?.starts_with(&[0x1f, 0x8b]);
    if zipped && is_packed_warc(raw.buffer()) {
        return Ok(foreign(path, raw, counter));
    }
    if zipped {
        let size = raw.seek(SeekFrom::End(0)).map_err(read)?;
        raw.rewind().map_err(read)?;
        if let Some(fault) = gzip_fault(&mut raw, container::room(size)).map_err(read)? {
            return large(&format!("is damaged ({fault}): nobody knows which of its words are still right"));
        }
        raw.rewind().map_err(read)?;
        counter.reset(before);
    }
    let mut reader: Box<dyn BufRead> =
        if zipped { Box::new(BufReader::with_capacity(256 * 1024, Members::new(raw))) } else { Box::new(raw) };
    let mut head = Vec::new();
    let torn = reader.by_ref().take(HEAD).read_to_end(&mut head).err();
    if head.starts_with(b"WARC/") {
        return Ok(foreign(path, Cursor::new(head).chain(reader), counter));
    }
    // In UTF-16 every other byte of a plain text is zero; it is told by its byte order mark.
    let utf16 = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let decoded = utf16.then(|| encoding_rs::UTF_8.decode(&head).0.into_owned());
    let head_text = decoded.as_ref().map_or(head.as_slice(), |decoded| decoded.as_bytes());
    let text = head_text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head_text).trim_ascii_start();
    // Whoever says what its columns mean has said that it is a table.
    let is_mapped =
        whence.map.is_some() && !text.starts_with(b"{") && !text.starts_with(b"[") && !text.starts_with(b"<");
    let mut table = Head::of(head_text).filter(|table| is_mapped || is_read(whence, &head_text[..table.length]));
    let torn = match torn {
        Some(source) if !is_lines(text) && first_object(text).is_none() && (utf16 || table.is_none()) => {
            return Err(read(source));
        }
        torn => torn,
    };
    if let Some(table) = table.take_if(|_| !utf16) {
        let rest: Box<dyn BufRead> = if torn.is_some() { Box::new(std::io::empty()) } else { reader };
        return Ok(Box::new(Table::new(whence, table, head, rest, counter, torn.map(read))));
    }
    // A note before lines of JSON is told; it makes no prose of them.
    let notes = match text {
        [b'{' | b'[' | b'<', ..] | [] => None,
        _ if utf16 || table.is_some() || text.starts_with(b"HTTP/") => None,
        text => first_object(text).filter(|at| *at > 0).map(|at| head.len() - text.len() + at),
    };
    let media_type = match text {
        [] => return kind("is empty"),
        _ if is_car(&head) => "application/vnd.ipld.car",
        // In UTF-16 the ends of records are not told by single bytes: it is read whole.
        _ if table.is_some() => TABLE,
        [first, ..] if !utf16 && (notes.is_some() || (*first == b'{' && is_lines(text))) => {
            let lines = head.split_off(notes.unwrap_or_default());
            let line = 1 + memchr::memchr_iter(b'\n', &head).count() as u64;
            // Told first, for whatever ends the file is told, too.
            let what = format!("holds JSON from line {line} on; what stands before it is left out");
            let note = notes.map(|_| Err(ImportError::Entry { name: whence.name.clone(), what }));
            let byte = head.len() as u64;
            let is_whole = torn.is_none();
            let fault = torn.map(read);
            let source: Box<dyn BufRead> =
                if is_whole { Box::new(Cursor::new(lines).chain(reader)) } else { Box::new(Cursor::new(lines)) };
            let whence = whence.clone();
            let lines = Lines { whence, source, counter, line, byte, is_first: true, ended: false, fault };
            return Ok(Box::new(note.into_iter().chain(lines)));
        }
        [b'{' | b'[', ..] => "application/json",
        [b'<', ..] if is_feed(text) => "application/xml",
        [b'<', ..] => "text/html",
        _ if let Some(packing) = packed(&head) => {
            return large(&format!("is packed ({packing}), which is not unpacked here"));
        }
        _ if text.contains(&0) => {
            let every_other = |from: usize| head.iter().skip(from).step_by(2).take(8).all(|byte| *byte == 0);
            let hint =
                if every_other(1) || every_other(0) { "; it may be UTF-16 without its byte order mark" } else { "" };
            return kind(&format!("is no text: it begins with the bytes {}{hint}", first_bytes(&head)));
        }
        _ => "text/plain",
    };
    let mut body = head;
    let room = DECODED_LIMIT.saturating_sub(body.len() as u64) + 1;
    reader.take(room).read_to_end(&mut body).map_err(read)?;
    if body.len() as u64 > DECODED_LIMIT {
        return large(&format!(
            "is larger than {} MiB and neither a file of lines nor a known table",
            DECODED_LIMIT >> 20
        ));
    }
    let values = || memchr::memchr2_iter(b',', b'\n', &body).count();
    if media_type == "application/json" && values() > MOST_VALUES {
        return large(&format!("holds more than {MOST_VALUES} values in one document"));
    }
    // What `curl -i` saves: the answer's head stands before its body.
    if media_type == "text/plain" && body.starts_with(b"HTTP/") {
        let after = |mark: &[u8]| body.windows(mark.len()).position(|window| window == mark).map(|at| at + mark.len());
        if let Some(at) = after(b"\r\n\r\n").or_else(|| after(b"\n\n")) {
            return stream(whence, Cursor::new(body.split_off(at)), counter);
        }
    }
    if let Some(found) = har::exchanges(&body).filter(|_| media_type == "application/json") {
        return Ok(Box::new(found.into_iter().map(move |exchange| {
            let exchange = exchange.map_err(|what| ImportError::Entry { name: String::new(), what })?;
            Ok(Part::one_of_many(exchange, &counter))
        })));
    }
    // Only now is a first line of many megabytes known to be one line of several.
    let lines = media_type == "application/json" && body.starts_with(b"{") && is_lines(&body);
    let media_type = if lines { "application/x-ndjson" } else { media_type };
    let exchange = exchange(whence, media_type, body);
    Ok(Box::new(std::iter::once(Ok(Part::whole(exchange, &counter)))))
}

/// The media type of tables (RFC 7111).
pub(super) const TABLE: &str = "text/csv";

/// Whether a reader of tables knows these columns.
fn is_read(whence: &Whence, head: &[u8]) -> bool {
    let exchange = exchange(whence, TABLE, head.to_vec());
    dump::ALL.iter().any(|reader| (reader.parse)(&exchange).is_ok())
}

/// What is wrong with gzipped bytes. They are read to their end before a word of them is believed, for their checksum stands
/// there: behind a bit that tipped over, they go on to give text. Of an end that is missing nobody can say more than that
/// it is, and what stands behind the last member is none of it.
///
/// # Errors
/// They cannot be read from the disk.
pub(super) fn gzip_fault(source: &mut impl BufRead, most: u64) -> std::io::Result<Option<std::io::Error>> {
    let mut left = most;
    while source.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        let mut member = GzDecoder::new(&mut *source).take(left.saturating_add(1));
        match std::io::copy(&mut member, &mut std::io::sink()) {
            Ok(read) if read > left => return Ok(Some(std::io::Error::other("it packs more than a text can"))),
            Ok(read) => left -= read,
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Ok(Some(error)),
        }
    }
    Ok(None)
}

/// What gzip members hold, one after another, and zeros behind them, which tapes and some programs leave.
pub(super) struct Members<R> {
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(source: R) -> Members<R> {
        Members { member: Some(GzDecoder::new(source)) }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut source) = self.member.take().map(GzDecoder::into_inner) else { break };
            if source.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
                self.member = Some(GzDecoder::new(source));
                continue;
            }
            loop {
                let behind = source.fill_buf()?;
                if behind.iter().any(|byte| *byte != 0) {
                    return Err(std::io::Error::other("something that is no gzip stands behind its end"));
                }
                match behind.len() {
                    0 => break,
                    zeros => source.consume(zeros),
                }
            }
        }
        Ok(0)
    }
}

/// Whether it is a WARC file whose records are gzipped one by one: it is unpacked where its places are counted.
fn is_packed_warc(head: &[u8]) -> bool {
    let mut beginning = [0; 5];
    GzDecoder::new(head).read_exact(&mut beginning).is_ok() && &beginning == b"WARC/"
}

/// One JSON value a line: the first line is a value of its own and another begins after it.
fn is_lines(text: &[u8]) -> bool {
    let Some(end) = text.iter().position(|byte| *byte == b'\n') else { return false };
    let (first, rest) = text.split_at(end);
    let rest = rest.trim_ascii_start();
    let second = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // One of the two may be broken; that the other is whole shows that these are lines.
    (rest.starts_with(b"{") && (is_object(first) || is_object(second))) || first_object(text) == Some(0)
}

fn is_object(line: &[u8]) -> bool {
    line.trim_ascii_end().starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

/// Where the first line begins that may be an object, if most of the first lines are objects: two at least, and half of a
/// hundred. What stands before it is somebody's note.
fn first_object(text: &[u8]) -> Option<usize> {
    const LOOKED_AT: usize = 100;
    let mut at = 0;
    let (mut first, mut lines, mut objects) = (None, 0, 0);
    for line in text.split(|byte| *byte == b'\n') {
        if !line.trim_ascii().is_empty() {
            lines += 1;
            objects += usize::from(is_object(line));
            first = first.or(line.starts_with(b"{").then_some(at));
        }
        if lines == LOOKED_AT {
            break;
        }
        at += line.len() + 1;
    }
    first.filter(|_| objects >= 2 && 2 * objects >= lines)
}

/// Whether it is a CAR file, the one shape without text that is read: behind a length stands a CBOR map of two members,
/// of which `roots` is the first. <https://ipld.io/specs/transport/car/carv1/>
fn is_car(head: &[u8]) -> bool {
    (1..=2).any(|at| head.get(at..).is_some_and(|rest| rest.starts_with(b"\xa2\x65roots")))
}

fn is_feed(text: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&text[..text.len().min(1024)]).to_ascii_lowercase();
    let feed = ["<rss", "<feed", "<rdf:rdf"].iter().any(|tag| start.contains(tag));
    feed && !start.contains("<html")
}

/// What packed a file in a way that is not undone here, or not inside of another.
fn packed(head: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 5] = [
        (b"PK\x03\x04", "ZIP inside of another archive"),
        (b"\x1f\x8b", "gzip inside of gzip"),
        (b"\xfd7zXZ", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"BZh", "bzip2"),
    ];
    let magic = known.into_iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| name);
    magic.or_else(|| container::is_tar(head).then_some("tar inside of another archive"))
}

fn first_bytes(head: &[u8]) -> String {
    head.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

pub(super) fn exchange(whence: &Whence, media_type: &str, body: Vec<u8>) -> Exchange {
    let request = Request::get(address(&whence.name));
    let has_names = media_type == TABLE || media_type.contains("json");
    Exchange {
        request: whence.map.as_ref().filter(|_| has_names).map_or(request.clone(), |map| request.with_map(map)),
        response: Response {
            status: 200,
            headers: vec![("content-type".to_owned(), media_type.to_owned())],
            body,
            protocol: None,
        },
        fetched_at: whence.now,
        origin: Origin::File,
        masked: false,
    }
}

/// `file:///posts.jsonl`, `file:///export/data/tweets.js`. Steps upwards in a name (`..`) are left out.
fn address(name: &str) -> String {
    let Ok(mut address) = Url::parse("file:///") else { return "file:///".to_owned() };
    if let Ok(mut segments) = address.path_segments_mut() {
        segments.clear().extend(name.split('/').filter(|segment| !segment.is_empty()));
    }
    address.into()
}

/// A WARC file that some other tool wrote: its responses keep their own time and address.
fn foreign(path: &Path, reader: impl Read + 'static, counter: Counter) -> Parts {
    let path = path.to_owned();
    Box::new(warc::exchanges(reader).map(move |found| {
        let mut exchange = found.map_err(|source| ImportError::Warc { path: path.clone(), source })?.exchange;
        // Another tool asked a live server and wrote down when: it is kept as what it is, an answer with its headers. A file that
        // an archive of ours holds stays one: nobody knows of when its counts are.
        let is_file = exchange.request.url.starts_with("file:");
        exchange.origin = if is_file { Origin::File } else { Origin::Live };
        // What stands in a fragment is ours; a stranger's was not sent.
        exchange.request.url.truncate(exchange.request.url.find('#').unwrap_or(exchange.request.url.len()));
        Ok(Part::one_of_many(exchange, &counter))
    }))
}

/// A file of lines, a megabyte at a time.
struct Lines {
    whence: Whence,
    source: Box<dyn BufRead>,
    counter: Counter,
    line: u64,
    byte: u64,
    is_first: bool,
    ended: bool,
    /// Why the file cannot be read to its end; given after everything that came before it.
    fault: Option<ImportError>,
}

impl Iterator for Lines {
    type Item = Result<Part, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return self.fault.take().map(Err);
        }
        let (first_line, first_byte) = (self.line, self.byte);
        let mut body = Vec::with_capacity(PART + PART / 8);
        while body.len() < PART {
            let room = DECODED_LIMIT - body.len() as u64;
            match self.source.by_ref().take(room).read_until(b'\n', &mut body) {
                Ok(0) if room > 0 => {
                    self.ended = true;
                    break;
                }
                Ok(_) if body.ends_with(b"\n") => self.line += 1,
                // The last line, or one that is longer than may be.
                Ok(_) if (body.len() as u64) < DECODED_LIMIT => {}
                Ok(_) => {
                    self.ended = true;
                    let what = format!("has a line longer than {} MiB, at line {}", DECODED_LIMIT >> 20, self.line);
                    self.fault = Some(ImportError::Kind { path: self.whence.path.clone(), what });
                    body.truncate(body.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
                    break;
                }
                Err(source) => {
                    self.ended = true;
                    self.fault = Some(ImportError::Read { path: self.whence.path.clone(), source });
                    // The line in which the fault lies is not whole.
                    body.truncate(body.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
                    break;
                }
            }
        }
        self.byte += body.len() as u64;
        if body.trim_ascii().is_empty() {
            return self.next();
        }
        let exchange = exchange(&self.whence, "application/x-ndjson", body);
        Some(Ok(Part {
            exchange,
            first_line: Some(first_line),
            first_byte: Some(first_byte),
            bytes: self.counter.read(),
            goes_on: !std::mem::replace(&mut self.is_first, false),
            among: None,
            lines_before: first_line - 1,
        }))
    }
}

/// Bytes read from the file itself, whatever they decompress to.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter(Arc<AtomicU64>);

impl Counter {
    pub(super) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Goes back, when what was read is going to be read again.
    fn reset(&self, read: u64) {
        self.0.store(read, Ordering::Relaxed);
    }

    /// Counts what is read from there.
    pub(super) fn count<R>(&self, inner: R) -> Counting<R> {
        Counting { inner, counter: self.clone() }
    }
}

/// What is read is counted.
pub(super) struct Counting<R> {
    inner: R,
    counter: Counter,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.counter.0.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: Seek> Seek for Counting<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}
