//! `pullquote verify`: every digest, the chain of captures, and the database.

use super::output::Output;
use super::{Context, Exit, progress};
use crate::archive::{Archive, ArchiveError};
use crate::store::{self, Reader, StoreError};
use crate::warc;

/// Arguments of `verify`: none.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: Args, context: Context) -> anyhow::Result<Exit> {
    let evidence = context.archive.evidence()?;
    // Held to the end, so that nobody begins to write meanwhile.
    let lock = match context.archive.lock_shared() {
        Err(ArchiveError::Busy(_)) => None,
        lock => Some(lock?),
    };
    let alone = lock.is_some();
    let mut out = Output::new();
    let bar = progress::spinner();
    let report = warc::verify(&evidence, |bytes| bar.set_message(format!("{} MiB", bytes >> 20)))?;
    bar.finish_and_clear();
    for damage in &report.damages {
        out.line(&format!("damaged  {damage}"))?;
    }
    match &report.torn {
        _ if !alone => out.line(
            "in use  another pullquote is writing: what it has not finished and the index of words are not looked at",
        )?,
        Some((file, offset)) => out.line(&format!(
            "unfinished  {file} ends at byte {offset} in a capture that was never acknowledged; the next run removes it"
        ))?,
        None => {}
    }
    let rows = rows(&context.archive, alone)?;
    for fault in &rows {
        out.line(&format!("damaged  {fault}"))?;
    }
    let faults = report.damages.len() + rows.len();
    out.line(&format!(
        "{} captures, {} records, {} bytes in {} files: {}",
        report.captures,
        report.records,
        report.bytes,
        report.files,
        if faults == 0 { "all as they were written".to_owned() } else { format!("{faults} faults") },
    ))?;
    out.flush()?;
    Ok(if faults == 0 { Exit::Ok } else { Exit::Damaged })
}

/// What is wrong with the database, if there is one.
fn rows(archive: &Archive, alone: bool) -> Result<Vec<String>, StoreError> {
    let database = archive.database();
    if !database.is_file() {
        return Ok(Vec::new());
    }
    let faults = store::check(&database, alone)?;
    let mut faults: Vec<String> = faults.into_iter().map(|fault| format!("pullquote.db: {fault}")).collect();
    // The chain cannot show that its end was cut off; the last capture that has rows can.
    match Reader::open(&database).and_then(|reader| reader.last_capture()) {
        Ok(last) => {
            if let Some(Err(error)) = last.map(|last| warc::fetch(&archive.captures(), &last)) {
                faults.push(format!("the newest capture that has rows is gone: {error}"));
            }
        }
        // So damaged that nothing more can be said of it.
        Err(_) if !faults.is_empty() => {}
        Err(StoreError::NotOurs(_)) if !alone => {}
        Err(error) => return Err(error),
    }
    Ok(faults)
}
