//! Records of a table, one by one, and the first of them: the names of the columns.

use std::collections::HashMap;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

/// A record longer than this lacks a quotation mark.
pub const LONGEST: usize = 1024 * 1024;

/// How long the names of all columns may be: some tools write a hundred.
const LONGEST_HEAD: usize = 64 * 1024;

/// What separates fields. Spreadsheets of some countries write semicolons.
const SEPARATORS: [u8; 3] = *b",;\t";

/// Reads records, one at a time.
pub struct Records {
    reader: Reader,
    separator: u8,
    /// The fields, unescaped, one behind the other. What stands behind the last is left from before.
    text: Vec<u8>,
    ends: Vec<usize>,
    /// Whether the last record is written as RFC 4180 wants it.
    pub(super) is_sound: bool,
}

/// Where a record lies in the bytes from which it was read: behind empty lines, up to and with its line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Its first byte.
    pub start: usize,
    /// The first byte behind it.
    pub end: usize,
}

impl Records {
    /// A reader for a table with this separator.
    pub fn new(separator: u8) -> Records {
        let reader = ReaderBuilder::new().delimiter(separator).build();
        Records { reader, separator, text: vec![0; 4096], ends: Vec::new(), is_sound: true }
    }

    /// Reads the record at the beginning of the bytes. `None` if it does not end in them; if these are all there are, it
    /// ends with them.
    pub fn read(&mut self, bytes: &[u8], are_all: bool) -> Option<Extent> {
        let start = bytes.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        self.reader.reset();
        self.ends.clear();
        self.is_sound = true;
        let (mut at, mut field, mut used) = (start, start, 0);
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            if rest.is_empty() && !are_all {
                return None;
            }
            let (result, taken, written) = self.reader.read_field(rest, self.text.get_mut(used..).unwrap_or_default());
            at += taken;
            used += written;
            match result {
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadFieldResult::End => return Some(Extent { start, end: at }),
                ReadFieldResult::Field { record_end } => {
                    // Behind a field stands what ended it, but at the end of all.
                    let end = if rest.is_empty() { at } else { at - 1 };
                    let before = self.ends.last().copied().unwrap_or_default();
                    self.is_sound &= is_sound(&bytes[field..end], &self.text[before..used], self.separator);
                    self.ends.push(used);
                    field = at;
                    if record_end {
                        let is_half = !rest.is_empty() && bytes[end] == b'\r';
                        match bytes.get(at) {
                            Some(b'\n') if is_half => at += 1,
                            None if is_half && !are_all => return None,
                            _ => {}
                        }
                        return Some(Extent { start, end: at });
                    }
                }
            }
        }
    }

    /// The fields of the last record, if it is sound and has so many.
    pub fn sound(&self, fields: usize) -> Option<impl Iterator<Item = &str>> {
        let is_sound = self.is_sound && self.len() == fields;
        is_sound.then(|| (0..fields).map(|number| self.field(number).unwrap_or_default()))
    }

    /// How many fields the last record has.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field of the last record, unescaped.
    pub(super) fn field(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        std::str::from_utf8(self.text.get(start..end)?).ok()
    }
}

/// Whether a field is written as RFC 4180 wants it: in quotation marks, those inside doubled; or without any. Tables with
/// tabs need no quotation marks around a field that holds some. Tools that write for spreadsheets put `="14"` for a number
/// that is to stay as it is, and that cannot be taken for anything else.
fn is_sound(raw: &[u8], field: &[u8], separator: u8) -> bool {
    let marks = memchr::memchr_iter(b'"', field).count();
    if raw.first() == Some(&b'"') {
        return raw.last() == Some(&b'"') && raw.len() == field.len() + 2 + marks;
    }
    let is_formula = || marks == 2 && field.len() > 3 && field.starts_with(b"=\"") && field.ends_with(b"\"");
    marks == 0 || separator == b'\t' || is_formula()
}

/// The beginning of a table: what it is.
pub struct Head {
    /// What separates its fields.
    pub separator: u8,
    /// Names of the columns as written, without white space around them.
    pub names: Vec<String>,
    /// How long it is, with its line break and what stands before it.
    pub length: usize,
    /// Where each stands.
    pub(super) columns: HashMap<String, usize>,
    /// What ends its lines.
    pub(super) line_break: u8,
}

impl Head {
    /// The head of a table that begins with these bytes; `None` if they name fewer than two columns.
    pub fn of(bytes: &[u8]) -> Option<Head> {
        let mut start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let mut separators = SEPARATORS.to_vec();
        // The hint that Excel understands.
        if let Some([separator, line_break @ (b'\r' | b'\n'), ..]) = bytes.get(start..)?.strip_prefix(b"sep=") {
            separators.retain(|known| known == separator);
            start += "sep=;\n".len() + usize::from(*line_break == b'\r');
        }
        let rest = bytes.get(start..)?;
        let window = &rest[..rest.len().min(LONGEST_HEAD)];
        let read = |separator: u8| {
            let mut records = Records::new(separator);
            let extent = records.read(window, window.len() == rest.len())?;
            (records.is_sound && records.ends.len() >= 2).then_some((records, extent))
        };
        let found = separators.into_iter().filter_map(read);
        // Of two that have as many, the first.
        let (records, extent) =
            found.reduce(|best, next| if next.0.ends.len() > best.0.ends.len() { next } else { best })?;
        let names: Vec<String> =
            (0..records.ends.len()).map(|i| records.field(i).unwrap_or_default().trim().to_owned()).collect();
        let mut columns = HashMap::new();
        for (i, name) in names.iter().enumerate() {
            columns.entry(name.clone()).or_insert(i);
        }
        let line_break = if rest[..extent.end].ends_with(b"\r") { b'\r' } else { b'\n' };
        Some(Head { separator: records.separator, names, length: start + extent.end, columns, line_break })
    }

    /// Whether a sound record with as many fields stands behind it.
    pub fn has_rows(&self, bytes: &[u8]) -> bool {
        let rest = bytes.get(self.length..).unwrap_or_default();
        let window = &rest[..rest.len().min(LONGEST)];
        let mut records = Records::new(self.separator);
        records.read(window, window.len() == rest.len()).is_some() && records.sound(self.names.len()).is_some()
    }

    /// Whether there is a column of that name.
    pub fn has(&self, name: &str) -> bool {
        self.columns.contains_key(name)
    }

    /// Line breaks in a stretch of the table.
    pub fn breaks(&self, bytes: &[u8]) -> usize {
        memchr::memchr_iter(self.line_break, bytes).count()
    }
}
