//! Live and recorded pulls: what a pull asks for, what its sources share, and what is noted of them; `walk` is the one loop over pages.
//!
//! A source's state is a list of requests still to be sent (`pending`) and the one that brings what is newer
//! (`later`). Both are committed with the page that gave them, so a pull that is stopped anywhere goes on there.
//! Paging itself is the platform's, politeness is `http`'s, keeping is `ingest`'s.

mod budget;
mod estimate;
mod follow;
mod media;
mod purses;
mod recheck;
mod report;
mod walk;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Mutex, watch};

pub use budget::{Budget, Purse, money};
pub use estimate::{Estimate, estimate};
pub use follow::{Filled, Gap, Listened, follow};
pub use media::MediaReport;
pub use purses::{Period, Purses};
pub use recheck::{Rechecks, known};
pub use report::{End, Report};
use walk::Walk;

use crate::clock::Clock;
use crate::coverage::Cause;
use crate::exchange::{Facts, Known, Note, Request};
use crate::http::{Fault, HttpError, Sent, Transport};
use crate::ingest::{IngestError, Keeper};
use crate::platform::{Platform, Query, Source, SourceError};

/// One source of one job, ready to be asked.
#[derive(Debug, Clone)]
pub struct Task {
    /// Name of the job.
    pub job: String,
    /// Name of the source and its tag: `mastodon:mastodon.social#IStandWithKenLoach`.
    pub source: String,
    /// The platform.
    pub platform: &'static Platform,
    /// Whom to ask.
    pub server: Source,
    /// What to ask.
    pub begin: Begin,
    /// Most pages in this pull.
    pub max_pages: u32,
    /// The most that this pull of the job may use up, over all its sources.
    pub budget: Budget,
    /// Kinds of media that are fetched (`image`, `video`, `gif`, `audio`, `unknown`); none if only their addresses are kept.
    pub media: Vec<String>,
}

/// With what a source begins where nothing was pulled before.
#[derive(Debug, Clone)]
pub enum Begin {
    /// A query, of which the platform makes a request.
    Query(Query),
    /// A request: for one post by its address, say.
    Request(Request),
    /// A request for a post that the archive holds: the answer says whether it is there still, and leads nowhere.
    Again(Request, Known),
}

impl Task {
    /// The request with which it begins where nothing was pulled before.
    ///
    /// # Errors
    /// The platform cannot be pulled, or not from there.
    pub fn first(&self) -> Result<Request, SourceError> {
        match (&self.begin, self.platform.live) {
            (Begin::Request(request) | Begin::Again(request, _), _) => Ok(request.clone()),
            (Begin::Query(query), Some(live)) => (live.first)(query, &self.server),
            (Begin::Query(_), None) => {
                Err(SourceError(format!("{} can be imported, but not pulled", self.platform.title)))
            }
        }
    }
}

/// Something for each source, by job and name.
type BySource<T> = HashMap<(String, String), T>;

/// What the sources of a pull have in common. Several may be at work by turns, on one thread: what they share is borrowed
/// from one wait to the next, and never over one.
pub struct Puller<'k> {
    /// Where answers come from.
    pub transport: &'k Transport,
    /// The archive.
    pub keeper: RefCell<&'k mut Keeper>,
    /// Name of the run.
    pub run: &'k str,
    /// Becomes true when all is to stop.
    pub stop: watch::Receiver<bool>,
    /// What time it is.
    pub clock: Clock,
    /// Is told after every page.
    pub on_page: RefCell<&'k mut dyn FnMut(&Report)>,
    /// Whose turn it is at each source: two walks at once would take each other's requests.
    turns: RefCell<BySource<Rc<Mutex<()>>>>,
    /// Posts that could not be looked at again, and until when they wait.
    put_off: RefCell<HashMap<String, DateTime<Utc>>>,
    /// What was noted last of each source, and when.
    noted: RefCell<BySource<(Cause, DateTime<Utc>)>>,
}

/// Runs the tasks one after the other. A source that fails costs the others nothing.
///
/// `reports` gets one for every source that was asked, also when an error ends it all.
///
/// # Errors
/// Only when the archive cannot be written: a full disk, say. What was committed before stays.
pub async fn run(tasks: &[Task], puller: &Puller<'_>, reports: &mut Vec<Report>) -> Result<(), IngestError> {
    let (mut purses, now) = (Purses::default(), puller.clock.now());
    for task in tasks {
        let purse = purses.of(task, now, puller)?;
        let (report, fault) = puller.look(task, &purse).await;
        reports.push(report);
        if let Some(error) = fault {
            return Err(error);
        }
    }
    Ok(())
}

/// How a walk ended, and what ends all others with it. Why it did not come to its end stands in its report.
fn ended(end: Result<End, Trouble>, report: &mut Report) -> Option<IngestError> {
    let (end, cause, fault) = match end {
        Ok(end) => {
            let cause = end.cause().or(report.cause);
            (end, cause, None)
        }
        Err(Trouble::Source(cause, message) | Trouble::Closed(cause, message) | Trouble::Page(cause, message)) => {
            (End::Failed(message), Some(cause), None)
        }
        // What could not be written down cannot be noted, either.
        Err(Trouble::Archive(error)) => (End::Failed(error.to_string()), None, Some(error)),
    };
    (report.end, report.cause) = (end, cause);
    fault
}

/// What stops a walk, with what the ledger of coverage calls it.
enum Trouble {
    /// The source cannot be reached, or not as configured.
    Source(Cause, String),
    /// The source wants to be left alone.
    Closed(Cause, String),
    /// The source answered, but this page gave nothing; other pages may.
    Page(Cause, String),
    /// The archive cannot be written.
    Archive(IngestError),
}

impl From<IngestError> for Trouble {
    fn from(error: IngestError) -> Trouble {
        if error.spares_the_archive() {
            Trouble::Source(Cause::Unreadable, error.to_string())
        } else {
            Trouble::Archive(error)
        }
    }
}

impl From<SourceError> for Trouble {
    fn from(error: SourceError) -> Trouble {
        Trouble::Source(Cause::Refused, error.to_string())
    }
}

impl From<HttpError> for Trouble {
    fn from(error: HttpError) -> Trouble {
        match error {
            HttpError::RateLimited { .. } => Trouble::Closed(Cause::RateLimit, failure(&error)),
            // What our own rules forbid is no silence of the server.
            HttpError::Failed { fault: Fault::Private(_) | Fault::Untrusted(_), .. } => {
                Trouble::Source(Cause::Refused, failure(&error))
            }
            HttpError::Failed { fault: Fault::TooLarge(_), .. } => Trouble::Source(Cause::Unreadable, failure(&error)),
            HttpError::Failed { .. } | HttpError::Login { status: 500.., .. } => {
                Trouble::Source(Cause::Down, failure(&error))
            }
            HttpError::Login { status: 429, .. } => Trouble::Source(Cause::RateLimit, failure(&error)),
            error => Trouble::Source(Cause::Refused, failure(&error)),
        }
    }
}

/// Why there is no answer, with its causes: they tell a user what to do, which variable is unset, which host was refused.
pub fn failure(error: &HttpError) -> String {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        message.push_str(": ");
        message.push_str(&inner.to_string());
        cause = inner.source();
    }
    message
}

/// Units that a request used up, and what they cost.
fn used(task: &Task, request: &Request, sent: &Sent) -> (u64, f64) {
    let Some(price) = task.platform.live.and_then(|live| live.price) else { return (0, 0.0) };
    let of_answer = sent.answer.as_ref().map_or(0, |answer| (price.of_answer)(answer));
    let units = (price.of_request)(request).saturating_add(of_answer);
    (units, money(units, task.budget.dollars_per_unit))
}

/// How long the same trouble need not be noted again: who looks once an hour notes each.
pub const NOTED: TimeDelta = TimeDelta::minutes(30);

impl<'k> Puller<'k> {
    /// What the sources of a pull have in common.
    pub fn new(
        transport: &'k Transport,
        keeper: &'k mut Keeper,
        run: &'k str,
        stop: watch::Receiver<bool>,
        clock: Clock,
        on_page: &'k mut dyn FnMut(&Report),
    ) -> Puller<'k> {
        Puller {
            transport,
            keeper: RefCell::new(keeper),
            run,
            stop,
            clock,
            on_page: RefCell::new(on_page),
            turns: RefCell::default(),
            put_off: RefCell::default(),
            noted: RefCell::default(),
        }
    }
}

impl Puller<'_> {
    /// Looks at one source: walks its pages, fetches its media, and notes what kept it from its end. An error is one of the archive:
    /// nothing more can be written.
    pub async fn look(&self, task: &Task, purse: &Purse) -> (Report, Option<IngestError>) {
        let mut walk = Walk::new(task, self, purse);
        let end = walk.walk().await;
        let mut report = walk.report;
        let fault = ended(end, &mut report);
        if let Some(error) = fault.or_else(|| self.note(task, &task.source, &report, None).err()) {
            return (report, Some(error));
        }
        if !task.media.is_empty() && !*self.stop.borrow() {
            match media::fetch(task, self, purse).await {
                Ok(fetched) => {
                    report.add_media(fetched);
                    report.stopped(*self.stop.borrow());
                }
                Err(error) => return (report, Some(error)),
            }
        }
        (report, None)
    }

    /// Notes in the archive what kept a look from its end, if anything did. The same trouble is noted once an hour.
    fn note(
        &self,
        task: &Task,
        source: &str,
        report: &Report,
        since: Option<DateTime<Utc>>,
    ) -> Result<(), IngestError> {
        let Some(cause) = report.cause else {
            self.noted.borrow_mut().remove(&(task.job.clone(), source.to_owned()));
            return Ok(());
        };
        let why = match &report.end {
            End::Failed(why) | End::Budget(why) => why.clone(),
            End::PageLimit => format!("the job's limit of {} pages was reached", task.max_pages),
            End::Interrupted => "the pull was stopped".to_owned(),
            End::Done => String::new(),
        };
        self.note_that(task, source, cause, why, since)
    }

    /// Notes in the archive that a stretch could not be covered, and why: since some time, or since the last look.
    ///
    /// # Errors
    /// The archive cannot be written.
    pub fn note_that(
        &self,
        task: &Task,
        source: &str,
        cause: Cause,
        why: String,
        since: Option<DateTime<Utc>>,
    ) -> Result<(), IngestError> {
        let Begin::Query(query) = &task.begin else { return Ok(()) };
        let now = self.clock.now();
        let mut keeper = self.keeper.borrow_mut();
        let name = (task.job.clone(), source.to_owned());
        let is_recent = |at: DateTime<Utc>| (now - at).abs() < NOTED;
        if since.is_none() {
            // Of this run, or of one before; a page that was well may have come between.
            let noted = self.noted.borrow().get(&name).copied();
            let ledger = keeper.ledger(&task.job, source)?;
            let known = ledger.and_then(|ledger| Some((ledger.trouble?.0, ledger.last_asked?)));
            if [noted, known].into_iter().flatten().any(|(before, at)| before == cause && is_recent(at)) {
                return Ok(());
            }
            self.noted.borrow_mut().insert(name, (cause, now));
        }
        let note = Note { cause: cause.name().to_owned(), why, since };
        let exchange = note.exchange(now, query.since, query.until);
        let facts = Facts { note: Some(note), ..self.facts(task, source, "") };
        keeper.append(exchange, facts)?;
        keeper.flush()?;
        Ok(())
    }

    fn facts(&self, task: &Task, source: &str, platform: &str) -> Facts {
        Facts {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run: self.run.to_owned(),
            job: task.job.clone(),
            source: source.to_owned(),
            platform: platform.to_owned(),
            ..Facts::default()
        }
    }
}
