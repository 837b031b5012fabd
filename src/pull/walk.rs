//! A look at one source: the walk over its pages, first those that an earlier one left, then what is new.
//!
//! It keeps each page before it asks for the next, and never asks for the same twice. Notes, media and turns of several sources are the
//! puller's.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use tokio::sync::watch;

use super::{Begin, End, Puller, Purse, Report, Task, Trouble, used};
use crate::coverage::{Cause, source_of};
use crate::exchange::{Facts, Known, Request};
use crate::ingest::{IngestError, Kept, refused_never};
use crate::store::{SourceState, Tally};

/// How often pages may show the same posts and lead on: those that overlap do, where most of a page is left out.
const OVERLAPS: u32 = 2;

pub(super) struct Walk<'a, 'k> {
    task: &'a Task,
    shared: &'a Puller<'k>,
    stop: watch::Receiver<bool>,
    /// What it gave so far.
    pub(super) report: Report,
    purse: &'a Purse,
    asked: HashSet<Request>,
    /// Those that gave nothing: a page may lead there once more, and that is no circle, nor a reason to ask again.
    fruitless: HashSet<Request>,
    /// Fingerprints of the pages that led on, with how often each came.
    seen: HashMap<u64, u32>,
    /// With which credential the source is asked today.
    auth: Option<String>,
    /// Why the first page that gave nothing did so.
    trouble: Option<(Cause, String)>,
}

impl<'a, 'k> Walk<'a, 'k> {
    pub(super) fn new(task: &'a Task, shared: &'a Puller<'k>, purse: &'a Purse) -> Walk<'a, 'k> {
        let (stop, report) = (shared.stop.clone(), Report::of(task));
        Walk {
            task,
            shared,
            stop,
            report,
            purse,
            asked: HashSet::new(),
            fruitless: HashSet::new(),
            seen: HashMap::new(),
            auth: None,
            trouble: None,
        }
    }

    /// Waits for its turn, then walks.
    pub(super) async fn walk(&mut self) -> Result<End, Trouble> {
        let name = (self.task.job.clone(), self.task.source.clone());
        let turn = Rc::clone(self.shared.turns.borrow_mut().entry(name).or_default());
        let mut stop = self.stop.clone();
        let _mine = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return Ok(End::Interrupted),
            mine = turn.lock() => mine,
        };
        self.walk_on().await
    }

    /// First what an earlier pull left, then what is new. An old page that gives nothing does not keep the new ones
    /// away; the source still counts as failed.
    async fn walk_on(&mut self) -> Result<End, Trouble> {
        let first = self.task.first()?;
        // A post that is looked at again has nothing before it and nothing behind it.
        let state = if self.known().is_some() { SourceState::default() } else { self.state()? };
        // What was left at another server is not asked of this one; a credential may have come since, or be another.
        let is_here = |request: &Request| request.origin() == first.origin();
        self.auth.clone_from(&first.auth);
        let (left, elsewhere): (Vec<Request>, Vec<Request>) = state.pending.into_iter().partition(is_here);
        for request in &elsewhere {
            let reason = "was left by an earlier pull of this source, which asked another server";
            self.report.skipped.add(reason, &request.url);
        }
        let mut end = match self.follow(left).await {
            Err(Trouble::Source(cause, trouble)) => {
                // That an old page is ill does not mean that the newest one is.
                self.trouble.get_or_insert((cause, trouble));
                End::Done
            }
            end => end?,
        };
        // Pages that gave nothing do not keep away what is new.
        let useful = self.report.pages - self.fruitless.len() as u64;
        if end == End::Done || (end == End::PageLimit && useful == 0) {
            // What fills a gap begins where the gap does, however often it was tried.
            let is_fill = source_of(&self.task.source) != self.task.source;
            let begin = self.state()?.later.filter(|later| is_here(later) && !is_fill).unwrap_or(first);
            // What an earlier pull left may have ended at the newest post already.
            if !self.asked.contains(&begin) {
                // What is new may lead to what was left: that is no circle.
                self.asked.clear();
                self.seen.clear();
                end = self.follow(vec![begin]).await?;
            }
        }
        let trouble = self.trouble.take().map(|(cause, trouble)| {
            self.report.cause = Some(cause);
            trouble
        });
        Ok(match (trouble, end) {
            (Some(trouble), End::Done) => End::Failed(trouble),
            (Some(trouble), End::PageLimit) => End::Failed(format!("{trouble}; then the page limit was reached")),
            (Some(trouble), End::Budget(why)) => End::Failed(format!("{trouble}; then {why}")),
            (_, end) => end,
        })
    }

    fn state(&self) -> Result<SourceState, IngestError> {
        self.shared.keeper.borrow().source_state(&self.task.job, &self.task.source)
    }

    /// Sends the requests and whatever their pages lead to. A page that gives nothing does not stop the others.
    async fn follow(&mut self, begin: Vec<Request>) -> Result<End, Trouble> {
        let mut pending: VecDeque<Request> = begin.into();
        while let Some(request) = pending.pop_front() {
            if self.fruitless.contains(&refused_never(&request)) {
                continue;
            }
            let (most, fruitless) = (u64::from(self.task.max_pages), self.fruitless.len() as u64);
            if self.report.pages - fruitless >= most || fruitless > most {
                return Ok(End::PageLimit);
            }
            if !self.asked.insert(request.clone()) {
                let circle = format!("the server's pages lead in a circle: {} was already asked", request.url);
                return Err(Trouble::Source(Cause::Unreadable, circle));
            }
            let price = self.task.platform.live.and_then(|live| live.price);
            let left = self.purse.left(&self.task.budget).unwrap_or(u64::MAX);
            let fit = price.and_then(|price| price.fit);
            let mut sending = fit.map_or_else(|| request.clone(), |fit| fit(&request, left));
            sending.auth.clone_from(&self.auth);
            let worst = price.map_or(0, |price| (price.worst)(&sending));
            let booking = match self.purse.book(&self.task.budget, worst) {
                Ok(booking) => booking,
                // A budget that is too small for one request will never do.
                Err(why) if self.purse.is_whole() => return Err(Trouble::Closed(Cause::Budget, why)),
                Err(why) => return Ok(End::Budget(why)),
            };
            let sent = tokio::select! {
                biased;
                _ = self.stop.wait_for(|stop| *stop) => return Ok(End::Interrupted),
                sent = self.shared.transport.send(&sending) => sent,
            };
            drop(booking);
            let (units, dollars) = used(self.task, &sending, &sent);
            self.spend(u64::from(sent.requests), units, dollars);
            let mut keeper = self.shared.keeper.borrow_mut();
            for exchange in sent.before {
                keeper.append(exchange, self.facts(""))?;
            }
            let answer = match sent.answer {
                Ok(answer) => answer,
                Err(error) => {
                    keeper.flush()?;
                    return Err(error.into());
                }
            };
            let mut facts = self.facts(self.task.platform.name);
            facts.known = self.known().cloned();
            facts.asked = (answer.request.clone().asked() != request).then(|| request.clone());
            let page = keeper.append(answer, facts)?;
            let tally = keeper.flush()?;
            drop(keeper);
            match self.account(page, tally) {
                Ok(next) => pending.extend(next),
                Err(Trouble::Page(cause, message)) => {
                    self.fruitless.insert(refused_never(&request));
                    self.trouble.get_or_insert((cause, message));
                }
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(End::Done)
    }

    /// Counts a kept page and says where it leads.
    fn account(&mut self, page: Kept, tally: Tally) -> Result<Vec<Request>, Trouble> {
        self.report.pages += 1;
        let (problem, next, fingerprint) = (page.problem.clone(), page.next.clone(), page.fingerprint);
        let is_closed = page.status == 429 || page.is_closed;
        let is_ill = page.status >= 500;
        let cause = match page.status {
            429 => Cause::RateLimit,
            500.. => Cause::Down,
            400.. => Cause::Refused,
            _ => Cause::Unreadable,
        };
        self.report.count(page, tally);
        (self.shared.on_page.borrow_mut())(&self.report);
        match problem {
            // A server that does not know the cursor it gave sends the same for ever. Pages that overlap may look alike once.
            None if !next.is_empty() && fingerprint.is_some_and(|page| self.has_come(page)) => Err(Trouble::Page(
                Cause::Unreadable,
                "the server sends a page that it has sent before, and names another behind it".to_owned(),
            )),
            None => Ok(next),
            // A server in trouble is in trouble for its other pages, too; one that was asked too fast or too much is left alone.
            Some(problem) if is_closed => Err(Trouble::Closed(cause, problem)),
            Some(problem) if is_ill => Err(Trouble::Source(cause, problem)),
            Some(problem) => Err(Trouble::Page(cause, problem)),
        }
    }

    /// Whether a page has come too often.
    fn has_come(&mut self, page: u64) -> bool {
        let times = self.seen.entry(page).or_default();
        *times += 1;
        *times > OVERLAPS
    }

    /// Notes what was used up.
    fn spend(&mut self, requests: u64, units: u64, dollars: f64) {
        self.report.requests += requests;
        self.report.units += units;
        self.report.dollars += dollars;
        self.purse.spend(requests, units, dollars);
    }

    /// The post of the archive that is looked at again, if one is.
    fn known(&self) -> Option<&'a Known> {
        if let Begin::Again(_, known) = &self.task.begin { Some(known) } else { None }
    }

    fn facts(&self, platform: &str) -> Facts {
        self.shared.facts(self.task, &self.task.source, platform)
    }
}
