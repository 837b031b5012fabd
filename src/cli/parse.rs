//! `pullquote parse`: what the parsers make of a file, without any archive.

use std::path::{Path, PathBuf};

use super::output::Output;
use super::{Exit, now, search};
use crate::import;
use crate::ingest;
use crate::quote::json;

/// Arguments of `parse`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args) -> anyhow::Result<Exit> {
    let mut out = Output::new();
    let mut failed = 0;
    for path in &args.files {
        if let Err(error) = file(path, args.json, &mut out) {
            if super::output::is_closed_pipe(&error) {
                return Err(error);
            }
            out.flush()?;
            eprintln!("error: {}", crate::quote::visible(&format!("{error:#}")));
            failed += 1;
        }
    }
    out.flush()?;
    Ok(Exit::of_inputs(failed, args.files.len(), false))
}

fn file(path: &Path, json: bool, out: &mut Output) -> anyhow::Result<()> {
    let mut known = None;
    for part in import::open(path, now())? {
        let part = part?;
        let platform = match (known, import::detect(&part.exchange)) {
            (_, Ok(platform)) => platform,
            // A part of a file of lines may hold nothing but broken ones.
            (Some(platform), Err(_)) if part.first_line.is_some() => platform,
            (_, Err(_)) if part.foreign => continue,
            (_, Err(unknown)) => return Err(import::ImportError::Unknown { path: path.to_owned(), unknown }.into()),
        };
        known = Some(platform);
        let page = ingest::parse(platform, &part.exchange)?;
        for found in &page.posts {
            if json {
                let mut object = json::post(&found.post, found.nested);
                object.insert("at".into(), found.at.clone().into());
                out.line(&serde_json::Value::Object(object).to_string())?;
            } else {
                search::print(&found.post, &found.at, out)?;
            }
        }
        out.flush()?;
        for skipped in &page.skipped {
            eprintln!("skipped {}: {}", skipped.at, crate::quote::visible(&skipped.reason));
        }
    }
    Ok(())
}
