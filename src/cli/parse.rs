//! `pullquote parse`: what the parsers make of a file, without any archive.

use std::path::{Path, PathBuf};

use super::output::Output;
use super::print::Printer;
use super::{Exit, complain, now};
use crate::import::{self, Piece};
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
    #[command(flatten)]
    map: super::map::MapArg,
}

pub(super) fn run(args: Args) -> anyhow::Result<Exit> {
    let map = args.map.whole()?;
    let mut out = Output::new();
    let (mut failed, mut partly) = (0, false);
    for path in &args.files {
        match file(path, map.as_deref(), args.json, &mut out) {
            Ok(whole) => partly |= !whole,
            Err(error) if super::output::is_closed_pipe(&error) => return Err(error),
            Err(error) => {
                out.flush()?;
                complain(&error);
                failed += 1;
            }
        }
    }
    out.flush()?;
    Ok(Exit::of_inputs(failed, args.files.len(), partly))
}

/// Prints the posts of a file; says whether all of it could be read.
fn file(path: &Path, map: Option<&str>, json: bool, out: &mut Output) -> anyhow::Result<bool> {
    let mut whole = true;
    let (mut posts, mut skipped) = (0, 0);
    for piece in import::mapped_pieces(path, now(), map)? {
        let (part, platform) = match piece? {
            Piece::Part(part, platform) => (part, platform),
            Piece::WithoutPosts => continue,
            Piece::Damaged(why) => {
                out.flush()?;
                eprintln!("failed {}", crate::quote::visible(&why));
                whole = false;
                continue;
            }
        };
        let page = match ingest::parse(platform, &part.exchange) {
            Ok(page) => page,
            // One of many costs no other.
            Err(error) if part.among.is_some() || part.first_line.is_some() => {
                out.flush()?;
                eprintln!("failed {}", crate::quote::visible(&part.told(&error.to_string())));
                whole = false;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        for found in &page.posts {
            if json {
                let mut object = json::post(&found.post, found.nested);
                object.insert("at".into(), part.place(&found.at).into());
                out.line(&serde_json::Value::Object(object).to_string())?;
            } else {
                Printer::plain().post(&found.post, &part.place(&found.at), out)?;
            }
        }
        out.flush()?;
        for skipped in &page.skipped {
            let place = part.place(&skipped.at);
            eprintln!("skipped {}: {}", crate::quote::visible(&place), crate::quote::visible(&skipped.reason));
        }
        posts += page.posts.len();
        skipped += page.skipped.len();
    }
    // Some items without a post are no failure; nothing but such items is.
    Ok(whole && (posts > 0 || skipped == 0))
}
