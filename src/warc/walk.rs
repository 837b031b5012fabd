//! Walks the records of one of our files, and finds the next one behind a damaged place.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::WarcError;
use super::member::{Finished, HEAD, Member};
use super::record::{self, BLOCK_LIMIT, END, Record};

const BUFFER: usize = 64 * 1024;

/// How many times the size of a file may be read in vain. A damaged member is read to about its end, which makes once.
/// Only a file made to cost time has members inside members that all fail late.
const WASTE: u64 = 16;

/// A file, and where in it the next record is looked for.
pub struct Walk {
    input: BufReader<File>,
    at: u64,
    len: u64,
    /// Bytes that were read in vain.
    wasted: u64,
}

/// One place in the file.
pub struct Step {
    /// Where the member begins.
    pub offset: u64,
    /// Where the next one is looked for.
    pub end: u64,
    /// The record, or why there is none.
    pub outcome: Result<Found, Fault>,
}

/// A record whose check sum is right.
pub struct Found {
    /// The record.
    pub record: Record,
    /// Whether the ten bytes in front, which no check sum covers, are as they were written.
    pub sound: bool,
}

/// Why a place holds no record.
#[derive(Debug)]
pub struct Fault {
    /// What is wrong.
    pub what: String,
    /// The record's id, if it could still be read.
    pub record_id: Option<String>,
    /// Whether the file simply ends in the middle, as a crash leaves it, and nothing follows.
    pub torn: bool,
}

impl Walk {
    /// Opens a file; the walk begins at a byte where a member stands.
    pub fn open(path: &Path, at: u64) -> Result<Walk, WarcError> {
        let file = File::open(path).map_err(WarcError::io("open", path))?;
        let len = file.metadata().map_err(WarcError::io("read", path))?.len();
        Ok(Walk { input: BufReader::with_capacity(BUFFER, file), at, len, wasted: 0 })
    }

    /// Size of the file when it was opened.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Goes to another place.
    pub fn go(&mut self, at: u64) {
        self.at = at;
    }

    /// The next record or damaged place; `None` at the end of the file.
    pub fn step(&mut self) -> Option<Step> {
        if self.at >= self.len {
            return None;
        }
        let offset = self.at;
        if self.wasted > self.len.saturating_mul(WASTE) {
            self.at = self.len;
            let what = "the rest of the file is given up: too much of it was read in vain".to_owned();
            return Some(Step { offset, end: self.at, outcome: Err(Fault { what, record_id: None, torn: false }) });
        }
        let mut record_id = None;
        let outcome = match self.read(self.len, &mut record_id) {
            Ok((record, finished)) => {
                self.at = offset.saturating_add(finished.size);
                Ok(Found { record, sound: finished.sound })
            }
            Err(error) => {
                let stopped = self.input.stream_position().unwrap_or(self.len);
                self.wasted = self.wasted.saturating_add(stopped.saturating_sub(offset));
                self.at = self.find(offset + 1).unwrap_or(self.len);
                let torn = self.at >= self.len && (is_cut(&error) || self.ends_in_zeros(offset));
                Err(Fault { what: told(&error), record_id, torn })
            }
        };
        Some(Step { offset, end: self.at, outcome })
    }

    /// Reads the member at the current place, as if the file ended at `len`.
    fn read(&mut self, len: u64, record_id: &mut Option<String>) -> io::Result<(Record, Finished)> {
        self.seek(self.at)?;
        let member = Member::open((&mut self.input).take(len.saturating_sub(self.at)))?;
        // Small, so that the fields of a record that is damaged further on can still be read.
        let mut input = BufReader::with_capacity(256, member);
        match read_record(&mut input, record_id) {
            Ok(record) => Ok((record, input.into_inner().finish()?)),
            // The member is whole, so it is the record that states more than it has.
            Err(error) if is_cut(&error) && input.into_inner().finish().is_ok() => {
                Err(record::invalid("is shorter than it says"))
            }
            Err(error) => Err(error),
        }
    }

    /// The places from `lower` to before `upper` where members of ours begin.
    pub fn heads(&mut self, lower: u64, upper: u64) -> io::Result<Vec<u64>> {
        let mut bytes = Vec::new();
        self.seek(lower)?;
        let wanted = upper.saturating_sub(lower) + HEAD.len() as u64 - 1;
        (&mut self.input).take(wanted).read_to_end(&mut bytes)?;
        let found = bytes.windows(HEAD.len()).enumerate().filter(|(_, window)| *window == HEAD);
        Ok(found.map(|(place, _)| lower + place as u64).collect())
    }

    /// The next place from `from` on where a member of ours begins.
    fn find(&mut self, from: u64) -> Option<u64> {
        let mut buffer = Vec::with_capacity(BUFFER + HEAD.len());
        let mut start = from;
        self.seek(from).ok()?;
        loop {
            // The last bytes of a piece stay, for a head that begins in one piece and ends in the next.
            let count = (&mut self.input).take(BUFFER as u64).read_to_end(&mut buffer).ok()?;
            if let Some(place) = buffer.windows(HEAD.len()).position(|window| window == HEAD) {
                return Some(start + place as u64);
            }
            if count == 0 {
                return None;
            }
            let drop = buffer.len().saturating_sub(HEAD.len() - 1);
            buffer.drain(..drop);
            start += drop as u64;
        }
    }

    /// After a power failure a file may have its new size but zeros in place of what was not written out in time.
    fn ends_in_zeros(&mut self, offset: u64) -> bool {
        let Ok(data) = self.before_zeros(offset) else { return false };
        if data == self.len {
            return false;
        }
        let at = std::mem::replace(&mut self.at, offset);
        let cut = data <= offset || self.read(data, &mut None).is_err_and(|error| is_cut(&error));
        self.at = at;
        cut
    }

    /// The end of the last byte behind `offset` that is not zero.
    fn before_zeros(&mut self, offset: u64) -> io::Result<u64> {
        self.seek(offset)?;
        let (mut place, mut data) = (offset, offset);
        loop {
            let piece = self.input.fill_buf()?;
            if piece.is_empty() {
                return Ok(data);
            }
            if let Some(last) = piece.iter().rposition(|byte| *byte != 0) {
                data = place + last as u64 + 1;
            }
            let count = piece.len();
            place += count as u64;
            self.input.consume(count);
        }
    }

    /// Moves inside what is buffered where it can.
    fn seek(&mut self, to: u64) -> io::Result<()> {
        let now = self.input.stream_position()?;
        match i64::try_from(i128::from(to) - i128::from(now)) {
            Ok(distance) => self.input.seek_relative(distance),
            Err(_) => self.input.seek(SeekFrom::Start(to)).map(|_| ()),
        }
    }
}

fn read_record(input: &mut impl BufRead, record_id: &mut Option<String>) -> io::Result<Record> {
    let fields = record::read_head(input)?.ok_or_else(|| record::invalid("is empty"))?;
    *record_id = fields.id().map(str::to_owned);
    let length = fields.length().ok_or_else(|| record::invalid("states no Content-Length"))?;
    if length > BLOCK_LIMIT {
        return Err(record::invalid(format!("states {length} bytes, and a record may have {BLOCK_LIMIT}")));
    }
    let block = record::read_block(input, length)?;
    let mut end = [0; END.len()];
    input.read_exact(&mut end)?;
    if end != END || !input.fill_buf()?.is_empty() {
        return Err(record::invalid("does not end where it says"));
    }
    Ok(Record { fields, block })
}

/// What is wrong, in words about the record.
fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it is cut".to_owned(),
        io::ErrorKind::InvalidInput => "its compressed bytes are damaged".to_owned(),
        // Our own words.
        io::ErrorKind::InvalidData => error.to_string(),
        _ => format!("it cannot be read: {error}"),
    }
}

fn is_cut(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}
