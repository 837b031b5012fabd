//! Proves that the database is whole.

use std::path::Path;

use super::{StoreError, open};

/// Looks at every page, every index, every reference and every word: one sentence for each thing that does not fit,
/// none if all is well.
///
/// It opens the database for writing, as SQLite wants for a look at a full-text index, and writes nothing.
///
/// # Errors
/// A database that cannot be opened, or that is too damaged to look through.
pub fn check(path: &Path) -> Result<Vec<String>, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing(path.to_owned()));
    }
    let db = open::for_writing(path)?;
    let look = || -> rusqlite::Result<Vec<String>> {
        let mut faults: Vec<String> = db
            .prepare("PRAGMA integrity_check")?
            .query_map([], |row| row.get(0))?
            .filter(|line| !matches!(line, Ok(line) if line == "ok"))
            .collect::<Result<_, _>>()?;
        let mut references = db.prepare("PRAGMA foreign_key_check")?;
        let mut rows = references.query([])?;
        while let Some(row) = rows.next()? {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            faults.push(format!("a row of {table} refers to a row of {parent} that is not there"));
        }
        // With the argument 1 the index is compared with the texts, too.
        if let Err(e) = db.execute("INSERT INTO post_fts (post_fts, rank) VALUES ('integrity-check', 1)", []) {
            faults.push(format!("the index of words does not fit the texts: {e}"));
        }
        Ok(faults)
    };
    look().map_err(StoreError::of(path, "check"))
}
