//! The keeping half of a source that is followed: gathers what is heard, keeps it, fills the gaps, and knows what it missed.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use super::ear::{Event, News, instant};
use super::listened::{Filled, Gap, Listened};
use crate::coverage::Cause;
use crate::exchange::{Exchange, LISTENED, POSITION, Request, WHOLE};
use crate::http::Head;
use crate::platform::Stream;
use crate::pull::{End, Puller, Purse, Report, Task, Trouble, Walk, ended, failure};
use crate::store::Tally;

/// What came is kept after so long,
const FLUSH_AFTER: Duration = Duration::from_secs(5);
/// or so many events,
const FLUSH_EVENTS: usize = 200;
/// or so many bytes.
const FLUSH_BYTES: usize = 1 << 20;

/// How much later than asked a resumed stream may begin, in microseconds: the network is never silent for so long.
const SLACK: i64 = 60_000_000;

/// The keeping half of a source that is followed.
pub(super) struct Hand<'a, 'k> {
    pub(super) task: &'a Task,
    pub(super) stream: Stream,
    pub(super) shared: &'a Puller<'k>,
    pub(super) purse: &'a Purse,
    pub(super) report: &'a RefCell<Report>,
    /// Under what name the stream has its state.
    pub(super) source: String,
    pub(super) news: UnboundedReceiver<News>,
    /// How far the listening half has come.
    pub(super) position: &'a Cell<Option<i64>>,
    /// The stream that stands.
    pub(super) open: Option<Standing>,
    pub(super) batch: Batch,
    /// A stretch that is not listened to, or not filled yet.
    pub(super) gap: Option<Gap>,
    /// How the last pull ended.
    pub(super) pulled: Option<End>,
}

/// A stream that stands.
pub(super) struct Standing {
    head: Box<Head>,
    request: Request,
    resumed: Option<i64>,
    /// Whether anything has come.
    begun: bool,
    /// Since when what was sent is whole.
    whole: DateTime<Utc>,
    /// Until when what came of it is kept.
    kept: DateTime<Utc>,
}

/// What a piece of news asks for.
enum Todo {
    Nothing,
    /// Ask for what the stream leaves out.
    AskMore,
    /// Pull what is there, if that was not done yet.
    PullOnce,
    /// Pull, to fill the gap if there is one.
    Fill,
    /// The stream can no longer be had: that is the end.
    GiveUp(End),
}

/// Events since the last time.
#[derive(Default)]
pub(super) struct Batch {
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
    pub(super) async fn keep(&mut self, deadline: Option<Instant>) -> Result<End, Trouble> {
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
            self.note(news)?;
        }
        self.close(Utc::now())?;
        self.file_gap()?;
        if let Some(listened) = &mut self.report.borrow_mut().listened {
            listened.until = Some(Utc::now());
        }
        if !*stop.borrow() && given_up.is_none() {
            self.ask_more().await?;
        }
        match (given_up, self.pulled.take()) {
            (Some(End::Failed(why)), Some(End::Failed(other) | End::Budget(other))) if why != other => {
                Ok(End::Failed(format!("{why}; the pull: {other}")))
            }
            (Some(End::Failed(why)), Some(End::PageLimit)) => {
                Ok(End::Failed(format!("{why}; the pull stopped at the page limit")))
            }
            (None, Some(End::Done))
                if self.report.borrow().listened.as_ref().is_none_or(|told| told.since.is_none()) =>
            {
                Ok(End::Failed("it was pulled, but the stream never stood".to_owned()))
            }
            (Some(end), _) | (None, Some(end)) => Ok(end),
            (None, None) if *stop.borrow() => Ok(End::Interrupted),
            (None, None) => Ok(End::Failed("the stream did not stand before its time was over".to_owned())),
        }
    }

    /// Takes one piece of news; says how it ends, if the stream can no longer be had.
    async fn hear(&mut self, news: News) -> Result<Option<End>, Trouble> {
        match self.note(news)? {
            Todo::Nothing => {}
            Todo::AskMore => self.ask_more().await?,
            Todo::PullOnce => self.pull_once().await?,
            Todo::Fill => {
                let filled = self.pull().await?;
                self.gap.iter_mut().for_each(|gap| gap.filled = filled.clone());
                // What is sent again has edits and deletions, too: that is waited for.
                if self.open.as_ref().is_none_or(|open| open.resumed.is_none() || open.begun) {
                    self.file_gap()?;
                }
            }
            Todo::GiveUp(end) => {
                self.pull_once().await?;
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    /// Takes one piece of news, as far as it needs no waiting; says what is to be done then.
    fn note(&mut self, news: News) -> Result<Todo, Trouble> {
        match news {
            News::Beside(exchange) => {
                self.append(*exchange, "")?;
                Ok(Todo::Nothing)
            }
            News::Event(event) => {
                self.batch.push(event);
                Ok(Todo::Nothing)
            }
            News::Unreadable => {
                self.count(|listened| listened.unreadable += 1);
                Ok(Todo::Nothing)
            }
            News::Open { head, request, at, resumed } => {
                self.open = Some(Standing { head, request, resumed, begun: false, whole: at, kept: at });
                if let Some(gap) = &mut self.gap {
                    gap.until = Some(at);
                    gap.filled = Filled::No("the server had not begun to send it again".to_owned());
                }
                self.count(|listened| match listened.since {
                    None => listened.since = Some(at),
                    Some(_) => listened.reconnects += 1,
                });
                Ok(if self.pulled.is_none() || resumed.is_none() { Todo::Fill } else { Todo::Nothing })
            }
            News::Begun(position) => {
                let Some(open) = &mut self.open else { return Ok(Todo::Nothing) };
                open.begun = true;
                let covered = open.resumed.is_some_and(|resumed| position <= resumed.saturating_add(SLACK));
                if let Some(from) = open.resumed.filter(|_| covered).and_then(instant) {
                    open.whole = from.min(open.whole);
                }
                let Some(gap) = &mut self.gap else { return Ok(Todo::Nothing) };
                if covered {
                    gap.filled = Filled::Replayed;
                } else if gap.filled != Filled::Pulled {
                    return Ok(Todo::Fill);
                }
                self.file_gap()?;
                Ok(Todo::Nothing)
            }
            News::Lost { from, why } => {
                self.close(from)?;
                self.file_gap()?;
                self.gap = Some(Gap::new(from, why));
                Ok(Todo::AskMore)
            }
            News::Refused { answer, last } => {
                let status = answer.response.status;
                let problem = self.append(*answer, self.task.platform.name)?;
                self.miss(format!("the server answered {status}"));
                let why = problem.unwrap_or_else(|| format!("the server does not stream, but answered {status}"));
                Ok(if last { Todo::GiveUp(End::Failed(why)) } else { Todo::PullOnce })
            }
            News::Away(why) => {
                self.miss(why);
                Ok(Todo::PullOnce)
            }
            News::GaveUp(why) => Ok(Todo::GiveUp(End::Failed(why))),
            News::Spent(why) => Ok(Todo::GiveUp(End::Budget(why))),
        }
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
        let mut walk = Walk::new(self.task, self.shared, self.purse);
        let outcome = walk.walk().await;
        let mut report = walk.report;
        if let Some(fault) = ended(outcome, &mut report) {
            return Err(Trouble::Archive(fault));
        }
        self.shared.note(self.task, &self.task.source, &report, None)?;
        let end = report.end.clone();
        self.report.borrow_mut().add(report);
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
        let until = self.batch.last.map_or(at, |last| last.max(at));
        if self.open.as_ref().is_some_and(|open| until > open.kept || self.batch.last.is_some()) {
            self.write(until)?;
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
        let mut request = open.request.with_mark(LISTENED, Some(&listened)).with_mark(WHOLE, Some(&stamp(open.whole)));
        if let Some(position) = position.filter(|_| self.stream.resume.is_some()) {
            request = request.with_mark(POSITION, Some(&position.to_string()));
        }
        open.kept = until;
        let at = batch.last.unwrap_or(until);
        let exchange = self.shared.transport.heard(&open.head, request, &batch.events, at);
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
            let booking = match self.purse.book(&self.task.budget, 0) {
                Ok(booking) => booking,
                Err(why) => {
                    trouble = Some(why);
                    break;
                }
            };
            let sent = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                sent = self.shared.transport.send(&request) => sent,
            };
            drop(booking);
            self.purse.spend(u64::from(sent.requests), 0, 0.0);
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

    /// Tells of a gap, and notes it in the archive if it may not have been filled.
    fn file_gap(&mut self) -> Result<(), Trouble> {
        let Some(gap) = self.gap.take() else { return Ok(()) };
        if let Filled::No(why) = &gap.filled {
            let why = format!("{}; {why}", gap.why);
            self.shared.note_that(self.task, &self.source, Cause::StreamCut, why, Some(gap.from))?;
        }
        self.count(|listened| listened.gaps.push(gap));
        Ok(())
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
