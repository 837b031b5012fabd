//! Tables as files: records of fields that commas, semicolons or tabs separate, the names of the columns in the first.
//!
//! A record may hold line breaks inside quotation marks. `csv-core` takes fields apart and forgives what RFC 4180 does not
//! allow; here nothing is forgiven, because a quotation mark that is dropped is a wrong quote, and a field too few puts
//! words into another's mouth. Such a record costs itself only: reading goes on with its second line, and what is found in
//! the lines that it had swallowed says so. `import` cuts tables by the same rule.

mod records;
mod values;

use crate::exchange::Exchange;
use crate::model::{Found, Post, Skipped};
use crate::platform::{Page, ParseError};

pub use records::{Extent, Head, LONGEST, Records};
pub use values::{bare, count, is_yes, link, site, words};

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
            let fields = self.records.len();
            let repeats = |(number, name): (usize, &String)| {
                self.records.field(number).is_some_and(|field| field.trim().eq_ignore_ascii_case(name.trim()))
            };
            let repeats_head = || self.head.names.iter().enumerate().all(repeats);
            let fault = if is_open {
                Some("lacks a quotation mark at its end".to_owned())
            } else if !self.records.is_sound {
                Some("has a quotation mark where none can stand, or lacks one".to_owned())
            } else if fields != self.head.names.len() {
                Some(format!("has {fields} fields, and the table {} columns", self.head.names.len()))
            } else if fields > 1 && repeats_head() {
                Some("repeats the names of the columns".to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(usize, Result<Vec<String>, String>)> {
        let head = Head::of(text.as_bytes()).unwrap();
        let mut rows = Rows::of(text.as_bytes(), &head);
        let mut found = Vec::new();
        while let Some((line, row)) = rows.next() {
            let fields =
                |row: Row<'_>| (0..row.records.len()).map(|i| row.records.field(i).unwrap().to_owned()).collect();
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
        // What keeps spreadsheets from rounding.
        assert_eq!(sound("a,b\n=\"14\",2\n")[0].1, ["=\"14\"", "2"]);
        for broken in ["=\"1,4\",2", "=\"14,2", "=\"\",2", "x=\"14\",2", "=\"1\"4\",2"] {
            assert!(sound(&format!("a,b\n{broken}\n")).is_empty(), "{broken}");
        }
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
}
