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
    /// Looks at the same time, overall.
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

/// A clock that goes back further than this was set.
const SET_BACK: TimeDelta = TimeDelta::seconds(5);

/// How long a stream that has ended is left alone.
const STREAM_AGAIN: TimeDelta = TimeDelta::minutes(5);

/// Least and greatest time between two rounds of re-checks of a job.
const ROUNDS: (TimeDelta, TimeDelta) = (TimeDelta::minutes(1), TimeDelta::hours(1));

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
    let mut purses = Purses::default();
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
            && looking.len() < limits.at_once.max(1)
            && let Some(at) = next(&errands, now, limits)
            && let Some(errand) = errands.get_mut(at)
        {
            errand.begin(now);
            let purse = match purses.of(errand.task, errand.due.unwrap_or(now), now, puller) {
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
            let purse = match purses.of(errand.task, now, now, puller) {
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
            let is_free = looking.len() + checking.len() < limits.at_once.max(1);
            let (Some(rule), true) = (&job.recheck, is_free && due.is_some_and(|due| due <= now)) else { continue };
            *due = None;
            let Some(task) = job.tasks.first() else { continue };
            let purse = match purses.of(task, now, now, puller) {
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
                    errand.unheard(puller.clock.now() + STREAM_AGAIN);
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
                    let next = told.next.unwrap_or(now + ROUNDS.1).clamp(now + ROUNDS.0, now + ROUNDS.1);
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

/// Whether a look ended as it should.
fn is_well(end: &End) -> bool {
    !matches!(end, End::Failed(_))
}
