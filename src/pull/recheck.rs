//! Looks again at posts that the archive holds: whether they are still there, as they were.
//!
//! An edit is a new revision, a deletion a state with a time, and so is what the platform answers instead; nothing is ever taken
//! out. Which posts are due, a rule says; those that were quoted or clipped are looked at once a day, for a year. A server in
//! trouble costs the posts of others nothing: it is left alone for the rest of the round.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{Puller, Purse, Task, used};
use crate::coverage::RECHECK;
use crate::exchange::{Facts, Known, Request};
use crate::ingest::{IngestError, Reasons};
use crate::platform;
use crate::schedule::Recheck;
use crate::store::{Standing, Watched};

/// The most posts that one round looks at.
const MOST: usize = 100;

/// How often what was quoted or clipped is looked at, and for how long.
const CHOSEN: (TimeDelta, TimeDelta) = (TimeDelta::days(1), TimeDelta::days(365));

/// What a round of re-checks gave.
#[derive(Debug, Clone, Default)]
pub struct Rechecks {
    /// Posts that were looked at.
    pub looked: u64,
    /// Those that are shown as before.
    pub there: u64,
    /// Those that have changed.
    pub changed: u64,
    /// Those that are gone.
    pub gone: u64,
    /// Those that are withheld.
    pub withheld: u64,
    /// Those in whose place something else, or nothing, is shown.
    pub not_shown: u64,
    /// Those that were asked for, and of which the answer says nothing, by reason.
    pub failed: Reasons,
    /// Those that were due and not asked for: their server is in trouble, the budget is used up, or all was stopped.
    pub left: u64,
    /// Why those were left that the budget did not allow, if it did not.
    pub why: Option<String>,
    /// Those that were due and that nobody can be asked for: their platform shows no single post, or their address leads inside.
    pub unaskable: u64,
    /// Requests that it took.
    pub requests: u64,
    /// When the next post is due; `None` if none is.
    pub next: Option<DateTime<Utc>>,
    /// How long it took to find out which are due.
    pub took: Duration,
}

/// One that could not be looked at waits so long, so that it keeps no other waiting.
const AGAIN: TimeDelta = TimeDelta::hours(1);

/// A post that is due. Of two the one that is due later is the greater.
#[derive(PartialEq, Eq)]
struct Waiting {
    at: DateTime<Utc>,
    watched: Watched,
}

impl Ord for Waiting {
    fn cmp(&self, other: &Waiting) -> Ordering {
        (self.at, &self.watched.key).cmp(&(other.at, &other.watched.key))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Waiting) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// When the rule wants a post looked at again, and for how long before that nobody need have done so. Another job's rule may have had
/// it looked at a moment ago.
fn next(watched: &Watched, rule: &Recheck) -> Option<(DateTime<Utc>, TimeDelta)> {
    let next = rule.next(watched.had, watched.last.unwrap_or(watched.had).max(watched.had))?;
    let half = rule.step(watched.had, next) / 2;
    Some((watched.last.map_or(next, |last| next.max(last + half)), half))
}

/// When a post is due.
fn due(watched: &Watched, rule: &Recheck, is_chosen: bool) -> Option<DateTime<Utc>> {
    let last = watched.last.unwrap_or(watched.had).max(watched.had);
    let next = next(watched, rule).map(|(at, _)| at);
    if !is_chosen {
        return next;
    }
    let daily = Some(last + CHOSEN.0).filter(|at| *at < watched.had + CHOSEN.1);
    next.into_iter().chain(daily).min()
}

impl Puller<'_> {
    /// Looks again at the posts of a job that are due, those first that have waited longest.
    pub async fn recheck(&self, tasks: &[Task], rule: &Recheck, purse: &Purse) -> (Rechecks, Option<IngestError>) {
        let mut told = Rechecks::default();
        let fault = self.round(tasks, rule, purse, &mut told).await.err();
        (told, fault)
    }

    async fn round(
        &self,
        tasks: &[Task],
        rule: &Recheck,
        purse: &Purse,
        told: &mut Rechecks,
    ) -> Result<(), IngestError> {
        let Some(first) = tasks.first() else { return Ok(()) };
        let now = self.clock.now();
        let since = Instant::now();
        self.put_off.borrow_mut().retain(|_, until| *until > now);
        let (chosen, mut waiting) = (self.keeper.borrow().chosen(), BinaryHeap::new());
        self.keeper.borrow().watched(&first.job, now - rule.until(), &chosen, |watched| {
            let put_off = self.put_off.borrow().get(&watched.key).copied();
            let at = due(&watched, rule, chosen.contains(&watched.key)).map(|at| at.max(put_off.unwrap_or(at)));
            match at {
                // One that cannot be asked for would stand in the way of all others.
                Some(at) if at <= now && self.may_be_asked(tasks, &watched) => {
                    waiting.push(Waiting { at, watched });
                    if waiting.len() > MOST {
                        waiting.pop();
                        told.next = Some(now);
                    }
                }
                Some(at) if at <= now => told.unaskable += 1,
                Some(at) => told.next = told.next.into_iter().chain([at]).min(),
                None => {}
            }
        })?;
        told.took = since.elapsed();
        let (mut stop, mut ill): (_, HashMap<String, u32>) = (self.stop.clone(), HashMap::new());
        told.left = waiting.len() as u64;
        for Waiting { watched, .. } in waiting.into_sorted_vec() {
            // The round of another job, at the same time, has it looked at.
            let is_taken = self.put_off.borrow().get(&watched.key).is_some_and(|until| *until > now);
            let Some((task, request)) = asked(tasks, &watched).filter(|_| !is_taken) else {
                told.left -= 1;
                continue;
            };
            let server = request.origin().unwrap_or_default();
            if ill.get(&server).is_some_and(|failures| *failures > 1) {
                continue;
            }
            let worst = task.platform.live.and_then(|live| live.price).map_or(0, |price| (price.worst)(&request));
            let booking = match purse.book(&task.budget, worst) {
                Ok(booking) => booking,
                Err(why) => {
                    told.why = Some(why);
                    break;
                }
            };
            let half = next(&watched, rule).map_or(AGAIN, |(_, half)| half);
            self.put_off.borrow_mut().insert(watched.key.clone(), self.clock.now() + half);
            let sent = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                sent = self.transport.send(&request) => sent,
            };
            drop(booking);
            told.left -= 1;
            let (units, dollars) = used(task, &request, &sent);
            purse.spend(u64::from(sent.requests), units, dollars);
            told.requests += u64::from(sent.requests);
            let facts = |platform: &str, known: Option<Known>| Facts {
                known,
                ..self.facts(task, &format!("{}{RECHECK}", task.platform.name), platform)
            };
            let mut keeper = self.keeper.borrow_mut();
            for exchange in sent.before {
                keeper.append(exchange, facts("", None))?;
            }
            let answer = match sent.answer {
                Ok(answer) => answer,
                Err(error) => {
                    keeper.flush()?;
                    *ill.entry(server).or_default() += 1;
                    self.put_off.borrow_mut().insert(watched.key.clone(), now + AGAIN);
                    told.failed.add(&super::failure(&error), &watched.key);
                    continue;
                }
            };
            let known = known(&watched.key, &watched.platform, watched.uri.as_deref(), watched.id.as_deref(), &server);
            let redirected = (answer.request.clone().asked() != request).then(|| request.clone());
            let facts = Facts { asked: redirected, ..facts(task.platform.name, Some(known)) };
            let kept = keeper.append(answer, facts)?;
            let tally = keeper.flush()?;
            told.looked += 1;
            match kept.standing {
                Some(Standing::There) if tally.changed > 0 => told.changed += 1,
                Some(Standing::There) => told.there += 1,
                Some(Standing::Gone) => told.gone += 1,
                Some(Standing::Withheld) => told.withheld += 1,
                Some(Standing::NotShown) => told.not_shown += 1,
                None => {
                    *ill.entry(server).or_default() += 1;
                    self.put_off.borrow_mut().insert(watched.key.clone(), now + AGAIN);
                    told.failed.add(&kept.problem.unwrap_or_else(|| format!("answered {}", kept.status)), &watched.key);
                }
            }
        }
        Ok(())
    }
}

impl Puller<'_> {
    /// Whether a post can be asked for at all. A stranger's address leads to no host inside, unless a source is there.
    fn may_be_asked(&self, tasks: &[Task], watched: &Watched) -> bool {
        let Some((_, request)) = asked(tasks, watched) else { return false };
        let is_inside = Url::parse(&request.url).is_ok_and(|url| self.transport.may_be_private(&url));
        let origin = request.origin();
        !is_inside || tasks.iter().any(|task| task.first().is_ok_and(|first| first.origin() == origin))
    }
}

/// The request for a post, and the task of the job whose ways it is asked in. A credential goes nowhere but home.
fn asked<'t>(tasks: &'t [Task], watched: &Watched) -> Option<(&'t Task, Request)> {
    let address = watched.url.as_deref().or(watched.uri.as_deref())?;
    let url = platform::address_of(address)?;
    let own = || tasks.iter().filter(|task| task.platform.name == watched.platform);
    let ways = own().filter_map(|task| {
        let mut request = (task.platform.one?)(&url, false, &task.server)?.ok()?;
        let home = task.platform.live.and_then(|live| (live.check)(&task.server).ok()?.origin());
        if request.origin() != home {
            request.auth = None;
        }
        Some((task, request))
    });
    // Where several would do, the one that may show its credential.
    ways.max_by_key(|(_, request)| request.auth.is_some())
}

/// A post of the archive as the capture names it for which its server was asked again. `uri` and `id`: its own, as far as known.
pub fn known(key: &str, platform: &str, uri: Option<&str>, id: Option<&str>, server: &str) -> Known {
    let host = |address: &str| Url::parse(address).ok().map(|url| url.origin().ascii_serialization());
    // Only the server of a post can say that it is gone; an address that is no web address has no such server.
    let home = uri.and_then(host).filter(|origin| origin.starts_with("http"));
    Known {
        key: key.to_owned(),
        platform: platform.to_owned(),
        uri: uri.map(str::to_owned),
        server: Some(server.to_owned()),
        id: id.map(str::to_owned),
        is_own: home.is_none_or(|home| home == server),
    }
}
