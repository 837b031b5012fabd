//! Watches the jobs: gathers what happened and what the archive says of it, and sounds the alarms that this deserves.
//!
//! It looks into the archive now and then, not at every event: an alarm may come some seconds late, and the jobs do not wait for it.

mod alarm;
mod answer;
mod book;
mod desk;
mod figures;
mod outbox;
mod spending;
mod watchman;

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};

use crate::archive::Archive;
use crate::coverage::surveys;
use crate::pull::Report;
use crate::run::{Event, Job, Memory};
use crate::store::{Reader, StoreError};
use alarm::changes_posts;
use spending::Spending;
use watchman::Watchman;

pub use alarm::{ALARMS, Alarm};
pub use book::{Book, Running};
pub use figures::{Figures, Sizes};
pub use outbox::Receivers;

/// How long coverage, and the desk, are not looked at again.
const SOON: Duration = Duration::from_secs(10);

/// How long quoted posts, and drift, are not looked at again.
const LATER: Duration = Duration::from_secs(5 * 60);

/// Who watches a run.
pub struct Watch {
    archive: Archive,
    book: Book,
    /// As it stands on disk.
    saved: Option<Book>,
    watchman: Watchman,
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
    ///
    /// # Errors
    /// No thread can be had.
    pub fn start(archive: &Archive, now: DateTime<Utc>) -> io::Result<Watch> {
        let figures: Arc<Mutex<Figures>> = Arc::default();
        let watchman = Watchman::start(Arc::clone(&figures), archive.clone())?;
        let saved = Book::load(archive);
        let mut watch = Watch {
            archive: archive.clone(),
            book: saved.clone().unwrap_or_default(),
            saved,
            watchman,
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
        Ok(watch)
    }

    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These jobs are run from now on. A source that has failed so often in a row is ill.
    pub fn plan(&mut self, jobs: &[Job], failures: u32, memory: &Memory) {
        self.failures = failures;
        self.spending.plan(jobs);
        let names: BTreeSet<(&str, &str)> = jobs
            .iter()
            .flat_map(|job| job.tasks.iter().map(|task| (job.name.as_str(), task.source.as_str())))
            .collect();
        self.book.known.keep(|job, source| names.contains(&(job, source)));
        let mut figures = self.figures();
        figures.failures = failures;
        figures.keep(names.into_iter(), memory);
        drop(figures);
        self.stale.extend(jobs.iter().map(|job| job.name.clone()));
    }

    /// From now on these are told.
    pub fn tell(&self, receivers: Receivers) {
        self.watchman.outbox.tell(receivers);
    }

    /// Serves figures on this address from now on, or nowhere. Gives the address with its port, if it is a new one.
    ///
    /// # Errors
    /// The address cannot be listened on: what was served before goes on.
    pub fn serve(&mut self, address: Option<SocketAddr>) -> io::Result<Option<SocketAddr>> {
        let new = self.watchman.serve(address);
        if let Some(running) = &mut self.book.running {
            running.metrics = self.watchman.address().map(|address| address.to_string());
        }
        new
    }

    /// The jobs begin, or go on after a wait, under this name. The archive can be written.
    pub fn begins(&mut self, run: &str, now: DateTime<Utc>) -> Vec<Alarm> {
        run.clone_into(&mut self.run);
        self.figures().waits = None;
        let mut alarms = self.desk();
        alarms.extend(self.book.known.writable());
        let alarms = self.sound(alarms, now);
        self.save();
        alarms
    }

    /// The archive cannot be written.
    pub fn waits(&mut self, why: &str, now: DateTime<Utc>) -> Vec<Alarm> {
        self.figures().waits = Some(why.to_owned());
        let alarms = self.book.known.waits(why);
        self.sound(alarms, now)
    }

    /// A page has come.
    pub fn page(&mut self, report: &Report) {
        self.posts_changed |= changes_posts(report);
        if report.listened.is_some() {
            self.stale.insert(report.job.clone());
            self.figures().heard(report);
        }
    }

    /// Something has happened.
    pub fn event(&mut self, event: &Event<'_>, now: DateTime<Utc>) -> Vec<Alarm> {
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
    pub fn tick(&mut self, all: bool, now: DateTime<Utc>) -> Vec<Alarm> {
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
    pub fn faults(&self) -> Vec<String> {
        let faults = self.watchman.outbox.faults();
        let mut figures = self.figures();
        figures.untold = (self.watchman.outbox.dropped(), figures.untold.1 + faults.len() as u64);
        faults
    }

    /// The run is over: alarms that are still to be told may take so long. Gives what could not be told.
    pub async fn end(mut self, grace: Duration) -> Vec<String> {
        self.watchman.close(grace).await;
        let faults = self.faults();
        self.book.running = None;
        if self.watchman.outbox.is_empty() {
            self.save();
            return faults;
        }
        // What was not told is told by the next run, which must not take it for known.
        if let Some(saved) = &mut self.saved {
            saved.running = None;
            if let Err(error) = saved.save(&self.archive) {
                tracing::warn!(%error, "what was told cannot be written down");
            }
        }
        faults
    }

    fn sound(&mut self, alarms: impl IntoIterator<Item = Alarm>, now: DateTime<Utc>) -> Vec<Alarm> {
        let alarms: Vec<Alarm> = alarms.into_iter().collect();
        for alarm in &alarms {
            self.figures().alarmed(alarm.name);
            self.watchman.outbox.push(alarm.clone(), now);
        }
        alarms
    }

    /// Writes down what is known, once it was told: an alarm that a crash kept back is told by the next run.
    fn save(&mut self) {
        if !self.watchman.outbox.is_empty() || self.saved.as_ref() == Some(&self.book) {
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
        match desk::look(&self.archive) {
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
