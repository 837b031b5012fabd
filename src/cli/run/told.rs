//! What `run` says while it runs: a line for people on standard error, or an object for programs on standard output.

use std::io::Write as _;
use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use serde_json::{Value, json};

use super::Exit;
use crate::ingest::IngestError;
use crate::pull::{End, Rechecks, Report};
use crate::quote::visible;
use crate::run::Event;
use crate::watch::Alarm;

/// Every event of `--json`: its name, its levels, its keys beside `event`, `level` and `at`, and what it tells. docs/operating.md
/// is made of it.
pub(super) const EVENTS: &[(&str, &str, &[&str], &str)] = &[
    ("serves", "info", &["what", "address"], "metrics and health are served there"),
    ("missed", "warn", &["job", "source", "since"], "a source was left alone since then: nobody ran"),
    (
        "looked",
        "info, warn",
        &[
            "job", "source", "ended", "why", "cause", "pages", "requests", "new", "known", "changed", "units",
            "dollars", "failures", "next",
        ],
        "a look has ended, and how: `done`, `page-limit`, `budget`, `interrupted`, `failed`",
    ),
    (
        "unheard",
        "info, warn",
        &["job", "source", "ended", "why", "cause", "pages", "requests", "new", "known", "changed", "units", "dollars"],
        "a stream has ended; it is opened again",
    ),
    (
        "rechecked",
        "info, warn",
        &[
            "job",
            "looked",
            "there",
            "changed",
            "gone",
            "withheld",
            "not_shown",
            "failed",
            "left",
            "why",
            "unaskable",
            "requests",
        ],
        "posts were looked at again, and what became of them",
    ),
    ("alarm", "info, warn", &["alarm", "job", "source", "what", "details"], "an alarm: the table below"),
    ("untold", "warn", &["what"], "the hook or the webhook could not be told of an alarm"),
    ("waits", "error", &["what"], "the archive cannot be written, and is tried again"),
    ("reloaded", "info", &["what"], "the configuration was read again"),
    ("kept", "error", &["what"], "the configuration has faults, and stays as it was"),
    ("partly", "error", &["what"], "the configuration was read again, but for this"),
    ("ended", "info", &["what"], "the run is over"),
];

/// How grave something is.
#[derive(Debug, Clone, Copy)]
enum Level {
    Info,
    Warn,
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }

    fn of(end: &End) -> Level {
        match end {
            End::Done | End::Interrupted => Level::Info,
            End::PageLimit | End::Budget(_) | End::Failed(_) => Level::Warn,
        }
    }
}

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
                    Level::Warn,
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
                self.write(Level::of(&report.end), &object, &format!("{}{then}", sentence(report)))
            }
            Event::Rechecked { rechecks, .. }
                if rechecks.looked == 0 && rechecks.left == 0 && rechecks.failed.iter().next().is_none() =>
            {
                Ok(())
            }
            Event::Rechecked { job, rechecks } => {
                let Rechecks { looked, there, changed, gone, withheld, not_shown, left, unaskable, requests, .. } =
                    rechecks;
                let why = rechecks.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                let failed: u64 = rechecks.failed.iter().map(|(_, count, _)| count).sum();
                self.write(
                    if failed > 0 { Level::Warn } else { Level::Info },
                    &json!({
                        "event": "rechecked", "job": job, "looked": looked, "there": there, "changed": changed, "gone": gone,
                        "withheld": withheld, "not_shown": not_shown, "failed": failed, "left": left, "why": rechecks.why,
                        "unaskable": unaskable, "requests": requests,
                    }),
                    &format!(
                        "{job}: {looked} posts looked at again: {there} as before, {changed} changed, {gone} gone, {withheld} withheld, \
                         {not_shown} not shown; {failed} could not be looked at, {left} were left for later{why}; {unaskable} nobody can be asked for"
                    ),
                )
            }
            Event::Unheard { report } => {
                self.failed |= matches!(report.end, End::Failed(_));
                let level = Level::of(&report.end);
                self.write(level, &looked("unheard", report), &format!("stream: {}", sentence(report)))
            }
        }
    }

    pub(super) fn alarms(&mut self, alarms: &[Alarm]) -> std::io::Result<()> {
        for alarm in alarms {
            let Alarm { name, job, source, what, details } = alarm;
            let level = if alarm.is_good() { Level::Info } else { Level::Warn };
            self.write(
                level,
                &json!({ "event": "alarm", "alarm": name, "job": job, "source": source, "what": what, "details": details }),
                &format!("ALARM {name}: {what}"),
            )?;
        }
        Ok(())
    }

    pub(super) fn serves(&mut self, address: &str) -> std::io::Result<()> {
        let what = format!("metrics and health are served on http://{address}");
        self.write(Level::Info, &json!({ "event": "serves", "what": what, "address": address }), &what)
    }

    pub(super) fn untold(&mut self, faults: &[String]) -> std::io::Result<()> {
        faults.iter().try_for_each(|fault| self.say(Level::Warn, "untold", fault))
    }

    /// An archive that another holds is waited for like a full disk.
    pub(super) fn waits(&mut self, error: &IngestError, pause: Duration) -> std::io::Result<()> {
        let seconds = pause.as_secs();
        let what = format!("the archive cannot be written: {error}; it is tried again in {seconds} s");
        self.say(Level::Error, "waits", &what)
    }

    pub(super) fn reloaded(&mut self, jobs: usize) -> std::io::Result<()> {
        self.say(Level::Info, "reloaded", &format!("the configuration was read again: {jobs} jobs"))
    }

    pub(super) fn kept(&mut self, error: &anyhow::Error) -> std::io::Result<()> {
        self.say(Level::Error, "kept", &format!("the configuration stays as it was: {error:#}"))
    }

    pub(super) fn partly(&mut self, what: &str) -> std::io::Result<()> {
        self.say(Level::Error, "partly", &format!("the configuration was read again, but {what}"))
    }

    pub(super) fn ended(&mut self) -> std::io::Result<()> {
        let Told { looks, new, .. } = self;
        let what = format!("ended after {looks} looks with {new} new posts");
        self.say(Level::Info, "ended", &what)
    }

    fn say(&mut self, level: Level, event: &str, sentence: &str) -> std::io::Result<()> {
        self.write(level, &json!({ "event": event, "what": sentence }), sentence)
    }

    fn write(&mut self, level: Level, object: &Value, sentence: &str) -> std::io::Result<()> {
        debug_assert!(is_documented(object), "{object} is not what EVENTS says");
        let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        if self.as_json {
            let mut object = object.clone();
            object["at"] = json!(now);
            object["level"] = json!(level.name());
            let mut out = std::io::stdout().lock();
            writeln!(out, "{}", plain(&object))?;
            return out.flush();
        }
        // A line that cannot be told stops no job.
        let _gone = writeln!(std::io::stderr(), "{now} {}", visible(&sentence.replace('\n', " ")));
        Ok(())
    }
}

/// Whether an event has the keys that the documentation names, and no others.
fn is_documented(object: &Value) -> bool {
    let found = EVENTS.iter().find(|(name, ..)| object["event"] == *name);
    found.zip(object.as_object()).is_some_and(|((_, _, keys, _), object)| {
        object.len() == keys.len() + 1 && keys.iter().all(|key| object.contains_key(*key))
    })
}

/// JSON on one line, in which characters that steer a terminal or the reading direction stand as escapes: the same text to whoever
/// parses it, and harmless to whoever only looks at it.
fn plain(object: &Value) -> String {
    let mut line = String::new();
    for c in object.to_string().chars() {
        let steers = c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        // They are all in the basic plane, and JSON has them inside strings alone.
        if steers { line.push_str(&format!("\\u{:04x}", u32::from(c))) } else { line.push(c) }
    }
    line
}

fn looked(event: &str, report: &Report) -> Value {
    json!({
        "event": event, "job": report.job, "source": report.source, "ended": report.end.name(), "why": report.end.why(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_harmless_and_says_the_same() {
        let object = json!({ "what": "a\u{1b}[2J\u{9b}\n\u{202e}b\u{2028}c #水害 \"\\" });
        let line = plain(&object);
        assert!(!line.contains(|c: char| c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c)), "{line}");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), object);
    }

    #[test]
    fn an_event_that_is_not_documented_is_seen() {
        for (object, expected) in [
            (json!({ "event": "ended", "what": "x" }), true),
            (json!({ "event": "ended", "what": "x", "more": 1 }), false),
            (json!({ "event": "ended" }), false),
            (json!({ "event": "evaporated", "what": "x" }), false),
        ] {
            assert_eq!(is_documented(&object), expected, "{object}");
        }
    }
}
