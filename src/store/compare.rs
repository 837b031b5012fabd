//! Compares databases: row for row, and post by post.

use std::cmp::Ordering;

use rusqlite::Rows;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use super::row::{COLUMNS, Stored, post_row};
use super::{Reader, StoreError};

/// The tables and the order of their rows. Those that SQLite keeps for the index of words follow from `post`.
pub(super) const TABLES: &[(&str, &str)] = &[
    ("run", "name"),
    ("capture", "id"),
    ("fill", "run, job, platform, shape, field"),
    ("metered", "capture"),
    ("skipped", "capture, place, reason"),
    ("account", "id"),
    ("account_name", "account, handle, name"),
    ("post", "id"),
    ("post_moved", "id"),
    ("version", "post, number"),
    ("revision", "post, number"),
    ("sighting", "post, capture, place"),
    ("post_tag", "tag, post"),
    ("post_job", "job, post"),
    ("deletion", "capture, place"),
    ("recheck", "key, capture"),
    ("media", "url, capture"),
    ("source_state", "job, source"),
    ("asked", "job, source"),
    ("covered", "job, source, since"),
    ("hindrance", "job, source, capture, since"),
];

/// A table's name, the number of its rows and the SHA-256 over all of them: equal for two databases exactly when the
/// rows are equal.
///
/// # Errors
/// A damaged database.
pub fn fingerprint(reader: &Reader) -> Result<Vec<(&'static str, u64, String)>, StoreError> {
    let read = |(table, order): &(&'static str, &str)| -> rusqlite::Result<(&'static str, u64, String)> {
        let mut statement = reader.db.prepare(&format!("SELECT * FROM {table} ORDER BY {order}"))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        let mut hash = Sha256::new();
        let mut count = 0;
        while let Some(row) = rows.next()? {
            count += 1;
            for column in 0..columns {
                match row.get_ref(column)? {
                    ValueRef::Null => hash.update([0]),
                    ValueRef::Integer(n) => hash.update([&[1][..], &n.to_be_bytes()].concat()),
                    ValueRef::Real(n) => hash.update([&[2][..], &n.to_be_bytes()].concat()),
                    ValueRef::Text(bytes) => {
                        hash.update([&[3][..], &bytes.len().to_be_bytes()].concat());
                        hash.update(bytes);
                    }
                    ValueRef::Blob(bytes) => {
                        hash.update([&[4][..], &bytes.len().to_be_bytes()].concat());
                        hash.update(bytes);
                    }
                }
            }
        }
        let digest = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((*table, count, digest))
    };
    TABLES.iter().map(|table| read(table).map_err(reader.error("compare"))).collect()
}

/// What became of a post between two databases.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Only the later one has it.
    Added(Box<Stored>),
    /// Only the earlier one has it.
    Lost(Box<Stored>),
    /// Both have it, and it is not the same.
    Changed {
        /// As it was.
        before: Box<Stored>,
        /// As it is.
        after: Box<Stored>,
    },
}

/// Hands every difference between the posts of two databases to `each`, in the order of their keys; only two posts
/// are held at a time.
///
/// # Errors
/// A damaged database.
pub fn changes(before: &Reader, after: &Reader, mut each: impl FnMut(Change)) -> Result<(), StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM post p CROSS JOIN capture c ON c.id = p.capture ORDER BY p.key");
    let mut old = before.db.prepare(&sql).map_err(before.error("compare"))?;
    let mut new = after.db.prepare(&sql).map_err(after.error("compare"))?;
    let mut old = old.query([]).map_err(before.error("compare"))?;
    let mut new = new.query([]).map_err(after.error("compare"))?;
    let step = |rows: &mut Rows<'_>, reader: &Reader| {
        let next = || rows.next()?.map(post_row).transpose();
        let mut next = next;
        next().map(|row| row.map(|row| Box::new(row.stored))).map_err(reader.error("compare"))
    };
    let (mut left, mut right) = (step(&mut old, before)?, step(&mut new, after)?);
    loop {
        let order = match (&left, &right) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(left), Some(right)) => left.key.cmp(&right.key),
        };
        let was = if order == Ordering::Greater { None } else { left.take() };
        let is = if order == Ordering::Less { None } else { right.take() };
        if was.is_some() {
            left = step(&mut old, before)?;
        }
        if is.is_some() {
            right = step(&mut new, after)?;
        }
        match (was, is) {
            (Some(before), Some(after)) if before != after => each(Change::Changed { before, after }),
            (Some(before), None) => each(Change::Lost(before)),
            (None, Some(after)) => each(Change::Added(after)),
            _ => {}
        }
    }
}
