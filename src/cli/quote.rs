//! `pullquote quote`: posts as text for an article.

use super::output::Output;
use super::{Context, Exit, UsageError, find, quotable};
use crate::exchange::Origin;
use crate::model::TextState;
use crate::quote::FORMATS;
use crate::store::Reader;

/// Arguments of `quote`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Keys of posts, or their unmistakable beginnings
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<String>,
    /// Form of the quotation: line, markdown, html, json
    #[arg(long = "as", value_name = "FORM", default_value = "line")]
    form: String,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let format = FORMATS.iter().find(|(name, _)| *name == args.form).map(|(_, format)| format).ok_or_else(|| {
        let known = FORMATS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        UsageError(format!("no form is named {:?}; there are: {known}", args.form))
    })?;
    let archive = context.archive.existing()?;
    let reader = Reader::open(&archive.database())?;
    let mut out = Output::new();
    for (i, key) in args.keys.iter().enumerate() {
        let stored = find(&reader, key)?;
        warn(&stored.key, &stored.post);
        if let Some(gone) = &stored.deleted {
            let server = gone.server.as_deref().map(|server| format!(" on {server}")).unwrap_or_default();
            let (at, file, place) = (gone.at.format("%Y-%m-%d %H:%M UTC"), &gone.capture.file, &gone.place);
            eprintln!("warning: {}: it was deleted{server}, on {at}, as {file} says ({place})", stored.key);
        }
        if reader.sightings(&stored.key)?.iter().all(|sighting| sighting.capture.origin == Origin::Recorded) {
            eprintln!("warning: {}: an invented person of the recorded examples; nobody said this", stored.key);
        }
        if i > 0 && args.form != "json" {
            out.line("")?;
        }
        out.line(&format(&quotable(stored)))?;
    }
    out.flush()?;
    Ok(Exit::Ok)
}

/// What an editor must know before this is printed. On standard error, so that the quote stays the quote.
fn warn(key: &str, post: &crate::model::Post) {
    if post.text_state == TextState::Truncated {
        eprintln!("warning: {key}: the source cut the text");
    }
    if let Some(at) = post.edited {
        eprintln!("warning: {key}: its author edited it, last on {}", at.format("%Y-%m-%d %H:%M UTC"));
    }
    if let Some(original) = post.repost_of.as_ref().and_then(|original| original.best()) {
        eprintln!("warning: {key}: a repost has no words of its own; quote the original, {original}");
    }
    if let Some(warning) = &post.content_warning {
        eprintln!("warning: {key}: its author put a content warning before it: {}", crate::quote::visible(warning));
    }
    for doubt in &post.doubts {
        eprintln!("warning: {key}: {}", crate::quote::visible(doubt));
    }
}
