//! What a pull tells about each source when it has ended.

use super::Output;
use crate::pull::{End, Report};
use crate::store::Tally;

pub(super) fn tally(tally: &Tally) -> String {
    format!("{} new, {} known, {} changed", tally.new, tally.known, tally.changed)
}

pub(super) fn summary(report: &Report, out: &mut Output) -> std::io::Result<()> {
    out.line(&format!("{} · {}", report.job, report.source))?;
    out.line(&format!("  pages    {} in {} requests", report.pages, report.requests))?;
    out.line(&format!("  posts    {}", tally(&report.tally)))?;
    if report.units > 0 {
        let money = if report.dollars > 0.0 { format!(", about ${:.2}", report.dollars) } else { String::new() };
        out.line(&format!("  used up  {} units{money}", report.units))?;
    }
    for (reason, count, _) in report.skipped.iter() {
        out.line(&format!("  skipped  {count}: {reason}"))?;
    }
    for (doubt, count, _) in report.doubts.iter() {
        out.line(&format!("  doubtful {count}: {doubt}"))?;
    }
    for key in &report.keys {
        out.line(&format!("  key      {key}"))?;
    }
    if report.media.fetched > 0 {
        out.line(&format!("  media    {} files fetched", report.media.fetched))?;
    }
    for (reason, count, _) in report.media.failed.iter() {
        out.line(&format!("  no file  {count}: {reason}"))?;
    }
    let minute = "%Y-%m-%d %H:%M";
    match report.span {
        Some((oldest, newest)) => {
            out.line(&format!("  covered  {} to {} UTC", oldest.format(minute), newest.format(minute)))?
        }
        None => out.line("  covered  nothing: no dated post was seen")?,
    }
    match &report.end {
        End::Done => Ok(()),
        End::PageLimit => out.line("  stopped  at the page limit; the next pull goes on from here"),
        End::Budget(why) => out.line(&format!("  stopped  {why}; the next pull goes on from here")),
        End::Interrupted => out.line("  stopped  by you; the next pull goes on from here"),
        End::Failed(why) => out.line(&format!("  failed   {why}")),
    }
}

pub(super) fn json(report: &Report) -> serde_json::Value {
    let (state, why) = match &report.end {
        End::Done => ("done", None),
        End::PageLimit => ("page-limit", None),
        End::Budget(why) => ("budget", Some(why)),
        End::Interrupted => ("interrupted", None),
        End::Failed(why) => ("failed", Some(why)),
    };
    serde_json::json!({
        "job": report.job, "source": report.source, "requests": report.requests, "pages": report.pages,
        "units": report.units, "dollars": report.dollars,
        "new": report.tally.new, "known": report.tally.known, "changed": report.tally.changed,
        "keys": report.keys, "media": { "fetched": report.media.fetched, "failed": report.media.failed },
        "skipped": report.skipped, "doubts": report.doubts, "oldest": report.span.map(|span| span.0), "newest": report.span.map(|span| span.1),
        "ended": state, "why": why,
    })
}
