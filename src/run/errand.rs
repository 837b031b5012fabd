//! One source of one job: when it is due, and what came of it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::memory::Memo;
use super::{Job, LONG, SET_BACK, is_well};
use crate::coverage::{Ledger, Reach};
use crate::pull::{Begin, End, NOTED, Report, Task};
use crate::schedule::{self, Left, Limits, Look, Schedule, Seen};

/// One source of one job.
pub(super) struct Errand<'a> {
    pub(super) job: &'a Job,
    pub(super) task: &'a Task,
    /// The host that is asked.
    pub(super) host: Option<String>,
    /// What is remembered of it.
    pub(super) memo: Memo,
    /// When it is due next; `None` if it has nothing more to do.
    pub(super) due: Option<DateTime<Utc>>,
    /// Whether it is under way.
    pub(super) is_busy: bool,
    began: DateTime<Utc>,
    /// The same by a clock that nobody sets.
    since: Instant,
    /// When its stream is to be opened; `None` if it has none, or it stands.
    stream_due: Option<DateTime<Utc>>,
    stream_pause: TimeDelta,
}

impl<'a> Errand<'a> {
    pub(super) fn new(
        job: &'a Job,
        task: &'a Task,
        memo: Memo,
        ledger: Option<&Ledger>,
        now: DateTime<Utc>,
    ) -> Errand<'a> {
        let host = task.first().ok().and_then(|request| request.origin());
        let has_stream = task.platform.live.is_some_and(|live| live.stream.is_some());
        let stream_due = (job.follow && has_stream).then_some(now);
        let stream_pause = TimeDelta::zero();
        let mut errand = Errand {
            job,
            task,
            host,
            memo,
            due: None,
            is_busy: false,
            began: now,
            since: Instant::now(),
            stream_due,
            stream_pause,
        };
        errand.memo.looks.retain(|look| look.at <= now);
        errand.due = errand.first_due(ledger, now);
        errand
    }

    /// When it was last looked at, as far as is known.
    fn last(&self, ledger: Option<&Ledger>) -> Option<DateTime<Utc>> {
        self.memo.asked.max(ledger.and_then(|ledger| ledger.last_asked))
    }

    /// When it is due first: at once if it never was, or a fire time was missed, or an earlier look was left unfinished.
    fn first_due(&self, ledger: Option<&Ledger>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (since, until) = self.window();
        let is_over = |ledger: &Ledger| {
            let end = ledger.covered.end().max(ledger.last_done.filter(|_| ledger.covered.is_empty()));
            until.is_some_and(|until| end.is_some_and(|end| end >= until)) && ledger.looks.is_empty()
        };
        let begins = since.filter(|since| *since > now);
        // What is still to come was written down by a clock that ran ahead.
        let last = self.last(ledger).filter(|last| *last <= now + SET_BACK);
        let Some(last) = last else { return Some(begins.unwrap_or(now)) };
        if ledger.is_some_and(is_over) {
            return None;
        }
        let is_unfinished = self.memo.is_unfinished;
        let missed = match &self.job.schedule {
            Schedule::Auto(_) => self.memo.next.is_none_or(|next| next <= now),
            schedule => schedule::missed(schedule, self.memo.fired.unwrap_or(last).min(now), now).due,
        };
        if missed || is_unfinished { Some(now) } else { self.after(now) }
    }

    /// Since when it was left alone, if that is half as long again as its schedule has it.
    pub(super) fn left_alone(&self, ledger: Option<&Ledger>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // A clock that ran ahead has noted times that are still to come.
        let last = self.last(ledger).filter(|_| self.due.is_some())?.min(now);
        let planned = match &self.job.schedule {
            // What is remembered may be older than what the archive knows.
            Schedule::Auto(auto) => {
                let pause = self.memo.next.zip(self.memo.asked).map(|(next, asked)| next - asked);
                last.checked_add_signed(pause.unwrap_or(TimeDelta::from_std(auto.least).ok()?))
            }
            schedule => schedule.next(last),
        };
        let planned = planned?.max(last);
        // Of looks that failed the same way only one an hour is noted: that the last was long ago says nothing.
        let noted = if ledger.is_some_and(|ledger| ledger.trouble.is_some()) { NOTED } else { LATE_START };
        let is_longer = now - planned > ((planned - last) / 2).max(noted);
        let covered = ledger.and_then(|ledger| ledger.covered.end()).unwrap_or(last);
        is_longer.then_some(covered.min(last))
    }

    fn window(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        match &self.task.begin {
            Begin::Query(query) => (query.since, query.until),
            Begin::Request(_) | Begin::Again(..) => (None, None),
        }
    }

    pub(super) fn is_due(&self, now: DateTime<Utc>) -> bool {
        !self.is_busy && self.due.is_some_and(|due| due <= now)
    }

    /// When it is to be thought of next, if that is still to come.
    pub(super) fn wakes(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let due = self.due.filter(|_| !self.is_busy);
        due.into_iter().chain(self.stream_due).filter(|at| *at > now).min()
    }

    pub(super) fn begin(&mut self, now: DateTime<Utc>) {
        (self.is_busy, self.began, self.since) = (true, now, Instant::now());
        // Until it has come to its end: whoever kills the program has it looked at again at once.
        self.memo.is_unfinished = true;
        self.memo.count_from(self.task.budget.period.start(now));
    }

    /// In how long it gives its place to another; `None` if it has none.
    pub(super) fn gives_place(&self) -> Option<Duration> {
        let left = LONG.checked_sub(self.since.elapsed()).filter(|left| !left.is_zero());
        left.filter(|_| self.is_busy)
    }

    /// Whether its stream is to be opened now.
    pub(super) fn hears(&mut self, now: DateTime<Utc>) -> bool {
        self.stream_due.take_if(|due| *due <= now).is_some()
    }

    /// Its stream has ended, and is opened again after a while: after twice the time where it never stood.
    pub(super) fn unheard(&mut self, stood: bool, now: DateTime<Utc>) {
        let (least, most) = STREAM_AGAIN;
        self.stream_pause = if stood { least } else { (self.stream_pause * 2).clamp(least, most) };
        let again = now + self.stream_pause;
        let is_over = self.window().1.is_some_and(|until| until <= again);
        self.stream_due = Some(again).filter(|_| !is_over);
    }

    /// A look has ended: when it is due next follows from it.
    pub(super) fn end(&mut self, report: &Report, now: DateTime<Utc>) {
        self.is_busy = false;
        let memo = &mut self.memo;
        memo.asked = Some(now);
        memo.fired = self.due.map(|due| due.min(now));
        memo.is_unfinished = report.end == End::Interrupted;
        memo.requests += report.requests;
        memo.posts += report.tally.new;
        if is_well(&report.end) {
            (memo.failures, memo.trouble, memo.failing_since) = (0, None, None);
            let tally = report.tally;
            let shown = (tally.new + tally.known + tally.changed).checked_div(report.pages).unwrap_or(0);
            memo.page = memo.page.max(u32::try_from(shown).unwrap_or(u32::MAX));
            let new = u32::try_from(tally.new).unwrap_or(u32::MAX);
            // More came than one look shows, or nothing of it was known: some may have come and gone.
            let overflowed = new > 0 && !memo.looks.is_empty() && (new >= page(self.task, memo) || tally.known == 0);
            memo.looks.push(Look { at: self.began, new, overflowed });
            let surplus = memo.looks.len().saturating_sub(schedule::LOOKS);
            memo.looks.drain(..surplus);
        } else if let End::Failed(why) = &report.end {
            memo.failures = memo.failures.saturating_add(1);
            memo.trouble = Some(why.clone());
            memo.failing_since.get_or_insert(now);
        }
        let is_over = report.end == End::Done && self.window().1.is_some_and(|until| now > until + LATE);
        self.due = if is_over { None } else { self.after(now) };
        self.memo.next = self.due;
    }

    /// The clock was set back: what was due by the old one would be a long time coming.
    pub(super) fn set_back(&mut self, now: DateTime<Utc>) {
        self.began = self.began.min(now);
        self.memo.looks.retain(|look| look.at <= now);
        let next = self.after(now);
        self.due = self.due.min(next).or(self.due);
        self.memo.asked = self.memo.asked.min(Some(now));
        self.stream_due = self.stream_due.map(|due| due.min(now));
    }

    /// The time behind this one at which it is due.
    fn after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // All sources of a job fire together, since they share a budget.
        let name = &self.job.name;
        let due = match &self.job.schedule {
            Schedule::Auto(auto) => {
                let budget = self.task.budget.requests.and_then(|most| {
                    let end = self.task.budget.period.end(now)?;
                    let gone = self.memo.spent(self.task.budget.period.start(now));
                    let share = most / self.job.tasks.len().max(1) as u64;
                    Some(Left { requests: share.saturating_sub(gone), time: (end - now).to_std().ok()? })
                });
                let limits = Limits { least: auto.least, most: auto.most, left: budget };
                let per_request = page(self.task, &self.memo);
                let pause = match self.memo.failures {
                    0 => schedule::next_pause(&Seen { looks: &self.memo.looks, per_request }, &limits),
                    failures => auto.least.saturating_mul(2_u32.saturating_pow(failures)).min(auto.most),
                };
                self.began.max(now - TimeDelta::days(1)) + TimeDelta::from_std(pause).ok()?
            }
            schedule => {
                let fire = schedule.next(now)?;
                fire + TimeDelta::from_std(schedule::spread(name, fire, self.job.jitter)).ok()?
            }
        };
        let (since, _) = self.window();
        Some(due.max(now).max(since.unwrap_or(now)))
    }
}

/// How long a stream that has ended is left alone, at least and at most.
const STREAM_AGAIN: (TimeDelta, TimeDelta) = (TimeDelta::minutes(5), TimeDelta::days(1));

/// Who is no later than this was not left alone.
const LATE_START: TimeDelta = TimeDelta::minutes(1);

/// How many posts a look shows before it must page back; where a platform shows no more than that, as many as it was seen to show.
fn page(task: &Task, memo: &Memo) -> u32 {
    let Some(live) = task.platform.live else { return 1 };
    let reach = task.first().map(|request| (live.paging.reach)(&request));
    match reach {
        Ok(Reach::Few) => memo.page.clamp(1, live.per_request),
        Ok(Reach::Newest(most)) => u32::try_from(most).unwrap_or(live.per_request),
        _ => live.per_request,
    }
}

/// How long after the end of its window a job is still looked at: what was written last comes late.
const LATE: TimeDelta = TimeDelta::minutes(10);
