//! Says where the rows of two databases differ, for people.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{Row, Rows};

use super::compare::{TABLES, fingerprint};
use super::{Reader, StoreError};

/// Rows of one table that are named.
const NAMED: usize = 5;

/// The tables that came with the ledger of coverage.
const LEDGER: [&str; 6] = ["metered", "recheck", "asked", "covered", "hindrance", "kept_before"];

/// What the rows of `found` say that those of `true_ones`, read from the captures, do not: a few sentences for each
/// table that is not equal, none if all are.
///
/// # Errors
/// A damaged database.
pub fn differences(found: &Reader, true_ones: &Reader) -> Result<Vec<String>, StoreError> {
    let mut told = Vec::new();
    let is_older = found.is_older_than_its_ledger()?;
    let tables = fingerprint(found)?.into_iter().zip(fingerprint(true_ones)?).zip(TABLES);
    for (((table, count, digest), (_, true_count, true_digest)), (_, order)) in tables {
        // An older version did not keep what it could not know: a rebuild finds out.
        if is_older && LEDGER.contains(&table) {
            continue;
        }
        let sql = format!("SELECT * FROM {table} ORDER BY {order}");
        let mut of_found = found.db.prepare(&sql).map_err(found.error("compare"))?;
        let mut of_true = true_ones.db.prepare(&sql).map_err(true_ones.error("compare"))?;
        let columns: Vec<String> = of_found.column_names().map(str::to_owned).collect();
        if !of_true.column_names().eq(&columns) {
            told.push(format!("{table} has other columns"));
            continue;
        }
        if (count, digest) == (true_count, true_digest) {
            continue;
        }
        if count != true_count {
            told.push(format!("{table} has {count} rows, and the captures give {true_count}"));
        }
        // A post is known by its key.
        let name = if table == "post" { "key" } else { order };
        let names: BTreeSet<&str> = name.split(", ").collect();
        let mut left = of_found.query([]).map_err(found.error("compare"))?;
        let mut right = of_true.query([]).map_err(true_ones.error("compare"))?;
        let mut named = 0;
        while let (Some(is), Some(should)) = (
            step(&mut left, columns.len()).map_err(found.error("compare"))?,
            step(&mut right, columns.len()).map_err(true_ones.error("compare"))?,
        ) {
            if is == should {
                continue;
            }
            let differ: Vec<&str> = columns
                .iter()
                .zip(is.iter().zip(&should))
                .filter(|(_, (is, should))| is != should)
                .map(|(column, _)| column.as_str())
                .collect();
            let row: Vec<String> = columns
                .iter()
                .zip(&is)
                .filter(|(column, _)| names.contains(column.as_str()))
                .map(|(_, value)| shown(value))
                .collect();
            let row = row.join(" ");
            if differ.iter().any(|column| names.contains(column)) {
                // From here on the rows do not stand side by side any more.
                told.push(format!("{table} {row} stands where the captures give another row"));
                break;
            }
            if named == NAMED {
                told.push(format!("more rows of {table} are not what the captures say"));
                break;
            }
            named += 1;
            told.push(format!("{table} {row} is not what the captures say: {}", differ.join(", ")));
        }
    }
    Ok(told)
}

fn step(rows: &mut Rows<'_>, columns: usize) -> rusqlite::Result<Option<Vec<Value>>> {
    let values = |row: &Row<'_>| (0..columns).map(|column| row.get(column)).collect();
    rows.next()?.map(values).transpose()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => format!("({} bytes)", bytes.len()),
    }
}
