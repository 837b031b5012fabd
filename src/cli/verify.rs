//! `pullquote verify`: every digest, the chain of captures, and the database.

use super::output::Output;
use super::{Context, Exit, progress};
use crate::store::{self, Reader};
use crate::warc;

/// Arguments of `verify`: none.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: Args, context: Context) -> anyhow::Result<Exit> {
    // Without captures there is nothing to prove; without a database there still is.
    if !context.archive.captures().is_dir() {
        context.archive.existing()?;
        anyhow::bail!("the archive has lost its folder captures/");
    }
    let mut out = Output::new();
    let bar = progress::spinner();
    let report = warc::verify(&context.archive.captures(), |bytes| bar.set_message(format!("{} MiB", bytes >> 20)))?;
    bar.finish_and_clear();
    for damage in &report.damages {
        out.line(&format!("damaged  {damage}"))?;
    }
    if let Some((file, offset)) = &report.torn {
        out.line(&format!(
            "unfinished  {file} ends at byte {offset} in a capture that was never acknowledged; the next run removes it"
        ))?;
    }
    let mut faults = report.damages.len();
    if context.archive.database().is_file() {
        let reader = Reader::open(&context.archive.database())?;
        for fault in store::check(&context.archive.database())? {
            out.line(&format!("damaged  pullquote.db: {fault}"))?;
            faults += 1;
        }
        // The chain cannot show that its end was cut off; the last capture that has rows can.
        if let Some(last) = reader.last_capture()?
            && let Err(error) = warc::fetch(&context.archive.captures(), &last)
        {
            out.line(&format!("damaged  the newest capture that has rows is gone: {error}"))?;
            faults += 1;
        }
    }
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
