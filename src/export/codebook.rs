//! The codebook: what every column means, out of the comments of schema.sql, which is the data dictionary.

use std::collections::BTreeMap;

use super::{CAPTURE_COLUMNS, COLUMNS, Column, Shape};
use crate::store::SCHEMA;

/// The comments of schema.sql by `table.column`. One above several columns is of all of them.
fn comments() -> BTreeMap<String, String> {
    let (mut comments, mut table) = (BTreeMap::new(), None);
    let (mut comment, mut is_told) = (String::new(), false);
    for line in SCHEMA.lines() {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            table = rest.split([' ', '(']).next();
            comment.clear();
            continue;
        }
        let Some(name) = table else { continue };
        if line.starts_with(')') {
            table = None;
            continue;
        }
        let line = line.trim();
        if let Some(said) = line.strip_prefix("--") {
            if is_told {
                comment.clear();
                is_told = false;
            }
            if !comment.is_empty() {
                comment.push(' ');
            }
            comment.push_str(said.trim());
            continue;
        }
        // Constraints of the table are written in capitals.
        let Some(column) = line.split(' ').next().filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        else {
            continue;
        };
        comments.insert(format!("{name}.{column}"), comment.clone());
        is_told = true;
    }
    comments
}

/// A description of each of some columns, in their order; an empty one for a column that nobody has described.
pub fn descriptions(columns: &[Column]) -> Vec<String> {
    let comments = comments();
    let describe = |column: &Column| {
        let said = if column.note.is_empty() {
            comments.get(column.of).cloned().unwrap_or_default()
        } else {
            column.note.to_owned()
        };
        said.trim().to_owned()
    };
    columns.iter().map(describe).collect()
}

/// What a package says about its columns, in Markdown. `remarks` stand before the tables.
pub fn codebook(title: &str, remarks: &[String]) -> String {
    let mut page = format!("# Codebook: {title}\n\n");
    for remark in remarks {
        page += &format!("- {remark}\n");
    }
    for (name, what, columns) in [
        ("data/posts.csv", "One post a row, newest first; those without a date last.", COLUMNS),
        (
            "data/captures.csv",
            "One capture a row: an answer of a server, or a file, that proves the text of a post. In order of arrival.",
            CAPTURE_COLUMNS,
        ),
    ] {
        page += &format!("\n## {name}\n\n{what}\n\n| column | type | meaning |\n|---|---|---|\n");
        for (column, said) in columns.iter().zip(descriptions(columns)) {
            page += &format!("| `{}` | {} | {} |\n", column.name, kind(column.shape), said.replace('|', "\\|"));
        }
    }
    page
}

/// The type of a column as Table Schema calls it (<https://datapackage.org/standard/table-schema/#field-types>).
pub(super) fn kind(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "string",
        Shape::Time => "datetime",
        Shape::Day => "date",
        Shape::Number => "integer",
        Shape::Flag => "boolean",
        Shape::Texts | Shape::Objects => "array",
        Shape::Object => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_described_and_stands_in_the_schema() {
        let comments = comments();
        for columns in [COLUMNS, CAPTURE_COLUMNS] {
            for (column, said) in columns.iter().zip(descriptions(columns)) {
                assert!(comments.contains_key(column.of), "{}: schema.sql has no {}", column.name, column.of);
                assert!(said.len() > 10 && said.ends_with(['.', ')', ']', '}']), "{}: {said:?}", column.name);
            }
        }
        assert_eq!(
            comments["post.lang"],
            "BCP 47 language tag as the platform gives it; several are joined by commas."
        );
        assert_eq!(comments["post.likes"], comments["post.views"], "one comment above several columns");
    }
}
