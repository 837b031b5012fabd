//! How the jobs of an archive stand: whether a run is under way, what it remembers of every source, and what is covered.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::print::flat;
use crate::archive::{Archive, ArchiveError};
use crate::coverage::{Survey, surveys};
use crate::run::{Memo, Memory};
use crate::store::{Reader, StoreError};
use crate::watch::{Book, Running};

/// How the jobs stand.
pub(super) struct Standing {
    /// Whether somebody writes to the archive now.
    is_busy: bool,
    running: Option<Running>,
    memory: Memory,
    surveys: Vec<Survey>,
}

impl Standing {
    /// Looks, and is in nobody's way.
    pub(super) fn of(archive: &Archive, reader: &Reader) -> Result<Standing, StoreError> {
        let is_busy = matches!(archive.lock_shared(), Err(ArchiveError::Busy(_)));
        let memory = Memory::load(&archive.memory()).unwrap_or_else(|error| {
            tracing::warn!(%error, "what is remembered of the sources cannot be read");
            Memory::default()
        });
        // A run that was killed could not say that it ended.
        let running = Book::load(archive).and_then(|book| book.running).filter(|_| is_busy);
        Ok(Standing { is_busy, running, memory, surveys: surveys(reader.covered(None)?) })
    }

    /// Who is at work.
    pub(super) fn sentence(&self) -> Option<String> {
        match (&self.running, self.is_busy) {
            (Some(Running { process, since, metrics }), _) => {
                let metrics =
                    metrics.as_ref().map(|address| format!(", metrics on http://{address}")).unwrap_or_default();
                Some(format!("a run is under way since {} (process {process}){}", minute(*since), flat(&metrics)))
            }
            (None, true) => Some("another pullquote writes to the archive".to_owned()),
            (None, false) => None,
        }
    }

    /// Whether somebody writes to the archive now.
    pub(super) fn is_busy(&self) -> bool {
        self.is_busy
    }

    /// The run that is under way, for programs.
    pub(super) fn run(&self) -> Option<Value> {
        let running = self.running.as_ref()?;
        let since = running.since.to_rfc3339_opts(SecondsFormat::Secs, true);
        Some(json!({ "process": running.process, "since": since, "metrics": running.metrics }))
    }

    fn memo(&self, job: &str, source: &str) -> Option<&Memo> {
        self.memory.of(job, source)
    }

    fn survey(&self, job: &str, source: &str) -> Option<&Survey> {
        self.surveys.iter().find(|survey| survey.job == job && survey.source == source)
    }

    /// What is to be said of a source: when it is looked at, what is wrong, what is covered.
    pub(super) fn lines(&self, job: &str, source: &str) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(memo) = self.memo(job, source) {
            let asked = memo.asked.map(|at| format!("looked at {}", minute(at)));
            let next = memo.next.map(|at| format!("next {}", minute(at)));
            let told: Vec<String> = asked.into_iter().chain(next).collect();
            if !told.is_empty() {
                lines.push(told.join(", "));
            }
            if memo.failures > 0 {
                let since = memo.failing_since.map(|at| format!("failing since {}", minute(at)));
                let why = flat(memo.trouble.as_deref().unwrap_or_default());
                let since = since.unwrap_or_else(|| "failing".to_owned());
                lines.push(format!("{since} ({} in a row): {why}", memo.failures));
            }
        }
        if let Some(survey) = self.survey(job, source) {
            lines.push(covered(survey));
        }
        lines
    }

    /// The same for programs.
    pub(super) fn members(&self, job: &str, source: &str) -> Map<String, Value> {
        let memo = self.memo(job, source);
        let survey = self.survey(job, source);
        let second = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        let open = survey.is_some_and(|survey| survey.covered.start() == Some(crate::coverage::BEGINNING));
        let members = json!({
            "asked": second(memo.and_then(|memo| memo.asked)), "next": second(memo.and_then(|memo| memo.next)),
            "failures": memo.map(|memo| memo.failures), "trouble": memo.and_then(|memo| memo.trouble.as_deref()),
            "failing_since": second(memo.and_then(|memo| memo.failing_since)),
            "covered_since": second(survey.and_then(|survey| survey.covered.start()).filter(|_| !open)),
            "covered_until": second(survey.and_then(|survey| survey.covered.end())),
            "gaps": survey.map(|survey| closed(survey).count()),
            "gap_seconds": survey.map(|survey| length(survey).num_seconds()),
            "open_gaps": survey.map(|survey| open_gaps(survey).count()),
            "nothing_before": second(survey.and_then(|survey| open_gaps(survey).last()).map(|gap| gap.stretch.until)),
        });
        match members {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }
}

/// The gaps of a source, without the time before the first post that could be had.
fn closed(survey: &Survey) -> impl Iterator<Item = &crate::coverage::Gap> {
    survey.gaps.iter().filter(|gap| !gap.stretch.is_open())
}

/// The gaps that have no beginning, and so no length: all of the past up to their ends.
fn open_gaps(survey: &Survey) -> impl Iterator<Item = &crate::coverage::Gap> {
    survey.gaps.iter().filter(|gap| gap.stretch.is_open())
}

fn length(survey: &Survey) -> TimeDelta {
    closed(survey).fold(TimeDelta::zero(), |sum, gap| sum + gap.stretch.length())
}

/// What is covered, in a line.
fn covered(survey: &Survey) -> String {
    let Some(until) = survey.covered.end() else { return "nothing is covered yet, or can be called so".to_owned() };
    let mut causes: Vec<&str> = closed(survey).map(|gap| gap.cause.name()).collect();
    let gaps = causes.len();
    causes.sort_unstable();
    causes.dedup();
    let past = open_gaps(survey).last();
    let past = past.map(|gap| format!(", nothing before {} ({})", minute(gap.stretch.until), gap.cause.name()));
    let past = past.unwrap_or_default();
    match gaps {
        0 if past.is_empty() => format!("covered until {}, without a gap", minute(until)),
        0 => format!("covered until {}{past}", minute(until)),
        n => {
            let gaps = if n == 1 { "1 gap".to_owned() } else { format!("{n} gaps") };
            format!(
                "covered until {}, {gaps} of {} ({}){past}",
                minute(until),
                words(length(survey)),
                causes.join(", ")
            )
        }
    }
}

/// A length of time in its two largest units.
fn words(length: TimeDelta) -> String {
    let seconds = length.num_seconds();
    let units = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let said = units.iter().skip_while(|(count, _)| *count == 0).take(2).filter(|(count, _)| *count > 0);
    said.map(|(count, unit)| format!("{count} {unit}")).collect::<Vec<_>>().join(" ")
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_two_units() {
        for (seconds, expected) in
            [(59, "59 s"), (60, "1 min"), (3661, "1 h 1 min"), (90_000, "1 d 1 h"), (86_460, "1 d")]
        {
            assert_eq!(words(TimeDelta::seconds(seconds)), expected);
        }
    }
}
