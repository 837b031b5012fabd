//! Watches the jobs: gathers what happened and what the archive says of it, and sounds the alarms that this deserves.
//!
//! It looks into the archive now and then, not at every event: an alarm may come some seconds late, and the jobs do not wait for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Plan;
use super::alarm::{Alarm, Clipped, Known, Quoted, changes_posts};
use super::hook::Outbox;
use super::metrics::Figures;
use super::spending::Spending;
use crate::archive::Archive;
use crate::config::Run;
use crate::coverage::surveys;
use crate::pull::Report;
use crate::quote::state_id;
use crate::run::{Event, Memory};
use crate::store::{Desk, Lookup, Reader, StoreError};

/// How long coverage, and the desk, are not looked at again.
const SOON: Duration = Duration::from_secs(10);

/// How long quoted posts, and drift, are not looked at again.
const LATER: Duration = Duration::from_secs(5 * 60);

/// What is written down: what was told, and that a run is under way.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::cli) struct Book {
    /// The run that is under way, or was when the program was killed.
    pub(in crate::cli) running: Option<Running>,
    known: Known,
}

/// A run under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::cli) struct Running {
    /// Its process.
    pub(in crate::cli) process: u32,
    /// Since when it runs.
    pub(in crate::cli) since: DateTime<Utc>,
    /// Where it serves metrics.
    pub(in crate::cli) metrics: Option<String>,
}

impl Book {
    /// Reads what was written; `None` if nothing was, or it is something else.
    pub(in crate::cli) fn load(archive: &Archive) -> Option<Book> {
        let bytes = std::fs::read(archive.watch()).ok()?;
        serde_json::from_slice(&bytes).map_err(|error| tracing::warn!(%error, "watch.json cannot be read")).ok()
    }

    /// Writes it down, whole or not at all.
    fn save(&self, archive: &Archive) -> std::io::Result<()> {
        let path = archive.watch();
        let aside = path.with_extension("json.new");
        std::fs::write(&aside, serde_json::to_vec(self)?)?;
        std::fs::rename(aside, path)
    }
}

/// Who watches.
pub(super) struct Watch {
    archive: Archive,
    book: Book,
    /// As it stands on disk.
    saved: Option<Book>,
    outbox: Outbox,
    figures: Arc<Mutex<Figures>>,
    failures: u32,
    spending: Spending,
    /// Name of the run, under which its captures stand.
    run: String,
    /// Jobs whose coverage may have changed.
    stale: BTreeSet<String>,
    posts_changed: bool,
    /// When it was last looked at coverage, quoted posts and drift.
    last: (Option<Instant>, Option<Instant>, Option<Instant>),
    /// When the desk was last changed, as far as was seen.
    desk: Option<SystemTime>,
}

impl Watch {
    /// Begins. What stands in an archive before its first run is not told: it is no news.
    pub(super) fn start(archive: &Archive, outbox: Outbox, figures: Arc<Mutex<Figures>>, now: DateTime<Utc>) -> Watch {
        let saved = Book::load(archive);
        let mut watch = Watch {
            archive: archive.clone(),
            book: saved.clone().unwrap_or_default(),
            saved,
            outbox,
            figures,
            failures: 1,
            spending: Spending::default(),
            run: String::new(),
            stale: BTreeSet::new(),
            posts_changed: false,
            last: (None, None, None),
            desk: None,
        };
        watch.book.running = Some(Running { process: std::process::id(), since: now, metrics: None });
        watch.figures().started = Some(now);
        if watch.saved.is_none() {
            let _no_news = (watch.covered(None), watch.desk());
        }
        watch
    }

    /// The archive that is watched.
    pub(super) fn archive(&self) -> &Archive {
        &self.archive
    }

    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These jobs are run from now on.
    pub(super) fn plan(&mut self, plan: &Plan, run: &Run, memory: &Memory) {
        self.failures = run.failures.get();
        self.spending.plan(&plan.jobs);
        self.book.known.keep(|job, source| plan.knows(job, source));
        let names =
            plan.jobs.iter().flat_map(|job| job.tasks.iter().map(|task| (job.name.as_str(), task.source.as_str())));
        let mut figures = self.figures();
        figures.failures = run.failures.get();
        figures.keep(names, memory);
        drop(figures);
        self.stale.extend(plan.jobs.iter().map(|job| job.name.clone()));
    }

    /// Metrics are served there from now on.
    pub(super) fn serves(&mut self, address: Option<String>) {
        if let Some(running) = &mut self.book.running {
            running.metrics = address;
        }
    }

    /// The jobs begin, or go on after a wait, under this name. The archive can be written.
    pub(super) fn begins(&mut self, run: &str, now: DateTime<Utc>) -> Vec<Alarm> {
        run.clone_into(&mut self.run);
        self.figures().waits = None;
        let mut alarms = self.desk();
        alarms.extend(self.book.known.writable());
        let alarms = self.sound(alarms, now);
        self.save();
        alarms
    }

    /// The archive cannot be written.
    pub(super) fn waits(&mut self, why: &str, now: DateTime<Utc>) -> Vec<Alarm> {
        self.figures().waits = Some(why.to_owned());
        let alarms = self.book.known.waits(why);
        self.sound(alarms, now)
    }

    /// A page has come.
    pub(super) fn page(&mut self, report: &Report) {
        self.posts_changed |= changes_posts(report);
        if report.listened.is_some() {
            self.stale.insert(report.job.clone());
        }
    }

    /// Something has happened.
    pub(super) fn event(&mut self, event: &Event<'_>, now: DateTime<Utc>) -> Vec<Alarm> {
        let (report, memo) = match event {
            Event::Looked { report, memo } => (*report, Some(*memo)),
            Event::Unheard { report } => (*report, None),
            Event::Rechecked { job, rechecks } => {
                self.posts_changed |= rechecks.changed + rechecks.gone + rechecks.withheld > 0;
                self.spending.more(job, rechecks.requests);
                return Vec::new();
            }
            Event::Began { .. } | Event::Missed { .. } => return Vec::new(),
        };
        self.page(report);
        self.stale.insert(report.job.clone());
        self.figures().looked(report, memo, now);
        let failures = self.failures;
        let looked = memo.and_then(|memo| self.book.known.looked(&report.job, &report.source, memo, failures));
        let database = self.archive.database();
        let spent = match self.spending.add(report, now, || Reader::open(&database)) {
            Ok(Some((since, share))) => {
                self.figures().spent(&report.job, share);
                self.book.known.spent(&report.job, since, share, &report.end)
            }
            Ok(None) => None,
            Err(error) => complain("budgets", &error),
        };
        self.sound(looked.into_iter().chain(spent), now)
    }

    /// Some time has passed: looks at what is to be looked at. `all`: without waiting any longer.
    pub(super) fn tick(&mut self, all: bool, now: DateTime<Utc>) -> Vec<Alarm> {
        let is_due = |last: Option<Instant>, pause| all || last.is_none_or(|last| last.elapsed() >= pause);
        let mut alarms = Vec::new();
        if is_due(self.last.0, SOON) {
            if !self.stale.is_empty() {
                self.last.0 = Some(Instant::now());
                for job in std::mem::take(&mut self.stale) {
                    alarms.extend(self.covered(Some(&job)));
                }
            }
            let desk = self.desk_changed();
            if desk > self.desk {
                alarms.extend(self.desk());
            }
        }
        if self.posts_changed && is_due(self.last.1, LATER) {
            (self.posts_changed, self.last.1) = (false, Some(Instant::now()));
            alarms.extend(self.desk());
        }
        if is_due(self.last.2, LATER) {
            self.last.2 = Some(Instant::now());
            let drift = Reader::open(&self.archive.database()).and_then(|reader| reader.drift(&self.run));
            match drift {
                Ok(drift) => alarms.extend(self.book.known.drifted(&drift, now)),
                Err(error) => complain("drift", &error),
            }
        }
        let alarms = self.sound(alarms, now);
        self.save();
        alarms
    }

    /// What could not be told.
    pub(super) fn faults(&self) -> Vec<String> {
        let faults = self.outbox.faults();
        let mut figures = self.figures();
        figures.untold = (self.outbox.dropped(), figures.untold.1 + faults.len() as u64);
        faults
    }

    /// The run is over.
    pub(super) fn ends(&mut self) {
        self.book.running = None;
        if self.outbox.is_empty() {
            return self.save();
        }
        // What was not told is told by the next run, which must not take it for known.
        if let Some(saved) = &mut self.saved {
            saved.running = None;
            if let Err(error) = saved.save(&self.archive) {
                tracing::warn!(%error, "what was told cannot be written down");
            }
        }
    }

    fn sound(&mut self, alarms: impl IntoIterator<Item = Alarm>, now: DateTime<Utc>) -> Vec<Alarm> {
        let alarms: Vec<Alarm> = alarms.into_iter().collect();
        for alarm in &alarms {
            self.figures().alarmed(alarm.name);
            self.outbox.push(alarm.clone(), now);
        }
        alarms
    }

    /// Writes down what is known, once it was told: an alarm that a crash kept back is told by the next run.
    fn save(&mut self) {
        if !self.outbox.is_empty() || self.saved.as_ref() == Some(&self.book) {
            return;
        }
        match self.book.save(&self.archive) {
            Ok(()) => self.saved = Some(self.book.clone()),
            // A full disk is told as such.
            Err(error) => tracing::debug!(%error, "what was told cannot be written down"),
        }
    }

    /// Looks at what is covered of a job, or of all.
    fn covered(&mut self, job: Option<&str>) -> Vec<Alarm> {
        let parts = match Reader::open(&self.archive.database()).and_then(|reader| reader.covered(job)) {
            Ok(parts) => parts,
            Err(error) => return complain("coverage", &error),
        };
        let mut alarms = Vec::new();
        for survey in surveys(parts) {
            alarms.extend(self.book.known.surveyed(&survey));
            self.figures().surveyed(&survey);
        }
        alarms
    }

    fn desk_changed(&self) -> Option<SystemTime> {
        let desk = self.archive.desk();
        let log = desk.with_file_name("desk.db-wal");
        [desk, log].into_iter().filter_map(|path| path.metadata().ok()?.modified().ok()).max()
    }

    /// Looks at all posts that were quoted or clipped.
    fn desk(&mut self) -> Vec<Alarm> {
        self.desk = self.desk_changed();
        match look_at_desk(&self.archive) {
            Ok((quoted, clipped)) => {
                let mut alarms = self.book.known.quoted(&quoted);
                alarms.extend(self.book.known.clipped(&clipped));
                alarms
            }
            Err(error) => complain("quoted posts", &error),
        }
    }
}

/// What cannot be looked at is looked at the next time.
fn complain<T: Default>(what: &str, error: &StoreError) -> T {
    tracing::warn!(%error, "{what} cannot be watched");
    T::default()
}

fn look_at_desk(archive: &Archive) -> Result<(Vec<Quoted>, Vec<Clipped>), StoreError> {
    let desk = Desk::open(&archive.desk())?;
    let reader = Reader::open(&archive.database())?;
    let mut quoted = Vec::new();
    for quotation in desk.ledger(None)? {
        let since = crate::cli::ledger::since(&reader, &desk, &quotation)?;
        quoted.push(Quoted { id: quotation.id, post: quotation.post, article: quotation.article, since });
    }
    let mut clipped: BTreeMap<String, Clipped> = BTreeMap::new();
    for (list, _) in desk.lists()? {
        for clip in desk.list(&list)? {
            if let Some(known) = clipped.get_mut(&clip.post) {
                known.lists.push(list.clone());
            } else if let Lookup::One(stored) = reader.post(&clip.post)? {
                let is_gone = stored.deleted.is_some();
                let state = state_id(&stored.post.text, stored.post.content_warning.as_deref());
                let state = if is_gone { format!("{state} gone") } else { state };
                let seen = Clipped { post: clip.post.clone(), lists: vec![list.clone()], state, is_gone };
                clipped.insert(clip.post, seen);
            }
        }
    }
    Ok((quoted, clipped.into_values().collect()))
}
