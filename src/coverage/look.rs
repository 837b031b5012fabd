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

/// What was written so shortly before an answer may not be in it: it was on its way, an index follows its network, clocks differ. The next
/// look reads it again, since it begins before it; where a tag is so hot that it cannot, what came in these seconds counts as late.
pub(super) const MARGIN: TimeDelta = TimeDelta::seconds(10);

/// What a kept page tells of the look that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The request that it answers.
    pub done: Request,
    /// Those that it leads to.
    pub next: Vec<Request>,
    /// When the answer was complete, by whichever clock is behind, ours or the server's.
    pub at: DateTime<Utc>,
    /// The same by our clock.
    pub now: DateTime<Utc>,
    /// The same by whichever clock is ahead.
    pub latest: DateTime<Utc>,
    /// Where the look goes.
    pub whither: Whither,
    /// How far such a look reaches at its end.
    pub reach: Reach,
    /// How far the page reaches.
    pub seen: Seen,
    /// Whether a look at the source begins with the newest post, whatever time it asks for.
    pub newest_first: bool,
    /// Whether the walk passed something over here, or ends although more may lie behind.
    pub torn: bool,
    /// Where a look that climbs begins, if that is known: just behind a known post.
    pub from: Option<DateTime<Utc>>,
    /// The same of the next look, where this page says it.
    pub next_from: Option<DateTime<Utc>>,
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
    },
    /// Nowhere: the page was refused. It will be asked for again if it leads to itself, and is given up if not.
    Refused,
    /// Nowhere: the page was refused, and where it leads another look begins.
    Instead,
}

/// How a look begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// With the newest post, where nothing was asked before.
    Anew,
    /// Where an earlier one ended.
    GoesOn,
    /// Where an earlier one ended that nobody kept a ledger of: how far that had come is not known.
    Unknown,
    /// With a page that was left by one that nobody kept a ledger of. Such a look covers nothing.
    Left,
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
    /// Whether a page of it was given up, or passes something over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    torn: bool,
    /// Whether a page of it was given up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    refused: bool,
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

    /// What it covers at its end, which comes at that time.
    fn at_end(&self, reach: Reach, end: DateTime<Utc>) -> Option<Stretch> {
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
            // Days pass while it walks.
            Reach::Days(days) => Stretch::new(self.floor.max(end - TimeDelta::days(i64::from(days))), self.top),
        }
    }
}

/// What is known of one source of one job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// What is covered.
    pub covered: Stretches,
    /// Up to when looks have come that are at their end, whether or not they covered it: the next begins there.
    pub gone_to: Option<DateTime<Utc>>,
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
    /// Posts on the pages that were read, each as often as it was shown.
    pub posts: u64,
    /// What it says of reach: of the last look.
    pub reach: Option<Reach>,
}

impl Ledger {
    /// Takes in a kept page. `begins`: how a look begins that no look before has asked for. Gives what is found to stand in the way.
    pub fn step(&mut self, step: &Step, begins: Begins) -> Vec<Hindrance> {
        self.cut(step.latest);
        self.ask(step.now, step.window);
        if let Whither::Heard { from, until } = step.whither {
            // What was sent last may still have been on its way when the stream was lost.
            self.covered.extend(Stretch::new(from, until - MARGIN));
            self.trouble = None;
            return Vec::new();
        }
        let mut look = match self.take(&step.done) {
            Some(look) => look,
            None => self.begin(step, begins),
        };
        look.open.retain(|request| *request != step.done);
        for next in &step.next {
            if !look.open.contains(next) {
                look.open.push(next.clone());
            }
        }
        look.straight &= look.open.len() < 2;
        let bound = step.window.1.unwrap_or(DateTime::<Utc>::MAX_UTC);
        // Where a tag is so hot that the next look begins later than that, what lies before its beginning has been read.
        let next_from = step.next_from.filter(|from| *from <= step.at);
        let top = (step.at - MARGIN).max(next_from.unwrap_or(BEGINNING)).min(bound);
        if step.whither == Whither::Instead {
            (look.torn, look.refused) = (true, true);
            if look.pages == 0 {
                look.top = top;
            }
            let found = self.end(&look, step);
            let instead = self.begin(step, Begins::GoesOn);
            self.looks.push(Look { open: step.next.clone(), ..instead });
            return found;
        }
        if step.whither == Whither::Refused {
            look.refused |= step.next.is_empty();
            look.torn |= look.refused;
            if look.pages == 0 {
                look.top = top;
            }
        } else {
            self.trouble = None;
            self.reach = Some(step.reach);
            let climbs = step.whither == Whither::Up;
            if look.climbs != climbs {
                // How far it has come the one way says nothing of the other.
                (look.climbs, look.reached) = (climbs, None);
            }
            // What climbs has come to the present with its last page, what goes back was there with its first.
            if look.climbs || look.pages == 0 {
                look.top = top;
            }
            if look.pages == 0 && begins == Begins::Unknown {
                // Nothing is known of the time before what this page shows.
                look.floor = step.seen.span.map_or(top, |(low, _)| low.max(look.floor));
            }
            look.pages += 1;
            look.posts += step.seen.posts;
            self.posts += step.seen.posts;
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
            self.covered.extend(look.so_far().filter(|_| step.reach != Reach::None));
            self.looks.push(look);
            return Vec::new();
        }
        self.end(&look, step)
    }

    /// The look that asked for this. Where several lead to it they become one, which covers nothing before its end.
    fn take(&mut self, done: &Request) -> Option<Look> {
        // What another server was asked for is asked no more.
        let origin = done.origin();
        self.looks.retain(|look| look.open.iter().any(|request| request.origin() == origin));
        let (mut asked, others) =
            std::mem::take(&mut self.looks).into_iter().partition(|look: &Look| look.open.contains(done));
        self.looks = others;
        let mut look: Look = asked.pop()?;
        for other in asked {
            (look.floor, look.top) = (look.floor.min(other.floor), look.top.max(other.top));
            look.straight = false;
            (look.torn, look.refused) = (look.torn || other.torn, look.refused || other.refused);
            (look.pages, look.posts) = (look.pages + other.pages, look.posts + other.posts);
            look.open.extend(other.open);
        }
        Some(look)
    }

    /// Begins a look.
    fn begin(&mut self, step: &Step, begins: Begins) -> Look {
        self.begun += u64::from(begins != Begins::Left);
        let since = step.window.0.unwrap_or(BEGINNING);
        let floor = match begins {
            Begins::GoesOn => {
                // A post that is dated later than the answer says nothing.
                let from = step.from.filter(|from| *from <= step.at);
                from.or(self.come_to()).unwrap_or(since).max(since)
            }
            Begins::Anew | Begins::Unknown => since,
            Begins::Left => step.at,
        };
        Look {
            top: step.at - MARGIN,
            floor,
            climbs: false,
            straight: begins != Begins::Left,
            reached: None,
            tail: None,
            pages: 0,
            posts: 0,
            torn: begins == Begins::Left,
            refused: false,
            open: Vec::new(),
        }
    }

    /// Whether a look under way has asked for this.
    pub fn has_asked_for(&self, done: &Request) -> bool {
        self.looks.iter().any(|look| look.open.contains(done))
    }

    /// The stretches that looks under way were sent for.
    pub fn under_way(&self) -> impl Iterator<Item = Stretch> {
        self.looks.iter().filter_map(Look::whole)
    }

    /// A look has come to its end.
    fn end(&mut self, look: &Look, step: &Step) -> Vec<Hindrance> {
        if !look.torn {
            self.done += 1;
            self.last_done = Some(step.at);
        }
        // Where nothing was shown, the next asks the same; what climbs goes on where it has come to; what was left by a look that nobody
        // kept a ledger of says nothing.
        if look.posts > 0 && !look.climbs && look.whole().is_some() {
            self.gone_to = self.gone_to.max(DateTime::from_timestamp(look.top.timestamp(), 0));
        }
        self.covered.extend(look.at_end(step.reach, step.at));
        let (cause, why) = if look.refused {
            (Cause::Refused, "a page was refused again and again: what lies behind may be missing".to_owned())
        } else if look.torn {
            (Cause::PassedOver, "what lies behind may be missing".to_owned())
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
        let first = self.come_to().or(window.0).unwrap_or(BEGINNING);
        let mut open = Vec::new();
        if since.is_none() || self.since.is_none() {
            self.ask(at, window);
        }
        if let Some(since) = since {
            open.extend(Stretch::new(since, at));
        } else {
            self.trouble = Some((cause, self.trouble.filter(|(before, _)| *before == cause).map_or(at, |(_, at)| at)));
            let bound = window.1.unwrap_or(at).min(at);
            open.extend(self.under_way().flat_map(|whole| self.covered.missing(whole)));
            open.extend(Stretch::new(first, bound));
        }
        open.into_iter().map(|stretch| Hindrance { stretch, cause, why: why.to_owned(), at }).collect()
    }

    /// Up to when the looks so far have come, or will when they end.
    fn come_to(&self) -> Option<DateTime<Utc>> {
        // In whole seconds, as what they have covered is.
        let under_way = self.looks.iter().filter(|look| look.pages > 0);
        let under_way = under_way.filter_map(|look| DateTime::from_timestamp(look.top.timestamp(), 0));
        under_way.chain(self.covered.end()).chain(self.gone_to).max()
    }

    /// What is called covered and is still to come was read by a clock that ran ahead. Of what it claimed and has passed since, nobody
    /// knows when it was truly read: that stays. Only an answer takes something back: a clock that nobody answers may itself be behind.
    fn cut(&mut self, now: DateTime<Utc>) {
        self.covered.cut(now);
        self.gone_to = self.gone_to.map(|to| to.min(now));
        self.looks.iter_mut().for_each(|look| look.top = look.top.min(now));
    }

    fn ask(&mut self, at: DateTime<Utc>, (since, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>)) {
        let since = since.unwrap_or(BEGINNING);
        self.since = Some(self.since.map_or(since, |before| before.min(since)));
        self.until = until;
        self.first_asked = Some(self.first_asked.map_or(at, |before| before.min(at)));
        // Not the greatest: the clock may have run ahead.
        self.last_asked = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_323_200 + hour * 3600, 0).unwrap()
    }

    fn request(name: &str) -> Request {
        Request::get(format!("https://a.example/{name}"))
    }

    /// A page that answers a request at that hour, leads to others, and reaches from one hour to another.
    fn page(hour: i64, done: &str, next: &[&str], span: Option<(i64, i64)>) -> Step {
        let span = span.map(|(low, high)| (at(low), at(high)));
        Step {
            done: request(done),
            next: next.iter().map(|name| request(name)).collect(),
            at: at(hour),
            whither: Whither::Back,
            reach: Reach::Whole,
            seen: Seen { posts: 40, span, tail: span.map(|(low, _)| low) },
            now: at(hour),
            latest: at(hour),
            newest_first: true,
            torn: false,
            from: None,
            next_from: None,
            window: (None, None),
        }
    }

    /// What is covered, in hours; the minute of margin is left out.
    fn covered(ledger: &Ledger) -> Vec<(i64, i64)> {
        let hour = |time: DateTime<Utc>| (time + TimeDelta::minutes(2) - at(0)).num_hours();
        let from = |time| if time == BEGINNING { i64::MIN } else { hour(time) };
        ledger.covered.iter().map(|stretch| (from(stretch.since), hour(stretch.until))).collect()
    }

    #[test]
    fn a_look_covers_what_it_has_reached_and_at_its_end_all() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.step(&page(100, "first", &["2"], Some((90, 99))), Begins::Anew), []);
        assert_eq!(covered(&ledger), [(90, 100)]);
        ledger.step(&page(101, "2", &["3"], Some((50, 89))), Begins::Anew);
        assert_eq!(covered(&ledger), [(50, 100)], "up to its beginning, not to its latest page");
        ledger.step(&page(102, "3", &[], None), Begins::Anew);
        assert_eq!(covered(&ledger), [(i64::MIN, 100)]);
        ledger.step(&page(110, "later", &[], Some((95, 109))), Begins::GoesOn);
        assert_eq!((covered(&ledger), ledger.begun, ledger.done), (vec![(i64::MIN, 110)], 2, 2));
    }

    #[test]
    fn of_two_branches_neither_covers_anything_alone() {
        let mut ledger = Ledger::default();
        ledger.step(&page(100, "first", &["posts", "comments"], Some((90, 99))), Begins::Anew);
        ledger.step(&page(100, "posts", &[], Some((50, 99))), Begins::Anew);
        assert_eq!(covered(&ledger), []);
        ledger.step(&page(100, "comments", &[], None), Begins::Anew);
        assert_eq!(covered(&ledger), [(i64::MIN, 100)]);
    }

    #[test]
    fn where_a_platform_shows_only_so_much_the_rest_is_a_gap() {
        for (reach, first, low, expected) in [
            (Reach::Newest(30), 100, 90, vec![(90, 100)]),
            (Reach::Newest(50), 100, 90, vec![(i64::MIN, 100)]),
            (Reach::Few, 100, 90, vec![(90, 100)]),
            (Reach::None, 100, 90, vec![]),
        ] {
            let mut ledger = Ledger::default();
            let found = ledger.step(&Step { reach, ..page(first, "first", &[], Some((low, 99))) }, Begins::Anew);
            assert_eq!(covered(&ledger), expected, "{reach:?}");
            assert_eq!(found.len(), usize::from(expected == [(90, 100)]), "{reach:?}");
        }
        // Two looks that overlap leave no gap; two that do not leave one.
        let mut ledger = Ledger::default();
        let few = |hour, low| Step { reach: Reach::Few, ..page(hour, "feed", &[], Some((low, hour - 1))) };
        ledger.step(&few(100, 90), Begins::Anew);
        assert_eq!(ledger.step(&few(105, 95), Begins::GoesOn), []);
        let gap = ledger.step(&few(120, 110), Begins::GoesOn);
        assert_eq!(covered(&ledger), [(90, 105), (110, 120)]);
        assert_eq!((gap.len(), gap[0].cause), (1, Cause::PageCap));
    }

    #[test]
    fn days_pass_while_a_look_walks() {
        let mut ledger = Ledger::default();
        let days = |step| Step { reach: Reach::Days(7), ..step };
        ledger.step(&days(page(200, "first", &["2"], Some((150, 199)))), Begins::Anew);
        ledger.step(&days(page(272, "2", &[], Some((120, 149)))), Begins::Anew);
        assert_eq!(covered(&ledger), [(104, 200)], "what is no more shown when it ends was not read");
    }

    #[test]
    fn what_nobody_kept_a_ledger_of_is_not_claimed() {
        let mut ledger = Ledger::default();
        ledger.step(&page(100, "later", &[], Some((90, 99))), Begins::Unknown);
        assert_eq!(covered(&ledger), [(90, 100)]);
        let mut ledger = Ledger::default();
        ledger.step(&page(100, "left", &["2"], Some((10, 20))), Begins::Left);
        assert_eq!(ledger.step(&page(100, "2", &[], None), Begins::Anew), []);
        assert_eq!(covered(&ledger), []);
    }

    #[test]
    fn a_climb_covers_what_lies_above_the_post_from_which_it_begins() {
        let up = |hour, done, from: Option<i64>| Step {
            whither: Whither::Up,
            from: from.map(at),
            ..page(hour, done, &[], Some((hour - 1, hour - 1)))
        };
        for (from, expected) in [
            // The look before was torn at its first page: what lies below where this one begins is not known.
            (Some(99), vec![(99, 110)]),
            // It begins before the hole, and reads it.
            (Some(40), vec![(40, 110)]),
            // A date that is still to come is none.
            (Some(999), vec![(100, 110)]),
            (None, vec![(100, 110)]),
        ] {
            let mut ledger = Ledger { since: Some(BEGINNING), ..Ledger::default() };
            let torn = Step { torn: true, ..page(100, "first", &[], Some((90, 99))) };
            ledger.step(&torn, Begins::Anew);
            ledger.step(&up(110, "later", from), Begins::GoesOn);
            assert_eq!(covered(&ledger), expected, "{from:?}");
        }
    }

    #[test]
    fn a_page_that_leads_elsewhere_ends_its_look() {
        let mut ledger = Ledger::default();
        ledger.step(&page(10, "first", &[], Some((1, 9))), Begins::Anew);
        let up = Step { whither: Whither::Up, from: Some(at(9)), ..page(100, "later", &["on"], Some((10, 40))) };
        ledger.step(&up, Begins::GoesOn);
        let refused = Step { whither: Whither::Instead, ..page(100, "on", &["feed"], None) };
        let left = ledger.step(&refused, Begins::Anew);
        assert_eq!(covered(&ledger), [(i64::MIN, 40)], "nothing above the page that was refused");
        assert_eq!((left.len(), left[0].cause, left[0].stretch.since), (1, Cause::Refused, at(40)));
        // The feed is a look of its own.
        let feed = Step { reach: Reach::Few, ..page(101, "feed", &[], Some((90, 100))) };
        ledger.step(&feed, Begins::Anew);
        assert_eq!(covered(&ledger), [(i64::MIN, 40), (90, 101)]);
    }

    #[test]
    fn what_a_clock_that_ran_ahead_claimed_is_taken_back() {
        let mut ledger = Ledger::default();
        ledger.step(&page(100, "first", &[], Some((90, 99))), Begins::Anew);
        ledger.step(&page(124, "later", &[], Some((110, 123))), Begins::GoesOn);
        ledger.note(Cause::Down, "no answer", at(101), None, (None, None));
        ledger.step(&page(105, "later", &[], Some((104, 104))), Begins::GoesOn);
        assert_eq!(covered(&ledger), [(i64::MIN, 105)]);
    }

    #[test]
    fn a_clock_that_is_behind_takes_nothing_back() {
        let mut ledger = Ledger::default();
        ledger.step(&page(100, "first", &[], Some((90, 99))), Begins::Anew);
        ledger.note(Cause::Down, "no answer", at(-20_000), None, (None, None));
        // The server knows what time it is.
        ledger.step(&Step { at: at(-20_000), now: at(-20_000), ..page(100, "later", &[], None) }, Begins::GoesOn);
        assert_eq!(covered(&ledger), [(i64::MIN, 100)]);
    }

    #[test]
    fn a_look_that_was_cut_leaves_no_second_without_a_cause() {
        let mut ledger = Ledger::default();
        let later = at(100) + TimeDelta::milliseconds(400);
        ledger.step(
            &Step { at: later, now: later, latest: later, ..page(100, "first", &["2"], Some((90, 99))) },
            Begins::Anew,
        );
        let found = ledger.note(Cause::PageLimit, "enough", later + TimeDelta::seconds(1), None, (None, None));
        assert!(found.iter().any(|found| Some(found.stretch.since) == ledger.covered.end()), "{found:?}");
    }

    #[test]
    fn where_the_next_look_begins_nothing_is_left_out() {
        let mut ledger = Ledger::default();
        // The next begins four seconds before the answer: the tag is hot.
        let hot = |hour| at(hour) - TimeDelta::seconds(4);
        let first = Step { next_from: Some(hot(100)), ..page(100, "first", &[], Some((90, 99))) };
        ledger.step(&first, Begins::Anew);
        let whither = Whither::Up;
        let later = Step {
            whither,
            from: Some(hot(100)),
            next_from: Some(hot(101)),
            ..page(101, "later", &[], Some((100, 100)))
        };
        assert_eq!(ledger.step(&later, Begins::GoesOn), []);
        let whole = Stretch { since: BEGINNING, until: hot(101) };
        assert_eq!(ledger.covered.iter().collect::<Vec<_>>(), [&whole]);
        // A date that is still to come is none.
        let later = Step { from: Some(hot(101)), next_from: Some(at(999)), at: at(102), ..later };
        ledger.step(&later, Begins::GoesOn);
        assert_eq!(ledger.covered.end(), Some(at(102) - MARGIN));
    }

    #[test]
    fn looks_that_lead_to_one_page_become_one() {
        let mut ledger = Ledger::default();
        ledger.step(&page(100, "first", &["deep"], Some((90, 99))), Begins::Anew);
        // The next look leads to the same page, and so would never come to its end.
        ledger.step(&page(110, "later", &["deep"], Some((95, 109))), Begins::GoesOn);
        ledger.step(&page(111, "deep", &[], None), Begins::Anew);
        assert_eq!((covered(&ledger), ledger.looks.len()), (vec![(i64::MIN, 110)], 0));
        // And what another server was asked for is asked no more.
        ledger.step(&page(120, "later", &["deeper"], Some((115, 119))), Begins::GoesOn);
        let moved = Step { done: Request::get("https://b.example/first"), ..page(130, "", &[], Some((125, 129))) };
        ledger.step(&moved, Begins::GoesOn);
        assert_eq!(ledger.looks.len(), 0);
    }

    #[test]
    fn what_was_given_up_is_a_gap() {
        let mut ledger = Ledger::default();
        ledger.step(&page(100, "first", &["2"], Some((90, 99))), Begins::Anew);
        let refused = Step { whither: Whither::Refused, ..page(101, "2", &[], None) };
        let found = ledger.step(&refused, Begins::Anew);
        assert_eq!(covered(&ledger), [(90, 100)]);
        assert_eq!((found.len(), found[0].cause, found[0].stretch.since), (1, Cause::Refused, BEGINNING));
        assert_eq!((ledger.begun, ledger.done), (1, 0));
    }

    #[test]
    fn a_trouble_leaves_open_what_the_look_should_have_covered() {
        let mut ledger = Ledger::default();
        ledger.step(&page(100, "first", &[], Some((90, 99))), Begins::Anew);
        let found = ledger.note(Cause::Down, "no answer", at(110), None, (None, None));
        let hours: Vec<_> = found.iter().map(|found| (found.stretch.since, found.stretch.until)).collect();
        assert_eq!(hours, [(at(100) - MARGIN, at(110))]);
        assert_eq!(ledger.trouble, Some((Cause::Down, at(110))));
        ledger.note(Cause::Down, "no answer", at(111), None, (None, None));
        assert_eq!(ledger.trouble, Some((Cause::Down, at(110))), "since when it stands in the way");
        ledger.step(&page(112, "later", &[], None), Begins::GoesOn);
        assert_eq!((ledger.trouble, covered(&ledger)), (None, vec![(i64::MIN, 112)]));
    }
}
