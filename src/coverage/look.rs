//! The ledger of one source: looks under way, what they have covered, what stood in their way.
//!
//! Each kept page is a [`Step`]. It belongs to the look that asked for it; the first page of a look is one that no look asked for. A
//! look that goes back from the newest post covers what lies between the page it has reached and its beginning; one that climbs
//! from a known post covers what lies between that and the page it has reached. At its end it covers all that it was sent for,
//! as far as [`Reach`] says.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::gap::Hindrance;
use super::{BEGINNING, Cause, Reach, Seen, Stretch, Stretches};
use crate::exchange::Request;

/// What was written so shortly before an answer may not be in it: the answer was on its way, an index follows its network, clocks
/// differ. The next look begins before it.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

/// A stream that sends again what was missed keeps it for at least so long.
const REPLAYED: TimeDelta = TimeDelta::hours(24);

/// What a kept page tells of the look that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The request that it answers.
    pub done: Request,
    /// Those that it leads to.
    pub next: Vec<Request>,
    /// When the answer was complete.
    pub at: DateTime<Utc>,
    /// Where the look goes.
    pub whither: Whither,
    /// How far such a look reaches at its end.
    pub reach: Reach,
    /// How far the page reaches.
    pub seen: Seen,
    /// Whether the walk passed something over here, or ends although more may lie behind.
    pub torn: bool,
    /// The time that the job asks for: not before, and before.
    pub window: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

/// Where a look goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whither {
    /// Back from the newest post.
    Back,
    /// Up from a known one.
    Up,
    /// Nowhere: it is what a stream sent while it was listened to, from when to when.
    Heard {
        /// From when.
        from: DateTime<Utc>,
        /// To when.
        until: DateTime<Utc>,
        /// Whether the stream sends again what was missed.
        resumes: bool,
    },
    /// Nowhere: the page was refused. It will be asked for again if it leads to itself, and is given up if not.
    Refused,
}

/// A look under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// What it can cover at most: up to this, at which it began.
    top: DateTime<Utc>,
    /// Down to where it is sent.
    floor: DateTime<Utc>,
    /// Whether it climbs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    climbs: bool,
    /// Whether its pages hang together in one chain, so that it covers something before its end.
    straight: bool,
    /// How far its pages surely reach.
    reached: Option<DateTime<Utc>>,
    /// Its oldest post.
    tail: Option<DateTime<Utc>>,
    /// Pages and posts so far.
    pages: u64,
    posts: u64,
    /// Whether a page of it was given up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    torn: bool,
    /// Requests that are still to be sent.
    open: Vec<Request>,
}

impl Look {
    /// The stretch that it has covered before its end.
    fn so_far(&self) -> Option<Stretch> {
        let reached = self.reached.filter(|_| self.straight)?;
        if self.climbs {
            Stretch::new(self.floor, reached.min(self.top))
        } else {
            Stretch::new(reached.max(self.floor), self.top)
        }
    }

    /// The stretch that it was sent for.
    fn whole(&self) -> Option<Stretch> {
        Stretch::new(self.floor, self.top)
    }

    /// What it covers at its end.
    fn at_end(&self, reach: Reach) -> Option<Stretch> {
        let reaches = |is_all: bool| {
            let bottom = if is_all { Some(self.floor) } else { self.reached.map(|low| low.max(self.floor)) };
            Stretch::new(bottom?, self.top)
        };
        let overlaps = self.tail.is_some_and(|tail| tail <= self.floor);
        match reach {
            Reach::None => None,
            _ if self.torn => self.so_far(),
            _ if self.climbs => self.whole(),
            Reach::Whole => self.whole(),
            Reach::Newest(most) => reaches(self.posts < most || overlaps),
            Reach::Few => reaches(overlaps),
            Reach::Days(days) => Stretch::new(self.floor.max(self.top - TimeDelta::days(i64::from(days))), self.top),
        }
    }
}

/// What is known of one source of one job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// What is covered.
    pub covered: Stretches,
    /// Looks that have not come to their end.
    pub looks: Vec<Look>,
    /// From when on posts are asked for; [`BEGINNING`] if the job does not say. `None` before the first look.
    pub since: Option<DateTime<Utc>>,
    /// Before when; `None` if the job goes on.
    pub until: Option<DateTime<Utc>>,
    /// When it was first asked, or tried to be.
    pub first_asked: Option<DateTime<Utc>>,
    /// When it was last asked, or tried to be.
    pub last_asked: Option<DateTime<Utc>>,
    /// When a look last came to its end.
    pub last_done: Option<DateTime<Utc>>,
    /// Looks that were begun.
    pub begun: u64,
    /// Looks that have come to their end.
    pub done: u64,
    /// What stands in the way since when; `None` if the last answer was good.
    pub trouble: Option<(Cause, DateTime<Utc>)>,
    /// What it says of reach: of the last look.
    pub reach: Option<Reach>,
}

impl Ledger {
    /// Takes in a kept page. `goes_on`: it answers the request that brings what is newer than everything seen before. Gives what is
    /// found to stand in the way.
    pub fn step(&mut self, step: &Step, goes_on: bool) -> Vec<Hindrance> {
        self.ask(step.at, step.window);
        if let Whither::Heard { from, until, resumes } = step.whither {
            let last = self.covered.end().filter(|last| resumes && *last < from && from - *last < REPLAYED);
            Stretch::new(last.unwrap_or(from), until).into_iter().for_each(|heard| self.covered.add(heard));
            self.trouble = None;
            return Vec::new();
        }
        let asked_for = self.looks.iter().position(|look| look.open.contains(&step.done));
        let mut look = match asked_for {
            Some(at) => self.looks.remove(at),
            None => self.begin(step, goes_on),
        };
        look.open.retain(|request| *request != step.done);
        for next in &step.next {
            if !look.open.contains(next) {
                look.open.push(next.clone());
            }
        }
        look.straight &= look.open.len() < 2;
        let bound = step.window.1.unwrap_or(DateTime::<Utc>::MAX_UTC);
        let top = (step.at - MARGIN).min(bound);
        if step.whither == Whither::Refused {
            look.torn |= step.next.is_empty();
            if look.pages == 0 {
                look.top = top;
            }
        } else {
            self.trouble = None;
            self.reach = Some(step.reach);
            look.climbs = step.whither == Whither::Up;
            // What climbs has come to the present with its last page, what goes back was there with its first.
            if look.climbs || look.pages == 0 {
                look.top = top;
            }
            look.pages += 1;
            look.posts += step.seen.posts;
            // Behind what was passed over nothing hangs together with the pages before.
            look.torn |= step.torn;
            if let Some((low, high)) = step.seen.span.filter(|_| !look.torn) {
                let reached = if look.climbs { high } else { low };
                let best = if look.climbs { look.reached.max(Some(reached)) } else { look.reached.min(Some(reached)) };
                look.reached = best.or(Some(reached));
            }
            look.tail = look.tail.into_iter().chain(step.seen.tail).min();
        }
        if !look.open.is_empty() {
            let so_far = look.so_far().filter(|_| step.reach != Reach::None);
            so_far.into_iter().for_each(|stretch| self.covered.add(stretch));
            self.looks.push(look);
            return Vec::new();
        }
        self.end(&look, step)
    }

    /// Begins a look.
    fn begin(&mut self, step: &Step, goes_on: bool) -> Look {
        self.begun += 1;
        let since = step.window.0.unwrap_or(BEGINNING);
        let floor = if goes_on { self.known_until().unwrap_or(since).max(since) } else { since };
        Look {
            top: step.at - MARGIN,
            floor,
            climbs: false,
            straight: true,
            reached: None,
            tail: None,
            pages: 0,
            posts: 0,
            torn: false,
            open: Vec::new(),
        }
    }

    /// A look has come to its end.
    fn end(&mut self, look: &Look, step: &Step) -> Vec<Hindrance> {
        if !look.torn {
            self.done += 1;
            self.last_done = Some(step.at);
        }
        let covered = look.at_end(step.reach);
        covered.into_iter().for_each(|stretch| self.covered.add(stretch));
        let (cause, why) = if look.torn {
            let why = "a page was refused again and again, or shows that something was passed over: what lies behind may be missing";
            (Cause::Refused, why.to_owned())
        } else {
            match step.reach {
                Reach::None => return Vec::new(),
                Reach::Newest(most) => {
                    (Cause::PageCap, format!("the platform shows only some {most} of its newest posts"))
                }
                Reach::Days(days) => (Cause::PageCap, format!("the platform shows only posts of the last {days} days")),
                Reach::Whole | Reach::Few => (Cause::PageCap, "the platform shows only its newest posts".to_owned()),
            }
        };
        let missing = look.whole().map(|whole| self.covered.missing(whole)).unwrap_or_default();
        missing.into_iter().map(|stretch| Hindrance { stretch, cause, why: why.clone(), at: step.at }).collect()
    }

    /// Notes that a look did not come to its end, and why; or that nobody asked since some time. Gives the stretches that this
    /// leaves open.
    pub fn note(
        &mut self,
        cause: Cause,
        why: &str,
        at: DateTime<Utc>,
        since: Option<DateTime<Utc>>,
        window: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    ) -> Vec<Hindrance> {
        let first = self.known_until().or(window.0).unwrap_or(BEGINNING);
        let mut open = Vec::new();
        if since.is_none() || self.since.is_none() {
            self.ask(at, window);
        }
        if let Some(since) = since {
            open.extend(Stretch::new(since, at));
        } else {
            self.trouble = Some((cause, self.trouble.filter(|(before, _)| *before == cause).map_or(at, |(_, at)| at)));
            let bound = window.1.unwrap_or(at).min(at);
            let (looks, covered) = (&self.looks, &self.covered);
            open.extend(looks.iter().filter_map(Look::whole).flat_map(|whole| covered.missing(whole)));
            open.extend(Stretch::new(first, bound));
        }
        open.into_iter().map(|stretch| Hindrance { stretch, cause, why: why.to_owned(), at }).collect()
    }

    /// Up to when the looks so far have come, or will when they end.
    fn known_until(&self) -> Option<DateTime<Utc>> {
        self.looks.iter().filter(|look| look.pages > 0).map(|look| look.top).chain(self.covered.end()).max()
    }

    fn ask(&mut self, at: DateTime<Utc>, (since, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>)) {
        let since = since.unwrap_or(BEGINNING);
        self.since = Some(self.since.map_or(since, |before| before.min(since)));
        self.until = until;
        self.first_asked = Some(self.first_asked.map_or(at, |before| before.min(at)));
        self.last_asked = self.last_asked.max(Some(at));
    }
}
