//! `pullquote ledger`: what was quoted where, of which revision, and what became of it since.

use serde_json::json;

use super::output::Output;
use super::print::flat;
use super::{Context, Exit};
use crate::quote::{SHORTEST, state_id};
use crate::store::{Desk, Lookup, Permission, Quotation, Reader, StoreError};
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
        let since = since(&reader, &desk, quotation)?;
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

/// What became of a post since it was quoted: a sentence for each; none if all is as it was.
pub(super) fn since(reader: &Reader, desk: &Desk, quotation: &Quotation) -> Result<Vec<String>, StoreError> {
    let Lookup::One(stored) = reader.post(&quotation.post)? else {
        return Ok(vec!["the post is no longer in the archive".to_owned()]);
    };
    let post = &stored.post;
    let mut since = Vec::new();
    for clip in desk.clips_of(&quotation.post)? {
        let is_withheld = quotation.name.is_none() && quotation.handle.is_none();
        match clip.permission {
            Permission::Refused => {
                since.push(format!("its author does not want it to be printed, as clip {} says", clip.list))
            }
            Permission::Anonymise if !is_withheld => {
                since.push(format!("its author was promised to stay unnamed, as clip {} says", clip.list));
            }
            _ => {}
        }
    }
    if let Some(gone) = &stored.deleted {
        since.push(format!("the post was deleted on {}", Zone::UTC.minute(gone.at)));
    } else {
        since.extend(super::not_there(reader, &quotation.post)?);
    }
    if state_id(&post.text, post.content_warning.as_deref()) != quotation.state {
        let state = format!("the post says something else now: revision {}", stored.revision);
        let edited = post.edited.map(|at| format!(", edited on {}", Zone::UTC.minute(at))).unwrap_or_default();
        since.push(format!("{state}{edited}"));
    }
    let handle = post.author.handle.as_ref().map(ToString::to_string);
    if quotation.handle.is_some() && handle != quotation.handle {
        let now = handle.map_or_else(|| "nobody".to_owned(), |handle| format!("@{handle}"));
        since.push(format!("its author's handle is {now} now"));
    }
    if quotation.name.is_some() && post.author.name != quotation.name {
        let now = post.author.name.as_deref().unwrap_or("none");
        since.push(format!("its author's name is {now} now"));
    }
    Ok(since)
}

fn object(quotation: &Quotation, since: &[String]) -> serde_json::Value {
    let q = quotation;
    json!({
        "id": q.id, "at": q.at, "quoted_in": q.article, "by": q.by, "post": q.post, "state": q.state,
        "revision": q.revision, "name": q.name, "handle": q.handle, "capture": q.record_id, "place": q.place,
        "form": q.form, "zone": q.zone, "printed": q.printed, "version": q.version, "since": since,
    })
}
