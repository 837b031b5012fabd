//! What leaves the archive for other programs: tables, JSON lines, Parquet, lists of ids, data packages.
//!
//! One list of columns ([`COLUMNS`]) says what an export holds, in every form. A post is turned into cells, and cells into
//! a record of each form; all of that is pure. What walks over the archive holds one post at a time, Parquet one group of
//! rows: a million posts take no more memory than a thousand. Which posts are meant, and where they go, is decided by
//! whoever calls.

mod cells;
mod codebook;
mod columns;
pub mod csv;
mod fresh;
pub mod ids;
pub mod jsonl;
mod package;
mod partitions;
pub mod pseudonym;
mod unfinished;

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;

pub use cells::{Cell, capture_cells, cells};
pub use codebook::{codebook, descriptions};
pub use columns::{CAPTURE_COLUMNS, COLUMNS, Column, Shape};
pub use fresh::{Fresh, Sum, folder, target};
pub use package::{Package, SUMS};
pub use partitions::Partitions;

use crate::query::Expr;
use crate::store::{Reader, StoreError, Whole};

/// Why an export did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The archive cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The reader of standard output has gone, or it cannot be written.
    #[error("write: {0}")]
    Out(#[from] io::Error),
    /// A file or folder cannot be written.
    #[error("write {path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is something already where a folder is to be made.
    #[error(
        "{0} is there already and is not an empty folder: name another, so that nothing old is mixed with what is new"
    )]
    Taken(PathBuf),
}

/// Gives every post that matches, newest first and those without a date last, and how many there were.
///
/// # Errors
/// A damaged database; what `each` says, which ends the walk.
pub fn walk(
    reader: &Reader,
    expr: &Expr,
    mut each: impl FnMut(Whole) -> Result<(), ExportError>,
) -> Result<u64, ExportError> {
    let (mut posts, mut fault) = (0, None);
    reader.each(expr, |whole| match each(whole) {
        Ok(()) => {
            posts += 1;
            ControlFlow::Continue(())
        }
        Err(error) => {
            fault = Some(error);
            ControlFlow::Break(())
        }
    })?;
    fault.map_or(Ok(posts), Err)
}
