//! `pullquote verify`: every digest, the chain of captures, and the database.

use super::output::Output;
use super::{Context, Exit, progress};
use crate::archive::Archive;
use crate::store::{self, Reader, StoreError};
use crate::warc;

/// Arguments of `verify`: none.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: Args, context: Context) -> anyhow::Result<Exit> {
    let evidence = context.archive.evidence()?;
    let mut out = Output::new();
    let bar = progress::spinner();
    let report = warc::verify(&evidence, |bytes| bar.set_message(format!("{} MiB", bytes >> 20)))?;
    bar.finish_and_clear();
    for damage in &report.damages {
        out.line(&format!("damaged  {damage}"))?;
    }
    if let Some((file, offset)) = &report.torn {
        out.line(&format!(
            "unfinished  {file} ends at byte {offset} in a capture that was never acknowledged; the next run removes it"
        ))?;
    }
    let rows = match rows(&context.archive) {
        // So damaged that nothing more can be said of it.
        Err(error @ (StoreError::Damaged { .. } | StoreError::NotOurs(_))) => vec![error.to_string()],
        rows => rows?,
    };
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
fn rows(archive: &Archive) -> Result<Vec<String>, StoreError> {
    let database = archive.database();
    if !database.is_file() {
        return Ok(Vec::new());
    }
    let last = Reader::open(&database)?.last_capture()?;
    let mut faults: Vec<String> =
        store::check(&database)?.into_iter().map(|fault| format!("pullquote.db: {fault}")).collect();
    // The chain cannot show that its end was cut off; the last capture that has rows can.
    if let Some(Err(error)) = last.map(|last| warc::fetch(&archive.captures(), &last)) {
        faults.push(format!("the newest capture that has rows is gone: {error}"));
    }
    Ok(faults)
}
