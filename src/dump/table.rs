//! Tables as files: records of fields that commas, semicolons or tabs separate, the names of the columns in the first.
//!
//! A record may hold line breaks inside quotation marks. `csv-core` takes fields apart and forgives what RFC 4180 does not
//! allow; here nothing is forgiven, because a quotation mark that is dropped is a wrong quote, and a field too few puts
//! words into another's mouth. Such a record costs itself only: reading goes on with its second line, and what is found in
//! the lines that it had swallowed says so. `import` cuts tables by the same rule.

use std::collections::HashMap;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use url::Url;

use crate::exchange::Exchange;
use crate::model::{Found, Post, Skipped};
use crate::platform::{Page, ParseError};

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
    is_sound: bool,
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

    fn field(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        std::str::from_utf8(self.text.get(start..end)?).ok()
    }
}

/// Whether a field is written as RFC 4180 wants it: in quotation marks, those inside doubled; or without any. Tables with
/// tabs need no quotation marks around a field that holds some.
fn is_sound(raw: &[u8], field: &[u8], separator: u8) -> bool {
    let marks = memchr::memchr_iter(b'"', field).count();
    if raw.first() == Some(&b'"') {
        return raw.last() == Some(&b'"') && raw.len() == field.len() + 2 + marks;
    }
    marks == 0 || separator == b'\t'
}

/// The beginning of a table: what it is.
pub struct Head {
    /// What separates its fields.
    pub separator: u8,
    /// Names of the columns as written, without white space around them.
    pub names: Vec<String>,
    /// How long it is, with its line break and what stands before it.
    pub length: usize,
    columns: HashMap<String, usize>,
    line_break: u8,
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

    /// Whether there is a column of that name.
    pub fn has(&self, name: &str) -> bool {
        self.columns.contains_key(name)
    }

    /// Line breaks in a stretch of the table.
    pub fn breaks(&self, bytes: &[u8]) -> usize {
        memchr::memchr_iter(self.line_break, bytes).count()
    }
}

/// A row: a sound record, by the names of its columns.
pub struct Row<'a> {
    head: &'a Head,
    records: &'a Records,
    /// Whether a broken record before it may have been meant to hold it.
    is_torn: bool,
}

impl<'a> Row<'a> {
    /// What stands in a column; `None` if there is no such column, or nothing in it.
    pub fn get(&self, column: &str) -> Option<&'a str> {
        self.records.field(*self.head.columns.get(column)?).filter(|value| !value.is_empty())
    }

    /// Whether the table has a column of that name.
    pub fn has(&self, column: &str) -> bool {
        self.head.has(column)
    }

    /// What stands in the first of these columns that holds something.
    pub fn first(&self, columns: &[&str]) -> Option<&'a str> {
        columns.iter().find_map(|column| self.get(column))
    }
}

/// The rows of a table, in order.
pub struct Rows<'a> {
    bytes: &'a [u8],
    head: &'a Head,
    records: Records,
    at: usize,
    line: usize,
    /// Where a broken record ended that took several lines.
    torn_until: usize,
    /// Bytes that may still be read again because of it.
    patience: usize,
    /// Whether it was said already that these lines are broken.
    is_told: bool,
}

impl<'a> Rows<'a> {
    /// The rows behind the head.
    pub fn of(bytes: &'a [u8], head: &'a Head) -> Rows<'a> {
        let at = head.length.min(bytes.len());
        Rows {
            bytes,
            head,
            records: Records::new(head.separator),
            at,
            line: 1 + head.breaks(&bytes[..at]),
            torn_until: 0,
            patience: 0,
            is_told: false,
        }
    }

    /// The next row, or what is wrong with it; and the line on which it begins.
    pub fn next(&mut self) -> Option<(usize, Result<Row<'_>, String>)> {
        let (line, fault, is_torn) = loop {
            let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
            let window = &rest[..rest.len().min(LONGEST)];
            let extent = self.records.read(window, window.len() == rest.len());
            let is_open = extent.is_none();
            let Extent { start, end } = extent.unwrap_or_else(|| {
                let more = memchr::memchr(b'\n', &rest[window.len()..]).map_or(rest.len(), |at| window.len() + at + 1);
                Extent { start: window.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count(), end: more }
            });
            if start == end {
                self.at = self.bytes.len();
                return None;
            }
            let line = self.line + self.head.breaks(&rest[..start]);
            let is_torn = self.at + start < self.torn_until;
            let fields = self.records.ends.len();
            let fault = if is_open {
                Some("lacks a quotation mark at its end".to_owned())
            } else if !self.records.is_sound {
                Some("has a quotation mark where none can stand, or lacks one".to_owned())
            } else if fields != self.head.names.len() {
                Some(format!("has {fields} fields, and the table {} columns", self.head.names.len()))
            } else {
                None
            };
            let Some(fault) = fault else {
                self.go_to(end);
                self.is_told = false;
                break (line, None, is_torn);
            };
            let second = memchr::memchr(self.head.line_break, &rest[start..end]).map_or(end, |at| start + at + 1);
            self.take_apart(start, second, end);
            if !(is_torn && self.is_told) {
                self.is_told = true;
                break (line, Some(fault), is_torn);
            }
        };
        Some(match fault {
            Some(fault) => (line, Err(fault)),
            None => (line, Ok(Row { head: self.head, records: &self.records, is_torn })),
        })
    }

    /// Goes on behind the first line of a broken record, as long as that does not mean to read everything again and again.
    fn take_apart(&mut self, start: usize, second: usize, end: usize) {
        if second == end {
            return self.go_to(end);
        }
        let reach = self.at + end;
        if reach > self.torn_until {
            self.patience += 4 * (reach - self.torn_until.max(self.at + start));
            self.torn_until = reach;
        }
        match self.patience.checked_sub(end - start) {
            Some(left) => {
                self.patience = left;
                self.go_to(second);
            }
            None => self.go_to(end),
        }
    }

    fn go_to(&mut self, end: usize) {
        let end = (self.at + end).min(self.bytes.len());
        self.line += self.head.breaks(&self.bytes[self.at..end]);
        self.at = end;
    }
}

/// A table that a reader was given.
pub struct Table {
    text: String,
    /// Its beginning.
    pub head: Head,
    reader: &'static str,
}

impl Table {
    /// The table in an exchange.
    ///
    /// # Errors
    /// It is none, or the server refused.
    pub fn of(exchange: &Exchange, reader: &'static str) -> Result<Table, ParseError> {
        let media_type = exchange.media_type();
        if ["html", "json", "xml"].iter().any(|kind| media_type.contains(kind)) {
            // It need not be decoded to see that.
            return Err(misfit(reader, format!("{media_type} is no table")));
        }
        let text = exchange.text()?;
        let status = exchange.response.status;
        if status >= 400 {
            let message = text.lines().next().unwrap_or_default().chars().take(200).collect();
            return Err(ParseError::Refused { platform: reader, status, message });
        }
        match Head::of(text.as_bytes()) {
            Some(head) => Ok(Table { text, head, reader }),
            None => Err(misfit(reader, "no table: its first line does not name columns")),
        }
    }

    /// Whether all of these columns are there.
    ///
    /// # Errors
    /// Names the first that is not.
    pub fn needs(&self, columns: &[&str]) -> Result<(), ParseError> {
        match columns.iter().find(|column| !self.head.has(column)) {
            Some(missing) => Err(misfit(self.reader, format!("no column `{missing}`"))),
            None => Ok(()),
        }
    }

    /// Reads all rows. What a row gives beyond its first post stood inside that one.
    pub fn page(&self, shape: &'static str, mut posts: impl FnMut(&Row<'_>) -> Result<Vec<Post>, String>) -> Page {
        let mut page = Page { shape, ..Page::default() };
        let mut rows = Rows::of(self.text.as_bytes(), &self.head);
        while let Some((line, row)) = rows.next() {
            let at = format!("line {line}");
            match row.and_then(|row| posts(&row).map(|posts| (posts, row.is_torn))) {
                Ok((posts, is_torn)) => {
                    for (i, mut post) in posts.into_iter().enumerate() {
                        if is_torn {
                            post.doubts.push(TORN.to_owned());
                        }
                        page.posts.push(Found { post, at: at.clone(), nested: i > 0 });
                    }
                }
                Err(reason) => page.skipped.push(Skipped { at, reason }),
            }
        }
        page
    }
}

const TORN: &str = "It stands behind a broken record of the table, and may be a piece of that.";

/// The error of a reader whose shape this is not.
pub fn misfit(reader: &'static str, what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: reader, misfit: what.into() }
}

/// A count: spreadsheets and tools write `1,234`, and `3.0` where some rows have none.
pub fn count(text: Option<&str>) -> Option<u64> {
    let text = text?.trim();
    let whole = text.strip_suffix(".0").unwrap_or(text);
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    if !rest.is_empty() && (first.len() > 3 || rest.iter().any(|group| group.len() != 3)) {
        return None;
    }
    let digits = format!("{first}{}", rest.concat());
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The words in a field.
///
/// # Errors
/// There are none, or a spreadsheet took them for a formula.
pub fn words(text: Option<&str>) -> Result<&str, String> {
    let text = text.filter(|text| !text.trim().is_empty()).ok_or("has no text")?;
    match text.trim() {
        "#NAME?" | "#VALUE!" | "#REF!" | "#N/A" | "#ERROR!" => {
            Err(format!("has no text: a spreadsheet has put {} in its place", text.trim()))
        }
        _ => Ok(text),
    }
}

/// The name of a site that no platform here knows: `facebook` for `https://www.facebook.com/…`.
pub fn site(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    let host = ["www.", "m.", "mobile."].iter().find_map(|start| host.strip_prefix(start)).unwrap_or(host);
    let name = host.rsplit_once('.').map(|(name, _)| name).filter(|name| !name.contains('.'));
    Some(name.unwrap_or(host).to_owned())
}

/// `yes` and `no`, `True` and `False`, as tools write them.
pub fn is_yes(text: Option<&str>) -> bool {
    text.is_some_and(|text| ["yes", "true", "1"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(usize, Result<Vec<String>, String>)> {
        let head = Head::of(text.as_bytes()).unwrap();
        let mut rows = Rows::of(text.as_bytes(), &head);
        let mut found = Vec::new();
        while let Some((line, row)) = rows.next() {
            let fields =
                |row: Row<'_>| (0..row.records.ends.len()).map(|i| row.records.field(i).unwrap().to_owned()).collect();
            found.push((line, row.map(fields)));
        }
        found
    }

    fn sound(text: &str) -> Vec<(usize, Vec<String>)> {
        rows(text).into_iter().filter_map(|(line, row)| Some((line, row.ok()?))).collect()
    }

    #[test]
    fn fields_are_what_was_written() {
        for separator in [",", ";", "\t"] {
            for end in ["\n", "\r\n"] {
                let table = ["a|b|c", "1|\"two |, ;\t\"\"2\"\"\n\r\nx\"|3", "", "4||\" 6 \"", "7|8|9"].join(end);
                let table = table.replace('|', separator);
                let inner = format!("two {separator}, ;\t\"2\"\n\r\nx");
                let expected = vec![
                    (2, vec!["1".to_owned(), inner, "3".to_owned()]),
                    (6, vec!["4".to_owned(), String::new(), " 6 ".to_owned()]),
                    (7, vec!["7".to_owned(), "8".to_owned(), "9".to_owned()]),
                ];
                assert_eq!(sound(&table), expected, "{table:?}");
                assert_eq!(sound(&format!("\u{feff}{table}{end}{end}")), expected, "{table:?}");
            }
        }
        assert_eq!(sound("sep=;\r\na,b;c\r\n1;2\r\n"), [(3, vec!["1".to_owned(), "2".to_owned()])]);
    }

    #[test]
    fn what_is_forgiven_elsewhere_is_no_record() {
        for broken in [
            "1,\"He said \"hi\" there\",3",
            "1,He said \"hi\",3",
            "1,\"two\"2,3",
            "1,\"two\" ,3",
            "1,2",
            "1,2,3,4",
            "\"1,2,3",
            "1,2,\"",
            "1,2,\"3\"\"",
        ] {
            let found = rows(&format!("a,b,c\n7,8,9\n{broken}\n4,5,6\n"));
            let lines: Vec<(usize, bool)> = found.iter().map(|(line, row)| (*line, row.is_ok())).collect();
            assert_eq!(lines, [(2, true), (3, false), (4, true)], "{broken}");
        }
        // Tables with tabs are often written without any quoting.
        assert_eq!(sound("a\tb\n1\tsays \"hi\"\n").len(), 1);
    }

    #[test]
    fn what_a_broken_record_swallowed_is_found_and_doubtful() {
        let table = "id,text,by\n1,\"no end,ada\n2,plain,ben\n3,\"quoted, indeed\",cay\n4,last,dee\n";
        let head = Head::of(table.as_bytes()).unwrap();
        let mut rows = Rows::of(table.as_bytes(), &head);
        let mut seen = Vec::new();
        while let Some((line, row)) = rows.next() {
            seen.push((line, row.map(|row| (row.get("by").unwrap().to_owned(), row.is_torn)).ok()));
        }
        let row = |by: &str, torn| Some((by.to_owned(), torn));
        assert_eq!(seen, [(2, None), (3, row("ben", true)), (4, row("cay", true)), (5, row("dee", false))]);
    }

    #[test]
    fn hostile_tables_are_not_read_again_and_again() {
        // Each of these lines may go on for ever, and so may the next: in quadratic time these would take hours.
        for line in ["x\",\"\n", "\"\n", "\"\",\"\n", "\",\",\"\n", "a,b,\"c\n", "\"a\"\"\n"] {
            let table = format!("a,b,c\n{}", line.repeat(2_000_000 / line.len()));
            assert!(sound(&table).len() * 2 <= table.len(), "{line:?}");
        }
        // What one missing quotation mark has swallowed is found again, all of it.
        let open = format!("a,b,c\n1,\"{}", "2,3,4\n".repeat(500_000));
        let found = sound(&open);
        assert_eq!((found.len(), found[0].0), (499_999, 3));
    }

    #[test]
    fn counts_are_whole_numbers() {
        for (text, expected) in [
            ("5", Some(5)),
            ("3.0", Some(3)),
            ("1,234,567", Some(1_234_567)),
            ("1,23", None),
            ("12345,678", None),
            ("1.2K", None),
            ("-1", None),
            ("", None),
        ] {
            assert_eq!(count(Some(text)), expected, "{text}");
        }
    }
}
