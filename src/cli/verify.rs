//! `pullquote verify`: every digest, the chain of captures, and the database.

use super::output::Output;
use super::{Context, Exit, progress};
use crate::archive::{Archive, ArchiveError};
use crate::ingest;
use crate::replay;
use crate::store::{self, Reader, StoreError};
use crate::warc::{self, WarcError};

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
    for damage in &report.damages {
        out.line(&format!("damaged  {damage}"))?;
    }
    match &report.torn {
        _ if !alone => out.line(
            "in use  another pullquote is writing: what it has not finished, the index of words, and whether the rows are \
             what the captures say is not looked at",
        )?,
        Some((file, offset)) => out.line(&format!(
            "unfinished  {file} ends at byte {offset} in a capture that was never acknowledged; the next run removes it"
        ))?,
        None => {}
    }
    let mut rows = rows(&context.archive, alone)?;
    if alone && report.damages.is_empty() && !context.archive.database().is_file() {
        rows.unindexed = super::unindexed(Ok(report.captures));
    }
    // Of damaged captures the rows are the last witness; and rows that cannot be read have been told.
    if alone && rows.readable && !report.damages.is_empty() {
        out.line(
            "not compared  whether the rows are what the captures say is not looked at, since not all captures are as they \
             were written",
        )?;
    } else if alone && rows.readable {
        let read = &mut |count| bar.set_message(format!("{count} captures read again"));
        let differences = match replay::prove(&context.archive, read) {
            Err(_) if !rows.faults.is_empty() => Vec::new(),
            differences => differences?,
        };
        if !differences.is_empty() {
            out.line(
                "differ  the rows are not what this version makes of the captures: they were altered, or another version \
                 wrote them; pullquote replay shows which posts change, and mends them",
            )?;
        }
        rows.faults.extend(differences.into_iter().map(|difference| format!("pullquote.db: {difference}")));
    }
    if rows.readable && Reader::open(&context.archive.database())?.is_older_than_its_ledger()? {
        out.line(
            "older  an earlier version made this database, which kept no ledger of coverage: what was covered is not known, nor compared; \
             pullquote rebuild finds out",
        )?;
    }
    if rows.readable {
        rows.faults.extend(ingest::check_media(&context.archive)?);
    }
    bar.finish_and_clear();
    for fault in &rows.faults {
        out.line(&format!("damaged  {fault}"))?;
    }
    if let Some(told) = &rows.unindexed {
        out.line(told)?;
    }
    let faults = report.damages.len() + rows.faults.len();
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

/// What is known of the database.
#[derive(Default)]
struct Rows {
    faults: Vec<String>,
    /// What is to be said of the captures behind the last one that has rows.
    unindexed: Option<String>,
    /// Whether the rows can be compared with the captures.
    readable: bool,
}

/// Looks at the database, if there is one.
fn rows(archive: &Archive, alone: bool) -> Result<Rows, StoreError> {
    let mut rows = Rows::default();
    let database = archive.database();
    if !database.is_file() {
        return Ok(rows);
    }
    let faults = store::check(&database, alone)?;
    rows.faults = faults.into_iter().map(|fault| format!("pullquote.db: {fault}")).collect();
    match Reader::open(&database).and_then(|reader| reader.last_capture()) {
        Ok(last) => match last.as_ref().map(|last| warc::fetch(&archive.captures(), last)) {
            // The chain cannot show that its end was cut off; the last capture that has rows can.
            Some(Err(error)) => rows.faults.push(format!("the newest capture that has rows is gone: {error}")),
            _ => {
                rows.readable = true;
                if alone {
                    rows.unindexed = match warc::unindexed(&archive.captures(), last.as_ref()) {
                        // It has been told.
                        Err(WarcError::Damaged(_)) => None,
                        captures => super::unindexed(captures),
                    };
                }
            }
        },
        // So damaged that nothing more can be said of it.
        Err(_) if !rows.faults.is_empty() => {}
        Err(StoreError::NotOurs(_)) if !alone => {}
        Err(error) => return Err(error),
    }
    Ok(rows)
}
