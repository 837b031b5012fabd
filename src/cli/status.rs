//! `pullquote status`: what the archive holds, and what is still to be pulled.

use serde_json::json;

use super::output::Output;
use super::print::plain;
use super::standing::Standing;
use super::{Context, Exit};
use crate::store::{Desk, Quotation, Reader};
use crate::warc;

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print it as one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let archive = context.archive.existing()?;
    let reader = Reader::open(&archive.database())?;
    let counts = reader.counts()?;
    let drift = match reader.last_run()? {
        Some(run) => reader.drift(&run)?,
        None => Vec::new(),
    };
    let mut changed = Vec::new();
    // A desk that cannot be read hides nothing of the rest.
    let desk = Desk::open(&archive.desk());
    if let Ok(desk) = &desk {
        for quotation in desk.ledger(None)? {
            let since = crate::paper::since_quoted(&reader, desk, &quotation)?;
            changed.extend((!since.is_empty()).then_some((quotation, since)));
        }
    }
    let standing = Standing::of(&archive, &reader)?;
    let unindexed = warc::unindexed(&archive.captures(), reader.last_capture()?.as_ref());
    let mut out = Output::new();
    if args.json {
        let sources: Vec<_> = counts
            .sources
            .iter()
            .map(|source| {
                let mut object = json!({
                    "job": source.job, "source": source.source, "captures": source.captures, "found": source.found,
                    "problems": source.problems, "last": source.last, "pending": source.pending,
                });
                if let Some(object) = object.as_object_mut() {
                    object.extend(standing.members(&source.job, &source.source));
                }
                object
            })
            .collect();
        let by_name = |named: &[(String, u64)]| {
            named.iter().cloned().map(|(name, n)| (name, n.into())).collect::<serde_json::Map<_, _>>()
        };
        let object = json!({
            "archive": archive.root(), "posts": counts.posts, "captures": counts.captures, "runs": counts.runs,
            "skipped": counts.skipped, "platforms": by_name(&counts.platforms), "jobs": by_name(&counts.jobs),
            "sources": sources, "drift": drift, "unindexed": unindexed.as_ref().ok(),
            "desk": desk.as_ref().err().map(ToString::to_string), "changed_since_quoted": changed.iter().map(|(quotation, since)| json!({
                "id": quotation.id, "post": quotation.post, "quoted_in": quotation.article, "since": since,
            })).collect::<Vec<_>>(),
            "in_use": standing.is_busy(), "run": standing.run(), "oldest": counts.span.as_ref().map(|span| &span.0), "newest": counts.span.as_ref().map(|span| &span.1),
        });
        out.line(&object.to_string())?;
    } else {
        out.line(&format!(
            "{}: posts {}, captures {}, runs {}",
            archive.root().display(),
            counts.posts,
            counts.captures,
            counts.runs
        ))?;
        if let Some(told) = standing.sentence() {
            out.line(&format!("  in use    {told}"))?;
        }
        if let Some((oldest, newest)) = &counts.span {
            out.line(&format!("  written   {oldest} to {newest}"))?;
        }
        for (platform, posts) in &counts.platforms {
            out.line(&format!("  {:<9} {posts}", plain(platform)))?;
        }
        out.line(&format!("  skipped   {}", counts.skipped))?;
        if let Some(told) = super::unindexed(unindexed) {
            out.line(&format!("  {told}"))?;
        }
        for alarm in &drift {
            out.line(&format!("  alarm     {}", plain(&alarm.to_string())))?;
        }
        if let Err(error) = &desk {
            out.line(&format!("  desk      {error}"))?;
        }
        for (quotation, since) in &changed {
            let Quotation { id, post, article, .. } = quotation;
            out.line(&format!("  quoted    {post} in {} (ledger {id}): {}", plain(article), plain(&since.join("; "))))?;
        }
        for source in &counts.sources {
            let last = source.last.map_or_else(|| "never".to_owned(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string());
            let pending = match source.pending {
                0 => String::new(),
                n => format!(", still to be sent {n}"),
            };
            let problems = match source.problems {
                0 => String::new(),
                n => format!(", could not be read {n}"),
            };
            out.line(&format!(
                "  {} · {}: {} captures, last {last}{pending}{problems}",
                plain(&source.job),
                plain(&source.source),
                source.captures
            ))?;
            for told in standing.lines(&source.job, &source.source) {
                out.line(&format!("      {told}"))?;
            }
        }
    }
    out.flush()?;
    Ok(if desk.is_err() { Exit::Partial } else { Exit::Ok })
}
