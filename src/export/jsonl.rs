//! Records as JSON, one object a line, verbatim: ids are strings, what the source does not say is `null`, an empty list a
//! list.

use super::csv::time;
use super::{Cell, Column};

/// A record as an object, whose keys stand in the order of the columns.
pub fn record(columns: &[Column], cells: &[Cell]) -> String {
    let mut line = String::from("{");
    for (column, cell) in columns.iter().zip(cells) {
        if line.len() > 1 {
            line.push(',');
        }
        // The names of columns have nothing in them that is to be escaped.
        line.push('"');
        line.push_str(column.name);
        line.push_str("\":");
        match cell {
            Cell::Nothing => line.push_str("null"),
            Cell::Text(text) => line.push_str(&string(text)),
            Cell::Time(at) => line.push_str(&string(&time(*at))),
            Cell::Day(day) => line.push_str(&string(&day.to_string())),
            Cell::Number(number) => line.push_str(&number.to_string()),
            Cell::Flag(flag) => line.push_str(if *flag { "true" } else { "false" }),
            Cell::Texts(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| string(text)).collect();
                line.push_str(&format!("[{}]", texts.join(",")));
            }
            Cell::Json(value) => line.push_str(&value.to_string()),
        }
    }
    line.push('}');
    line
}

fn string(text: &str) -> String {
    // There is no text that JSON could refuse.
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::Shape;
    use super::*;

    #[test]
    fn a_record_is_one_line_with_every_key() {
        let column = |name| Column { name, shape: Shape::Text, required: false, of: "", note: "" };
        let columns = [column("a"), column("b"), column("c")];
        let cells = [
            Cell::Text("=1\n\u{2028}👍🏽\u{1}".to_owned()),
            Cell::Nothing,
            Cell::Texts(vec!["1419447371166646272".to_owned()]),
        ];
        let line = record(&columns, &cells);
        assert!(!line.contains('\n'), "{line}");
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value, serde_json::json!({ "a": "=1\n\u{2028}👍🏽\u{1}", "b": null, "c": ["1419447371166646272"] }));
    }
}
