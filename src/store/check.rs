//! Proves that the database is whole.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, Row};

use super::read::{CAPTURE_COLUMNS, capture_row};
use super::revision::{self, Revision};
use super::row::{COLUMNS, instant, list, post_row, value};
use super::{StoreError, index, open, version};
use crate::exchange::Request;

/// Rows of one table that are named; where one is wrong, often all are.
const NAMED: usize = 5;

/// Looks at every page, every index, every reference, every word and every row: one sentence for each thing that does
/// not fit, none if all is well. A file that is no database of pullquote is such a thing.
///
/// It changes nothing. For the index of words it takes SQLite's lock, which a writer would wait for in vain: only where
/// the caller knows that nobody writes (`alone`) and something may be written is that index looked at.
///
/// # Errors
/// No file, one of an older or a newer version, one that another program holds, a medium that cannot be read.
pub fn check(path: &Path, alone: bool) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    let looked =
        open::for_checking(path, alone).and_then(|db| look(&db, &mut faults).map_err(StoreError::of(path, "check")));
    match looked {
        Ok(()) => {}
        // The writer is only making it.
        Err(StoreError::NotOurs(_)) if !alone => {}
        Err(StoreError::Sql { source, .. }) if source.sqlite_error_code() == Some(ErrorCode::Unknown) => {
            // A table or a column is not there.
            faults.push(source.to_string());
        }
        Err(error @ (StoreError::NotOurs(_) | StoreError::Damaged { .. })) => faults.push(error.to_string()),
        Err(error) => return Err(error),
    }
    Ok(faults)
}

fn look(db: &Connection, faults: &mut Vec<String>) -> rusqlite::Result<()> {
    for line in db.prepare("PRAGMA integrity_check")?.query_map([], |row| row.get::<_, String>(0))? {
        faults.extend(Some(line?).filter(|line| line != "ok"));
    }
    let mut references = db.prepare("PRAGMA foreign_key_check")?;
    let mut rows = references.query([])?;
    while let Some(row) = rows.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        faults.push(format!("a row of {table} refers to a row of {parent} that is not there"));
    }
    match db.execute("INSERT INTO post_fts (post_fts) VALUES ('integrity-check')", []) {
        Err(error) if !open::is_write_protected(&error) => {
            faults.push(format!("the index of words is not whole: {error}"));
        }
        _ => {}
    }
    let posts = format!("SELECT {COLUMNS}, p.key FROM post p JOIN capture c ON c.id = p.capture");
    let before = faults.len();
    read_all(db, "post", &posts, faults, |row| post_row(row).map(drop))?;
    // What cannot be read cannot be compared.
    if faults.len() == before && !index::fits(db)? {
        faults.push("the index of words does not fit the texts".to_owned());
    }
    read_all(db, "revision", revision::ALL, faults, |row| Revision::read(row).map(drop))?;
    read_all(db, "version", &version::all_sql(), faults, |row| version::read(row).map(drop))?;
    let captures = format!("SELECT {CAPTURE_COLUMNS}, c.id FROM capture c");
    read_all(db, "capture", &captures, faults, |row| capture_row(row).map(drop))?;
    read_all(db, "run", "SELECT started, name FROM run", faults, |row| instant(row, 0).map(drop))?;
    let names = "SELECT first_seen, last_seen, account FROM account_name";
    read_all(db, "account_name", names, faults, |row| instant(row, 0).and(instant(row, 1)).map(drop))?;
    read_all(db, "deletion", "SELECT at, capture FROM deletion", faults, |row| instant(row, 0).map(drop))?;
    let states = "SELECT pending, later, job || ' ' || source FROM source_state";
    read_all(db, "source_state", states, faults, |row| {
        list::<Request>(row, 0)?;
        value::<Request>(row, 1).map(drop)
    })?;
    for (what, sql) in RULES {
        let keys = format!("SELECT key FROM ({sql}) LIMIT {NAMED}");
        for key in db.prepare(&keys)?.query_map([], |row| row.get::<_, String>(0))? {
            faults.push(format!("post {}: {what}", key?));
        }
    }
    Ok(())
}

/// What holds between rows: what is wrong, and the posts of which it is true.
const RULES: &[(&str, &str)] = &[
    (
        "it shows other words than its revision",
        "SELECT p.key FROM post p JOIN revision r ON r.post = p.id AND r.number = p.revision \
         WHERE p.text <> r.text OR p.text_state <> r.text_state OR p.authority <> r.authority",
    ),
    (
        "it shows another author than its revision",
        "SELECT p.key FROM post p JOIN revision r ON r.post = p.id AND r.number = p.revision \
         WHERE r.author_handle IS NOT NULL AND p.author_handle IS NOT r.author_handle",
    ),
    (
        "it shows a revision that is not there",
        "SELECT p.key FROM post p WHERE EXISTS (SELECT 1 FROM revision r WHERE r.post = p.id) \
         AND NOT EXISTS (SELECT 1 FROM revision r WHERE r.post = p.id AND r.number = p.revision)",
    ),
    (
        "it was seen in a way that is not there",
        "SELECT DISTINCT p.key FROM post p JOIN version w ON w.post = p.id JOIN sighting s ON s.post = p.id \
         WHERE NOT EXISTS (SELECT 1 FROM version v WHERE v.post = s.post AND v.number = s.version)",
    ),
    (
        "it was seen in a state that is not there",
        "SELECT p.key FROM post p JOIN version v ON v.post = p.id WHERE v.revision > 1 \
         AND NOT EXISTS (SELECT 1 FROM revision r WHERE r.post = v.post AND r.number = v.revision)",
    ),
    (
        "no account goes by the handle that it shows",
        "SELECT p.key FROM post p WHERE p.author_handle IS NOT NULL \
         AND p.author_handle NOT IN (SELECT handle FROM account_name)",
    ),
    (
        "its account is of another platform",
        "SELECT p.key FROM post p JOIN account a ON a.id = p.account WHERE a.platform <> p.platform",
    ),
    (
        "no source has the authority that it claims",
        "SELECT p.key FROM post p WHERE p.authority NOT IN (0, 1, 2) OR p.author_authority NOT IN (0, 1, 2)",
    ),
];

/// Reads every row as the program does; the last column names the row.
fn read_all(
    db: &Connection,
    table: &str,
    sql: &str,
    faults: &mut Vec<String>,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = db.prepare(sql)?;
    let name = statement.column_count().saturating_sub(1);
    let mut rows = statement.query([])?;
    let mut bad = 0;
    while let Some(row) = rows.next()? {
        if let Err(error) = read(row) {
            bad += 1;
            if bad <= NAMED {
                let name = match row.get_ref(name)? {
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    name => name.as_str().unwrap_or_default().to_owned(),
                };
                faults.push(format!("{table} {name} says what pullquote never writes: {error}"));
            }
        }
    }
    if bad > NAMED {
        faults.push(format!("{} more rows of {table} say what pullquote never writes", bad - NAMED));
    }
    Ok(())
}
