//! Pulls that go on listening: what is there is pulled, and what comes is kept as it comes.
//!
//! A source that is followed has two halves that take turns on one thread. One listens (`ear`); the other gathers
//! what it passes on, and keeps it: the events since the last time as one exchange, under the request that opened the stream,
//! written down and read like every other. Marks in the fragment of its address say from when to when it was listened to, so
//! that stretches that were not can be told from the captures alone; a stretch in which nothing came is kept, too, when the
//! stream ends.
//!
//! A stream that was lost is opened again first; then the gap is filled. A stream that can be resumed sends again what was
//! missed. Where it cannot, or has begun later than it was asked to, the source is pulled as usual, from where its last pull
//! ended. The pull of a source and its stream have each their own state, so that the next pull reads again what only the
//! stream brought, and finds what it missed.
//!
//! Left out: several sources over one connection; media while it listens: what a job downloads is fetched when the time is over,
//! or by the next pull.

mod ear;
mod hand;
mod listened;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::time::Duration;

use chrono::Utc;
use futures_util::future::try_join_all;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::Instant;

pub use listened::{Filled, Gap, Listened};

use self::ear::{Ear, instant};
use self::hand::{Batch, Hand};
use super::{Begin, End, Puller, Purse, Purses, Report, Task, Trouble, Walk, ended, media};
use crate::coverage::STREAM;
use crate::exchange::POSITION;
use crate::ingest::IngestError;

/// Pulls the tasks and then listens to their streams, all at once, until all is to stop or for so long. A source that has no stream is
/// pulled; one that fails costs the others nothing.
///
/// `reports` as in [`run`](super::run).
///
/// # Errors
/// Only when the archive cannot be written. What was committed before stays.
pub async fn follow(
    tasks: &[Task],
    puller: &Puller<'_>,
    duration: Option<Duration>,
    reports: &mut Vec<Report>,
) -> Result<(), IngestError> {
    let deadline = duration.and_then(|duration| Instant::now().checked_add(duration));
    let (mut purses, now) = (Purses::default(), puller.clock.now());
    let purses = tasks.iter().map(|task| purses.of(task, now, now, puller)).collect::<Result<Vec<_>, _>>()?;
    let told: Vec<RefCell<Report>> = tasks.iter().map(|task| RefCell::new(Report::of(task))).collect();
    let sources = tasks.iter().zip(&told).zip(&purses);
    let sources = sources.map(|((task, report), purse)| puller.follow(task, purse, report, deadline));
    let outcome = try_join_all(sources).await.map(drop);
    reports.extend(told.into_iter().map(RefCell::into_inner));
    outcome
}

impl Puller<'_> {
    /// Pulls one source and listens to its stream until the deadline.
    ///
    /// # Errors
    /// Only when the archive cannot be written.
    pub async fn follow(
        &self,
        task: &Task,
        purse: &Purse,
        report: &RefCell<Report>,
        deadline: Option<Instant>,
    ) -> Result<(), IngestError> {
        let end = source(task, self, purse, report, deadline).await;
        if let Some(error) = ended(end, &mut report.borrow_mut()) {
            return Err(error);
        }
        if !task.media.is_empty() && !*self.stop.borrow() {
            let fetched = media::fetch(task, self, purse).await?;
            report.borrow_mut().add_media(fetched);
        }
        Ok(())
    }
}

/// Follows one source, if it can be followed.
async fn source(
    task: &Task,
    shared: &Puller<'_>,
    purse: &Purse,
    report: &RefCell<Report>,
    deadline: Option<Instant>,
) -> Result<End, Trouble> {
    let stream = task.platform.live.and_then(|live| live.stream);
    let (Some(stream), Begin::Query(query)) = (stream, &task.begin) else {
        let mut walk = Walk::new(task, shared, purse);
        let end = walk.walk().await;
        let mut told = walk.report;
        let fault = ended(end, &mut told);
        shared.note(task, &task.source, &told, None)?;
        let (end, cause) = (told.end.clone(), told.cause);
        let mut report = report.borrow_mut();
        report.add(told);
        report.cause = cause;
        return fault.map_or(Ok(end), |fault| Err(Trouble::Archive(fault)));
    };
    report.borrow_mut().listened = Some(Listened::default());
    let (send, news) = unbounded_channel();
    let source = format!("{}{STREAM}", task.source);
    let later = shared.keeper.borrow().source_state(&task.job, &source)?.later;
    let left = later.and_then(|later| later.mark(POSITION)?.parse::<i64>().ok());
    let (position, requests) = (Cell::new(left), Cell::new(0));
    let known = RefCell::new(HashSet::new());
    let ear = Ear {
        task,
        query,
        stream,
        shared,
        purse,
        requests: &requests,
        position: &position,
        news: send,
        unpacked: Cell::new(false),
        known,
    };
    let mut hand = Hand {
        task,
        stream,
        shared,
        purse,
        report,
        source,
        news,
        position: &position,
        open: None,
        batch: Batch::default(),
        gap: left.and_then(instant).map(|from| Gap::new(from, "nobody listened".to_owned())),
        pulled: None,
    };
    // What the job does not want is not waited for.
    let end_of_job = query.until.map(|until| Instant::now() + (until - Utc::now()).to_std().unwrap_or_default());
    let deadline = deadline.into_iter().chain(end_of_job).min();
    let outcome = tokio::select! {
        outcome = hand.keep(deadline) => outcome,
        outcome = ear.listen() => outcome.map(|()| End::Done),
    };
    let mut report = report.borrow_mut();
    report.requests += requests.get();
    outcome
}
