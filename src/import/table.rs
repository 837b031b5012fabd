//! A table, a megabyte at a time, cut where records end.
//!
//! A part from the middle lacks the names of the columns: the body of every part begins with the table's head, byte for byte
//! as in the file, and its own records follow. `first_line` and `first_byte` tell where the first of those stands in the
//! file; line N of a part whose head has H lines is line `first_line` + N − H − 1 of the file. A quotation mark that is never
//! closed holds no more than [`LONGEST`].

use std::io::{BufRead, Read};

use super::ImportError;
use super::open::{Counter, PART, Part, TABLE, Whence, exchange};
use crate::dump::{Extent, Head, LONGEST, Records};

/// How much is read at a time.
const PIECE: u64 = 256 * 1024;
/// A line longer than this is no line of a table.
const LONGEST_LINE: usize = 8 * 1024 * 1024;

/// The parts of a table.
pub(super) struct Table {
    whence: Whence,
    head: Head,
    /// The head as it stands in the file.
    bytes: Vec<u8>,
    records: Records,
    /// What was read and not given yet.
    waiting: Vec<u8>,
    source: Box<dyn BufRead>,
    is_all: bool,
    counter: Counter,
    line: u64,
    byte: u64,
    is_first: bool,
    is_ended: bool,
    /// Why the file cannot be read to its end; given after everything that came before it.
    fault: Option<ImportError>,
}

impl Table {
    /// A table of which these bytes were read already.
    pub(super) fn new(
        whence: &Whence,
        head: Head,
        mut read: Vec<u8>,
        source: Box<dyn BufRead>,
        counter: Counter,
        fault: Option<ImportError>,
    ) -> Table {
        let waiting = read.split_off(head.length.min(read.len()));
        Table {
            whence: whence.clone(),
            records: Records::new(head.separator),
            line: 1 + head.breaks(&read) as u64,
            byte: read.len() as u64,
            bytes: read,
            head,
            waiting,
            source,
            is_all: false,
            counter,
            is_first: true,
            is_ended: false,
            fault,
        }
    }

    /// Reads more; whether there was more.
    fn read_on(&mut self) -> bool {
        if self.is_all {
            return false;
        }
        match self.source.by_ref().take(PIECE).read_to_end(&mut self.waiting) {
            Ok(read) => self.is_all = read == 0,
            Err(source) => {
                self.is_all = true;
                self.fault = Some(ImportError::Read { path: self.whence.path.clone(), source });
            }
        }
        true
    }

    /// Where the next record ends behind that place; that place if there is none. `None` if it has a line that is too long.
    fn record_end(&mut self, from: usize) -> Option<usize> {
        loop {
            let rest = self.waiting.get(from..).unwrap_or_default();
            let window = &rest[..rest.len().min(LONGEST)];
            // Where the file cannot be read to its end, the last record is not whole.
            let are_all = self.is_all && self.fault.is_none() && window.len() == rest.len();
            if let Some(Extent { end, .. }) = self.records.read(window, are_all) {
                return Some(from + end);
            }
            if window.len() == LONGEST {
                break;
            }
            if !self.read_on() {
                return Some(from);
            }
        }
        // It lacks a quotation mark: whoever reads it goes on behind its first line, and must have all that it swallowed.
        let mut looked = from + LONGEST;
        loop {
            if let Some(at) = memchr::memchr(b'\n', self.waiting.get(looked..).unwrap_or_default()) {
                return Some(looked + at + 1);
            }
            looked = self.waiting.len();
            if looked - from > LONGEST_LINE {
                return None;
            }
            if !self.read_on() {
                return Some(looked);
            }
        }
    }

    /// The records of the next part.
    fn records(&mut self) -> Vec<u8> {
        let mut end = 0;
        while end < PART && !self.is_ended {
            match self.record_end(end) {
                Some(next) => {
                    self.is_ended = next == end;
                    end = next;
                }
                None => {
                    self.is_ended = true;
                    let line = self.line + self.head.breaks(&self.waiting[..end]) as u64;
                    let what = format!("has a line longer than {} MiB, at line {line}", LONGEST_LINE >> 20);
                    self.fault = Some(ImportError::Kind { path: self.whence.path.clone(), what });
                }
            }
        }
        let rest = self.waiting.split_off(end);
        std::mem::replace(&mut self.waiting, rest)
    }
}

impl Iterator for Table {
    type Item = Result<Part, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.is_ended {
                return self.fault.take().map(Err);
            }
            let records = self.records();
            let (first_line, first_byte) = (self.line, self.byte);
            self.line += self.head.breaks(&records) as u64;
            self.byte += records.len() as u64;
            let goes_on = !std::mem::replace(&mut self.is_first, false);
            // A table without rows has a part of its own, so that it can be told what it is.
            if goes_on && records.trim_ascii().is_empty() {
                continue;
            }
            let exchange = exchange(&self.whence, TABLE, [self.bytes.as_slice(), &records].concat());
            return Some(Ok(Part {
                exchange,
                first_line: Some(first_line),
                first_byte: Some(first_byte),
                bytes: self.counter.read(),
                goes_on,
                among: None,
                lines_before: first_line - 1 - self.head.breaks(&self.bytes) as u64,
            }));
        }
    }
}
