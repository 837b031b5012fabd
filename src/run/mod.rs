//! Jobs by the clock: what is due is looked at, what was missed is looked at once, a slow or dead source delays no other.
//!
//! An [`Errand`](errand) is one source of one job. All errands take turns on one thread: so many at a time overall, so many to one
//! host, the greatest priority first, then who has waited longest. What they have seen is remembered ([`Memory`]) for as long as the
//! job stands in the configuration, over restarts too.
//!
//! When a job fires is worked out in `schedule`, what is pulled and noted in `pull`. Signals, files and words for people are `cli`'s.

mod errand;
mod memory;

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::time::sleep;

pub use memory::{Memo, Memory};

use self::errand::Errand;
use crate::ingest::IngestError;
use crate::pull::{End, Puller, Purses, Rechecks, Report, Task};
use crate::schedule::{Recheck, Schedule};

/// A job as it is run.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// When it fires.
    pub schedule: Schedule,
    /// How long after its fire time it begins at most.
    pub jitter: Duration,
    /// Which goes first when several are due: the greater.
    pub priority: u8,
    /// Whether its streams are listened to.
    pub follow: bool,
    /// When its posts are looked at again, if they are.
    pub recheck: Option<Recheck>,
    /// Its sources.
    pub tasks: Vec<Task>,
}

/// How much is done at the same time.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Looks at the same time, overall. One that takes long makes room for another, up to four times as many.
    pub at_once: usize,
    /// Looks at the same time, at one host.
    pub per_host: usize,
}

/// How it came to an end.
#[derive(Debug)]
pub enum Ended {
    /// What was due is done (`once`).
    Done,
    /// It was told to stop.
    Stopped,
    /// The archive cannot be written. It must be opened again before anything goes on.
    Fault(IngestError),
}

/// What happens, for those who watch.
#[derive(Debug)]
pub enum Event<'a> {
    /// A source that was due before is known to have been left alone since.
    Missed {
        /// The job.
        job: &'a str,
        /// The source.
        source: &'a str,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// A look has begun.
    Began {
        /// The job.
        job: &'a str,
        /// The source.
        source: &'a str,
    },
    /// A look has ended.
    Looked {
        /// What it gave.
        report: &'a Report,
        /// What is remembered of the source.
        memo: &'a Memo,
    },
    /// A round of posts that were looked at again.
    Rechecked {
        /// The job.
        job: &'a str,
        /// What it gave.
        rechecks: &'a Rechecks,
    },
    /// A stream has ended, and is opened again later.
    Unheard {
        /// What it gave.
        report: &'a Report,
    },
}

/// Longest sleep: the clock on the wall may be set meanwhile.
const NAP: Duration = Duration::from_secs(60);

/// A look that takes longer gives its place to another.
const LONG: Duration = Duration::from_secs(10);

/// Where all take long, so many times as many are under way.
const MOST: usize = 4;

/// A clock that goes back further than this was set.
const SET_BACK: TimeDelta = TimeDelta::seconds(5);

/// Least and greatest time between two rounds of re-checks of a job.
const ROUNDS: (TimeDelta, TimeDelta) = (TimeDelta::minutes(1), TimeDelta::hours(1));

/// Of the time, no more than one in so many parts is spent on finding out what is due.
const SHARE: u32 = 50;

type Checking<'a> = LocalBoxFuture<'a, (usize, Rechecks, Option<IngestError>)>;

type Looking<'a> = LocalBoxFuture<'a, (usize, Report, Option<IngestError>)>;

/// Runs the jobs until it is told to stop; with `once` until nothing is due.
///
/// What is under way when it is told to stop ends within seconds, and goes on where it was the next time.
pub async fn serve(
    jobs: &[Job],
    puller: &Puller<'_>,
    limits: Limits,
    memory: &mut Memory,
    once: bool,
    tell: &mut dyn FnMut(Event<'_>, &Memory),
) -> Ended {
    let mut errands = match errands(jobs, puller, memory, tell) {
        Ok(errands) => errands,
        Err(error) => return Ended::Fault(error),
    };
    let mut purses = Purses::remembering(spent(jobs, memory, puller.clock.now()));
    let mut looking: FuturesUnordered<Looking<'_>> = FuturesUnordered::new();
    let mut hearing: FuturesUnordered<Looking<'_>> = FuturesUnordered::new();
    let mut checking: FuturesUnordered<Checking<'_>> = FuturesUnordered::new();
    // When each job's next round of re-checks is due; none while one is under way.
    let mut rounds: Vec<Option<DateTime<Utc>>> =
        jobs.iter().map(|job| job.recheck.as_ref().map(|_| puller.clock.now())).collect();
    let mut stop = puller.stop.clone();
    let mut before = puller.clock.now();
    loop {
        let is_stopped = *stop.borrow();
        let now = puller.clock.now();
        if now < before - SET_BACK {
            // What was due by the old clock would be a long time coming.
            errands.iter_mut().for_each(|errand| errand.set_back(now));
            rounds.iter_mut().flatten().for_each(|due| *due = now.min(*due));
        }
        before = now;
        if is_stopped && looking.is_empty() && hearing.is_empty() && checking.is_empty() {
            return Ended::Stopped;
        }
        while !is_stopped
            && has_place(&errands, limits)
            && let Some(at) = next(&errands, now, limits)
            && let Some(errand) = errands.get_mut(at)
        {
            errand.begin(now);
            memory.set(&errand.job.name, &errand.task.source, errand.memo.clone());
            let purse = match purses.of(errand.task, errand.due.unwrap_or(now), puller) {
                Ok(purse) => purse,
                Err(error) => return Ended::Fault(error),
            };
            tell(Event::Began { job: &errand.job.name, source: &errand.task.source }, memory);
            let task = errand.task;
            looking.push(Box::pin(async move {
                let (report, fault) = puller.look(task, &purse).await;
                (at, report, fault)
            }));
        }
        for (at, errand) in errands.iter_mut().enumerate().filter(|_| !is_stopped && !once) {
            if !errand.hears(now) {
                continue;
            }
            let purse = match purses.beside(errand.task, puller) {
                Ok(purse) => purse,
                Err(error) => return Ended::Fault(error),
            };
            let task = errand.task;
            hearing.push(Box::pin(async move {
                let report = RefCell::new(Report::of(task));
                let fault = puller.follow(task, &purse, &report, None).await.err();
                (at, report.into_inner(), fault)
            }));
        }
        for (at, (job, due)) in jobs.iter().zip(&mut rounds).enumerate().filter(|_| !is_stopped) {
            // What is new goes first: it may be gone tomorrow.
            let is_free = checking.len() < limits.at_once.max(1) && has_place(&errands, limits);
            let (Some(rule), true) = (&job.recheck, is_free && due.is_some_and(|due| due <= now)) else { continue };
            *due = None;
            let Some(task) = job.tasks.first() else { continue };
            let purse = match purses.beside(task, puller) {
                Ok(purse) => purse,
                Err(error) => return Ended::Fault(error),
            };
            checking.push(Box::pin(async move {
                let (told, fault) = puller.recheck(&job.tasks, rule, &purse).await;
                (at, told, fault)
            }));
        }
        if once && looking.is_empty() && checking.is_empty() && !errands.iter().any(|errand| errand.is_due(now)) {
            return Ended::Done;
        }
        let coming = errands
            .iter()
            .filter_map(|errand| errand.wakes(now))
            .chain(rounds.iter().copied().flatten().filter(|due| *due > now))
            .min();
        let nap = coming.map_or(NAP, |at| (at - now).to_std().unwrap_or_default().min(NAP));
        // Whoever waits for a place has one when a look takes long.
        let place = errands
            .iter()
            .filter_map(Errand::gives_place)
            .min()
            .filter(|_| errands.iter().any(|errand| errand.is_due(now)));
        let nap = place.map_or(nap, |place| nap.min(place));
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop), if !is_stopped => {}
            Some((at, report, fault)) = looking.next() => {
                if let Some(errand) = errands.get_mut(at) {
                    errand.end(&report, puller.clock.now());
                    memory.set(&errand.job.name, &errand.task.source, errand.memo.clone());
                    tell(Event::Looked { report: &report, memo: &errand.memo }, memory);
                }
                if let Some(error) = fault {
                    return Ended::Fault(error);
                }
            }
            Some((at, report, fault)) = hearing.next() => {
                if let Some(errand) = errands.get_mut(at) {
                    let stood = report.listened.as_ref().is_some_and(|listened| listened.since.is_some());
                    errand.unheard(stood, puller.clock.now());
                    tell(Event::Unheard { report: &report }, memory);
                }
                if let Some(error) = fault {
                    return Ended::Fault(error);
                }
            }
            Some((at, told, fault)) = checking.next() => {
                let now = puller.clock.now();
                if let (Some(job), Some(due)) = (jobs.get(at), rounds.get_mut(at)) {
                    // With `once` there is one round.
                    let least = ROUNDS.0.max(TimeDelta::from_std(told.took * SHARE).unwrap_or(ROUNDS.1)).min(ROUNDS.1);
                    let next = told.next.unwrap_or(now + ROUNDS.1).clamp(now + least, now + ROUNDS.1);
                    *due = Some(next).filter(|_| !once);
                    tell(Event::Rechecked { job: &job.name, rechecks: &told }, memory);
                }
                if let Some(error) = fault {
                    return Ended::Fault(error);
                }
            }
            () = sleep(nap), if !is_stopped => {}
        }
    }
}

/// Whether one more look may begin.
fn has_place(errands: &[Errand<'_>], limits: Limits) -> bool {
    let busy = errands.iter().filter(|errand| errand.is_busy).count();
    let taken = errands.iter().filter(|errand| errand.gives_place().is_some()).count();
    let most = limits.at_once.max(1);
    taken < most && busy < most.saturating_mul(MOST)
}

/// The errand that goes next: of those that are due and whose host has a place free, the one of the greatest priority that has waited
/// longest.
fn next(errands: &[Errand<'_>], now: DateTime<Utc>, limits: Limits) -> Option<usize> {
    let at_host =
        |host: &Option<String>| errands.iter().filter(|errand| errand.is_busy && errand.host == *host).count();
    let free = errands.iter().enumerate().filter(|(_, errand)| errand.is_due(now));
    let free = free.filter(|(_, errand)| at_host(&errand.host) < limits.per_host.max(1));
    free.min_by_key(|(at, errand)| (u8::MAX - errand.job.priority, errand.due, *at)).map(|(at, _)| at)
}

/// The errands of the jobs, each with what is remembered of it. What was left alone for longer than its schedule has it is noted.
fn errands<'a>(
    jobs: &'a [Job],
    puller: &Puller<'_>,
    memory: &Memory,
    tell: &mut dyn FnMut(Event<'_>, &Memory),
) -> Result<Vec<Errand<'a>>, IngestError> {
    let now = puller.clock.now();
    let mut errands = Vec::new();
    for (job, task) in jobs.iter().flat_map(|job| job.tasks.iter().map(move |task| (job, task))) {
        let ledger = puller.keeper.borrow().ledger(&job.name, &task.source)?;
        let memo = memory.of(&job.name, &task.source).cloned().unwrap_or_default();
        let errand = Errand::new(job, task, memo, ledger.as_ref(), now);
        if let Some(since) = errand.left_alone(ledger.as_ref(), now) {
            let why = "pullquote was not running".to_owned();
            puller.note_that(task, &task.source, crate::coverage::Cause::Stopped, why, Some(since))?;
            tell(Event::Missed { job: &job.name, source: &task.source, since }, memory);
        }
        errands.push(errand);
    }
    Ok(errands)
}

/// Requests of each job in its period, as far as they are remembered: also those that got no answer.
fn spent(jobs: &[Job], memory: &Memory, now: DateTime<Utc>) -> HashMap<String, (DateTime<Utc>, u64)> {
    let of = |job: &Job| {
        let start = job.tasks.first()?.budget.period.start(now);
        let memos = job.tasks.iter().filter_map(|task| memory.of(&job.name, &task.source));
        Some((job.name.clone(), (start, memos.map(|memo| memo.spent(start)).sum())))
    };
    jobs.iter().filter_map(of).collect()
}

/// Whether a look ended as it should.
fn is_well(end: &End) -> bool {
    !matches!(end, End::Failed(_))
}
