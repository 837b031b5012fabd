//! Looks again at posts that the archive holds: whether they are still there, as they were.
//!
//! An edit is a new revision, a deletion a state with a time, and so is what the platform answers instead; nothing is ever taken
//! out. Which posts are due, a rule says; those that were quoted or clipped are looked at once a day, for a year. A server in
//! trouble costs the posts of others nothing: it is left alone for the rest of the round.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{Puller, Purse, Task};
use crate::exchange::{Facts, Known, Request};
use crate::ingest::{IngestError, Reasons};
use crate::platform;
use crate::schedule::Recheck;
use crate::store::{Standing, Watched};

/// What stands behind the name of a platform for the answers of re-checks.
const RECHECK: &str = "(re-check)";

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
    /// Those that are withheld, or not shown.
    pub withheld: u64,
    /// Those that could not be looked at, by reason.
    pub failed: Reasons,
    /// Requests that it took.
    pub requests: u64,
    /// When the next post is due; `None` if none is.
    pub next: Option<DateTime<Utc>>,
}

/// When a post is due.
fn due(watched: &Watched, rule: &Recheck, is_chosen: bool) -> Option<DateTime<Utc>> {
    let last = watched.last.unwrap_or(watched.had).max(watched.had);
    let next = rule.next(watched.had, last);
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
        let (chosen, mut waiting) = (self.keeper.borrow().chosen(), Vec::new());
        self.keeper.borrow().watched(&first.job, now - rule.until(), &chosen, |watched| {
            match due(&watched, rule, chosen.contains(&watched.key)) {
                Some(at) if at <= now => waiting.push((at, watched)),
                Some(at) => told.next = told.next.into_iter().chain([at]).min(),
                None => {}
            }
        })?;
        waiting.sort_by(|(at, a), (other, b)| (at, &a.key).cmp(&(other, &b.key)));
        if waiting.len() > MOST {
            told.next = Some(now);
            waiting.truncate(MOST);
        }
        let (mut stop, mut ill) = (self.stop.clone(), HashSet::new());
        for (_, watched) in waiting {
            let Some((task, request)) = asked(tasks, &watched) else {
                told.failed.add("its platform cannot be asked for one post", &watched.key);
                continue;
            };
            let server = request.origin().unwrap_or_default();
            if ill.contains(&server) {
                told.failed.add("its server is in trouble", &watched.key);
                continue;
            }
            let worst = task.platform.live.and_then(|live| live.price).map_or(0, |price| (price.worst)(&request));
            let booking = match purse.book(&task.budget, worst) {
                Ok(booking) => booking,
                Err(why) => {
                    told.failed.add(&why, &watched.key);
                    break;
                }
            };
            let sent = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                sent = self.transport.send(&request) => sent,
            };
            drop(booking);
            purse.spend(u64::from(sent.requests), 0, 0.0);
            told.requests += u64::from(sent.requests);
            let facts = |platform: &str, known: Option<Known>| Facts {
                known,
                ..self.facts(task, &format!("{} {RECHECK}", task.platform.name), platform)
            };
            let mut keeper = self.keeper.borrow_mut();
            for exchange in sent.before {
                keeper.append(exchange, facts("", None))?;
            }
            let answer = match sent.answer {
                Ok(answer) => answer,
                Err(error) => {
                    keeper.flush()?;
                    ill.insert(server);
                    told.failed.add(&super::failure(&error), &watched.key);
                    continue;
                }
            };
            let known = known(&watched, &server);
            let kept = keeper.append(answer, facts(task.platform.name, Some(known)))?;
            let tally = keeper.flush()?;
            told.looked += 1;
            match kept.standing {
                Some(Standing::There) if tally.changed > 0 => told.changed += 1,
                Some(Standing::There) => told.there += 1,
                Some(Standing::Gone) => told.gone += 1,
                Some(Standing::Withheld | Standing::NotShown) => told.withheld += 1,
                None => {
                    ill.insert(server);
                    told.failed.add(&kept.problem.unwrap_or_else(|| format!("answered {}", kept.status)), &watched.key);
                }
            }
        }
        Ok(())
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

fn known(watched: &Watched, server: &str) -> Known {
    let host = |address: &str| Url::parse(address).ok().map(|url| url.origin().ascii_serialization());
    // Only the server of a post can say that it is gone; an address that is no web address has no such server.
    let home = watched.uri.as_deref().and_then(host).filter(|origin| origin.starts_with("http"));
    Known {
        key: watched.key.clone(),
        platform: watched.platform.clone(),
        uri: watched.uri.clone(),
        server: Some(server.to_owned()),
        id: watched.id.clone(),
        is_own: home.is_none_or(|home| home == server),
    }
}
