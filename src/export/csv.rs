//! Records as comma-separated values (RFC 4180).
//!
//! The source does not say: an empty field. It says that there is nothing: `""`. Lists and objects are JSON inside their
//! fields. A text that a spreadsheet would run as a formula or round as a number has an apostrophe before it, and so has
//! one that begins with an apostrophe: whoever takes one away from the beginning of each field has the very text. Programs
//! that need not fear spreadsheets ask for the texts as they are.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{Cell, Column};
use crate::quote::csv::{field, inert};

/// What ends a record.
pub const END: &str = "\r\n";

/// What tells Excel that a table is UTF-8.
pub const MARK: &str = "\u{feff}";

/// The record of names, without its end.
pub fn head(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(",")
}

/// A record without its end; `verbatim` without any apostrophe.
pub fn record(cells: &[Cell], verbatim: bool) -> String {
    let mut record = String::new();
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            record.push(',');
        }
        match cell {
            Cell::Nothing => {}
            Cell::Text(text) if text.is_empty() => record.push_str("\"\""),
            Cell::Text(text) if verbatim => record.push_str(&field(text)),
            Cell::Text(text) => record.push_str(&field(&inert(text))),
            Cell::Time(at) => record.push_str(&time(without_leap(*at))),
            Cell::Day(day) => record.push_str(&day.to_string()),
            Cell::Number(number) => record.push_str(&number.to_string()),
            Cell::Flag(flag) => record.push_str(if *flag { "true" } else { "false" }),
            Cell::Texts(texts) if texts.is_empty() => {}
            Cell::Texts(texts) => record.push_str(&field(&serde_json::Value::from(texts.clone()).to_string())),
            Cell::Json(value) if value.as_array().is_some_and(Vec::is_empty) => {}
            Cell::Json(value) => record.push_str(&field(&value.to_string())),
        }
    }
    record
}

/// An instant as it is written everywhere.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// An instant for readers that know no sixtieth second: a leap second is the last microsecond of its day, and not the first of the next.
pub(super) fn without_leap(at: DateTime<Utc>) -> DateTime<Utc> {
    if at.timestamp_subsec_micros() < 1_000_000 {
        return at;
    }
    DateTime::from_timestamp(at.timestamp(), 999_999_000).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_safe_or_verbatim() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let at = |at: &str| Cell::Time(at.parse().unwrap());
        for (cell, safe, verbatim) in [
            (Cell::Nothing, "", ""),
            (text(""), "\"\"", "\"\""),
            (text("=1+1"), "'=1+1", "=1+1"),
            (text("＝1,1"), "\"'＝1,1\"", "\"＝1,1\""),
            (text("\tx"), "\"'\tx\"", "\"\tx\""),
            (text("'so'"), "''so'", "'so'"),
            (text("1419447371166646272"), "'1419447371166646272", "1419447371166646272"),
            (text("a\r\n\"b\""), "\"a\r\n\"\"b\"\"\"", "\"a\r\n\"\"b\"\"\""),
            (Cell::Number(1_419_447_371_166_646_272), "1419447371166646272", "1419447371166646272"),
            (Cell::Flag(false), "false", "false"),
            (at("2016-12-31T23:59:60.5Z"), "2016-12-31T23:59:59.999999Z", "2016-12-31T23:59:59.999999Z"),
            (at("2016-12-31T23:59:59.5Z"), "2016-12-31T23:59:59.500Z", "2016-12-31T23:59:59.500Z"),
            (
                Cell::Texts(vec!["=a".to_owned(), "b".to_owned()]),
                "\"[\"\"=a\"\",\"\"b\"\"]\"",
                "\"[\"\"=a\"\",\"\"b\"\"]\"",
            ),
            (Cell::Texts(Vec::new()), "", ""),
        ] {
            let cells = [cell, Cell::Flag(true)];
            assert_eq!(record(&cells, false), format!("{safe},true"), "{cells:?}");
            assert_eq!(record(&cells, true), format!("{verbatim},true"), "{cells:?}");
        }
    }
}
