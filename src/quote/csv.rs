//! Posts as a table of comma-separated values (RFC 4180), for spreadsheets and for programs.
//!
//! A cell that a spreadsheet would take for a formula, or round as a number, begins with an apostrophe, and so does one
//! that began with one before: whoever takes one apostrophe away from the beginning of each cell has what was there. Line
//! breaks stay inside their cells.

use std::borrow::Cow;

use serde_json::Value;

use super::{Quotable, json};

/// The columns, in order.
pub const COLUMNS: [&str; 29] = [
    "key",
    "platform",
    "id",
    "uri",
    "url",
    "author_name",
    "author_handle",
    "author_id",
    "created",
    "created_precision",
    "edited",
    "deleted",
    "text",
    "text_state",
    "content_warning",
    "lang",
    "kind",
    "reply_to",
    "repost_of",
    "quote_of",
    "hashtags",
    "links",
    "likes",
    "reposts",
    "replies",
    "quotes",
    "views",
    "captured",
    "record_id",
];

/// The line of names.
pub fn head() -> String {
    COLUMNS.join(",")
}

/// A post as one record.
pub fn record(quotable: &Quotable) -> String {
    let object = Value::Object(json::archived(quotable));
    let at = |pointer: &str| object.pointer(pointer).unwrap_or(&Value::Null);
    let list = |pointer: &str, inside: &str| {
        let items = at(pointer).as_array().into_iter().flatten();
        let items = items.filter_map(|item| if inside.is_empty() { item.as_str() } else { item[inside].as_str() });
        Value::String(items.collect::<Vec<_>>().join(" "))
    };
    let cells = COLUMNS.map(|column| match column {
        "author_name" => at("/author/name").clone(),
        "author_handle" => at("/author/handle").clone(),
        "author_id" => at("/author/id").clone(),
        "created" => at("/created/at").clone(),
        "created_precision" => at("/created/precision").clone(),
        "deleted" => at("/deleted/at").clone(),
        "hashtags" => list("/hashtags", ""),
        "links" => list("/links", "url"),
        "likes" | "reposts" | "replies" | "quotes" | "views" => at(&format!("/metrics/{column}")).clone(),
        "captured" => at("/capture/at").clone(),
        "record_id" => at("/capture/record_id").clone(),
        column => at(&format!("/{column}")).clone(),
    });
    let cells = cells.iter().map(|cell| match cell {
        Value::Null => String::new(),
        Value::String(text) => self::cell(text),
        number => number.to_string(),
    });
    cells.collect::<Vec<_>>().join(",")
}

/// A text as a cell that says nothing but itself.
pub fn cell(text: &str) -> String {
    field(&inert(text)).into_owned()
}

/// A text that no spreadsheet takes for a formula, nor rounds as a number: with an apostrophe before it, if it needs one.
pub fn inert(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['\t', '\r', '\n', '\0', '\''])
        // White space before it is cut off by some that read tables.
        || text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    // Spreadsheets keep fifteen digits of a number, and no zeros before it.
    let is_number =
        text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() > 15 || text.starts_with('0'));
    if is_formula || is_number { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// A text as a field of a record, in quotation marks if it needs them.
pub fn field(text: &str) -> Cow<'_, str> {
    if text.contains(['"', ',', '\n', '\r', ';', '\t']) || text.starts_with(' ') || text.ends_with(' ') {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_is_no_formula_and_no_rounded_number() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a, b", "\"a, b\""),
            ("he said \"no\"", "\"he said \"\"no\"\"\""),
            ("one\ntwo", "\"one\ntwo\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("@somebody hi", "'@somebody hi"),
            ("  ＝1+1", "'  ＝1+1"),
            (" 1", "\" 1\""),
            ("-1", "'-1"),
            ("'quoted'", "''quoted'"),
            ("1419447371166646272", "'1419447371166646272"),
            ("007", "'007"),
            ("42", "42"),
        ] {
            assert_eq!(cell(text), expected, "{text}");
        }
    }
}
