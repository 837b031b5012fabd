//! What a pull tells about each source when it has ended.

use super::Output;
use crate::cli::print::plain;
use crate::pull::{End, Filled, Gap, Listened, Report};
use crate::store::Tally;

pub(super) fn tally(tally: &Tally) -> String {
    format!("{} new, {} known, {} changed", tally.new, tally.known, tally.changed)
}

pub(in crate::cli) fn summary(report: &Report, out: &mut Output) -> std::io::Result<()> {
    out.line(&format!("{} · {}", plain(&report.job), plain(&report.source)))?;
    out.line(&format!("  pages    {} in {} requests", report.pages, report.requests))?;
    out.line(&format!("  posts    {}", tally(&report.tally)))?;
    if report.deleted > 0 {
        out.line(&format!("  deleted  {}", report.deleted))?;
    }
    if report.units > 0 {
        let money = if report.dollars > 0.0 { format!(", about ${:.2}", report.dollars) } else { String::new() };
        out.line(&format!("  used up  {} units{money}", report.units))?;
    }
    for (reason, count, _) in report.skipped.iter() {
        out.line(&format!("  skipped  {count}: {}", plain(reason)))?;
    }
    for (doubt, count, _) in report.doubts.iter() {
        out.line(&format!("  doubtful {count}: {}", plain(doubt)))?;
    }
    for key in &report.keys {
        out.line(&format!("  key      {key}"))?;
    }
    if report.media.fetched > 0 {
        out.line(&format!("  media    {} files fetched", report.media.fetched))?;
    }
    if let Some(why) = &report.media.left {
        out.line(&format!("  media    the rest waits for the next pull: {why}"))?;
    }
    for (reason, count, _) in report.media.failed.iter() {
        out.line(&format!("  no file  {count}: {}", plain(reason)))?;
    }
    let minute = "%Y-%m-%d %H:%M";
    match report.span {
        Some((oldest, newest)) => {
            out.line(&format!("  dated    {} to {} UTC", oldest.format(minute), newest.format(minute)))?
        }
        None => out.line("  dated    nothing: no dated post was seen")?,
    }
    if let Some(heard) = &report.listened {
        listened(heard, out)?;
    }
    match &report.end {
        End::Done => Ok(()),
        End::PageLimit => out.line("  stopped  at the page limit; the next pull goes on from here"),
        End::Budget(why) => out.line(&format!("  stopped  {why}; the next pull goes on from here")),
        End::Interrupted => out.line("  stopped  by you; the next pull goes on from here"),
        End::Failed(why) => out.line(&format!("  failed   {}", plain(why))),
    }
}

/// What was listened to, and what was not.
fn listened(listened: &Listened, out: &mut Output) -> std::io::Result<()> {
    let second = "%Y-%m-%d %H:%M:%S";
    let Some((since, until)) = listened.since.zip(listened.until) else {
        return out.line("  listened not at all: the stream never stood");
    };
    let lost = match listened.reconnects {
        0 => "",
        1 => "; the stream was lost and came back once",
        _ => &format!("; the stream was lost and came back {} times", listened.reconnects),
    };
    out.line(&format!(
        "  listened {} to {} UTC, {} events{lost}",
        since.format(second),
        until.format(second),
        listened.events
    ))?;
    if listened.unreadable > 0 {
        out.line(&format!("  unread   {} messages that cannot be read, and are not kept", listened.unreadable))?;
    }
    for Gap { from, until, why, filled } in &listened.gaps {
        let until = until.map_or_else(|| "the end".to_owned(), |until| until.format(second).to_string());
        let filled = match filled {
            Filled::Replayed => "the server sent again what came in it".to_owned(),
            Filled::Pulled => "filled by a pull: its posts are there, its edits and deletions are not".to_owned(),
            Filled::No(why) => format!("NOT filled: {why}"),
        };
        out.line(&format!("  gap      {} to {until} UTC ({why}): {filled}", from.format(second)))?;
    }
    Ok(())
}

pub(in crate::cli) fn json(report: &Report) -> serde_json::Value {
    let (state, why) = (report.end.name(), report.end.why());
    serde_json::json!({
        "job": report.job, "source": report.source, "requests": report.requests, "pages": report.pages,
        "units": report.units, "dollars": report.dollars,
        "new": report.tally.new, "known": report.tally.known, "changed": report.tally.changed,
        "deleted": report.deleted,
        "keys": report.keys, "media": { "fetched": report.media.fetched, "failed": report.media.failed, "left": report.media.left },
        "skipped": report.skipped, "doubts": report.doubts, "oldest": report.span.map(|span| span.0), "newest": report.span.map(|span| span.1),
        "listened": report.listened, "ended": state, "why": why,
    })
}
