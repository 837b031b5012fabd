//! What `run` counts and knows, as figures for Prometheus and as an answer to whether all is well. No input or output.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::coverage::{Cause, Survey};
use crate::pull::{End, Report};
use crate::run::{Memo, Memory};

/// What is known of one source of one job.
#[derive(Debug, Clone, Default)]
struct Source {
    /// Looks that have ended, by how.
    looks: BTreeMap<&'static str, u64>,
    posts: u64,
    requests: u64,
    /// Posts and requests of the stream that stands now.
    heard: (u64, u64),
    failures: u32,
    trouble: Option<String>,
    failing_since: Option<DateTime<Utc>>,
    last_success: Option<DateTime<Utc>>,
    next: Option<DateTime<Utc>>,
    covered_until: Option<DateTime<Utc>>,
    /// Seconds that are not covered, by cause.
    gaps: BTreeMap<&'static str, i64>,
    /// Whether all of the past is not covered, by cause: such a gap has no length.
    open: BTreeMap<&'static str, bool>,
}

/// Figures of every source: their name, what they are, and how they are had.
type Family<T> = (&'static str, &'static str, fn(&Source) -> T);

/// All figures.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    sources: BTreeMap<(String, String), Source>,
    /// Shares of the budgets of jobs.
    budgets: BTreeMap<String, f64>,
    /// Alarms by name.
    alarms: BTreeMap<&'static str, u64>,
    /// Why the archive cannot be written.
    pub waits: Option<String>,
    /// After how many failures a source is ill.
    pub failures: u32,
    /// Alarms that gave way to others before they were told, and receivers that could not be told.
    pub untold: (u64, u64),
    /// When the program was started.
    pub started: Option<DateTime<Utc>>,
}

/// What the system says of the program and its archive when it is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sizes {
    /// Bytes that the archive's files have.
    pub archive: Option<u64>,
    /// Bytes of memory.
    pub resident: Option<u64>,
}

impl Figures {
    fn source(&mut self, job: &str, source: &str) -> &mut Source {
        self.sources.entry((job.to_owned(), source.to_owned())).or_default()
    }

    /// Forgets the sources that no job has any more, and takes in those that are new.
    pub fn keep<'a>(&mut self, names: impl Iterator<Item = (&'a str, &'a str)>, memory: &Memory) {
        let mut before = std::mem::take(&mut self.sources);
        for (job, source) in names {
            let name = (job.to_owned(), source.to_owned());
            let mut known = before.remove(&name).unwrap_or_default();
            if let Some(memo) = memory.of(job, source) {
                known.remember(memo);
            }
            self.sources.insert(name, known);
        }
        let jobs: Vec<&String> = self.sources.keys().map(|(job, _)| job).collect();
        self.budgets.retain(|job, _| jobs.contains(&job));
    }

    /// Counts what a stream has brought so far.
    pub fn heard(&mut self, report: &Report) {
        self.source(&report.job, &report.source).heard = (report.tally.new, report.requests);
    }

    /// Counts a look that has ended, or a stream (then without a memo).
    pub fn looked(&mut self, report: &Report, memo: Option<&Memo>, now: DateTime<Utc>) {
        let source = self.source(&report.job, &report.source);
        source.posts += report.tally.new;
        source.requests += report.requests;
        let Some(memo) = memo else {
            source.heard = (0, 0);
            return;
        };
        *source.looks.entry(report.end.name()).or_default() += 1;
        // A look that asked nothing, its budget being used up, has read nothing.
        if report.requests > 0 && !matches!(report.end, End::Failed(_) | End::Interrupted) {
            source.last_success = Some(now);
        }
        source.remember(memo);
    }

    /// Takes in what is covered.
    pub fn surveyed(&mut self, survey: &Survey) {
        let Some(source) = self.sources.get_mut(&(survey.job.clone(), survey.source.clone())) else { return };
        source.covered_until = survey.covered.end();
        source.last_success = source.last_success.or(survey.last_done);
        // A cause that was there and is not any more has no seconds, and says so.
        source.gaps.values_mut().for_each(|seconds| *seconds = 0);
        source.open.values_mut().for_each(|is_open| *is_open = false);
        for gap in &survey.gaps {
            let cause = Cause::name(gap.cause);
            if gap.stretch.is_open() {
                source.open.insert(cause, true);
            } else {
                *source.gaps.entry(cause).or_default() += gap.stretch.length().num_seconds();
            }
        }
    }

    /// The share of its budget that a job has used up.
    pub fn spent(&mut self, job: &str, share: Option<f64>) {
        match share {
            Some(share) => drop(self.budgets.insert(job.to_owned(), share)),
            None => drop(self.budgets.remove(job)),
        }
    }

    /// Counts an alarm.
    pub fn alarmed(&mut self, name: &'static str) {
        *self.alarms.entry(name).or_default() += 1;
    }

    /// What is wrong: that the archive cannot be written, sources that have failed too often.
    fn problems(&self) -> Vec<Value> {
        let waits = self.waits.iter().map(|why| json!({ "problem": "archive-waits", "why": why }));
        let ill = self.sources.iter().filter(|(_, known)| known.failures > 0 && known.failures >= self.failures);
        let ill = ill.map(|((job, source), known)| {
            json!({
                "problem": "source-failing", "job": job, "source": source, "failures": known.failures, "why": known.trouble,
                "since": known.failing_since.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            })
        });
        waits.chain(ill).collect()
    }

    /// Whether all is well, and what is not.
    pub fn health(&self) -> (bool, Value) {
        let problems = self.problems();
        let is_well = problems.is_empty();
        (is_well, json!({ "well": is_well, "problems": problems, "sources": self.sources.len() }))
    }

    /// Everything in the text format of Prometheus, 0.0.4.
    pub fn text(&self, sizes: Sizes) -> String {
        let mut page = Page::default();
        page.family("pullquote_build_info", "gauge", "What is running.");
        page.sample("pullquote_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
        page.family("pullquote_looks_total", "counter", "Looks at a source that have ended, by how.");
        for (name, source) in &self.sources {
            for (ended, count) in &source.looks {
                page.sample(
                    "pullquote_looks_total",
                    &[("job", &name.0), ("source", &name.1), ("ended", ended)],
                    float(*count),
                );
            }
        }
        let counters: [Family<u64>; 2] = [
            ("pullquote_posts_total", "Posts that were new to the archive.", |source| source.posts + source.heard.0),
            ("pullquote_requests_total", "Requests sent, retries and log-ins included.", |source| {
                source.requests + source.heard.1
            }),
        ];
        for (name, help, count) in counters {
            page.family(name, "counter", help);
            for ((job, source), known) in &self.sources {
                page.sample(name, &[("job", job), ("source", source)], float(count(known)));
            }
        }
        page.family("pullquote_failures", "gauge", "Looks in a row that failed; 0 if the last one did not.");
        for ((job, source), known) in &self.sources {
            page.sample("pullquote_failures", &[("job", job), ("source", source)], f64::from(known.failures));
        }
        let times: [Family<Option<DateTime<Utc>>>; 3] = [
            ("pullquote_last_success_timestamp_seconds", "When a look last ended well.", |source| source.last_success),
            ("pullquote_next_look_timestamp_seconds", "When the next look is due.", |source| source.next),
            (
                "pullquote_covered_until_timestamp_seconds",
                "Up to when a source is covered, gaps before that apart.",
                |source| source.covered_until,
            ),
        ];
        for (name, help, time) in times {
            page.family(name, "gauge", help);
            for ((job, source), known) in &self.sources {
                if let Some(at) = time(known) {
                    page.sample(name, &[("job", job), ("source", source)], stamp(at));
                }
            }
        }
        page.family("pullquote_gap_seconds", "gauge", "Seconds of a source's time that are not covered, by cause.");
        for ((job, source), known) in &self.sources {
            for (cause, seconds) in &known.gaps {
                let seconds = float(u64::try_from(*seconds).unwrap_or_default());
                page.sample("pullquote_gap_seconds", &[("job", job), ("source", source), ("cause", cause)], seconds);
            }
        }
        let help = "1 if nothing before some time is covered: a gap without a beginning, by cause.";
        page.family("pullquote_gap_open", "gauge", help);
        for ((job, source), known) in &self.sources {
            for (cause, is_open) in &known.open {
                let is_open = f64::from(u8::from(*is_open));
                page.sample("pullquote_gap_open", &[("job", job), ("source", source), ("cause", cause)], is_open);
            }
        }
        page.family("pullquote_budget_used_ratio", "gauge", "Share of a job's budget that is used up in its period.");
        for (job, share) in &self.budgets {
            page.sample("pullquote_budget_used_ratio", &[("job", job)], *share);
        }
        page.family("pullquote_alarms_total", "counter", "Alarms, by name.");
        for (name, count) in &self.alarms {
            page.sample("pullquote_alarms_total", &[("alarm", name)], float(*count));
        }
        let plain = [
            (
                "pullquote_alarms_dropped_total",
                "counter",
                "Alarms that gave way to later ones untold.",
                Some(float(self.untold.0)),
            ),
            (
                "pullquote_hook_failures_total",
                "counter",
                "Attempts to tell an alarm that failed.",
                Some(float(self.untold.1)),
            ),
            (
                "pullquote_archive_writable",
                "gauge",
                "1 if the archive can be written.",
                Some(f64::from(u8::from(self.waits.is_none()))),
            ),
            ("pullquote_archive_bytes", "gauge", "Size of the archive's files.", sizes.archive.map(float)),
            ("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", sizes.resident.map(float)),
            (
                "process_start_time_seconds",
                "gauge",
                "Start time of the process since unix epoch in seconds.",
                self.started.map(stamp),
            ),
        ];
        for (name, kind, help, value) in plain {
            page.family(name, kind, help);
            value.into_iter().for_each(|value| page.sample(name, &[], value));
        }
        page.0
    }
}

impl Source {
    fn remember(&mut self, memo: &Memo) {
        self.failures = memo.failures;
        self.trouble.clone_from(&memo.trouble);
        self.failing_since = memo.failing_since;
        self.next = memo.next;
    }
}

/// A page in the text format of Prometheus.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _infallible = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _infallible = writeln!(self.0, "{name}{labels} {value}");
    }
}

/// A label's value: backslash, quotation mark and line break are escaped, other control characters have no place in it.
fn escaped(value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    crate::quote::visible(&value).replace('\t', " ")
}

/// No count here is so large that a double could not hold it.
#[expect(clippy::cast_precision_loss)]
fn float(count: u64) -> f64 {
    count as f64
}

/// Seconds since 1970.
#[expect(clippy::cast_precision_loss)]
fn stamp(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> crate::pull::Task {
        crate::pull::Task {
            job: "flood".to_owned(),
            source: "m".to_owned(),
            platform: crate::platform::ALL[0],
            server: crate::platform::Source::default(),
            begin: crate::pull::Begin::Request(crate::exchange::Request::get("https://a.example/")),
            max_pages: 1,
            budget: crate::pull::Budget::default(),
            media: Vec::new(),
        }
    }

    #[test]
    fn names_of_strangers_stay_inside_their_labels() {
        for (value, expected) in [
            ("flood", "flood"),
            ("a \"b\" \\ c", "a \\\"b\\\" \\\\ c"),
            ("x\ny 1", "x\\ny 1"),
            ("\u{1b}[1m\u{202e}\r", "␛[1m<U+202E>␍"),
            ("#水害", "#水害"),
        ] {
            assert_eq!(escaped(value), expected);
        }
    }

    #[test]
    fn health_names_what_is_wrong() {
        let mut figures = Figures { failures: 2, ..Figures::default() };
        assert!(figures.health().0);
        figures.source("flood", "m").failures = 1;
        assert!(figures.health().0);
        figures.source("flood", "m").failures = 2;
        figures.waits = Some("disk full".to_owned());
        let (is_well, told) = figures.health();
        assert!(!is_well);
        assert_eq!(told["problems"][0]["problem"], "archive-waits");
        assert_eq!((&told["problems"][1]["source"], &told["problems"][1]["failures"]), (&json!("m"), &json!(2)));
    }

    #[test]
    fn a_stream_counts_while_it_stands_and_once() {
        let mut figures = Figures::default();
        let mut report = Report::of(&task());
        let posts = |figures: &Figures| {
            let text = figures.text(Sizes::default());
            let line = text.lines().find(|line| line.starts_with("pullquote_posts_total{")).unwrap().to_owned();
            line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
        };
        for new in [3, 5] {
            report.tally.new = new;
            figures.heard(&report);
            assert_eq!(posts(&figures), new);
        }
        figures.looked(&report, None, Utc::now());
        assert_eq!(posts(&figures), 5);
    }

    #[test]
    fn a_look_that_asked_nothing_is_no_success() {
        let mut figures = Figures::default();
        let mut report = Report::of(&task());
        figures.looked(&report, Some(&Memo::default()), Utc::now());
        assert!(!figures.text(Sizes::default()).contains("last_success_timestamp_seconds{"));
        report.requests = 1;
        figures.looked(&report, Some(&Memo::default()), Utc::now());
        assert!(figures.text(Sizes::default()).contains("last_success_timestamp_seconds{"));
    }

    #[test]
    fn a_gap_without_a_beginning_is_named() {
        let mut figures = Figures::default();
        figures.source("flood", "m");
        let until = Utc::now();
        let stretch = crate::coverage::Stretch { since: crate::coverage::BEGINNING, until };
        let hindrance = crate::coverage::Hindrance { stretch, cause: Cause::PageLimit, why: String::new(), at: until };
        let last_asked = Some(until + chrono::TimeDelta::minutes(1));
        let since = Some(stretch.since);
        let ledger = crate::coverage::Ledger { since, last_asked, ..crate::coverage::Ledger::default() };
        for (hindrances, expected) in [(vec![hindrance], 1), (Vec::new(), 0)] {
            let part = crate::coverage::Part {
                job: "flood".to_owned(),
                source: "m".to_owned(),
                platform: String::new(),
                ledger: ledger.clone(),
                hindrances,
            };
            crate::coverage::surveys(vec![part]).iter().for_each(|survey| figures.surveyed(survey));
            let line = format!("pullquote_gap_open{{job=\"flood\",source=\"m\",cause=\"page-limit\"}} {expected}\n");
            let text = figures.text(Sizes::default());
            assert!(text.contains(&line), "{text}");
        }
    }

    #[test]
    fn a_gap_that_is_closed_counts_nothing() {
        let mut figures = Figures::default();
        figures.source("flood", "m").gaps.insert("down", 60);
        let survey = crate::coverage::surveys(vec![crate::coverage::Part {
            job: "flood".to_owned(),
            source: "m".to_owned(),
            platform: String::new(),
            ledger: crate::coverage::Ledger::default(),
            hindrances: Vec::new(),
        }]);
        survey.iter().for_each(|survey| figures.surveyed(survey));
        let text = figures.text(Sizes::default());
        assert!(text.contains("pullquote_gap_seconds{job=\"flood\",source=\"m\",cause=\"down\"} 0\n"), "{text}");
    }
}
