//! `pullquote ledger`: what was quoted where, of which revision, and what became of it since.

use serde_json::json;

use super::output::Output;
use super::print::flat;
use super::{Context, Exit};
use crate::paper::since_quoted;
use crate::quote::SHORTEST;
use crate::store::{Desk, Quotation, Reader};
use crate::zone::Zone;

/// Arguments of `ledger`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only what was quoted in this article
    #[arg(long, value_name = "URL|NAME")]
    article: Option<String>,
    /// Only what changed since it was quoted
    #[arg(long)]
    changed: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let archive = context.archive.existing()?;
    let reader = Reader::open(&archive.database())?;
    let desk = Desk::open(&archive.desk())?;
    let quotations = desk.ledger(args.article.as_deref())?;
    if quotations.is_empty() {
        eprintln!("nothing was quoted{}", if args.article.is_some() { " in that article" } else { "" });
    }
    let mut out = Output::new();
    for quotation in &quotations {
        let since = since_quoted(&reader, &desk, quotation)?;
        if args.changed && since.is_empty() {
            continue;
        }
        if args.json {
            out.line(&object(quotation, &since).to_string())?;
            continue;
        }
        let Quotation { id, article, by, form, .. } = quotation;
        out.line(&format!("{id}  {}  {} · by {}", Zone::UTC.minute(quotation.at), flat(article), flat(by)))?;
        let state = quotation.state.get(..SHORTEST).unwrap_or_default();
        out.line(&format!("    {}@{state} (revision {}) as {form}", quotation.post, quotation.revision))?;
        for line in quotation.printed.lines() {
            out.line(&format!("    {line}"))?;
        }
        for change in &since {
            out.line(&format!("    ! {}", flat(change)))?;
        }
        out.line("")?;
    }
    out.flush()?;
    Ok(Exit::Ok)
}

fn object(quotation: &Quotation, since: &[String]) -> serde_json::Value {
    let q = quotation;
    json!({
        "id": q.id, "at": q.at, "quoted_in": q.article, "by": q.by, "post": q.post, "state": q.state,
        "revision": q.revision, "name": q.name, "handle": q.handle, "capture": q.record_id, "place": q.place,
        "form": q.form, "zone": q.zone, "printed": q.printed, "version": q.version, "since": since,
    })
}
