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
//! Left out: several sources over one connection.

mod ear;
mod listened;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::time::Instant;

pub use listened::{Filled, Gap, Listened};

use self::ear::{Ear, Event, News, instant};
use super::{Begin, End, Report, Shared, Spent, Task, Trouble, Walk, ended, failure};
use crate::exchange::{Exchange, Request};
use crate::http::{Head, Transport};
use crate::ingest::{IngestError, Keeper};
use crate::platform::Stream;
use crate::store::Tally;

/// What came is kept after so long,
const FLUSH_AFTER: Duration = Duration::from_secs(5);
/// or so many events,
const FLUSH_EVENTS: usize = 200;
/// or so many bytes.
const FLUSH_BYTES: usize = 1 << 20;

/// How much later than asked a resumed stream may begin, in microseconds: the network is never silent for so long.
const SLACK: i64 = 60_000_000;

/// Pulls the tasks and then listens to their streams, all at once, until `stop` or for so long. A source that has no stream is
/// pulled; one that fails costs the others nothing.
///
/// `on_page` and `reports` as in [`run`](super::run).
///
/// # Errors
/// Only when the archive cannot be written. What was committed before stays.
#[expect(clippy::too_many_arguments)]
pub async fn follow(
    tasks: &[Task],
    transport: &Transport,
    keeper: &mut Keeper,
    run: &str,
    stop: watch::Receiver<bool>,
    duration: Option<Duration>,
    on_page: &mut dyn FnMut(&Report),
    reports: &mut Vec<Report>,
) -> Result<(), IngestError> {
    let shared = Shared { transport, keeper: RefCell::new(keeper), run, stop, on_page: RefCell::new(on_page) };
    let deadline = duration.and_then(|duration| Instant::now().checked_add(duration));
    let spent: HashMap<&str, Cell<Spent>> = tasks.iter().map(|task| (task.job.as_str(), Cell::default())).collect();
    let told: Vec<RefCell<Report>> = tasks.iter().map(|task| RefCell::new(Report::of(task))).collect();
    let shared = &shared;
    let sources = tasks.iter().zip(&told).filter_map(|(task, report)| {
        let spent = spent.get(task.job.as_str())?;
        Some(async move {
            let (end, fault) = ended(source(task, shared, spent, report, deadline).await);
            report.borrow_mut().end = end;
            fault.map_or(Ok(()), Err)
        })
    });
    let outcome = try_join_all(sources).await.map(drop);
    reports.extend(told.into_iter().map(RefCell::into_inner));
    outcome
}

/// Follows one source, if it can be followed.
async fn source(
    task: &Task,
    shared: &Shared<'_>,
    spent: &Cell<Spent>,
    report: &RefCell<Report>,
    deadline: Option<Instant>,
) -> Result<End, Trouble> {
    let stream = task.platform.live.and_then(|live| live.stream);
    let (Some(stream), Begin::Query(query)) = (stream, &task.begin) else {
        let mut walk = Walk::new(task, shared, spent);
        let end = walk.walk().await;
        report.borrow_mut().add(walk.report);
        return end;
    };
    report.borrow_mut().listened = Some(Listened::default());
    let (send, news) = unbounded_channel();
    let source = format!("{} (stream)", task.source);
    let later = shared.keeper.borrow().source_state(&task.job, &source)?.later;
    let left = later.and_then(|later| later.mark("position")?.parse::<i64>().ok());
    let (position, requests) = (Cell::new(left), Cell::new(0));
    let known = RefCell::new(HashSet::new());
    let ear = Ear { task, query, stream, shared, spent, requests: &requests, position: &position, news: send, known };
    let mut hand = Hand {
        task,
        stream,
        shared,
        spent,
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

/// The keeping half of a source that is followed.
struct Hand<'a, 'k> {
    task: &'a Task,
    stream: Stream,
    shared: &'a Shared<'k>,
    spent: &'a Cell<Spent>,
    report: &'a RefCell<Report>,
    /// Under what name the stream has its state.
    source: String,
    news: UnboundedReceiver<News>,
    /// How far the listening half has come.
    position: &'a Cell<Option<i64>>,
    /// The stream that stands.
    open: Option<Standing>,
    batch: Batch,
    /// A stretch that is not listened to, or not filled yet.
    gap: Option<Gap>,
    /// How the last pull ended.
    pulled: Option<End>,
}

/// A stream that stands.
struct Standing {
    head: Box<Head>,
    request: Request,
    resumed: Option<i64>,
    /// Until when what came of it is kept.
    kept: DateTime<Utc>,
}

/// Events since the last time.
#[derive(Default)]
struct Batch {
    events: Vec<Vec<u8>>,
    bytes: usize,
    /// When it must be kept.
    due: Option<Instant>,
    /// When the last one came.
    last: Option<DateTime<Utc>>,
    position: Option<i64>,
    /// URIs of the posts that they show.
    posts: Vec<String>,
}

impl Batch {
    fn push(&mut self, event: Event) {
        self.bytes += event.bytes.len();
        self.events.push(event.bytes);
        self.due.get_or_insert_with(|| Instant::now() + FLUSH_AFTER);
        self.last = Some(event.at);
        self.position = event.position.or(self.position);
        self.posts.extend(event.shows);
    }

    fn is_full(&self) -> bool {
        self.events.len() >= FLUSH_EVENTS || self.bytes >= FLUSH_BYTES
    }
}

impl Hand<'_, '_> {
    /// Keeps what comes, until the user stops it or its time is over.
    async fn keep(&mut self, deadline: Option<Instant>) -> Result<End, Trouble> {
        let mut stop = self.shared.stop.clone();
        let mut given_up = None;
        loop {
            let news = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                () = sleep_until(deadline) => break,
                () = sleep_until(self.batch.due) => {
                    self.flush()?;
                    self.ask_more().await?;
                    continue;
                }
                news = self.news.recv() => news,
            };
            let Some(news) = news else { break };
            given_up = self.hear(news).await?;
            if given_up.is_some() {
                break;
            }
            if self.batch.is_full() {
                self.flush()?;
                self.ask_more().await?;
            }
        }
        // What came before the end is kept; a post that has no name yet gets it with the next pull.
        while let Ok(news) = self.news.try_recv() {
            if let News::Event(event) = news {
                self.batch.push(event);
            }
        }
        self.flush()?;
        self.close(Utc::now())?;
        self.file_gap();
        if let Some(listened) = &mut self.report.borrow_mut().listened {
            listened.until = Some(Utc::now());
        }
        if !*stop.borrow() && given_up.is_none() {
            self.ask_more().await?;
        }
        match (given_up, self.pulled.take()) {
            (Some(why), _) => Ok(End::Failed(why)),
            (None, Some(end)) => Ok(end),
            (None, None) if *stop.borrow() => Ok(End::Interrupted),
            (None, None) => Ok(End::Failed("the stream did not stand before its time was over".to_owned())),
        }
    }

    /// Takes one piece of news; says why, if the stream can never be had.
    async fn hear(&mut self, news: News) -> Result<Option<String>, Trouble> {
        match news {
            News::Beside(exchange) => {
                self.append(*exchange, "")?;
            }
            News::Event(event) => self.batch.push(event),
            News::Open { head, request, at, resumed } => {
                self.open = Some(Standing { head, request, resumed, kept: at });
                if let Some(gap) = &mut self.gap {
                    gap.until = Some(at);
                    gap.filled = Filled::No("the server had not begun to send it again".to_owned());
                }
                self.count(|listened| match listened.since {
                    None => listened.since = Some(at),
                    Some(_) => listened.reconnects += 1,
                });
                let filled = if self.pulled.is_none() || resumed.is_none() { Some(self.pull().await?) } else { None };
                if let (Some(gap), Some(filled)) = (&mut self.gap, filled) {
                    gap.filled = filled;
                    // What is sent again has edits and deletions, too: that is waited for.
                    if resumed.is_none() {
                        self.file_gap();
                    }
                }
            }
            News::Begun(position) => {
                let resumed = self.open.as_ref().and_then(|open| open.resumed);
                if let (Some(resumed), Some(gap)) = (resumed, &self.gap) {
                    let filled = match &gap.filled {
                        _ if position <= resumed.saturating_add(SLACK) => Filled::Replayed,
                        Filled::Pulled => Filled::Pulled,
                        _ => self.pull().await?,
                    };
                    self.gap.iter_mut().for_each(|gap| gap.filled = filled.clone());
                    self.file_gap();
                }
            }
            News::Lost { from, why } => {
                self.flush()?;
                self.close(from)?;
                self.file_gap();
                self.gap = Some(Gap::new(from, why));
                self.ask_more().await?;
            }
            News::Refused { answer, last } => {
                let status = answer.response.status;
                let problem = self.append(*answer, self.task.platform.name)?;
                self.miss(format!("the server answered {status}"));
                self.pull_once().await?;
                let why = problem.unwrap_or_else(|| format!("the server does not stream, but answered {status}"));
                return Ok(last.then_some(why));
            }
            News::Away(why) => {
                self.miss(why);
                self.pull_once().await?;
            }
            News::GaveUp(why) => {
                self.pull_once().await?;
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    /// Pulls what is there, if that was not done yet.
    async fn pull_once(&mut self) -> Result<(), Trouble> {
        if self.pulled.is_none() {
            self.pull().await?;
        }
        Ok(())
    }

    /// Pulls the source as usual; says whether all is there then.
    async fn pull(&mut self) -> Result<Filled, Trouble> {
        let mut walk = Walk::new(self.task, self.shared, self.spent);
        let outcome = walk.walk().await;
        self.report.borrow_mut().add(walk.report);
        let end = match ended(outcome) {
            (end, None) => end,
            (_, Some(fault)) => return Err(Trouble::Archive(fault)),
        };
        let filled = match &end {
            End::Done => Filled::Pulled,
            End::PageLimit => Filled::No("the page limit was reached".to_owned()),
            End::Interrupted => Filled::No("the pull was stopped".to_owned()),
            End::Budget(why) | End::Failed(why) => Filled::No(why.clone()),
        };
        self.pulled = Some(end);
        Ok(filled)
    }

    /// Keeps the events since the last time.
    fn flush(&mut self) -> Result<(), Trouble> {
        let Some(last) = self.batch.last else { return Ok(()) };
        self.write(last)
    }

    /// Ends a stream: a stretch in which nothing came is kept, too.
    fn close(&mut self, at: DateTime<Utc>) -> Result<(), Trouble> {
        if self.open.as_ref().is_some_and(|open| at > open.kept) {
            self.write(at)?;
        }
        self.open = None;
        Ok(())
    }

    fn write(&mut self, until: DateTime<Utc>) -> Result<(), Trouble> {
        let batch = std::mem::take(&mut self.batch);
        let Some(open) = &mut self.open else { return Ok(()) };
        // What the listening half has seen beyond the batch may wait to be taken.
        let position = if self.news.is_empty() { self.position.get() } else { batch.position };
        let stamp = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let listened = format!("{}/{}", stamp(open.kept), stamp(until));
        let mut request = open.request.with_mark("listened", Some(&listened));
        if let Some(position) = position.filter(|_| self.stream.resume.is_some()) {
            request = request.with_mark("position", Some(&position.to_string()));
        }
        open.kept = until;
        let exchange = self.shared.transport.heard(&open.head, request, &batch.events, until);
        self.count(|listened| listened.events += batch.events.len() as u64);
        self.append(exchange, self.task.platform.name)?;
        self.batch.position = batch.position;
        if self.stream.more.is_some() {
            self.batch.posts = batch.posts;
        }
        Ok(())
    }

    /// Asks for what the stream leaves out of the posts that were kept. What cannot be had so is told, and costs no more.
    async fn ask_more(&mut self) -> Result<(), Trouble> {
        let posts = std::mem::take(&mut self.batch.posts);
        let Some(more) = self.stream.more.filter(|_| !posts.is_empty()) else { return Ok(()) };
        let (requests, mut trouble) = match more(&posts, &self.task.server) {
            Ok(requests) => (requests, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        let mut stop = self.shared.stop.clone();
        for request in requests {
            let sent = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                sent = self.shared.transport.send(&request) => sent,
            };
            let spent = self.spent.get();
            self.spent.set(Spent { requests: spent.requests + u64::from(sent.requests), ..spent });
            self.report.borrow_mut().requests += u64::from(sent.requests);
            for exchange in sent.before {
                self.append(exchange, "")?;
            }
            match sent.answer {
                Ok(answer) => trouble = self.append(answer, self.task.platform.name)?.or(trouble),
                Err(error) => trouble = Some(failure(&error)),
            }
        }
        if let Some(why) = trouble {
            let reason = format!("who wrote what the stream brought could not be asked: {why}");
            self.report.borrow_mut().skipped.add(&reason, &self.source);
        }
        Ok(())
    }

    /// Keeps an exchange; says why it could not be read.
    fn append(&mut self, exchange: Exchange, platform: &str) -> Result<Option<String>, Trouble> {
        let facts = self.shared.facts(self.task, &self.source, platform);
        let mut keeper = self.shared.keeper.borrow_mut();
        let kept = keeper.append(exchange, facts)?;
        let tally: Tally = keeper.flush()?;
        drop(keeper);
        let problem = kept.problem.clone();
        let mut report = self.report.borrow_mut();
        report.count(kept, tally);
        (self.shared.on_page.borrow_mut())(&report);
        Ok(problem)
    }

    /// Notes that the stream does not stand though it should.
    fn miss(&mut self, why: String) {
        if self.open.is_none() && self.gap.is_none() {
            self.gap = Some(Gap::new(Utc::now(), why));
        }
    }

    fn file_gap(&mut self) {
        if let Some(gap) = self.gap.take() {
            self.count(|listened| listened.gaps.push(gap));
        }
    }

    fn count(&self, count: impl FnOnce(&mut Listened)) {
        if let Some(listened) = &mut self.report.borrow_mut().listened {
            count(listened);
        }
    }
}

/// Waits until then; for ever, if there is no such time.
async fn sleep_until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}
