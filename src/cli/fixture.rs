//! `pullquote fixture`: a capture as a regression fixture of invented people.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::output::Output;
use super::{Exit, complain, now};
use crate::exchange::Exchange;
use crate::fixture;
use crate::import::{self, Part, Piece};
use crate::platform::Platform;

/// Arguments of `fixture`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files as `import` takes them; of a WARC file, every record that holds posts
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder that gets DIR/<reader>/<name>/ with exchange.toml, body and expected.json
    #[arg(long, value_name = "DIR", default_value = "fixtures")]
    to: PathBuf,
}

pub(super) fn run(args: Args) -> anyhow::Result<Exit> {
    let mut out = Output::new();
    let (mut failed, mut partly) = (0, false);
    for path in &args.files {
        match file(path, &args.to, &mut out) {
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

/// Makes fixtures of all that a file or a folder holds; says whether every part of it became one.
fn file(path: &Path, to: &Path, out: &mut Output) -> anyhow::Result<bool> {
    let (mut made, mut failed, mut without_posts) = (0, 0, 0);
    for piece in import::pieces(path, now())? {
        let outcome = match piece {
            Ok(Piece::Part(part, reader)) => make(reader, &part.exchange, to, out)
                .with_context(|| format!("make a fixture of {}", name(path, &part))),
            Ok(Piece::WithoutPosts) => {
                without_posts += 1;
                continue;
            }
            Ok(Piece::Damaged(why)) => Err(anyhow::anyhow!("read {}: {why}", path.display())),
            // Behind this one there are no further ones.
            Err(error) if made + failed == 0 => return Err(error.into()),
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(()) => made += 1,
            Err(error) if super::output::is_closed_pipe(&error) => return Err(error),
            Err(error) => {
                out.flush()?;
                complain(&error);
                failed += 1;
            }
        }
    }
    if without_posts > 0 {
        out.line(&format!("{}: {without_posts} files or records in it hold no posts", path.display()))?;
    }
    anyhow::ensure!(made > 0, "nothing in {} became a fixture", path.display());
    Ok(failed == 0)
}

/// The file or the record that a part is, for somebody who gave a folder.
fn name(path: &Path, part: &Part) -> String {
    let address = part.exchange.request.url.as_str();
    if part.among.is_none() {
        return path.display().to_string();
    }
    let inside = address.strip_prefix("file:///").unwrap_or(address);
    format!("{} in {}", percent_encoding::percent_decode_str(inside).decode_utf8_lossy(), path.display())
}

fn make(reader: &Platform, exchange: &Exchange, to: &Path, out: &mut Output) -> anyhow::Result<()> {
    let made = fixture::of(reader, exchange)?;
    let folder = put(reader, &made.exchange, to)?;
    out.line(&format!("{}: {} posts, {} skipped", folder.display(), made.page.posts.len(), made.page.skipped.len()))?;
    if made.keeps_hosts {
        out.line("  the names of servers had to stay as they are: look whether they tell who it is")?;
    }
    if made.keeps_shape {
        out.line("  names of the shape that are somebody's name, too, had to stay: look whether they tell who it is")?;
    }
    Ok(())
}

/// Writes the folder of a fixture, which must not be there yet.
fn put(reader: &Platform, exchange: &Exchange, to: &Path) -> anyhow::Result<PathBuf> {
    let parent = to.join(reader.name);
    std::fs::create_dir_all(&parent).with_context(|| format!("make {}", parent.display()))?;
    // Named for nothing yet: what the case proves, only its maker knows.
    let folder = (1..)
        .map(|number| parent.join(format!("case-{number}")))
        .find(|folder| !folder.exists())
        .context("every name for the fixture is taken")?;
    std::fs::create_dir(&folder).with_context(|| format!("make {}", folder.display()))?;
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).with_context(|| format!("write {}", path.display()))
    };
    let body = match exchange.media_type().as_str() {
        kind if kind.contains("ndjson") || kind.contains("jsonl") => "body.jsonl",
        kind if kind.contains("json") => "body.json",
        kind if kind.contains("csv") => "body.csv",
        kind if kind.contains("html") => "body.html",
        kind if kind.contains("xml") => "body.xml",
        _ => "body.txt",
    };
    write(body, &exchange.response.body)?;
    write("exchange.toml", toml(exchange, body).as_bytes())?;
    let expected = match reader.read(exchange) {
        Ok(page) => serde_json::to_value(page)?,
        Err(error) => serde_json::json!({ "error": error.to_string() }),
    };
    write("expected.json", format!("{expected:#}\n").as_bytes())?;
    Ok(folder)
}

/// A quoted text of JSON is one of TOML, too.
fn toml(exchange: &Exchange, body: &str) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let headers: Vec<String> = exchange
        .response
        .headers
        .iter()
        .map(|(name, value)| format!("[{}, {}]", quoted(name), quoted(value)))
        .collect();
    format!(
        "proves = \"say here what this case proves, and name its folder for it\"\nurl = {}\nstatus = {}\nfetched_at = {}\nheaders = [{}]\nbody = {}\n",
        quoted(&exchange.request.url),
        exchange.response.status,
        quoted(&exchange.fetched_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        headers.join(", "),
        quoted(body)
    )
}
