//! What `run` says while it runs: a line for people on standard error, or an object for programs on standard output.

use std::io::Write as _;

use chrono::{SecondsFormat, Utc};
use serde_json::{Value, json};

use super::Exit;
use crate::pull::{End, Rechecks, Report};
use crate::quote::visible;
use crate::run::Event;

/// Tells what happens.
pub(super) struct Told {
    as_json: bool,
    failed: bool,
    looks: u64,
    new: u64,
}

impl Told {
    pub(super) fn new(as_json: bool) -> Told {
        Told { as_json, failed: false, looks: 0, new: 0 }
    }

    /// How it all ended, for `--once`.
    pub(super) fn exit(&self) -> Exit {
        if self.failed { Exit::Partial } else { Exit::Ok }
    }

    pub(super) fn event(&mut self, event: &Event<'_>) -> std::io::Result<()> {
        match event {
            Event::Began { .. } => Ok(()),
            Event::Missed { job, source, since } => {
                let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
                self.write(
                    &json!({ "event": "missed", "job": job, "source": source, "since": since }),
                    &format!("{job} · {source}: nobody looked since {since}"),
                )
            }
            Event::Looked { report, memo } => {
                self.looks += 1;
                self.new += report.tally.new;
                self.failed |= matches!(report.end, End::Failed(_));
                let next = memo.next.map(|next| next.to_rfc3339_opts(SecondsFormat::Secs, true));
                let mut object = looked("looked", report);
                object["failures"] = json!(memo.failures);
                object["next"] = json!(next);
                let then = next.map_or_else(|| "; that was the last look".to_owned(), |next| format!("; next {next}"));
                self.write(&object, &format!("{}{then}", sentence(report)))
            }
            Event::Rechecked { rechecks, .. }
                if rechecks.looked == 0 && rechecks.left == 0 && rechecks.failed.iter().next().is_none() =>
            {
                Ok(())
            }
            Event::Rechecked { job, rechecks } => {
                let Rechecks { looked, there, changed, gone, withheld, not_shown, left, requests, .. } = rechecks;
                let failed: u64 = rechecks.failed.iter().map(|(_, count, _)| count).sum();
                self.write(
                    &json!({
                        "event": "rechecked", "job": job, "looked": looked, "there": there, "changed": changed, "gone": gone,
                        "withheld": withheld, "not_shown": not_shown, "failed": failed, "left": left, "requests": requests,
                    }),
                    &format!(
                        "{job}: {looked} posts looked at again: {there} as before, {changed} changed, {gone} gone, {withheld} withheld, \
                         {not_shown} not shown; {failed} could not be looked at, {left} were left for later"
                    ),
                )
            }
            Event::Unheard { report } => {
                self.failed |= matches!(report.end, End::Failed(_));
                self.write(&looked("unheard", report), &format!("stream: {}", sentence(report)))
            }
        }
    }

    pub(super) fn reloaded(&mut self, jobs: usize) -> std::io::Result<()> {
        self.say("reloaded", &format!("the configuration was read again: {jobs} jobs"))
    }

    pub(super) fn kept(&mut self, error: &anyhow::Error) -> std::io::Result<()> {
        self.say("kept", &format!("the configuration stays as it was: {error:#}"))
    }

    pub(super) fn ended(&mut self) -> std::io::Result<()> {
        self.say("ended", &format!("ended after {} looks with {} new posts", self.looks, self.new))
    }

    pub(super) fn say(&mut self, event: &str, sentence: &str) -> std::io::Result<()> {
        self.write(&json!({ "event": event, "what": sentence }), sentence)
    }

    fn write(&mut self, object: &Value, sentence: &str) -> std::io::Result<()> {
        let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        if self.as_json {
            let mut object = object.clone();
            object["at"] = json!(now);
            let mut out = std::io::stdout().lock();
            writeln!(out, "{object}")?;
            return out.flush();
        }
        // A line that cannot be told stops no job.
        let _gone = writeln!(std::io::stderr(), "{now} {}", visible(&sentence.replace('\n', " ")));
        Ok(())
    }
}

fn looked(event: &str, report: &Report) -> Value {
    let (ended, why) = match &report.end {
        End::Done => ("done", None),
        End::PageLimit => ("page limit", None),
        End::Budget(why) => ("budget", Some(why)),
        End::Interrupted => ("interrupted", None),
        End::Failed(why) => ("failed", Some(why)),
    };
    json!({
        "event": event, "job": report.job, "source": report.source, "ended": ended, "why": why,
        "cause": report.cause.map(|cause| cause.name()), "pages": report.pages, "requests": report.requests,
        "new": report.tally.new, "known": report.tally.known, "changed": report.tally.changed, "units": report.units,
        "dollars": report.dollars,
    })
}

fn sentence(report: &Report) -> String {
    let Report { job, source, pages, tally, .. } = report;
    let end = match &report.end {
        End::Done => String::new(),
        End::PageLimit => "; the page limit was reached".to_owned(),
        End::Budget(why) => format!("; {why}"),
        End::Interrupted => "; stopped".to_owned(),
        End::Failed(why) => format!("; FAILED: {why}"),
    };
    format!("{job} · {source}: {} new, {} known in {pages} pages{end}", tally.new, tally.known)
}
