//! What deserves an alarm: what is found, held against what is known already. Pure.
//!
//! Every function takes what is so now and gives an alarm for what was not so before. What was told is [`Known`], which outlives
//! the program: nothing is told twice, and what came about while nobody ran is told at the next start.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::coverage::{Stretch, Stretches, Survey};
use crate::pull::{End, Report};
use crate::run::Memo;
use crate::store::Drift;

/// Every alarm: its name, and what it tells. docs/operating.md is made of it.
pub const ALARMS: &[(&str, &str, &str)] = &[
    (SOURCE_FAILING, "a source of a job has failed `failures` times in a row", "`failures`, `since`, `why`, `next`"),
    (SOURCE_RECOVERED, "a source that was told to fail gives again", "none"),
    (
        COVERAGE_GAP,
        "a stretch of time is not covered, and no look that is due will close it",
        "`cause`, `why`, `from`, `to`, `seconds`",
    ),
    (BUDGET_NEAR, "90 % of a job's budget for an hour, a day or a month are used up", "`share`, `period`"),
    (BUDGET_USED, "a job's budget does not allow its next request", "`share`, `period`"),
    (
        FIELDS_DRIFT,
        "a field of a platform's posts that used to be full is empty; once a week",
        "`platform`, `shape`, `field`, `posts`, `filled`, `posts_before`, `filled_before`",
    ),
    (
        QUOTED_CHANGED,
        "a post that was quoted was edited, deleted or renamed since",
        "`post`, `quoted_in`, `ledger`, `changes`",
    ),
    (
        CLIPPED_CHANGED,
        "a post in a list of clips was edited or deleted since `run` first saw it there",
        "`post`, `lists`, `changes`",
    ),
    (ARCHIVE_WAITS, "the archive cannot be written; it is tried again until it can", "`why`"),
    (ARCHIVE_WRITABLE, "the archive can be written again", "none"),
];

pub const SOURCE_FAILING: &str = "source-failing";
pub const SOURCE_RECOVERED: &str = "source-recovered";
pub const COVERAGE_GAP: &str = "coverage-gap";
pub const BUDGET_NEAR: &str = "budget-near";
pub const BUDGET_USED: &str = "budget-used";
pub const FIELDS_DRIFT: &str = "fields-drift";
pub const QUOTED_CHANGED: &str = "quoted-changed";
pub const CLIPPED_CHANGED: &str = "clipped-changed";
pub const ARCHIVE_WAITS: &str = "archive-waits";
pub const ARCHIVE_WRITABLE: &str = "archive-writable";

/// From which share on a budget is near its end.
const NEAR: f64 = 0.9;

/// How long a field that drifts is not told again.
const DRIFTS: TimeDelta = TimeDelta::days(7);

/// The longest that what a stranger said may be in an alarm, in characters.
const LONGEST: usize = 300;

/// Something that a person should know.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Its name, one of [`ALARMS`].
    pub name: &'static str,
    /// The job, if it is about one.
    pub job: Option<String>,
    /// The source, if it is about one.
    pub source: Option<String>,
    /// A sentence for people.
    pub what: String,
    /// What a program wants to know beside.
    pub details: Map<String, Value>,
}

impl Alarm {
    fn new(name: &'static str, what: String, details: Value) -> Alarm {
        debug_assert!(ALARMS.iter().any(|(known, ..)| *known == name), "{name} is no alarm that ALARMS names");
        let details = match details {
            Value::Object(details) => details,
            _ => Map::new(),
        };
        Alarm { name, job: None, source: None, what, details }
    }

    fn about(self, job: &str, source: Option<&str>) -> Alarm {
        Alarm { job: Some(job.to_owned()), source: source.map(str::to_owned), ..self }
    }

    /// Whether it tells that something is well again.
    pub fn is_good(&self) -> bool {
        [SOURCE_RECOVERED, ARCHIVE_WRITABLE].contains(&self.name)
    }
}

/// A stretch of time.
type FromTo = (DateTime<Utc>, DateTime<Utc>);

/// A source: its job and its name.
type Name = (String, String);

/// What was told before. It stands in `watch.json` in the archive's folder.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// Sources that fail.
    failing: BTreeSet<Name>,
    /// Gaps, by job and source.
    gaps: BTreeMap<String, BTreeMap<String, Vec<FromTo>>>,
    /// Of budgets: the beginning of the period that is meant, and whether it was told to be used up, not merely near.
    budgets: BTreeMap<String, (DateTime<Utc>, bool)>,
    /// Fields that drift, and when that was told.
    drift: BTreeMap<String, DateTime<Utc>>,
    /// What became of quoted posts, by the number in the ledger.
    quoted: BTreeMap<i64, Vec<String>>,
    /// The states of clipped posts, by their keys.
    clipped: BTreeMap<String, String>,
    /// Why the archive cannot be written.
    #[serde(skip)]
    waits: bool,
}

/// A quoted post: its number in the ledger, its key, where it was quoted, and what became of it since.
#[derive(Debug, Clone)]
pub struct Quoted {
    pub id: i64,
    pub post: String,
    pub article: String,
    pub since: Vec<String>,
}

/// A clipped post: its key, its lists, and its state.
#[derive(Debug, Clone)]
pub struct Clipped {
    pub post: String,
    pub lists: Vec<String>,
    pub state: String,
    pub is_gone: bool,
}

impl Known {
    /// A look has ended. `failures`: how many in a row are told.
    pub fn looked(&mut self, job: &str, source: &str, memo: &Memo, failures: u32) -> Option<Alarm> {
        let name = (job.to_owned(), source.to_owned());
        if memo.failures == 0 {
            let was_told = self.failing.remove(&name);
            let what = format!("job {job}: {source} gives again");
            return was_told.then(|| Alarm::new(SOURCE_RECOVERED, what, json!({})).about(job, Some(source)));
        }
        if memo.failures < failures || !self.failing.insert(name) {
            return None;
        }
        let why = short(memo.trouble.as_deref().unwrap_or_default());
        let (since, next) = (memo.failing_since.map(second), memo.next.map(second));
        let times = match memo.failures {
            1 => "has failed".to_owned(),
            n => format!("has failed {n} times in a row"),
        };
        let what = format!("job {job}: {source} {times}: {why}");
        let details = json!({ "failures": memo.failures, "since": since, "why": why, "next": next });
        Some(Alarm::new(SOURCE_FAILING, what, details).about(job, Some(source)))
    }

    /// What is covered of a source. Of trouble that goes on nothing is told: the look that ends it may close what it left open.
    pub fn surveyed(&mut self, survey: &Survey) -> Vec<Alarm> {
        let Survey { job, source, .. } = survey;
        if survey.trouble.is_some() {
            return Vec::new();
        }
        let told = self.gaps.entry(job.clone()).or_default().entry(source.clone()).or_default();
        let mut known: Stretches = told.iter().map(|(since, until)| Stretch { since: *since, until: *until }).collect();
        let mut alarms = Vec::new();
        // Before the first post that could be had, nothing was promised.
        for gap in survey.gaps.iter().filter(|gap| !gap.stretch.is_open()) {
            if known.missing(gap.stretch).is_empty() {
                continue;
            }
            known.add(gap.stretch);
            let (cause, why) = (gap.cause, short(&gap.why));
            let (from, to) = (second(gap.stretch.since), second(gap.stretch.until));
            let said = if why.is_empty() { String::new() } else { format!(" ({why})") };
            let what = format!("job {job}: {source} is not covered from {from} to {to}: {}{said}", cause.about());
            let seconds = gap.stretch.length().num_seconds();
            let details = json!({ "cause": cause.name(), "why": why, "from": from, "to": to, "seconds": seconds });
            alarms.push(Alarm::new(COVERAGE_GAP, what, details).about(job, Some(source)));
        }
        *told = known.iter().map(|stretch| (stretch.since, stretch.until)).collect();
        alarms
    }

    /// What a job has used up of its budget, after a look: a share of the period that began then, if it has one, and how the look
    /// ended.
    pub fn spent(&mut self, job: &str, period: DateTime<Utc>, share: Option<f64>, end: &End) -> Option<Alarm> {
        let told = self.budgets.get(job).filter(|(of, _)| *of == period).copied();
        let from = second(period);
        let details = json!({ "share": share.map(|share| (share * 1000.0).round() / 1000.0), "period": from });
        let alarm = match (end, told) {
            (End::Budget(_), Some((_, true))) => return None,
            (End::Budget(why), _) => {
                self.budgets.insert(job.to_owned(), (period, true));
                Alarm::new(BUDGET_USED, format!("job {job}: {}", short(why)), details)
            }
            (_, None) if share.is_some_and(|share| share >= NEAR) => {
                self.budgets.insert(job.to_owned(), (period, false));
                let percent = share.unwrap_or_default() * 100.0;
                let what = format!("job {job}: {percent:.0} % of its budget since {from} are used up");
                Alarm::new(BUDGET_NEAR, what, details)
            }
            _ => return None,
        };
        Some(alarm.about(job, None))
    }

    /// Fields that used to be full and are empty.
    pub fn drifted(&mut self, drift: &[Drift], now: DateTime<Utc>) -> Vec<Alarm> {
        self.drift.retain(|_, told| *told + DRIFTS > now);
        let mut alarms = Vec::new();
        for one in drift {
            let Drift { job, platform, shape, field, posts, filled, posts_before, filled_before } = one;
            let name = format!("{job} {platform} {shape} {field}");
            if self.drift.contains_key(&name) {
                continue;
            }
            self.drift.insert(name, now);
            let details = json!({
                "platform": platform, "shape": shape, "field": field, "posts": posts, "filled": filled,
                "posts_before": posts_before, "filled_before": filled_before,
            });
            alarms.push(Alarm::new(FIELDS_DRIFT, format!("job {job}: {one}"), details).about(job, None));
        }
        alarms
    }

    /// What became of all quoted posts.
    pub fn quoted(&mut self, quoted: &[Quoted]) -> Vec<Alarm> {
        let mut alarms = Vec::new();
        for Quoted { id, post, article, since } in quoted {
            let told = self.quoted.insert(*id, since.clone()).unwrap_or_default();
            let new: Vec<&String> = since.iter().filter(|change| !told.contains(change)).collect();
            if new.is_empty() {
                continue;
            }
            let changes: Vec<String> = new.into_iter().map(|change| short(change)).collect();
            let what = format!("{post}, quoted in {}: {}", short(article), changes.join("; "));
            let details = json!({ "post": post, "quoted_in": article, "ledger": id, "changes": changes });
            alarms.push(Alarm::new(QUOTED_CHANGED, what, details));
        }
        self.quoted.retain(|id, since| !since.is_empty() && quoted.iter().any(|quoted| quoted.id == *id));
        alarms
    }

    /// The states of all clipped posts.
    pub fn clipped(&mut self, clipped: &[Clipped]) -> Vec<Alarm> {
        let mut alarms = Vec::new();
        for Clipped { post, lists, state, is_gone } in clipped {
            let before = self.clipped.insert(post.clone(), state.clone());
            if before.is_none_or(|before| before == *state) {
                continue;
            }
            let change = if *is_gone { "the post was deleted" } else { "the post says something else now" };
            let what = format!("{post}, clipped to {}: {change}", short(&lists.join(", ")));
            alarms.push(Alarm::new(
                CLIPPED_CHANGED,
                what,
                json!({ "post": post, "lists": lists, "changes": [change] }),
            ));
        }
        self.clipped.retain(|post, _| clipped.iter().any(|clipped| clipped.post == *post));
        alarms
    }

    /// The archive cannot be written.
    pub fn waits(&mut self, why: &str) -> Option<Alarm> {
        let is_new = !std::mem::replace(&mut self.waits, true);
        let why = short(why);
        let what = format!("the archive cannot be written: {why}");
        is_new.then(|| Alarm::new(ARCHIVE_WAITS, what, json!({ "why": why })))
    }

    /// It can be written.
    pub fn writable(&mut self) -> Option<Alarm> {
        let what = "the archive can be written again".to_owned();
        std::mem::take(&mut self.waits).then(|| Alarm::new(ARCHIVE_WRITABLE, what, json!({})))
    }

    /// Forgets the sources that no job has any more.
    pub fn keep(&mut self, is_known: impl Fn(&str, &str) -> bool) {
        self.failing.retain(|(job, source)| is_known(job, source));
    }
}

/// An instant, to the second.
fn second(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What a stranger said, on one line and no longer than is good.
fn short(text: &str) -> String {
    let line = crate::quote::visible(&text.replace(['\n', '\t'], " ")).into_owned();
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

/// Whether a report is of a look that changed posts.
pub fn changes_posts(report: &Report) -> bool {
    report.tally.changed > 0 || report.deleted > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::{Cause, Gap};

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    fn names(alarms: impl IntoIterator<Item = Alarm>) -> Vec<&'static str> {
        alarms.into_iter().map(|alarm| alarm.name).collect()
    }

    fn memo(failures: u32) -> Memo {
        let mut memo = Memo::default();
        (memo.failures, memo.trouble) = (failures, Some("no\u{1b}[31m\nanswer".to_owned()));
        memo
    }

    #[test]
    fn a_source_that_fails_is_told_once_and_once_more_when_it_gives() {
        let mut known = Known::default();
        let mut told = Vec::new();
        for failures in [0, 1, 2, 3, 4, 5, 0, 0, 1, 0, 1, 2, 3, 0] {
            told.extend(known.looked("flood", "m", &memo(failures), 3));
        }
        assert!(told.iter().all(|alarm| !alarm.what.contains(['\u{1b}', '\n'])), "{told:?}");
        assert_eq!(names(told), [SOURCE_FAILING, SOURCE_RECOVERED, SOURCE_FAILING, SOURCE_RECOVERED]);
    }

    #[test]
    fn a_limit_that_is_raised_makes_nobody_well() {
        let mut known = Known::default();
        assert!(known.looked("flood", "m", &memo(3), 3).is_some());
        assert_eq!(known.looked("flood", "m", &memo(4), 9), None);
        assert_eq!(known.looked("flood", "m", &memo(9), 9), None);
    }

    fn survey(gaps: &[(i64, i64)], trouble: bool) -> Survey {
        let gap = |(since, until): &(i64, i64)| Gap {
            stretch: Stretch::new(at(*since), at(*until)).unwrap(),
            cause: Cause::Down,
            why: "connect: refused".to_owned(),
        };
        Survey {
            job: "flood".to_owned(),
            source: "m".to_owned(),
            platform: "m".to_owned(),
            asked: Stretch::new(at(0), at(1000)),
            gaps: gaps.iter().map(gap).collect(),
            trouble: trouble.then(|| (Cause::Down, at(0))),
            ..Survey::default()
        }
    }

    #[test]
    fn a_gap_is_told_once_whatever_is_filled_of_it() {
        let mut known = Known::default();
        for (gaps, trouble, told) in [
            (&[(100, 200)][..], true, 0),
            (&[(100, 200)], false, 1),
            (&[(100, 200)], false, 0),
            (&[(100, 130), (150, 200)], false, 0),
            (&[(100, 130), (150, 210)], false, 1),
            (&[], false, 0),
            (&[(300, 301), (400, 500)], false, 2),
        ] {
            let found = known.surveyed(&survey(gaps, trouble));
            assert_eq!(found.len(), told, "{gaps:?} {found:?}");
        }
        let kept = serde_json::to_string(&known).unwrap();
        let mut known: Known = serde_json::from_str(&kept).unwrap();
        assert_eq!(known.surveyed(&survey(&[(100, 200), (400, 450)], false)), [], "{kept}");
    }

    #[test]
    fn nothing_was_promised_of_the_time_before_the_first_post() {
        let mut survey = survey(&[(1, 2)], false);
        survey.gaps[0].stretch.since = crate::coverage::BEGINNING;
        assert_eq!(Known::default().surveyed(&survey), []);
    }

    #[test]
    fn a_budget_is_told_once_a_period() {
        let mut known = Known::default();
        let mut told = Vec::new();
        let used = End::Budget("the budget of 10 requests is used up".to_owned());
        for (period, share, end) in [
            (0, Some(0.5), &End::Done),
            (0, Some(0.9), &End::Done),
            (0, Some(0.95), &End::Done),
            (0, Some(1.0), &used),
            (0, Some(1.0), &used),
            (0, Some(1.0), &End::Done),
            (9, Some(0.1), &End::Done),
            (9, Some(1.0), &used),
            (10, None, &used),
            (10, None, &End::Done),
            (10, None, &used),
        ] {
            told.extend(known.spent("flood", at(period), share, end));
        }
        assert_eq!(names(told), [BUDGET_NEAR, BUDGET_USED, BUDGET_USED, BUDGET_USED]);
    }

    #[test]
    fn what_became_of_quoted_and_clipped_posts_is_told_once() {
        let quoted = |since: &[&str]| Quoted {
            id: 1,
            post: "abc".to_owned(),
            article: "https://news.example/1".to_owned(),
            since: since.iter().map(ToString::to_string).collect(),
        };
        let mut known = Known::default();
        let mut told = Vec::new();
        for since in [&[][..], &["edited"], &["edited"], &["edited", "deleted"], &[], &["edited"]] {
            told.extend(known.quoted(&[quoted(since)]));
        }
        let whats: Vec<&str> = told.iter().map(|alarm| alarm.what.as_str()).collect();
        let quoted_in = "abc, quoted in https://news.example/1:";
        assert_eq!(whats, ["edited", "deleted", "edited"].map(|change| format!("{quoted_in} {change}")));
        let clipped = |state: &str, is_gone| Clipped {
            post: "abc".to_owned(),
            lists: vec!["for print".to_owned()],
            state: state.to_owned(),
            is_gone,
        };
        let mut told = Vec::new();
        for (state, is_gone) in [("1", false), ("1", false), ("2", false), ("2 gone", true), ("2 gone", true)] {
            told.extend(known.clipped(&[clipped(state, is_gone)]));
        }
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[1].what.ends_with("clipped to for print: the post was deleted"), "{told:?}");
    }

    #[test]
    fn a_drift_is_told_once_a_week_and_the_archive_once() {
        let drift = Drift {
            job: "flood".to_owned(),
            platform: "m".to_owned(),
            shape: "status".to_owned(),
            field: "date".to_owned(),
            posts: 100,
            filled: 0,
            posts_before: 1000,
            filled_before: 1000,
        };
        let mut known = Known::default();
        let day = |day: i64| known.drifted(std::slice::from_ref(&drift), at(day * 86_400)).len();
        assert_eq!([0, 1, 6, 7, 8].map(day), [1, 0, 0, 1, 0]);
        let told = [known.waits("disk full"), known.waits("disk full"), known.writable(), known.writable()];
        assert_eq!(names(told.into_iter().flatten()), [ARCHIVE_WAITS, ARCHIVE_WRITABLE]);
    }

    #[test]
    fn every_alarm_has_its_own_name() {
        let names: BTreeSet<&str> = ALARMS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names.len(), ALARMS.len());
    }
}
